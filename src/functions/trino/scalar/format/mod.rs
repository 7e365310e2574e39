//! `format`, with the placeholders of Java's `Formatter` that Trino's values can take.
//!
//! Source: Trino documentation, "Conversion functions", "Formatting".

mod time;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::error::Result;

use super::scalar;
use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::text::{decimal, text};

/// Characters that a placeholder is filled up to, at most.
const MOST_WIDTH: usize = 10_000;

/// `format`.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("format", "A text with placeholders such as %s, %d and %,.2f filled in.")
            .on("(varchar, any...) -> varchar", format),
    ]
}

fn format(call: &Call) -> Result<ArrayRef> {
    let formats = call.read::<&str>(0)?;
    let values = (1..call.len()).map(|i| call.array(i).and_then(|array| widened(&array)));
    let values = values.collect::<Result<Vec<_>>>()?;
    call.collect(|row| Some(fill(formats.get(row)?, &values, row)))
}

/// Integers as `bigint`, and `real` as `double`.
fn widened(array: &ArrayRef) -> Result<ArrayRef> {
    let to = match array.data_type() {
        DataType::Int8 | DataType::Int16 | DataType::Int32 => DataType::Int64,
        DataType::Float32 => DataType::Float64,
        _ => return Ok(array.clone()),
    };
    Ok(arrow::compute::cast(array, &to)?)
}

/// A placeholder: `%[argument$][flags][width][.precision]conversion`.
struct Placeholder<'a> {
    argument: Option<usize>,
    /// `<`: the argument of the placeholder before.
    again: bool,
    flags: &'a str,
    width: usize,
    precision: Option<usize>,
    conversion: char,
    /// After `t`, what of a time is asked for.
    of_time: Option<char>,
}

impl<'a> Placeholder<'a> {
    /// Reads what follows a `%`, and what follows that.
    fn read(text: &'a str) -> Option<(Self, &'a str)> {
        let (argument, rest) = match text.split_once('$') {
            Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => (number.parse().ok(), rest),
            _ => (None, text),
        };
        let (again, rest) = rest.strip_prefix('<').map_or((false, rest), |rest| (true, rest));
        let (flags, rest) = rest.split_at(rest.find(|c| !"-#+ 0,(".contains(c))?);
        let (width, rest) = digits(rest);
        let (precision, rest) = match rest.strip_prefix('.') {
            Some(rest) => {
                let (precision, rest) = digits(rest);
                (Some(precision?), rest)
            }
            None => (None, rest),
        };
        let mut letters = rest.chars();
        let conversion = letters.next()?;
        let of_time = if matches!(conversion, 't' | 'T') { Some(letters.next()?) } else { None };
        let width = width.unwrap_or_default();
        Some((Self { argument, again, flags, width, precision, conversion, of_time }, letters.as_str()))
    }

    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }
}

fn digits(text: &str) -> (Option<usize>, &str) {
    let (number, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    (number.parse().ok(), rest)
}

fn fill(format: &str, values: &[ArrayRef], row: usize) -> Result<String, SqlError> {
    let mut out = String::new();
    let mut rest = format;
    let (mut next, mut last) = (0, None);
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let unreadable = || invalid(format!("Invalid format string: {format}"));
        let (placeholder, after) = Placeholder::read(after).ok_or_else(unreadable)?;
        if placeholder.width > MOST_WIDTH || placeholder.precision.is_some_and(|digits| digits > MOST_WIDTH) {
            return Err(unreadable());
        }
        rest = after;
        let written = match placeholder.conversion {
            '%' => "%".into(),
            'n' => "\n".into(),
            _ => {
                let named = placeholder.argument.map(|argument| argument.wrapping_sub(1));
                let named = if placeholder.again { Some(last.ok_or_else(unreadable)?) } else { named };
                let place = named.unwrap_or(next);
                next += usize::from(named.is_none());
                last = Some(place);
                let missing = || invalid(format!("Invalid format string: {format} (too few arguments)"));
                convert(&placeholder, values.get(place).ok_or_else(missing)?, row).ok_or_else(unreadable)?
            }
        };
        pad(&mut out, &written, &placeholder);
    }
    out.push_str(rest);
    Ok(out)
}

fn pad(out: &mut String, written: &str, placeholder: &Placeholder) {
    let missing = placeholder.width.saturating_sub(written.chars().count());
    let zeros = placeholder.has('0') && !"sSbBcCtT".contains(placeholder.conversion);
    if placeholder.has('-') {
        out.push_str(written);
        out.extend(std::iter::repeat_n(' ', missing));
    } else if zeros {
        let sign = written.len() - written.trim_start_matches(['-', '+', ' ', '(']).len();
        let (sign, number) = written.split_at(sign);
        out.push_str(sign);
        out.extend(std::iter::repeat_n('0', missing));
        out.push_str(number);
    } else {
        out.extend(std::iter::repeat_n(' ', missing));
        out.push_str(written);
    }
}

/// A value as its placeholder asks for; `None` if it cannot be.
fn convert(placeholder: &Placeholder, values: &ArrayRef, row: usize) -> Option<String> {
    if values.is_null(row) || *values.data_type() == DataType::Null {
        return Some(if placeholder.conversion == 'b' { "false" } else { "null" }.into());
    }
    match placeholder.conversion {
        's' | 'S' | 'b' | 'B' => {
            let text = text(values, row)?;
            let cut = placeholder.precision.map_or(text.clone(), |most| text.chars().take(most).collect());
            Some(if placeholder.conversion.is_uppercase() { cut.to_uppercase() } else { cut })
        }
        'd' => {
            let number = values.as_primitive_opt::<Int64Type>()?.value(row);
            Some(signed(placeholder, number < 0, &grouped(placeholder, &number.unsigned_abs().to_string())))
        }
        'x' | 'X' | 'o' => {
            let number = values.as_primitive_opt::<Int64Type>()?.value(row);
            let digits =
                if placeholder.conversion == 'o' { format!("{number:o}") } else { format!("{number:x}") };
            Some(if placeholder.conversion == 'X' { digits.to_uppercase() } else { digits })
        }
        'c' | 'C' => {
            let number = values.as_primitive_opt::<Int64Type>()?.value(row);
            let letter = u32::try_from(number).ok().and_then(char::from_u32)?.to_string();
            Some(if placeholder.conversion == 'C' { letter.to_uppercase() } else { letter })
        }
        't' | 'T' => {
            let part = time::convert(placeholder.of_time?, values, row)?;
            Some(if placeholder.conversion == 'T' { part.to_uppercase() } else { part })
        }
        'f' => fixed(placeholder, values, row),
        'e' | 'E' => {
            let number = values.as_primitive_opt::<Float64Type>()?.value(row);
            let written = format!("{:.*e}", placeholder.precision.unwrap_or(6), number.abs());
            let (mantissa, exponent) = written.split_once('e')?;
            let exponent: i32 = exponent.parse().ok()?;
            let sign = if exponent < 0 { '-' } else { '+' };
            let written = format!("{mantissa}e{sign}{:02}", exponent.abs());
            let written = if placeholder.conversion == 'E' { written.to_uppercase() } else { written };
            Some(signed(placeholder, number < 0.0, &written))
        }
        _ => None,
    }
}

/// A number with so many digits after the point, six if it is not said, rounded half up.
fn fixed(placeholder: &Placeholder, values: &ArrayRef, row: usize) -> Option<String> {
    let digits = placeholder.precision.unwrap_or(6);
    let shortest = match values.data_type() {
        DataType::Float64 => {
            let number = values.as_primitive::<Float64Type>().value(row);
            if !number.is_finite() {
                return text(values, row);
            }
            format!("{number}")
        }
        DataType::Decimal128(_, scale) => decimal(values.as_primitive::<Decimal128Type>().value(row), *scale),
        _ => return None,
    };
    let (negative, number) =
        shortest.strip_prefix('-').map_or((false, shortest.as_str()), |rest| (true, rest));
    let (whole, fraction) = rounded(number, digits);
    let point = if fraction.is_empty() { String::new() } else { format!(".{fraction}") };
    Some(signed(placeholder, negative, &(grouped(placeholder, &whole) + &point)))
}

/// The digits before and after the point of a number rounded half up.
fn rounded(number: &str, digits: usize) -> (String, String) {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let up = fraction.as_bytes().get(digits).is_some_and(|digit| *digit >= b'5');
    let kept: String = fraction.chars().chain(std::iter::repeat('0')).take(digits).collect();
    let mut all: Vec<u8> = whole.bytes().chain(kept.bytes()).collect();
    let mut carry = up;
    for digit in all.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == b'9';
        *digit = if carry { b'0' } else { *digit + 1 };
    }
    if carry {
        all.insert(0, b'1');
    }
    let all: String = all.into_iter().map(char::from).collect();
    let (whole, fraction) = all.split_at(all.len() - digits);
    (whole.to_owned(), fraction.to_owned())
}

/// Commas between thousands, if they are asked for.
fn grouped(placeholder: &Placeholder, digits: &str) -> String {
    if !placeholder.has(',') {
        return digits.to_owned();
    }
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn signed(placeholder: &Placeholder, negative: bool, number: &str) -> String {
    match negative {
        true if placeholder.has('(') => format!("({number})"),
        true => format!("-{number}"),
        false if placeholder.has('+') => format!("+{number}"),
        false if placeholder.has(' ') => format!(" {number}"),
        false => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    #[test]
    fn placeholders() {
        check(&[
            ("format('%s%%', 123)", "123%"),
            ("format('%.5f', pi())", "3.14159"),
            ("format('%03d', 8)", "008"),
            ("format('%,.2f', 1234567.89)", "1,234,567.89"),
            ("format('%-7s,%7s', 'hello', 'world')", "hello  ,  world"),
            ("format('%2$s %3$s %1$s', 'a', 'b', 'c')", "b c a"),
            ("format('%.1f', 9.95e0)", "10.0"),
            ("format('%+d %x %e', 5, 255, 12345.678e0)", "+5 ff 1.234568e+04"),
            ("format('%s %s', true, NULL)", "true null"),
            ("format('%05d', -42)", "-0042"),
            ("format('%c%C', 97, 98)", "aB"),
            ("format('%1$tA, %1$tB %1$te, %1$tY', date '2006-07-04')", "Tuesday, July 4, 2006"),
            ("format('%tF %<tT', date '2006-07-04')", "2006-07-04 00:00:00"),
            ("format('%1$tF %1$tT.%1$tL', timestamp '2006-07-04 15:12:13.5')", "2006-07-04 15:12:13.500"),
            ("format('%tr', timestamp '2006-07-04 15:12:13')", "03:12:13 PM"),
            (
                "format('%1$ta %1$Tb %1$tD %1$tp %1$ts', timestamp '2006-07-04 15:12:13')",
                "Tue JUL 07/04/06 pm 1152025933",
            ),
        ]);
        check_errors(&[
            ("format('%s %s', 'a')", "too few arguments"),
            ("format('%d', 'a')", "Invalid format string: %d"),
            ("format('%tq', date '2006-07-04')", "Invalid format string: %tq"),
            ("format('%t', date '2006-07-04')", "Invalid format string: %t"),
            ("format('%tF', 1)", "Invalid format string: %tF"),
            ("format('%c', -1)", "Invalid format string: %c"),
            ("format('%q', 1)", "Invalid format string: %q"),
            ("format('%999999999s', 'a')", "Invalid format string"),
        ]);
    }
}
