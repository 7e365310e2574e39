//! What an actor did before: how often, and from where.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde::Deserialize;

use crate::compared::Compared;
use crate::detection::events::{Event, Kept};
use crate::place::Places;

/// What can be new about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    Call,
    Service,
    Region,
    Network,
    Country,
    AutonomousSystem,
    Client,
    SessionName,
}

/// An actor's past, or that of its peers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// How many other roles it is of; 0 for the actor's own.
    pub peers: usize,
    /// All calls.
    pub calls: u64,
    /// Those that were denied.
    pub denied: u64,
    /// From its first call to the window.
    pub length: Duration,
    /// Calls of each minute that has any.
    pub minutes: Vec<u64>,
    counts: HashMap<(Feature, String), u64>,
}

/// A row of `queries/profile.sql`.
#[derive(Debug, Clone, Deserialize)]
pub struct ProfileRow {
    pub actor: String,
    eventsource: Option<String>,
    call: Option<String>,
    awsregion: Option<String>,
    network: Option<String>,
    client: Option<String>,
    session_name: Option<String>,
    minute: Option<String>,
    calls: u64,
    denied: u64,
    first_seen: Option<String>,
}

impl Past {
    /// The past that some rows tell, up to `until`.
    pub fn of<'a>(
        rows: impl IntoIterator<Item = &'a ProfileRow>,
        until: DateTime<Utc>,
        places: &Places,
    ) -> Self {
        let mut past = Self::default();
        let mut minutes: BTreeMap<&str, u64> = BTreeMap::new();
        let mut first: Option<DateTime<Utc>> = None;
        for row in rows {
            if let Some(minute) = &row.minute {
                *minutes.entry(minute).or_default() += row.calls;
                continue;
            }
            past.calls += row.calls;
            past.denied += row.denied;
            first = [first, row.first_seen.as_deref().and_then(time)].into_iter().flatten().min();
            for (feature, value) in row.features(places) {
                *past.counts.entry((feature, value)).or_default() += row.calls;
            }
        }
        past.minutes = minutes.into_values().collect();
        past.length = first.map_or(Duration::zero(), |first| until - first);
        past
    }

    /// Calls in it with this about them.
    pub fn count(&self, feature: Feature, value: &str) -> u64 {
        self.counts.get(&(feature, value.to_owned())).copied().unwrap_or_default()
    }

    /// What stands for a feature in it, and in how many calls, the most frequent first.
    pub fn values(&self, of: Feature) -> Vec<(&str, u64)> {
        let values = self.counts.iter().filter(|((feature, _), _)| *feature == of);
        let mut values: Vec<(&str, u64)> =
            values.map(|((_, value), calls)| (value.as_str(), *calls)).collect();
        values.sort_unstable_by_key(|(value, calls)| (std::cmp::Reverse(*calls), *value));
        values
    }

    /// Calls like some of now, against it.
    pub fn compared(&self, before: u64, now: u64, span: Duration) -> Compared {
        let with = match (self.calls, self.peers) {
            (0, _) => "none",
            (_, 0) => "own",
            _ => "peers",
        };
        Compared::new(with, (before, self.calls, self.length), (now, span))
    }
}

impl ProfileRow {
    fn features(&self, places: &Places) -> Vec<(Feature, String)> {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        features(
            &text(&self.eventsource),
            &text(&self.call),
            &text(&self.awsregion),
            &text(&self.network),
            &text(&self.client),
            self.session_name.clone(),
            places,
        )
    }
}

/// What can be new about an event.
pub fn features_of(
    event: Event<'_>,
    session_name: Option<String>,
    places: &Places,
) -> Vec<(Feature, String)> {
    let [source, call, region, network, client] =
        [Kept::EventSource, Kept::Call, Kept::Region, Kept::Network, Kept::Client]
            .map(|what| event.word(what));
    features(source, call, region, network, client, session_name, places)
}

fn features(
    source: &str,
    call: &str,
    region: &str,
    network: &str,
    client: &str,
    session_name: Option<String>,
    places: &Places,
) -> Vec<(Feature, String)> {
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let place = places.of_network(network);
    let mut all = vec![
        (Feature::Call, format!("{service}:{call}")),
        (Feature::Service, service.to_owned()),
        (Feature::Region, region.to_owned()),
        (Feature::Client, client.to_owned()),
    ];
    // The console calls from addresses of its own.
    if network.contains('/') {
        all.push((Feature::Network, network.to_owned()));
    }
    all.extend(place.country.map(|country| (Feature::Country, country)));
    all.extend(place.system.map(|system| (Feature::AutonomousSystem, system)));
    all.extend(session_name.map(|name| (Feature::SessionName, name)));
    all.retain(|(_, value)| !value.is_empty());
    all
}

/// A time as Arrow's JSON has it.
fn time(text: &str) -> Option<DateTime<Utc>> {
    let naive = |text: &str| Some(text.parse::<NaiveDateTime>().ok()?.and_utc());
    text.parse().ok().or_else(|| naive(text))
}
