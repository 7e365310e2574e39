//! Results in pages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::Page;
use super::queries::OneQuery;
use super::{Api, value};
use crate::athena::error::{ApiError, ApiResult};
use crate::athena::protocol::{QueryExecution, ResultSet, ResultSetMetadata, State, page_size};

/// The most rows of a page, the header among them.
const MOST_ROWS: usize = 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GetQueryResults {
    #[serde(flatten)]
    query: OneQuery,
    #[serde(flatten)]
    page: Page,
}

impl Api {
    pub(super) async fn get_query_results(&self, request: GetQueryResults) -> ApiResult<Value> {
        let id = request.query.id()?;
        let asked = request.page.max_results;
        // What is too small is wrong whatever the query; what is too large is looked at later.
        page_size(asked, MOST_ROWS, usize::MAX)?;
        let execution = self.executions.execution(&id).await?;
        if asked.is_some_and(|size| size > MOST_ROWS as i64) {
            let message = format!("MaxResults is more than maximum allowed length {MOST_ROWS}");
            return Err(ApiError::input(message));
        }
        check_has_results(&execution)?;
        let result = self.store.result(&id).await?.ok_or_else(no_results)?;
        let first = request.page.next_token.as_deref().map_or(Ok(0), |token| row_of(token, &id))?;
        let size = page_size(asked, MOST_ROWS, MOST_ROWS)? as u64;
        let end = first.saturating_add(size).min(result.index.rows);
        let rows = self.executions.outputs().rows(&result, first, end).await;
        let rows = rows.map_err(|cause| ApiError::invalid("RESULT_NOT_FOUND", cause.to_string()))?;
        let next = (end < result.index.rows).then(|| format!("{id}:{end}"));
        let result_set_metadata = ResultSetMetadata { column_info: result.columns };
        let mut answer = json!({"ResultSet": value(&ResultSet { rows, result_set_metadata })?});
        if let Some(members) = answer.as_object_mut() {
            let count = result.update_count.map(|count| ("UpdateCount", json!(count)));
            let next = next.map(|next| ("NextToken", json!(next)));
            members.extend(count.into_iter().chain(next).map(|(name, value)| (name.to_owned(), value)));
        }
        Ok(answer)
    }
}

/// In Athena's words.
fn check_has_results(execution: &QueryExecution) -> ApiResult<()> {
    let state = execution.status.state;
    let refuse = |message: &str| {
        let message = format!("{message}: {}", state.name());
        Err(ApiError::invalid("INVALID_QUERY_EXECUTION_STATE", message))
    };
    match state {
        State::Succeeded => Ok(()),
        State::Queued | State::Running => refuse("Query has not yet finished. Current state"),
        State::Failed => refuse("Query did not finish successfully. Final query state"),
        State::Cancelled => Err(no_results()),
    }
}

fn no_results() -> ApiError {
    ApiError::invalid("RESULT_NOT_FOUND", "Could not find results")
}

/// The row that a token stands for.
fn row_of(token: &str, id: &str) -> ApiResult<u64> {
    let row = token.strip_prefix(id).and_then(|rest| rest.strip_prefix(':'));
    row.and_then(|row| row.parse().ok())
        .ok_or_else(|| ApiError::input(format!("Malformed nextPageToken {token}")))
}
