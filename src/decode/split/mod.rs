//! Cuts inflated content into records, without parsing them.
//!
//! Works on blocks of 64 bytes: a bit per byte says what is a quote, an opening or a closing
//! bracket, and which bytes lie inside strings; only brackets outside strings are looked at, and
//! whole blocks are passed over while they cannot reach the end of a record. Content may come in
//! any number of pieces.
//!
//! The shapes it knows: `{"Records":[…]}`, LookupEvents' `{"Events":[…]}`, a bare array, and any
//! number of such documents or lone objects (NDJSON, EventBridge) one after another.

mod scan;

use super::masks::{Strings, on_blocks};
use super::members::MemberIndex;
use scan::Scan;

/// Something found in the content. `offset` is in bytes from the content's start.
#[derive(Debug, Clone, Copy)]
pub enum Piece<'a> {
    /// An object of a `Records` list or of a bare array, with its members if they were found on the
    /// way to its end.
    Record { bytes: &'a [u8], offset: u64, members: Option<&'a MemberIndex> },
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
    /// Room for the members of records, if they are wanted.
    members: Option<MemberIndex>,
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
            members: None,
        }
    }

    /// Has it look for the members of records on its way, which is cheaper than to look for their
    /// ends first if they all are going to be parsed.
    pub fn with_members(self) -> Self {
        Self { members: Some(MemberIndex::default()), ..self }
    }

    /// Scans what is new in `buffer` and hands every piece found to `sink`. Returns how many bytes
    /// at the buffer's front are no longer needed; the caller drops exactly those before it calls
    /// again. `last` says that nothing follows.
    pub fn scan(&mut self, buffer: &[u8], last: bool, mut sink: impl FnMut(Piece<'_>)) -> usize {
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

    fn open(&mut self, buffer: &[u8], at: usize, sink: &mut impl FnMut(Piece<'_>)) {
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

    fn close(&mut self, buffer: &[u8], at: usize, sink: &mut impl FnMut(Piece<'_>)) {
        let Some(depth) = self.depth.checked_sub(1) else { return };
        self.depth = depth;
        match self.state {
            State::List { base, lookup } if depth == base => {
                sink(self.piece(buffer, at, |bytes, offset| match (bytes[0], lookup) {
                    (b'{', false) => Piece::Record { bytes, offset, members: None },
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
    fn strays(&self, gap: &[u8], from: usize, sink: &mut impl FnMut(Piece<'_>)) {
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
    fn pass_over_oversized(&mut self, sink: &mut impl FnMut(Piece<'_>)) {
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
mod tests;
