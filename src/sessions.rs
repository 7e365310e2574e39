//! The tree of sessions: where a principal's own came from, what they led to, and what each did.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use serde::{Deserialize, Serialize};

use crate::coverage::Coverage;
use crate::error::Result;
use crate::identity::Principal;
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
        let timeline = Arc::new(MemTable::try_new(schema, vec![batches])?);
        Ok((SessionTree::of(question.principal(), &lineage, timeline).await?, coverage))
    }
}

impl SessionTree {
    /// The tree of a principal whose timeline was read already.
    ///
    /// # Errors
    /// If the table is none of a timeline's.
    pub(crate) async fn of(
        principal: &Principal,
        lineage: &Lineage,
        timeline: Arc<dyn TableProvider>,
    ) -> Result<Self> {
        let context = session();
        context.register_table("timeline", timeline)?;
        let (_, batches) = answer(&context, &query::SESSIONS, &Parameters::new()).await?;
        Ok(Self::new(principal.to_string(), lineage, typed(&batches)?))
    }

    fn new(principal: String, lineage: &Lineage, activities: Vec<Activity>) -> Self {
        let (mut followed, mut own): (HashMap<String, Activity>, _) = (HashMap::new(), vec![]);
        let index = Index::new(lineage.downstream());
        for activity in activities {
            // What was done with a credential that the principal also issued (from one address,
            // say) is told with that credential.
            let issued = || Some(index.of(&activity).next()?.credential.clone());
            match if activity.followed { Some(activity.id.clone()) } else { issued() } {
                None => own.push(activity),
                Some(credential) => match followed.get_mut(&credential) {
                    Some(known) => known.add(activity),
                    None => drop(followed.insert(credential, activity)),
                },
            }
        }
        let mut sessions = own_sessions(lineage, without_copies(own));
        let mut downstream: Vec<&Credential> = lineage.downstream().collect();
        // A parent was issued before its children, so it is there before them.
        downstream.sort_by_key(|credential| (credential.issued_at, credential.depth));
        for credential in downstream {
            let issuer = Session::ISSUED_BY
                .iter()
                .find_map(|by| sessions.iter().find(|issuer| by(issuer, credential)));
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
    /// What tells that a session issued a credential, the surest first. The issue of the
    /// principal's own session may lie before all that was read; then its calls tell.
    const ISSUED_BY: [fn(&Self, &Credential) -> bool; 3] = [
        |issuer, issued| {
            let own = issuer.origin.first().map(|own| &own.credential);
            own.is_some() && own == issued.parent.as_ref()
        },
        |issuer, issued| {
            let calls = issuer.activity.as_ref().zip(issued.issuer_key.as_ref());
            issuer.depth == 0 && calls.is_some_and(|(calls, key)| calls.keys.contains(key))
        },
        |issuer, issued| {
            let calls = issuer.activity.as_ref().filter(|_| issuer.depth == 0 && issued.by_principal);
            issued.issuer_id.is_some() && calls.is_some_and(|calls| calls.principal_id == issued.issuer_id)
        },
    ];

    /// The credential behind it, if its issue was found.
    pub fn credential(&self) -> Option<&Credential> {
        self.origin.first()
    }
}

/// What another account's records tell of a session is counted with that session: they carry its id
/// and neither key nor time of creation.
fn without_copies(activities: Vec<Activity>) -> Vec<Activity> {
    let is_copy = |activity: &Activity| activity.principal_id.as_deref() == Some(&activity.id);
    let (copies, mut own): (Vec<_>, Vec<_>) = activities.into_iter().partition(is_copy);
    for copy in copies {
        match own.iter_mut().find(|activity| activity.principal_id == copy.principal_id) {
            Some(activity) => activity.add(copy),
            None => own.push(copy),
        }
    }
    own
}

/// The principal's own sessions: those that did something, and those that were only issued.
fn own_sessions(lineage: &Lineage, activities: Vec<Activity>) -> Vec<Session> {
    let own: Vec<&Credential> =
        lineage.upstream().filter(|own| own.height == Some(0) && own.depth.is_none()).collect();
    let (index, others) = (Index::new(own.iter().copied()), Index::new(lineage.others.iter()));
    let (mut sessions, mut used) = (vec![], HashSet::new());
    for activity in activities {
        let found = index.of(&activity).next().or_else(|| others.of(&activity).next());
        // A session whose keys are renewed has several issues; they are one session all the same.
        used.extend(index.of(&activity).map(|credential| credential.credential.as_str()));
        sessions.push(Session {
            id: activity.id.clone(),
            label: activity.label(),
            origin: found.map(|credential| lineage.origin(credential)).unwrap_or_default(),
            activity: Some(activity),
            ..Session::default()
        });
    }
    let unused = own.into_iter().filter(|credential| !used.contains(credential.credential.as_str()));
    sessions.extend(unused.map(|credential| Session {
        id: credential.credential.clone(),
        label: credential.label.clone().unwrap_or_else(|| credential.credential.clone()),
        origin: lineage.origin(credential),
        ..Session::default()
    }));
    sessions
}

/// Credentials by what calls made with them carry: their key, or their session's id and time.
struct Index<'a>(HashMap<String, Vec<&'a Credential>>);

impl<'a> Index<'a> {
    fn new(credentials: impl Iterator<Item = &'a Credential>) -> Self {
        let mut index: HashMap<String, Vec<&Credential>> = HashMap::new();
        for credential in credentials {
            for trace in [credential.key.clone(), credential.session_trace(0)].into_iter().flatten() {
                index.entry(trace).or_default().push(credential);
            }
        }
        Self(index)
    }

    /// Those that an activity's calls were made with, told by a key first.
    fn of<'i>(&'i self, activity: &'i Activity) -> impl Iterator<Item = &'a Credential> + 'i {
        let traces = activity.keys.iter().chain([&activity.id]);
        traces.filter_map(|trace| self.0.get(trace)).flatten().copied()
    }
}

impl Activity {
    fn add(&mut self, other: Self) {
        self.first_call = self.first_call.min(other.first_call);
        self.last_call = self.last_call.max(other.last_call);
        self.calls += other.calls;
        self.failed += other.failed;
        self.denied += other.denied;
        let lists = [
            (&mut self.addresses, other.addresses),
            (&mut self.user_agents, other.user_agents),
            (&mut self.keys, other.keys),
        ];
        for (texts, more) in lists {
            texts.extend(more);
            texts.sort_unstable();
            texts.dedup();
        }
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
