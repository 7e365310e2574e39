//! Queries and expressions, which sqlparser reads.

use std::fmt::Write;

use datafusion::sql::sqlparser::ast::{Expr, Query};
use datafusion::sql::sqlparser::dialect::Dialect;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::cursor::{end, position, shown};
use super::grammar::{IDENTIFIER, misplaced};
use super::rewrite::{closing, rewritten};
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::sql::dialect::AthenaDialect;
use crate::sql::words::is_word;

/// How deeply expressions and queries may be nested: what the stack of a thread has room for.
const MOST_NESTED: usize = 50;

/// Words whose misspelling explains most statements that cannot be read.
const CLAUSES: [&str; 14] = [
    "SELECT",
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "UNION",
    "JOIN",
    "DISTINCT",
    "BETWEEN",
    "INTERSECT",
    "EXCEPT",
    "OFFSET",
];

/// The dialect that statements are cut into tokens and parsed by.
pub fn dialect() -> &'static dyn Dialect {
    &AthenaDialect
}

/// The query that `tokens` are.
///
/// # Errors
/// A syntax error with its place.
pub fn query(tokens: &[TokenWithSpan]) -> Result<Box<Query>, SqlError> {
    whole(tokens, |parser| parser.parse_query())
}

/// The expressions, separated by commas, that `tokens` are.
///
/// # Errors
/// A syntax error with its place.
pub fn expressions(tokens: &[TokenWithSpan]) -> Result<Vec<Expr>, SqlError> {
    whole(tokens, |parser| parser.parse_comma_separated(Parser::parse_expr))
}

/// The first token that is refused wherever it stands, and why.
fn refused(tokens: &[TokenWithSpan]) -> Option<(&TokenWithSpan, ErrorCode, &'static str)> {
    tokens.iter().enumerate().find_map(|(at, found)| {
        let opens = tokens.get(at + 1).is_some_and(|next| next.token == Token::LParen);
        let (code, message) = match &found.token {
            token if is_backquoted(token) => (
                ErrorCode::SyntaxError,
                "backquoted identifiers are not supported; use double quotes to quote identifiers",
            ),
            Token::Word(word) if word.value.is_empty() => {
                (ErrorCode::SyntaxError, "Zero-length delimited identifier not allowed")
            }
            token if opens && is_word(token, "MATCH_RECOGNIZE") => {
                (ErrorCode::NotSupported, "MATCH_RECOGNIZE is not supported")
            }
            _ => return None,
        };
        Some((found, code, message))
    })
}

/// What `parse` makes of all `tokens`.
fn whole<T>(
    tokens: &[TokenWithSpan],
    parse: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<T, SqlError> {
    if let Some((token, code, message)) = refused(tokens) {
        return Err(SqlError::at(code, position(Some(token)), message));
    }
    let misplaced = misplaced(tokens).map(|(at, expected)| {
        let error = match tokens.get(at) {
            Some(found) => mismatched(tokens, found, expected),
            None => ended(tokens, expected),
        };
        // Without it, what stands before it may have made no sense either.
        (error, Some(position(at.checked_sub(1).and_then(|before| tokens.get(before)))))
    });
    match (parsed(tokens, parse), misplaced) {
        // The first fault is the one to tell; of one place the parser knows more.
        (Err(error), Some((misplaced, before))) if error.at < before || error.at == misplaced.at => {
            Err(error)
        }
        (_, Some((misplaced, _))) => Err(misplaced),
        (parsed, None) => parsed,
    }
}

fn parsed<T>(
    tokens: &[TokenWithSpan],
    parse: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<T, SqlError> {
    let (parsed, next) = begun(tokens, parse)?;
    if next.token == Token::EOF { Ok(parsed) } else { Err(mismatched(tokens, &next, "<EOF>")) }
}

/// What `parse` makes of the first of `tokens`, and the one that follows.
fn begun<T>(
    tokens: &[TokenWithSpan],
    parse: impl FnOnce(&mut Parser<'_>) -> Result<T, ParserError>,
) -> Result<(T, TokenWithSpan), SqlError> {
    let mut parser = Parser::new(dialect())
        .with_recursion_limit(MOST_NESTED)
        .with_tokens_with_locations(rewritten(tokens)?);
    let parsed = parse(&mut parser).map_err(|error| {
        let error = syntax_error(tokens, &error);
        inner_fault(tokens, &error).unwrap_or(error)
    })?;
    Ok((parsed, parser.peek_token()))
}

/// The fault of the query in parentheses that `error` lies in: where one is no query, the parser goes
/// back, takes `SELECT` for a table's name, and finds fault with what follows.
fn inner_fault(tokens: &[TokenWithSpan], error: &SqlError) -> Option<SqlError> {
    let found = tokens.iter().position(|token| error.at == Some(position(Some(token))))?;
    let mut closed = 0usize;
    let opens = tokens.get(..found)?.iter().rposition(|token| match token.token {
        Token::LParen if closed == 0 => true,
        Token::LParen => {
            closed -= 1;
            false
        }
        Token::RParen => {
            closed += 1;
            false
        }
        _ => false,
    });
    let query = tokens.get(opens? + 1..)?;
    if !is_word(&query.first()?.token, "SELECT") {
        return None;
    }
    // With the parenthesis that ends it, which errors may be about.
    let end = closing(query);
    let read = begun(end.and_then(|end| query.get(..=end)).unwrap_or(query), |parser| parser.parse_query());
    match read {
        Err(fault) => Some(fault),
        Ok((_, next)) if next.token == Token::EOF => Some(ended(tokens, ")")),
        Ok((_, next)) if next.token != Token::RParen => Some(mismatched(tokens, &next, ")")),
        Ok(_) => None,
    }
}

/// Only definitions know such names.
fn is_backquoted(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.quote_style == Some('`'))
}

fn syntax_error(tokens: &[TokenWithSpan], error: &ParserError) -> SqlError {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        ParserError::RecursionLimitExceeded => {
            let at = position(tokens.first());
            return SqlError::at(ErrorCode::NotSupported, at, "The statement is nested too deeply");
        }
    };
    // sqlparser writes the place of a fault, and what it expected there, into the message.
    let (what, place) = message.split_once(" at Line: ").unwrap_or((message, ""));
    let at = place.split_once(", Column: ").and_then(|(line, column)| {
        let digits = column.find(|c: char| !c.is_ascii_digit()).unwrap_or(column.len());
        Some((line.parse::<u64>().ok()?, column.get(..digits)?.parse::<u64>().ok()?))
    });
    let found = tokens.iter().find(|token| at == Some(position(Some(token))));
    let expected = what.strip_prefix("Expected: ").or_else(|| what.strip_prefix("Expected "));
    let expected = expected.and_then(|rest| rest.rsplit_once(", found: "));
    let expected = expected.map(|(expected, _)| match expected {
        "an identifier after AS" => IDENTIFIER,
        other => other,
    });
    match (expected, found) {
        (Some(expected), Some(found)) => mismatched(tokens, found, expected),
        (Some(expected), None) => ended(tokens, expected),
        (None, _) => {
            let at = at.unwrap_or_else(|| position(tokens.first()));
            SqlError::at(ErrorCode::SyntaxError, at, what)
        }
    }
}

/// That the tokens end where something should follow.
fn ended(tokens: &[TokenWithSpan], expected: &str) -> SqlError {
    let message = format!("mismatched input '<EOF>'. Expecting: {expected}");
    SqlError::at(ErrorCode::SyntaxError, end(tokens), message)
}

/// That `found` is not what stands here, and which clause may be misspelt.
fn mismatched(tokens: &[TokenWithSpan], found: &TokenWithSpan, expected: &str) -> SqlError {
    let mut message = format!("mismatched input '{}'. Expecting: {expected}", shown(&found.token));
    let at = tokens.iter().position(|token| token.span == found.span);
    let before = at.and_then(|at| tokens.get(at.checked_sub(1)?));
    // After a misspelt clause that could be an alias, the fault is the word that follows it.
    let misspelt = [Some(found), before].into_iter().flatten().find_map(|token| {
        let Token::Word(word) = &token.token else { return None };
        let near = near_clause(&word.value).filter(|_| word.quote_style.is_none())?;
        Some((&word.value, near))
    });
    if let Some((word, clause)) = misspelt {
        let _ = write!(message, ". Is '{word}' meant to be {clause}?");
    }
    SqlError::at(ErrorCode::SyntaxError, position(Some(found)), message)
}

fn near_clause(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_uppercase();
    CLAUSES.into_iter().find(|clause| is_misspelt(&word, clause))
}

/// Whether two letters are swapped, or one is wrong, too many or missing.
fn is_misspelt(word: &str, clause: &str) -> bool {
    let (a, b) = (word.as_bytes(), clause.as_bytes());
    let same_start = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    match (a, b) {
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([x, y, a @ ..], [p, q, b @ ..]) if (x, y) == (q, p) && a == b => true,
        ([_, a @ ..], b) if a == b => true,
        (a, [_, b @ ..]) => a == b,
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::source::Source;
    use super::*;

    /// A query as it is understood.
    pub fn parsed(text: &str) -> Result<String, SqlError> {
        query(Source::new(text)?.statements().next().unwrap()).map(|query| query.to_string())
    }

    fn error(text: &str) -> SqlError {
        let source = Source::new(text).unwrap();
        query(source.statements().next().unwrap()).unwrap_err()
    }

    #[test]
    fn errors_name_their_place_and_what_is_near() {
        for (text, at, says) in [
            (
                "SELECT a FORM t",
                (1, 15),
                "mismatched input 't'. Expecting: <EOF>. Is 'FORM' meant to be FROM?",
            ),
            ("SELECT *\nFROM t WHER a = 1", (2, 13), "mismatched input 'a'"),
            ("SELECT a FROM t GROPU BY a", (1, 23), "meant to be GROUP"),
            ("SELECT a FROM", (1, 14), "mismatched input '<EOF>'. Expecting: identifier"),
            ("SELECT FROM t WHERE", (1, 8), "mismatched input 'FROM'. Expecting: an expression"),
            ("SELECT * FROM (SELECT a FROM t WHERE) x", (1, 37), "mismatched input ')'"),
            ("SELECT * FROM (SELECT a FROM (SELECT b c d FROM t)) x", (1, 42), "mismatched input 'd'"),
            ("SELECT * FROM (SELECT 1 FROM t", (1, 31), "mismatched input '<EOF>'. Expecting: )"),
            ("SELECT (a FROM t", (1, 11), "mismatched input 'FROM'. Expecting: )"),
        ] {
            let error = error(text);
            assert_eq!((error.at, error.message.contains(says)), (Some(at), true), "{error}");
        }
    }

    #[test]
    fn nesting_ends() {
        let text = format!("SELECT {}1{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(error(&text).code, ErrorCode::NotSupported);
    }

    #[test]
    fn one_slip_is_a_misspelling() {
        for (word, expected) in [
            ("FORM", Some("FROM")),
            ("WHEER", Some("WHERE")),
            ("SELCT", Some("SELECT")),
            ("GROUPP", Some("GROUP")),
            ("LIMIT", None),
            ("F", None),
            ("", None),
        ] {
            assert_eq!(near_clause(word), expected, "{word}");
        }
    }
}
