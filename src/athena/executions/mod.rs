//! Queries from the request to their end: started, queued, run, stopped.
//!
//! A query belongs to nobody's connection: whoever asked may leave. Its state is in the
//! [`Store`]; here is only what lives with the process: the places to run in, and how to stop it.

mod catalog;
mod run;
mod verdict;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::Utc;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::error::{ApiError, ApiResult, ErrorKind};
use super::ids::new_id;
use super::protocol::{
    EngineVersion, QueryExecution, QueryExecutionContext, ResultConfiguration, State, Statistics, Status,
};
use super::results::{Output, Outputs};
use super::store::{Begun, Finish, Request, Store};
use crate::source::Location;
use crate::sql::Engine;

/// Why a user's stop ends a query, in Athena's words.
const BY_USER: &str = "Query cancelled by user";
/// Why the server's own end does.
const BY_SHUTDOWN: &str = "The server was stopped";

/// How much may go on at a time, and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Queries that run.
    pub running: usize,
    /// Queries that wait for their turn.
    pub queued: usize,
    /// How long a query may run.
    pub timeout: Duration,
}

/// How much goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Queries that run.
    pub running: usize,
    /// Queries that wait for their turn.
    pub queued: usize,
}

/// A query to start.
#[derive(Debug, Clone)]
pub struct NewQuery {
    /// The statement.
    pub query: String,
    /// What its `?` stand for.
    pub parameters: Option<Vec<String>>,
    /// What its names belong to.
    pub context: QueryExecutionContext,
    /// Its work group.
    pub work_group: String,
    /// Where its result goes.
    pub output: Output,
    /// As asked for.
    pub reuse: Option<serde_json::Value>,
    /// What makes it the same as an earlier request.
    pub request: Option<Request>,
}

/// All queries of this server.
#[derive(Debug)]
pub struct Executions {
    engine: Engine,
    sources: Vec<Location>,
    store: Store,
    outputs: Outputs,
    limits: Limits,
    places: Semaphore,
    load: watch::Sender<Load>,
    stops: Mutex<HashMap<String, CancellationToken>>,
    closing: CancellationToken,
    /// Held while the catalog's definitions are kept.
    keeping: tokio::sync::Mutex<()>,
}

impl Executions {
    /// Runs queries with `engine`, which reads `sources`.
    pub fn new(
        engine: Engine,
        sources: Vec<Location>,
        store: Store,
        outputs: Outputs,
        limits: Limits,
    ) -> Self {
        Self {
            engine,
            sources,
            store,
            outputs,
            limits,
            places: Semaphore::new(limits.running),
            load: watch::Sender::default(),
            stops: Mutex::default(),
            closing: CancellationToken::new(),
            keeping: tokio::sync::Mutex::default(),
        }
    }

    /// How much goes on.
    pub fn load(&self) -> Load {
        *self.load.borrow()
    }

    /// Completes when nothing runs and nothing waits.
    pub async fn idle(&self) {
        // The sender lives as long as `self`.
        let _ = self.load.subscribe().wait_for(|load| *load == Load::default()).await;
    }

    /// Where results are.
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// The place that results are to go to.
    ///
    /// # Errors
    /// If it is none, or lies below a source.
    pub fn output(&self, name: &str) -> ApiResult<Output> {
        let output = Output::parse(name).map_err(|cause| ApiError::input(cause.to_string()))?;
        output.check_apart(&self.sources).map_err(|cause| ApiError::input(cause.to_string()))?;
        Ok(output)
    }

    /// Starts a query, or finds the one that the same request started. Its id.
    ///
    /// # Errors
    /// If too many wait already, the server is stopping, or the token stands for another request.
    pub async fn start(self: &Arc<Self>, new: NewQuery) -> ApiResult<String> {
        let waiting = Waiting::enter(self)?;
        let now = Utc::now();
        let id = new_id();
        let execution = QueryExecution {
            query_execution_id: id.clone(),
            query: new.query,
            statement_type: None,
            substatement_type: None,
            result_configuration: ResultConfiguration { output_location: Some(new.output.to_string()) },
            result_reuse_configuration: new.reuse,
            query_execution_context: new.context,
            status: Status {
                state: State::Queued,
                state_change_reason: None,
                submission_date_time: now.into(),
                completion_date_time: None,
                athena_error: None,
            },
            statistics: Statistics::default(),
            work_group: new.work_group,
            engine_version: EngineVersion::default(),
            execution_parameters: new.parameters,
        };
        match self.store.begin(execution.clone(), new.request, now).await? {
            Begun::Before(id) => return Ok(id),
            Begun::Mismatch => {
                let message = "Idempotent parameters do not match";
                return Err(ApiError::invalid("IDEMPOTENT_PARAMETER_MISMATCH", message));
            }
            Begun::New => {}
        }
        let stop = self.closing.child_token();
        self.stops().insert(id.clone(), stop.clone());
        tokio::spawn(run::run(Arc::clone(self), execution, new.output, waiting, stop));
        Ok(id)
    }

    /// Stops a query. One that has ended stays as it is.
    ///
    /// # Errors
    /// If there is none of this id.
    pub async fn stop(&self, id: &str) -> ApiResult<()> {
        self.execution(id).await?;
        self.end_early(id, State::Cancelled, BY_USER).await?;
        if let Some(stop) = self.stops().get(id) {
            stop.cancel();
        }
        Ok(())
    }

    /// A query.
    ///
    /// # Errors
    /// If there is none of this id.
    pub async fn execution(&self, id: &str) -> ApiResult<QueryExecution> {
        self.store.execution(id).await?.ok_or_else(|| {
            ApiError::invalid("QUERY_EXECUTION_NOT_FOUND", format!("QueryExecution {id} was not found"))
        })
    }

    /// Takes no more queries, ends those that wait, and gives those that run `grace` to end by
    /// themselves.
    pub async fn close(&self, grace: Duration) {
        // Nobody gets a place any more; who has one keeps it.
        self.places.close();
        let mut load = self.load.subscribe();
        let idle = |load: &Load| *load == Load::default();
        if tokio::time::timeout(grace, load.wait_for(idle)).await.is_err() {
            tracing::warn!(running = self.load().running, "the grace period is over");
        }
        self.closing.cancel();
        // What was cancelled removes what it wrote and records its end, which takes a moment.
        if tokio::time::timeout(LAST_WORDS, load.wait_for(idle)).await.is_err() {
            tracing::error!(running = self.load().running, "queries did not end");
        }
    }

    /// Why a query is stopped that is stopped now.
    fn why_stopped(&self) -> &'static str {
        if self.places.is_closed() { BY_SHUTDOWN } else { BY_USER }
    }

    /// Ends a query that is not over; whether it was not.
    async fn end_early(&self, id: &str, state: State, reason: &'static str) -> ApiResult<bool> {
        let change = move |execution: &mut QueryExecution| {
            execution.status.state = state;
            execution.status.state_change_reason = Some(reason.to_owned());
            execution.status.completion_date_time = Some(Utc::now().into());
        };
        let ended = self.store.change(id, Finish::default(), change).await?;
        Ok(ended.is_some())
    }

    fn stops(&self) -> MutexGuard<'_, HashMap<String, CancellationToken>> {
        // A map is whole between two calls of its methods.
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long cancelled queries may take to record their end.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// A query's place in the queue; counted as long as it lives.
struct Waiting(Arc<Executions>);

impl Waiting {
    fn enter(executions: &Arc<Executions>) -> ApiResult<Self> {
        let limits = executions.limits;
        if executions.places.is_closed() {
            return Err(ApiError::new(ErrorKind::TooManyRequests, "The server is being stopped"));
        }
        let entered = executions.load.send_if_modified(|load| {
            let room = load.running + load.queued < limits.running + limits.queued;
            load.queued += usize::from(room);
            room
        });
        if !entered {
            let message = format!(
                "You have exceeded the limit for the number of queries you can run concurrently: \
                 {} run and {} wait",
                limits.running, limits.queued
            );
            return Err(ApiError::new(ErrorKind::TooManyRequests, message));
        }
        Ok(Self(Arc::clone(executions)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.load.send_modify(|load| load.queued -= 1);
    }
}

/// A query that runs; counted as long as it lives.
struct Running(Arc<Executions>);

impl Running {
    fn enter(waiting: Waiting) -> Self {
        let executions = Arc::clone(&waiting.0);
        // In one step, so that the server never looks idle in between.
        executions.load.send_modify(|load| load.running += 1);
        Self(executions)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.load.send_modify(|load| load.running -= 1);
    }
}
