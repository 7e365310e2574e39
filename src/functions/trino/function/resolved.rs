//! What a call of a function resolves to.

use arrow::datatypes::DataType;

/// A call that a signature takes.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What each argument has to be.
    pub arguments: Vec<ResolvedArg>,
    /// What the call gives; `None` until the lambdas' bodies are known.
    pub returns: Option<DataType>,
    /// Which signature it is.
    pub(super) overload: usize,
}

/// What an argument has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResolvedArg {
    /// A value, to be cast to a type.
    Value(DataType),
    /// A lambda, whose body has to be cast to a type if that is known.
    Lambda(Option<DataType>),
}
