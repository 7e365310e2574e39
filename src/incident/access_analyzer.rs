//! IAM Access Analyzer findings: of external, internal and unused access.
//!
//! Follows <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-eventbridge.html>.

use serde_json::Value;

use super::AlertKind;
use super::draft::Draft;
use super::fields::{first_text, text};

pub fn decode(finding: &Value, event: &Value) -> Option<Draft> {
    let (resource, kind) = (text(finding, "resource")?, text(finding, "resourceType")?);
    text(finding, "analyzedAt")?;
    let id = first_text(finding, &["id", "findingId"]);
    let title = text(finding, "findingType").map_or(kind.to_owned(), |finding| format!("{finding} {kind}"));
    let mut draft = Draft::new(AlertKind::AccessAnalyzer, id, Some(&title), None);
    draft.changed(Some(resource));
    // Who has access from within did not come by it alone, and is there to be asked about. One
    // from outside is whoever a policy trusts, mostly a whole account, written as its root.
    if text(finding, "findingType") == Some("InternalAccess") {
        draft.arn(text(finding, "principal.AWS").filter(|arn| !arn.ends_with(":root")));
    }
    let account = first_text(finding, &["accountId", "resourceOwnerAccount"]);
    draft.place(account.or_else(|| text(event, "account")), None);
    draft.place(text(finding, "principalOwnerAccount"), None);
    draft.place(None, text(finding, "region").or_else(|| text(event, "region")));
    draft.seen(finding, &["createdAt"], &["updatedAt", "analyzedAt"]);
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::super::tests::leads;
    use serde_json::json;

    #[test]
    fn whoever_a_policy_trusts_has_done_nothing_yet() {
        let finding = |kind: &str, principal: &str| {
            json!({"analyzedAt": "2026-03-14T14:07:00Z", "findingType": kind,
                "resourceType": "AWS::S3::Bucket", "resource": "arn:aws:s3:::shop-exports",
                "principal": {"AWS": principal}})
        };
        let role = "arn:aws:iam::444455556666:role/backup-reader";
        assert_eq!(leads(&finding("ExternalAccess", role)), ["arn:aws:s3:::shop-exports"]);
        assert_eq!(leads(&finding("InternalAccess", role)), [role, "arn:aws:s3:::shop-exports"]);
        let account = "arn:aws:iam::444455556666:root";
        assert_eq!(leads(&finding("InternalAccess", account)), ["arn:aws:s3:::shop-exports"]);
    }
}
