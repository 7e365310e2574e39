//! SQL functions of trailq's own, one family a file.

mod in_network;
mod json_extract_scalar;
mod json_values;
mod member_values;
mod role_arn;

use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

pub use in_network::in_network;
pub use json_values::json_values;
pub use member_values::member_values;
pub use role_arn::{MENTIONED_ROLE, ROLE_ARN};

/// Makes every function known to `context`.
pub fn register_all(context: &SessionContext) {
    context.register_udf(ScalarUDF::from(in_network::InNetwork::default()));
    context.register_udf(ScalarUDF::from(json_extract_scalar::JsonExtractScalar::default()));
    context.register_udf(ScalarUDF::from(json_values::JsonValues::default()));
    context.register_udf(ScalarUDF::from(member_values::MemberValues::default()));
    context.register_udf(ScalarUDF::from(role_arn::RoleArn::named()));
    context.register_udf(ScalarUDF::from(role_arn::RoleArn::mentioned()));
}
