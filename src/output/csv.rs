//! CSV for spreadsheets and people: structs as JSON text, formulas made inert.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::csv::WriterBuilder;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::json::writer::{EncoderOptions, make_encoder};

use super::text::{inert_cell, visible, visible_json};
use super::{BatchWriter, COMPUTED, sink_error};
use crate::error::Result;

/// Writes a header and then rows, every text quoted where it has to be.
pub struct CsvWriter<'a> {
    sink: Box<dyn Write + Send + 'a>,
}

impl<'a> CsvWriter<'a> {
    /// Writes the header.
    ///
    /// # Errors
    /// If the sink cannot be written to.
    pub fn new(mut sink: Box<dyn Write + Send + 'a>, schema: &SchemaRef) -> Result<Self> {
        let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        writeln!(sink, "{}", names.join(",")).map_err(sink_error)?;
        Ok(Self { sink })
    }
}

impl BatchWriter for CsvWriter<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let cells = text_cells(batch)?;
        let mut lines = vec![];
        let mut writer = WriterBuilder::new().with_header(false).build(&mut lines);
        writer.write(&cells)?;
        drop(writer);
        self.sink.write_all(&lines).map_err(sink_error)
    }

    fn finish(&mut self) -> Result<()> {
        self.sink.flush().map_err(sink_error)
    }
}

/// The batch with nested columns as JSON text and texts made inert.
fn text_cells(batch: &RecordBatch) -> Result<RecordBatch> {
    let mut fields = vec![];
    let mut columns = vec![];
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let text = match field.data_type() {
            data_type if data_type.is_nested() => json_text(field, column)?,
            DataType::Utf8 if !is_computed(field) => column
                .as_string::<i32>()
                .iter()
                .map(|text| text.map(|text| inert_cell(&visible(text)).into_owned()))
                .collect(),
            _ => {
                fields.push(Arc::clone(field));
                columns.push(Arc::clone(column));
                continue;
            }
        };
        fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
        columns.push(Arc::new(text));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn is_computed(field: &Field) -> bool {
    field.metadata().get(COMPUTED.0).is_some_and(|mark| mark == COMPUTED.1)
}

/// Every value of a nested column as JSON.
pub(super) fn json_text(field: &Arc<Field>, column: &ArrayRef) -> Result<StringArray> {
    let options = EncoderOptions::default();
    let mut encoder = make_encoder(field, column, &options)?;
    let mut json = vec![];
    let texts = (0..column.len()).map(|row| {
        column.is_valid(row).then(|| {
            json.clear();
            encoder.encode(row, &mut json);
            // Spreadsheets and terminals show it; it means the same.
            visible_json(String::from_utf8_lossy(&json).into_owned())
        })
    });
    Ok(texts.collect())
}
