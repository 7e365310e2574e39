//! What users save: named queries, prepared statements, work groups; and the catalog's definitions.

use std::collections::BTreeMap;

use redb::TableDefinition;
use serde::{Deserialize, Serialize};

use super::{Documents, Store, executions};
use crate::athena::error::ApiResult;
use crate::athena::protocol::EpochSeconds;

const NAMED_QUERIES: Documents = TableDefinition::new("named queries");
const PREPARED: Documents = TableDefinition::new("prepared statements");
const WORK_GROUPS: Documents = TableDefinition::new("work groups");
/// The catalog's statements, under the one key `catalog`.
const DEFINITIONS: Documents = TableDefinition::new("definitions");
const CATALOG: &str = "catalog";

/// A query that was saved under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct NamedQuery {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The database it is about.
    pub database: String,
    /// The statement.
    pub query_string: String,
    /// Its id.
    pub named_query_id: String,
    /// Its work group.
    pub work_group: String,
}

/// A statement with `?` in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PreparedStatement {
    /// Its name.
    pub statement_name: String,
    /// The statement.
    pub query_statement: String,
    /// Its work group.
    pub work_group_name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was last changed.
    pub last_modified_time: EpochSeconds,
}

/// A work group: settings that its queries share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WorkGroup {
    /// Its name.
    pub name: String,
    /// `ENABLED` or `DISABLED`.
    pub state: String,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where results go if a query does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_location: Option<String>,
    /// Whether they go there whatever a query says.
    pub enforce: bool,
    /// The most bytes that a query may read, if that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_scanned_cutoff: Option<u64>,
    /// What whoever made it noted of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// When it was made.
    pub creation_time: EpochSeconds,
}

/// What became of a work group that was to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// There is none.
    Missing,
    /// Something is in it: it is still there.
    NotEmpty,
    /// It is forgotten; with it the prepared statements of these names, and all else in it.
    Done(Vec<String>),
}

impl Store {
    /// The statements that declare the catalog, in their order.
    pub async fn definitions(&self) -> ApiResult<Vec<String>> {
        let kept: Option<Vec<String>> = self.read(|state| state.get(DEFINITIONS, CATALOG)).await?;
        Ok(kept.unwrap_or_default())
    }

    /// Keeps the statements that declare the catalog.
    pub async fn put_definitions(&self, definitions: Vec<String>) -> ApiResult<()> {
        self.write(move |state| state.put(DEFINITIONS, CATALOG, &definitions)).await
    }

    /// All named queries, by id.
    pub async fn named_queries(&self) -> ApiResult<Vec<NamedQuery>> {
        self.read(|state| state.all(NAMED_QUERIES)).await
    }

    /// A named query.
    pub async fn named_query(&self, id: &str) -> ApiResult<Option<NamedQuery>> {
        let id = id.to_owned();
        self.read(move |state| state.get(NAMED_QUERIES, &id)).await
    }

    /// Keeps a named query.
    pub async fn put_named_query(&self, query: NamedQuery) -> ApiResult<()> {
        self.write(move |state| state.put(NAMED_QUERIES, &query.named_query_id, &query)).await
    }

    /// Forgets a named query; whether there was one.
    pub async fn remove_named_query(&self, id: &str) -> ApiResult<bool> {
        let id = id.to_owned();
        self.write(move |state| state.remove(NAMED_QUERIES, &id)).await
    }

    /// All prepared statements of a work group, by name.
    pub async fn prepared_statements(&self, work_group: &str) -> ApiResult<Vec<PreparedStatement>> {
        let mut all: Vec<PreparedStatement> = self.read(|state| state.all(PREPARED)).await?;
        all.retain(|statement| statement.work_group_name == work_group);
        Ok(all)
    }

    /// A prepared statement.
    pub async fn prepared_statement(
        &self,
        work_group: &str,
        name: &str,
    ) -> ApiResult<Option<PreparedStatement>> {
        let key = prepared_key(work_group, name);
        self.read(move |state| state.get(PREPARED, &key)).await
    }

    /// Keeps a prepared statement.
    pub async fn put_prepared_statement(&self, statement: PreparedStatement) -> ApiResult<()> {
        let key = prepared_key(&statement.work_group_name, &statement.statement_name);
        self.write(move |state| state.put(PREPARED, &key, &statement)).await
    }

    /// Forgets a prepared statement; whether there was one.
    pub async fn remove_prepared_statement(&self, work_group: &str, name: &str) -> ApiResult<bool> {
        let key = prepared_key(work_group, name);
        self.write(move |state| state.remove(PREPARED, &key)).await
    }

    /// All work groups that were made, by name.
    pub async fn work_groups(&self) -> ApiResult<Vec<WorkGroup>> {
        self.read(|state| state.all(WORK_GROUPS)).await
    }

    /// A work group that was made.
    pub async fn work_group(&self, name: &str) -> ApiResult<Option<WorkGroup>> {
        let name = name.to_owned();
        self.read(move |state| state.get(WORK_GROUPS, &name)).await
    }

    /// Keeps a work group.
    pub async fn put_work_group(&self, group: WorkGroup) -> ApiResult<()> {
        self.write(move |state| state.put(WORK_GROUPS, &group.name, &group)).await
    }

    /// Forgets a work group, if nothing is in it or `with_content`: named queries, prepared statements and
    /// queries that were asked in it.
    pub async fn remove_work_group(&self, name: &str, with_content: bool) -> ApiResult<Removal> {
        let name = name.to_owned();
        self.write(move |state| {
            if state.get::<WorkGroup>(WORK_GROUPS, &name)?.is_none() {
                return Ok(Removal::Missing);
            }
            let mut named: Vec<NamedQuery> = state.all(NAMED_QUERIES)?;
            named.retain(|query| query.work_group == name);
            let mut prepared: Vec<PreparedStatement> = state.all(PREPARED)?;
            prepared.retain(|statement| statement.work_group_name == name);
            let asked = executions::of_work_group(state, &name)?;
            let is_empty = named.is_empty() && prepared.is_empty() && asked.is_empty();
            if !is_empty && !with_content {
                return Ok(Removal::NotEmpty);
            }
            for query in &named {
                state.remove(NAMED_QUERIES, &query.named_query_id)?;
            }
            let prepared: Vec<String> = prepared.into_iter().map(|found| found.statement_name).collect();
            for statement in &prepared {
                state.remove(PREPARED, &prepared_key(&name, statement))?;
            }
            executions::forget(state, &asked)?;
            state.remove(WORK_GROUPS, &name)?;
            Ok(Removal::Done(prepared))
        })
        .await
    }
}

/// Names of work groups and statements hold no slash.
fn prepared_key(work_group: &str, name: &str) -> String {
    format!("{work_group}/{name}")
}
