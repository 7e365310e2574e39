//! What to cut, in which order, why, and how to undo it. trailq changes nothing in an account:
//! a later stage or a person applies the plan.
//!
//! `docs/schemas/containment.v1.schema.json` is the contract of `containment.json`.
//!
//! `event` reads calls off the timeline, `rules` says by name which function looks at which call,
//! one file a kind of thing, and `ledger` keeps what is still open after the last call.
//! `principal` and `credentials` add what rests on the question and the lineage; `request` and
//! `cli` say it in AWS's words.

mod cli;
mod credentials;
mod draft;
mod event;
mod ledger;
pub(crate) mod plan;
mod policy;
mod principal;
mod request;
mod rules;
mod thing;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

pub use plan::PastUser;

/// The version of `containment.json`: raised where a reader of an earlier one would be misled.
pub const CONTAINMENT_VERSION: u32 = 1;

/// The plan. Texts are as logged: escape them for where they go.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ContainmentPlan {
    /// [`CONTAINMENT_VERSION`].
    pub version: u32,
    /// The principal that is to be contained, as its option takes it.
    pub principal: String,
    /// The moment that "now" means in it: sessions issued before are revoked.
    pub as_of: DateTime<Utc>,
    /// In the order in which they are to be applied.
    pub steps: Vec<Step>,
    /// Every credential that the lineage reached, by the time of issue.
    pub credentials: Vec<ReachedCredential>,
    /// What must be known of the plan as a whole.
    pub notes: Vec<String>,
}

/// One thing to cut.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// From 1, in the order of the plan.
    pub number: u32,
    /// What it does, as one word that never changes its meaning.
    pub kind: StepKind,
    /// The same in a few words, for people.
    pub title: String,
    /// The account in which it has to be done, if the logs tell.
    pub account: Option<String>,
    /// The region in which it has to be done; `None` for global services.
    pub region: Option<String>,
    /// What is cut: an ARN where there is one, else its name or id.
    pub target: String,
    /// Why.
    pub reason: String,
    /// `eventID`s of the records that it rests on; empty only for what rests on the question itself.
    pub evidence: Vec<String>,
    /// The call that does it.
    pub call: ApiCall,
    /// How to take it back; `None` if that cannot be done.
    pub undo: Option<ApiCall>,
    /// What stops working, or may.
    pub breaks: Vec<String>,
    /// What a person has to know, decide or fill in before it can be applied; empty for what can
    /// be applied as it stands.
    pub needs: Vec<String>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Logging, or what watches, is turned on again, so that the rest is seen.
    RestoreLogging,
    /// Everything is denied to a principal.
    DenyAll,
    /// Sessions issued before now are denied everything.
    RevokeSessions,
    /// An access key is made inactive.
    DeactivateKey,
    /// A console password is taken away.
    DeleteLoginProfile,
    /// Who may assume a role is set right.
    RestoreTrust,
    /// A right that was given is taken back.
    RemovePolicy,
    /// A way in from outside is closed: an identity provider, a public policy, a shared snapshot.
    RemoveAccess,
    /// Code is kept from running.
    StopFunction,
    /// A machine is stopped or cut off.
    IsolateInstance,
}

/// A call of AWS's API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ApiCall {
    /// The service as the AWS CLI and SDKs name it: `iam`, `ec2`, `lambda`.
    pub service: String,
    /// The operation: `PutRolePolicy`.
    pub operation: String,
    /// Its parameters, as the API names them.
    pub parameters: Map<String, Value>,
    /// The same as a line for a POSIX shell.
    pub cli: String,
}

/// A credential that the lineage reached, and whether it still opens anything.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReachedCredential {
    /// The access key id; `None` for a console password.
    pub access_key: Option<String>,
    /// Whom it makes its user.
    pub holder: String,
    /// The account it is good for.
    pub account: Option<String>,
    /// The call that issued it.
    pub issued_by: String,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// The event that issued it.
    pub event_id: Option<String>,
    /// When it ends; `None` if it does not by itself, or nobody wrote it down.
    pub expires: Option<DateTime<Utc>>,
    /// Whether it can still be used when the plan is made, as far as the logs tell: what was
    /// deleted or made inactive in the window cannot.
    pub is_valid: bool,
    /// Numbers of the steps that end it.
    pub cut_by: Vec<u32>,
}
