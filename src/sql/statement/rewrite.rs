//! Tokens that mean the same, where the parser does not know what Trino's grammar has.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::cursor::position;
use super::unicode::with_unicode_texts;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::sql::words::{GROUP_DISTINCT, GROUP_DISTINCT_QUOTE, Role, is_word, role, with_trino_keywords};

/// What can follow the rows of `VALUES`.
const AFTER_VALUES: [Keyword; 7] = [
    Keyword::EXCEPT,
    Keyword::FETCH,
    Keyword::INTERSECT,
    Keyword::LIMIT,
    Keyword::OFFSET,
    Keyword::ORDER,
    Keyword::UNION,
];

/// The same tokens for the parser: Trino's keywords alone, rows in parentheses, integers in decimal,
/// and clauses that it knows for those it does not.
///
/// # Errors
/// If a number is none.
pub fn rewritten(tokens: &[TokenWithSpan]) -> Result<Vec<TokenWithSpan>, SqlError> {
    Ok(with_rows(&with_known_clauses(&with_trino_keywords(&with_unicode_texts(&with_integers(tokens)?)?))))
}

/// Integers in decimal, where they are written `0xFF`, `0o17` or `0b11`.
fn with_integers(tokens: &[TokenWithSpan]) -> Result<Vec<TokenWithSpan>, SqlError> {
    let mut found = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        let joined = after.first().filter(|next| next.span.start == token.span.end);
        let joined = joined.and_then(|next| match &next.token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.as_str()),
            _ => None,
        });
        let written = match (&token.token, joined) {
            (Token::HexStringLiteral(digits), joined) if is_integer(token, digits) => {
                Some(format!("0x{digits}{}", joined.unwrap_or_default()))
            }
            (Token::Number(number, false), Some(word)) if !number.contains('.') => {
                Some(format!("{number}{word}"))
            }
            (Token::Number(number, true), joined) => Some(format!("{number}L{}", joined.unwrap_or_default())),
            _ => None,
        };
        let mut token = token.clone();
        rest = after;
        if let Some(written) = written {
            token.token = Token::Number(in_decimal(&written, &token)?, false);
            // The word was its end.
            rest = after.get(usize::from(joined.is_some())..).unwrap_or_default();
        }
        found.push(token);
    }
    Ok(found)
}

/// Whether digits were written `0x1F` and not `X'1F'`, which has one character more around them.
fn is_integer(token: &TokenWithSpan, digits: &str) -> bool {
    let length = token.span.end.column.saturating_sub(token.span.start.column);
    token.span.start.line == token.span.end.line && length == digits.chars().count() as u64 + 2
}

/// The digits of `0xFF`, `0o17` or `0b11`; an error for anything else that a digit begins.
fn in_decimal(written: &str, token: &TokenWithSpan) -> Result<String, SqlError> {
    let refused = |message: String| SqlError::at(ErrorCode::SyntaxError, position(Some(token)), message);
    let radix = match written.get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    let digits = written.get(2..).unwrap_or_default().replace('_', "");
    if radix == 10 || digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        let message = "identifiers must not start with a digit; surround the identifier with double quotes";
        return Err(refused(message.to_owned()));
    }
    let value = i64::from_str_radix(&digits, radix);
    value.map(|value| value.to_string()).map_err(|_| refused(format!("Invalid numeric literal: {written}")))
}

/// `SELECT * FROM t` for `TABLE t`, `TRIM(BOTH x)` for `TRIM(BOTH FROM x)`, and `GROUP BY x` for
/// `GROUP BY ALL x`; what says `DISTINCT` there becomes the first thing to group by, which no name can be.
fn with_known_clauses(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut found = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let (before, after) =
            (tokens.get(..at).unwrap_or_default(), tokens.get(at + 1..).unwrap_or_default());
        let next = after.first().map(|next| &next.token);
        let replaced = match &token.token {
            word if is_word(word, "FROM") && trims_blanks(before) => vec![],
            word if is_word(word, "ALL") && groups(before) && next.is_some_and(begins_group) => vec![],
            word if is_word(word, "DISTINCT") && groups(before) => {
                let marker = Token::make_word(GROUP_DISTINCT, Some(GROUP_DISTINCT_QUOTE));
                vec![marker, Token::Comma]
            }
            word if is_word(word, "TABLE") && matches!(next, Some(Token::Word(_))) => {
                vec![Token::make_keyword("SELECT"), Token::Mul, Token::make_keyword("FROM")]
            }
            other => vec![other.clone()],
        };
        found.extend(replaced.into_iter().map(|word| TokenWithSpan::new(word, token.span)));
    }
    found
}

/// Whether `before` a word is `GROUP BY`.
fn groups(before: &[TokenWithSpan]) -> bool {
    matches!(before, [.., group, by] if is_word(&group.token, "GROUP") && is_word(&by.token, "BY"))
}

/// Whether an element of `GROUP BY` begins with `token`.
fn begins_group(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            let sets = ["CUBE", "GROUPING", "ROLLUP"].iter().any(|sets| is_word(token, sets));
            sets || word.quote_style.is_some() || role(word) != Role::Elsewhere
        }
        Token::LParen | Token::Number(..) | Token::SingleQuotedString(_) => true,
        _ => false,
    }
}

/// Whether `before` a `FROM` is `TRIM(`, or that and a side, without what to trim.
fn trims_blanks(before: &[TokenWithSpan]) -> bool {
    let call = match before {
        [call @ .., side]
            if ["LEADING", "TRAILING", "BOTH"].iter().any(|word| is_word(&side.token, word)) =>
        {
            call
        }
        call => call,
    };
    matches!(call, [.., trim, open] if is_word(&trim.token, "TRIM") && open.token == Token::LParen)
}

/// The same tokens, each item of `VALUES` in parentheses: the parser knows no others, Trino does.
fn with_rows(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut rows = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        rows.push(token.clone());
        rest = after;
        let is_values = matches!(&token.token, Token::Word(word) if word.keyword == Keyword::VALUES);
        if !is_values
            || matches!(after.first().map(|next| &next.token), None | Some(Token::Period | Token::Comma))
        {
            continue;
        }
        loop {
            let (item, after) = rest.split_at(item_length(rest));
            push_row(&mut rows, item);
            rest = after;
            let [comma, after @ ..] = rest else { break };
            if comma.token != Token::Comma {
                break;
            }
            rows.push(comma.clone());
            rest = after;
        }
    }
    rows
}

/// Tokens of an item of `VALUES`: up to a comma, a parenthesis that closes, or a clause.
fn item_length(tokens: &[TokenWithSpan]) -> usize {
    let mut open = 0usize;
    let ends = |token: &TokenWithSpan| {
        match &token.token {
            Token::LParen | Token::LBracket => open += 1,
            Token::RParen | Token::RBracket if open == 0 => return true,
            Token::RParen | Token::RBracket => open -= 1,
            Token::Comma => return open == 0,
            Token::Word(word) => return open == 0 && AFTER_VALUES.contains(&word.keyword),
            _ => {}
        }
        false
    };
    tokens.iter().position(ends).unwrap_or(tokens.len())
}

/// Adds an item of `VALUES`: `(1, 2)` as it is, `ROW(1, 2)` without its word, `1` in parentheses.
fn push_row(rows: &mut Vec<TokenWithSpan>, item: &[TokenWithSpan]) {
    let [first, inner @ ..] = item else { return };
    let is_row = matches!(&first.token, Token::Word(word) if word.keyword == Keyword::ROW);
    if is_row {
        return rows.extend_from_slice(inner);
    }
    // The parenthesis that opens it closes where it ends.
    let enclosed = first.token == Token::LParen && closing(inner) == Some(inner.len() - 1);
    if enclosed {
        return rows.extend_from_slice(item);
    }
    rows.push(TokenWithSpan::new(Token::LParen, first.span));
    rows.extend_from_slice(item);
    rows.push(TokenWithSpan::new(Token::RParen, item.last().unwrap_or(first).span));
}

/// Where the parenthesis is that closes what was opened before `tokens`.
pub fn closing(tokens: &[TokenWithSpan]) -> Option<usize> {
    let mut open = 0usize;
    tokens.iter().position(|token| match token.token {
        Token::LParen => {
            open += 1;
            false
        }
        Token::RParen if open == 0 => true,
        Token::RParen => {
            open -= 1;
            false
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::query::tests::parsed;

    #[test]
    fn rows_need_no_parentheses() {
        for (text, same) in [
            ("VALUES 1, 2", "VALUES (1), (2)"),
            (
                "SELECT * FROM (VALUES f(1, 2), (3) ORDER BY 1) t(a)",
                "SELECT * FROM (VALUES (f(1, 2)), (3) ORDER BY 1) t(a)",
            ),
            ("VALUES ROW(1, 'a'), (1, 'b') LIMIT 1", "VALUES (1, 'a'), (1, 'b') LIMIT 1"),
            ("VALUES (1) + (2)", "VALUES ((1) + (2))"),
        ] {
            assert_eq!(parsed(text).unwrap(), parsed(same).unwrap(), "{text}");
        }
    }

    #[test]
    fn a_table_is_a_query() {
        for (text, same) in [
            ("TABLE a.b", "SELECT * FROM a.b"),
            ("SELECT 1 UNION ALL TABLE t", "SELECT 1 UNION ALL SELECT * FROM t"),
            ("SELECT x IN (TABLE t)", "SELECT x IN (SELECT * FROM t)"),
        ] {
            assert_eq!(parsed(text).unwrap(), parsed(same).unwrap(), "{text}");
        }
    }

    #[test]
    fn groups_have_a_quantifier() {
        for (text, same) in [
            ("SELECT x FROM t GROUP BY ALL x, y", "SELECT x FROM t GROUP BY x, y"),
            ("SELECT x FROM t GROUP BY ALL ROLLUP (x)", "SELECT x FROM t GROUP BY ROLLUP (x)"),
            ("SELECT x FROM t GROUP BY ALL 1", "SELECT x FROM t GROUP BY 1"),
        ] {
            assert_eq!(parsed(text).unwrap(), parsed(same).unwrap(), "{text}");
        }
        // There it is a name.
        for text in ["SELECT 1 FROM t GROUP BY all, x", "SELECT 1 FROM t GROUP BY all ORDER BY 1"] {
            assert!(parsed(text).unwrap().contains("BY all"), "{text}");
        }
        assert!(parsed("SELECT x FROM t GROUP BY DISTINCT x").is_ok());
        for text in ["SELECT x FROM t GROUP BY DISTINCT", "SELECT x FROM t GROUP BY DISTINCT, x"] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn integers_have_four_spellings() {
        for (text, same) in [
            ("SELECT 0x1F, 0XfF AS x, 0b11, 0O1_7", "SELECT 31, 255 AS x, 3, 15"),
            ("SELECT 1_000, 1.5e2, X'1F'", "SELECT 1_000, 1.5e2, X'1F'"),
        ] {
            assert_eq!(parsed(text).unwrap(), parsed(same).unwrap(), "{text}");
        }
        for text in ["SELECT 1abc", "SELECT 1e", "SELECT 0xG", "SELECT 0b12", "SELECT 0x", "SELECT 1L"] {
            let error = parsed(text).unwrap_err();
            assert!(error.at == Some((1, 8)) && error.message.contains("start with a digit"), "{error}");
        }
        assert!(parsed("SELECT 0x8000000000000000").unwrap_err().message.contains("Invalid numeric literal"));
    }
}
