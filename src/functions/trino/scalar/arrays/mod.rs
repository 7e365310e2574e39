//! Arrays.
//!
//! Source: Trino documentation, "Array functions and operators".

mod access;
mod choose;
mod make;
mod order;
mod search;
mod sequence;
mod sets;

use crate::functions::trino::function::Function;

pub use access::{single_element, subscript};
pub use order::reverse;

/// Functions of arrays.
pub fn functions() -> Vec<Function> {
    [
        access::functions(),
        choose::functions(),
        make::functions(),
        order::functions(),
        search::functions(),
        sequence::functions(),
        sets::functions(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
