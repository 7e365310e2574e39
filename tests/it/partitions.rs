//! Partitions in S3: what a query does not ask for is not even listed.

use std::sync::atomic::Ordering::Relaxed;

use trailq::sql::{Engine, Session};
use trailq::{Coverage, StoreOptions, Trail};

use crate::s3_server::{Bucket, Server};

/// Two accounts, three regions, 400 days, an object each.
fn bucket() -> Bucket {
    let mut bucket = Bucket::default();
    for account in ["111122223333", "444455556666"] {
        for region in ["eu-west-1", "us-east-1", "us-west-2"] {
            let first = chrono::NaiveDate::from_ymd_opt(2025, 1, 1).unwrap();
            for day in first.iter_days().take(400) {
                let folder = format!("AWSLogs/{account}/CloudTrail/{region}/{}", day.format("%Y/%m/%d"));
                let record = format!(
                    r#"{{"Records":[{{"eventVersion":"1.08","eventTime":"{day}T12:00:00Z","eventName":"A"}}]}}"#
                );
                bucket.put(format!("{folder}/x.json"), record);
            }
        }
    }
    bucket
}

struct Asked {
    rows: usize,
    coverage: Coverage,
    notices: Vec<String>,
    lists: u64,
}

async fn ask(server: &Server, ddl: Option<&str>, query: &str) -> Asked {
    let options =
        StoreOptions { endpoint: Some(server.endpoint.clone()), anonymous: true, ..StoreOptions::default() };
    let engine = Engine::new(Trail::open_with(&["s3://logs"], &options).await.unwrap());
    let session = Session::default();
    if let Some(ddl) = ddl {
        engine.run(ddl, &session).await.unwrap();
    }
    let before = server.bucket.lists.load(Relaxed) as u64;
    let mut answer = engine.run(query, &session).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = answer.next().await {
        rows += batch.unwrap().num_rows();
    }
    let coverage = answer.coverage();
    assert!(coverage.is_consistent() && coverage.complete, "{coverage:#?}");
    let lists = server.bucket.lists.load(Relaxed) as u64 - before;
    assert_eq!(lists, coverage.list_requests);
    Asked { rows, coverage, notices: answer.notices().to_vec(), lists }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_folders_of_a_partition_are_listed() {
    let server = Server::start(bucket(), None).await;
    for (predicate, rows, most_lists) in [
        // The bucket, AWSLogs, an account, its CloudTrail, and then one path of region, year, month, day.
        ("account = '444455556666' AND region = 'eu-west-1' AND date = '2025/03/04'", 1, 2 + 6),
        ("region = 'us-west-2' AND year = '2025' AND month = '03' AND day = '04'", 2, 2 + 2 * 6),
        // Two regions of each account, with two years, two months and four days.
        ("region LIKE 'us-%' AND date >= '2025/12/30' AND date < '2026/01/03'", 16, 2 + 2 * (2 + 2 * 9)),
        // Three regions of each account, with two years, months and days.
        ("date IN ('2025/01/01', '2026/01/01')", 12, 2 + 2 * (2 + 3 * 7)),
        ("region = 'ap-south-1'", 0, 6),
    ] {
        let asked = ask(&server, None, &format!("SELECT eventname FROM t WHERE {predicate}")).await;
        assert_eq!(asked.rows, rows, "{predicate}");
        assert_eq!(asked.coverage.objects.read, rows as u64, "{predicate}");
        assert!(asked.lists <= most_lists, "{predicate}: {} list requests", asked.lists);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_projected_table_lists_what_its_template_names() {
    let server = Server::start(bucket(), None).await;
    let ddl = "CREATE EXTERNAL TABLE t (eventname string) PARTITIONED BY (region string, `timestamp` string) \
        ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde' LOCATION 's3://logs/AWSLogs/111122223333/' \
        TBLPROPERTIES ('projection.enabled'='true', 'projection.region.type'='enum', \
        'projection.region.values'='us-east-1,us-west-2', 'projection.timestamp.type'='date', \
        'projection.timestamp.format'='yyyy/MM/dd', 'projection.timestamp.range'='2025/01/01,2025/12/31', \
        'storage.location.template'='s3://logs/AWSLogs/111122223333/CloudTrail/${region}/${timestamp}')";
    let asked = ask(&server, Some(ddl), "SELECT eventname FROM t WHERE timestamp > '2025/12/29'").await;
    assert_eq!((asked.rows, asked.notices.len()), (4, 0));
    assert!(asked.lists <= 1 + 2 * (1 + 1 + 1 + 2), "{}", asked.lists);
    let asked = ask(&server, Some(ddl), "SELECT region, timestamp FROM t").await;
    assert_eq!(asked.rows, 2 * 365);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_location_elsewhere_is_refused() {
    let server = Server::start(bucket(), None).await;
    let options =
        StoreOptions { endpoint: Some(server.endpoint.clone()), anonymous: true, ..StoreOptions::default() };
    let engine = Engine::new(Trail::open_with(&["s3://logs"], &options).await.unwrap());
    let ddl = "CREATE EXTERNAL TABLE t (eventname string) LOCATION 's3://other/AWSLogs/'";
    engine.run(ddl, &Session::default()).await.unwrap();
    let refused = engine.run("SELECT * FROM t", &Session::default()).await.err().unwrap();
    assert!(refused.to_string().contains("lies in none of the sources (s3://logs/)"), "{refused}");
}
