//! Which words are names, and which have a meaning: Trino's, where the parser has those of all dialects.
//!
//! Source: Trino's grammar (`SqlBase.g4`), its documentation's "Reserved keywords", and Athena's
//! "Reserved keywords to escape in SQL SELECT statements".

mod lists;

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use lists::{CALLED, MEANINGFUL, OF_JSON, RESERVED, VALUES};

/// What stands first in `GROUP BY` where that says `DISTINCT`: in backticks, which no name of a query is.
pub const GROUP_DISTINCT: &str = "distinct";
/// The quotes of [`GROUP_DISTINCT`].
pub const GROUP_DISTINCT_QUOTE: char = '`';

/// What a word is in the place of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A name, or a word that the parser finds the meaning of.
    Name,
    /// A reserved word that is a value: `NULL`, `CURRENT_DATE`.
    Value,
    /// A reserved word that a parenthesis has to follow: `CAST`, `TRIM`.
    Called,
    /// `CASE` and `NOT`.
    Prefix,
    /// A reserved word that begins no expression: `FROM`.
    Elsewhere,
}

/// Whether `token` is a word that has to be quoted to be a name, and is not.
pub fn is_reserved(token: &Token) -> bool {
    bare(token).is_some_and(|word| listed(&RESERVED, word))
}

/// What a word is where an expression begins.
pub fn role(word: &Word) -> Role {
    let word = &word.value;
    match () {
        () if !listed(&RESERVED, word) => Role::Name,
        () if listed(&VALUES, word) => Role::Value,
        () if listed(&CALLED, word) => Role::Called,
        () if ["CASE", "NOT"].iter().any(|prefix| prefix.eq_ignore_ascii_case(word)) => Role::Prefix,
        () => Role::Elsewhere,
    }
}

/// The same tokens, keywords only where Trino's grammar has one: all other words are names.
pub fn with_trino_keywords(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut around = vec![];
    let mut before = None;
    let mut found = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let place = Place { before, after: tokens.get(at + 1..).unwrap_or_default(), around: &around };
        let mut token = token.clone();
        if let Token::Word(word) = &mut token.token
            && !place.is_keyword(word)
        {
            word.keyword = Keyword::NoKeyword;
        }
        match token.token {
            // What a parenthesis belongs to is the word before it.
            Token::LParen => around.push(before),
            Token::RParen => {
                around.pop();
            }
            _ => {}
        }
        found.push(token);
        before = tokens.get(at).map(|token| &token.token);
    }
    found
}

/// Where a word stands.
struct Place<'a> {
    before: Option<&'a Token>,
    after: &'a [TokenWithSpan],
    /// The words before the parentheses that are open.
    around: &'a [Option<&'a Token>],
}

impl Place<'_> {
    /// Whether a word has a meaning here, rather than being a name.
    fn is_keyword(&self, word: &Word) -> bool {
        if word.quote_style.is_some() {
            return false;
        }
        let next = self.next();
        match word.keyword {
            // These are aliases where their clause does not follow: `FROM t limit`.
            Keyword::LIMIT => self.is_followed_by_count() || self.is_followed_by(&["ALL"]),
            Keyword::OFFSET => self.is_followed_by_count(),
            Keyword::FETCH => self.is_followed_by(&["FIRST", "NEXT"]),
            Keyword::TABLESAMPLE => self.is_followed_by(&["BERNOULLI", "SYSTEM"]),
            Keyword::PARTITION => self.is_followed_by(&["BY"]),
            Keyword::WINDOW => self.after.get(1).is_some_and(|token| is_word(&token.token, "AS")),
            Keyword::ARRAY => next == Some(&Token::LBracket),
            Keyword::ANY | Keyword::LATERAL | Keyword::SOME => next == Some(&Token::LParen),
            Keyword::ALL => self.is_quantifier(),
            Keyword::INTERVAL => match next {
                Some(Token::Plus | Token::Minus) => {
                    self.after.get(1).is_some_and(|token| matches!(token.token, Token::SingleQuotedString(_)))
                }
                next => matches!(next, Some(Token::SingleQuotedString(_))),
            },
            // `SUBSTRING(x FROM 2 FOR 3)`, and no `FOR UPDATE`.
            Keyword::FOR => {
                self.around.last().is_some_and(|call| call.is_some_and(|call| is_word(call, "SUBSTRING")))
            }
            // There are no hints: `WITH (NOLOCK)`.
            Keyword::WITH => next != Some(&Token::LParen),
            _ => {
                let lists: [&[&str]; 2] = [&MEANINGFUL, &RESERVED];
                lists.iter().any(|list| listed(list, &word.value))
                    || self.is_in_json_function() && listed(&OF_JSON, &word.value)
            }
        }
    }

    /// Whether this is an argument of a function of SQL/JSON, `JSON_OBJECT(KEY 'a' VALUE 1)`.
    fn is_in_json_function(&self) -> bool {
        let call = self.around.last().copied().flatten().and_then(bare);
        call.is_some_and(|call| listed(&CALLED, call) && call.to_ascii_uppercase().starts_with("JSON_"))
    }

    fn is_followed_by(&self, words: &[&str]) -> bool {
        self.next().is_some_and(|next| words.iter().any(|word| is_word(next, word)))
    }

    /// Whether a number of rows follows, or what stands for one.
    fn is_followed_by_count(&self) -> bool {
        matches!(self.next(), Some(Token::Number(..) | Token::Placeholder(_)))
    }

    fn next(&self) -> Option<&Token> {
        self.after.first().map(|token| &token.token)
    }

    /// Whether `ALL` says how many, rather than being a column: `SELECT ALL x`, `UNION ALL`, `> ALL (…)`.
    fn is_quantifier(&self) -> bool {
        let after =
            |words: &[&str]| self.before.is_some_and(|before| words.iter().any(|word| is_word(before, word)));
        if after(&["UNION", "INTERSECT", "EXCEPT", "LIMIT"]) {
            return true;
        }
        match self.next() {
            Some(Token::LParen | Token::Number(..) | Token::SingleQuotedString(_)) => true,
            Some(Token::Mul) => after(&["SELECT"]),
            Some(token @ Token::Word(word)) => !is_reserved(token) || role(word) != Role::Elsewhere,
            _ => false,
        }
    }
}

/// Whether `token` is this word, unquoted, in any case.
pub fn is_word(token: &Token, word: &str) -> bool {
    bare(token).is_some_and(|bare| bare.eq_ignore_ascii_case(word))
}

fn bare(token: &Token) -> Option<&str> {
    match token {
        Token::Word(Word { value, quote_style: None, .. }) => Some(value),
        _ => None,
    }
}

fn listed(words: &[&str], word: &str) -> bool {
    words.binary_search(&word.to_ascii_uppercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::tokenizer::Tokenizer;

    use super::*;
    use crate::sql::dialect::AthenaDialect;

    /// The words of `text` that stay keywords.
    fn keywords(text: &str) -> String {
        let mut tokens = Tokenizer::new(&AthenaDialect, text).tokenize_with_location().unwrap();
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        let tokens = with_trino_keywords(&tokens);
        let keywords = tokens.iter().filter_map(|token| match &token.token {
            Token::Word(word) if word.keyword != Keyword::NoKeyword => Some(word.value.as_str()),
            _ => None,
        });
        keywords.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lists_are_sorted() {
        for list in [&RESERVED[..], &VALUES, &CALLED, &MEANINGFUL, &OF_JSON] {
            assert!(list.is_sorted(), "{list:?}");
        }
        assert!(VALUES.iter().chain(&CALLED).all(|word| listed(&RESERVED, word)));
        assert!(!MEANINGFUL.iter().any(|word| listed(&RESERVED, word)));
    }

    #[test]
    fn words_of_other_dialects_are_names() {
        assert_eq!(keywords("SELECT top, user, qualify FROM view"), "SELECT FROM");
        let json = "SELECT value, json_object(KEY 'a' VALUE f(key) ABSENT ON NULL)";
        assert_eq!(keywords(json), "SELECT KEY VALUE ABSENT ON NULL");
        assert_eq!(keywords("SELECT x AS \"order\" FROM t WITH (NOLOCK)"), "SELECT AS FROM");
        assert_eq!(
            keywords("SELECT substring(x FROM 1 FOR 2) FROM t FOR UPDATE"),
            "SELECT substring FROM FOR FROM"
        );
    }

    #[test]
    fn some_words_are_names_by_what_follows() {
        assert_eq!(keywords("SELECT all, any || some FROM t"), "SELECT FROM");
        assert_eq!(
            keywords("SELECT ALL x UNION ALL (SELECT 1) LIMIT ALL"),
            "SELECT ALL UNION ALL SELECT LIMIT ALL"
        );
        assert_eq!(keywords("x > ALL (SELECT 1) OR x = any (SELECT 1)"), "ALL SELECT OR any SELECT");
        assert_eq!(keywords("count(all x) > count(all)"), "count all count");
        assert_eq!(keywords("SELECT 1 limit FROM t offset LIMIT 1"), "SELECT FROM LIMIT");
        assert_eq!(keywords("interval < INTERVAL - '1' DAY"), "INTERVAL DAY");
    }
}
