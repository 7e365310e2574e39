//! Timesketch's JSON lines: <https://timesketch.org/guides/user/import-from-json-csv/>.
//!
//! The names of attributes are those of Plaso's parser for CloudTrail, so that what analysts have
//! for that (saved searches, tags, analyzers) finds these events, too.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::events::without_nothing;
use super::fields::Fields;
use crate::finding::findings_of;
use crate::target::target_of;

/// An event of a timeline.
pub fn event(row: Fields<'_>) -> Value {
    let time = row.time().unwrap_or_default();
    without_nothing(json!({
        "message": message(row),
        "datetime": time.to_rfc3339_opts(SecondsFormat::Micros, false),
        "timestamp": time.timestamp_micros(),
        // What Plaso writes where there is no time.
        "timestamp_desc": if row.time().is_some() { "Event Time" } else { "Not a time" },
        "data_type": "aws:cloudtrail:entry",
        "tag": findings_of(row.batch, row.row),
        "severity": row.text("severity"),
        "event_name": row.text("eventname"),
        "event_source": row.text("eventsource"),
        "event_id": row.text("eventid"),
        "event_type": row.text("eventtype"),
        "user_name": row.identity(&["username"]),
        "user_identity_arn": row.identity(&["arn"]),
        "user_identity_type": row.identity(&["type"]),
        "user_identity_invoked_by": row.identity(&["invokedby"]),
        "principal_id": row.identity(&["principalid"]),
        "access_key_id": row.identity(&["accesskeyid"]),
        "source_ip": row.text("sourceipaddress"),
        "user_agent": row.text("useragent"),
        "error_code": row.text("errorcode"),
        "error_message": row.text("errormessage"),
        "account_id": row.text("recipientaccountid").or(row.identity(&["accountid"])),
        "region": row.text("awsregion"),
        "read_only": row.text("readonly"),
        "target": target_of(row.batch, row.row),
        "request_parameters": row.text("requestparameters"),
        "response_elements": row.text("responseelements"),
        "relation": row.text("relation"),
        "matched_by": row.text("matched_by"),
        "session": row.text("session"),
        "chain": row.text("chain"),
        "copies": row.integer("copies"),
        "source_object": row.text("source_object"),
        "source_index": row.integer("source_index"),
    }))
}

/// What the list of events shows: the call, on what, by whom, from where, and how it ended.
fn message(row: Fields<'_>) -> String {
    let source = row.text("eventsource").unwrap_or("?");
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let mut message = format!("{service}:{}", row.text("eventname").unwrap_or("?"));
    let parts = [
        (" on ", target_of(row.batch, row.row)),
        (" by ", row.text("session").or(row.identity(&["arn"])).map(ToOwned::to_owned)),
        (" from ", row.text("sourceipaddress").map(ToOwned::to_owned)),
        (": ", row.text("errorcode").map(ToOwned::to_owned)),
    ];
    for (before, part) in parts {
        if let Some(part) = part {
            message.push_str(before);
            message.push_str(&part);
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::super::fields::tests::{batch, by_service, create_user};
    use super::*;

    fn of(row: Value) -> Value {
        event(Fields { batch: &batch(row), row: 0 })
    }

    #[test]
    fn a_call_as_timesketch_has_it() {
        let session = "arn:aws:sts::111122223333:assumed-role/web/i-1";
        let expected = json!({
            "message": format!("iam:CreateUser on svc-metrics by {session} from 198.51.100.77"),
            "datetime": "2026-03-14T14:05:44.000000+00:00", "timestamp": 1_773_497_144_000_000_i64,
            "timestamp_desc": "Event Time", "data_type": "aws:cloudtrail:entry",
            "tag": ["backdoor_administrator"], "severity": "critical",
            "event_name": "CreateUser", "event_source": "iam.amazonaws.com", "event_id": "e-1",
            "event_type": "AwsApiCall", "user_identity_arn": session, "user_identity_type": "AssumedRole",
            "principal_id": "AROA1:i-1", "access_key_id": "ASIA1", "source_ip": "198.51.100.77",
            "user_agent": "aws-cli/2.27.0\u{1b}[2J", "account_id": "111122223333", "region": "us-east-1",
            "read_only": "false", "target": "svc-metrics",
            "request_parameters": r#"{"userName":"svc-metrics"}"#,
            "response_elements": r#"{"user":{"userId":"AIDA1"}}"#,
            "relation": "by_role", "matched_by": "issuer_arn", "session": session, "copies": 2,
            "source_object": "log.json.gz", "source_index": 3,
        });
        assert_eq!(of(create_user()), expected);
    }

    #[test]
    fn records_that_say_little() {
        let expected = json!({
            "message": "kms:Decrypt from rds.amazonaws.com: AccessDenied",
            "datetime": "2026-03-14T14:05:44.120000+00:00", "timestamp": 1_773_497_144_120_000_i64,
            "timestamp_desc": "Event Time", "data_type": "aws:cloudtrail:entry",
            "event_name": "Decrypt", "event_source": "kms.amazonaws.com", "user_identity_type": "AWSService",
            "user_identity_invoked_by": "rds.amazonaws.com", "source_ip": "rds.amazonaws.com",
            "error_code": "AccessDenied", "error_message": "no \u{202e}way", "copies": 1,
            "source_object": "log.json.gz", "source_index": 3,
        });
        assert_eq!(of(by_service()), expected);
        let nothing = of(json!({}));
        assert_eq!((&nothing["message"], &nothing["timestamp_desc"]), (&json!("?:?"), &json!("Not a time")));
        assert_eq!(nothing["datetime"], "1970-01-01T00:00:00.000000+00:00");
    }
}
