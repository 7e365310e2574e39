//! `combinations` and `ngrams`: arrays of some of an array's elements.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::common::internal_err;
use datafusion::error::Result;

use crate::functions::trino::call::{Call, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::lists::{Lists, Picked};
use crate::functions::trino::scalar::scalar;

/// Most elements of one of the `combinations`, as in Trino.
const LONGEST: usize = 5;
/// Most elements of all `combinations` together, as in Trino.
const MOST: usize = 100_000;

/// Functions that choose elements.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("combinations", "Every choice of so many elements, in the array's order.")
            .on("(array(T), bigint) -> array(array(T))", |call| chosen(call, combinations)),
        scalar("ngrams", "Every so many elements that follow each other.")
            .on("(array(T), bigint) -> array(array(T))", |call| chosen(call, ngrams)),
    ]
}

/// Places within an array of a length, chosen by a number.
type Choose = fn(usize, i64) -> Result<Vec<Vec<usize>>, SqlError>;

fn chosen(call: &Call, choose: Choose) -> Result<ArrayRef> {
    let DataType::List(inner) = call.returns else { return internal_err!("choices are arrays") };
    let lists = Lists::new(&call.array(0)?)?;
    let counts = call.read::<i64>(1)?;
    let (mut choices, mut rows) = (Picked::default(), Picked::default());
    let mut made = 0;
    for (row, places) in lists.ranges().enumerate() {
        let count = counts.get(row).filter(|_| !lists.is_null(row));
        let Some(of_row) = call.settle(count.map(|count| choose(places.len(), count)).transpose())? else {
            rows.push_null();
            continue;
        };
        rows.push(made..made + of_row.len());
        made += of_row.len();
        for choice in of_row {
            choices.push(choice.into_iter().map(|place| places.start + place));
        }
    }
    rows.into_lists(call.returns, &choices.into_lists(inner.data_type(), &lists.values)?)
}

/// Those with the first elements come first, whatever else is in them: 12, 13, 23, 14, ….
fn combinations(length: usize, size: i64) -> Result<Vec<Vec<usize>>, SqlError> {
    let Ok(size) = usize::try_from(size) else {
        return Err(invalid(format!("combination size must not be negative: {size}")));
    };
    if size > LONGEST {
        return Err(invalid(format!("combination size must not exceed {LONGEST}: {size}")));
    }
    // By their last element: what is before it are the shorter combinations that end before.
    let mut shorter: Vec<Vec<usize>> = vec![vec![]];
    for _ in 0..size {
        let mut longer = vec![];
        for last in 0..length {
            let before = shorter.iter().filter(|known| known.last().is_none_or(|known| *known < last));
            longer.extend(before.map(|known| [known.as_slice(), &[last]].concat()));
            if longer.len() * size > MOST {
                return Err(invalid("combinations exceed max size"));
            }
        }
        shorter = longer;
    }
    Ok(shorter)
}

/// An array that is too short is all there is.
fn ngrams(length: usize, size: i64) -> Result<Vec<Vec<usize>>, SqlError> {
    let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else {
        return Err(invalid("N must be positive"));
    };
    let size = size.min(length);
    Ok((0..=length - size).map(|start| (start..start + size).collect()).collect())
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "Array functions and operators".
    #[test]
    fn choices() {
        check(&[
            ("combinations(ARRAY['foo', 'bar', 'baz'], 2)", "[[foo, bar], [foo, baz], [bar, baz]]"),
            ("combinations(ARRAY[1, 2, 3, 4], 2)", "[[1, 2], [1, 3], [2, 3], [1, 4], [2, 4], [3, 4]]"),
            ("combinations(ARRAY[1, 2], 3)", "[]"),
            ("combinations(ARRAY[1, 2], 0)", "[[]]"),
            ("ngrams(ARRAY['foo', 'bar', 'baz', 'foo'], 2)", "[[foo, bar], [bar, baz], [baz, foo]]"),
            ("ngrams(ARRAY['foo', 'bar', 'baz', 'foo'], 3)", "[[foo, bar, baz], [bar, baz, foo]]"),
            ("ngrams(ARRAY['foo', 'bar'], 5)", "[[foo, bar]]"),
            ("ngrams(ARRAY[1, 2, 3, 4], 1)", "[[1], [2], [3], [4]]"),
            ("ngrams(CAST(NULL AS array<bigint>), 1)", "NULL"),
        ]);
        check_errors(&[
            ("combinations(ARRAY[1], 6)", "combination size must not exceed 5: 6"),
            ("combinations(ARRAY[1], -1)", "combination size must not be negative: -1"),
            ("combinations(sequence(1, 1000), 2)", "combinations exceed max size"),
            ("ngrams(ARRAY[1], 0)", "N must be positive"),
        ]);
    }
}
