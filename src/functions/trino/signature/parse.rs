//! Reads signatures.

use arrow::datatypes::{DataType, IntervalUnit};

use super::{Pattern, Signature, Sum, Term};
use crate::functions::trino::types;

/// `(…) -> type`
pub fn signature(text: &'static str) -> Option<Signature> {
    let (parameters, returns) = text.rsplit_once("->")?;
    let parameters = parameters.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (listed, variadic) = match parameters.strip_suffix("...") {
        Some(listed) => (listed, true),
        None => (parameters, false),
    };
    let patterns = split(listed).map(pattern).collect::<Option<_>>()?;
    Some(Signature { parameters: patterns, variadic, returns: pattern(returns)?, text: parameters })
}

/// What stands between the commas outside parentheses.
fn split(list: &'static str) -> impl Iterator<Item = &'static str> {
    let mut depth = 0;
    list.split(move |c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

fn pattern(text: &'static str) -> Option<Pattern> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("timestamp") {
        return timestamp(inner);
    }
    if text == "time(p)" {
        return Some(Pattern::Time);
    }
    let Some((name, inner)) = text.strip_suffix(')').and_then(|text| text.split_once('(')) else {
        return plain(text);
    };
    let mut inner = split(inner);
    Some(match name {
        "array" => Pattern::Array(Box::new(pattern(inner.next()?)?)),
        "map" => Pattern::Map(Box::new(pattern(inner.next()?)?), Box::new(pattern(inner.next()?)?)),
        "decimal" => Pattern::Decimal(sum(inner.next()?)?, sum(inner.next()?)?),
        "row" => Pattern::Row(inner.map(pattern).collect::<Option<_>>()?),
        "function" => {
            let mut all = inner.map(pattern).collect::<Option<Vec<_>>>()?;
            let returns = all.pop()?;
            Pattern::Function(all, Box::new(returns))
        }
        _ => return None,
    })
}

fn timestamp(rest: &str) -> Option<Pattern> {
    Some(match rest {
        "(p)" => Pattern::Timestamp,
        "(p) with time zone" => Pattern::TimestampWithZone,
        "(3)" => Pattern::Exact(types::TIMESTAMP),
        "(3) with time zone" => Pattern::Exact(types::timestamp_utc()),
        _ => return None,
    })
}

fn plain(text: &'static str) -> Option<Pattern> {
    if text.len() == 1 && text.starts_with(|c: char| c.is_ascii_uppercase()) {
        return Some(Pattern::Variable(text));
    }
    Some(Pattern::Exact(match text {
        "unknown" => DataType::Null,
        "boolean" => DataType::Boolean,
        "tinyint" => DataType::Int8,
        "smallint" => DataType::Int16,
        "integer" => DataType::Int32,
        "bigint" => DataType::Int64,
        "real" => DataType::Float32,
        "double" => DataType::Float64,
        "varchar" => types::VARCHAR,
        "json" => types::JSON,
        "varbinary" => DataType::Binary,
        "ipaddress" => types::IPADDRESS,
        "date" => DataType::Date32,
        "any" => return Some(Pattern::Any),
        "interval day to second" => return Some(Pattern::Interval),
        "interval year to month" => DataType::Interval(IntervalUnit::YearMonth),
        _ => return None,
    }))
}

/// `p-s+1`
fn sum(text: &'static str) -> Option<Sum> {
    let mut rest = text;
    let mut terms = vec![];
    let mut added = true;
    loop {
        let end = rest.find(['+', '-']).unwrap_or(rest.len());
        let (term, after) = rest.split_at(end);
        terms.push((added, term.parse().map_or(Term::Variable(term), Term::Number)));
        let Some(sign) = after.chars().next() else { return Some(Sum(terms)) };
        added = sign == '+';
        rest = &after[1..];
    }
}
