//! The functions of Athena's SQL, with Trino's meaning.
//!
//! A planner looks a function up by name ([`registry::lookup`]), says which types its arguments have
//! ([`function::Function::resolve`]), and makes a call of it ([`Function::scalar`],
//! [`Function::higher_order`] wherever an argument is a lambda, [`Function::aggregate`],
//! [`Function::window`]). Arguments are cast to what the signature says, so that a function gets
//! exactly that; DataFusion's own coercions, which are laxer than Trino's, have nothing left to do.
//!
//! Errors are [`error::SqlError`]s. Inside `TRY`, calls are made `safe`: a row that fails gives
//! `NULL`.
//!
//! [`Function::scalar`]: function::Function::scalar
//! [`Function::higher_order`]: function::Function::higher_order
//! [`Function::aggregate`]: function::Function::aggregate
//! [`Function::window`]: function::Function::window

mod aggregate;
pub mod arithmetic;
mod call;
pub mod cast;
pub mod coercion;
pub mod error;
pub mod function;
pub mod json_path;
mod json_text;
mod keys;
mod lambda;
pub mod like;
mod lists;
pub mod names;
pub mod registry;
mod scalar;
pub mod signature;
pub mod sql_json;
pub mod text;
pub mod types;
mod udf;
mod value;
mod window;
mod zone;

pub use scalar::arrays::{single_element, subscript};

#[cfg(test)]
mod testing;
