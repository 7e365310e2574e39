//! Tables about tables: those of `information_schema`, and `"table$partitions"`.
//!
//! Source: Athena user guide, "Query the AWS Glue Data Catalog"; Trino documentation, "Hive connector:
//! Metadata tables".

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::error::Result as DfResult;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};

use super::scans::internal;
use super::table::DeclaredTable;
use super::{CatalogRelations, Database, STANDARD_TABLE, no_table};
use crate::schema::COLUMNS;
use crate::sql::plan::{Parameters, Places, Surroundings, plan_query};
use crate::sql::relation::{Relation, RelationColumn, Relations, Resolved, ViewDefinition, placed};
use crate::sql::statement::Name;
use crate::sql::{ATHENA_COLUMNS, CATALOG, SqlError, type_name};

/// The database whose tables tell of all others.
pub const INFORMATION_SCHEMA: &str = "information_schema";

/// Its tables and their columns; all are texts but [`ORDINAL`].
const TABLES: [(&str, &[&str]); 4] = [
    (
        "columns",
        &[
            "table_catalog",
            "table_schema",
            "table_name",
            "column_name",
            ORDINAL,
            "column_default",
            "is_nullable",
            "data_type",
            "comment",
            "extra_info",
        ],
    ),
    ("schemata", &["catalog_name", "schema_name"]),
    ("tables", &["table_catalog", "table_schema", "table_name", "table_type"]),
    ("views", &["table_catalog", "table_schema", "table_name", "view_definition"]),
];

/// The number of a column in its table, from 1: a `bigint`.
const ORDINAL: &str = "ordinal_position";

/// What is known of a column.
struct ColumnFacts {
    name: String,
    data_type: DataType,
    comment: Option<String>,
    is_partition: bool,
}

type Row = Vec<Option<String>>;

/// The tables of `information_schema`.
pub fn tables() -> impl Iterator<Item = &'static str> {
    TABLES.iter().map(|(table, _)| *table)
}

/// The table `information_schema.name` of what `relations` has.
///
/// # Errors
/// If there is no such table.
pub fn information_schema(name: &str, relations: &CatalogRelations<'_>) -> Result<Relation, SqlError> {
    let databases = relations.catalog.read().databases.clone();
    let databases = databases.iter().map(|(name, database)| (name.as_str(), database));
    let rows: Vec<Row> = match name {
        "schemata" => {
            let names = databases.map(|(name, _)| name).chain([INFORMATION_SCHEMA]);
            names.map(|name| texts([CATALOG, name])).collect()
        }
        "tables" => {
            let own = tables().map(|table| texts([CATALOG, INFORMATION_SCHEMA, table, "BASE TABLE"]));
            databases.flat_map(|(name, database)| table_rows(name, database)).chain(own).collect()
        }
        "views" => databases.flat_map(|(name, database)| view_rows(name, database)).collect(),
        "columns" => databases.flat_map(|(name, database)| column_rows(name, database, relations)).collect(),
        _ => vec![],
    };
    listed(name, rows)
}

fn texts<const N: usize>(texts: [&str; N]) -> Row {
    texts.into_iter().map(|text| Some(text.to_owned())).collect()
}

fn table_rows(name: &str, database: &Database) -> Vec<Row> {
    let row = |table: &str, kind| texts([CATALOG, name, table, kind]);
    let tables = database.tables.keys().map(|table| row(table, "BASE TABLE"));
    let views = database.views.keys().map(|view| row(view, "VIEW"));
    let standard = is_standard(database).then(|| row(STANDARD_TABLE, "BASE TABLE"));
    tables.chain(views).chain(standard).collect()
}

fn view_rows(name: &str, database: &Database) -> Vec<Row> {
    let views = database.views.iter();
    views.map(|(view, found)| texts([CATALOG, name, view, &found.text])).collect()
}

/// Where nothing is declared, the table over all sources is what there is.
fn is_standard(database: &Database) -> bool {
    database.tables.is_empty() && database.views.is_empty()
}

fn column_rows(name: &str, database: &Database, relations: &CatalogRelations<'_>) -> Vec<Row> {
    let declared = database.tables.iter().map(|(table, found)| (table.as_str(), declared_columns(found)));
    let views = database.views.iter();
    let views = views.map(|(view, found)| (view.as_str(), view_columns(&found.definition, relations)));
    let standard = is_standard(database).then(|| (STANDARD_TABLE, standard_columns()));
    let all = declared.chain(views).chain(standard);
    let rows = all.flat_map(|(table, columns)| {
        columns.into_iter().enumerate().map(move |(at, column)| column_row(name, table, at + 1, column))
    });
    rows.collect()
}

fn column_row(database: &str, table: &str, position: usize, column: ColumnFacts) -> Row {
    let mut row = texts([CATALOG, database, table, &column.name, &position.to_string()]);
    let extra = column.is_partition.then(|| "partition key".to_owned());
    let data_type = type_name(&column.data_type);
    row.extend([None, Some("YES".to_owned()), Some(data_type), column.comment, extra]);
    row
}

fn declared_columns(table: &DeclaredTable) -> Vec<ColumnFacts> {
    let definition = &table.definition;
    let columns = definition.columns.iter().map(|column| (column, false));
    let columns = columns.chain(definition.partitioned_by.iter().map(|column| (column, true)));
    let facts = columns.map(|(column, is_partition)| ColumnFacts {
        name: column.name.clone(),
        data_type: column.data_type.data_type(),
        comment: column.comment.clone(),
        is_partition,
    });
    facts.collect()
}

fn standard_columns() -> Vec<ColumnFacts> {
    let columns = COLUMNS.iter().take(ATHENA_COLUMNS).map(|column| ColumnFacts {
        name: column.name.to_owned(),
        data_type: column.field().data_type().clone(),
        comment: None,
        is_partition: false,
    });
    columns.collect()
}

/// The columns of a view; none if its query makes no sense any more.
fn view_columns(view: &ViewDefinition, relations: &CatalogRelations<'_>) -> Vec<ColumnFacts> {
    let surroundings = Surroundings {
        relations: &Described(relations),
        database: &view.database,
        now: relations.scans.now(),
        mentioned: &view.mentioned,
        places: Places::default(),
        parameters: &Parameters::default(),
    };
    let planned = plan_query(&view.query, surroundings);
    let fields = planned.map(|planned| planned.fields).unwrap_or_default();
    let facts = fields.into_iter().map(|field| ColumnFacts {
        name: field.name.unwrap_or_default().to_lowercase(),
        data_type: field.data_type,
        comment: None,
        is_partition: false,
    });
    facts.collect()
}

/// What views see while their columns are listed: a view of `information_schema` would list itself.
struct Described<'a>(&'a CatalogRelations<'a>);

impl Relations for Described<'_> {
    fn resolve(
        &self,
        name: &[String],
        database: &str,
        mentioned: &BTreeSet<String>,
    ) -> Result<Resolved, SqlError> {
        match placed(name, database) {
            Some((INFORMATION_SCHEMA, table)) => listed(table, vec![]).map(Resolved::Relation),
            _ => self.0.resolve(name, database, mentioned),
        }
    }
}

/// A table of `information_schema` with these rows.
fn listed(name: &str, rows: Vec<Row>) -> Result<Relation, SqlError> {
    let found = TABLES.iter().find(|(known, _)| *known == name);
    let Some((_, columns)) = found else { return Err(no_table(INFORMATION_SCHEMA, name)) };
    let columns = columns.iter().map(|column| match *column {
        ORDINAL => (ORDINAL.to_owned(), DataType::Int64),
        text => (text.to_owned(), DataType::Utf8),
    });
    relation(columns.collect(), rows)
}

/// `"table$partitions"`: a row for each partition that was added to a table.
///
/// # Errors
/// If the table has no partition columns.
pub fn partitions(table: &DeclaredTable) -> Result<Relation, SqlError> {
    let by = &table.definition.partitioned_by;
    if by.is_empty() {
        let Name { database, name } = &table.definition.name;
        return Err(no_table(database.as_deref().unwrap_or_default(), &format!("{name}$partitions")));
    }
    let columns = by.iter().map(|column| (column.name.clone(), column.data_type.data_type()));
    let rows = table.partitions.iter().map(|known| known.values.iter().cloned().map(Some).collect());
    relation(columns.collect(), rows.collect())
}

/// Rows of texts as a table whose columns have these names and types; a text that is none of its type
/// is `NULL`.
fn relation(columns: Vec<(String, DataType)>, rows: Vec<Row>) -> Result<Relation, SqlError> {
    let plan = scanned(&columns, &rows).map_err(|error| internal(&error))?;
    let columns = columns.into_iter().map(|(name, _)| RelationColumn { name, hidden: false });
    Ok(Relation { plan, columns: columns.collect() })
}

fn scanned(columns: &[(String, DataType)], rows: &[Row]) -> DfResult<LogicalPlan> {
    let fields = columns.iter().map(|(name, data_type)| Field::new(name, data_type.clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let options = CastOptions { safe: true, ..CastOptions::default() };
    let arrays = columns.iter().enumerate().map(|(at, (_, data_type))| {
        let cells = rows.iter().map(|row| row.get(at).and_then(Option::as_deref));
        let texts: ArrayRef = Arc::new(cells.collect::<StringArray>());
        cast_with_options(&texts, data_type, &options)
    });
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect::<Result<_, _>>()?)?;
    let table = MemTable::try_new(schema, vec![vec![batch]])?;
    LogicalPlanBuilder::scan("metadata", provider_as_source(Arc::new(table)), None)?.build()
}
