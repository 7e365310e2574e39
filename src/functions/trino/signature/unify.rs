//! What the variables of a signature stand for.

use std::collections::HashMap;

use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};

use super::{Argument, Pattern, Sum, Term};
use crate::functions::trino::coercion::{as_decimal, common_type, distance};
use crate::functions::trino::types;

/// The types and numbers that arguments give to variables.
#[derive(Debug, Default)]
pub struct Bindings {
    types: HashMap<&'static str, DataType>,
    numbers: HashMap<&'static str, i16>,
    /// What `timestamp(p)` stands for: the first one given.
    timestamp: Option<DataType>,
    /// What `timestamp(p) with time zone` stands for: the first one given.
    zoned: Option<DataType>,
    /// What `time(p)` stands for: the first one given.
    time: Option<DataType>,
}

impl Bindings {
    /// Lets an argument bind variables; `None` if it cannot be one of this pattern.
    pub(super) fn bind_argument(&mut self, pattern: &Pattern, argument: &Argument) -> Option<()> {
        match (pattern, argument) {
            (Pattern::Function(taken, result), Argument::Lambda { parameters, returns }) => {
                if taken.len() != *parameters {
                    return None;
                }
                returns.map_or(Some(()), |returns| self.bind(result, returns))
            }
            (Pattern::Function(..), Argument::Value(_)) | (_, Argument::Lambda { .. }) => None,
            (pattern, Argument::Value(given)) => self.bind(pattern, given),
        }
    }

    /// Lets a type bind variables; `None` if it can be none of this pattern.
    pub(super) fn bind(&mut self, pattern: &Pattern, given: &DataType) -> Option<()> {
        match (pattern, given) {
            (Pattern::Variable(name), _) => {
                let common =
                    self.types.get(name).map_or(Some(given.clone()), |bound| common_type(bound, given))?;
                self.types.insert(name, common);
            }
            (Pattern::Array(item), DataType::Null) => self.bind(item, given)?,
            (Pattern::Map(key, value), DataType::Null) => {
                self.bind(key, given)?;
                self.bind(value, given)?;
            }
            (_, DataType::Null) | (Pattern::Any | Pattern::Exact(_) | Pattern::Function(..), _) => {}
            (Pattern::Decimal(precision, scale), _) => self.bind_decimal(precision, scale, given)?,
            (Pattern::Timestamp | Pattern::TimestampWithZone, _) => self.bind_timestamp(pattern, given)?,
            (Pattern::Time, DataType::Time32(_) | DataType::Time64(_)) => {
                self.time.get_or_insert_with(|| given.clone());
            }
            (Pattern::Interval, DataType::Interval(unit)) if *unit != IntervalUnit::YearMonth => {}
            (Pattern::Interval, DataType::Duration(_)) => {}
            (Pattern::Array(item), DataType::List(given)) => self.bind(item, given.data_type())?,
            (Pattern::Map(key, value), DataType::Map(entries, _)) => {
                let DataType::Struct(entry) = entries.data_type() else { return None };
                let [given_key, given_value] = &entry[..] else { return None };
                self.bind(key, given_key.data_type())?;
                self.bind(value, given_value.data_type())?;
            }
            (Pattern::Row(members), DataType::Struct(given)) if members.len() == given.len() => {
                for (member, given) in members.iter().zip(given) {
                    self.bind(member, given.data_type())?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Several decimals of the same variables are taken for one that holds them all.
    fn bind_decimal(&mut self, precision: &Sum, scale: &Sum, given: &DataType) -> Option<()> {
        let (mut p, mut s) = as_decimal(given)?;
        if let Some(DataType::Decimal128(bound_p, bound_s)) = self.decimal(precision, scale) {
            let common = common_type(&DataType::Decimal128(bound_p, bound_s), &DataType::Decimal128(p, s))?;
            (p, s) = as_decimal(&common)?;
        }
        if let [(true, Term::Variable(name))] = precision.0[..] {
            self.numbers.insert(name, p.into());
        }
        if let [(true, Term::Variable(name))] = scale.0[..] {
            self.numbers.insert(name, s.into());
        }
        Some(())
    }

    fn bind_timestamp(&mut self, pattern: &Pattern, given: &DataType) -> Option<()> {
        let taken = as_timestamp(pattern, given)?;
        let bound = if *pattern == Pattern::Timestamp { &mut self.timestamp } else { &mut self.zoned };
        bound.get_or_insert(taken);
        Some(())
    }

    /// What an argument becomes, and how far that is from what it is; `None` if it cannot.
    pub(super) fn target(&self, pattern: &Pattern, argument: &Argument) -> Option<(u32, Option<DataType>)> {
        let given = match (pattern, argument) {
            (Pattern::Function(_, result), Argument::Lambda { returns, .. }) => {
                let target = self.instantiate(result);
                let (Some(target), Some(returns)) = (&target, returns) else { return Some((0, target)) };
                return Some((distance(returns, target)?, Some(target.clone())));
            }
            (_, Argument::Value(given)) => *given,
            (_, Argument::Lambda { .. }) => return None,
        };
        let target = match pattern {
            Pattern::Timestamp | Pattern::TimestampWithZone => as_timestamp(pattern, given)?,
            Pattern::Any => given.clone(),
            Pattern::Time if *given != DataType::Null => given.clone(),
            Pattern::Interval if *given != DataType::Null => given.clone(),
            _ => self.instantiate(pattern)?,
        };
        // A variable takes an argument as it is; of two signatures, the one that names its type is nearer.
        let open = u32::from(matches!(pattern, Pattern::Variable(_)));
        Some((distance(given, &target)? + open, Some(target)))
    }

    /// The type that a pattern stands for, once its variables are bound.
    pub(super) fn instantiate(&self, pattern: &Pattern) -> Option<DataType> {
        Some(match pattern {
            Pattern::Any => return None,
            Pattern::Exact(data_type) => data_type.clone(),
            Pattern::Variable(name) => self.types.get(name)?.clone(),
            Pattern::Decimal(precision, scale) => self.decimal(precision, scale)?,
            Pattern::Timestamp => self.timestamp.clone().unwrap_or(types::TIMESTAMP),
            Pattern::TimestampWithZone => self.zoned.clone().unwrap_or_else(types::timestamp_utc),
            Pattern::Time => self.time.clone().unwrap_or_else(|| types::time(TimeUnit::Millisecond)),
            Pattern::Interval => types::INTERVAL,
            Pattern::Array(item) => types::array(self.instantiate(item)?),
            Pattern::Map(key, value) => types::map(self.instantiate(key)?, self.instantiate(value)?),
            Pattern::Row(members) => {
                let members = members.iter().map(|member| self.instantiate(member));
                types::row(members.collect::<Option<Vec<_>>>()?)
            }
            Pattern::Function(_, result) => self.instantiate(result)?,
        })
    }

    fn decimal(&self, precision: &Sum, scale: &Sum) -> Option<DataType> {
        let precision = u8::try_from(self.sum(precision)?.clamp(1, 38)).ok()?;
        let scale = i8::try_from(self.sum(scale)?.clamp(0, 38)).ok()?;
        Some(DataType::Decimal128(precision, scale))
    }

    fn sum(&self, sum: &Sum) -> Option<i16> {
        sum.0.iter().try_fold(0, |total, (added, term)| {
            let number = match term {
                Term::Number(number) => *number,
                Term::Variable(name) => *self.numbers.get(name)?,
            };
            Some(if *added { total + number } else { total - number })
        })
    }
}

/// What a date or timestamp becomes where a timestamp, or one with a time zone, is asked for.
fn as_timestamp(pattern: &Pattern, given: &DataType) -> Option<DataType> {
    let zoned = *pattern == Pattern::TimestampWithZone;
    match given {
        DataType::Timestamp(_, zone) if zone.is_some() == zoned => Some(given.clone()),
        DataType::Timestamp(unit, None) => Some(DataType::Timestamp(*unit, Some("UTC".into()))),
        DataType::Date32 | DataType::Null => {
            Some(DataType::Timestamp(TimeUnit::Millisecond, zoned.then(|| "UTC".into())))
        }
        _ => None,
    }
}
