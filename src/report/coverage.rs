//! What a case rests on, as tables.

use serde::Serialize;

use super::view::Listed;
use super::words::{bytes, count};
use crate::compared::number;
use crate::coverage::Coverage;
use crate::output::text::shortened;
use crate::source::Failure;

/// Names shown of what could not be read.
const SHOWN: usize = 100;
/// Characters of a name or a cause.
const LONGEST: usize = 300;

/// What was read, and what was not.
#[derive(Debug, Clone, Serialize)]
pub struct CoverageView {
    complete: bool,
    passes: Vec<Pass>,
    failures: Listed<FailureView>,
}

/// One reading of the logs. Numbers are written out.
#[derive(Debug, Clone, Default, Serialize)]
struct Pass {
    what: String,
    listed: String,
    pruned: String,
    read: String,
    failed: String,
    unread: String,
    records: String,
    kept: String,
    rejected: String,
    malformed: String,
    stored: String,
    /// Why objects were left out, each with how many.
    reasons: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct FailureView {
    name: String,
    cause: String,
}

/// The tables of a case's coverage.
pub fn coverage(coverage: &Coverage) -> CoverageView {
    let window = std::iter::once(("The window".to_owned(), coverage));
    let credentials = coverage.credentials.iter().map(|search| ("Issued credentials".to_owned(), &**search));
    let past = coverage.past.iter().enumerate();
    let past = past.map(|(at, past)| (format!("The past, reading {}", at + 1), past));
    let all: Vec<_> = window.chain(credentials).chain(past).collect();
    let failures: Vec<FailureView> = all.iter().flat_map(|(_, pass)| failures(pass)).collect();
    CoverageView {
        complete: coverage.complete,
        passes: all.into_iter().map(|(what, coverage)| pass(what, coverage)).collect(),
        failures: Listed::of(failures.iter(), failures.len(), SHOWN, FailureView::clone),
    }
}

fn pass(what: String, coverage: &Coverage) -> Pass {
    let (objects, records) = (&coverage.objects, &coverage.records);
    let reasons = coverage.pruned.iter().map(|(reason, pruned)| {
        let objects = (pruned.objects > 0).then(|| count(pruned.objects, "file", "files"));
        let folders = (pruned.folders > 0).then(|| count(pruned.folders, "whole folder", "whole folders"));
        let what: Vec<String> = objects.into_iter().chain(folders).collect();
        format!("{} ({})", what.join(" and "), reason.as_str())
    });
    Pass {
        what,
        listed: number(objects.listed),
        pruned: number(objects.pruned),
        read: number(objects.read),
        failed: number(objects.failed),
        unread: number(objects.unread),
        records: number(records.seen),
        kept: number(records.kept),
        rejected: number(records.rejected),
        malformed: number(records.malformed),
        stored: bytes(coverage.bytes.stored),
        reasons: reasons.collect(),
    }
}

/// Everything of one reading that could not be read, by name.
fn failures(coverage: &Coverage) -> impl Iterator<Item = FailureView> {
    let view = |name: &str, cause: &str| FailureView {
        name: shortened(name, LONGEST).into_owned(),
        cause: shortened(cause, LONGEST).into_owned(),
    };
    let unlisted = coverage.failed_listings.iter().chain(&coverage.failed_objects);
    let unlisted = unlisted.map(move |Failure { name, cause }| view(name, cause));
    let malformed = coverage.malformed_objects.iter().map(move |object| {
        let reasons = object.malformed.iter();
        let reasons: Vec<String> =
            reasons.map(|(reason, count)| format!("{} {}", number(*count), reason.as_str())).collect();
        view(&object.name, &format!("records that could not be read: {}", reasons.join(", ")))
    });
    let without_time = coverage
        .objects_without_time
        .iter()
        .map(move |name| view(name, "records without a time that can be read"));
    unlisted.chain(malformed).chain(without_time)
}
