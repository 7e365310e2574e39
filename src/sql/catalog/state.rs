//! What was declared: databases with their tables and views, and prepared statements.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::metadata::INFORMATION_SCHEMA;
use super::table::DeclaredTable;
use super::{database_of, exists, no_database, no_table};
use crate::sql::mentions::Words;
use crate::sql::relation::ViewDefinition;
use crate::sql::statement::{CreateView, Name, Properties, TableDefinition};
use crate::sql::{ErrorCode, SqlError};

/// Everything that was declared.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub databases: BTreeMap<String, Database>,
    /// The text of each prepared statement.
    pub prepared: BTreeMap<String, String>,
}

/// What was declared in one database, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Database {
    pub comment: Option<String>,
    pub properties: Properties,
    pub tables: BTreeMap<String, Arc<DeclaredTable>>,
    pub views: BTreeMap<String, View>,
}

/// A view, and its query as it was written.
#[derive(Debug, Clone)]
pub(super) struct View {
    pub definition: Arc<ViewDefinition>,
    pub text: String,
}

/// Nothing is declared where all that is declared is listed.
fn check_writable(database: &str) -> Result<(), SqlError> {
    if database != INFORMATION_SCHEMA {
        return Ok(());
    }
    let message = format!("{database} lists what other databases have: declare it in one of them");
    Err(SqlError::new(ErrorCode::NotSupported, message))
}

impl State {
    /// A database to declare something in; the session's own comes to be by that.
    pub(super) fn database(&mut self, name: &str) -> Result<&mut Database, SqlError> {
        check_writable(name)?;
        Ok(self.databases.entry(name.to_owned()).or_default())
    }

    pub(super) fn create_database(
        &mut self,
        name: &str,
        if_not_exists: bool,
        database: Database,
    ) -> Result<(), SqlError> {
        check_writable(name)?;
        if self.databases.contains_key(name) {
            return if if_not_exists { Ok(()) } else { Err(exists("Database", name)) };
        }
        self.databases.insert(name.to_owned(), database);
        Ok(())
    }

    pub(super) fn drop_database(
        &mut self,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Result<(), SqlError> {
        let Some(database) = self.databases.get(name) else {
            return if if_exists { Ok(()) } else { Err(no_database(name)) };
        };
        let is_empty = database.tables.is_empty() && database.views.is_empty();
        if !is_empty && !cascade {
            let message = format!("Database {name} is not empty. One or more tables exist.");
            return Err(SqlError::new(ErrorCode::NotSupported, message));
        }
        self.databases.remove(name);
        Ok(())
    }

    pub(super) fn create_table(
        &mut self,
        definition: &TableDefinition,
        if_not_exists: bool,
        database: &str,
    ) -> Result<(), SqlError> {
        let name = database_of(&definition.name, database).to_owned();
        let database = self.database(&name)?;
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

    pub(super) fn table(&self, name: &Name, database: &str) -> Result<&Arc<DeclaredTable>, SqlError> {
        let database = database_of(name, database);
        let found = self.databases.get(database).and_then(|found| found.tables.get(&name.name));
        found.ok_or_else(|| no_table(database, &name.name))
    }

    pub(super) fn drop_table(
        &mut self,
        name: &Name,
        if_exists: bool,
        database: &str,
    ) -> Result<(), SqlError> {
        let database = database_of(name, database);
        let dropped = self.databases.get_mut(database).and_then(|found| found.tables.remove(&name.name));
        if dropped.is_none() && !if_exists {
            return Err(no_table(database, &name.name));
        }
        Ok(())
    }

    pub(super) fn create_view(&mut self, view: &CreateView, database: &str) -> Result<(), SqlError> {
        let own = database_of(&view.name, database).to_owned();
        let found = self.database(&own)?;
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

    pub(super) fn drop_view(&mut self, name: &Name, if_exists: bool, database: &str) -> Result<(), SqlError> {
        let database = database_of(name, database);
        let dropped = self.databases.get_mut(database).and_then(|found| found.views.remove(&name.name));
        if dropped.is_none() && !if_exists {
            let message = format!("View 'awsdatacatalog.{database}.{}' does not exist", name.name);
            return Err(SqlError::new(ErrorCode::TableNotFound, message));
        }
        Ok(())
    }
}
