//! Copies of disks, machines and databases that were shared: snapshots and images.

use serde_json::{Value, json};

use super::{Rule, cuts, ends};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::{Event, items};
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("ec2", &["ModifySnapshotAttribute", "ModifyImageAttribute"], ec2_shared),
    ends("ec2", &["ModifySnapshotAttribute", "ModifyImageAttribute"], ec2_unshared),
    ends("ec2", &["DeleteSnapshot", "DeregisterImage"], ec2_deleted),
    cuts("rds", &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"], rds_shared),
    ends("rds", &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"], rds_unshared),
    ends("rds", &["DeleteDBSnapshot", "DeleteDBClusterSnapshot"], rds_deleted),
];

const COPIES: &str = "Copies that were made of it meanwhile stay where they are.";

/// A snapshot or an image of EC2, and with whom a request shares it or no more.
struct Shared<'a> {
    thing: Thing,
    id: &'a str,
    /// `createVolumePermission` or `launchPermission`.
    permission: &'static str,
    request: &'a Value,
}

fn shared(event: &Event) -> Option<Shared<'_>> {
    let (pointer, permission) = match event.name.as_str() {
        "ModifySnapshotAttribute" => ("/snapshotId", "createVolumePermission"),
        _ => ("/imageId", "launchPermission"),
    };
    let id = event.asked(pointer)?;
    Some(Shared { thing: event.thing("ec2 copy", id), id, permission, request: &event.request })
}

impl Shared<'_> {
    /// Those whom a request adds or removes: `userId` or `group`, and which.
    fn whom(&self, change: &str) -> Vec<(&'static str, &str)> {
        let at = format!("/{}/{change}", self.permission);
        let listed = items(self.request, &at);
        let named = |item| ["userId", "group"].into_iter().find_map(|kind| Some((kind, text(item, kind)?)));
        listed.filter_map(named).collect()
    }

    fn part(&self, (kind, who): &(&str, &str)) -> Thing {
        self.thing.part(kind, who)
    }

    /// The call that removes one of them, or adds one.
    fn call(&self, change: &str, (kind, who): (&str, &str)) -> Request {
        if self.permission == "launchPermission" {
            let member = if kind == "userId" { "UserId" } else { "Group" };
            let change = if change == "add" { "Add" } else { "Remove" };
            let parameters = json!({"ImageId": self.id, "LaunchPermission": {change: [{member: who}]}});
            return Request::new("ec2", "ModifyImageAttribute", parameters);
        }
        let member = if kind == "userId" { "UserIds" } else { "GroupNames" };
        let parameters = json!({
            "SnapshotId": self.id, "Attribute": self.permission, "OperationType": change, member: [who],
        });
        Request::new("ec2", "ModifySnapshotAttribute", parameters)
    }
}

fn text<'a>(json: &'a Value, member: &str) -> Option<&'a str> {
    json.get(member)?.as_str().filter(|text| !text.is_empty())
}

fn ec2_shared(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let shared = shared(event)?;
    let drafts = shared.whom("add").into_iter().map(|whom| {
        let call = shared.call("remove", whom);
        Draft::of(event, Stage::Rights, StepKind::RemoveAccess, shared.part(&whom), call)
            .title(&format!("Share no more with {}:", whom.1), shared.id)
            .why("The principal shared a copy of a disk or a machine.")
            .breaks(COPIES)
            .undo(shared.call("add", whom))
    });
    Some(drafts.collect())
}

fn ec2_unshared(event: &Event) -> Option<Vec<Thing>> {
    let shared = shared(event)?;
    Some(shared.whom("remove").iter().map(|whom| shared.part(whom)).collect())
}

fn ec2_deleted(event: &Event) -> Option<Vec<Thing>> {
    let id = event.asked("/snapshotId").or(event.asked("/imageId"))?;
    Some(vec![event.thing("ec2 copy", id)])
}

/// The name of a database's snapshot, and what the API calls it.
fn snapshot(event: &Event) -> Option<(Thing, &'static str, &'static str, &str)> {
    let one = event
        .asked("/dBSnapshotIdentifier")
        .map(|name| ("DBSnapshotIdentifier", "ModifyDBSnapshotAttribute", name));
    let cluster = || {
        let name = event.asked("/dBClusterSnapshotIdentifier")?;
        Some(("DBClusterSnapshotIdentifier", "ModifyDBClusterSnapshotAttribute", name))
    };
    let (member, call, name) = one.or_else(cluster)?;
    Some((event.thing(member, name), member, call, name))
}

fn values<'a>(event: &'a Event, member: &str) -> impl Iterator<Item = &'a str> {
    event.request.get(member).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn rds_shared(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, member, call, name) = snapshot(event)?;
    let drafts = values(event, "valuesToAdd").map(|who| {
        let request = |change: &str| {
            Request::new("rds", call, json!({member: name, "AttributeName": "restore", change: [who]}))
        };
        let part = thing.part("restore", who);
        Draft::of(event, Stage::Rights, StepKind::RemoveAccess, part, request("ValuesToRemove"))
            .title(&format!("Share no more with {who}:"), name)
            .why("The principal shared a copy of a database.")
            .breaks(COPIES)
            .undo(request("ValuesToAdd"))
    });
    Some(drafts.collect())
}

fn rds_unshared(event: &Event) -> Option<Vec<Thing>> {
    let (thing, ..) = snapshot(event)?;
    Some(values(event, "valuesToRemove").map(|who| thing.part("restore", who)).collect())
}

fn rds_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![snapshot(event)?.0])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines};
    use serde_json::{Value, json};

    #[test]
    fn snapshots_and_images_are_shared_no_more() {
        let snapshot = |change: &str| {
            let who = json!({"items": [{"userId": "193672423079"}, {"group": "all"}]});
            let request = json!({"snapshotId": "snap-1", "attributeType": "CREATE_VOLUME_PERMISSION",
                "createVolumePermission": {change: who}});
            call("ec2:ModifySnapshotAttribute", request, Value::Null)
        };
        let line = "aws ec2 modify-snapshot-attribute --region eu-west-1 --attribute createVolumePermission";
        assert_eq!(
            lines([snapshot("add")]),
            [
                format!("{line} --operation-type remove --snapshot-id snap-1 --user-ids 193672423079"),
                format!("{line} --group-names all --operation-type remove --snapshot-id snap-1"),
            ]
        );
        assert_eq!(lines([snapshot("add"), snapshot("remove")]), [""; 0]);
        let image = json!({"imageId": "ami-1", "launchPermission": {"add": {"items": [{"group": "all"}]}}});
        assert_eq!(
            lines([call("ec2:ModifyImageAttribute", image, Value::Null)]),
            ["aws ec2 modify-image-attribute --region eu-west-1 --cli-input-json \
                '{\"ImageId\":\"ami-1\",\"LaunchPermission\":{\"Remove\":[{\"Group\":\"all\"}]}}'"]
        );
    }

    #[test]
    fn databases_are_shared_no_more() {
        let modify = |member: &str| {
            let request = json!({"dBSnapshotIdentifier": "exfiltration", "attributeName": "restore",
                member: ["193672423079", "all"]});
            call("rds:ModifyDBSnapshotAttribute", request, Value::Null)
        };
        let line = "aws rds modify-db-snapshot-attribute --region eu-west-1 --attribute-name restore";
        assert_eq!(
            lines([modify("valuesToAdd")]),
            ["193672423079", "all"]
                .map(|who| format!("{line} --db-snapshot-identifier exfiltration --values-to-remove {who}"))
        );
        assert_eq!(lines([modify("valuesToAdd"), modify("valuesToRemove")]), [""; 0]);
        let deleted =
            call("rds:DeleteDBSnapshot", json!({"dBSnapshotIdentifier": "exfiltration"}), Value::Null);
        assert_eq!(lines([modify("valuesToAdd"), deleted]), [""; 0]);
    }
}
