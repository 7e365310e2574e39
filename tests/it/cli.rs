//! The command as a user types it.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::s3_server::{Bucket, Server};
use crate::support::repository;

const ROLE: &str = "arn:aws:iam::111122223333:role/svc/order-processor";
const AT: [&str; 4] = ["--at", "2026-03-14T14:07:00Z", "--window", "30m"];

fn trailq(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailq"));
    command.args(arguments).current_dir(repository(""));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name == "TRAILQ_SOURCE")
    {
        command.env_remove(name);
    }
    command.env("COLUMNS", "140");
    command
}

fn timeline(more: &[&str]) -> Output {
    trailq(&[&["timeline", "--role", ROLE][..], &AT, more].concat()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The coverage line without what changes from run to run.
fn without_time(stderr: &[u8]) -> String {
    let text = text(stderr);
    text.rsplit_once("; ").map_or(text.clone(), |(before, _)| format!("{before}; [time]"))
}

#[test]
fn a_timeline_table() {
    let output = timeline(&["testdata/trail"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("timeline_table", text(&output.stdout));
    insta::assert_snapshot!("timeline_coverage", without_time(&output.stderr));
}

#[test]
fn a_plan() {
    let output = trailq(&[&["plan", "--role", ROLE, "testdata/trail"][..], &AT].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("plan", text(&output.stdout));
    let json = trailq(&[&["plan", "--role", ROLE, "--format", "json", "testdata/trail"][..], &AT].concat());
    let plan: Value = serde_json::from_slice(&{ json }.output().unwrap().stdout).unwrap();
    assert_eq!(plan["objects"], 54);
    assert_eq!(plan["deliveries"].as_array().unwrap().len(), 4);
}

fn anomalies(more: &[&str]) -> Output {
    trailq(&[&["anomalies", "--role", ROLE, "testdata/trail"][..], &AT, more].concat()).output().unwrap()
}

#[test]
fn findings_for_people() {
    let output = anomalies(&["--severity", "high"]);
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!("anomalies_table", text(&output.stdout));
    assert!(text(&output.stderr).contains("past to compare with: "));
}

#[test]
fn findings_for_machines() {
    let output = anomalies(&["--format", "ndjson"]);
    let findings: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(findings.len() > 5);
    for finding in &findings {
        for key in [
            "id",
            "title",
            "severity",
            "score",
            "tactics",
            "techniques",
            "eventids",
            "first_seen",
            "last_seen",
            "explanation",
            "evidence",
            "checks",
            "benign",
            "references",
            "principal",
        ] {
            assert!(!finding[key].is_null(), "{key}: {finding}");
        }
        let own = finding["principal"].as_str().unwrap().ends_with("role/order-processor");
        assert!(!own || finding["baseline"]["text"].is_string(), "{finding}");
        assert_eq!(finding["events"], finding["evidence"].as_array().unwrap().len());
    }
    assert_eq!(anomalies(&["--format", "json", "--severity", "critical"]).status.code(), Some(0));
    for format in ["csv", "parquet", "arrow"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(format!("findings.{format}"));
        assert_eq!(anomalies(&["-o", file.to_str().unwrap()]).status.code(), Some(0), "{format}");
        assert!(std::fs::metadata(file).unwrap().len() > 1000, "{format}");
    }
}

#[test]
fn rows_that_findings_rest_on_are_marked() {
    let output = timeline(&["--annotate", "--format", "ndjson", "testdata/trail"]);
    let rows: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let marked = |name: &str| {
        let row = rows.iter().find(|row| row["eventname"] == name).unwrap();
        (row["findings"].as_array().unwrap().len(), row["severity"].as_str().map(ToOwned::to_owned))
    };
    assert_eq!(marked("GetItem"), (0, None));
    let (findings, severity) = marked("AttachUserPolicy");
    assert!(findings > 0 && severity.as_deref() == Some("critical"), "{findings} {severity:?}");
    let table = text(&timeline(&["--annotate", "testdata/trail"]).stdout);
    assert!(table.lines().next().unwrap().ends_with("FINDINGS"), "{table}");
}

#[test]
fn everyone_is_looked_at_where_nobody_is_named() {
    let output = trailq(&["anomalies", "testdata/trail"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stderr).contains("everyone, at any time"));
    assert!(text(&output.stdout).contains("backdoor_administrator"));
    // Others have to say who.
    let output = trailq(&["timeline", "testdata/trail"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn rules_are_listed_and_those_that_cannot_be_used_named() {
    let folder = tempfile::tempdir().unwrap();
    let rule = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    rule("broken.yml", "title: [");
    rule("windows.yml", "title: W\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}");
    let start =
        "logsource: {product: aws, service: cloudtrail}\ndetection: {a: {eventName: GetItem}, condition: a}";
    rule("hostile.yml", &format!("title: \"x\\e[31m\"\nid: \"id\\e[31m\\u202e\"\nlevel: high\n{start}"));
    let path = folder.path().to_str().unwrap();
    let output = trailq(&["rules", "--sql", "--rules", path]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let (listed, said) = (text(&output.stdout), text(&output.stderr));
    assert!(
        listed.contains("cloudtrail_stopped")
            && listed.contains("WHERE")
            && listed.contains("out_of_character")
    );
    assert!(said.contains("broken.yml") && said.contains("windows.yml"), "{said}");
    let output = anomalies(&["--rules", path]);
    for shown in [listed, said, text(&output.stdout), text(&output.stderr)] {
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown}");
    }
    assert!(text(&output.stdout).contains("HIGH"));
}

#[test]
fn ndjson_is_rows_and_nothing_else() {
    let output = timeline(&["testdata/trail", "--format", "ndjson"]);
    let rows: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 44);
    let twice = rows.iter().find(|row| row["copies"] == 2).unwrap();
    insta::assert_snapshot!("ndjson_row", serde_json::to_string_pretty(twice).unwrap());
    let times: Vec<_> = rows.iter().map(|row| row["eventtime"].as_str().unwrap()).collect();
    assert!(times.is_sorted());
    let json: Vec<Value> =
        serde_json::from_slice(&timeline(&["testdata/trail", "--format", "json"]).stdout).unwrap();
    assert_eq!(json, rows);
}

#[test]
fn csv_and_wide_tables_have_every_column() {
    let csv = text(&timeline(&["testdata/trail", "--format", "csv"]).stdout);
    let wide = text(&timeline(&["testdata/trail", "--wide"]).stdout);
    let header: Vec<_> = csv.lines().next().unwrap().split(',').collect();
    assert_eq!(header[..4], ["event_timestamp", "relation", "matched_by", "copies"]);
    assert_eq!(csv.lines().count(), 45);
    assert_eq!(wide.lines().next().unwrap().split_whitespace().collect::<Vec<_>>(), header);
}

#[test]
fn files_hold_what_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for format in ["parquet", "arrow"] {
        let output = timeline(&["testdata/trail", "--format", format, "-o", &path(format)]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    let arrow =
        arrow::ipc::reader::FileReader::try_new(std::fs::File::open(path("arrow")).unwrap(), None).unwrap();
    let parquet = std::fs::File::open(path("parquet")).unwrap();
    let parquet = parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(parquet, 1024).unwrap();
    let arrow: usize = arrow.map(|batch| batch.unwrap().num_rows()).sum();
    let parquet: usize = parquet.map(|batch| batch.unwrap().num_rows()).sum();
    assert_eq!((arrow, parquet), (44, 44));

    timeline(&["testdata/trail", "--coverage", &path("coverage.json"), "-o", &path("table.txt")]);
    let coverage: Value = serde_json::from_slice(&std::fs::read(path("coverage.json")).unwrap()).unwrap();
    assert_eq!((&coverage["complete"], &coverage["objects"]["read"]), (&Value::Bool(true), &54.into()));
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "no partial file is left: {names:?}");
}

/// Output goes through a link to the file it names, and into a device without replacing it.
#[cfg(unix)]
#[test]
fn links_and_devices_stay_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.csv"), folder.path().join("link.csv"));
    std::fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let output = timeline(&["testdata/trail", "--format", "csv", "-o", link.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(std::fs::read_to_string(&real).unwrap().lines().count(), 45);
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    timeline(&["testdata/trail", "--format", "csv", "-o", pipe.to_str().unwrap()]);
    assert_eq!(reader.join().unwrap().lines().count(), 45);
    let same = real.to_str().unwrap();
    assert_eq!(timeline(&["testdata/trail", "-o", same, "--coverage", same]).status.code(), Some(2));
}

#[test]
fn windows_can_be_said_in_several_ways() {
    let rows = |more: &[&str]| {
        let arguments =
            [&["timeline", "--role", ROLE, "testdata/trail", "--format", "ndjson"][..], more].concat();
        text(&trailq(&arguments).output().unwrap().stdout).lines().count()
    };
    assert_eq!(rows(&["--from", "2026-03-14 13:37", "--to", "2026-03-14 15:37:00 +01:00"]), 44);
    assert_eq!(rows(&["--at", "14 Mar 2026 14:07:00 GMT", "--before", "30m", "--after", "30m"]), 44);
    assert_eq!(rows(&["--at", "2026-03-14 10:07 EDT"]), 44);
    assert_eq!(rows(&["--from", "2026-03-14T14:06:20Z", "--to", "2026-03-14T14:06:20Z"]), 1);
}

#[test]
fn mistakes_are_answered_with_what_to_write() {
    let fails = |arguments: &[&str]| {
        let output = trailq(arguments).output().unwrap();
        (output.status.code().unwrap(), text(&output.stderr))
    };
    let window = ["--from", "2026-03-14", "--to", "2026-03-13"];
    for (arguments, code, says) in [
        (vec!["timeline", "--role", "web-app", "testdata"], 2, "write arn:aws:iam::111122223333:role/NAME"),
        (vec!["timeline", "--role", "arn:aws:iam::111122223333:user/x", "testdata"], 2, "is a user"),
        ([&["timeline", "--role", ROLE, "testdata"][..], &window].concat(), 2, "ends before it starts"),
        (vec!["timeline", "--role", ROLE, "--at", "soon", "testdata"], 2, "2026-03-14T14:07:00Z"),
        (vec!["timeline", "--role", ROLE, "--window", "x", "testdata"], 2, "30m"),
        (vec!["timeline", "--role", ROLE], 2, "TRAILQ_SOURCE"),
        (vec!["timeline", "--role", ROLE, "no/such"], 2, "does not exist"),
        (vec!["timeline", "--role", ROLE, "--from", "2026-03-14", "testdata"], 2, "--to"),
        (vec!["timeline", "--role", ROLE, "-o", "no/such/folder/x", "testdata"], 1, "cannot write"),
        (vec!["timeline", "testdata"], 2, "--role"),
    ] {
        let (found, message) = fails(&arguments);
        assert!(found == code && message.contains(says), "{arguments:?}: {found} {message}");
    }
    let empty = tempfile::tempdir().unwrap();
    let (code, message) = fails(&["timeline", "--role", ROLE, empty.path().to_str().unwrap()]);
    assert!(code == 1 && message.contains("no CloudTrail objects under"), "{message}");
}

#[test]
fn an_empty_window_is_an_answer() {
    let arguments = ["timeline", "--role", ROLE, "--at", "2020-01-01", "testdata/trail"];
    let output = trailq(&arguments).output().unwrap();
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(0), "no events\n"));
    let json = trailq(&[&arguments[..], &["--format", "json"]].concat()).output().unwrap();
    assert_eq!(text(&json.stdout), "[]\n");
}

#[test]
fn sources_come_from_the_environment_and_overlap_harmlessly() {
    let mut command = trailq(&[&["timeline", "--role", ROLE, "--format", "ndjson"][..], &AT].concat());
    let output = command.env("TRAILQ_SOURCE", "testdata/trail").output().unwrap();
    assert_eq!(text(&output.stdout).lines().count(), 44);
    let twice = timeline(&["testdata/trail", "testdata/trail/AWSLogs/1*", "--format", "ndjson"]);
    let copies: Vec<Value> =
        text(&twice.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(copies.iter().filter(|row| row["copies"] == 2).count(), 1);
}

#[test]
fn what_could_not_be_read_is_code_3() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bad.json"), "<html>").unwrap();
    let output = timeline(&["testdata/trail", folder.path().to_str().unwrap(), "--format", "ndjson"]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(text(&output.stdout).lines().count(), 44);
    assert!(text(&output.stderr).contains("bad.json: holds no CloudTrail records"));
    assert!(text(&output.stderr).contains("PARTIAL"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let program = format!(
        "{} timeline --role {ROLE} {} testdata/trail --format csv | head -1",
        env!("CARGO_BIN_EXE_trailq"),
        AT.join(" ")
    );
    let output = Command::new("sh").args(["-c", &program]).current_dir(repository("")).output().unwrap();
    assert!(text(&output.stdout).starts_with("event_timestamp,"));
    assert!(!text(&output.stderr).contains("cannot write"), "{}", text(&output.stderr));
}

/// A signed request is accepted with the environment's credentials and with a profile's, and
/// refused with others.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_found_as_the_aws_cli_finds_them() {
    let mut bucket = Bucket::default();
    bucket.put("AWSLogs/a.json", r#"{"Records":[{"eventVersion":"1.08"}]}"#);
    let server = Server::start(bucket, Some(("AKIDEXAMPLE", "secret"))).await;
    let home = tempfile::tempdir().unwrap();
    let credentials = home.path().join("credentials");
    let profiles = "[incident]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n\
                    [other]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = wrong\n";
    std::fs::write(&credentials, profiles).unwrap();
    let run = async |profile: Option<&str>, secret: Option<&str>| {
        let mut command = trailq(&["timeline", "--role", ROLE, "s3://logs"]);
        command.env("AWS_ENDPOINT_URL", &server.endpoint).env("AWS_EC2_METADATA_DISABLED", "true");
        command
            .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
            .env("AWS_CONFIG_FILE", Path::new("/dev/null"));
        command.args(profile.map(|name| format!("--profile={name}")));
        if let Some(secret) = secret {
            command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", secret);
        }
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        (output.status.code().unwrap(), text(&output.stderr))
    };
    assert_eq!(run(None, Some("secret")).await.0, 0);
    assert_eq!(run(Some("incident"), None).await.0, 0);
    let (code, message) = run(Some("other"), None).await;
    assert!(code == 1 && message.contains("cannot list s3://logs"), "{code} {message}");
    let (code, message) = run(None, None).await;
    assert!(code == 1 && message.contains("no usable AWS credentials"), "{code} {message}");
}

#[test]
fn sql_as_a_table_from_every_place_a_statement_can_stand() {
    let query =
        "SELECT errorcode AS \"Code\", count(*) FROM logs WHERE errorcode = 'AccessDenied' GROUP BY 1";
    let cells = |stdout: &[u8]| text(stdout).split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
    let table = ["Code", "_col1", "AccessDenied", "5"];
    let given = trailq(&["sql", query, "testdata/trail"]).output().unwrap();
    assert_eq!(cells(&given.stdout), table, "{}", text(&given.stderr));
    assert_eq!(given.status.code(), Some(0));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("denied.sql");
    std::fs::write(&file, format!("-- Who was denied?\n{query};\n")).unwrap();
    let of_file = trailq(&["sql", "-f", file.to_str().unwrap(), "testdata/trail"]).output().unwrap();
    assert_eq!(cells(&of_file.stdout), table);
    let refused = trailq(&["sql", "SELECT nme FROM logs", "testdata/trail"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("COLUMN_NOT_FOUND: line 1:8: Column 'nme' cannot be resolved"));
}

#[test]
fn sql_writes_its_answer_to_a_file_and_never_reads_that_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, answer) = (folder.path().join("question.sql"), folder.path().join("answer.csv"));
    let (file_name, answer_name) = (file.to_str().unwrap(), answer.to_str().unwrap());
    std::fs::write(&file, "SELECT 2 AS of_file").unwrap();
    let given: [(&[&str], &str); 2] =
        [(&["SELECT 1 AS given", "testdata/trail"], "given\n1\n"), (&["-f", file_name], "of_file\n2\n")];
    for (arguments, expected) in given {
        // What lies there is replaced, whatever it says.
        std::fs::write(&answer, "SELECT 42 AS x").unwrap();
        let output = trailq(&[&["sql", "-o", answer_name][..], arguments].concat())
            .env("TRAILQ_SOURCE", "testdata/trail")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(std::fs::read_to_string(&answer).unwrap(), expected);
        assert_eq!(text(&output.stdout), "");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "SELECT 2 AS of_file");
}

#[test]
fn saved_questions_are_listed_and_asked() {
    let listed = text(&trailq(&["query", "--list"]).output().unwrap().stdout);
    assert!(listed.contains("denied_calls"), "{listed}");
    let names: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for name in names {
        let mut arguments = vec!["query", name, "testdata/account", "--now", "2026-03-15T00:00:00Z"];
        if name == "calls_from_address" {
            arguments.extend(["--param", "network=198.51.100.0/24"]);
        }
        let asked = trailq(&arguments).output().unwrap();
        assert_eq!(asked.status.code(), Some(0), "{name}: {}", text(&asked.stderr));
    }
    let missing = trailq(&["query", "calls_from_address", "testdata/account"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("--param network="), "{}", text(&missing.stderr));
}

#[test]
fn events_for_other_tools() {
    for (format, call, of_class) in [
        ("timesketch", "/event_name", ("/data_type", "aws:cloudtrail:entry")),
        ("ocsf", "/api/operation", ("/class_name", "API Activity")),
    ] {
        let output = timeline(&["--annotate", "--format", format, "testdata/trail"]);
        assert_eq!(output.status.code(), Some(0));
        let events: Vec<Value> =
            text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found =
            |at: &str| events.iter().filter_map(|event| event.pointer(at)?.as_str()).collect::<Vec<_>>();
        assert_eq!(found(of_class.0), vec![of_class.1; 44]);
        assert!(found(call).contains(&"AttachUserPolicy"));
        let sql = ["sql", "SELECT 1", "--format", format, "testdata/trail"];
        let refused = trailq(&sql).output().unwrap();
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains("use it for a timeline"), "{}", text(&refused.stderr));
    }
}
