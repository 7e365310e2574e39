//! The events of a question as far as findings need them, in memory.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, RecordBatch};
use arrow::compute::{cast, filter_record_batch};
use arrow::datatypes::{DataType, Int32Type, Int64Type, TimeUnit, TimestampMillisecondType};
use chrono::{DateTime, Utc};

use crate::error::Result;

/// What is kept of an event. Everything else is looked at while it passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Time,
    EventId,
    EventSource,
    Call,
    Region,
    Address,
    UserAgent,
    Network,
    Client,
    ErrorCode,
    Outcome,
    ByService,
    ViaService,
    ViaTool,
    IsRead,
    Actor,
    ActorType,
    Session,
    SessionName,
    SessionCreated,
    AccessKey,
    IsOwn,
    SourceObject,
    SourceIndex,
}

/// The columns of `events` that are kept, in the order of [`Kept`].
pub const KEPT: [&str; 24] = [
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
    "via_service",
    "via_tool",
    "is_read",
    "actor",
    "actor_type",
    "session",
    "session_name",
    "session_created",
    "access_key",
    "is_own",
    "source_object",
    "source_index",
];

/// Events, each once; numbered as they come, and once all are there by time.
#[derive(Debug, Default)]
pub struct Events {
    batches: Vec<RecordBatch>,
    /// Number of each batch's first event.
    starts: Vec<u32>,
    count: u32,
    /// As what number the event of each number came; empty while they come.
    order: Vec<u32>,
    /// The event of what tells one from another, hashed twice.
    seen: HashMap<(u64, u64), u32>,
    hashers: (RandomState, RandomState),
    /// Where the first of an event's copies lies, if another came before it.
    places: HashMap<u32, (String, i64)>,
}

/// One event.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    /// Its number.
    pub number: u32,
    /// Where it lies, if another copy was kept.
    place: Option<(&'a str, i64)>,
    batch: &'a RecordBatch,
    row: usize,
}

impl Events {
    /// Takes the events of a batch that are new, and returns their rows: a trail's copy of another's
    /// event is none.
    ///
    /// # Errors
    /// If the batch lacks a column that is kept.
    pub fn append(&mut self, batch: RecordBatch) -> Result<RecordBatch> {
        let all = keep(&batch)?;
        let mut new = BooleanBuilder::with_capacity(all.num_rows());
        let mut next = self.count;
        for row in 0..all.num_rows() {
            let is_new = self.is_new(Event { number: next, place: None, batch: &all, row });
            new.append_value(is_new);
            next += u32::from(is_new);
        }
        let new = new.finish();
        self.starts.push(self.count);
        self.count = next;
        if new.true_count() == batch.num_rows() {
            self.batches.push(all);
            return Ok(batch);
        }
        self.batches.push(filter_record_batch(&all, &new)?);
        Ok(filter_record_batch(&batch, &new)?)
    }

    /// Whether an event is no copy. Of copies the place of the first counts, in whatever order they
    /// come.
    fn is_new(&mut self, event: Event<'_>) -> bool {
        let Some(id) = event.text(Kept::EventId).filter(|id| !id.is_empty()) else { return true };
        let key = (id, event.millis(), event.text(Kept::EventSource), event.text(Kept::Call));
        let key = (self.hashers.0.hash_one(key), self.hashers.1.hash_one(key));
        let first = *self.seen.entry(key).or_insert(event.number);
        if first == event.number {
            return true;
        }
        // Copies in the batch at hand are compared with as soon as that is kept.
        let place = (event.source_object().to_owned(), event.source_index());
        match self.places.get_mut(&first) {
            Some(known) if *known <= place => {}
            Some(known) => *known = place,
            None => drop(self.places.insert(first, place)),
        }
        false
    }

    /// Numbers the events by time, then by where they lie: in whatever order they came. Returns the
    /// new number of each old one.
    pub fn sort(&mut self) -> Vec<u32> {
        self.seen = HashMap::new();
        // The place that came first may be the first one all the same.
        let places = std::mem::take(&mut self.places);
        self.places = places
            .into_iter()
            .filter(|(number, place)| {
                let event = self.get(*number);
                (place.0.as_str(), place.1) < (event.source_object(), event.source_index())
            })
            .collect();
        let mut order: Vec<u32> = (0..self.count).collect();
        order.sort_by_cached_key(|number| {
            let event = self.get(*number);
            (event.millis(), event.source_object(), event.source_index())
        });
        let mut numbers = vec![0; order.len()];
        for (new, old) in (0u32..).zip(&order) {
            numbers[*old as usize] = new;
        }
        self.order = order;
        numbers
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        self.count
    }

    /// The event of a number below [`len`](Self::len).
    pub fn get(&self, number: u32) -> Event<'_> {
        let came = self.order.get(number as usize).copied().unwrap_or(number);
        let batch = self.starts.partition_point(|start| *start <= came) - 1;
        let row = (came - self.starts[batch]) as usize;
        let place = self.places.get(&came).map(|(object, index)| (object.as_str(), *index));
        Event { number, place, batch: &self.batches[batch], row }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Event<'_>> {
        (0..self.count).map(|number| self.get(number))
    }
}

impl<'a> Event<'a> {
    /// A text of it; `None` if there is none.
    pub fn text(self, what: Kept) -> Option<&'a str> {
        let column = self.batch.column(what as usize);
        if let Some(words) = column.as_dictionary_opt::<Int32Type>() {
            let word = words.key(self.row)?;
            return Some(words.values().as_string_opt::<i32>()?.value(word));
        }
        let texts = column.as_string_opt::<i32>()?;
        texts.is_valid(self.row).then(|| texts.value(self.row))
    }

    /// Such a text, empty if there is none.
    pub fn word(self, what: Kept) -> &'a str {
        self.text(what).unwrap_or_default()
    }

    /// Whether something holds of it.
    pub fn is(self, what: Kept) -> bool {
        let flags = self.batch.column(what as usize).as_boolean_opt();
        flags.is_some_and(|flags| flags.is_valid(self.row) && flags.value(self.row))
    }

    /// Whether the actor made the call itself, not a service for it or for itself.
    pub fn is_direct(self) -> bool {
        !self.is(Kept::ByService) && !self.is(Kept::ViaService)
    }

    /// When, in milliseconds since 1970; `None` if it does not say.
    pub fn millis(self) -> Option<i64> {
        self.millis_of(Kept::Time)
    }

    /// When.
    pub fn time(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_millis(self.millis()?)
    }

    /// When its session was made, in milliseconds since 1970.
    pub fn session_created(self) -> Option<i64> {
        self.millis_of(Kept::SessionCreated)
    }

    fn millis_of(self, what: Kept) -> Option<i64> {
        let times = self.batch.column(what as usize).as_primitive_opt::<TimestampMillisecondType>()?;
        times.is_valid(self.row).then(|| times.value(self.row))
    }

    /// The object that it lies in.
    pub fn source_object(self) -> &'a str {
        self.place.map_or_else(|| self.word(Kept::SourceObject), |(object, _)| object)
    }

    /// Its ordinal there.
    pub fn source_index(self) -> i64 {
        if let Some((_, index)) = self.place {
            return index;
        }
        let column = self.batch.column(Kept::SourceIndex as usize).as_primitive_opt::<Int64Type>();
        column.map(|column| column.value(self.row)).unwrap_or_default()
    }

    /// `iam:CreateUser`.
    pub fn call(self) -> String {
        let source = self.word(Kept::EventSource);
        format!("{}:{}", source.strip_suffix(".amazonaws.com").unwrap_or(source), self.word(Kept::Call))
    }
}

/// The kept columns of a batch; texts that repeat stand once.
fn keep(batch: &RecordBatch) -> Result<RecordBatch> {
    let words = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let column = |name: &&'static str| -> Result<(&'static str, ArrayRef)> {
        let column = batch.column(batch.schema().index_of(name)?);
        // Times in one unit, whatever SQL made of them.
        let to = match column.data_type() {
            DataType::Utf8 if *name != KEPT[Kept::EventId as usize] => &words,
            DataType::Timestamp(..) => &DataType::Timestamp(TimeUnit::Millisecond, None),
            other => other,
        };
        Ok((*name, cast(column, to)?))
    };
    Ok(RecordBatch::try_from_iter(KEPT.iter().map(column).collect::<Result<Vec<_>>>()?)?)
}
