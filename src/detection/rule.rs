//! A rule: what it looks for, what that means, and how bad it is.

use std::str::FromStr;

use chrono::Duration;
use datafusion::logical_expr::Expr;
use datafusion::sql::unparser::expr_to_sql;
use serde::{Deserialize, Serialize};

use super::events::{Event, Kept};
use crate::error::{Error, Result};

/// How bad a finding is; Sigma's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing once something else is suspected.
    Informational,
    /// Mostly harmless; part of a picture.
    Low,
    /// To be looked at.
    Medium,
    /// To be looked at today.
    High,
    /// To be looked at now.
    Critical,
}

/// What is known of an attacker's step, and how it is recognised.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Unique name; for a Sigma rule without one its `id`.
    pub id: String,
    /// A few words for people.
    pub title: String,
    /// Severity where the call succeeded.
    pub severity: Severity,
    /// Severity where it was denied.
    pub denied: Severity,
    /// Severity where it failed for another reason.
    pub failed: Severity,
    /// Severity at most where a service made the call for somebody, if that is often harmless.
    pub via_service: Option<Severity>,
    /// The same where the user agent, which anyone can choose, says console or infrastructure as
    /// code.
    pub via_tool: Option<Severity>,
    /// ATT&CK tactics, as `defense-evasion`.
    pub tactics: Vec<String>,
    /// ATT&CK techniques, as `T1562.008`.
    pub techniques: Vec<String>,
    /// Why it matters, in a sentence that a manager understands.
    pub why: String,
    /// What else causes it.
    pub benign: Vec<String>,
    /// What to check next.
    pub checks: Vec<String>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Only correlations look at what it finds; it makes no findings of its own.
    pub silent: bool,
    /// What it looks for.
    pub logic: Logic,
}

/// What a rule looks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Logic {
    /// Each event for which this holds: a boolean expression over the columns of `events`.
    Event(Expr),
    /// Events that other rules found, together.
    Correlation(Correlation),
}

/// Events that other rules found, within a span of time.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// What is asked of them.
    pub kind: CorrelationKind,
    /// The `id`s of the rules whose events count. `tactic:NAME` stands for all rules of a tactic.
    pub rules: Vec<String>,
    /// Events count together only where all of these are equal; each an expression of type varchar,
    /// for each rule by its position in `rules` (Sigma's aliases may differ by rule).
    pub group_by: Vec<Vec<Expr>>,
    /// The longest time from the first of them to the last.
    pub timespan: Duration,
}

/// What is asked of correlated events.
#[derive(Debug, Clone, PartialEq)]
pub enum CorrelationKind {
    /// That there are this many.
    EventCount(Vec<Bound>),
    /// That these expressions (one for each rule, of type varchar) have this many distinct values.
    ValueCount(Vec<Expr>, Vec<Bound>),
    /// That each rule found one.
    Temporal,
    /// The same, in the rules' order.
    TemporalOrdered,
}

/// A condition on a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `>`
    Above(u64),
    /// `>=`
    AtLeast(u64),
    /// `<`
    Below(u64),
    /// `<=`
    AtMost(u64),
    /// `==`
    Exactly(u64),
    /// `!=`
    Other(u64),
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: [Self; 5] = [Self::Informational, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// What is left of it where the step was tried and did not succeed, unless a rule knows better:
    /// two levels less.
    pub fn attempted(self) -> Self {
        match self {
            Self::Critical => Self::Medium,
            Self::High => Self::Low,
            Self::Medium | Self::Low | Self::Informational => Self::Informational,
        }
    }
}

impl Rule {
    /// How bad a call is that it finds: by its outcome, and by what it was made through.
    pub fn severity_of(&self, event: Event<'_>) -> Severity {
        let severity = match event.word(Kept::Outcome) {
            "denied" => self.denied,
            "failed" => self.failed,
            _ => self.severity,
        };
        let through = |what, most: Option<Severity>| most.filter(|_| event.is(what)).unwrap_or(severity);
        severity.min(through(Kept::ViaService, self.via_service)).min(through(Kept::ViaTool, self.via_tool))
    }

    /// What it looks for in an event, as SQL over the table's columns; none for a correlation.
    ///
    /// # Errors
    /// If the expression has no form in SQL.
    pub fn sql(&self) -> Result<Option<String>> {
        match &self.logic {
            Logic::Event(event) => Ok(Some(expr_to_sql(event)?.to_string())),
            Logic::Correlation(_) => Ok(None),
        }
    }
}

impl FromStr for Severity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == text).ok_or_else(|| {
            let problem = "is no severity";
            Error::argument("severity", text, problem, "take informational, low, medium, high or critical")
        })
    }
}

impl Bound {
    /// Whether `count` meets it.
    pub fn holds(self, count: u64) -> bool {
        match self {
            Self::Above(bound) => count > bound,
            Self::AtLeast(bound) => count >= bound,
            Self::Below(bound) => count < bound,
            Self::AtMost(bound) => count <= bound,
            Self::Exactly(bound) => count == bound,
            Self::Other(bound) => count != bound,
        }
    }
}
