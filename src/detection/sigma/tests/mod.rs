//! Rules of our own, run for real over a few events.

mod correlations;
mod detections;
mod files;
mod random;

use std::io::Write;

use arrow::array::{AsArray, RecordBatch};
use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr;
use serde_json::{Value, json};

use super::*;
use crate::decode::Object;
use crate::decode::record::{Projection, RecordBuilder};
use crate::session::session;

/// Loads documents from a file of their own.
fn loaded(yaml: &str) -> Loaded {
    let mut file = tempfile::Builder::new().prefix("rule").suffix(".yml").tempfile().unwrap();
    file.write_all(yaml.as_bytes()).unwrap();
    load(file.path()).unwrap()
}

/// A rule with this detection section, its lines indented by four.
fn rule(detection: &str) -> String {
    let indented: String = detection.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    format!("title: T\nid: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n{indented}")
}

fn compiled(detection: &str) -> Expr {
    let loaded = loaded(&rule(detection));
    assert_eq!(loaded.refused, [], "{detection}");
    match loaded.rules.into_iter().next().unwrap().logic {
        Logic::Event(event) => event,
        Logic::Correlation(_) => panic!("a correlation: {detection}"),
    }
}

fn refusal(detection: &str) -> String {
    let mut loaded = loaded(&rule(detection));
    assert_eq!(loaded.rules, [], "{detection}");
    loaded.refused.remove(0).reason
}

fn batch(events: &[Value]) -> RecordBatch {
    let mut builder = RecordBuilder::new(&Projection::all());
    for (index, event) in events.iter().enumerate() {
        let object = Object { name: "object", size: 0, modified: 0, hashed: false };
        builder.append(&event.to_string(), None, object, 0, index as u64).unwrap();
    }
    builder.finish()
}

/// For each event, whether `event` holds; that has to be said of each.
fn holds(event: &Expr, batch: &RecordBatch) -> Vec<bool> {
    let schema = DFSchema::try_from(batch.schema()).unwrap();
    let physical = session().state().create_physical_expr(event.clone(), &schema).unwrap();
    let found = physical.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap();
    assert_eq!(found.null_count(), 0, "NULL from {event}");
    found.as_boolean().iter().map(|holds| holds == Some(true)).collect()
}

/// The events of [`events`] that a detection finds, by name.
fn finds(detection: &str) -> String {
    let events = events();
    let held = holds(&compiled(detection), &batch(&events));
    let names = events.iter().zip(held).filter(|(_, held)| *held);
    names.map(|(event, _)| event["eventID"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

/// What a selection of these lines finds.
fn selects(lines: &str) -> String {
    let indented: String = lines.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    finds(&format!("s:\n{indented}condition: s"))
}

fn events() -> Vec<Value> {
    vec![
        json!({"eventID": "login", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
            "eventTime": "2026-03-14T14:05:44Z", "sourceIPAddress": "198.51.100.77", "userAgent": "Mozilla/5.0",
            "awsRegion": "us-east-1",
            "userIdentity": {"type": "IAMUser", "userName": "ana", "arn": "arn:aws:iam::111122223333:user/ana",
                "accountId": "012345678901"},
            "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {"MFAUsed": "No", "count": 7, "Ratio": 0.5}, "readOnly": false}),
        json!({"eventID": "ingress", "eventName": "AuthorizeSecurityGroupIngress",
            "eventSource": "ec2.amazonaws.com", "eventTime": "2026-11-01T03:00:00Z",
            "sourceIPAddress": "cloudformation.amazonaws.com", "userAgent": "",
            "userIdentity": {"type": "AssumedRole", "credentialId": "cred",
                "sessionContext": {"sessionIssuer": {"userName": "Deploy"}, "sourceIdentity": "bob",
                    "attributes": {"creationDate": "2026-11-01T02:00:00Z"}}},
            "requestParameters": {"groupId": "sg-1", "ipPermissions": {"items": [
                {"fromPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}, {"cidrIp": "0.0.0.0/0"}]}},
                {"fromPort": 443, "ipRanges": {}}]}, "note": null, "list": []}}),
        json!({"eventID": "policy", "eventName": "PutUserPolicy", "eventSource": "iam.amazonaws.com",
            "eventTime": "2026-03-15T09:00:00Z", "sourceIPAddress": "2001:db8::1",
            "userAgent": "S3 Browser/9.5 *special* 100%_sure", "errorCode": "AccessDenied",
            "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"},
            "requestParameters": {"userName": "Root", "policyDocument":
                "{\"Statement\": [{\"Effect\": \"Allow\", \"Resource\": \"C:\\\\dir\"}]}",
                "userData": "cG93ZXJzaGVsbCAtZW5j"},
            "resources": [{"ARN": "arn:aws:iam::111122223333:user/x", "type": "AWS::IAM::User"},
                {"ARN": "arn:aws:s3:::data", "accountId": "444455556666"}]}),
    ]
}
