//! The texts that a record must contain for a predicate to hold.

use std::sync::Arc;

use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{
    BinaryExpr, CaseExpr, CastExpr, Column, InListExpr, IsNotNullExpr, LikeExpr, Literal,
};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use datafusion::scalar::ScalarValue;

use crate::decode::prefilter::Prefilter;
use crate::functions::{MENTIONED_ROLE, ROLE_ARN};
use crate::schema::{COLUMNS, Origin};

/// Alternatives of a clause that are worth searching for: as many as vectors find in one pass.
const MOST_LITERALS: usize = 64;
/// Clauses searched for.
const MOST_CLAUSES: usize = 3;

/// Functions whose result, if it is a text at all, is a part of their first argument's text.
const FRAGMENT_FUNCTIONS: [&str; 15] = [
    "array_element",
    "element_at",
    "subscript",
    "get_field",
    "json_extract_scalar",
    "split_part",
    "substr",
    "substring",
    "trim",
    "btrim",
    "ltrim",
    "rtrim",
    "left",
    "right",
    "regexp_extract",
];

/// Columns whose few values stand in most records: searching for them rejects little.
const COMMON_COLUMNS: [&str; 8] = [
    "eventversion",
    "eventsource",
    "awsregion",
    "eventtype",
    "eventcategory",
    "recipientaccountid",
    "readonly",
    "managementevent",
];

/// Texts of which a matching record contains at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    literals: Vec<String>,
    common: bool,
}

/// A prefilter that passes every record for which `predicate` can hold.
pub fn prefilter(predicate: Option<&Arc<dyn PhysicalExpr>>) -> Prefilter {
    let mut clauses = predicate.map(needed).unwrap_or_default();
    clauses.sort_by_key(Clause::cost);
    // Beside rare texts, common ones reject little more.
    if clauses.first().is_some_and(|best| !best.common) {
        clauses.retain(|clause| !clause.common);
    }
    clauses.truncate(MOST_CLAUSES);
    Prefilter::new(clauses.into_iter().map(|clause| clause.literals))
}

impl Clause {
    fn one(text: &str, common: bool) -> Self {
        Self { literals: vec![text.to_owned()], common }
    }

    /// What no record fulfils.
    fn never() -> Self {
        Self { literals: vec![], common: false }
    }

    /// Lower is better: rare texts, few of them, long ones.
    fn cost(&self) -> (bool, usize, std::cmp::Reverse<usize>) {
        let shortest = self.literals.iter().map(String::len).min().unwrap_or_default();
        (self.common, self.literals.len(), std::cmp::Reverse(shortest))
    }
}

/// Every clause that must hold for `predicate` to hold. No clause says nothing.
fn needed(predicate: &Arc<dyn PhysicalExpr>) -> Vec<Clause> {
    if let Some(literal) = predicate.downcast_ref::<Literal>() {
        let holds = matches!(literal.value(), ScalarValue::Boolean(Some(true)));
        return if holds { vec![] } else { vec![Clause::never()] };
    }
    if let Some(not_null) = predicate.downcast_ref::<IsNotNullExpr>() {
        return needed_for_value(not_null.arg());
    }
    if let Some(binary) = predicate.downcast_ref::<BinaryExpr>() {
        return match binary.op() {
            Operator::And => [needed(binary.left()), needed(binary.right())].concat(),
            Operator::Or => either(needed(binary.left()), needed(binary.right())),
            Operator::Eq => equality(binary.left(), binary.right())
                .or_else(|| equality(binary.right(), binary.left()))
                .into_iter()
                .collect(),
            _ => vec![],
        };
    }
    if let Some(list) = predicate.downcast_ref::<InListExpr>() {
        return in_list(list).into_iter().collect();
    }
    if let Some(like) = predicate.downcast_ref::<LikeExpr>() {
        return like_pattern(like).into_iter().collect();
    }
    if let Some(call) = predicate.downcast_ref::<ScalarFunctionExpr>() {
        return call_predicate(call).into_iter().collect();
    }
    vec![]
}

/// Every clause that must hold for `expr` to have a value.
fn needed_for_value(expr: &Arc<dyn PhysicalExpr>) -> Vec<Clause> {
    if is_null(expr) {
        return vec![Clause::never()];
    }
    let Some(case) = expr.downcast_ref::<CaseExpr>().filter(|case| case.expr().is_none()) else {
        return vec![];
    };
    let branches = case.when_then_expr().iter();
    let branches = branches.map(|(when, then)| [needed(when), needed_for_value(then)].concat());
    let otherwise = case.else_expr().map_or(vec![Clause::never()], needed_for_value);
    branches.fold(otherwise, either)
}

/// One of both sides holds: their best clauses together.
fn either(left: Vec<Clause>, right: Vec<Clause>) -> Vec<Clause> {
    let best = |clauses: Vec<Clause>| clauses.into_iter().min_by_key(Clause::cost);
    let Some((mut left, right)) = best(left).zip(best(right)) else { return vec![] };
    left.common |= right.common;
    left.literals.extend(right.literals);
    left.literals.sort_unstable();
    left.literals.dedup();
    if left.literals.len() > MOST_LITERALS { vec![] } else { vec![left] }
}

fn equality(side: &Arc<dyn PhysicalExpr>, other: &Arc<dyn PhysicalExpr>) -> Option<Clause> {
    if is_null(other) {
        return Some(Clause::never());
    }
    let text = literal(other)?;
    let fragment = fragment(side)?;
    Some(fragment.clause(&text))
}

fn in_list(list: &InListExpr) -> Option<Clause> {
    if list.negated() || list.list().len() > MOST_LITERALS {
        return None;
    }
    let fragment = fragment(list.expr())?;
    let literals = list.list().iter().map(|item| Some(fragment.clause(&literal(item)?).literals.remove(0)));
    Some(Clause { literals: literals.collect::<Option<_>>()?, common: fragment.common })
}

fn like_pattern(like: &LikeExpr) -> Option<Clause> {
    if like.negated() || like.case_insensitive() {
        return None;
    }
    let fragment = fragment(like.expr()).filter(|fragment| !fragment.canonical)?;
    let pattern = literal(like.pattern())?;
    // `\` escapes a wildcard; what stands beside it is left out rather than unescaped.
    let run = pattern.split(['%', '_', '\\']).max_by_key(|run| run.len())?;
    Some(Clause::one(run, fragment.common))
}

/// `starts_with(x, 'a')`, `contains(x, 'a')` and their like, which optimizers make of LIKE.
fn call_predicate(call: &ScalarFunctionExpr) -> Option<Clause> {
    let ([subject, text], "starts_with" | "ends_with" | "contains") = (call.args(), call.name()) else {
        return None;
    };
    if is_null(text) {
        return Some(Clause::never());
    }
    let fragment = fragment(subject).filter(|fragment| !fragment.canonical)?;
    Some(Clause::one(&literal(text)?, fragment.common))
}

/// An expression whose value, where it is a text, stands in the record.
struct Fragment {
    /// Its values stand in most records.
    common: bool,
    /// It is a canonical role ARN: only the role's name is sure to stand in the record.
    canonical: bool,
}

impl Fragment {
    fn clause(&self, text: &str) -> Clause {
        let text = if self.canonical { text.rsplit('/').next().unwrap_or(text) } else { text };
        Clause::one(text, self.common)
    }
}

fn fragment(expr: &Arc<dyn PhysicalExpr>) -> Option<Fragment> {
    if let Some(column) = expr.downcast_ref::<Column>() {
        let known = COLUMNS.iter().find(|known| known.name == column.name())?;
        let in_record = matches!(known.origin, Origin::Record(..));
        let common = COMMON_COLUMNS.contains(&known.name);
        return in_record.then_some(Fragment { common, canonical: false });
    }
    if let Some(cast) = expr.downcast_ref::<CastExpr>() {
        return cast.cast_type().is_string().then(|| fragment(cast.expr())).flatten();
    }
    let call = expr.downcast_ref::<ScalarFunctionExpr>()?;
    let inner = fragment(call.args().first()?)?;
    match call.name() {
        ROLE_ARN | MENTIONED_ROLE => Some(Fragment { canonical: true, ..inner }),
        name if FRAGMENT_FUNCTIONS.contains(&name) && !inner.canonical => Some(inner),
        _ => None,
    }
}

fn is_null(expr: &Arc<dyn PhysicalExpr>) -> bool {
    expr.downcast_ref::<Literal>().is_some_and(|literal| literal.value().is_null())
}

fn literal(expr: &Arc<dyn PhysicalExpr>) -> Option<String> {
    let value = expr.downcast_ref::<Literal>()?.value();
    value.try_as_str().flatten().map(ToOwned::to_owned)
}
