//! SQL functions of trailq's own, one family a file.

mod json_extract;
mod json_values;
mod member_values;
mod origin;
mod partition;
mod policy;
mod role_arn;
mod text;
pub mod trino;

use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

use json_extract::JsonExtract;

pub use json_values::json_values;
pub use member_values::member_values;
pub use origin::{in_network, name_pattern};
pub use partition::{partition_column_of, partition_value, partition_value_of};
pub use role_arn::{MENTIONED_ROLE, ROLE_ARN};

/// Makes every function known to `context`.
pub fn register_all(context: &SessionContext) {
    for function in [JsonExtract::scalar(), JsonExtract::json()] {
        context.register_udf(ScalarUDF::from(function));
    }
    let of_texts = role_arn::functions().into_iter().chain(policy::functions()).chain(origin::functions());
    of_texts.for_each(|function| context.register_udf(ScalarUDF::from(function)));
    context.register_udf(ScalarUDF::from(json_values::JsonValues::default()));
    context.register_udf(ScalarUDF::from(member_values::MemberValues::default()));
}
