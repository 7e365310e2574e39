//! Writes the tree of sessions: for people, for programs, for two graph tools, and as a picture.

mod ascii;
mod excerpt;
mod graph;
mod svg;

use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::text::visible_json;
use crate::error::{Error, Kind, Result};
use crate::lineage::Credential;
use crate::sessions::{Activity, SessionTree};
use crate::window::rfc3339;

pub(crate) use excerpt::excerpt;
pub(crate) use svg::TREE_STYLE;

/// How a tree of sessions is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeFormat {
    /// Lines and indents.
    Tree,
    /// One JSON object.
    Json,
    /// Graphviz.
    Dot,
    /// A Mermaid flowchart.
    Mermaid,
    /// A picture; of a large tree, what called most.
    Svg,
}

/// User agents and addresses named one by one; the rest are counted.
const NAMED: usize = 3;

/// The tree as one SVG image, which a page can hold as it is; `now` says which credentials are over.
pub fn svg(tree: &SessionTree, now: DateTime<Utc>) -> String {
    svg::write(tree, now)
}

impl TreeFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Tree, Self::Json, Self::Dot, Self::Mermaid, Self::Svg];

    /// The name it is asked for by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Json => "json",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
            Self::Svg => "svg",
        }
    }

    /// The whole text; `now` says which credentials are over.
    ///
    /// # Errors
    /// If it cannot be encoded.
    pub fn write(self, tree: &SessionTree, now: DateTime<Utc>) -> Result<String> {
        Ok(match self {
            Self::Tree => ascii::write(tree, now),
            Self::Json => {
                let json = serde_json::to_string_pretty(tree);
                visible_json(json.map_err(|error| Kind::Encode(error.to_string()))?) + "\n"
            }
            Self::Dot => graph::dot(tree, now),
            Self::Mermaid => graph::mermaid(tree, now),
            Self::Svg => svg::write(tree, now),
        })
    }
}

impl FromStr for TreeFormat {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            Error::argument("format", name, "is not known", "use one of tree, json, dot, mermaid, svg")
        })
    }
}

/// What a session did, in one line.
fn activity_line(activity: &Activity) -> String {
    let (first, last) = (rfc3339(activity.first_call), rfc3339(activity.last_call));
    let span = if first == last { first } else { format!("{first} to {last}") };
    let calls = if activity.calls == 1 { "1 call".to_owned() } else { format!("{} calls", activity.calls) };
    let failed = match (activity.failed, activity.denied) {
        (0, _) => String::new(),
        (failed, 0) => format!(", {failed} failed"),
        (failed, denied) => format!(", {failed} failed ({denied} denied)"),
    };
    // The first product says what it was; JSON has all of it.
    let mut agents: Vec<String> = activity
        .user_agents
        .iter()
        .map(|agent| agent.split(' ').next().unwrap_or(agent).to_owned())
        .collect();
    agents.dedup();
    format!("{span}: {calls}{failed}, from {}, with {}", some(&activity.addresses), some(&agents))
}

/// What a session called with whose issue is unknown.
fn unknown_issue(activity: Option<&Activity>) -> String {
    let keys = activity.map_or("?".to_owned(), |activity| some(&activity.keys));
    format!("key {keys}; its issue was not found: it may lie before what was read")
}

/// How a credential came to be, in one line.
fn issue_line(credential: &Credential) -> String {
    let issuer = credential.issuer_arn.as_deref().and_then(|arn| Some(arn.split_once("::")?.1));
    let issuer = issuer
        .or(credential.issuer_name.as_deref())
        .or(credential.issuer_service.as_deref())
        .or(credential.issuer_id.as_deref())
        .unwrap_or("somebody unknown");
    let identity = credential.source_identity.as_ref();
    let identity = identity.map(|identity| format!(", source identity {identity}")).unwrap_or_default();
    let from = credential.source_address.as_ref().map(|from| format!(", from {from}")).unwrap_or_default();
    format!("{} at {} by {issuer}{identity}{from}", credential.event, rfc3339(credential.issued_at))
}

/// How long a credential is good for.
fn validity(credential: &Credential, now: DateTime<Utc>) -> String {
    let what = match &credential.key {
        Some(key) => format!("key {key}"),
        None if credential.is_login() => "console password".to_owned(),
        None => "key unknown".to_owned(),
    };
    match credential.expiry() {
        Some(end) if end <= now => format!("{what}, valid until {} and now expired", rfc3339(end)),
        Some(end) => format!("{what}, STILL VALID until {}", rfc3339(end)),
        None if credential.is_login() || credential.event == "CreateAccessKey" => {
            format!("{what}, valid until it is deleted")
        }
        None => format!("{what}, end unknown"),
    }
}

fn some(texts: &[String]) -> String {
    let named = texts.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match texts.len() {
        0 => "?".to_owned(),
        all if all > NAMED => format!("{named} and {} more", all - NAMED),
        _ => named,
    }
}
