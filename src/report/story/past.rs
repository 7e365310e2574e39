//! What happened, from where, and how far it spread.

use std::collections::BTreeSet;

use super::Section;
use super::verdict::LONGEST_TITLE;
use chrono::NaiveDate;

use crate::case::{Alert, Case, Counted};
use crate::compared::number;
use crate::detection::Severity;
use crate::finding::Finding;
use crate::output::text::shortened;
use crate::report::sentence::Sentence;
use crate::report::subject::{Subject, holder};
use crate::report::words::{capital, count, list, moment, span};

/// Findings told in the story; the rest stand in their own section.
const TOLD: usize = 4;

/// Who did what, when, and what of it stands out.
pub fn happened(case: &Case) -> Section {
    let (from, to) = (case.asked.from.date_naive(), case.asked.to.date_naive());
    let day = (from == to).then_some(from);
    let alert = case.alert.iter().map(alert).collect();
    let calls = calls(case).into_iter().chain(outcomes(case)).collect();
    let found = standing_out(&case.findings).into_iter().collect();
    let points = case.findings.iter().take(TOLD).map(|found| finding(found, day)).collect();
    Section::of("What happened", vec![alert, calls, found], points)
}

fn alert(alert: &Alert) -> Sentence {
    let mut sentence = Sentence::of("The question came from an alert (").name(&alert.kind).say(")");
    if let Some(title) = &alert.title {
        sentence = sentence.say(": ").name(title);
    }
    if let Some(severity) = &alert.severity {
        sentence = sentence.say(", its severity ").name(severity);
    }
    match alert.first_seen {
        Some(seen) => sentence.say(format!(", first seen {}.", moment(seen))),
        None => sentence.say("."),
    }
}

fn calls(case: &Case) -> Vec<Sentence> {
    let (activity, subject) = (&case.activity, Subject::of(&case.asked.principal));
    let when = capital(&span(case.asked.from, case.asked.to, None));
    let made = count(activity.own, "call", "calls");
    let first = match (activity.own, subject.is_caller()) {
        (0, true) => Sentence::of(format!("{when}, ")).then(subject.described()).say(" made no call to AWS."),
        (_, true) => {
            Sentence::of(format!("{when}, ")).then(subject.described()).say(format!(" made {made} to AWS."))
        }
        (own, false) => {
            let made = count(activity.events.max(own), "call", "calls");
            Sentence::of(format!("{when}, the logs have {made} to AWS from or on "))
                .then(subject.described())
                .say(".")
        }
    };
    let mut sentences = vec![first];
    sentences.extend(subject.explained().map(Sentence::of));
    if activity.downstream > 0 {
        let further = count(activity.downstream, "further call was", "further calls were");
        sentences.push(Sentence::of(format!(
            "With credentials that were issued with its rights, {further} made."
        )));
    }
    if activity.on_principal > 0 && subject.is_caller() {
        let others = count(activity.on_principal, "call", "calls");
        let text = format!("Others aimed {others} at it: to take it on, or to look at or change its rights.");
        sentences.push(Sentence::of(text));
    }
    sentences
}

fn outcomes(case: &Case) -> Option<Sentence> {
    let activity = &case.activity;
    let denied = if activity.denied == 1 { "was refused" } else { "were refused" };
    let some = |calls: u64, what: &str| (calls > 0).then(|| format!("{} {what}", number(calls)));
    let parts: Vec<String> = [
        some(activity.denied, &format!("{denied} for lack of rights")),
        some(activity.failed, "failed for other reasons"),
        some(activity.changes, "changed something"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let all = count(activity.events, "call", "calls");
    (!parts.is_empty()).then(|| Sentence::of(format!("Of {all} in all, {}.", list(&parts))))
}

fn standing_out(findings: &[Finding]) -> Option<Sentence> {
    let by_severity = Severity::ALL.iter().rev().filter_map(|severity| {
        let found = findings.iter().filter(|finding| finding.severity == *severity).count();
        (found > 0).then(|| format!("{} {}", number(found as u64), severity.name()))
    });
    let by_severity: Vec<String> = by_severity.collect();
    match findings {
        [] => None,
        [_] => Some(Sentence::of(format!("One thing stands out ({}):", by_severity.join("")))),
        several => {
            let worst = if several.len() > TOLD { "; the worst are" } else { "" };
            let found = number(several.len() as u64);
            Some(Sentence::of(format!("{found} things stand out ({}){worst}:", list(&by_severity))))
        }
    }
}

fn finding(finding: &Finding, day: Option<NaiveDate>) -> Sentence {
    let sentence = Sentence::of(capital(&shortened(&finding.title, LONGEST_TITLE)));
    let when = match (finding.first_seen, finding.last_seen) {
        (Some(first), Some(last)) => format!(", {}", span(first, last, day)),
        _ => String::new(),
    };
    sentence.say(format!("{when} ({}).", finding.severity.name()))
}

/// Where calls came from, with which programs, and in which accounts.
pub fn sources(case: &Case) -> Section {
    let activity = &case.activity;
    let mut sentences = vec![];
    if let Some(busiest) = activity.addresses.first() {
        let all = count(activity.addresses.len() as u64, "source", "sources");
        sentences.push(match activity.addresses.len() {
            1 => Sentence::of("All calls came from ").name(&busiest.text).say("."),
            _ => Sentence::of(format!("The calls came from {all}: ")).then(busiest_of(&activity.addresses)),
        });
    }
    let places = [(&activity.accounts, "account", "accounts"), (&activity.regions, "region", "regions")];
    for (found, one, many) in places {
        if found.len() > 1 {
            let all = count(found.len() as u64, one, many);
            sentences.push(Sentence::of(format!("They lie in {all}: ")).then(busiest_of(found)));
        }
    }
    sentences.extend(origin(case));
    Section::of("Where it came from", vec![sentences], vec![])
}

fn busiest_of(found: &[Counted]) -> Sentence {
    const SHOWN: usize = 4;
    let mut sentence = Sentence::default();
    for (at, one) in found.iter().take(SHOWN).enumerate() {
        let joint = if at > 0 { ", " } else { "" };
        let calls = count(one.events, "call", "calls");
        sentence = sentence.say(joint).name(&one.text).say(format!(" ({calls})"));
    }
    match found.len() {
        all if all > SHOWN => sentence.say(format!(" and {} more.", all - SHOWN)),
        _ => sentence.say("."),
    }
}

/// Who issued the credentials behind the principal's own sessions.
fn origin(case: &Case) -> Option<Sentence> {
    let own = || case.tree.sessions.iter().filter(|session| session.depth == 0);
    let issuers: BTreeSet<&str> = own()
        .filter_map(|session| session.credential())
        .filter_map(|issued| {
            issued.issuer_arn.as_deref().or(issued.issuer_service.as_deref()).or(issued.issuer_id.as_deref())
        })
        .collect();
    let known = own().filter(|session| session.credential().is_some()).count() as u64;
    (!issuers.is_empty()).then(|| {
        let its = if known == 1 { "session was" } else { "sessions were" };
        let issuers: Vec<Sentence> = issuers.into_iter().map(issuer).collect();
        Sentence::of(format!("Its {its} issued to ")).some(&issuers).say(".")
    })
}

/// Who asked for a session: a service, or somebody with an ARN.
fn issuer(issuer: &str) -> Sentence {
    match issuer.strip_suffix(".amazonaws.com") {
        Some(service) => Sentence::of("the AWS service ").name(service),
        None => holder(issuer),
    }
}

/// What was issued with its rights, and what was done with that.
pub fn spread(case: &Case) -> Section {
    let led_to: Vec<_> = case.tree.sessions.iter().filter(|session| session.depth > 0).collect();
    let mut sentences = vec![];
    if !led_to.is_empty() {
        let all = count(led_to.len() as u64, "further credential was", "further credentials were");
        sentences.push(
            Sentence::of(format!("With its rights, {all} issued, for "))
                .some(&led_to.iter().map(|session| holder(&session.label)).collect::<Vec<_>>())
                .say("."),
        );
        let used = led_to.iter().filter(|session| session.activity.is_some()).count();
        sentences.push(Sentence::of(match (used, led_to.len()) {
            (0, _) => "None was used in this time.".to_owned(),
            (used, all) if used == all => "Calls were made with every one.".to_owned(),
            (used, all) => format!("Calls were made with {used} of {all}."),
        }));
    } else if case.activity.events > 0 && Subject::of(&case.asked.principal).is_caller() {
        sentences.push(Sentence::of(
            "No further credentials were issued with its rights, as far as the logs tell.",
        ));
    }
    Section::of("How far it spread", vec![sentences], vec![])
}
