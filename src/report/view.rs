//! All that the templates show of a case, cut to what a reader and a browser bear. Texts are still
//! as logged; templates escape them.

use minijinja::value::Value;
use serde::Serialize;

use super::chart::{chart, chart_lines};
use super::coverage::{CoverageView, coverage};
use super::findings::{FindingView, findings};
use super::repeat::{Repeat, repeat};
use super::story::{Section, Verdict, story, verdict};
use super::subject::Subject;
use super::timeline::{RowView, rows};
use super::words::{capital, count, moment, stamp};
use crate::case::{Case, Counted, Limitation};
use crate::compared::number;
use crate::containment::{ReachedCredential, Step};
use crate::error::Result;
use crate::output::text::shortened;
use crate::output::{TreeFormat, excerpt, svg};

/// Rows of a table other than the timeline.
const SHOWN: usize = 50;
/// Steps of the plan: a checklist is shown whole, unless it is beyond reason.
const STEPS_SHOWN: usize = 500;
/// Rows that are printed whole.
const LONG: usize = 300;
/// Characters of a cell.
const LONGEST: usize = 300;
/// Sessions of the tree as text.
const SESSIONS_SHOWN: usize = 100;

/// Everything that a report shows.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whom it is about, in a few words; `heading` begins with a capital letter.
    title: String,
    heading: String,
    case_id: String,
    version: &'static str,
    clock: String,
    window: String,
    verdict: Verdict,
    story: Vec<Section>,
    figures: Vec<Figure>,
    /// SVG.
    chart: Value,
    /// The same in lines; empty without bins.
    chart_lines: String,
    /// SVG.
    tree: Value,
    /// The same in lines.
    tree_lines: Vec<String>,
    has_sessions: bool,
    has_events: bool,
    has_alert: bool,
    findings: Listed<FindingView>,
    /// How many of these are mild.
    mild: usize,
    timeline: Listed<RowView>,
    sources: Vec<Source>,
    steps: Listed<StepView>,
    credentials: Listed<CredentialView>,
    notes: Vec<String>,
    coverage: CoverageView,
    limits: Vec<Limitation>,
    repeat: Repeat,
}

/// The first few of a list, and how many more there are.
#[derive(Debug, Clone, Serialize)]
pub struct Listed<T> {
    rows: Vec<T>,
    all: String,
    more: usize,
    shown: String,
    /// More than anybody wants on paper.
    is_long: bool,
}

impl<T> Listed<T> {
    /// The first `most` of `all`.
    pub fn of<S>(from: impl Iterator<Item = S>, all: usize, most: usize, view: impl Fn(S) -> T) -> Self {
        let rows: Vec<T> = from.take(most).map(view).collect();
        let more = all.saturating_sub(rows.len());
        let shown = number(rows.len() as u64);
        let is_long = rows.len() > LONG;
        Self { rows, is_long, all: number(all as u64), more, shown }
    }
}

/// A number that sums up.
#[derive(Debug, Clone, Serialize)]
struct Figure {
    value: String,
    label: &'static str,
}

/// What calls are counted by.
#[derive(Debug, Clone, Serialize)]
struct Source {
    title: &'static str,
    column: &'static str,
    list: Listed<CountedView>,
}

#[derive(Debug, Clone, Serialize)]
struct CountedView {
    text: String,
    events: String,
    denied: String,
    first: String,
    last: String,
}

#[derive(Debug, Clone, Serialize)]
struct StepView {
    number: u32,
    title: String,
    place: String,
    target: String,
    reason: String,
    evidence: Listed<String>,
    cli: String,
    undo: Option<String>,
    breaks: Vec<String>,
    needs: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct CredentialView {
    name: String,
    holder: String,
    account: String,
    issued: String,
    ends: String,
    is_valid: bool,
    cut_by: Vec<u32>,
}

impl Report {
    /// What is shown of a case, with at most this many rows of its timeline.
    ///
    /// # Errors
    /// If its timeline is not one.
    pub fn of(case: &Case, most_rows: usize) -> Result<Self> {
        let (asked, plan) = (&case.asked, &case.plan);
        let findings = findings(&case.findings);
        let title = Subject::of(&asked.principal).titled();
        Ok(Self {
            heading: capital(&title),
            title,
            case_id: case.id.clone(),
            version: case.version,
            clock: moment(case.clock),
            window: format!("{} to {} UTC", stamp(asked.from), stamp(asked.to)),
            verdict: verdict(case),
            story: story(case),
            figures: figures(case),
            chart: Value::from_safe_string(chart(case)),
            chart_lines: chart_lines(case),
            tree: Value::from_safe_string(svg(&case.tree, case.clock)),
            tree_lines: tree_lines(case)?,
            has_sessions: !case.tree.sessions.is_empty(),
            has_events: case.activity.events > 0,
            has_alert: case.alert.as_ref().is_some_and(|alert| alert.first_seen.is_some()),
            mild: findings.rows.iter().filter(|finding| finding.is_mild).count(),
            findings,
            timeline: rows(case, most_rows)?,
            sources: sources(case),
            steps: Listed::of(plan.steps.iter(), plan.steps.len(), STEPS_SHOWN, step),
            credentials: Listed::of(plan.credentials.iter(), plan.credentials.len(), STEPS_SHOWN, credential),
            notes: plan.notes.clone(),
            coverage: coverage(&case.coverage),
            limits: case.limits.clone(),
            repeat: repeat(case),
        })
    }
}

fn figures(case: &Case) -> Vec<Figure> {
    let activity = &case.activity;
    let open = case.plan.credentials.iter().filter(|credential| credential.is_valid).count() as u64;
    let figures = [
        (activity.events, "calls to AWS"),
        (activity.denied, "refused"),
        (activity.changes, "changes made"),
        (case.findings.len() as u64, "findings"),
        (open, "credentials still open"),
        (case.plan.steps.len() as u64, "steps to take"),
    ];
    figures.into_iter().map(|(value, label)| Figure { value: number(value), label }).collect()
}

fn tree_lines(case: &Case) -> Result<Vec<String>> {
    let (tree, left_out) = excerpt(&case.tree, SESSIONS_SHOWN);
    let text = TreeFormat::Tree.write(&tree, case.clock)?;
    let more =
        (left_out > 0).then(|| format!("and {}", count(left_out as u64, "more session", "more sessions")));
    Ok(text.lines().map(ToOwned::to_owned).chain(more).collect())
}

fn sources(case: &Case) -> Vec<Source> {
    let activity = &case.activity;
    let lists = [
        ("Source addresses", "Address or service", &activity.addresses),
        ("Programs (user agents)", "As the caller names itself", &activity.user_agents),
        ("Calls", "Service and call", &activity.calls),
        ("Accounts", "Account", &activity.accounts),
        ("Regions", "Region", &activity.regions),
    ];
    let lists = lists.into_iter().filter(|(_, _, list)| !list.is_empty());
    lists
        .map(|(title, column, list)| Source {
            title,
            column,
            list: Listed::of(list.iter(), list.len(), SHOWN, counted),
        })
        .collect()
}

fn counted(counted: &Counted) -> CountedView {
    CountedView {
        text: shortened(&counted.text, LONGEST).into_owned(),
        events: number(counted.events),
        denied: number(counted.denied),
        first: stamp(counted.first),
        last: stamp(counted.last),
    }
}

fn step(step: &Step) -> StepView {
    let account = step.account.as_ref().map(|account| format!("account {account}"));
    let place: Vec<String> = account.into_iter().chain(step.region.clone()).collect();
    StepView {
        number: step.number,
        title: step.title.clone(),
        place: place.join(", "),
        target: step.target.clone(),
        reason: step.reason.clone(),
        evidence: Listed::of(step.evidence.iter(), step.evidence.len(), SHOWN, String::clone),
        cli: step.call.cli.clone(),
        undo: step.undo.as_ref().map(|undo| undo.cli.clone()),
        breaks: step.breaks.clone(),
        needs: step.needs.clone(),
    }
}

fn credential(credential: &ReachedCredential) -> CredentialView {
    let ends = match credential.expires {
        Some(end) => stamp(end),
        None => "not by itself, as far as known".to_owned(),
    };
    CredentialView {
        name: credential.access_key.clone().unwrap_or_else(|| "console password".to_owned()),
        holder: shortened(&credential.holder, LONGEST).into_owned(),
        account: credential.account.clone().unwrap_or_default(),
        issued: format!("{}, {}", stamp(credential.issued_at), credential.issued_by),
        ends,
        is_valid: credential.is_valid,
        cut_by: credential.cut_by.clone(),
    }
}
