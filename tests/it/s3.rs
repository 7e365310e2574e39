//! Timelines from S3, through the real protocol, with the faults that S3 has.

use std::time::{Duration, Instant};

use trailq::{Coverage, StoreOptions, TimelineRow, Trail};

use crate::s3_server::{Bucket, Fault, Server};
use crate::support::{ask, files_below, question, repository};

const ROLE: &str = "arn:aws:iam::111122223333:role/svc/order-processor";

/// The sample trail under `prefix`.
fn sample(prefix: &str) -> Bucket {
    let root = repository("testdata/trail");
    let mut bucket = Bucket::default();
    for path in files_below(&root) {
        let key = path.strip_prefix(&root).unwrap().to_str().unwrap();
        bucket.put(format!("{prefix}{key}"), std::fs::read(&path).unwrap());
    }
    bucket
}

fn options(server: &Server) -> StoreOptions {
    StoreOptions {
        endpoint: Some(server.endpoint.clone()),
        anonymous: true,
        retries: 3,
        retry_timeout: Duration::from_secs(20),
        ..StoreOptions::default()
    }
}

async fn timeline(server: &Server, source: &str) -> (Vec<TimelineRow>, Coverage) {
    let trail = Trail::open_with(&[source], &options(server)).await.unwrap();
    ask(&trail, &question(ROLE, "2026-03-14T13:37:00Z", "2026-03-14T14:37:00Z")).await
}

/// The rows from the same files in a folder.
async fn from_folder() -> Vec<TimelineRow> {
    let trail = Trail::open(&[repository("testdata/trail").to_str().unwrap()]).await.unwrap();
    ask(&trail, &question(ROLE, "2026-03-14T13:37:00Z", "2026-03-14T14:37:00Z")).await.0
}

fn ids(rows: &[TimelineRow]) -> Vec<Option<String>> {
    rows.iter().map(|row| row.event_id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_prefix_gives_what_a_folder_gives() {
    let server = Server::start(sample("org/prefix/"), None).await;
    let expected = ids(&from_folder().await);
    assert_eq!(expected.len(), 44);
    for source in ["s3://logs", "s3://logs/org/prefix/", "s3://logs/org/prefix/AWSLogs"] {
        let (rows, coverage) = timeline(&server, source).await;
        assert!(coverage.complete, "{coverage:#?}");
        assert_eq!(ids(&rows), expected, "{source}");
        assert!(rows[0].source.0.starts_with("s3://logs/org/prefix/AWSLogs/111122223333/"));
    }
    // The other account's copy names the role by its id alone, which nothing here ties to it.
    let (rows, _) = timeline(&server, "s3://logs/org/prefix/AWSLogs/444455556666").await;
    assert_eq!(rows.len(), 0);
    let (all, _) = timeline(&server, "s3://logs").await;
    let object = &all[0].source.0;
    let (rows, coverage) = timeline(&server, object).await;
    assert_eq!((rows[0].source.0.as_str(), coverage.objects.listed), (object.as_str(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_window_needs_is_listed_and_fetched() {
    let mut bucket = sample("");
    for day in 1..=13 {
        bucket.put(format!("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/{day:02}/x.json"), "{}");
    }
    let server = Server::start(bucket, None).await;
    let (_, coverage) = timeline(&server, "s3://logs").await;
    let gets = server.bucket.gets.load(std::sync::atomic::Ordering::Relaxed) as u64;
    assert_eq!(gets, coverage.objects.read);
    assert_eq!(coverage.objects.read, 54);
    assert!(coverage.list_requests < 40, "{}", coverage.list_requests);
    assert_eq!(coverage.list_requests, server.bucket.lists.load(std::sync::atomic::Ordering::Relaxed) as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_are_retried() {
    let mut bucket = sample("");
    bucket.fault("111122223333_CloudTrail_us-east-1_20260314T141", Fault::SlowDown(2));
    bucket.fault("111122223333_CloudTrail_us-east-1_20260314T1410Z", Fault::Drop(1));
    bucket.fault("AWSLogs/111122223333/CloudTrail/us-east-1/", Fault::SlowDown(2));
    let server = Server::start(bucket, None).await;
    let (rows, coverage) = timeline(&server, "s3://logs").await;
    assert!(coverage.complete, "{coverage:#?}");
    assert_eq!(ids(&rows), ids(&from_folder().await));
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_faults_are_reported_and_the_rest_answered() {
    let mut bucket = sample("");
    bucket.fault("us-east-1_20260314T1410Z", Fault::Drop(usize::MAX));
    bucket.fault("us-east-1_20260314T1415Z", Fault::Gone);
    bucket.fault("us-east-1_20260314T1425Z", Fault::Denied);
    bucket.fault("us-east-1_20260314T1400Z", Fault::SlowDown(usize::MAX));
    bucket.fault("AWSLogs/444455556666/CloudTrail/us-east-1/", Fault::Denied);
    let server = Server::start(bucket, None).await;
    let (rows, coverage) = timeline(&server, "s3://logs").await;
    assert!(!coverage.complete);
    assert!(rows.len() > 10 && rows.len() < 44, "{}", rows.len());
    let causes: Vec<_> = coverage.failed_objects.iter().map(|f| format!("{} {}", f.name, f.cause)).collect();
    for (minute, says) in [("1400Z", "SlowDown"), ("1410Z", ""), ("1415Z", "deleted"), ("1425Z", "403")] {
        assert!(
            causes.iter().any(|cause| cause.contains(minute) && cause.contains(says)),
            "{minute}: {causes:#?}"
        );
    }
    assert_eq!(coverage.failed_listings.len(), 1);
    assert!(coverage.failed_listings[0].name.contains("444455556666/CloudTrail/us-east-1"));
    assert!(coverage.failed_listings[0].cause.contains("403"), "{:?}", coverage.failed_listings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_is_streamed() {
    // Random ids do not compress, so this is larger than what is fetched in one piece.
    let mut text = String::from("{\"Records\":[");
    for n in 0..400_000u64 {
        let id = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let other = id.rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        text += &format!(
            "{}{{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-14T14:00:00Z\",\"eventID\":\"{id:016x}{other:016x}{:016x}\"}}",
            if n == 0 { "" } else { "," },
            id ^ other.rotate_right(7)
        );
    }
    text += ",{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-14T14:00:00Z\",\"userIdentity\":{\"arn\":\"arn:aws:sts::111122223333:assumed-role/order-processor/s\"}}]}";
    let mut gzip = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    let stored = gzip.finish().unwrap();
    assert!(stored.len() > 9 << 20, "{}", stored.len());
    let mut bucket = Bucket::default();
    bucket.put("AWSLogs/large.json.gz", stored);
    bucket.fault("large", Fault::Drop(1));
    let server = Server::start(bucket, None).await;
    let (rows, coverage) = timeline(&server, "s3://logs/AWSLogs").await;
    assert!(coverage.complete, "{coverage:#?}");
    assert_eq!((rows.len(), coverage.records.seen), (1, 400_001));
    assert_eq!(coverage.bytes.inflated, text.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said() {
    let server = Server::start(sample(""), None).await;
    let open = async |source: &str| {
        let trail = Trail::open_with(&[source], &options(&server)).await?;
        trail.timeline(&question(ROLE, "2026-03-14T13:37:00Z", "2026-03-14T14:37:00Z")).await.map(drop)
    };
    let empty = open("s3://logs/no/such/prefix").await.unwrap_err();
    assert!(empty.is_empty_source() && empty.to_string().contains("AWSLogs"), "{empty}");
    let nobody = StoreOptions { endpoint: Some("http://127.0.0.1:9".into()), retries: 0, ..options(&server) };
    let trail = Trail::open_with(&["s3://logs"], &nobody).await.unwrap();
    let error = trail.list(&Default::default()).await.unwrap_err();
    assert!(error.is_unreachable(), "{error}");
}

/// Requests overlap with each other and with decoding: 400 objects that each take 20 ms come in
/// far less than the 8 s that they take one by one.
#[tokio::test(flavor = "multi_thread")]
async fn many_objects_are_in_flight() {
    let mut bucket = Bucket::default();
    for n in 0..400 {
        bucket.put(format!("AWSLogs/{n}.json"), r#"{"Records":[{"eventVersion":"1.08"}]}"#);
    }
    bucket.delay(Duration::from_millis(20));
    let server = Server::start(bucket, None).await;
    let started = Instant::now();
    let (_, coverage) = timeline(&server, "s3://logs/AWSLogs").await;
    assert_eq!(coverage.objects.read as usize, server.bucket.len());
    assert!(server.bucket.most_in_flight.load(std::sync::atomic::Ordering::Relaxed) > 32);
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}
