//! Writes answers, one format a file.
//!
//! Log fields are written by attackers. Formats for machines carry them unchanged; what a person
//! looks at (a terminal, a spreadsheet) gets them harmless.

mod arrow_file;
mod csv;
mod events;
pub(crate) mod fields;
mod findings;
mod json;
mod ocsf;
mod parquet_file;
mod rows;
mod session_tree;
mod table;
pub mod text;
mod timesketch;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, SchemaRef};

use crate::error::{Error, Kind, Result};
use events::EventWriter;

pub use findings::write_findings;
pub(crate) use session_tree::{TREE_STYLE, excerpt};
pub use session_tree::{TreeFormat, svg};
pub use table::TableStyle;

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Table,
    /// One JSON array of rows.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header; structs as JSON text.
    Csv,
    /// Apache Parquet, zstd.
    Parquet,
    /// Arrow IPC file, also known as Feather.
    Arrow,
    /// JSON lines for Timesketch; only for events.
    Timesketch,
    /// JSON lines in the Open Cybersecurity Schema Framework; only for events.
    Ocsf,
}

/// The mark of a column of texts that trailq wrote itself, of numbers or times: no formula begins there.
const COMPUTED: (&str, &str) = ("trailq.text", "computed");

/// A column of texts that nobody but trailq wrote, so that a spreadsheet may have them as they are.
pub fn computed(field: Field) -> Field {
    field.with_metadata([(COMPUTED.0.to_owned(), COMPUTED.1.to_owned())].into())
}

/// Takes an answer's batches one by one.
pub trait BatchWriter {
    /// Writes a batch.
    ///
    /// # Errors
    /// If it cannot be written.
    fn write(&mut self, batch: &RecordBatch) -> Result<()>;

    /// Writes what comes last.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self) -> Result<()>;
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Table,
        Self::Json,
        Self::Ndjson,
        Self::Csv,
        Self::Parquet,
        Self::Arrow,
        Self::Timesketch,
        Self::Ocsf,
    ];

    /// The name it is asked for by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Timesketch => "timesketch",
            Self::Ocsf => "ocsf",
        }
    }

    /// A writer of this format to `sink`, for batches of `schema`.
    ///
    /// # Errors
    /// If the format's beginning cannot be written, or it is one for events and `schema` is not
    /// that of a timeline.
    pub fn writer<'a>(
        self,
        sink: Box<dyn Write + Send + 'a>,
        schema: &SchemaRef,
        style: TableStyle,
    ) -> Result<Box<dyn BatchWriter + 'a>> {
        Ok(match self {
            Self::Table => Box::new(table::TableWriter::new(sink, schema, style)),
            Self::Json => Box::new(json::JsonWriter::array(sink)),
            Self::Ndjson => Box::new(json::JsonWriter::lines(sink)),
            Self::Csv => Box::new(csv::CsvWriter::new(sink, schema)?),
            Self::Parquet => Box::new(parquet_file::ParquetWriter::new(sink, schema)?),
            Self::Arrow => Box::new(arrow_file::ArrowWriter::new(sink, schema)?),
            Self::Timesketch => Box::new(EventWriter::new(sink, schema, self.name(), timesketch::event)?),
            Self::Ocsf => Box::new(EventWriter::new(sink, schema, self.name(), ocsf::event)?),
        })
    }

    /// A writer of a query's rows, whatever their columns; as a table they have to be texts.
    ///
    /// # Errors
    /// As [`writer`](Self::writer).
    pub fn rows_writer<'a>(
        self,
        sink: Box<dyn Write + Send + 'a>,
        schema: &SchemaRef,
        style: TableStyle,
    ) -> Result<Box<dyn BatchWriter + 'a>> {
        match self {
            Self::Table => Ok(Box::new(rows::RowsTable::new(sink, schema, style))),
            other => other.writer(sink, schema, style),
        }
    }

    /// Whether the format is bytes that no terminal should get.
    pub fn is_binary(self) -> bool {
        matches!(self, Self::Parquet | Self::Arrow)
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            Error::argument(
                "format",
                name,
                "is not known",
                format!("use one of {}", Self::ALL.map(Self::name).join(", ")),
            )
        })
    }
}

/// A file that appears under its name only when it is whole. What is no regular file (a device, a
/// pipe) is written to as it is; through a link, the file that it names is replaced.
#[derive(Debug)]
pub struct WholeFile {
    path: PathBuf,
    /// Where it is written until it is whole; `None` if that is where it stays.
    partial: Option<PathBuf>,
}

impl WholeFile {
    /// Starts to write `path`.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn create(path: &Path) -> Result<(Self, std::fs::File)> {
        let failed = |cause| write_error(path, cause);
        match std::fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => {
                let file = std::fs::OpenOptions::new().write(true).open(path).map_err(failed)?;
                Ok((Self { path: path.to_owned(), partial: None }, file))
            }
            existing => {
                let path =
                    if existing.is_ok() { path.canonicalize().map_err(failed)? } else { path.to_owned() };
                let mut partial = path.as_os_str().to_owned();
                partial.push(format!(".partial-{}", std::process::id()));
                let partial = PathBuf::from(partial);
                let file = std::fs::File::create(&partial).map_err(failed)?;
                Ok((Self { path, partial: Some(partial) }, file))
            }
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn commit(mut self) -> Result<()> {
        match &self.partial {
            Some(partial) => {
                std::fs::rename(partial, &self.path).map_err(|cause| write_error(&self.path, cause))?;
                self.partial = None;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            let _ = std::fs::remove_file(partial);
        }
    }
}

/// An error of writing to `path`.
pub fn write_error(path: &Path, cause: io::Error) -> Error {
    Kind::Write { path: path.to_owned(), cause }.into()
}

/// An error of writing to a sink whose name is not known here.
fn sink_error(cause: io::Error) -> Error {
    write_error(Path::new("the output"), cause)
}
