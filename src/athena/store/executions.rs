//! Queries, their results, and the tokens they were asked with.

use chrono::{DateTime, Duration, Utc};
use redb::{ReadableTable, TableDefinition, TableError};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Documents, Failure, Store, Writing};
use crate::athena::error::ApiResult;
use crate::athena::protocol::{QueryExecution, State};
use crate::athena::results::StoredResult;

const EXECUTIONS: Documents = TableDefinition::new("executions");
const RESULTS: Documents = TableDefinition::new("results");
const COVERAGE: Documents = TableDefinition::new("coverage");
const REQUESTS: Documents = TableDefinition::new("requests");
/// Microseconds of submission and id, so that the newest is last.
const TIMES: TableDefinition<'static, (i64, &'static str), &'static str> = TableDefinition::new("times");

/// How long a query is kept: as long as Athena keeps its history.
fn retention() -> Duration {
    Duration::days(45)
}

/// What makes two requests with one `ClientRequestToken` the same: what Athena compares, as sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The `ClientRequestToken`.
    pub token: String,
    /// The statement.
    pub query: String,
    /// The catalog, if one is named.
    pub catalog: Option<String>,
    /// The database, if one is named.
    pub database: Option<String>,
    /// The output location, if one is named.
    pub output_location: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Asked {
    id: String,
    request: Request,
}

/// What became of a request to start a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// It is a new one.
    New,
    /// The same was asked before, under this id.
    Before(String),
    /// Another one was asked with this token.
    Mismatch,
}

/// What is kept when a query ends.
#[derive(Debug, Default)]
pub struct Finish {
    /// Its result, if it has one.
    pub result: Option<StoredResult>,
    /// What it rests on, as JSON.
    pub coverage: Option<Box<RawValue>>,
}

impl Store {
    /// Keeps a new query, unless its token was used before.
    pub async fn begin(
        &self,
        execution: QueryExecution,
        request: Option<Request>,
        now: DateTime<Utc>,
    ) -> ApiResult<Begun> {
        self.write(move |state| {
            let id = execution.query_execution_id.as_str();
            if let Some(request) = request {
                if let Some(before) = state.get::<Asked>(REQUESTS, &request.token)? {
                    let same = before.request == request;
                    return Ok(if same { Begun::Before(before.id) } else { Begun::Mismatch });
                }
                let token = request.token.clone();
                state.put(REQUESTS, &token, &Asked { id: id.to_owned(), request })?;
            }
            state.put(EXECUTIONS, id, &execution)?;
            let group = execution.work_group.as_str();
            state.0.open_table(TIMES)?.insert((now.timestamp_micros(), id), group)?;
            Ok(Begun::New)
        })
        .await
    }

    /// Keeps a query that ended elsewhere, and its result.
    pub async fn restore(&self, execution: QueryExecution, result: StoredResult) -> ApiResult<()> {
        self.write(move |state| {
            let id = execution.query_execution_id.as_str();
            state.put(EXECUTIONS, id, &execution)?;
            state.put(RESULTS, id, &result)
        })
        .await
    }

    /// A query; `None` if there is none of this id.
    pub async fn execution(&self, id: &str) -> ApiResult<Option<QueryExecution>> {
        let id = id.to_owned();
        self.read(move |state| state.get(EXECUTIONS, &id)).await
    }

    /// Changes a query that has not ended; returns it as it is afterwards, or `None` if it has
    /// ended already or there is none.
    pub async fn change(
        &self,
        id: &str,
        finish: Finish,
        change: impl FnOnce(&mut QueryExecution) + Send + 'static,
    ) -> ApiResult<Option<QueryExecution>> {
        let id = id.to_owned();
        self.write(move |state| {
            let Some(mut execution) = state.get::<QueryExecution>(EXECUTIONS, &id)? else { return Ok(None) };
            if execution.status.state.is_final() {
                return Ok(None);
            }
            change(&mut execution);
            state.put(EXECUTIONS, &id, &execution)?;
            if let Some(result) = finish.result {
                state.put(RESULTS, &id, &result)?;
            }
            if let Some(coverage) = finish.coverage {
                state.put(COVERAGE, &id, &coverage)?;
            }
            Ok(Some(execution))
        })
        .await
    }

    /// The result of a query that has one.
    pub async fn result(&self, id: &str) -> ApiResult<Option<StoredResult>> {
        let id = id.to_owned();
        self.read(move |state| state.get(RESULTS, &id)).await
    }

    /// What a query rests on, as JSON.
    pub async fn coverage(&self, id: &str) -> ApiResult<Option<Box<RawValue>>> {
        let id = id.to_owned();
        self.read(move |state| state.get(COVERAGE, &id)).await
    }

    /// Ids of a work group's queries, newest first: `count` of them after the one called `after`.
    pub async fn executions(
        &self,
        work_group: &str,
        after: Option<String>,
        count: usize,
    ) -> ApiResult<Vec<String>> {
        let work_group = work_group.to_owned();
        self.read(move |state| {
            let times = match state.0.open_table(TIMES) {
                Ok(times) => times,
                Err(TableError::TableDoesNotExist(_)) => return Ok(vec![]),
                Err(cause) => return Err(cause.into()),
            };
            let mut ids = vec![];
            let mut passed = after.is_none();
            for entry in times.iter()?.rev() {
                let (key, group) = entry?;
                let (_, id) = key.value();
                if ids.len() == count {
                    break;
                }
                if passed && group.value() == work_group {
                    ids.push(id.to_owned());
                }
                passed |= after.as_deref() == Some(id);
            }
            Ok(ids)
        })
        .await
    }

    /// Ends what a process that is gone left running. How many these were.
    pub async fn recover(&self, now: DateTime<Utc>, reason: &'static str) -> ApiResult<usize> {
        self.write(move |state| {
            let mut lost = vec![];
            for entry in state.0.open_table(EXECUTIONS)?.iter()? {
                let execution: QueryExecution = serde_json::from_slice(entry?.1.value())?;
                if !execution.status.state.is_final() {
                    lost.push(execution);
                }
            }
            for execution in &mut lost {
                execution.status.state = State::Failed;
                execution.status.state_change_reason = Some(reason.to_owned());
                execution.status.completion_date_time = Some(now.into());
                state.put(EXECUTIONS, &execution.query_execution_id, execution)?;
            }
            Ok(lost.len())
        })
        .await
    }

    /// Forgets what is older than the history goes back. How many queries these were. Their files
    /// stay.
    pub async fn prune(&self, now: DateTime<Utc>) -> ApiResult<usize> {
        let before = (now - retention()).timestamp_micros();
        self.write(move |state| {
            let mut old = vec![];
            for entry in state.0.open_table(TIMES)?.range(..(before, ""))? {
                let (key, _) = entry?;
                let (micros, id) = key.value();
                old.push((micros, id.to_owned()));
            }
            forget(state, &old)?;
            Ok(old.len())
        })
        .await
    }
}

/// The queries that were asked in a work group: when, and their ids.
pub(super) fn of_work_group(state: &Writing, name: &str) -> Result<Vec<(i64, String)>, Failure> {
    let mut found = vec![];
    for entry in state.0.open_table(TIMES)?.iter()? {
        let (key, group) = entry?;
        let (micros, id) = key.value();
        if group.value() == name {
            found.push((micros, id.to_owned()));
        }
    }
    Ok(found)
}

/// Forgets queries, given by when they were asked and their ids.
pub(super) fn forget(state: &Writing, old: &[(i64, String)]) -> Result<(), Failure> {
    for (micros, id) in old {
        state.0.open_table(TIMES)?.remove((*micros, id.as_str()))?;
        for table in [EXECUTIONS, RESULTS, COVERAGE] {
            state.remove(table, id)?;
        }
    }
    if old.is_empty() { Ok(()) } else { forget_requests(state, old) }
}

fn forget_requests(state: &Writing, old: &[(i64, String)]) -> Result<(), Failure> {
    let old: std::collections::HashSet<&str> = old.iter().map(|(_, id)| id.as_str()).collect();
    let mut tokens = vec![];
    for entry in state.0.open_table(REQUESTS)?.iter()? {
        let (token, asked) = entry?;
        let asked: Asked = serde_json::from_slice(asked.value())?;
        if old.contains(asked.id.as_str()) {
            tokens.push(token.value().to_owned());
        }
    }
    for token in tokens {
        state.remove(REQUESTS, &token)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::athena::protocol::{
        EngineVersion, QueryExecutionContext, ResultConfiguration, Statistics, Status,
    };

    fn execution(id: &str, now: DateTime<Utc>) -> QueryExecution {
        QueryExecution {
            query_execution_id: id.to_owned(),
            query: "SELECT 1".to_owned(),
            statement_type: None,
            substatement_type: None,
            result_configuration: ResultConfiguration::default(),
            result_reuse_configuration: None,
            query_execution_context: QueryExecutionContext::default(),
            status: Status {
                state: State::Queued,
                state_change_reason: None,
                submission_date_time: now.into(),
                completion_date_time: None,
                athena_error: None,
            },
            statistics: Statistics::default(),
            work_group: "primary".to_owned(),
            engine_version: EngineVersion::default(),
            execution_parameters: None,
        }
    }

    fn request(token: &str, query: &str) -> Option<Request> {
        let (token, query) = (token.to_owned(), query.to_owned());
        Some(Request { token, query, catalog: None, database: None, output_location: None })
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("new/state.redb")).unwrap();
        (folder, store)
    }

    #[tokio::test]
    async fn a_token_stands_for_one_request() {
        let (_folder, store) = store();
        let now = Utc::now();
        let begin = async |id, query| store.begin(execution(id, now), request("token", query), now).await;
        assert_eq!(begin("a", "SELECT 1").await.unwrap(), Begun::New);
        assert_eq!(begin("b", "SELECT 1").await.unwrap(), Begun::Before("a".into()));
        assert_eq!(begin("c", "SELECT 2").await.unwrap(), Begun::Mismatch);
        assert_eq!(store.executions("primary", None, 10).await.unwrap(), ["a"]);
    }

    #[tokio::test]
    async fn what_has_ended_changes_no_more() {
        let (_folder, store) = store();
        let now = Utc::now();
        store.begin(execution("a", now), None, now).await.unwrap();
        let end = async |state| {
            store.change("a", Finish::default(), move |execution| execution.status.state = state).await
        };
        assert!(end(State::Cancelled).await.unwrap().is_some());
        assert!(end(State::Succeeded).await.unwrap().is_none());
        let kept = store.execution("a").await.unwrap().unwrap();
        assert_eq!(kept.status.state, State::Cancelled);
        assert_eq!(store.recover(now, "lost").await.unwrap(), 0);
    }

    #[tokio::test]
    async fn the_newest_comes_first_and_the_oldest_is_forgotten() {
        let (_folder, store) = store();
        let now = Utc::now();
        for (id, days) in [("old", 46), ("b", 2), ("c", 1)] {
            let then = now - Duration::days(days);
            store.begin(execution(id, then), request(id, "SELECT 1"), then).await.unwrap();
        }
        assert_eq!(store.executions("primary", None, 10).await.unwrap(), ["c", "b", "old"]);
        assert_eq!(store.executions("primary", Some("c".into()), 1).await.unwrap(), ["b"]);
        assert_eq!(store.executions("other", None, 10).await.unwrap(), [""; 0]);
        assert_eq!(store.prune(now).await.unwrap(), 1);
        assert!(store.execution("old").await.unwrap().is_none());
        let again = store.begin(execution("d", now), request("old", "SELECT 2"), now).await.unwrap();
        assert_eq!(again, Begun::New);
    }

    #[tokio::test]
    async fn a_restart_ends_what_was_running() {
        let (folder, store) = store();
        let now = Utc::now();
        store.begin(execution("a", now), None, now).await.unwrap();
        let path = store.path();
        assert!(Store::open(&path).is_err(), "it is open already");
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(store.recover(now, "the server was restarted").await.unwrap(), 1);
        let kept = store.execution("a").await.unwrap().unwrap();
        assert_eq!(kept.status.state, State::Failed);
        assert_eq!(kept.status.state_change_reason.as_deref(), Some("the server was restarted"));
        drop(folder);
    }
}
