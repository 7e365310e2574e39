//! The Athena tasks of AWS Step Functions, each by itself: without a server, and with no state but
//! what lies beside the results.
//!
//! Source: Step Functions developer guide, "Run Athena queries with Step Functions". A task takes
//! what the operation of its name takes, and gives what that gives; but `startQueryExecution.sync`
//! gives the execution at its end, and times are in milliseconds.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::error::{ApiError, ApiResult};
use super::executions::{Executions, Limits};
use super::ids::is_id;
use super::operations::Api;
use super::protocol::{QueryExecution, State};
use super::results::{Output, Outputs, StoredResult, write_failed};
use super::server::{checked, engine};
use super::store::Store;
use crate::error::Result;
use crate::output::write_error;
use crate::source::{Location, StoreOptions};
use crate::sql::statement::{Statement, parse_one};
use crate::trail::Trail;

/// The work group that is there without being made.
const PRIMARY: &str = "primary";

/// How tasks run.
#[derive(Debug, Clone)]
pub struct TaskOptions {
    /// Where results go if a request does not say: `s3://bucket/prefix/` or a folder. The records by
    /// which later tasks find results lie there as well.
    pub output: Option<String>,
    /// How long a statement may run.
    pub timeout: Duration,
    /// How the stores of results are reached.
    pub store: StoreOptions,
}

/// Runs tasks over the logs of a trail. Dropping it ends what it declared: statements know only the
/// logs, and what their own task declares.
#[derive(Debug)]
pub struct Tasks {
    api: Api,
    records: Option<Output>,
    // Holds the state of this task; goes with it.
    _folder: TempDir,
}

/// Why a task fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct TaskError {
    name: String,
    cause: String,
}

/// What is kept of a query that succeeded, as JSON.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    execution: QueryExecution,
    result: StoredResult,
}

impl TaskError {
    /// The error's name in a state machine: `Athena.` and that of the API's exception, or
    /// `Athena.QueryExecutionFailed`. A task of Athena's own is told as `States.TaskFailed` in the latter
    /// case, which no function may say; but who catches that catches these.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A query that did not succeed; the cause is its execution as JSON.
    fn ended(execution: &Value) -> Self {
        Self { name: "Athena.QueryExecutionFailed".to_owned(), cause: execution.to_string() }
    }
}

impl From<ApiError> for TaskError {
    fn from(error: ApiError) -> Self {
        Self { name: format!("Athena.{}", error.kind().name()), cause: error.message().to_owned() }
    }
}

impl From<crate::Error> for TaskError {
    fn from(error: crate::Error) -> Self {
        ApiError::internal(error).into()
    }
}

impl Tasks {
    /// Prepares to run tasks over the logs of `trail`.
    ///
    /// # Errors
    /// If results would lie below a source, or there is no room for the state of a task.
    pub fn open(trail: Trail, options: TaskOptions) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("trailq-task-").tempdir();
        let folder = folder.map_err(|cause| write_error(&std::env::temp_dir(), cause))?;
        let sources: Vec<Location> = trail.locations().cloned().collect();
        let records = options.output.as_deref().map(|name| checked("output", name, &sources)).transpose()?;
        let state = folder.path().join("state.redb");
        let store = Store::open(&state)?;
        let limits = Limits { running: 1, queued: 0, timeout: options.timeout };
        let engine = engine(trail, None, &state);
        let outputs = Outputs::new(options.store);
        let executions = Executions::new(engine, sources, store.clone(), outputs, limits);
        let output = records.as_ref().map(ToString::to_string);
        let api = Api { executions: Arc::new(executions), store, output, started: Utc::now() };
        Ok(Self { api, records, _folder: folder })
    }

    /// `startQueryExecution.sync`: runs a statement to its end and writes its result. Gives the
    /// execution. Any work group will do.
    ///
    /// # Errors
    /// If Athena would refuse the request, the statement does not succeed, or its result would not
    /// outlive this task.
    pub async fn start_query_execution(&self, request: &Value) -> Result<Value, TaskError> {
        check_outlives(request)?;
        self.make_work_group(request).await?;
        let started = self.answer("StartQueryExecution", request).await?;
        self.api.executions.idle().await;
        let id = started.get("QueryExecutionId").and_then(Value::as_str).unwrap_or_default();
        let execution = self.api.executions.execution(id).await?;
        let told = in_milliseconds(json!({"QueryExecution": execution}));
        if execution.status.state != State::Succeeded {
            return Err(TaskError::ended(&told));
        }
        self.keep(execution).await?;
        Ok(told)
    }

    /// `getQueryResults`: a page of the result of a query that an earlier task ran.
    ///
    /// # Errors
    /// If Athena would refuse the request, or there is no output of one's own to keep records in.
    pub async fn get_query_results(&self, request: &Value) -> Result<Value, TaskError> {
        let Some(records) = &self.records else {
            let message = "No output location is configured, which results could be found in by their id.";
            return Err(ApiError::input(message).into());
        };
        let id = request.get("QueryExecutionId").and_then(Value::as_str);
        // Anything else is no id, and not a part of a key either.
        if let Some(id) = id.filter(|id| is_id(id))
            && let Some(bytes) = self.api.executions.outputs().read(records, &record_name(id)).await?
        {
            let record: Record = serde_json::from_slice(&bytes).map_err(ApiError::internal)?;
            self.api.store.restore(record.execution, record.result).await?;
        }
        Ok(self.answer("GetQueryResults", request).await?)
    }

    /// Keeps what a later task needs to find a result.
    async fn keep(&self, execution: QueryExecution) -> Result<(), TaskError> {
        let id = execution.query_execution_id.clone();
        let (Some(records), Some(result)) = (&self.records, self.api.store.result(&id).await?) else {
            return Ok(());
        };
        let record = serde_json::to_vec(&Record { execution, result }).map_err(ApiError::internal)?;
        let mut writer = self.api.executions.outputs().create(records, &record_name(&id)).await?;
        let written = async {
            writer.write(record).await?;
            writer.finish().await
        };
        written.await.map_err(|cause| write_failed(records, &cause))?;
        Ok(())
    }

    /// Work groups are Athena's; here each is as good as `primary`.
    async fn make_work_group(&self, request: &Value) -> ApiResult<()> {
        let named = request.get("WorkGroup").and_then(Value::as_str).filter(|name| *name != PRIMARY);
        if let Some(name) = named {
            let configuration = json!({"EnforceWorkGroupConfiguration": false});
            self.answer("CreateWorkGroup", &json!({"Name": name, "Configuration": configuration})).await?;
        }
        Ok(())
    }

    async fn answer(&self, operation: &str, request: &Value) -> ApiResult<Value> {
        let target = format!("AmazonAthena.{operation}");
        let answer = self.api.answer(&target, request.to_string().as_bytes()).await?;
        serde_json::from_str(&answer).map_err(ApiError::internal)
    }
}

fn record_name(id: &str) -> String {
    format!("{id}.execution.json")
}

/// A table that lies with the state would be gone with it: to say that it was made would be wrong.
fn check_outlives(request: &Value) -> ApiResult<()> {
    let query = request.get("QueryString").and_then(Value::as_str).unwrap_or_default();
    // What is no statement is refused by the operation itself.
    let Ok(Statement::CreateTableAs(table)) = parse_one(query) else { return Ok(()) };
    if table.options.contains_key("external_location") {
        return Ok(());
    }
    Err(ApiError::input("CREATE TABLE AS needs an external_location here: nothing else outlives the task"))
}

/// Step Functions has times in whole milliseconds, the API in seconds.
fn in_milliseconds(mut told: Value) -> Value {
    for name in ["SubmissionDateTime", "CompletionDateTime"] {
        let time = told.pointer_mut(&format!("/QueryExecution/Status/{name}"));
        if let Some(time) = time
            && let Some(seconds) = time.as_f64()
        {
            *time = json!((seconds * 1000.0).round() as i64);
        }
    }
    told
}
