//! Tables made of results: `CREATE TABLE AS`, `INSERT INTO` and `UNLOAD`.
//!
//! Source: Athena user guide, "CREATE TABLE AS", "INSERT INTO", "UNLOAD", "Considerations and
//! limitations for CTAS queries".

mod files;
mod format;
mod place;
mod table;
#[cfg(test)]
mod tests;
mod unfinished;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, TimeUnit};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::TryStreamExt;

use super::Column;
use super::catalog::{Catalog, TableScans};
use super::statement::{
    ColumnDefinition, CreateTableAs, HiveType, Insert, Name, PartitionSpec, TableDefinition, Unload,
};
use super::{ErrorCode, SqlError};
use crate::error::Result;
use crate::source::Location;
use files::{Output, Written};
use format::{check_properties, list_option, properties, text_option};
use place::{Place, location, open, refuse_sources};

pub use format::{HIVE_NULL, StoredFormat};
pub use table::{FILE_COLUMNS, StoredTable};

/// Where statements may write.
#[derive(Debug, Clone)]
pub struct WriteOptions {
    /// The folder for tables without an `external_location`.
    pub workspace: PathBuf,
    /// Whether statements may name folders of this machine outside the workspace.
    pub folders: bool,
}

/// Writes the results of one statement.
pub struct Writer<'a> {
    /// What is declared.
    pub catalog: &'a Catalog,
    /// What the statement reads, and who tells its notices.
    pub scans: &'a TableScans,
    /// Where it may write.
    pub options: &'a WriteOptions,
    /// The session's database.
    pub database: &'a str,
    /// The place of a table without an `external_location`; a new folder of the workspace if `None`.
    pub table: Option<&'a str>,
}

/// What a statement wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How many rows.
    pub rows: u64,
    /// The files that hold them: `s3://bucket/key` or `file:///path`.
    pub files: Vec<String>,
}

impl Outcome {
    fn of(written: &Written, place: &Place) -> Self {
        Self { rows: written.rows, files: written.files.iter().map(|key| place.name_of(key)).collect() }
    }
}

/// The rows of a query, and its columns as people name them.
pub struct Rows {
    /// Names and types.
    pub columns: Vec<Column>,
    /// The rows, under any names.
    pub batches: SendableRecordBatchStream,
}

impl Writer<'_> {
    /// Whether `CREATE TABLE IF NOT EXISTS … AS` has nothing to do.
    pub fn is_there(&self, statement: &CreateTableAs) -> bool {
        statement.if_not_exists && self.catalog.table(&statement.name, self.database).is_some()
    }

    /// Carries out `CREATE TABLE … AS`: writes the rows, then declares the table.
    ///
    /// # Errors
    /// If the table is there, the place is not empty or must not be written to, the columns do not
    /// fit, or the query fails; nothing is left behind then.
    pub async fn create_table_as(&self, statement: &CreateTableAs, rows: Rows) -> Result<Outcome> {
        if self.catalog.table(&statement.name, self.database).is_some() {
            let message = format!("Table '{}' already exists", statement.name.plain());
            return Err(SqlError::new(ErrorCode::SyntaxError, message).into());
        }
        check_properties(&statement.options)?;
        let (format, stands_for) = StoredFormat::of_options(&statement.options)?;
        if let Some(asked) = stands_for {
            self.scans
                .notice(format!("{}: stored as Parquet; {asked} is not written", statement.name.plain()));
        }
        let by = list_option(&statement.options, "partitioned_by")?;
        let output = output(&rows.columns, &by, format, false)?;
        let external = match text_option(&statement.options, "external_location")? {
            Some(name) => Some(name),
            None => text_option(&statement.options, "location")?.or(self.table),
        };
        let place = match external {
            Some(name) => self.free_place(name).await?,
            None => self.workspace_place(statement).await?,
        };
        let definition = definition(statement, &output, format, &place.name)?;
        let written = if statement.with_data {
            files::write(rows.batches, &place, &output).await?
        } else {
            Written::default()
        };
        // Another statement may have been faster.
        if let Err(refused) = self.catalog.declare(&definition, self.database) {
            place.remove(&written.files).await;
            return Err(refused.into());
        }
        self.note_partitions(&statement.name, &definition, &written)?;
        Ok(Outcome::of(&written, &place))
    }

    /// Carries out `INSERT INTO`.
    ///
    /// # Errors
    /// If the table is one of logs or not there, the columns do not fit, or the query fails.
    pub async fn insert(&self, statement: &Insert, rows: Rows) -> Result<Outcome> {
        let table = self.catalog.table(&statement.table, self.database);
        let written = table.and_then(|table| Some((StoredFormat::of_table(&table.definition)?, table)));
        let Some((format, table)) = written else {
            let message =
                format!("{} holds CloudTrail's records, which are only read", statement.table.plain());
            return Err(SqlError::new(ErrorCode::NotSupported, message).into());
        };
        let columns = table.definition.columns.iter().chain(&table.definition.partitioned_by);
        let columns: Vec<&ColumnDefinition> = columns.collect();
        let batches = arranged(statement, &columns, rows)?;
        let place = self.place(&table.definition.location)?;
        let place = open(&place, self.scans.sources()).await?;
        let fields: Vec<FieldRef> = columns.iter().map(|column| field_of(column)).collect();
        let partitions = table.definition.partitioned_by.len();
        let output = Output { schema: Arc::new(Schema::new(fields)), partitions, format, gzip: false };
        let written = files::write(batches, &place, &output).await?;
        self.note_partitions(&statement.table, &table.definition, &written)?;
        Ok(Outcome::of(&written, &place))
    }

    /// Tells the catalog which partitions a statement wrote, for `SHOW PARTITIONS`.
    fn note_partitions(
        &self,
        name: &Name,
        definition: &TableDefinition,
        written: &Written,
    ) -> Result<(), SqlError> {
        let names = definition.partitioned_by.iter().map(|column| column.name.clone());
        let names: Vec<String> = names.collect();
        let specs = written.partitions.iter().map(|values| PartitionSpec {
            values: names.iter().cloned().zip(values.iter().cloned()).collect(),
            location: None,
        });
        match specs.len() {
            0 => Ok(()),
            _ => self.catalog.add_partitions(name, specs.collect(), self.database),
        }
    }

    /// Carries out `UNLOAD`.
    ///
    /// # Errors
    /// If the place is not empty or must not be written to, there is no such format, or the query
    /// fails.
    pub async fn unload(&self, statement: &Unload, rows: Rows) -> Result<Outcome> {
        if text_option(&statement.options, "format")?.is_none() {
            let message = "UNLOAD has no default format: say WITH (format = '…')";
            return Err(SqlError::new(ErrorCode::InvalidTableProperty, message).into());
        }
        let (format, stands_for) = StoredFormat::of_options(&statement.options)?;
        if let Some(asked) = stands_for {
            let message = format!("UNLOAD writes PARQUET, JSON and TEXTFILE, not {asked}");
            return Err(SqlError::new(ErrorCode::NotSupported, message).into());
        }
        let compression = text_option(&statement.options, "compression")?.unwrap_or("gzip");
        let gzip = match compression.to_ascii_lowercase().as_str() {
            "none" => false,
            "gzip" => true,
            _ if format == StoredFormat::Parquet => true,
            other => {
                let message = format!("Text is compressed with gzip or none, not with {other}");
                return Err(SqlError::new(ErrorCode::NotSupported, message).into());
            }
        };
        let by = list_option(&statement.options, "partitioned_by")?;
        let output = output(&rows.columns, &by, format, gzip)?;
        let place = self.free_place(&statement.to).await?;
        let written = files::write(rows.batches, &place, &output).await?;
        Ok(Outcome::of(&written, &place))
    }

    /// A place that a statement names, if it may be written to.
    fn place(&self, name: &str) -> Result<Location, SqlError> {
        let location = location(name)?;
        let allowed = match &location {
            Location::Local(path) => self.options.folders || path.starts_with(&self.options.workspace),
            Location::S3 { .. } => true,
        };
        if allowed {
            return Ok(location);
        }
        let message =
            format!("{name} is a folder of the machine that runs the statement: use s3://bucket/folder/");
        Err(SqlError::new(ErrorCode::InvalidLocation, message))
    }

    /// As [`place`](Self::place), opened, if nothing lies there.
    async fn free_place(&self, name: &str) -> Result<Place> {
        let location = self.place(name)?;
        refuse_sources(&location, self.scans.sources(), &self.catalog.locations())?;
        let place = open(&location, self.scans.sources()).await?;
        if place.is_empty().await? {
            return Ok(place);
        }
        let message = format!("Target directory already exists and is not empty: {}", place.name);
        Err(SqlError::new(ErrorCode::InvalidLocation, message).into())
    }

    /// A new folder in the workspace.
    async fn workspace_place(&self, statement: &CreateTableAs) -> Result<Place> {
        let database = statement.name.database.as_deref().unwrap_or(self.database);
        let base =
            std::path::absolute(&self.options.workspace).unwrap_or_else(|_| self.options.workspace.clone());
        let folder = free_folder(&base, &[database, &statement.name.name]);
        refuse_sources(&Location::Local(folder.clone()), self.scans.sources(), &[])?;
        open(&Location::Local(folder), self.scans.sources()).await
    }
}

/// A folder that is not there yet, named after `names`. They are names of tables, in which anything
/// may stand, so only letters and digits of them are used.
fn free_folder(base: &Path, names: &[&str]) -> PathBuf {
    let plain = |name: &&str| -> String {
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(64).collect()
    };
    let name = names.iter().map(plain).collect::<Vec<_>>().join(".");
    let numbered = (0..).map(|number: u32| match number {
        0 => base.join(&name),
        _ => base.join(format!("{name}.{number}")),
    });
    numbered.into_iter().find(|folder| !folder.exists()).unwrap_or_else(|| base.join(name))
}

fn field_of(column: &ColumnDefinition) -> FieldRef {
    Arc::new(Field::new(&column.name, column.data_type.data_type(), true))
}

/// The timestamp in a type that has not the digits of Hive's, which are those of milliseconds: more of
/// them are refused, and fewer too.
fn imprecise(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::Timestamp(TimeUnit::Millisecond, None) => None,
        DataType::Timestamp(_, None) => Some(data_type),
        DataType::List(item) | DataType::Map(item, _) => imprecise(item.data_type()),
        DataType::Struct(members) => members.iter().find_map(|member| imprecise(member.data_type())),
        _ => None,
    }
}

/// What is written for a query's columns.
fn output(columns: &[Column], by: &[String], format: StoredFormat, gzip: bool) -> Result<Output, SqlError> {
    let mut fields: Vec<FieldRef> = vec![];
    for column in columns {
        let name = column.name.to_lowercase();
        if fields.iter().any(|known| *known.name() == name) {
            let message = format!("Column name '{name}' specified more than once");
            return Err(SqlError::new(ErrorCode::SyntaxError, message));
        }
        let unsupported = || {
            let kind = crate::functions::trino::types::type_name(&column.data_type);
            SqlError::new(
                ErrorCode::NotSupported,
                format!("Unsupported Hive type: {kind}: cast column {name}"),
            )
        };
        if let Some(imprecise) = imprecise(&column.data_type) {
            let kind = crate::functions::trino::types::type_name(imprecise);
            let message = format!(
                "Incorrect timestamp precision for {kind}; the configured precision is MILLISECONDS; \
                 column name: {name}"
            );
            return Err(SqlError::new(ErrorCode::NotSupported, message));
        }
        let hive = HiveType::of(&column.data_type).ok_or_else(unsupported)?;
        if !table::can_hold(format, &column.data_type) {
            return Err(unsupported());
        }
        fields.push(Arc::new(Field::new(name, hive.data_type(), true)));
    }
    let last = fields.len().checked_sub(by.len()).and_then(|first| fields.get(first..));
    let same = last.is_some_and(|last| last.iter().zip(by).all(|(field, name)| field.name() == name));
    if !same || (by.len() == fields.len() && !by.is_empty()) {
        let message = format!(
            "Partition keys must be the last columns in the table and in the same order as the table \
             properties: [{}]",
            by.join(", ")
        );
        return Err(SqlError::new(ErrorCode::SyntaxError, message));
    }
    Ok(Output { schema: Arc::new(Schema::new(fields)), partitions: by.len(), format, gzip })
}

/// What declares the table that `CREATE TABLE … AS` makes.
fn definition(
    statement: &CreateTableAs,
    output: &Output,
    format: StoredFormat,
    place: &str,
) -> Result<TableDefinition, SqlError> {
    let columns = output.schema.fields().iter().map(|field| {
        let data_type = HiveType::of(field.data_type());
        let data_type = data_type.ok_or_else(|| {
            SqlError::new(ErrorCode::NotSupported, format!("Unsupported type of {}", field.name()))
        })?;
        Ok(ColumnDefinition { name: field.name().clone(), data_type, comment: None })
    });
    let mut columns = columns.collect::<Result<Vec<_>, SqlError>>()?;
    let partitioned_by = columns.split_off(columns.len().saturating_sub(output.partitions));
    let (row_format, stored_as) = format.clauses();
    Ok(TableDefinition {
        name: statement.name.clone(),
        if_not_exists: false,
        columns,
        comment: None,
        partitioned_by,
        row_format,
        stored_as: Some(stored_as),
        location: place.to_owned(),
        properties: properties(format),
    })
}

/// The rows of an `INSERT` with the table's columns in their order, `NULL` for those not named.
fn arranged(
    statement: &Insert,
    columns: &[&ColumnDefinition],
    rows: Rows,
) -> Result<SendableRecordBatchStream, SqlError> {
    let names: Vec<String> = match &statement.columns {
        Some(names) => names.clone(),
        None => columns.iter().map(|column| column.name.clone()).collect(),
    };
    if let Some(unknown) = names.iter().find(|name| !columns.iter().any(|column| column.name == **name)) {
        let message = format!("Insert column name does not exist in target table: {unknown}");
        return Err(SqlError::new(ErrorCode::ColumnNotFound, message));
    }
    let expected: Vec<DataType> = names
        .iter()
        .filter_map(|name| columns.iter().find(|column| column.name == *name))
        .map(|column| column.data_type.data_type())
        .collect();
    let given: Vec<DataType> = rows.columns.iter().map(|column| column.data_type.clone()).collect();
    let fits = |(to, from): (&DataType, &DataType)| to == from || *from == DataType::Null || widens(from, to);
    if expected.len() != given.len() || !expected.iter().zip(&given).all(fits) {
        let list = |types: &[DataType]| {
            let names = types.iter().map(crate::functions::trino::types::type_name);
            names.collect::<Vec<_>>().join(", ")
        };
        let message = format!(
            "Insert query has mismatched column types: Table: [{}], Query: [{}]",
            list(&expected),
            list(&given)
        );
        return Err(SqlError::new(ErrorCode::TypeMismatch, message));
    }
    let positions: Vec<Option<usize>> =
        columns.iter().map(|column| names.iter().position(|name| *name == column.name)).collect();
    let fields: Vec<FieldRef> = columns.iter().map(|column| field_of(column)).collect();
    let schema = Arc::new(Schema::new(fields));
    let target = Arc::clone(&schema);
    let batches = rows.batches.and_then(move |batch| {
        let arranged = arrange(&batch, &positions, &target);
        async move { arranged }
    });
    Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
}

fn arrange(
    batch: &RecordBatch,
    positions: &[Option<usize>],
    schema: &Arc<Schema>,
) -> datafusion::error::Result<RecordBatch> {
    let columns = positions.iter().zip(schema.fields()).map(|(position, field)| {
        match position.and_then(|position| batch.columns().get(position)) {
            Some(column) => arrow::compute::cast(column, field.data_type()),
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        }
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_, _>>()?)?)
}

/// Whether Trino takes one type for the other without a cast.
fn widens(from: &DataType, to: &DataType) -> bool {
    use DataType as T;
    let rank = |data_type: &DataType| match data_type {
        T::Int8 => Some(0),
        T::Int16 => Some(1),
        T::Int32 => Some(2),
        T::Int64 => Some(3),
        T::Float32 => Some(4),
        T::Float64 => Some(5),
        _ => None,
    };
    let timestamps = matches!((from, to), (T::Timestamp(from, None), T::Timestamp(to, None)) if from <= to);
    timestamps || rank(from).zip(rank(to)).is_some_and(|(from, to)| from < to)
}
