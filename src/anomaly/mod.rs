//! What is out of character: an actor's calls against its past, or against its peers'.

mod credentials;
mod kind;
mod news;
mod pace;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::detection::events::{Event, Events, Kept};
use crate::finding::{Draft, Settings};
use crate::place::Places;
use crate::profile::Past;

pub use kind::{KINDS, Kind};

/// What anomalies are looked for in.
pub(crate) struct Scene<'a> {
    /// All events.
    pub events: &'a Events,
    /// The past of each actor that has one.
    pub pasts: &'a HashMap<String, Past>,
    /// Accounts and regions whose logs the past has, if its objects' keys tell.
    pub regions: Option<&'a BTreeSet<(String, String)>>,
    /// Where addresses are.
    pub places: &'a Places,
    /// What counts as much.
    pub settings: &'a Settings,
}

impl<'a> Scene<'a> {
    /// Every anomaly in it.
    pub fn anomalies(&self) -> Vec<Draft> {
        let mut drafts = vec![];
        for (actor, events) in self.by_actor() {
            if let Some(past) = self.pasts.get(actor) {
                drafts.extend(news::news(self, actor, &events, past));
                drafts.extend(pace::call_rate(self, actor, &events, past));
                drafts.extend(pace::denied_share(self, actor, &events, past));
            }
            drafts.extend(credentials::misused(self, actor, &events));
        }
        drafts.retain(|draft| self.settings.is_enabled(&draft.id));
        drafts
    }

    /// What each actor called itself: not what was done to it, nor what services did for it.
    fn by_actor(&self) -> BTreeMap<&'a str, Vec<Event<'a>>> {
        let mut actors: BTreeMap<&str, Vec<Event<'a>>> = BTreeMap::new();
        let own = |event: &Event<'_>| event.is(Kept::IsOwn) && event.is_direct();
        for event in self.events.iter().filter(own) {
            actors.entry(event.word(Kept::Actor)).or_default().push(event);
        }
        actors
    }
}

fn numbers(events: &[Event<'_>]) -> Vec<u32> {
    events.iter().map(|event| event.number).collect()
}
