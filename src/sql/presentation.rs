//! An answer as an output format can show it.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use super::answer::{Answer, Column};
use crate::error::Result;
use crate::functions::trino::text::text;
use crate::output::Format;

/// How an answer's batches are written: what a format has no form of its own for becomes Athena's
/// text of it.
#[derive(Debug, Clone)]
pub struct Presentation {
    schema: SchemaRef,
    /// Which columns become text.
    as_text: Vec<bool>,
}

impl Answer {
    /// How this answer looks in `format`.
    pub fn presentation(&self, format: Format) -> Presentation {
        let as_text: Vec<bool> =
            self.columns.iter().map(|column| !keeps(format, &column.data_type)).collect();
        let field = |(column, as_text): (&Column, &bool)| {
            let data_type = if *as_text { DataType::Utf8 } else { column.data_type.clone() };
            Field::new(&column.name, data_type, true)
        };
        let fields: Vec<Field> = self.columns.iter().zip(&as_text).map(field).collect();
        Presentation { schema: Arc::new(Schema::new(fields)), as_text }
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
        let shown = batch.columns().iter().zip(&self.as_text).zip(self.schema.fields());
        let shown = shown.map(|((array, as_text), field)| match as_text {
            true => Ok(texts(array)),
            false => Ok(arrow::compute::cast(array, field.data_type())?),
        });
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(self.schema(), shown.collect::<Result<_>>()?, &options)?)
    }
}

/// Whether a format shows values of a type as they are.
fn keeps(format: Format, data_type: &DataType) -> bool {
    use DataType as T;
    match format {
        Format::Table => matches!(data_type, T::Utf8),
        // Numbers are no formulas, whatever they begin with.
        Format::Csv => data_type.is_integer() || matches!(data_type, T::Utf8 | T::Decimal128(..)),
        Format::Json | Format::Ndjson => match data_type {
            T::Utf8 | T::LargeUtf8 | T::Boolean | T::Null => true,
            T::Float32 | T::Float64 => true,
            T::List(item) => keeps(format, item.data_type()),
            T::Map(entries, _) => keeps(format, entries.data_type()),
            T::Struct(fields) => fields.iter().all(|field| keeps(format, field.data_type())),
            other => other.is_integer(),
        },
        Format::Parquet | Format::Arrow | Format::Timesketch | Format::Ocsf => {
            !matches!(data_type, T::Interval(_) | T::Duration(_) | T::Null)
        }
    }
}

fn texts(array: &ArrayRef) -> ArrayRef {
    Arc::new((0..array.len()).map(|row| text(array, row)).collect::<StringArray>())
}
