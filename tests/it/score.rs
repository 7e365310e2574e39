//! How well findings tell attacks from everyday work: the shared cases, scored.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use chrono::Utc;
use serde_json::Value;
use trailq::{
    AnomalyQuestion, Finding, Principal, Scope, Severity, TimelineQuestion, Trail, Window, parse_time,
};

/// What came of some cases.
#[derive(Debug, Default)]
pub struct Tally {
    pub right: usize,
    pub all: usize,
    pub wrong: Vec<String>,
}

/// Findings over everyday work.
#[derive(Debug, Default)]
pub struct Noise {
    pub findings: usize,
    pub events: usize,
    pub which: Vec<String>,
}

/// What came of all cases.
#[derive(Debug, Default)]
pub struct Score {
    pub strong: Tally,
    pub others: Tally,
    pub unscored: Tally,
    pub negatives: Tally,
    pub background: Noise,
    pub hard_benign: Noise,
    pub agent: Noise,
}

/// Who is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Everyone in the case's logs.
    Everyone,
    /// The case's principal, where it is one that can be asked about.
    Principal,
}

/// Scores every case of a folder such as `../shared/cases`.
pub async fn score(cases: &Path, asking: Asking) -> Score {
    let mut score = Score::default();
    for case in lines(&cases.join("attacks.jsonl")) {
        let malicious: BTreeSet<_> = places(case["events"].as_array());
        let found = serious(cases, &case, asking).await;
        let hit = found.iter().any(|finding| !places_of(finding, cases).is_disjoint(&malicious));
        let tally = match (case["score"].as_bool(), case["strength"].as_str()) {
            (Some(true), Some("strong")) => &mut score.strong,
            (Some(true), _) => &mut score.others,
            _ => &mut score.unscored,
        };
        tally.count(hit, &case, &found);
    }
    for case in lines(&cases.join("benign.jsonl")) {
        if case["score"] != true {
            continue;
        }
        let found = serious(cases, &case, asking).await;
        match case["kind"].as_str() {
            Some("unit-negative") => score.negatives.count(found.is_empty(), &case, &found),
            kind => {
                let noise = match kind {
                    Some("background") => &mut score.background,
                    Some("hard-benign") => &mut score.hard_benign,
                    _ => &mut score.agent,
                };
                noise.count(&case, &ids(cases, &case), &found);
            }
        }
    }
    score
}

impl Tally {
    fn count(&mut self, right: bool, case: &Value, found: &[Finding]) {
        self.all += 1;
        self.right += usize::from(right);
        if !right {
            let found: Vec<_> = found.iter().map(|finding| finding.id.as_str()).collect();
            self.wrong.push(format!("{} {}", case["id"].as_str().unwrap_or_default(), found.join(" ")));
        }
    }

    /// Of a hundred.
    pub fn share(&self) -> f64 {
        100.0 * self.right as f64 / self.all.max(1) as f64
    }
}

impl Noise {
    fn count(&mut self, case: &Value, ids: &BTreeSet<String>, found: &[Finding]) {
        self.events += usize::try_from(case["events"].as_u64().unwrap_or_default()).unwrap();
        for finding in found.iter().filter(|finding| finding.eventids.iter().any(|id| ids.contains(id))) {
            self.findings += 1;
            self.which.push(format!(
                "{} {} {}",
                case["id"].as_str().unwrap_or_default(),
                finding.id,
                finding.events
            ));
        }
    }

    /// Findings in a thousand events.
    pub fn rate(&self) -> f64 {
        1000.0 * self.findings as f64 / self.events.max(1) as f64
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, tally) in [
            ("strong attacks found", &self.strong),
            ("other attacks found", &self.others),
            ("attacks found that do not count", &self.unscored),
            ("unit negatives silent", &self.negatives),
        ] {
            writeln!(f, "{name:34} {:4} of {:4}  {:5.1} %", tally.right, tally.all, tally.share())?;
        }
        for (name, noise) in [
            ("background", &self.background),
            ("hard benign", &self.hard_benign),
            ("agent of a compromised role", &self.agent),
        ] {
            writeln!(
                f,
                "{name:34} {:4} in {:4} events  {:.1} in 1,000",
                noise.findings,
                noise.events,
                noise.rate()
            )?;
        }
        Ok(())
    }
}

/// Findings of medium severity or higher in a case's logs and window.
async fn serious(cases: &Path, case: &Value, asking: Asking) -> Vec<Finding> {
    let time = |key: &str| case[key].as_str().and_then(|text| parse_time(text, Utc::now()).ok());
    let window = time("start").zip(time("end")).map(|(start, end)| Window::inclusive(start, end).unwrap());
    let named = case["principals"][0].as_str().unwrap_or_default();
    let principal = Principal::role(named).or_else(|_| Principal::user(named)).ok();
    let question = match (asking, principal, window) {
        (Asking::Principal, Some(principal), Some(window)) => {
            AnomalyQuestion::about(TimelineQuestion::new(principal, window))
        }
        _ => AnomalyQuestion::everyone(Scope { window, ..Scope::default() }),
    };
    let root = cases.join(case["log_root"].as_str().unwrap());
    let trail = Trail::open(&[root.to_str().unwrap()]).await.unwrap();
    let answer = trail.anomalies(&question).await.unwrap();
    assert!(answer.coverage.is_consistent(), "{:#?}", answer.coverage);
    answer.findings.into_iter().filter(|finding| finding.severity >= Severity::Medium).collect()
}

/// Objects and ordinals of events: ids are not unique in these cases.
fn places(events: Option<&Vec<Value>>) -> BTreeSet<(String, i64)> {
    let place = |event: &Value| Some((event["file"].as_str()?.to_owned(), event["index"].as_i64()?));
    events.into_iter().flatten().filter_map(place).collect()
}

fn places_of(finding: &Finding, cases: &Path) -> BTreeSet<(String, i64)> {
    let below = |object: &str| {
        let path = Path::new(object).canonicalize().unwrap();
        let path = path.strip_prefix(cases.canonicalize().unwrap()).unwrap();
        path.to_str().unwrap().to_owned()
    };
    finding.evidence.iter().map(|event| (below(&event.source_object), event.source_index)).collect()
}

/// Event ids of a case of everyday work.
fn ids(cases: &Path, case: &Value) -> BTreeSet<String> {
    match case["event_ids_file"].as_str() {
        Some(file) => {
            std::fs::read_to_string(cases.join(file)).unwrap().lines().map(ToOwned::to_owned).collect()
        }
        None => {
            let ids = case["event_ids"].as_array().into_iter().flatten();
            ids.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
        }
    }
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
