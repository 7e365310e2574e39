//! Where operators stand: a query's tree has its operands' places alone.

use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan};

/// The tokens of a statement's text, without whitespace.
#[derive(Debug, Clone, Copy, Default)]
pub struct Places<'a>(pub &'a [TokenWithSpan]);

impl Places<'_> {
    /// Where `operator`, a sign or a keyword, stands after the operand at `operand`; the operand's
    /// own place if it is not found.
    ///
    /// What lies between belongs to the operand: parentheses that close it, the type of a `CAST`.
    pub fn operator(self, operand: Span, operator: &str) -> Span {
        if operand.end.line == 0 {
            return operand;
        }
        let first = self.0.partition_point(|token| token.span.start < operand.end);
        let mut open = 0;
        for token in self.0.get(first..).unwrap_or_default() {
            match &token.token {
                Token::LParen | Token::LBracket => open += 1,
                Token::RParen | Token::RBracket => open -= 1,
                sign if open <= 0 && sign.to_string().eq_ignore_ascii_case(operator) => return token.span,
                _ => {}
            }
        }
        operand
    }

    /// What follows on `part`, and where.
    pub fn following(self, part: Span) -> (Span, String) {
        match self.0.get(self.end_of(part)) {
            Some(token) => (token.span, token.token.to_string()),
            None => (Span::new(part.end, part.end), "<EOF>".to_owned()),
        }
    }

    /// `part` as it is written, with single blanks; empty if its place is not known.
    pub fn text(self, part: Span) -> String {
        let tokens = self.0.get(self.first_of(part)..self.end_of(part)).unwrap_or_default();
        let mut text = String::new();
        let mut end = None;
        for token in tokens {
            if end.is_some_and(|end| end != token.span.start) {
                text.push(' ');
            }
            text.push_str(&token.token.to_string());
            end = Some(token.span.end);
        }
        text
    }

    fn first_of(self, part: Span) -> usize {
        self.0.partition_point(|token| token.span.start < part.start)
    }

    /// Which token is the first that is not `part`'s.
    fn end_of(self, part: Span) -> usize {
        let mut open = 0;
        let mut at = self.first_of(part);
        for token in self.0.get(at..).unwrap_or_default() {
            let inside = token.span.start < part.end;
            match token.token {
                Token::LParen if inside || open > 0 => open += 1,
                // Parentheses that are opened inside belong to it.
                Token::RParen if open > 0 => open -= 1,
                _ if !inside && open == 0 => break,
                _ => {}
            }
            at += 1;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::tokenizer::{Location, Tokenizer};

    use super::*;
    use crate::sql::dialect::AthenaDialect;

    #[test]
    fn an_operator_follows_its_operand() {
        let text = "f(a = 1, b) = CAST(c AS decimal(1, 2)) AND d NOT LIKE e";
        let tokens = Tokenizer::new(&AthenaDialect, text).tokenize_with_location().unwrap();
        let places = Places(&tokens);
        let operand = |from, to| Span::new(Location::new(1, from), Location::new(1, to));
        for (operand, operator, column) in [
            (operand(3, 4), "=", 5),
            // A call's place goes up to its last argument.
            (operand(1, 11), "=", 13),
            (operand(20, 21), "and", 40),
            (operand(44, 45), "NOT", 46),
            (operand(44, 45), "BETWEEN", 44),
        ] {
            assert_eq!(places.operator(operand, operator).start.column, column, "{operator}");
        }
        assert_eq!(places.operator(Span::empty(), "="), Span::empty());
        assert_eq!(places.text(operand(1, 9)), "f(a = 1, b)");
        assert_eq!(places.text(operand(15, 21)), "CAST(c AS decimal(1, 2))");
        assert_eq!(places.text(operand(55, 56)), "e");
        assert_eq!(places.text(Span::empty()), "");
    }
}
