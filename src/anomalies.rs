//! Which calls are out of character, or known steps of attacks: the question and its answer.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, DFSchema};
use datafusion::datasource::empty::EmptyTable;
use datafusion::logical_expr::{Expr, LogicalPlan, col, lit};
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use serde::Serialize;

use crate::anomaly::{KINDS, Scene};
use crate::compared;
use crate::coverage::Coverage;
use crate::detection::Rule;
use crate::detection::builtin;
use crate::detection::events::{Event, Events, Kept};
use crate::detection::screen::{Screen, Screened};
use crate::error::{Error, Kind, Result};
use crate::finding::{Finding, Settings, of_rules, settle};
use crate::key::{DeliveryKey, Scope};
use crate::lineage::{Lineage, typed};
use crate::place::Places;
use crate::profile::{Feature, Past, ProfileRow};
use crate::query::{self, Parameters};
use crate::question::{TimelineQuestion, list, of_principal, of_window};
use crate::schema::table_schema;
use crate::session::session;
use crate::trail::{Answer, Desk, Trail};
use crate::window::Window;

/// The past that actors are compared with.
pub const DEFAULT_BASELINE: Duration = Duration::days(7);

/// The table of calls that `queries/events.sql` looks at.
const RECORDED: &str = "recorded";

/// Which calls of this principal, or of everyone, are out of character or known attack steps?
#[derive(Debug, Clone)]
pub struct AnomalyQuestion {
    asked: Asked,
    /// False where the window is all there is.
    has_past: bool,
    baseline: Duration,
    settings: Settings,
    places: Places,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
enum Asked {
    About(Box<TimelineQuestion>),
    Everyone(Box<Scope>),
}

/// The answer, worst first, and what it rests on.
#[derive(Debug, Clone)]
pub struct Anomalies {
    /// Worst first.
    pub findings: Vec<Finding>,
    /// How many events were looked at.
    pub events: u64,
    /// What actors were compared with.
    pub baseline: BaselineSummary,
    /// What was read; the past's own coverage is inside.
    pub coverage: Coverage,
}

/// What actors were compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BaselineSummary {
    /// Calls of the past.
    pub calls: u64,
    /// What must be known of it, such as that it is thin or missing.
    pub notes: Vec<String>,
}

impl AnomalyQuestion {
    /// About the principal of a timeline question, in its window.
    pub fn about(question: TimelineQuestion) -> Self {
        Self::new(Asked::About(Box::new(question)))
    }

    /// About the principal of a timeline question whenever it called; there is no past then.
    pub fn ever(question: TimelineQuestion) -> Self {
        Self { has_past: false, ..Self::about(question) }
    }

    /// About everyone whose calls lie in the objects of `scope`, in its window.
    pub fn everyone(scope: Scope) -> Self {
        Self::new(Asked::Everyone(Box::new(scope)))
    }

    fn new(asked: Asked) -> Self {
        let settings = Settings::default();
        Self {
            asked,
            has_past: true,
            baseline: DEFAULT_BASELINE,
            settings,
            places: Places::default(),
            rules: vec![],
        }
    }

    /// Compares with a past of this length before the window.
    pub fn baseline(self, baseline: Duration) -> Self {
        Self { baseline, ..self }
    }

    /// How long the past is that callers are compared with.
    pub fn baseline_length(&self) -> Duration {
        self.baseline
    }

    /// With other thresholds.
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// With files that tell where addresses are.
    pub fn places(self, places: Places) -> Self {
        Self { places, ..self }
    }

    /// With more rules, beside those that come with trailq.
    pub fn rules(self, rules: Vec<Rule>) -> Self {
        Self { rules, ..self }
    }

    fn has_past(&self) -> bool {
        self.has_past && self.baseline > Duration::zero()
    }

    /// The past of a window.
    fn before(&self, window: Window) -> Result<Window> {
        let start = window.start().checked_sub_signed(self.baseline).ok_or_else(|| {
            Error::argument("baseline", self.baseline.to_string(), "is too long", "give a length such as 7d")
        })?;
        Window::inclusive(start, window.start() - Duration::seconds(1))
    }

    /// Its rules and those that come with trailq, ready for events.
    async fn screen(&self) -> Result<Screen> {
        let rules: Vec<Rule> = self.rules.iter().cloned().chain(builtin_rules().await?).collect();
        let mut ids = HashSet::new();
        if let Some(rule) = rules.iter().find(|rule| !ids.insert(rule.id.as_str())) {
            let cause = "another one has its id".to_owned();
            return Err(Kind::Rule { rule: rule.id.clone(), cause }.into());
        }
        let anomalies: Vec<&str> = KINDS.iter().map(|kind| kind.id).collect();
        let rules = self.settings.apply(rules, &anomalies)?;
        Ok(Screen::new(rules))
    }

    /// Which objects the question needs, without those of the past to compare with.
    pub fn scope(&self) -> &Scope {
        match &self.asked {
            Asked::About(question) => question.scope(),
            Asked::Everyone(scope) => scope,
        }
    }
}

/// Every rule that comes with trailq.
///
/// # Errors
/// If one cannot be read, which tests rule out.
pub async fn builtin_rules() -> Result<Vec<Rule>> {
    let context = session();
    context.register_table(RECORDED, Arc::new(EmptyTable::new(table_schema())))?;
    let events = context.sql(&query::EVENTS.sql).await?;
    let schema = DFSchema::try_from(events.schema().as_arrow().clone())?;
    Ok(builtin::rules(&context.state(), &schema)?)
}

impl Trail {
    /// Answers which calls are out of character or known attack steps. What rules say is compared
    /// with each actor's past where the sources hold one.
    ///
    /// # Errors
    /// If the settings name what there is not, a rule cannot be used, nothing could be listed, the
    /// sources are empty, or a query fails.
    pub async fn anomalies(&self, question: &AnomalyQuestion) -> Result<Anomalies> {
        let screen = question.screen().await?;
        let (screened, coverage) = self.screen(question, screen).await?;
        Ok(self.judge(question, screened, coverage).await?.0)
    }

    /// The same for a timeline of the question that was read already. Returns the past of each
    /// caller as well.
    pub(crate) async fn anomalies_of(
        &self,
        question: &AnomalyQuestion,
        timeline: Arc<dyn TableProvider>,
    ) -> Result<(Anomalies, HashMap<String, Past>)> {
        let mut screen = question.screen().await?;
        let context = session();
        let timeline = context.read_table(timeline)?;
        let plan = timeline_events(&context, timeline, &screen).await?;
        let mut batches = DataFrame::new(context.state(), plan).execute_stream().await?;
        while let Some(batch) = batches.next().await {
            screen.take(&context.state(), batch?)?;
        }
        let coverage = Coverage { complete: true, ..Coverage::default() };
        self.judge(question, screen.finish(), coverage).await
    }

    /// Compares what was screened with the past.
    async fn judge(
        &self,
        question: &AnomalyQuestion,
        screened: Screened,
        mut coverage: Coverage,
    ) -> Result<(Anomalies, HashMap<String, Past>)> {
        let (pasts, baseline) = self.pasts(question, &screened.events, &mut coverage).await?;
        let regions = self.regions_before(question, &screened.events, &pasts).await?;
        let scene = Scene {
            events: &screened.events,
            pasts: &pasts,
            regions: regions.as_ref(),
            places: &question.places,
            settings: &question.settings,
        };
        let mut drafts = of_rules(&screened, &question.settings, &pasts);
        drafts.extend(scene.anomalies());
        let mut findings: Vec<Finding> = drafts.into_iter().map(|draft| settle(draft, &screened)).collect();
        findings.sort_by(|one, other| {
            (other.severity, other.score, one.first_seen, &one.id, &one.principal).cmp(&(
                one.severity,
                one.score,
                other.first_seen,
                &other.id,
                &other.principal,
            ))
        });
        let events = screened.events.len().into();
        Ok((Anomalies { findings, events, baseline, coverage }, pasts))
    }

    /// Holds the events of the question against the rules, in one pass.
    async fn screen(&self, question: &AnomalyQuestion, mut screen: Screen) -> Result<(Screened, Coverage)> {
        let (desk, mut answer) = match &question.asked {
            Asked::Everyone(scope) => {
                let desk = self.desk(Scope::clone(scope))?;
                let answer = desk.answer(async {
                    let ends = optional_window(scope.window);
                    let recorded = recorded(&desk.context, &query::EVERYTHING, &ends).await?;
                    events(&desk.context, recorded.with_column("is_own", lit(true))?, &screen).await
                });
                let answer = answer.await?;
                (desk, answer)
            }
            Asked::About(timeline) => self.screen_timeline(timeline, &screen).await?,
        };
        let state = desk.context.state();
        while let Some(batch) = answer.next().await {
            screen.take(&state, batch?)?;
        }
        Ok((screen.finish(), answer.coverage()))
    }

    async fn screen_timeline(&self, question: &TimelineQuestion, screen: &Screen) -> Result<(Desk, Answer)> {
        let (lineage, search) = match question.follows() {
            true => self.lineage(question).await.map(|(lineage, search)| (lineage, Some(search)))?,
            false => (Lineage::default(), None),
        };
        let mut parameters = of_principal(question.principal());
        parameters.extend(of_window(&question.window()));
        parameters.extend(lineage.parameters());
        let desk = self.desk(question.scope().clone())?;
        desk.context.register_table("downstream", lineage.downstream_table()?)?;
        let answer = desk.answer(async {
            let timeline = recorded(&desk.context, &query::TIMELINE, &parameters).await?;
            timeline_events(&desk.context, timeline, screen).await
        });
        let answer = answer.await?;
        Ok((
            desk,
            match search {
                Some(search) => answer.after(search),
                None => answer,
            },
        ))
    }

    /// The past of everyone who calls in the window.
    async fn pasts(
        &self,
        question: &AnomalyQuestion,
        events: &Events,
        coverage: &mut Coverage,
    ) -> Result<(HashMap<String, Past>, BaselineSummary)> {
        let mut summary = BaselineSummary::default();
        if events.len() == 0 {
            summary.notes.push("no call of the window is by or on whom was asked about".to_owned());
        }
        let Some(window) = question.scope().window.filter(|_| question.has_past()) else {
            let note = "no past to compare with: give --at, or --from and --to, for a window after it";
            summary.notes.push(note.to_owned());
            return Ok((HashMap::new(), summary));
        };
        let actors: BTreeSet<&str> = own(events).map(|event| event.word(Kept::Actor)).collect();
        if actors.is_empty() {
            return Ok((HashMap::new(), summary));
        }
        let before = question.before(window)?;
        let scope = Scope { window: Some(before), ..question.scope().clone() };
        let mut parameters = of_window(&before);
        parameters.extend(callers(&actors));
        let (rows, read) = self.profile(scope.clone(), &query::BASELINE, &parameters).await?;
        coverage.compare(read);
        let mut by_actor: HashMap<&str, Vec<&ProfileRow>> = HashMap::new();
        for row in &rows {
            by_actor.entry(&row.actor).or_default().push(row);
        }
        let mut pasts: HashMap<String, Past> = HashMap::new();
        for actor in &actors {
            let rows = by_actor.get(actor).into_iter().flatten().copied();
            pasts.insert((*actor).to_owned(), Past::of(rows, window.start(), &question.places));
        }
        summary.calls = pasts.values().map(|past| past.calls).sum();
        let peers = self.peers(question, scope, &pasts, coverage).await?;
        let widened = Widening { question, until: window.start(), own: &by_actor, peers: &peers };
        summary.notes.extend(widened.apply(&mut pasts));
        Ok((pasts, summary))
    }

    /// Accounts and regions that have objects delivered in the past; `None` where nobody asks, or
    /// not everything could be listed, or not all keys tell.
    async fn regions_before(
        &self,
        question: &AnomalyQuestion,
        events: &Events,
        pasts: &HashMap<String, Past>,
    ) -> Result<Option<BTreeSet<(String, String)>>> {
        let enough = question.settings.baseline.enough_calls;
        let is_new = |event: &Event<'_>| {
            let past = pasts.get(event.word(Kept::Actor)).filter(|past| past.calls >= enough);
            past.is_some_and(|past| past.count(Feature::Region, event.word(Kept::Region)) == 0)
        };
        let Some(window) = question.scope().window.filter(|_| own(events).any(|event| is_new(&event))) else {
            return Ok(None);
        };
        // What is delivered later may tell of the window itself.
        let (before, slack) = (question.before(window)?, Duration::zero());
        let scope = Scope { window: Some(before), delivery_slack: Some(slack), ..question.scope().clone() };
        let listing = self.list(&scope).await?;
        let told = listing.objects().map(|object| {
            let key = DeliveryKey::parse(&object.name);
            Some((key.account?.to_owned(), key.region?.to_owned()))
        });
        let told: Option<BTreeSet<_>> = told.collect();
        Ok(told.filter(|told| !told.is_empty() && listing.failures.is_empty()))
    }

    /// For roles that have hardly a past, what the other roles of their accounts did. Who asks about
    /// everyone has those before the eyes anyway.
    async fn peers(
        &self,
        question: &AnomalyQuestion,
        scope: Scope,
        pasts: &HashMap<String, Past>,
        coverage: &mut Coverage,
    ) -> Result<Vec<ProfileRow>> {
        let enough = question.settings.baseline.enough_calls;
        let is_thin = |(actor, past): &(&String, &Past)| past.calls < enough && actor.contains(":role/");
        let thin = || pasts.iter().filter(is_thin).map(|(actor, _)| actor.as_str());
        let Some(window) = scope.window.filter(|_| matches!(question.asked, Asked::About(_))) else {
            return Ok(vec![]);
        };
        let accounts: BTreeSet<&str> = thin().filter_map(|actor| actor.split(':').nth(4)).collect();
        if accounts.is_empty() {
            return Ok(vec![]);
        }
        let mut parameters = of_window(&window);
        parameters.insert("accounts", list(accounts.into_iter().map(ToOwned::to_owned)));
        let (rows, read) = self.profile(scope, &query::PEERS, &parameters).await?;
        coverage.compare(read);
        Ok(rows)
    }

    async fn profile(
        &self,
        scope: Scope,
        of: &query::NamedQuery,
        parameters: &Parameters,
    ) -> Result<(Vec<ProfileRow>, Coverage)> {
        let desk = self.desk(scope)?;
        let answer = desk.answer(async {
            let recorded = recorded(&desk.context, of, parameters).await?;
            desk.context.register_table(RECORDED, recorded.into_view())?;
            let events = desk.context.sql(&query::EVENTS.sql).await?;
            desk.context.register_table("events", events.into_view())?;
            Ok(query::PROFILE.plan(&desk.context, &Parameters::new()).await?)
        });
        let (batches, coverage) = answer.await?.collect().await?;
        Ok((typed(&batches)?, coverage))
    }
}

/// Calls that actors made themselves.
fn own(events: &Events) -> impl Iterator<Item = Event<'_>> {
    events.iter().filter(|event| event.is(Kept::IsOwn) && event.is_direct())
}

/// What widens pasts that are too thin to say what is usual.
struct Widening<'a> {
    question: &'a AnomalyQuestion,
    until: DateTime<Utc>,
    /// The past of each actor.
    own: &'a HashMap<&'a str, Vec<&'a ProfileRow>>,
    /// That of the roles of their accounts.
    peers: &'a [ProfileRow],
}

/// Actors with a thin past that are named; more are counted.
const NAMED: usize = 3;

impl Widening<'_> {
    /// Widens thin pasts by those of the other roles of the account, where there are any. Returns
    /// what has to be known of it.
    fn apply(&self, pasts: &mut HashMap<String, Past>) -> Vec<String> {
        let all = pasts.len();
        let enough = self.question.settings.baseline.enough_calls;
        let length = compared::length(self.question.baseline);
        let mut thin: Vec<_> = pasts.iter_mut().filter(|(_, past)| past.calls < enough).collect();
        thin.sort_by_key(|(actor, _)| actor.as_str());
        if thin.len() > NAMED {
            let few = format!("{} of {all} callers have fewer than {enough} calls", thin.len());
            return vec![format!("{few} in the {length} before: too few to say what is usual")];
        }
        let notes = thin.into_iter().map(|(actor, past)| {
            let told = format!("the {length} before hold {} calls of {actor}", past.calls);
            match self.widened(actor).filter(|widened| widened.calls >= enough) {
                Some(widened) => {
                    let (calls, roles) = (widened.calls - past.calls, widened.peers);
                    *past = widened;
                    format!(
                        "{told}: compared with {calls} calls of {roles} other roles of its account as well"
                    )
                }
                None => format!("{told}: too few to say what is usual"),
            }
        });
        notes.collect()
    }

    fn widened(&self, actor: &str) -> Option<Past> {
        let account = actor.split(':').nth(4)?;
        let is_peer = |row: &&ProfileRow| row.actor != actor && row.actor.split(':').nth(4) == Some(account);
        let others: Vec<&ProfileRow> = self.peers.iter().filter(is_peer).collect();
        let roles: BTreeSet<&str> = others.iter().map(|row| row.actor.as_str()).collect();
        let own = self.own.get(actor).into_iter().flatten().copied();
        let mut past = Past::of(own.chain(others), self.until, &self.question.places);
        past.peers = roles.len();
        Some(past).filter(|past| past.peers > 0)
    }
}

/// The calls that `events.sql` looks at.
async fn recorded(
    context: &SessionContext,
    query: &query::NamedQuery,
    parameters: &Parameters,
) -> Result<DataFrame> {
    Ok(DataFrame::new(context.state(), query.plan(context, parameters).await?))
}

/// The same for the calls of a timeline.
async fn timeline_events(
    context: &SessionContext,
    timeline: DataFrame,
    screen: &Screen,
) -> Result<LogicalPlan> {
    screened_columns(events_of(context, timeline).await?, screen)
}

/// `events.sql` over the calls of a timeline.
pub(crate) async fn events_of(context: &SessionContext, timeline: DataFrame) -> Result<DataFrame> {
    let is_own = col("relation").not_like(lit("on_%"));
    let recorded = timeline.with_column("is_own", is_own)?.drop_columns(&["session"])?;
    context.register_table(RECORDED, recorded.into_view())?;
    Ok(context.sql(&query::EVENTS.sql).await?)
}

/// The plan of `events.sql` over some calls, with the columns that a screen looks at.
async fn events(context: &SessionContext, recorded: DataFrame, screen: &Screen) -> Result<LogicalPlan> {
    context.register_table(RECORDED, recorded.into_view())?;
    screened_columns(context.sql(&query::EVENTS.sql).await?, screen)
}

fn screened_columns(events: DataFrame, screen: &Screen) -> Result<LogicalPlan> {
    let columns: Vec<Expr> =
        screen.columns().into_iter().map(|name| Expr::Column(Column::from_name(name))).collect();
    Ok(events.select(columns)?.into_optimized_plan()?)
}

/// The ends of a window, or none.
fn optional_window(window: Option<Window>) -> Parameters {
    let none = ScalarValue::TimestampMillisecond(None, Some("UTC".into()));
    match window {
        Some(window) => of_window(&window),
        None => [("window_start", none.clone()), ("window_end", none)].into(),
    }
}

/// Actors as the queries take them.
fn callers(actors: &BTreeSet<&str>) -> Parameters {
    let (roles, others): (Vec<&str>, Vec<&str>) =
        actors.iter().partition(|actor| actor.starts_with("arn:") && actor.contains(":role/"));
    let owned = |names: Vec<&str>| list(names.into_iter().map(ToOwned::to_owned));
    [("roles", owned(roles)), ("callers", owned(others))].into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use arrow::array::AsArray;

    use super::*;
    use crate::detection::events::Kept;

    /// One pass over all rules finds what each rule's query finds by itself.
    #[tokio::test]
    async fn the_screen_finds_what_the_queries_find() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let logs = ["testdata/trail", "../shared/cases/logs/invictus"].map(|logs| root.join(logs));
        let mut found_any = 0;
        for logs in logs.iter().filter(|logs| logs.exists()) {
            let trail = Trail::open(&[logs.to_str().unwrap()]).await.unwrap();
            let question = AnomalyQuestion::everyone(Scope::default());
            let rules = builtin_rules().await.unwrap();
            let (screened, _) = trail.screen(&question, Screen::new(rules)).await.unwrap();
            let desk = trail.desk(Scope::default()).unwrap();
            let all = recorded(&desk.context, &query::EVERYTHING, &optional_window(None)).await.unwrap();
            desk.context.register_table(RECORDED, all.into_view()).unwrap();
            let events = desk.context.sql(&query::EVENTS.sql).await.unwrap().into_view();
            desk.context.register_table("events", events).unwrap();
            for (number, rule) in screened.rules.iter().enumerate().filter(|(_, rule)| !rule.silent) {
                let file = walkdir::WalkDir::new(root.join("queries/detections")).into_iter().flatten();
                let name = format!("{}.sql", rule.id);
                let file = file.into_iter().find(|file| file.file_name().to_str() == Some(&name)).unwrap();
                let text = std::fs::read_to_string(file.path()).unwrap();
                let crate::detection::Logic::Event(_) = rule.logic else { continue };
                let batches = desk.context.sql(&text).await.unwrap().collect().await.unwrap();
                let ids = batches.iter().flat_map(|batch| {
                    batch.column_by_name("eventid").unwrap().as_string::<i32>().iter().flatten()
                });
                let wanted: BTreeSet<&str> = ids.collect();
                let hits =
                    screened.hits[number].iter().map(|hit| screened.events.get(*hit).word(Kept::EventId));
                let found: BTreeSet<&str> = hits.collect();
                assert_eq!(found, wanted, "{}", rule.id);
                found_any += wanted.len();
            }
        }
        assert!(found_any > 20, "{found_any}");
    }
}
