//! Hive's types, as `CREATE TABLE` declares columns by them.
//!
//! Source: Athena user guide, "Data types in Amazon Athena".

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::sql::sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::functions::trino::types;

/// How deeply types may be nested.
const MOST_NESTED: usize = 32;

/// A type in a table's declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HiveType {
    /// `boolean`
    Boolean,
    /// `tinyint`
    TinyInt,
    /// `smallint`
    SmallInt,
    /// `int`
    Int,
    /// `bigint`
    BigInt,
    /// `float`
    Float,
    /// `double`
    Double,
    /// `decimal(precision, scale)`
    Decimal(u8, i8),
    /// `string`
    String,
    /// `varchar(length)`
    Varchar(u32),
    /// `char(length)`
    Char(u32),
    /// `binary`
    Binary,
    /// `date`
    Date,
    /// `timestamp`
    Timestamp,
    /// `array<…>`
    Array(Box<Self>),
    /// `map<…,…>`
    Map(Box<Self>, Box<Self>),
    /// `struct<name:…,…>`, its names in lower case.
    Struct(Vec<(String, Self)>),
}

impl HiveType {
    /// Reads a type.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, SqlError> {
        Self::parse_nested(cursor, MOST_NESTED)
    }

    fn parse_nested(cursor: &mut Cursor<'_>, deeper: usize) -> Result<Self, SqlError> {
        let Some(deeper) = deeper.checked_sub(1) else {
            return Err(cursor.error(ErrorCode::NotSupported, "The type is nested too deeply"));
        };
        let before = cursor.clone();
        let name = cursor.lower()?;
        Ok(match name.as_str() {
            "boolean" => Self::Boolean,
            "tinyint" => Self::TinyInt,
            "smallint" => Self::SmallInt,
            "int" | "integer" => Self::Int,
            "bigint" => Self::BigInt,
            "float" => Self::Float,
            "double" => Self::Double,
            "string" => Self::String,
            "binary" => Self::Binary,
            "date" => Self::Date,
            "timestamp" => Self::Timestamp,
            "decimal" => decimal(cursor)?,
            "varchar" => Self::Varchar(length(cursor)?),
            "char" => Self::Char(length(cursor)?),
            "array" => Self::Array(Box::new(bracketed(cursor, |cursor| Self::parse_nested(cursor, deeper))?)),
            "map" => bracketed(cursor, |cursor| {
                let key = Self::parse_nested(cursor, deeper)?;
                cursor.expect_token(&Token::Comma)?;
                Ok(Self::Map(Box::new(key), Box::new(Self::parse_nested(cursor, deeper)?)))
            })?,
            "struct" => Self::Struct(bracketed(cursor, |cursor| members(cursor, deeper))?),
            _ => return Err(before.mismatch("a data type")),
        })
    }

    /// Hive's type for values of an Arrow type; `None` if it has none.
    pub fn of(data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Boolean => Self::Boolean,
            DataType::Int8 => Self::TinyInt,
            DataType::Int16 => Self::SmallInt,
            DataType::Int32 => Self::Int,
            DataType::Int64 => Self::BigInt,
            DataType::Float32 => Self::Float,
            DataType::Float64 => Self::Double,
            DataType::Decimal128(precision, scale) => Self::Decimal(*precision, *scale),
            // `NULL` of no type is written as a text, as Athena does.
            DataType::Utf8 | DataType::Null => Self::String,
            DataType::Binary => Self::Binary,
            DataType::Date32 => Self::Date,
            DataType::Timestamp(_, None) => Self::Timestamp,
            DataType::List(item) => Self::Array(Box::new(Self::of(item.data_type())?)),
            DataType::Map(entries, _) => match entries.data_type() {
                DataType::Struct(fields) => {
                    let [key, value] = fields.as_ref() else { return None };
                    Self::Map(Box::new(Self::of(key.data_type())?), Box::new(Self::of(value.data_type())?))
                }
                _ => return None,
            },
            DataType::Struct(fields) => {
                let member =
                    |field: &Arc<Field>| Some((field.name().to_lowercase(), Self::of(field.data_type())?));
                Self::Struct(fields.iter().map(member).collect::<Option<_>>()?)
            }
            _ => return None,
        })
    }

    /// The Arrow type of its values; see `functions::trino::types`.
    pub fn data_type(&self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::TinyInt => DataType::Int8,
            Self::SmallInt => DataType::Int16,
            Self::Int => DataType::Int32,
            Self::BigInt => DataType::Int64,
            Self::Float => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
            Self::String | Self::Varchar(_) | Self::Char(_) => DataType::Utf8,
            Self::Binary => DataType::Binary,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, None),
            Self::Array(item) => types::array(item.data_type()),
            Self::Map(key, value) => types::map(key.data_type(), value.data_type()),
            Self::Struct(members) => {
                let fields = members.iter().map(|(name, member)| Field::new(name, member.data_type(), true));
                DataType::Struct(fields.collect())
            }
        }
    }
}

fn bracketed<T>(
    cursor: &mut Cursor<'_>,
    inside: impl FnOnce(&mut Cursor<'_>) -> Result<T, SqlError>,
) -> Result<T, SqlError> {
    cursor.expect_token(&Token::Lt)?;
    let found = inside(cursor)?;
    cursor.expect_token(&Token::Gt)?;
    Ok(found)
}

fn members(cursor: &mut Cursor<'_>, deeper: usize) -> Result<Vec<(String, HiveType)>, SqlError> {
    let mut members: Vec<(String, HiveType)> = vec![];
    loop {
        let before = cursor.clone();
        let name = cursor.lower()?;
        if members.iter().any(|(known, _)| *known == name) {
            return Err(before.error(ErrorCode::SyntaxError, format!("Duplicate member name: {name}")));
        }
        cursor.expect_token(&Token::Colon)?;
        members.push((name, HiveType::parse_nested(cursor, deeper)?));
        if cursor.accept(&["COMMENT"]) {
            cursor.text()?;
        }
        if !cursor.accept_token(&Token::Comma) {
            return Ok(members);
        }
    }
}

/// `[(precision[, scale])]`; Hive's default is (10, 0).
fn decimal(cursor: &mut Cursor<'_>) -> Result<HiveType, SqlError> {
    if *cursor.peek() != Token::LParen {
        return Ok(HiveType::Decimal(10, 0));
    }
    let before = cursor.clone();
    let digits = cursor.list(number::<u8>)?;
    let (precision, scale) = match digits[..] {
        [precision] => (precision, 0),
        [precision, scale] => (precision, scale),
        _ => return Err(before.mismatch("precision and scale")),
    };
    match i8::try_from(scale) {
        Ok(signed) if (1..=38).contains(&precision) && scale <= precision => {
            Ok(HiveType::Decimal(precision, signed))
        }
        _ => Err(before.error(ErrorCode::SyntaxError, "A decimal has 1 to 38 digits")),
    }
}

fn length(cursor: &mut Cursor<'_>) -> Result<u32, SqlError> {
    cursor.expect_token(&Token::LParen)?;
    let length = number(cursor)?;
    cursor.expect_token(&Token::RParen)?;
    Ok(length)
}

fn number<T: std::str::FromStr>(cursor: &mut Cursor<'_>) -> Result<T, SqlError> {
    let Token::Number(digits, _) = cursor.peek() else { return Err(cursor.mismatch("number")) };
    let number = digits.parse().map_err(|_| cursor.mismatch("number"))?;
    cursor.advance();
    Ok(number)
}

impl fmt::Display for HiveType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean => f.write_str("boolean"),
            Self::TinyInt => f.write_str("tinyint"),
            Self::SmallInt => f.write_str("smallint"),
            Self::Int => f.write_str("int"),
            Self::BigInt => f.write_str("bigint"),
            Self::Float => f.write_str("float"),
            Self::Double => f.write_str("double"),
            Self::Decimal(precision, scale) => write!(f, "decimal({precision},{scale})"),
            Self::String => f.write_str("string"),
            Self::Varchar(length) => write!(f, "varchar({length})"),
            Self::Char(length) => write!(f, "char({length})"),
            Self::Binary => f.write_str("binary"),
            Self::Date => f.write_str("date"),
            Self::Timestamp => f.write_str("timestamp"),
            Self::Array(item) => write!(f, "array<{item}>"),
            Self::Map(key, value) => write!(f, "map<{key},{value}>"),
            Self::Struct(members) => {
                f.write_str("struct<")?;
                for (at, (name, member)) in members.iter().enumerate() {
                    let comma = if at > 0 { "," } else { "" };
                    write!(f, "{comma}{}:{member}", MemberName(name))?;
                }
                f.write_str(">")
            }
        }
    }
}

/// A member's name, quoted only where it has to be: Hive shows it bare.
struct MemberName<'a>(&'a str);

impl fmt::Display for MemberName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = self.0.chars();
        let bare = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if bare { f.write_str(self.0) } else { super::definition::Quoted(self.0).fmt(f) }
    }
}
