//! `QueryExecution`, and what it is made of.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A time as AWS's JSON protocol has it: seconds since 1970, with a fraction.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpochSeconds(f64);

impl From<DateTime<Utc>> for EpochSeconds {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_millis() as f64 / 1000.0)
    }
}

/// How far a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Runs.
    Running,
    /// Its result is written.
    Succeeded,
    /// It could not be answered.
    Failed,
    /// It was stopped.
    Cancelled,
}

impl State {
    /// Whether nothing will change any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A query that was asked, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueryExecution {
    /// Its id, a UUID.
    pub query_execution_id: String,
    /// The statement.
    pub query: String,
    /// `DML`, `DDL` or `UTILITY`; not known before the statement is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement_type: Option<String>,
    /// `SELECT`, `CREATE_TABLE`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub substatement_type: Option<String>,
    /// Where the result goes: the folder that was asked for, and the file once it is known.
    pub result_configuration: ResultConfiguration,
    /// As asked for; results are always computed anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_reuse_configuration: Option<serde_json::Value>,
    /// What names without a database belong to.
    pub query_execution_context: QueryExecutionContext,
    /// How far it is.
    pub status: Status,
    /// What it cost.
    pub statistics: Statistics,
    /// Its work group.
    pub work_group: String,
    /// The dialect it is read in.
    pub engine_version: EngineVersion,
    /// What its `?` stand for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execution_parameters: Option<Vec<String>>,
}

/// Where a result goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResultConfiguration {
    /// `s3://bucket/prefix/`, or a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_location: Option<String>,
}

/// What names in a statement belong to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueryExecutionContext {
    /// The database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// The catalog.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
}

/// How far a query is, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Status {
    /// The state.
    pub state: State,
    /// Why, where there is a reason to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_change_reason: Option<String>,
    /// When it was asked.
    pub submission_date_time: EpochSeconds,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_date_time: Option<EpochSeconds>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub athena_error: Option<AthenaError>,
}

/// What went wrong, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AthenaError {
    /// 1 is the system, 2 the user, 3 another.
    pub error_category: i32,
    /// Of Athena's table of error types.
    pub error_type: i32,
    /// Whether trying again may help.
    pub retryable: bool,
    /// The same as the reason of the state.
    pub error_message: String,
}

/// What a query cost.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statistics {
    /// Milliseconds of running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_execution_time_in_millis: Option<u64>,
    /// Stored (compressed) bytes read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_scanned_in_bytes: Option<u64>,
    /// The file that names the files that a statement wrote; none for those that write none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_manifest_location: Option<String>,
    /// Milliseconds from the request to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_execution_time_in_millis: Option<u64>,
    /// Milliseconds of waiting for its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_queue_time_in_millis: Option<u64>,
    /// Milliseconds of planning, a part of running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query_planning_time_in_millis: Option<u64>,
    /// Milliseconds after the query, of writing what is beside the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_processing_time_in_millis: Option<u64>,
}

/// The dialect that is spoken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct EngineVersion {
    /// As asked for.
    pub selected_engine_version: String,
    /// As it is.
    pub effective_engine_version: String,
}

impl Default for EngineVersion {
    fn default() -> Self {
        Self {
            selected_engine_version: "AUTO".to_owned(),
            effective_engine_version: "Athena engine version 3".to_owned(),
        }
    }
}
