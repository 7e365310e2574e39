//! Alerts that name no principal: the logs tell, or trailq says what to give.

use serde_json::{Value, json};
use trailq::{Incident, Trail, window_of};

const ACCOUNT: &str = "111122223333";

fn record(source: &str, name: &str, identity: Value, request: Value, response: Value) -> Value {
    json!({"eventVersion": "1.08", "eventTime": "2026-03-14T13:00:00Z", "eventID": format!("{source}-{name}"),
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
        "userIdentity": identity, "requestParameters": request, "responseElements": response,
        "recipientAccountId": ACCOUNT})
}

fn assumed_by(service: &str, role: &str, session: &str) -> Value {
    record(
        "sts",
        "AssumeRole",
        json!({"type": "AWSService", "invokedBy": format!("{service}.amazonaws.com")}),
        json!({"roleArn": format!("arn:aws:iam::{ACCOUNT}:role/x/{role}"), "roleSessionName": session}),
        Value::Null,
    )
}

fn session(role: &str, name: &str) -> Value {
    json!({"type": "AssumedRole", "principalId": format!("AROAEXAMPLE000000000:{name}"),
        "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}")})
}

fn finding(resource: Value) -> String {
    let finding = json!({"SchemaVersion": "2.0", "AccountId": ACCOUNT, "Region": "us-east-1", "Id": "f", "Type": "T",
        "Title": "t", "Severity": 5, "Resource": resource,
        "Service": {"ServiceName": "guardduty", "EventFirstSeen": "2026-03-14T14:00:00Z", "EventLastSeen": "2026-03-14T14:10:00Z"}});
    finding.to_string()
}

fn instance() -> String {
    finding(json!({"ResourceType": "Instance", "InstanceDetails": {"InstanceId": "i-0123456789abcdef0"}}))
}

fn function() -> String {
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:report");
    finding(
        json!({"ResourceType": "Lambda", "LambdaDetails": {"FunctionArn": arn, "FunctionName": "report"}}),
    )
}

fn object() -> String {
    json!({"version": "0", "source": "aws.s3", "detail-type": "Object Created", "account": ACCOUNT, "region": "us-east-1",
        "time": "2026-03-14T14:00:00Z", "detail": {"bucket": {"name": "shop"}, "object": {"key": "a b.pdf"}, "request-id": "R1", "requester": ACCOUNT, "reason": "PutObject"}})
    .to_string()
}

async fn identified(alert: &str, records: &[Value]) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json"), json!({ "Records": records }).to_string()).unwrap();
    let incident = Incident::merged(&Incident::read(alert).unwrap()).unwrap();
    let length = chrono::Duration::minutes(30);
    let window = window_of(&incident, length, length).unwrap().unwrap();
    let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
    let found = trail.identify(&incident, window).await;
    found.map(|found| found.principal.to_string()).map_err(|error| error.to_string())
}

fn role(name: &str) -> Result<String, String> {
    Ok(format!("arn:aws:iam::{ACCOUNT}:role/{name}"))
}

#[tokio::test]
async fn services_tell_whose_credentials_something_has() {
    let imposter = record("s3", "ListBuckets", session("imposter", "report"), Value::Null, Value::Null);
    let by_lambda = assumed_by("lambda", "reporting", "report");
    assert_eq!(identified(&function(), &[imposter.clone(), by_lambda]).await, role("reporting"));
    let configured = record(
        "lambda",
        "UpdateFunctionConfiguration20150331v2",
        json!({"type": "IAMUser"}),
        Value::Null,
        json!({"functionArn": format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:report"),
            "role": format!("arn:aws:iam::{ACCOUNT}:role/svc/reporting")}),
    );
    assert_eq!(identified(&function(), &[imposter, configured]).await, role("reporting"));
    let by_ec2 = assumed_by("ec2", "web", "i-0123456789abcdef0");
    let namesake = assumed_by("lambda", "other", "i-0123456789abcdef0");
    assert_eq!(identified(&instance(), &[namesake, by_ec2]).await, role("web"));
}

#[tokio::test]
async fn an_instance_leads_to_the_role_of_its_profile() {
    let admin = || json!({"type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/ops")});
    let profile = json!({"iamInstanceProfile": {"name": "fleet"}});
    let started = json!({"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}});
    let run = record("ec2", "RunInstances", admin(), profile, started);
    let request = json!({"instanceProfileName": "fleet", "roleName": "web"});
    let added = record("iam", "AddRoleToInstanceProfile", admin(), request, Value::Null);
    assert_eq!(identified(&instance(), &[run.clone(), added]).await, role("web"));
    // Most profiles bear the name of their role.
    let same_name = assumed_by("ec2", "fleet", "i-00000000000000000");
    assert_eq!(identified(&instance(), &[run.clone(), same_name]).await, role("fleet"));
    assert!(identified(&instance(), &[run]).await.is_err());
}

#[tokio::test]
async fn sessions_named_after_it_are_believed_where_they_agree() {
    let id = "i-0123456789abcdef0";
    let call = |role| record("ssm", "UpdateInstanceInformation", session(role, id), Value::Null, Value::Null);
    assert_eq!(identified(&instance(), &[call("web"), call("web")]).await, role("web"));
    let error = identified(&instance(), &[call("web"), call("db")]).await.unwrap_err();
    assert!(error.contains("role/db and ") && error.contains("say which with --role"), "{error}");
}

#[tokio::test]
async fn the_last_to_change_an_object_is_asked_about() {
    let put = |identity: Value, time: &str, key: &str| {
        let mut put =
            record("s3", "PutObject", identity, json!({"bucketName": "shop", "key": key}), Value::Null);
        put["eventTime"] = time.into();
        put
    };
    let user = json!({"type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/ben"), "principalId": "AIDAEXAMPLE"});
    let records = [
        put(session("app", "s"), "2026-03-14T13:00:00Z", "a b.pdf"),
        put(user, "2026-03-14T14:00:00Z", "a b.pdf"),
        put(session("app", "s"), "2026-03-14T14:00:01Z", "other.pdf"),
    ];
    assert_eq!(identified(&object(), &records).await, Ok(format!("arn:aws:iam::{ACCOUNT}:user/ben")));
}

#[tokio::test]
async fn what_stays_unknown_is_an_error_that_helps() {
    let nothing = record("s3", "ListBuckets", session("app", "s"), Value::Null, Value::Null);
    for alert in [instance(), function(), object()] {
        let error = identified(&alert, std::slice::from_ref(&nothing)).await.unwrap_err();
        assert!(
            error.contains("cannot be tied to a principal") && error.contains("give --role ARN"),
            "{error}"
        );
    }
}

#[test]
fn several_alerts_are_one_incident_if_they_agree() {
    let read = |name: &str| {
        let path = crate::support::repository("testdata/alerts").join(name);
        Incident::read(std::fs::read_to_string(path).unwrap()).unwrap().remove(0)
    };
    let (first, second) = (read("guardduty_role.json"), read("guardduty_attack_sequence.json"));
    let merged = Incident::merged(&[first.clone(), second.clone()]).unwrap();
    assert_eq!(merged.first_seen, first.first_seen.min(second.first_seen));
    assert_eq!(merged.last_seen, first.last_seen.max(second.last_seen));
    let error = Incident::merged(&[first, read("cloudtrail_sign_in.json")]).unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("rosa.admin"), "{error}");
}
