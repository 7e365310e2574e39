//! Reads what filters ask.

use super::super::token::Token;
use super::super::{Comparison, Predicate};
use super::{Reader, Result};

impl Reader<'_> {
    /// `a || b`
    pub(super) fn any(&mut self) -> Result<Predicate> {
        let mut terms = vec![self.all()?];
        while self.take("||") {
            terms.push(self.all()?);
        }
        Ok(one_or(terms, Predicate::Any))
    }

    /// `a && b`
    fn all(&mut self) -> Result<Predicate> {
        let mut terms = vec![self.term()?];
        while self.take("&&") {
            terms.push(self.term()?);
        }
        Ok(one_or(terms, Predicate::All))
    }

    fn term(&mut self) -> Result<Predicate> {
        if self.take("!") {
            let inner = match self.delimited()? {
                Some(inner) => inner,
                None => return Err(self.mismatched("'(', 'exists'")),
            };
            return Ok(Predicate::Not(Box::new(inner)));
        }
        if let Some(inner) = self.delimited()? {
            if !self.take_word("is") {
                return Ok(inner);
            }
            return match self.take_word("unknown") {
                true => Ok(Predicate::IsUnknown(Box::new(inner))),
                false => Err(self.mismatched("'unknown'")),
            };
        }
        self.comparison()
    }

    /// `exists(…)`, or a predicate in parentheses; `None` if a path begins here, as in `(@.a + 1) > 2`.
    fn delimited(&mut self) -> Result<Option<Predicate>> {
        if self.take_word("exists") {
            self.expect("(")?;
            let path = self.deeper(Self::sum)?;
            self.expect(")")?;
            return Ok(Some(Predicate::Exists(path)));
        }
        if !matches!(self.token(), Token::Sign("(")) || !self.encloses_predicate() {
            return Ok(None);
        }
        self.step();
        let inner = self.deeper(Self::any)?;
        self.expect(")")?;
        Ok(Some(inner))
    }

    /// Whether what the parenthesis here opens has something that only predicates have, outside
    /// further filters.
    fn encloses_predicate(&self) -> bool {
        let (mut open, mut filters) = (0usize, vec![]);
        let mut before = &Token::End;
        for (token, _) in self.tokens {
            match token {
                Token::Sign("(") => {
                    if *before == Token::Sign("?") {
                        filters.push(open);
                    }
                    open += 1;
                }
                Token::Sign(")") => {
                    open = open.saturating_sub(1);
                    if filters.last() == Some(&open) {
                        filters.pop();
                    }
                    if open == 0 {
                        return false;
                    }
                }
                Token::Sign("==" | "<>" | "!=" | "<" | ">" | "<=" | ">=" | "&&" | "||" | "!")
                    if filters.is_empty() =>
                {
                    return true;
                }
                Token::Name(word) if filters.is_empty() && *before != Token::Sign(".") => {
                    if matches!(word.as_str(), "exists" | "starts" | "is" | "like_regex") {
                        return true;
                    }
                }
                _ => {}
            }
            before = token;
        }
        false
    }

    fn comparison(&mut self) -> Result<Predicate> {
        let left = self.sum()?;
        let comparison = match self.token() {
            Token::Sign("==") => Comparison::Equal,
            Token::Sign("<>" | "!=") => Comparison::NotEqual,
            Token::Sign("<") => Comparison::Less,
            Token::Sign(">") => Comparison::Greater,
            Token::Sign("<=") => Comparison::AtMost,
            Token::Sign(">=") => Comparison::AtLeast,
            Token::Name(word) if word == "starts" => {
                self.step();
                return match self.take_word("with") {
                    true => Ok(Predicate::StartsWith(left, self.primary()?)),
                    false => Err(self.mismatched("'with'")),
                };
            }
            Token::Name(word) if word == "like_regex" => {
                return Err(self.fault("like_regex predicate is not supported"));
            }
            _ => return Err(self.mismatched("a comparison")),
        };
        self.step();
        Ok(Predicate::Compare(comparison, left, self.sum()?))
    }
}

/// The one of several, or all of them together.
fn one_or(mut terms: Vec<Predicate>, together: fn(Vec<Predicate>) -> Predicate) -> Predicate {
    match (terms.len(), terms.pop()) {
        (1, Some(one)) => one,
        (_, last) => {
            terms.extend(last);
            together(terms)
        }
    }
}
