//! From a question to a case folder: one question after the other, then one file after the other.

mod artifacts;
mod copy;
mod destination;
mod folder;
mod manifest;
mod sources;
mod verify;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use datafusion::datasource::MemTable;
use serde::Serialize;

use crate::anomalies::{Anomalies, AnomalyQuestion};
use crate::case::{ActivitySummary, Alert, Asked, Case, Evidence, Gaps, TimelineTable, TrailChange};
use crate::containment::PastUser;
use crate::containment::plan::{PlanInput, plan};
use crate::custody::{Custody, SourceObject};
use crate::detection::Severity;
use crate::error::{Kind, Result};
use crate::finding::{Annotations, Finding};
use crate::hash::Sha256;
use crate::identity::Principal;
use crate::incident::Incident;
use crate::intake::Identified;
use crate::lineage::typed;
use crate::profile::{Feature, Past};
use crate::query;
use crate::question::{TimelineQuestion, of_window};
use crate::sessions::SessionTree;
use crate::trail::Trail;
use crate::validation::KeySource;

pub use copy::copy_of_case;
pub use destination::Destination;
pub use manifest::{Artifact, MANIFEST, Manifest, Written};
pub use verify::{Fault, SourcesVerified, Verification, verify};

/// What is to be investigated.
#[derive(Debug, Clone)]
pub struct Investigation {
    question: TimelineQuestion,
    anomalies: AnomalyQuestion,
    clock: DateTime<Utc>,
    alert: Option<Alert>,
    digests: Option<KeySource>,
    options: Vec<(String, String)>,
}

/// A case, what it was made from, and where the time went.
#[derive(Debug, Clone)]
pub struct Investigated {
    /// The case.
    pub case: Case,
    /// Every object that was opened for it, by name.
    pub sources: Vec<SourceObject>,
    /// What took how long, in order.
    pub phases: Vec<Phase>,
}

/// A part of the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// What was done.
    pub name: &'static str,
    /// Milliseconds.
    pub elapsed_ms: u64,
}

impl Investigation {
    /// About the principal of `question` in its window, with all that its credentials led to;
    /// `clock` is what "now" means: which credentials are still valid, which sessions are revoked.
    pub fn new(question: TimelineQuestion, clock: DateTime<Utc>) -> Self {
        let question = question.follow(true);
        let anomalies = AnomalyQuestion::about(question.clone());
        Self { question, anomalies, clock, alert: None, digests: None, options: vec![] }
    }

    /// Raised by an alert.
    pub fn alert(self, incident: &Incident, identified: &Identified) -> Self {
        Self { alert: Some(Alert::of(incident, identified)), ..self }
    }

    /// With what findings are compared with, and by which rules.
    pub fn detection(self, change: impl FnOnce(AnomalyQuestion) -> AnomalyQuestion) -> Self {
        Self { anomalies: change(self.anomalies), ..self }
    }

    /// Also holds the log files of the window against CloudTrail's digests.
    pub fn digests(self, keys: Option<KeySource>) -> Self {
        Self { digests: keys, ..self }
    }

    /// With further options, by their long names, which a case has to tell to be repeated.
    pub fn options(self, options: Vec<(String, String)>) -> Self {
        Self { options, ..self }
    }

    /// What the case will be called: the same for the same question, alert, sources and clock.
    ///
    /// # Errors
    /// If the question cannot be encoded.
    pub fn case_id(&self, trail: &Trail) -> Result<String> {
        let asked = self.asked(trail);
        let question = serde_json::to_vec(&(&asked, &self.alert, self.clock));
        let hash = Sha256::of(&question.map_err(|error| Kind::Encode(error.to_string()))?).to_string();
        Ok(format!("{}-{}", asked.from.format("%Y%m%dT%H%M%SZ"), &hash[..12]))
    }

    fn asked(&self, trail: &Trail) -> Asked {
        let (window, scope) = (self.question.window(), self.question.scope());
        Asked {
            principal: self.question.principal().to_string(),
            from: window.start(),
            to: window.last(),
            lookback: self.question.lookback_length().num_seconds(),
            baseline: self.anomalies.baseline_length().num_seconds(),
            slack: scope.slack().num_seconds(),
            accounts: scope.accounts.clone(),
            regions: scope.regions.clone(),
            sources: trail.locations().map(ToString::to_string).collect(),
            options: self.options.clone(),
        }
    }
}

/// Measures one part of the work after the other.
struct Phases {
    began: Instant,
    done: Vec<Phase>,
}

impl Phases {
    fn end(&mut self, name: &'static str) {
        let elapsed_ms = self.began.elapsed().as_millis() as u64;
        self.done.push(Phase { name, elapsed_ms });
        self.began = Instant::now();
    }
}

impl Trail {
    /// Makes a case: where the principal's sessions came from and what they led to, the timeline of
    /// all of them, what of it is out of character, what to cut, and what cannot be known. Every
    /// object that is opened is hashed on the way.
    ///
    /// # Errors
    /// If nothing could be listed, the sources are empty, a rule cannot be used, or a query fails.
    /// Unreadable objects are no errors: the case's coverage and its limits name them.
    pub async fn investigate(&self, investigation: &Investigation) -> Result<Investigated> {
        let custody = Arc::new(Custody::default());
        let trail = self.clone().with_custody(Arc::clone(&custody));
        let Investigation { question, anomalies, clock, alert, digests, .. } = investigation;
        let (clock, window) = (*clock, question.window());
        let mut phases = Phases { began: Instant::now(), done: vec![] };
        let (lineage, search) = trail.lineage(question).await?;
        phases.end("credentials");
        let timeline = trail.timeline_of(question, &lineage).await?.after(search);
        let schema = timeline.schema();
        let (batches, mut coverage) = timeline.collect().await?;
        phases.end("timeline");
        let table =
            || Ok::<_, crate::Error>(Arc::new(MemTable::try_new(schema.clone(), vec![batches.clone()])?));
        let (found, pasts) = trail.anomalies_of(anomalies, table()?).await?;
        let Anomalies { findings, baseline, coverage: compared, .. } = found;
        compared.past.into_iter().for_each(|past| coverage.compare(past));
        phases.end("findings");
        if let Some(keys) = digests {
            coverage.digests = Some(Box::new(self.verify_digests(question.scope(), keys).await?));
            phases.end("digests");
        }
        let trail_changes = trail.trail_changes(question).await?;
        let tree = SessionTree::of(question.principal(), &lineage, table()?).await?;
        let activity = ActivitySummary::of(table()?, window).await?;
        let gaps = Gaps::of(table()?).await?;
        let marks = Annotations::of(&findings);
        let marked = batches.iter().map(|batch| marks.mark(batch)).collect::<Result<_>>()?;
        let timeline = TimelineTable { schema: Annotations::schema(&schema), batches: marked };
        let users = past_users(question.principal(), &pasts);
        let plan = plan(&PlanInput {
            principal: question.principal(),
            clock,
            timeline: &timeline.batches,
            lineage: &lineage,
            past_users: &users,
            grounds: Some(&grounds(question.principal(), &findings)),
        })?;
        let (coverage, sources) = (coverage.timeless(), custody.objects_read());
        let limits = Evidence {
            window,
            clock,
            activity: &activity,
            tree: &tree,
            baseline: &baseline,
            coverage: &coverage,
            sources: &sources,
            trail_changes: &trail_changes,
            gaps: &gaps,
        }
        .limits();
        phases.end("plan");
        let asked = investigation.asked(self);
        let id = investigation.case_id(self)?;
        let (version, alert) = (env!("CARGO_PKG_VERSION"), alert.clone());
        let case = Case {
            id,
            version,
            clock,
            alert,
            asked,
            activity,
            timeline,
            tree,
            findings,
            baseline,
            plan,
            limits,
            coverage,
        };
        Ok(Investigated { case, sources, phases: phases.done })
    }

    /// What was done to the recording of calls, by anyone.
    async fn trail_changes(&self, question: &TimelineQuestion) -> Result<Vec<TrailChange>> {
        let parameters = of_window(&question.window());
        let answer = self.ask(question.scope().clone(), &query::TRAIL_CHANGES, &parameters, []).await?;
        typed(&answer.collect().await?.0)
    }
}

/// Events that are reason enough to contain a principal: those of its worst findings, then others'.
fn grounds(principal: &Principal, findings: &[Finding]) -> Vec<String> {
    const ENOUGH: usize = 20;
    let principal = principal.to_string();
    let grave = findings.iter().filter(|finding| finding.severity >= Severity::Medium);
    let (own, others): (Vec<&Finding>, Vec<_>) = grave.partition(|finding| finding.principal == principal);
    let mut events: Vec<String> = vec![];
    for event in own.into_iter().chain(others).flat_map(|finding| &finding.eventids) {
        if events.len() < ENOUGH && !events.contains(event) {
            events.push(event.clone());
        }
    }
    events
}

/// Who used the principal before, as far as sessions have names, else from which networks.
fn past_users(principal: &Principal, pasts: &HashMap<String, Past>) -> Vec<PastUser> {
    let actor = match principal {
        Principal::Session { role, .. } => role.to_string(),
        other => other.to_string(),
    };
    let Some(past) = pasts.get(&actor).filter(|past| past.peers == 0) else { return vec![] };
    let [sessions, networks] = [Feature::SessionName, Feature::Network].map(|feature| past.values(feature));
    let users = if sessions.is_empty() { networks } else { sessions };
    users.into_iter().map(|(who, calls)| PastUser { who: who.to_owned(), calls }).collect()
}
