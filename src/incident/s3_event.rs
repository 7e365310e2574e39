//! Events of S3 objects: as a bucket's notification has them, and as EventBridge does.
//!
//! Follows <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
//! and <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>. Only the first names
//! who it was, and only the first encodes keys.

use serde_json::Value;

use crate::identity::Principal;

use super::AlertKind;
use super::draft::Draft;
use super::fields::{has_object, text};

pub fn decode(value: &Value, event: &Value) -> Option<Draft> {
    if text(value, "eventSource") == Some("aws:s3") && has_object(value, "s3") {
        return Some(notification(value));
    }
    let is_detail = text(value, "bucket.name").is_some() && has_object(value, "object");
    (is_detail && text(value, "request-id").is_some()).then(|| detail(value, event))
}

/// One of a notification's records.
fn notification(record: &Value) -> Draft {
    let id = text(record, "responseElements.x-amz-request-id");
    let mut draft = Draft::new(AlertKind::S3Object, id, text(record, "eventName"), None);
    let who = text(record, "userIdentity.principalId");
    let who = who.map(|id| id.strip_prefix("AWS:").unwrap_or(id));
    // Ids of other kinds are those of accounts and of S3's own, which CloudTrail does not write.
    let is_role_or_user = |id: &&str| id.starts_with("AROA") || id.starts_with("AIDA");
    draft.principal(Principal::principal_id, who.filter(is_role_or_user));
    let key = text(record, "s3.object.key").map(decoded);
    draft.object(text(record, "s3.bucket.name"), key.as_ref().and_then(|key| key.as_deref()));
    draft.principal(Principal::address, text(record, "requestParameters.sourceIPAddress"));
    draft.place(None, text(record, "awsRegion"));
    draft.seen(record, &["eventTime"], &[]);
    draft
}

/// The `detail` of an event from EventBridge, which itself has the time and the place.
fn detail(detail: &Value, event: &Value) -> Draft {
    let title = text(event, "detail-type").or_else(|| text(detail, "reason"));
    let mut draft = Draft::new(AlertKind::S3Object, text(detail, "request-id"), title, None);
    draft.object(text(detail, "bucket.name"), text(detail, "object.key"));
    draft.principal(Principal::address, text(detail, "source-ip-address"));
    draft.place(text(event, "account"), text(event, "region"));
    draft.place(text(detail, "requester"), None);
    draft.seen(event, &["time"], &[]);
    draft
}

/// A key as a notification encodes it: `+` is a blank, `%XX` a byte. `None` if it is not encoded
/// so, or not text.
fn decoded(key: &str) -> Option<String> {
    let mut bytes = key.bytes();
    let mut decoded = Vec::with_capacity(key.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{leads, one};
    use super::*;
    use serde_json::json;

    fn record(principal: &str, key: &str) -> Value {
        json!({"Records": [{"eventSource": "aws:s3", "userIdentity": {"principalId": principal},
            "s3": {"bucket": {"name": "shop-exports"}, "object": {"key": key}}}]})
    }

    #[test]
    fn keys_are_decoded_where_they_are_encoded() {
        assert_eq!(leads(&record("", "a+b%2Bc%C3%A9/d")), ["s3://shop-exports/a b+cé/d"]);
        let event = json!({"detail-type": "Object Created", "source": "aws.s3", "detail":
            {"bucket": {"name": "shop-exports"}, "object": {"key": "a+b%2Bc"}, "request-id": "R"}});
        assert_eq!(leads(&event), ["s3://shop-exports/a+b%2Bc"]);
        for broken in ["%", "%2", "%zz", "%+1", "%ff"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }

    #[test]
    fn only_ids_of_roles_and_users_are_leads() {
        let id = "AROAEXAMPLEORDERPROC1:order-processor";
        assert_eq!(leads(&record(&format!("AWS:{id}"), "k"))[0], id);
        assert_eq!(leads(&record("AIDAEXAMPLEBENDEV", "k"))[0], "AIDAEXAMPLEBENDEV");
        for other in ["A3NL1KOZZKEXAMPLE123", "AWS:111122223333", "AWS:111122223333:ben", "AWS:AROA$:x"] {
            assert_eq!(leads(&record(other, "k")), ["s3://shop-exports/k"], "{other}");
        }
    }

    #[test]
    fn the_requester_is_an_account_or_a_service() {
        let event = |requester: &str| {
            json!({"detail-type": "Object Created", "account": "111122223333", "detail": {
                "requester": requester, "bucket": {"name": "shop-exports"}, "object": {"key": "k"},
                "request-id": "R"}})
        };
        assert_eq!(one(&event("444455556666")).accounts, ["111122223333", "444455556666"]);
        assert_eq!(one(&event("s3.amazonaws.com")).accounts, ["111122223333"]);
    }
}
