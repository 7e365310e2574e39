//! How a text is tested for values.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::functions::datetime::expr_fn::date_part;
use datafusion::functions::string::expr_fn::{contains, ends_with, lower, starts_with};
use datafusion::logical_expr::{Expr, Operator, binary_expr, lit, try_cast};

use crate::functions::in_network;

use super::expr::any_of;
use super::pattern::Pattern;
use super::value::Draft;

/// Whether `text` is one of `drafts`, all of which are for texts.
pub fn matches_one(drafts: &[&Draft], cased: bool, text: &Expr) -> Expr {
    let plain = |draft: &&Draft| match draft {
        Draft::Text(pattern) => pattern.as_plain().map(ToOwned::to_owned),
        Draft::Flag(flag) => Some(flag.to_string()),
        _ => None,
    };
    let (same, other): (Vec<&Draft>, Vec<&Draft>) = drafts.iter().partition(|draft| plain(draft).is_some());
    let values: Vec<String> = same.iter().filter_map(plain).collect();
    let equal = match (values.as_slice(), cased) {
        ([], _) => None,
        // Without a wildcard this is the fastest: lengths are compared first.
        ([value], false) => Some(text.clone().ilike(lit(Pattern::plain(value).like()))),
        ([value], true) => Some(text.clone().eq(lit(value))),
        (values, true) => Some(text.clone().in_list(values.iter().map(lit).collect(), false)),
        (values, false) => {
            let folded = values.iter().map(|value| lit(value.to_lowercase())).collect();
            Some(lower(text.clone()).in_list(folded, false))
        }
    };
    any_of(equal.into_iter().chain(other.into_iter().map(|draft| matches(draft, cased, text.clone()))))
}

fn matches(draft: &Draft, cased: bool, text: Expr) -> Expr {
    match draft {
        Draft::Text(pattern) if cased => text.like(lit(pattern.like())),
        Draft::Text(pattern) => text.ilike(lit(pattern.like())),
        Draft::Regex(regex, _) => binary_expr(text, Operator::RegexMatch, lit(regex.as_str())),
        Draft::Network(network) => in_network(text, *network),
        // Floating point tells these apart no more.
        Draft::Number(_, digits) if digits.len() > 15 => text.eq(lit(digits.as_str())),
        Draft::Number(number, _) => compare(text, Operator::Eq, *number),
        Draft::Compare(operator, number) => compare(text, *operator, *number),
        _ => lit(false),
    }
}

fn compare(text: Expr, operator: Operator, number: f64) -> Expr {
    binary_expr(try_cast(text, DataType::Float64), operator, lit(number))
}

/// Whether a part of the time that `text` says is as asked.
pub fn part_matches(text: Expr, part: &str, operator: Operator, number: f64) -> Expr {
    let time = try_cast(text, DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())));
    binary_expr(try_cast(date_part(lit(part), time), DataType::Float64), operator, lit(number))
}

/// Whether `text` is the same as `other`, or has it at its start, its end, or anywhere.
pub fn refers(text: Expr, other: Expr, starts: bool, ends: bool, cased: bool) -> Expr {
    let fold = |text| if cased { text } else { lower(text) };
    let (text, other) = (fold(text), fold(other));
    match (starts, ends) {
        (true, true) => text.eq(other),
        (true, false) => starts_with(text, other),
        (false, true) => ends_with(text, other),
        (false, false) => contains(text, other),
    }
}
