//! Athena's CSV: every value in quotes, `"` doubled, `NULL` nothing at all, lines end in `\n`.
//!
//! Values are evidence and stay as they are; nothing is done to those that a spreadsheet would take
//! for formulas.

/// Appends a line.
pub fn write_line<'a>(line: &mut Vec<u8>, values: impl IntoIterator<Item = Option<&'a str>>) {
    for (place, value) in values.into_iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        let Some(value) = value else { continue };
        line.push(b'"');
        for byte in value.bytes() {
            if byte == b'"' {
                line.push(b'"');
            }
            line.push(byte);
        }
        line.push(b'"');
    }
    line.push(b'\n');
}

/// Reads lines that [`write_line`] wrote.
pub struct Lines<'a> {
    rest: &'a [u8],
}

/// Bytes that are not such lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAthenasCsv;

impl<'a> Lines<'a> {
    /// Reads `bytes`, which begin with a line's first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn line(&mut self) -> Result<Vec<Option<String>>, NotAthenasCsv> {
        let mut values = vec![];
        loop {
            values.push(self.value()?);
            let (end, rest) = self.rest.split_first().ok_or(NotAthenasCsv)?;
            self.rest = rest;
            match end {
                b',' => {}
                b'\n' => return Ok(values),
                _ => return Err(NotAthenasCsv),
            }
        }
    }

    fn value(&mut self) -> Result<Option<String>, NotAthenasCsv> {
        let Some(mut rest) = self.rest.strip_prefix(b"\"") else { return Ok(None) };
        let mut value = vec![];
        loop {
            let quote = memchr::memchr(b'"', rest).ok_or(NotAthenasCsv)?;
            let (before, after) = rest.split_at(quote);
            value.extend_from_slice(before);
            if let Some(after) = after.strip_prefix(b"\"\"") {
                value.push(b'"');
                rest = after;
            } else {
                self.rest = after.strip_prefix(b"\"").unwrap_or(after);
                return String::from_utf8(value).map(Some).map_err(|_| NotAthenasCsv);
            }
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Vec<Option<String>>, NotAthenasCsv>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line();
        if line.is_err() {
            self.rest = &[];
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(values: &[Option<&str>]) -> String {
        let mut line = vec![];
        write_line(&mut line, values.iter().copied());
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn lines_are_athenas() {
        assert_eq!(
            written(&[Some("1"), Some("a\"b"), None, Some(""), Some("x,\ny")]),
            "\"1\",\"a\"\"b\",,\"\",\"x,\ny\"\n"
        );
        assert_eq!(written(&[None]), "\n");
        assert_eq!(written(&[Some("=cmd|' /C calc'!A0")]), "\"=cmd|' /C calc'!A0\"\n");
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        for damaged in ["\"a", "\"a\"x\n", "a\n", "\"a\",", "\"a\"\"\n", "\"\u{1}"] {
            assert!(Lines::new(damaged.as_bytes()).any(|line| line.is_err()), "{damaged:?}");
        }
        assert!(Lines::new(b"\"\xff\"\n").any(|line| line.is_err()));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of("[a\",\n\r\\x00é]*"), 1..5), 0..8)
        ) {
            let mut bytes = vec![];
            for row in &rows {
                write_line(&mut bytes, row.iter().map(Option::as_deref));
            }
            let read: Vec<_> = Lines::new(&bytes).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Lines::new(&bytes).count() <= bytes.len());
        }
    }
}
