//! The functions of Athena's SQL, with Trino's meaning.

pub mod error;
pub mod types;
