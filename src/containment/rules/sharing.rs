//! What was shared one by one: resource shares, grants of keys, permissions, subscriptions.

use serde_json::{Value, json};

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
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
