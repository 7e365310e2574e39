//! A row of a timeline by the names of its columns.

use arrow::array::{Array, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{Int64Type, TimestampMillisecondType};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::schema::EVENT_TIMESTAMP;

/// One row; what a batch does not have, or a record did not say, is `None`.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    /// The batch.
    pub batch: &'a RecordBatch,
    /// The row in it.
    pub row: usize,
}

impl<'a> Fields<'a> {
    /// The rows of a batch.
    pub fn rows(batch: &'a RecordBatch) -> impl Iterator<Item = Self> {
        (0..batch.num_rows()).map(move |row| Self { batch, row })
    }

    /// A text; an empty one says nothing.
    pub fn text(self, column: &str) -> Option<&'a str> {
        text(self.batch.column_by_name(column)?, self.row)
    }

    /// A text within `useridentity`, by the names on the way to it.
    pub fn identity(self, path: &[&str]) -> Option<&'a str> {
        let (last, holders) = path.split_last()?;
        let identity: &StructArray = self.batch.column_by_name("useridentity")?.as_struct_opt()?;
        let holder = holders.iter().try_fold(identity, |holder, name| {
            holder.column_by_name(name).and_then(|column| column.as_struct_opt())
        })?;
        text(holder.column_by_name(last)?, self.row)
    }

    /// A number.
    pub fn integer(self, column: &str) -> Option<i64> {
        let numbers = self.batch.column_by_name(column)?.as_primitive_opt::<Int64Type>()?;
        numbers.is_valid(self.row).then(|| numbers.value(self.row))
    }

    /// The JSON of a column that holds JSON as text.
    pub fn json(self, column: &str) -> Option<Value> {
        serde_json::from_str(self.text(column)?).ok().filter(|json: &Value| !json.is_null())
    }

    /// The objects of a column of lists of structs, each with those of its texts that are there.
    pub fn objects(self, column: &str) -> Vec<Vec<(String, String)>> {
        let lists = self.batch.column_by_name(column).and_then(|column| column.as_list_opt::<i32>());
        let Some(items) = lists.filter(|lists| lists.is_valid(self.row)).map(|lists| lists.value(self.row))
        else {
            return vec![];
        };
        let Some(items) = items.as_struct_opt() else { return vec![] };
        let object = |row| {
            let members = items.column_names().into_iter().zip(items.columns());
            let texts =
                members.filter_map(|(name, column)| Some((name.to_owned(), text(column, row)?.to_owned())));
            texts.collect()
        };
        (0..items.len()).map(object).collect()
    }

    /// When, in UTC.
    pub fn time(self) -> Option<DateTime<Utc>> {
        let times =
            self.batch.column_by_name(EVENT_TIMESTAMP)?.as_primitive_opt::<TimestampMillisecondType>()?;
        times.is_valid(self.row).then(|| times.value(self.row)).and_then(DateTime::from_timestamp_millis)
    }
}

fn text(column: &dyn Array, row: usize) -> Option<&str> {
    let texts = column.as_string_opt::<i32>().filter(|texts| texts.is_valid(row))?;
    Some(texts.value(row)).filter(|text| !text.is_empty())
}
