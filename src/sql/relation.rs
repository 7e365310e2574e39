//! Tables and views as a query sees them.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::sqlparser::ast::Query;

use super::SqlError;

/// A table that can be read.
#[derive(Debug, Clone)]
pub struct Relation {
    /// How it is read.
    pub plan: LogicalPlan,
    /// Its columns, in the order of the plan's fields.
    pub columns: Vec<RelationColumn>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// Whether `SELECT *` leaves it out.
    pub hidden: bool,
}

/// A query under a name.
#[derive(Debug, Clone)]
pub struct ViewDefinition {
    /// The query.
    pub query: Box<Query>,
    /// The names of its columns, if they are not those of the query.
    pub columns: Vec<String>,
    /// The database that its names belong to.
    pub database: String,
    /// Every identifier of its text, in lower case.
    pub mentioned: BTreeSet<String>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Resolved {
    /// A table.
    Relation(Relation),
    /// A view.
    View(Arc<ViewDefinition>),
}

/// The database and the table that `name` (`[catalog.][database.]table`) is of, in a session whose
/// database is `database`; `None` for no name.
pub fn placed<'a>(name: &'a [String], database: &'a str) -> Option<(&'a str, &'a str)> {
    match name {
        [.., own, table] => Some((own, table)),
        [table] => Some((database, table)),
        [] => None,
    }
}

/// Whoever knows what names stand for.
pub trait Relations {
    /// What `name` (`[catalog.][database.]table`, in lower case) stands for in a statement that
    /// mentions the identifiers `mentioned`, in lower case.
    ///
    /// # Errors
    /// If there is nothing of this name.
    fn resolve(
        &self,
        name: &[String],
        database: &str,
        mentioned: &BTreeSet<String>,
    ) -> Result<Resolved, SqlError>;
}
