//! How much an actor calls, and how much of it is denied.

use std::collections::BTreeSet;

use super::kind;
use super::{Scene, numbers};
use crate::compared::number;
use crate::detection::events::{Event, Kept};
use crate::finding::{Draft, distinct, some, span, who};
use crate::profile::Past;

/// Scales a median absolute deviation to a standard deviation.
const TO_DEVIATION: f64 = 1.4826;
const MINUTE: i64 = 60_000;

/// Minutes with far more calls than the past's.
pub fn call_rate(scene: &Scene<'_>, actor: &str, events: &[Event<'_>], past: &Past) -> Option<Draft> {
    let settings = &scene.settings.pace;
    if past.peers > 0 || past.minutes.len() < settings.enough_minutes.max(1) {
        return None;
    }
    let usual = Usual::of(&past.minutes);
    let bound = (usual.median + settings.deviations * TO_DEVIATION * usual.deviation.max(1.0))
        .max(settings.factor * usual.busiest)
        .max(settings.least as f64);
    // Any sixty seconds are a minute: a burst may lie across two by the clock.
    let (mut first, mut peak, mut busy) = (0, 0, BTreeSet::new());
    for (last, event) in events.iter().enumerate() {
        let Some(time) = event.millis() else { continue };
        while events[first].millis().is_none_or(|start| time - start >= MINUTE) {
            first += 1;
        }
        let calls = last + 1 - first;
        if calls as f64 > bound {
            peak = peak.max(calls);
            busy.extend(first..=last);
        }
    }
    if peak == 0 {
        return None;
    }
    let calls: Vec<Event<'_>> = busy.into_iter().map(|at| events[at]).collect();
    let what = format!(
        "{}: {} calls in one minute, where {} minutes of its past had {:.0} in the middle and {:.0} when busy.",
        who(actor),
        number(peak as u64),
        number(past.minutes.len() as u64),
        usual.median,
        usual.busiest,
    );
    let mut draft = kind::CALL_RATE.draft(scene.settings, actor, numbers(&calls), what);
    let mut compared = past.compared(past.calls, calls.len() as u64, span(scene.events, &draft.events));
    compared.text =
        format!("at most {:.0} calls in most minutes; {} in one", usual.busiest, number(peak as u64));
    draft.compared = Some(compared);
    Some(draft)
}

/// What counts of calls in a minute are usual.
struct Usual {
    median: f64,
    /// Median absolute deviation from the median.
    deviation: f64,
    /// Of a hundred minutes the busiest.
    busiest: f64,
}

impl Usual {
    /// Of some minutes, at least one.
    fn of(minutes: &[u64]) -> Self {
        let mut counts: Vec<f64> = minutes.iter().map(|count| *count as f64).collect();
        let median = quantile(&mut counts, 0.5);
        let busiest = quantile(&mut counts, 0.99);
        let mut deviations: Vec<f64> = counts.iter().map(|count| (count - median).abs()).collect();
        Self { median, deviation: quantile(&mut deviations, 0.5), busiest }
    }
}

fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

/// A larger share of calls denied than chance explains.
pub fn denied_share(scene: &Scene<'_>, actor: &str, events: &[Event<'_>], past: &Past) -> Option<Draft> {
    let settings = &scene.settings.denials;
    if past.peers > 0 || past.calls < scene.settings.baseline.enough_calls {
        return None;
    }
    let denied: Vec<Event<'_>> =
        events.iter().copied().filter(|event| event.word(Kept::Outcome) == "denied").collect();
    let (now, all) = (denied.len() as f64, events.len() as f64);
    // One more of each kind: a past without denials does not mean that there can be none.
    let share = (past.denied as f64 + 1.0) / (past.calls as f64 + 2.0);
    let deviation = (all * share * (1.0 - share)).sqrt();
    let is_much = denied.len() as u64 >= settings.least
        && now / all > settings.factor * share
        && now > all * share + settings.deviations * deviation;
    if !is_much {
        return None;
    }
    let what = format!(
        "{}: {} of {} calls denied ({}), where {} of {} were before.",
        who(actor),
        number(denied.len() as u64),
        number(events.len() as u64),
        some(&distinct(denied.iter().map(|event| event.call()))),
        number(past.denied),
        number(past.calls),
    );
    let mut draft = kind::DENIED_SHARE.draft(scene.settings, actor, numbers(&denied), what);
    draft.compared = Some(past.compared(past.denied, denied.len() as u64, span(scene.events, &draft.events)));
    Some(draft)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual() {
        let usual = Usual::of(&[1, 2, 2, 3, 100]);
        assert_eq!((usual.median, usual.deviation, usual.busiest), (2.0, 1.0, 100.0));
        let constant = Usual::of(&[4; 50]);
        assert_eq!((constant.median, constant.deviation, constant.busiest), (4.0, 0.0, 4.0));
    }
}
