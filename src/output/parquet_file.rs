//! Apache Parquet.

use std::io::{self, Write};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::{BatchWriter, sink_error};
use crate::error::{Kind, Result};

/// Writes one file, compressed with zstd.
pub struct ParquetWriter<'a> {
    writer: ArrowWriter<Box<dyn Write + Send + 'a>>,
}

impl<'a> ParquetWriter<'a> {
    /// Begins the file.
    ///
    /// # Errors
    /// If the sink cannot be written to.
    pub fn new(sink: Box<dyn Write + Send + 'a>, schema: &SchemaRef) -> Result<Self> {
        let compression = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let writer =
            ArrowWriter::try_new(sink, SchemaRef::clone(schema), Some(properties)).map_err(failed)?;
        Ok(Self { writer })
    }
}

impl BatchWriter for ParquetWriter<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(failed)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.finish().map(drop).map_err(failed)
    }
}

fn failed(cause: ParquetError) -> crate::Error {
    match cause {
        ParquetError::External(cause) => match cause.downcast::<io::Error>() {
            Ok(cause) => sink_error(*cause),
            Err(cause) => Kind::Encode(cause.to_string()).into(),
        },
        cause => Kind::Encode(cause.to_string()).into(),
    }
}
