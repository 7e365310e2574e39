//! What the question itself makes necessary: the principal is denied everything, and its sessions
//! are revoked.

use super::StepKind;
use super::draft::{Draft, Stage};
use super::event::{Caller, own_callers};
use super::ledger::Ledger;
use super::plan::PlanInput;
use super::policy::On;
use super::request::fill_in;
use super::rules::iam_user::{key_off, sessions_off};
use super::thing::Thing;
use crate::compared::number;
use crate::identity::{Principal, Role, User};

/// Past users that are named one by one.
const NAMED: usize = 10;

/// Who stands behind the principal that was asked about.
pub struct Subject {
    identities: Vec<Identity>,
    /// The keys that its calls were made with, if they are a user's own.
    keys: Vec<(String, Option<User>)>,
}

#[derive(Debug, PartialEq)]
enum Identity {
    /// `managed` says what to do instead where nobody can put a policy on it.
    Role {
        role: Role,
        managed: Option<&'static str>,
    },
    User(User),
    /// Only sessions that a user issued, or that are its: the user may be somebody's.
    SessionsOf(User),
    /// Nothing can be denied; why, and what to do.
    None(String),
}

const SERVICE_LINKED: &str = "A service-linked role takes no policies: take away what lets the service act \
    (its resources, or the service itself), or deny it by a service control policy.";
const IDENTITY_CENTER: &str = "Identity Center sets this role's policies back: disable the person in Identity \
    Center, end their sessions there, and remove the account assignment or put the denial into the \
    permission set.";

const ROOT: &str = "No policy denies the root user anything: change its password, delete its access keys and check its \
    MFA devices, signed in as root; in an organization, a service control policy denies it meanwhile.";

impl Subject {
    /// Tells who stands behind the principal, from its own calls where the question does not say.
    pub fn of(input: &PlanInput<'_>) -> Self {
        let callers = own_callers(input.timeline);
        let identities = match input.principal {
            Principal::Role(role) | Principal::Session { role, .. } => vec![role_of(role.clone(), &callers)],
            Principal::User(user) => vec![of_user(user, input)],
            Principal::AccessKey(_) | Principal::PrincipalId { .. } => behind(&callers, input.principal),
            Principal::Address(_) => vec![Identity::None(
                "An address cannot be denied for everybody: ask again about each principal that called from it.".into(),
            )],
            Principal::Resource(_) => vec![Identity::None(
                "A resource makes no calls: ask again about each principal that touched it.".into(),
            )],
        };
        let keys = own_keys(input.principal, &callers);
        Self { identities, keys }
    }

    /// Adds its steps.
    pub fn contain(&self, input: &PlanInput<'_>, ledger: &mut Ledger) {
        for identity in &self.identities {
            match identity {
                Identity::Role { role, managed } => deny_role(role, *managed, input, ledger),
                Identity::User(user) => deny_user(user, input, ledger),
                Identity::SessionsOf(user) => revoke_user(user, input, ledger),
                Identity::None(why) => ledger.notes.push(why.clone()),
            }
        }
        for (key, user) in &self.keys {
            deactivate(key, user.as_ref(), ledger);
        }
    }
}

fn role_of(role: Role, callers: &[Caller]) -> Identity {
    let is_linked =
        |caller: &Caller| caller.issuer.as_deref().is_some_and(|arn| arn.contains(":role/aws-service-role/"));
    let linked = callers.iter().any(is_linked).then_some(SERVICE_LINKED);
    Identity::Role { managed: managed(&role).or(linked), role }
}

/// What to do instead with a role that takes no policies, as far as its name tells.
pub fn managed(role: &Role) -> Option<&'static str> {
    if role.name().starts_with("AWSReservedSSO_") {
        Some(IDENTITY_CENTER)
    } else {
        role.name().starts_with("AWSServiceRoleFor").then_some(SERVICE_LINKED)
    }
}

fn of_user(user: &User, input: &PlanInput<'_>) -> Identity {
    if user.iam_name().is_some() {
        return Identity::User(user.clone());
    }
    if user.name() == "root" && user.arn().ends_with(":root") {
        return Identity::None(ROOT.to_owned());
    }
    let issuer = input.lineage.upstream().find(|credential| credential.height == Some(0));
    match issuer.and_then(|issue| iam_user(issue.issuer_arn.as_deref()?)) {
        Some(issuer) => Identity::SessionsOf(issuer),
        None => Identity::None(
            "A federated user has the rights of the user that issued its session, and the logs do not show \
             which: look for GetFederationToken before the window, and deny that user's older sessions."
                .to_owned(),
        ),
    }
}

/// Who the calls with a key or an id say they are.
fn behind(callers: &[Caller], principal: &Principal) -> Vec<Identity> {
    let is_whole = matches!(principal, Principal::PrincipalId { .. });
    let mut identities = vec![];
    for caller in callers {
        let issuer = caller.issuer.as_deref();
        let user = |arn: Option<&str>| arn.and_then(iam_user);
        let identity = match caller.kind.as_deref() {
            Some("AssumedRole") => {
                let arn = issuer.or(caller.arn.as_deref());
                arn.and_then(|arn| arn.parse().ok()).map(|role| role_of(role, callers))
            }
            Some("IAMUser") if is_whole => user(caller.arn.as_deref()).map(Identity::User),
            Some("IAMUser") => user(caller.arn.as_deref()).map(Identity::SessionsOf),
            Some("FederatedUser") => user(issuer).map(Identity::SessionsOf),
            Some("Root") => Some(Identity::None(ROOT.to_owned())),
            _ => None,
        };
        identities.extend(identity.filter(|identity| !identities.contains(identity)));
    }
    if identities.is_empty() {
        identities.push(Identity::None(format!(
            "The logs do not say who {principal} is: widen the window, or ask IAM, and ask again about the role or \
             user."
        )));
    }
    identities
}

fn iam_user(arn: &str) -> Option<User> {
    match Principal::user(arn) {
        Ok(Principal::User(user)) if user.iam_name().is_some() => Some(user),
        _ => None,
    }
}

/// The long-lived keys that a user's calls were made with, or the one that was asked about.
fn own_keys(principal: &Principal, callers: &[Caller]) -> Vec<(String, Option<User>)> {
    let long_lived = |key: &str| key.starts_with("AKIA");
    let user = |caller: &Caller| caller.arn.as_deref().and_then(iam_user);
    match principal {
        Principal::AccessKey(key) if long_lived(key) => {
            vec![(key.clone(), callers.iter().find_map(user))]
        }
        Principal::User(_) => {
            let keys = callers.iter().filter_map(|caller| Some((caller.key.clone()?, user(caller))));
            keys.filter(|(key, user)| long_lived(key) && user.is_some()).collect()
        }
        _ => vec![],
    }
}

fn deny_role(role: &Role, managed: Option<&'static str>, input: &PlanInput<'_>, ledger: &mut Ledger) {
    let (account, arn) = (Some(role.account()), role.canonical_arn());
    let thing = Thing::role(account, role.name());
    if ledger.is_ended(&thing) {
        ledger
            .notes
            .push(format!("{arn} was deleted: nothing is left to deny there, unless it is made again."));
        return;
    }
    let on = On::Role(role.name());
    let (deny, allow) = on.deny_all();
    let draft = Draft::new(Stage::Principal, StepKind::DenyAll, thing.rights(), deny)
        .title("Deny everything to role", role.name())
        .target(Some(&arn))
        .account(account)
        .why("It is the role that was asked about.")
        .undo(allow);
    let draft = broken("Whatever runs with the role stops working.", draft, input);
    ledger.add(match managed {
        Some(instead) => draft.needs(instead),
        None => draft,
    });
    if managed.is_none() {
        let (revoke, restore) = on.revoke(input.clock);
        let draft = Draft::new(Stage::Sessions, StepKind::RevokeSessions, thing.sessions(), revoke)
            .title("Revoke the sessions of role", role.name())
            .target(Some(&arn))
            .account(account)
            .why("Sessions outlive the denial, should it be taken back.")
            .undo(restore);
        ledger.add(draft.breaks("Whoever uses the role has to assume it again."));
    }
}

fn deny_user(user: &User, input: &PlanInput<'_>, ledger: &mut Ledger) {
    let thing = Thing::user(Some(user.account()), user.name());
    if ledger.is_ended(&thing) {
        let arn = user.arn();
        ledger
            .notes
            .push(format!("{arn} was deleted: nothing is left to deny there, unless it is made again."));
        return;
    }
    let (deny, allow) = On::User(user.name()).deny_all();
    let draft = Draft::new(Stage::Principal, StepKind::DenyAll, thing.rights(), deny)
        .title("Deny everything to user", user.name())
        .target(Some(user.arn()))
        .account(Some(user.account()))
        .why("It is the user that was asked about; its keys, its password and its sessions are denied with it.")
        .undo(allow);
    ledger.add(broken("Whatever the user does stops working.", draft, input));
    let draft = sessions_off(&thing, user.name(), input.clock)
        .target(Some(user.arn()))
        .account(Some(user.account()))
        .why("The denial covers the user's temporary sessions; they outlive it, should it be taken back.")
        .stage(Stage::Sessions);
    ledger.add(draft);
}

fn revoke_user(user: &User, input: &PlanInput<'_>, ledger: &mut Ledger) {
    let whole = Thing::user(Some(user.account()), user.name());
    let draft = sessions_off(&whole, user.name(), input.clock)
        .target(Some(user.arn()))
        .account(Some(user.account()))
        .stage(Stage::Sessions);
    ledger.add(broken("The user's programs that use temporary sessions need new ones.", draft, input));
}

fn deactivate(key: &str, user: Option<&User>, ledger: &mut Ledger) {
    let name = user.map_or_else(|| fill_in("the user of the key"), |user| user.name().to_owned());
    let whole = Thing::user(user.map(User::account), &name);
    if ledger.is_ended(&whole.key(key)) {
        return;
    }
    let draft = key_off(&whole, &name, key)
        .account(user.map(User::account))
        .why("The principal's calls were made with it.")
        .stage(Stage::Principal);
    ledger.add(match user {
        Some(_) => draft,
        None => draft.needs("Say whose key it is: `aws iam get-access-key-last-used` tells."),
    });
}

/// The step with what it breaks: what it is for, and who used the principal before.
fn broken(what: &str, draft: Draft, input: &PlanInput<'_>) -> Draft {
    let draft = draft.breaks(what);
    if input.past_users.is_empty() {
        return draft.breaks("Who else uses it is not known: no past of it was found.");
    }
    let named = input.past_users.iter().take(NAMED);
    let draft = named.fold(draft, |draft, user| {
        let calls = if user.calls == 1 { "call" } else { "calls" };
        draft.breaks(format!("In the past it was used by {}: {} {calls}.", user.who, number(user.calls)))
    });
    match input.past_users.len().checked_sub(NAMED) {
        None | Some(0) => draft,
        Some(more) => draft.breaks(format!("And by {more} more.")),
    }
}
