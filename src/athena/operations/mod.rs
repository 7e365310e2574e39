//! The operations of Athena's API.

mod catalog;
mod named_queries;
mod paging;
mod parameters;
mod prepared;
mod queries;
mod results;
mod tags;
mod work_groups;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::error::{ApiError, ApiResult, ErrorKind};
use super::executions::Executions;
use super::protocol::read;
use super::store::Store;

/// What answers requests.
#[derive(Debug)]
pub struct Api {
    /// The queries.
    pub executions: Arc<Executions>,
    /// What is kept.
    pub store: Store,
    /// Where results go if neither a query nor its work group says.
    pub output: Option<String>,
    /// When the server started, which is when its work group and catalog were made.
    pub started: DateTime<Utc>,
}

/// What a target header says before the operation's name.
const TARGET: &str = "AmazonAthena.";

impl Api {
    /// Answers a request: `target` is the `X-Amz-Target` header. JSON.
    ///
    /// # Errors
    /// As the operation's.
    pub async fn answer(&self, target: &str, body: &[u8]) -> ApiResult<String> {
        let Some(operation) = target.strip_prefix(TARGET) else {
            return Err(unknown(target));
        };
        if let Some(answer) = self.query_operation(operation, body).await? {
            return encode(&answer);
        }
        if let Some(answer) = self.saved_operation(operation, body).await? {
            return encode(&answer);
        }
        match self.catalog_operation(operation, body)? {
            Some(answer) => encode(&answer),
            None => Err(unknown(operation)),
        }
    }

    /// Queries and their results.
    async fn query_operation(&self, operation: &str, body: &[u8]) -> ApiResult<Option<Value>> {
        let answer = match operation {
            "StartQueryExecution" => self.start_query_execution(read(body)?).await?,
            "StopQueryExecution" => self.stop_query_execution(read(body)?).await?,
            "GetQueryExecution" => self.get_query_execution(read(body)?).await?,
            "BatchGetQueryExecution" => self.batch_get_query_execution(read(body)?).await?,
            "ListQueryExecutions" => self.list_query_executions(read(body)?).await?,
            "GetQueryResults" => self.get_query_results(read(body)?).await?,
            "GetQueryRuntimeStatistics" => self.get_query_runtime_statistics(read(body)?).await?,
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }

    /// What users save.
    async fn saved_operation(&self, operation: &str, body: &[u8]) -> ApiResult<Option<Value>> {
        let answer = match operation {
            "CreateNamedQuery" => self.create_named_query(read(body)?).await?,
            "GetNamedQuery" => self.get_named_query(read(body)?).await?,
            "BatchGetNamedQuery" => self.batch_get_named_query(read(body)?).await?,
            "UpdateNamedQuery" => self.update_named_query(read(body)?).await?,
            "DeleteNamedQuery" => self.delete_named_query(read(body)?).await?,
            "ListNamedQueries" => self.list_named_queries(read(body)?).await?,
            "CreatePreparedStatement" => self.create_prepared_statement(read(body)?).await?,
            "GetPreparedStatement" => self.get_prepared_statement(read(body)?).await?,
            "BatchGetPreparedStatement" => self.batch_get_prepared_statement(read(body)?).await?,
            "UpdatePreparedStatement" => self.update_prepared_statement(read(body)?).await?,
            "DeletePreparedStatement" => self.delete_prepared_statement(read(body)?).await?,
            "ListPreparedStatements" => self.list_prepared_statements(read(body)?).await?,
            "CreateWorkGroup" => self.create_work_group(read(body)?).await?,
            "GetWorkGroup" => self.get_work_group(read(body)?).await?,
            "UpdateWorkGroup" => self.update_work_group(read(body)?).await?,
            "DeleteWorkGroup" => self.delete_work_group(read(body)?).await?,
            "ListWorkGroups" => self.list_work_groups(read(body)?).await?,
            "TagResource" => self.tag_resource(read(body)?).await?,
            "UntagResource" => self.untag_resource(read(body)?).await?,
            "ListTagsForResource" => self.list_tags(read(body)?).await?,
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }

    /// What there is to query.
    fn catalog_operation(&self, operation: &str, body: &[u8]) -> ApiResult<Option<Value>> {
        let answer = match operation {
            "ListDataCatalogs" => self.list_data_catalogs(read(body)?)?,
            "GetDataCatalog" => self.get_data_catalog(read(body)?)?,
            "ListDatabases" => self.list_databases(read(body)?)?,
            "GetDatabase" => self.get_database(read(body)?)?,
            "ListTableMetadata" => self.list_table_metadata(read(body)?)?,
            "GetTableMetadata" => self.get_table_metadata(read(body)?)?,
            "ListEngineVersions" => self.list_engine_versions(),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

fn unknown(operation: &str) -> ApiError {
    let message = format!("trailq does not serve the operation '{operation}'");
    ApiError::new(ErrorKind::UnknownOperation, message)
}

fn encode<T: Serialize>(value: &T) -> ApiResult<String> {
    serde_json::to_string(value).map_err(ApiError::internal)
}

/// A part of an answer.
fn value<T: Serialize>(value: &T) -> ApiResult<Value> {
    serde_json::to_value(value).map_err(ApiError::internal)
}
