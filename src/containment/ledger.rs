//! What is still open after the last call.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::StepKind;
use super::draft::Draft;
use super::event::Event;
use super::rules::{self, Effect};
use super::thing::Thing;
use crate::compared::number;

/// Steps by what they are about, what was ended, and what things were set to before.
#[derive(Default)]
pub struct Ledger {
    /// With the order in which they came.
    open: BTreeMap<Thing, (usize, Draft)>,
    opened: usize,
    ended: BTreeMap<Thing, DateTime<Utc>>,
    settings: Settings,
    /// Secrets that the principal read.
    revealed: BTreeSet<String>,
    /// What could not be made a step.
    pub notes: Vec<String>,
}

/// What things were set to, as far as the calls before tell: policies, trust, versions.
#[derive(Default)]
pub struct Settings(HashMap<Thing, String>);

impl Settings {
    /// What a thing was set to before the principal changed it.
    pub fn before(&self, thing: &Thing) -> Option<&str> {
        self.0.get(thing).map(String::as_str)
    }
}

/// Whether a step takes back a change of a thing. That it was made, or that machines were started
/// with it, is what whoever runs it does every day.
fn is_change(kind: StepKind) -> bool {
    !matches!(kind, StepKind::DenyAll | StepKind::RevokeSessions | StepKind::IsolateInstance)
}

/// A few names, and how many more there are.
fn listed(names: BTreeSet<&str>) -> String {
    const NAMED: usize = 10;
    let more = names.len().saturating_sub(NAMED);
    let named = names.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {} more", number(more as u64)) }
}

/// Whether a call can make steps necessary.
fn cuts(event: &Event) -> bool {
    rules::of(&event.service, &event.name).iter().any(|rule| matches!(rule.effect, Effect::Cuts(_)))
}

impl Ledger {
    /// Holds calls against the rules, in their order. Times are whole seconds: of the calls of one
    /// second those that only end something count as the first, because a step too many does less
    /// harm than one too few.
    pub fn read(&mut self, events: &[Event]) {
        let mut events: Vec<&Event> = events.iter().collect();
        events.sort_by_key(|event| (event.time, cuts(event)));
        for event in events {
            let rules = rules::of(&event.service, &event.name);
            let ended = rules.iter().filter_map(|rule| match rule.effect {
                Effect::Ends(things) => things(event),
                _ => None,
            });
            for thing in ended.flatten() {
                self.end(thing, event.time);
            }
            for rule in rules {
                if let Effect::Cuts(drafts) = rule.effect {
                    self.cut(event, drafts(event, &self.settings));
                }
            }
            for rule in rules {
                match rule.effect {
                    Effect::Sets(setting) => self.set(setting(event)),
                    Effect::Reveals(secrets) if event.by_actor => {
                        self.revealed.extend(secrets(event).into_iter().flatten());
                    }
                    _ => {}
                }
            }
        }
    }

    /// Adds a step, or its evidence to the step about the same thing.
    pub fn add(&mut self, draft: Draft) {
        self.exists(&draft.thing);
        match self.open.get_mut(&draft.thing) {
            // What others did before is what the principal's own step leads back to.
            Some((_, open)) if open.others().is_empty() || !draft.others().is_empty() => open.merge(draft),
            _ => {
                self.opened += 1;
                self.open.insert(draft.thing.clone(), (self.opened, draft));
            }
        }
    }

    /// Whether there is a step about a thing.
    pub fn is_open(&self, thing: &Thing) -> bool {
        self.open.contains_key(thing)
    }

    /// Whether the calls say that a thing, or the whole of which it is a part, came to its end, and
    /// was not made again.
    pub fn is_ended(&self, thing: &Thing) -> bool {
        thing.wholes().any(|whole| self.ended.contains_key(&whole))
    }

    /// The same of an end at or after `time`.
    pub fn is_ended_since(&self, thing: &Thing, time: DateTime<Utc>) -> bool {
        thing.wholes().any(|whole| self.ended.get(&whole).is_some_and(|ended| *ended >= time))
    }

    /// The steps, in the order of the plan.
    pub fn into_drafts(mut self) -> (Vec<Draft>, Vec<String>) {
        let secrets = (!self.revealed.is_empty()).then(|| {
            let names = listed(self.revealed.iter().map(String::as_str).collect());
            format!("Secrets were read, and no step takes that back: rotate {names}.")
        });
        let others = self.others();
        self.notes.extend(secrets.into_iter().chain(others));
        let mut drafts: Vec<_> = self.open.into_values().collect();
        drafts.sort_by_key(|(order, draft)| (draft.stage, *order));
        (drafts.into_iter().map(|(_, draft)| draft).collect(), self.notes)
    }

    /// What was ended before was made again.
    fn exists(&mut self, thing: &Thing) {
        for whole in thing.wholes() {
            self.ended.remove(&whole);
        }
    }

    fn end(&mut self, thing: Thing, time: DateTime<Utc>) {
        let parts: Vec<_> = self.open.range(&thing..).map(|(part, _)| part).collect();
        let parts: Vec<_> = parts.into_iter().take_while(|part| part.is_within(&thing)).cloned().collect();
        for part in parts {
            self.open.remove(&part);
        }
        self.ended.insert(thing, time);
    }

    /// Who else made steps necessary: a plan about one principal does not cut them off.
    fn others(&self) -> Option<String> {
        let others: BTreeSet<&str> =
            self.open.values().flat_map(|(_, draft)| draft.others()).map(String::as_str).collect();
        (!others.is_empty()).then(|| {
            format!(
                "Others changed what was asked about, and this plan does not cut them off: ask again about {}.",
                listed(others)
            )
        })
    }

    /// What a call makes necessary. What somebody else did to a thing after the principal has to be
    /// looked at first.
    fn cut(&mut self, event: &Event, drafts: Option<Vec<Draft>>) {
        match drafts {
            Some(drafts) if event.by_actor => drafts.into_iter().for_each(|draft| self.add(draft)),
            Some(drafts) => {
                for draft in drafts {
                    self.exists(&draft.thing);
                    match self.open.get_mut(&draft.thing) {
                        Some((_, open)) if open.others().is_empty() => {
                            open.touched(&format!("Look first at what was done since: {}.", event.told()));
                        }
                        _ if is_change(draft.kind) => self.add(draft.by_another(event.actor())),
                        _ => {}
                    }
                }
            }
            None if event.by_actor => self.notes.push(format!(
                "{} (event {}): its record does not say what it was done to; look at it by hand.",
                event.told(),
                event.id.as_deref().unwrap_or("without an id")
            )),
            None => {}
        }
    }

    fn set(&mut self, setting: Option<(Thing, String)>) {
        if let Some((thing, setting)) = setting {
            // What the principal changed is not what it was before.
            if self.open.get(&thing).is_none_or(|(_, open)| !open.others().is_empty()) {
                self.settings.0.insert(thing, setting);
            }
        }
    }
}
