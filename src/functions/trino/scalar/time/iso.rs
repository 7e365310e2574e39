//! Reads dates and times of ISO 8601.
//!
//! Source: Joda-Time's `ISODateTimeFormat.dateTimeParser()`, which Trino reads them with.

use crate::functions::trino::error::SqlError;

use super::fields::Fields;
use super::format::Field;
use super::parse::{Moment, malformed, offset_zone};

/// Reads `2020-05-11T11:15:05.055Z`: a date, a time, or both with a `T` between them. The time can
/// end after the hour or the minute, and each last number can have a fraction.
///
/// # Errors
/// Joda's, where the text departs from that.
pub fn parse_timestamp(text: &str) -> Result<Moment, SqlError> {
    let mut reader = Reader { text, at: 0, fields: Fields::default() };
    reader.date_time().map_err(|at| malformed(text, at))?;
    reader.fields.moment(text)
}

/// Reads `2020-05-11`, `2020-W20-1` or `2020-132`, of which all but the year can be missing:
/// microseconds on the clock.
///
/// # Errors
/// Joda's, where the text departs from that.
pub fn parse_date(text: &str) -> Result<i64, SqlError> {
    let mut reader = Reader { text, at: 0, fields: Fields::default() };
    reader.date().and_then(|()| reader.end()).map_err(|at| malformed(text, at))?;
    reader.fields.moment(text).map(|(clock, _)| clock)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    fields: Fields,
}

impl Reader<'_> {
    fn date_time(&mut self) -> Result<(), usize> {
        if !self.text.starts_with('T') {
            self.date()?;
        }
        if self.take(b"Tt") {
            // What may follow a date's T is a time, a zone, or nothing.
            if self.peek().is_some_and(|next| next.is_ascii_digit()) {
                self.time()?;
            }
            if self.at < self.text.len() {
                let rest = self.text.get(self.at..).ok_or(self.at)?;
                let (zone, length) = offset_zone(rest).ok_or(self.at)?;
                self.fields.zone = Some(zone);
                self.at += length;
            }
        }
        self.end()
    }

    fn date(&mut self) -> Result<(), usize> {
        let negative = self.take(b"-");
        let year = self.number(Field::Year, 9)?;
        if negative {
            self.fields.set(Field::Year, -year);
        }
        if !self.take(b"-") {
            return Ok(());
        }
        if self.take(b"W") {
            self.fields.set(Field::WeekYear, year);
            self.number(Field::Week, 2)?;
            if self.take(b"-") {
                self.number(Field::DayOfWeek, 1)?;
            }
            return Ok(());
        }
        let digits = self.text.bytes().skip(self.at).take_while(u8::is_ascii_digit).count();
        if digits == 3 {
            self.number(Field::DayOfYear, 3)?;
            return Ok(());
        }
        self.number(Field::Month, 2)?;
        if self.take(b"-") {
            self.number(Field::Day, 2)?;
        }
        Ok(())
    }

    fn time(&mut self) -> Result<(), usize> {
        let mut unit = 3_600_000_000;
        for (field, smaller) in [(Field::Hour, 60_000_000), (Field::Minute, 1_000_000), (Field::Second, 1)] {
            self.number(field, 2)?;
            if self.take(b".,") {
                self.fields.micros = self.fraction(unit)?;
                return Ok(());
            }
            if field == Field::Second || !self.take(b":") {
                return Ok(());
            }
            unit = smaller;
        }
        Ok(())
    }

    /// The microseconds of a fraction of a unit.
    fn fraction(&mut self, unit: i64) -> Result<i64, usize> {
        let digits = self.text.bytes().skip(self.at).take_while(u8::is_ascii_digit).count();
        let kept = self.text.get(self.at..self.at + digits.min(9)).filter(|digits| !digits.is_empty());
        let kept = kept.ok_or(self.at)?;
        let fraction: i64 = format!("{kept:0<9}").parse().map_err(|_| self.at)?;
        self.at += digits;
        let micros = i128::from(fraction) * i128::from(unit) / 1_000_000_000;
        i64::try_from(micros).map_err(|_| self.at)
    }

    fn number(&mut self, field: Field, most: usize) -> Result<i64, usize> {
        let digits = self.text.bytes().skip(self.at).take(most).take_while(u8::is_ascii_digit).count();
        let number = self.text.get(self.at..self.at + digits).and_then(|number| number.parse().ok());
        let number = number.ok_or(self.at)?;
        self.at += digits;
        self.fields.set(field, number);
        Ok(number)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Takes one of these bytes, if it is next.
    fn take(&mut self, any: &[u8]) -> bool {
        let taken = self.peek().is_some_and(|next| any.contains(&next));
        self.at += usize::from(taken);
        taken
    }

    fn end(&self) -> Result<(), usize> {
        if self.at == self.text.len() { Ok(()) } else { Err(self.at) }
    }
}
