//! Finds the members of a JSON object by bit masks, checking all of it on the way.
//!
//! Works on blocks of 64 bytes, as the splitter does. Which byte may follow which is decided for a
//! block's bytes at once ([`grammar`]); only brackets ([`nesting`]), values that are neither strings
//! nor in brackets, and escapes ([`scalar`]) are looked at one by one.
//!
//! It reads JSON as CloudTrail writes it: no white space between tokens, no escapes in keys, few
//! members and levels. About anything else it says nothing, be it valid or not.

mod grammar;
mod nesting;
mod scalar;

use grammar::{Grammar, Tokens};
use nesting::Nesting;

use super::masks::{BlockWork, Masks, Strings, on_blocks};

/// Members of the object itself, not of those in it, that an index has room for. CloudTrail's records
/// have fewer than forty.
const MOST_MEMBERS: usize = 64;

/// Where the members of an object begin and end.
#[derive(Debug)]
pub struct MemberIndex {
    /// Positions of what follows each key and each value: `:`, `,` and in the end `}`.
    separators: [u32; 2 * MOST_MEMBERS],
    length: usize,
}

impl MemberIndex {
    /// Room for an index.
    pub fn new() -> Self {
        Self { separators: [0; 2 * MOST_MEMBERS], length: 0 }
    }

    /// Keys and raw values of the object `raw`, in order; `None` unless it is valid, and written as
    /// described above.
    pub fn members<'i, 'a: 'i>(
        &'i mut self,
        raw: &'a str,
    ) -> Option<impl Iterator<Item = (&'a str, &'a str)> + 'i> {
        self.length = 0;
        on_blocks(Indexing { raw: raw.as_bytes(), index: self })?;
        self.push(raw.len() as u32 - 1, 1)?;
        let mut start = 1;
        let ends = self.separators.get(..self.length)?.as_chunks::<2>().0;
        Some(ends.iter().map_while(move |&[colon, end]| {
            let (colon, end) = (colon as usize, end as usize);
            let member = (raw.get(start + 1..colon - 1)?, raw.get(colon + 1..end)?);
            start = end + 1;
            Some(member)
        }))
    }

    /// Adds the places of a block that are set in `bits`. `None` if there is no room for them.
    #[inline(always)]
    fn push(&mut self, position: u32, mut bits: u64) -> Option<()> {
        let length = self.length + bits.count_ones() as usize;
        for slot in self.separators.get_mut(self.length..length)? {
            *slot = position + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
        self.length = length;
        Some(())
    }
}

/// The work of indexing an object.
struct Indexing<'a> {
    raw: &'a [u8],
    index: &'a mut MemberIndex,
}

impl BlockWork for Indexing<'_> {
    type Output = Option<()>;

    #[inline(always)]
    fn run(self, masks: impl Fn(&[u8; 64]) -> Masks) -> Option<()> {
        let end = self.raw.len().checked_sub(1)?;
        if u32::try_from(end).is_err() || !self.raw.starts_with(b"{") || !self.raw.ends_with(b"}") {
            return None;
        }
        let mut indexer = Indexer::new(self);
        let (blocks, rest) = indexer.raw.as_chunks::<64>();
        for block in blocks {
            indexer.block(masks(block), !0)?;
        }
        if !rest.is_empty() {
            let mut block = [b' '; 64];
            block[..rest.len()].copy_from_slice(rest);
            indexer.block(masks(&block), !(!0 << rest.len()))?;
        }
        // The last byte is the outermost bracket's partner, or in a string.
        (indexer.nesting.is_closed() && !indexer.strings.is_inside()).then_some(())
    }
}

struct Indexer<'a> {
    raw: &'a [u8],
    index: &'a mut MemberIndex,
    /// Where the next block begins.
    position: usize,
    strings: Strings,
    nesting: Nesting,
    grammar: Grammar,
}

impl<'a> Indexer<'a> {
    fn new(Indexing { raw, index }: Indexing<'a>) -> Self {
        Self {
            raw,
            index,
            position: 0,
            strings: Strings::default(),
            nesting: Nesting::outermost(),
            grammar: Grammar::default(),
        }
    }

    /// Takes the next block, of which the bytes in `known` are the object's. `None` if the object
    /// is not to be indexed.
    #[inline(always)]
    fn block(&mut self, masks: Masks, known: u64) -> Option<()> {
        let strings = self.strings.next(&masks);
        let outside = !(strings.inside | strings.quotes) & known;
        let (open, close) = (masks.open & outside, masks.close & outside);
        let first = u64::from(self.position == 0);
        let levels = self.nesting.next(open & !first, close, masks.curly)?;
        let (colon, comma) = (masks.colon & outside, masks.comma & outside);
        let found = self.grammar.next(&Tokens {
            inside: strings.inside,
            open_quote: strings.quotes & strings.inside,
            close_quote: strings.quotes & !strings.inside,
            open_curly: open & masks.curly,
            open_square: open & !masks.curly,
            close,
            colon,
            comma_in_object: comma & !levels.in_array,
            comma_in_array: comma & levels.in_array,
            scalar: outside & !(open | close | colon | comma),
        });
        if (found.wrong | masks.control | masks.backslash & found.keys) & known != 0 {
            return None;
        }
        self.all(found.scalars, scalar::is_literal_or_number)?;
        self.all(strings.escaped & known, scalar::is_escape)?;
        self.index.push(self.position as u32, (colon | comma) & levels.outermost)?;
        self.position += 64;
        Some(())
    }

    /// `None` unless what stands at every place in `bits` is what `test` looks for.
    #[inline(always)]
    fn all(&self, mut bits: u64, test: impl Fn(&[u8]) -> bool) -> Option<()> {
        while bits != 0 {
            let at = self.position + bits.trailing_zeros() as usize;
            self.raw.get(at..).filter(|rest| test(rest))?;
            bits &= bits - 1;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
