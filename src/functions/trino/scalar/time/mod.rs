//! Dates, times and intervals.
//!
//! Source: Trino documentation, "Date and time functions and operators".

mod convert;
mod extract;
mod fields;
mod format;
mod formats;
mod iso;
mod parse;
mod pattern;
mod print;
mod units;
mod zones;

use crate::functions::trino::function::Function;

pub use format::{Field, Format, Item};
pub use print::print;

/// Functions of dates, times and intervals.
pub fn functions() -> Vec<Function> {
    let families = [
        convert::functions(),
        extract::functions(),
        formats::functions(),
        units::functions(),
        zones::functions(),
    ];
    families.into_iter().flatten().collect()
}
