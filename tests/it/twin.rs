//! The fast decoder against its slow twin, on every log there is.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::TimestampMillisecondType;
use arrow::json::LineDelimitedWriter;
use serde_json::{Map, Value};
use trailq::decode::oracle::{OracleRecord, records};
use trailq::decode::prefilter::Prefilter;
use trailq::decode::record::Projection;
use trailq::decode::tally::ObjectTally;
use trailq::decode::{Body, Decoder, Limits, Object};
use trailq::schema::{COLUMNS, Origin};

use crate::support::{files_below, repository, shared};

fn decode(body: Body, prefilter: Prefilter, limits: Limits) -> (RecordBatch, ObjectTally) {
    let decoder = Decoder { projection: Projection::all(), prefilter: Arc::new(prefilter), limits };
    let (mut batches, mut scratch) = (vec![], decoder.scratch());
    let mut emit = |batch| {
        batches.push(batch);
        ControlFlow::Continue(())
    };
    let object = Object { name: "object", size: 0, modified: 0, hashed: false };
    let tally = decoder.decode(object, body, &mut scratch, &mut emit);
    let _ = scratch.flush(&mut emit);
    (concat_batches(&decoder.projection.schema(), &batches).unwrap(), tally)
}

/// The batch's rows in the oracle's form.
fn as_oracle(batch: &RecordBatch) -> Vec<OracleRecord> {
    let mut lines = vec![];
    let mut writer = LineDelimitedWriter::new(&mut lines);
    writer.write(batch).unwrap();
    let times = batch.column_by_name("event_timestamp").unwrap().as_primitive::<TimestampMillisecondType>();
    let rows = lines.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let rows = rows.zip(times).map(|(line, millis)| {
        let row: Map<String, Value> = serde_json::from_slice(line).unwrap();
        let columns = COLUMNS.iter().filter(|column| matches!(column.origin, Origin::Record(..)));
        let columns = columns.map(|column| {
            let value = row.get(column.name).cloned().unwrap_or_default();
            (column.name.to_owned(), value)
        });
        OracleRecord { columns: columns.map(|(name, value)| (name, without_nulls(value))).collect(), millis }
    });
    rows.collect()
}

/// arrow-json leaves nulls out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| (key, without_nulls(value)));
            Value::Object(members.filter(|(_, value)| !value.is_null()).collect())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn expected(stored: &[u8]) -> Vec<OracleRecord> {
    let mut found = records(stored).unwrap();
    for record in &mut found {
        let columns = std::mem::take(&mut record.columns).into_iter();
        record.columns = columns.map(|(name, value)| (name, without_nulls(value))).collect();
    }
    found
}

/// In one go, as a stream, and with a prefilter: the rows are the twin's.
fn compare(path: &Path) -> usize {
    let stored = std::fs::read(path).unwrap();
    let truth = expected(&stored);
    let name = path.display();
    let (whole, tally) = decode(Body::Path(path.to_owned()), Prefilter::default(), Limits::default());
    assert!(tally.error.is_none(), "{name}: {tally:?}");
    assert_eq!(tally.stored_bytes, stored.len() as u64, "{name}");
    assert_eq!((tally.records, tally.parsed), (truth.len() as u64, truth.len() as u64), "{name}: {tally:?}");
    assert_eq!(as_oracle(&whole), truth, "{name}");

    let reader = Box::new(std::io::Cursor::new(stored));
    let small = Limits { batch_rows: 3, ..Limits::default() };
    let (streamed, streamed_tally) = decode(Body::Read(reader), Prefilter::default(), small);
    assert_eq!(streamed, whole, "{name}");
    assert_eq!(streamed_tally.inflated_bytes, tally.inflated_bytes, "{name}");

    for needle in ["AssumedRole", "AKIA", "GetObject", "no such text"] {
        let (kept, tally) =
            decode(Body::Path(path.to_owned()), Prefilter::new([vec![needle]]), Limits::default());
        let wanted = truth.iter().filter(|record| format!("{:?}", record.columns).contains(needle));
        let kept = as_oracle(&kept);
        assert_eq!(tally.records, truth.len() as u64, "{name}");
        assert!(wanted.into_iter().all(|record| kept.contains(record)), "{name}: {needle}");
    }
    truth.len()
}

#[test]
fn agrees_on_testdata() {
    let compared: usize = files_below(&repository("testdata/trail"))
        .iter()
        .filter(|path| !path.to_string_lossy().contains("Digest"))
        .map(|path| compare(path))
        .sum();
    assert!(compared > 250, "{compared}");
}

#[test]
fn agrees_on_all_shared_logs() {
    let Some(logs) = shared("cases/logs") else { return };
    let unreadable = ["truncated-gzip", "not-json", "zero-byte-file"];
    let files = files_below(&logs);
    let readable =
        files.iter().filter(|path| !unreadable.iter().any(|case| path.to_string_lossy().contains(case)));
    let compared: usize = readable.map(|path| compare(path)).sum();
    assert!(compared > 10_000, "{compared}");
}
