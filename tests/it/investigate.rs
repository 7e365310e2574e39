//! Case folders: what is in them, that they are whole, and that nothing is written where it must not be.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use trailq::Sha256;

use crate::s3_server::{Bucket, Server};
use crate::support::{repository, shared};

const ROLE: &str = "arn:aws:iam::111122223333:role/svc/order-processor";
const QUESTION: [&str; 9] = [
    "investigate",
    "--role",
    ROLE,
    "--at",
    "2026-03-14T14:07:00Z",
    "--window",
    "30m",
    "--now",
    "2026-03-14T15:00:00Z",
];

fn trailq(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailq"));
    command.args(arguments).current_dir(repository(""));
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("TRAILQ_"))
    {
        command.env_remove(name);
    }
    command
}

fn investigate(more: &[&str]) -> Output {
    trailq(&[&QUESTION, more].concat()).output().unwrap()
}

/// A case of the sample logs.
fn sample_case(folder: &Path) -> Output {
    investigate(&["--source", "testdata/trail", "--out", folder.to_str().unwrap()])
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn read_json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn run_with_input(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_case_holds_what_the_next_stages_need() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    let output = sample_case(&folder);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let names: Vec<String> = files(&folder).into_keys().collect();
    assert_eq!(
        names,
        [
            "containment.json",
            "coverage.json",
            "findings.json",
            "lineage.json",
            "lineage.svg",
            "manifest.json",
            "notification.json",
            "report.html",
            "report.md",
            "summary.json",
            "timeline.csv",
            "timeline.jsonl",
            "timeline.ocsf.jsonl",
            "timeline.parquet",
            "timeline.timesketch.jsonl",
        ]
    );
    // The same events in every form, and as `timeline` has them.
    let timeline =
        trailq(&["timeline", "--role", ROLE, "--at", "2026-03-14T14:07:00Z", "--follow", "--annotate"])
            .args(["--format", "ndjson", "testdata/trail"])
            .output()
            .unwrap();
    assert_eq!(timeline.stdout, fs::read(folder.join("timeline.jsonl")).unwrap());
    let rows = timeline.stdout.iter().filter(|byte| **byte == b'\n').count();
    for name in ["timeline.ocsf.jsonl", "timeline.timesketch.jsonl"] {
        let lines = fs::read_to_string(folder.join(name)).unwrap();
        assert_eq!(lines.lines().count(), rows, "{name}");
        assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{name}");
    }
    let summary = read_json(&folder, "summary.json");
    assert_eq!(summary["activity"]["events"], rows);
    let bins = summary["activity"]["bins"].as_array().unwrap();
    let in_bins = bins.iter().map(|bin| ["ok", "denied", "failed"].map(|of| bin[of].as_u64().unwrap()));
    assert_eq!(in_bins.flatten().sum::<u64>(), rows as u64);
    // Findings are those of `anomalies`, told from the same timeline.
    let anomalies = trailq(&["anomalies", "--role", ROLE, "--at", "2026-03-14T14:07:00Z", "--follow"])
        .args(["--format", "json", "testdata/trail"])
        .output()
        .unwrap();
    let anomalies: Value = serde_json::from_slice(&anomalies.stdout).unwrap();
    assert_eq!(read_json(&folder, "findings.json"), anomalies);
    let plan = read_json(&folder, "containment.json");
    assert_eq!(plan["steps"][0]["number"], 1);
    assert!(plan["steps"].as_array().unwrap().iter().any(|step| step["kind"] == "deny_all"), "{plan}");
    let phases = stderr(&output);
    assert!(phases.contains("credentials ") && phases.contains("writing "), "{phases}");
}

#[test]
fn the_same_question_gives_the_same_bytes() {
    let temporary = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| temporary.path().join(name));
    assert_eq!(sample_case(&first).status.code(), Some(0));
    assert_eq!(sample_case(&second).status.code(), Some(0));
    let (first, second) = (files(&first), files(&second));
    for (name, bytes) in &first {
        assert!(second[name] == *bytes, "{name} differs");
    }
    assert_eq!(first.len(), second.len());
}

#[test]
fn verify_names_what_is_not_as_written() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    sample_case(&folder);
    let verify = || trailq(&["verify", folder.to_str().unwrap()]).output().unwrap();
    let sound = verify();
    assert_eq!(sound.status.code(), Some(0));
    let told = String::from_utf8(sound.stdout).unwrap();
    assert!(told.contains("sound: case 20260314T133700Z-"), "{told}");
    let with_sources = trailq(&["verify", "--reread", folder.to_str().unwrap()]).output().unwrap();
    assert!(String::from_utf8(with_sources.stdout).unwrap().contains("objects as read, 0 faults"));
    fs::write(folder.join("findings.json"), "[]\n").unwrap();
    fs::remove_file(folder.join("timeline.csv")).unwrap();
    fs::write(folder.join("notes\u{1b}[31m.txt"), "").unwrap();
    let output = verify();
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stdout).unwrap();
    for line in [
        "findings.json: was altered (SHA-256 37517e5f3dc66819f61f5a7bb8ace1921282415f10551d2defa5c3eb0985b570",
        "timeline.csv: is missing",
        "notes\\u{1b}[31m.txt: was added",
        "NOT SOUND",
    ] {
        assert!(told.contains(line), "{told}");
    }
    // What would never end is not read.
    #[cfg(unix)]
    {
        fs::remove_file(folder.join("report.html")).unwrap();
        assert!(Command::new("mkfifo").arg(folder.join("report.html")).status().unwrap().success());
        assert!(
            String::from_utf8(verify().stdout)
                .unwrap()
                .contains("report.html: cannot be read: is no regular")
        );
    }
    // A manifest that names files elsewhere has none of them read.
    let mut manifest = read_json(&folder, "manifest.json");
    manifest["artifacts"][0]["name"] = json!("../../etc/passwd");
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    assert!(String::from_utf8(verify().stdout).unwrap().contains("is no name of a file in the folder"));
    // Without one it is no case.
    fs::remove_file(folder.join("manifest.json")).unwrap();
    assert_ne!(verify().status.code(), Some(0));
}

#[test]
fn a_case_is_never_written_over() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    fs::create_dir(&folder).unwrap();
    assert_eq!(sample_case(&folder).status.code(), Some(0), "an empty folder is no case");
    let before = files(&folder);
    let again = sample_case(&folder);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("never written over"), "{}", stderr(&again));
    assert_eq!(files(&folder), before);
}

#[test]
fn a_case_is_not_written_below_what_is_read_or_raises_alerts() {
    let temporary = tempfile::tempdir().unwrap();
    let logs = temporary.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let inside = logs.join("cases/one");
    let source = logs.to_str().unwrap();
    let output = investigate(&["--source", source, "--out", inside.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("which is read or raises alerts"), "{}", stderr(&output));
    assert!(!inside.exists());
    // However the way there is written.
    let around = temporary.path().join("nowhere/../logs/case");
    let output = investigate(&["--source", source, "--out", around.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!temporary.path().join("nowhere").exists());
    // The bucket whose event raised the alert, and one that the caller names.
    let alert = json!({"source": "aws.s3", "detail-type": "Object Created", "time": "2026-03-14T14:07:00Z",
        "detail": {"bucket": {"name": "uploads"}, "object": {"key": "x"}, "requester": "111122223333"}});
    let by_event = trailq(&["stage"]);
    let request =
        json!({"finding": alert, "role": null, "out": "s3://uploads/cases", "source": "testdata/trail"});
    let output = run_with_input(by_event, &request.to_string());
    assert_ne!(output.status.code(), Some(0));
    let named =
        investigate(&["--source", "testdata/trail", "--out", "s3://b/cases/1", "--trigger", "s3://b/cases"]);
    assert_eq!(named.status.code(), Some(2));
    assert!(stderr(&named).contains("raises alerts"), "{}", stderr(&named));
}

/// A full disk is a write that fails half-way, as is a limit on the size of files.
#[test]
#[cfg(unix)]
fn what_cannot_be_written_leaves_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    let script = "trap '' XFSZ; ulimit -f 20; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_trailq")])
        .args(QUESTION)
        .args(["--source", "testdata/trail", "--out", folder.to_str().unwrap()])
        .current_dir(repository(""))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("cannot write"), "{}", stderr(&output));
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
    // A file where a folder should be.
    let file = temporary.path().join("file");
    fs::write(&file, "").unwrap();
    let output = sample_case(&file.join("case"));
    assert_ne!(output.status.code(), Some(0));
    assert_eq!(fs::read(&file).unwrap(), b"");
}

/// What a run that was killed leaves behind is no case, and in nobody's way.
#[test]
#[cfg(unix)]
fn an_interrupted_run_leaves_no_case() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    let mut killed = 0;
    for milliseconds in (40..400).step_by(40) {
        let mut run = trailq(&QUESTION);
        run.args(["--source", "testdata/trail", "--out", folder.to_str().unwrap()]);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(milliseconds));
        run.kill().unwrap();
        killed += u32::from(!run.wait().unwrap().success());
        if folder.exists() {
            assert_eq!(
                trailq(&["verify", folder.to_str().unwrap()]).output().unwrap().status.code(),
                Some(0)
            );
            fs::remove_dir_all(&folder).unwrap();
        }
    }
    assert!(killed > 0, "no run was slow enough to be killed");
    for partial in fs::read_dir(temporary.path()).unwrap() {
        let partial = partial.unwrap().path();
        assert!(partial.file_name().unwrap().to_str().unwrap().starts_with(".case.partial-"));
    }
    assert_eq!(sample_case(&folder).status.code(), Some(0));
}

#[test]
fn an_empty_answer_is_a_case_that_says_so() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    let output = trailq(&[
        "investigate",
        "--role",
        "arn:aws:iam::111122223333:role/nobody",
        "--at",
        "2026-03-14T14:07:00Z",
    ])
    .args(["--now", "2026-03-14T15:00:00Z", "--source", "testdata/trail", "--out", folder.to_str().unwrap()])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary = read_json(&folder, "summary.json");
    assert_eq!(summary["activity"]["events"], 0);
    assert!(
        summary["limits"].as_array().unwrap().iter().any(|limit| limit["id"] == "no_events"),
        "{summary}"
    );
    assert_eq!(read_json(&folder, "findings.json"), json!([]));
    assert_eq!(fs::read(folder.join("timeline.jsonl")).unwrap(), b"");
    assert!(fs::read_to_string(folder.join("report.md")).unwrap().contains("nobody"));
}

#[test]
fn a_stage_takes_json_and_gives_json() {
    let temporary = tempfile::tempdir().unwrap();
    let request = json!({"finding": sample_alert(), "source": ["testdata/trail"], "cases": temporary.path(), "window": "30m",
        "now": "2026-03-14T15:00:00Z"});
    let output = run_with_input(trailq(&["stage"]), &request.to_string());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let folder = PathBuf::from(result["folder"].as_str().unwrap());
    assert!(folder.ends_with(result["case_id"].as_str().unwrap()), "{result}");
    assert_eq!(result["complete"], true);
    assert!(result["notification"]["subject"].as_str().unwrap().len() <= 100);
    let manifest = read_json(&folder, "manifest.json");
    assert_eq!(manifest["alert"]["leads"][0], "arn:aws:iam::111122223333:role/order-processor");
    // The same alert alone, where the environment says the rest.
    let mut bare = trailq(&["stage"]);
    bare.env("TRAILQ_SOURCE", "testdata/trail").env("TRAILQ_CASES", temporary.path());
    let output = run_with_input(bare, &sample_alert().to_string());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(run_with_input(trailq(&["stage"]), "{").status.code(), Some(2));
}

fn sample_alert() -> Value {
    json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-14T14:05:44Z",
        "userIdentity": {"type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/order-processor/order-processor"}})
}

/// What a reader of an earlier trailq relies on changes only on purpose: `TRAILQ_BLESS=1` writes it anew.
#[test]
fn the_golden_case() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    assert_eq!(sample_case(&folder).status.code(), Some(0));
    let golden = repository("testdata/case");
    if std::env::var_os("TRAILQ_BLESS").is_some() {
        let _ = fs::remove_dir_all(&golden);
        fs::create_dir_all(&golden).unwrap();
        for (name, bytes) in files(&folder) {
            fs::write(golden.join(name), bytes).unwrap();
        }
    }
    let (made, golden) = (files(&folder), files(&golden));
    assert_eq!(made.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>());
    for (name, bytes) in &golden {
        assert!(made[name] == *bytes, "{name} is not as in testdata/case; TRAILQ_BLESS=1 writes it anew");
    }
}

#[test]
fn verify_names_what_was_read_and_is_another_now() {
    let temporary = tempfile::tempdir().unwrap();
    let (logs, folder) = (temporary.path().join("logs"), temporary.path().join("case"));
    fs::create_dir(&logs).unwrap();
    let files = crate::support::files_below(&repository("testdata/trail"));
    let copied: Vec<PathBuf> = files.iter().map(|file| logs.join(file.file_name().unwrap())).collect();
    for (from, to) in files.iter().zip(&copied) {
        fs::copy(from, to).unwrap();
    }
    let output = investigate(&["--source", logs.to_str().unwrap(), "--out", folder.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let sources = read_json(&folder, "manifest.json")["sources"].clone();
    let name = |at: usize| sources[at]["name"].as_str().unwrap().to_owned();
    fs::write(name(0), "{}").unwrap();
    fs::remove_file(name(1)).unwrap();
    let output = trailq(&["verify", "--reread", folder.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains(&format!("{}: was altered", name(0))), "{told}");
    assert!(told.contains(&format!("{}: is missing", name(1))), "{told}");
    assert!(told.contains(", 2 faults"), "{told}");
}

/// A text for each way in which logged text could do harm, in a role's session, an agent, parameters
/// and an error.
const HOSTILE: [&str; 8] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "=HYPERLINK(\"http://evil.example\",\"click\")",
    "line one\r\nline two\n| a | b |",
    "\u{202e}gpj.exe\u{2066}",
    "nul\u{0}byte\u{9b}31m",
    "](javascript:alert(3)) ![x](http://evil.example/x.png) `code` **bold**",
    "'; DROP TABLE timeline; -- \" ' $(touch owned) `touch owned`",
];

#[test]
fn hostile_text_is_harmless_in_every_file_and_unchanged_in_evidence() {
    let temporary = tempfile::tempdir().unwrap();
    let (logs, folder) = (temporary.path().join("logs"), temporary.path().join("case"));
    fs::create_dir(&logs).unwrap();
    let records = HOSTILE.iter().enumerate().map(|(at, text)| {
        json!({
            "eventVersion": "1.08", "eventID": format!("e{at}"), "eventTime": format!("2024-01-02T03:00:0{at}Z"),
            "eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "awsRegion": "us-east-1",
            "sourceIPAddress": text, "userAgent": text, "recipientAccountId": "123456789012",
            "errorMessage": if at % 2 == 0 { Value::Null } else { json!(text) },
            "requestParameters": {"userName": text, text.to_string(): text},
            "userIdentity": {"type": "AssumedRole", "principalId": format!("AROAX:{text}"),
                "arn": format!("arn:aws:sts::123456789012:assumed-role/edge/{text}"), "accountId": "123456789012",
                "accessKeyId": "ASIAX"},
        })
    });
    let records: Vec<Value> = records.collect();
    fs::write(logs.join("log.json"), json!({ "Records": records }).to_string()).unwrap();
    let output = trailq(&[
        "investigate",
        "--role",
        "arn:aws:iam::123456789012:role/edge",
        "--at",
        "2024-01-02T03:00:00Z",
    ])
    .args([
        "--now",
        "2024-01-02T04:00:00Z",
        "--source",
        logs.to_str().unwrap(),
        "--out",
        folder.to_str().unwrap(),
    ])
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let printed = [&output.stdout[..], &output.stderr].concat();
    assert_plain("the terminal", &String::from_utf8(printed).unwrap());
    for (name, bytes) in files(&folder).iter().filter(|(name, _)| !name.ends_with(".parquet")) {
        let text = std::str::from_utf8(bytes).unwrap();
        assert_plain(name, text);
        assert!(!name.ends_with(".html") || text.matches("<script").count() <= 1, "{name}");
        let markup = ["<img", "href=\"javascript", "href='javascript"];
        assert!(!name.ends_with(".html") || !markup.iter().any(|markup| text.contains(markup)), "{name}");
    }
    let agents = |name: &str, member: &str| {
        let lines = fs::read_to_string(folder.join(name)).unwrap();
        let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        rows.iter().map(|row| row.pointer(member).unwrap().as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(agents("timeline.jsonl", "/useragent"), HOSTILE);
    assert_eq!(agents("timeline.timesketch.jsonl", "/user_agent"), HOSTILE);
    assert_eq!(agents("timeline.ocsf.jsonl", "/http_request/user_agent"), HOSTILE);
    let csv = fs::read_to_string(folder.join("timeline.csv")).unwrap();
    let formula = |cell: &str| cell.trim_start_matches('"').starts_with(['=', '+', '@']);
    assert!(!csv.lines().flat_map(|line| line.split(',')).any(formula), "{csv}");
}

/// No character that a terminal would obey, and none that hides or turns others.
fn assert_plain(name: &str, text: &str) {
    let harmful = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}')
    };
    assert!(!text.contains(harmful), "{name}: {:?}", text.chars().find(|c| harmful(*c)));
}

#[test]
fn the_command_of_the_report_repeats_the_case() {
    let temporary = tempfile::tempdir().unwrap();
    let [folder, again] = ["case", "again"].map(|name| temporary.path().join(name));
    let given = ["--baseline", "3d", "--lookback", "2h", "--slack", "90m", "--account", "111122223333"];
    let output = investigate(
        &[&given, &["--source", "testdata/trail", "--out", folder.to_str().unwrap()][..]].concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = fs::read_to_string(folder.join("report.md")).unwrap();
    let line = report.split_once("`trailq investigate ").unwrap().1.split_once('`').unwrap().0;
    let line = line.replace("case-again", again.to_str().unwrap());
    let words: Vec<&str> = ["investigate"].into_iter().chain(line.split(' ')).collect();
    let output = trailq(&words).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}: {}", stderr(&output));
    assert_eq!(files(&folder), files(&again));
}

#[test]
fn calls_on_a_resource_are_not_said_to_be_harmless() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    let mut question = QUESTION;
    for word in &mut question {
        *word = match *word {
            "--role" => "--resource",
            role if role.contains(":role/") => "arn:aws:s3:::shop-exports",
            other => other,
        };
    }
    let output = trailq(&question)
        .args(["--source", "testdata/trail", "--out", folder.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let summary = read_json(&folder, "summary.json");
    assert_eq!((&summary["activity"]["own"], &summary["activity"]["downstream"]), (&json!(0), &json!(0)));
    let limits = summary["limits"].as_array().unwrap();
    let limit = limits.iter().find(|limit| limit["id"] == "not_compared").expect("it says so");
    let text = limit["text"].as_str().unwrap();
    assert!(text.starts_with("Nothing was compared") && text.contains(":role/"), "{text}");
    assert!(!fs::read_to_string(folder.join("report.md")).unwrap().contains("Nothing stands out"));
}

/// The attack of a real log, from an alert to a case.
#[test]
fn the_attack_of_a_real_log() {
    let Some(logs) = shared("cases/logs/invictus") else { return };
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    let alert = json!({"eventName": "CreateAccessKey", "eventSource": "iam.amazonaws.com",
        "eventTime": "2023-07-10T12:24:49Z", "userIdentity": {"type": "IAMUser",
        "arn": "arn:aws:iam::123837392027:user/bert-jan", "accountId": "123837392027", "userName": "bert-jan"}});
    let request = json!({"finding": alert, "source": logs, "out": folder, "window": "40m", "now": "2023-07-10T12:25:00Z"});
    let output = run_with_input(trailq(&["stage"]), &request.to_string());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&result["worst"], &result["complete"]), (&json!("critical"), &json!(true)));
    let summary = read_json(&folder, "summary.json");
    let limits: Vec<&str> =
        summary["limits"].as_array().unwrap().iter().map(|limit| limit["id"].as_str().unwrap()).collect();
    assert!(limits.contains(&"trail_changed") && limits.contains(&"thin_baseline"), "{limits:?}");
    let plan = read_json(&folder, "containment.json");
    let kinds: Vec<&str> =
        plan["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect();
    for kind in ["deny_all", "deactivate_key"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert!(
        plan["steps"].as_array().unwrap().iter().all(|step| !step["evidence"].as_array().unwrap().is_empty())
    );
    assert_eq!(
        trailq(&["verify", "--reread", folder.to_str().unwrap()]).output().unwrap().status.code(),
        Some(0)
    );
}

/// What Object Lock wants: every object with its SHA-256, put only where there is none, the manifest last.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_written_once_with_checksums() {
    let server = Server::start(Bucket::default(), Some(("AKIAEXAMPLE", "secret"))).await;
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("case");
    assert_eq!(sample_case(&folder).status.code(), Some(0));
    let mut run = trailq(&QUESTION);
    run.args(["--source", "testdata/trail", "--out", "s3://cases/one", "--endpoint-url", &server.endpoint]);
    run.env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    let output = tokio::task::spawn_blocking(move || run.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let written = server.bucket.written.lock().unwrap().clone();
    assert_eq!(written.last().unwrap().key, "one/manifest.json");
    let expected = files(&folder);
    assert_eq!(written.len(), expected.len());
    for object in &written {
        assert_eq!(expected[object.key.strip_prefix("one/").unwrap()], object.bytes, "{}", object.key);
        let hash = aws_smithy_types::base64::encode(Sha256::of(&object.bytes).as_bytes());
        assert_eq!(object.sha256.as_deref(), Some(hash.as_str()), "{}", object.key);
        assert!(object.if_absent, "{}", object.key);
    }
}
