//! Work groups: where their queries' results go. `primary` is always there.

use std::collections::BTreeMap;

use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::paging::Page;
use super::queries::paged;
use super::tags::{Tag, with_tags};
use crate::athena::error::{ApiError, ApiResult};
use crate::athena::protocol::{EngineVersion, ResultConfiguration, required};
use crate::athena::store::{Removal, WorkGroup};

/// The work group of queries that name none.
pub const PRIMARY: &str = "primary";
/// The most work groups, as Athena bounds them.
const MOST: usize = 1000;
/// The least that the bytes of a query can be limited to.
const LEAST_CUTOFF: u64 = 10_000_000;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateWorkGroup {
    name: Option<String>,
    description: Option<String>,
    configuration: Option<Configuration>,
    tags: Option<Vec<Tag>>,
}

/// What trailq heeds of a work group's settings.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    result_configuration: Option<ResultConfiguration>,
    enforce_work_group_configuration: Option<bool>,
    bytes_scanned_cutoff_per_query: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateWorkGroup {
    work_group: Option<String>,
    description: Option<String>,
    state: Option<String>,
    configuration_updates: Option<ConfigurationUpdates>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ConfigurationUpdates {
    enforce_work_group_configuration: Option<bool>,
    result_configuration_updates: Option<ResultConfigurationUpdates>,
    bytes_scanned_cutoff_per_query: Option<u64>,
    remove_bytes_scanned_cutoff_per_query: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ResultConfigurationUpdates {
    output_location: Option<String>,
    remove_output_location: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct OneWorkGroup {
    work_group: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteWorkGroup {
    work_group: Option<String>,
    recursive_delete_option: Option<bool>,
}

impl Api {
    /// A work group; one that says nothing of an output has the server's.
    ///
    /// # Errors
    /// If there is none of this name.
    pub(super) async fn work_group(&self, name: &str) -> ApiResult<WorkGroup> {
        let mut group = match self.store.work_group(name).await? {
            Some(group) => group,
            None if name == PRIMARY => self.primary(),
            None => return Err(ApiError::input("WorkGroup is not found.")),
        };
        group.output_location = group.output_location.or_else(|| self.output.clone());
        Ok(group)
    }

    /// A work group as it was made or changed, to change it.
    ///
    /// # Errors
    /// If there is none of this name.
    pub(super) async fn kept_work_group(&self, name: &str) -> ApiResult<WorkGroup> {
        self.work_group(name).await?;
        Ok(self.store.work_group(name).await?.unwrap_or_else(|| self.primary()))
    }

    fn primary(&self) -> WorkGroup {
        WorkGroup {
            name: PRIMARY.to_owned(),
            state: "ENABLED".to_owned(),
            description: None,
            output_location: None,
            enforce: false,
            bytes_scanned_cutoff: None,
            tags: Default::default(),
            creation_time: self.started.into(),
        }
    }

    pub(super) async fn create_work_group(&self, request: CreateWorkGroup) -> ApiResult<Value> {
        let name = required(request.name, "name")?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if name.is_empty() || name.len() > 128 || !name.bytes().all(is_name) {
            return Err(ApiError::input("name must have 1 to 128 letters, digits, ., _ or -"));
        }
        if name == PRIMARY || self.store.work_group(&name).await?.is_some() {
            return Err(ApiError::input("WorkGroup is already created"));
        }
        if self.store.work_groups().await?.len() >= MOST {
            return Err(ApiError::input(format!("there are {MOST} work groups already")));
        }
        let configuration = request.configuration.unwrap_or_default();
        let output_location = configuration.result_configuration.unwrap_or_default().output_location;
        if let Some(output) = &output_location {
            self.executions.output(output)?;
        }
        let cutoff = configuration.bytes_scanned_cutoff_per_query;
        check_cutoff(cutoff)?;
        let group = WorkGroup {
            name,
            state: "ENABLED".to_owned(),
            description: request.description,
            output_location,
            // Athena's default for new groups.
            enforce: configuration.enforce_work_group_configuration.unwrap_or(true),
            bytes_scanned_cutoff: cutoff,
            tags: with_tags(BTreeMap::new(), request.tags.unwrap_or_default())?,
            creation_time: Utc::now().into(),
        };
        self.store.put_work_group(group).await?;
        Ok(json!({}))
    }

    pub(super) async fn get_work_group(&self, request: OneWorkGroup) -> ApiResult<Value> {
        let group = self.work_group(&required(request.work_group, "workGroup")?).await?;
        let mut configuration = json!({
            "ResultConfiguration": ResultConfiguration { output_location: group.output_location },
            "EnforceWorkGroupConfiguration": group.enforce,
            "EnableMinimumEncryptionConfiguration": false,
            "PublishCloudWatchMetricsEnabled": false,
            "RequesterPaysEnabled": false,
            "EngineVersion": EngineVersion::default(),
        });
        if let (Some(cutoff), Some(members)) = (group.bytes_scanned_cutoff, configuration.as_object_mut()) {
            members.insert("BytesScannedCutoffPerQuery".to_owned(), cutoff.into());
        }
        let mut answer = json!({
            "Name": group.name,
            "State": group.state,
            "CreationTime": group.creation_time,
            "Configuration": configuration,
        });
        if let (Some(description), Some(members)) = (group.description, answer.as_object_mut()) {
            members.insert("Description".to_owned(), description.into());
        }
        Ok(json!({"WorkGroup": answer}))
    }

    pub(super) async fn update_work_group(&self, request: UpdateWorkGroup) -> ApiResult<Value> {
        let name = required(request.work_group, "workGroup")?;
        let mut group = self.kept_work_group(&name).await?;
        let updates = request.configuration_updates.unwrap_or_default();
        let results = updates.result_configuration_updates.unwrap_or_default();
        if let Some(output) = results.output_location {
            self.executions.output(&output)?;
            group.output_location = Some(output);
        }
        if results.remove_output_location == Some(true) {
            group.output_location = None;
        }
        check_cutoff(updates.bytes_scanned_cutoff_per_query)?;
        group.bytes_scanned_cutoff = match updates.remove_bytes_scanned_cutoff_per_query {
            Some(true) => None,
            _ => updates.bytes_scanned_cutoff_per_query.or(group.bytes_scanned_cutoff),
        };
        match request.state.as_deref() {
            None => {}
            Some(state @ ("ENABLED" | "DISABLED")) => group.state = state.to_owned(),
            Some(state) => {
                return Err(ApiError::input(format!("State {state} is neither ENABLED nor DISABLED")));
            }
        }
        group.description = request.description.or(group.description);
        group.enforce = updates.enforce_work_group_configuration.unwrap_or(group.enforce);
        self.store.put_work_group(group).await?;
        Ok(json!({}))
    }

    pub(super) async fn delete_work_group(&self, request: DeleteWorkGroup) -> ApiResult<Value> {
        let name = required(request.work_group, "workGroup")?;
        if name == PRIMARY {
            return Err(ApiError::input("The primary WorkGroup cannot be deleted"));
        }
        let with_content = request.recursive_delete_option.unwrap_or(false);
        match self.store.remove_work_group(&name, with_content).await? {
            Removal::Missing => Err(ApiError::input("WorkGroup is not found.")),
            Removal::NotEmpty => Err(ApiError::input(format!("WorkGroup {name} is not empty"))),
            Removal::Done(prepared) => {
                for statement in prepared {
                    self.executions.deallocate(&statement).await?;
                }
                Ok(json!({}))
            }
        }
    }

    pub(super) async fn list_work_groups(&self, request: Page) -> ApiResult<Value> {
        let mut groups = self.store.work_groups().await?;
        if groups.iter().all(|group| group.name != PRIMARY) {
            groups.push(self.primary());
        }
        groups.sort_by(|a, b| a.name.cmp(&b.name));
        let summary = |group: WorkGroup| {
            json!({
                "Name": group.name,
                "State": group.state,
                "Description": group.description.unwrap_or_default(),
                "CreationTime": group.creation_time,
                "EngineVersion": EngineVersion::default(),
            })
        };
        let (groups, next) = request.of(groups.into_iter().map(summary).collect(), 50)?;
        Ok(paged("WorkGroups", json!(groups), next))
    }
}

/// In the words of AWS's validation.
fn check_cutoff(bytes: Option<u64>) -> ApiResult<()> {
    match bytes {
        Some(bytes) if bytes < LEAST_CUTOFF => Err(ApiError::input(format!(
            "1 validation error detected: Value '{bytes}' at 'configuration.bytesScannedCutoffPerQuery' failed to \
             satisfy constraint: Member must have value greater than or equal to {LEAST_CUTOFF}"
        ))),
        _ => Ok(()),
    }
}
