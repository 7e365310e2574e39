//! Which brackets a block's bytes stand in.

/// Levels that are followed.
const MOST_LEVELS: u32 = 64;

/// The open brackets at the end of a block.
#[derive(Debug)]
pub struct Nesting {
    /// A bit each, set for `[`, the innermost lowest.
    arrays: u64,
    depth: u32,
}

/// What a block's bytes stand in, as far as they are no brackets.
#[derive(Debug)]
pub struct Levels {
    /// The innermost bracket is `[`.
    pub in_array: u64,
    /// The only bracket is the outermost.
    pub outermost: u64,
    /// The bracket that closes the outermost, if it is in the block. Of what follows nothing is told.
    pub end: u64,
}

impl Nesting {
    /// Within one curly bracket.
    pub fn outermost() -> Self {
        Self { arrays: 0, depth: 1 }
    }

    /// The levels of the next block, in which brackets stand at `open` and `close`, those in `curly`
    /// being curly. `None` if a bracket closes none of its kind, or there are too many.
    #[inline(always)]
    pub fn next(&mut self, open: u64, close: u64, curly: u64) -> Option<Levels> {
        let mut levels = Levels { in_array: self.in_array(), outermost: self.is_outermost(), end: 0 };
        let mut brackets = open | close;
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            self.bracket(open & bit != 0, curly & bit == 0)?;
            let after = bit ^ bit.wrapping_neg();
            levels.in_array = levels.in_array & !after | self.in_array() & after;
            levels.outermost = levels.outermost & !after | self.is_outermost() & after;
            brackets ^= bit;
            if self.depth == 0 {
                levels.end = bit;
                break;
            }
        }
        Some(levels)
    }

    /// Without a branch on what kind of bracket it is, which nobody can predict.
    #[inline(always)]
    fn bracket(&mut self, opens: bool, array: bool) -> Option<()> {
        let array = u64::from(array);
        let fits = opens | (self.arrays & 1 == array);
        if !fits || self.depth > MOST_LEVELS {
            return None;
        }
        self.arrays = if opens { self.arrays << 1 | array } else { self.arrays >> 1 };
        self.depth = if opens { self.depth + 1 } else { self.depth - 1 };
        Some(())
    }

    #[inline(always)]
    fn in_array(&self) -> u64 {
        all_if(self.arrays & 1 == 1)
    }

    #[inline(always)]
    fn is_outermost(&self) -> u64 {
        all_if(self.depth == 1)
    }
}

fn all_if(condition: bool) -> u64 {
    u64::from(condition).wrapping_neg()
}
