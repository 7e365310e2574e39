//! An answer as an output format can show it.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, ListArray, MapArray, RecordBatch, RecordBatchOptions, StringArray, StructArray,
};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};

use super::answer::Answer;
use crate::error::Result;
use crate::functions::trino::text::text;
use crate::output::{Format, computed};

/// How an answer's batches are written: what a format has no form of its own for becomes Athena's
/// text of it.
#[derive(Debug, Clone)]
pub struct Presentation {
    schema: SchemaRef,
}

impl Answer {
    /// How this answer looks in `format`. Columns of equal names are told apart (`arn`, `arn_1`) where a
    /// reader finds columns by their names.
    pub fn presentation(&self, format: Format) -> Presentation {
        let names = self.columns.iter().map(|column| column.name.as_str());
        let names = match format {
            Format::Table | Format::Csv => names.map(ToOwned::to_owned).collect(),
            _ => distinct(&names.collect::<Vec<_>>()),
        };
        let columns = self.columns.iter().zip(names);
        let fields = columns.map(|(column, name)| shown_field(format, name, &column.data_type));
        Presentation { schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())) }
    }
}

impl Presentation {
    /// Schema of what [`of`](Self::of) returns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// A batch of the answer in this form.
    ///
    /// # Errors
    /// If it is another answer's.
    pub fn of(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let shown = batch.columns().iter().zip(self.schema.fields());
        let shown = shown.map(|(array, field)| as_shown(array, field.data_type()));
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema(), shown.collect::<Result<_>>()?, &options)?)
    }
}

/// The same names, those that were there before with a number behind them.
fn distinct(names: &[&str]) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut seen = HashSet::new();
    let named = names.iter().map(|name| {
        if seen.insert(*name) {
            return (*name).to_owned();
        }
        let numbered = (1u64..).map(|number| format!("{name}_{number}"));
        let free = numbered.into_iter().find(|numbered| taken.insert(numbered.clone()));
        free.unwrap_or_default()
    });
    named.collect()
}

fn shown_field(format: Format, name: String, data_type: &DataType) -> Field {
    let shown = shown_type(format, data_type);
    let is_text = data_type.is_nested() || matches!(data_type, DataType::Utf8 | DataType::LargeUtf8);
    let field = Field::new(name, shown, true);
    if format == Format::Csv && !is_text { computed(field) } else { field }
}

/// The type that a format shows values of a type as: the same, or `Utf8` for their texts.
fn shown_type(format: Format, data_type: &DataType) -> DataType {
    use DataType as T;
    let within = |field: &FieldRef| {
        let shown = shown_type(format, field.data_type());
        Arc::new(field.as_ref().clone().with_data_type(shown))
    };
    let keeps = match format {
        Format::Table => matches!(data_type, T::Utf8),
        // Numbers are no formulas, whatever they begin with.
        Format::Csv => data_type.is_integer() || matches!(data_type, T::Utf8 | T::Decimal128(..)),
        Format::Json | Format::Ndjson => match data_type {
            T::List(item) => return T::List(within(item)),
            T::Struct(fields) => return T::Struct(fields.iter().map(within).collect()),
            T::Map(entries, sorted) => return map_of_texts(format, entries, *sorted),
            T::Utf8 | T::LargeUtf8 | T::Boolean | T::Null | T::Float32 | T::Float64 => true,
            other => other.is_integer(),
        },
        Format::Parquet | Format::Arrow | Format::Timesketch | Format::Ocsf => {
            !matches!(data_type, T::Interval(_) | T::Duration(_) | T::Null)
        }
    };
    if keeps { data_type.clone() } else { T::Utf8 }
}

/// A map as JSON has it: an object, whose names are the texts of the keys.
fn map_of_texts(format: Format, entries: &FieldRef, sorted: bool) -> DataType {
    let DataType::Struct(fields) = entries.data_type() else { return DataType::Utf8 };
    let fields = fields.iter().enumerate().map(|(position, field)| {
        let shown = if position == 0 { DataType::Utf8 } else { shown_type(format, field.data_type()) };
        Arc::new(field.as_ref().clone().with_data_type(shown))
    });
    let entry = DataType::Struct(fields.collect());
    DataType::Map(Arc::new(entries.as_ref().clone().with_data_type(entry)), sorted)
}

/// Values as the type that [`shown_type`] has for theirs.
fn as_shown(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    use DataType as T;
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    Ok(match (array.data_type(), target) {
        (T::List(_), T::List(item)) => {
            let list = array.as_list::<i32>();
            let items = as_shown(list.values(), item.data_type())?;
            Arc::new(ListArray::try_new(
                Arc::clone(item),
                list.offsets().clone(),
                items,
                list.nulls().cloned(),
            )?)
        }
        (T::Struct(_), T::Struct(fields)) => Arc::new(rows_as_shown(array.as_struct(), fields)?),
        (T::Map(..), T::Map(entries, sorted)) => {
            let map = array.as_map();
            let T::Struct(fields) = entries.data_type() else { return Ok(texts(array)) };
            let rows = rows_as_shown(map.entries(), fields)?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            Arc::new(MapArray::try_new(Arc::clone(entries), offsets, rows, nulls, *sorted)?)
        }
        (_, T::Utf8) => texts(array),
        _ => arrow::compute::cast(array, target)?,
    })
}

fn rows_as_shown(rows: &StructArray, fields: &arrow::datatypes::Fields) -> Result<StructArray> {
    let columns = rows.columns().iter().zip(fields);
    let columns = columns.map(|(column, field)| as_shown(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let nulls = rows.nulls().cloned();
    Ok(StructArray::try_new_with_length(fields.clone(), columns, nulls, rows.len())?)
}

fn texts(array: &ArrayRef) -> ArrayRef {
    Arc::new((0..array.len()).map(|row| text(array, row)).collect::<StringArray>())
}
