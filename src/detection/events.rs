//! The events of a question as far as findings need them, in memory.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{Int64Type, TimestampMillisecondType};
use chrono::{DateTime, Utc};

use crate::error::Result;

/// What is kept of an event. Everything else is looked at while it passes.
pub const KEPT: [&str; 23] = [
    "event_timestamp",
    "eventid",
    "eventsource",
    "call",
    "awsregion",
    "sourceipaddress",
    "useragent",
    "network",
    "client",
    "errorcode",
    "outcome",
    "by_service",
    "is_read",
    "actor",
    "actor_type",
    "account",
    "session",
    "session_name",
    "session_created",
    "access_key",
    "is_own",
    "source_object",
    "source_index",
];

/// Events in the order in which they came, each once.
#[derive(Debug, Default)]
pub struct Events {
    batches: Vec<RecordBatch>,
    /// Number of each batch's first event.
    starts: Vec<u32>,
    count: u32,
    /// What tells one event from another, hashed twice.
    seen: HashSet<(u64, u64)>,
    hashers: (RandomState, RandomState),
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Its number.
    pub number: u32,
    batch: &'a RecordBatch,
    row: usize,
}

impl Events {
    /// Takes the events of a batch that are new, and returns their rows: a trail's copy of another's
    /// event is none.
    ///
    /// # Errors
    /// If the batch lacks a column that is kept.
    pub fn append(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let kept = KEPT.iter().map(|name| batch.schema().index_of(name)).collect::<Result<Vec<_>, _>>()?;
        let all = batch.project(&kept)?;
        let new: BooleanArray = (0..all.num_rows())
            .map(|row| Some(self.is_new(&Event { number: 0, batch: &all, row })))
            .collect();
        self.starts.push(self.count);
        let kept = filter_record_batch(&all, &new)?;
        self.count += u32::try_from(kept.num_rows()).unwrap_or(u32::MAX);
        self.batches.push(kept);
        Ok(filter_record_batch(batch, &new)?)
    }

    fn is_new(&mut self, event: &Event<'_>) -> bool {
        let Some(id) = event.text("eventid").filter(|id| !id.is_empty()) else { return true };
        let key = (id, event.millis(), event.text("eventsource"), event.text("call"));
        self.seen.insert((self.hashers.0.hash_one(key), self.hashers.1.hash_one(key)))
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// The event of a number below [`len`](Self::len).
    pub fn get(&self, number: u32) -> Event<'_> {
        let batch = self.starts.partition_point(|start| *start <= number) - 1;
        Event { number, batch: &self.batches[batch], row: (number - self.starts[batch]) as usize }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Event<'_>> {
        (0..self.count).map(|number| self.get(number))
    }
}

impl<'a> Event<'a> {
    /// A text of it; `None` if there is none.
    pub fn text(self, column: &str) -> Option<&'a str> {
        let texts = self.batch.column_by_name(column)?.as_string_opt::<i32>()?;
        texts.is_valid(self.row).then(|| texts.value(self.row))
    }

    /// Such a text, empty if there is none.
    pub fn word(self, column: &str) -> &'a str {
        self.text(column).unwrap_or_default()
    }

    /// Whether something holds of it.
    pub fn is(self, column: &str) -> bool {
        let flags = self.batch.column_by_name(column).and_then(|column| column.as_boolean_opt());
        flags.is_some_and(|flags| flags.is_valid(self.row) && flags.value(self.row))
    }

    /// When, in milliseconds since 1970; `None` if it does not say.
    pub fn millis(self) -> Option<i64> {
        self.millis_of("event_timestamp")
    }

    /// When.
    pub fn time(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.millis()?)
    }

    /// When its session was made, in milliseconds since 1970.
    pub fn session_created(self) -> Option<i64> {
        self.millis_of("session_created")
    }

    fn millis_of(self, column: &str) -> Option<i64> {
        let times = self.batch.column_by_name(column)?.as_primitive_opt::<TimestampMillisecondType>()?;
        times.is_valid(self.row).then(|| times.value(self.row))
    }

    /// Its place in its object.
    pub fn source_index(self) -> i64 {
        let column = self.batch.column_by_name("source_index");
        let column = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
        column.map(|column| column.value(self.row)).unwrap_or_default()
    }

    /// `iam:CreateUser`.
    pub fn call(self) -> String {
        let source = self.word("eventsource");
        format!("{}:{}", source.strip_suffix(".amazonaws.com").unwrap_or(source), self.word("call"))
    }
}
