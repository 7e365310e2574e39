//! What is out of character, on logs that are made for it: a quiet past, and then something else.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use trailq::{
    Anomalies, AnomalyQuestion, Finding, Places, Principal, Scope, Settings, Severity, TimelineQuestion,
    Trail, Window, parse_time, sigma,
};

use crate::support::repository;

const ACCOUNT: &str = "111111111111";
const WORKER: &str = "arn:aws:iam::111111111111:role/worker";

/// Calls of role sessions, each later than the one before if not said otherwise.
struct Log {
    records: Vec<Value>,
    time: DateTime<Utc>,
}

/// Where and how a call is made.
#[derive(Clone, Copy)]
struct From {
    role: &'static str,
    session: &'static str,
    key: &'static str,
    address: &'static str,
    agent: &'static str,
}

const HOME: From = From {
    role: "worker",
    session: "job-17",
    key: "ASIAWORKER0000000001",
    address: "10.1.2.3",
    agent: "Boto3/1.34 exec-env/AWS_ECS_FARGATE",
};

fn time(text: &str) -> DateTime<Utc> {
    parse_time(text, Utc::now()).unwrap()
}

impl Log {
    fn at(start: &str) -> Self {
        Self { records: vec![], time: time(start) }
    }

    /// `call` is `service:Call`, and `!` after it says that it was denied.
    fn call(&mut self, from: From, call: &str, after: Duration) -> &mut Self {
        self.time += after;
        let (service, name) = call.trim_end_matches('!').split_once(':').unwrap();
        let From { role, session, key, address, agent } = from;
        let number = self.records.len();
        // A new session three times a day.
        let made = DateTime::from_timestamp(self.time.timestamp() / 28_800 * 28_800, 0).unwrap();
        let mut record = json!({
            "eventVersion": "1.09", "eventTime": self.time.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "eventID": format!("e-{number}"), "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": address, "userAgent": agent,
            "recipientAccountId": ACCOUNT,
            "readOnly": name.starts_with("Get") || name.starts_with("List") || name.starts_with("Describe"),
            "userIdentity": {"type": "AssumedRole", "accountId": ACCOUNT, "accessKeyId": key,
                "principalId": format!("AROA{:X<16}:{session}", role.to_uppercase()),
                "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}"),
                "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{ACCOUNT}:role/{role}")},
                    "attributes": {"creationDate": made.format("%Y-%m-%dT%H:%M:%SZ").to_string()}}}
        });
        if call.ends_with('!') {
            record["errorCode"] = "AccessDenied".into();
        }
        self.records.push(record);
        self
    }

    /// A call every ten minutes.
    fn quiet(&mut self, from: From, days: i64) -> &mut Self {
        for _ in 0..days * 144 {
            self.call(from, "sqs:ReceiveMessage", Duration::minutes(10));
        }
        self
    }

    /// What is found in the day from `start` on, by trailq's own thresholds.
    async fn found(&self, start: &str) -> Anomalies {
        self.found_with(start, |question| question).await
    }

    async fn found_with(
        &self,
        start: &str,
        with: impl FnOnce(AnomalyQuestion) -> AnomalyQuestion,
    ) -> Anomalies {
        let start = time(start);
        let window = Window::inclusive(start, start + Duration::days(1)).unwrap();
        let question = TimelineQuestion::new(Principal::role(WORKER).unwrap(), window);
        ask(&self.records, &with(AnomalyQuestion::about(question))).await
    }
}

async fn ask(records: &[Value], question: &AnomalyQuestion) -> Anomalies {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json"), json!({ "Records": records }).to_string()).unwrap();
    let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
    let answer = trail.anomalies(question).await.unwrap();
    assert!(answer.coverage.is_consistent(), "{:#?}", answer.coverage);
    answer
}

fn finding<'a>(answer: &'a Anomalies, id: &str) -> &'a Finding {
    let ids: Vec<_> = answer.findings.iter().map(|finding| finding.id.as_str()).collect();
    answer.findings.iter().find(|finding| finding.id == id).unwrap_or_else(|| panic!("no {id} among {ids:?}"))
}

fn ids(answer: &Anomalies) -> Vec<&str> {
    answer.findings.iter().map(|finding| finding.id.as_str()).collect()
}

const THIEF: From = From {
    address: "198.51.100.7",
    agent: "aws-cli/2.15.0",
    session: "x",
    key: "ASIATHIEF00000000001",
    ..HOME
};

#[tokio::test]
async fn a_quiet_past_finds_nothing() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    let answer = log.quiet(HOME, 9).found("2024-03-08T12:00:00Z").await;
    assert_eq!(ids(&answer), [""; 0]);
    assert_eq!(answer.baseline.notes, [""; 0]);
    // Seven days of a call every ten minutes.
    assert_eq!(answer.baseline.calls, 7 * 144);
    assert_eq!(answer.coverage.past.len(), 1);
}

#[tokio::test]
async fn what_is_new_is_compared_with_the_past_in_numbers() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8);
    log.call(THIEF, "s3:ListBuckets", Duration::minutes(1));
    log.call(THIEF, "dynamodb:DeleteItem", Duration::minutes(5));
    let answer = log.found("2024-03-09T00:00:00Z").await;
    let strange = finding(&answer, "out_of_character");
    assert_eq!((strange.severity, strange.eventids.len()), (Severity::Medium, 2));
    let baseline = strange.baseline.as_ref().unwrap();
    assert_eq!((baseline.with, baseline.calls_before, baseline.of, baseline.calls_now), ("own", 0, 1008, 2));
    assert_eq!(baseline.text, "0 of 1,008 calls in 7 days; 2 in 5 minutes");
    for value in
        ["services (s3, dynamodb)", "networks (198.51.100.0/24)", "programs (aws-cli)", "session names (x)"]
    {
        assert!(strange.explanation.contains(value), "{value}: {}", strange.explanation);
    }
    // What it says is not said again.
    assert!(!ids(&answer).iter().any(|id| id.starts_with("new_")), "{:?}", ids(&answer));
    // Worst first.
    let severities: Vec<_> =
        answer.findings.iter().map(|finding| (finding.severity, finding.score)).collect();
    assert!(severities.is_sorted_by(|one, other| one >= other), "{severities:?}");
}

#[tokio::test]
async fn one_novelty_is_a_finding_of_its_own() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8).call(HOME, "s3:PutObject", Duration::minutes(1));
    let answer = log.found("2024-03-09T00:00:00Z").await;
    for (id, value, severity) in [
        ("new_service", "services that its past did not have in 7 days: s3.", Severity::Low),
        ("new_call", "s3:PutObject", Severity::Low),
    ] {
        let new = finding(&answer, id);
        assert!(new.explanation.contains(value), "{id}: {}", new.explanation);
        assert_eq!((new.severity, new.eventids.len()), (severity, 1), "{id}");
    }
    assert_eq!(answer.findings.len(), 2);
}

#[tokio::test]
async fn a_role_without_a_past_is_compared_with_its_peers() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(From { role: "other", session: "o", key: "ASIAOTHER00000000001", ..HOME }, 8);
    log.call(HOME, "sqs:ReceiveMessage", Duration::minutes(1));
    log.call(THIEF, "sqs:ReceiveMessage", Duration::minutes(1));
    let answer = log.found("2024-03-09T00:00:00Z").await;
    let network = finding(&answer, "new_network");
    assert_eq!(network.eventids.len(), 1);
    assert_eq!(network.baseline.as_ref().unwrap().with, "peers");
    assert!(answer.baseline.notes[0].contains("compared with"), "{:?}", answer.baseline.notes);
    assert!(!ids(&answer).contains(&"new_call"), "what others call differs anyway");

    // Nobody to compare with: said, and nothing made up.
    let mut alone = Log::at("2024-03-09T01:00:00Z");
    let answer =
        alone.call(THIEF, "sqs:ReceiveMessage", Duration::zero()).found("2024-03-09T00:00:00Z").await;
    assert_eq!(ids(&answer), [""; 0]);
    assert!(answer.baseline.notes[0].contains("too few"), "{:?}", answer.baseline.notes);
}

#[tokio::test]
async fn far_more_calls_than_usual() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8);
    for _ in 0..50 {
        log.call(HOME, "sqs:ReceiveMessage", Duration::seconds(1));
    }
    let answer = log.found("2024-03-09T00:00:00Z").await;
    let rate = finding(&answer, "call_rate");
    assert!(rate.explanation.contains("calls in one minute"), "{}", rate.explanation);
    // With the one of midnight.
    assert_eq!(rate.eventids.len(), 51);
    // Twenty a minute are few whatever the past says.
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8);
    for _ in 0..20 {
        log.call(HOME, "sqs:ReceiveMessage", Duration::seconds(1));
    }
    assert_eq!(ids(&log.found("2024-03-09T00:00:00Z").await), [""; 0]);
}

#[tokio::test]
async fn a_larger_share_is_denied_than_chance_explains() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8);
    for call in
        ["s3:GetObject!", "s3:ListAllMyBuckets!", "sqs:ReceiveMessage!", "kms:Decrypt!", "s3:PutObject!"]
    {
        log.call(HOME, call, Duration::minutes(1));
    }
    let answer = log.found("2024-03-09T00:00:00Z").await;
    let denied = finding(&answer, "denied_share");
    assert_eq!((denied.eventids.len(), denied.severity), (5, Severity::Medium));
    assert!(denied.explanation.contains("5 of 6 calls denied"), "{}", denied.explanation);
}

#[tokio::test]
async fn a_temporary_key_is_in_one_place() {
    let elsewhere = From { address: "203.0.113.9", ..HOME };
    let home = From { address: "192.0.2.5", ..HOME };
    let mut log = Log::at("2024-03-09T00:00:00Z");
    for from in [home, elsewhere, home] {
        log.call(from, "sqs:ReceiveMessage", Duration::minutes(2));
    }
    let answer = log.found("2024-03-09T00:00:00Z").await;
    assert_eq!(finding(&answer, "credential_in_two_places").eventids.len(), 3);
    // Beside gateways that are known, a third network stands out.
    let gateway = From { address: "192.0.2.200", ..home };
    let thief = From { address: "198.51.100.7", ..home };
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(home, 8).quiet(From { address: "203.0.113.9", ..gateway }, 1);
    for from in [home, elsewhere, home, thief, home] {
        log.call(from, "sqs:ReceiveMessage", Duration::minutes(1));
    }
    let answer = log.found("2024-03-10T00:00:01Z").await;
    assert_eq!(finding(&answer, "credential_in_two_places").eventids.len(), 1);
    // Whoever moves does not come back.
    let mut log = Log::at("2024-03-09T00:00:00Z");
    for from in [home, home, elsewhere] {
        log.call(from, "sqs:ReceiveMessage", Duration::minutes(2));
    }
    assert!(!ids(&log.found("2024-03-09T00:00:00Z").await).contains(&"credential_in_two_places"));
}

#[tokio::test]
async fn a_machines_credentials_stay_on_it() {
    let off = From { agent: "aws-cli/2.15.0 Python/3.11", address: "203.0.113.9", ..HOME };
    let mut log = Log::at("2024-03-09T00:00:00Z");
    log.call(HOME, "sqs:ReceiveMessage", Duration::minutes(1));
    log.call(off, "s3:ListBuckets", Duration::minutes(1));
    let answer = log.found("2024-03-09T00:00:00Z").await;
    assert_eq!(finding(&answer, "compute_credential_elsewhere").eventids, ["e-1"]);

    let instance = From { session: "i-0a1b2c3d4e5f60718", agent: "Boto3/1.34", ..HOME };
    let laptop = From { agent: "aws-cli/2.15.0 Python/3.11 Darwin/23.1", ..instance };
    let mut log = Log::at("2024-03-09T00:00:00Z");
    log.call(instance, "sqs:ReceiveMessage", Duration::minutes(1));
    log.call(laptop, "sqs:ReceiveMessage", Duration::minutes(1));
    let answer = log.found("2024-03-09T00:00:00Z").await;
    assert_eq!(finding(&answer, "compute_credential_elsewhere").eventids, ["e-1"]);
}

#[tokio::test]
async fn sessions_end() {
    let mut log = Log::at("2024-03-09T00:00:00Z");
    log.call(HOME, "sqs:ReceiveMessage", Duration::minutes(1));
    log.records[0]["userIdentity"]["sessionContext"]["attributes"]["creationDate"] =
        "2024-03-08T01:00:00Z".into();
    let answer = log.found("2024-03-09T00:00:00Z").await;
    assert!(finding(&answer, "session_too_long").explanation.contains("23 hours old"));
}

#[tokio::test]
async fn places_tell_countries_providers_and_impossible_journeys() {
    let places = Places::open(&[repository("testdata/places.mmdb")]).unwrap();
    let dublin = From { address: "192.0.2.5", ..HOME };
    let tokyo = From { address: "203.0.113.9", ..HOME };
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(dublin, 8);
    log.call(tokyo, "sqs:ReceiveMessage", Duration::minutes(30));
    let answer = log.found_with("2024-03-09T00:00:00Z", |question| question.places(places.clone())).await;
    assert!(!ids(&answer).contains(&"out_of_character"), "one journey is one piece of news");
    assert!(finding(&answer, "new_country").explanation.contains("JP"));
    assert!(finding(&answer, "new_provider").explanation.contains("AS64501 Example Mobile"));
    // The last call from Dublin was at midnight, the day's first.
    let journey = finding(&answer, "impossible_travel");
    assert_eq!(journey.eventids.len(), 2);
    assert!(journey.explanation.contains(" km apart"), "{}", journey.explanation);
}

#[tokio::test]
async fn settings_change_what_is_found() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8).call(THIEF, "iam:CreateUser", Duration::minutes(1));
    let settings = Settings::parse(
        "baseline.kinds = 9\n[rules.new_client]\nenabled = false\n[rules.iam_user_created]\nseverity = 'critical'",
    );
    let settings = settings.unwrap();
    let answer = log.found_with("2024-03-09T00:00:00Z", |question| question.settings(settings)).await;
    assert_eq!(finding(&answer, "iam_user_created").severity, Severity::Critical);
    assert!(!ids(&answer).contains(&"new_client") && !ids(&answer).contains(&"out_of_character"));

    for (text, named) in
        [("[rules.nothing]", "rules.nothing"), ("[rules.iam_user_created]\ncount = 3", "count")]
    {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("log.json"), json!({ "Records": log.records }).to_string())
            .unwrap();
        let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
        let question = AnomalyQuestion::everyone(Scope::default()).settings(Settings::parse(text).unwrap());
        let error = trail.anomalies(&question).await.unwrap_err();
        assert!(error.is_usage() && error.to_string().contains(named), "{error}");
    }
}

#[tokio::test]
async fn a_burst_is_one_finding_and_a_copy_no_event() {
    let mut log = Log::at("2024-03-09T00:59:50Z");
    for number in 0..40 {
        log.call(THIEF, &format!("ec2:DescribeThing{number}"), Duration::seconds(1));
    }
    let mut records = log.records.clone();
    records.extend(log.records.iter().cloned());
    let answer = ask(&records, &AnomalyQuestion::everyone(Scope::default())).await;
    assert_eq!(answer.events, 40);
    let bursts: Vec<_> =
        answer.findings.iter().filter(|finding| finding.id == "account_enumerated").collect();
    assert_eq!(bursts.len(), 1);
    assert_eq!((bursts[0].events, bursts[0].severity), (40, Severity::Medium));
    assert_eq!(bursts[0].first_seen, Some(time("2024-03-09T00:59:51Z")));
}

#[tokio::test]
async fn what_only_was_tried_counts_less() {
    let outcome = async |call: &str| {
        let mut log = Log::at("2024-03-09T00:00:00Z");
        log.call(THIEF, call, Duration::minutes(1));
        let answer = log.found("2024-03-09T00:00:00Z").await;
        let stopped = finding(&answer, "cloudtrail_stopped");
        (stopped.severity, stopped.title.clone(), stopped.explanation.contains("denied"))
    };
    assert_eq!(outcome("cloudtrail:StopLogging").await.0, Severity::High);
    let (severity, title, denied) = outcome("cloudtrail:StopLogging!").await;
    assert!(severity < Severity::High && title.ends_with("(attempted)") && denied);
}

/// Events without id, without time, or with someone else's id are events all the same.
#[tokio::test]
async fn no_event_is_lost() {
    let mut log = Log::at("2024-03-09T00:00:00Z");
    for _ in 0..3 {
        log.call(THIEF, "iam:CreateUser", Duration::minutes(1));
    }
    log.records[0].as_object_mut().unwrap().remove("eventID");
    log.records[1].as_object_mut().unwrap().remove("eventTime");
    log.records[2].as_object_mut().unwrap().remove("userIdentity");
    let answer = ask(&log.records, &AnomalyQuestion::everyone(Scope::default())).await;
    assert_eq!(answer.events, 3);
    let made = answer.findings.iter().filter(|finding| finding.id == "iam_user_created");
    assert_eq!(made.map(|finding| finding.evidence.len()).sum::<usize>(), 3);
}

#[tokio::test]
async fn sigma_rules_find_and_correlate() {
    let rules = sigma::load(&repository("testdata/sigma")).unwrap();
    assert_eq!((rules.refused.len(), rules.warnings.len()), (0, 0), "{rules:?}");
    let mut log = Log::at("2024-03-09T00:00:00Z");
    for call in ["iam:CreateUser", "iam:CreateAccessKey", "sts:GetCallerIdentity", "sts:GetCallerIdentity!"] {
        log.call(THIEF, call, Duration::minutes(1));
    }
    let with = |question: AnomalyQuestion| question.rules(rules.rules);
    let answer = log.found_with("2024-03-09T00:00:00Z", with).await;
    assert_eq!(finding(&answer, "sample-user-then-key").eventids, ["e-0", "e-1"]);
    assert_eq!(finding(&answer, "sample-who-am-i").eventids, ["e-2", "e-3"]);
    assert!(!ids(&answer).contains(&"sample-user-created"), "only the correlation looks at it");
}

/// What an attacker can choose (user agent, session name, the service that calls for it) makes a
/// finding milder, never silent.
#[tokio::test]
async fn nobody_hides_behind_what_anyone_can_write() {
    let severity_of = async |id: &'static str, change: &dyn Fn(&mut Value)| {
        let mut log = Log::at("2024-03-09T00:00:00Z");
        for number in 0..30 {
            log.call(THIEF, &format!("ec2:DescribeThing{number}"), Duration::seconds(1));
        }
        log.call(THIEF, "iam:CreateUser", Duration::seconds(1));
        log.records.iter_mut().for_each(change);
        let answer = ask(&log.records, &AnomalyQuestion::everyone(Scope::default())).await;
        finding(&answer, id).severity
    };
    let agent = |agent: &'static str| move |record: &mut Value| record["userAgent"] = agent.into();
    assert_eq!(severity_of("account_enumerated", &agent("aws-cli/2.15")).await, Severity::Medium);
    assert_eq!(severity_of("account_enumerated", &agent("aws-cli/2.15 app/terraform")).await, Severity::Low);
    assert_eq!(severity_of("iam_user_created", &agent("Mozilla/5.0")).await, Severity::Medium);
    let invoked =
        |record: &mut Value| record["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com".into();
    assert_eq!(severity_of("iam_user_created", &invoked).await, Severity::Low);
    let named = |record: &mut Value| {
        let session = "arn:aws:sts::111111111111:assumed-role/AWSServiceRoleForFoo/x";
        record["userIdentity"]["arn"] = session.into();
    };
    assert_eq!(severity_of("iam_user_created", &named).await, Severity::Medium);
}

#[tokio::test]
async fn a_sequence_needs_every_step() {
    let backdoor = async |calls: [&str; 3]| {
        let mut log = Log::at("2024-03-09T00:00:00Z");
        for call in calls {
            log.call(THIEF, call, Duration::minutes(1));
            let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
            log.records.last_mut().unwrap()["requestParameters"] =
                json!({"userName": "eve", "policyArn": admin});
        }
        let answer = log.found("2024-03-09T00:00:00Z").await;
        let found = finding(&answer, "backdoor_administrator");
        let steps = ids(&answer).iter().filter(|id| **id == "iam_user_created").count();
        (found.severity, found.title.ends_with("(attempted)"), steps)
    };
    let calls = ["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"];
    // The whole says what its steps say.
    assert_eq!(backdoor(calls).await, (Severity::Critical, false, 0));
    let (severity, attempted, _) = backdoor([calls[0], "iam:AttachUserPolicy!", calls[2]]).await;
    assert!(severity < Severity::Critical && attempted);
}

#[tokio::test]
async fn passwords_are_guessed_and_sprayed() {
    let login = |user: &str, second: i64, result: &str| {
        json!({"eventVersion": "1.08", "eventID": format!("{user}-{second}"),
            "eventTime": (time("2024-03-09T00:00:00Z") + Duration::seconds(second)).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
            "sourceIPAddress": "203.0.113.9", "userAgent": "Mozilla/5.0", "recipientAccountId": ACCOUNT,
            "userIdentity": {"type": "IAMUser", "accountId": ACCOUNT, "userName": user},
            "responseElements": {"ConsoleLogin": result}, "additionalEventData": {"MFAUsed": "No"}})
    };
    let mut records: Vec<Value> = (0..12).map(|at| login("ada", at * 10, "Failure")).collect();
    records.push(login("ada", 200, "Success"));
    let answer = ask(&records, &AnomalyQuestion::everyone(Scope::default())).await;
    let guessed = finding(&answer, "console_password_guessed");
    assert_eq!((guessed.severity, guessed.events), (Severity::High, 13));
    assert_eq!(guessed.principal, format!("arn:aws:iam::{ACCOUNT}:user/ada"));
    assert_eq!(finding(&answer, "console_login_without_mfa").eventids, ["ada-200"]);

    let spray: Vec<Value> = (0..8).map(|user| login(&format!("u{user}"), user, "Failure")).collect();
    let answer = ask(&spray, &AnomalyQuestion::everyone(Scope::default())).await;
    let sprayed = finding(&answer, "console_password_spraying");
    assert!(sprayed.explanation.starts_with("Several callers ("), "{}", sprayed.explanation);
}

#[tokio::test]
async fn a_region_that_nobody_uses_is_told_by_the_objects() {
    let mut log = Log::at("2024-03-01T00:00:00Z");
    log.quiet(HOME, 8).call(HOME, "sqs:ReceiveMessage", Duration::minutes(1));
    log.records.last_mut().unwrap()["awsRegion"] = "ap-south-2".into();
    let severity = async |also: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let mut days: std::collections::BTreeMap<(String, String), Vec<&Value>> = Default::default();
        for record in &log.records {
            let (day, region) = (
                record["eventTime"].as_str().unwrap()[..10].to_owned(),
                record["awsRegion"].as_str().unwrap(),
            );
            days.entry((day, region.to_owned())).or_default().push(record);
        }
        let write = |region: &str, day: &str, records: &Value| {
            let days = day.replace('-', "/");
            let below = folder.path().join(format!("AWSLogs/{ACCOUNT}/CloudTrail/{region}/{days}"));
            std::fs::create_dir_all(&below).unwrap();
            let name =
                format!("{ACCOUNT}_CloudTrail_{region}_{}T2355Z_abcdefghijklmnop.json", day.replace('-', ""));
            std::fs::write(below.join(name), json!({ "Records": records }).to_string()).unwrap();
        };
        days.iter().for_each(|((day, region), records)| write(region, day, &json!(records)));
        also.iter().for_each(|region| write(region, "2024-03-05", &json!([])));
        let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
        let start = time("2024-03-09T00:00:00Z");
        let window = Window::inclusive(start, start + Duration::hours(12)).unwrap();
        let question =
            TimelineQuestion::new(Principal::role(WORKER).unwrap(), window).delivery_slack(Duration::days(1));
        let answer = trail.anomalies(&AnomalyQuestion::about(question)).await.unwrap();
        finding(&answer, "new_region").severity
    };
    assert_eq!(severity(&[]).await, Severity::Medium);
    assert_eq!(severity(&["ap-south-2"]).await, Severity::Low);
}

/// What took longer than an episode's gap is one finding all the same.
#[tokio::test]
async fn a_slow_sequence_is_one_finding() {
    let mut log = Log::at("2024-03-09T00:00:00Z");
    log.call(THIEF, "ec2:StopInstances", Duration::minutes(1));
    log.call(THIEF, "ec2:ModifyInstanceAttribute", Duration::minutes(1));
    log.records[1]["requestParameters"] = json!({"instanceId": "i-1", "userData": "x"});
    log.call(THIEF, "ec2:StartInstances", Duration::minutes(100));
    let answer = log.found("2024-03-09T00:00:00Z").await;
    let swapped: Vec<_> =
        answer.findings.iter().filter(|finding| finding.id == "instance_user_data_swapped").collect();
    assert_eq!(swapped.iter().map(|finding| finding.events).collect::<Vec<_>>(), [3]);
}
