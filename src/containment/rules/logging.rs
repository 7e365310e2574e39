//! What records and watches: trails, GuardDuty, Config, flow logs, Security Hub.

use serde_json::{Map, Value, json};

use super::{Rule, cuts, ends, one, sets};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

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
    cuts("guardduty", &["UpdateDetector"], detector_disabled),
    ends("guardduty", &["UpdateDetector", "DeleteDetector"], detector_enabled),
    cuts("guardduty", &["DeleteDetector"], detector_deleted),
    ends("guardduty", &["CreateDetector"], detector_made),
    cuts("config", &["StopConfigurationRecorder"], recorder_stopped),
    ends("config", &["StartConfigurationRecorder"], recorder_started),
    cuts("config", &["DeleteConfigurationRecorder"], recorder_deleted),
    cuts("config", &["DeleteDeliveryChannel"], channel_deleted),
    cuts("ec2", &["DeleteFlowLogs"], flow_logs_deleted),
    sets("ec2", &["CreateFlowLogs"], own_flow_log),
    cuts("securityhub", &["DisableSecurityHub"], hub_disabled),
    ends("securityhub", &["EnableSecurityHub"], hub_enabled),
];

/// A step that turns something on again.
fn restored(event: &Event, thing: Thing, call: Request) -> Draft {
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
fn own(event: &Event, thing: &Thing) -> Option<(Thing, String)> {
    event.by_actor.then(|| (thing.part("own", ""), event.told()))
}

fn own_trail(event: &Event) -> Option<(Thing, String)> {
    own(event, &trail(event, trail_name(event)?))
}

fn is_own(settings: &Settings, thing: &Thing) -> bool {
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

fn detector(event: &Event, id: &str) -> Thing {
    event.thing("detector", id)
}

fn enables(event: &Event) -> Option<bool> {
    event.request.get("enable")?.as_bool()
}

fn detector_disabled(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let id = event.asked("/detectorId")?;
    if enables(event) != Some(false) {
        return Some(vec![]);
    }
    let set = |on: bool| Request::new("guardduty", "UpdateDetector", json!({"DetectorId": id, "Enable": on}));
    one(restored(event, detector(event, id), set(true))
        .title("Turn on GuardDuty's detector", id)
        .undo(set(false)))
}

fn detector_enabled(event: &Event) -> Option<Vec<Thing>> {
    let is_over = event.name == "DeleteDetector" || enables(event) == Some(true);
    Some(if is_over { vec![detector(event, event.asked("/detectorId")?)] } else { vec![] })
}

fn detector_deleted(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let region = event.region.as_deref().unwrap_or("its region");
    let call = Request::new("guardduty", "CreateDetector", json!({"Enable": true}));
    one(restored(event, event.thing("GuardDuty", ""), call).title("Turn on GuardDuty in", region).needs(
        "Set up again what was deleted with the detector: member accounts, plans, filters, lists, the export \
            of findings. Its findings are lost.",
    ))
}

fn detector_made(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("GuardDuty", "")])
}

fn recorder(event: &Event) -> Option<(Thing, &str)> {
    let name = event.asked("/configurationRecorderName")?;
    Some((event.thing("configuration recorder", name), name))
}

fn recorder_stopped(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, name) = recorder(event)?;
    let request = |call| Request::new("config", call, json!({"ConfigurationRecorderName": name}));
    one(restored(event, thing, request("StartConfigurationRecorder"))
        .title("Start Config's recorder", name)
        .undo(request("StopConfigurationRecorder")))
}

fn recorder_started(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![recorder(event)?.0])
}

fn recorder_deleted(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, name) = recorder(event)?;
    let recorder = json!({"name": name, "roleARN": fill_in("the role that Config records with"),
        "recordingGroup": {"allSupported": true, "includeGlobalResourceTypes": true}});
    let call = Request::new("config", "PutConfigurationRecorder", json!({"ConfigurationRecorder": recorder}));
    one(restored(event, thing, call)
        .title("Make again Config's recorder", name)
        .needs(
            "Fill in its role and what it recorded, and start it then \
            (`aws configservice start-configuration-recorder`).",
        )
        .undo(Request::new(
            "config",
            "DeleteConfigurationRecorder",
            json!({"ConfigurationRecorderName": name}),
        )))
}

fn channel_deleted(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = event.asked("/deliveryChannelName")?;
    let channel = json!({"name": name, "s3BucketName": fill_in("the bucket that Config delivers to")});
    let call = Request::new("config", "PutDeliveryChannel", json!({"DeliveryChannel": channel}));
    one(restored(event, event.thing("delivery channel", name), call)
        .title("Make again Config's delivery channel", name)
        .needs("Fill in the bucket that it delivered to, and its topic if it had one.")
        .undo(Request::new("config", "DeleteDeliveryChannel", json!({"DeliveryChannelName": name}))))
}

/// Ids of deleted flow logs, in the forms that records have.
fn flow_log_ids(event: &Event) -> Vec<&str> {
    let ids = [event.request.pointer("/DeleteFlowLogsRequest/FlowLogId"), event.request.get("flowLogId")];
    let listed = ids.into_iter().flatten().flat_map(|ids| match ids {
        Value::Array(ids) => ids.iter().collect(),
        one => vec![one],
    });
    listed.filter_map(|id| id.as_str().or(id.get("content")?.as_str())).collect()
}

fn own_flow_log(event: &Event) -> Option<(Thing, String)> {
    let id = event.answered("/CreateFlowLogsResponse/flowLogIdSet/item")?;
    own(event, &event.thing("flow log", id))
}

fn flow_logs_deleted(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let ids = flow_log_ids(event);
    if ids.is_empty() {
        return None;
    }
    let missed = ids.into_iter().filter(|id| !is_own(settings, &event.thing("flow log", id)));
    let drafts = missed.map(|id| {
        let parameters = json!({
            "ResourceIds": [fill_in("the networks")], "ResourceType": "VPC", "TrafficType": "ALL",
            "LogDestination": fill_in("the ARN of the bucket or log group"),
        });
        restored(event, event.thing("flow log", id), Request::new("ec2", "CreateFlowLogs", parameters))
            .title("Make again flow log", id)
            .needs("Fill in which networks it recorded, and where to: AWS Config or the code that made it may tell.")
    });
    Some(drafts.collect())
}

fn hub_disabled(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let region = event.region.as_deref().unwrap_or("its region");
    let request = |call| Request::new("securityhub", call, json!({}));
    one(restored(event, event.thing("Security Hub", ""), request("EnableSecurityHub"))
        .title("Turn on Security Hub in", region)
        .undo(request("DisableSecurityHub")))
}

fn hub_enabled(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("Security Hub", "")])
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
        assert_eq!(lines([stop.clone()]), [line.clone()]);
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

    #[test]
    fn what_watches_is_turned_on_again() {
        let detector = |on: bool| {
            call("guardduty:UpdateDetector", json!({"detectorId": "d1", "enable": on}), Value::Null)
        };
        assert_eq!(lines([detector(true), detector(false), detector(true)]), [""; 0]);
        let flow = json!({"DeleteFlowLogsRequest": {"FlowLogId": {"content": "fl-1", "tag": 1}}});
        let (steps, _) = planned([
            detector(false),
            call(
                "config:StopConfigurationRecorder",
                json!({"configurationRecorderName": "default"}),
                Value::Null,
            ),
            call("ec2:DeleteFlowLogs", flow, Value::Null),
            call("securityhub:DisableSecurityHub", Value::Null, Value::Null),
        ]);
        let lines: Vec<_> = steps.iter().map(|step| step.call.cli.as_str()).collect();
        assert_eq!(
            [lines[0], lines[1], lines[3]],
            [
                "aws guardduty update-detector --region eu-west-1 --detector-id d1 --enable",
                "aws configservice start-configuration-recorder --region eu-west-1 --configuration-recorder-name default",
                "aws securityhub enable-security-hub --region eu-west-1",
            ]
        );
        assert_eq!(steps[2].target, "fl-1");
    }
}
