//! Sessions followed: random graphs of them, with the truth known from how they were made.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use trailq::output::TreeFormat;
use trailq::{Principal, TimelineQuestion, Trail, Window, parse_time};

use crate::support::{ask, repository};

const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];
/// The first is asked about; the others look like it or share its sessions' names.
const ROLES: [(usize, &str); 5] = [(0, "app"), (1, "app"), (0, "app-ro"), (0, "deploy"), (1, "audit")];
const SESSIONS: [&str; 2] = ["s1", "s2"];

/// What a random step does with one of the credentials there are.
#[derive(Debug, Clone)]
enum Step {
    Call {
        by: usize,
        twice: bool,
    },
    /// `console`: the session's calls have a key each.
    AssumeRole {
        by: usize,
        role: usize,
        session: usize,
        console: bool,
        twice: bool,
    },
    GetSessionToken {
        by: usize,
    },
    GetFederationToken {
        by: usize,
    },
    CreateAccessKey {
        by: usize,
    },
    CreateLoginProfile {
        by: usize,
    },
}

#[derive(Debug, Clone)]
enum Kind {
    Session { role: usize, name: &'static str },
    User(String),
    Federated(String),
    Service,
}

/// A credential, and how far it lies from the role asked about; 0 is the role itself.
#[derive(Debug, Clone)]
struct Held {
    kind: Kind,
    account: usize,
    /// `None`: each call has its own.
    key: Option<String>,
    created: String,
    depth: Option<i64>,
}

#[derive(Default)]
struct World {
    held: Vec<Held>,
    records: Vec<Value>,
    /// Event id to depth, of what has to be found.
    truth: BTreeMap<String, i64>,
    made: usize,
}

impl World {
    fn new() -> Self {
        let mut world = Self::default();
        world.held.push(Held {
            kind: Kind::Service,
            account: 0,
            key: None,
            created: String::new(),
            depth: None,
        });
        // The role asked about, its namesake, and somebody who is not involved.
        for role in 0..2 {
            world.assume(0, role, SESSIONS[0], false, false);
        }
        let alice = Kind::User("alice".into());
        let key = world.id("AKIA");
        world.held.push(Held {
            kind: alice,
            account: 0,
            key: Some(key),
            created: String::new(),
            depth: None,
        });
        world
    }

    fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        format!("{prefix}{:016}", self.made)
    }

    fn time(&self) -> String {
        format!("2024-01-02T03:{:02}:{:02}Z", self.records.len() / 60, self.records.len() % 60)
    }

    fn identity(&mut self, by: usize) -> Value {
        let Held { kind, account, key, created, .. } = self.held[by].clone();
        let key = key.unwrap_or_else(|| self.id("ASIA"));
        let account = ACCOUNTS[account];
        let context = json!({"attributes": {"creationDate": created}});
        match kind {
            Kind::Service => json!({"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}),
            Kind::Session { role, name } => {
                let role_name = ROLES[role].1;
                json!({"type": "AssumedRole", "principalId": format!("{}:{name}", role_id(role)), "accountId": account,
                    "arn": format!("arn:aws:sts::{account}:assumed-role/{role_name}/{name}"), "accessKeyId": key,
                    "sessionContext": {"attributes": {"creationDate": created}, "sessionIssuer": {
                        "type": "Role", "arn": format!("arn:aws:iam::{account}:role/x/{role_name}")}}})
            }
            Kind::User(name) => {
                json!({"type": "IAMUser", "principalId": format!("AIDA{name:0>16}").to_uppercase(),
                "arn": format!("arn:aws:iam::{account}:user/{name}"), "accountId": account, "userName": name,
                "accessKeyId": key, "sessionContext": if created.is_empty() { Value::Null } else { context }})
            }
            Kind::Federated(name) => {
                json!({"type": "FederatedUser", "principalId": format!("{account}:{name}"),
                "arn": format!("arn:aws:sts::{account}:federated-user/{name}"), "accountId": account,
                "accessKeyId": key, "sessionContext": context})
            }
        }
    }

    /// Records a call, and copies of it.
    fn record(
        &mut self,
        by: usize,
        source: &str,
        name: &str,
        request: Value,
        response: Value,
        twice: bool,
    ) -> Value {
        let event_id = format!("e{:04}", self.records.len());
        if let Some(depth) = self.held[by].depth {
            self.truth.insert(event_id.clone(), depth);
        }
        let record = json!({"eventVersion": "1.08", "eventTime": self.time(), "eventID": event_id,
            "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "us-east-1",
            "sourceIPAddress": "192.0.2.1", "userIdentity": self.identity(by), "requestParameters": request,
            "responseElements": response, "recipientAccountId": ACCOUNTS[self.held[by].account]});
        self.records.extend(std::iter::repeat_n(record.clone(), 1 + usize::from(twice)));
        record
    }

    fn hold(&mut self, by: usize, kind: Kind, account: usize, key: Option<String>, created: String) {
        let depth = match kind {
            Kind::Session { role: 0, .. } => Some(0),
            _ => self.held[by].depth.map(|depth| depth + 1),
        };
        self.held.push(Held { kind, account, key, created, depth });
    }

    fn assume(&mut self, by: usize, role: usize, name: &'static str, console: bool, twice: bool) {
        let (account, role_name) = ROLES[role];
        let (key, time) = (self.id("ASIA"), self.time());
        let request = json!({"roleArn": format!("arn:aws:iam::{}:role/x/{role_name}", ACCOUNTS[account]), "roleSessionName": name});
        let response = json!({"credentials": {"accessKeyId": key, "expiration": "Jan 2, 2024, 4:00:00 AM"},
            "assumedRoleUser": {"assumedRoleId": format!("{}:{name}", role_id(role)),
                "arn": format!("arn:aws:sts::{}:assumed-role/{role_name}/{name}", ACCOUNTS[account])}});
        let mut record = self.record(by, "sts", "AssumeRole", request, response, twice);
        // Another account's log has a record of its own, which says less.
        if account != self.held[by].account && !matches!(self.held[by].kind, Kind::Service) {
            let shared = record["eventID"].as_str().unwrap().to_owned();
            for own in self.records.iter_mut().filter(|own| own["eventID"] == shared.as_str()) {
                own["sharedEventID"] = shared.clone().into();
            }
            let caller = record["userIdentity"].take();
            record["userIdentity"] = json!({"type": "AWSAccount", "principalId": caller["principalId"], "accountId": caller["accountId"]});
            record["sharedEventID"] = shared.clone().into();
            record["eventID"] = format!("{shared}-copy").into();
            record["recipientAccountId"] = ACCOUNTS[account].into();
            // The role's own calls are its own in any log.
            if self.held[by].depth == Some(0) {
                self.truth.insert(format!("{shared}-copy"), 0);
            }
            self.records.push(record);
        }
        self.hold(by, Kind::Session { role, name }, account, (!console).then_some(key), time);
    }

    fn step(&mut self, step: &Step) {
        let (Step::Call { by, .. }
        | Step::AssumeRole { by, .. }
        | Step::GetSessionToken { by }
        | Step::GetFederationToken { by }
        | Step::CreateAccessKey { by }
        | Step::CreateLoginProfile { by }) = step;
        let by = 1 + by % (self.held.len() - 1);
        let (account, time) = (self.held[by].account, self.time());
        let key = self.id("ASIA");
        let user = format!("user{}", self.made);
        match (step, self.held[by].kind.clone()) {
            (Step::AssumeRole { role, session, console, twice, .. }, _) => {
                self.assume(by, *role, SESSIONS[*session], *console, *twice);
            }
            (Step::GetSessionToken { .. }, Kind::User(name)) if self.held[by].created.is_empty() => {
                let response = json!({"credentials": {"accessKeyId": key}});
                self.record(by, "sts", "GetSessionToken", Value::Null, response, false);
                self.hold(by, Kind::User(name), account, Some(key), time);
            }
            (Step::GetFederationToken { .. }, Kind::User(_)) if self.held[by].created.is_empty() => {
                let response = json!({"credentials": {"accessKeyId": key}, "federatedUser": {
                    "federatedUserId": format!("{}:{user}", ACCOUNTS[account]),
                    "arn": format!("arn:aws:sts::{}:federated-user/{user}", ACCOUNTS[account])}});
                self.record(by, "sts", "GetFederationToken", Value::Null, response, false);
                self.hold(by, Kind::Federated(user), account, Some(key), time);
            }
            (Step::CreateAccessKey { .. }, _) => {
                let key = self.id("AKIA");
                let response = json!({"accessKey": {"accessKeyId": key, "userName": user}});
                self.record(by, "iam", "CreateAccessKey", json!({"userName": user}), response, false);
                self.hold(by, Kind::User(user), account, Some(key), String::new());
            }
            (Step::CreateLoginProfile { .. }, _) => {
                let request = json!({"userName": user});
                self.record(by, "iam", "CreateLoginProfile", request, Value::Null, false);
                let time = self.time();
                self.hold(by, Kind::User(user), account, None, time);
            }
            (step, _) => {
                let twice = matches!(step, Step::Call { twice: true, .. });
                self.record(by, "s3", "GetObject", json!({"bucketName": "app"}), Value::Null, twice);
            }
        }
    }
}

fn role_id(role: usize) -> String {
    format!("AROA{role:016}")
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let by = || 0usize..1000;
    let step = prop_oneof![
        4 => (by(), any::<bool>()).prop_map(|(by, twice)| Step::Call { by, twice }),
        4 => (by(), 0..ROLES.len(), 0..SESSIONS.len(), any::<bool>(), any::<bool>())
            .prop_map(|(by, role, session, console, twice)| Step::AssumeRole { by, role, session, console, twice }),
        1 => by().prop_map(|by| Step::GetSessionToken { by }),
        1 => by().prop_map(|by| Step::GetFederationToken { by }),
        1 => by().prop_map(|by| Step::CreateAccessKey { by }),
        1 => by().prop_map(|by| Step::CreateLoginProfile { by }),
    ];
    prop::collection::vec(step, 0..60)
}

fn write(folder: &Path, records: &[Value], files: usize) {
    for file in 0..files {
        let inside: Vec<_> = records.iter().skip(file).step_by(files).collect();
        std::fs::write(folder.join(format!("{file}.json")), json!({ "Records": inside }).to_string())
            .unwrap();
    }
}

/// The sample trail's attack as a tree, in every format.
#[tokio::test]
async fn the_tree_of_the_sample_trail() {
    let time = |text| parse_time(text, chrono::Utc::now()).unwrap();
    let window = Window::inclusive(time("2026-03-14T14:00:00Z"), time("2026-03-14T15:00:00Z")).unwrap();
    let role = Principal::role("arn:aws:iam::111122223333:role/svc/order-processor").unwrap();
    let trail = Trail::open(&[repository("testdata/trail").to_str().unwrap()]).await.unwrap();
    let (tree, coverage) = trail.session_tree(&TimelineQuestion::new(role, window)).await.unwrap();
    assert!(coverage.complete && coverage.is_consistent() && coverage.credentials.is_some());
    for format in TreeFormat::ALL {
        let text = format.write(&tree, time("2026-03-14T15:00:00Z")).unwrap();
        insta::assert_snapshot!(format.name(), text);
    }
}

/// What an address did with a credential, and what others did with it, is one session.
#[tokio::test]
async fn the_calls_of_a_credential_are_counted_together() {
    let folder = tempfile::tempdir().unwrap();
    let mut world = World::new();
    world.assume(1, 3, SESSIONS[1], false, false);
    let session = world.held.len() - 1;
    world.record(session, "s3", "ListBuckets", Value::Null, Value::Null, false);
    let mut elsewhere = world.record(session, "s3", "GetObject", Value::Null, Value::Null, false);
    elsewhere["sourceIPAddress"] = "192.0.2.99".into();
    *world.records.last_mut().unwrap() = elsewhere;
    write(folder.path(), &world.records, 1);
    let time = |text| parse_time(text, chrono::Utc::now()).unwrap();
    let window = Window::inclusive(time("2024-01-02T03:00:00Z"), time("2024-01-02T04:00:00Z")).unwrap();
    let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
    let question = TimelineQuestion::new(Principal::address("192.0.2.1").unwrap(), window);
    let (tree, _) = trail.session_tree(&question).await.unwrap();
    let deploy: Vec<_> =
        tree.sessions.iter().filter(|session| session.label.ends_with("deploy/s2")).collect();
    assert_eq!(deploy.len(), 1, "{tree:#?}");
    let activity = deploy[0].activity.as_ref().unwrap();
    assert_eq!((activity.calls, activity.addresses.len()), (2, 2));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Chains, loops, namesakes, copies, console sessions, in any order and any file.
    #[test]
    fn what_a_role_led_to_is_found_whatever_the_graph(
        steps in steps(), order in Just(()).prop_perturb(|(), mut rng| rng.random::<u64>()), files in 1usize..5,
    ) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.step(step));
        let World { mut records, truth, .. } = world;
        // A shuffle that a seed repeats.
        records.sort_by_key(|record| {
            use std::hash::{DefaultHasher, Hash, Hasher};
            let mut hasher = DefaultHasher::new();
            (order, record["eventID"].as_str(), record["eventTime"].as_str()).hash(&mut hasher);
            hasher.finish()
        });
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &records, files);
        let time = |text| parse_time(text, chrono::Utc::now()).unwrap();
        let window = Window::inclusive(time("2024-01-02T03:00:00Z"), time("2024-01-02T04:00:00Z")).unwrap();
        let role = Principal::role("arn:aws:iam::111111111111:role/app").unwrap();
        let question = TimelineQuestion::new(role, window).follow(true);
        let (rows, coverage) = tokio::runtime::Runtime::new().unwrap().block_on(async {
            let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
            ask(&trail, &question).await
        });
        prop_assert!(coverage.complete);
        let found: BTreeMap<String, i64> = rows
            .iter()
            .filter(|row| row.relation != "on_role")
            .map(|row| (row.event_id.clone().unwrap(), row.depth.unwrap()))
            .collect();
        prop_assert_eq!(found, truth);
    }
}
