//! Databases, tables, views and prepared statements: what a query's names stand for.
//!
//! A table that nothing declares stands for all sources, whatever it is called; so does every
//! database. Statements run at the same time share one catalog: each sees it as it is when the
//! statement asks for it.

mod alter;
mod describe;
mod metadata;
mod partitions;
mod relation;
mod scans;
mod serde;
mod show;
mod state;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::relation::{Relations, Resolved, ViewDefinition, placed};
use super::statement::{
    AlterTable, Name, PartitionSpec, Properties, Quoted, Statement, TableDefinition, parse_one,
};
use super::{ErrorCode, SqlError};

use state::{Database, State};

pub use scans::{TableScans, s3_place};
pub use show::Shown;
pub use table::{DeclaredTable, Partition};

/// The database of names without one, if a session says nothing else.
pub const DEFAULT_DATABASE: &str = "default";

/// What the table over all sources is called where it is listed.
pub const STANDARD_TABLE: &str = "cloudtrail_logs";

/// What was declared.
#[derive(Debug)]
pub struct Catalog(RwLock<State>);

impl Default for Catalog {
    fn default() -> Self {
        let databases = BTreeMap::from([(DEFAULT_DATABASE.to_owned(), Database::default())]);
        Self(RwLock::new(State { databases, prepared: BTreeMap::new() }))
    }
}

impl Catalog {
    fn read(&self) -> RwLockReadGuard<'_, State> {
        // Every change is one assignment: there is nothing half done to be seen.
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries out a statement that changes the catalog, in a session whose database is `database`.
    /// False if it is no such statement.
    ///
    /// # Errors
    /// If what it names is not there, or what it makes is there already.
    pub fn apply(&self, statement: &Statement, database: &str) -> Result<bool, SqlError> {
        let mut state = self.write();
        match statement {
            Statement::CreateDatabase { name, if_not_exists, comment, properties } => {
                let made = Database {
                    comment: comment.clone(),
                    properties: properties.clone(),
                    ..Database::default()
                };
                state.create_database(name, *if_not_exists, made)?;
            }
            Statement::AlterDatabase { name, properties } => state.alter_database(name, properties)?,
            Statement::DropDatabase { name, if_exists, cascade } => {
                state.drop_database(name, *if_exists, *cascade)?;
            }
            Statement::CreateTable(definition) => {
                s3_place(&definition.location)?;
                state.create_table(definition, definition.if_not_exists, database)?;
            }
            Statement::DropTable { name, if_exists } => state.drop_table(name, *if_exists, database)?,
            Statement::AlterTable { table, change } => state.alter(table, change, database)?,
            Statement::CreateView(view) => state.create_view(view, database)?,
            Statement::DropView { name, if_exists } => state.drop_view(name, *if_exists, database)?,
            Statement::RepairTable(name) => {
                // Folders called `name=value` are read as partitions wherever they lie.
                state.table(name, database)?;
            }
            Statement::Prepare { name, text, .. } => {
                state.prepared.insert(name.clone(), text.clone());
            }
            Statement::Deallocate(name) => {
                state.prepared.remove(name).ok_or_else(|| not_prepared(name))?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The catalog that the statements of another one's [`definitions`](Self::definitions) make.
    ///
    /// # Errors
    /// At the first of them that makes no sense.
    pub fn restore<S: AsRef<str>>(definitions: &[S]) -> Result<Self, SqlError> {
        let catalog = Self::default();
        definitions.iter().try_for_each(|text| catalog.declare_again(text.as_ref()))?;
        Ok(catalog)
    }

    /// Declares what one of another catalog's [`definitions`](Self::definitions) says.
    ///
    /// # Errors
    /// If it makes no sense here.
    pub fn declare_again(&self, definition: &str) -> Result<(), SqlError> {
        match parse_one(definition)? {
            // Unlike those of statements, its location may be a folder that was written to.
            Statement::CreateTable(definition) => self.declare(&definition, DEFAULT_DATABASE),
            statement => self.apply(&statement, DEFAULT_DATABASE).map(drop),
        }
    }

    /// The text of a prepared statement.
    ///
    /// # Errors
    /// If nothing of this name was prepared.
    pub fn prepared(&self, name: &str) -> Result<String, SqlError> {
        self.read().prepared.get(name).cloned().ok_or_else(|| not_prepared(name))
    }

    /// A declared table.
    pub fn table(&self, name: &Name, database: &str) -> Option<Arc<DeclaredTable>> {
        let state = self.read();
        state.databases.get(database_of(name, database))?.tables.get(&name.name).cloned()
    }

    /// A view.
    pub(in crate::sql) fn view(&self, name: &Name, database: &str) -> Option<Arc<ViewDefinition>> {
        let state = self.read();
        let found = state.databases.get(database_of(name, database))?.views.get(&name.name)?;
        Some(Arc::clone(&found.definition))
    }

    fn found(&self, name: &str, database: &str) -> Found {
        let state = self.read();
        let Some(database) = state.databases.get(database) else { return Found::Nothing };
        match (database.views.get(name), database.tables.get(name)) {
            (Some(view), _) => Found::View(Arc::clone(&view.definition)),
            (None, Some(table)) => Found::Table(Arc::clone(table)),
            (None, None) => Found::Nothing,
        }
    }

    /// Notes partitions of a table that were written; those that are known already stay as they are.
    ///
    /// # Errors
    /// If the table is not there, or has other partition columns.
    pub(in crate::sql) fn add_partitions(
        &self,
        name: &Name,
        partitions: Vec<PartitionSpec>,
        database: &str,
    ) -> Result<(), SqlError> {
        let change = AlterTable::AddPartitions { if_not_exists: true, partitions };
        self.write().alter(name, &change, database)
    }

    /// Declares `definition`, which must not be there yet.
    ///
    /// # Errors
    /// If there is a table or view of this name.
    pub(in crate::sql) fn declare(
        &self,
        definition: &TableDefinition,
        database: &str,
    ) -> Result<(), SqlError> {
        self.write().create_table(definition, false, database)
    }

    /// Databases, in order.
    pub fn databases(&self) -> Vec<String> {
        self.read().databases.keys().cloned().collect()
    }

    /// What a database is for, and its properties; `None` if there is none of this name.
    pub fn database(&self, name: &str) -> Option<(Option<String>, Properties)> {
        let state = self.read();
        let found = state.databases.get(name)?;
        Some((found.comment.clone(), found.properties.clone()))
    }

    /// What is listed of a database: what was declared in it, else the standard table; of
    /// `information_schema` its own.
    pub fn listed(&self, database: &str) -> Vec<String> {
        if database == metadata::INFORMATION_SCHEMA {
            return metadata::tables().map(ToOwned::to_owned).collect();
        }
        let declared = self.relations(database);
        if declared.is_empty() { vec![STANDARD_TABLE.to_owned()] } else { declared }
    }

    /// Tables and views of a database, in order.
    pub fn relations(&self, database: &str) -> Vec<String> {
        let state = self.read();
        let names = state.databases.get(database).map(|found| found.tables.keys().chain(found.views.keys()));
        let names: BTreeSet<String> = names.into_iter().flatten().cloned().collect();
        names.into_iter().collect()
    }

    /// The locations of all declared tables and of their partitions.
    pub fn locations(&self) -> Vec<String> {
        let state = self.read();
        let tables = state.databases.values().flat_map(|database| database.tables.values());
        let locations = tables.flat_map(|table| {
            let partitions = table.partitions.iter().map(|partition| partition.location(&table.definition));
            std::iter::once(table.definition.location.clone()).chain(partitions).collect::<Vec<_>>()
        });
        locations.collect()
    }

    /// The statements that declare all this again, in their order.
    pub fn definitions(&self) -> Vec<String> {
        let state = self.read();
        let mut statements = vec![];
        for (name, database) in &state.databases {
            statements.push(show::create_database(name, database));
            for table in database.tables.values() {
                statements.push(table.definition.to_string());
                statements.extend(show::add_partitions(table));
            }
        }
        for (name, database) in &state.databases {
            let views = database.views.iter();
            statements.extend(views.map(|(view, found)| show::create_view(name, view, &found.text)));
        }
        let prepared = state.prepared.iter();
        statements.extend(prepared.map(|(name, text)| format!("PREPARE {} FROM {text}", Quoted(name))));
        statements
    }
}

/// A catalog, for the queries of one statement.
pub struct CatalogRelations<'a> {
    /// What was declared.
    pub catalog: &'a Catalog,
    /// What the statement reads.
    pub scans: &'a TableScans,
}

impl Relations for CatalogRelations<'_> {
    fn resolve(
        &self,
        name: &[String],
        database: &str,
        mentioned: &BTreeSet<String>,
    ) -> Result<Resolved, SqlError> {
        let Some((database, table)) = placed(name, database) else {
            return Err(SqlError::new(ErrorCode::TableNotFound, "A table has a name"));
        };
        if database == metadata::INFORMATION_SCHEMA {
            return metadata::information_schema(table, self).map(Resolved::Relation);
        }
        let relation = match table.split_once('$') {
            Some((of, "partitions")) => match self.catalog.found(of, database) {
                Found::Table(declared) => metadata::partitions(&declared)?,
                Found::View(_) | Found::Nothing => return Err(no_table(database, table)),
            },
            Some(_) => return Err(no_table(database, table)),
            None => match self.catalog.found(table, database) {
                Found::View(view) => return Ok(Resolved::View(view)),
                Found::Table(declared) => relation::declared(&declared, mentioned, self.scans)?,
                Found::Nothing => relation::standard(mentioned, self.scans)?,
            },
        };
        Ok(Resolved::Relation(relation))
    }
}

/// What was declared under a name.
enum Found {
    Table(Arc<DeclaredTable>),
    View(Arc<ViewDefinition>),
    Nothing,
}

fn database_of<'a>(name: &'a Name, database: &'a str) -> &'a str {
    name.database.as_deref().unwrap_or(database)
}

fn not_prepared(name: &str) -> SqlError {
    SqlError::new(ErrorCode::NotSupported, format!("Prepared statement not found: {name}"))
}

fn exists(kind: &str, name: &str) -> SqlError {
    SqlError::new(ErrorCode::SyntaxError, format!("{kind} {name} already exists"))
}

fn no_database(name: &str) -> SqlError {
    SqlError::new(ErrorCode::SchemaNotFound, format!("Database does not exist: {name}"))
}

fn no_table(database: &str, name: &str) -> SqlError {
    let message = format!("Table 'awsdatacatalog.{database}.{name}' does not exist");
    SqlError::new(ErrorCode::TableNotFound, message)
}
