//! Athena's SQL over CloudTrail logs.
//!
//! A text is cut into statements, a query's names and types are resolved as Trino resolves them
//! (`plan`), and DataFusion runs the plan. Tables that nothing declares stand for the sources.

mod answer;
pub mod catalog;
mod completion;
mod dialect;
mod engine;
mod guard;
mod json_syntax;
mod mentions;
mod optimizer;
mod plan;
mod presentation;
mod relation;
pub mod statement;
pub mod stored;
mod types;
mod view;
mod words;

/// What Athena calls the Glue Data Catalog in statements.
const CATALOG: &str = "awsdatacatalog";

/// How many of the table's columns Athena's table has.
const ATHENA_COLUMNS: usize = 29;

pub use crate::functions::trino::error::{ErrorCode, SqlError};
pub use crate::functions::trino::text::text;
pub use crate::functions::trino::types::type_name;
pub use answer::{Answer, Column, StatementType};
pub use completion::completions;
pub use engine::{Engine, Session};
pub use presentation::Presentation;
pub use statement::split as statements;
