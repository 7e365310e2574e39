//! The Open Cybersecurity Schema Framework's class API Activity (6003), version 1.1.0: what Amazon
//! Security Lake makes of CloudTrail's events today.
//!
//! Follows <https://schema.ocsf.io/1.1.0/classes/api_activity> and the framework's mapping of
//! CloudTrail: <https://github.com/ocsf/examples/tree/main/mappings/markdown/AWS/v1.1.0/CloudTrail>.
//! Requests and responses are JSON text, as Security Lake has them.

use std::net::IpAddr;

use chrono::DateTime;
use serde_json::{Value, json};

use super::events::without_nothing;
use super::fields::Fields;
use crate::detection::Severity;
use crate::finding::findings_of;

const VERSION: &str = "1.1.0";
const CATEGORY: u32 = 6;
const CLASS: u32 = 6003;

/// An event of a timeline.
pub fn event(row: Fields<'_>) -> Value {
    let (activity_id, activity) = activity(row);
    let (severity_id, severity) = severity(row);
    let (status_id, status) = if failed(row) { (2, "Failure") } else { (1, "Success") };
    without_nothing(json!({
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": CATEGORY,
        "category_name": "Application Activity",
        "class_uid": CLASS,
        "class_name": "API Activity",
        "type_uid": CLASS * 100 + activity_id,
        "type_name": format!("API Activity: {activity}"),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "status_code": row.text("errorcode"),
        "status_detail": row.text("errormessage"),
        "time": row.time().map_or(0, |time| time.timestamp_millis()),
        "metadata": metadata(row),
        "cloud": {
            "provider": "AWS",
            "region": row.text("awsregion"),
            "account": {"uid": row.text("recipientaccountid").or(row.identity(&["accountid"]))},
        },
        "api": api(row),
        "actor": actor(row),
        "src_endpoint": source(row),
        "http_request": {"user_agent": row.text("useragent")},
        "resources": resources(row),
        "observables": observables(row),
        "unmapped": unmapped(row),
    }))
}

fn failed(row: Fields<'_>) -> bool {
    row.text("errorcode").or(row.text("errormessage")).is_some()
}

/// How calls begin that create, read, update and delete, in the order in which they are tried.
const ACTIVITIES: [(u32, &str, &[&str]); 3] = [
    (
        1,
        "Create",
        &["Create", "Run", "Allocate", "Register", "Import", "Upload", "Issue", "Generate", "Copy"],
    ),
    (4, "Delete", &["Delete", "Terminate", "Deregister", "Remove", "Release", "Purge", "Revoke", "Cancel"]),
    (
        3,
        "Update",
        &[
            "Update",
            "Put",
            "Modify",
            "Set",
            "Add",
            "Attach",
            "Detach",
            "Associate",
            "Disassociate",
            "Enable",
            "Disable",
            "Start",
            "Stop",
            "Reboot",
            "Change",
            "Reset",
            "Restore",
            "Tag",
            "Untag",
            "Authorize",
            "Replace",
            "Activate",
            "Deactivate",
            "Grant",
            "Rotate",
        ],
    ),
];

/// What kind of call it is: CloudTrail says which only read; for the others their names tell.
fn activity(row: Fields<'_>) -> (u32, &'static str) {
    const READS: [&str; 8] = ["Get", "List", "Describe", "Head", "Lookup", "Search", "Scan", "Query"];
    let name = row.text("eventname").unwrap_or_default();
    let begins = |verbs: &[&str]| verbs.iter().any(|verb| has_verb(name, verb));
    if row.text("readonly") == Some("true") || begins(&READS) {
        return (2, "Read");
    }
    let found = ACTIVITIES.iter().find(|(_, _, verbs)| begins(verbs));
    found.map_or((99, "Other"), |(id, activity, _)| (*id, activity))
}

/// Whether a call's name begins with a word, rather than with a longer one.
fn has_verb(name: &str, verb: &str) -> bool {
    name.strip_prefix(verb).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// The worst of the findings on the event; nothing was found in most.
fn severity(row: Fields<'_>) -> (u32, &'static str) {
    let name = row.text("severity");
    match Severity::ALL.into_iter().find(|severity| Some(severity.name()) == name) {
        None | Some(Severity::Informational) => (1, "Informational"),
        Some(Severity::Low) => (2, "Low"),
        Some(Severity::Medium) => (3, "Medium"),
        Some(Severity::High) => (4, "High"),
        Some(Severity::Critical) => (5, "Critical"),
    }
}

fn metadata(row: Fields<'_>) -> Value {
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "uid": row.text("eventid"),
        "event_code": row.text("eventtype"),
        "original_time": row.text("eventtime"),
        "log_provider": "CloudTrail",
        "log_name": row.text("source_object"),
        "labels": findings_of(row.batch, row.row),
        "product": {
            "name": "CloudTrail",
            "vendor_name": "AWS",
            "version": row.text("eventversion"),
            "feature": {"name": row.text("eventcategory")},
        },
    })
}

fn api(row: Fields<'_>) -> Value {
    let failed = failed(row);
    json!({
        "operation": row.text("eventname"),
        "version": row.text("apiversion"),
        "service": {"name": row.text("eventsource")},
        "request": {
            "uid": row.text("requestid"),
            "data": row.json("requestparameters").map(|json| json.to_string()),
        },
        "response": {
            "error": row.text("errorcode"),
            "error_message": row.text("errormessage"),
            "message": if failed { row.text("errormessage") } else { None },
            "data": row.json("responseelements").map(|json| json.to_string()),
        },
    })
}

fn actor(row: Fields<'_>) -> Value {
    let context = |path: [&str; 2]| row.identity(&["sessioncontext", path[0], path[1]]);
    let kind = row.identity(&["type"]);
    let type_id = match kind {
        None | Some("Unknown") => 0,
        Some("Root") => 2,
        Some("AWSService") => 3,
        Some(_) => 1,
    };
    let created =
        context(["attributes", "creationdate"]).and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    json!({
        "user": {
            "type": kind,
            "type_id": type_id,
            "name": row.identity(&["username"]).or(context(["sessionissuer", "username"])),
            "uid": row.identity(&["arn"]),
            "uid_alt": row.identity(&["principalid"]),
            "account": {"uid": row.identity(&["accountid"])},
            "credential_uid": row.identity(&["accesskeyid"]),
        },
        "session": {
            "uid": row.text("session").filter(|_| row.identity(&["sessioncontext", "sessionissuer", "arn"]).is_some()),
            "issuer": context(["sessionissuer", "arn"]),
            "created_time": created.map(|time| time.timestamp_millis()),
            "is_mfa": context(["attributes", "mfaauthenticated"]).map(|mfa| mfa == "true"),
        },
        "invoked_by": row.identity(&["invokedby"]),
        "idp": {
            "name": context(["webidfederationdata", "federatedprovider"]).or(row.text("identityprovider")),
            "uid": row.identity(&["onbehalfof", "identitystorearn"]),
        },
    })
}

/// Where the call came from: an address, or the name of the service that made it.
fn source(row: Fields<'_>) -> Value {
    let source = row.text("sourceipaddress");
    let address = source.filter(|source| source.parse::<IpAddr>().is_ok());
    let name = source.filter(|_| address.is_none());
    json!({
        "ip": address,
        "domain": name,
        "svc_name": name.filter(|name| name.ends_with(".amazonaws.com")),
        "uid": row.text("vpcendpointid"),
    })
}

fn resources(row: Fields<'_>) -> Vec<Value> {
    let resource = |members: Vec<(String, String)>| {
        let member =
            |name: &str| members.iter().find(|(member, _)| member == name).map(|(_, text)| text.clone());
        json!({
            "uid": member("arn"),
            "type": member("type"),
            "owner": {"account": {"uid": member("accountid")}},
        })
    };
    row.objects("resources").into_iter().map(resource).collect()
}

fn observables(row: Fields<'_>) -> Vec<Value> {
    let source = source(row);
    let found = [
        ("src_endpoint.ip", "IP Address", 2, source["ip"].as_str()),
        ("src_endpoint.domain", "Hostname", 1, source["domain"].as_str()),
        ("actor.user.name", "User Name", 4, row.identity(&["username"])),
        ("actor.user.uid", "Resource UID", 10, row.identity(&["arn"])),
    ];
    let observables = found.into_iter().filter_map(|(name, kind, id, value)| {
        Some(json!({"name": name, "type": kind, "type_id": id, "value": value?}))
    });
    observables.collect()
}

/// What the class has no place for, and what trailq says of the event.
fn unmapped(row: Fields<'_>) -> Value {
    const TEXTS: [(&str, &str); 8] = [
        ("recipientAccountId", "recipientaccountid"),
        ("readOnly", "readonly"),
        ("sharedEventID", "sharedeventid"),
        ("additionalEventData", "additionaleventdata"),
        ("serviceEventDetails", "serviceeventdetails"),
        ("vpcEndpointAccountId", "vpcendpointaccountid"),
        ("sourceIdentity", "sourceidentity"),
        ("managementEvent", "managementevent"),
    ];
    let mut unmapped = serde_json::Map::new();
    for (name, column) in TEXTS {
        unmapped.insert(name.to_owned(), row.text(column).into());
    }
    let texts = ["relation", "matched_by", "session", "chain", "credential"];
    let of_trailq = texts.map(|column| (column.to_owned(), row.text(column).into()));
    let numbers = ["depth", "copies", "source_index"];
    let numbers = numbers.map(|column| (column.to_owned(), row.integer(column).into()));
    let trailq: serde_json::Map<String, Value> = of_trailq.into_iter().chain(numbers).collect();
    unmapped.insert("trailq".to_owned(), trailq.into());
    unmapped.into()
}

#[cfg(test)]
mod tests {
    use super::super::fields::tests::{batch, by_service, create_user};
    use super::*;

    fn of(row: Value) -> Value {
        event(Fields { batch: &batch(row), row: 0 })
    }

    #[test]
    fn a_call_as_api_activity() {
        let session = "arn:aws:sts::111122223333:assumed-role/web/i-1";
        let expected = json!({
            "activity_id": 1, "activity_name": "Create", "category_uid": 6, "category_name": "Application Activity",
            "class_uid": 6003, "class_name": "API Activity", "type_uid": 600_301, "type_name": "API Activity: Create",
            "severity_id": 5, "severity": "Critical", "status_id": 1, "status": "Success",
            "time": 1_773_497_144_000_i64,
            "metadata": {"version": "1.1.0", "profiles": ["cloud"], "uid": "e-1", "event_code": "AwsApiCall",
                "original_time": "2026-03-14T14:05:44Z", "log_provider": "CloudTrail", "log_name": "log.json.gz",
                "labels": ["backdoor_administrator"],
                "product": {"name": "CloudTrail", "vendor_name": "AWS", "version": "1.11", "feature": {"name": "Management"}}},
            "cloud": {"provider": "AWS", "region": "us-east-1", "account": {"uid": "111122223333"}},
            "api": {"operation": "CreateUser", "version": "2010-05-08", "service": {"name": "iam.amazonaws.com"},
                "request": {"uid": "r-1", "data": r#"{"userName":"svc-metrics"}"#},
                "response": {"data": r#"{"user":{"userId":"AIDA1"}}"#}},
            "actor": {
                "user": {"type": "AssumedRole", "type_id": 1, "name": "web", "uid": session, "uid_alt": "AROA1:i-1",
                    "account": {"uid": "111122223333"}, "credential_uid": "ASIA1"},
                "session": {"uid": session, "issuer": "arn:aws:iam::111122223333:role/web",
                    "created_time": 1_773_493_200_000_i64, "is_mfa": false}},
            "src_endpoint": {"ip": "198.51.100.77"},
            "http_request": {"user_agent": "aws-cli/2.27.0\u{1b}[2J"},
            "resources": [{"uid": "arn:aws:iam::111122223333:user/svc-metrics", "type": "AWS::IAM::User",
                "owner": {"account": {"uid": "111122223333"}}}],
            "observables": [
                {"name": "src_endpoint.ip", "type": "IP Address", "type_id": 2, "value": "198.51.100.77"},
                {"name": "actor.user.uid", "type": "Resource UID", "type_id": 10, "value": session}],
            "unmapped": {"recipientAccountId": "111122223333", "readOnly": "false",
                "trailq": {"relation": "by_role", "matched_by": "issuer_arn", "session": session, "depth": 0,
                    "copies": 2, "source_index": 3}},
        });
        assert_eq!(of(create_user()), expected);
    }

    #[test]
    fn a_service_that_failed() {
        let expected = json!({
            "activity_id": 99, "activity_name": "Other", "category_uid": 6, "category_name": "Application Activity",
            "class_uid": 6003, "class_name": "API Activity", "type_uid": 600_399, "type_name": "API Activity: Other",
            "severity_id": 1, "severity": "Informational", "status_id": 2, "status": "Failure",
            "status_code": "AccessDenied", "status_detail": "no \u{202e}way", "time": 1_773_497_144_120_i64,
            "metadata": {"version": "1.1.0", "profiles": ["cloud"], "log_provider": "CloudTrail", "log_name": "log.json.gz",
                "product": {"name": "CloudTrail", "vendor_name": "AWS"}},
            "cloud": {"provider": "AWS"},
            "api": {"operation": "Decrypt", "service": {"name": "kms.amazonaws.com"},
                "response": {"error": "AccessDenied", "error_message": "no \u{202e}way", "message": "no \u{202e}way"}},
            "actor": {"user": {"type": "AWSService", "type_id": 3}, "invoked_by": "rds.amazonaws.com"},
            "src_endpoint": {"domain": "rds.amazonaws.com", "svc_name": "rds.amazonaws.com"},
            "observables": [{"name": "src_endpoint.domain", "type": "Hostname", "type_id": 1, "value": "rds.amazonaws.com"}],
            "unmapped": {"trailq": {"copies": 1, "source_index": 3}},
        });
        assert_eq!(of(by_service()), expected);
    }

    #[test]
    fn calls_by_their_nature() {
        for (name, read_only, activity) in [
            ("GetObject", "", 2),
            ("ConsoleLogin", "", 99),
            ("AssumeRole", "true", 2),
            ("StopLogging", "false", 3),
            ("TerminateInstances", "false", 4),
            ("Addendum", "false", 99),
            ("RunInstances", "false", 1),
        ] {
            assert_eq!(
                of(json!({"eventname": name, "readonly": read_only}))["activity_id"],
                activity,
                "{name}"
            );
        }
    }
}
