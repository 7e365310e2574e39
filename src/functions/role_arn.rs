//! `role_arn(arn)` and `mentioned_role(text)`: the one ARN that stands for a role.

use std::borrow::Cow;

use super::text::{Body, TextFunction};
use crate::identity::canonical_role_arn;

/// `role_arn(varchar) -> varchar`: the ARN, without path, of the role that a role ARN or an
/// assumed-role session ARN names; `NULL` for any other text.
pub const ROLE_ARN: &str = "role_arn";

/// `mentioned_role(varchar) -> varchar`: the same for the last role ARN that stands in a text,
/// such as what a denied call was aimed at; session ARNs, which name the caller, do not count.
pub const MENTIONED_ROLE: &str = "mentioned_role";

/// Both functions.
pub fn functions() -> [TextFunction; 2] {
    [
        TextFunction::new(ROLE_ARN, Body::Text(canonical_role_arn)),
        TextFunction::new(MENTIONED_ROLE, Body::Text(mentioned_role)),
    ]
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
