//! A step while the calls are still being read.

use std::collections::BTreeSet;

use super::event::Event;
use super::request::Request;
use super::thing::Thing;
use super::{Step, StepKind};
use crate::compared::number;

/// When a step's turn comes: the order of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// First that what follows is recorded.
    Logging,
    /// Then the principal itself,
    Principal,
    /// and the sessions that it already has.
    Sessions,
    /// Where it went.
    Downstream,
    /// What it can come back with.
    Keys,
    /// Who else may come in.
    Trust,
    /// What was allowed, and to whom.
    Rights,
    /// What runs without anybody.
    Functions,
    /// What runs and holds evidence.
    Instances,
}

/// A step that may yet be merged with another, or be undone by a later call.
#[derive(Debug, Clone)]
pub struct Draft {
    /// When its turn comes.
    pub stage: Stage,
    /// What it does.
    pub kind: StepKind,
    /// What it is about: one step for one thing.
    pub thing: Thing,
    title: String,
    target: String,
    account: Option<String>,
    region: Option<String>,
    why: String,
    /// Who called what: the first call and the last.
    told: Vec<String>,
    calls: u64,
    evidence: Vec<String>,
    call: Request,
    undo: Option<Request>,
    breaks: Vec<String>,
    needs: Vec<String>,
    /// Who else made it necessary, if it was not the principal.
    others: BTreeSet<String>,
}

impl Draft {
    /// A step that a call makes necessary.
    pub fn of(event: &Event, stage: Stage, kind: StepKind, thing: Thing, call: Request) -> Self {
        Self::new(stage, kind, thing, call).for_event(event)
    }

    /// A step that rests on something else.
    pub fn new(stage: Stage, kind: StepKind, thing: Thing, call: Request) -> Self {
        Self {
            stage,
            kind,
            thing,
            title: String::new(),
            target: String::new(),
            account: None,
            region: None,
            why: String::new(),
            told: vec![],
            calls: 0,
            evidence: vec![],
            call,
            undo: None,
            breaks: vec![],
            needs: vec![],
            others: BTreeSet::new(),
        }
    }

    /// The same at another turn.
    pub fn stage(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }

    /// What it does in a few words, and to what.
    pub fn title(self, what: &str, target: &str) -> Self {
        let target = target.to_owned();
        Self { title: format!("{what} {target}"), target, ..self }
    }

    /// An ARN for what is cut.
    pub fn target(self, arn: Option<&str>) -> Self {
        let target = arn.map_or(self.target, ToOwned::to_owned);
        Self { target, ..self }
    }

    /// The account in which it has to be done.
    pub fn account(self, account: Option<&str>) -> Self {
        Self { account: account.map(ToOwned::to_owned), ..self }
    }

    /// Why, as a sentence.
    pub fn why(self, why: impl Into<String>) -> Self {
        Self { why: why.into(), ..self }
    }

    /// Who called what, and the event that it rests on, where that is no event of the timeline.
    pub fn issued(self, told: String, id: Option<&str>) -> Self {
        Self { told: vec![told], calls: 1, evidence: id.map(ToOwned::to_owned).into_iter().collect(), ..self }
    }

    /// The call that makes it necessary, and where that was made.
    pub fn for_event(self, event: &Event) -> Self {
        let (account, region) = (event.account.clone(), event.region.clone());
        Self { account, region, ..self.issued(event.told(), event.id.as_deref()) }
    }

    /// How to take it back.
    pub fn undo(self, undo: Request) -> Self {
        Self { undo: Some(undo), ..self }
    }

    /// The same, if it is known.
    pub fn undo_if(self, undo: Option<Request>) -> Self {
        Self { undo, ..self }
    }

    /// What stops working, or may.
    pub fn breaks(mut self, what: impl Into<String>) -> Self {
        self.breaks.push(what.into());
        self
    }

    /// What a person has to know, decide or fill in first.
    pub fn needs(mut self, what: impl Into<String>) -> Self {
        self.needs.push(what.into());
        self
    }

    /// It takes back what somebody else did to what was asked about.
    pub fn by_another(mut self, who: &str) -> Self {
        self.others.insert(who.to_owned());
        self.why("It was done to what was asked about, and not by it.")
    }

    /// Who made it necessary, where that was not the principal.
    pub fn others(&self) -> &BTreeSet<String> {
        &self.others
    }

    /// Somebody else's call about the same thing has to be looked at first.
    pub fn touched(&mut self, by: &str) {
        if !self.needs.iter().any(|known| known == by) {
            self.needs.push(by.to_owned());
        }
    }

    /// Adds a later step about the same thing. What undoes it stays the first one's: it leads back
    /// to what was before; how to take it back is the later one's.
    pub fn merge(&mut self, later: Self) {
        let is_known = |id: &String| self.evidence.contains(id);
        if !later.evidence.is_empty() && later.evidence.iter().all(is_known) {
            return;
        }
        self.told.extend(later.told);
        if self.told.len() > 2 {
            self.told.drain(1..self.told.len() - 1);
        }
        self.calls += later.calls;
        for id in later.evidence {
            if !self.evidence.contains(&id) {
                self.evidence.push(id);
            }
        }
        self.others.extend(later.others);
        self.undo = later.undo.or(self.undo.take());
    }

    /// The step with its number.
    pub fn finish(mut self, number: u32) -> Step {
        let region = self.region.take().filter(|_| !self.call.is_global());
        if region.is_none() && !self.call.is_global() {
            self.needs.push("Say in which region: the record does not tell.".to_owned());
        }
        self.needs.extend(
            self.others
                .iter()
                .map(|who| format!("It was done by {who}, who may have had reason to: ask, and decide.")),
        );
        Step {
            number,
            kind: self.kind,
            reason: self.reason(),
            title: self.title,
            account: self.account,
            target: self.target,
            evidence: self.evidence,
            call: self.call.in_region(region.as_deref()),
            undo: self.undo.map(|undo| undo.in_region(region.as_deref())),
            breaks: self.breaks,
            needs: self.needs,
            region,
        }
    }

    fn reason(&self) -> String {
        let told = match (self.told.first(), self.told.last()) {
            (Some(first), Some(last)) if self.calls > 1 => {
                format!("{first}; of {} such calls the last: {last}.", number(self.calls))
            }
            (Some(first), _) => format!("{first}."),
            (None, _) => String::new(),
        };
        [self.why.as_str(), &told].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}
