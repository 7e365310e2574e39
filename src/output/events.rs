//! Formats that other tools read, an event a line: each row becomes one JSON object.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::text::visible_json;
use super::{BatchWriter, sink_error};
use crate::error::{Error, Result};
use crate::schema::EVENT_TIMESTAMP;

/// Columns without which rows are no events.
const NEEDED: [&str; 4] = [EVENT_TIMESTAMP, "eventsource", "eventname", "useridentity"];

/// Writes each row as the object that a format makes of it.
pub struct EventWriter<'a> {
    sink: Box<dyn Write + Send + 'a>,
    event: fn(Fields<'_>) -> Value,
}

impl<'a> EventWriter<'a> {
    /// A writer of `event`'s objects, for batches of `schema`; `format` is its name.
    ///
    /// # Errors
    /// If rows of this schema are no events.
    pub fn new(
        sink: Box<dyn Write + Send + 'a>,
        schema: &SchemaRef,
        format: &str,
        event: fn(Fields<'_>) -> Value,
    ) -> Result<Self> {
        if NEEDED.iter().any(|column| schema.column_with_name(column).is_none()) {
            let instead = "use it for a timeline, and json or csv for this";
            return Err(Error::argument("format", format, "is one for events", instead));
        }
        Ok(Self { sink, event })
    }
}

impl BatchWriter for EventWriter<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = (0..batch.num_rows()).into_par_iter();
        let lines = rows.map(|row| visible_json((self.event)(Fields { batch, row }).to_string()) + "\n");
        for line in lines.collect::<Vec<_>>() {
            self.sink.write_all(line.as_bytes()).map_err(sink_error)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        self.sink.flush().map_err(sink_error)
    }
}

/// The JSON without what says nothing: nulls, and objects and lists that are empty then.
pub fn without_nothing(json: Value) -> Value {
    let says = |value: &Value| match value {
        Value::Null => false,
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    };
    match json {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, without_nothing(value)));
            Value::Object(members.filter(|(_, value)| says(value)).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.into_iter().map(without_nothing).filter(says).collect(),
        other => other,
    }
}
