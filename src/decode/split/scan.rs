//! The way through a buffer, block by block, and record by record where members are wanted.

use super::super::masks::{BlockWork, Masks, Strings};
use super::{Piece, Splitter, State};

/// A scan of what is new in a buffer: its whole blocks, and the rest if it is the last.
pub struct Scan<'s, S> {
    pub splitter: &'s mut Splitter,
    pub buffer: &'s [u8],
    pub last: bool,
    pub sink: &'s mut S,
}

impl<S: FnMut(Piece<'_>)> BlockWork for Scan<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run(self, masks: impl Fn(&[u8; 64]) -> Masks) {
        let Self { splitter, buffer, last, sink } = self;
        while let Some(next) = splitter.blocks(buffer, last, &masks, sink) {
            splitter.position = next;
            splitter.strings = Strings::default();
            splitter.records(buffer, &masks, sink);
        }
    }
}

impl Splitter {
    /// Takes whole blocks, and the rest if it is the last. Returns early, and where to go on, at the
    /// beginning of a record whose members are wanted.
    #[inline(always)]
    fn blocks(
        &mut self,
        buffer: &[u8],
        last: bool,
        masks: &impl Fn(&[u8; 64]) -> Masks,
        sink: &mut impl FnMut(Piece<'_>),
    ) -> Option<usize> {
        let (blocks, rest) = buffer[self.position..].as_chunks::<64>();
        for block in blocks {
            if let Some(next) = self.block(buffer, masks(block), sink) {
                return Some(next);
            }
            self.position += 64;
        }
        if !last {
            return None;
        }
        let mut block = [b' '; 64];
        block[..rest.len()].copy_from_slice(rest);
        self.block(buffer, masks(&block), sink)
    }

    /// Takes the next block, as [`blocks`](Self::blocks) does.
    #[inline(always)]
    fn block(&mut self, buffer: &[u8], masks: Masks, sink: &mut impl FnMut(Piece<'_>)) -> Option<usize> {
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
            return None;
        }
        self.brackets(buffer, open, close, sink)
    }

    /// Looks at every bracket of a block by itself.
    fn brackets(
        &mut self,
        buffer: &[u8],
        open: u64,
        close: u64,
        sink: &mut impl FnMut(Piece<'_>),
    ) -> Option<usize> {
        let mut brackets = open | close;
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            let at = self.position + bit.trailing_zeros() as usize;
            if open & bit != 0 {
                self.open(buffer, at, sink);
            } else {
                self.close(buffer, at, sink);
            }
            if self.members.is_some() && self.next_record(buffer, at + 1).is_some() {
                return Some(at + 1);
            }
            brackets ^= bit;
        }
        None
    }

    /// Where a record begins at or after the comma at `position`, if elements of a list are looked
    /// for there.
    #[inline(always)]
    fn next_record(&self, buffer: &[u8], position: usize) -> Option<usize> {
        let State::List { base, lookup: false } = self.state else { return None };
        match buffer.get(position..)? {
            [b',', b'{', ..] if self.depth == base => Some(position + 1),
            [b'{', ..] if self.depth == base => Some(position),
            _ => None,
        }
    }

    /// Takes the records that follow one another at the scan's position, as long as their members
    /// can be indexed.
    #[inline(always)]
    fn records(
        &mut self,
        buffer: &[u8],
        masks: &impl Fn(&[u8; 64]) -> Masks,
        sink: &mut impl FnMut(Piece<'_>),
    ) {
        while let Some(start) = self.next_record(buffer, self.position) {
            let Some(members) = &mut self.members else { return };
            let longest = &buffer[start..buffer.len().min(start.saturating_add(self.limit))];
            let Some(length) = members.read(longest, masks) else { return };
            let (bytes, offset) = (&longest[..length], self.origin + start as u64);
            sink(Piece::Record { bytes, offset, members: Some(members) });
            self.position = start + length;
            self.gap = self.position;
        }
    }
}
