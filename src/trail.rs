//! The library's front door: open sources, ask, get batches and coverage.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::SessionContext;
use futures::StreamExt;

use crate::coverage::{Coverage, Progress, Recorder};
use crate::custody::Custody;
use crate::decode::Limits;
use crate::error::Result;
use crate::key::Scope;
use crate::query::{NamedQuery, Parameters};
use crate::session::session;
use crate::source::{Listing, Location, Sources, StoreOptions};
use crate::table::CloudTrailTable;
use crate::validation::{DigestReport, KeySource, validate};

/// The table's name in SQL.
const TABLE: &str = "cloudtrail";

/// Opened CloudTrail logs.
#[derive(Debug, Clone)]
pub struct Trail {
    sources: Sources,
    limits: Limits,
    custody: Option<Arc<Custody>>,
}

impl Trail {
    /// Opens the logs at `sources`: folders, files, globs, or `s3://bucket/prefix` at, above or
    /// inside `AWSLogs/`.
    ///
    /// # Errors
    /// If there is no source, or one cannot be understood or opened.
    pub async fn open<S: AsRef<str>>(sources: &[S]) -> Result<Self> {
        Self::open_with(sources, &StoreOptions::default()).await
    }

    /// As [`open`](Self::open), with a say in how stores are reached.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with<S: AsRef<str>>(sources: &[S], options: &StoreOptions) -> Result<Self> {
        Ok(Self { sources: Sources::open(sources, options).await?, limits: Limits::default(), custody: None })
    }

    /// The same logs, with other bounds on what one object may cost.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same logs, with every object that is opened taken down in `custody`, with its hashes.
    pub fn with_custody(self, custody: Arc<Custody>) -> Self {
        Self { custody: Some(custody), ..self }
    }

    /// The places that are read.
    pub fn locations(&self) -> impl Iterator<Item = &Location> {
        self.sources.locations()
    }

    /// Lists what a question of this scope would read, and reads nothing.
    ///
    /// # Errors
    /// If nothing at all could be listed, or the sources are empty.
    pub async fn list(&self, scope: &Scope) -> Result<Listing> {
        self.sources.list(scope).await
    }

    /// Validates the log files of this scope with the digest files that CloudTrail delivered beside
    /// them, whose signatures are checked with `keys`. Reads every log file.
    ///
    /// # Errors
    /// If nothing at all could be listed, or the sources are empty. Whatever is wrong with a file is
    /// part of the report.
    pub async fn verify_digests(&self, scope: &Scope, keys: &KeySource) -> Result<DigestReport> {
        validate(&self.sources, &self.limits, scope, keys).await
    }

    /// Plans a named query over the objects of `scope` and over `tables`, with values for its
    /// parameters.
    pub(crate) async fn ask(
        &self,
        scope: Scope,
        query: &NamedQuery,
        values: &Parameters,
        tables: impl IntoIterator<Item = (&str, Arc<dyn TableProvider>)>,
    ) -> Result<Answer> {
        let desk = self.desk(scope)?;
        for (name, table) in tables {
            desk.context.register_table(name, table)?;
        }
        desk.answer(async { Ok(query.plan(&desk.context, values).await?) }).await
    }

    /// The sources, and the bounds on reading them.
    pub(crate) fn parts(&self) -> (&Sources, &Limits) {
        (&self.sources, &self.limits)
    }

    /// A session whose table `cloudtrail` holds the objects of `scope`.
    pub(crate) fn desk(&self, scope: Scope) -> Result<Desk> {
        let table = CloudTrailTable::new(self.sources.clone(), scope, self.limits.clone());
        let table = Arc::new(table.with_custody(self.custody.clone()));
        let context = session();
        context.register_table(TABLE, Arc::<CloudTrailTable>::clone(&table))?;
        Ok(Desk { context, table })
    }
}

/// Where one question is planned and answered.
pub(crate) struct Desk {
    /// Its session.
    pub context: SessionContext,
    table: Arc<CloudTrailTable>,
}

impl Desk {
    /// The answer of a plan made in this session.
    pub async fn answer(&self, plan: impl Future<Output = Result<LogicalPlan>>) -> Result<Answer> {
        // Listing waits for disks or a network; meanwhile the query is planned as far as it can be.
        let (recorder, plan) = tokio::try_join!(self.table.recorder(), plan)?;
        let state = self.context.state();
        let plan = state.query_planner().create_physical_plan(&plan, &state).await?;
        let batches = execute_stream(plan, self.context.task_ctx())?;
        Ok(Answer { batches, recorder, before: None })
    }
}

/// An answer on its way: batches, and once they are through, what they rest on.
pub struct Answer {
    batches: SendableRecordBatchStream,
    recorder: Arc<Recorder>,
    /// Of the search for credentials that came before.
    before: Option<Coverage>,
}

impl Answer {
    /// This answer, which rests on a search for credentials as well.
    pub(crate) fn after(self, search: Coverage) -> Self {
        Self { before: Some(search), ..self }
    }

    /// Schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }

    /// A handle that tells how far the work is, from any thread.
    pub fn progress(&self) -> impl Fn() -> Progress + Send + Sync + 'static {
        let recorder = Arc::clone(&self.recorder);
        move || recorder.so_far()
    }

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// If the query fails. Unreadable objects are no errors: see [`coverage`](Self::coverage).
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        Some(self.batches.next().await?.map_err(Into::into))
    }

    /// What was read, left out and rejected; final after the last batch.
    pub fn coverage(&self) -> Coverage {
        let coverage = self.recorder.coverage();
        match self.before.clone() {
            Some(search) => coverage.after(search),
            None => coverage,
        }
    }

    /// All batches, and what they rest on.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn collect(mut self) -> Result<(Vec<RecordBatch>, Coverage)> {
        let mut batches = vec![];
        while let Some(batch) = self.next().await {
            batches.push(batch?);
        }
        Ok((batches, self.coverage()))
    }
}
