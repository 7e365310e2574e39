//! JSON: one array, or one object a line.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::json::WriterBuilder;
use arrow::json::writer::LineDelimited;
use rayon::prelude::*;

use super::text::visible_json;
use super::{BatchWriter, sink_error};
use crate::error::{Kind, Result};

/// Rows that one core encodes at a time.
const SLICE: usize = 512;

/// Writes rows as JSON objects with every column, `null` where there is none.
pub struct JsonWriter<'a> {
    sink: Box<dyn Write + Send + 'a>,
    array: bool,
    any: bool,
}

impl<'a> JsonWriter<'a> {
    /// One array, a row a line.
    pub fn array(sink: Box<dyn Write + Send + 'a>) -> Self {
        Self { sink, array: true, any: false }
    }

    /// One row a line and nothing else.
    pub fn lines(sink: Box<dyn Write + Send + 'a>) -> Self {
        Self { sink, array: false, any: false }
    }

    fn put(&mut self, text: &str) -> Result<()> {
        self.sink.write_all(text.as_bytes()).map_err(sink_error)
    }
}

/// The rows of `batch`, one a line.
fn lines(batch: &RecordBatch) -> Result<String> {
    let mut lines = vec![];
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
    writer.write(batch)?;
    writer.finish()?;
    let lines = String::from_utf8(lines).map_err(|error| Kind::Encode(error.to_string()))?;
    Ok(visible_json(lines))
}

impl BatchWriter for JsonWriter<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let rows = batch.num_rows();
        let starts = (0..rows).into_par_iter().step_by(SLICE);
        let slices = starts.map(|start| lines(&batch.slice(start, SLICE.min(rows - start))));
        for lines in slices.collect::<Result<Vec<_>>>()? {
            if !self.array {
                self.put(&lines)?;
                continue;
            }
            for line in lines.lines() {
                let before = if self.any { ",\n" } else { "[\n" };
                self.any = true;
                self.put(before)?;
                self.put(line)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        match (self.array, self.any) {
            (true, true) => self.put("\n]\n")?,
            (true, false) => self.put("[]\n")?,
            (false, _) => {}
        }
        self.sink.flush().map_err(sink_error)
    }
}
