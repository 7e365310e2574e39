//! `regexp_replace` with a lambda, which is given the groups of what the pattern finds.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListBuilder, StringArray, StringBuilder, UInt32Array};
use datafusion::error::Result;

use super::LambdaCall;
use crate::functions::trino::call::Memo;
use crate::functions::trino::lists::index;
use crate::functions::trino::scalar::regexp::{compile, failed};

/// What a pattern found: in which row, and where.
struct Found {
    row: usize,
    start: usize,
    end: usize,
}

/// `regexp_replace(text, pattern, groups -> replacement)`. A replacement that is `NULL` makes the whole
/// text so.
pub fn regexp_replace(call: &LambdaCall) -> Result<ArrayRef> {
    let (texts, patterns) = (call.array(0)?, call.array(1)?);
    let (texts, patterns) = (texts.as_string::<i32>(), patterns.as_string::<i32>());
    let (found, groups) = matches(texts, patterns)?;
    let rows: UInt32Array = found.iter().map(|found| Some(index(found.row))).collect();
    let replacements = call.evaluate(2, &[groups], &rows)?;
    let replacements = replacements.as_string::<i32>();
    let mut found = found.into_iter().enumerate().peekable();
    let replaced = texts.iter().zip(patterns).enumerate().map(|(row, (text, pattern))| {
        let (mut out, mut end) = (Some(String::new()), 0);
        while let Some((place, found)) = found.next_if(|(_, found)| found.row == row) {
            let before = text.and_then(|text| text.get(end..found.start)).unwrap_or_default();
            let replacement = replacements.is_valid(place).then(|| replacements.value(place));
            out = out.zip(replacement).map(|(out, replacement)| out + before + replacement);
            end = found.end;
        }
        pattern?;
        Some(out? + text?.get(end..).unwrap_or_default())
    });
    Ok(Arc::new(replaced.collect::<StringArray>()))
}

/// Everything that the rows' patterns find, and an array of its groups' texts for each.
fn matches(texts: &StringArray, patterns: &StringArray) -> Result<(Vec<Found>, ArrayRef)> {
    let mut compiled = Memo::new(compile);
    let mut found = vec![];
    let mut groups = ListBuilder::new(StringBuilder::new());
    for (row, (text, pattern)) in texts.iter().zip(patterns).enumerate() {
        let Some((text, pattern)) = text.zip(pattern) else { continue };
        for captures in compiled.get(pattern)?.captures_iter(text) {
            let captures = captures.map_err(failed)?;
            let Some(whole) = captures.get(0) else { continue };
            found.push(Found { row, start: whole.start(), end: whole.end() });
            let texts = captures.iter().skip(1).map(|group| group.map(|group| group.as_str()));
            groups.append_value(texts);
        }
    }
    Ok((found, Arc::new(groups.finish())))
}
