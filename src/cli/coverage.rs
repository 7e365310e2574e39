//! Says on standard error what an answer rests on.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use indicatif::{HumanBytes, HumanCount};
use trailq::output::text::visible;
use trailq::output::{WholeFile, write_error};
use trailq::{Coverage, Result};

/// Failures printed one by one; the rest are counted.
const NAMED: usize = 20;

/// Prints the coverage line, and every failure before it.
pub fn print(coverage: &Coverage) {
    let mut text = String::new();
    for line in failures(coverage).iter().take(NAMED) {
        let _ = writeln!(text, "{}", visible(line));
    }
    let more = failures(coverage).len().saturating_sub(NAMED);
    if more > 0 {
        let _ = writeln!(text, "… and {more} more; --coverage FILE names all");
    }
    if coverage.records_without_time > 0 {
        let _ = writeln!(
            text,
            "note: {} parsed records have no readable eventTime and are in no window; the first in {}",
            HumanCount(coverage.records_without_time),
            visible(coverage.objects_without_time.first().map_or("?", String::as_str))
        );
    }
    if coverage.objects.read + coverage.objects.failed == 0 {
        let _ = writeln!(text, "note: nothing was read; check the window and the source");
    }
    if let Some(search) = &coverage.credentials {
        let _ = writeln!(text, "search for credentials: {}", line(search));
    }
    for (past, whose) in coverage.past.iter().zip(["past to compare with", "past of other roles"]) {
        let _ = writeln!(text, "{whose}: {}", line(past));
    }
    let _ = writeln!(text, "{}", line(coverage));
    // Nothing can be done about a standard error that is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn failures(coverage: &Coverage) -> Vec<String> {
    let listings = coverage.failed_listings.iter().map(|f| format!("could not list {}: {}", f.name, f.cause));
    let objects = coverage.failed_objects.iter().map(|f| format!("could not read {}: {}", f.name, f.cause));
    let malformed = coverage.malformed_objects.iter().map(|object| {
        let reasons: Vec<_> =
            object.malformed.iter().map(|(reason, n)| format!("{n} {}", reason.as_str())).collect();
        format!("malformed records in {}: {}", object.name, reasons.join(", "))
    });
    let others = coverage.credentials.as_deref().into_iter().chain(&coverage.past).flat_map(failures);
    let mut all: Vec<String> = others.chain(listings).chain(objects).chain(malformed).collect();
    // What both passes could not read is said once.
    let mut said = HashSet::new();
    all.retain(|line| said.insert(line.clone()));
    all
}

fn line(coverage: &Coverage) -> String {
    let (objects, records) = (&coverage.objects, &coverage.records);
    let mut pruned: Vec<String> = vec![];
    for (reason, what) in &coverage.pruned {
        let folders =
            if what.folders > 0 { format!(" + {} folders", HumanCount(what.folders)) } else { String::new() };
        pruned.push(format!("{}: {}{folders}", reason.as_str(), HumanCount(what.objects)));
    }
    let pruned = if pruned.is_empty() { String::new() } else { format!(" ({})", pruned.join(", ")) };
    let unread = if objects.unread > 0 {
        format!(" + {} not needed", HumanCount(objects.unread))
    } else {
        String::new()
    };
    // A case's coverage has no time: it is the same whenever it is made.
    let elapsed = match coverage.elapsed_ms {
        0 => String::new(),
        elapsed => format!("; {:.2} s", elapsed as f64 / 1000.0),
    };
    format!(
        "{}: objects {} = {} pruned{pruned} + {} read + {} failed{unread}; \
         records {} = {} kept + {} rejected + {} malformed; {} read, {} inflated{elapsed}",
        if coverage.complete { "complete" } else { "PARTIAL" },
        HumanCount(objects.listed),
        HumanCount(objects.pruned),
        HumanCount(objects.read),
        HumanCount(objects.failed),
        HumanCount(records.seen),
        HumanCount(records.kept),
        HumanCount(records.rejected),
        HumanCount(records.malformed),
        HumanBytes(coverage.bytes.stored),
        HumanBytes(coverage.bytes.inflated),
    )
}

/// Starts to write the file, if there is to be one.
pub fn create(path: Option<&Path>) -> Result<Option<(WholeFile, File)>> {
    path.map(WholeFile::create).transpose()
}

/// Writes the coverage as JSON.
pub fn write(coverage: &Coverage, whole: WholeFile, mut file: File) -> Result<()> {
    serde_json::to_writer_pretty(&mut file, coverage)
        .map_err(std::io::Error::from)
        .and_then(|()| file.write_all(b"\n"))
        .map_err(|cause| write_error(Path::new("the coverage"), cause))?;
    whole.commit()
}
