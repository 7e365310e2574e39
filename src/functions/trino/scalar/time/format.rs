//! Formats of dates and times: one form for Joda's patterns and MySQL's.
//!
//! Source: Trino documentation, "Date and time functions and operators", "MySQL date functions" and
//! "Java date functions"; Joda-Time's `DateTimeFormat`.

/// A format, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Format(pub Vec<Item>);

/// A part of a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A text, in any case.
    Literal(String),
    /// A number.
    Number {
        /// What it counts.
        field: Field,
        /// Digits that are written, at least.
        least: usize,
        /// Digits that are read, at most.
        most: usize,
    },
    /// A year of two digits.
    TwoDigitYear {
        /// Its field.
        field: Field,
        /// The first year that two digits can stand for.
        first: i32,
        /// More or fewer digits are read as a whole year.
        lenient: bool,
    },
    /// A name of a month or day of the week.
    Name {
        /// What is named.
        field: Field,
        /// Whether the name is cut to three letters.
        short: bool,
    },
    /// AM or PM.
    HalfDay,
    /// AD or BC.
    Era,
    /// Digits of a second's fraction: at least, at most.
    Fraction(usize, usize),
    /// `+02:00`, with a colon or without.
    Offset {
        /// Whether a colon stands between hours and minutes.
        colon: bool,
    },
    /// `Europe/Berlin`
    ZoneId,
    /// `CEST`
    ZoneName,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// From 1 BC on downwards with negative numbers.
    Year,
    /// Never negative.
    YearOfEra,
    /// Of hundreds of years.
    Century,
    /// The year that the ISO week belongs to.
    WeekYear,
    /// 1 to 53
    Week,
    /// 1 to 12
    Month,
    /// 1 to 31
    Day,
    /// 1 to 366
    DayOfYear,
    /// 1, Monday, to 7
    DayOfWeek,
    /// 0 to 23
    Hour,
    /// 1 to 24
    ClockHour,
    /// 0 to 11
    HourOfHalfDay,
    /// 1 to 12
    ClockHourOfHalfDay,
    /// 0 to 59
    Minute,
    /// 0 to 59
    Second,
}

impl Field {
    /// Joda's name, which errors use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::YearOfEra => "yearOfEra",
            Self::Century => "centuryOfEra",
            Self::WeekYear => "weekyear",
            Self::Week => "weekOfWeekyear",
            Self::Month => "monthOfYear",
            Self::Day => "dayOfMonth",
            Self::DayOfYear => "dayOfYear",
            Self::DayOfWeek => "dayOfWeek",
            Self::Hour => "hourOfDay",
            Self::ClockHour => "clockhourOfDay",
            Self::HourOfHalfDay => "hourOfHalfday",
            Self::ClockHourOfHalfDay => "clockhourOfHalfday",
            Self::Minute => "minuteOfHour",
            Self::Second => "secondOfMinute",
        }
    }

    /// Whether a sign can stand before it.
    pub fn signed(self) -> bool {
        matches!(self, Self::Year | Self::Century | Self::WeekYear)
    }
}

impl Format {
    /// Whether it has a zone.
    pub fn has_zone(&self) -> bool {
        self.0.iter().any(|item| matches!(item, Item::Offset { .. } | Item::ZoneId | Item::ZoneName))
    }
}
