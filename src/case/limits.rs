//! What the evidence of a case cannot show.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use datafusion::catalog::TableProvider;
use serde::Deserialize;

use super::{ActivitySummary, Limitation};
use crate::anomalies::BaselineSummary;
use crate::coverage::Coverage;
use crate::custody::{Outcome, SourceObject};
use crate::error::Result;
use crate::lineage::{answer, typed};
use crate::query::{self, Parameters};
use crate::session::session;
use crate::sessions::SessionTree;
use crate::window::{Window, rfc3339};

/// How late CloudTrail usually delivers, at most.
const DELIVERY: Duration = Duration::minutes(15);
/// What is named one by one; the rest is counted.
const NAMED: usize = 5;

/// A row of `queries/trail_changes.sql`. Texts are as logged.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TrailChange {
    call: String,
    caller: String,
    time: String,
    event_id: String,
    account: String,
    region: String,
}

/// A row of `queries/gaps.sql`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Gaps {
    data_events: u64,
    omitted: u64,
    amended: u64,
    hidden: u64,
    /// ARNs of those who called on the principal, in no order.
    #[serde(default)]
    callers: Vec<String>,
}

/// What decides on the limits of a case.
pub(crate) struct Evidence<'a> {
    pub window: Window,
    pub clock: DateTime<Utc>,
    pub activity: &'a ActivitySummary,
    pub tree: &'a SessionTree,
    pub baseline: &'a BaselineSummary,
    pub coverage: &'a Coverage,
    pub sources: &'a [SourceObject],
    pub trail_changes: &'a [TrailChange],
    pub gaps: &'a Gaps,
}

impl Gaps {
    /// Counts what the records of a timeline leave out.
    pub async fn of(timeline: Arc<dyn TableProvider>) -> Result<Self> {
        let context = session();
        context.register_table("timeline", timeline)?;
        let (_, batches) = answer(&context, &query::GAPS, &Parameters::new()).await?;
        Ok(typed(&batches)?.pop().unwrap_or_default())
    }
}

impl Evidence<'_> {
    /// The limits, what is missing first.
    pub fn limits(&self) -> Vec<Limitation> {
        let found = [
            self.objects_unreadable(),
            self.objects_changed(),
            self.records_unreadable(),
            self.digests_disagree(),
            self.trail_changed(),
            self.window_open(),
            self.nothing_read(),
            self.no_events(),
            self.accounts_unseen(),
            self.issue_unknown(),
            self.no_data_events(),
            self.fields_left_out(),
            self.not_compared(),
            self.thin_baseline(),
        ];
        let limit = |(id, text): (&'static str, Option<String>)| Some(Limitation { id, text: text? });
        found.into_iter().filter_map(limit).collect()
    }

    fn objects_unreadable(&self) -> (&'static str, Option<String>) {
        let coverage = self.coverage;
        let passes = || [coverage].into_iter().chain(coverage.credentials.as_deref()).chain(&coverage.past);
        let failed = passes().flat_map(|pass| pass.failed_objects.iter().chain(&pass.failed_listings));
        let failed: BTreeSet<&str> = failed.map(|failure| failure.name.as_str()).collect();
        let text = format!(
            "{} could not be read, wholly or in part; events in them are missing here: {}.",
            counted(failed.len() as u64, "object or folder", "objects or folders"),
            named(failed.iter().copied())
        );
        ("objects_unreadable", (!failed.is_empty()).then_some(text))
    }

    fn objects_changed(&self) -> (&'static str, Option<String>) {
        let changed: Vec<&str> = self
            .sources
            .iter()
            .filter(|source| source.outcome == Outcome::Changed)
            .map(|source| source.name.as_str())
            .collect();
        let text = format!(
            "{} changed while being read, which log files never should: {}.",
            counted(changed.len() as u64, "object", "objects"),
            named(changed.iter().copied())
        );
        ("objects_changed", (!changed.is_empty()).then_some(text))
    }

    fn records_unreadable(&self) -> (&'static str, Option<String>) {
        let (malformed, untimed) = (self.coverage.records.malformed, self.coverage.records_without_time);
        let text = format!(
            "{} could not be read, and {} no readable time, so that no window holds them.",
            counted(malformed, "record", "records"),
            counted(untimed, "record has", "records have")
        );
        ("records_unreadable", (malformed + untimed > 0).then_some(text))
    }

    fn digests_disagree(&self) -> (&'static str, Option<String>) {
        let report = self.coverage.digests.as_deref().filter(|report| !report.verified);
        let text = report.map(|report| {
            let logs = report.log_findings.iter().map(|found| (found.verdict.as_str(), &found.name));
            let digests = report.digest_findings.iter().map(|found| (found.verdict.as_str(), &found.name));
            let found: Vec<String> =
                logs.chain(digests).map(|(what, name)| format!("{what}: {name}")).collect();
            let gaps = report.gaps.len() as u64;
            format!(
                "CloudTrail's digests do not vouch for all log files: {}{}.",
                counted(gaps, "gap", "gaps"),
                found.iter().take(NAMED).map(|found| format!("; {found}")).collect::<String>()
            )
        });
        ("digests_disagree", text)
    }

    fn trail_changed(&self) -> (&'static str, Option<String>) {
        let changes = self.trail_changes.iter().map(|change| {
            let TrailChange { call, caller, time, event_id, account, region } = change;
            format!("{call} by {caller} at {time} in account {account}, {region} (event {event_id})")
        });
        let changes: Vec<String> = changes.collect();
        let text = format!(
            "What records calls was stopped, deleted or changed in the window, so that calls after it may be \
             missing: {}.",
            named(changes.iter().map(String::as_str))
        );
        ("trail_changed", (!changes.is_empty()).then_some(text))
    }

    fn window_open(&self) -> (&'static str, Option<String>) {
        let open = self.clock < self.window.end() + DELIVERY;
        let text = format!(
            "The window ends at {}, hardly before or even after this was asked ({}). CloudTrail delivers up to \
             15 minutes late, seldom later: ask again to see what came since.",
            rfc3339(self.window.last()),
            rfc3339(self.clock)
        );
        ("window_open", open.then_some(text))
    }

    fn nothing_read(&self) -> (&'static str, Option<String>) {
        let read = self.coverage.objects.read + self.coverage.objects.failed;
        let text =
            "No object of the sources holds deliveries of the window: check the window and the sources.";
        ("nothing_read", (read == 0).then(|| text.to_owned()))
    }

    fn no_events(&self) -> (&'static str, Option<String>) {
        let read = self.coverage.objects.read > 0 && self.activity.events == 0;
        let text = format!(
            "Among {} of the window none is by, on or downstream of whom was asked about. That is an answer \
             only if the sources hold the logs of all accounts in which it could act.",
            counted(self.coverage.records.seen, "record", "records")
        );
        ("no_events", read.then_some(text))
    }

    fn accounts_unseen(&self) -> (&'static str, Option<String>) {
        let seen: BTreeSet<&str> =
            self.activity.accounts.iter().map(|account| account.text.as_str()).collect();
        let reached =
            self.tree.sessions.iter().filter(|session| session.depth > 0 && session.activity.is_none());
        let accounts = reached.filter_map(|session| session.credential()?.account.as_deref());
        let unseen: BTreeSet<&str> = accounts.filter(|account| !seen.contains(account)).collect();
        let text = format!(
            "Sessions reached {} of which no event was found; perhaps the sources do not hold those logs: {}.",
            counted(unseen.len() as u64, "account", "accounts"),
            named(unseen.iter().copied())
        );
        ("accounts_unseen", (!unseen.is_empty()).then_some(text))
    }

    fn issue_unknown(&self) -> (&'static str, Option<String>) {
        let unknown = self.tree.sessions.iter().filter(|session| session.origin.is_empty()).count() as u64;
        let text = format!(
            "{} issued before what was searched, or in logs that the sources do not hold: who was behind \
             {} is not shown.",
            counted(unknown, "session was", "sessions were"),
            if unknown == 1 { "it" } else { "them" }
        );
        ("issue_unknown", (unknown > 0).then_some(text))
    }

    fn no_data_events(&self) -> (&'static str, Option<String>) {
        let none = self.activity.events > 0 && self.gaps.data_events == 0;
        let text = "There is no data event (objects read from S3, functions invoked, rows read from tables). \
                    Trails do not log those unless told to: what was read may have left no trace.";
        ("no_data_events", none.then(|| text.to_owned()))
    }

    fn fields_left_out(&self) -> (&'static str, Option<String>) {
        let &Gaps { omitted, amended, hidden, .. } = self.gaps;
        let parts = [
            (omitted, "without parameters or an answer, which were too large for CloudTrail"),
            (hidden, "with values that CloudTrail hides"),
            (amended, "that CloudTrail delivered late or amended"),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{} {what}", counted(*count, "event", "events")))
            .collect();
        let text = format!("Records are not complete: {}.", parts.join("; "));
        ("fields_left_out", (!parts.is_empty()).then_some(text))
    }

    fn thin_baseline(&self) -> (&'static str, Option<String>) {
        let notes = &self.baseline.notes;
        // Without events `no_events` says it all.
        let is_thin = !notes.is_empty() && self.activity.events > 0;
        let text = format!(
            "What is usual for the callers is not well known: {}.",
            named(notes.iter().map(String::as_str))
        );
        ("thin_baseline", is_thin.then_some(text))
    }

    fn not_compared(&self) -> (&'static str, Option<String>) {
        let callers: BTreeSet<&str> = self.gaps.callers.iter().map(String::as_str).collect();
        let who = if callers.is_empty() {
            "the logs do not name them".to_owned()
        } else {
            named(callers.iter().copied())
        };
        let text = format!(
            "Nothing was compared: all calls are by others, on whom or what was asked about, and only a caller's \
             own calls are held against its past. Ask about those who made them: {who}."
        );
        ("not_compared", self.activity.is_by_others().then_some(text))
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let all = names.len();
    let first = names.take(NAMED).collect::<Vec<_>>().join("; ");
    if all > NAMED { format!("{first}; and {} more", all - NAMED) } else { first }
}
