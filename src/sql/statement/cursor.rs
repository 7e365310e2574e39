//! Reads a statement's tokens one after another.

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use super::Name;
use super::source::Source;
use crate::functions::trino::error::{ErrorCode, SqlError};

/// Where `token` begins; the very beginning if there is none.
pub fn position(token: Option<&TokenWithSpan>) -> (u64, u64) {
    token.map_or((1, 1), |token| (token.span.start.line.max(1), token.span.start.column.max(1)))
}

/// Where the last of `tokens` ends.
pub fn end(tokens: &[TokenWithSpan]) -> (u64, u64) {
    tokens.last().map_or((1, 1), |token| (token.span.end.line.max(1), token.span.end.column.max(1)))
}

/// A token as a message shows it.
pub fn shown(token: &Token) -> String {
    match token {
        Token::EOF => "<EOF>".to_owned(),
        other => other.to_string(),
    }
}

/// A place in a statement's tokens.
#[derive(Clone)]
pub struct Cursor<'a> {
    source: &'a Source<'a>,
    tokens: &'a [TokenWithSpan],
    at: usize,
    /// The first half of a `>>`, which ends two types, was read.
    halved: bool,
}

impl<'a> Cursor<'a> {
    /// Before the first of `tokens`.
    pub fn new(source: &'a Source<'a>, tokens: &'a [TokenWithSpan]) -> Self {
        Self { source, tokens, at: 0, halved: false }
    }

    /// The next token; [`Token::EOF`] at the end.
    pub fn peek(&self) -> &'a Token {
        match self.rest().first() {
            Some(_) if self.halved => &Token::Gt,
            Some(token) => &token.token,
            None => &Token::EOF,
        }
    }

    /// The tokens that follow.
    pub fn rest(&self) -> &'a [TokenWithSpan] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    /// The text of the tokens that follow.
    pub fn rest_text(&self) -> &'a str {
        self.source.text_of(self.rest())
    }

    /// Passes over the next token.
    pub fn advance(&mut self) {
        self.halved = false;
        self.at = (self.at + 1).min(self.tokens.len());
    }

    /// Where the next token begins.
    pub fn position(&self) -> (u64, u64) {
        self.rest().first().map_or_else(|| end(self.tokens), |token| position(Some(token)))
    }

    /// A syntax error at the next token, which should be something else.
    pub fn mismatch(&self, expected: &str) -> SqlError {
        let found = shown(self.peek());
        self.error(ErrorCode::SyntaxError, format!("mismatched input '{found}'. Expecting: {expected}"))
    }

    /// An error at the next token.
    pub fn error(&self, code: ErrorCode, message: impl Into<String>) -> SqlError {
        SqlError::at(code, self.position(), message)
    }

    /// Whether the next token is this keyword.
    pub fn is_keyword(&self, keyword: &str) -> bool {
        is_keyword(self.peek(), keyword)
    }

    /// Passes over `keywords` if they come next, all of them.
    pub fn accept(&mut self, keywords: &[&str]) -> bool {
        let rest = self.rest();
        let found = !self.halved
            && rest.len() >= keywords.len()
            && rest.iter().zip(keywords).all(|(token, keyword)| is_keyword(&token.token, keyword));
        if found {
            self.at += keywords.len();
        }
        found
    }

    /// Passes over `keywords`.
    pub fn expect(&mut self, keywords: &[&str]) -> Result<(), SqlError> {
        for keyword in keywords {
            if !self.accept(&[keyword]) {
                return Err(self.mismatch(&format!("'{keyword}'")));
            }
        }
        Ok(())
    }

    /// Passes over `token` if it comes next.
    pub fn accept_token(&mut self, token: &Token) -> bool {
        if *token == Token::Gt && !self.halved && *self.peek() == Token::ShiftRight {
            self.halved = true;
            return true;
        }
        let found = self.peek() == token;
        if found {
            self.advance();
        }
        found
    }

    /// Passes over `token`.
    pub fn expect_token(&mut self, token: &Token) -> Result<(), SqlError> {
        if self.accept_token(token) { Ok(()) } else { Err(self.mismatch(&format!("'{token}'"))) }
    }

    /// Items between parentheses, separated by commas; at least one.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, SqlError>,
    ) -> Result<Vec<T>, SqlError> {
        self.expect_token(&Token::LParen)?;
        let mut items = vec![item(self)?];
        while self.accept_token(&Token::Comma) {
            items.push(item(self)?);
        }
        self.expect_token(&Token::RParen)?;
        Ok(items)
    }

    /// A name, quoted or not, as it is written.
    pub fn identifier(&mut self) -> Result<&'a str, SqlError> {
        match self.peek() {
            Token::Word(word) if !word.value.is_empty() => {
                self.advance();
                Ok(&word.value)
            }
            _ => Err(self.mismatch("identifier")),
        }
    }

    /// A name in lower case, as Athena keeps all of them.
    pub fn lower(&mut self) -> Result<String, SqlError> {
        Ok(self.identifier()?.to_lowercase())
    }

    /// `[[catalog.]database.]name`; a catalog is passed over.
    pub fn name(&mut self) -> Result<Name, SqlError> {
        let mut parts = vec![self.lower()?];
        while parts.len() < 3 && self.accept_token(&Token::Period) {
            parts.push(self.lower()?);
        }
        let name = parts.pop().unwrap_or_default();
        Ok(Name { database: parts.pop(), name })
    }

    /// A text in single quotes, or in double quotes, as Hive has them as well.
    pub fn text(&mut self) -> Result<String, SqlError> {
        let text = match self.peek() {
            Token::SingleQuotedString(text) => text,
            Token::Word(Word { value, quote_style: Some('"'), .. }) => value,
            _ => return Err(self.mismatch("string")),
        };
        self.advance();
        Ok(text.clone())
    }

    /// `IF EXISTS`
    pub fn if_exists(&mut self) -> bool {
        self.accept(&["IF", "EXISTS"])
    }

    /// `IF NOT EXISTS`
    pub fn if_not_exists(&mut self) -> bool {
        self.accept(&["IF", "NOT", "EXISTS"])
    }

    /// The tokens inside the parentheses that open next, which are passed over.
    pub fn parenthesized(&mut self) -> Result<&'a [TokenWithSpan], SqlError> {
        self.expect_token(&Token::LParen)?;
        let rest = self.rest();
        let mut depth = 1_usize;
        for (at, token) in rest.iter().enumerate() {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.at += at + 1;
                return Ok(rest.get(..at).unwrap_or_default());
            }
        }
        self.at = self.tokens.len();
        Err(self.mismatch("')'"))
    }

    /// That the statement ends here.
    pub fn finish(&self) -> Result<(), SqlError> {
        if *self.peek() == Token::EOF { Ok(()) } else { Err(self.mismatch("<EOF>")) }
    }

    /// All that follows, which is passed over.
    pub fn take_rest(&mut self) -> &'a [TokenWithSpan] {
        let rest = self.rest();
        self.at = self.tokens.len();
        rest
    }
}

/// Whether `token` is this word, unquoted, in any case.
pub fn is_keyword(token: &Token, keyword: &str) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(keyword))
}
