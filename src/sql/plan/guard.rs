//! Conditions that can fail, kept from rows that earlier ones reject.
//!
//! Trino looks at the terms of `AND` from left to right and stops at the first that is false, so that
//! `regexp_like(x, '^\d+$') AND CAST(x AS bigint) > 7` never fails. DataFusion looks at whole batches,
//! in an order of its own: there a term that can fail asks those before it again, and is only computed
//! for rows that they accept.

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit};

use crate::functions::partition_value_of;

/// Functions that have an answer for every value. Others are taken to fail.
const NEVER_FAIL: [&str; 39] = [
    "abs",
    "array_contains",
    "cardinality",
    "coalesce",
    "concat",
    "contains",
    "day",
    "element_at",
    "ends_with",
    "get_field",
    "hour",
    "is_null",
    "json_array_contains",
    "json_array_length",
    "json_extract_scalar",
    "json_size",
    "length",
    "like_pattern",
    "lower",
    "ltrim",
    "map_keys",
    "minute",
    "month",
    "named_struct",
    "make_array",
    "regexp_like",
    "replace",
    "reverse",
    "rtrim",
    "second",
    "split_part",
    "starts_with",
    "strpos",
    "substr",
    "substring",
    "to_iso8601",
    "trim",
    "upper",
    "year",
];

/// The terms of a condition: those that cannot fail, which scans may ask in any order, and one that
/// asks all in theirs, if any can fail.
pub(super) fn guarded(terms: Vec<Expr>) -> Vec<Expr> {
    if !terms.iter().any(can_fail) {
        return terms;
    }
    let mut guarded: Vec<Expr> = terms.iter().filter(|term| !can_fail(term)).cloned().collect();
    guarded.extend(in_order(terms, Operator::And));
    guarded
}

/// Terms that `AND` or `OR` joins, each computed only for the rows that those before it leave open,
/// if it can fail. `None` without terms.
pub(super) fn in_order(terms: Vec<Expr>, operator: Operator) -> Option<Expr> {
    let decided = operator == Operator::Or;
    terms.into_iter().rev().reduce(|later, term| {
        let fails = can_fail(&later);
        let joined = binary_expr(term.clone(), operator, later);
        if fails { lazy(term, decided, lit(decided), joined) } else { joined }
    })
}

/// `then` where `condition` is `wanted`, else `otherwise`; each computed for its own rows alone.
///
/// The optimizer makes `AND` and `OR` of `CASE WHEN condition`, not of `CASE condition WHEN`.
pub(super) fn lazy(condition: Expr, wanted: bool, then: Expr, otherwise: Expr) -> Expr {
    let branch = (Box::new(lit(wanted)), Box::new(then));
    Expr::Case(Case::new(Some(Box::new(condition)), vec![branch], Some(Box::new(otherwise))))
}

pub(super) fn can_fail(expr: &Expr) -> bool {
    let fails = expr.exists(|expr| {
        Ok(match expr {
            Expr::ScalarFunction(call) => {
                !NEVER_FAIL.contains(&call.name()) && partition_value_of(&call.func).is_none()
            }
            Expr::HigherOrderFunction(_) => true,
            _ => false,
        })
    });
    fails.unwrap_or(true)
}
