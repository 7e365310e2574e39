//! Partition columns that have the values which a query names, and no others.
//!
//! Source: Athena user guide, "Dynamic ID partitioning".

use std::collections::BTreeSet;

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, Operator};

use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::{partition_column_of, partition_value_of};

/// Makes sure that `filters`, all of which hold, name a value of each injected column that they ask for.
///
/// # Errors
/// Athena's `CONSTRAINT_VIOLATION` for the first column that they do not.
pub(super) fn check(filters: &[Expr]) -> Result<()> {
    let mut columns = BTreeSet::new();
    for filter in filters {
        filter.apply(|expr| {
            columns.extend(injected(expr).map(ToOwned::to_owned));
            Ok(TreeNodeRecursion::Continue)
        })?;
    }
    match columns.iter().find(|column| !filters.iter().any(|filter| names_value(filter, column))) {
        None => Ok(()),
        Some(column) => {
            let message = format!(
                "For the injected projected partition column {column}, the WHERE clause must contain only \
                 static equality conditions, and at least one such condition must be present."
            );
            Err(SqlError::new(ErrorCode::ConstraintViolation, message).into())
        }
    }
}

/// The injected column whose values an expression gives.
fn injected(expr: &Expr) -> Option<&str> {
    let Expr::ScalarFunction(call) = expr else { return None };
    partition_value_of(&call.func).filter(|value| value.is_injected())?;
    partition_column_of(&call.func)
}

/// Whether a condition only holds for values of a column that it names.
fn names_value(condition: &Expr, column: &str) -> bool {
    match condition {
        Expr::BinaryExpr(both) => match both.op {
            Operator::Eq => {
                is_of(&both.left, column) && is_static(&both.right)
                    || is_of(&both.right, column) && is_static(&both.left)
            }
            Operator::And => names_value(&both.left, column) || names_value(&both.right, column),
            Operator::Or => names_value(&both.left, column) && names_value(&both.right, column),
            _ => false,
        },
        Expr::InList(list) => !list.negated && is_of(&list.expr, column) && list.list.iter().all(is_static),
        _ => false,
    }
}

/// Whether an expression is a column's value, perhaps as another type.
fn is_of(expr: &Expr, column: &str) -> bool {
    let Expr::ScalarFunction(call) = expr else { return false };
    let value = call.args.first();
    match call.name() {
        "cast" | "try_cast" => value.is_some_and(|value| is_of(value, column)),
        // A date's text is brought into its usual form before.
        "as_declared" => value.is_some_and(|value| match value {
            Expr::ScalarFunction(inner) if inner.name() == "replace" => {
                inner.args.first().is_some_and(|value| is_of(value, column))
            }
            value => is_of(value, column),
        }),
        _ => injected(expr) == Some(column),
    }
}

/// Whether an expression has its value before anything is read.
fn is_static(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(..))
}
