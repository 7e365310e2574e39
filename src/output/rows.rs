//! The table for a terminal of a query's rows: its own columns, cut to the terminal's width.

use std::io::Write;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::SchemaRef;
use comfy_table::presets::NOTHING;
use comfy_table::{Cell, ContentArrangement, Row, Table};

use super::table::{TableStyle, header};
use super::text::visible;
use super::{BatchWriter, sink_error};
use crate::error::Result;

/// Collects rows of texts and writes them at the end, when their widths are known.
pub struct RowsTable<'a> {
    sink: Box<dyn Write + Send + 'a>,
    style: TableStyle,
    table: Table,
}

impl<'a> RowsTable<'a> {
    /// A table of batches of `schema`, all texts, that will look like `style`.
    pub fn new(sink: Box<dyn Write + Send + 'a>, schema: &SchemaRef, style: TableStyle) -> Self {
        let mut table = Table::new();
        table.load_style(NOTHING);
        let names = schema.fields().iter();
        table.set_header(names.map(|field| header(&visible(field.name()), style)));
        if style.wide {
            table.set_content_arrangement(ContentArrangement::Disabled);
        } else {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
        }
        if style.colour {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        Self { sink, style, table }
    }
}

impl BatchWriter for RowsTable<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| {
                let texts = column.as_string_opt::<i32>().filter(|texts| texts.is_valid(row));
                Cell::new(texts.map_or("NULL".into(), |texts| visible(texts.value(row))))
            });
            let mut cells = Row::from(cells.collect::<Vec<_>>());
            if !self.style.wide {
                cells.max_height(1);
            }
            self.table.add_row(cells);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        writeln!(self.sink, "{}", self.table.trim_fmt()).map_err(sink_error)?;
        self.sink.flush().map_err(sink_error)
    }
}
