//! Texts.
//!
//! Source: Trino documentation, "String functions and operators".

mod codes;
mod distance;
mod edit;
mod inspect;
mod parts;

use crate::functions::trino::function::Function;

/// Functions of texts.
pub fn functions() -> Vec<Function> {
    [codes::functions(), edit::functions(), inspect::functions(), parts::functions()]
        .into_iter()
        .flatten()
        .collect()
}
