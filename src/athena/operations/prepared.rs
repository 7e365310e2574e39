//! Prepared statements: what `EXECUTE` runs. `PREPARE` in SQL makes them, too; those have no work
//! group and no description, and are not listed.

use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::Page;
use super::queries::paged;
use super::{Api, value};
use crate::athena::error::{ApiError, ApiResult, ErrorKind};
use crate::athena::protocol::required;
use crate::athena::store::PreparedStatement;

/// The most prepared statements of a work group, as Athena bounds them.
const MOST: usize = 1000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PutPreparedStatement {
    statement_name: Option<String>,
    work_group: Option<String>,
    query_statement: Option<String>,
    description: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OnePreparedStatement {
    statement_name: Option<String>,
    work_group: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManyPreparedStatements {
    prepared_statement_names: Option<Vec<String>>,
    work_group: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListPreparedStatements {
    work_group: Option<String>,
    #[serde(flatten)]
    page: Page,
}

impl Api {
    pub(super) async fn create_prepared_statement(&self, request: PutPreparedStatement) -> ApiResult<Value> {
        let statement = statement(request)?;
        let (group, name) = (&statement.work_group_name, &statement.statement_name);
        self.work_group(group).await?;
        if self.store.prepared_statement(group, name).await?.is_some() {
            return Err(ApiError::input(format!("Prepared Statement {name} already exists")));
        }
        if self.store.prepared_statements(group).await?.len() >= MOST {
            return Err(ApiError::input(format!("there are {MOST} prepared statements already")));
        }
        self.executions.prepare(name, &statement.query_statement).await?;
        self.store.put_prepared_statement(statement).await?;
        Ok(json!({}))
    }

    pub(super) async fn get_prepared_statement(&self, request: OnePreparedStatement) -> ApiResult<Value> {
        let (group, name) = request.names()?;
        let found = match self.store.prepared_statement(&group, &name).await? {
            Some(found) => found,
            None => self.prepared_in_sql(group, name)?,
        };
        Ok(json!({"PreparedStatement": value(&found)?}))
    }

    fn prepared_in_sql(&self, work_group: String, name: String) -> ApiResult<PreparedStatement> {
        let text = self.executions.catalog().prepared(&name.to_lowercase());
        Ok(PreparedStatement {
            query_statement: text.map_err(|_| not_found(&name))?,
            statement_name: name,
            work_group_name: work_group,
            description: None,
            last_modified_time: self.started.into(),
        })
    }

    pub(super) async fn batch_get_prepared_statement(
        &self,
        request: ManyPreparedStatements,
    ) -> ApiResult<Value> {
        let group = required(request.work_group, "workGroup")?;
        let (mut found, mut unprocessed) = (vec![], vec![]);
        for name in required(request.prepared_statement_names, "preparedStatementNames")?.iter().take(50) {
            match self.store.prepared_statement(&group, name).await? {
                Some(statement) => found.push(value(&statement)?),
                None => unprocessed.push(json!({
                    "StatementName": name,
                    "ErrorCode": "STATEMENT_NOT_FOUND",
                    "ErrorMessage": format!("PreparedStatement {name} was not found"),
                })),
            }
        }
        Ok(json!({"PreparedStatements": found, "UnprocessedPreparedStatementNames": unprocessed}))
    }

    pub(super) async fn update_prepared_statement(&self, request: PutPreparedStatement) -> ApiResult<Value> {
        let statement = statement(request)?;
        let (group, name) = (&statement.work_group_name, &statement.statement_name);
        if self.store.prepared_statement(group, name).await?.is_none() {
            return Err(not_found(name));
        }
        self.executions.prepare(name, &statement.query_statement).await?;
        self.store.put_prepared_statement(statement).await?;
        Ok(json!({}))
    }

    pub(super) async fn delete_prepared_statement(&self, request: OnePreparedStatement) -> ApiResult<Value> {
        let (group, name) = request.names()?;
        let removed = self.store.remove_prepared_statement(&group, &name).await?;
        match self.executions.deallocate(&name).await? || removed {
            true => Ok(json!({})),
            false => Err(not_found(&name)),
        }
    }

    pub(super) async fn list_prepared_statements(&self, request: ListPreparedStatements) -> ApiResult<Value> {
        let group = required(request.work_group, "workGroup")?;
        let all = self.store.prepared_statements(&group).await?.into_iter();
        let names = all.map(|statement| {
            json!({
                "StatementName": statement.statement_name,
                "LastModifiedTime": statement.last_modified_time,
            })
        });
        let (names, next) = request.page.of(names.collect(), 50)?;
        Ok(paged("PreparedStatements", json!(names), next))
    }
}

impl OnePreparedStatement {
    fn names(self) -> ApiResult<(String, String)> {
        Ok((required(self.work_group, "workGroup")?, required(self.statement_name, "statementName")?))
    }
}

fn statement(request: PutPreparedStatement) -> ApiResult<PreparedStatement> {
    let name = required(request.statement_name, "statementName")?;
    let is_name = |text: &str| {
        let mut bytes = text.bytes();
        let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
        first && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_@:".contains(&byte))
    };
    if !is_name(&name) || name.len() > 256 {
        return Err(ApiError::input(
            "statementName must be a letter or _ followed by letters, digits, _, @ or :",
        ));
    }
    Ok(PreparedStatement {
        statement_name: name,
        query_statement: required(request.query_statement, "queryStatement")?,
        work_group_name: required(request.work_group, "workGroup")?,
        description: request.description,
        last_modified_time: Utc::now().into(),
    })
}

fn not_found(name: &str) -> ApiError {
    ApiError::new(ErrorKind::ResourceNotFound, format!("PreparedStatement {name} was not found"))
}
