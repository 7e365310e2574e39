//! The credentials that the lineage reached: whether they still open something, and what ends them.

use chrono::{DateTime, Utc};

use super::draft::{Draft, Stage};
use super::ledger::Ledger;
use super::policy::On;
use super::principal::managed;
use super::rules::iam_user::{key_off, login_off, root_key_off, sessions_off};
use super::thing::Thing;
use super::{ReachedCredential, StepKind};
use crate::identity::Role;
use crate::lineage::{Credential, Lineage};
use crate::window::rfc3339;

/// A credential, and what it makes its user.
pub struct Reached<'a> {
    credential: &'a Credential,
    holder: Option<Holder>,
}

enum Holder {
    Role(Role),
    User { account: Option<String>, name: String },
    Root { account: Option<String> },
}

/// The principal's own sessions, and whatever they led to, by the time of issue.
pub fn reached(lineage: &Lineage) -> Vec<Reached<'_>> {
    let is_reached = |credential: &&Credential| credential.depth.is_some() || credential.height == Some(0);
    let credentials = lineage.credentials.iter().filter(is_reached);
    credentials.map(|credential| Reached { credential, holder: holder(credential) }).collect()
}

/// Adds the steps that the credentials themselves make necessary: calls in the timeline say the
/// same of those that were issued in the window, but not of those issued before.
pub fn contain(reached: &[Reached<'_>], clock: DateTime<Utc>, ledger: &mut Ledger) {
    for credential in reached.iter().filter(|credential| credential.credential.depth.is_some()) {
        if let Some(draft) = credential.step(clock, ledger)
            && !ledger.is_ended_since(&draft.thing, credential.credential.issued_at)
        {
            ledger.add(draft);
        }
        if credential.holder.is_none() {
            ledger.notes.push(credential.beyond_reach());
        }
    }
}

fn holder(credential: &Credential) -> Option<Holder> {
    if let Some(name) = &credential.user_name {
        return Some(Holder::User { account: credential.account.clone(), name: name.clone() });
    }
    match credential.event.as_str() {
        // These have the rights of the user that issued them.
        "GetSessionToken" | "GetFederationToken" => {
            let (_, path) = credential.issuer_arn.as_deref()?.split_once(":user/")?;
            let name = path.rsplit('/').next()?.to_owned();
            Some(Holder::User { account: credential.issuer_account.clone(), name })
        }
        // Where IAM names no user, the root user made the key for itself.
        "CreateAccessKey" => {
            let account = credential.account.as_ref().or(credential.issuer_account.as_ref());
            Some(Holder::Root { account: account.cloned() })
        }
        _ => credential.arn.as_deref()?.parse().ok().map(Holder::Role),
    }
}

impl Reached<'_> {
    fn whole(&self) -> Option<Thing> {
        Some(match self.holder.as_ref()? {
            Holder::Role(role) => Thing::role(Some(role.account()), role.name()),
            Holder::User { account, name } => Thing::user(account.as_deref(), name),
            Holder::Root { account } => Thing::root(account.as_deref()),
        })
    }

    /// The part of its holder that it is.
    fn thing(&self) -> Option<Thing> {
        let whole = self.whole()?;
        let is_session =
            self.credential.user_name.is_none() && !matches!(self.holder, Some(Holder::Root { .. }));
        Some(match &self.credential.key {
            _ if is_session => whole.sessions(),
            Some(key) => whole.key(key),
            None => whole.login(),
        })
    }

    /// Whether it can still be used at `clock`, as far as the calls tell.
    pub fn is_valid(&self, clock: DateTime<Utc>, ledger: &Ledger) -> bool {
        let is_over = self.credential.expiry().is_some_and(|expiry| expiry <= clock);
        let is_ended =
            self.thing().is_some_and(|thing| ledger.is_ended_since(&thing, self.credential.issued_at));
        !is_over && !is_ended
    }

    /// What a plan says of it, whose steps are `drafts`.
    pub fn told(&self, is_valid: bool, drafts: &[Draft]) -> ReachedCredential {
        let credential = self.credential;
        let cuts = |draft: &Draft| self.is_cut_by(draft);
        ReachedCredential {
            access_key: credential.key.clone(),
            holder: credential.label.clone().unwrap_or_else(|| credential.credential.clone()),
            account: self.account(),
            issued_by: credential.event.clone(),
            issued_at: credential.issued_at,
            event_id: credential.event_id.clone(),
            expires: credential.expiry(),
            is_valid,
            cut_by: (1..).zip(drafts).filter(|(_, draft)| cuts(draft)).map(|(number, _)| number).collect(),
        }
    }

    /// A session of the root user, say: no policy ends it.
    fn beyond_reach(&self) -> String {
        let credential = self.credential;
        let label = credential.label.as_deref().unwrap_or(&credential.credential);
        let ends = match credential.expiry() {
            Some(expiry) => format!("it ends by itself at {}", rfc3339(expiry)),
            None => "nobody wrote down when it ends".to_owned(),
        };
        format!(
            "No step ends the session of {label} that {} issued at {}: {ends}.",
            credential.event,
            rfc3339(credential.issued_at)
        )
    }

    /// Where it is good: a role's session in the role's account.
    fn account(&self) -> Option<String> {
        match &self.holder {
            Some(Holder::Role(role)) => Some(role.account().to_owned()),
            Some(Holder::Root { account }) => account.clone(),
            _ => self.credential.account.clone(),
        }
    }

    fn is_cut_by(&self, draft: &Draft) -> bool {
        let (Some(whole), Some(thing)) = (self.whole(), self.thing()) else { return false };
        draft.thing == thing || draft.thing == whole.rights()
    }

    /// The step that ends it, by itself.
    fn step(&self, clock: DateTime<Utc>, ledger: &Ledger) -> Option<Draft> {
        let draft = match (self.holder.as_ref()?, &self.credential.key) {
            (Holder::Role(role), _) => revoke_role(role, clock, ledger),
            (Holder::Root { account }, key) => {
                root_key_off(&Thing::root(account.as_deref()), key.as_deref()?).account(account.as_deref())
            }
            (Holder::User { name, account }, _) if self.credential.user_name.is_none() => {
                sessions_off(&Thing::user(account.as_deref(), name), name, clock).account(account.as_deref())
            }
            (Holder::User { name, account }, Some(key)) => {
                key_off(&Thing::user(account.as_deref(), name), name, key).account(account.as_deref())
            }
            (Holder::User { name, account }, None) => {
                login_off(&Thing::user(account.as_deref(), name), name).account(account.as_deref())
            }
        };
        let credential = self.credential;
        let issuer =
            credential.issuer_arn.as_deref().or(credential.issuer_id.as_deref()).unwrap_or("Someone");
        let told = format!("{issuer} called {} at {}", credential.event, rfc3339(credential.issued_at));
        Some(draft.issued(told, credential.event_id.as_deref()))
    }
}

/// A role's sessions are revoked; it is not denied everything for them: it is somebody's.
fn revoke_role(role: &Role, clock: DateTime<Utc>, ledger: &Ledger) -> Draft {
    let (revoke, restore) = On::Role(role.name()).revoke(clock);
    let whole = Thing::role(Some(role.account()), role.name());
    let draft = Draft::new(Stage::Downstream, StepKind::RevokeSessions, whole.sessions(), revoke)
        .title("Revoke the sessions of role", role.name())
        .target(Some(&role.canonical_arn()))
        .account(Some(role.account()))
        .why("The principal went on with this role.")
        .undo(restore);
    // A role that the principal made is.
    let draft = if ledger.is_open(&whole.rights()) {
        draft.breaks("Whoever else uses the role has to assume it again.")
    } else {
        draft.breaks(
            "Whoever else uses the role has to assume it again; it is likely in use by others, so it is not denied \
             everything.",
        )
    };
    match managed(role) {
        Some(instead) => draft.needs(instead),
        None => draft,
    }
}
