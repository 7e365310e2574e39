//! `trailq verify` as a user types it, and public keys from CloudTrail's API.

use std::io::Write;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use trailq::{DigestVerdict, KeySource, LogVerdict, PublicKeys, Scope, StoreOptions, Trail};

use crate::digest_files::{
    Delivered, FINGERPRINT, Last, REGION, digest_key, hour, key_pair, log_key, public_keys,
};
use crate::s3_server::Server;
use crate::support::repository;

const WINDOW: [&str; 4] = ["--from", "2024-05-01T11:00:00Z", "--to", "2024-05-01T12:59:59Z"];

fn trailq(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailq"));
    command.args(arguments).current_dir(repository(""));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name == "TRAILQ_SOURCE")
    {
        command.env_remove(name);
    }
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The folder, and a file of the public key beside it.
fn copy(delivered: &Delivered) -> (tempfile::TempDir, tempfile::NamedTempFile) {
    let keys = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(keys.path(), public_keys(&key_pair("test_key.pk8"), FINGERPRINT).to_string()).unwrap();
    (delivered.folder(), keys)
}

fn verify(delivered: &Delivered, more: &[&str]) -> Output {
    let (folder, keys) = copy(delivered);
    let (folder, keys) = (folder.path().to_str().unwrap(), keys.path().to_str().unwrap());
    trailq(&[&["verify", folder, "--public-keys", keys][..], &WINDOW, more].concat()).output().unwrap()
}

#[test]
fn a_report_for_people() {
    let output = verify(&Delivered::hours(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout),
        "111122223333 us-east-1 trail my_trail: 7 digests, 2024-05-01T10:00:00Z to 2024-05-01T17:00:00Z\n\
         verified: digests 6 = 6 valid; log files 6 = 6 valid; gaps 0; signatures checked with 1 public key\n"
    );
    let mut delivered = Delivered::hours();
    delivered.rewrite(&log_key(REGION, "2024-05-01T11:05", "a"), "GetObject", "ListBuckets");
    delivered.files.remove(&digest_key(REGION, &hour(13), ""));
    delivered.files.insert("AWSLogs/\u{202e}x.json".into(), b"{}".to_vec());
    let output = verify(&delivered, &[]);
    assert_eq!(output.status.code(), Some(3));
    let report = text(&output.stdout);
    for says in [
        "gap in 111122223333 us-east-1 trail my_trail: 2024-05-01T12:00:00Z to 2024-05-01T13:00:00Z: missing AWSLogs/",
        "log file altered: /",
        "log file not named by any digest: /",
        "\\u{202e}x.json",
        // The digest that is missing carried the signature of the one before it.
        "NOT VERIFIED: digests 5 = 4 valid + 1 without signature; log files 7 = 2 valid + 1 as an untrusted digest \
         says + 3 not named by any digest + 1 altered; gaps 1; ",
    ] {
        assert!(report.contains(says), "{says}: {report}");
    }
}

#[test]
fn a_report_for_machines() {
    let output = verify(&Delivered::hours(), &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["verified"], &report["logs"]), (&json!(true), &json!({ "valid": 6 })));
    assert_eq!(report["chains"][0]["start"], "2024-05-01T10:00:00Z");
    let mut delivered = Delivered::hours();
    delivered.files.remove(&digest_key(REGION, &hour(13), ""));
    let report: Value = serde_json::from_slice(&verify(&delivered, &["--format", "json"]).stdout).unwrap();
    let gap = json!({
        "account": "111122223333", "region": "us-east-1", "trail": "my_trail", "home_region": "us-east-1",
        "backfill": false,
    });
    assert_eq!((&report["gaps"][0]["chain"], &report["gaps"][0]["cause"]), (&gap, &json!("missing")));
    assert_eq!(report["gaps"][0]["digest"], digest_key(REGION, &hour(13), ""));
}

#[test]
fn an_answer_says_whether_it_rests_on_what_was_delivered() {
    let mut delivered = Delivered::hours();
    for code in [0, 3] {
        let (folder, keys) = copy(&delivered);
        let coverage = tempfile::NamedTempFile::new().unwrap();
        let paths = [folder.path(), keys.path(), coverage.path()].map(|path| path.to_str().unwrap());
        let output = trailq(
            &[
                &["timeline", "--role", "arn:aws:iam::111122223333:role/x", paths[0], "--verify-digests"][..],
                &["--public-keys", paths[1], "--coverage", paths[2]],
                &WINDOW,
            ]
            .concat(),
        )
        .output()
        .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        assert_eq!(text(&output.stderr).contains("\nverified: digests 6 = 6 valid;"), code == 0);
        let coverage: Value = serde_json::from_slice(&std::fs::read(coverage.path()).unwrap()).unwrap();
        assert_eq!(coverage["digests"]["verified"], code == 0);
        assert_eq!(coverage["complete"], true);
        if code == 0 {
            delivered.rewrite(&log_key(REGION, "2024-05-01T11:05", "a"), "GetObject", "ListBuckets");
        }
    }
}

#[test]
fn keys_that_cannot_be_read_are_refused_before_anything_else() {
    let output = trailq(&["verify", "testdata/trail", "--public-keys", "Cargo.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is no list of public keys"), "{}", text(&output.stderr));
    // A trail without digests that can be read proves nothing.
    let output = trailq(&["verify", "testdata/trail", "--no-sign-request"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stdout)
            .contains("NOT VERIFIED: digests 4 = 4 unreadable; log files 79 = 79 not named by any digest; ")
    );
}

/// CloudTrail's API, which remembers what it was asked. One that is `slow` fails once, and hands out
/// its key on the second page.
async fn cloudtrail(slow: bool) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(vec![]));
    let requests = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let request = read_request(&mut socket).await;
            let (status, answer) = match !slow || request.contains("\"NextToken\":\"more\"") {
                true => ("200 OK", public_keys(&key_pair("test_key.pk8"), FINGERPRINT)),
                false if requests.lock().unwrap().is_empty() => ("503 Service Unavailable", json!({})),
                false => ("200 OK", json!({ "PublicKeyList": [], "NextToken": "more" })),
            };
            requests.lock().unwrap().push(request);
            let answer = answer.to_string();
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
            socket.write_all(format!("{head}{answer}").as_bytes()).await.unwrap();
        }
    });
    (endpoint, asked)
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = String::new();
    let mut buffer = [0; 4096];
    loop {
        let read = socket.read(&mut buffer).await.unwrap();
        request += &String::from_utf8_lossy(&buffer[..read]);
        let length = request
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let body = request.split_once("\r\n\r\n").map(|(_, body)| body.len());
        if read == 0 || length.is_some() && body >= length {
            return request;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_from_the_api() {
    let (endpoint, asked) = cloudtrail(true).await;
    let mut delivered = Delivered::hours();
    delivered.chain("eu-west-1", 10..=17, Last::default());
    let output = tokio::task::spawn_blocking(move || {
        let folder = delivered.folder();
        let mut command = trailq(&[&["verify", folder.path().to_str().unwrap()][..], &WINDOW].concat());
        command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
        command.env("AWS_SESSION_TOKEN", "token").env("AWS_ENDPOINT_URL_CLOUDTRAIL", endpoint);
        command.output().unwrap()
    })
    .await
    .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 5, "{asked:#?}");
    for region in ["us-east-1", "eu-west-1"] {
        let requests: Vec<_> = asked.iter().filter(|request| request.contains(region)).collect();
        assert!(requests.len() >= 2);
        for request in requests {
            let scope =
                format!("/{region}/cloudtrail/aws4_request, SignedHeaders=content-type;host;x-amz-date;");
            assert!(request.starts_with("POST / HTTP/1.1\r\n") && request.contains(&scope), "{request}");
            assert!(request.contains("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{request}");
            assert!(request.contains("x-amz-security-token: token"), "{request}");
            assert!(request.contains("CloudTrail_20131101.ListPublicKeys"), "{request}");
            // From two hours before the first digest's end to two hours after the last one's.
            assert!(
                request.contains("\"StartTime\":1714554000") && request.contains("\"EndTime\":1714590000"),
                "{request}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_credentials_signatures_are_said_to_be_unchecked() {
    let output = tokio::task::spawn_blocking(|| {
        let folder = Delivered::hours().folder();
        let arguments =
            [&["verify", folder.path().to_str().unwrap(), "--no-sign-request"][..], &WINDOW].concat();
        trailq(&arguments).output().unwrap()
    })
    .await
    .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let report = text(&output.stdout);
    assert!(
        report.contains("note: public keys could not be asked for: requests are to be unsigned"),
        "{report}"
    );
    assert!(
        report
            .contains("digests 6 = 6 with unchecked signature; log files 6 = 6 as an untrusted digest says")
    );
    assert!(report.contains("SIGNATURES NOT CHECKED"), "{report}");
}

/// The AWS CLI's own validation of the same bucket: what it prints of files that are not valid.
async fn aws_cli(delivered: &Delivered) -> Option<Vec<String>> {
    if Command::new("aws").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "SKIPPED: the AWS CLI is not here");
        return None;
    }
    let server = Server::start(delivered.bucket(), Some(("AKIDEXAMPLE", "secret"))).await;
    let (endpoint, _) = cloudtrail(false).await;
    let mut command = Command::new("aws");
    command
        .args(["cloudtrail", "validate-logs", "--region", REGION, "--s3-bucket", "logs", "--verbose"])
        .args(["--trail-arn", "arn:aws:cloudtrail:us-east-1:111122223333:trail/my_trail"])
        .args(["--start-time", "2024-05-01T09:30:00Z", "--end-time", "2024-05-01T17:30:00Z"])
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_ENDPOINT_URL_S3", &server.endpoint)
        .env("AWS_ENDPOINT_URL_CLOUDTRAIL", endpoint);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = text(&output.stderr) + &text(&output.stdout);
    assert!(said.contains("digest files valid"), "{said}");
    let mut invalid: Vec<String> = said
        .lines()
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let (name, verdict) = (parts.nth(1)?, parts.next()?);
            verdict.starts_with("INVALID").then(|| format!("{name} {verdict}"))
        })
        .collect();
    invalid.sort_unstable();
    Some(invalid)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_finds_the_same() {
    let mut delivered = Delivered::hours();
    let Some(invalid) = aws_cli(&delivered).await else { return };
    assert_eq!(invalid, [""; 0]);
    let log = |minute: &str| log_key(REGION, &format!("2024-05-01T{minute}"), "a");
    delivered.rewrite(&log("11:05"), "GetObject", "ListBuckets");
    delivered.files.remove(&log("12:05"));
    // No way of compression that there is. (A file that ends early has another hash to the AWS CLI.)
    delivered.files.get_mut(&log("13:35")).unwrap()[2] = 9;
    let last = digest_key(REGION, &hour(17), "");
    delivered.rewrite(&last, "2024-05-01T16:00:00Z", "2024-05-01T16:00:01Z");
    let invalid = aws_cli(&delivered).await.unwrap();

    let server = Server::start(delivered.bucket(), None).await;
    let options =
        StoreOptions { endpoint: Some(server.endpoint.clone()), anonymous: true, ..StoreOptions::default() };
    let trail = Trail::open_with(&["s3://logs"], &options).await.unwrap();
    let keys = PublicKeys::parse(&public_keys(&key_pair("test_key.pk8"), FINGERPRINT).to_string()).unwrap();
    let report = trail.verify_digests(&Scope::default(), &KeySource::Given(keys)).await.unwrap();
    let digests = report.digest_findings.iter().map(|finding| match finding.verdict {
        DigestVerdict::WrongSignature => format!("{} INVALID: signature verification failed", finding.name),
        other => panic!("{other:?}"),
    });
    let logs = report.log_findings.iter().map(|finding| {
        let verdict = match finding.verdict {
            LogVerdict::Altered => "hash value doesn't match",
            LogVerdict::Deleted => "not found",
            LogVerdict::Unreadable => "invalid format",
            other => panic!("{other:?}"),
        };
        format!("{} INVALID: {verdict}", finding.name)
    });
    let mut found: Vec<String> = digests.chain(logs).collect();
    found.sort_unstable();
    assert_eq!(found, invalid);
}
