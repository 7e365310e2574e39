//! Functions of the values of a row, one family a file.

pub mod arrays;
mod binary;
mod compare;
mod digest;
mod encoding;
mod format;
mod ip;
mod json;
mod maps;
mod math;
mod murmur;
mod quantity;
pub mod regexp;
mod strings;
mod time;
mod url;
mod vectors;

use super::function::{Body, Function, FunctionKind, ScalarBody, TypeOf};

/// Every scalar function.
pub fn functions() -> Vec<Function> {
    let families = [
        arrays::functions(),
        binary::functions(),
        compare::functions(),
        digest::functions(),
        encoding::functions(),
        format::functions(),
        json::functions(),
        maps::functions(),
        math::functions(),
        quantity::functions(),
        regexp::functions(),
        strings::functions(),
        time::functions(),
        url::functions(),
        vectors::functions(),
    ];
    families.into_iter().flatten().collect()
}

/// A function without signatures yet.
fn scalar(name: &'static str, doc: &'static str) -> Function {
    Function::new(name, doc, FunctionKind::Scalar)
}

impl Function {
    /// Adds a signature, and how its result is found.
    fn on(self, signature: &'static str, body: ScalarBody) -> Self {
        self.with(signature, Body::Scalar(body))
    }

    /// As `on`, where the result's type depends on constants among the arguments.
    fn typed(self, signature: &'static str, type_of: TypeOf, body: ScalarBody) -> Self {
        self.with(signature, Body::Typed(type_of, body))
    }
}
