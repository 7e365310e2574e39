//! What watches: GuardDuty, Config, flow logs, Security Hub.

use serde_json::{Value, json};

use super::trails::{is_own, own, restored};
use super::{Rule, cuts, ends, one, sets};
use crate::containment::draft::Draft;
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
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
