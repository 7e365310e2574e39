//! Formats of written tables: how their files are made and read.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::csv::WriterBuilder;
use arrow::datatypes::SchemaRef;
use arrow::json::LineDelimitedWriter;
use datafusion::datasource::file_format::FileFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::error::Result;
use crate::sql::statement::{OptionValue, Options, RowFormat, StoredAs, TableDefinition};
use crate::sql::{ErrorCode, SqlError};

/// What Hive puts between values of text files where nothing else is said.
const HIVE_DELIMITER: u8 = 1;
/// How Hive writes `NULL` in text files.
pub const HIVE_NULL: &str = "\\N";
/// The clause that names the delimiter.
const TERMINATED: &str = "FIELDS TERMINATED BY";

/// The format of a written table's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredFormat {
    /// Parquet.
    Parquet,
    /// JSON, a row a line.
    Json,
    /// Text, with this between values.
    Text(u8),
}

/// What Athena lets `CREATE TABLE AS` say of a table ("CTAS table properties").
const CTAS_PROPERTIES: [&str; 22] = [
    "table_type",
    "external_location",
    "location",
    "is_external",
    "format",
    "partitioned_by",
    "bucketed_by",
    "bucket_count",
    "partitioning",
    "optimize_rewrite_min_data_file_size_mb",
    "optimize_rewrite_max_data_file_size_mb",
    "optimize_rewrite_data_file_threshold",
    "optimize_rewrite_delete_file_threshold",
    "vacuum_min_snapshots_to_keep",
    "vacuum_max_snapshot_age_seconds",
    "vacuum_max_metadata_files_to_keep",
    "write_compression",
    "orc_compression",
    "parquet_compression",
    "compression_level",
    "field_delimiter",
    "classification",
];

/// Refuses a property of `CREATE TABLE AS` that Athena does not have.
///
/// # Errors
/// Names the property.
pub fn check_properties(options: &Options) -> Result<(), SqlError> {
    let known = |name: &str| CTAS_PROPERTIES.iter().any(|known| known.eq_ignore_ascii_case(name));
    match options.iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => {
            let message = format!("Catalog 'awsdatacatalog' table property '{name}' does not exist");
            Err(SqlError::new(ErrorCode::InvalidTableProperty, message))
        }
        None => Ok(()),
    }
}

impl StoredFormat {
    /// The format that `WITH (format = …)` names; the second value is what it stands in for.
    ///
    /// # Errors
    /// If there is no such format.
    pub fn of_options(options: &Options) -> Result<(Self, Option<&'static str>), SqlError> {
        let name = text_option(options, "format")?.unwrap_or("PARQUET").to_ascii_uppercase();
        let delimiter = match text_option(options, "field_delimiter")? {
            None => HIVE_DELIMITER,
            Some(text) => delimiter(text)?,
        };
        match name.as_str() {
            "PARQUET" => Ok((Self::Parquet, None)),
            "ORC" => Ok((Self::Parquet, Some("ORC"))),
            "AVRO" => Ok((Self::Parquet, Some("AVRO"))),
            "JSON" => Ok((Self::Json, None)),
            "TEXTFILE" | "CSV" => Ok((Self::Text(delimiter), None)),
            _ => Err(SqlError::new(ErrorCode::NotSupported, format!("There is no format {name}"))),
        }
    }

    /// The format of a declared table's files, if it is not one of CloudTrail's objects.
    pub fn of_table(definition: &TableDefinition) -> Option<Self> {
        match (&definition.stored_as, &definition.row_format) {
            (Some(StoredAs::Format(name)), _) if name == "PARQUET" => Some(Self::Parquet),
            (Some(StoredAs::Format(name)), _) if name == "JSON" => Some(Self::Json),
            (Some(StoredAs::Classes { input, .. }), _) if input.ends_with("ParquetInputFormat") => {
                Some(Self::Parquet)
            }
            (_, Some(RowFormat::Delimited(clauses))) => {
                let given = clauses.iter().find(|(clause, _)| clause == TERMINATED);
                Some(Self::Text(
                    given.map_or(HIVE_DELIMITER, |(_, text)| delimiter(text).unwrap_or(HIVE_DELIMITER)),
                ))
            }
            _ => None,
        }
    }

    /// How a definition says it.
    pub fn clauses(self) -> (Option<RowFormat>, StoredAs) {
        let stored = |name: &str| StoredAs::Format(name.to_owned());
        match self {
            Self::Parquet => (None, stored("PARQUET")),
            Self::Json => (None, stored("JSON")),
            Self::Text(delimiter) => {
                let clause = (TERMINATED.to_owned(), char::from(delimiter).to_string());
                (Some(RowFormat::Delimited(vec![clause])), stored("TEXTFILE"))
            }
        }
    }

    /// How its files' names end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Json => "json",
            Self::Text(_) => "txt",
        }
    }

    /// How DataFusion reads it.
    pub fn reader(self) -> Arc<dyn FileFormat> {
        match self {
            Self::Parquet => Arc::new(ParquetFormat::default().with_force_view_types(false)),
            Self::Json => Arc::new(JsonFormat::default()),
            Self::Text(delimiter) => {
                Arc::new(CsvFormat::default().with_has_header(false).with_delimiter(delimiter))
            }
        }
    }

    /// A file that begins.
    ///
    /// # Errors
    /// If the format cannot hold the schema.
    pub fn begin(self, schema: &SchemaRef, gzip: bool) -> Result<FileWriter> {
        let bytes = if gzip && self != Self::Parquet {
            Bytes::Gzip(Box::new(GzEncoder::new(vec![], flate2::Compression::fast())))
        } else {
            Bytes::Plain(vec![])
        };
        Ok(match self {
            Self::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .build();
                let writer = ArrowWriter::try_new(vec![], Arc::clone(schema), Some(properties));
                FileWriter::Parquet(Box::new(writer.map_err(unwritable)?))
            }
            Self::Json => FileWriter::Json(Box::new(LineDelimitedWriter::new(bytes))),
            Self::Text(delimiter) => {
                let builder = WriterBuilder::new().with_header(false).with_delimiter(delimiter);
                FileWriter::Text(Box::new(builder.with_null(HIVE_NULL.to_owned()).build(bytes)))
            }
        })
    }
}

/// A file while it is written, in memory.
pub enum FileWriter {
    /// Parquet.
    Parquet(Box<ArrowWriter<Vec<u8>>>),
    /// JSON lines.
    Json(Box<LineDelimitedWriter<Bytes>>),
    /// Delimited text.
    Text(Box<arrow::csv::Writer<Bytes>>),
}

/// Written bytes.
pub enum Bytes {
    /// As they are.
    Plain(Vec<u8>),
    /// Compressed.
    Gzip(Box<GzEncoder<Vec<u8>>>),
}

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(buffer) => buffer.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl FileWriter {
    /// Adds rows.
    ///
    /// # Errors
    /// If they cannot be written in this format.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(batch).map_err(unwritable),
            Self::Json(writer) => Ok(writer.write(batch)?),
            Self::Text(writer) => Ok(writer.write(batch)?),
        }
    }

    /// The whole file.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn finish(self) -> Result<Vec<u8>> {
        let bytes = match self {
            Self::Parquet(writer) => return writer.into_inner().map_err(unwritable),
            Self::Json(mut writer) => {
                writer.finish()?;
                writer.into_inner()
            }
            Self::Text(writer) => writer.into_inner(),
        };
        match bytes {
            Bytes::Plain(buffer) => Ok(buffer),
            Bytes::Gzip(encoder) => {
                encoder.finish().map_err(|error| arrow::error::ArrowError::from(error).into())
            }
        }
    }
}

fn unwritable(error: parquet::errors::ParquetError) -> crate::Error {
    arrow::error::ArrowError::from(error).into()
}

/// The one ASCII character between values.
fn delimiter(text: &str) -> Result<u8, SqlError> {
    let one = match text {
        "\\t" => Some(b'\t'),
        "\\001" | "\\u0001" => Some(HIVE_DELIMITER),
        _ => text.bytes().next().filter(|byte| text.len() == 1 && byte.is_ascii()),
    };
    one.ok_or_else(|| {
        SqlError::new(ErrorCode::NotSupported, format!("A field delimiter is one character, not {text}"))
    })
}

/// The text of an option.
///
/// # Errors
/// If it is a list.
pub fn text_option<'a>(options: &'a Options, name: &str) -> Result<Option<&'a str>, SqlError> {
    match options.get(name) {
        None => Ok(None),
        Some(OptionValue::Text(text)) => Ok(Some(text)),
        Some(OptionValue::List(_)) => {
            Err(SqlError::new(ErrorCode::SyntaxError, format!("The property {name} takes a text")))
        }
    }
}

/// The names of an option, in lower case.
///
/// # Errors
/// If it is a text.
pub fn list_option(options: &Options, name: &str) -> Result<Vec<String>, SqlError> {
    match options.get(name) {
        None => Ok(vec![]),
        Some(OptionValue::List(items)) => Ok(items.iter().map(|item| item.to_lowercase()).collect()),
        Some(OptionValue::Text(_)) => {
            Err(SqlError::new(ErrorCode::SyntaxError, format!("The property {name} takes an ARRAY of texts")))
        }
    }
}

/// Properties that every table of this format has.
pub fn properties(format: StoredFormat) -> Vec<(String, String)> {
    let classification = match format {
        StoredFormat::Parquet => "parquet",
        StoredFormat::Json => "json",
        StoredFormat::Text(_) => "csv",
    };
    BTreeMap::from([("classification".to_owned(), classification.to_owned())]).into_iter().collect()
}
