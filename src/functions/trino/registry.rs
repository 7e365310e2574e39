//! Every function, by name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::function::Function;
use super::{aggregate, lambda, scalar, window};

static FUNCTIONS: LazyLock<BTreeMap<&'static str, Function>> = LazyLock::new(|| {
    let families = [scalar::functions(), lambda::functions(), aggregate::functions(), window::functions()];
    families.into_iter().flatten().map(|function| (function.name, function)).collect()
});

/// The function of a name, which is in lower case.
pub fn lookup(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name)
}

/// The names of all functions, in order.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_can_be_read_and_no_name_is_taken_twice() {
        let families =
            [scalar::functions(), lambda::functions(), aggregate::functions(), window::functions()];
        let all: Vec<_> = families.into_iter().flatten().collect();
        assert_eq!(all.len(), FUNCTIONS.len());
        for function in &all {
            assert!(!function.signatures.is_empty(), "{}", function.name);
            assert!(!function.doc.is_empty(), "{}", function.name);
            assert_eq!(function.name, function.name.to_lowercase());
        }
    }
}
