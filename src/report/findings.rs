//! Findings as the report shows them.

use std::collections::HashMap;

use serde::Serialize;

use super::attack::{Tactic, Technique, tactic, technique};
use super::view::Listed;
use super::words::{capital, count, stamp};
use crate::detection::Severity;
use crate::finding::{Evidence, Finding};
use crate::output::text::shortened;

/// Findings shown; `findings.json` has the rest.
const SHOWN: usize = 100;
/// Events shown of a finding.
const EVENTS_SHOWN: usize = 20;
/// Characters of a finding's explanation.
const LONGEST: usize = 2_000;
/// Characters of its title, or of a cell.
const LONGEST_CELL: usize = 160;

/// A finding.
#[derive(Debug, Clone, Serialize)]
pub struct FindingView {
    /// From 1, worst first; the timeline and the chart refer to it.
    pub number: usize,
    title: String,
    /// Not to be looked at by itself.
    pub is_mild: bool,
    /// The name of its severity.
    pub severity: &'static str,
    score: u8,
    rule: String,
    principal: String,
    when: String,
    events: String,
    explanation: String,
    tactics: Vec<Tactic>,
    techniques: Vec<Technique>,
    checks: Vec<String>,
    benign: Vec<String>,
    references: Vec<Reference>,
    evidence: Listed<EvidenceView>,
}

/// Where to read more.
#[derive(Debug, Clone, Serialize)]
struct Reference {
    text: String,
    /// Only of sites that a report may link to.
    url: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct EvidenceView {
    time: String,
    call: String,
    region: String,
    outcome: String,
    source: String,
    target: String,
    event_id: String,
    /// The object's name without its folders, and the record's ordinal in it.
    record: String,
}

/// The worst findings.
pub fn findings(findings: &[Finding]) -> Listed<FindingView> {
    Listed::of(findings.iter().enumerate(), findings.len(), SHOWN, |(at, finding)| view(at + 1, finding))
}

/// Numbers of the findings that rest on an event, by its id.
pub fn numbers_by_event(findings: &[Finding]) -> HashMap<&str, Vec<usize>> {
    let mut numbers: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, finding) in findings.iter().take(SHOWN).enumerate() {
        for id in &finding.eventids {
            let of_event = numbers.entry(id).or_default();
            if of_event.last() != Some(&(at + 1)) {
                of_event.push(at + 1);
            }
        }
    }
    numbers
}

fn view(number: usize, finding: &Finding) -> FindingView {
    let when = match (finding.first_seen, finding.last_seen) {
        (Some(first), Some(last)) if first != last => format!("{} to {}", stamp(first), stamp(last)),
        (Some(first), _) => stamp(first),
        _ => "at no known time".to_owned(),
    };
    FindingView {
        number,
        title: capital(&shortened(&finding.title, LONGEST_CELL)),
        is_mild: finding.severity < Severity::Medium,
        severity: finding.severity.name(),
        score: finding.score,
        rule: finding.id.clone(),
        principal: finding.principal.clone(),
        when,
        events: count(finding.events, "event", "events"),
        explanation: shortened(&finding.explanation, LONGEST).into_owned(),
        tactics: finding.tactics.iter().map(|id| tactic(id)).collect(),
        techniques: finding.techniques.iter().map(|id| technique(id)).collect(),
        checks: finding.checks.clone(),
        benign: finding.benign.clone(),
        references: finding.references.iter().map(|text| reference(text)).collect(),
        evidence: Listed::of(finding.evidence.iter(), finding.evidence.len(), EVENTS_SHOWN, evidence),
    }
}

/// Rules come from anywhere: only what plainly leads to ATT&CK or AWS's documentation is a link.
fn reference(text: &str) -> Reference {
    const SITES: [&str; 2] = ["https://attack.mitre.org/", "https://docs.aws.amazon.com/"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:#".contains(c);
    let is_link = SITES.iter().any(|site| text.starts_with(site)) && text.chars().all(is_plain);
    Reference { text: text.to_owned(), url: is_link.then(|| text.to_owned()) }
}

fn evidence(event: &Evidence) -> EvidenceView {
    let text =
        |text: &Option<String>| shortened(text.as_deref().unwrap_or_default(), LONGEST_CELL).into_owned();
    let file = event.source_object.rsplit('/').next().unwrap_or_default();
    EvidenceView {
        time: event.event_time.map(stamp).unwrap_or_default(),
        call: shortened(&event.call, LONGEST_CELL).into_owned(),
        region: text(&event.region),
        outcome: event
            .error_code
            .as_ref()
            .map_or("ok".to_owned(), |code| shortened(code, LONGEST_CELL).into_owned()),
        source: text(&event.source_address),
        target: text(&event.target),
        event_id: text(&event.event_id),
        record: format!("{}, {}", shortened(file, LONGEST_CELL), event.source_index),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_sites_are_linked() {
        assert!(reference("https://attack.mitre.org/techniques/T1098/").url.is_some());
        for text in [
            "https://attack.mitre.org.evil.example/",
            "https://evil.example/https://attack.mitre.org/",
            "javascript:alert(1)",
            "https://docs.aws.amazon.com/\" onclick=\"x",
        ] {
            assert_eq!(reference(text).url, None, "{text}");
        }
    }
}
