//! Machines: those that were started, changed or entered, and keys to them.

use serde_json::{Value, json};

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::{Event, items};
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("ec2", &["RunInstances", "StartInstances"], started),
    cuts("ec2", &["ModifyInstanceAttribute"], script_changed),
    cuts("ssm", &["SendCommand"], commanded),
    cuts("ec2-instance-connect", &["SendSSHPublicKey", "SendSerialConsoleSSHPublicKey"], entered),
    ends("ec2", &["StopInstances", "TerminateInstances"], stopped),
    cuts("ec2", &["AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"], profile_given),
    ends("ec2", &["DisassociateIamInstanceProfile"], profile_taken),
    cuts("ec2", &["CreateKeyPair", "ImportKeyPair"], key_made),
    ends("ec2", &["DeleteKeyPair"], key_deleted),
    cuts("ssm", &["StartSession"], session_started),
    ends("ssm", &["TerminateSession"], session_ended),
];

fn instance(event: &Event, id: &str) -> Thing {
    event.thing("instance", id)
}

/// A machine is stopped: that keeps its disks, but not its memory.
fn stop(event: &Event, id: &str, why: &str) -> Draft {
    let request = |call| Request::new("ec2", call, json!({"InstanceIds": [id]}));
    Draft::of(event, Stage::Instances, StepKind::IsolateInstance, instance(event, id), request("StopInstances"))
        .title("Stop instance", id)
        .why(why)
        .breaks("Whatever runs on the machine; what is only in its memory or on instance store is lost.")
        .needs("Take images of its memory and disks first. Where it must go on, cut it off by a security group without rules instead.")
        .undo(request("StartInstances"))
}

/// Ids in `{"instancesSet": {"items": [{"instanceId": …}]}}`.
fn listed(json: &Value) -> impl Iterator<Item = &str> {
    items(json, "/instancesSet")
        .filter_map(|item| item.get("instanceId")?.as_str())
        .filter(|id| !id.is_empty())
}

fn started(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let ids: Vec<&str> = listed(&event.response).collect();
    let ids = if ids.is_empty() { listed(&event.request).collect() } else { ids };
    let drafts = ids.into_iter().map(|id| stop(event, id, "The principal started the machine."));
    Some(drafts.collect::<Vec<_>>()).filter(|drafts| !drafts.is_empty())
}

fn script_changed(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let id = event.asked("/instanceId")?;
    let changed = event.request.get("userData").is_some_and(|script| !script.is_null());
    let why = "The principal changed the script that the machine runs when it starts.";
    Some(changed.then(|| stop(event, id, why)).into_iter().collect())
}

fn commanded(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let ids = event.request.get("instanceIds").and_then(Value::as_array).into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(Value::as_str).filter(|id| id.starts_with("i-")).collect();
    let drafts = ids.into_iter().map(|id| stop(event, id, "The principal ran commands on the machine."));
    // Where machines are named by their tags, the record does not say which they were.
    Some(drafts.collect::<Vec<_>>()).filter(|drafts| !drafts.is_empty())
}

fn entered(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    one(stop(event, event.asked("/instanceId")?, "The principal sent a key to enter the machine with."))
}

fn stopped(event: &Event) -> Option<Vec<Thing>> {
    Some(listed(&event.request).map(|id| instance(event, id)).collect())
}

/// The association of an instance and its profile, as responses of both calls have it.
const ASSOCIATIONS: [&str; 2] =
    ["/iamInstanceProfileAssociation", "/AssociateIamInstanceProfileResponse/iamInstanceProfileAssociation"];

fn profile_given(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let answered =
        |member: &str| ASSOCIATIONS.iter().find_map(|at| event.answered(&format!("{at}/{member}")));
    let (id, association) = (answered("instanceId")?, answered("associationId")?);
    let call = Request::new("ec2", "DisassociateIamInstanceProfile", json!({"AssociationId": association}));
    let undo = answered("iamInstanceProfile/arn").map(|arn| {
        let parameters = json!({"InstanceId": id, "IamInstanceProfile": {"Arn": arn}});
        Request::new("ec2", "AssociateIamInstanceProfile", parameters)
    });
    let thing = event.thing("instance profile association", association);
    let draft = Draft::of(event, Stage::Instances, StepKind::RemoveAccess, thing, call)
        .title("Take the instance profile from instance", id)
        .why("The principal gave the machine the rights of a role.")
        .breaks("Programs on the machine get no new credentials.")
        .undo_if(undo);
    Some(vec![draft, stop(event, id, "The principal gave the machine the rights of a role.")])
}

fn profile_taken(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("instance profile association", event.asked("/associationId")?)])
}

fn key_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = event.asked("/keyName").or(event.answered("/keyName"))?;
    let call = Request::new("ec2", "DeleteKeyPair", json!({"KeyName": name}));
    one(Draft::of(event, Stage::Instances, StepKind::RemoveAccess, event.thing("key pair", name), call)
        .title("Delete key pair", name)
        .why("The principal holds the private key.")
        .breaks("No new machine can be started with it; those that have the public key keep it."))
}

fn key_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("key pair", event.asked("/keyName")?)])
}

fn session_started(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (id, target) = (event.answered("/sessionId")?, event.asked("/target").unwrap_or("a machine"));
    let call = Request::new("ssm", "TerminateSession", json!({"SessionId": id}));
    let draft = Draft::of(
        event,
        Stage::Instances,
        StepKind::RemoveAccess,
        event.thing("ssm session", id),
        call,
    )
    .title(&format!("End the session on {target}:"), id)
    .why("The principal has a shell or a tunnel on the machine, which lasts longer than its credentials.")
    .breaks("The session ends.");
    let machine =
        target.starts_with("i-").then(|| stop(event, target, "The principal had a session on the machine."));
    Some([draft].into_iter().chain(machine).collect())
}

fn session_ended(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("ssm session", event.asked("/sessionId")?)])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines, planned};
    use serde_json::{Value, json};

    fn set(ids: &[&str]) -> Value {
        let items: Vec<Value> = ids.iter().map(|id| json!({"instanceId": id})).collect();
        json!({"instancesSet": {"items": items}})
    }

    #[test]
    fn machines_that_still_run_are_stopped() {
        let run = call("ec2:RunInstances", json!({}), set(&["i-1", "i-2", "i-3"]));
        let command = call("ssm:SendCommand", json!({"instanceIds": ["i-2", "mi-1"]}), Value::Null);
        let (steps, notes) =
            planned([run, command, call("ec2:TerminateInstances", set(&["i-1", "i-3"]), Value::Null)]);
        assert_eq!((steps.len(), notes.len()), (1, 0));
        assert_eq!(steps[0].call.cli, "aws ec2 stop-instances --region eu-west-1 --instance-ids i-2");
        assert_eq!(steps[0].evidence, ["event-0", "event-1"]);
        assert!(steps[0].needs[0].contains("memory"));
    }

    #[test]
    fn attributes_other_than_the_script_are_nothing_to_cut() {
        let modify = |request: Value| call("ec2:ModifyInstanceAttribute", request, Value::Null);
        assert_eq!(
            lines([modify(json!({"instanceId": "i-1", "disableApiTermination": {"value": false}}))]),
            [""; 0]
        );
        assert_eq!(
            lines([modify(json!({"instanceId": "i-1", "userData": "<sensitiveDataRemoved>"}))]).len(),
            1
        );
    }

    #[test]
    fn sessions_keys_and_profiles() {
        let session = call("ssm:StartSession", json!({"target": "i-1"}), json!({"sessionId": "a@b.c-0"}));
        let ended = call("ssm:TerminateSession", json!({"sessionId": "a@b.c-0"}), Value::Null);
        let end = "aws ssm terminate-session --region eu-west-1 --session-id a@b.c-0";
        let stop = "! aws ec2 stop-instances --region eu-west-1 --instance-ids i-1";
        assert_eq!(lines([session.clone()]), [end, stop]);
        assert_eq!(lines([session, ended]), [stop]);
        let association = json!({"iamInstanceProfileAssociation": {"associationId": "iip-assoc-1", "instanceId": "i-1",
            "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/p"}}});
        assert_eq!(
            lines([
                call("ec2:AssociateIamInstanceProfile", json!({}), association),
                call("ec2:ImportKeyPair", json!({"keyName": "k"}), Value::Null),
            ]),
            [
                "aws ec2 disassociate-iam-instance-profile --region eu-west-1 --association-id iip-assoc-1",
                stop,
                "aws ec2 delete-key-pair --region eu-west-1 --key-name k",
            ]
        );
    }
}
