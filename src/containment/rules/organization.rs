//! Identity Center and the organization: who may sign in where, and what is forbidden.

use serde_json::json;

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("sso", &["CreateAccountAssignment"], assigned),
    ends("sso", &["DeleteAccountAssignment"], unassigned),
    cuts("sso", &["AttachManagedPolicyToPermissionSet"], set_widened),
    ends("sso", &["DetachManagedPolicyFromPermissionSet"], set_narrowed),
    cuts("sso", &["PutInlinePolicyToPermissionSet"], set_written),
    cuts("organizations", &["DetachPolicy"], guard_detached),
    ends("organizations", &["AttachPolicy"], guard_attached),
    cuts("organizations", &["RegisterDelegatedAdministrator"], administrator_made),
];

/// Members of an assignment, in records and in the API.
const ASSIGNMENT: [(&str, &str); 6] = [
    ("/instanceArn", "InstanceArn"),
    ("/targetId", "TargetId"),
    ("/targetType", "TargetType"),
    ("/permissionSetArn", "PermissionSetArn"),
    ("/principalType", "PrincipalType"),
    ("/principalId", "PrincipalId"),
];

fn assignment(event: &Event) -> Option<(Thing, serde_json::Value)> {
    let mut thing = event.thing("assignment", "");
    let mut parameters = serde_json::Map::new();
    for (pointer, member) in ASSIGNMENT {
        let text = event.asked(pointer)?;
        thing = thing.part(member, text);
        parameters.insert(member.to_owned(), text.into());
    }
    Some((thing, parameters.into()))
}

fn assigned(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, parameters) = assignment(event)?;
    let request = |call| Request::new("sso-admin", call, parameters.clone());
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, request("DeleteAccountAssignment"))
        .title("Take back Identity Center's assignment to account", event.asked("/targetId")?)
        .target(event.asked("/permissionSetArn"))
        .why("The principal let people of Identity Center into an account.")
        .breaks("Whoever was assigned cannot sign in to the account with this permission set.")
        .undo(request("CreateAccountAssignment")))
}

fn unassigned(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![assignment(event)?.0])
}

fn permission_set(event: &Event) -> Option<(Thing, &str, &str)> {
    let (instance, set) = (event.asked("/instanceArn")?, event.asked("/permissionSetArn")?);
    Some((event.thing("permission set", set), instance, set))
}

fn managed_policy(event: &Event) -> Option<(Thing, serde_json::Value)> {
    let ((thing, instance, set), policy) = (permission_set(event)?, event.asked("/managedPolicyArn")?);
    let parameters = json!({"InstanceArn": instance, "PermissionSetArn": set, "ManagedPolicyArn": policy});
    Some((thing.part("attached policy", policy), parameters))
}

const PROVISION: &str = "Bring it to the accounts then: `aws sso-admin provision-permission-set`, target type ALL_PROVISIONED_ACCOUNTS.";

fn set_widened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, parameters) = managed_policy(event)?;
    let request = |call| Request::new("sso-admin", call, parameters.clone());
    one(Draft::of(
        event,
        Stage::Rights,
        StepKind::RemovePolicy,
        thing,
        request("DetachManagedPolicyFromPermissionSet"),
    )
    .title("Detach the policy from permission set", event.asked("/permissionSetArn")?)
    .why("The principal gave these rights to everybody with the permission set.")
    .breaks("Whatever was set up with these rights since.")
    .needs(PROVISION)
    .undo(request("AttachManagedPolicyToPermissionSet")))
}

fn set_narrowed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![managed_policy(event)?.0])
}

fn set_written(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, instance, set) = permission_set(event)?;
    let of = json!({"InstanceArn": instance, "PermissionSetArn": set});
    let call = Request::new("sso-admin", "DeleteInlinePolicyFromPermissionSet", of);
    let undo = event.asked("/inlinePolicy").map(|document| {
        let parameters = json!({"InstanceArn": instance, "PermissionSetArn": set, "InlinePolicy": document});
        Request::new("sso-admin", "PutInlinePolicyToPermissionSet", parameters)
    });
    one(Draft::of(event, Stage::Rights, StepKind::RemovePolicy, thing.part("inline policy", ""), call)
        .title("Delete the inline policy of permission set", set)
        .why("The principal gave these rights to everybody with the permission set.")
        .breaks("If the permission set had an inline policy before, its rights are gone too.")
        .needs(PROVISION)
        .undo_if(undo))
}

fn guard(event: &Event) -> Option<(Thing, serde_json::Value)> {
    let (policy, target) = (event.asked("/policyId")?, event.asked("/targetId")?);
    let thing = event.thing("organization's policy", policy).part("target", target);
    Some((thing, json!({"PolicyId": policy, "TargetId": target})))
}

fn guard_detached(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, parameters) = guard(event)?;
    let request = |call| Request::new("organizations", call, parameters.clone());
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, request("AttachPolicy"))
        .title("Attach the organization's policy again:", event.asked("/policyId")?)
        .why("The principal took away what the organization forbids.")
        .breaks("Whatever was set up against the policy since.")
        .undo(request("DetachPolicy")))
}

fn guard_attached(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![guard(event)?.0])
}

fn administrator_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (account, service) = (event.asked("/accountId")?, event.asked("/servicePrincipal")?);
    let request = |call| {
        Request::new("organizations", call, json!({"AccountId": account, "ServicePrincipal": service}))
    };
    let thing = event.thing("delegated administrator", account).part("service", service);
    let call = request("DeregisterDelegatedAdministrator");
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, call)
        .title("Deregister as delegated administrator account", account)
        .why("The account can administer the service for the whole organization.")
        .breaks("The account administers the service no more.")
        .undo(request("RegisterDelegatedAdministrator")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines};
    use serde_json::{Value, json};

    #[test]
    fn assignments_and_guards_are_set_right() {
        let assignment = json!({"instanceArn": "arn:i", "targetId": "444455556666", "targetType": "AWS_ACCOUNT",
            "permissionSetArn": "arn:ps", "principalType": "USER", "principalId": "u"});
        let guard = json!({"policyId": "p-1", "targetId": "r-1"});
        let assigned = call("sso:CreateAccountAssignment", assignment.clone(), Value::Null);
        assert_eq!(
            lines([assigned.clone(), call("organizations:DetachPolicy", guard, Value::Null)])
                .iter()
                .map(|line| line.split(" --").next().unwrap())
                .collect::<Vec<_>>(),
            ["aws sso-admin delete-account-assignment", "aws organizations attach-policy"]
        );
        assert_eq!(lines([assigned, call("sso:DeleteAccountAssignment", assignment, Value::Null)]), [""; 0]);
    }
}
