//! Databases, tables, views and prepared statements: what a query's names stand for.
//!
//! A table that nothing declares stands for all sources, whatever it is called; so does every
//! database. Statements run at the same time share one catalog: each sees it as it is when the
//! statement asks for it.

mod partitions;
mod relation;
mod scans;
mod serde;
mod show;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::mentions::Words;
use super::relation::{Relations, Resolved, ViewDefinition};
use super::statement::{
    AlterTable, CreateView, Name, PartitionSpec, Quoted, Statement, TableDefinition, parse_one,
};
use super::stored::StoredFormat;
use super::{ErrorCode, SqlError};

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

#[derive(Debug, Clone)]
struct State {
    databases: BTreeMap<String, Database>,
    /// The text of each prepared statement.
    prepared: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
struct Database {
    comment: Option<String>,
    tables: BTreeMap<String, Arc<DeclaredTable>>,
    views: BTreeMap<String, View>,
}

#[derive(Debug, Clone)]
struct View {
    definition: Arc<ViewDefinition>,
    text: String,
}

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
            Statement::CreateDatabase { name, if_not_exists, comment } => {
                state.create_database(name, *if_not_exists, comment.clone())?;
            }
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

    /// What is listed of a database: what was declared in it, else the standard table.
    pub fn listed(&self, database: &str) -> Vec<String> {
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
            let comment = database.comment.as_deref();
            let comment = comment.map(|text| format!(" COMMENT {}", super::statement::Literal(text)));
            statements.push(format!(
                "CREATE DATABASE IF NOT EXISTS {}{}",
                Quoted(name),
                comment.unwrap_or_default()
            ));
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

    /// What `name` (`[catalog.][database.]table`, in lower case) stands for.
    ///
    /// # Errors
    /// If it names what trailq has not, or its table cannot be read.
    pub fn resolve(
        &self,
        name: &[String],
        database: &str,
        mentioned: &BTreeSet<String>,
        scans: &TableScans,
    ) -> Result<Resolved, SqlError> {
        let (table, database) = match name {
            [.., database, table] => (table, database.as_str()),
            [table] => (table, database),
            [] => return Err(SqlError::new(ErrorCode::TableNotFound, "A table has a name")),
        };
        let metadata = database == "information_schema" || table.contains('$');
        if metadata {
            let message = format!("{database}.{table} is not supported: use SHOW and DESCRIBE");
            return Err(SqlError::new(ErrorCode::NotSupported, message));
        }
        let found = {
            let state = self.read();
            let database = state.databases.get(database);
            if let Some(view) = database.and_then(|database| database.views.get(table)) {
                return Ok(Resolved::View(Arc::clone(&view.definition)));
            }
            database.and_then(|database| database.tables.get(table)).cloned()
        };
        let relation = match found {
            Some(declared) => relation::declared(&declared, mentioned, scans)?,
            None => relation::standard(mentioned, scans)?,
        };
        Ok(Resolved::Relation(relation))
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
        self.catalog.resolve(name, database, mentioned, self.scans)
    }
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

fn no_table(database: &str, name: &str) -> SqlError {
    let message = format!("Table 'awsdatacatalog.{database}.{name}' does not exist");
    SqlError::new(ErrorCode::TableNotFound, message)
}

impl State {
    /// A database; the session's own comes to be when something is declared in it.
    fn database(&mut self, name: &str) -> &mut Database {
        self.databases.entry(name.to_owned()).or_default()
    }

    fn create_database(
        &mut self,
        name: &str,
        if_not_exists: bool,
        comment: Option<String>,
    ) -> Result<(), SqlError> {
        if self.databases.contains_key(name) {
            return if if_not_exists { Ok(()) } else { Err(exists("Database", name)) };
        }
        self.database(name).comment = comment;
        Ok(())
    }

    fn drop_database(&mut self, name: &str, if_exists: bool, cascade: bool) -> Result<(), SqlError> {
        let Some(database) = self.databases.get(name) else {
            let missing =
                SqlError::new(ErrorCode::SchemaNotFound, format!("Database does not exist: {name}"));
            return if if_exists { Ok(()) } else { Err(missing) };
        };
        let is_empty = database.tables.is_empty() && database.views.is_empty();
        if !is_empty && !cascade {
            let message = format!("Database {name} is not empty. One or more tables exist.");
            return Err(SqlError::new(ErrorCode::NotSupported, message));
        }
        self.databases.remove(name);
        Ok(())
    }

    fn create_table(
        &mut self,
        definition: &TableDefinition,
        if_not_exists: bool,
        database: &str,
    ) -> Result<(), SqlError> {
        let name = database_of(&definition.name, database).to_owned();
        let database = self.database(&name);
        let table = &definition.name.name;
        if database.tables.contains_key(table) || database.views.contains_key(table) {
            return if if_not_exists { Ok(()) } else { Err(exists("Table", table)) };
        }
        let mut definition = definition.clone();
        definition.name.database = Some(name);
        definition.if_not_exists = false;
        let key = definition.name.name.clone();
        database.tables.insert(key, Arc::new(DeclaredTable { definition, partitions: vec![] }));
        Ok(())
    }

    fn table(&self, name: &Name, database: &str) -> Result<&Arc<DeclaredTable>, SqlError> {
        let database = database_of(name, database);
        let found = self.databases.get(database).and_then(|found| found.tables.get(&name.name));
        found.ok_or_else(|| no_table(database, &name.name))
    }

    fn drop_table(&mut self, name: &Name, if_exists: bool, database: &str) -> Result<(), SqlError> {
        let database = database_of(name, database);
        let dropped = self.databases.get_mut(database).and_then(|found| found.tables.remove(&name.name));
        if dropped.is_none() && !if_exists {
            return Err(no_table(database, &name.name));
        }
        Ok(())
    }

    fn alter(&mut self, name: &Name, change: &AlterTable, database: &str) -> Result<(), SqlError> {
        let mut table = DeclaredTable::clone(self.table(name, database)?);
        let definition = &mut table.definition;
        match change {
            AlterTable::SetProperties(properties) => {
                properties.iter().for_each(|(name, value)| definition.set_property(name, value));
            }
            AlterTable::SetLocation(location) => {
                s3_place(location)?;
                location.clone_into(&mut definition.location);
            }
            AlterTable::AddColumns(columns) => definition.columns.extend(columns.iter().cloned()),
            AlterTable::ReplaceColumns(columns) => columns.clone_into(&mut definition.columns),
            AlterTable::AddPartitions { if_not_exists, partitions } => {
                table.add(partitions, *if_not_exists)?;
            }
            AlterTable::DropPartitions { .. } if StoredFormat::of_table(definition).is_some() => {
                // Its files are what is in it.
                let message =
                    format!("Partitions of {}, a table of results, cannot be dropped", name.plain());
                return Err(SqlError::new(ErrorCode::NotSupported, message));
            }
            AlterTable::DropPartitions { if_exists, partitions } => table.drop(partitions, *if_exists)?,
        }
        unique_columns(&table.definition)?;
        let database = database_of(name, database).to_owned();
        self.database(&database).tables.insert(name.name.clone(), Arc::new(table));
        Ok(())
    }

    fn create_view(&mut self, view: &CreateView, database: &str) -> Result<(), SqlError> {
        let own = database_of(&view.name, database).to_owned();
        let found = self.database(&own);
        let name = &view.name.name;
        if found.tables.contains_key(name) || (found.views.contains_key(name) && !view.or_replace) {
            return Err(exists("View", name));
        }
        let definition = ViewDefinition {
            query: view.query.clone(),
            columns: vec![],
            // A view's names are those of the session that made it.
            database: database.to_owned(),
            mentioned: Words::of(&view.text).identifiers,
        };
        let view = View { definition: Arc::new(definition), text: view.text.clone() };
        found.views.insert(name.clone(), view);
        Ok(())
    }

    fn drop_view(&mut self, name: &Name, if_exists: bool, database: &str) -> Result<(), SqlError> {
        let database = database_of(name, database);
        let dropped = self.databases.get_mut(database).and_then(|found| found.views.remove(&name.name));
        if dropped.is_none() && !if_exists {
            let message = format!("View 'awsdatacatalog.{database}.{}' does not exist", name.name);
            return Err(SqlError::new(ErrorCode::TableNotFound, message));
        }
        Ok(())
    }
}

fn unique_columns(definition: &TableDefinition) -> Result<(), SqlError> {
    let mut seen = BTreeSet::new();
    let mut columns = definition.columns.iter().chain(&definition.partitioned_by);
    match columns.find(|column| !seen.insert(&column.name)) {
        Some(column) => {
            let message = format!("Duplicate column name: {}", column.name);
            Err(SqlError::new(ErrorCode::SyntaxError, message))
        }
        None => Ok(()),
    }
}
