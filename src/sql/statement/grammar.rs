//! What Trino's grammar has no place for, though the parser takes it.
//!
//! The parser knows many dialects: any word and any text is a name for it after `AS`, and `OFFSET` may
//! follow `LIMIT`. Rules here look at a token and those beside it.
//!
//! Source: Trino's grammar (`SqlBase.g4`); the rules are named after it.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use crate::sql::words::{Role, is_reserved, is_word, role};

/// A name, in messages.
pub const IDENTIFIER: &str = "<identifier>";
const RELATION: &str = "'(', 'LATERAL', 'TABLE', 'UNNEST', <identifier>";
const INTERVAL_FIELD: &str = "'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'";

/// Functions whose arguments `FROM` parts.
const PARTED_BY_FROM: [&str; 3] = ["EXTRACT", "SUBSTRING", "TRIM"];

/// Clauses that end the relations of a `FROM`.
const AFTER_FROM: [&str; 8] = ["EXCEPT", "GROUP", "HAVING", "INTERSECT", "ORDER", "SELECT", "UNION", "WHERE"];

/// The first token that is misplaced, by its position (that of the end, if something is missing
/// there), and what belongs there.
pub fn misplaced(tokens: &[TokenWithSpan]) -> Option<(usize, &'static str)> {
    let mut levels = vec![Level::default()];
    (0..=tokens.len()).find_map(|at| {
        let here = Here { tokens, at };
        let found = here.relation(levels.last()?).or_else(|| here.misplaced());
        here.follow(&mut levels);
        found.map(|expected| (at, expected))
    })
}

/// What is known inside a pair of parentheses.
#[derive(Default)]
struct Level {
    /// Relations are being listed.
    from: bool,
    /// They are those of `TRIM` or its like.
    parted: bool,
}

/// A place in a query.
struct Here<'a> {
    tokens: &'a [TokenWithSpan],
    at: usize,
}

impl Here<'_> {
    fn token(&self) -> &Token {
        self.after(0)
    }

    /// The token so many places on; [`Token::EOF`] behind the last.
    fn after(&self, places: usize) -> &Token {
        self.tokens.get(self.at + places).map_or(&Token::EOF, |token| &token.token)
    }

    /// The token so many places back; [`Token::EOF`] before the first.
    fn before(&self, places: usize) -> &Token {
        let token = self.at.checked_sub(places).and_then(|at| self.tokens.get(at));
        token.map_or(&Token::EOF, |token| &token.token)
    }

    fn misplaced(&self) -> Option<&'static str> {
        if *self.token() == Token::DoubleEq {
            return Some("'='");
        }
        self.identifier()
            .or_else(|| self.literal())
            .or_else(|| self.row_count())
            .or_else(|| self.interval_field())
            .or_else(|| self.predicate())
            .or_else(|| self.sort_or_group())
    }

    /// `sampledRelation (',' sampledRelation)*`
    fn relation(&self, level: &Level) -> Option<&'static str> {
        let token = self.token();
        let before = self.before(1);
        let listed = level.from && (*before == Token::Comma || is_word(before, "FROM"));
        let begins = listed || is_word(before, "JOIN");
        let relation = ["JSON_TABLE", "TABLE", "UNNEST"].iter().any(|word| is_word(token, word));
        (begins && !relation && is_no_name(token)).then_some(RELATION)
    }

    /// Where only a name can stand.
    fn identifier(&self) -> Option<&'static str> {
        let (before, token, next) = (self.before(1), self.token(), self.after(1));
        if !is_no_name(token) {
            return None;
        }
        let after_name = is_word(before, "AS") || *before == Token::Period;
        let reserved = is_reserved(token);
        let alone = matches!(before, Token::LParen | Token::Comma)
            && matches!(next, Token::Comma | Token::RParen)
            && !is_value(token);
        let named_query = is_word(before, "WITH") && !is_word(token, "RECURSIVE")
            || is_word(before, "RECURSIVE")
            || is_word(next, "AS") && *self.after(2) == Token::LParen && !is_word(token, "END");
        let parameter = *next == Token::Arrow;
        (after_name || reserved && (alone || named_query || parameter)).then_some(IDENTIFIER)
    }

    /// A text is no alias, and a query has no casts but `CAST`.
    fn literal(&self) -> Option<&'static str> {
        let text = matches!(self.token(), Token::SingleQuotedString(_));
        let before = self.before(1);
        // After a word that is not quoted it makes a literal of the type that the word names.
        let named = matches!(before, Token::Word(word) if word.quote_style.is_none())
            && !is_value(before)
            && !is_word(before, "END");
        let beside = text && ends_operand(before) && !named;
        (beside || *self.token() == Token::DoubleColon).then_some("<EOF>")
    }

    /// `OFFSET` comes before `LIMIT`.
    fn row_count(&self) -> Option<&'static str> {
        (is_word(self.token(), "OFFSET") && is_word(self.before(2), "LIMIT")).then_some("<EOF>")
    }

    /// `INTERVAL sign? string intervalField (TO intervalField)?`
    fn interval_field(&self) -> Option<&'static str> {
        if is_word(self.before(1), "INTERVAL") && matches!(self.token(), Token::Number(..)) {
            return Some("an interval in quotes, as in INTERVAL '7' DAY");
        }
        let text = |places| matches!(self.before(places), Token::SingleQuotedString(_));
        let signed = matches!(self.before(2), Token::Plus | Token::Minus);
        let interval = self.before(if signed { 3 } else { 2 });
        let from = text(1) && is_word(interval, "INTERVAL");
        let to = is_word(self.before(1), "TO") && is_interval_field(self.before(2)) && text(3);
        ((from || to) && !is_interval_field(self.token())).then_some(INTERVAL_FIELD)
    }

    /// `x NOT NULL` lacks an `IS`.
    fn predicate(&self) -> Option<&'static str> {
        let negated = is_word(self.before(1), "NOT") && ends_operand(self.before(2));
        (negated && is_word(self.token(), "NULL")).then_some("'BETWEEN', 'IN', 'LIKE'")
    }

    /// `GROUP BY`, `ORDER BY`
    fn sort_or_group(&self) -> Option<&'static str> {
        let clause = ["GROUP", "ORDER"].iter().any(|word| is_word(self.before(1), word));
        let clause = clause && ends_operand(self.before(2)) && !is_word(self.before(2), "WITHIN");
        (clause && !is_word(self.token(), "BY")).then_some("'BY'")
    }

    /// Goes into what this token opens, or out of what it closes.
    fn follow(&self, levels: &mut Vec<Level>) {
        let token = self.token();
        match token {
            Token::LParen => {
                let parted = PARTED_BY_FROM.iter().any(|word| is_word(self.before(1), word));
                levels.push(Level { from: false, parted });
            }
            // One that closes nothing is for the parser to find.
            Token::RParen if levels.len() > 1 => {
                levels.pop();
            }
            _ => {
                let Some(level) = levels.last_mut() else { return };
                if is_word(token, "FROM") {
                    // `x IS DISTINCT FROM y` has no relations.
                    level.from |= !level.parted && !is_word(self.before(1), "DISTINCT");
                } else if AFTER_FROM.iter().any(|word| is_word(token, word)) {
                    level.from = false;
                }
            }
        }
    }
}

/// Whether `token` is a text, or a word that has to be quoted to be a name.
fn is_no_name(token: &Token) -> bool {
    matches!(token, Token::SingleQuotedString(_)) || is_reserved(token)
}

/// Whether `token` is a reserved word that is a value: `NULL`.
fn is_value(token: &Token) -> bool {
    is_reserved(token) && matches!(token, Token::Word(word) if role(word) == Role::Value)
}

/// Whether an expression can end with `token`.
fn ends_operand(token: &Token) -> bool {
    match token {
        Token::Word(_) => !is_reserved(token) || is_value(token) || is_word(token, "END"),
        Token::SingleQuotedString(_) | Token::Number(..) | Token::RParen | Token::RBracket => true,
        _ => false,
    }
}

fn is_interval_field(token: &Token) -> bool {
    ["DAY", "HOUR", "MINUTE", "MONTH", "SECOND", "YEAR"].iter().any(|field| is_word(token, field))
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::tokenizer::Tokenizer;

    use super::*;
    use crate::sql::dialect::AthenaDialect;

    /// The token that is misplaced, and what belongs there.
    fn found(text: &str) -> Option<(String, &'static str)> {
        let mut tokens = Tokenizer::new(&AthenaDialect, text).tokenize_with_location().unwrap();
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        let (at, expected) = misplaced(&tokens)?;
        Some((tokens.get(at).map_or_else(String::new, |token| token.token.to_string()), expected))
    }

    #[test]
    fn names_are_no_reserved_words_and_no_texts() {
        for (text, token) in [
            ("SELECT 1 AS order", "order"),
            ("SELECT x.from", "from"),
            ("SELECT 1 AS 'x'", "'x'"),
            ("WITH order AS (SELECT 1) SELECT 2", "order"),
            ("WITH a AS (SELECT 1), group AS (SELECT 1) SELECT 2", "group"),
            ("WITH when (a) AS (SELECT 1) SELECT 2", "when"),
            ("SELECT 1 FROM (VALUES 1) t(end)", "end"),
            ("SELECT filter(x, order -> true)", "order"),
            ("SELECT x OVER w FROM t WINDOW order AS (PARTITION BY y)", "order"),
        ] {
            assert_eq!(found(text), Some((token.to_owned(), IDENTIFIER)), "{text}");
        }
        for text in ["SELECT 'a' 'b'", "SELECT (1) 'b'", "SELECT NULL 'b'", "SELECT \"a\" 'b'"] {
            assert_eq!(found(text), Some(("'b'".to_owned(), "<EOF>")), "{text}");
        }
    }

    #[test]
    fn relations_are_no_texts() {
        for (text, token) in [
            ("SELECT 1 FROM group", "group"),
            ("SELECT 1 FROM 't'", "'t'"),
            ("SELECT 1 FROM a JOIN b ON a.x = b.x, 't'", "'t'"),
            ("SELECT 1 FROM a JOIN 't' ON true", "'t'"),
        ] {
            assert_eq!(found(text), Some((token.to_owned(), RELATION)), "{text}");
        }
    }

    #[test]
    fn clauses_stand_as_in_the_grammar() {
        for (text, token) in [
            ("SELECT 1 LIMIT 1 OFFSET 1", "OFFSET"),
            ("SELECT INTERVAL '7' days", "days"),
            ("SELECT INTERVAL -'1' week", "week"),
            ("SELECT INTERVAL '1-2' YEAR TO months", "months"),
            ("SELECT INTERVAL '7'", ""),
            ("SELECT INTERVAL 7 DAY", "7"),
            ("SELECT x NOT NULL", "NULL"),
            ("SELECT x FROM t GROUP x", "x"),
            ("SELECT x FROM t ORDER", ""),
            ("SELECT x::varchar", "::"),
            ("SELECT x == 1", "=="),
        ] {
            assert_eq!(found(text).map(|(found, _)| found).as_deref(), Some(token), "{text}");
        }
    }

    #[test]
    fn what_the_grammar_has_is_no_fault() {
        for text in [
            "SELECT trim(LEADING FROM 'x'), extract(DAY FROM 'x'), x IS DISTINCT FROM 'x'",
            "SELECT DATE '2020-01-01', DATE '2020-01-01', x LIKE 'a' ESCAPE 'b', 'x' \"y\"",
            "SELECT coalesce(NULL, current_date, TRUE), CASE WHEN x THEN 'a' ELSE 'b' END, x AS \"order\"",
            "SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM UNNEST(y) AS t(x), LATERAL (SELECT 1)",
            "WITH RECURSIVE a AS (SELECT 1) SELECT sum(x) OVER (ORDER BY y) FROM a, b OFFSET 1 LIMIT 2",
            "SELECT INTERVAL '1' DAY, INTERVAL + '1-2' YEAR TO MONTH, NOT NULL, x IS NOT NULL",
            "SELECT first AS last, all, interval, x.user FROM top, limit GROUP BY 1 HAVING 'a' < 'b'",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
