//! What several tests need.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use chrono::Utc;
use serde_json::Value;
use trailq::{Coverage, Role, TimelineQuestion, TimelineRow, Trail, Window, parse_time, timeline_rows};

/// A path in this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A path in the folder of shared cases beside the repository. Says on standard error, past the
/// test runner's capture, that a test is skipped where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = repository("../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    let _ = writeln!(std::io::stderr(), "SKIPPED: {} is not here", found.display());
    None
}

/// A JSON file's lines.
pub fn json_lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every file below a folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    entries.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path()).collect()
}

pub fn question(role: &str, first: &str, last: &str) -> TimelineQuestion {
    let time = |text| parse_time(text, Utc::now()).unwrap();
    let role: Role = role.parse().unwrap();
    TimelineQuestion::new(role, Window::inclusive(time(first), time(last)).unwrap())
}

/// A question's rows and coverage, the latter checked to add up.
pub async fn ask(trail: &Trail, question: &TimelineQuestion) -> (Vec<TimelineRow>, Coverage) {
    let (batches, coverage) = collect(trail, question).await;
    (batches.iter().flat_map(|batch| timeline_rows(batch).unwrap()).collect(), coverage)
}

pub async fn collect(trail: &Trail, question: &TimelineQuestion) -> (Vec<RecordBatch>, Coverage) {
    let (batches, coverage) = trail.timeline(question).await.unwrap().collect().await.unwrap();
    assert!(coverage.is_consistent(), "{coverage:#?}");
    (batches, coverage)
}

/// The event ids of the rows with this relation.
pub fn event_ids(rows: &[TimelineRow], relation: &str) -> BTreeSet<String> {
    rows.iter().filter(|row| row.relation == relation).filter_map(|row| row.event_id.clone()).collect()
}
