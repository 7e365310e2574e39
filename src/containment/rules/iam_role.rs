//! Roles: those that were made, whom they trust, and the machines that run with them.

use serde_json::json;

use super::{Rule, cuts, ends, one, sets};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::policy::On;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("iam", &["CreateRole"], role_made),
    ends("iam", &["DeleteRole"], role_deleted),
    cuts("iam", &["UpdateAssumeRolePolicy"], trust_changed),
    sets("iam", &["CreateRole", "UpdateAssumeRolePolicy"], trust_set),
    cuts("iam", &["AddRoleToInstanceProfile"], profile_filled),
    ends("iam", &["RemoveRoleFromInstanceProfile"], profile_emptied),
];

fn role_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = event.asked("/roleName")?;
    let (deny, allow) = On::Role(name).deny_all();
    let draft = Draft::of(event, Stage::Trust, StepKind::DenyAll, event.role(name).rights(), deny);
    one(draft
        .title("Deny everything to role", name)
        .target(event.answered("/role/arn"))
        .why("The role was made by the principal, which chose whom it trusts.")
        .breaks("Whatever uses the new role stops working.")
        .undo(allow))
}

fn role_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.role(event.asked("/roleName")?)])
}

fn trust(event: &Event, role: &str) -> Thing {
    event.role(role).part("trust", "")
}

fn trust_changed(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let name = event.asked("/roleName")?;
    let set = |document: &str| {
        let parameters = json!({"RoleName": name, "PolicyDocument": document});
        Request::new("iam", "UpdateAssumeRolePolicy", parameters)
    };
    let thing = trust(event, name);
    let before = settings.before(&thing);
    let unknown = fill_in("the role's trust policy from before");
    let call = set(before.unwrap_or(&unknown));
    let draft = Draft::of(event, Stage::Trust, StepKind::RestoreTrust, thing, call)
        .title("Put back the trust policy of role", name)
        .why("The principal changed who may assume the role.")
        .breaks("Whoever the new policy trusts and the one before did not can no longer assume the role.")
        .undo_if(event.asked("/policyDocument").map(set));
    one(match before {
        Some(_) => draft,
        None => draft.needs(
            "Fill in the trust policy from before: these logs do not show it; AWS Config or the code that made the \
             role may.",
        ),
    })
}

fn trust_set(event: &Event) -> Option<(Thing, String)> {
    let document = event.asked("/policyDocument").or(event.asked("/assumeRolePolicyDocument"))?;
    Some((trust(event, event.asked("/roleName")?), document.to_owned()))
}

fn in_profile(event: &Event) -> Option<(Thing, &str, &str)> {
    let (profile, role) = (event.asked("/instanceProfileName")?, event.asked("/roleName")?);
    Some((event.role(role).part("instance profile", profile), profile, role))
}

fn profile_filled(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, profile, role) = in_profile(event)?;
    let request = |call| Request::new("iam", call, json!({"InstanceProfileName": profile, "RoleName": role}));
    let call = request("RemoveRoleFromInstanceProfile");
    one(Draft::of(event, Stage::Trust, StepKind::RemoveAccess, thing, call)
        .title("Take the role out of instance profile", profile)
        .why("Machines with this instance profile have the rights of the role.")
        .breaks("Machines with this instance profile get no new credentials.")
        .undo(request("AddRoleToInstanceProfile")))
}

fn profile_emptied(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![in_profile(event)?.0])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{by_another, call, lines, planned};
    use serde_json::{Value, json};

    const TRUSTED: &str = r#"{"Statement":[]}"#;

    fn trust(document: &str) -> crate::containment::event::Event {
        call(
            "iam:UpdateAssumeRolePolicy",
            json!({"roleName": "web", "policyDocument": document}),
            Value::Null,
        )
    }

    #[test]
    fn trust_goes_back_to_what_the_logs_show() {
        let put = "aws iam update-assume-role-policy --policy-document '{\"Statement\":[]}' --role-name web";
        assert_eq!(lines([by_another(trust(TRUSTED)), trust("{}"), trust("[]")]), [put]);
        let (steps, _) = planned([by_another(trust(TRUSTED)), trust("{}"), trust("[]")]);
        assert_eq!(steps[0].evidence, ["event-1", "event-2"]);
        assert_eq!(steps[0].undo.as_ref().unwrap().parameters["PolicyDocument"], "[]");
        assert!(steps[0].needs.is_empty());
    }

    #[test]
    fn trust_that_the_logs_do_not_show_is_filled_in() {
        let (steps, _) = planned([trust("{}"), by_another(trust(TRUSTED))]);
        assert!(steps[0].call.cli.contains("<fill in: the role's") || steps[0].call.cli.contains("\\u0027s"));
        assert_eq!(steps[0].needs.len(), 2, "{:?}", steps[0].needs);
        assert!(steps[0].needs[1].contains("user/rosa called iam:UpdateAssumeRolePolicy"));
    }

    #[test]
    fn what_others_did_to_it_is_for_a_person_to_decide() {
        let by_rosa = || by_another(trust("{}"));
        let made = by_another(call("iam:CreateRole", json!({"roleName": "web"}), Value::Null));
        let (steps, notes) = planned([made.clone(), by_rosa()]);
        assert_eq!(steps.len(), 1, "that the role was made is nothing to take back: {steps:?}");
        assert!(steps[0].reason.starts_with("It was done to what was asked about, and not by it."));
        assert!(steps[0].needs.last().unwrap().contains("done by arn:aws:iam::111122223333:user/rosa"));
        assert!(notes[0].ends_with("ask again about arn:aws:iam::111122223333:user/rosa."), "{notes:?}");
        let deleted = by_another(call("iam:DeleteRole", json!({"roleName": "web"}), Value::Null));
        assert_eq!(lines([by_rosa(), deleted]), [""; 0]);
        // The principal's own step stands for both, and then for what was done since.
        let (steps, notes) = planned([by_rosa(), trust("[]"), by_rosa()]);
        assert_eq!((steps.len(), notes.len()), (1, 0), "{notes:?}");
        assert_eq!((steps[0].evidence.as_slice(), steps[0].needs.len()), (&["event-1".to_owned()][..], 1));
        assert_eq!(steps[0].call.parameters["PolicyDocument"], "{}");
    }

    #[test]
    fn a_role_that_is_gone_needs_no_step() {
        let made =
            |name| call("iam:CreateRole", json!({"roleName": name}), json!({"role": {"arn": "arn:x"}}));
        let profile = json!({"roleName": "a", "instanceProfileName": "p"});
        let filled = call("iam:AddRoleToInstanceProfile", profile.clone(), Value::Null);
        let deleted = call("iam:DeleteRole", json!({"roleName": "a"}), Value::Null);
        let (steps, _) = planned([made("a"), made("ab"), filled.clone(), deleted]);
        assert_eq!(
            steps.iter().map(|step| step.title.as_str()).collect::<Vec<_>>(),
            ["Deny everything to role ab"]
        );
        assert_eq!(steps[0].target, "arn:x");
        let emptied = call("iam:RemoveRoleFromInstanceProfile", profile, Value::Null);
        assert_eq!(lines([filled.clone(), emptied]), [""; 0]);
        assert_eq!(
            lines([filled]),
            ["aws iam remove-role-from-instance-profile --instance-profile-name p --role-name a"]
        );
    }
}
