//! Turns records into Arrow batches of the wanted columns.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Builder, RecordBatch, RecordBatchOptions, StringBuilder, TimestampMillisecondBuilder,
};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::schema::{COLUMNS, Origin};

use super::Object;
use super::columns::{ColumnBuilder, KeyIndex, Members, descend};
use super::json::{for_each_member, text_of};
use super::members::MemberIndex;
use super::tally::Malformed;
use super::time::parse_event_time;

/// The wanted columns, by their position in [`COLUMNS`], with the wanted members of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection(pub Vec<(usize, Members)>);

impl Projection {
    /// Every column, whole.
    pub fn all() -> Self {
        Self((0..COLUMNS.len()).map(|column| (column, None)).collect())
    }

    /// Schema of the batches: the wanted columns, their structs cut to the wanted members.
    pub fn schema(&self) -> SchemaRef {
        let fields = self.0.iter().map(|(column, members)| {
            let column = &COLUMNS[*column];
            match &column.origin {
                Origin::Record(_, shape, _) => {
                    Field::new(column.name, ColumnBuilder::new(shape, members).data_type(), true)
                }
                _ => column.field(),
            }
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }
}

/// Collects parsed records until a batch is taken.
#[derive(Debug)]
pub struct RecordBuilder {
    schema: SchemaRef,
    index: KeyIndex,
    columns: Vec<Column>,
    rows: usize,
    bytes: usize,
}

#[derive(Debug)]
enum Column {
    /// The slot of the top-level key, the path below it, and the values.
    Record(usize, &'static [&'static str], Box<ColumnBuilder>),
    EventTime(TimestampMillisecondBuilder),
    Object(StringBuilder),
    Modified(TimestampMillisecondBuilder),
    Offset(Int64Builder),
    Index(Int64Builder),
    Size(Int64Builder),
}

/// More top-level keys than the schema knows.
const MOST_KEYS: usize = 48;
/// Keys that every record is asked for, and their slots: what says that it is one.
const ALWAYS: [&str; 6] =
    ["eventTime", "eventVersion", "userIdentity", "eventName", "detail", "CloudTrailEvent"];
const EVENT_TIME: usize = 0;
const EVENT_VERSION: usize = 1;
const USER_IDENTITY: usize = 2;
const EVENT_NAME: usize = 3;
const DETAIL: usize = 4;
const CLOUDTRAIL_EVENT: usize = 5;

impl RecordBuilder {
    /// A builder of batches with `projection`'s schema.
    pub fn new(projection: &Projection) -> Self {
        let mut keys = ALWAYS.to_vec();
        let columns = projection.0.iter().map(|(column, members)| match &COLUMNS[*column].origin {
            Origin::Record(path, shape, _) => {
                let slot = keys.iter().position(|key| *key == path[0]).unwrap_or(keys.len());
                if slot == keys.len() {
                    keys.push(path[0]);
                }
                Column::Record(slot, &path[1..], Box::new(ColumnBuilder::new(shape, members)))
            }
            Origin::EventTime => Column::EventTime(timestamps()),
            Origin::Object => Column::Object(StringBuilder::with_capacity(0, 0)),
            Origin::Offset => Column::Offset(Int64Builder::with_capacity(0)),
            Origin::Index => Column::Index(Int64Builder::with_capacity(0)),
            Origin::Size => Column::Size(Int64Builder::with_capacity(0)),
            Origin::Modified => Column::Modified(timestamps()),
        });
        let columns = columns.collect();
        Self { schema: projection.schema(), index: KeyIndex::new(keys), columns, rows: 0, bytes: 0 }
    }

    /// Rows collected so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of JSON behind them.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Parses one record of `object`, found at `offset` in its content as number `index`, whose
    /// `members` may be known. Returns whether its event time can be read.
    ///
    /// # Errors
    /// [`Malformed`], and the record leaves no trace; [`Malformed::NotARecord`] also for an object
    /// that wraps a record.
    pub fn append(
        &mut self,
        record: &str,
        members: Option<&MemberIndex>,
        object: Object<'_>,
        offset: u64,
        index: u64,
    ) -> Result<bool, Malformed> {
        let mut found = [None; MOST_KEYS];
        // Where a key occurs twice the last one counts, as in most parsers.
        let mut each = |key: &str, value| self.index.slots(key).for_each(|slot| found[slot] = Some(value));
        match members {
            Some(members) => members.members(record).for_each(|(key, value)| each(key, value)),
            None => for_each_member(record, each).map_err(|_| Malformed::InvalidJson)?,
        }
        let wraps = found[CLOUDTRAIL_EVENT].is_some() || found[DETAIL].is_some();
        let known = |slot: usize| found[slot].is_some();
        if !known(EVENT_VERSION)
            && !known(USER_IDENTITY)
            && (wraps || !(known(EVENT_TIME) || known(EVENT_NAME)))
        {
            return Err(Malformed::NotARecord);
        }
        if !found[EVENT_VERSION].is_none_or(is_supported_version) {
            return Err(Malformed::UnsupportedVersion);
        }
        let time = found[EVENT_TIME].and_then(|raw| parse_event_time(&text_of(raw)));
        for column in &mut self.columns {
            match column {
                Column::Record(slot, path, builder) => {
                    builder.append(found[*slot].and_then(|raw| descend(raw, path)));
                }
                Column::EventTime(builder) => builder.append_option(time),
                Column::Object(builder) => builder.append_value(object.name),
                Column::Modified(builder) => builder.append_value(object.modified),
                Column::Size(builder) => builder.append_value(object.size as i64),
                Column::Offset(builder) => builder.append_value(offset as i64),
                Column::Index(builder) => builder.append_value(index as i64),
            }
        }
        self.rows += 1;
        self.bytes += record.len();
        Ok(time.is_some())
    }

    /// Takes what was collected as a batch.
    pub fn finish(&mut self) -> RecordBatch {
        let rows = std::mem::take(&mut self.rows);
        self.bytes = 0;
        let columns = self.columns.iter_mut().map(|column| -> ArrayRef {
            match column {
                Column::Record(_, _, builder) => builder.finish(),
                Column::EventTime(builder) | Column::Modified(builder) => {
                    Arc::new(std::mem::replace(builder, timestamps()).finish())
                }
                Column::Object(builder) => Arc::new(builder.finish()),
                Column::Offset(builder) | Column::Index(builder) | Column::Size(builder) => {
                    Arc::new(builder.finish())
                }
            }
        });
        let columns = columns.collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)
            .expect("builders make what the schema says")
    }
}

fn timestamps() -> TimestampMillisecondBuilder {
    TimestampMillisecondBuilder::with_capacity(0)
        .with_data_type(DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())))
}

/// Major version 1, or none that can be told.
fn is_supported_version(raw: &str) -> bool {
    if raw.starts_with("\"1.") {
        return true;
    }
    let text = text_of(raw);
    let major = text.split('.').next().unwrap_or_default();
    major.parse::<u32>().map_or(true, |major| major == 1)
}
