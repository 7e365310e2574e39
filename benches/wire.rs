//! How much longer a timeline from S3 takes than the wire alone: the same objects, fetched with
//! the same concurrency from the same server, whose every answer takes 50 ms longer.
//!
//! `TRAILQ_BENCH_LOGS=FOLDER cargo bench --bench wire`; without a folder, copies of the sample
//! trail's objects.

#[path = "../tests/it/s3_server.rs"]
#[allow(dead_code)]
mod s3_server;

use std::path::Path;
use std::time::{Duration, Instant};

use futures::StreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::{ObjectStore, ObjectStoreExt};
use s3_server::{Bucket, Server};
use trailq::{Principal, StoreOptions, TimelineQuestion, Trail, Window, parse_time};

const OBJECTS: usize = 3456;
const DELAY: Duration = Duration::from_millis(50);
/// What the scan has in flight.
const CONCURRENCY: usize = 64;

fn bucket() -> Bucket {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/trail");
    let folder = std::env::var_os("TRAILQ_BENCH_LOGS").map_or(sample, Into::into);
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files: Vec<_> = entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "gz")).collect();
    let mut bucket = Bucket::default();
    for (n, file) in files.iter().cycle().take(OBJECTS).enumerate() {
        let bytes = std::fs::read(file.path()).expect("readable");
        bucket.put(format!("AWSLogs/{n:05}.json.gz"), bytes);
    }
    bucket.delay(DELAY);
    bucket
}

async fn wire(server: &Server) -> Duration {
    let store = AmazonS3Builder::new()
        .with_endpoint(&server.endpoint)
        .with_allow_http(true)
        .with_skip_signature(true)
        .with_bucket_name("logs")
        .build()
        .expect("a store");
    let started = Instant::now();
    let listed: Vec<_> = store.list(None).map(|meta| meta.expect("listed").location).collect().await;
    let fetched = futures::stream::iter(listed)
        .map(async |key| store.get(&key).await.expect("an answer").bytes().await.expect("a body").len());
    fetched.buffer_unordered(CONCURRENCY).for_each(async |_| {}).await;
    started.elapsed()
}

async fn timeline(server: &Server) -> Duration {
    let started = Instant::now();
    let options =
        StoreOptions { endpoint: Some(server.endpoint.clone()), anonymous: true, ..StoreOptions::default() };
    let trail = Trail::open_with(&["s3://logs/AWSLogs"], &options).await.expect("opened");
    let role = Principal::role("arn:aws:iam::111122223333:role/order-processor-role").expect("a role");
    let time = |text| parse_time(text, chrono::Utc::now()).expect("a time");
    let window = Window::inclusive(time("2026-03-14"), time("2026-03-14T23:59:59Z")).expect("a window");
    let (_, coverage) = trail
        .timeline(&TimelineQuestion::new(role, window))
        .await
        .expect("planned")
        .collect()
        .await
        .expect("answered");
    assert!(coverage.complete && coverage.objects.listed as usize == OBJECTS);
    started.elapsed()
}

#[tokio::main]
async fn main() {
    let server = Server::start(bucket(), None).await;
    for _ in 0..3 {
        let (wire, timeline) = (wire(&server).await, timeline(&server).await);
        let ratio = timeline.as_secs_f64() / wire.as_secs_f64();
        println!("wire {wire:.2?}  timeline {timeline:.2?}  ratio {ratio:.2}");
    }
}
