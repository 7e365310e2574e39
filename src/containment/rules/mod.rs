//! Which calls make which steps necessary, by service: one file a kind of thing.

mod copies;
mod exposure;
mod federation;
mod functions;
mod iam_role;
pub mod iam_user;
mod instances;
mod organization;
mod policies;
mod resource_policy;
mod secrets;
mod sharing;
#[cfg(test)]
pub(super) mod tests;
mod trails;
mod watching;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::draft::Draft;
use super::event::Event;
use super::ledger::Settings;
use super::thing::Thing;

/// What calls of a service mean for a plan.
pub struct Rule {
    service: &'static str,
    calls: &'static [&'static str],
    /// What they mean.
    pub effect: Effect,
}

/// What a call means for a plan. All of these are `None` where the record does not say enough.
#[derive(Clone, Copy)]
pub enum Effect {
    /// These steps take back what it did; none if it did nothing that has to be.
    Cuts(fn(&Event, &Settings) -> Option<Vec<Draft>>),
    /// These things came to their end with it, and what is open about them.
    Ends(fn(&Event) -> Option<Vec<Thing>>),
    /// A thing was set to something that may have to be put back later.
    Sets(fn(&Event) -> Option<(Thing, String)>),
    /// These secrets became known to the caller: no call takes that back.
    Reveals(fn(&Event) -> Option<Vec<String>>),
}

const fn cuts(
    service: &'static str,
    calls: &'static [&'static str],
    drafts: fn(&Event, &Settings) -> Option<Vec<Draft>>,
) -> Rule {
    Rule { service, calls, effect: Effect::Cuts(drafts) }
}

const fn ends(
    service: &'static str,
    calls: &'static [&'static str],
    things: fn(&Event) -> Option<Vec<Thing>>,
) -> Rule {
    Rule { service, calls, effect: Effect::Ends(things) }
}

const fn sets(
    service: &'static str,
    calls: &'static [&'static str],
    setting: fn(&Event) -> Option<(Thing, String)>,
) -> Rule {
    Rule { service, calls, effect: Effect::Sets(setting) }
}

const fn reveals(
    service: &'static str,
    calls: &'static [&'static str],
    secrets: fn(&Event) -> Option<Vec<String>>,
) -> Rule {
    Rule { service, calls, effect: Effect::Reveals(secrets) }
}

/// Every rule.
const RULES: &[&[Rule]] = &[
    trails::RULES,
    watching::RULES,
    iam_user::RULES,
    iam_role::RULES,
    federation::RULES,
    organization::RULES,
    policies::RULES,
    resource_policy::RULES,
    copies::RULES,
    sharing::RULES,
    exposure::RULES,
    functions::RULES,
    instances::RULES,
    secrets::RULES,
];

/// The rules about a call of a service.
pub fn of(service: &str, call: &str) -> &'static [&'static Rule] {
    type ByName<T> = HashMap<&'static str, T>;
    static BY_CALL: LazyLock<ByName<ByName<Vec<&'static Rule>>>> = LazyLock::new(|| {
        let mut by_call = ByName::<ByName<Vec<_>>>::new();
        for rule in RULES.iter().copied().flatten() {
            for call in rule.calls {
                by_call.entry(rule.service).or_default().entry(call).or_default().push(rule);
            }
        }
        by_call
    });
    BY_CALL.get(service).and_then(|calls| calls.get(call)).map_or(&[], Vec::as_slice)
}

/// One step.
fn one(draft: Draft) -> Option<Vec<Draft>> {
    Some(vec![draft])
}
