//! Literals of intervals: `INTERVAL '7' DAY`, `INTERVAL - '1 02:03:04.5' DAY TO SECOND`.
//!
//! Source: Trino documentation, "Data types", and its parser of intervals: of fields from one to another
//! those at the end can be missing, and no field has a bound.

use arrow::datatypes::IntervalMonthDayNano;
use datafusion::logical_expr::lit;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    self, DateTimeField, Interval, Spanned, UnaryOperator, Value, ValueWithSpan,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::{Planner, Result, Typed, syntax};

/// Fields that can follow one another, what a field has of the last one's, and what parts it from the
/// next one in a text.
const MONTHS: [(DateTimeField, i64, &str); 2] =
    [(DateTimeField::Year, 12, "-"), (DateTimeField::Month, 1, "")];
const MILLIS: [(DateTimeField, i64, &str); 4] = [
    (DateTimeField::Day, 86_400_000, " "),
    (DateTimeField::Hour, 3_600_000, ":"),
    (DateTimeField::Minute, 60_000, ":"),
    (DateTimeField::Second, 1_000, ""),
];

impl Planner<'_> {
    pub(super) fn interval(&self, interval: &Interval) -> Result<Typed> {
        let at = interval.value.span();
        let (negative, text) = signed_text(&interval.value, at)?;
        let Some(first) = &interval.leading_field else {
            return Err(syntax(at, "An interval needs a unit, such as INTERVAL '7' DAY"));
        };
        let last = interval.last_field.as_ref().unwrap_or(first);
        let value = match fields(&MONTHS, first, last) {
            Some(fields) => amount(fields, text).and_then(|months| {
                let months = i32::try_from(months).ok()?;
                Some(ScalarValue::IntervalYearMonth(Some(if negative { -months } else { months })))
            }),
            None => fields(&MILLIS, first, last)
                .and_then(|fields| amount(fields, text))
                .and_then(|millis| days(if negative { -millis } else { millis })),
        };
        let value = value.ok_or_else(|| syntax(at, format!("Invalid INTERVAL literal: '{text}'")))?;
        let data_type = value.data_type();
        Ok(Typed::new(lit(value), data_type))
    }
}

/// The quoted text of an interval, and whether a minus stands before it or begins it.
fn signed_text(value: &ast::Expr, at: Span) -> Result<(bool, &str)> {
    match value {
        ast::Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), .. }) => {
            let text = text.trim();
            Ok(match text.strip_prefix('-') {
                Some(positive) => (true, positive),
                None => (false, text.strip_prefix('+').unwrap_or(text)),
            })
        }
        ast::Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            let (negative, text) = signed_text(expr, at)?;
            Ok((!negative, text))
        }
        ast::Expr::UnaryOp { op: UnaryOperator::Plus, expr } => signed_text(expr, at),
        other => Err(syntax(
            at,
            format!("mismatched input '{other}'. Expecting: an interval in quotes, as in INTERVAL '7' DAY"),
        )),
    }
}

/// The fields from the first to the last; `None` if they are no such fields, or in another order.
fn fields<'a, T>(
    known: &'a [(DateTimeField, T, &str)],
    first: &DateTimeField,
    last: &DateTimeField,
) -> Option<&'a [(DateTimeField, T, &'a str)]> {
    let place = |sought: &DateTimeField| known.iter().position(|(field, ..)| field == sought);
    // Where the last one is just before the first, that is an empty slice.
    known.get(place(first)?..=place(last)?).filter(|fields| !fields.is_empty())
}

/// The amount that a text has of these fields, in the last one's units; of seconds in milliseconds.
fn amount(fields: &[(DateTimeField, i64, &str)], text: &str) -> Option<i64> {
    let (mut total, mut rest) = (0i64, text);
    for (position, (field, unit, separator)) in fields.iter().enumerate() {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let number: i64 = number.parse().ok()?;
        total = total.checked_add(number.checked_mul(*unit)?)?;
        rest = after;
        if *field == DateTimeField::Second
            && let Some(fraction) = rest.strip_prefix('.')
        {
            total = total.checked_add(milliseconds(fraction)?)?;
            rest = "";
        }
        if rest.is_empty() || position + 1 == fields.len() {
            break;
        }
        rest = rest.strip_prefix(separator)?;
    }
    rest.is_empty().then_some(total)
}

/// The first three digits of a second's fraction.
fn milliseconds(fraction: &str) -> Option<i64> {
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit()) && !fraction.is_empty();
    let padded: String = fraction.chars().chain("000".chars()).take(3).collect();
    digits.then(|| padded.parse().ok())?
}

fn days(millis: i64) -> Option<ScalarValue> {
    let (days, millis) = (i32::try_from(millis / 86_400_000).ok()?, millis % 86_400_000);
    Some(ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(0, days, millis * 1_000_000))))
}
