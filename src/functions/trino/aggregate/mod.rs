//! Functions of the rows of a group.

mod checksum;
mod collect;
mod count;
mod moments;
mod percentile;
mod pick;
mod rows;
mod sliding;
mod table;
#[cfg(test)]
mod tests;

use super::function::{Function, FunctionKind};

/// Every aggregate.
pub fn functions() -> Vec<Function> {
    let families = [
        checksum::functions(),
        collect::functions(),
        count::functions(),
        moments::functions(),
        percentile::functions(),
        pick::functions(),
    ];
    families.into_iter().flatten().collect()
}

/// An aggregate without signatures yet.
fn aggregate(name: &'static str, doc: &'static str) -> Function {
    Function::new(name, doc, FunctionKind::Aggregate)
}
