//! `role_arn(arn)` and `mentioned_role(text)`: the one ARN that stands for a role.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::identity::canonical_role_arn;

/// `role_arn(varchar) -> varchar`: the ARN, without path, of the role that a role ARN or an
/// assumed-role session ARN names; `NULL` for any other text.
pub const ROLE_ARN: &str = "role_arn";

/// `mentioned_role(varchar) -> varchar`: the same for the last role ARN that stands in a text,
/// such as what a denied call was aimed at; session ARNs, which name the caller, do not count.
pub const MENTIONED_ROLE: &str = "mentioned_role";

/// One of the two functions.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct RoleArn {
    name: &'static str,
    signature: Signature,
}

impl RoleArn {
    /// `role_arn`.
    pub fn named() -> Self {
        Self::new(ROLE_ARN)
    }

    /// `mentioned_role`.
    pub fn mentioned() -> Self {
        Self::new(MENTIONED_ROLE)
    }

    fn new(name: &'static str) -> Self {
        Self { name, signature: Signature::exact(vec![DataType::Utf8], Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for RoleArn {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let texts = args.args[0].to_array(args.number_rows)?;
        let role = if self.name == ROLE_ARN { canonical_role_arn } else { mentioned_role };
        let roles = texts.as_string::<i32>().iter().map(|text| role(text?));
        Ok(ColumnarValue::Array(Arc::new(roles.collect::<StringArray>())))
    }
}

/// The last role ARN in `text`, whatever stands around it.
fn mentioned_role(text: &str) -> Option<Cow<'_, str>> {
    let starts = text.rmatch_indices("arn:").map(|(at, _)| &text[at..]);
    let arns = starts.map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !":/_+=,.@-".contains(c));
        rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', ',', ':'])
    });
    arns.filter(|arn| arn.contains(":role/")).find_map(canonical_role_arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_message_is_about() {
        let caller = "User: arn:aws:sts::111122223333:assumed-role/caller/s is not authorized to perform: sts:AssumeRole";
        for tail in [
            "on resource: arn:aws:iam::111122223333:role/svc/web",
            "on resource: arn:aws:iam::111122223333:role/web because no policy allows it",
            "on the resource arn:aws:iam::111122223333:role/web.",
            "on \"arn:aws:iam::111122223333:role/web\", explicit deny",
        ] {
            let found = mentioned_role(&format!("{caller} {tail}")).map(Cow::into_owned);
            assert_eq!(found.as_deref(), Some("arn:aws:iam::111122223333:role/web"), "{tail}");
        }
        assert_eq!(mentioned_role(caller), None);
    }
}
