//! JSON: one array, or one object a line.

use std::io::Write;
use std::sync::Arc;

use arrow::array::{Array, ArrowPrimitiveType, AsArray, PrimitiveArray, RecordBatch};
use arrow::datatypes::{DataType, FieldRef, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::json::WriterBuilder;
use arrow::json::writer::{Encoder, EncoderFactory, EncoderOptions, LineDelimited, NullableEncoder};
use rayon::prelude::*;
use serde::Serialize;

use super::text::visible_json;
use super::{BatchWriter, sink_error};
use crate::error::{Kind, Result};
use crate::functions::trino::text::java_double;

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
    let builder = WriterBuilder::new().with_explicit_nulls(true).with_encoder_factory(Arc::new(Doubles));
    let mut writer = builder.build::<_, LineDelimited>(&mut lines);
    writer.write(batch)?;
    writer.finish()?;
    let lines = String::from_utf8(lines).map_err(|error| Kind::Encode(error.to_string()))?;
    Ok(visible_json(lines))
}

/// Encodes what JSON has no numbers for: `"NaN"`, `"Infinity"`, `"-Infinity"`, as Athena writes them.
#[derive(Debug)]
struct Doubles;

impl EncoderFactory for Doubles {
    fn make_default_encoder<'a>(
        &self,
        _: &'a FieldRef,
        array: &'a dyn Array,
        _: &'a EncoderOptions,
    ) -> std::result::Result<Option<NullableEncoder<'a>>, ArrowError> {
        let texts: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Float32 => Box::new(Floats(array.as_primitive::<Float32Type>())),
            DataType::Float64 => Box::new(Floats(array.as_primitive::<Float64Type>())),
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(texts, array.nulls().cloned())))
    }
}

/// Numbers, and texts of those that are not finite.
struct Floats<'a, T: ArrowPrimitiveType>(&'a PrimitiveArray<T>);

impl<T: ArrowPrimitiveType> Encoder for Floats<'_, T>
where
    T::Native: Into<f64> + Serialize,
{
    fn encode(&mut self, place: usize, out: &mut Vec<u8>) {
        let value = self.0.value(place);
        let wide: f64 = value.into();
        match wide.is_finite() {
            // Writing to memory does not fail.
            true => serde_json::to_writer(out, &value).unwrap_or_default(),
            false => out.extend_from_slice(format!("\"{}\"", java_double(wide)).as_bytes()),
        }
    }
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
