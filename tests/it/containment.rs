//! The containment plan: what an attack left behind, and nothing else, and no line that does more.

use std::process::Command;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trailq::containment::{ContainmentPlan, PastUser, Step, StepKind};
use trailq::{Principal, TimelineQuestion, Trail, Window, parse_time};

use crate::attack::{ACCOUNT, ROLE, record, records, web};
use crate::support::{repository, shared};

fn time(text: &str) -> DateTime<Utc> {
    parse_time(text, Utc::now()).unwrap()
}

async fn plan(folder: &str, principal: Principal, window: (&str, &str)) -> ContainmentPlan {
    let trail = Trail::open(&[folder]).await.unwrap();
    let window = Window::inclusive(time(window.0), time(window.1)).unwrap();
    let question = TimelineQuestion::new(principal, window);
    let past =
        [PastUser { who: "i-2".to_owned(), calls: 4312 }, PastUser { who: "i-3".to_owned(), calls: 1 }];
    let (plan, coverage) = trail.containment(&question, window.last(), &past).await.unwrap();
    assert!(coverage.is_consistent() && coverage.complete, "{coverage:#?}");
    plan
}

async fn plan_of(principal: Principal, records: &[Value]) -> ContainmentPlan {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("log.json"), json!({ "Records": records }).to_string()).unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    plan(&path, principal, ("2026-03-14T13:30:00Z", "2026-03-14T14:30:00Z")).await
}

fn role() -> Principal {
    Principal::role(ROLE).unwrap()
}

/// The plan that the clients' tests hold against AWS's API and CLI.
#[tokio::test]
async fn one_of_every_call() {
    let plan = plan_of(role(), &records()).await;
    assert_eq!(plan.notes.len(), 2, "{:?}", plan.notes);
    let json = serde_json::to_string_pretty(&plan).unwrap() + "\n";
    let path = repository("tests/clients/containment.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &json).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(json == kept, "the plan is another: look at the difference that UPDATE=1 makes");
}

#[tokio::test]
async fn the_same_logs_give_the_same_plan() {
    let mut shuffled = records();
    let first = plan_of(role(), &shuffled).await;
    shuffled.reverse();
    let copies = shuffled.clone();
    shuffled.extend(copies);
    assert_eq!(
        serde_json::to_string(&first).unwrap(),
        serde_json::to_string(&plan_of(role(), &shuffled).await).unwrap()
    );
}

#[tokio::test]
async fn the_principal_comes_after_logging_and_before_the_rest() {
    let plan = plan_of(role(), &records()).await;
    let turn = |kind| plan.steps.iter().position(|step| step.kind == kind).unwrap();
    assert!(turn(StepKind::RestoreLogging) < turn(StepKind::DenyAll));
    assert!(turn(StepKind::DenyAll) < turn(StepKind::RevokeSessions));
    assert!(turn(StepKind::RevokeSessions) < turn(StepKind::DeactivateKey));
    let deny = &plan.steps[turn(StepKind::DenyAll)];
    assert_eq!(
        (deny.target.as_str(), deny.account.as_deref()),
        ("arn:aws:iam::111122223333:role/web", Some(ACCOUNT))
    );
    assert_eq!(
        deny.breaks[1..],
        ["In the past it was used by i-2: 4,312 calls.", "In the past it was used by i-3: 1 call."]
    );
    let revoke = &plan.steps[turn(StepKind::RevokeSessions)];
    assert!(
        revoke.call.cli.contains(r#"{"aws:TokenIssueTime":"2026-03-14T14:30:00Z"}"#),
        "{}",
        revoke.call.cli
    );
    let other = plan.steps.iter().filter(|step| step.target.ends_with("role/backup-reader"));
    let other: Vec<_> = other.collect();
    assert_eq!(other.len(), 1);
    assert_eq!(
        (other[0].kind, other[0].account.as_deref()),
        (StepKind::RevokeSessions, Some("444455556666"))
    );
}

#[tokio::test]
async fn credentials_say_whether_they_still_open_something() {
    let key = |second, id: &str| {
        let response = json!({"accessKey": {"accessKeyId": id, "userName": "ops", "status": "Active"}});
        record(second, "iam:CreateAccessKey", web(), json!({"userName": "ops"}), response)
    };
    let ended = json!({"userName": "ops", "accessKeyId": "AKIAEXAMPLE000000002"});
    let session = |second: usize, id: &str, ends: &str| {
        let response = json!({"credentials": {"accessKeyId": id, "expiration": ends}, "assumedRoleUser": {
            "assumedRoleId": format!("AROADEPLOY0000000001:s{second}"),
            "arn": format!("arn:aws:sts::111122223333:assumed-role/deploy/s{second}")}});
        let request = json!({"roleArn": "arn:aws:iam::111122223333:role/deploy", "roleSessionName": format!("s{second}")});
        record(second, "sts:AssumeRole", web(), request, response)
    };
    let plan = plan_of(
        role(),
        &[
            key(1, "AKIAEXAMPLE000000001"),
            key(2, "AKIAEXAMPLE000000002"),
            record(3, "iam:DeleteAccessKey", web(), ended, Value::Null),
            session(4, "ASIAEXAMPLE000000004", "Mar 14, 2026, 2:15:04 PM"),
            session(5, "ASIAEXAMPLE000000005", "Mar 14, 2026, 3:15:04 PM"),
        ],
    )
    .await;
    let found: Vec<_> = plan
        .credentials
        .iter()
        .map(|credential| {
            (credential.access_key.as_deref().unwrap(), credential.is_valid, credential.cut_by.clone())
        })
        .collect();
    let titles: Vec<_> = plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Deny everything to role web",
            "Revoke the sessions of role web",
            "Revoke the sessions of role deploy",
            "Make access key inactive: AKIAEXAMPLE000000001",
        ]
    );
    assert_eq!(
        found,
        [
            ("AKIAEXAMPLE000000001", true, vec![4]),
            ("AKIAEXAMPLE000000002", false, vec![]),
            ("ASIAEXAMPLE000000004", false, vec![3]),
            ("ASIAEXAMPLE000000005", true, vec![3]),
        ]
    );
}

#[tokio::test]
async fn sessions_of_the_root_user_end_by_themselves() {
    let request = json!({"targetPrincipal": "444455556666", "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}});
    let response = json!({"credentials": {"accessKeyId": "ASIAEXAMPLE000000001", "expiration": "Mar 14, 2026, 2:15:01 PM"}});
    let plan = plan_of(role(), &[record(1, "sts:AssumeRoot", web(), request, response)]).await;
    assert_eq!(plan.steps.len(), 2);
    assert_eq!(
        plan.notes[1..],
        [
            "No step ends the session of 444455556666:root that AssumeRoot issued at 2026-03-14T14:00:01Z: it ends by itself at \
            2026-03-14T14:15:01Z."
        ]
    );
}

#[tokio::test]
async fn keys_of_the_root_user_are_cut_by_their_step() {
    let root = json!({"type": "Root", "principalId": ACCOUNT, "accountId": ACCOUNT, "arn": "arn:aws:iam::111122223333:root"});
    let response = json!({"accessKey": {"accessKeyId": "AKIAEXAMPLE000000001", "status": "Active"}});
    let made = record(1, "iam:CreateAccessKey", root, Value::Null, response);
    let plan = plan_of(Principal::user("arn:aws:iam::111122223333:root").unwrap(), &[made]).await;
    assert_eq!((plan.steps.len(), plan.steps[0].kind), (1, StepKind::DeactivateKey));
    assert_eq!(plan.credentials[0].cut_by, [1]);
    assert!(!plan.notes.iter().any(|note| note.starts_with("No step ends")), "{:?}", plan.notes);
}

#[tokio::test]
async fn a_role_that_is_denied_everything_is_said_to_be() {
    let made = json!({"roleName": "deploy"});
    let request = json!({"roleArn": "arn:aws:iam::111122223333:role/deploy", "roleSessionName": "s"});
    let response = json!({"credentials": {"accessKeyId": "ASIAEXAMPLE000000004", "expiration": "Mar 14, 2026, 3:15:04 PM"},
        "assumedRoleUser": {"assumedRoleId": "AROADEPLOY0000000001:s", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/s"}});
    let assumed = record(2, "sts:AssumeRole", web(), request, response);
    let breaks = async |records: &[Value]| {
        let plan = plan_of(role(), records).await;
        let step = plan.steps.into_iter().find(|step| step.title == "Revoke the sessions of role deploy");
        step.unwrap().breaks
    };
    let others = breaks(std::slice::from_ref(&assumed)).await;
    assert!(others[0].contains("it is not denied everything"), "{others:?}");
    let own = breaks(&[record(1, "iam:CreateRole", web(), made, Value::Null), assumed]).await;
    assert_eq!(own, ["Whoever else uses the role has to assume it again."]);
}

#[tokio::test]
async fn whoever_cannot_be_denied_is_told_of() {
    let user = json!({"type": "IAMUser", "principalId": "AIDAOPS00000000000001", "accountId": ACCOUNT, "userName": "ops",
        "arn": "arn:aws:iam::111122223333:user/ops", "accessKeyId": "AKIAEXAMPLE000000001"});
    let root = json!({"type": "Root", "principalId": ACCOUNT, "accountId": ACCOUNT, "arn": "arn:aws:iam::111122223333:root"});
    let call = |identity: &Value| [record(1, "s3:ListBuckets", identity.clone(), Value::Null, Value::Null)];
    let told = |plan: ContainmentPlan| {
        let lines =
            plan.steps.iter().map(|step| format!("{:?} {} {}", step.kind, step.target, step.needs.len()));
        (lines.collect::<Vec<_>>(), plan.notes.len())
    };
    let linked = Principal::role("arn:aws:iam::111122223333:role/AWSServiceRoleForRDS").unwrap();
    let center =
        Principal::role("arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_0123456789abcdef").unwrap();
    for managed in [linked, center] {
        let arn = managed.to_string();
        assert_eq!(told(plan_of(managed, &call(&user)).await), (vec![format!("DenyAll {arn} 1")], 0));
    }
    let key = Principal::access_key("AKIAEXAMPLE000000001").unwrap();
    assert_eq!(
        told(plan_of(key, &call(&user)).await).0,
        ["DeactivateKey AKIAEXAMPLE000000001 0", "RevokeSessions arn:aws:iam::111122223333:user/ops 0"]
    );
    let unknown = Principal::access_key("AKIAEXAMPLE000000009").unwrap();
    assert_eq!(
        told(plan_of(unknown, &call(&user)).await),
        (vec!["DeactivateKey AKIAEXAMPLE000000009 1".to_owned()], 1)
    );
    let ops = Principal::user("arn:aws:iam::111122223333:user/ops").unwrap();
    assert_eq!(
        told(plan_of(ops, &call(&user)).await).0,
        [
            "DenyAll arn:aws:iam::111122223333:user/ops 0",
            "DeactivateKey AKIAEXAMPLE000000001 0",
            "RevokeSessions arn:aws:iam::111122223333:user/ops 0"
        ]
    );
    for nobody in [
        Principal::user("arn:aws:iam::111122223333:root"),
        Principal::address("198.51.100.77"),
        Principal::resource("arn:aws:s3:::bucket"),
        Principal::user("arn:aws:sts::111122223333:federated-user/fed"),
    ] {
        assert_eq!(told(plan_of(nobody.unwrap(), &call(&root)).await), (vec![], 1));
    }
}

/// Names that a shell, the CLI or a terminal would take for something else.
#[tokio::test]
async fn hostile_names_stay_names() {
    let names = [
        "$(touch pwned)",
        "`touch pwned`",
        "'; touch pwned; '",
        "\" && touch pwned && \"",
        "file:///etc/passwd",
        "--no-sign-request",
        "a\nb\r\0c",
        "\u{1b}]0;x\u{7}\u{202e}\u{9b}31m",
        "*",
        "~root",
        "!!",
        "\\",
    ];
    let mut records = vec![];
    for (at, name) in names.iter().enumerate() {
        let request = json!({"userName": name, "policyArn": name, "roleName": name, "groupName": name, "policyName": name});
        for (call, second) in
            [("iam:CreateUser", at), ("iam:AttachRolePolicy", 100 + at), ("iam:PutGroupPolicy", 200 + at)]
        {
            records.push(record(second, call, web(), request.clone(), Value::Null));
        }
    }
    let plan = plan_of(role(), &records).await;
    assert_eq!(plan.steps.len(), 2 + 3 * names.len());
    for step in &plan.steps {
        runs_as_it_says(step);
    }
}

/// What a shell makes of a step's line: the CLI gets the parameters, and nothing else happens.
fn runs_as_it_says(step: &Step) {
    let line = &step.call.cli;
    assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
    let folder = tempfile::tempdir().unwrap();
    let script = format!("aws() {{ printf '%s\\0' \"$@\"; }}\n{line}\n");
    let output = Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{line}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{line}");
    let words = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = words.trim_end_matches('\0').split('\0').collect();
    let parameters = match words.iter().position(|word| *word == "--cli-input-json") {
        Some(at) => serde_json::from_str(words[at + 1]).unwrap(),
        None => {
            let options = words[2..].chunks(2);
            assert!(options.clone().all(|option| option.len() == 2 && option[0].starts_with("--")), "{line}");
            Value::from(options.map(|option| option[1]).collect::<Vec<_>>())
        }
    };
    let expected = match &parameters {
        Value::Array(_) => step.call.parameters.values().cloned().collect::<Vec<_>>().into(),
        _ => Value::from(step.call.parameters.clone()),
    };
    assert_eq!(parameters, expected, "{line}");
}

/// The titles of the steps after what a user did up to a time.
async fn titles(set: &std::path::Path, user: &str, window: (&str, &str)) -> Vec<String> {
    let plan = plan(set.to_str().unwrap(), Principal::user(user).unwrap(), window).await;
    plan.steps.into_iter().map(|step| step.title).collect()
}

/// An attacker's tool made these, and undid them all half a minute later.
#[tokio::test]
async fn what_a_real_attack_left_behind_and_undid() {
    let Some(set) = shared("cases/logs/invictus") else { return };
    let user = "arn:aws:iam::123837392027:user/bert-jan";
    let found = titles(&set, user, ("2023-07-10T11:00:00Z", "2023-07-10T12:28:00Z")).await;
    for made in [
        "Make access key inactive: AKIATFQR7NSC3ZO6PKAZ",
        "Deny everything to user malicious-iam-user",
        "Detach policy AdministratorAccess from user malicious-iam-user",
        "Take the console password from user stratus-red-team-login-profile-user",
        "Put back the trust policy of role stratus-red-team-backdoor-r-role",
        "Disable trust anchor 49e25ec3-bdfe-4150-8683-b4ea4ee85cfd",
        "Disable Roles Anywhere profile ac4e09d1-a150-4924-bb76-23b00fa7c34a",
        "Share no more with 193672423079: exfiltration",
        "Delete the policy of stratus-red-team-bdbp-lhfzvgcamn",
        "Remove permission backdoor of function stratus-red-team-backdoor-f-func",
        "Keep from running function stratus-red-team-olc-func-xhfgzaowxc",
    ] {
        assert!(found.iter().any(|title| title == made), "{made}: {found:#?}");
    }
    let left = titles(&set, user, ("2023-07-10T11:00:00Z", "2023-07-10T13:00:00Z")).await;
    assert_eq!(
        left,
        [
            "Deny everything to user bert-jan",
            "Make access key inactive: AKIATFQR7NSC8Q4X20BJ",
            "Revoke the sessions of user bert-jan",
            "Take the console password from user bert-jan",
        ]
    );
}

/// The same attack, asked about from the side of what it was aimed at.
#[tokio::test]
async fn what_a_real_attack_did_to_a_bucket_and_to_a_role() {
    let Some(set) = shared("cases/logs/invictus") else { return };
    let role = "arn:aws:iam::123837392027:role/stratus-red-team-backdoor-r-role";
    for (principal, title) in [
        (
            Principal::resource("arn:aws:s3:::stratus-red-team-bdbp-lhfzvgcamn"),
            "Delete the policy of stratus-red-team-bdbp-lhfzvgcamn",
        ),
        (Principal::role(role), "Put back the trust policy of role stratus-red-team-backdoor-r-role"),
    ] {
        let window = ("2023-07-10T11:50:00Z", "2023-07-10T12:26:00Z");
        let plan = plan(set.to_str().unwrap(), principal.unwrap(), window).await;
        let step = plan.steps.iter().find(|step| step.title == title);
        let needs = &step.unwrap_or_else(|| panic!("{title}: {:#?}", plan.steps)).needs;
        assert!(
            needs.iter().any(|need| need.contains("done by arn:aws:iam::123837392027:user/bert-jan")),
            "{needs:?}"
        );
        assert!(plan.notes.iter().any(|note| note.contains("user/bert-jan")), "{:?}", plan.notes);
    }
}

#[tokio::test]
async fn what_single_attacks_left_behind() {
    let Some(set) = shared("cases/logs/stratus") else { return };
    for (user, left) in [
        ("309303190113:user/christophe", "Stop instance i-DDd6c7B0e18F0E35f"),
        (
            "294599468799:user/christophe",
            "End the session on i-d3720C7af6fCfF2B2: christophe-bkqs75qpcrtlxk5paaytrydm2e",
        ),
        (
            "742491224508:user/stratus-red-team-user-federation-user",
            "Revoke the sessions of user stratus-red-team-user-federation-user",
        ),
    ] {
        let found =
            titles(&set, &format!("arn:aws:iam::{user}"), ("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"))
                .await;
        assert!(found.iter().any(|title| title == left), "{left}: {found:#?}");
    }
}
