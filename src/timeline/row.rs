//! The rows of a timeline as a person reads them.

use arrow::array::{Array, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{Int64Type, TimestampMillisecondType};
use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::finding::findings_of;
use crate::target::target_of;

/// A timeline row as a person reads it. Texts are as logged: escape them for where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimelineRow {
    /// When, in UTC.
    pub time: DateTime<Utc>,
    /// `by_role`, `on_role` or their like for another principal, or `downstream`.
    pub relation: String,
    /// What ties the event to the principal.
    pub matched_by: String,
    /// How many issued credentials lie between the principal and the caller: 0 for its own
    /// calls, `None` for what was done to it.
    pub depth: Option<i64>,
    /// The sessions on the way from the principal to the caller; `None` for what was done to it.
    pub chain: Option<String>,
    /// How many times the event was delivered.
    pub copies: u64,
    /// `eventID`, if the record has one.
    pub event_id: Option<String>,
    /// The region of the call.
    pub region: Option<String>,
    /// Service and call, such as `sts:AssumeRole`.
    pub call: String,
    /// The error code, `None` for success.
    pub error: Option<String>,
    /// Address, or name of the service that called.
    pub source_address: Option<String>,
    /// The caller: a role session's name, a user's, a service's or an account.
    pub caller: Option<String>,
    /// What the call was aimed at, as far as its parameters tell.
    pub target: Option<String>,
    /// Ids of the findings that rest on it, if the timeline is annotated.
    pub findings: Vec<String>,
    /// Where the record lies: object, and its offset in the inflated content in bytes.
    pub source: (String, i64),
}

/// The rows of a timeline's batch.
///
/// # Errors
/// If the batch is not one of a timeline's answer.
pub fn timeline_rows(batch: &RecordBatch) -> Result<Vec<TimelineRow>> {
    let columns = Columns { batch };
    (0..batch.num_rows()).map(|row| columns.row(row)).collect()
}

struct Columns<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Columns<'a> {
    fn column(&self, name: &str) -> Result<&'a dyn Array> {
        let found = self.batch.column_by_name(name).map(|column| &**column);
        found.ok_or_else(|| arrow::error::ArrowError::SchemaError(format!("no column {name}")).into())
    }

    fn text(&self, name: &str, row: usize) -> Result<Option<&'a str>> {
        Ok(text_at(self.column(name)?, row))
    }

    fn integer(&self, name: &str, row: usize) -> Result<i64> {
        Ok(self.optional_integer(name, row)?.unwrap_or_default())
    }

    fn optional_integer(&self, name: &str, row: usize) -> Result<Option<i64>> {
        let column = self.column(name)?.as_primitive::<Int64Type>();
        Ok(column.is_valid(row).then(|| column.value(row)))
    }

    fn row(&self, row: usize) -> Result<TimelineRow> {
        let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        let millis = self.column("event_timestamp")?.as_primitive::<TimestampMillisecondType>().value(row);
        let service = self.text("eventsource", row)?.unwrap_or("?");
        let service = service.strip_suffix(".amazonaws.com").unwrap_or(service);
        let name = self.text("eventname", row)?.unwrap_or("?");
        Ok(TimelineRow {
            time: DateTime::from_timestamp_millis(millis).unwrap_or_default(),
            relation: owned(self.text("relation", row)?).unwrap_or_default(),
            matched_by: owned(self.text("matched_by", row)?).unwrap_or_default(),
            depth: self.optional_integer("depth", row)?,
            chain: owned(self.text("chain", row)?),
            copies: self.integer("copies", row)?.unsigned_abs(),
            event_id: owned(self.text("eventid", row)?),
            region: owned(self.text("awsregion", row)?),
            call: format!("{service}:{name}"),
            error: owned(self.text("errorcode", row)?)
                .or(owned(self.text("errormessage", row)?).map(|_| "Error".to_owned())),
            source_address: owned(self.text("sourceipaddress", row)?),
            caller: caller(self.column("useridentity")?.as_struct(), row),
            target: target_of(self.batch, row),
            findings: findings_of(self.batch, row),
            source: (
                owned(self.text("source_object", row)?).unwrap_or_default(),
                self.integer("source_offset", row)?,
            ),
        })
    }
}

fn text_at(column: &dyn Array, row: usize) -> Option<&str> {
    column.as_string_opt::<i32>().filter(|column| column.is_valid(row)).map(|column| column.value(row))
}

/// The session's name; else whatever names the caller best.
fn caller(identity: &StructArray, row: usize) -> Option<String> {
    let member = |name: &str| {
        let column = identity.column_by_name(name)?;
        text_at(column, row).filter(|text| !text.is_empty())
    };
    let session = member("arn").and_then(|arn| arn.split_once(":assumed-role/")?.1.split_once('/'));
    session
        .map(|(_, session)| session)
        .or_else(|| member("username"))
        .or_else(|| member("arn").map(|arn| arn.rsplit(':').next().unwrap_or(arn)))
        .or_else(|| member("invokedby"))
        .or_else(|| member("principalid").map(|id| id.split_once(':').map_or(id, |(_, session)| session)))
        .or_else(|| member("accountid"))
        .map(ToOwned::to_owned)
}
