//! Functions of the rows of a group.

use super::function::Function;

/// Every aggregate.
pub fn functions() -> Vec<Function> {
    vec![]
}
