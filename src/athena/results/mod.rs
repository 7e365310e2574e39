//! Results: the files that statements leave behind, and pages of them.

mod columns;
mod csv;
mod encode;
mod location;
mod metadata;
mod writer;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::error::{Kind, Result};
use crate::source::{Location, StoreOptions, open_store};

use super::protocol::{ColumnInfo, Row};

pub use columns::{ApiType, Dialect, api_columns};
pub use encode::{Encoder, Format, RowIndex};
pub use location::{LocationError, Output};
pub use metadata::Update;
pub use writer::ObjectWriter;

/// The result of a finished statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResult {
    /// The folder or prefix, as [`Output`] names it.
    pub output: String,
    /// The file in it, if there is one: statements that only change something leave none.
    pub file: Option<(String, Format)>,
    /// What the columns are.
    pub columns: Vec<ColumnInfo>,
    /// Where the rows lie in the file.
    pub index: RowIndex,
    /// Rows that were changed; `None` where the API says nothing of it.
    pub update_count: Option<u64>,
}

/// Opens the stores that results go to, each once.
#[derive(Debug)]
pub struct Outputs {
    options: StoreOptions,
    buckets: Mutex<HashMap<String, Arc<dyn ObjectStore>>>,
}

impl Outputs {
    /// Reaches stores by `options`.
    pub fn new(options: StoreOptions) -> Self {
        Self { options, buckets: Mutex::default() }
    }

    /// Starts to write a file.
    ///
    /// # Errors
    /// If its store cannot be opened.
    pub async fn create(&self, output: &Output, name: &str) -> Result<ObjectWriter> {
        let (store, path) = self.place(output, name).await?;
        Ok(ObjectWriter::new(store, path))
    }

    /// Writes the metadata file beside `name`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn write_metadata(
        &self,
        output: &Output,
        name: &str,
        (id, update): (&str, Option<Update<'_>>),
        columns: &[(String, ApiType)],
    ) -> Result<()> {
        self.put(output, &format!("{name}.metadata"), metadata::encode(id, update, columns)).await
    }

    /// Writes a small file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn put(&self, output: &Output, name: &str, bytes: Vec<u8>) -> Result<()> {
        let (store, path) = self.place(output, name).await?;
        store.put(&path, bytes.into()).await.map_err(|cause| write_failed(output, &cause)).map(drop)
    }

    /// All bytes of a file; `None` if there is none of this name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn read(&self, output: &Output, name: &str) -> Result<Option<Bytes>> {
        let (store, path) = self.place(output, name).await?;
        let read = async { store.get(&path).await?.bytes().await };
        match read.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(write_failed(output, &cause)),
        }
    }

    /// The rows from `first` up to `end` of a result.
    ///
    /// # Errors
    /// If its file is gone, is another one, or cannot be read.
    pub async fn rows(&self, result: &StoredResult, first: u64, end: u64) -> Result<Vec<Row>> {
        let Some((name, format)) = &result.file else { return Ok(vec![]) };
        let end = end.min(result.index.rows);
        if first >= end {
            return Ok(vec![]);
        }
        let output = Output::parse(&result.output).map_err(|cause| store_error(&result.output, &cause))?;
        let (store, path) = self.place(&output, name).await?;
        let (range, begins) = result.index.range(first, end);
        let is_last = range.end == result.index.length;
        let mut piece = store.get_range(&path, range).await.map_err(|cause| write_failed(&output, &cause))?;
        if *format == Format::Text && !is_last {
            // The end of the last line, not the beginning of another.
            piece.truncate(piece.len().saturating_sub(1));
        }
        let rows = encode::decode(*format, &piece)
            .map_err(|_| store_error(&result.output, &"the file is not the one that was written"))?;
        let count = usize::try_from(end - first).unwrap_or(usize::MAX);
        let skipped = usize::try_from(first - begins).unwrap_or(usize::MAX);
        let rows: Vec<Row> = rows.into_iter().skip(skipped).take(count).map(Row::new).collect();
        match rows.len() == count {
            true => Ok(rows),
            false => Err(store_error(&result.output, &"the file is shorter than it was written")),
        }
    }

    async fn place(&self, output: &Output, name: &str) -> Result<(Arc<dyn ObjectStore>, Path)> {
        match output {
            Output::Local(folder) => {
                let path = Path::from_absolute_path(folder.join(name))
                    .map_err(|cause| store_error(&output.to_string(), &cause))?;
                Ok((Arc::new(object_store::local::LocalFileSystem::new()), path))
            }
            Output::S3 { bucket, prefix } => {
                let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
                let path = Path::parse(key).map_err(|cause| store_error(&output.to_string(), &cause))?;
                Ok((self.bucket(bucket).await?, path))
            }
        }
    }

    async fn bucket(&self, bucket: &str) -> Result<Arc<dyn ObjectStore>> {
        if let Some(store) = self.buckets.lock().await.get(bucket) {
            return Ok(Arc::clone(store));
        }
        let location = Location::S3 { bucket: bucket.to_owned(), prefix: String::new() };
        let store = open_store(&location, &self.options).await?.store;
        self.buckets.lock().await.insert(bucket.to_owned(), Arc::clone(&store));
        Ok(store)
    }
}

/// An error of a store that results are in.
pub fn write_failed(output: &Output, cause: &object_store::Error) -> crate::Error {
    store_error(&output.to_string(), &crate::source::fetch::cause_of(cause))
}

fn store_error(location: &str, cause: &dyn std::fmt::Display) -> crate::Error {
    Kind::Results { location: location.to_owned(), cause: cause.to_string() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pages_come_from_the_written_file() {
        let folder = tempfile::tempdir().unwrap();
        let output = Output::parse(folder.path().to_str().unwrap()).unwrap();
        let outputs = Outputs::new(StoreOptions::default());
        for format in [Format::Csv, Format::Text] {
            let mut encoder = Encoder::new(format);
            (0..2500).for_each(|row| encoder.row(&[Some(&format!("row {row}"))]));
            let mut writer = outputs.create(&output, "result").await.unwrap();
            writer.write(encoder.take()).await.unwrap();
            writer.finish().await.unwrap();
            let result = StoredResult {
                output: output.to_string(),
                file: Some(("result".to_owned(), format)),
                columns: vec![],
                index: encoder.finish(),
                update_count: Some(0),
            };
            for (first, end, count) in
                [(0, 1000, 1000), (1, 1001, 1000), (999, 2000, 1001), (2400, 3000, 100), (2500, 3000, 0)]
            {
                let rows = outputs.rows(&result, first, end).await.unwrap();
                assert_eq!(rows.len(), count, "{format:?} {first}");
                if let Some(row) = rows.first() {
                    assert_eq!(*row, Row::new([Some(format!("row {first}"))]));
                }
            }
            std::fs::write(folder.path().join("result"), "\"row 0\"\n").unwrap();
            assert!(outputs.rows(&result, 0, 1000).await.is_err());
        }
    }
}
