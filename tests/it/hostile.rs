//! Input that an attacker wrote.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use trailq::decode::Limits;
use trailq::output::{Format, TableStyle};
use trailq::{Coverage, TimelineRow, Trail};

use crate::support::{ask, collect, question};

const ROLE: &str = "arn:aws:iam::123456789012:role/edge";

fn record(session: &str, more: &str) -> String {
    let arn =
        serde_json::to_string(&format!("arn:aws:sts::123456789012:assumed-role/edge/{session}")).unwrap();
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2024-01-02T03:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","userIdentity":{{"arn":{arn}}}{more}}}"#
    )
}

fn gzip(content: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(vec![], Compression::fast());
    content.into_iter().for_each(|piece| encoder.write_all(&piece).unwrap());
    encoder.finish().unwrap()
}

async fn timeline(folder: &Path, limits: Limits) -> (Vec<TimelineRow>, Coverage) {
    let trail = Trail::open(&[folder.to_str().unwrap()]).await.unwrap().with_limits(limits);
    ask(&trail, &question(ROLE, "2024-01-02T00:00:00Z", "2024-01-02T23:59:59Z")).await
}

#[tokio::test]
async fn bombs_end_and_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let good = format!("{{\"Records\":[{},", record("a", ""));
    let spaces = (0..64).map(|_| vec![b' '; 1 << 20]);
    let bomb = gzip(std::iter::once(good.clone().into_bytes()).chain(spaces));
    std::fs::write(folder.path().join("spaces.json.gz"), bomb).unwrap();
    let letters = (0..64).map(|_| vec![b'x'; 1 << 20]);
    let bomb = gzip(std::iter::once(format!("{good}{{\"a\":\"").into_bytes()).chain(letters));
    std::fs::write(folder.path().join("letters.json.gz"), bomb).unwrap();
    let limits = Limits { inflated: 32 << 20, ..Limits::default() };
    let (rows, coverage) = timeline(folder.path(), limits).await;
    assert_eq!(rows.len(), 2);
    assert_eq!(coverage.failed_objects.len(), 2);
    assert!(coverage.failed_objects.iter().all(|failure| failure.cause.contains("inflates to more than")));
    assert!(coverage.bytes.inflated < 70 << 20);
}

#[tokio::test]
async fn deep_and_long_records_do_not_hide_their_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    let nested =
        |levels| format!(r#","requestParameters":{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let long = format!(r#","userAgent":"{}""#, "u".repeat(1 << 20));
    let records = [
        record("deep", &nested(200)),
        record("too-deep", &nested(1_000_000)),
        record("long", &long),
        record("plain", ""),
        record("too-long", &format!(r#","userAgent":"{}""#, "u".repeat(20 << 20))),
        record("last", ""),
    ];
    std::fs::write(folder.path().join("x.json"), format!("{{\"Records\":[{}]}}", records.join(","))).unwrap();
    let (rows, coverage) = timeline(folder.path(), Limits::default()).await;
    let callers: Vec<_> = rows.iter().map(|row| row.caller.as_deref().unwrap()).collect();
    assert_eq!(callers.len(), 4, "{callers:?}");
    assert!(["deep", "long", "plain", "last"].iter().all(|name| callers.contains(name)));
    assert_eq!((coverage.records.seen, coverage.records.malformed, coverage.complete), (6, 2, false));
    assert_eq!(coverage.malformed_objects.len(), 1);
}

#[tokio::test]
async fn broken_records_are_counted_and_the_rest_read() {
    let folder = tempfile::tempdir().unwrap();
    let content = format!(
        "{{\"Records\":[{},{{\"eventVersion\":\"1.08\",\"role/edge\":tru}},null,\"x,y\",{},{}]}}",
        record("a", ""),
        record("b", "").replace("1.08", "2.1"),
        record("c", ""),
    );
    std::fs::write(folder.path().join("x.json"), content).unwrap();
    let (rows, coverage) = timeline(folder.path(), Limits::default()).await;
    assert_eq!((rows.len(), coverage.records.seen, coverage.records.malformed), (2, 6, 4));
}

/// One event delivered twice is one row; records without an id, or with one id for different
/// calls, are rows of their own.
#[tokio::test]
async fn copies_are_counted_and_nothing_is_merged() {
    let folder = tempfile::tempdir().unwrap();
    let same = record("a", r#","eventID":"11111111-1111-4111-8111-111111111111""#);
    let forged = same.replace("GetObject", "DeleteObject");
    let anonymous = record("b", "");
    let empty = record("c", r#","eventID":"""#);
    let list = [&same, &anonymous, &anonymous, &empty, &forged].map(String::as_str).join(",");
    std::fs::write(folder.path().join("1.json"), format!("{{\"Records\":[{list}]}}")).unwrap();
    std::fs::write(folder.path().join("2.json"), format!("[{same}]")).unwrap();
    let (rows, coverage) = timeline(folder.path(), Limits::default()).await;
    let mut copies: Vec<_> = rows.iter().map(|row| (row.call.as_str(), row.copies)).collect();
    copies.sort_unstable();
    assert_eq!(
        copies,
        [
            ("s3:DeleteObject", 1),
            ("s3:GetObject", 1),
            ("s3:GetObject", 1),
            ("s3:GetObject", 1),
            ("s3:GetObject", 2)
        ]
    );
    assert_eq!(coverage.records.kept, 6);
}

/// Records that exports wrapped, in a list or by themselves, are records.
#[tokio::test]
async fn wrapped_records_are_unwrapped_wherever_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let plain = record("s", "");
    let lookup = format!(
        r#"{{"EventId":"x","EventName":"GetObject","EventTime":"2024-01-02T03:00:00Z","CloudTrailEvent":{}}}"#,
        serde_json::to_string(&plain).unwrap()
    );
    let envelope = format!(r#"{{"detail-type":"AWS API Call via CloudTrail","detail":{plain}}}"#);
    let shapes = [
        format!("[{lookup}]"),
        format!("[{envelope}]"),
        format!(r#"{{"Records":[{lookup},{envelope}]}}"#),
        format!(r#"{{"Events":[{lookup}]}}"#),
        format!("{envelope}\n{lookup}\n{plain}"),
    ];
    for (n, shape) in shapes.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{n}.json")), shape).unwrap();
    }
    let (rows, coverage) = timeline(folder.path(), Limits::default()).await;
    assert_eq!((rows.len(), coverage.records.seen, coverage.complete), (8, 8, true), "{coverage:#?}");
}

/// Nothing is left out because of where a person put it or what they called it.
#[tokio::test]
async fn odd_places_and_names_hide_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let account = "AWSLogs/123456789012";
    let file = "123456789012_CloudTrail_us-east-1_20240102T0305Z_x.json";
    for path in [
        format!("{account}/us-east-1/2024/01/02/{file}"),
        format!("{account}/case42/e.json"),
        format!("{account}/Config/{file}"),
        "evidence (1)/e #2.json.bak".to_owned(),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("[{}]", record("s", ""))).unwrap();
    }
    // The folder of another service is left out and said so; the rest is read.
    let (rows, coverage) = timeline(folder.path(), Limits::default()).await;
    assert_eq!((rows.len(), coverage.pruned.len()), (3, 1));
    // What is named is read, whatever it is called and whenever it says it was delivered.
    let named = folder.path().join("123456789012_CloudTrail_us-east-1_20300101T0000Z_x.csv");
    std::fs::write(&named, format!("[{}]", record("s", ""))).unwrap();
    assert_eq!(timeline(&named, Limits::default()).await.0.len(), 1);
}

/// The role's id is tied to it by whatever record tells it; large requests leave only resources.
#[tokio::test]
async fn a_role_is_known_by_all_its_names() {
    let folder = tempfile::tempdir().unwrap();
    let call = |source: &str, name: &str, identity: &str, more: &str| {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2024-01-02T03:00:00Z","eventSource":"{source}.amazonaws.com","eventName":"{name}","userIdentity":{identity}{more}}}"#
        )
    };
    let service = r#"{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}"#;
    let copy = r#"{"type":"AWSAccount","principalId":"AROAEDGEEDGEEDGEEDGE1:s","accountId":"123456789012"}"#;
    let other = r#"{"type":"AWSAccount","principalId":"AROAOTHEROTHEROTHER01:s","accountId":"123456789012"}"#;
    let assumed = r#","responseElements":{"assumedRoleUser":{"assumedRoleId":"AROAEDGEEDGEEDGEEDGE1:s","arn":"arn:aws:sts::123456789012:assumed-role/edge/s"}}"#;
    let resource = r#","requestParameters":null,"resources":[{"ARN":"arn:aws:iam::123456789012:role/path/edge","type":"AWS::IAM::Role"}]"#;
    let records = [
        call("sts", "AssumeRole", service, assumed),
        call("s3", "GetObject", copy, ""),
        call("s3", "PutObject", other, ""),
        call("iam", "UpdateAssumeRolePolicy", service, resource),
    ];
    std::fs::write(folder.path().join("x.json"), format!("[{}]", records.join(","))).unwrap();
    let (rows, _) = timeline(folder.path(), Limits::default()).await;
    let mut found: Vec<_> = rows.iter().map(|row| (row.call.as_str(), row.matched_by.as_str())).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("iam:UpdateAssumeRolePolicy", "resource"),
            ("s3:GetObject", "principal_id"),
            ("sts:AssumeRole", "response_role_arn"),
        ]
    );
}

const HOSTILE: [&str; 7] = [
    "\x1b]0;owned\x07\x1b[31mred",
    "<script>alert(1)</script>",
    "=HYPERLINK(\"http://x\",\"y\")",
    "line\r\nbreak\ttab",
    "\u{202e}gpj.exe\u{9b}31m",
    "nul\0byte",
    "'; DROP TABLE cloudtrail; --",
];

/// Hostile text is harmless on a terminal and in a spreadsheet, and unchanged for machines.
#[tokio::test]
async fn hostile_text_is_harmless_where_it_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    for (n, text) in HOSTILE.iter().enumerate() {
        let agent = serde_json::to_string(text).unwrap();
        let hostile =
            record(text, &format!(r#","userAgent":{agent},"sourceIPAddress":{agent},"eventID":"{n}""#));
        std::fs::write(folder.path().join(format!("{n}.json")), format!("[{hostile}]")).unwrap();
    }
    let trail = Trail::open(&[folder.path().to_str().unwrap()]).await.unwrap();
    let (batches, coverage) = collect(&trail, &question(ROLE, "2024-01-02", "2024-01-03")).await;
    assert!(coverage.complete);
    let render = |format: Format, wide: bool| {
        let mut bytes = vec![];
        let style = TableStyle { width: 300, colour: false, wide };
        let mut writer = format.writer(Box::new(&mut bytes), &batches[0].schema(), style).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
        drop(writer);
        String::from_utf8(bytes).unwrap()
    };
    let harmless = |text: &str| !text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
    for table in [render(Format::Table, false), render(Format::Table, true)] {
        assert!(harmless(&table), "{table}");
        assert_eq!(table.trim_end().lines().count(), HOSTILE.len() + 1);
    }
    let ndjson = render(Format::Ndjson, false);
    assert!(harmless(&ndjson));
    let agents: Vec<String> = ndjson
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["useragent"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(HOSTILE.iter().all(|text| agents.iter().any(|agent| agent == text)), "{agents:?}");
    let csv = render(Format::Csv, false);
    assert!(csv.contains("'=HYPERLINK") && !csv.contains(",\"=HYPERLINK"), "{csv}");
}
