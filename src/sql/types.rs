//! Types as they are written in queries.

use arrow::datatypes::{DataType, Field, IntervalUnit, TimeUnit};
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::dialect::AthenaDialect;
use crate::functions::trino::types::{self, IPADDRESS, JSON, VARCHAR, anonymous_field};

/// A type with what Arrow's types do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlType {
    /// The Arrow type that stands for it.
    pub data_type: DataType,
    /// Most characters of a `varchar(n)`.
    pub length: Option<u32>,
}

/// Reads a type: `varchar(10)`, `array(json)`, `map(varchar, bigint)`, `row(a varchar, b bigint)`,
/// `timestamp(3) with time zone`, …. `None` if there is no such type.
pub fn parse(text: &str) -> Option<SqlType> {
    let tokens = Tokenizer::new(&AthenaDialect, text).tokenize().ok()?;
    let tokens: Vec<Token> =
        tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
    let mut reader = Reader { tokens: &tokens, depth: 0 };
    let parsed = reader.read_type()?;
    reader.tokens.is_empty().then_some(parsed)
}

/// Types nest no deeper: nobody writes more, and recursion has to end.
const DEEPEST: usize = 64;

struct Reader<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl Reader<'_> {
    fn read_type(&mut self) -> Option<SqlType> {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let read = self.read_named();
        self.depth -= 1;
        read
    }

    fn read_named(&mut self) -> Option<SqlType> {
        let name = self.word()?;
        let data_type = match name.as_str() {
            "varchar" | "string" => return Some(SqlType { data_type: VARCHAR, length: self.number() }),
            "char" => return Some(SqlType { data_type: VARCHAR, length: Some(self.number().unwrap_or(1)) }),
            "json" => JSON,
            "ipaddress" => IPADDRESS,
            "varbinary" => DataType::Binary,
            "boolean" => DataType::Boolean,
            "tinyint" => DataType::Int8,
            "smallint" => DataType::Int16,
            "int" | "integer" => DataType::Int32,
            "bigint" => DataType::Int64,
            "real" => DataType::Float32,
            "double" => {
                self.take_word("precision");
                DataType::Float64
            }
            "date" => DataType::Date32,
            "decimal" | "numeric" => self.decimal()?,
            "time" => self.time()?,
            "timestamp" => self.timestamp()?,
            "interval" => self.interval()?,
            "array" => self.array()?,
            "map" => self.map()?,
            "row" => self.row()?,
            _ => return None,
        };
        Some(SqlType { data_type, length: None })
    }

    fn inner(&mut self) -> Option<DataType> {
        Some(self.read_type()?.data_type)
    }

    fn decimal(&mut self) -> Option<DataType> {
        let (mut precision, mut scale) = (38, 0);
        if self.take(&Token::LParen) {
            precision = self.digits()?;
            if self.take(&Token::Comma) {
                scale = self.digits()?;
            }
            self.close(&Token::RParen)?;
        }
        let valid = (1..=38).contains(&precision) && scale <= precision;
        valid.then_some(DataType::Decimal128(precision as u8, scale as i8))
    }

    /// The unit of `(p)`; without it, milliseconds.
    fn unit(&mut self) -> Option<TimeUnit> {
        self.number().map_or(Some(TimeUnit::Millisecond), types::unit_of)
    }

    /// There are no times with a time zone.
    fn time(&mut self) -> Option<DataType> {
        let unit = self.unit()?;
        if self.take_word("without") {
            self.expect_word("time")?;
            self.expect_word("zone")?;
        }
        Some(types::time(unit))
    }

    fn timestamp(&mut self) -> Option<DataType> {
        let unit = self.unit()?;
        let zoned = self.take_word("with");
        if zoned || self.take_word("without") {
            self.expect_word("time")?;
            self.expect_word("zone")?;
        }
        Some(DataType::Timestamp(unit, zoned.then(|| "UTC".into())))
    }

    fn interval(&mut self) -> Option<DataType> {
        let unit = match self.word()?.as_str() {
            "year" => IntervalUnit::YearMonth,
            "day" => IntervalUnit::MonthDayNano,
            _ => return None,
        };
        self.expect_word("to")?;
        self.word()?;
        Some(DataType::Interval(unit))
    }

    fn array(&mut self) -> Option<DataType> {
        let end = self.open()?;
        let item = self.inner()?;
        self.close(&end)?;
        Some(types::array(item))
    }

    fn map(&mut self) -> Option<DataType> {
        let end = self.open()?;
        let key = self.inner()?;
        self.take(&Token::Comma).then_some(())?;
        let value = self.inner()?;
        self.close(&end)?;
        Some(types::map(key, value))
    }

    fn row(&mut self) -> Option<DataType> {
        let end = self.open()?;
        let mut fields = vec![];
        loop {
            fields.push(self.row_field(fields.len())?);
            if !self.take(&Token::Comma) {
                break;
            }
        }
        self.close(&end)?;
        Some(DataType::Struct(fields.into()))
    }

    /// `name type`, or a type alone.
    fn row_field(&mut self, position: usize) -> Option<Field> {
        let before = self.tokens;
        if let Some(name) = self.word()
            && let Some(data_type) = self.inner()
        {
            return Some(Field::new(name, data_type, true));
        }
        self.tokens = before;
        Some(Field::new(anonymous_field(position), self.inner()?, true))
    }

    /// `(` or `<`; returns what closes it.
    fn open(&mut self) -> Option<Token> {
        if self.take(&Token::LParen) {
            return Some(Token::RParen);
        }
        self.take(&Token::Lt).then_some(Token::Gt)
    }

    fn close(&mut self, end: &Token) -> Option<()> {
        self.take(end).then_some(())
    }

    /// `(n)`, if it is there.
    fn number(&mut self) -> Option<u32> {
        let (Token::LParen, Token::Number(digits, _), Token::RParen) =
            (self.tokens.first()?, self.tokens.get(1)?, self.tokens.get(2)?)
        else {
            return None;
        };
        let number = digits.parse().ok()?;
        self.tokens = &self.tokens[3..];
        Some(number)
    }

    fn digits(&mut self) -> Option<u32> {
        let Token::Number(digits, _) = self.tokens.first()? else { return None };
        let number = digits.parse().ok()?;
        self.tokens = &self.tokens[1..];
        Some(number)
    }

    fn word(&mut self) -> Option<String> {
        let Token::Word(word) = self.tokens.first()? else { return None };
        self.tokens = &self.tokens[1..];
        Some(word.value.to_lowercase())
    }

    fn take_word(&mut self, word: &str) -> bool {
        let before = self.tokens;
        let taken = self.word().is_some_and(|found| found == word);
        if !taken {
            self.tokens = before;
        }
        taken
    }

    fn expect_word(&mut self, word: &str) -> Option<()> {
        self.take_word(word).then_some(())
    }

    fn take(&mut self, token: &Token) -> bool {
        let taken = self.tokens.first() == Some(token);
        if taken {
            self.tokens = &self.tokens[1..];
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::trino::types::type_name;

    #[test]
    fn types_as_written() {
        for (text, name) in [
            ("VARCHAR", "varchar"),
            ("array ( json )", "array(json)"),
            ("ARRAY(ROW(a VARCHAR, \"B\" bigint))", "array(row(a varchar, b bigint))"),
            ("row(varchar, double precision)", "row(field0 varchar, field1 double)"),
            ("map(varchar, array(integer))", "map(varchar, array(integer))"),
            ("array<varchar>", "array(varchar)"),
            ("timestamp with time zone", "timestamp(3) with time zone"),
            ("timestamp(6)", "timestamp(6)"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("interval day to second", "interval day to second"),
        ] {
            assert_eq!(
                parse(text).map(|parsed| type_name(&parsed.data_type)).as_deref(),
                Some(name),
                "{text}"
            );
        }
        assert_eq!(parse("varchar(7)").unwrap().length, Some(7));
        for text in ["", "strin", "array(", "row()", "decimal(39)", "varchar varchar", &"array(".repeat(1000)]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
