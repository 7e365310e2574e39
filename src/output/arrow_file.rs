//! Arrow IPC file (Feather).

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::FileWriter;

use super::BatchWriter;
use crate::error::Result;

/// Writes one IPC file.
pub struct ArrowWriter<'a> {
    writer: FileWriter<Box<dyn Write + Send + 'a>>,
}

impl<'a> ArrowWriter<'a> {
    /// Begins the file.
    ///
    /// # Errors
    /// If the sink cannot be written to.
    pub fn new(sink: Box<dyn Write + Send + 'a>, schema: &SchemaRef) -> Result<Self> {
        Ok(Self { writer: FileWriter::try_new(sink, schema)? })
    }
}

impl BatchWriter for ArrowWriter<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        Ok(self.writer.write(batch)?)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish()?;
        Ok(self.writer.flush()?)
    }
}
