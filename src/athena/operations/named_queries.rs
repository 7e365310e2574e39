//! Queries that are saved under a name.

use serde::Deserialize;
use serde_json::{Value, json};

use super::paging::Page;
use super::queries::paged;
use super::work_groups::PRIMARY;
use super::{Api, value};
use crate::athena::error::{ApiError, ApiResult};
use crate::athena::ids::new_id;
use crate::athena::protocol::required;
use crate::athena::store::NamedQuery;

/// The most named queries that are kept.
const MOST: usize = 10_000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateNamedQuery {
    name: Option<String>,
    description: Option<String>,
    database: Option<String>,
    query_string: Option<String>,
    work_group: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OneNamedQuery {
    named_query_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateNamedQuery {
    named_query_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    query_string: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManyNamedQueries {
    named_query_ids: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ListNamedQueries {
    work_group: Option<String>,
    #[serde(flatten)]
    page: Page,
}

impl Api {
    pub(super) async fn create_named_query(&self, request: CreateNamedQuery) -> ApiResult<Value> {
        let work_group = request.work_group.unwrap_or_else(|| PRIMARY.to_owned());
        self.work_group(&work_group).await?;
        if self.store.named_queries().await?.len() >= MOST {
            return Err(ApiError::input(format!("there are {MOST} named queries already")));
        }
        let query = NamedQuery {
            name: required(request.name, "name")?,
            description: request.description,
            database: required(request.database, "database")?,
            query_string: required(request.query_string, "queryString")?,
            named_query_id: new_id(),
            work_group,
        };
        let id = query.named_query_id.clone();
        self.store.put_named_query(query).await?;
        Ok(json!({"NamedQueryId": id}))
    }

    pub(super) async fn get_named_query(&self, request: OneNamedQuery) -> ApiResult<Value> {
        let id = required(request.named_query_id, "namedQueryId")?;
        Ok(json!({"NamedQuery": value(&self.named_query(&id).await?)?}))
    }

    pub(super) async fn batch_get_named_query(&self, request: ManyNamedQueries) -> ApiResult<Value> {
        let (mut found, mut unprocessed) = (vec![], vec![]);
        for id in required(request.named_query_ids, "namedQueryIds")?.into_iter().take(50) {
            match self.store.named_query(&id).await? {
                Some(query) => found.push(value(&query)?),
                None => unprocessed.push(json!({
                    "NamedQueryId": id,
                    "ErrorCode": "NAMED_QUERY_NOT_FOUND",
                    "ErrorMessage": format!("NamedQuery {id} was not found"),
                })),
            }
        }
        Ok(json!({"NamedQueries": found, "UnprocessedNamedQueryIds": unprocessed}))
    }

    pub(super) async fn update_named_query(&self, request: UpdateNamedQuery) -> ApiResult<Value> {
        let id = required(request.named_query_id, "namedQueryId")?;
        let before = self.named_query(&id).await?;
        let query = NamedQuery {
            name: required(request.name, "name")?,
            description: request.description.or(before.description),
            query_string: required(request.query_string, "queryString")?,
            ..before
        };
        self.store.put_named_query(query).await?;
        Ok(json!({}))
    }

    pub(super) async fn delete_named_query(&self, request: OneNamedQuery) -> ApiResult<Value> {
        let id = required(request.named_query_id, "namedQueryId")?;
        match self.store.remove_named_query(&id).await? {
            true => Ok(json!({})),
            false => Err(not_found(&id)),
        }
    }

    pub(super) async fn list_named_queries(&self, request: ListNamedQueries) -> ApiResult<Value> {
        let group = request.work_group.unwrap_or_else(|| PRIMARY.to_owned());
        let all = self.store.named_queries().await?.into_iter();
        let ids = all.filter(|query| query.work_group == group).map(|query| query.named_query_id);
        let (ids, next) = request.page.of(ids.collect(), 50)?;
        Ok(paged("NamedQueryIds", json!(ids), next))
    }

    async fn named_query(&self, id: &str) -> ApiResult<NamedQuery> {
        self.store.named_query(id).await?.ok_or_else(|| not_found(id))
    }
}

fn not_found(id: &str) -> ApiError {
    ApiError::input(format!("NamedQuery {id} was not found"))
}
