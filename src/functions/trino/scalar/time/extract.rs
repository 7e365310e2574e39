//! Parts of dates, times and intervals: `year`, `hour` and the like.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};
use datafusion::error::Result;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::value::{Clock, DAY, Date, Interval, Months, Stamp};

/// Functions of parts of times.
pub fn functions() -> Vec<Function> {
    [of_dates(), of_clocks(), of_zones()].into_iter().flatten().collect()
}

/// A function of what the calendar says of a date or timestamp.
macro_rules! of_calendar {
    ($name:literal, $doc:literal, $part:expr) => {
        scalar($name, $doc)
            .on("(date) -> bigint", |call| part(call, $part))
            .on("(timestamp(p)) -> bigint", |call| part(call, $part))
            .on("(timestamp(p) with time zone) -> bigint", |call| part(call, $part))
    };
}

/// A function of what the clock says of a timestamp or a time, and of the same part of an interval.
macro_rules! of_clock {
    ($name:literal, $doc:literal, $part:expr, $unit:literal, $count:literal) => {
        scalar($name, $doc)
            .on("(timestamp(p)) -> bigint", |call| part(call, $part))
            .on("(timestamp(p) with time zone) -> bigint", |call| part(call, $part))
            .on("(time(p)) -> bigint", |call| {
                call.map1(|Clock(micros): Clock| micros / 1000 / $unit % $count)
            })
            .on("(interval day to second) -> bigint", |call| {
                call.map1(|Interval(millis): Interval| millis / $unit % $count)
            })
    };
}

fn of_dates() -> Vec<Function> {
    let day = |function: Function| {
        function.on("(interval day to second) -> bigint", |call| {
            call.map1(|Interval(millis): Interval| millis / (DAY / 1000))
        })
    };
    vec![
        of_calendar!("year", "The year.", |time| time.year().into())
            .on("(interval year to month) -> bigint", |call| {
                call.map1(|Months(months): Months| i64::from(months / 12))
            }),
        of_calendar!("quarter", "The quarter of the year.", |time| (time.month0() / 3 + 1).into()),
        of_calendar!("month", "The month of the year.", |time| time.month().into())
            .on("(interval year to month) -> bigint", |call| {
                call.map1(|Months(months): Months| i64::from(months % 12))
            }),
        of_calendar!("week", "The ISO week of the year.", |time| time.iso_week().week().into()),
        of_calendar!("week_of_year", "The ISO week of the year.", |time| time.iso_week().week().into()),
        day(of_calendar!("day", "The day of the month.", |time| time.day().into())),
        day(of_calendar!("day_of_month", "The day of the month.", |time| time.day().into())),
        of_calendar!("day_of_week", "The day of the week, from 1, Monday.", day_of_week),
        of_calendar!("dow", "The day of the week, from 1, Monday.", day_of_week),
        of_calendar!("day_of_year", "The day of the year.", |time| time.ordinal().into()),
        of_calendar!("doy", "The day of the year.", |time| time.ordinal().into()),
        of_calendar!("year_of_week", "The year of the ISO week.", |time| time.iso_week().year().into()),
        of_calendar!("yow", "The year of the ISO week.", |time| time.iso_week().year().into()),
    ]
}

fn day_of_week(time: NaiveDateTime) -> i64 {
    time.weekday().number_from_monday().into()
}

fn of_clocks() -> Vec<Function> {
    vec![
        of_clock!("hour", "The hour of the day.", |time| time.hour().into(), 3_600_000, 24),
        of_clock!("minute", "The minute of the hour.", |time| time.minute().into(), 60_000, 60),
        of_clock!("second", "The second of the minute.", |time| time.second().into(), 1000, 60),
        of_clock!(
            "millisecond",
            "The millisecond of the second.",
            |time| (time.nanosecond() / 1_000_000).into(),
            1,
            1000
        ),
    ]
}

fn of_zones() -> Vec<Function> {
    let doc = "The hours of the offset of the time zone from UTC.";
    vec![
        scalar("timezone_hour", doc)
            .on("(timestamp(p) with time zone) -> bigint", |call| offset(call, |minutes| minutes / 60)),
        scalar("timezone_minute", "The minutes of the offset of the time zone from UTC.")
            .on("(timestamp(p) with time zone) -> bigint", |call| offset(call, |minutes| minutes % 60)),
    ]
}

fn offset(call: &Call, part: fn(i64) -> i64) -> Result<ArrayRef> {
    let zone = call.zone(0)?;
    call.map1(|Stamp(instant): Stamp| part(i64::from(zone.offset(instant)) / 60))
}

/// A part of what the calendar and the clock show.
fn part(call: &Call, part: fn(NaiveDateTime) -> i64) -> Result<ArrayRef> {
    let of_clock = |clock| {
        let time = DateTime::from_timestamp_micros(clock).map(|utc| part(utc.naive_utc()));
        time.ok_or_else(|| invalid("the time is out of range"))
    };
    if *call.data_type(0)? == DataType::Date32 {
        return call.map1(|Date(days): Date| of_clock(i64::from(days) * DAY));
    }
    let zone = call.zone(0)?;
    call.map1(|Stamp(instant): Stamp| of_clock(zone.clock(instant)))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::check;

    /// Trino documentation, "Extraction function" and "Convenience extraction functions".
    #[test]
    fn parts() {
        check(&[
            ("year(date '2022-10-20')", "2022"),
            ("quarter(timestamp '2022-10-20 05:10:00')", "4"),
            ("month(timestamp '2022-10-20 05:10:00')", "10"),
            ("week(date '2021-01-03')", "53"),
            ("yow(date '2021-01-03')", "2020"),
            ("day(timestamp '2022-10-20 05:10:00')", "20"),
            ("dow(date '2022-10-20')", "4"),
            ("doy(date '2020-12-31')", "366"),
            ("hour(timestamp '2022-10-20 05:10:07.123')", "5"),
            ("minute(timestamp '2022-10-20 05:10:07.123')", "10"),
            ("second(timestamp '2022-10-20 05:10:07.123')", "7"),
            ("millisecond(timestamp '2022-10-20 05:10:07.123')", "123"),
            ("hour(time '05:10:07.123')", "5"),
            ("millisecond(time '05:10:07.123')", "123"),
            ("hour(interval '26' hour)", "2"),
            ("day(interval '26' hour)", "1"),
            ("hour(with_timezone(timestamp '2022-10-20 05:10', 'Asia/Kolkata'))", "5"),
            ("timezone_hour(with_timezone(timestamp '2022-10-20 05:10', 'Asia/Kolkata'))", "5"),
            ("timezone_minute(with_timezone(timestamp '2022-10-20 05:10', 'Asia/Kolkata'))", "30"),
        ]);
    }
}
