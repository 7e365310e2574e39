//! From a parsed query to DataFusion's logical plan, with Trino's rules of names and types.
//!
//! DataFusion's own planner is lenient where Trino is strict (a `varchar` compared with a timestamp,
//! an alias in `HAVING`) and names columns by their expressions, so that equal ones clash. Here
//! every column has a name that nothing else in the statement has, and what people call it is kept
//! in a [`Scope`]; every expression has a type, and comes together with another only as Trino
//! lets it. What a query may not do is said in Trino's words, with line and column.

mod aggregate;
mod call;
mod dependent;
mod embedded;
mod expr;
mod from;
mod interval;
mod join;
mod json;
mod json_clauses;
mod lambda;
mod literal;
mod operators;
mod places;
mod query;
mod reduce_agg;
mod sample;
mod scope;
mod select;
mod sort;
mod special;
mod subquery;
mod window;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};

use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::common::Column;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{Ident, Query};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::relation::Relations;
use super::{ErrorCode, SqlError};
use scope::{Env, Scope};

pub use places::Places;
pub use scope::Field;

type Result<T, E = SqlError> = std::result::Result<T, E>;

/// How deep queries may lie in one another, views included.
const DEEPEST: usize = 48;

/// What a statement is planned with.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// Tables and views.
    pub relations: &'a dyn Relations,
    /// The database of names that have none.
    pub database: &'a str,
    /// What `now()` says.
    pub now: DateTime<Utc>,
    /// Every identifier of the statement, in lower case.
    pub mentioned: &'a BTreeSet<String>,
    /// Where the statement's operators stand.
    pub places: Places<'a>,
    /// Values of `?`, by where they stand, and of `$name`, by name.
    pub parameters: &'a Parameters,
}

/// Values for a statement's placeholders.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    /// By position of the `?` in the statement.
    pub positional: HashMap<Location, datafusion::sql::sqlparser::ast::Expr>,
    /// By name, without `$`.
    pub named: HashMap<String, datafusion::scalar::ScalarValue>,
}

/// A planned query: the plan's columns have names of their own; `fields` has those that people use.
#[derive(Debug, Clone)]
pub struct Planned {
    /// What is executed.
    pub plan: LogicalPlan,
    /// Its columns, in order.
    pub fields: Vec<Field>,
}

impl Planned {
    /// The same rows without hidden columns.
    fn visible(self) -> Result<Self> {
        if self.fields.iter().all(|field| !field.hidden) {
            return Ok(self);
        }
        let fields: Vec<Field> = self.fields.into_iter().filter(|field| !field.hidden).collect();
        let plan = LogicalPlanBuilder::from(self.plan).project(fields.iter().map(Field::expr));
        Ok(Self { plan: plan.and_then(LogicalPlanBuilder::build).map_err(refused)?, fields })
    }
}

/// An expression and its type.
#[derive(Debug, Clone, PartialEq)]
struct Typed {
    expr: Expr,
    data_type: DataType,
}

/// Plans a query.
///
/// # Errors
/// What Trino would say of it.
pub fn plan_query(query: &Query, surroundings: Surroundings<'_>) -> Result<Planned> {
    let (names, depth, inner) = Default::default();
    let planner = Planner { surroundings, names: &names, depth: &depth, inner: &inner };
    planner.query(query, &Scope::root(&Env::default()))?.visible()
}

/// Plans the queries of one statement.
#[derive(Clone, Copy)]
struct Planner<'a> {
    surroundings: Surroundings<'a>,
    /// How many names were made so far.
    names: &'a Cell<usize>,
    depth: &'a Cell<usize>,
    /// Queries inside expressions, by the columns that they see: what is written twice (in `SELECT` and
    /// in `GROUP BY`) is one expression.
    inner: &'a RefCell<Vec<(Vec<String>, Query, Planned)>>,
}

impl Planner<'_> {
    /// A column name that nothing else in the statement has.
    fn fresh(&self, what: &str) -> String {
        let number = self.names.get();
        self.names.set(number + 1);
        let readable: String = what.chars().filter(|c| c.is_ascii_alphanumeric()).take(24).collect();
        format!("{readable}_{number}")
    }

    /// Runs `plan` one level deeper.
    fn deeper<T>(&self, at: Span, plan: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.depth.get() >= DEEPEST {
            return Err(syntax(at, format!("Queries lie more than {DEEPEST} deep in one another")));
        }
        self.depth.set(self.depth.get() + 1);
        let planned = plan();
        self.depth.set(self.depth.get() - 1);
        planned
    }
}

impl Typed {
    fn new(expr: Expr, data_type: DataType) -> Self {
        Self { expr, data_type }
    }
}

/// A call of a scalar function, with the type that it gives.
fn called(expr: Expr) -> Result<Typed> {
    let data_type = match &expr {
        // Its function was made for this call, and knows.
        Expr::ScalarFunction(call) => call.func.return_type(&[]).map_err(refused)?,
        _ => return Err(SqlError::new(ErrorCode::NotSupported, format!("{expr} is no call"))),
    };
    Ok(Typed { expr, data_type })
}

/// A column of a plan.
fn column(name: impl Into<String>) -> Expr {
    Expr::Column(Column::new_unqualified(name))
}

/// How names are compared: without regard to case, quoted or not.
fn canonical(ident: &Ident) -> String {
    ident.value.to_lowercase()
}

fn error(code: ErrorCode, at: Span, message: impl Into<String>) -> SqlError {
    match at.start {
        Location { line: 0, .. } => SqlError::new(code, message),
        Location { line, column } => SqlError::at(code, (line, column), message),
    }
}

fn syntax(at: Span, message: impl Into<String>) -> SqlError {
    error(ErrorCode::SyntaxError, at, message)
}

fn mismatch(at: Span, message: impl Into<String>) -> SqlError {
    error(ErrorCode::TypeMismatch, at, message)
}

fn unsupported(at: Span, what: impl std::fmt::Display) -> SqlError {
    error(ErrorCode::NotSupported, at, format!("{what} is not supported"))
}

/// What DataFusion says of a plan that it cannot make.
fn refused(cause: DataFusionError) -> SqlError {
    match cause.find_root() {
        DataFusionError::External(inner) => match inner.downcast_ref::<SqlError>() {
            Some(known) => known.clone(),
            None => SqlError::new(ErrorCode::NotSupported, cause.strip_backtrace()),
        },
        _ => SqlError::new(ErrorCode::NotSupported, cause.strip_backtrace()),
    }
}
