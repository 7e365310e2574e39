//! How the result of a function is found.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::logical_expr::{AggregateUDF, Expr, WindowUDF};

use crate::functions::trino::call::Call;
use crate::functions::trino::lambda::LambdaBody;

/// How the result is found.
#[derive(Clone)]
pub(in super::super) enum Body {
    /// Of the rows of a batch.
    Scalar(ScalarBody),
    /// As `Scalar`, where the result's type depends on constants among the arguments.
    Typed(TypeOf, ScalarBody),
    /// Of lists or maps, and lambdas.
    Lambda(LambdaBody),
    /// Of groups; the types are those of the arguments and of the result.
    Aggregate(fn(&[DataType], &DataType) -> Arc<AggregateUDF>),
    /// As `Aggregate`, of arguments that are cast to `double` whatever the signature says.
    OfDoubles(fn() -> Arc<AggregateUDF>),
    /// Of windows.
    Window(fn() -> Arc<WindowUDF>),
}

/// The rows' results.
pub(in super::super) type ScalarBody = fn(&Call) -> datafusion::error::Result<arrow::array::ArrayRef>;
/// The type of the result, from the arguments of a call and the type that the signature says.
pub(in super::super) type TypeOf = fn(&[Expr], &DataType) -> Result<DataType, String>;

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Scalar(_) => "Scalar",
            Self::Typed(..) => "Typed",
            Self::Lambda(_) => "Lambda",
            Self::Aggregate(_) => "Aggregate",
            Self::OfDoubles(_) => "OfDoubles",
            Self::Window(_) => "Window",
        })
    }
}
