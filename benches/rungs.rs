//! What each step of a scan costs, one rung on another, over the same objects; and what the slow
//! twin costs. Throughput is in bytes of inflated JSON.
//!
//! `TRAILQ_BENCH_LOGS=FOLDER` measures logs of your own; without it, the sample trail's records,
//! repeated to the size of a busy account's files.

use std::hint::black_box;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::MultiGzDecoder;
use trailq::decode::inflate::Inflater;
use trailq::decode::oracle;
use trailq::decode::prefilter::Prefilter;
use trailq::decode::record::Projection;
use trailq::decode::split::Splitter;
use trailq::decode::{Body, Decoder, Limits, Object};
use trailq::schema::COLUMNS;
use trailq::sql::{Engine, Session};
use trailq::{AnomalyQuestion, Principal, TimelineQuestion, Trail, Window, parse_time};

const ROLE: &str = "arn:aws:iam::111122223333:role/svc/order-processor";
const OBJECT: Object<'_> = Object { name: "object", size: 0, modified: 0, hashed: false };
const OBJECTS: usize = 32;
const RECORDS: usize = 2000;

struct Logs {
    folder: PathBuf,
    stored: Vec<Vec<u8>>,
    content: Vec<Vec<u8>>,
    _temporary: Option<tempfile::TempDir>,
}

impl Logs {
    fn load() -> Self {
        if let Some(folder) = std::env::var_os("TRAILQ_BENCH_LOGS") {
            return Self::read(folder.into(), None);
        }
        let temporary = tempfile::tempdir().expect("a temporary folder");
        let folder = temporary.path().to_owned();
        write_busy_trail(&folder);
        Self::read(folder, Some(temporary))
    }

    fn read(folder: PathBuf, temporary: Option<tempfile::TempDir>) -> Self {
        let stored: Vec<_> =
            gzip_files(&folder).iter().map(|path| std::fs::read(path).expect("readable")).collect();
        let content = stored.iter().map(|gzip| inflated(gzip)).collect();
        Self { folder, stored, content, _temporary: temporary }
    }
}

fn gzip_files(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = entries.map(|entry| entry.into_path());
    files
        .filter(|path| path.to_string_lossy().ends_with(".gz") && !path.to_string_lossy().contains("Digest"))
        .collect()
}

fn inflated(gzip: &[u8]) -> Vec<u8> {
    let mut content = vec![];
    MultiGzDecoder::new(gzip).read_to_end(&mut content).expect("gzip");
    content
}

/// Objects of the sample trail's records, over and over.
fn write_busy_trail(folder: &Path) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/trail");
    let mut records: Vec<String> = vec![];
    for path in gzip_files(&sample) {
        let mut splitter = Splitter::new(1 << 20);
        let content = inflated(&std::fs::read(path).expect("readable"));
        splitter.scan(&content, true, |piece| {
            if let trailq::decode::split::Piece::Record { bytes, .. } = piece {
                records.push(String::from_utf8_lossy(bytes).into_owned());
            }
        });
    }
    let mut cycle = records.iter().cycle();
    for object in 0..OBJECTS {
        let inside: Vec<&str> = cycle.by_ref().take(RECORDS).map(String::as_str).collect();
        let file = std::fs::File::create(folder.join(format!("{object}.json.gz"))).expect("a file");
        let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::default());
        write!(gzip, "{{\"Records\":[{}]}}", inside.join(",")).expect("written");
        gzip.finish().expect("written");
    }
}

/// Lets one record of some hundred pass, as a timeline's does in a busy account.
fn prefilter() -> Prefilter {
    Prefilter::new([vec!["AWSAccount"]])
}

fn decode_all(logs: &Logs, projection: &Projection, prefilter: Prefilter) -> usize {
    let limits = Limits::default();
    let decoder = Decoder { projection: projection.clone(), prefilter: Arc::new(prefilter), limits };
    let (mut scratch, mut rows) = (decoder.scratch(), 0);
    let mut emit = |batch: arrow::array::RecordBatch| {
        rows += batch.num_rows();
        ControlFlow::Continue(())
    };
    for stored in &logs.stored {
        decoder.decode(OBJECT, Body::Bytes(stored.clone().into()), &mut scratch, &mut emit);
    }
    let _ = scratch.flush(&mut emit);
    rows
}

fn question() -> TimelineQuestion {
    let time = |text| parse_time(text, chrono::Utc::now()).expect("a time");
    let window = Window::inclusive(time("2026-03-14T14:00:00Z"), time("2026-03-14T14:10:00Z"));
    TimelineQuestion::new(Principal::role(ROLE).expect("a role"), window.expect("a window"))
}

/// How many rows `query` gives.
async fn rows(engine: &Engine, query: &str) -> usize {
    let mut answer = engine.run(query, &Session::default()).await.expect("planned");
    let mut rows = 0;
    while let Some(batch) = answer.next().await {
        rows += batch.expect("answered").num_rows();
    }
    rows
}

fn rungs(criterion: &mut Criterion) {
    let logs = Logs::load();
    let bytes: usize = logs.content.iter().map(Vec::len).sum();
    let mut group = criterion.benchmark_group("rungs");
    group.throughput(Throughput::Bytes(bytes as u64)).sample_size(10);
    let inflate = |each: &mut dyn FnMut(&[u8])| {
        let (mut inflater, mut out) = (Inflater::new(), vec![]);
        for stored in &logs.stored {
            let length = inflater.inflate(stored, &mut out, usize::MAX).expect("gzip");
            each(&out[..length]);
        }
    };
    let nothing_like_it = || Prefilter::new([vec!["no-such-role"]]);
    group.bench_function("1 inflate", |b| {
        b.iter(|| {
            inflate(&mut |content| {
                black_box(content);
            })
        })
    });
    group.bench_function("2 + search", |b| {
        let prefilter = nothing_like_it();
        b.iter(|| {
            inflate(&mut |content| {
                black_box(prefilter.judge(content));
            })
        })
    });
    group.bench_function("3 + split", |b| {
        b.iter(|| decode_all(&logs, &Projection::default(), nothing_like_it()))
    });
    group.bench_function("4 + parse candidates", |b| {
        b.iter(|| decode_all(&logs, &Projection::default(), prefilter()))
    });
    group.bench_function("5 + parse all", |b| {
        b.iter(|| decode_all(&logs, &Projection::default(), Prefilter::default()))
    });
    group.bench_function("6 + three columns", |b| {
        let wanted = ["eventsource", "eventname", "event_timestamp"];
        let at = wanted.map(|name| COLUMNS.iter().position(|column| column.name == name).expect("a column"));
        let projection = Projection(at.map(|column| (column, None)).to_vec());
        b.iter(|| decode_all(&logs, &projection, Prefilter::default()))
    });
    group.bench_function("7 + all columns", |b| {
        b.iter(|| decode_all(&logs, &Projection::all(), Prefilter::default()))
    });
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let trail = runtime.block_on(Trail::open(&[logs.folder.to_string_lossy()])).expect("opened");
    for (rung, follow) in [("8 timeline SQL, both cores", false), ("9 credentials followed", true)] {
        let question = question().follow(follow);
        group.bench_function(rung, |b| {
            b.iter(|| {
                let answer = runtime.block_on(trail.timeline(&question)).expect("planned");
                runtime.block_on(answer.collect()).expect("answered")
            })
        });
    }
    group.bench_function("10 findings", |b| {
        let question = AnomalyQuestion::about(question());
        b.iter(|| runtime.block_on(trail.anomalies(&question)).expect("answered"))
    });
    group.bench_function("11 full aggregation SQL, both cores", |b| {
        let engine = Engine::new(trail.clone());
        let count = "SELECT eventsource, eventname, count(*) FROM logs GROUP BY 1, 2";
        b.iter(|| runtime.block_on(rows(&engine, count)))
    });
    group.bench_function("slow twin: serde_json", |b| {
        b.iter(|| logs.stored.iter().map(|gzip| oracle::records(gzip).expect("JSON").len()).sum::<usize>())
    });
    group.finish();
}

criterion_group!(benches, rungs);
criterion_main!(benches);
