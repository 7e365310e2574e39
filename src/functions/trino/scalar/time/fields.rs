//! The numbers of a date and a time that were read, put together.

use chrono::{Datelike, NaiveDate, Weekday};

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::zone::Zone;

use super::format::Field;
use super::parse::Moment;

/// The year of a date that was given without one.
const DEFAULT_YEAR: i64 = 2000;

/// What was read so far.
#[derive(Debug, Default)]
pub struct Fields {
    given: Vec<(Field, i64)>,
    /// PM rather than AM.
    pub afternoon: Option<bool>,
    /// Years are counted backwards.
    pub before_christ: bool,
    /// The fraction of a second, in microseconds.
    pub micros: i64,
    /// The zone.
    pub zone: Option<Zone>,
}

impl Fields {
    /// Sets a field; what is set again counts last.
    pub fn set(&mut self, field: Field, value: i64) {
        self.given.push((field, value));
    }

    fn get(&self, field: Field) -> Option<i64> {
        self.given.iter().rev().find(|(given, _)| *given == field).map(|(_, value)| *value)
    }

    /// A field in its range.
    fn within(&self, field: Field, least: i64, most: i64, text: &str) -> Result<Option<i64>, SqlError> {
        let value = self.get(field);
        match value.filter(|value| !(least..=most).contains(value)) {
            Some(value) => Err(out_of_range(field, value, (least, most), text)),
            None => Ok(value),
        }
    }

    /// The moment that the fields name. What is missing is that of 1970-01-01 00:00:00.
    ///
    /// # Errors
    /// If a number is out of its range; `text` is what was read.
    pub fn moment(&self, text: &str) -> Result<Moment, SqlError> {
        let days = i64::from(self.date(text)?.to_epoch_days());
        let minute = self.within(Field::Minute, 0, 59, text)?.unwrap_or_default();
        let second = self.within(Field::Second, 0, 59, text)?.unwrap_or_default();
        let seconds = days * 86_400 + self.hour(text)? * 3600 + minute * 60 + second;
        Ok((seconds * 1_000_000 + self.micros, self.zone))
    }

    fn hour(&self, text: &str) -> Result<i64, SqlError> {
        if let Some(hour) = self.within(Field::Hour, 0, 23, text)? {
            return Ok(hour);
        }
        if let Some(hour) = self.within(Field::ClockHour, 1, 24, text)? {
            return Ok(hour % 24);
        }
        let clock = self.within(Field::ClockHourOfHalfDay, 1, 12, text)?.map(|hour| hour % 12);
        let hour = clock.or(self.within(Field::HourOfHalfDay, 0, 11, text)?).unwrap_or_default();
        Ok(if self.afternoon == Some(true) { hour + 12 } else { hour })
    }

    fn year(&self) -> Option<i64> {
        let year = self.get(Field::Year).or_else(|| self.get(Field::YearOfEra));
        let year = year.or_else(|| self.get(Field::Century).map(|century| century * 100));
        year.map(|year| if self.before_christ { 1 - year } else { year })
    }

    fn date(&self, text: &str) -> Result<NaiveDate, SqlError> {
        let unreadable = || invalid(format!("Cannot parse \"{text}\": the date is out of range"));
        let weekday = self.within(Field::DayOfWeek, 1, 7, text)?;
        if self.get(Field::Week).is_some() || self.get(Field::WeekYear).is_some() {
            let year = self.get(Field::WeekYear).or(self.year()).unwrap_or(1970);
            let week = self.within(Field::Week, 1, 53, text)?.unwrap_or(1);
            let weekday = weekday_of(weekday.unwrap_or(1));
            let (year, week) = (i32::try_from(year).ok(), u32::try_from(week).ok());
            let date =
                year.zip(week).and_then(|(year, week)| NaiveDate::from_isoywd_opt(year, week, weekday));
            return date.ok_or_else(unreadable);
        }
        let month = self.within(Field::Month, 1, 12, text)?;
        let day = self.within(Field::Day, 1, 31, text)?;
        let of_year = self.within(Field::DayOfYear, 1, 366, text)?;
        let named = month.is_some() || day.is_some() || of_year.is_some();
        let year = self.year().unwrap_or(if named { DEFAULT_YEAR } else { 1970 });
        let year = i32::try_from(year).map_err(|_| unreadable())?;
        let date = match of_year.filter(|_| month.is_none() && day.is_none()) {
            Some(of_year) => u32::try_from(of_year).ok().and_then(|day| NaiveDate::from_yo_opt(year, day)),
            None => self.month_day(year, month.unwrap_or(1), day.unwrap_or(1), text)?,
        };
        let date = date.ok_or_else(unreadable)?;
        match weekday {
            Some(weekday) => {
                let week = date.week(Weekday::Mon).checked_first_day();
                let days = chrono::Days::new(u64::try_from(weekday - 1).unwrap_or_default());
                week.and_then(|monday| monday.checked_add_days(days)).ok_or_else(unreadable)
            }
            None => Ok(date),
        }
    }

    fn month_day(&self, year: i32, month: i64, day: i64, text: &str) -> Result<Option<NaiveDate>, SqlError> {
        let (Ok(month), Ok(day_of_month)) = (u32::try_from(month), u32::try_from(day)) else {
            return Ok(None);
        };
        let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else { return Ok(None) };
        let last = i64::from(first.num_days_in_month());
        if day > last {
            return Err(out_of_range(Field::Day, day, (1, last), text));
        }
        Ok(NaiveDate::from_ymd_opt(year, month, day_of_month))
    }
}

fn weekday_of(number: i64) -> Weekday {
    u8::try_from(number - 1).ok().and_then(|number| Weekday::try_from(number).ok()).unwrap_or(Weekday::Mon)
}

fn out_of_range(field: Field, value: i64, (least, most): (i64, i64), text: &str) -> SqlError {
    let name = field.name();
    invalid(format!(
        "Cannot parse \"{text}\": Value {value} for {name} must be in the range [{least},{most}]"
    ))
}
