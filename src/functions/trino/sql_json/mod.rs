//! The functions of SQL/JSON: `json_exists`, `json_query` and `json_value` ask a path, `json_object`
//! and `json_array` make JSON. Their clauses are no arguments, so that the planner makes them itself.
//!
//! Source: Trino documentation, "JSON functions and operators".

mod ask;
mod construct;
mod scalars;

pub use ask::{Asked, Fallback, PathFunction, Wrapper};
pub use construct::{Constructor, Shape};

use super::error::{ErrorCode, SqlError};

/// Whether a text is JSON.
fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

fn no_json() -> SqlError {
    SqlError::new(ErrorCode::JsonInputConversionError, "conversion to JSON failed: ")
}
