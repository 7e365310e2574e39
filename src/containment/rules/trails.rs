//! What records: CloudTrail's trails, what they record, and event data stores.

use serde_json::{Map, Value, json};

use super::{Rule, cuts, ends, one, sets};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    ends("cloudtrail", &["StartLogging"], trail_logs),
    ends("cloudtrail", &["DeleteTrail"], trail_gone),
    cuts("cloudtrail", &["StopLogging"], trail_stopped),
    cuts("cloudtrail", &["DeleteTrail"], trail_deleted),
    ends("cloudtrail", &["CreateTrail"], trail_made),
    sets("cloudtrail", &["CreateTrail"], own_trail),
    cuts("cloudtrail", &["UpdateTrail"], trail_narrowed),
    sets("cloudtrail", &["CreateTrail", "UpdateTrail"], bucket_set),
    cuts("cloudtrail", &["PutEventSelectors"], selectors_changed),
    sets("cloudtrail", &["PutEventSelectors"], selectors_set),
    cuts("cloudtrail", &["StopEventDataStoreIngestion", "DeleteEventDataStore"], store_stopped),
    ends("cloudtrail", &["StartEventDataStoreIngestion", "RestoreEventDataStore"], store_started),
];

/// A step that turns on again what records or watches.
pub fn restored(event: &Event, thing: Thing, call: Request) -> Draft {
    let why = "The principal turned off what records or watches: until it is on again, nobody sees the rest.";
    Draft::of(event, Stage::Logging, StepKind::RestoreLogging, thing, call).why(why)
}

/// A trail, by its name, of which its ARN ends.
fn trail(event: &Event, name: &str) -> Thing {
    event.thing("trail", name.rsplit('/').next().unwrap_or(name))
}

fn trail_name(event: &Event) -> Option<&str> {
    event.asked("/name").or(event.asked("/trailName"))
}

fn trail_logs(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![trail(event, trail_name(event)?).part("logging", "")])
}

fn trail_gone(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![trail(event, trail_name(event)?)])
}

/// What the principal made itself is not missed when it deletes it.
pub fn own(event: &Event, thing: &Thing) -> Option<(Thing, String)> {
    event.by_actor.then(|| (thing.part("own", ""), event.told()))
}

fn own_trail(event: &Event) -> Option<(Thing, String)> {
    own(event, &trail(event, trail_name(event)?))
}

/// Whether the principal made a thing itself.
pub fn is_own(settings: &Settings, thing: &Thing) -> bool {
    settings.before(&thing.part("own", "")).is_some()
}

fn trail_stopped(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = trail_name(event)?;
    let request = |call| Request::new("cloudtrail", call, json!({"Name": name}));
    one(restored(event, trail(event, name).part("logging", ""), request("StartLogging"))
        .title("Start the logging of trail", name)
        .undo(request("StopLogging")))
}

fn trail_deleted(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let name = trail_name(event)?;
    let thing = trail(event, name);
    if is_own(settings, &thing) {
        return Some(vec![]);
    }
    let short = name.rsplit('/').next().unwrap_or(name);
    let bucket = settings.before(&thing.part("bucket", ""));
    let parameters = json!({
        "Name": short,
        "S3BucketName": bucket.map_or_else(|| fill_in("the bucket"), ToOwned::to_owned),
        "IsMultiRegionTrail": true,
        "IncludeGlobalServiceEvents": true,
        "EnableLogFileValidation": true,
    });
    let draft = restored(
        event,
        thing.part("made", ""),
        Request::new("cloudtrail", "CreateTrail", parameters),
    )
    .title("Make again trail", short)
    .needs(
        "Start its logging then (`aws cloudtrail start-logging`), and set again what these logs do not show: \
            event selectors, insights, the key, CloudWatch Logs, whether it was the organization's.",
    )
    .undo(Request::new("cloudtrail", "DeleteTrail", json!({"Name": short})));
    one(match bucket {
        Some(_) => draft,
        None => draft.needs("Fill in the bucket that the trail delivered to."),
    })
}

fn trail_made(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![trail(event, trail_name(event)?).part("made", "")])
}

fn bucket_set(event: &Event) -> Option<(Thing, String)> {
    let bucket = event.asked("/s3BucketName")?;
    Some((trail(event, trail_name(event)?).part("bucket", ""), bucket.to_owned()))
}

/// What makes a trail record less, and its parameter in the API.
const SWITCHES: [(&str, &str); 3] = [
    ("isMultiRegionTrail", "IsMultiRegionTrail"),
    ("includeGlobalServiceEvents", "IncludeGlobalServiceEvents"),
    ("enableLogFileValidation", "EnableLogFileValidation"),
];

fn trail_narrowed(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let name = trail_name(event)?;
    let thing = trail(event, name);
    let (mut back, mut again) = (Map::new(), Map::new());
    for (asked, parameter) in SWITCHES {
        if event.request.get(asked) == Some(&Value::Bool(false)) {
            back.insert(parameter.to_owned(), true.into());
            again.insert(parameter.to_owned(), false.into());
        }
    }
    let bucket = event.asked("/s3BucketName");
    let thing = thing.part("bucket", "");
    let before = settings.before(&thing);
    if let Some(bucket) = bucket.filter(|bucket| Some(*bucket) != before) {
        let before = before.map_or_else(|| fill_in("the bucket from before"), ToOwned::to_owned);
        back.insert("S3BucketName".to_owned(), before.into());
        again.insert("S3BucketName".to_owned(), bucket.into());
    }
    if back.is_empty() {
        return Some(vec![]);
    }
    let unknown = back.contains_key("S3BucketName") && before.is_none();
    let request = |mut parameters: Map<String, Value>| {
        parameters.insert("Name".to_owned(), name.into());
        Request::new("cloudtrail", "UpdateTrail", parameters.into())
    };
    let draft = restored(event, thing, request(back)).title("Set right trail", name).undo(request(again));
    one(match unknown {
        true => draft.needs("Fill in the bucket that the trail delivered to before, if it was another."),
        false => draft,
    })
}

/// The event selectors of a request, as the API names them.
fn selectors(event: &Event) -> Value {
    let list = |asked: &str| event.request.get(asked).filter(|list| list.is_array()).map(capitalized);
    json!({
        "EventSelectors": list("eventSelectors"),
        "AdvancedEventSelectors": list("advancedEventSelectors"),
    })
}

/// JSON whose keys begin with capitals, as the API of CloudTrail has them and its records do not.
fn capitalized(json: &Value) -> Value {
    match json {
        Value::Array(items) => items.iter().map(capitalized).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let mut letters = key.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                (first.into_iter().chain(letters).collect::<String>(), capitalized(value))
            });
            Value::Object(members.collect())
        }
        other => other.clone(),
    }
}

fn with_name(name: &str, mut selectors: Value) -> Request {
    if let Value::Object(members) = &mut selectors {
        members.insert("TrailName".to_owned(), name.into());
    }
    Request::new("cloudtrail", "PutEventSelectors", selectors)
}

fn selectors_changed(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let name = trail_name(event)?;
    let thing = trail(event, name).part("selectors", "");
    let before = settings.before(&thing).and_then(|text| serde_json::from_str(text).ok());
    let is_known = before.is_some();
    // Those of a trail that nobody set any for.
    let usual = || json!({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": true}]});
    let draft = restored(event, thing, with_name(name, before.unwrap_or_else(usual)))
        .title("Put back the event selectors of trail", name)
        .undo(with_name(name, selectors(event)));
    one(match is_known {
        true => draft,
        false => {
            draft.needs("Add the data events that the trail recorded before: these logs do not show them.")
        }
    })
}

fn selectors_set(event: &Event) -> Option<(Thing, String)> {
    Some((trail(event, trail_name(event)?).part("selectors", ""), selectors(event).to_string()))
}

fn store(event: &Event) -> Option<(Thing, &str)> {
    let store = event.asked("/eventDataStore")?;
    Some((event.thing("event data store", store), store))
}

fn store_stopped(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, store) = store(event)?;
    let (start, stop) = match event.name.as_str() {
        "DeleteEventDataStore" => ("RestoreEventDataStore", "DeleteEventDataStore"),
        _ => ("StartEventDataStoreIngestion", "StopEventDataStoreIngestion"),
    };
    let request = |call| Request::new("cloudtrail", call, json!({"EventDataStore": store}));
    one(restored(event, thing, request(start))
        .title("Turn on again event data store", store)
        .undo(request(stop)))
}

fn store_started(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![store(event)?.0])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines, planned};
    use serde_json::{Value, json};

    const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";

    #[test]
    fn logging_is_started_unless_it_was() {
        let stop = call("cloudtrail:StopLogging", json!({"name": TRAIL}), Value::Null);
        let start = call("cloudtrail:StartLogging", json!({"name": "main"}), Value::Null);
        let line = format!("aws cloudtrail start-logging --region eu-west-1 --name {TRAIL}");
        assert_eq!(lines([stop.clone()]), [line.as_str()]);
        assert_eq!(lines([stop.clone(), start.clone()]), [""; 0]);
        assert_eq!(lines([stop.clone(), start, stop]), [line]);
    }

    #[test]
    fn a_deleted_trail_is_made_again() {
        let stop = call("cloudtrail:StopLogging", json!({"name": "main"}), Value::Null);
        let delete = call("cloudtrail:DeleteTrail", json!({"name": TRAIL}), Value::Null);
        let (steps, _) = planned([stop.clone(), delete.clone()]);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].call.parameters["Name"], "main");
        assert_eq!(steps[0].needs.len(), 2);
        let known =
            call("cloudtrail:UpdateTrail", json!({"name": "main", "s3BucketName": "logs"}), Value::Null);
        let (steps, _) = planned([known.clone(), delete.clone()]);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].needs.len(), 2, "the principal's own bucket is not put back");
        let (steps, _) = planned([super::super::tests::by_another(known), delete.clone()]);
        assert_eq!((&steps[0].call.parameters["S3BucketName"], steps[0].needs.len()), (&json!("logs"), 1));
        let made =
            call("cloudtrail:CreateTrail", json!({"name": "main", "s3BucketName": "logs"}), Value::Null);
        assert_eq!(lines([made, delete]), [""; 0], "its own trail is not missed");
    }

    #[test]
    fn trails_that_were_narrowed_are_set_right() {
        let update = |request: Value| call("cloudtrail:UpdateTrail", request, Value::Null);
        assert_eq!(lines([update(json!({"name": "main", "isMultiRegionTrail": true}))]), [""; 0]);
        assert_eq!(
            lines([update(json!({"name": "main", "isMultiRegionTrail": false}))]),
            ["aws cloudtrail update-trail --region eu-west-1 --is-multi-region-trail --name main"]
        );
        let put = |kind: &str| {
            let selectors = json!([{"readWriteType": kind, "includeManagementEvents": true, "dataResources": [
                {"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]}]);
            call(
                "cloudtrail:PutEventSelectors",
                json!({"trailName": "main", "eventSelectors": selectors}),
                Value::Null,
            )
        };
        let (steps, _) = planned([put("ReadOnly")]);
        assert!(steps[0].call.cli.contains(r#""ReadWriteType":"All""#) && steps[0].needs.len() == 1);
        let undo = steps[0].undo.as_ref().unwrap();
        assert_eq!(undo.parameters["EventSelectors"][0]["DataResources"][0]["Type"], "AWS::S3::Object");
        let (steps, _) = planned([super::super::tests::by_another(put("All")), put("ReadOnly")]);
        assert_eq!(
            steps[0].call.parameters["EventSelectors"][0]["DataResources"][0]["Values"][0],
            "arn:aws:s3"
        );
        assert!(steps[0].needs.is_empty());
    }
}
