//! Starting, stopping and looking at queries.

use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::Page;
use super::work_groups::PRIMARY;
use super::{Api, value};
use crate::athena::error::{ApiError, ApiResult};
use crate::athena::executions::NewQuery;
use crate::athena::protocol::{QueryExecutionContext, ResultConfiguration, page_size, required};
use crate::athena::results::{Format, Output};
use crate::athena::store::Request;
use crate::sql::ErrorCode;
use crate::sql::statement::parse_one;

/// The longest statement that Athena takes, in bytes.
const LONGEST_QUERY: usize = 262_144;
/// How long a `ClientRequestToken` may be, in characters.
const TOKEN: std::ops::RangeInclusive<usize> = 32..=128;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StartQueryExecution {
    query_string: Option<String>,
    client_request_token: Option<String>,
    query_execution_context: Option<QueryExecutionContext>,
    result_configuration: Option<ResultConfiguration>,
    work_group: Option<String>,
    execution_parameters: Option<Vec<String>>,
    result_reuse_configuration: Option<Value>,
}

/// A request that names one query.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OneQuery {
    query_execution_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManyQueries {
    query_execution_ids: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListQueries {
    work_group: Option<String>,
    #[serde(flatten)]
    page: Page,
}

impl OneQuery {
    /// The id that is named.
    pub fn id(self) -> ApiResult<String> {
        required(self.query_execution_id, "queryExecutionId")
    }
}

impl Api {
    pub(super) async fn start_query_execution(&self, request: StartQueryExecution) -> ApiResult<Value> {
        let query = required(request.query_string, "queryString")?;
        if query.is_empty() || query.len() > LONGEST_QUERY {
            return Err(ApiError::input(format!("queryString must have 1 to {LONGEST_QUERY} bytes")));
        }
        if let Some(token) = &request.client_request_token {
            check_token(token)?;
        }
        let work_group = request.work_group.unwrap_or_else(|| PRIMARY.to_owned());
        let context = request.query_execution_context.unwrap_or_default();
        let asked = request.result_configuration.unwrap_or_default().output_location;
        let output = self.output_of(&work_group, asked.as_deref()).await?;
        check_syntax(&query)?;
        let same = request.client_request_token.map(|token| Request {
            token,
            query: query.clone(),
            catalog: context.catalog.clone(),
            database: context.database.clone(),
            output_location: asked,
        });
        let new = NewQuery {
            query,
            parameters: request.execution_parameters,
            context,
            work_group,
            output,
            reuse: request.result_reuse_configuration,
            request: same,
        };
        let id = self.executions.start(new).await?;
        Ok(json!({"QueryExecutionId": id}))
    }

    /// Where the results of a work group's query go.
    async fn output_of(&self, work_group: &str, asked: Option<&str>) -> ApiResult<Output> {
        let group = self.work_group(work_group).await?;
        if group.state != "ENABLED" {
            return Err(ApiError::input(format!("WorkGroup {work_group} is disabled.")));
        }
        let asked = asked.filter(|_| !group.enforce);
        let named = asked.or(group.output_location.as_deref()).ok_or_else(|| {
            ApiError::input(
                "No output location provided. An output location is required either through the \
                 Workgroup result configuration setting or as an API input.",
            )
        })?;
        self.executions.output(named)
    }

    pub(super) async fn stop_query_execution(&self, request: OneQuery) -> ApiResult<Value> {
        self.executions.stop(&request.id()?).await?;
        Ok(json!({}))
    }

    pub(super) async fn get_query_execution(&self, request: OneQuery) -> ApiResult<Value> {
        let execution = self.executions.execution(&request.id()?).await?;
        Ok(json!({"QueryExecution": value(&execution)?}))
    }

    pub(super) async fn batch_get_query_execution(&self, request: ManyQueries) -> ApiResult<Value> {
        let ids = required(request.query_execution_ids, "queryExecutionIds")?;
        if ids.is_empty() || ids.len() > 50 {
            return Err(ApiError::input("queryExecutionIds must have 1 to 50 members"));
        }
        let (mut found, mut unprocessed) = (vec![], vec![]);
        for id in ids {
            match self.store.execution(&id).await? {
                Some(execution) => found.push(value(&execution)?),
                None => unprocessed.push(json!({
                    "QueryExecutionId": id,
                    "ErrorCode": "QUERY_EXECUTION_NOT_FOUND",
                    "ErrorMessage": format!("QueryExecution {id} was not found"),
                })),
            }
        }
        Ok(json!({"QueryExecutions": found, "UnprocessedQueryExecutionIds": unprocessed}))
    }

    pub(super) async fn list_query_executions(&self, request: ListQueries) -> ApiResult<Value> {
        let group = request.work_group.unwrap_or_else(|| PRIMARY.to_owned());
        self.work_group(&group).await?;
        let size = page_size(request.page.max_results, 50, 50)?;
        // Where a page ended is told by its last query, which stays where it is when others come.
        let after = request.page.next_token;
        if let Some(token) = &after
            && self.store.execution(token).await?.is_none()
        {
            return Err(ApiError::input(format!("The nextPageToken is malformed: {token}")));
        }
        let mut ids = self.store.executions(&group, after, size.saturating_add(1)).await?;
        let more = ids.len() > size;
        ids.truncate(size);
        let next = ids.last().filter(|_| more).cloned();
        Ok(paged("QueryExecutionIds", json!(ids), next))
    }

    pub(super) async fn get_query_runtime_statistics(&self, request: OneQuery) -> ApiResult<Value> {
        let id = request.id()?;
        let execution = self.executions.execution(&id).await?;
        let rows = self.store.result(&id).await?.map(|result| {
            let header = matches!(result.file, Some((_, Format::Csv)));
            result.index.rows.saturating_sub(u64::from(header))
        });
        let statistics = &execution.statistics;
        let timeline = json!({
            "QueryQueueTimeInMillis": statistics.query_queue_time_in_millis,
            "QueryPlanningTimeInMillis": statistics.query_planning_time_in_millis,
            "EngineExecutionTimeInMillis": statistics.engine_execution_time_in_millis,
            "ServiceProcessingTimeInMillis": statistics.service_processing_time_in_millis,
            "TotalExecutionTimeInMillis": statistics.total_execution_time_in_millis,
        });
        let rows = json!({"InputBytes": statistics.data_scanned_in_bytes, "OutputRows": rows});
        Ok(json!({"QueryRuntimeStatistics": {"Timeline": timeline, "Rows": rows}}))
    }
}

/// A list, with the token of its next page if there is one.
pub(super) fn paged(name: &str, list: Value, next: Option<String>) -> Value {
    let mut answer = json!({name: list});
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("NextToken".to_owned(), next.into());
    }
    answer
}

/// What is no statement is refused at once, as Athena refuses it; all else fails when it is its turn.
fn check_syntax(query: &str) -> ApiResult<()> {
    match parse_one(query) {
        Err(error) if error.code == ErrorCode::SyntaxError => {
            let at = error.at.map(|(line, column)| format!("line {line}:{column}: ")).unwrap_or_default();
            Err(ApiError::invalid("MALFORMED_QUERY", format!("{at}{}", error.message)))
        }
        _ => Ok(()),
    }
}

/// In the words of AWS's validation.
fn check_token(token: &str) -> ApiResult<()> {
    let length = token.chars().count();
    if TOKEN.contains(&length) {
        return Ok(());
    }
    let bound = match length < *TOKEN.start() {
        true => format!("greater than or equal to {}", TOKEN.start()),
        false => format!("less than or equal to {}", TOKEN.end()),
    };
    Err(ApiError::input(format!(
        "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: \
         Member must have length {bound}"
    )))
}
