//! What was shared one by one: snapshots, images, resource shares, grants, permissions.

use serde_json::{Value, json};

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::{Event, items};
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

pub const RULES: &[Rule] = &[
    cuts("ec2", &["ModifySnapshotAttribute", "ModifyImageAttribute"], ec2_shared),
    ends("ec2", &["ModifySnapshotAttribute", "ModifyImageAttribute"], ec2_unshared),
    ends("ec2", &["DeleteSnapshot", "DeregisterImage"], ec2_deleted),
    cuts("rds", &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"], rds_shared),
    ends("rds", &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"], rds_unshared),
    ends("rds", &["DeleteDBSnapshot", "DeleteDBClusterSnapshot"], rds_deleted),
    cuts("ram", &["CreateResourceShare"], share_made),
    ends("ram", &["DeleteResourceShare"], share_deleted),
    cuts("ram", &["AssociateResourceShare"], share_widened),
    ends("ram", &["DisassociateResourceShare"], share_narrowed),
    cuts("kms", &["CreateGrant"], grant_made),
    ends("kms", &["RevokeGrant", "RetireGrant"], grant_ended),
    cuts("sns", &["AddPermission"], topic_opened),
    cuts("sqs", &["AddPermission"], queue_opened),
    ends("sns", &["RemovePermission"], permission_removed),
    ends("sqs", &["RemovePermission"], permission_removed),
    cuts("sns", &["Subscribe"], subscribed),
    ends("sns", &["Unsubscribe"], unsubscribed),
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

fn share(event: &Event) -> Option<(Thing, &str)> {
    let arn = event.answered("/resourceShare/resourceShareArn").or(event.asked("/resourceShareArn"))?;
    Some((event.thing("resource share", arn), arn))
}

fn share_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, arn) = share(event)?;
    let call = Request::new("ram", "DeleteResourceShare", json!({"resourceShareArn": arn}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, call)
        .title("Delete resource share", arn)
        .why("The principal shared resources with other accounts.")
        .breaks(
            "Whoever uses the shared resources loses them; the share cannot be made again under its ARN.",
        ))
}

fn share_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![share(event)?.0])
}

fn members(event: &Event) -> Value {
    let list = |member: &str| {
        event.request.get(member).filter(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    };
    json!({
        "resourceShareArn": event.asked("/resourceShareArn"),
        "resourceArns": list("resourceArns"),
        "principals": list("principals"),
    })
}

fn share_widened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, arn) = share(event)?;
    let request = |call| Request::new("ram", call, members(event));
    let thing = thing.part("members", &members(event).to_string());
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, request("DisassociateResourceShare"))
        .title("Take out again what was added to resource share", arn)
        .why("The principal shared more resources, or with more accounts.")
        .breaks("Whoever uses what was added loses it.")
        .undo(request("AssociateResourceShare")))
}

fn share_narrowed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![share(event)?.0.part("members", &members(event).to_string())])
}

fn grant(event: &Event, id: &str) -> Thing {
    event.thing("grant", id)
}

fn grant_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (key, id) = (event.asked("/keyId")?, event.answered("/grantId")?);
    let call = Request::new("kms", "RevokeGrant", json!({"KeyId": key, "GrantId": id}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, grant(event, id), call)
        .title("Revoke the grant for key", key)
        .why("The principal let somebody use the key.")
        .breaks("What was encrypted for the grantee cannot be read by it any more; volumes and databases can fail."))
}

fn grant_ended(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![grant(event, event.asked("/grantId")?)])
}

fn permission(event: &Event) -> Option<(Thing, &str, &str)> {
    let (resource, label) = (event.asked("/topicArn").or(event.asked("/queueUrl"))?, event.asked("/label")?);
    Some((event.thing("permission", resource).part("label", label), resource, label))
}

fn opened(event: &Event, service: &'static str, member: &str) -> Option<Vec<Draft>> {
    let (thing, resource, label) = permission(event)?;
    let call = Request::new(service, "RemovePermission", json!({member: resource, "Label": label}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, call)
        .title(&format!("Remove permission {label} of"), resource)
        .why("The principal let others use it.")
        .breaks("Whoever was let in loses access."))
}

fn topic_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    opened(event, "sns", "TopicArn")
}

fn queue_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    opened(event, "sqs", "QueueUrl")
}

fn permission_removed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![permission(event)?.0])
}

fn subscribed(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let arn = event.answered("/subscriptionArn")?;
    let topic = event.asked("/topicArn").unwrap_or(arn);
    let call = Request::new("sns", "Unsubscribe", json!({"SubscriptionArn": arn}));
    let draft =
        Draft::of(event, Stage::Rights, StepKind::RemoveAccess, event.thing("subscription", arn), call)
            .title("End the subscription of topic", topic)
            .target(Some(arn))
            .why("The principal has the topic's messages sent to somebody.")
            .breaks("The subscriber gets no more messages.");
    one(if arn.starts_with("arn:") {
        draft
    } else {
        draft.needs(
            "It was not confirmed then: `aws sns list-subscriptions-by-topic` shows its ARN if it is now.",
        )
    })
}

fn unsubscribed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("subscription", event.asked("/subscriptionArn")?)])
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

    #[test]
    fn grants_shares_and_permissions() {
        let share = json!({"resourceShare": {"resourceShareArn": "arn:share"}});
        let queue = json!({"queueUrl": "https://sqs/q", "label": "x"});
        assert_eq!(
            lines([
                call("kms:CreateGrant", json!({"keyId": "k"}), json!({"grantId": "g"})),
                call("ram:CreateResourceShare", json!({}), share),
                call("sqs:AddPermission", queue, Value::Null),
                call(
                    "sns:Subscribe",
                    json!({"topicArn": "arn:t"}),
                    json!({"subscriptionArn": "pending confirmation"})
                ),
            ]),
            [
                "aws kms revoke-grant --region eu-west-1 --grant-id g --key-id k",
                "aws ram delete-resource-share --region eu-west-1 --resource-share-arn arn:share",
                "aws sqs remove-permission --region eu-west-1 --cli-input-json \
                    '{\"Label\":\"x\",\"QueueUrl\":\"https://sqs/q\"}'",
                "! aws sns unsubscribe --region eu-west-1 --cli-input-json '{\"SubscriptionArn\":\"pending confirmation\"}'",
            ]
        );
    }
}
