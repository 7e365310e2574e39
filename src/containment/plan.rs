//! The plan as a whole.

use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};

use super::draft::Draft;
use super::event::events;
use super::ledger::Ledger;
use super::principal::Subject;
use super::{CONTAINMENT_VERSION, ContainmentPlan, Step, StepKind, credentials};
use crate::coverage::Coverage;
use crate::error::Result;
use crate::identity::Principal;
use crate::lineage::Lineage;
use crate::question::TimelineQuestion;
use crate::trail::Trail;
use crate::window::rfc3339;

/// Who used the principal in the past: what denying it takes rights from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastUser {
    /// A session's name, a service or a network, as logged.
    pub who: String,
    /// Its calls.
    pub calls: u64,
}

/// What a plan is made of.
pub(crate) struct PlanInput<'a> {
    /// Whom it is about.
    pub principal: &'a Principal,
    /// What "now" means.
    pub clock: DateTime<Utc>,
    /// Batches of [`Trail::timeline`](crate::Trail::timeline), credentials followed.
    pub timeline: &'a [RecordBatch],
    /// The credentials that were followed.
    pub lineage: &'a Lineage,
    /// The busiest first; empty if no past was looked at.
    pub past_users: &'a [PastUser],
    /// `eventID`s that say why the principal is to be contained, the worst first; empty if nothing
    /// grave was found, `None` if nothing was looked for.
    pub grounds: Option<&'a [String]>,
}

/// What to cut, in order. The same input gives the same plan.
///
/// # Errors
/// If the batches are not those of a timeline.
pub(crate) fn plan(input: &PlanInput<'_>) -> Result<ContainmentPlan> {
    let mut ledger = Ledger::default();
    ledger.read(&events(input.timeline)?);
    Subject::of(input).contain(input, &mut ledger);
    let reached = credentials::reached(input.lineage);
    credentials::contain(&reached, input.clock, &mut ledger);
    let valid: Vec<bool> =
        reached.iter().map(|credential| credential.is_valid(input.clock, &ledger)).collect();
    let (drafts, found) = ledger.into_drafts();
    let credentials = reached.iter().zip(&valid).map(|(credential, valid)| credential.told(*valid, &drafts));
    let credentials = credentials.collect();
    let mut steps = numbered(drafts);
    // What rests on the question itself rests on what was found.
    for step in steps.iter_mut().filter(|step| step.evidence.is_empty()) {
        step.evidence = input.grounds.unwrap_or_default().to_vec();
    }
    let doubts = doubts(input);
    for step in steps.iter_mut().filter(|step| step.kind != StepKind::RestoreLogging) {
        step.needs.splice(..0, doubts.iter().cloned());
    }
    let mut notes = notes(input, &steps);
    notes.extend(found);
    Ok(ContainmentPlan {
        version: CONTAINMENT_VERSION,
        principal: input.principal.to_string(),
        as_of: input.clock,
        steps,
        credentials,
        notes,
    })
}

impl Trail {
    /// What to cut after what the principal of a question did, where `clock` is "now", and what the
    /// plan rests on. Credentials are followed, whether the question says so or not.
    ///
    /// # Errors
    /// If nothing could be listed, the sources are empty, or a query fails.
    pub async fn containment(
        &self,
        question: &TimelineQuestion,
        clock: DateTime<Utc>,
        past_users: &[PastUser],
    ) -> Result<(ContainmentPlan, Coverage)> {
        let (lineage, search) = self.lineage(question).await?;
        let (timeline, coverage) =
            self.timeline_of(question, &lineage).await?.after(search).collect().await?;
        let principal = question.principal();
        let input =
            PlanInput { principal, clock, timeline: &timeline, lineage: &lineage, past_users, grounds: None };
        Ok((plan(&input)?, coverage))
    }
}

fn numbered(drafts: Vec<Draft>) -> Vec<Step> {
    (1..).zip(drafts).map(|(number, draft)| draft.finish(number)).collect()
}

/// Why a person has to decide first whether anything is cut at all: a plan that rests on an alert
/// alone would take rights from whoever the alert names.
fn doubts(input: &PlanInput<'_>) -> Vec<String> {
    // <https://docs.aws.amazon.com/guardduty/latest/ug/sample_findings.html>: their names begin so.
    const SAMPLE: &str = "GeneratedFinding";
    let principal = input.principal.to_string();
    let is_sample = principal.contains(SAMPLE).then(|| {
        format!("{principal} is named as in GuardDuty's sample findings: decide whether it exists at all.")
    });
    let is_unfounded = input
        .grounds
        .is_some_and(<[String]>::is_empty)
        .then(|| format!("Nothing grave was found: decide whether {principal} is to be contained at all."));
    is_sample.into_iter().chain(is_unfounded).collect()
}

/// What holds for all steps.
fn notes(input: &PlanInput<'_>, steps: &[Step]) -> Vec<String> {
    let mut notes = vec![];
    if steps.iter().any(|step| step.kind == StepKind::RevokeSessions) {
        notes.push(format!(
            "Sessions issued after {} are not revoked: make the plan again if it is applied later.",
            rfc3339(input.clock)
        ));
    }
    let mut accounts: Vec<&str> = steps.iter().filter_map(|step| step.account.as_deref()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.len() > 1 {
        notes.push(format!("Each step needs rights in its own account: {}.", accounts.join(", ")));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a person has to decide before the first step against a user.
    fn needs(name: &str, grounds: Option<&[String]>) -> Vec<String> {
        let principal = Principal::user(&format!("arn:aws:iam::111122223333:user/{name}")).unwrap();
        let (clock, lineage) = (DateTime::UNIX_EPOCH, Lineage::default());
        let input = PlanInput {
            principal: &principal,
            clock,
            timeline: &[],
            lineage: &lineage,
            past_users: &[],
            grounds,
        };
        plan(&input).unwrap().steps.remove(0).needs
    }

    #[test]
    fn nothing_is_cut_for_nothing() {
        let grave = ["event-1".to_owned()];
        assert_eq!(needs("ops", Some(&grave)), [""; 0]);
        assert_eq!(needs("ops", None), [""; 0]);
        let unfounded = needs("ops", Some(&[]));
        assert_eq!(unfounded.len(), 1);
        assert!(unfounded[0].starts_with("Nothing grave was found: decide whether"), "{unfounded:?}");
        let sample = needs("GeneratedFindingUserName", Some(&grave));
        assert_eq!(sample.len(), 1);
        assert!(sample[0].contains("sample findings"), "{sample:?}");
    }
}
