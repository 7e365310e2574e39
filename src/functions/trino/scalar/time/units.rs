//! `date_trunc`, `date_add` and `date_diff`: times in units.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Weekday};
use datafusion::error::Result;

use crate::functions::trino::arithmetic::shifted;
use crate::functions::trino::call::{Call, Memo, invalid};
use crate::functions::trino::cast::rounded;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::value::{Clock, DAY, Date, Stamp};
use crate::functions::trino::zone::Zone;

/// Functions of times in units.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("date_trunc", "The time at which the unit began.")
            .on("(varchar, date) -> date", |call| dates(call, truncate))
            .on("(varchar, time(p)) -> time(p)", truncate_times)
            .on("(varchar, timestamp(p)) -> timestamp(p)", truncate_stamps)
            .on("(varchar, timestamp(p) with time zone) -> timestamp(p) with time zone", truncate_stamps),
        scalar("date_add", "The time so many units later.")
            .on("(varchar, bigint, date) -> date", add_to_dates)
            .on("(varchar, bigint, time(p)) -> time(p)", add_to_times)
            .on("(varchar, bigint, timestamp(p)) -> timestamp(p)", add_to_stamps)
            .on(
                "(varchar, bigint, timestamp(p) with time zone) -> timestamp(p) with time zone",
                add_to_stamps,
            ),
        scalar("date_diff", "How many whole units lie between two times.")
            .on("(varchar, date, date) -> bigint", diff_dates)
            .on("(varchar, time(p), time(p)) -> bigint", diff_times)
            .on("(varchar, timestamp(p), timestamp(p)) -> bigint", diff_stamps)
            .on("(varchar, timestamp(p) with time zone, timestamp(p) with time zone) -> bigint", diff_stamps),
    ]
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// A fixed length in microseconds, shorter than a day.
    Fixed(i64),
    Day,
    Week,
    /// So many months.
    Months(i32),
}

impl Unit {
    fn of_timestamp(name: &str) -> Result<Self, SqlError> {
        let lower = name.to_lowercase();
        Ok(match lower.as_str() {
            "millisecond" => Self::Fixed(1_000),
            "second" => Self::Fixed(1_000_000),
            "minute" => Self::Fixed(60_000_000),
            "hour" => Self::Fixed(3_600_000_000),
            _ => {
                return Self::of_days(&lower)
                    .ok_or_else(|| invalid(format!("'{lower}' is not a valid Timestamp field")));
            }
        })
    }

    /// The microseconds of a unit that times of the day have.
    fn of_time(name: &str) -> Result<i64, SqlError> {
        match Self::of_timestamp(name) {
            Ok(Self::Fixed(length)) => Ok(length),
            _ => Err(invalid(format!("'{}' is not a valid Time field", name.to_lowercase()))),
        }
    }

    fn of_date(name: &str) -> Result<Self, SqlError> {
        let lower = name.to_lowercase();
        Self::of_days(&lower).ok_or_else(|| invalid(format!("'{lower}' is not a valid DATE field")))
    }

    fn of_days(name: &str) -> Option<Self> {
        Some(match name {
            "day" => Self::Day,
            "week" => Self::Week,
            "month" => Self::Months(1),
            "quarter" => Self::Months(3),
            "year" => Self::Months(12),
            _ => return None,
        })
    }
}

fn out_of_range() -> SqlError {
    SqlError::new(ErrorCode::NumericValueOutOfRange, "the time is out of range")
}

fn civil(clock: i64) -> Result<NaiveDateTime, SqlError> {
    DateTime::from_timestamp_micros(clock).map(|utc| utc.naive_utc()).ok_or_else(out_of_range)
}

fn micros(date: NaiveDate) -> i64 {
    i64::from(date.to_epoch_days()) * DAY
}

fn date_of(clock: i64) -> Result<Date, SqlError> {
    i32::try_from(clock.div_euclid(DAY)).map(Date).map_err(|_| out_of_range())
}

fn clock_of(Date(days): Date) -> i64 {
    i64::from(days) * DAY
}

/// When the unit began in which the clock shows a time.
fn truncate(unit: Unit, clock: i64) -> Result<i64, SqlError> {
    let date = civil(clock)?.date();
    let began = match unit {
        Unit::Fixed(length) => return Ok(clock.div_euclid(length) * length),
        Unit::Day => Some(date),
        Unit::Week => date.week(Weekday::Mon).checked_first_day(),
        Unit::Months(months) => {
            let months = u32::try_from(months).unwrap_or(1);
            NaiveDate::from_ymd_opt(date.year(), date.month0() / months * months + 1, 1)
        }
    };
    began.map(micros).ok_or_else(out_of_range)
}

/// A function of a unit and a date.
fn dates(call: &Call, function: fn(Unit, i64) -> Result<i64, SqlError>) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_date);
    call.map2(|unit: &str, date: Date| date_of(function(*units.get(unit)?, clock_of(date))?))
}

fn truncate_times(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_time);
    call.map2(|unit: &str, Clock(micros): Clock| {
        units.get(unit).map(|length| Clock(micros.div_euclid(*length) * *length))
    })
}

/// After midnight the day begins anew. The sum is rounded to the digits of its type.
fn add_to_times(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_time);
    call.map3(|unit: &str, count: i64, clock: Clock| {
        let length = *units.get(unit)?;
        // A day has a whole number of each unit.
        let Clock(later) = clock.after(count % (DAY / length) * length);
        Ok::<_, SqlError>(Clock(rounded(later, call.returns)).after(0))
    })
}

fn diff_times(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_time);
    call.map3(|unit: &str, Clock(from): Clock, Clock(to): Clock| {
        units.get(unit).map(|length| (to - from) / *length)
    })
}

fn truncate_stamps(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_timestamp);
    let zone = call.zone(1)?;
    call.map2(|unit: &str, Stamp(instant): Stamp| {
        truncate(*units.get(unit)?, zone.clock(instant)).map(|clock| Stamp(zone.instant(clock)))
    })
}

/// A time on the clock so many units later.
fn add(unit: Unit, count: i64, clock: i64) -> Result<i64, SqlError> {
    let civil = civil(clock)?;
    let later = match unit {
        Unit::Fixed(length) => {
            return count.checked_mul(length).and_then(|by| clock.checked_add(by)).ok_or_else(out_of_range);
        }
        Unit::Day => add_days(civil.date(), count),
        Unit::Week => count.checked_mul(7).and_then(|days| add_days(civil.date(), days)),
        Unit::Months(months) => {
            let months = i32::try_from(count).ok().and_then(|count| count.checked_mul(months));
            months.and_then(|months| shifted(civil.date(), months))
        }
    };
    later.map(|date| micros(date) + clock.rem_euclid(DAY)).ok_or_else(out_of_range)
}

fn add_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let by = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) }
}

fn add_to_dates(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_date);
    call.map3(|unit: &str, count: i64, date: Date| date_of(add(*units.get(unit)?, count, clock_of(date))?))
}

/// The sum is rounded to the digits of its type.
fn add_to_stamps(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_timestamp);
    let zone = call.zone(2)?;
    call.map3(|unit: &str, count: i64, Stamp(instant): Stamp| match *units.get(unit)? {
        unit @ Unit::Fixed(_) => add(unit, count, instant).map(|sum| Stamp(rounded(sum, call.returns))),
        unit => add(unit, count, zone.clock(instant)).map(|clock| Stamp(zone.instant(clock))),
    })
}

/// Whole units from one time on the clock to another.
fn difference(unit: Unit, from: i64, to: i64) -> Result<i64, SqlError> {
    if to < from {
        return difference(unit, to, from).map(|units| -units);
    }
    let between = to.checked_sub(from).ok_or_else(out_of_range)?;
    match unit {
        Unit::Fixed(length) => Ok(between / length),
        Unit::Day => Ok(between / DAY),
        Unit::Week => Ok(between / DAY / 7),
        Unit::Months(months) => {
            let (first, last) = (civil(from)?, civil(to)?);
            let count = (last.year() - first.year()) * 12 + last.month0().cast_signed()
                - first.month0().cast_signed();
            let reached = add(Unit::Months(1), count.into(), from)? <= to;
            let count = if reached { count } else { count - 1 };
            Ok(i64::from(count / months))
        }
    }
}

fn diff_dates(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_date);
    call.map3(|unit: &str, from: Date, to: Date| difference(*units.get(unit)?, clock_of(from), clock_of(to)))
}

/// Days and longer are counted on the clock of the first time's zone.
fn diff_stamps(call: &Call) -> Result<ArrayRef> {
    let mut units = Memo::new(Unit::of_timestamp);
    let zone = match call.data_type(1)? {
        DataType::Timestamp(_, None) => Zone::UTC,
        _ => call.zone(1)?,
    };
    call.map3(|unit: &str, Stamp(from): Stamp, Stamp(to): Stamp| match *units.get(unit)? {
        unit @ Unit::Fixed(_) => difference(unit, from, to),
        unit => difference(unit, zone.clock(from), zone.clock(to)),
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "Truncation function" and "Interval functions".
    #[test]
    fn units() {
        check(&[
            ("date_trunc('second', timestamp '2022-10-20 05:10:00.123')", "2022-10-20 05:10:00.000"),
            ("date_trunc('minute', timestamp '2022-10-20 05:10:00')", "2022-10-20 05:10:00.000"),
            ("date_trunc('hour', timestamp '2022-10-20 05:10:00')", "2022-10-20 05:00:00.000"),
            ("date_trunc('day', timestamp '2022-10-20 05:10:00')", "2022-10-20 00:00:00.000"),
            ("date_trunc('week', timestamp '2022-10-20 05:10:00')", "2022-10-17 00:00:00.000"),
            ("date_trunc('month', date '2022-10-20')", "2022-10-01"),
            ("date_trunc('QUARTER', timestamp '2022-11-20 05:10:00')", "2022-10-01 00:00:00.000"),
            ("date_trunc('year', date '2022-10-20')", "2022-01-01"),
            ("date_trunc('hour', timestamp '1960-01-01 00:30')", "1960-01-01 00:00:00.000"),
            ("date_add('second', 86, timestamp '2020-03-01 00:00:00')", "2020-03-01 00:01:26.000"),
            ("date_add('hour', 9, timestamp '2020-03-01 00:00:00')", "2020-03-01 09:00:00.000"),
            ("date_add('day', -1, timestamp '2020-03-01 00:00:00')", "2020-02-29 00:00:00.000"),
            ("date_add('month', 1, date '2020-01-31')", "2020-02-29"),
            ("date_add('quarter', -2, date '2020-01-31')", "2019-07-31"),
            (
                "date_diff('second', timestamp '2020-03-01 00:00:00', timestamp '2020-03-02 00:00:00')",
                "86400",
            ),
            ("date_diff('hour', timestamp '2020-03-01 00:00:00', timestamp '2020-03-02 00:59:59')", "24"),
            ("date_diff('day', date '2020-03-01', date '2020-03-02')", "1"),
            ("date_diff('month', date '2020-03-01', date '2020-04-01')", "1"),
            ("date_diff('month', date '2020-01-31', date '2020-02-29')", "1"),
            ("date_diff('month', date '2020-01-15', date '2020-02-14')", "0"),
            ("date_diff('day', timestamp '2020-03-02 01:00', timestamp '2020-03-01 02:00')", "0"),
            ("date_diff('year', date '2020-03-02', date '2018-03-01')", "-2"),
            ("date_diff('day', NULL, date '2018-03-01')", "NULL"),
            ("date_trunc('hour', time '05:10:07.123')", "05:00:00.000"),
            ("date_add('hour', 20, time '05:10:07.123')", "01:10:07.123"),
            ("date_add('minute', -400, time '05:10:00.000')", "22:30:00.000"),
            ("date_diff('minute', time '05:10:00.000', time '03:00:30.000')", "-129"),
            (
                "date_trunc('day', with_timezone(timestamp '2020-03-29 10:00', 'Europe/Berlin'))",
                "2020-03-29 00:00:00.000 Europe/Berlin",
            ),
        ]);
        check_errors(&[
            ("date_trunc('hour', date '2020-01-01')", "'hour' is not a valid DATE field"),
            ("date_trunc('day', time '05:10:07.123')", "'day' is not a valid Time field"),
            ("date_trunc('age', timestamp '2020-01-01')", "'age' is not a valid Timestamp field"),
            (
                "date_trunc('day', '2020-01-01')",
                "Unexpected parameters (varchar, varchar) for function date_trunc. Expected: \
                 date_trunc(varchar, date), date_trunc(varchar, time(p)), \
                 date_trunc(varchar, timestamp(p)), date_trunc(varchar, timestamp(p) with time zone)",
            ),
        ]);
    }
}
