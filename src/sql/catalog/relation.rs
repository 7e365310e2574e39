//! Tables over the sources, as queries see them.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::datasource::provider_as_source;
use datafusion::functions::core::expr_fn::{coalesce, nullif};
use datafusion::functions::core::named_struct;
use datafusion::functions::string::expr_fn::replace;
use datafusion::functions_nested::make_array::make_array;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::scalar::ScalarValue;

use super::partitions::{Reading, reading};
use super::scans::{TableScans, internal};
use super::serde::as_declared;
use super::table::DeclaredTable;
use crate::functions::partition_value;
use crate::partition::PartitionValue;
use crate::schema::{COLUMNS, Origin, SOURCE_MODIFIED, SOURCE_OBJECT, SOURCE_SIZE};
use crate::sql::relation::{Relation, RelationColumn};
use crate::sql::statement::{ColumnDefinition, HiveType, RowFormat, TableDefinition};
use crate::sql::stored::{FILE_COLUMNS, HIVE_NULL, StoredFormat, StoredTable};
use crate::sql::{ATHENA_COLUMNS, ErrorCode, SqlError};

/// What Athena knows of the object that a row came from.
const PSEUDO_COLUMNS: [(&str, &str); 3] =
    [(FILE_COLUMNS[0], SOURCE_OBJECT), (FILE_COLUMNS[1], SOURCE_SIZE), (FILE_COLUMNS[2], SOURCE_MODIFIED)];

/// The columns of a relation while they are collected.
#[derive(Default)]
struct Columns {
    exprs: Vec<Expr>,
    columns: Vec<RelationColumn>,
}

impl Columns {
    /// Adds a column. In the plan, what is computed has another name than any column that it is
    /// computed from: DataFusion's optimizer takes the two for one where they meet in a projection.
    fn push(&mut self, name: &str, expr: Expr, hidden: bool) {
        let is_plain = matches!(&expr, Expr::Column(column) if column.name == name);
        self.exprs.push(if is_plain { expr } else { expr.alias(format!("declared {name}")) });
        self.columns.push(RelationColumn { name: name.to_owned(), hidden });
    }

    /// Pseudo-columns, as far as they are mentioned and no column has their name.
    fn push_pseudo(&mut self, mentioned: &BTreeSet<String>) {
        for (name, source) in PSEUDO_COLUMNS {
            if mentioned.contains(name) {
                self.push(name, column(source), true);
            }
        }
    }

    fn relation(self, scan: LogicalPlanBuilder) -> Result<Relation, SqlError> {
        let plan = scan.project(self.exprs).and_then(LogicalPlanBuilder::build);
        Ok(Relation { plan: plan.map_err(|error| internal(&error))?, columns: self.columns })
    }
}

/// The standard table over all sources, under any name. Columns that people partition by are there
/// for those who mention them.
///
/// # Errors
/// Only if the plan cannot be built.
pub fn standard(mentioned: &BTreeSet<String>, scans: &TableScans) -> Result<Relation, SqlError> {
    let mut columns = Columns::default();
    for known in COLUMNS.iter().take(ATHENA_COLUMNS) {
        columns.push(known.name, column(known.name), false);
    }
    columns.push_pseudo(mentioned);
    let dated = PartitionValue::are_dated(mentioned.iter().map(String::as_str));
    for name in mentioned.iter().filter(|name| PartitionValue::is_part_of_layout(name)) {
        columns.push(name, value_of(name, PartitionValue::by_name(name, dated)), true);
    }
    columns.relation(scans.scan(scans.sources().clone())?)
}

/// A declared table over what its location holds.
///
/// # Errors
/// If it is no table of CloudTrail's logs, or its location is not among the sources.
pub fn declared(
    table: &DeclaredTable,
    mentioned: &BTreeSet<String>,
    scans: &TableScans,
) -> Result<Relation, SqlError> {
    let definition = &table.definition;
    if let Some(format) = StoredFormat::of_table(definition) {
        return stored(definition, format, mentioned, scans);
    }
    check_format(definition)?;
    let Reading { sources, values, only_with_values } = reading(table, scans)?;
    let mut columns = Columns::default();
    match records_column(definition) {
        Some(records) => {
            scans.notice(format!(
                "{}: `{}` holds one record a row, where Athena has all records of an object; what UNNEST \
                 gives is the same",
                definition.name, records.name
            ));
            columns.push(&records.name, one_record(records)?, false);
        }
        None => {
            for declared in &definition.columns {
                columns.push(&declared.name, record_column(definition, declared)?, false);
            }
        }
    }
    for (declared, value) in definition.partitioned_by.iter().zip(&values) {
        let text = value_of(&declared.name, value.clone());
        columns.push(&declared.name, partition_column(text, &declared.data_type), false);
    }
    columns.push_pseudo(mentioned);
    let mut scan = scans.scan(sources)?;
    if only_with_values {
        for (declared, value) in definition.partitioned_by.iter().zip(values) {
            let known = value_of(&declared.name, value).is_not_null();
            scan = scan.filter(known).map_err(|error| internal(&error))?;
        }
    }
    columns.relation(scan)
}

/// A table of files that are not CloudTrail's.
fn stored(
    definition: &TableDefinition,
    format: StoredFormat,
    mentioned: &BTreeSet<String>,
    scans: &TableScans,
) -> Result<Relation, SqlError> {
    let table = StoredTable::new(definition, format, scans.sources().clone());
    let mut columns = Columns::default();
    for declared in &definition.columns {
        let read = column(&declared.name);
        let read = match format {
            StoredFormat::Text(_) => hive_text(read, &declared.data_type.data_type()),
            StoredFormat::Parquet | StoredFormat::Json => read,
        };
        columns.push(&declared.name, read, false);
    }
    for declared in &definition.partitioned_by {
        columns.push(&declared.name, column(&declared.name), false);
    }
    for name in FILE_COLUMNS.into_iter().filter(|name| mentioned.contains(*name)) {
        columns.push(name, column(name), true);
    }
    let scan = LogicalPlanBuilder::scan("stored files", provider_as_source(Arc::new(table)), None);
    columns.relation(scan.map_err(|error| internal(&error))?)
}

/// A text of a text file as the type `to`. Its reader takes an empty text for `NULL`, Hive `\N`.
fn hive_text(text: Expr, to: &DataType) -> Expr {
    let text = nullif(coalesce(vec![text, lit("")]), lit(HIVE_NULL));
    as_declared(text.clone(), &DataType::Utf8, to).unwrap_or(text)
}

fn column(name: &str) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

fn value_of(name: &str, value: PartitionValue) -> Expr {
    partition_value(name, value).call(vec![column(SOURCE_OBJECT)])
}

/// A partition's value as its column's type; Hive writes dates with hyphens, keys with slashes.
fn partition_column(text: Expr, data_type: &HiveType) -> Expr {
    let text = match data_type {
        HiveType::Date => replace(text, lit("/"), lit("-")),
        _ => text,
    };
    // A text becomes any other type.
    as_declared(text.clone(), &DataType::Utf8, &data_type.data_type()).unwrap_or(text)
}

/// Only rows of JSON records can be read from CloudTrail's objects.
fn check_format(definition: &TableDefinition) -> Result<(), SqlError> {
    let known = match (&definition.row_format, definition.serde()) {
        (None, _) => true,
        (Some(RowFormat::Delimited(_)), _) => false,
        (Some(RowFormat::Serde { .. }), serde) => serde.is_some_and(|serde| {
            ["CloudTrailSerde", "JsonSerDe"].iter().any(|known| known.eq_ignore_ascii_case(serde))
        }),
    };
    if known {
        return Ok(());
    }
    let message = format!(
        "{} is declared with a row format that does not read CloudTrail's records: use \
         com.amazon.emr.hive.serde.CloudTrailSerde, or a JSON SerDe",
        definition.name
    );
    Err(SqlError::new(ErrorCode::NotSupported, message))
}

/// A column of a record, as it is declared.
fn record_column(definition: &TableDefinition, declared: &ColumnDefinition) -> Result<Expr, SqlError> {
    let mapped = definition.serde_property(&format!("mapping.{}", declared.name));
    let key = mapped.map_or_else(|| declared.name.clone(), str::to_lowercase);
    let to = declared.data_type.data_type();
    read_column(&key, &to).ok_or_else(|| {
        let message = format!(
            "Column {} of {} is declared as {}, but holds more than a text: declare its members",
            declared.name, definition.name, declared.data_type
        );
        SqlError::new(ErrorCode::TypeMismatch, message)
    })
}

/// The field of a record whose key is `key` in lower case, as the type `to`; `NULL` if records have
/// no such field. `None` if it cannot be had as this type.
fn read_column(key: &str, to: &DataType) -> Option<Expr> {
    let known = COLUMNS.iter().find(|known| {
        let top = matches!(known.origin, Origin::Record([only], ..) if only.eq_ignore_ascii_case(key));
        top && known.name == key
    });
    match known {
        Some(known) => as_declared(column(known.name), known.field().data_type(), to),
        None => Some(lit(ScalarValue::try_from(to).ok()?)),
    }
}

/// The column of a table that was declared over objects as they are: `{"Records": […]}`.
fn records_column(definition: &TableDefinition) -> Option<&ColumnDefinition> {
    let [column] = definition.columns.as_slice() else { return None };
    let is_array =
        matches!(&column.data_type, HiveType::Array(item) if matches!(**item, HiveType::Struct(_)));
    (column.name == "records" && is_array).then_some(column)
}

/// An array of the record alone.
fn one_record(records: &ColumnDefinition) -> Result<Expr, SqlError> {
    let to = records.data_type.data_type();
    let DataType::List(item) = &to else { return Ok(lit(ScalarValue::Null)) };
    let DataType::Struct(fields) = item.data_type() else { return Ok(lit(ScalarValue::Null)) };
    let mut members = vec![];
    for field in fields {
        let Some(value) = read_column(&field.name().to_lowercase(), field.data_type()) else {
            let message = format!("{} in records holds more than a text: declare its members", field.name());
            return Err(SqlError::new(ErrorCode::TypeMismatch, message));
        };
        members.extend([lit(field.name().as_str()), value]);
    }
    Ok(make_array(vec![named_struct().call(members)]))
}
