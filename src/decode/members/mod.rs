//! Finds the members of a JSON object by bit masks, checking all of it on the way.
//!
//! Works on blocks of 64 bytes, as the splitter does. Which byte may follow which is decided for a
//! block's bytes at once (`grammar`); only brackets (`nesting`), values that are neither strings
//! nor in brackets, and escapes (`scalar`) are looked at one by one.
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

impl Default for MemberIndex {
    /// Room for an index.
    fn default() -> Self {
        Self { separators: [0; 2 * MOST_MEMBERS], length: 0 }
    }
}

impl MemberIndex {
    /// Keys and raw values of the object `raw`, in order; `None` unless it is valid, and written as
    /// described above.
    pub fn members_of<'i, 'a: 'i>(
        &'i mut self,
        raw: &'a str,
    ) -> Option<impl Iterator<Item = (&'a str, &'a str)> + 'i> {
        let length = on_blocks(Indexing { text: raw.as_bytes(), index: self })?;
        (length == raw.len()).then(|| self.members(raw))
    }

    /// Indexes the object that `text` begins with, and says how long it is; `None` unless it is
    /// valid, and written as described above.
    #[inline(always)]
    pub(super) fn read(&mut self, text: &[u8], masks: impl Fn(&[u8; 64]) -> Masks) -> Option<usize> {
        Indexing { text, index: self }.run(masks)
    }

    /// Keys and raw values, in order, of the object that was indexed last, which is `raw`.
    pub fn members<'i, 'a: 'i>(&'i self, raw: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'i {
        let ends = self.separators.get(..self.length).unwrap_or_default().as_chunks::<2>().0;
        let mut start = 1;
        ends.iter().map_while(move |&[colon, end]| {
            let (colon, end) = (colon as usize, end as usize);
            let member = (raw.get(start + 1..colon - 1)?, raw.get(colon + 1..end)?);
            start = end + 1;
            Some(member)
        })
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

/// The work of indexing the object that `text` begins with; gives its length.
struct Indexing<'a> {
    text: &'a [u8],
    index: &'a mut MemberIndex,
}

impl BlockWork for Indexing<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run(self, masks: impl Fn(&[u8; 64]) -> Masks) -> Option<usize> {
        if !self.text.starts_with(b"{") || u32::try_from(self.text.len()).is_err() {
            return None;
        }
        let mut indexer = Indexer::new(self);
        let (blocks, rest) = indexer.text.as_chunks::<64>();
        for block in blocks {
            indexer.block(masks(block))?;
            if indexer.length.is_some() {
                return indexer.length;
            }
        }
        let mut block = [b' '; 64];
        block[..rest.len()].copy_from_slice(rest);
        indexer.block(masks(&block))?;
        indexer.length
    }
}

struct Indexer<'a> {
    text: &'a [u8],
    index: &'a mut MemberIndex,
    /// Where the next block begins.
    position: usize,
    /// Of the object, once its end was seen.
    length: Option<usize>,
    strings: Strings,
    nesting: Nesting,
    grammar: Grammar,
}

impl<'a> Indexer<'a> {
    fn new(Indexing { text, index }: Indexing<'a>) -> Self {
        index.length = 0;
        Self {
            text,
            index,
            position: 0,
            length: None,
            strings: Strings::default(),
            nesting: Nesting::outermost(),
            grammar: Grammar::default(),
        }
    }

    /// Takes the next block. `None` if the object is not to be indexed.
    #[inline(always)]
    fn block(&mut self, masks: Masks) -> Option<()> {
        let strings = self.strings.next(&masks);
        let outside = !(strings.inside | strings.quotes);
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
        // What stands behind the object's end is somebody else's, and says nothing of what is before it.
        let within = levels.end | levels.end.wrapping_sub(1);
        if (found.wrong | masks.control | masks.backslash & found.keys) & within != 0 {
            return None;
        }
        self.all(found.scalars & within, scalar::is_literal_or_number)?;
        self.all(strings.escaped & within, scalar::is_escape)?;
        self.index.push(self.position as u32, (colon | comma) & levels.outermost | levels.end)?;
        if levels.end != 0 {
            self.length = Some(self.position + levels.end.trailing_zeros() as usize + 1);
        }
        self.position += 64;
        Some(())
    }

    /// `None` unless what stands at every place in `bits` is what `test` looks for.
    #[inline(always)]
    fn all(&self, mut bits: u64, test: impl Fn(&[u8]) -> bool) -> Option<()> {
        while bits != 0 {
            let at = self.position + bits.trailing_zeros() as usize;
            self.text.get(at..).filter(|rest| test(rest))?;
            bits &= bits - 1;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
