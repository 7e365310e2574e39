//! Rights that were given to roles, users and groups.

use serde_json::{Value, json};

use super::{Rule, cuts, ends, one, sets};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("iam", &["AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy"], attached),
    ends("iam", &["DetachRolePolicy", "DetachUserPolicy", "DetachGroupPolicy"], detached),
    cuts("iam", &["PutRolePolicy", "PutUserPolicy", "PutGroupPolicy"], inline_put),
    ends("iam", &["DeleteRolePolicy", "DeleteUserPolicy", "DeleteGroupPolicy"], inline_deleted),
    sets("iam", &["PutRolePolicy", "PutUserPolicy", "PutGroupPolicy"], inline_set),
    cuts("iam", &["CreatePolicyVersion", "SetDefaultPolicyVersion"], version_set),
    sets("iam", &["CreatePolicy", "CreatePolicyVersion", "SetDefaultPolicyVersion"], version_known),
    ends("iam", &["DeletePolicy"], policy_deleted),
    cuts("iam", &["AddUserToGroup"], added_to_group),
    ends("iam", &["RemoveUserFromGroup"], removed_from_group),
    ends("iam", &["DeleteGroup"], group_deleted),
    cuts("iam", &["DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary"], boundary_deleted),
    ends("iam", &["PutRolePermissionsBoundary", "PutUserPermissionsBoundary"], boundary_put),
];

/// Whom rights were given to, and the calls that take away and give what the event is about.
struct Given<'a> {
    thing: Thing,
    /// `role`, `user` or `group`.
    kind: &'static str,
    /// What the API calls the name.
    member: &'static str,
    name: &'a str,
    /// Attach, detach, put, delete.
    calls: [&'static str; 4],
}

fn given(event: &Event) -> Option<Given<'_>> {
    let of = |kind, member, name: &'static str, calls| {
        let found = event.asked(name)?;
        let thing = match kind {
            "role" => event.role(found),
            "user" => event.user(found),
            _ => event.thing("iam:group", found),
        };
        Some(Given { thing, kind, member, name: found, calls })
    };
    of(
        "role",
        "RoleName",
        "/roleName",
        ["AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy"],
    )
    .or_else(|| {
        of(
            "user",
            "UserName",
            "/userName",
            ["AttachUserPolicy", "DetachUserPolicy", "PutUserPolicy", "DeleteUserPolicy"],
        )
    })
    .or_else(|| {
        of(
            "group",
            "GroupName",
            "/groupName",
            ["AttachGroupPolicy", "DetachGroupPolicy", "PutGroupPolicy", "DeleteGroupPolicy"],
        )
    })
}

fn attached(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (to, policy) = (given(event)?, event.asked("/policyArn")?);
    let request = |call| Request::new("iam", call, json!({to.member: to.name, "PolicyArn": policy}));
    let thing = to.thing.part("attached policy", policy);
    let [attach, detach, ..] = to.calls;
    one(Draft::of(event, Stage::Rights, StepKind::RemovePolicy, thing, request(detach))
        .title(&format!("Detach policy {} from {}", named(policy), to.kind), to.name)
        .why("The principal gave these rights.")
        .breaks("Whatever was set up with these rights since.")
        .undo(request(attach)))
}

/// A policy's name in its ARN.
fn named(policy: &str) -> &str {
    policy.rsplit('/').next().unwrap_or(policy)
}

fn detached(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![given(event)?.thing.part("attached policy", event.asked("/policyArn")?)])
}

fn inline(to: &Given<'_>, policy: &str) -> Thing {
    to.thing.part("inline policy", policy)
}

fn inline_put(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let (to, policy) = (given(event)?, event.asked("/policyName")?);
    let [_, _, put, delete] = to.calls;
    // Somebody is at work already: what contains the principal stays.
    if !event.by_actor && event.asked("/policyDocument").is_some_and(only_denies) {
        return Some(vec![]);
    }
    let set = |document: &str| {
        Request::new(
            "iam",
            put,
            json!({to.member: to.name, "PolicyName": policy, "PolicyDocument": document}),
        )
    };
    let thing = inline(&to, policy);
    let before = settings.before(&thing);
    let call = before
        .map_or_else(|| Request::new("iam", delete, json!({to.member: to.name, "PolicyName": policy})), set);
    let (what, breaks) = match before {
        Some(_) => ("Put back", "Whatever was set up with the rights of the new policy since."),
        None => ("Delete", "If a policy of this name was there before, its rights are gone too."),
    };
    one(Draft::of(event, Stage::Rights, StepKind::RemovePolicy, thing, call)
        .title(&format!("{what} inline policy {policy} of {}", to.kind), to.name)
        .why("The principal gave these rights.")
        .breaks(breaks)
        .undo_if(event.asked("/policyDocument").map(set)))
}

/// Whether a policy gives no rights at all.
fn only_denies(document: &str) -> bool {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let denies = |statement: &Value| statement.get("Effect").is_some_and(|effect| effect == "Deny");
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().all(denies),
        Some(statement) => denies(statement),
        None => false,
    }
}

fn inline_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![inline(&given(event)?, event.asked("/policyName")?)])
}

fn inline_set(event: &Event) -> Option<(Thing, String)> {
    let thing = inline(&given(event)?, event.asked("/policyName")?);
    Some((thing, event.asked("/policyDocument")?.to_owned()))
}

fn policy(event: &Event, arn: &str) -> Thing {
    event.thing("iam:policy", arn)
}

/// The version that a call made the one that holds.
fn default_version(event: &Event) -> Option<&str> {
    match event.name.as_str() {
        "CreatePolicy" => event.answered("/policy/defaultVersionId"),
        "CreatePolicyVersion" if !sets_default(event) => None,
        "CreatePolicyVersion" => event.answered("/policyVersion/versionId"),
        _ => event.asked("/versionId"),
    }
}

fn sets_default(event: &Event) -> bool {
    event.request.pointer("/setAsDefault").and_then(Value::as_bool) == Some(true)
}

fn version_set(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    if event.name == "CreatePolicyVersion" && !sets_default(event) {
        return Some(vec![]);
    }
    let arn = event.asked("/policyArn")?;
    let set = |version: &str| {
        Request::new("iam", "SetDefaultPolicyVersion", json!({"PolicyArn": arn, "VersionId": version}))
    };
    let thing = policy(event, arn).part("version", "");
    let before = settings.before(&thing);
    let unknown = fill_in("the version that was the default before");
    let call = set(before.unwrap_or(&unknown));
    let draft = Draft::of(event, Stage::Rights, StepKind::RemovePolicy, thing, call)
        .title("Make the version from before the default of policy", named(arn))
        .target(Some(arn))
        .why("The principal changed what the policy allows to everybody who has it.")
        .breaks("Whatever was set up with the rights of the new version since.")
        .undo_if(default_version(event).map(set));
    one(match before {
        Some(_) => draft,
        None => draft
            .needs("Fill in the version: `aws iam list-policy-versions` shows them and when they were made."),
    })
}

fn version_known(event: &Event) -> Option<(Thing, String)> {
    let arn = event.answered("/policy/arn").or(event.asked("/policyArn"))?;
    Some((policy(event, arn).part("version", ""), default_version(event)?.to_owned()))
}

fn policy_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![policy(event, event.asked("/policyArn")?)])
}

fn membership(event: &Event) -> Option<(Thing, &str, &str)> {
    let (user, group) = (event.user_name()?, event.asked("/groupName")?);
    Some((event.user(user).part("group", group), user, group))
}

fn added_to_group(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, user, group) = membership(event)?;
    let request = |call| Request::new("iam", call, json!({"GroupName": group, "UserName": user}));
    one(Draft::of(event, Stage::Rights, StepKind::RemovePolicy, thing, request("RemoveUserFromGroup"))
        .title(&format!("Take out of group {group} user"), user)
        .why("The group's rights were given to the user by the principal.")
        .breaks("The user loses all rights of the group.")
        .undo(request("AddUserToGroup")))
}

fn removed_from_group(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![membership(event)?.0])
}

fn group_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("iam:group", event.asked("/groupName")?)])
}

fn boundary_deleted(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let of = given(event)?;
    let (put, delete) = match of.kind {
        "role" => ("PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary"),
        _ => ("PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"),
    };
    let boundary = fill_in("the ARN of the boundary from before");
    let call = Request::new("iam", put, json!({of.member: of.name, "PermissionsBoundary": boundary}));
    let thing = of.thing.part("boundary", "");
    one(Draft::of(event, Stage::Rights, StepKind::RemovePolicy, thing, call)
        .title(&format!("Put back the permissions boundary of {}", of.kind), of.name)
        .why("The principal took the bounds off these rights.")
        .breaks("Whatever was set up beyond the bounds since.")
        .needs("Fill in the boundary from before: the record of its removal does not name it.")
        .undo(Request::new("iam", delete, json!({of.member: of.name}))))
}

fn boundary_put(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![given(event)?.thing.part("boundary", "")])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{by_another, call, lines, planned};
    use serde_json::{Value, json};

    const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

    #[test]
    fn what_was_attached_is_detached_once() {
        let policy = |call_name: &str, user: &str| {
            call(call_name, json!({"userName": user, "policyArn": ADMIN}), Value::Null)
        };
        let calls = [
            policy("iam:AttachUserPolicy", "a"),
            policy("iam:AttachUserPolicy", "a"),
            policy("iam:AttachUserPolicy", "b"),
            policy("iam:DetachUserPolicy", "b"),
        ];
        let (steps, _) = planned(calls);
        assert_eq!(steps.len(), 1);
        assert_eq!(steps[0].title, "Detach policy AdministratorAccess from user a");
        assert_eq!(
            steps[0].call.cli,
            format!("aws iam detach-user-policy --policy-arn {ADMIN} --user-name a")
        );
        assert_eq!(steps[0].evidence, ["event-0", "event-1"]);
        assert!(steps[0].reason.contains("; of 2 such calls the last: "), "{}", steps[0].reason);
        assert_eq!(steps[0].undo.as_ref().unwrap().operation, "AttachUserPolicy");
    }

    #[test]
    fn an_inline_policy_goes_back_to_what_it_was() {
        let put = |document: &str| {
            let request = json!({"groupName": "ops", "policyName": "p", "policyDocument": document});
            call("iam:PutGroupPolicy", request, Value::Null)
        };
        assert_eq!(lines([put("{}")]), ["aws iam delete-group-policy --group-name ops --policy-name p"]);
        assert_eq!(
            lines([by_another(put("{}")), put("[]")]),
            ["aws iam put-group-policy --group-name ops --policy-document '{}' --policy-name p"]
        );
    }

    #[test]
    fn versions_are_set_back() {
        let arn = "arn:aws:iam::111122223333:policy/app";
        let version = |default: bool| {
            let response = json!({"policyVersion": {"versionId": "v2"}});
            call("iam:CreatePolicyVersion", json!({"policyArn": arn, "setAsDefault": default}), response)
        };
        let made = json!({"policy": {"arn": arn, "defaultVersionId": "v1"}});
        let back = format!("aws iam set-default-policy-version --policy-arn {arn} --version-id v1");
        assert_eq!(lines([call("iam:CreatePolicy", json!({}), made), version(true)]), [back]);
        assert_eq!(lines([version(false)]), [""; 0]);
        assert!(
            lines([version(true)])[0].starts_with("! aws iam set-default-policy-version --cli-input-json")
        );
    }

    #[test]
    fn what_others_denied_stays() {
        let put = |document: &str| {
            let request = json!({"roleName": "web", "policyName": "p", "policyDocument": document});
            by_another(call("iam:PutRolePolicy", request, Value::Null))
        };
        assert_eq!(lines([put(r#"{"Statement": [{"Effect": "Deny"}]}"#)]), [""; 0]);
        assert_eq!(planned([put(r#"{"Statement": {"Effect": "Allow"}}"#)]).0.len(), 1);
    }

    #[test]
    fn groups_and_boundaries() {
        let member = json!({"userName": "a", "groupName": "admins"});
        let (steps, _) = planned([call("iam:AddUserToGroup", member, Value::Null)]);
        assert_eq!(steps[0].call.cli, "aws iam remove-user-from-group --group-name admins --user-name a");
        let unbound = call("iam:DeleteRolePermissionsBoundary", json!({"roleName": "web"}), Value::Null);
        let bound = call("iam:PutRolePermissionsBoundary", json!({"roleName": "web"}), Value::Null);
        assert_eq!(
            planned([unbound.clone()]).0[0].undo.as_ref().unwrap().operation,
            "DeleteRolePermissionsBoundary"
        );
        assert_eq!(lines([unbound, bound]), [""; 0]);
    }

    #[test]
    fn records_that_say_nothing_are_named() {
        let (steps, notes) = planned([call("iam:PutUserPolicy", Value::Null, Value::Null)]);
        assert!(steps.is_empty());
        assert!(notes[0].contains("called iam:PutUserPolicy") && notes[0].contains("event-0"), "{notes:?}");
    }
}
