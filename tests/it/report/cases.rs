//! Cases to report: one of the sample trail, one of which every text is hostile, and an empty one.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};
use trailq::case::{ActivitySummary, Alert, Asked, Bin, Case, Counted, Limitation, TimelineTable};
use trailq::containment::{ApiCall, CONTAINMENT_VERSION, ContainmentPlan, ReachedCredential, Step, StepKind};
use trailq::{Annotations, AnomalyQuestion, TimelineQuestion, TimelineRow, Trail, timeline_rows};

use crate::support::{question, repository};

const ROLE: &str = "arn:aws:iam::111122223333:role/svc/order-processor";

/// What attackers write: markup of every format, control characters, and what turns text around.
const HOSTILE: [&str; 12] = [
    "</title></script></td><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>\"'><svg onload=alert(2)>",
    "--></style><iframe src=//evil.example>",
    "\u{1b}[31mred\u{9b}0m\u{7}\0end",
    "a\u{202e}gpj.exe\u{2066}x\u{feff}",
    "line\r\n\n# one\n| two |\n- three\n",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "![x](http://evil.example/a.png) [y](javascript:alert(1)) **b** `c` ```",
    "| a | b |\\| c \\` @all #1 $x$ ~~y~~",
    "{{ report }} {% raw %} ${x} #{y}",
    "'; DROP TABLE x; -- $(reboot) `reboot`",
    "&lt;b&gt; &#60;script&#62; \\u003cscript\\u003e",
];

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A case as an investigation makes it, with a plan made by hand.
async fn case(source: &Path, asked: &TimelineQuestion, plan: ContainmentPlan) -> Case {
    let trail = Trail::open(&[source.to_str().unwrap()]).await.unwrap();
    let anomalies = trail.anomalies(&AnomalyQuestion::about(asked.clone())).await.unwrap();
    let answer = trail.timeline(asked).await.unwrap();
    let schema = Annotations::schema(&answer.schema());
    let (batches, _) = answer.collect().await.unwrap();
    let marks = Annotations::of(&anomalies.findings);
    let batches: Vec<_> = batches.iter().map(|batch| marks.mark(batch).unwrap()).collect();
    let rows: Vec<TimelineRow> = batches.iter().flat_map(|batch| timeline_rows(batch).unwrap()).collect();
    let (tree, _) = trail.session_tree(asked).await.unwrap();
    let window = asked.window();
    let mut coverage = anomalies.coverage;
    coverage.elapsed_ms = 0;
    Case {
        id: "c-20260314-1f0e9a".into(),
        version: "0.1.0",
        clock: at("2026-03-14T15:00:00Z"),
        alert: None,
        asked: Asked {
            principal: asked.principal().to_string(),
            from: window.start(),
            to: window.end() - Duration::seconds(1),
            lookback: 43_200,
            baseline: 604_800,
            slack: 3_600,
            accounts: vec![],
            regions: vec![],
            sources: vec!["s3://trail/AWSLogs".into()],
            options: vec![],
        },
        activity: activity(&rows, window.start(), window.end()),
        timeline: TimelineTable { schema, batches },
        tree,
        findings: anomalies.findings,
        baseline: anomalies.baseline,
        plan,
        limits: vec![],
        coverage,
    }
}

fn activity(rows: &[TimelineRow], start: DateTime<Utc>, end: DateTime<Utc>) -> ActivitySummary {
    let is_denied = |row: &&TimelineRow| row.error.as_deref().is_some_and(|error| error.contains("Denied"));
    let bin_seconds = 60;
    let mut bins: Vec<Bin> = (0..(end - start).num_seconds().div_euclid(bin_seconds) + 1)
        .map(|at| Bin { start: start + Duration::seconds(at * bin_seconds), ..Bin::default() })
        .collect();
    for row in rows {
        let bin = &mut bins[((row.time - start).num_seconds() / bin_seconds) as usize];
        let outcome = match &row.error {
            None => &mut bin.ok,
            Some(_) if is_denied(&row) => &mut bin.denied,
            Some(_) => &mut bin.failed,
        };
        *outcome += 1;
    }
    let count = |test: fn(&TimelineRow) -> bool| rows.iter().filter(|row| test(row)).count() as u64;
    ActivitySummary {
        events: rows.len() as u64,
        own: count(|row| row.depth == Some(0)),
        downstream: count(|row| row.depth.is_some_and(|depth| depth > 0)),
        on_principal: count(|row| row.depth.is_none()),
        denied: rows.iter().filter(is_denied).count() as u64,
        failed: count(|row| row.error.as_deref().is_some_and(|error| !error.contains("Denied"))),
        changes: count(|row| row.error.is_none() && row.call.starts_with("iam:")),
        first: rows.first().map(|row| row.time),
        last: rows.last().map(|row| row.time),
        bin_seconds,
        bins,
        addresses: counted(rows, |row| row.source_address.clone()),
        user_agents: counted(rows, |row| row.caller.clone()),
        calls: counted(rows, |row| Some(row.call.clone())),
        accounts: vec![],
        regions: counted(rows, |row| row.region.clone()),
    }
}

fn counted(rows: &[TimelineRow], text: impl Fn(&TimelineRow) -> Option<String>) -> Vec<Counted> {
    let mut found: BTreeMap<String, Counted> = BTreeMap::new();
    for row in rows {
        let Some(text) = text(row) else { continue };
        let new = || Counted { text: text.clone(), events: 0, denied: 0, first: row.time, last: row.time };
        let counted = found.entry(text.clone()).or_insert_with(new);
        counted.events += 1;
        counted.denied += u64::from(row.error.is_some());
        counted.last = row.time;
    }
    let mut found: Vec<Counted> = found.into_values().collect();
    found.sort_by_key(|counted| std::cmp::Reverse(counted.events));
    found
}

fn call(operation: &str, parameters: Value, cli: String) -> ApiCall {
    let parameters: Map<String, Value> = serde_json::from_value(parameters).unwrap();
    ApiCall { service: "iam".into(), operation: operation.into(), parameters, cli }
}

fn step(number: u32, kind: StepKind, target: &str, title: &str) -> Step {
    Step {
        number,
        kind,
        title: title.into(),
        account: Some("111122223333".into()),
        region: None,
        target: target.into(),
        reason: format!("Credentials of {target} were used from an address that it never used before."),
        evidence: vec!["a18686b6-a361-7569-d8a4-5d07e0d70f74".into()],
        call: call(
            "PutRolePolicy",
            json!({"RoleName": target}),
            format!(
                "aws iam put-role-policy --role-name '{target}' --policy-name trailq-contain --policy-document file://deny.json"
            ),
        ),
        undo: (number != 2).then(|| {
            call(
                "DeleteRolePolicy",
                json!({"RoleName": target}),
                format!("aws iam delete-role-policy --role-name '{target}' --policy-name trailq-contain"),
            )
        }),
        breaks: vec!["What runs with the role stops until the policy is taken back.".into()],
        needs: if number == 3 { vec!["Find out who else uses the key.".into()] } else { vec![] },
    }
}

fn plan(target: &str) -> ContainmentPlan {
    let credential = |key: &str, holder: &str, is_valid, expires| ReachedCredential {
        access_key: Some(key.into()),
        holder: holder.into(),
        account: Some("111122223333".into()),
        issued_by: "iam:CreateAccessKey".into(),
        issued_at: at("2026-03-14T14:05:58Z"),
        event_id: None,
        expires,
        is_valid,
        cut_by: if is_valid { vec![3] } else { vec![] },
    };
    ContainmentPlan {
        version: CONTAINMENT_VERSION,
        principal: target.into(),
        as_of: at("2026-03-14T15:00:00Z"),
        steps: vec![
            step(1, StepKind::DenyAll, target, &format!("Deny everything to role {target}")),
            step(2, StepKind::RevokeSessions, target, &format!("End the sessions of role {target}")),
            step(
                3,
                StepKind::DeactivateKey,
                "AKIAEXAMPLEMETRICS01",
                "Make the access key of svc-metrics inactive",
            ),
        ],
        credentials: vec![
            credential("AKIAEXAMPLEMETRICS01", "111122223333:user/svc-metrics", true, None),
            credential("ASIAEXAMPLECHAINED01", target, true, Some(at("2026-03-14T15:09:31Z"))),
            credential("ASIAEXAMPLEWORKER002", target, false, Some(at("2026-03-14T14:09:31Z"))),
        ],
        notes: vec!["Steps 1 and 2 stop the order service: tell its owner first.".into()],
    }
}

pub async fn sample() -> Case {
    let asked = question(ROLE, "2026-03-14T13:37:00Z", "2026-03-14T14:37:00Z").follow(true);
    let mut case = case(&repository("testdata/trail"), &asked, plan("order-processor")).await;
    case.alert = Some(Alert {
        kind: "GuardDuty finding".into(),
        id: Some("1ab92989eaf0e742df4a014d5171239a".into()),
        title: Some("Credentials of an instance are used from outside AWS".into()),
        severity: Some("8".into()),
        first_seen: Some(at("2026-03-14T14:07:00Z")),
        last_seen: None,
        leads: vec![ROLE.into()],
        told_by: None,
    });
    case.limits = vec![
        Limitation {
            id: "data_events_off",
            text: "The trail records no reads of objects in S3: which files were read cannot be told.".into(),
        },
        Limitation {
            id: "baseline_thin",
            text: "The past of the role is 22 calls long, too short to say what is usual.".into(),
        },
    ];
    case
}

/// A case of which every text is hostile.
pub async fn hostile() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let records: Vec<Value> = HOSTILE.iter().enumerate().map(|(at, text)| json!({
        "eventVersion": "1.08", "eventTime": format!("2026-03-14T14:{at:02}:00Z"), "eventID": format!("{at}{text}"),
        "eventSource": "iam.amazonaws.com", "eventName": if at % 2 == 0 { "CreateAccessKey" } else { text },
        "awsRegion": text, "sourceIPAddress": text, "userAgent": text, "errorCode": if at % 3 == 0 { Some(text) } else { None },
        "requestParameters": {"userName": text, "roleName": text}, "recipientAccountId": "111122223333",
        "responseElements": {"accessKey": {"accessKeyId": format!("AKIA{at:016}"), "userName": text}},
        "userIdentity": {"type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{text}"), "accountId": "111122223333",
            "arn": format!("arn:aws:sts::111122223333:assumed-role/order-processor/{text}"), "accessKeyId": format!("ASIA{at:016}"),
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "order-processor"}}},
    })).collect();
    std::fs::write(folder.path().join("x.json"), json!({ "Records": records }).to_string()).unwrap();
    std::fs::write(folder.path().join("y.json.gz"), "no gzip").unwrap();
    let asked = question(ROLE, "2026-03-14T13:37:00Z", "2026-03-14T14:37:00Z").follow(true);
    let all = HOSTILE.join(" ");
    let mut plan = plan(&all);
    plan.notes = vec![all.clone()];
    for step in &mut plan.steps {
        step.evidence = HOSTILE.map(ToOwned::to_owned).to_vec();
        step.breaks = step.evidence.clone();
        step.needs = step.evidence.clone();
        step.region = Some(all.clone());
    }
    let mut case = case(folder.path(), &asked, plan).await;
    case.id = all.clone();
    case.asked.sources = vec![all.clone()];
    case.asked.accounts = vec![all.clone()];
    for finding in &mut case.findings {
        finding.title = all.clone();
        finding.checks = HOSTILE.map(ToOwned::to_owned).to_vec();
        finding.benign = finding.checks.clone();
        finding.techniques.extend(finding.checks.clone());
        finding.tactics.extend(finding.checks.clone());
        finding.references.extend(finding.checks.clone());
    }
    case.alert = Some(Alert {
        kind: all.clone(),
        id: Some(all.clone()),
        title: Some(all.clone()),
        severity: Some(all.clone()),
        first_seen: Some(at("2026-03-14T14:07:00Z")),
        last_seen: None,
        leads: vec![all.clone()],
        told_by: Some(all.clone()),
    });
    case.limits = vec![Limitation { id: "x", text: all }];
    case
}

/// A role that did nothing while others did.
pub async fn quiet() -> Case {
    let role = "arn:aws:iam::111122223333:role/nobody";
    let asked = question(role, "2026-03-14T13:37:00Z", "2026-03-14T14:37:00Z").follow(true);
    case(&repository("testdata/trail"), &asked, ContainmentPlan::default()).await
}

/// A window of which there are no logs.
pub async fn empty() -> Case {
    let asked = question(ROLE, "2026-03-20T13:37:00Z", "2026-03-20T14:37:00Z").follow(true);
    case(&repository("testdata/trail"), &asked, ContainmentPlan::default()).await
}
