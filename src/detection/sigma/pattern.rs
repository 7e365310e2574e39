//! Sigma's texts: `*` and `?` are wildcards, and a backslash before one of them, or before another
//! backslash, makes it a plain character.

/// A text with wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Plain(String),
    /// `*`
    Any,
    /// `?`
    One,
}

impl Pattern {
    /// Reads a text as rules write it.
    pub fn parse(text: &str) -> Self {
        let mut pattern = Self(vec![]);
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '\\' => pattern.push(rest.next_if(|next| "*?\\".contains(*next)).unwrap_or('\\')),
                '*' => pattern.0.push(Piece::Any),
                '?' => pattern.0.push(Piece::One),
                plain => pattern.push(plain),
            }
        }
        pattern
    }

    /// A text without wildcards, whatever characters it has.
    pub fn plain(text: impl Into<String>) -> Self {
        Self(vec![Piece::Plain(text.into())])
    }

    /// The text, if there is no wildcard in it.
    pub fn as_plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Plain(text)] => Some(text),
            _ => None,
        }
    }

    /// With anything before it.
    pub fn after_any(mut self) -> Self {
        if self.0.first() != Some(&Piece::Any) {
            self.0.insert(0, Piece::Any);
        }
        self
    }

    /// With anything after it.
    pub fn before_any(mut self) -> Self {
        if self.0.last() != Some(&Piece::Any) {
            self.0.push(Piece::Any);
        }
        self
    }

    /// With its plain parts changed.
    pub fn map(self, mut change: impl FnMut(String) -> String) -> Self {
        let pieces = self.0.into_iter().map(|piece| match piece {
            Piece::Plain(text) => Piece::Plain(change(text)),
            wildcard => wildcard,
        });
        Self(pieces.collect())
    }

    /// As rules write it.
    pub fn text(&self) -> String {
        self.written("*", "?", "*?\\")
    }

    /// The same for SQL's `LIKE`.
    pub fn like(&self) -> String {
        self.written("%", "_", "%_\\")
    }

    /// With these wildcards, and a backslash before each of the `special` characters.
    fn written(&self, any: &str, one: &str, special: &str) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Any => text.push_str(any),
                Piece::One => text.push_str(one),
                Piece::Plain(plain) => {
                    for c in plain.chars() {
                        text.extend(special.contains(c).then_some('\\'));
                        text.push(c);
                    }
                }
            }
        }
        text
    }

    fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Piece::Plain(text)) => text.push(c),
            _ => self.0.push(Piece::Plain(c.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_and_escapes() {
        for (text, like) in [
            ("plain", "plain"),
            ("a*b?c", "a%b_c"),
            (r"\*\?", "*?"),
            (r"a\b", r"a\\b"),
            (r"a\\b", r"a\\b"),
            (r"a\\*", r"a\\%"),
            (r"a\\\*", r"a\\*"),
            (r"\\\\", r"\\\\"),
            (r"end\", r"end\\"),
            ("100%_", r"100\%\_"),
        ] {
            let pattern = Pattern::parse(text);
            assert_eq!(pattern.like(), like, "{text}");
            assert_eq!(Pattern::parse(&pattern.text()), pattern, "{text}");
        }
        assert_eq!(Pattern::parse("a").after_any().before_any().like(), "%a%");
        assert_eq!(Pattern::parse("*a*").after_any().before_any().like(), "%a%");
        assert_eq!(Pattern::parse(r"\*").as_plain(), Some("*"));
        assert_eq!(Pattern::parse("a*").as_plain(), None);
        assert_eq!(Pattern::parse("").as_plain(), Some(""));
    }
}
