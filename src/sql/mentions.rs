//! The words of a statement's text.

use std::collections::BTreeSet;

use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::dialect::AthenaDialect;

/// What a statement's text mentions.
pub struct Words {
    /// In lower case.
    pub identifiers: BTreeSet<String>,
    /// Where each `?` stands, in order.
    pub placeholders: Vec<Location>,
    /// All that the text is made of, but whitespace.
    pub tokens: Vec<TokenWithSpan>,
}

impl Words {
    /// What `text`, which can be cut into tokens, mentions.
    pub fn of(text: &str) -> Self {
        let mut words = Self { identifiers: BTreeSet::new(), placeholders: vec![], tokens: vec![] };
        // It was cut into tokens before, or there would be no statement.
        let tokens = Tokenizer::new(&AthenaDialect, text).tokenize_with_location().unwrap_or_default();
        let tokens: Vec<_> =
            tokens.into_iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
        let next = tokens.iter().skip(1).map(|token| Some(&token.token)).chain([None]);
        for (token, next) in tokens.iter().zip(next) {
            match &token.token {
                // `year(…)` is a function's name, and no column's.
                Token::Word(word) if next != Some(&Token::LParen) => {
                    words.identifiers.insert(word.value.to_lowercase());
                }
                Token::Placeholder(name) if name == "?" => words.placeholders.push(token.span.start),
                _ => {}
            }
        }
        words.tokens = tokens;
        words
    }
}
