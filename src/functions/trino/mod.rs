//! The functions of Athena's SQL, with Trino's meaning.

pub mod arithmetic;
pub mod cast;
pub mod coercion;
pub mod error;
pub mod like;
pub mod names;
pub mod registry;
pub mod types;
