//! The functions of Athena's SQL, with Trino's meaning.

mod aggregate;
pub mod arithmetic;
mod call;
pub mod cast;
pub mod coercion;
pub mod error;
pub mod function;
mod json_text;
mod keys;
mod lambda;
pub mod like;
mod lists;
pub mod names;
pub mod registry;
mod scalar;
pub mod signature;
pub mod text;
pub mod types;
mod udf;
mod value;
mod window;
mod zone;

pub use scalar::arrays::subscript;

#[cfg(test)]
mod testing;
