//! What a view has to be when it is made.

use std::collections::BTreeSet;

use super::catalog::CatalogRelations;
use super::plan::Field;
use super::relation::{Relations, Resolved, placed};
use super::statement::Name;
use super::{ErrorCode, SqlError};

/// What a view's query sees: everything but the view itself, however many views lie between.
pub struct Within<'a> {
    relations: CatalogRelations<'a>,
    database: &'a str,
    name: &'a str,
}

impl<'a> Within<'a> {
    /// What the query of the view `name` sees, in a session whose database is `database`.
    pub fn new(relations: CatalogRelations<'a>, name: &'a Name, database: &'a str) -> Self {
        Self { relations, database: name.database.as_deref().unwrap_or(database), name: &name.name }
    }
}

impl Relations for Within<'_> {
    fn resolve(
        &self,
        name: &[String],
        database: &str,
        mentioned: &BTreeSet<String>,
    ) -> Result<Resolved, SqlError> {
        if placed(name, database) == Some((self.database, self.name)) {
            let message = "Statement would create a recursive view";
            return Err(SqlError::new(ErrorCode::InvalidView, message));
        }
        self.relations.resolve(name, database, mentioned)
    }
}

/// The columns of what is made of a query need names, each its own.
///
/// # Errors
/// Trino's words for the first that has none, or another's.
pub fn named(fields: &[Field]) -> Result<(), SqlError> {
    let mut seen = BTreeSet::new();
    for (position, field) in fields.iter().enumerate() {
        let Some(name) = &field.name else {
            let message = format!("Column name not specified at position {}", position + 1);
            return Err(SqlError::new(ErrorCode::MissingColumnName, message));
        };
        if !seen.insert(name.to_lowercase()) {
            let message = format!("Column name '{name}' specified more than once");
            return Err(SqlError::new(ErrorCode::SyntaxError, message));
        }
    }
    Ok(())
}
