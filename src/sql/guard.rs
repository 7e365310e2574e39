//! Conditions that can fail, kept from rows that earlier ones reject.
//!
//! Trino looks at the terms of `AND` from left to right and stops at the first that is false, so that
//! `regexp_like(x, '^\d+$') AND CAST(x AS bigint) > 7` never fails. DataFusion looks at whole batches,
//! in an order of its own: there a term that can fail asks those before it again, and is only computed
//! for rows that they accept.

use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::expr::{Case, ScalarFunction};
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit};

use crate::functions::partition_value_of;

/// Functions that have an answer for every value. Others are taken to fail.
const NEVER_FAIL: [&str; 33] = [
    "array_contains",
    "cardinality",
    "coalesce",
    "concat",
    "contains",
    "day",
    "ends_with",
    "get_field",
    "hour",
    "is_null",
    "json_array_contains",
    "json_array_length",
    "json_size",
    "length",
    "lower",
    "ltrim",
    "map_keys",
    "minute",
    "month",
    "named_struct",
    "make_array",
    "replace",
    "reverse",
    "rtrim",
    "second",
    "starts_with",
    "strpos",
    "substr",
    "substring",
    "to_iso8601",
    "trim",
    "upper",
    "year",
];

/// The terms of a filter: those that cannot fail, which scans may ask in any order, and one that
/// asks all in theirs, if any can fail.
pub(super) fn guarded(terms: Vec<Expr>) -> Vec<Expr> {
    let mut safe: Vec<Expr> = terms.iter().filter(|term| !can_fail(term)).cloned().collect();
    if safe.len() == terms.len() {
        return terms;
    }
    let all = terms.into_iter().rev().reduce(|later, term| match can_fail(&later) {
        true => lazy(term, true, later, lit(false)),
        false => term.and(later),
    });
    safe.extend(all);
    safe
}

/// The terms of a filter of which each is to be asked before the next, as [`guarded`] has them, the
/// ones that can fail last; `None` if they are so already.
pub(super) fn guarded_anew(terms: Vec<Expr>) -> Option<Vec<Expr>> {
    let (failing, mut ordered): (Vec<_>, Vec<_>) = terms.into_iter().partition(can_fail);
    let is_guarded = match failing.as_slice() {
        [] => true,
        [only] => {
            let asked = asked_before(only);
            ordered.iter().all(|term| asked.contains(&term))
        }
        _ => false,
    };
    ordered.extend(failing);
    (!is_guarded).then(|| guarded(ordered))
}

/// The terms that a guarded one asks before it comes to those that can fail.
fn asked_before(guarded: &Expr) -> Vec<&Expr> {
    let mut asked = vec![];
    let mut rest = guarded;
    while let Expr::Case(Case { expr: Some(condition), when_then_expr, .. }) = rest
        && let [(_, then)] = when_then_expr.as_slice()
    {
        asked.push(condition.as_ref());
        rest = then;
    }
    asked
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
            Expr::ScalarFunction(call) => call_can_fail(call),
            Expr::HigherOrderFunction(_) => true,
            _ => false,
        })
    });
    fails.unwrap_or(true)
}

/// A pattern, path or place fails for no row if it is the same for all: then it has been looked at
/// before.
fn call_can_fail(call: &ScalarFunction) -> bool {
    let is_literal = |value: &Expr| matches!(value, Expr::Literal(..));
    match call.name() {
        "element_at" | "json_extract_scalar" | "regexp_like" | "split_part" => {
            !call.args.iter().skip(1).all(is_literal)
        }
        "like_pattern" => !call.args.iter().all(is_literal),
        name => !NEVER_FAIL.contains(&name) && partition_value_of(&call.func).is_none(),
    }
}

#[cfg(test)]
mod tests {
    use datafusion::functions::string::expr_fn::ascii;
    use datafusion::logical_expr::col;

    use super::*;

    #[test]
    fn what_can_fail_is_asked_last_and_once_guarded_stays_so() {
        let (fails, safe) = (ascii(col("a")).gt(lit(1)), col("b").is_not_null());
        let first = guarded_anew(vec![fails.clone(), safe.clone()]).unwrap();
        assert_eq!(first, [safe.clone(), lazy(safe.clone(), true, fails.clone(), lit(false))]);
        assert_eq!(guarded_anew(first.clone()), None);
        assert_eq!(guarded_anew(vec![safe.clone()]), None);
        assert_eq!(guarded_anew(vec![fails.clone()]), None);
        // Another term joins those that are guarded.
        let also = col("c").is_not_null();
        let again = guarded_anew([first, vec![also.clone()]].concat()).unwrap();
        assert_eq!(guarded_anew(again.clone()), None);
        assert!(asked_before(&again[2]).contains(&&also));
        // Of two that can fail the first is asked first.
        let other = ascii(col("d")).gt(lit(2));
        assert_eq!(
            guarded_anew(vec![fails.clone(), other.clone()]),
            Some(vec![lazy(fails, true, other, lit(false))])
        );
    }
}
