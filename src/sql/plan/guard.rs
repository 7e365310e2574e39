//! Conditions that can fail, kept from rows that earlier ones reject.
//!
//! Trino looks at the terms of `AND` from left to right and stops at the first that is false, so that
//! `regexp_like(x, '^\d+$') AND CAST(x AS bigint) > 7` never fails. DataFusion looks at whole batches,
//! in an order of its own: there a term that can fail asks those before it again, and is only computed
//! for rows that they accept.

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, lit};

/// Functions that have an answer for every value. Others are taken to fail.
const NEVER_FAIL: [&str; 40] = [
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
    "partition_value",
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
    let Some(first) = terms.iter().position(can_fail) else { return terms };
    let (before, rest) = terms.split_at(first);
    let in_order = rest.iter().rev().cloned().reduce(|later, term| match can_fail(&later) {
        true => only_where(term, later),
        false => term.and(later),
    });
    let in_order = in_order.map(|in_order| match conjunction(before.to_vec()) {
        Some(before) => only_where(before, in_order),
        None => in_order,
    });
    let mut guarded: Vec<Expr> = terms.iter().filter(|term| !can_fail(term)).cloned().collect();
    guarded.extend(in_order);
    guarded
}

/// `later`, computed for the rows of `earlier` alone.
fn only_where(earlier: Expr, later: Expr) -> Expr {
    let branch = (Box::new(earlier), Box::new(later));
    Expr::Case(Case::new(None, vec![branch], Some(Box::new(lit(false)))))
}

fn can_fail(expr: &Expr) -> bool {
    let fails = expr.exists(|expr| {
        Ok(match expr {
            Expr::ScalarFunction(call) => !NEVER_FAIL.contains(&call.name()),
            Expr::HigherOrderFunction(_) => true,
            _ => false,
        })
    });
    fails.unwrap_or(true)
}
