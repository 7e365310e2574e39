//! Findings: what was found, how bad it is, on what evidence, and what to check next.

mod annotations;
mod draft;
mod settings;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::compared::Compared;
use crate::detection::Severity;

pub(crate) use annotations::findings_of;
pub use annotations::{Annotations, FINDINGS};
pub(crate) use draft::{Draft, distinct, episodes, of_rules, settle, some, span, who};
pub use settings::Settings;

/// Something that one actor did, and why it matters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Of the rule, or of the kind of anomaly.
    pub id: String,
    /// A few words.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// The same from 0 to 100; of findings of one severity the worse one has more.
    pub score: u8,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Who did it: the ARN of a role, a user or the root user, a service, an account.
    pub principal: String,
    /// How many events.
    pub events: u64,
    /// Their `eventID`s; those without one stand in `evidence` alone.
    pub eventids: Vec<String>,
    /// Time of the first; `None` if no event says one.
    #[serde(with = "seconds")]
    pub first_seen: Option<DateTime<Utc>>,
    /// Time of the last.
    #[serde(with = "seconds")]
    pub last_seen: Option<DateTime<Utc>>,
    /// What happened and why it matters, for people who do not read logs.
    pub explanation: String,
    /// What it was compared with, in numbers.
    pub baseline: Option<Compared>,
    /// What to check next.
    pub checks: Vec<String>,
    /// What else causes it.
    pub benign: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// The events, by time.
    pub evidence: Vec<Evidence>,
}

/// An event that a finding rests on. Texts are as logged: escape them for where they go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// `eventID`.
    pub event_id: Option<String>,
    /// When.
    #[serde(with = "seconds")]
    pub event_time: Option<DateTime<Utc>>,
    /// Service and call, as `iam:CreateUser`.
    pub call: String,
    /// The region of the call.
    pub region: Option<String>,
    /// The error code; `None` for success.
    pub error_code: Option<String>,
    /// Address, or name of the service that called.
    pub source_address: Option<String>,
    /// What the call was aimed at.
    pub target: Option<String>,
    /// Where the record lies: its object,
    pub source_object: String,
    /// and its ordinal there, from 0.
    pub source_index: i64,
}

/// Times to the second, as CloudTrail writes them.
mod seconds {
    use chrono::{DateTime, Utc};
    use serde::{Serialize, Serializer};

    use crate::window::rfc3339;

    pub fn serialize<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
        time.map(rfc3339).serialize(serializer)
    }
}
