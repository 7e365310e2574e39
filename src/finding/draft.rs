//! From events to findings: gathered by actor, weighed, and put into words.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, Utc};

use super::{Evidence, Finding, Settings};
use crate::compared::{Compared, length, number};
use crate::detection::events::{Event, Events, Kept};
use crate::detection::screen::Screened;
use crate::detection::{Logic, Rule, Severity};
use crate::profile::{Feature, Past};
use crate::window::rfc3339;

/// A finding before it is put into words.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub id: String,
    pub title: String,
    pub severity: Severity,
    /// Points within the severity, 0 to 19.
    pub weight: u8,
    pub tactics: Vec<String>,
    pub techniques: Vec<String>,
    /// What exactly was found; the calls in words if `None`.
    pub what: Option<String>,
    pub why: String,
    pub checks: Vec<String>,
    pub benign: Vec<String>,
    pub references: Vec<String>,
    pub actor: String,
    pub events: Vec<u32>,
    pub compared: Option<Compared>,
}

/// What rules found, gathered into one draft for each rule, actor and episode.
pub(crate) fn of_rules(
    screened: &Screened,
    settings: &Settings,
    pasts: &HashMap<String, Past>,
) -> Vec<Draft> {
    let mut drafts = vec![];
    for (number, rule) in screened.rules.iter().enumerate() {
        let mut gathered: BTreeMap<(String, bool), Vec<Vec<u32>>> = BTreeMap::new();
        for event in &screened.hits[number] {
            let actor = screened.events.get(*event).word(Kept::Actor).to_owned();
            gathered.entry((actor, true)).or_default().push(vec![*event]);
        }
        for (_, found) in screened.matches.iter().filter(|(of, _)| *of == number) {
            // What only was tried makes a finding of its own.
            let by = (actors(screened, &found.events), found.full);
            gathered.entry(by).or_default().push(found.events.clone());
        }
        for ((actor, full), found) in gathered {
            for episode in episodes(&screened.events, found, settings.episode) {
                drafts.push(of_rule(rule, screened, (&actor, full), episode, pasts.get(&actor)));
            }
        }
    }
    without_parts(drafts, screened)
}

/// Who made some calls: mostly one.
fn actors(screened: &Screened, events: &[u32]) -> String {
    let all = distinct(events.iter().map(|event| screened.events.get(*event).word(Kept::Actor).to_owned()));
    some(&all)
}

/// A sequence says what its steps say: those of its own events are left out, unless they are worse.
fn without_parts(drafts: Vec<Draft>, screened: &Screened) -> Vec<Draft> {
    let steps_of = |draft: &Draft| -> &[String] {
        let rule = screened.rules.iter().find(|rule| rule.id == draft.id);
        match rule.map(|rule| &rule.logic) {
            Some(Logic::Correlation(correlation)) => &correlation.rules,
            _ => &[],
        }
    };
    let sequences: Vec<(&Draft, &[String])> =
        drafts.iter().map(|draft| (draft, steps_of(draft))).filter(|(_, steps)| steps.len() > 1).collect();
    let is_part = |draft: &Draft| {
        sequences.iter().any(|(sequence, steps)| {
            steps.contains(&draft.id)
                && sequence.severity >= draft.severity
                && draft.events.iter().all(|event| sequence.events.contains(event))
        })
    };
    let parts: Vec<bool> = drafts.iter().map(is_part).collect();
    drafts.into_iter().zip(parts).filter(|(_, is_part)| !is_part).map(|(draft, _)| draft).collect()
}

/// Events cut where nothing happens for longer than `gap`; those without a time together. What was
/// found as one stays one.
pub(crate) fn episodes(events: &Events, mut found: Vec<Vec<u32>>, gap: Duration) -> Vec<Vec<u32>> {
    let times = |one: &[u32]| {
        let times = || one.iter().filter_map(|number| events.get(*number).millis());
        times().min().zip(times().max())
    };
    found.sort_unstable();
    let mut episodes: Vec<Vec<u32>> = vec![];
    // When the latest event of the last episode was.
    let mut until: Option<i64> = None;
    for one in found {
        let span = times(&one);
        let near = match (until, span) {
            (Some(until), Some((first, _))) => first - until <= gap.num_milliseconds(),
            (until, span) => until.is_none() && span.is_none(),
        };
        let last = span.map(|(_, last)| last);
        match episodes.last_mut().filter(|_| near) {
            Some(episode) => {
                episode.extend(one);
                until = until.max(last);
            }
            None => {
                episodes.push(one);
                until = last;
            }
        }
    }
    for episode in &mut episodes {
        episode.sort_unstable();
        episode.dedup();
    }
    episodes
}

fn of_rule(
    rule: &Rule,
    screened: &Screened,
    (actor, full): (&str, bool),
    events: Vec<u32>,
    past: Option<&Past>,
) -> Draft {
    let all = || events.iter().map(|event| screened.events.get(*event));
    // Where the calls that weigh in full are too few by themselves, they say nothing.
    let telling = || all().filter(|event| full || rule.severity_of(*event) < rule.severity);
    let worst = telling().map(|event| rule.severity_of(event)).max().unwrap_or(rule.severity);
    let attempted = worst < rule.severity && telling().any(|event| event.word(Kept::Outcome) != "ok");
    let calls: BTreeMap<String, ()> = all().map(|event| (event.call(), ())).collect();
    let compared = past.map(|past| {
        let before = calls.keys().map(|call| past.count(Feature::Call, call)).sum();
        past.compared(before, events.len() as u64, span(&screened.events, &events))
    });
    let targets: BTreeMap<&str, ()> =
        events.iter().filter_map(|event| Some((screened.targets.get(event)?.as_str(), ()))).collect();
    // Unheard-of calls, and calls on many things, weigh more; everyday ones less.
    let weight = match &compared {
        Some(compared) if compared.with == "own" && compared.calls_before == 0 => 12,
        Some(compared) if compared.with == "own" => 3,
        _ => 8,
    } + u8::try_from(targets.len().min(5)).unwrap_or(5);
    Draft {
        id: rule.id.clone(),
        title: if attempted { format!("{} (attempted)", rule.title) } else { rule.title.clone() },
        severity: worst,
        weight,
        tactics: rule.tactics.clone(),
        techniques: rule.techniques.clone(),
        what: None,
        why: match attempted {
            true => format!("It did not succeed; what success would mean: {}", rule.why),
            false => rule.why.clone(),
        },
        checks: rule.checks.clone(),
        benign: rule.benign.clone(),
        references: rule.references.clone(),
        actor: actor.to_owned(),
        events,
        compared,
    }
}

/// From the first of some events to the last.
pub(crate) fn span(events: &Events, numbers: &[u32]) -> Duration {
    let times = || numbers.iter().filter_map(|number| events.get(*number).millis());
    Duration::milliseconds(times().max().zip(times().min()).map_or(0, |(last, first)| last - first))
}

/// The finding of a draft, in words.
pub(crate) fn settle(draft: Draft, screened: &Screened) -> Finding {
    let mut numbers = draft.events;
    numbers.sort_unstable();
    let events: Vec<Event<'_>> = numbers.iter().map(|number| screened.events.get(*number)).collect();
    let times = || events.iter().filter_map(|event| event.time());
    let what = draft.what.unwrap_or_else(|| calls_in_words(&draft.actor, &events, screened));
    let compared = draft.compared.as_ref().map(|compared| format!(" Before and now: {}.", compared.text));
    let base = match draft.severity {
        Severity::Informational => 0,
        Severity::Low => 20,
        Severity::Medium => 40,
        Severity::High => 60,
        Severity::Critical => 80,
    };
    Finding {
        id: draft.id,
        title: draft.title,
        severity: draft.severity,
        score: base + draft.weight.min(19),
        tactics: draft.tactics,
        techniques: draft.techniques,
        principal: draft.actor,
        events: events.len() as u64,
        eventids: events
            .iter()
            .filter_map(|event| event.text(Kept::EventId))
            .map(ToOwned::to_owned)
            .collect(),
        first_seen: times().min(),
        last_seen: times().max(),
        explanation: format!("{what} {}{}", draft.why, compared.unwrap_or_default()),
        baseline: draft.compared,
        checks: draft.checks,
        benign: draft.benign,
        references: draft.references,
        evidence: events.iter().map(|event| evidence(event, screened)).collect(),
    }
}

fn evidence(event: &Event<'_>, screened: &Screened) -> Evidence {
    let owned = |what| event.text(what).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
    Evidence {
        event_id: owned(Kept::EventId),
        event_time: event.time(),
        call: event.call(),
        region: owned(Kept::Region),
        error_code: owned(Kept::ErrorCode),
        source_address: owned(Kept::Address),
        target: screened.targets.get(&event.number).cloned(),
        source_object: event.source_object().to_owned(),
        source_index: event.source_index(),
    }
}

/// Who called what, how often, when, on what, from where, and with what success.
fn calls_in_words(actor: &str, events: &[Event<'_>], screened: &Screened) -> String {
    let calls = distinct(events.iter().map(|event| event.call()));
    let targets = distinct(events.iter().filter_map(|event| screened.targets.get(&event.number).cloned()));
    let sources = distinct(events.iter().map(|event| event.word(Kept::Address).to_owned()));
    let on = if targets.is_empty() { String::new() } else { format!(" on {}", some(&targets)) };
    let from = if sources.is_empty() { String::new() } else { format!(" from {}", some(&sources)) };
    format!(
        "{} called {}{on}{}{}{from}{}.",
        who(actor),
        some(&calls),
        times_in_words(events.len()),
        when(events.first().and_then(|event| event.time()), events.last().and_then(|event| event.time())),
        outcome_in_words(events)
    )
}

/// An actor as people name it: `Role web of account 111122223333`.
pub(crate) fn who(actor: &str) -> String {
    if actor.contains(", ") {
        return format!("Several callers ({actor})");
    }
    let mut parts = actor.splitn(6, ':').skip(4);
    match (parts.next(), parts.next()) {
        (Some(account), Some("root")) => format!("The root user of account {account}"),
        (Some(account), Some(resource)) => {
            let (kind, name) = resource.split_once('/').unwrap_or(("principal", resource));
            let name = name.rsplit('/').next().unwrap_or(name);
            format!("{} {name} of account {account}", capital(kind))
        }
        _ => actor.to_owned(),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn times_in_words(count: usize) -> String {
    match count {
        1 => String::new(),
        2 => " twice".to_owned(),
        count => format!(" {} times", number(count as u64)),
    }
}

fn when(first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if last - first >= Duration::seconds(1) => {
            format!(" in {} from {}", length(last - first), rfc3339(first))
        }
        (Some(first), _) => format!(" at {}", rfc3339(first)),
        _ => String::new(),
    }
}

fn outcome_in_words(events: &[Event<'_>]) -> String {
    let count = |outcome| events.iter().filter(|event| event.word(Kept::Outcome) == outcome).count();
    let all = events.len();
    match (count("denied"), count("failed")) {
        (0, 0) => String::new(),
        (denied, 0) if denied == all => {
            if all == 1 { "; it was denied" } else { "; all were denied" }.to_owned()
        }
        (0, failed) if failed == all => if all == 1 { "; it failed" } else { "; all failed" }.to_owned(),
        (denied, 0) => format!("; {} denied", number(denied as u64)),
        (0, failed) => format!("; {} failed", number(failed as u64)),
        (denied, failed) => format!("; {} denied, {} failed", number(denied as u64), number(failed as u64)),
    }
}

/// Each text once, in the order of its first.
pub(crate) fn distinct(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    texts.into_iter().filter(|text| !text.is_empty() && seen.insert(text.clone())).collect()
}

/// The first few, and how many more; long ones are cut.
pub(crate) fn some(texts: &[String]) -> String {
    const FEW: usize = 3;
    const LONGEST: usize = 120;
    let short = |text: &String| match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.clone(),
    };
    let shown = texts.iter().take(FEW).map(short).collect::<Vec<_>>().join(", ");
    match texts.len() {
        count if count > FEW => format!("{shown} and {} more", number((count - FEW) as u64)),
        _ => shown,
    }
}
