//! Arithmetic of dates, timestamps and intervals.

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, IntervalUnit, TimeUnit};
use chrono::{DateTime, Months as ChronoMonths, NaiveDate};
use datafusion::error::Result;

use super::{Op, Plan, by_zero, overflow};
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::coercion::common_type;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::ScalarBody;
use crate::functions::trino::types::{time, time_unit};
use crate::functions::trino::value::{Clock, Date, Interval, Months, Stamp};
use crate::functions::trino::zone::Zone;

/// What differences and sums of intervals are.
const DIFFERENCE: DataType = DataType::Duration(TimeUnit::Millisecond);
const MONTHS: DataType = DataType::Interval(IntervalUnit::YearMonth);
const DAY_MILLIS: i64 = 86_400_000;

/// The operation, if an operand is a time or an interval, and there is one.
pub fn plan(op: Op, left: &DataType, right: &DataType) -> Option<Plan> {
    if op == Op::Add && is_interval(left) && is_time(right) {
        let flipped = plan(op, right, left)?;
        let body = flip(&flipped)?;
        return Some(Plan { left: left.clone(), right: right.clone(), returns: flipped.returns, body });
    }
    if op == Op::Multiply && left.is_numeric() && is_interval(right) {
        return flipped_scale(right);
    }
    let plan = |returns: &DataType, body| {
        Some(Plan { left: left.clone(), right: right.clone(), returns: returns.clone(), body })
    };
    match (left, op, right) {
        (DataType::Date32, Op::Add, right) if *right == MONTHS => plan(left, |c| date_months(c, 1)),
        (DataType::Date32, Op::Subtract, right) if *right == MONTHS => plan(left, |c| date_months(c, -1)),
        (DataType::Date32, Op::Add, right) if is_days(right) => plan(left, |c| date_days(c, 1)),
        (DataType::Date32, Op::Subtract, right) if is_days(right) => plan(left, |c| date_days(c, -1)),
        (DataType::Timestamp(..), Op::Add, right) if *right == MONTHS => plan(left, |c| stamp_months(c, 1)),
        (DataType::Timestamp(..), Op::Subtract, right) if *right == MONTHS => {
            plan(left, |c| stamp_months(c, -1))
        }
        (DataType::Timestamp(..), Op::Add, right) if is_days(right) => {
            plan(&with_millis(left), |c| stamp_days(c, 1))
        }
        (DataType::Timestamp(..), Op::Subtract, right) if is_days(right) => {
            plan(&with_millis(left), |c| stamp_days(c, -1))
        }
        (left, Op::Add, right) if time_unit(left).is_some() && is_days(right) => {
            plan(&with_millis(left), |c| clock_days(c, 1))
        }
        (left, Op::Subtract, right) if time_unit(left).is_some() && is_days(right) => {
            plan(&with_millis(left), |c| clock_days(c, -1))
        }
        (left, Op::Subtract, right) if is_time(left) && is_time(right) => difference(left, right),
        (left, op, right) if is_days(left) && is_days(right) => match op {
            Op::Add => plan(&DIFFERENCE, |c| c.map2(|Interval(l), Interval(r)| sum(l, r))),
            Op::Subtract => plan(&DIFFERENCE, |c| c.map2(|Interval(l), Interval(r): Interval| sum(l, -r))),
            _ => None,
        },
        (left, op, right) if *left == MONTHS && *right == MONTHS => match op {
            Op::Add => plan(&MONTHS, |c| c.map2(|Months(l), Months(r)| l.checked_add(r).map(Months))),
            Op::Subtract => plan(&MONTHS, |c| c.map2(|Months(l), Months(r)| l.checked_sub(r).map(Months))),
            _ => None,
        },
        (left, Op::Multiply | Op::Divide, right) if is_interval(left) && right.is_numeric() => {
            scaled(op, left)
        }
        _ => None,
    }
}

fn is_time(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Date32 | DataType::Timestamp(..)) || time_unit(data_type).is_some()
}

/// The type with milliseconds, which intervals have, or finer.
fn with_millis(data_type: &DataType) -> DataType {
    let finer = |unit: TimeUnit| unit.max(TimeUnit::Millisecond);
    match data_type {
        DataType::Timestamp(unit, zone) => DataType::Timestamp(finer(*unit), zone.clone()),
        other => time_unit(other).map_or_else(|| other.clone(), |unit| time(finer(unit))),
    }
}

/// An interval of days to seconds.
fn is_days(data_type: &DataType) -> bool {
    is_interval(data_type) && *data_type != MONTHS
}

fn is_interval(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Interval(_) | DataType::Duration(_))
}

/// The operation with its operands the other way round.
fn flip(plan: &Plan) -> Option<ScalarBody> {
    Some(match (&plan.left, plan.right == MONTHS) {
        (DataType::Date32, true) => |c| c.map2(|months, date| add_months(date, months, 1)),
        (DataType::Date32, false) => |c| c.map2(|interval, date| add_days(date, interval, 1)),
        (left, false) if time_unit(left).is_some() => {
            |c| c.map2(|Interval(millis), clock: Clock| moved(clock, millis, 1))
        }
        (_, true) => |c| {
            let zone = zone(c);
            c.map2(|months, stamp| shift_months(stamp, months, 1, zone))
        },
        (_, false) => |c| c.map2(|interval, stamp| shift(stamp, interval, 1)),
    })
}

fn date_days(call: &Call, sign: i64) -> Result<ArrayRef> {
    call.map2(|date, interval| add_days(date, interval, sign))
}

fn date_months(call: &Call, sign: i32) -> Result<ArrayRef> {
    call.map2(|date, months| add_months(date, months, sign))
}

/// After midnight the day begins anew.
fn clock_days(call: &Call, sign: i64) -> Result<ArrayRef> {
    call.map2(|clock: Clock, Interval(millis)| moved(clock, millis, sign))
}

fn moved(clock: Clock, millis: i64, sign: i64) -> Clock {
    clock.after(millis % DAY_MILLIS * 1000 * sign)
}

fn stamp_days(call: &Call, sign: i64) -> Result<ArrayRef> {
    call.map2(|stamp, interval| shift(stamp, interval, sign))
}

fn stamp_months(call: &Call, sign: i32) -> Result<ArrayRef> {
    let zone = zone(call);
    call.map2(|stamp, months| shift_months(stamp, months, sign, zone))
}

/// The zone of the result.
fn zone(call: &Call) -> Zone {
    Zone::of(call.returns).unwrap_or(Zone::UTC)
}

fn out_of_range() -> SqlError {
    overflow("the time is out of range")
}

fn add_days(Date(days): Date, Interval(millis): Interval, sign: i64) -> Result<Date, SqlError> {
    if millis % DAY_MILLIS != 0 {
        return Err(invalid("Cannot add hour, minutes or seconds to a date"));
    }
    let days = i64::from(days).checked_add(sign * (millis / DAY_MILLIS)).ok_or_else(out_of_range)?;
    i32::try_from(days).map(Date).map_err(|_| out_of_range())
}

fn add_months(Date(days): Date, Months(months): Months, sign: i32) -> Result<Date, SqlError> {
    let date = NaiveDate::from_epoch_days(days).and_then(|date| shifted(date, months.checked_mul(sign)?));
    date.map(|date| Date(date.to_epoch_days())).ok_or_else(out_of_range)
}

/// A date some months later; the last day of a month that is too short.
pub fn shifted(date: NaiveDate, months: i32) -> Option<NaiveDate> {
    let by = ChronoMonths::new(months.unsigned_abs());
    if months < 0 { date.checked_sub_months(by) } else { date.checked_add_months(by) }
}

fn shift(Stamp(micros): Stamp, Interval(millis): Interval, sign: i64) -> Result<Stamp, SqlError> {
    let by = millis.checked_mul(1000).and_then(|by| by.checked_mul(sign));
    by.and_then(|by| micros.checked_add(by)).map(Stamp).ok_or_else(out_of_range)
}

fn shift_months(
    Stamp(micros): Stamp,
    Months(months): Months,
    sign: i32,
    zone: Zone,
) -> Result<Stamp, SqlError> {
    let clock = DateTime::from_timestamp_micros(zone.clock(micros)).map(|utc| utc.naive_utc());
    let later = clock.and_then(|clock| {
        Some(
            shifted(clock.date(), months.checked_mul(sign)?)?
                .and_time(clock.time())
                .and_utc()
                .timestamp_micros(),
        )
    });
    later.map(|clock| Stamp(zone.instant(clock))).ok_or_else(out_of_range)
}

fn difference(left: &DataType, right: &DataType) -> Option<Plan> {
    let common = common_type(left, right)?;
    let body: ScalarBody = match common {
        DataType::Date32 => {
            |c| c.map2(|Date(l), Date(r)| Interval((i64::from(l) - i64::from(r)) * DAY_MILLIS))
        }
        ref times if time_unit(times).is_some() => {
            |c| c.map2(|Clock(l), Clock(r)| Interval((l - r).div_euclid(1000)))
        }
        _ => |c| c.map2(|Stamp(l), Stamp(r)| Interval(l.saturating_sub(r).div_euclid(1000))),
    };
    Some(Plan { left: common.clone(), right: common, returns: DIFFERENCE, body })
}

fn sum(left: i64, right: i64) -> Result<Interval, SqlError> {
    left.checked_add(right).map(Interval).ok_or_else(out_of_range)
}

/// An interval times a number, or divided by one.
fn scaled(op: Op, left: &DataType) -> Option<Plan> {
    let body: ScalarBody = match (op, *left == MONTHS) {
        (Op::Multiply, false) => |c| c.map2(times),
        (Op::Multiply, true) => |c| c.map2(|Months(months), by: f64| rounded_months(f64::from(months) * by)),
        (Op::Divide, false) => |c| c.map2(|interval, by: f64| times(interval, reciprocal(by)?)),
        (Op::Divide, true) => {
            |c| c.map2(|Months(months), by: f64| rounded_months(f64::from(months) * reciprocal(by)?))
        }
        _ => return None,
    };
    let returns = if *left == MONTHS { MONTHS } else { DIFFERENCE };
    Some(Plan { left: left.clone(), right: DataType::Float64, returns, body })
}

/// A number times an interval.
fn flipped_scale(right: &DataType) -> Option<Plan> {
    let body: ScalarBody = if *right == MONTHS {
        |c| c.map2(|by: f64, Months(months)| rounded_months(f64::from(months) * by))
    } else {
        |c| c.map2(|by, interval| times(interval, by))
    };
    let returns = if *right == MONTHS { MONTHS } else { DIFFERENCE };
    Some(Plan { left: DataType::Float64, right: right.clone(), returns, body })
}

fn reciprocal(by: f64) -> Result<f64, SqlError> {
    if by == 0.0 { Err(by_zero()) } else { Ok(by.recip()) }
}

fn times(Interval(millis): Interval, by: f64) -> Result<Interval, SqlError> {
    #[expect(clippy::cast_precision_loss, reason = "as Trino computes it")]
    let product = (millis as f64 * by).round();
    let fits = product.abs() < 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    fits.then_some(Interval(product as i64)).ok_or_else(out_of_range)
}

fn rounded_months(months: f64) -> Result<Months, SqlError> {
    let months = months.round();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    (months.abs() < 2_147_483_648.0).then_some(Months(months as i32)).ok_or_else(out_of_range)
}

/// The negative of an interval of days to seconds.
pub fn negate(call: &Call) -> Result<ArrayRef> {
    call.map1(|Interval(millis)| millis.checked_neg().map(Interval).ok_or_else(out_of_range))
}

/// The negative of an interval of years to months.
pub fn negate_months(call: &Call) -> Result<ArrayRef> {
    call.map1(|Months(months)| months.checked_neg().map(Months).ok_or_else(out_of_range))
}
