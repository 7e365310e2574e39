//! What a response pipeline is triggered with, in the documented shape of every kind of alert.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use trailq::AlertKind::{self, *};
use trailq::output::text::visible;
use trailq::{Incident, Suspect};

use crate::support::{files_below, repository};

const ROLE: &str = "arn:aws:iam::111122223333:role/order-processor";
const SESSION: &str = "AROAEXAMPLEORDERPROC1:order-processor";
const ROLE_ID: &str = "AROAEXAMPLEORDERPROC1";
const KEY: &str = "ASIAEXAMPLEWORKER001";
const STRANGER: &str = "198.51.100.77";
const BUCKET: &str = "arn:aws:s3:::shop-exports";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:order-processor";
const PROFILE: &str = "arn:aws:iam::111122223333:instance-profile/svc/web";
const INSTANCE: &str = "i-0aaaabbbbccccdddd";

/// A sample, what kind it is, its leads, and the times of 2026-03-14 between which it was seen.
type Expected = (&'static str, AlertKind, &'static [&'static str], [&'static str; 2]);

const ATTACK: [&str; 2] = ["14:01:12.000", "14:14:50.000"];
const CHECKED: [&str; 2] = ["14:06:31.200", "14:07:00.512"];

#[rustfmt::skip]
const SAMPLES: [Expected; 31] = [
    ("guardduty_role", GuardDuty, &[ROLE, SESSION, KEY, STRANGER], ATTACK),
    ("guardduty_user_from_api", GuardDuty,
        &["arn:aws:iam::111122223333:user/svc-metrics", "AIDAEXAMPLESVCMETRICS",
            "AKIAEXAMPLEMETRICS01", STRANGER],
        ["14:16:00.000", "14:16:00.000"]),
    ("guardduty_lambda", GuardDuty, &[ROLE], ATTACK),
    ("guardduty_lambda_without_role", GuardDuty, &[FUNCTION], ATTACK),
    ("guardduty_ec2", GuardDuty, &[PROFILE, INSTANCE], ATTACK),
    ("guardduty_ecs", GuardDuty,
        &["arn:aws:ecs:us-east-1:111122223333:task/shop/0123456789abcdef0123456789abcdef",
            "arn:aws:ecs:us-east-1:111122223333:cluster/shop"], ATTACK),
    ("guardduty_eks", GuardDuty,
        &[ROLE_ID, "arn:aws:eks:us-east-1:111122223333:cluster/shop orders/order-worker",
            "arn:aws:eks:us-east-1:111122223333:cluster/shop"], ATTACK),
    ("guardduty_s3", GuardDuty, &[ROLE, SESSION, KEY, BUCKET, STRANGER], ["14:11:05.000", "14:11:40.000"]),
    ("guardduty_s3_object", GuardDuty, &["s3://shop-exports/tools/run me.sh", BUCKET], ATTACK),
    ("guardduty_sample", GuardDuty,
        &["arn:aws:iam::111122223333:user/GeneratedFindingUserName", STRANGER], ATTACK),
    ("guardduty_attack_sequence", GuardDuty,
        &[ROLE, SESSION, KEY, BUCKET, STRANGER], ["14:01:12.000", "14:11:40.000"]),
    ("security_hub", SecurityHub, &[ROLE, SESSION, KEY, STRANGER], ATTACK),
    ("security_hub_instance", SecurityHub, &[PROFILE, INSTANCE], ATTACK),
    ("security_hub_function_and_role", SecurityHub, &[ROLE, ROLE_ID, FUNCTION], ATTACK),
    ("security_hub_attack_sequence", SecurityHub, &[ROLE, SESSION, KEY, BUCKET, STRANGER], ATTACK),
    ("security_hub_check", SecurityHub, &[BUCKET], ATTACK),
    ("security_hub_ocsf", SecurityHubOcsf, &[ROLE, SESSION, KEY, STRANGER], ATTACK),
    ("security_hub_ocsf_actor", SecurityHubOcsf,
        &[ROLE, SESSION, KEY, BUCKET, STRANGER], ["14:01:12.000", "14:11:40.000"]),
    ("security_hub_ocsf_check", SecurityHubOcsf, &[FUNCTION], ATTACK),
    ("config_role", Config, &[ROLE_ID], CHECKED),
    ("config_user", Config, &["AIDAEXAMPLESVCMETRICS"], CHECKED),
    ("config_bucket", Config, &[BUCKET], CHECKED),
    ("config_item", Config,
        &["arn:aws:ec2:us-east-1:111122223333:security-group/sg-0a1b2c3d4e5f60718"],
        ["14:06:31.200", "14:06:31.200"]),
    ("access_analyzer_bucket", AccessAnalyzer, &[BUCKET], ["14:06:31.000", "14:07:00.000"]),
    ("access_analyzer_unused_role", AccessAnalyzer, &[ROLE], ["14:06:31.758", "14:07:00.758"]),
    ("access_analyzer_internal", AccessAnalyzer, &[ROLE, BUCKET], ["14:06:31.914", "14:07:00.654"]),
    ("cloudtrail_api_call", CloudTrail, &[ROLE, SESSION, KEY, STRANGER], ["14:05:44.000", "14:05:44.000"]),
    ("cloudtrail_sign_in", CloudTrail,
        &["arn:aws:iam::111122223333:user/rosa.admin", "AIDAEXAMPLEROSAADMIN", "203.0.113.5"],
        ["14:19:30.000", "14:19:30.000"]),
    ("cloudtrail_service_event", CloudTrail,
        &["arn:aws:kms:us-east-1:111122223333:key/3f7b0d52-9c1e-4d4e-8b53-0d8c7a1e2f10"],
        ["14:08:00.000", "14:08:00.000"]),
    ("s3_notification", S3Object,
        &[SESSION, "s3://shop-invoices/2026/03/14/résumé (1).pdf", STRANGER],
        ["14:07:25.418", "14:07:25.418"]),
    ("s3_event_bridge", S3Object,
        &["s3://shop-invoices/2026/03/14/a+b (1).pdf", STRANGER], ["14:07:25.000", "14:07:25.000"]),
];

fn sample(name: &str) -> String {
    std::fs::read_to_string(repository("testdata/alerts").join(format!("{name}.json"))).unwrap()
}

fn names(incident: &Incident) -> Vec<String> {
    incident.suspects.iter().map(ToString::to_string).collect()
}

#[test]
fn every_kind_of_alert_gives_its_leads_times_and_places() {
    for (name, kind, leads, [first, last]) in SAMPLES {
        let found = Incident::read(sample(name)).unwrap();
        let [incident] = &found[..] else { panic!("{name}: {found:?}") };
        assert_eq!(incident.kind, kind, "{name}");
        assert_eq!(names(incident), leads, "{name}");
        let seen = [incident.first_seen, incident.last_seen].map(|time| time.unwrap());
        let seen = seen.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string());
        assert_eq!(seen, [first, last].map(|time| format!("2026-03-14T{time}")), "{name}");
        let accounts: &[&str] = match name {
            "s3_notification" => &[],
            "s3_event_bridge" => &["111122223333", "444455556666"],
            _ => &["111122223333"],
        };
        assert_eq!(incident.accounts, accounts, "{name}");
        assert_eq!(incident.regions, ["us-east-1"], "{name}");
        assert!(incident.title.is_some(), "{name}");
    }
    let tested: BTreeSet<_> = SAMPLES.iter().map(|(name, ..)| format!("{name}.json")).collect();
    let written = files_below(&repository("testdata/alerts"));
    let written = written.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    assert_eq!(tested, written.collect());
}

#[test]
fn findings_say_what_they_are() {
    let incident = |name: &str| Incident::read(sample(name)).unwrap().remove(0);
    let about = |name: &str| {
        let Incident { id, title, severity, .. } = incident(name);
        [id, title, severity].map(Option::unwrap_or_default)
    };
    let title = "Credentials of the role order-processor were used from outside AWS.";
    assert_eq!(about("guardduty_role"), ["1".repeat(32).as_str(), title, "8"]);
    assert_eq!(about("security_hub")[1..], [title, "HIGH"]);
    assert_eq!(about("security_hub_ocsf")[1..], [title, "High"]);
    assert_eq!(about("config_bucket"), ["", "s3-bucket-level-public-access-prohibited", "NON_COMPLIANT"]);
    assert_eq!(about("cloudtrail_api_call")[1..], ["iam:CreateUser", ""]);
    let Suspect::Task { definition, .. } = &incident("guardduty_ecs").suspects[0] else { panic!() };
    assert_eq!(definition.as_deref(), Some("arn:aws:ecs:us-east-1:111122223333:task-definition/orders:42"));
}

/// The ways in which AWS passes on an alert, and what a state machine's author might do to it.
fn envelopes(alert: &str) -> Vec<String> {
    let value: Value = serde_json::from_str(alert).unwrap();
    let sns = json!({"Type": "Notification", "MessageId": "m", "Subject": "[alert] something",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:t", "Message": alert,
        "Timestamp": "2026-03-14T14:30:00Z"});
    let event = json!({"version": "0", "detail-type": "Something", "source": "a.bus",
        "account": "111122223333", "time": "2026-03-14T14:30:00Z", "region": "us-east-1", "resources": [],
        "detail": value});
    let in_lambda = json!({"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": sns}]});
    let queue = |body: &Value| {
        json!({"Records": [{"messageId": "m", "body": body.to_string(), "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:q", "awsRegion": "us-east-1"}]})
    };
    let received = json!({"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": alert}]});
    let input = json!({"x": {"y": [1, null, "a text", {"alert": value}]}, "z": "{{not json}}"});
    let as_text = json!({"input": {"alert": alert}});
    [
        json!([value]),
        event,
        in_lambda,
        queue(&value),
        queue(&sns),
        sns,
        received,
        input,
        as_text,
        json!(alert),
    ]
    .map(|envelope| envelope.to_string())
    .to_vec()
}

#[test]
fn every_envelope_is_taken_off() {
    for (name, ..) in SAMPLES {
        let alert = sample(name);
        let bare = Incident::read(&alert).unwrap();
        for envelope in envelopes(&alert) {
            assert_eq!(Incident::read(&envelope).unwrap(), bare, "{name} in {envelope:.100}");
        }
    }
}

#[test]
fn a_batch_gives_every_incident() {
    let alerts: Vec<Value> =
        SAMPLES.iter().map(|(name, ..)| serde_json::from_str(&sample(name)).unwrap()).collect();
    let found = Incident::read(json!({ "alerts": alerts }).to_string()).unwrap();
    let kinds: Vec<_> = found.iter().map(|incident| incident.kind).collect();
    assert_eq!(kinds, SAMPLES.map(|(_, kind, ..)| kind));
    // The API's answer has each record as text.
    let record = sample("cloudtrail_sign_in");
    let answer = json!({"Events": [{"EventName": "ConsoleLogin", "CloudTrailEvent": record}]});
    assert_eq!(Incident::read(answer.to_string()).unwrap(), Incident::read(record).unwrap());
    // One that names nobody is kept beside others, so that it is not lost without a word.
    let nobody =
        r#"{"eventSource": "x.amazonaws.com", "eventName": "X", "eventTime": "2026-03-14T14:00:00Z"}"#;
    let found = Incident::read(format!("[{nobody}, {}]", sample("config_role"))).unwrap();
    assert!(found[0].suspects.is_empty() && found[1].suspects.len() == 1);
}

#[test]
fn a_cut_alert_is_refused_wherever_it_is_cut() {
    for (name, ..) in SAMPLES {
        let alert = sample(name);
        let alert = alert.trim_end();
        for end in 0..alert.len() {
            let error = Incident::read(&alert.as_bytes()[..end]).unwrap_err();
            assert!(error.is_usage(), "{name} to {end}: {error}");
        }
        for end in (0..alert.len()).step_by(97).filter(|end| alert.is_char_boundary(*end)) {
            let sns = json!({"Type": "Notification", "Message": &alert[..end]}).to_string();
            assert!(Incident::read(sns).unwrap_err().is_usage(), "{name} to {end}");
        }
    }
}

#[test]
fn what_cannot_be_followed_says_what_to_give() {
    let known = r#"{"type": "X:Y/Z", "accountId": "111122223333", "title": "Odd", "service": {},
        "resource": {"accessKeyDetails": {"accessKeyId": "GeneratedFindingAccessKeyId"}}}"#;
    for (document, says) in [
        ("", "alert '' is empty"),
        ("null", "alert 'null' is no alert of a known kind"),
        ("\"text\"", "is no alert of a known kind"),
        ("{\"detail-type\": \"GuardDuty Finding\", \"detail\": {}}", "alert 'GuardDuty Finding' is no alert"),
        (known, "alert 'GuardDuty finding: Odd' names no principal or resource to follow"),
        (known, "('GeneratedFindingAccessKeyId' is no such name)"),
        ("<html>", "is not whole JSON"),
        ("\u{feff}", "is empty"),
    ] {
        let error = Incident::read(document).unwrap_err();
        let message = error.to_string();
        assert!(error.is_usage() && message.contains(says), "{message}");
        assert!(message.contains("give --role ARN, or --user,"), "{message}");
        assert!(message.contains("with --at TIME"), "{message}");
    }
}

const HOSTILE: [&str; 8] = [
    "\x1b]0;owned\x07\x1b[31mred",
    "<script>alert(1)</script>",
    "'; DROP TABLE cloudtrail; --",
    "\" OR \"\"=\"",
    "../../etc/passwd",
    "line\r\nbreak\ttab\0",
    "\u{202e}gpj.exe\u{9b}31m",
    "$(reboot) `id` ${jndi:ldap://x}",
];

/// Every text of the document, one by one: what `change` makes of it in its place.
fn with_each_text(document: &Value, change: impl Fn(&str) -> String) -> Vec<Value> {
    fn pointers(value: &Value, here: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                pointers(member, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, item)| pointers(item, &format!("{here}/{n}"), found));
            }
            Value::String(_) => found.push(here.to_owned()),
            _ => {}
        }
    }
    let mut found = vec![];
    pointers(document, "", &mut found);
    let changed = found.iter().map(|pointer| {
        let mut document = document.clone();
        let text = document.pointer_mut(pointer).unwrap();
        *text = json!(change(text.as_str().unwrap()));
        document
    });
    changed.collect()
}

/// Leads are plain names whatever an alert says; only a key of an object is any text.
#[test]
fn hostile_text_never_becomes_a_name() {
    let is_plain = |name: &str| {
        name.bytes().all(|b| b.is_ascii_graphic() && !b"'\"`<>\\;|(){}".contains(&b)) && !name.contains("../")
    };
    for (sample_name, ..) in SAMPLES {
        let document: Value = serde_json::from_str(&sample(sample_name)).unwrap();
        for hostile in HOSTILE {
            let mut documents = with_each_text(&document, |_| hostile.to_owned());
            documents.extend(with_each_text(&document, |text| format!("{text}{hostile}")));
            documents.extend(with_each_text(&document, |text| format!("{hostile}{text}")));
            for document in documents {
                let found = match Incident::read(document.to_string()) {
                    Ok(found) => found,
                    Err(error) => {
                        let message = error.to_string();
                        assert!(error.is_usage() && message.len() < 1000, "{message}");
                        assert!(!visible(&message).chars().any(char::is_control));
                        continue;
                    }
                };
                for suspect in found.iter().flat_map(|incident| &incident.suspects) {
                    let name = match suspect {
                        Suspect::Object { bucket, .. } => bucket.clone(),
                        Suspect::Pod { .. } => suspect.to_string().replace(' ', ""),
                        other => other.to_string(),
                    };
                    assert!(is_plain(&name), "{sample_name}: {name:?} from {hostile:?}");
                }
                let places =
                    found.iter().flat_map(|incident| incident.accounts.iter().chain(&incident.regions));
                places.for_each(|place| assert!(is_plain(place), "{sample_name}: {place:?}"));
            }
        }
    }
}

/// Large and odd documents end soon, one way or the other.
#[test]
fn hostile_sizes_are_cheap() {
    let many =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let actors = many(40_000, &|n| {
        format!(r#"{{"user": {{"uid": "AROAEXAMPLE{n:010}", "account": {{"uid": "{n:012}"}}}}}}"#)
    });
    let sequence = format!(
        r#"{{"type": "AttackSequence:IAM/X", "accountId": "111122223333", "resource": {{}},
            "service": {{"detection": {{"sequence": {{"actors": [{actors}]}}}}}}}}"#
    );
    let mut layers = "{}".to_owned();
    while layers.len() < 1 << 20 {
        layers = json!({ "a": layers }).to_string();
    }
    let documents = [
        ("array", format!("[{}]", many(1 << 20, &|_| "[{}]".into()))),
        ("members", format!("{{{}}}", many(300_000, &|n| format!(r#""member{n}": {{}}"#)))),
        (
            "one object many times",
            format!("[{}]", many(60_000, &|_| r#"{"type": "x", "resource": {}, "service": 1}"#.into())),
        ),
        ("texts", format!("[{}]", many(500_000, &|_| r#""{{[[{{""#.into()))),
        ("depth", format!("{}{}", "[".repeat(100), "]".repeat(100))),
        ("too deep", "{\"a\":".repeat(1 << 20)),
        ("layers", layers),
        ("sequence", sequence),
        ("text", json!("[\"".repeat(2 << 20)).to_string()),
    ];
    for (name, document) in documents {
        let start = Instant::now();
        let found = Incident::read(&document);
        assert!(start.elapsed() < Duration::from_secs(5), "{name} took {:?}", start.elapsed());
        assert_eq!(found.is_ok(), name == "sequence", "{name}");
    }
}

/// JSON with members that decoders look for, in any place and of any type.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(vec![
        "detail",
        "detail-type",
        "findings",
        "Records",
        "body",
        "Message",
        "type",
        "resource",
        "service",
        "accountId",
        "arn",
        "accessKeyDetails",
        "userName",
        "userType",
        "principalId",
        "instanceDetails",
        "instanceId",
        "detection",
        "sequence",
        "actors",
        "user",
        "uid",
        "signals",
        "firstSeenAt",
        "ProductArn",
        "AwsAccountId",
        "Resources",
        "Id",
        "Details",
        "class_uid",
        "finding_info",
        "resources",
        "evidences",
        "newEvaluationResult",
        "resourceType",
        "resourceId",
        "configurationItem",
        "analyzedAt",
        "eventSource",
        "eventName",
        "eventTime",
        "userIdentity",
        "s3",
        "bucket",
        "name",
        "object",
        "key",
        "request-id",
        "account",
    ]);
    let text = prop_oneof![
        prop::sample::select(vec![
            ROLE,
            SESSION,
            KEY,
            BUCKET,
            FUNCTION,
            PROFILE,
            INSTANCE,
            STRANGER,
            "AssumedRole",
            "aws:s3",
            "iam.amazonaws.com",
            "AWS::IAM::Role",
            "arn:",
            "arn:aws:::::",
            "arn:aws:s3:::b/",
            "2026-03-14T14:07:00Z",
            "{\"a\":",
            "[[\"{}\"]]",
            "%",
        ])
        .prop_map(ToOwned::to_owned),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(2004)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(ToOwned::to_owned), inner.clone(), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
            inner.prop_map(|value| Value::from(value.to_string())),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(document in any_json()) {
        let document = document.to_string();
        if let Ok(found) = Incident::read(&document) {
            prop_assert!(found.iter().any(|incident| !incident.suspects.is_empty()));
            prop_assert!(found.iter().all(|incident| incident.first_seen <= incident.last_seen));
        }
    }

    #[test]
    fn nor_do_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Incident::read(&bytes).is_err());
    }
}
