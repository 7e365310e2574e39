//! Reads formats of dates and times: Joda's patterns and MySQL's.
//!
//! Source: Trino documentation, "Date and time functions and operators", "MySQL date functions" and
//! "Java date functions"; Joda-Time's `DateTimeFormat`.

use super::format::{Field, Format, Item};
use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;

/// Years of two digits are the hundred around this one.
const PIVOT_YEAR: i32 = 2020;

fn number(field: Field, least: usize, most: usize) -> Item {
    Item::Number { field, least, most }
}

fn literal(text: &str) -> Item {
    Item::Literal(text.to_owned())
}

impl Format {
    /// Reads a MySQL format: `%Y-%m-%d %H:%i:%s`.
    ///
    /// # Errors
    /// If it has a specifier that Trino does not support.
    pub fn mysql(format: &str) -> Result<Self, SqlError> {
        let mut items = vec![];
        let mut letters = format.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '%' => match letters.next() {
                    Some(specifier) => items.extend(mysql_items(specifier)?),
                    None => break,
                },
                other => items.push(Item::Literal(other.to_string())),
            }
        }
        Ok(Self(items))
    }

    /// Reads a pattern of Joda-Time: `yyyy-MM-dd'T'HH:mm:ss`.
    ///
    /// # Errors
    /// If it has a letter that means nothing.
    pub fn joda(pattern: &str) -> Result<Self, SqlError> {
        let tokens = joda_tokens(pattern)?;
        let mut items = vec![];
        for (i, token) in tokens.iter().enumerate() {
            let adjacent = tokens.get(i + 1).is_some_and(is_numeric);
            items.push(joda_item(token, adjacent)?);
        }
        Ok(Self(items))
    }
}

fn mysql_items(specifier: char) -> Result<Vec<Item>, SqlError> {
    let time = |hour| {
        let (minute, second) = (number(Field::Minute, 2, 2), number(Field::Second, 2, 2));
        vec![number(hour, 2, 2), literal(":"), minute, literal(":"), second]
    };
    let name = |field, short| Item::Name { field, short };
    Ok(vec![match specifier {
        'a' => name(Field::DayOfWeek, true),
        'b' => name(Field::Month, true),
        'c' => number(Field::Month, 1, 2),
        'd' => number(Field::Day, 2, 2),
        'e' => number(Field::Day, 1, 2),
        'f' => Item::Fraction(6, 9),
        'H' => number(Field::Hour, 2, 2),
        'h' | 'I' => number(Field::ClockHourOfHalfDay, 2, 2),
        'i' => number(Field::Minute, 2, 2),
        'j' => number(Field::DayOfYear, 3, 3),
        'k' => number(Field::Hour, 1, 2),
        'l' => number(Field::ClockHourOfHalfDay, 1, 2),
        'M' => name(Field::Month, false),
        'm' => number(Field::Month, 2, 2),
        'p' => Item::HalfDay,
        'r' => {
            let mut items = time(Field::ClockHourOfHalfDay);
            items.extend([literal(" "), Item::HalfDay]);
            return Ok(items);
        }
        'S' | 's' => number(Field::Second, 2, 2),
        'T' => return Ok(time(Field::Hour)),
        'v' => number(Field::Week, 2, 2),
        'x' => number(Field::WeekYear, 4, 4),
        'W' => name(Field::DayOfWeek, false),
        'Y' => number(Field::Year, 4, 4),
        'y' => Item::TwoDigitYear { field: Field::Year, first: PIVOT_YEAR - 50, lenient: false },
        'w' | 'U' | 'u' | 'V' | 'X' | 'D' => {
            return Err(invalid(format!("%{specifier} not supported in date format string")));
        }
        other => Item::Literal(other.to_string()),
    }])
}

/// A run of one letter, or a text.
enum Token {
    Run(char, usize),
    Text(String),
}

fn joda_tokens(pattern: &str) -> Result<Vec<Token>, SqlError> {
    let mut tokens = vec![];
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_alphabetic() {
            let mut length = 1;
            while letters.next_if_eq(&letter).is_some() {
                length += 1;
            }
            tokens.push(Token::Run(letter, length));
            continue;
        }
        let text = if letter == '\'' { quoted(&mut letters) } else { letter.to_string() };
        match tokens.last_mut() {
            Some(Token::Text(before)) => before.push_str(&text),
            _ => tokens.push(Token::Text(text)),
        }
    }
    if tokens.is_empty() { Err(invalid("Invalid pattern specification")) } else { Ok(tokens) }
}

/// What stands between quotes; a quote twice is one.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars>) -> String {
    if letters.next_if_eq(&'\'').is_some() {
        return "'".into();
    }
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        if letter == '\'' && letters.next_if_eq(&'\'').is_none() {
            break;
        }
        text.push(letter);
    }
    text
}

/// Whether digits follow: then a number before it cannot take more than its own.
fn is_numeric(token: &Token) -> bool {
    match token {
        Token::Run('M', length) => *length <= 2,
        Token::Run(letter, _) => "cCxyYdhHmsSeDFwWkK".contains(*letter),
        Token::Text(_) => false,
    }
}

fn joda_item(token: &Token, adjacent: bool) -> Result<Item, SqlError> {
    let (letter, length) = match token {
        Token::Text(text) => return Ok(Item::Literal(text.clone())),
        Token::Run(letter, length) => (*letter, *length),
    };
    let year = |field| {
        if length == 2 {
            let first = PIVOT_YEAR - 50;
            return Item::TwoDigitYear { field, first, lenient: !adjacent };
        }
        number(field, length, if adjacent { length } else { 9 })
    };
    Ok(match letter {
        'G' => Item::Era,
        'C' => number(Field::Century, length, length.max(2)),
        'x' => year(Field::WeekYear),
        'y' => year(Field::Year),
        'Y' => year(Field::YearOfEra),
        'M' if length >= 3 => Item::Name { field: Field::Month, short: length == 3 },
        'M' => number(Field::Month, length, 2),
        'd' => number(Field::Day, length, 2),
        'a' => Item::HalfDay,
        'h' => number(Field::ClockHourOfHalfDay, length, 2),
        'H' => number(Field::Hour, length, 2),
        'k' => number(Field::ClockHour, length, 2),
        'K' => number(Field::HourOfHalfDay, length, 2),
        'm' => number(Field::Minute, length, 2),
        's' => number(Field::Second, length, 2),
        'S' => Item::Fraction(length, length),
        'e' => number(Field::DayOfWeek, length, 1),
        'E' => Item::Name { field: Field::DayOfWeek, short: length < 4 },
        'D' => number(Field::DayOfYear, length, 3),
        'w' => number(Field::Week, length, 2),
        'z' => Item::ZoneName,
        'Z' if length >= 3 => Item::ZoneId,
        'Z' => Item::Offset { colon: length == 2 },
        other => {
            return Err(invalid(format!("Illegal pattern component: {}", other.to_string().repeat(length))));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kinds_of_formats() {
        assert_eq!(
            Format::mysql("%Y-%m").unwrap(),
            Format(vec![number(Field::Year, 4, 4), literal("-"), number(Field::Month, 2, 2),])
        );
        assert_eq!(
            Format::joda("yyyyMM'o''clock'").unwrap(),
            Format(vec![number(Field::Year, 4, 4), number(Field::Month, 2, 2), literal("o'clock"),])
        );
        assert!(Format::mysql("%D").unwrap_err().to_string().contains("%D not supported"));
        assert!(Format::joda("bb").unwrap_err().to_string().contains("Illegal pattern component: bb"));
        assert!(Format::joda("HH:mm Z").unwrap().has_zone());
        assert!(!Format::joda("HH:mm 'Z'").unwrap().has_zone());
    }
}
