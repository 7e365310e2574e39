//! Dates and times in placeholders: `%1$tY-%1$tm-%1$td`.
//!
//! Source: Java's `Formatter`, "Date/Time Conversions".

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Date32Type};

use crate::functions::trino::scalar::time::{Field, Format, Item, print};
use crate::functions::trino::value::{DAY, Get, Stamp};
use crate::functions::trino::zone::Zone;

/// The part of a date or timestamp that a letter after `%t` asks for; `None` if there is none.
pub fn convert(letter: char, values: &ArrayRef, row: usize) -> Option<String> {
    let instant = match values.data_type() {
        DataType::Date32 => i64::from(values.as_primitive::<Date32Type>().value(row)) * DAY,
        _ => Stamp::get(Stamp::open(values.as_ref()).ok()?, row)?.0,
    };
    let zone = Zone::of(values.data_type()).unwrap_or(Zone::UTC);
    match letter {
        's' => return Some(instant.div_euclid(1_000_000).to_string()),
        'Q' => return Some(instant.div_euclid(1_000).to_string()),
        _ => {}
    }
    let text = print(&Format(items(letter)?), instant, zone)?;
    // Java writes the half of the day in lower case, but for the time on a clock of twelve hours.
    Some(if letter == 'p' { text.to_lowercase() } else { text })
}

/// What a letter stands for.
fn items(letter: char) -> Option<Vec<Item>> {
    let number = |field, least| Item::Number { field, least, most: least };
    let name = |field, short| Item::Name { field, short };
    let several = |letters: &str| {
        let items = letters.chars().map(|part| match part {
            '-' | '/' | ':' | ' ' => Some(vec![Item::Literal(part.to_string())]),
            _ => items(part),
        });
        items.collect::<Option<Vec<_>>>().map(|items| items.concat())
    };
    Some(vec![match letter {
        'H' => number(Field::Hour, 2),
        'I' => number(Field::ClockHourOfHalfDay, 2),
        'k' => number(Field::Hour, 1),
        'l' => number(Field::ClockHourOfHalfDay, 1),
        'M' => number(Field::Minute, 2),
        'S' => number(Field::Second, 2),
        'L' => Item::Fraction(3, 3),
        'N' => Item::Fraction(9, 9),
        'p' => Item::HalfDay,
        'z' => Item::Offset { colon: false },
        'Z' => Item::ZoneName,
        'B' => name(Field::Month, false),
        'b' | 'h' => name(Field::Month, true),
        'A' => name(Field::DayOfWeek, false),
        'a' => name(Field::DayOfWeek, true),
        'C' => number(Field::Century, 2),
        'Y' => number(Field::Year, 4),
        'y' => Item::TwoDigitYear { field: Field::Year, first: 1970, lenient: false },
        'j' => number(Field::DayOfYear, 3),
        'm' => number(Field::Month, 2),
        'd' => number(Field::Day, 2),
        'e' => number(Field::Day, 1),
        'R' => return several("H:M"),
        'T' => return several("H:M:S"),
        'r' => return several("I:M:S p"),
        'D' => return several("m/d/y"),
        'F' => return several("Y-m-d"),
        'c' => return several("a b d T Z Y"),
        _ => return None,
    }])
}
