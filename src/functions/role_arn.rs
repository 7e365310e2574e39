//! `role_arn(arn)`: the one ARN that stands for a role.

use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::identity::canonical_role_arn;

/// The function's name.
pub const NAME: &str = "role_arn";

/// `role_arn(varchar) -> varchar`: the ARN, without path, of the role that a role ARN or an
/// assumed-role session ARN names; `NULL` for any other text.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RoleArn {
    signature: Signature,
}

impl Default for RoleArn {
    fn default() -> Self {
        Self { signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RoleArn {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arns = args.args[0].to_array(args.number_rows)?;
        let roles = arns.as_string::<i32>().iter().map(|arn| canonical_role_arn(arn?));
        Ok(ColumnarValue::Array(Arc::new(roles.collect::<StringArray>())))
    }
}
