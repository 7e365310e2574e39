//! CloudTrail records, bare or from EventBridge.
//!
//! Follows <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
//! and <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>.

use serde_json::Value;

use crate::identity::Principal;

use super::AlertKind;
use super::draft::Draft;
use super::fields::{items, text};

pub fn decode(record: &Value, _event: &Value) -> Option<Draft> {
    let (source, name) = (text(record, "eventSource")?, text(record, "eventName")?);
    text(record, "eventTime")?;
    let (service, _) = source.split_once(".amazonaws.com")?;
    let call = format!("{service}:{name}");
    let mut draft = Draft::new(AlertKind::CloudTrail, text(record, "eventID"), Some(&call), None);
    draft.arn(text(record, "userIdentity.sessionContext.sessionIssuer.arn"));
    draft.arn(text(record, "userIdentity.arn"));
    draft.principal(Principal::principal_id, text(record, "userIdentity.principalId"));
    draft.principal(Principal::access_key, text(record, "userIdentity.accessKeyId"));
    if draft.is_empty() {
        // A service called, or somebody unnamed: what was it about?
        items(record, "resources").iter().for_each(|resource| {
            draft.changed(text(resource, "ARN"));
        });
    }
    // Services put their name there.
    let address = text(record, "sourceIPAddress").filter(|text| Principal::address(text).is_ok());
    draft.principal(Principal::address, address);
    draft.place(text(record, "recipientAccountId"), text(record, "awsRegion"));
    draft.place(text(record, "userIdentity.accountId"), None);
    draft.seen(record, &["eventTime"], &[]);
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::super::tests::leads;
    use super::*;
    use serde_json::json;

    fn record(identity: Value) -> Value {
        json!({"eventSource": "sts.amazonaws.com", "eventName": "AssumeRole", "userIdentity": identity,
            "eventTime": "2026-03-14T14:05:44Z", "sourceIPAddress": "lambda.amazonaws.com",
            "resources": [{"ARN": "arn:aws:iam::111122223333:role/svc/order-processor"}]})
    }

    #[test]
    fn what_a_call_was_about_matters_only_if_nobody_is_named() {
        let service = record(json!({"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}));
        assert_eq!(leads(&service), ["arn:aws:iam::111122223333:role/order-processor"]);
        let user = json!({"type": "IAMUser", "principalId": "AIDAEXAMPLEBENDEV", "accessKeyId": "",
            "arn": "arn:aws:iam::111122223333:user/ben.dev"});
        assert_eq!(leads(&record(user)), ["arn:aws:iam::111122223333:user/ben.dev", "AIDAEXAMPLEBENDEV"]);
    }

    #[test]
    fn the_copy_of_another_account_has_only_an_id() {
        let id = "AROAEXAMPLEORDERPROC1:order-processor";
        assert_eq!(leads(&record(json!({"type": "AWSAccount", "principalId": id}))), [id]);
    }
}
