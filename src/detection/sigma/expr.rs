//! Expressions put together so that they stay shallow.

use datafusion::logical_expr::{Expr, lit};

/// Whether one of them holds.
pub fn any_of(exprs: impl IntoIterator<Item = Expr>) -> Expr {
    balanced(exprs.into_iter().collect(), Expr::or).unwrap_or_else(|| lit(false))
}

/// Whether all of them hold.
pub fn all_of(exprs: impl IntoIterator<Item = Expr>) -> Expr {
    balanced(exprs.into_iter().collect(), Expr::and).unwrap_or_else(|| lit(true))
}

/// Their sum.
pub fn sum_of(exprs: impl IntoIterator<Item = Expr>) -> Expr {
    balanced(exprs.into_iter().collect(), |sum, more| sum + more).unwrap_or_else(|| lit(0_i64))
}

/// A chain of thousands would be as deep as it is long, and planning recurses.
fn balanced(mut exprs: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    let right = exprs.split_off(exprs.len() / 2);
    match exprs.len() {
        0 => right.into_iter().next(),
        _ => Some(join(balanced(exprs, join)?, balanced(right, join)?)),
    }
}
