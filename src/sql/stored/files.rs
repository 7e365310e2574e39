//! Writes rows as files, in Hive's folders where they are partitioned.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow::compute::{cast, take_record_batch};
use arrow::datatypes::{Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use object_store::path::Path as Key;

use super::format::{FileWriter, StoredFormat};
use super::place::Place;
use super::unfinished::Unfinished;
use crate::error::Result;
use crate::functions::trino::text::text;
use crate::sql::{ErrorCode, SqlError};

/// Partitions written at a time, as Athena has it.
const MOST_PARTITIONS: usize = 100;
/// In-memory bytes of rows after which a file ends.
const FILE_BYTES: usize = 128 << 20;
/// Hive's value of a partition without one.
pub const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// What is written, and how.
#[derive(Debug, Clone)]
pub struct Output {
    /// All columns, those of partitions last.
    pub schema: SchemaRef,
    /// How many of them are of partitions.
    pub partitions: usize,
    /// The files' format.
    pub format: StoredFormat,
    /// Whether text is compressed.
    pub gzip: bool,
}

/// A file that rows are added to.
struct Open {
    writer: FileWriter,
    bytes: usize,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// Files.
    pub files: Vec<Key>,
    /// The values of each partition's columns, as Hive writes them.
    pub partitions: BTreeSet<Vec<String>>,
}

/// Writes all of `rows` below `place`. After an error nothing of them is left there, nor if the writing
/// is given up.
///
/// # Errors
/// If the query fails, or the files cannot be written.
pub async fn write(rows: SendableRecordBatchStream, place: &Place, output: &Output) -> Result<Written> {
    let mut writing = Writing {
        output,
        prefix: unique(),
        open: BTreeMap::new(),
        files: Unfinished::new(place.clone()),
        partitions: BTreeSet::new(),
    };
    match writing.all(rows).await {
        Ok(rows) => Ok(Written { rows, files: writing.files.keep(), partitions: writing.partitions }),
        Err(error) => {
            place.remove(&writing.files.keep()).await;
            Err(error)
        }
    }
}

/// A name that no other statement's files have.
fn unique() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

struct Writing<'a> {
    output: &'a Output,
    prefix: String,
    /// By the partition's folder.
    open: BTreeMap<String, Open>,
    files: Unfinished,
    partitions: BTreeSet<Vec<String>>,
}

impl Writing<'_> {
    async fn all(&mut self, mut rows: SendableRecordBatchStream) -> Result<u64> {
        let mut count = 0;
        while let Some(batch) = rows.next().await {
            let batch = self.conformed(&batch?)?;
            count += batch.num_rows() as u64;
            for (folder, batch) in self.split(&batch)? {
                self.add(folder, &batch).await?;
            }
        }
        while let Some((folder, open)) = self.open.pop_first() {
            self.end(&folder, open).await?;
        }
        Ok(count)
    }

    /// The batch under the table's names and types.
    fn conformed(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let fields = self.output.schema.fields().iter();
        let columns =
            batch.columns().iter().zip(fields).map(|(column, field)| cast(column, field.data_type()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&self.output.schema), columns)?)
    }

    /// The rows of each partition, without its columns, by its folder.
    fn split(&self, batch: &RecordBatch) -> Result<Vec<(String, RecordBatch)>> {
        let columns = batch.num_columns().saturating_sub(self.output.partitions);
        let kept = batch.project(&(0..columns).collect::<Vec<_>>())?;
        if self.output.partitions == 0 {
            return Ok(vec![(String::new(), kept)]);
        }
        let mut folders: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for row in 0..batch.num_rows() {
            let folder = folder_of(&self.output.schema, batch.columns(), columns, row);
            folders.entry(folder).or_default().extend(u32::try_from(row));
        }
        let parts = folders
            .into_iter()
            .map(|(folder, rows)| Ok((folder, take_record_batch(&kept, &UInt32Array::from(rows))?)));
        parts.collect()
    }

    async fn add(&mut self, folder: String, batch: &RecordBatch) -> Result<()> {
        if !self.open.contains_key(&folder) && self.open.len() == MOST_PARTITIONS {
            let message = format!("Exceeded limit of {MOST_PARTITIONS} open writers for partitions");
            return Err(SqlError::new(ErrorCode::NotSupported, message).into());
        }
        let mut open = match self.open.remove(&folder) {
            Some(open) => open,
            None => Open { writer: self.output.format.begin(&batch.schema(), self.output.gzip)?, bytes: 0 },
        };
        open.writer.write(batch)?;
        open.bytes += batch.get_array_memory_size();
        if open.bytes > FILE_BYTES {
            self.end(&folder, open).await
        } else {
            self.open.insert(folder, open);
            Ok(())
        }
    }

    async fn end(&mut self, folder: &str, open: Open) -> Result<()> {
        let (format, number) = (self.output.format, self.files.count());
        let gzip = if self.output.gzip && format != StoredFormat::Parquet { ".gz" } else { "" };
        let name = format!("{folder}{}_{number:05}.{}{gzip}", self.prefix, format.extension());
        self.files.put(&name, open.writer.finish()?).await?;
        if !folder.is_empty() {
            self.partitions.insert(values_of(folder));
        }
        Ok(())
    }
}

/// `name=value/…/` for the partition that a row is in.
fn folder_of(schema: &Schema, columns: &[ArrayRef], first: usize, row: usize) -> String {
    let mut folder = String::new();
    for (field, column) in schema.fields().iter().zip(columns).skip(first) {
        let value = if column.is_null(row) { None } else { text(column, row) };
        let value = value.map_or_else(|| NO_VALUE.to_owned(), |value| escaped(&value));
        let _ = write!(folder, "{}={value}/", escaped(field.name()));
    }
    folder
}

/// The values in a folder's name.
fn values_of(folder: &str) -> Vec<String> {
    let parts = folder.split('/').filter_map(|part| part.split_once('='));
    parts.map(|(_, value)| unescaped(value)).collect()
}

/// Hive's escapes in names of folders.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_control() || "\"#%'*/:=?\\{}[]^".contains(c) {
            let _ = write!(escaped, "%{:02X}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The text that was escaped.
pub fn unescaped(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escapes_are_undone(text in "\\PC{0,20}|[%/=:.a]{0,9}") {
            let escaped = escaped(&text);
            prop_assert!(!escaped.contains(['/', '=']));
            prop_assert_eq!(unescaped(&escaped), text);
        }
    }
}
