//! Calls for the tests of rules.

use chrono::{Duration, TimeZone, Utc};
use serde_json::Value;

use crate::containment::Step;
use crate::containment::event::{Caller, Event};
use crate::containment::ledger::Ledger;

/// A call of the principal.
pub fn call(name: &str, request: Value, response: Value) -> Event {
    let (service, name) = name.split_once(':').unwrap();
    Event {
        service: service.to_owned(),
        name: name.to_owned(),
        account: Some("111122223333".to_owned()),
        region: (service != "iam").then(|| "eu-west-1".to_owned()),
        by_actor: true,
        caller: Caller {
            arn: Some("arn:aws:sts::111122223333:assumed-role/web/i-1".to_owned()),
            ..Caller::default()
        },
        request,
        response,
        ..Event::default()
    }
}

/// A call of somebody else.
pub fn by_another(event: Event) -> Event {
    let caller = Caller { arn: Some("arn:aws:iam::111122223333:user/rosa".to_owned()), ..Caller::default() };
    Event { by_actor: false, caller, ..event }
}

/// The steps that calls make necessary, one call a minute with the ids `event-0` and so on; and
/// notes.
pub fn planned(calls: impl IntoIterator<Item = Event>) -> (Vec<Step>, Vec<String>) {
    let start = Utc.with_ymd_and_hms(2026, 3, 14, 14, 0, 0).unwrap();
    let events: Vec<_> = (0..)
        .zip(calls)
        .map(|(at, event)| Event {
            time: start + Duration::minutes(at),
            id: Some(format!("event-{at}")),
            ..event
        })
        .collect();
    let mut ledger = Ledger::default();
    ledger.read(&events);
    let (drafts, notes) = ledger.into_drafts();
    ((1..).zip(drafts).map(|(number, draft)| draft.finish(number)).collect(), notes)
}

/// The steps' lines, and `!` before those that a person has to complete.
pub fn lines(calls: impl IntoIterator<Item = Event>) -> Vec<String> {
    let (steps, notes) = planned(calls);
    assert!(notes.is_empty(), "{notes:?}");
    let line = |step: Step| format!("{}{}", if step.needs.is_empty() { "" } else { "! " }, step.call.cli);
    steps.into_iter().map(line).collect()
}
