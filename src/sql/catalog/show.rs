//! What `SHOW` and `DESCRIBE` answer, in Hive's layout.
//!
//! Source: Athena user guide, "SHOW …", "DESCRIBE"; Hive's `MetaDataFormatUtils` for the layout.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};

use super::describe::{describe, describe_column, padded};
use super::metadata::INFORMATION_SCHEMA;
use super::{Catalog, Database, DeclaredTable, State, TableScans, database_of, no_database, no_table};
use crate::functions::trino::function::Function;
use crate::functions::trino::registry;
use crate::schema::COLUMNS;
use crate::sql::statement::{
    ColumnDefinition, HiveType, Literal, Name, Quoted, RowFormat, Show, Statement, TableDefinition,
};
use crate::sql::{ATHENA_COLUMNS, ErrorCode, SqlError, plan, type_name};

/// The columns of `DESCRIBE`.
const DESCRIBED: &[&str] = &["col_name", "data_type", "comment"];

/// Lines of text under names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The columns' names.
    pub columns: &'static [&'static str],
    /// A row each, its values with tabs between them.
    pub lines: Vec<String>,
}

impl Shown {
    /// The lines as one batch. The last value of a line may hold tabs.
    ///
    /// # Errors
    /// Only if there are too many of them for one.
    pub fn batch(&self) -> Result<RecordBatch, arrow::error::ArrowError> {
        let count = self.columns.len();
        let fields = self.columns.iter().map(|name| Field::new(*name, DataType::Utf8, true));
        let values = (0..count).map(|at| -> ArrayRef {
            let values = self.lines.iter().map(|line| line.splitn(count, '\t').nth(at));
            Arc::new(values.collect::<StringArray>())
        });
        RecordBatch::try_new(Arc::new(Schema::new(fields.collect::<Vec<_>>())), values.collect())
    }
}

impl Catalog {
    /// The answer of `DESCRIBE` and of `SHOW COLUMNS` about a view, which has columns `fields`: of views
    /// Trino tells, and not Hive.
    pub(in crate::sql) fn show_view(&self, fields: &[plan::Field]) -> Shown {
        let lines = fields.iter().map(|field| {
            let name = field.name.as_deref().unwrap_or_default().to_lowercase();
            format!("{name}\t{}", type_name(&field.data_type))
        });
        Shown { columns: &["column", "type"], lines: lines.collect() }
    }

    /// The answer of a statement that shows something of the catalog, in a session whose database is
    /// `database`. `None` if it is no such statement.
    ///
    /// # Errors
    /// If what it names is not there.
    pub fn show(
        &self,
        statement: &Statement,
        database: &str,
        scans: &TableScans,
    ) -> Result<Option<Shown>, SqlError> {
        let shown = match statement {
            Statement::Show(show) => self.shown(show, database, scans)?,
            Statement::Describe { table, extended, partition, column } => {
                let state = self.read();
                if let Some(partition) = partition {
                    state.table(table, database)?.partition(partition)?;
                }
                let definition = state.definition(table, database, scans)?;
                let lines = match column {
                    Some(path) => describe_column(&definition, path)?,
                    None => describe(&definition, *extended),
                };
                Shown { columns: DESCRIBED, lines }
            }
            _ => return Ok(None),
        };
        Ok(Some(shown))
    }

    fn shown(&self, show: &Show, database: &str, scans: &TableScans) -> Result<Shown, SqlError> {
        let state = self.read();
        let shown = |columns, lines| Ok(Shown { columns, lines });
        match show {
            Show::Tables { database: given, like } => {
                let database = given.as_deref().unwrap_or(database);
                if database != INFORMATION_SCHEMA && !state.databases.contains_key(database) {
                    return Err(no_database(database));
                }
                drop(state);
                shown(&["tab_name"], matching(self.listed(database), like.as_deref()))
            }
            Show::Views { database: given, like } => {
                let found = state.databases.get(given.as_deref().unwrap_or(database));
                let names = found.into_iter().flat_map(|found| found.views.keys().cloned());
                shown(&["views"], matching(names, like.as_deref()))
            }
            Show::Databases { like } => {
                shown(&["database_name"], matching(state.databases.keys().cloned(), like.as_deref()))
            }
            Show::Partitions(name) => {
                let table = state.table(name, database)?;
                let partitions = table.partitions.iter();
                shown(
                    &["partition"],
                    partitions.map(|partition| partition.shown(&table.definition)).collect(),
                )
            }
            Show::CreateTable(name) => {
                let definition = state.definition(name, database, scans)?;
                shown(
                    &["createtab_stmt"],
                    definition.shown().to_string().lines().map(ToOwned::to_owned).collect(),
                )
            }
            Show::CreateView(name) => {
                let own = database_of(name, database);
                let view = state.databases.get(own).and_then(|found| found.views.get(&name.name));
                let view = view.ok_or_else(|| no_table(own, &name.name))?;
                let text = create_view(own, &name.name, &view.text);
                shown(&["create view"], text.lines().map(ToOwned::to_owned).collect())
            }
            Show::Columns(name) => {
                let definition = state.definition(name, database, scans)?;
                let columns = definition.columns.iter().chain(&definition.partitioned_by);
                shown(&["field"], columns.map(|column| padded(&column.name)).collect())
            }
            Show::Properties { table, property } => {
                let definition = state.definition(table, database, scans)?;
                match property {
                    Some(name) => shown(&["prpt_value"], vec![property_line(&definition, name)]),
                    None => shown(&["prpt_name", "prpt_value"], property_lines(&definition)),
                }
            }
            Show::Functions { like } => {
                let names = registry::names().map(ToOwned::to_owned);
                let known = matching(names, like.as_deref());
                let lines = known.iter().filter_map(|name| registry::lookup(name)).flat_map(function_lines);
                shown(&["function"], lines.collect())
            }
        }
    }
}

impl Catalog {
    /// What declares a table; for one that nothing declares, what would declare the standard one.
    ///
    /// # Errors
    /// If it is a view.
    pub fn definition(
        &self,
        name: &Name,
        database: &str,
        scans: &TableScans,
    ) -> Result<TableDefinition, SqlError> {
        self.read().definition(name, database, scans)
    }
}

impl State {
    /// What declares a table; for one that nothing declares, what would declare the standard one.
    fn definition(
        &self,
        name: &Name,
        database: &str,
        scans: &TableScans,
    ) -> Result<TableDefinition, SqlError> {
        let own = database_of(name, database);
        let found = self.databases.get(own);
        if found.is_some_and(|found| found.views.contains_key(&name.name)) {
            let message = format!("{} is a view: use SHOW CREATE VIEW", name.name);
            return Err(SqlError::new(ErrorCode::NotSupported, message));
        }
        let declared = found.and_then(|found| found.tables.get(&name.name));
        Ok(declared.map_or_else(|| standard(name, scans), |table| table.definition.clone()))
    }
}

/// The AWS documentation's table, over the first source.
fn standard(name: &Name, scans: &TableScans) -> TableDefinition {
    let columns = COLUMNS.iter().take(ATHENA_COLUMNS).map(|column| ColumnDefinition {
        name: column.name.to_owned(),
        data_type: hive_type(column.field().data_type()),
        comment: None,
    });
    TableDefinition {
        name: name.clone(),
        if_not_exists: false,
        columns: columns.collect(),
        comment: None,
        partitioned_by: vec![],
        row_format: Some(RowFormat::Serde {
            class: "com.amazon.emr.hive.serde.CloudTrailSerde".to_owned(),
            properties: vec![],
        }),
        stored_as: Some(crate::sql::statement::StoredAs::Classes {
            input: "com.amazon.emr.cloudtrail.CloudTrailInputFormat".to_owned(),
            output: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat".to_owned(),
        }),
        location: scans.sources().names().next().unwrap_or_default(),
        properties: vec![("classification".to_owned(), "cloudtrail".to_owned())],
    }
}

/// Hive's name of a type of the standard table: texts and what is made of them.
fn hive_type(data_type: &DataType) -> HiveType {
    match data_type {
        DataType::Struct(fields) => {
            HiveType::Struct(fields.iter().map(|f| (f.name().clone(), hive_type(f.data_type()))).collect())
        }
        DataType::List(item) => HiveType::Array(Box::new(hive_type(item.data_type()))),
        DataType::Map(..) => HiveType::Map(Box::new(HiveType::String), Box::new(HiveType::String)),
        _ => HiveType::String,
    }
}

/// `CREATE DATABASE IF NOT EXISTS …`
pub(super) fn create_database(name: &str, database: &Database) -> String {
    let mut text = format!("CREATE DATABASE IF NOT EXISTS {}", Quoted(name));
    if let Some(comment) = &database.comment {
        text.push_str(&format!(" COMMENT {}", Literal(comment)));
    }
    if !database.properties.is_empty() {
        let pairs = database.properties.iter();
        let pairs = pairs.map(|(name, value)| format!("{} = {}", Literal(name), Literal(value)));
        text.push_str(&format!(" WITH DBPROPERTIES ({})", pairs.collect::<Vec<_>>().join(", ")));
    }
    text
}

/// `ALTER TABLE … ADD PARTITION …` for all partitions of a table.
pub(super) fn add_partitions(table: &DeclaredTable) -> Vec<String> {
    let columns = &table.definition.partitioned_by;
    let statements = table.partitions.iter().map(|partition| {
        let values = columns.iter().zip(&partition.values);
        let values = values.map(|(column, value)| format!("{}={}", Quoted(&column.name), Literal(value)));
        let values = values.collect::<Vec<_>>().join(", ");
        let location = partition.location.as_deref().map(|place| format!(" LOCATION {}", Literal(place)));
        let name = &table.definition.name;
        format!("ALTER TABLE {name} ADD PARTITION ({values}){}", location.unwrap_or_default())
    });
    statements.collect()
}

/// `CREATE VIEW …`
pub(super) fn create_view(database: &str, name: &str, text: &str) -> String {
    let name = Name { database: Some(database.to_owned()), name: name.to_owned() };
    format!("CREATE VIEW {name} AS\n{text}")
}

fn property_lines(definition: &TableDefinition) -> Vec<String> {
    definition.properties.iter().map(|(name, value)| format!("{name}\t{value}")).collect()
}

/// The value alone.
fn property_line(definition: &TableDefinition, name: &str) -> String {
    let missing = || format!("Table {} does not have property: {name}", definition.name.plain());
    definition.property(name).map_or_else(missing, ToOwned::to_owned)
}

/// The names that Hive's pattern matches: `*` stands for any text, `|` separates patterns.
fn matching(names: impl IntoIterator<Item = String>, pattern: Option<&str>) -> Vec<String> {
    let names = names.into_iter();
    let Some(pattern) = pattern else { return names.collect() };
    let pattern = pattern.to_lowercase();
    names.filter(|name| pattern.split('|').any(|one| is_match(one, name))).collect()
}

fn is_match(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

/// A function's signatures, each with what it does.
fn function_lines(function: &Function) -> impl Iterator<Item = String> {
    function.signatures.iter().map(|signature| format!("{}{signature}\t{}", function.name, function.doc))
}
