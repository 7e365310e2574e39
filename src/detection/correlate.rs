//! Finds events that come together.

use std::collections::{HashMap, HashSet, VecDeque};

use super::rule::{Bound, Correlation, CorrelationKind};

/// Something that counts for a correlation: an event, or what another correlation found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Numbers of its events.
    pub events: Vec<u32>,
    /// When, in milliseconds since 1970.
    pub time: i64,
    /// Only what has the same group counts together.
    pub group: u32,
    /// What is counted, where distinct values are.
    pub value: Option<u32>,
    /// Which of the correlation's rules found it.
    pub position: usize,
    /// Whether it weighs as much as its rule says: a call that failed seldom does.
    pub full: bool,
}

/// Events that fulfil a correlation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Their numbers, ascending.
    pub events: Vec<u32>,
    /// Whether those of them that weigh in full fulfil it by themselves.
    pub full: bool,
}

/// What a correlation found as what counts for another: once for each value of its events, in the
/// group of the last of them. `inner` is what the other one makes of the events.
pub fn as_counted(found: &[Match], inner: &[Counted]) -> Vec<Counted> {
    let by_event: HashMap<u32, &Counted> =
        inner.iter().flat_map(|entry| entry.events.iter().map(move |event| (*event, entry))).collect();
    let counted = found.iter().flat_map(|found| {
        let entries = found.events.iter().filter_map(|event| by_event.get(event).copied());
        let mut entries: Vec<&Counted> = entries.collect();
        let last = entries.iter().copied().max_by_key(|entry| (entry.time, &entry.events));
        entries.sort_by_key(|entry| entry.value);
        entries.dedup_by_key(|entry| entry.value);
        entries.into_iter().filter_map(move |entry| {
            let events = found.events.clone();
            Some(Counted { events, time: last?.time, group: last?.group, full: found.full, ..entry.clone() })
        })
    });
    counted.collect()
}

/// Every set of events that fulfils `correlation`, none overlapping in time with another of its
/// group.
pub fn matches(correlation: &Correlation, mut counted: Vec<Counted>) -> Vec<Match> {
    // What happened in one second may have happened in any order: the rules' own is the best guess.
    counted.sort_by(|one, other| {
        (one.group, one.time, one.position, &one.events).cmp(&(
            other.group,
            other.time,
            other.position,
            &other.events,
        ))
    });
    let mut matches = in_groups(correlation, &counted);
    if counted.iter().any(|entry| !entry.full) {
        counted.retain(|entry| entry.full);
        let full: HashSet<u32> =
            in_groups(correlation, &counted).into_iter().flat_map(|found| found.events).collect();
        matches
            .iter_mut()
            .for_each(|found| found.full = found.events.iter().any(|event| full.contains(event)));
    }
    matches
}

fn in_groups(correlation: &Correlation, counted: &[Counted]) -> Vec<Match> {
    let span = correlation.timespan.num_milliseconds();
    let groups = counted.chunk_by(|one, other| one.group == other.group);
    groups.flat_map(|group| merge(group, found(correlation, group, span))).collect()
}

/// The first and last place of each stretch of a group that fulfils the correlation, by its last.
fn found(correlation: &Correlation, group: &[Counted], span: i64) -> Vec<Stretch> {
    match &correlation.kind {
        CorrelationKind::EventCount(bounds) => count(group, span, bounds, false),
        CorrelationKind::ValueCount(_, bounds) => count(group, span, bounds, true),
        CorrelationKind::Temporal => together(group, span, correlation.rules.len()),
        CorrelationKind::TemporalOrdered => in_order(group, span, correlation.rules.len()),
    }
}

type Stretch = (usize, usize, Option<Vec<usize>>);

/// Stretches no longer than `span` whose count is within bounds. Where so many or an exact number is
/// asked for, any stretch will do; where few are, stretches follow each other.
fn count(group: &[Counted], span: i64, bounds: &[Bound], distinct: bool) -> Vec<Stretch> {
    let holds = |count: usize| bounds.iter().all(|bound| bound.holds(count as u64));
    let is_few = |bound: &Bound| matches!(bound, Bound::Below(_) | Bound::AtMost(_) | Bound::Other(_));
    if bounds.iter().any(is_few) {
        let mut stretches = vec![];
        let mut first = 0;
        while first < group.len() {
            let end = first + group[first..].partition_point(|entry| entry.time - group[first].time <= span);
            let mut values: Vec<_> = group[first..end].iter().map(|entry| entry.value).collect();
            values.sort_unstable();
            values.dedup();
            if holds(if distinct { values.len() } else { end - first }) {
                stretches.push((first, end - 1, None));
            }
            first = end;
        }
        return stretches;
    }
    let mut values: HashMap<Option<u32>, usize> = HashMap::new();
    let mut first = 0;
    let mut stretches = vec![];
    for (last, entry) in group.iter().enumerate() {
        *values.entry(entry.value).or_default() += 1;
        while entry.time - group[first].time > span {
            if let Some(times) = values.get_mut(&group[first].value) {
                *times -= 1;
                if *times == 0 {
                    values.remove(&group[first].value);
                }
            }
            first += 1;
        }
        if holds(if distinct { values.len() } else { last - first + 1 }) {
            stretches.push((first, last, None));
        }
    }
    stretches
}

/// Stretches in which every rule found something.
fn together(group: &[Counted], span: i64, rules: usize) -> Vec<Stretch> {
    let mut times = vec![0usize; rules];
    let (mut missing, mut first) = (rules, 0);
    let mut stretches = vec![];
    for (last, entry) in group.iter().enumerate() {
        times[entry.position] += 1;
        missing -= usize::from(times[entry.position] == 1);
        while entry.time - group[first].time > span {
            let position = group[first].position;
            times[position] -= 1;
            missing += usize::from(times[position] == 0);
            first += 1;
        }
        if missing == 0 {
            stretches.push((first, last, None));
        }
    }
    stretches
}

/// Chains of one event of each rule, in the rules' order: of those that end with an event the one
/// that began last.
fn in_order(group: &[Counted], span: i64, rules: usize) -> Vec<Stretch> {
    // Of the chains that have come as far as each rule the two latest that end with different
    // events: one event is one step, however many rules find it, so one chain may not be enough.
    let mut chains: Vec<VecDeque<Vec<usize>>> = vec![VecDeque::new(); rules];
    let mut stretches = vec![];
    for (at, entry) in group.iter().enumerate() {
        let position = entry.position;
        let follows = |chain: &&Vec<usize>| {
            entry.time - group[chain[0]].time <= span
                && chain.iter().all(|step| group[*step].events != entry.events)
        };
        let chain = match position {
            0 => vec![at],
            _ => match chains[position - 1].iter().find(follows) {
                Some(before) => [before.as_slice(), &[at]].concat(),
                None => continue,
            },
        };
        if position + 1 == rules {
            stretches.push((chain[0], at, Some(chain)));
        } else {
            chains[position].push_front(chain);
            chains[position].truncate(2);
        }
    }
    stretches
}

/// Stretches that overlap are one.
fn merge(group: &[Counted], stretches: Vec<Stretch>) -> Vec<Match> {
    let mut merged: Vec<(usize, usize, Vec<usize>)> = vec![];
    for (first, last, chosen) in stretches {
        let overlaps = merged.last().is_some_and(|(_, end, _)| first <= *end);
        if !overlaps {
            merged.push((first, last, chosen.unwrap_or_else(|| (first..=last).collect())));
        } else if let Some((_, end, places)) = merged.last_mut() {
            match chosen {
                Some(chosen) => places.extend(chosen),
                None => places.extend(*end + 1..=last),
            }
            *end = last;
        }
    }
    let matches = merged.into_iter().map(|(_, _, places)| {
        let mut events: Vec<u32> =
            places.iter().flat_map(|place| group[*place].events.iter().copied()).collect();
        events.sort_unstable();
        events.dedup();
        Match { events, full: true }
    });
    matches.collect()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;
    use proptest::prelude::*;

    use super::*;

    fn correlation(kind: CorrelationKind, rules: usize) -> Correlation {
        let rules = (0..rules).map(|rule| rule.to_string()).collect();
        Correlation { kind, rules, group_by: vec![], timespan: Duration::seconds(10) }
    }

    /// Events given as (seconds, group, value, position).
    fn entries(given: &[(i64, u32, u32, usize)]) -> Vec<Counted> {
        (0u32..)
            .zip(given)
            .map(|(number, (seconds, group, value, position))| Counted {
                events: vec![number],
                time: seconds * 1000,
                group: *group,
                value: Some(*value),
                position: *position,
                full: true,
            })
            .collect()
    }

    fn events(kind: CorrelationKind, rules: usize, given: &[(i64, u32, u32, usize)]) -> Vec<Vec<u32>> {
        matches(&correlation(kind, rules), entries(given)).into_iter().map(|found| found.events).collect()
    }

    #[test]
    fn a_burst_is_one() {
        let kind = || CorrelationKind::EventCount(vec![Bound::AtLeast(3)]);
        let burst = [(0, 0, 0, 0), (4, 0, 0, 0), (9, 0, 0, 0), (14, 0, 0, 0), (40, 0, 0, 0), (41, 1, 0, 0)];
        assert_eq!(events(kind(), 1, &burst), [[0, 1, 2, 3]]);
        assert!(events(kind(), 1, &burst[3..]).is_empty());
        // Across any border of minutes or hours.
        assert_eq!(events(kind(), 1, &[(57, 0, 0, 0), (61, 0, 0, 0), (62, 0, 0, 0)]).len(), 1);
    }

    #[test]
    fn what_failed_counts_but_not_in_full() {
        let mut given = entries(&[(0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0), (3, 0, 0, 0)]);
        let kind = || CorrelationKind::EventCount(vec![Bound::AtLeast(3)]);
        given[0].full = false;
        assert!(matches(&correlation(kind(), 1), given.clone())[0].full);
        given[1].full = false;
        let found = matches(&correlation(kind(), 1), given);
        assert_eq!((found[0].events.len(), found[0].full), (4, false));
    }

    #[test]
    fn values_are_counted_once() {
        let kind = CorrelationKind::ValueCount(vec![], vec![Bound::Above(1)]);
        let given = [(0, 0, 7, 0), (1, 0, 7, 0), (2, 0, 8, 0), (30, 0, 7, 0)];
        assert_eq!(events(kind, 1, &given), [[0, 1, 2]]);
    }

    #[test]
    fn an_exact_number_is_found_in_any_stretch() {
        let kind = CorrelationKind::EventCount(vec![Bound::Exactly(3)]);
        let given = [(0, 0, 0, 0), (9, 0, 0, 0), (12, 0, 0, 0), (13, 0, 0, 0)];
        assert_eq!(events(kind, 1, &given), [[1, 2, 3]]);
    }

    #[test]
    fn few_are_found_too() {
        let kind = CorrelationKind::EventCount(vec![Bound::Below(2)]);
        assert_eq!(events(kind, 1, &[(0, 0, 0, 0), (1, 0, 0, 0), (30, 0, 0, 0)]), [[2]]);
    }

    #[test]
    fn order_matters_where_asked_for() {
        let backwards = [(0, 0, 0, 1), (5, 0, 0, 0)];
        assert_eq!(events(CorrelationKind::Temporal, 2, &backwards), [[0, 1]]);
        assert!(events(CorrelationKind::TemporalOrdered, 2, &backwards).is_empty());
        let same_second = [(0, 0, 0, 1), (0, 0, 0, 0)];
        assert_eq!(events(CorrelationKind::TemporalOrdered, 2, &same_second), [[0, 1]]);
        let mut twice = entries(&[(0, 0, 0, 0), (0, 0, 0, 1)]);
        twice[1].events = twice[0].events.clone();
        assert!(matches(&correlation(CorrelationKind::TemporalOrdered, 2), twice).is_empty());
        // The first event does for two rules, and must not be in the way of the second.
        let mut both = entries(&[(0, 0, 0, 0), (1, 0, 0, 0), (1, 0, 0, 1), (2, 0, 0, 2)]);
        both[2].events = both[1].events.clone();
        let found = matches(&correlation(CorrelationKind::TemporalOrdered, 3), both);
        assert_eq!(found[0].events, [0, 1, 3]);
        let late = [(0, 0, 0, 0), (3, 0, 0, 1), (11, 0, 0, 2)];
        assert!(events(CorrelationKind::TemporalOrdered, 3, &late).is_empty());
    }

    proptest! {
        /// The obvious way: every event as the first of a window, everything in it looked at.
        #[test]
        fn as_found_by_looking_at_every_window(
            given in prop::collection::vec((0i64..60, 0u32..2, 0u32..4, 0usize..3), 0..25),
            least in 1u64..5,
        ) {
            let all = entries(&given);
            let windows = || all.iter().map(|first| all.iter().filter(|entry| {
                entry.group == first.group && (0..=10_000).contains(&(entry.time - first.time))
            }).collect::<Vec<_>>());
            let wanted = |holds: &dyn Fn(&[&Counted]) -> bool| {
                let mut events: Vec<u32> = windows().filter(|window| holds(window))
                    .flat_map(|window| window.into_iter().flat_map(|entry| entry.events.clone())).collect();
                events.sort_unstable();
                events.dedup();
                events
            };
            let got = |kind, rules| {
                let mut events: Vec<u32> = events(kind, rules, &given).concat();
                events.sort_unstable();
                events
            };
            let bounds = || vec![Bound::AtLeast(least)];
            prop_assert_eq!(got(CorrelationKind::EventCount(bounds()), 1), wanted(&|w| w.len() as u64 >= least));
            prop_assert_eq!(got(CorrelationKind::ValueCount(vec![], bounds()), 1), wanted(&|w| {
                let mut values: Vec<_> = w.iter().map(|entry| entry.value).collect();
                values.sort_unstable();
                values.dedup();
                values.len() as u64 >= least
            }));
            prop_assert_eq!(got(CorrelationKind::Temporal, 3), wanted(&|w| {
                (0..3).all(|rule| w.iter().any(|entry| entry.position == rule))
            }));
            let ordered = !got(CorrelationKind::TemporalOrdered, 3).is_empty();
            let any = all.iter().any(|a| all.iter().any(|b| all.iter().any(|c| {
                (a.position, b.position, c.position) == (0, 1, 2) && a.group == b.group && b.group == c.group
                    && a.time <= b.time && b.time <= c.time && c.time - a.time <= 10_000
            })));
            prop_assert_eq!(ordered, any);
        }
    }
}
