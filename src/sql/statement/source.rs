//! A text cut into tokens and statements.

use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::query::dialect;
use crate::functions::trino::error::{ErrorCode, SqlError};

/// A text and its tokens, without whitespace and comments.
pub struct Source<'a> {
    text: &'a str,
    /// Offset of each line's first byte.
    lines: Vec<usize>,
    tokens: Vec<TokenWithSpan>,
}

impl<'a> Source<'a> {
    /// Cuts `text` into tokens.
    ///
    /// # Errors
    /// If a text, name or comment has no end, or a character begins no token.
    pub fn new(text: &'a str) -> Result<Self, SqlError> {
        let mut tokens = Tokenizer::new(dialect(), text).tokenize_with_location().map_err(|error| {
            let Location { line, column } = error.location;
            SqlError::at(ErrorCode::SyntaxError, (line.max(1), column.max(1)), error.message)
        })?;
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Ok(Self { text, lines: std::iter::once(0).chain(starts).collect(), tokens })
    }

    /// The tokens of each statement; there are none between two semicolons.
    pub fn statements(&self) -> impl Iterator<Item = &[TokenWithSpan]> {
        let statements = self.tokens.split(|token| token.token == Token::SemiColon);
        statements.filter(|tokens| !tokens.is_empty())
    }

    /// What stands in the text where `tokens` do, from the first to the last.
    pub fn text_of(&self, tokens: &[TokenWithSpan]) -> &'a str {
        let span = tokens.first().zip(tokens.last());
        let text = span.and_then(|(first, last)| {
            self.text.get(self.offset(first.span.start)..self.offset(last.span.end))
        });
        text.unwrap_or_default()
    }

    fn offset(&self, Location { line, column }: Location) -> usize {
        let line = usize::try_from(line.saturating_sub(1)).unwrap_or(usize::MAX);
        let Some(&start) = self.lines.get(line) else { return self.text.len() };
        let column = usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
        let rest = self.text.get(start..).unwrap_or_default();
        rest.char_indices().nth(column).map_or(self.text.len(), |(at, _)| start + at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_at_semicolons_outside_texts() {
        let text = "SELECT ';' -- a;b\n FROM é/* ; */ ;;\r\nSHOW TABLES ; ";
        let source = Source::new(text).unwrap();
        let texts: Vec<_> = source.statements().map(|tokens| source.text_of(tokens)).collect();
        assert_eq!(texts, ["SELECT ';' -- a;b\n FROM é", "SHOW TABLES"]);
    }

    #[test]
    fn what_has_no_end_is_an_error_with_its_place() {
        for (text, at) in [("SELECT 'a", (1, 8)), ("SELECT 1\n  \"a", (2, 3)), ("/* a", (1, 5))] {
            let error = Source::new(text).err().unwrap();
            assert_eq!(error.at, Some(at), "{error}");
        }
    }
}
