//! How much texts differ.

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;

use super::inspect::count;

/// Pairs of characters that are compared, at most, as in Trino.
const MOST_PAIRS: usize = 1_000_000;

/// How many characters have to be added, removed or replaced.
pub fn levenshtein(left: &str, right: &str) -> Result<i64, SqlError> {
    let (left, right): (Vec<_>, Vec<_>) = (left.chars().collect(), right.chars().collect());
    if left.len().saturating_mul(right.len()) > MOST_PAIRS {
        return Err(invalid(format!(
            "The combined inputs for Levenshtein distance are too large: {} times {} characters",
            left.len(),
            right.len()
        )));
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.iter().enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        let mut next = vec![before];
        for (above, r) in row.iter().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(l != r);
            before = replaced.min(above + 1).min(before + 1);
            next.push(before);
            diagonal = *above;
        }
        row = next;
    }
    Ok(count(row.last().copied().unwrap_or_default()))
}

/// How many characters differ.
pub fn hamming(left: &str, right: &str) -> Result<i64, SqlError> {
    if left.chars().count() != right.chars().count() {
        return Err(invalid("The input strings to hamming_distance function must have the same length"));
    }
    Ok(count(left.chars().zip(right.chars()).filter(|(l, r)| l != r).count()))
}
