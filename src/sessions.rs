//! The tree of sessions: where a principal's own came from, what they led to, and what each did.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::datasource::MemTable;
use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::error::Result;
use crate::lineage::{Credential, Lineage, answer, typed};
use crate::query::{self, Parameters};
use crate::question::TimelineQuestion;
use crate::session::session;
use crate::trail::Trail;

/// The sessions of a principal, those they led to, and where they came from.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SessionTree {
    /// The principal, as its option takes it.
    pub principal: String,
    /// Parents before their children, by time among siblings.
    pub sessions: Vec<Session>,
}

/// A session, or another credential and its use.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Session {
    /// What stands for it in this tree.
    pub id: String,
    /// The session that issued it; `None` for the principal's own.
    pub parent: Option<String>,
    /// 0 for the principal's own.
    pub depth: u32,
    /// `ACCOUNT:assumed-role/NAME/SESSION`, `ACCOUNT:user/NAME` or what else names it.
    pub label: String,
    /// What it did in the window; `None` if nothing.
    pub activity: Option<Activity>,
    /// The credential behind it, if its issue was found, and then those it was issued with in turn.
    pub origin: Vec<Credential>,
}

/// What a session did in the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    #[serde(skip_serializing)]
    id: String,
    #[serde(skip_serializing)]
    followed: bool,
    session: Option<String>,
    principal_id: Option<String>,
    /// Time of its first call in the window.
    pub first_call: DateTime<Utc>,
    /// Time of its last call in the window.
    pub last_call: DateTime<Utc>,
    /// Its calls.
    pub calls: u64,
    /// Calls that failed, denied ones among them.
    pub failed: u64,
    /// Calls that were denied.
    pub denied: u64,
    /// Where they came from.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// With what.
    #[serde(default)]
    pub user_agents: Vec<String>,
    /// The access keys they were made with.
    #[serde(default)]
    pub keys: Vec<String>,
}

impl Trail {
    /// The tree of sessions for a question, and what it rests on.
    ///
    /// # Errors
    /// If nothing could be listed, the sources are empty, or a query fails.
    pub async fn session_tree(&self, question: &TimelineQuestion) -> Result<(SessionTree, Coverage)> {
        let (lineage, search) = self.lineage(question).await?;
        let timeline = self.timeline_of(question, &lineage).await?.after(search);
        let schema = timeline.schema();
        let (batches, coverage) = timeline.collect().await?;
        let context = session();
        context.register_table("timeline", Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        let (_, batches) = answer(&context, &query::SESSIONS, &Parameters::new()).await?;
        let tree = SessionTree::new(question.principal().to_string(), &lineage, typed(&batches)?);
        Ok((tree, coverage))
    }
}

impl SessionTree {
    fn new(principal: String, lineage: &Lineage, activities: Vec<Activity>) -> Self {
        let (mut followed, mut own) = (HashMap::new(), vec![]);
        for activity in activities {
            // What was done with a credential that the principal also issued (from one address,
            // say) is told with that credential.
            let issued = lineage.downstream().find(|credential| activity.is_of(credential));
            match issued.map(|credential| credential.credential.clone()) {
                _ if activity.followed => drop(followed.insert(activity.id.clone(), activity)),
                Some(credential) => drop(followed.insert(credential, activity)),
                None => own.push(activity),
            }
        }
        let mut sessions = own_sessions(lineage, own);
        let mut downstream: Vec<&Credential> = lineage.downstream().collect();
        // A parent has less depth than its children, so it is there before them.
        downstream.sort_by_key(|credential| (credential.depth, credential.issued_at));
        for credential in downstream {
            let issuer = sessions.iter().find(|session| session.issued(credential));
            sessions.push(Session {
                id: credential.credential.clone(),
                parent: issuer.map(|issuer| issuer.id.clone()),
                depth: credential.depth.unwrap_or_default(),
                label: credential.label.clone().unwrap_or_else(|| credential.credential.clone()),
                activity: followed.remove(&credential.credential),
                origin: vec![credential.clone()],
            });
        }
        // Of the principal's own, those that did nothing and led to nothing say nothing.
        let parents: HashSet<String> = sessions.iter().filter_map(|session| session.parent.clone()).collect();
        sessions.retain(|session| {
            session.depth > 0 || session.activity.is_some() || parents.contains(&session.id)
        });
        Self { principal, sessions }
    }

    /// The sessions that `parent` issued, or those of the principal itself.
    pub fn children<'a>(&'a self, parent: Option<&'a str>) -> impl Iterator<Item = &'a Session> {
        self.sessions.iter().filter(move |session| session.parent.as_deref() == parent)
    }
}

impl Session {
    /// Whether `credential` was issued with this session.
    fn issued(&self, credential: &Credential) -> bool {
        if let Some(parent) = &credential.parent
            && self.origin.first().is_some_and(|own| own.credential == *parent)
        {
            return true;
        }
        // The issue of the principal's own session may lie before all that was read.
        let Some(activity) = self.activity.as_ref().filter(|_| self.depth == 0 && credential.by_principal)
        else {
            return false;
        };
        credential.issuer_key.as_ref().is_some_and(|key| activity.keys.contains(key))
            || credential.issuer_id.is_some() && credential.issuer_id == activity.principal_id
    }

    /// The credential behind it, if its issue was found.
    pub fn credential(&self) -> Option<&Credential> {
        self.origin.first()
    }
}

/// The principal's own sessions: those that did something, and those that were only issued.
fn own_sessions(lineage: &Lineage, activities: Vec<Activity>) -> Vec<Session> {
    let mut unused: Vec<&Credential> =
        lineage.upstream().filter(|credential| credential.height == Some(0)).collect();
    let mut sessions = vec![];
    for activity in activities {
        let has_key = |credential: &&Credential| activity.has_key_of(credential);
        let is_of = |credential: &&Credential| activity.is_of(credential);
        let found = unused.iter().copied().find(has_key).or(unused.iter().copied().find(is_of));
        let found = found.or_else(|| lineage.others.iter().find(is_of));
        // A session whose keys are renewed has several issues; they are one session all the same.
        unused.retain(|credential| !is_of(credential));
        sessions.push(Session {
            id: activity.id.clone(),
            label: activity.label(),
            origin: found.map(|credential| lineage.origin(credential)).unwrap_or_default(),
            activity: Some(activity),
            ..Session::default()
        });
    }
    sessions.extend(unused.into_iter().map(|credential| Session {
        id: credential.credential.clone(),
        label: credential.label.clone().unwrap_or_else(|| credential.credential.clone()),
        origin: lineage.origin(credential),
        ..Session::default()
    }));
    sessions
}

impl Activity {
    fn has_key_of(&self, credential: &Credential) -> bool {
        credential.key.as_ref().is_some_and(|key| self.keys.contains(key))
    }

    /// Whether these calls were made with `credential`.
    fn is_of(&self, credential: &Credential) -> bool {
        self.has_key_of(credential) || credential.session_trace().is_some_and(|trace| trace == self.id)
    }

    fn label(&self) -> String {
        let name = self.session.as_deref().or(self.principal_id.as_deref()).unwrap_or(&self.id);
        let name = if name.is_empty() { "somebody without a name" } else { name };
        name.split_once("::").map_or(name, |(_, rest)| rest).to_owned()
    }
}

impl Lineage {
    /// A credential, the one it was issued with, and so on.
    fn origin(&self, credential: &Credential) -> Vec<Credential> {
        let mut origin = vec![credential.clone()];
        while let Some(parent) = origin.last().and_then(|last| last.parent.as_ref())
            && let Some(found) = self.credentials.iter().find(|other| other.credential == *parent)
            && origin.iter().all(|known| known.credential != *parent)
        {
            origin.push(found.clone());
        }
        origin
    }
}
