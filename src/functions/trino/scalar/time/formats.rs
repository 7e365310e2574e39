//! `date_format`, `date_parse`, `format_datetime` and `parse_datetime`.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;

use super::format::Format;
use super::zones::{constant, zoned};
use super::{parse, print};
use crate::functions::trino::call::{Call, Memo, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;
use crate::functions::trino::value::Stamp;
use crate::functions::trino::zone::Zone;

/// Functions of formats.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("date_format", "The text of a time in a MySQL format.")
            .on("(timestamp(p), varchar) -> varchar", |call| print_all(call, Format::mysql))
            .on("(timestamp(p) with time zone, varchar) -> varchar", |call| print_all(call, Format::mysql)),
        scalar("date_parse", "The time that a text in a MySQL format names.")
            .on("(varchar, varchar) -> timestamp(3)", date_parse),
        scalar("format_datetime", "The text of a time in a pattern of Joda-Time.")
            .on("(timestamp(p), varchar) -> varchar", |call| print_all(call, without_zone))
            .on("(timestamp(p) with time zone, varchar) -> varchar", |call| print_all(call, Format::joda)),
        scalar("parse_datetime", "The time that a text in a pattern of Joda-Time names.").typed(
            "(varchar, varchar) -> timestamp(3) with time zone",
            parsed_zone,
            parse_datetime,
        ),
    ]
}

fn print_all(call: &Call, read: fn(&str) -> Result<Format, SqlError>) -> Result<ArrayRef> {
    let mut formats = Memo::new(read);
    let zone = call.zone(0)?;
    call.map2(|Stamp(instant): Stamp, format: &str| {
        let text = print::print(formats.get(format)?, instant, zone);
        text.ok_or_else(|| invalid("the time is out of range"))
    })
}

fn without_zone(pattern: &str) -> Result<Format, SqlError> {
    let format = Format::joda(pattern)?;
    if format.has_zone() {
        return Err(invalid(
            "format_datetime for TIMESTAMP type, cannot use 'Z' nor 'z' in format, as this type does not \
             contain TZ information",
        ));
    }
    Ok(format)
}

fn date_parse(call: &Call) -> Result<ArrayRef> {
    let mut formats = Memo::new(Format::mysql);
    call.map2(|text: &str, format: &str| {
        parse::parse(formats.get(format)?, text).map(|(clock, _)| Stamp(clock))
    })
}

fn parse_datetime(call: &Call) -> Result<ArrayRef> {
    let mut formats = Memo::new(Format::joda);
    call.map2(|text: &str, format: &str| {
        let (clock, zone) = parse::parse(formats.get(format)?, text)?;
        Ok::<_, SqlError>(Stamp(zone.unwrap_or(Zone::UTC).instant(clock)))
    })
}

/// A constant text gives its zone; all others are shown in UTC, since a column has one zone.
fn parsed_zone(args: &[Expr], declared: &DataType) -> Result<DataType, String> {
    let [text, pattern] = args else { return Ok(declared.clone()) };
    let moment = constant(text).zip(constant(pattern)).and_then(|(text, pattern)| {
        let format = Format::joda(pattern).ok()?;
        parse::parse(&format, text).ok()
    });
    Ok(zoned(declared, moment.and_then(|(_, zone)| zone)))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "MySQL date functions".
    #[test]
    fn mysql() {
        check(&[
            ("date_format(timestamp '2022-10-20 05:10:00', '%m-%d-%Y %H')", "10-20-2022 05"),
            (
                "date_format(timestamp '2022-10-20 15:10:09', '%W %M %e %l:%i %p, %T %j')",
                "Thursday October 20 3:10 PM, 15:10:09 293",
            ),
            (
                "date_format(timestamp '2022-10-05 00:10:09.5', '%a %b %c %k %I %r %f %y %x-%v %% %q')",
                "Wed Oct 10 0 12 12:10:09 AM 500000 22 2022-40 % q",
            ),
            ("date_format(with_timezone(timestamp '2022-10-20 05:10', 'Asia/Tokyo'), '%H:%i')", "05:10"),
            ("date_parse('2022/10/20/05', '%Y/%m/%d/%H')", "2022-10-20 05:00:00.000"),
            ("date_parse('20 October 2022 3:05:06 pm', '%d %M %Y %l:%i:%s %p')", "2022-10-20 15:05:06.000"),
            ("date_parse('Thu Oct 20 22', '%a %b %d %y')", "2022-10-20 00:00:00.000"),
            ("date_parse('2022-10-20T05:10:11Z', '%Y-%m-%dT%H:%i:%sZ')", "2022-10-20 05:10:11.000"),
            ("date_parse('12:30:15.123456', '%T.%f')", "1970-01-01 12:30:15.123"),
            ("date_parse('2020-053', '%Y-%j')", "2020-02-22 00:00:00.000"),
        ]);
        check_errors(&[
            (
                "date_parse('2022-13-01', '%Y-%m-%d')",
                "Cannot parse \"2022-13-01\": Value 13 for monthOfYear must be in the range [1,12]",
            ),
            ("date_parse('2022-02-30', '%Y-%m-%d')", "Value 30 for dayOfMonth must be in the range [1,28]"),
            (
                "date_parse('2022-02-03x', '%Y-%m-%d')",
                "Invalid format: \"2022-02-03x\" is malformed at \"x\"",
            ),
            ("date_parse('2022', '%Y-%m-%d')", "Invalid format: \"2022\" is too short"),
            ("date_parse('x', '%Y-%m-%d')", "INVALID_FUNCTION_ARGUMENT: Invalid format: \"x\""),
            ("date_format(timestamp '2022-10-20', '%U')", "%U not supported in date format string"),
        ]);
    }

    /// Trino documentation, "Java date functions".
    #[test]
    fn joda() {
        check(&[
            (
                "parse_datetime('2023-07-10T12:16:15Z', 'yyyy-MM-dd''T''HH:mm:ss''Z')",
                "2023-07-10 12:16:15.000 UTC",
            ),
            (
                "parse_datetime('2023-07-10T12:16:15Z', 'YYYY-MM-dd''T''HH:mm:ssZ')",
                "2023-07-10 12:16:15.000 UTC",
            ),
            (
                "parse_datetime('2023-07-10T12:16:15.250Z', 'yyyy-MM-dd''T''HH:mm:ss.SSSZ')",
                "2023-07-10 12:16:15.250 UTC",
            ),
            ("parse_datetime('2023/07/10', 'yyyy/MM/dd')", "2023-07-10 00:00:00.000 UTC"),
            ("parse_datetime('20230710', 'yyyyMMdd')", "2023-07-10 00:00:00.000 UTC"),
            ("parse_datetime('10 Jul 23 3 PM', 'd MMM yy h a')", "2023-07-10 15:00:00.000 UTC"),
            (
                "format_datetime(timestamp '2023-07-10 12:16:15', 'yyyy-MM-dd''T''HH:mm:ss''Z''')",
                "2023-07-10T12:16:15Z",
            ),
            (
                "format_datetime(timestamp '2023-07-10 00:16:15', 'EEEE, MMMM d, YYYY h:mm:ss a D e K k S')",
                "Monday, July 10, 2023 12:16:15 AM 191 1 0 24 0",
            ),
            (
                "format_datetime(with_timezone(timestamp '2023-07-10 00:16', 'Europe/Berlin'), 'Z ZZ ZZZ z')",
                "+0200 +02:00 Europe/Berlin CEST",
            ),
        ]);
        check_errors(&[
            (
                "parse_datetime('2023-07-10 12', 'yyyy-MM-dd')",
                "Invalid format: \"2023-07-10 12\" is malformed at \" 12\"",
            ),
            ("parse_datetime('2023', 'yyyy-bb')", "Illegal pattern component: bb"),
            ("format_datetime(timestamp '2023-07-10 00:16:15', 'HH Z')", "does not contain TZ information"),
        ]);
    }
}
