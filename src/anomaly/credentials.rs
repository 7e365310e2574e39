//! Credentials that are used where, when or how they cannot be.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use chrono::Duration;

use super::kind;
use super::{Scene, numbers};
use crate::compared::{Compared, length};
use crate::detection::Severity;
use crate::detection::events::{Event, Kept};
use crate::finding::{Draft, distinct, episodes, some, span, who};
use crate::place::distance;
use crate::profile::{Feature, Past};

/// User agents of programs that run in a function or container say so.
const IN_COMPUTE: [&str; 2] = ["exec-env/AWS_Lambda", "exec-env/AWS_ECS"];
/// Words of the user agents of people's own machines, in lower case; hardly any instance has them.
const PERSONAL: [&str; 7] =
    ["darwin/", "macos", "macintosh", "kali", "parrot", "blackarch", "exec-env/cloudshell"];
/// Autonomous systems of AWS.
const AWS: [&str; 4] = ["AS16509", "AS14618", "AS8987", "AS7224"];

/// Every such use by an actor.
pub fn misused(scene: &Scene<'_>, actor: &str, events: &[Event<'_>]) -> Vec<Draft> {
    let mut drafts = vec![];
    for calls in grouped(events, |event| event.text(Kept::AccessKey).unwrap_or_default()) {
        drafts.extend(two_places(scene, actor, &calls));
        drafts.extend(impossible_travel(scene, actor, &calls));
    }
    let elsewhere = grouped(events, |event| event.text(Kept::SessionName).unwrap_or_default());
    let elsewhere: Vec<Event<'_>> =
        elsewhere.iter().filter_map(|calls| off_machine(scene, actor, calls)).flatten().collect();
    drafts.extend(one_each(scene, elsewhere).map(|calls| {
        let what = format!(
            "{}: calls with a machine's credentials from {} with {}.",
            who(actor),
            some(&distinct(calls.iter().map(|event| event.word(Kept::Address).to_owned()))),
            some(&distinct(calls.iter().map(|event| event.word(Kept::Client).to_owned())))
        );
        kind::COMPUTE_ELSEWHERE.draft(scene.settings, actor, numbers(&calls), what)
    }));
    drafts.extend(too_long(scene, actor, events));
    if let Some(past) = scene.pasts.get(actor) {
        drafts.iter_mut().for_each(|draft| draft.compared = Some(from_there(scene, draft, past)));
    }
    drafts
}

/// Calls of a draft against those that came from the same networks before.
fn from_there(scene: &Scene<'_>, draft: &Draft, past: &Past) -> Compared {
    let networks = draft.events.iter().map(|event| scene.events.get(*event).word(Kept::Network).to_owned());
    let before = distinct(networks).iter().map(|network| past.count(Feature::Network, network)).sum();
    past.compared(before, draft.events.len() as u64, span(scene.events, &draft.events))
}

/// Calls that share a text, which is not empty.
fn grouped<'a, 'e>(events: &[Event<'e>], by: impl Fn(&Event<'e>) -> &'a str) -> Vec<Vec<Event<'e>>> {
    let mut groups: BTreeMap<&str, Vec<Event<'e>>> = BTreeMap::new();
    for event in events {
        groups.entry(by(event)).or_default().push(*event);
    }
    groups.remove("");
    groups.into_values().collect()
}

/// One group for each episode.
fn one_each<'a>(scene: &'a Scene<'_>, events: Vec<Event<'a>>) -> impl Iterator<Item = Vec<Event<'a>>> {
    let each = numbers(&events).into_iter().map(|number| vec![number]).collect();
    let episodes = episodes(scene.events, each, scene.settings.episode);
    episodes.into_iter().map(|numbers| numbers.into_iter().map(|number| scene.events.get(number)).collect())
}

/// A key that goes from one network to another and back: whoever moves does not return.
fn two_places(scene: &Scene<'_>, actor: &str, calls: &[Event<'_>]) -> Option<Draft> {
    let past = scene.pasts.get(actor).filter(|past| past.peers == 0);
    let is_temporary = calls[0].word(Kept::AccessKey).starts_with("ASIA");
    // A user's key may well be on several machines: only a past can say that one is new.
    if !is_temporary && past.is_none_or(|past| past.calls < scene.settings.baseline.enough_calls) {
        return None;
    }
    // Several gateways of one workload have been seen before.
    let is_new = |call: &Event<'_>| {
        past.is_none_or(|past| past.count(Feature::Network, call.word(Kept::Network)) == 0)
    };
    let within = scene.settings.places.within.num_milliseconds();
    let remote: Vec<Event<'_>> = calls.iter().copied().filter(|call| address(*call).is_some()).collect();
    let mut latest: HashMap<&str, Event<'_>> = HashMap::new();
    let mut before: Option<Event<'_>> = None;
    let mut back = None;
    for call in &remote {
        let first = latest.insert(call.word(Kept::Network), *call);
        let other =
            before.replace(*call).filter(|other| other.word(Kept::Network) != call.word(Kept::Network));
        let (Some(first), Some(other)) = (first, other) else { continue };
        let near = call.millis().zip(first.millis()).is_some_and(|(last, first)| last - first <= within);
        if near && (is_new(call) || is_new(&other)) {
            back = Some([first, other, *call]);
            break;
        }
    }
    let back = back?;
    let networks = distinct(back.iter().map(|call| call.word(Kept::Network).to_owned()));
    let what = format!(
        "{}: the {} {} was used from {} by turns within {}.",
        who(actor),
        if is_temporary { "temporary credential" } else { "access key" },
        calls[0].word(Kept::AccessKey),
        networks.join(" and "),
        length(scene.settings.places.within)
    );
    let since = back[0].millis();
    let strange: Vec<_> = remote.into_iter().filter(|call| call.millis() >= since && is_new(call)).collect();
    let mut draft = kind::TWO_PLACES.draft(scene.settings, actor, numbers(&strange), what);
    if !is_temporary {
        draft.severity = draft.severity.min(Severity::Low);
    }
    Some(draft)
}

/// Two calls with one credential from places that are too far apart.
fn impossible_travel(scene: &Scene<'_>, actor: &str, calls: &[Event<'_>]) -> Option<Draft> {
    let settings = &scene.settings.places;
    let placed: Vec<_> = calls
        .iter()
        .filter_map(|call| Some((*call, scene.places.of(address(*call)?).position?, call.millis()?)))
        .collect();
    let (from, to, way, time) = placed.windows(2).find_map(|pair| {
        let [(from, start, left), (to, end, arrived)] = pair else { return None };
        let way = distance(*start, *end);
        let time = Duration::milliseconds(arrived - left);
        let hours = time.num_seconds() as f64 / 3600.0;
        (way > settings.nearest && way > settings.fastest * hours).then_some((*from, *to, way, time))
    })?;
    let what = format!(
        "{}: calls from {} and {}, {way:.0} km apart, within {}.",
        who(actor),
        from.word(Kept::Address),
        to.word(Kept::Address),
        length(time)
    );
    Some(kind::IMPOSSIBLE_TRAVEL.draft(scene.settings, actor, vec![from.number, to.number], what))
}

/// Of the calls of a machine's session, those that were not made on the machine.
fn off_machine<'a>(scene: &Scene<'_>, actor: &str, calls: &[Event<'a>]) -> Option<Vec<Event<'a>>> {
    let on_compute =
        |call: &Event<'_>| IN_COMPUTE.iter().any(|sign| call.word(Kept::UserAgent).contains(sign));
    let is_instance = is_instance_id(calls[0].word(Kept::SessionName));
    // People's own sessions run containers too: CloudShell is one.
    let is_person = actor.contains(":role/AWSReservedSSO_");
    if is_person || !(is_instance || calls.iter().any(on_compute)) {
        return None;
    }
    let past = scene.pasts.get(actor).filter(|past| past.peers == 0);
    let past = past.filter(|past| past.calls >= scene.settings.baseline.enough_calls);
    let is_new = |call: &Event<'_>| {
        past.is_some_and(|past| past.count(Feature::Network, call.word(Kept::Network)) == 0)
    };
    let off = |call: &Event<'_>| {
        let Some(address) = address(*call) else { return false };
        let agent = call.word(Kept::UserAgent).to_ascii_lowercase();
        let personal = PERSONAL.iter().any(|word| agent.contains(word));
        let system = scene.places.of(address).system;
        let elsewhere =
            system.is_some_and(|system| !AWS.iter().any(|own| system.split(' ').next() == Some(own)));
        // A function's or container's SDK says where it runs, in every call; but so can others.
        let silent = !is_instance && !on_compute(call);
        // Functions and containers change their addresses; instances seldom do.
        personal || elsewhere || silent || (is_instance && is_new(call))
    };
    let off: Vec<_> = calls.iter().copied().filter(off).collect();
    (!off.is_empty()).then_some(off)
}

/// Calls by sessions that must have ended.
fn too_long(scene: &Scene<'_>, actor: &str, events: &[Event<'_>]) -> Option<Draft> {
    let settings = &scene.settings.sessions;
    let age = |event: &Event<'_>| Some(Duration::milliseconds(event.millis()? - event.session_created()?));
    let most =
        |event: &Event<'_>| if event.word(Kept::ActorType) == "role" { settings.role } else { settings.user };
    let old: Vec<_> =
        events.iter().copied().filter(|event| age(event).is_some_and(|age| age > most(event))).collect();
    let oldest = old.iter().filter_map(age).max()?;
    let what = format!("{}: calls by a session that was {} old.", who(actor), length(oldest));
    Some(kind::SESSION_TOO_LONG.draft(scene.settings, actor, numbers(&old), what))
}

fn address(event: Event<'_>) -> Option<IpAddr> {
    event.word(Kept::Address).parse().ok()
}

/// `i-` and 8 or 17 hexadecimal digits, as EC2 names the sessions of its instances.
fn is_instance_id(name: &str) -> bool {
    name.strip_prefix("i-")
        .is_some_and(|id| matches!(id.len(), 8 | 17) && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
