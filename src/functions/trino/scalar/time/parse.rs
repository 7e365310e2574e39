//! Reads dates and times in a format, as Joda-Time does, and complains as it does.

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::zone::{Zone, offset};

use super::fields::Fields;
use super::format::{Field, Format, Item};
use super::print::{DAYS, MONTHS};

/// What was read: microseconds on the clock, and the zone if there was one.
pub type Moment = (i64, Option<Zone>);

/// Reads a text in a format.
///
/// # Errors
/// Joda's, where the text departs from the format, or a number is out of its range.
pub fn parse(format: &Format, text: &str) -> Result<Moment, SqlError> {
    let mut fields = Fields::default();
    let mut at = 0;
    for item in &format.0 {
        at = read(item, text, at, &mut fields).map_err(|at| malformed(text, at))?;
    }
    if at < text.len() {
        return Err(malformed(text, at));
    }
    fields.moment(text)
}

/// Joda's words for a text that departs from its format.
pub fn malformed(text: &str, at: usize) -> SqlError {
    // Joda shows at most 35 characters.
    let shown = if text.chars().count() > 35 {
        text.chars().take(32).chain("...".chars()).collect()
    } else {
        text.to_owned()
    };
    invalid(if at == 0 {
        format!("Invalid format: \"{shown}\"")
    } else if at >= text.len() {
        format!("Invalid format: \"{shown}\" is too short")
    } else {
        format!("Invalid format: \"{shown}\" is malformed at \"{}\"", text.get(at..).unwrap_or_default())
    })
}

/// Reads one item from a place on; the place after it, or where it failed.
fn read(item: &Item, text: &str, at: usize, fields: &mut Fields) -> Result<usize, usize> {
    let rest = text.get(at..).ok_or(at)?;
    match item {
        Item::Literal(literal) => {
            let found = rest.get(..literal.len()).is_some_and(|given| given.eq_ignore_ascii_case(literal));
            if found { Ok(at + literal.len()) } else { Err(at) }
        }
        Item::Number { field, most, .. } => {
            let (number, length) = number(rest, *most, field.signed()).ok_or(at)?;
            fields.set(*field, number);
            Ok(at + length)
        }
        Item::TwoDigitYear { field, first, lenient } => {
            let (year, length) = two_digit_year(rest, *first, *lenient).ok_or(at)?;
            fields.set(*field, year);
            Ok(at + length)
        }
        Item::Name { field, .. } => {
            let names: &[&str] = if *field == Field::Month { &MONTHS } else { &DAYS };
            let (place, length) = name(rest, names).ok_or(at)?;
            fields.set(*field, place);
            Ok(at + length)
        }
        Item::HalfDay => {
            let half = rest.get(..2).ok_or(at)?;
            let afternoon = half.eq_ignore_ascii_case("PM");
            if !afternoon && !half.eq_ignore_ascii_case("AM") {
                return Err(at);
            }
            fields.afternoon = Some(afternoon);
            Ok(at + 2)
        }
        Item::Era => {
            let era = rest.get(..2).ok_or(at)?;
            fields.before_christ = era.eq_ignore_ascii_case("BC");
            if fields.before_christ || era.eq_ignore_ascii_case("AD") { Ok(at + 2) } else { Err(at) }
        }
        Item::Fraction(_, most) => {
            let (micros, length) = fraction(rest, *most).ok_or(at)?;
            fields.micros = micros;
            Ok(at + length)
        }
        Item::Offset { .. } => {
            let (zone, length) = offset_zone(rest).ok_or(at)?;
            fields.zone = Some(zone);
            Ok(at + length)
        }
        Item::ZoneId => {
            let length =
                rest.find(|c: char| !c.is_ascii_alphanumeric() && !"/_+-".contains(c)).unwrap_or(rest.len());
            fields.zone = Some(rest.get(..length).and_then(|id| id.parse().ok()).ok_or(at)?);
            Ok(at + length)
        }
        Item::ZoneName => {
            let (zone, length) = zone_name(rest).ok_or(at)?;
            fields.zone = Some(zone);
            Ok(at + length)
        }
    }
}

/// A number of at most so many digits, and how much of the text it takes.
fn number(text: &str, most: usize, signed: bool) -> Option<(i64, usize)> {
    let sign = usize::from(signed && text.starts_with(['-', '+']));
    let digits = text.get(sign..)?.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let number: i64 = text.get(sign..sign + digits)?.parse().ok()?;
    Some((if text.starts_with('-') { -number } else { number }, sign + digits))
}

fn two_digit_year(text: &str, first: i32, lenient: bool) -> Option<(i64, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if lenient && (digits != 2 || text.starts_with(['-', '+'])) {
        return number(text, 9, true);
    }
    let (year, length) = number(text, 2, false).filter(|(_, length)| *length == 2)?;
    let first = i64::from(first);
    Some((first + (year - first).rem_euclid(100), length))
}

/// The place, from 1, of the name that the text begins with, in full or cut to three letters.
fn name(text: &str, names: &[&str]) -> Option<(i64, usize)> {
    let begins = |name: &str| text.get(..name.len()).is_some_and(|given| given.eq_ignore_ascii_case(name));
    let full = names.iter().position(|name| begins(name)).map(|place| (place, names[place].len()));
    let short = || names.iter().position(|name| name.get(..3).is_some_and(begins)).map(|place| (place, 3));
    let (place, length) = full.or_else(short)?;
    Some((i64::try_from(place + 1).ok()?, length))
}

/// Microseconds of a fraction of at most so many digits.
fn fraction(text: &str, most: usize) -> Option<(i64, usize)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let number = text.get(..digits).filter(|number| !number.is_empty())?;
    let nanos: String = number.chars().chain(std::iter::repeat('0')).take(9).collect();
    Some((nanos.parse::<i64>().ok()? / 1000, digits))
}

/// `Z`, or an offset with a colon or without.
pub fn offset_zone(text: &str) -> Option<(Zone, usize)> {
    if text.starts_with(['Z', 'z']) {
        return Some((Zone::UTC, 1));
    }
    [6, 5, 3].into_iter().find_map(|length| Some((Zone::Fixed(offset(text.get(..length)?)?), length)))
}

/// The names of zones that Joda-Time knows without a database.
fn zone_name(text: &str) -> Option<(Zone, usize)> {
    use chrono_tz::America::{Chicago, Denver, Los_Angeles, New_York};
    let known = [
        ("UTC", Zone::UTC),
        ("UT", Zone::UTC),
        ("GMT", Zone::UTC),
        ("EST", Zone::Named(New_York)),
        ("EDT", Zone::Named(New_York)),
        ("CST", Zone::Named(Chicago)),
        ("CDT", Zone::Named(Chicago)),
        ("MST", Zone::Named(Denver)),
        ("MDT", Zone::Named(Denver)),
        ("PST", Zone::Named(Los_Angeles)),
        ("PDT", Zone::Named(Los_Angeles)),
    ];
    let found = known.into_iter().find(|(name, _)| text.starts_with(name));
    found.map(|(name, zone)| (zone, name.len()))
}
