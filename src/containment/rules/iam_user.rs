//! Users and what they sign in with: access keys, passwords, other keys, MFA devices.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::policy::On;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("iam", &["CreateUser"], user_made),
    ends("iam", &["DeleteUser"], user_deleted),
    cuts("iam", &["CreateAccessKey", "UpdateAccessKey"], key_made),
    ends("iam", &["DeleteAccessKey", "UpdateAccessKey"], key_ended),
    cuts("iam", &["CreateLoginProfile", "UpdateLoginProfile", "ChangePassword"], password_set),
    ends("iam", &["DeleteLoginProfile"], password_deleted),
    cuts("signin", &["ConsoleLogin"], signed_in),
    cuts(
        "iam",
        &["CreateServiceSpecificCredential", "UploadSSHPublicKey", "UploadSigningCertificate"],
        other_key_made,
    ),
    ends(
        "iam",
        &["DeleteServiceSpecificCredential", "DeleteSSHPublicKey", "DeleteSigningCertificate"],
        other_key_deleted,
    ),
    cuts("iam", &["EnableMFADevice"], device_enabled),
    ends("iam", &["DeactivateMFADevice"], device_deactivated),
];

fn user_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = event.asked("/userName")?;
    let (deny, allow) = On::User(name).deny_all();
    let draft = Draft::of(event, Stage::Keys, StepKind::DenyAll, event.user(name).rights(), deny);
    one(draft
        .title("Deny everything to user", name)
        .target(event.answered("/user/arn"))
        .why("The user was made by the principal.")
        .breaks("Whatever uses the new user stops working.")
        .undo(allow))
}

fn user_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.user(event.asked("/userName")?)])
}

fn key_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    if event.asked("/status") == Some("Inactive") {
        return Some(vec![]);
    }
    let key = event.answered("/accessKey/accessKeyId").or(event.asked("/accessKeyId"))?;
    let name = event.answered("/accessKey/userName").or(event.user_name());
    let Some(name) = name else {
        return one(root_key_off(&Thing::root(event.account.as_deref()), key).for_event(event));
    };
    one(key_off(&event.user(name), name, key).for_event(event))
}

fn key_ended(event: &Event) -> Option<Vec<Thing>> {
    if event.asked("/status") == Some("Active") {
        return None;
    }
    let root = || Thing::root(event.account.as_deref());
    let owner = event.user_name().map_or_else(root, |name| event.user(name));
    Some(vec![owner.key(event.asked("/accessKeyId")?)])
}

/// Makes a user's access key inactive.
pub fn key_off(user: &Thing, name: &str, key: &str) -> Draft {
    key_switched(user.key(key), json!(name), key)
}

/// Makes an access key of the root user inactive.
pub fn root_key_off(root: &Thing, key: &str) -> Draft {
    key_switched(root.key(key), Value::Null, key)
        .needs("It is a key of the root user: delete it, signed in as root.")
}

fn key_switched(thing: Thing, name: Value, key: &str) -> Draft {
    let set = |status| {
        let parameters = json!({"UserName": name, "AccessKeyId": key, "Status": status});
        Request::new("iam", "UpdateAccessKey", parameters)
    };
    Draft::new(Stage::Keys, StepKind::DeactivateKey, thing, set("Inactive"))
        .title("Make access key inactive:", key)
        .why("An access key does not end by itself.")
        .breaks("Programs that use the key stop working.")
        .undo(set("Active"))
}

fn password_set(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = event.user_name()?;
    one(login_off(&event.user(name), name).for_event(event))
}

/// A password that let somebody in; roles and the root user sign in otherwise.
fn signed_in(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let is_in = event.answered("/ConsoleLogin") == Some("Success");
    let user = event.caller.user.as_deref().filter(|_| event.caller.kind.as_deref() == Some("IAMUser"));
    let Some(name) = user.filter(|_| is_in) else { return Some(vec![]) };
    let draft = login_off(&event.user(name), name).for_event(event);
    one(draft.why("The user's password was used to sign in to the console."))
}

fn password_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.user(event.user_name()?).login()])
}

/// Takes a user's console password away.
pub fn login_off(user: &Thing, name: &str) -> Draft {
    let delete = Request::new("iam", "DeleteLoginProfile", json!({"UserName": name}));
    Draft::new(Stage::Keys, StepKind::DeleteLoginProfile, user.login(), delete)
        .title("Take the console password from user", name)
        .why("Whoever set the password can sign in with it.")
        .breaks("The user cannot sign in to the console until an administrator sets a new password: the old one is lost.")
}

/// Denies everything to a user's older temporary sessions.
pub fn sessions_off(user: &Thing, name: &str, clock: DateTime<Utc>) -> Draft {
    let (revoke, restore) = On::User(name).revoke(clock);
    Draft::new(Stage::Keys, StepKind::RevokeSessions, user.sessions(), revoke)
        .title("Revoke the sessions of user", name)
        .why("Temporary sessions with the user's rights stay valid when its keys are made inactive.")
        .breaks("The user's other temporary sessions stop working.")
        .undo(restore)
}

/// What a user can sign in with besides: how its id is called, and the call that switches it.
fn other_key(event: &Event) -> Option<(&'static str, &'static str, &str)> {
    let (id, call, pointer) = match event.name.as_str() {
        "CreateServiceSpecificCredential" => (
            "ServiceSpecificCredentialId",
            "UpdateServiceSpecificCredential",
            "/serviceSpecificCredential/serviceSpecificCredentialId",
        ),
        "UploadSSHPublicKey" => ("SSHPublicKeyId", "UpdateSSHPublicKey", "/sSHPublicKey/sSHPublicKeyId"),
        _ => ("CertificateId", "UpdateSigningCertificate", "/certificate/certificateId"),
    };
    Some((id, call, event.answered(pointer)?))
}

fn other_key_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (name, (member, call, id)) = (event.user_name()?, other_key(event)?);
    let set = |status| Request::new("iam", call, json!({"UserName": name, member: id, "Status": status}));
    let thing = event.user(name).key(id);
    one(Draft::of(event, Stage::Keys, StepKind::DeactivateKey, thing, set("Inactive"))
        .title("Make credential inactive:", id)
        .why("It does not end by itself.")
        .breaks("Programs that use the credential stop working.")
        .undo(set("Active")))
}

fn other_key_deleted(event: &Event) -> Option<Vec<Thing>> {
    let ids = ["/serviceSpecificCredentialId", "/sSHPublicKeyId", "/certificateId"];
    let id = ids.iter().find_map(|pointer| event.asked(pointer))?;
    Some(vec![event.user(event.user_name()?).key(id)])
}

fn device_enabled(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (name, serial) = (event.user_name()?, event.asked("/serialNumber")?);
    let thing = event.user(name).part("mfa", serial);
    let call = Request::new("iam", "DeactivateMFADevice", json!({"UserName": name, "SerialNumber": serial}));
    one(Draft::of(event, Stage::Keys, StepKind::RemoveAccess, thing, call)
        .title("Take away MFA device", serial)
        .why("The principal holds the device, and can sign in as the user with it.")
        .breaks("The user signs in without this device until it is registered again."))
}

fn device_deactivated(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.user(event.user_name()?).part("mfa", event.asked("/serialNumber")?)])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines, planned};
    use serde_json::{Value, json};

    fn key(id: &str) -> crate::containment::event::Event {
        let response = json!({"accessKey": {"accessKeyId": id, "userName": "ops", "status": "Active"}});
        call("iam:CreateAccessKey", json!({"userName": "ops"}), response)
    }

    #[test]
    fn keys_are_made_inactive_unless_they_are() {
        let set = |status: &str| {
            let request = json!({"userName": "ops", "accessKeyId": "AKIA1", "status": status});
            call("iam:UpdateAccessKey", request, Value::Null)
        };
        let off = "aws iam update-access-key --access-key-id AKIA1 --status Inactive --user-name ops";
        assert_eq!(lines([key("AKIA1")]), [off]);
        assert_eq!(lines([key("AKIA1"), set("Inactive")]), [""; 0]);
        assert_eq!(lines([key("AKIA1"), set("Inactive"), set("Active")]), [off]);
        assert_eq!(lines([set("Active")]), [off]);
        let deleted = call("iam:DeleteUser", json!({"userName": "ops"}), Value::Null);
        assert_eq!(lines([key("AKIA1"), key("AKIA2"), deleted, key("AKIA1")]), [off]);
        let other = json!({"userName": "ops", "accessKeyId": "AKIA2"});
        assert_eq!(lines([key("AKIA1"), call("iam:DeleteAccessKey", other, Value::Null)]), [off]);
    }

    #[test]
    fn keys_of_the_root_user_need_the_root_user() {
        let made = call("iam:CreateAccessKey", Value::Null, json!({"accessKey": {"accessKeyId": "AKIA1"}}));
        assert_eq!(
            lines([made.clone()]),
            ["! aws iam update-access-key --access-key-id AKIA1 --status Inactive"]
        );
        let deleted = call("iam:DeleteAccessKey", json!({"accessKeyId": "AKIA1"}), Value::Null);
        assert_eq!(lines([made, deleted]), [""; 0]);
    }

    #[test]
    fn users_and_passwords() {
        let made = call("iam:CreateUser", json!({"userName": "ops"}), json!({"user": {"arn": "arn:u"}}));
        let set = call("iam:UpdateLoginProfile", json!({"userName": "ops"}), Value::Null);
        let (steps, _) = planned([made, set.clone(), set]);
        let titles: Vec<_> = steps.iter().map(|step| step.title.as_str()).collect();
        assert_eq!(titles, ["Deny everything to user ops", "Take the console password from user ops"]);
        assert_eq!(steps[0].target, "arn:u");
        assert!(
            steps[0].call.cli.contains(r#""Action":"*","Effect":"Deny","Resource":"*""#),
            "{}",
            steps[0].call.cli
        );
        assert_eq!(steps[1].undo, None);
        assert_eq!(steps[1].evidence, ["event-1", "event-2"]);
    }

    #[test]
    fn a_password_that_was_used_is_taken_away() {
        let login = |kind: &str, answer: &str| {
            let mut event = call("signin:ConsoleLogin", Value::Null, json!({"ConsoleLogin": answer}));
            event.caller.kind = Some(kind.to_owned());
            event.caller.user = Some("ops".to_owned());
            event
        };
        assert_eq!(
            lines([login("IAMUser", "Success"), login("IAMUser", "Success")]),
            ["aws iam delete-login-profile --user-name ops"]
        );
        for other in [login("IAMUser", "Failure"), login("AssumedRole", "Success"), login("Root", "Success")]
        {
            assert_eq!(lines([other]), [""; 0]);
        }
    }

    #[test]
    fn other_ways_to_sign_in() {
        let ssh = call(
            "iam:UploadSSHPublicKey",
            json!({"userName": "ops"}),
            json!({"sSHPublicKey": {"sSHPublicKeyId": "APKA1"}}),
        );
        let device = json!({"userName": "ops", "serialNumber": "arn:aws:iam::111122223333:mfa/x"});
        assert_eq!(
            lines([ssh, call("iam:EnableMFADevice", device, Value::Null)]),
            [
                "aws iam update-ssh-public-key --ssh-public-key-id APKA1 --status Inactive --user-name ops",
                "aws iam deactivate-mfa-device --serial-number arn:aws:iam::111122223333:mfa/x --user-name ops",
            ]
        );
    }
}
