//! Which byte of JSON may follow which, for all bytes of a block at once.
//!
//! Between strings, and without white space, JSON's grammar is one of neighbours, once it is known
//! which commas are in arrays: after `{` comes a key or `}`, after a key `:`, and so on.

/// What a block's bytes are, a bit each. Every byte outside strings is of one kind.
#[derive(Debug)]
pub struct Tokens {
    /// From opening quotes up to, and without, closing ones.
    pub inside: u64,
    pub open_quote: u64,
    pub close_quote: u64,
    pub open_curly: u64,
    pub open_square: u64,
    pub close: u64,
    pub colon: u64,
    pub comma_in_object: u64,
    pub comma_in_array: u64,
    /// What numbers and literals are made of, and whatever should not be there.
    pub scalar: u64,
}

/// What the grammar says of a block.
#[derive(Debug)]
pub struct Found {
    /// Bytes that may not be where they are.
    pub wrong: u64,
    /// Bytes of keys, with their opening quotes.
    pub keys: u64,
    /// First bytes of numbers and literals.
    pub scalars: u64,
}

/// What the last block ended with.
#[derive(Debug, Default)]
pub struct Grammar {
    in_key: bool,
    open: Carry,
    before_key: Carry,
    before_value: Carry,
    key_end: Carry,
    value_end: Carry,
    scalar: Carry,
}

impl Grammar {
    /// Holds the next block against the grammar.
    #[inline(always)]
    pub fn next(&mut self, tokens: &Tokens) -> Found {
        let open = tokens.open_curly | tokens.open_square;
        let value = tokens.open_quote | open | tokens.scalar;
        let separator = tokens.comma_in_object | tokens.comma_in_array | tokens.close;

        let for_key = self.before_key.after(tokens.open_curly | tokens.comma_in_object);
        let for_value = self.before_value.after(tokens.open_square | tokens.comma_in_array | tokens.colon);
        let (keys, key_end) = self.keys(tokens.inside, tokens.open_quote & for_key);
        let for_colon = self.key_end.after(key_end);
        let value_end = tokens.close_quote & !key_end | tokens.close | tokens.scalar;
        let for_separator = self.value_end.after(value_end);

        let after_scalar = self.scalar.after(tokens.scalar);
        let as_well = self.open.after(open) & tokens.close | after_scalar & tokens.scalar;
        let wrong = for_key & !tokens.open_quote | for_value & !value | for_separator & !separator;
        Found {
            wrong: wrong & !as_well | for_colon ^ tokens.colon,
            keys,
            scalars: tokens.scalar & !after_scalar,
        }
    }

    /// The bytes of keys, and the quotes that close them, if keys begin at `starts`.
    ///
    /// Adding its first bit to a run of ones clears the run and sets the bit behind it.
    #[inline(always)]
    fn keys(&mut self, inside: u64, starts: u64) -> (u64, u64) {
        let (sum, beyond) = inside.overflowing_add(starts);
        let (sum, beyond_too) = sum.overflowing_add(u64::from(self.in_key));
        self.in_key = beyond | beyond_too;
        (inside & !sum, sum & !inside)
    }
}

/// A kind of bytes, from one block to the next.
#[derive(Debug, Default)]
struct Carry(u64);

impl Carry {
    /// The bytes after those of the kind, which are at `bits` of this block.
    #[inline(always)]
    fn after(&mut self, bits: u64) -> u64 {
        let after = bits << 1 | self.0;
        self.0 = bits >> 63;
        after
    }
}
