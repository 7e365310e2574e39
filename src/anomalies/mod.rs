//! Which calls are out of character, or known steps of attacks: the question and its answer.

mod past;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::Duration;
use datafusion::catalog::TableProvider;
use datafusion::common::{Column, DFSchema};
use datafusion::datasource::empty::EmptyTable;
use datafusion::logical_expr::{Expr, LogicalPlan, col, lit};
use datafusion::prelude::{DataFrame, SessionContext};
use datafusion::scalar::ScalarValue;
use futures::StreamExt;
use serde::Serialize;

use crate::anomaly::{KINDS, Scene};
use crate::coverage::Coverage;
use crate::detection::Rule;
use crate::detection::builtin;
use crate::detection::screen::{Screen, Screened};
use crate::error::{Error, Kind, Result};
use crate::finding::{Finding, Settings, of_rules, settle};
use crate::key::Scope;
use crate::lineage::Lineage;
use crate::place::Places;
use crate::profile::Past;
use crate::query::{self, Parameters};
use crate::question::{TimelineQuestion, of_principal, of_window};
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
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
