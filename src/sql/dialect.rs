//! How Athena's statements are spelled.

use std::any::TypeId;

use datafusion::sql::sqlparser::ast::{CastKind, DataType, Expr, Ident, ObjectName, TypedString};
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Token, Word};

/// Types whose name can stand before a text to make a literal of it: `DATE '2023-07-10'`.
const LITERAL_TYPES: [&str; 15] = [
    "date",
    "timestamp",
    "time",
    "json",
    "ipaddress",
    "varchar",
    "char",
    "bigint",
    "integer",
    "smallint",
    "tinyint",
    "double",
    "real",
    "decimal",
    "boolean",
];

/// Trino's dialect, as far as the parser has a say in it.
#[derive(Debug)]
pub struct AthenaDialect;

impl Dialect for AthenaDialect {
    /// The parser asks some dialects by their type; this one is to be taken for the generic one.
    fn dialect(&self) -> TypeId {
        GenericDialect.dialect()
    }

    /// Definitions have backquoted names; queries that do are refused later, with a better message.
    fn is_delimited_identifier_start(&self, ch: char) -> bool {
        ch == '"' || ch == '`'
    }

    fn is_identifier_start(&self, ch: char) -> bool {
        ch.is_alphabetic() || ch == '_'
    }

    fn is_identifier_part(&self, ch: char) -> bool {
        ch.is_alphanumeric() || ch == '_' || ch == '@' || ch == '$'
    }

    fn supports_unicode_string_literal(&self) -> bool {
        true
    }

    fn supports_filter_during_aggregation(&self) -> bool {
        true
    }

    fn supports_group_by_expr(&self) -> bool {
        true
    }

    fn supports_window_clause_named_window_reference(&self) -> bool {
        true
    }

    fn supports_numeric_literal_underscores(&self) -> bool {
        true
    }

    fn supports_lambda_functions(&self) -> bool {
        true
    }

    fn supports_parens_around_table_factor(&self) -> bool {
        true
    }

    /// Casts and typed literals name Trino's types, which the parser does not know.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        let Token::Word(word) = parser.peek_token_ref().token.clone() else { return None };
        if word.quote_style.is_some() {
            return None;
        }
        let next = parser.peek_nth_token_ref(1).token.clone();
        match (word.keyword, next) {
            (Keyword::CAST, Token::LParen) => Some(parse_cast(parser, CastKind::Cast)),
            (Keyword::TRY_CAST, Token::LParen) => Some(parse_cast(parser, CastKind::TryCast)),
            (_, Token::SingleQuotedString(_)) => typed_literal(parser, &word),
            _ => None,
        }
    }
}

/// `CAST(value AS type)`, the type as its text.
fn parse_cast(parser: &mut Parser, kind: CastKind) -> Result<Expr, ParserError> {
    parser.next_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_keyword(Keyword::AS)?;
    let data_type = type_until_closed(parser)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Cast { kind, expr, data_type, array: false, format: None })
}

/// The text up to the parenthesis that closes what is open.
fn type_until_closed(parser: &mut Parser) -> Result<DataType, ParserError> {
    let mut text = String::new();
    let mut open = 0;
    loop {
        match parser.peek_token_ref().token {
            Token::RParen if open == 0 => break,
            Token::LParen => open += 1,
            Token::RParen => open -= 1,
            Token::EOF => return parser.expected("a type", parser.peek_token()),
            _ => {}
        }
        text.push_str(&parser.next_token().token.to_string());
        text.push(' ');
    }
    Ok(named(&text))
}

fn typed_literal(parser: &mut Parser, word: &Word) -> Option<Result<Expr, ParserError>> {
    let name = word.value.to_ascii_lowercase();
    if !LITERAL_TYPES.contains(&name.as_str()) {
        return None;
    }
    parser.next_token();
    let value = parser.parse_value();
    Some(value.map(|value| {
        Expr::TypedString(TypedString { data_type: named(&name), value, uses_odbc_syntax: false })
    }))
}

fn named(text: &str) -> DataType {
    DataType::Custom(ObjectName::from(vec![Ident::new(text.trim())]), vec![])
}
