//! The window in numbers.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use datafusion::catalog::TableProvider;
use serde::Deserialize;

use super::{ActivitySummary, Bin, Counted};
use crate::anomalies::events_of;
use crate::error::Result;
use crate::lineage::{answer, typed};
use crate::query::{self, Parameters};
use crate::session::session;
use crate::window::Window;

/// Bins of a picture, at most.
const BINS: i64 = 120;
/// Lengths of bins that people can read, in seconds; a longer window has bins of whole days.
const BIN_LENGTHS: [i64; 14] = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 21600];
const DAY: i64 = 86_400;

/// A row of `queries/activity.sql`.
#[derive(Deserialize)]
struct Row {
    kind: String,
    text: String,
    events: u64,
    denied: u64,
    failed: u64,
    changes: u64,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl ActivitySummary {
    /// What the calls of a timeline add up to.
    ///
    /// # Errors
    /// If the table is none of a timeline's.
    pub(crate) async fn of(timeline: Arc<dyn TableProvider>, window: Window) -> Result<Self> {
        let context = session();
        let events = events_of(&context, context.read_table(timeline)?).await?;
        context.register_table("events", events.into_view())?;
        let (_, batches) = answer(&context, &query::ACTIVITY, &Parameters::new()).await?;
        let mut summary = Self { bin_seconds: bin_length(window), ..Self::default() };
        summary.bins = empty_bins(window, summary.bin_seconds);
        for row in typed::<Row>(&batches)? {
            summary.add(row);
        }
        Ok(summary)
    }

    fn add(&mut self, row: Row) {
        let list = match row.kind.as_str() {
            "relation" => return self.add_relation(&row),
            "second" => return self.add_second(&row),
            "address" => &mut self.addresses,
            "user_agent" => &mut self.user_agents,
            "call" => &mut self.calls,
            "account" => &mut self.accounts,
            _ => &mut self.regions,
        };
        let (first, last) = (row.first, row.last);
        list.push(Counted { text: row.text, events: row.events, denied: row.denied, first, last });
    }

    fn add_relation(&mut self, row: &Row) {
        self.events += row.events;
        self.denied += row.denied;
        self.failed += row.failed;
        self.changes += row.changes;
        let (first, last) = (row.first, row.last);
        self.first = Some(self.first.map_or(first, |known| known.min(first)));
        self.last = Some(self.last.map_or(last, |known| known.max(last)));
        match row.text.as_str() {
            "downstream" => self.downstream += row.events,
            other if other.starts_with("on_") => self.on_principal += row.events,
            _ => self.own += row.events,
        }
    }

    fn add_second(&mut self, row: &Row) {
        let Some(start) = self.bins.first().map(|bin| bin.start) else { return };
        let bin = (row.first - start).num_seconds() / self.bin_seconds;
        if let Some(bin) = usize::try_from(bin).ok().and_then(|bin| self.bins.get_mut(bin)) {
            bin.denied += row.denied;
            bin.failed += row.failed;
            bin.ok += row.events - row.denied - row.failed;
        }
    }
}

/// The shortest length by which a window has no more than [`BINS`] bins.
fn bin_length(window: Window) -> i64 {
    let seconds = (window.end() - window.start()).num_seconds();
    let fits = |length: &i64| seconds <= length * BINS;
    BIN_LENGTHS.into_iter().find(fits).unwrap_or_else(|| DAY * (seconds / (DAY * BINS) + 1))
}

/// Bins that begin at multiples of their length and hold the whole window.
fn empty_bins(window: Window, length: i64) -> Vec<Bin> {
    let first = window.start().timestamp().div_euclid(length) * length;
    let count = (window.last().timestamp() - first) / length + 1;
    let start = DateTime::<Utc>::from_timestamp(first, 0).unwrap_or(window.start());
    (0..count).map(|bin| Bin { start: start + Duration::seconds(bin * length), ..Bin::default() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_the_window() {
        for minutes in [1, 30, 61, 600, 60 * 24 * 7, 60 * 24 * 365] {
            let at = "2026-03-14T14:07:31Z".parse().unwrap();
            let window = Window::around(at, Duration::minutes(minutes), Duration::minutes(minutes)).unwrap();
            let length = bin_length(window);
            let bins = empty_bins(window, length);
            assert!(bins.len() as i64 <= BINS + 1, "{minutes}: {}", bins.len());
            assert!(bins[0].start <= window.start());
            let end = bins[bins.len() - 1].start + Duration::seconds(length);
            assert!(end > window.last() && end - window.last() <= Duration::seconds(length));
        }
    }
}
