//! What an actor never did before.

use std::collections::{BTreeMap, HashSet};

use super::kind::{self, Kind};
use super::{Scene, numbers};
use crate::compared::{length, number};
use crate::detection::Severity;
use crate::detection::events::{Event, Kept};
use crate::finding::{Draft, distinct, some, span, who};
use crate::functions::name_pattern;
use crate::key::DeliveryKey;
use crate::profile::{Feature, Past, features_of};

/// What can be news, and what it is called.
const NEWS: [(Feature, &Kind, &str); 8] = [
    (Feature::Call, &kind::NEW_CALL, "calls"),
    (Feature::Service, &kind::NEW_SERVICE, "services"),
    (Feature::Region, &kind::NEW_REGION, "regions"),
    (Feature::Network, &kind::NEW_NETWORK, "networks"),
    (Feature::Country, &kind::NEW_COUNTRY, "countries"),
    (Feature::AutonomousSystem, &kind::NEW_SYSTEM, "providers"),
    (Feature::Client, &kind::NEW_CLIENT, "programs"),
    (Feature::SessionName, &kind::NEW_SESSION_NAME, "session names"),
];

/// A network, its country and its provider are one piece of news.
const PLACES: [Feature; 3] = [Feature::Network, Feature::Country, Feature::AutonomousSystem];

/// A finding for each kind of news, and one for each session with several kinds.
pub fn news(scene: &Scene<'_>, actor: &str, events: &[Event<'_>], past: &Past) -> Vec<Draft> {
    if past.calls < scene.settings.baseline.enough_calls {
        return vec![];
    }
    let found: Vec<_> = events.iter().map(|event| new_features(scene, *event, past)).collect();
    let several = several(scene, actor, events, &found, past);
    let single = NEWS.iter().filter_map(|news| of_kind(scene, actor, events, &found, past, news));
    // What a strange session says already is not said again.
    let told: HashSet<u32> = several
        .iter()
        .filter(|draft| scene.settings.is_enabled(&draft.id))
        .flat_map(|draft| draft.events.iter().copied())
        .collect();
    let single = single.filter(|draft| !draft.events.iter().all(|event| told.contains(event)));
    let single: Vec<Draft> = single.collect();
    several.into_iter().chain(single).collect()
}

fn new_features(scene: &Scene<'_>, event: Event<'_>, past: &Past) -> Vec<(Feature, String)> {
    let name = event.text(Kept::SessionName).map(name_pattern);
    let mut features = features_of(event, name, scene.places);
    // Roles differ in what they call and how they are assumed; less in where from.
    if past.peers > 0 {
        features.retain(|(feature, _)| !matches!(feature, Feature::Call | Feature::SessionName));
    }
    features.retain(|(feature, value)| past.count(*feature, value) == 0);
    features
}

fn of_kind(
    scene: &Scene<'_>,
    actor: &str,
    events: &[Event<'_>],
    found: &[Vec<(Feature, String)>],
    past: &Past,
    (feature, kind, plural): &(Feature, &Kind, &str),
) -> Option<Draft> {
    let with = events
        .iter()
        .zip(found)
        .filter_map(|(event, found)| Some((*event, found.iter().find(|(new, _)| new == feature)?.1.clone())));
    let (new, values): (Vec<Event<'_>>, Vec<String>) = with.unzip();
    if new.is_empty() {
        return None;
    }
    let values = distinct(values);
    let what = format!(
        "{}: {plural} that {} did not have in {}: {}.",
        who(actor),
        whose(past),
        length(past.length),
        some(&values)
    );
    let mut draft = kind.draft(scene.settings, actor, numbers(&new), what);
    // Reading something new is everyday work; changing something is less so.
    let reads = new.iter().all(|event| event.is(Kept::IsRead));
    if *feature == Feature::Call && !reads {
        draft.severity = draft.severity.max(scene.settings.severity(kind.id, Severity::Low));
    }
    // Looking into every region is a page of the console; making something there is not.
    let mut made = new.iter().filter(|event| !event.is(Kept::IsRead));
    if *feature == Feature::Region && made.any(|event| is_unused_region(scene, *event)) {
        draft.severity = scene.settings.severity(kind.id, Severity::Medium);
        draft.why =
            format!("The account's logs of that time have nothing of the region at all. {}", draft.why);
    }
    draft.compared = Some(past.compared(0, new.len() as u64, span(scene.events, &draft.events)));
    Some(draft)
}

/// Whether nobody in the account used the event's region before: CloudTrail delivers an object for
/// each region in which anything happens.
fn is_unused_region(scene: &Scene<'_>, event: Event<'_>) -> bool {
    let key = DeliveryKey::parse(event.source_object());
    // Calls of global services are delivered for another region than their own.
    let account = key.account.filter(|_| key.region == event.text(Kept::Region));
    scene.regions.zip(account).is_some_and(|(used, account)| {
        !used.contains(&(account.to_owned(), event.word(Kept::Region).to_owned()))
    })
}

/// What is new, by what about it.
type News = BTreeMap<Feature, Vec<String>>;

/// Sessions that are new in several ways, among them where they come from.
fn several(
    scene: &Scene<'_>,
    actor: &str,
    events: &[Event<'_>],
    found: &[Vec<(Feature, String)>],
    past: &Past,
) -> Vec<Draft> {
    let mut sessions: BTreeMap<&str, (News, Vec<Event<'_>>)> = BTreeMap::new();
    for (event, found) in events.iter().zip(found).filter(|(_, found)| !found.is_empty()) {
        let (news, new) = sessions.entry(event.word(Kept::Session)).or_default();
        for (feature, value) in found.iter().filter(|(feature, _)| *feature != Feature::Call) {
            news.entry(*feature).or_default().push(value.clone());
        }
        new.push(*event);
    }
    let wanted = scene.settings.baseline.kinds;
    let kinds = |news: &News| {
        let places = news.keys().filter(|feature| PLACES.contains(feature)).count();
        news.len() - places.saturating_sub(1)
    };
    let is_origin = |feature: &Feature| PLACES.contains(feature) || *feature == Feature::Client;
    // What it does is news more often than where it comes from.
    let strange =
        sessions.into_values().filter(|(news, _)| kinds(news) >= wanted && news.keys().any(is_origin));
    let drafts = strange.map(|(news, new)| {
        let said = NEWS.iter().filter_map(|(feature, _, plural)| {
            Some(format!("{plural} ({})", some(&distinct(news.get(feature)?.iter().cloned()))))
        });
        let what = format!(
            "{}: one session has {} that {} did not have in {} ({} calls).",
            who(actor),
            said.collect::<Vec<_>>().join(", "),
            whose(past),
            length(past.length),
            number(past.calls),
        );
        let mut draft = kind::OUT_OF_CHARACTER.draft(scene.settings, actor, numbers(&new), what);
        if kinds(&news) >= wanted + 2 {
            draft.severity = draft.severity.max(scene.settings.severity(&draft.id, Severity::High));
        }
        // People at the console do new things every day; machines do not.
        if new.iter().any(|event| ["console", "browser"].contains(&event.word(Kept::Client))) {
            draft.severity = scene.settings.severity(&draft.id, draft.severity.min(Severity::Low));
        }
        draft.weight += u8::try_from(kinds(&news)).unwrap_or(u8::MAX).min(10);
        draft.compared = Some(past.compared(0, new.len() as u64, span(scene.events, &draft.events)));
        draft
    });
    drafts.collect()
}

fn whose(past: &Past) -> String {
    match past.peers {
        0 => "its past".to_owned(),
        peers => format!("the account's {} other roles", number(peers as u64)),
    }
}
