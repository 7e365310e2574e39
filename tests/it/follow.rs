//! What must and must not be taken for a principal's, or for what its credentials led to.

use serde_json::{Value, json};
use trailq::{Principal, Result, TimelineQuestion, Trail, Window, parse_time};

use crate::support::ask;

const A: &str = "111111111111";
const X: &str = "222222222222";
const DEPLOY: &str = "arn:aws:iam::111111111111:role/deploy";

/// A call at `time` (of 2024-01-02), named by it.
fn call(time: &str, name: &str, identity: Value, more: Value) -> Value {
    let source = match name {
        "AssumeRole" | "AssumeRoot" => "sts",
        "CreateAccessKey" | "UpdateLoginProfile" => "iam",
        "ConsoleLogin" => "signin",
        _ => "s3",
    };
    let mut call = json!({"eventVersion": "1.08", "eventTime": format!("2024-01-02T{time}Z"), "eventID": time,
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1", "userIdentity": identity, "recipientAccountId": A});
    call.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    call
}

fn session(account: &str, role: &str, key: &str, created: &str) -> Value {
    let id = format!("AROA{:X<16}:s", role.to_uppercase());
    json!({"type": "AssumedRole", "principalId": id, "accountId": account, "accessKeyId": key,
        "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/s"),
        "sessionContext": {"attributes": {"creationDate": format!("2024-01-02T{created}Z")},
            "sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{account}:role/{role}")}}})
}

fn deploy() -> Value {
    session(A, "deploy", "ASIADEPLOY0000000001", "12:00:00")
}

fn copy(id: &str) -> Value {
    json!({"type": "AWSAccount", "principalId": id, "accountId": A})
}

fn user(name: &str, key: &str, created: Option<&str>) -> Value {
    let context = created.map(|at| json!({"attributes": {"creationDate": format!("2024-01-02T{at}Z")}}));
    json!({"type": "IAMUser", "principalId": "AIDAUSER000000000001", "accountId": A, "userName": name, "accessKeyId": key,
        "arn": format!("arn:aws:iam::{A}:user/ops/{name}"), "sessionContext": context})
}

/// What AssumeRole of `role` returns.
fn assumed(account: &str, role: &str, key: &str) -> Value {
    let id = format!("AROA{:X<16}:s", role.to_uppercase());
    json!({"requestParameters": {"roleArn": format!("arn:aws:iam::{account}:role/{role}")},
        "responseElements": {"credentials": {"accessKeyId": key}, "assumedRoleUser": {"assumedRoleId": id,
            "arn": format!("arn:aws:sts::{account}:assumed-role/{role}/s")}}})
}

/// Times of the rows, each with its relation.
async fn found(principal: Result<Principal>, records: &[Value]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json"), json!({ "Records": records }).to_string()).unwrap();
    let time = |text| parse_time(text, chrono::Utc::now()).unwrap();
    let window = Window::inclusive(time("2024-01-02T12:00:00Z"), time("2024-01-02T20:00:00Z")).unwrap();
    let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
    let (rows, _) = ask(&trail, &TimelineQuestion::new(principal.unwrap(), window).follow(true)).await;
    rows.iter().map(|row| format!("{} {}", row.time.format("%H:%M"), row.relation)).collect()
}

#[tokio::test]
async fn a_set_password_leads_to_later_logins_and_nothing_else_of_the_user() {
    let request = json!({"requestParameters": {"userName": "bob"}});
    let mut by_service = user("bob", "ASIABYSERVICE0000001", Some("12:06:00"));
    by_service["invokedBy"] = "cloudformation.amazonaws.com".into();
    let records = [
        call("12:05:00", "UpdateLoginProfile", deploy(), request),
        call("12:06:00", "CreateBucket", by_service, Value::Null),
        call("12:07:00", "ListBuckets", user("bob", "ASIAOLDER00000000001", Some("11:00:00")), Value::Null),
        call("12:08:00", "ConsoleLogin", user("bob", "", None), Value::Null),
        call("12:09:00", "ListBuckets", user("bob", "ASIACONSOLE000000001", Some("12:08:00")), Value::Null),
        call("12:10:00", "ListBuckets", user("bob", "AKIAOWN0000000000001", None), Value::Null),
    ];
    let found = found(Principal::role(DEPLOY), &records).await;
    assert_eq!(found, ["12:05 by_role", "12:08 downstream", "12:09 downstream"]);
}

#[tokio::test]
async fn an_id_alone_means_the_last_session_of_its_name() {
    let id = "AROAOTHERXXXXXXXXXXX:s";
    let at_x = json!({ "recipientAccountId": X });
    let records = [
        call("12:10:00", "AssumeRole", deploy(), assumed(A, "other", "ASIAOTHER00000000001")),
        call("12:20:00", "GetObject", copy(id), at_x.clone()),
        call(
            "13:00:00",
            "AssumeRole",
            user("ops", "AKIAOPS0000000000001", None),
            assumed(A, "other", "ASIAOTHER00000000002"),
        ),
        call("13:05:00", "GetObject", copy(id), at_x.clone()),
        call("13:06:00", "AssumeRole", copy(id), assumed(X, "third", "ASIATHIRD00000000001")),
        call("13:07:00", "DeleteBucket", session(X, "third", "ASIATHIRD00000000001", "13:06:00"), at_x),
    ];
    let found = found(Principal::role(DEPLOY), &records).await;
    assert_eq!(found, ["12:10 by_role", "12:20 downstream"]);
}

#[tokio::test]
async fn the_other_accounts_record_alone_is_enough() {
    let hop = assumed(X, "far", "ASIAFAR0000000000001");
    let beyond =
        call("12:11:00", "GetObject", session(X, "far", "ASIAFAR0000000000001", "12:10:00"), Value::Null);
    let expected = ["12:05 by_role", "12:10 by_role", "12:11 downstream"];
    let own = call("12:05:00", "ListBuckets", deploy(), Value::Null);
    let records =
        [own, call("12:10:00", "AssumeRole", copy("AROADEPLOYXXXXXXXXXX:s"), hop.clone()), beyond.clone()];
    assert_eq!(found(Principal::role(DEPLOY), &records).await, expected);
    // Who the id belongs to can stand before the window.
    let mut earlier = records.clone();
    earlier[0]["eventTime"] = "2024-01-02T11:00:00Z".into();
    assert_eq!(found(Principal::role(DEPLOY), &earlier).await, expected[1..]);
    let own = call("12:05:00", "ListBuckets", user("bob", "AKIABOB0000000000001", None), Value::Null);
    let records = [own, call("12:10:00", "AssumeRole", copy("AIDAUSER000000000001"), hop), beyond];
    let bob = || Principal::user("arn:aws:iam::111111111111:user/bob");
    assert_eq!(found(bob(), &records).await, ["12:05 by_user", "12:10 by_user", "12:11 downstream"]);
}

#[tokio::test]
async fn keys_are_followed_whatever_else_a_record_lacks() {
    let root = json!({"responseElements": {"credentials": {"accessKeyId": "ASIAROOT000000000001"}}});
    let by_root = json!({"type": "Root", "accessKeyId": "ASIAROOT000000000001", "arn": "arn:aws:iam::222222222222:root"});
    let mut fraction = call("12:12:00", "AssumeRole", deploy(), assumed(A, "other", "ASIAOTHER00000000001"));
    fraction["eventTime"] = "2024-01-02T12:12:00.000Z".into();
    let records = [
        call("12:10:00", "AssumeRoot", deploy(), root),
        call("12:11:00", "DeleteBucketPolicy", by_root, Value::Null),
        fraction,
        call("12:13:00", "ListBuckets", json!({"accessKeyId": "ASIAOTHER00000000001"}), Value::Null),
        call("12:14:00", "ListBuckets", session(A, "other", "ASIAPERCALL000000001", "12:12:00"), Value::Null),
        // An empty key is no key.
        call("12:15:00", "AssumeRole", deploy(), assumed(A, "odd", "")),
        call("12:16:00", "ListBuckets", json!({"type": "AWSService", "accessKeyId": ""}), Value::Null),
    ];
    let found = found(Principal::role(DEPLOY), &records).await;
    let downstream = ["12:11 downstream", "12:13 downstream", "12:14 downstream"];
    let by_role = ["12:10 by_role", "12:12 by_role", "12:15 by_role"];
    let mut expected: Vec<_> = by_role.into_iter().chain(downstream).collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn lookalikes_are_others() {
    let on = |bucket: &str, key: &str| json!({"requestParameters": {"bucketName": bucket, "key": key}});
    let policy = json!({"requestParameters": {"bucketName": "other", "bucketPolicy": {"Resource": "arn:aws:s3:::logs-archive/*"}}});
    let records = [
        call("12:01:00", "GetObject", deploy(), on("logs", "in/a.csv")),
        call("12:02:00", "GetObject", deploy(), on("other", "logs")),
        call("12:03:00", "PutBucketPolicy", deploy(), policy),
        call("12:04:00", "CreateAccessKey", deploy(), json!({"requestParameters": {"userName": "fed"}})),
    ];
    let bucket = Principal::resource("arn:aws:s3:::logs");
    assert_eq!(found(bucket, &records).await, ["12:01 on_resource"]);
    let object = Principal::resource("arn:aws:s3:::logs/in/a.csv");
    assert_eq!(found(object, &records).await, ["12:01 on_resource"]);
    let other = Principal::resource("arn:aws:s3:::other/in/a.csv");
    assert!(found(other, &records).await.is_empty());
    let federated = Principal::user("arn:aws:sts::111111111111:federated-user/fed");
    assert!(found(federated, &records).await.is_empty());
    let mut v6 = records[0].clone();
    v6["sourceIPAddress"] = "2001:db8:0:0:0:0:0:7".into();
    assert_eq!(found(Principal::address("2001:db8::7"), &[v6]).await, ["12:01 by_address"]);
}
