//! The timeline as the report shows it: as many rows as a browser bears, what findings rest on first.

use std::collections::HashMap;

use serde::Serialize;

use super::findings::numbers_by_event;
use super::view::Listed;
use super::words::stamp;
use crate::case::Case;
use crate::detection::Severity;
use crate::error::Result;
use crate::finding::Finding;
use crate::output::text::shortened;
use crate::timeline::{TimelineRow, timeline_rows};

/// Characters of a cell.
const LONGEST: usize = 160;

/// An event.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    time: String,
    relation: &'static str,
    call: String,
    /// `ok`, `denied` or `failed`.
    outcome: &'static str,
    error: String,
    source: String,
    caller: String,
    target: String,
    region: String,
    copies: u64,
    event_id: String,
    /// The worst severity of its findings; empty without one.
    severity: &'static str,
    findings: Vec<usize>,
}

/// At most `most` rows of a case's timeline.
///
/// # Errors
/// If a batch is not one of a timeline.
pub fn rows(case: &Case, most: usize) -> Result<Listed<RowView>> {
    let (mut marked, mut others, mut all) = (vec![], vec![], 0);
    for batch in &case.timeline.batches {
        for row in timeline_rows(batch)? {
            let kept = if row.findings.is_empty() { &mut others } else { &mut marked };
            if kept.len() < most {
                kept.push((all, row));
            }
            all += 1;
        }
    }
    others.truncate(most - marked.len());
    marked.extend(others);
    marked.sort_unstable_by_key(|(at, _)| *at);
    let marks = Marks::of(&case.findings);
    Ok(Listed::of(marked.iter(), all, most, |(_, row)| view(row, &marks)))
}

/// What is known of findings by the words that rows have for them.
struct Marks<'a> {
    by_event: HashMap<&'a str, Vec<usize>>,
    severities: HashMap<&'a str, Severity>,
}

impl<'a> Marks<'a> {
    fn of(findings: &'a [Finding]) -> Self {
        let mut severities: HashMap<&str, Severity> = HashMap::new();
        for finding in findings {
            let worst = severities.entry(&finding.id).or_insert(finding.severity);
            *worst = finding.severity.max(*worst);
        }
        Self { by_event: numbers_by_event(findings), severities }
    }
}

fn view(row: &TimelineRow, marks: &Marks<'_>) -> RowView {
    let text = |text: &Option<String>| shortened(text.as_deref().unwrap_or_default(), LONGEST).into_owned();
    let severity = row.findings.iter().filter_map(|id| marks.severities.get(id.as_str())).max();
    let numbers = row.event_id.as_deref().and_then(|id| marks.by_event.get(id));
    RowView {
        time: stamp(row.time),
        relation: relation(&row.relation),
        call: shortened(&row.call, LONGEST).into_owned(),
        outcome: outcome(row.error.as_deref()),
        error: text(&row.error),
        source: text(&row.source_address),
        caller: text(&row.caller),
        target: text(&row.target),
        region: text(&row.region),
        copies: row.copies,
        event_id: text(&row.event_id),
        severity: severity.map_or("", |severity| severity.name()),
        findings: numbers.filter(|_| severity.is_some()).cloned().unwrap_or_default(),
    }
}

/// `by_role`, `on_user` and their like in words.
fn relation(relation: &str) -> &'static str {
    match relation {
        "downstream" => "led to",
        on if on.starts_with("on_") => "aimed at it",
        _ => "own",
    }
}

/// As `queries/events.sql` has it.
fn outcome(error: Option<&str>) -> &'static str {
    const DENIALS: [&str; 5] = ["Denied", "Unauthorized", "NotAuthorized", "Forbidden", "AuthorizationError"];
    match error {
        None => "ok",
        Some(code) if DENIALS.iter().any(|denial| code.contains(denial)) => "denied",
        Some(_) => "failed",
    }
}
