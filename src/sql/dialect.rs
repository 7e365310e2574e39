//! How Athena's statements are spelled.

use std::any::TypeId;

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Function, FunctionArguments, Ident, ObjectName, TypedString,
};
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect, Precedence};
use datafusion::sql::sqlparser::keywords::{Keyword, RESERVED_FOR_COLUMN_ALIAS, RESERVED_FOR_TABLE_ALIAS};
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Span, Token, Word};

use super::json_syntax::{is_json_function, parse_call};
use super::words::{Role, is_reserved, is_word, role};

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

    /// `TRIM(x, 'y')`
    fn supports_comma_separated_trim(&self) -> bool {
        true
    }

    /// `row.*` of any expression.
    fn supports_select_expr_star(&self) -> bool {
        true
    }

    /// `EXTRACT` takes any name; which fields there are is for the planner to say.
    fn allow_extract_custom(&self) -> bool {
        true
    }

    /// Words that the parser has a syntax for, and that are no names where it does not fit.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::CASE
                | Keyword::CAST
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::FALSE
                | Keyword::NOT
                | Keyword::NULL
                | Keyword::TRIM
                | Keyword::TRUE
        )
    }

    fn is_select_item_alias(&self, explicit: bool, keyword: &Keyword, parser: &mut Parser) -> bool {
        let reserved = is_reserved(&parser.get_current_token().token);
        !reserved && (explicit || !RESERVED_FOR_COLUMN_ALIAS.contains(keyword))
    }

    fn is_table_factor_alias(&self, explicit: bool, keyword: &Keyword, parser: &mut Parser) -> bool {
        let reserved = is_reserved(&parser.get_current_token().token);
        !reserved && (explicit || !RESERVED_FOR_TABLE_ALIAS.contains(keyword))
    }

    /// A colon is no operator: it parts the keys of `JSON_OBJECT` from their values.
    fn get_next_precedence(&self, parser: &Parser) -> Option<Result<u8, ParserError>> {
        (parser.peek_token_ref().token == Token::Colon).then(|| Ok(self.prec_unknown()))
    }

    /// The parser takes all that follows `IS DISTINCT FROM` for what it compares with, `AND` included.
    fn parse_infix(&self, parser: &mut Parser, left: &Expr, _: u8) -> Option<Result<Expr, ParserError>> {
        let distinct = [Keyword::IS, Keyword::DISTINCT, Keyword::FROM];
        let same = [Keyword::IS, Keyword::NOT, Keyword::DISTINCT, Keyword::FROM];
        let compared: fn(_, _) -> Expr = if parser.parse_keywords(&distinct) {
            Expr::IsDistinctFrom
        } else if parser.parse_keywords(&same) {
            Expr::IsNotDistinctFrom
        } else {
            return None;
        };
        let right = parser.parse_subexpr(self.prec_value(Precedence::Eq));
        Some(right.map(|right| compared(Box::new(left.clone()), Box::new(right))))
    }

    /// What begins an expression in Trino's grammar, where the parser has more, or something else.
    fn parse_prefix(&self, parser: &mut Parser) -> Option<Result<Expr, ParserError>> {
        match parser.peek_token_ref().token.clone() {
            Token::Word(word) if word.quote_style.is_none() => parse_word(parser, &word),
            // No arrays without `ARRAY`, no `{fn now()}`.
            Token::LBracket | Token::LBrace => Some(refused(parser, "an expression")),
            _ => None,
        }
    }
}

/// What an expression that begins with a word is; `None` if the parser knows.
fn parse_word(parser: &mut Parser, word: &Word) -> Option<Result<Expr, ParserError>> {
    let next = parser.peek_nth_token_ref(1).token.clone();
    let opens = next == Token::LParen;
    match (word.keyword, role(word)) {
        (Keyword::CAST, _) if opens => Some(parse_cast(parser, CastKind::Cast)),
        (Keyword::TRY_CAST, _) if opens => Some(parse_cast(parser, CastKind::TryCast)),
        // `(VALUES 1, 2)` is a query like any other.
        (Keyword::VALUES, _) if parser.get_current_token().token == Token::LParen => {
            Some(parser.parse_query().map(Expr::Subquery))
        }
        (_, Role::Called) if opens && is_json_function(word) => Some(parse_call(parser, word)),
        (_, Role::Elsewhere) => Some(refused(parser, "an expression")),
        (_, Role::Called) if !opens => {
            parser.next_token();
            Some(refused(parser, "'('"))
        }
        (_, Role::Value) => parse_reserved_value(parser, word, opens),
        (Keyword::INTERVAL, _) => None,
        (_, Role::Name) if is_double_precision(parser, word) => {
            parser.next_token();
            Some(typed_literal(parser, word))
        }
        (_, Role::Name) if matches!(next, Token::SingleQuotedString(_)) => Some(typed_literal(parser, word)),
        _ => None,
    }
}

fn refused<T>(parser: &Parser, expected: &str) -> Result<T, ParserError> {
    parser.expected_ref(expected, parser.peek_token_ref())
}

/// `CURRENT_DATE` and its like, which have no parentheses but around a precision.
fn parse_reserved_value(parser: &mut Parser, word: &Word, opens: bool) -> Option<Result<Expr, ParserError>> {
    match word.keyword {
        Keyword::TRUE | Keyword::FALSE | Keyword::NULL => return None,
        Keyword::CURRENT_TIME | Keyword::CURRENT_TIMESTAMP | Keyword::LOCALTIME | Keyword::LOCALTIMESTAMP
            if opens =>
        {
            let precision = &parser.peek_nth_token_ref(2);
            if matches!(precision.token, Token::Number(..)) {
                return None;
            }
            return Some(parser.expected_ref("<integer>", precision));
        }
        _ => {}
    }
    let span = parser.next_token().span;
    Some(Ok(called(word, span, FunctionArguments::None)))
}

/// A call of the function that `word`, at `span`, names.
pub(super) fn called(word: &Word, span: Span, args: FunctionArguments) -> Expr {
    Expr::Function(Function {
        name: ObjectName::from(vec![word.clone().into_ident(span)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args,
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}

/// `CAST(value AS type)`, the type as its text.
fn parse_cast(parser: &mut Parser, kind: CastKind) -> Result<Expr, ParserError> {
    parser.next_token();
    parser.expect_token(&Token::LParen)?;
    let expr = Box::new(parser.parse_expr()?);
    parser.expect_keyword(Keyword::AS)?;
    let data_type = type_until(parser, |_| false)?;
    parser.expect_token(&Token::RParen)?;
    Ok(Expr::Cast { kind, expr, data_type, array: false, format: None })
}

/// The text of a type, up to the parenthesis that closes what is open, or to what `ends` it outside of
/// its own parentheses.
pub(super) fn type_until(
    parser: &mut Parser,
    ends: impl Fn(&Parser) -> bool,
) -> Result<DataType, ParserError> {
    let mut text = String::new();
    let at = parser.peek_token_ref().span;
    let mut open = 0;
    loop {
        match parser.peek_token_ref().token {
            _ if open == 0 && ends(parser) => break,
            Token::RParen if open == 0 => break,
            Token::LParen => open += 1,
            Token::RParen => open -= 1,
            Token::EOF => return parser.expected("a type", parser.peek_token()),
            _ => {}
        }
        text.push_str(&parser.next_token().token.to_string());
        text.push(' ');
    }
    Ok(named(&text, at))
}

/// `DOUBLE PRECISION '1.5'`, the one type of two words that makes a literal.
fn is_double_precision(parser: &Parser, word: &Word) -> bool {
    word.value.eq_ignore_ascii_case("DOUBLE")
        && is_word(&parser.peek_nth_token_ref(1).token, "PRECISION")
        && matches!(parser.peek_nth_token_ref(2).token, Token::SingleQuotedString(_))
}

/// `DATE '2023-07-10'`: a type's name before a text makes a literal of it.
fn typed_literal(parser: &mut Parser, word: &Word) -> Result<Expr, ParserError> {
    let at = parser.next_token().span;
    let value = parser.parse_value()?;
    let data_type = named(&word.value.to_lowercase(), at);
    Ok(Expr::TypedString(TypedString { data_type, value, uses_odbc_syntax: false }))
}

fn named(text: &str, at: Span) -> DataType {
    DataType::Custom(ObjectName::from(vec![Ident::with_span(at, text.trim())]), vec![])
}
