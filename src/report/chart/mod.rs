//! The window as a picture: calls over time by outcome, and where findings begin.
//!
//! Across, everything is in percent, so that the picture is as wide as the page while its texts
//! keep their size.

mod scale;

use std::fmt::Write;

use chrono::{DateTime, Duration, Utc};

use scale::{round_up, ticks};

use super::words::{count, moment, stamp};
use crate::case::{ActivitySummary, Bin, Case};
use crate::compared::number;
use crate::output::text::html;

/// Bars drawn at most; more bins are joined.
const BARS: usize = 120;
/// Pixels: top and bottom of the bars, and the height of it all.
const TOP: f64 = 92.0;
const BOTTOM: f64 = 272.0;
const HEIGHT: usize = 310;
/// Percent: left end of the bars.
const LEFT: f64 = 5.0;
/// Columns that marks of findings are sorted into, and marks above each other.
const COLUMNS: usize = 20;
const ABOVE: usize = 4;
/// A bar's least height in pixels: one call among thousands has to be seen.
const LEAST: f64 = 2.0;

/// The picture as SVG; its style is the page's. Empty without bins.
pub fn chart(case: &Case) -> String {
    let bins = joined(&case.activity.bins, BARS);
    let Some(axis) = Axis::of(&bins, &case.activity) else { return String::new() };
    let mut body = String::new();
    axis.grid(&mut body);
    axis.bars(&mut body, &bins);
    axis.labels(&mut body);
    axis.alert(&mut body, case);
    axis.marks(&mut body, case);
    let label = html(&described(&case.activity));
    format!(
        r#"<svg class="chart" width="100%" height="{HEIGHT}" role="group" aria-label="{label}"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="ground" width="6" height="6"/><rect class="ink" width="2.5" height="6"/></pattern></defs>{body}</svg>"#
    )
}

/// The picture as lines of text, one for each span in which there were calls.
pub fn chart_lines(case: &Case) -> String {
    /// Lines, and letters of the longest bar.
    const LINES: usize = 40;
    const WIDTH: u64 = 40;
    let bins = joined(&case.activity.bins, LINES);
    let most = bins.iter().map(total).max().unwrap_or_default().max(1);
    let line = |bin: &Bin| {
        let width = (u128::from(total(bin)) * u128::from(WIDTH)).div_ceil(u128::from(most));
        let bar: String = (0..width).map(|_| '#').collect();
        let Bin { ok, denied, failed, .. } = bin;
        format!("{} {bar} {ok} ok, {denied} refused, {failed} failed", stamp(bin.start))
    };
    bins.iter().filter(|bin| total(bin) > 0).map(line).collect::<Vec<_>>().join("\n")
}

/// The picture in a sentence, for those who do not see it.
fn described(activity: &ActivitySummary) -> String {
    let all = count(activity.events, "call", "calls");
    let busiest = activity.bins.iter().max_by_key(|bin| total(bin)).filter(|bin| total(bin) > 0);
    match busiest {
        Some(bin) => format!("{all} over time; the most, {}, from {}", number(total(bin)), moment(bin.start)),
        None => format!("{all} over time"),
    }
}

fn total(bin: &Bin) -> u64 {
    bin.ok + bin.denied + bin.failed
}

/// Neighbours added up until there are few enough.
fn joined(bins: &[Bin], most: usize) -> Vec<Bin> {
    let size = bins.len().div_ceil(most).max(1);
    let join = |bins: &[Bin]| {
        let start = bins.first().map(|bin| bin.start).unwrap_or_default();
        bins.iter().fold(Bin { start, ..Bin::default() }, |sum, bin| Bin {
            start,
            ok: sum.ok + bin.ok,
            denied: sum.denied + bin.denied,
            failed: sum.failed + bin.failed,
        })
    };
    bins.chunks(size).map(join).collect()
}

struct Axis {
    start: DateTime<Utc>,
    seconds: f64,
    /// The value at the top.
    most: u64,
    /// A bar's width in percent.
    step: f64,
}

impl Axis {
    fn of(bins: &[Bin], activity: &ActivitySummary) -> Option<Self> {
        let start = bins.first()?.start;
        let seconds = (activity.bin_seconds.max(1) as f64) * activity.bins.len() as f64;
        let most = round_up(bins.iter().map(total).max()?);
        Some(Self { start, seconds, most, step: (100.0 - LEFT) / bins.len() as f64 })
    }

    /// Where a time lies, in percent; within the picture whatever the time.
    fn across(&self, time: DateTime<Utc>) -> f64 {
        let share = (time - self.start).num_seconds() as f64 / self.seconds;
        LEFT + (100.0 - LEFT) * share.clamp(0.0, 1.0)
    }

    fn height(&self, calls: u64) -> f64 {
        let height = (BOTTOM - TOP) * calls as f64 / self.most as f64;
        if calls > 0 { height.max(LEAST) } else { 0.0 }
    }

    fn grid(&self, body: &mut String) {
        let ticks = if self.most > 1 { vec![self.most, self.most / 2] } else { vec![self.most] };
        for value in ticks {
            let y = BOTTOM - self.height(value);
            let _ = write!(body, r#"<line class="grid" x1="0" x2="100%" y1="{y:.1}" y2="{y:.1}"/>"#);
            let _ = write!(body, r#"<text class="value" x="0" y="{:.1}">{}</text>"#, y - 4.0, number(value));
        }
        let _ = write!(body, r#"<line class="base" x1="0" x2="100%" y1="{BOTTOM}" y2="{BOTTOM}"/>"#);
    }

    fn bars(&self, body: &mut String, bins: &[Bin]) {
        for (at, bin) in bins.iter().enumerate().filter(|(_, bin)| total(bin) > 0) {
            let x = LEFT + self.step * at as f64;
            let time = bin.start.format("%-d %B %H:%M");
            let _ = write!(
                body,
                "<g><title>{time} UTC: {} ok, {} refused, {} failed</title>",
                bin.ok, bin.denied, bin.failed
            );
            let mut top = BOTTOM;
            for (class, calls) in [("ok", bin.ok), ("denied", bin.denied), ("failed", bin.failed)] {
                let height = self.height(calls);
                top -= height;
                if calls > 0 {
                    let width = self.step * 0.82;
                    let _ = write!(
                        body,
                        r#"<rect class="{class}" x="{x:.2}%" y="{top:.1}" width="{width:.2}%" height="{height:.1}"/>"#
                    );
                }
            }
            body.push_str("</g>");
        }
    }

    fn labels(&self, body: &mut String) {
        let end = self.start + Duration::milliseconds((self.seconds * 1000.0) as i64);
        let mut day = None;
        for (at, time) in ticks(self.start, end).into_iter().enumerate() {
            let x = self.across(time);
            let class = if at % 2 == 0 { "tick" } else { "tick minor" };
            let _ = write!(
                body,
                r#"<g class="{class}"><line x1="{x:.2}%" x2="{x:.2}%" y1="{BOTTOM}" y2="{}"/>"#,
                BOTTOM + 5.0
            );
            let label = time.format("%H:%M");
            let _ = write!(body, r#"<text x="{x:.2}%" y="{}">{label}</text>"#, BOTTOM + 18.0);
            if day != Some(time.date_naive()) {
                day = Some(time.date_naive());
                let label = time.format("%-d %b");
                let _ = write!(body, r#"<text x="{x:.2}%" y="{}">{label}</text>"#, BOTTOM + 32.0);
            }
            body.push_str("</g>");
        }
    }

    fn alert(&self, body: &mut String, case: &Case) {
        let Some(seen) = case.alert.as_ref().and_then(|alert| alert.first_seen) else { return };
        let x = self.across(seen);
        let _ = write!(
            body,
            r#"<line class="alert" x1="{x:.2}%" x2="{x:.2}%" y1="{}" y2="{BOTTOM}"><title>The alert, {}</title></line>"#,
            TOP - 8.0,
            moment(seen)
        );
    }

    /// Numbers of findings above the time at which they begin, the worst lowest.
    fn marks(&self, body: &mut String, case: &Case) {
        let mut columns = [0_usize; COLUMNS];
        let width = (100.0 - LEFT) / COLUMNS as f64;
        for (at, finding) in case.findings.iter().enumerate() {
            let Some(seen) = finding.first_seen else { continue };
            let column = (((self.across(seen) - LEFT) / width) as usize).min(COLUMNS - 1);
            let lane = columns[column];
            columns[column] += 1;
            if lane >= ABOVE {
                continue;
            }
            let (x, y) = (LEFT + width * (column as f64 + 0.5), TOP - 22.0 - 21.0 * lane as f64);
            let severity = finding.severity.name();
            let title = html(&format!("{}: {}, {}", severity, finding.title, moment(seen)));
            let number = at + 1;
            let _ = write!(
                body,
                r##"<a href="#f{number}"><svg class="mark {severity}" x="{x:.2}%" y="{y}" overflow="visible"><title>{title}</title>{}<text y="4">{number}</text></svg></a>"##,
                shape(severity)
            );
        }
    }
}

/// Each severity has a shape of its own, for those who cannot tell the colours.
fn shape(severity: &str) -> &'static str {
    match severity {
        "critical" => r#"<rect x="-10" y="-10" width="20" height="20" rx="2"/>"#,
        "high" => r#"<path d="M0-12 12 0 0 12-12 0Z"/>"#,
        _ => r#"<circle r="9.5"/>"#,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_bins_are_joined() {
        let bin = |ok| Bin { ok, ..Bin::default() };
        let bins: Vec<Bin> = (0..500).map(bin).collect();
        let joined = joined(&bins, BARS);
        assert_eq!(joined.len(), 100);
        assert_eq!(joined.iter().map(total).sum::<u64>(), bins.iter().map(total).sum::<u64>());
    }
}
