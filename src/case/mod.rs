//! A case: what an investigation found, as the report and the next stages take it.

mod activity;
mod limits;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::anomalies::BaselineSummary;
use crate::containment::ContainmentPlan;
use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::incident::Incident;
use crate::intake::Identified;
use crate::sessions::SessionTree;

pub(crate) use limits::{Evidence, Gaps, TrailChange};

/// All that an investigation found. Texts are as logged: escape them for where they go.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called: the same for the same question, alert and clock.
    pub id: String,
    /// The version of trailq that made it.
    pub version: &'static str,
    /// What "now" meant.
    pub clock: DateTime<Utc>,
    /// The alert that led to the question, if one did.
    pub alert: Option<Alert>,
    /// What was asked.
    pub asked: Asked,
    /// What happened in the window, in numbers.
    pub activity: ActivitySummary,
    /// The timeline, its rows marked with findings, in order.
    pub timeline: TimelineTable,
    /// Sessions, where they came from and what they led to.
    pub tree: SessionTree,
    /// What is out of character or a known step of attacks, worst first.
    pub findings: Vec<Finding>,
    /// What callers were compared with.
    pub baseline: BaselineSummary,
    /// What to cut.
    pub plan: ContainmentPlan,
    /// What the evidence cannot show.
    pub limits: Vec<Limitation>,
    /// What the answer rests on; without the time it took, which is no property of the evidence.
    pub coverage: Coverage,
}

/// The rows of a timeline, as [`Annotations`](crate::Annotations) mark them.
#[derive(Debug, Clone)]
pub struct TimelineTable {
    /// Columns as [`Trail::timeline`](crate::Trail::timeline) has them, and `findings`, `severity`.
    pub schema: SchemaRef,
    /// The rows, in order.
    pub batches: Vec<RecordBatch>,
}

/// What raised the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// The kind of alert, such as `GuardDuty finding`.
    pub kind: String,
    /// Its own id.
    pub id: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// Its severity, in its own words or numbers.
    pub severity: Option<String>,
    /// What it saw first.
    pub first_seen: Option<DateTime<Utc>>,
    /// What it saw last.
    pub last_seen: Option<DateTime<Utc>>,
    /// Whom and what it names, the best lead first.
    pub leads: Vec<String>,
    /// What in the logs told who is behind it, where the alert itself does not.
    pub told_by: Option<String>,
}

/// What was asked. Lengths are in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// About whom, as the option for it takes it.
    pub principal: String,
    /// First second of the window.
    pub from: DateTime<Utc>,
    /// Last second of the window.
    pub to: DateTime<Utc>,
    /// How far before the window issued credentials were looked for.
    pub lookback: i64,
    /// How long the past is that callers were compared with.
    pub baseline: i64,
    /// How long after the window a delivery may still hold its events.
    pub slack: i64,
    /// The accounts it was narrowed to; empty for all.
    pub accounts: Vec<String>,
    /// The regions it was narrowed to; empty for all.
    pub regions: Vec<String>,
    /// The logs.
    pub sources: Vec<String>,
    /// Further options that were given: their long names and values.
    pub options: Vec<(String, String)>,
}

/// The window in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ActivitySummary {
    /// Events of the timeline, each once.
    pub events: u64,
    /// Calls by the principal itself.
    pub own: u64,
    /// Calls with credentials that it led to.
    pub downstream: u64,
    /// Calls of others aimed at it.
    pub on_principal: u64,
    /// Events that were denied.
    pub denied: u64,
    /// Events that failed otherwise.
    pub failed: u64,
    /// Events that changed something, and did not fail.
    pub changes: u64,
    /// Time of the first event.
    pub first: Option<DateTime<Utc>>,
    /// Time of the last event.
    pub last: Option<DateTime<Utc>>,
    /// Seconds of a bin of `bins`.
    pub bin_seconds: i64,
    /// The whole window, cut into bins of equal length, in order, empty ones too.
    pub bins: Vec<Bin>,
    /// Source addresses, the busiest first.
    pub addresses: Vec<Counted>,
    /// User agents, the busiest first.
    pub user_agents: Vec<Counted>,
    /// Calls (`iam:CreateUser`), the most frequent first.
    pub calls: Vec<Counted>,
    /// Accounts in whose logs the events lie.
    pub accounts: Vec<Counted>,
    /// Regions of the calls.
    pub regions: Vec<Counted>,
}

/// Events of a short span, by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// Calls that worked.
    pub ok: u64,
    /// Calls that were denied.
    pub denied: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
}

/// A text and how often it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// The text, as logged.
    pub text: String,
    /// Events with it.
    pub events: u64,
    /// Of these, denied.
    pub denied: u64,
    /// Time of the first.
    pub first: DateTime<Utc>,
    /// Time of the last.
    pub last: DateTime<Utc>,
}

/// Something that the evidence cannot show, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limitation {
    /// One word for it that never changes its meaning, such as `objects_unreadable`.
    pub id: &'static str,
    /// What is missing, in a plain sentence or two.
    pub text: String,
}

impl ActivitySummary {
    /// Whether there are calls, but none by the principal or with credentials that it led to, so
    /// that none was compared with a past.
    pub fn is_by_others(&self) -> bool {
        self.events > 0 && self.own + self.downstream == 0
    }
}

impl Alert {
    /// What an alert said, and who the logs say is behind it.
    pub fn of(incident: &Incident, identified: &Identified) -> Self {
        Self {
            kind: incident.kind.to_string(),
            id: incident.id.clone(),
            title: incident.title.clone(),
            severity: incident.severity.clone(),
            first_seen: incident.first_seen,
            last_seen: incident.last_seen,
            leads: incident.suspects.iter().map(ToString::to_string).collect(),
            told_by: identified.told_by.clone(),
        }
    }
}
