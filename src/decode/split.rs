//! Cuts inflated content into records, without parsing them.
//!
//! Works on blocks of 64 bytes: a bit per byte says what is a quote, an opening or a closing
//! bracket, and which bytes lie inside strings; only brackets outside strings are looked at, and
//! whole blocks are passed over while they cannot reach the end of a record. Content may come in
//! any number of pieces.
//!
//! The shapes it knows: `{"Records":[…]}`, LookupEvents' `{"Events":[…]}`, a bare array, and any
//! number of such documents or lone objects (NDJSON, EventBridge) one after another.

use super::masks::{BlockWork, Masks, Strings, on_blocks};

/// Something found in the content. `offset` is in bytes from the content's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// An object of a `Records` list or of a bare array.
    Record { bytes: &'a [u8], offset: u64 },
    /// An object of an `Events` list: LookupEvents wraps the record as text.
    LookupEvent { bytes: &'a [u8], offset: u64 },
    /// A whole top-level object that holds no such list: an NDJSON record, an EventBridge
    /// envelope, a digest, or something else.
    Document { bytes: &'a [u8], offset: u64 },
    /// An element that is no object, or text between documents.
    Stray { offset: u64 },
    /// An element or document longer than the limit; its bytes were passed over.
    Oversized { offset: u64 },
    /// An element or document nested too deep to be parsed in bounded stack.
    TooDeep { offset: u64 },
}

/// Nesting a record may have. CloudTrail's own stay below 30; 200 occur in the wild.
pub const MAX_DEPTH: u32 = 1024;

/// What RFC 7464 puts before each document of a JSON text sequence.
const RECORD_SEPARATOR: u8 = 0x1e;

/// Bytes that stay in the buffer behind the scan, so that the key before a bracket can be read.
const LOOK_BACK: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between documents.
    Outside,
    /// In a top-level object, not in its list of records. `listed`: it had one.
    Document { listed: bool },
    /// In a list whose brackets enclose elements at depth `base`.
    List { base: u32, lookup: bool },
}

/// A resumable scan over content that arrives in pieces.
///
/// The caller keeps the bytes: it hands the same buffer in again after appending to it, and drops
/// bytes only as [`scan`](Self::scan) says.
#[derive(Debug)]
pub struct Splitter {
    limit: usize,
    state: State,
    depth: u32,
    /// Depth that the current element may have reached (an upper bound).
    deepest: u32,
    /// Offset in the content of the buffer's first byte.
    origin: u64,
    /// Positions in the buffer: scanned so far; start of the current element or document; end of
    /// the last one.
    position: usize,
    start: usize,
    gap: usize,
    /// Offset of the current element if it outgrew the limit.
    oversized: Option<u64>,
    strings: Strings,
}

impl Splitter {
    /// A splitter that passes over elements longer than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            state: State::Outside,
            depth: 0,
            deepest: 0,
            origin: 0,
            position: 0,
            start: 0,
            gap: 0,
            oversized: None,
            strings: Strings::default(),
        }
    }

    /// Scans what is new in `buffer` and hands every piece found to `sink`. Returns how many bytes
    /// at the buffer's front are no longer needed; the caller drops exactly those before it calls
    /// again. `last` says that nothing follows.
    pub fn scan<'a>(&mut self, buffer: &'a [u8], last: bool, mut sink: impl FnMut(Piece<'a>)) -> usize {
        on_blocks(Scan { splitter: self, buffer, last, sink: &mut sink });
        if last {
            self.position = buffer.len();
            if self.state == State::Outside {
                self.strays(&buffer[self.gap..], self.gap, &mut sink);
            }
            return buffer.len();
        }
        self.pass_over_oversized(&mut sink);
        self.release()
    }

    /// True if the content ended in the middle of a document.
    pub fn is_unfinished(&self) -> bool {
        self.state != State::Outside
    }

    #[inline(always)]
    fn block<'a>(&mut self, buffer: &'a [u8], masks: Masks, sink: &mut impl FnMut(Piece<'a>)) {
        let inside = self.strings.next(&masks).inside;
        let (open, close) = (masks.open & !inside, masks.close & !inside);
        let base = match self.state {
            State::Outside => 0,
            State::Document { .. } => 1,
            State::List { base, .. } => base,
        };
        if self.depth > base + close.count_ones() {
            self.deepest = self.deepest.max(self.depth + open.count_ones());
            self.depth = self.depth + open.count_ones() - close.count_ones();
            return;
        }
        self.brackets(buffer, open, close, sink);
    }

    /// Looks at every bracket of a block by itself.
    fn brackets<'a>(&mut self, buffer: &'a [u8], open: u64, close: u64, sink: &mut impl FnMut(Piece<'a>)) {
        let mut brackets = open | close;
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            let at = self.position + bit.trailing_zeros() as usize;
            if open & bit != 0 {
                self.open(buffer, at, sink);
            } else {
                self.close(buffer, at, sink);
            }
            brackets ^= bit;
        }
    }

    fn open<'a>(&mut self, buffer: &'a [u8], at: usize, sink: &mut impl FnMut(Piece<'a>)) {
        match self.state {
            State::Outside => {
                self.strays(&buffer[self.gap..at], self.gap, sink);
                self.begin(at);
                self.state = if buffer[at] == b'{' {
                    State::Document { listed: false }
                } else {
                    self.gap = at + 1;
                    State::List { base: 1, lookup: false }
                };
            }
            State::Document { .. } if self.depth == 1 && buffer[at] == b'[' => {
                if let Some(lookup) = list_key(&buffer[..at]) {
                    self.state = State::List { base: 2, lookup };
                    self.oversized = None;
                    self.gap = at + 1;
                }
            }
            State::List { base, .. } if self.depth == base => {
                self.strays(&buffer[self.gap..at], self.gap, sink);
                self.begin(at);
            }
            State::Document { .. } | State::List { .. } => {}
        }
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
    }

    fn close<'a>(&mut self, buffer: &'a [u8], at: usize, sink: &mut impl FnMut(Piece<'a>)) {
        let Some(depth) = self.depth.checked_sub(1) else { return };
        self.depth = depth;
        match self.state {
            State::List { base, lookup } if depth == base => {
                sink(self.piece(buffer, at, |bytes, offset| match (bytes[0], lookup) {
                    (b'{', false) => Piece::Record { bytes, offset },
                    (b'{', true) => Piece::LookupEvent { bytes, offset },
                    _ => Piece::Stray { offset },
                }));
                self.gap = at + 1;
            }
            State::List { base, .. } if depth < base => {
                self.strays(&buffer[self.gap..at], self.gap, sink);
                self.gap = at + 1;
                self.state = if depth == 0 { State::Outside } else { State::Document { listed: true } };
            }
            State::Document { listed } if depth == 0 => {
                if !listed {
                    sink(self.piece(buffer, at, |bytes, offset| Piece::Document { bytes, offset }));
                }
                self.gap = at + 1;
                self.state = State::Outside;
            }
            State::Outside | State::Document { .. } | State::List { .. } => {}
        }
    }

    fn begin(&mut self, at: usize) {
        self.start = at;
        self.deepest = self.depth;
        self.oversized = None;
    }

    /// The element or document that ends at `at`, made by `kind` unless it cannot be parsed.
    fn piece<'a>(
        &self,
        buffer: &'a [u8],
        at: usize,
        kind: impl FnOnce(&'a [u8], u64) -> Piece<'a>,
    ) -> Piece<'a> {
        let offset = self.origin + self.start as u64;
        if let Some(offset) = self.oversized {
            Piece::Oversized { offset }
        } else if at - self.start >= self.limit {
            Piece::Oversized { offset }
        } else if self.deepest > MAX_DEPTH {
            Piece::TooDeep { offset }
        } else {
            kind(&buffer[self.start..=at], offset)
        }
    }

    /// Reports what stands between elements or documents beside commas and white space.
    fn strays<'a>(&self, gap: &[u8], from: usize, sink: &mut impl FnMut(Piece<'a>)) {
        if gap == b"," || gap.is_empty() {
            return;
        }
        let bom = if self.origin == 0 && from == 0 { b"\xef\xbb\xbf".as_slice() } else { b"" };
        let text = gap.strip_prefix(bom).unwrap_or(gap);
        let first = self.origin + (from + gap.len() - text.len()) as u64;
        let (mut in_string, mut escaped, mut in_stray) = (false, false, false);
        for (offset, &byte) in (first..).zip(text) {
            let separates = byte == b',' || byte.is_ascii_whitespace() || byte == RECORD_SEPARATOR;
            if separates && !in_string {
                in_stray = in_stray && byte != b',' && byte != b'\n';
                continue;
            }
            if !in_stray {
                sink(Piece::Stray { offset });
                in_stray = true;
            }
            in_string ^= byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
        }
    }

    /// Lets go of an element or gap that outgrew the limit.
    fn pass_over_oversized<'a>(&mut self, sink: &mut impl FnMut(Piece<'a>)) {
        let in_element = match self.state {
            State::Outside => false,
            State::Document { listed } => !listed,
            State::List { base, .. } => self.depth > base,
        };
        if in_element && self.position - self.start > self.limit {
            self.oversized.get_or_insert(self.origin + self.start as u64);
            self.start = self.position - LOOK_BACK;
        } else if !in_element && self.position.saturating_sub(self.gap) > self.limit {
            sink(Piece::Stray { offset: self.origin + self.gap as u64 });
            self.gap = self.position - LOOK_BACK;
        }
    }

    /// Moves the buffer's origin past what no one needs any more and returns its length.
    fn release(&mut self) -> usize {
        let needed = match self.state {
            State::Outside => self.gap,
            State::Document { listed: false } => self.start,
            State::Document { listed: true } => self.position.saturating_sub(LOOK_BACK),
            State::List { base, .. } if self.depth > base => self.start,
            State::List { .. } => self.gap,
        };
        let released = needed.min(self.position);
        self.origin += released as u64;
        self.position -= released;
        self.start = self.start.saturating_sub(released);
        self.gap = self.gap.saturating_sub(released);
        released
    }
}

/// A scan of what is new in a buffer: its whole blocks, and the rest if it is the last.
struct Scan<'s, 'a, S> {
    splitter: &'s mut Splitter,
    buffer: &'a [u8],
    last: bool,
    sink: &'s mut S,
}

impl<'a, S: FnMut(Piece<'a>)> BlockWork for Scan<'_, 'a, S> {
    type Output = ();

    #[inline(always)]
    fn run(self, masks: impl Fn(&[u8; 64]) -> Masks) {
        let Self { splitter, buffer, last, sink } = self;
        let (blocks, rest) = buffer[splitter.position..].as_chunks::<64>();
        for block in blocks {
            splitter.block(buffer, masks(block), sink);
            splitter.position += 64;
        }
        if last {
            let mut block = [b' '; 64];
            block[..rest.len()].copy_from_slice(rest);
            splitter.block(buffer, masks(&block), sink);
        }
    }
}

/// Whether the `[` after `before` opens a list of records: `Some(true)` for LookupEvents' list.
fn list_key(before: &[u8]) -> Option<bool> {
    let key = before.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end().strip_suffix(b"\"")?;
    let named = |name: &[u8]| key.strip_suffix(name).is_some_and(|rest| rest.ends_with(b"\""));
    if named(b"Records") {
        Some(false)
    } else if named(b"Events") {
        Some(true)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every piece, with its bytes owned.
    type Owned = (char, u64, Vec<u8>);

    fn owned(piece: Piece<'_>) -> Owned {
        match piece {
            Piece::Record { bytes, offset } => ('r', offset, bytes.to_vec()),
            Piece::LookupEvent { bytes, offset } => ('l', offset, bytes.to_vec()),
            Piece::Document { bytes, offset } => ('d', offset, bytes.to_vec()),
            Piece::Stray { offset } => ('s', offset, vec![]),
            Piece::Oversized { offset } => ('o', offset, vec![]),
            Piece::TooDeep { offset } => ('t', offset, vec![]),
        }
    }

    fn split(content: &[u8], step: usize, limit: usize) -> (Vec<Owned>, bool) {
        let (mut splitter, mut found, mut buffer) = (Splitter::new(limit), vec![], vec![]);
        for piece in content.chunks(step) {
            buffer.extend_from_slice(piece);
            let released = splitter.scan(&buffer, false, |piece| found.push(owned(piece)));
            buffer.drain(..released);
        }
        splitter.scan(&buffer, true, |piece| found.push(owned(piece)));
        (found, splitter.is_unfinished())
    }

    fn kinds(content: &str) -> String {
        split(content.as_bytes(), usize::MAX, 1 << 20).0.iter().map(|(kind, ..)| *kind).collect()
    }

    #[test]
    fn the_containers_people_have() {
        for (content, expected) in [
            (r#"{"Records":[]}"#, ""),
            (r#"{"Records":[{"a":1},{"b":[{}]}]}"#, "rr"),
            (r#"{"meta":{"x":[1,{}]},"Records":[{"a":"]}"}],"more":[{}]}"#, "r"),
            (r#"[{"a":1}, {"a":2}]"#, "rr"),
            ("{\"a\":1}\n{\"a\":{\"b\":2}}\n", "dd"),
            (r#"{"Records":[{"a":1}]}{"Records":[{"a":2}]}"#, "rr"),
            ("\u{feff}{\"Records\" : [ {} ]}", "r"),
            (r#"{"Events":[{"CloudTrailEvent":"{}"}],"NextToken":"x"}"#, "l"),
            (r#"{"Records":[1,{"a":1},null,"x",[{}],{"b":1},2]}"#, "srsssrs"),
            (r#"{"Records":null}"#, "d"),
            (r#"{"Records":{"a":1}}"#, "d"),
            (r#"{"detail":{"Records":[{}]}}"#, "d"),
            ("<Error>no</Error>", "s"),
            ("", ""),
            (" \n\t", ""),
            ("[]", ""),
            ("}{\"a\":1}", "sd"),
        ] {
            assert_eq!(kinds(content), expected, "{content}");
        }
    }

    #[test]
    fn quotes_brackets_and_escapes_in_strings_do_not_split() {
        let record = r#"{"a":"{[\"","b\\":"\\\\","c":"}]\\\"]","d":"\\"}"#;
        for pad in 0..130 {
            let content = format!("{{\"Records\":[{}{record},{record}]}}", " ".repeat(pad));
            let (found, unfinished) = split(content.as_bytes(), usize::MAX, 1 << 20);
            assert!(!unfinished);
            assert_eq!(found.len(), 2, "{pad}");
            assert!(found.iter().all(|(kind, at, bytes)| *kind == 'r'
                && bytes == record.as_bytes()
                && content.as_bytes()[*at as usize..].starts_with(bytes)));
        }
    }

    #[test]
    fn what_ends_too_early_is_unfinished() {
        let content = br#"{"Records":[{"a":1},{"b":"c"}]}"#;
        for end in 1..content.len() {
            assert!(split(&content[..end], 7, 1 << 20).1, "{end}");
        }
        assert!(!split(content, 7, 1 << 20).1);
    }

    #[test]
    fn long_elements_are_passed_over_in_bounded_memory() {
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(5000));
        let content = format!(r#"{{"Records":[{{"a":1}},{long},{{"b":2}}]}}"#);
        for step in [64, 100, 1000, 100_000] {
            let (found, unfinished) = split(content.as_bytes(), step, 1000);
            let kinds: String = found.iter().map(|(kind, ..)| *kind).collect();
            assert_eq!((kinds.as_str(), unfinished), ("ror", false), "{step}");
            assert_eq!(found[1].1, 20);
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels| format!("[{}{}]", "[".repeat(levels), "]".repeat(levels));
        let content = |levels| format!(r#"{{"Records":[{{"a":{}}},{{}}]}}"#, nested(levels));
        assert_eq!(kinds(&content(200)), "rr");
        assert_eq!(kinds(&content(100_000)), "tr");
    }

    /// Small JSON values with all that could mislead a splitter.
    fn json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<i32>().prop_map(|n| n.to_string()),
            r#"[\\"{}\[\]:,a-zé]{0,90}"#.prop_map(|text| serde_json::to_string(&text).unwrap()),
        ];
        leaf.prop_recursive(4, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|v| format!("[{}]", v.join(", "))),
                prop::collection::vec(("[\\\\\"{a-c]{0,5}", inner), 0..5).prop_map(|members| {
                    let members: Vec<_> = members
                        .iter()
                        .map(|(key, value)| format!("{}:{value}", serde_json::to_string(key).unwrap()))
                        .collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }

    proptest! {
        /// However the content arrives, the pieces are those that serde_json finds.
        #[test]
        fn agrees_with_serde_json(values in prop::collection::vec(json(), 0..12), step in 1usize..200) {
            let content = format!("{{\"x\":{}, \"Records\":[{}]}}", values.len(), values.join(","));
            let (found, unfinished) = split(content.as_bytes(), step, 1 << 20);
            prop_assert!(!unfinished);
            prop_assert_eq!(found.len(), values.len());
            for ((kind, offset, bytes), value) in found.iter().zip(&values) {
                prop_assert_eq!(*kind, if value.starts_with('{') { 'r' } else { 's' });
                if *kind == 'r' {
                    prop_assert_eq!(std::str::from_utf8(bytes).unwrap(), value);
                    prop_assert!(content[*offset as usize..].starts_with(value.as_str()));
                }
            }
        }

        /// Any bytes at all: no panic, and the same pieces whatever the steps.
        #[test]
        fn any_bytes_in_any_steps(content in r#"([{}\[\],:"\\ \n]|Records|Events|"Records":\[|é){0,60}"#, step in 1usize..70, limit in 65usize..200) {
            let whole = split(content.as_bytes(), usize::MAX, 1 << 20);
            prop_assert_eq!(&split(content.as_bytes(), step, 1 << 20), &whole);
            split(content.as_bytes(), step, limit);
        }
    }
}
