//! The order of elements.

use arrow::array::{ArrayRef, UInt32Array};
use arrow::compute::take;
use datafusion::error::Result;

use crate::functions::trino::call::Call;
use crate::functions::trino::function::{Body, Function};
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lambda::sort::array_sort;
use crate::functions::trino::lists::{Lists, Picked, index, is_null};
use crate::functions::trino::scalar::scalar;

/// Functions of order.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("array_sort", "The elements in order, NULL last; or in the order that a lambda gives.")
            .on("(array(E)) -> array(E)", sort)
            .with("(array(T), function(T, T, integer)) -> array(T)", Body::Lambda(array_sort)),
        scalar("array_max", "The greatest element; NULL if one is.")
            .on("(array(E)) -> E", |call| extreme(call, std::cmp::Ordering::Greater)),
        scalar("array_min", "The least element; NULL if one is.")
            .on("(array(E)) -> E", |call| extreme(call, std::cmp::Ordering::Less)),
    ]
}

/// The elements from the last one on.
///
/// # Errors
/// If the argument is no array.
pub fn reverse(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let mut picked = Picked::default();
    for (row, range) in lists.ranges().enumerate() {
        if lists.is_null(row) { picked.push_null() } else { picked.push(range.rev()) }
    }
    picked.into_lists(call.returns, &lists.values)
}

fn sort(call: &Call) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let keys = Keys::new(&lists.values)?;
    let mut picked = Picked::default();
    for (row, range) in lists.ranges().enumerate() {
        if lists.is_null(row) {
            picked.push_null();
            continue;
        }
        let mut places: Vec<_> = range.collect();
        places.sort_by(|left, right| keys.order(*left, *right));
        picked.push(places);
    }
    picked.into_lists(call.returns, &lists.values)
}

fn extreme(call: &Call, sought: std::cmp::Ordering) -> Result<ArrayRef> {
    let lists = Lists::new(&call.array(0)?)?;
    let keys = Keys::new(&lists.values)?;
    let places: UInt32Array = lists
        .ranges()
        .map(|mut range| {
            if range.clone().any(|place| is_null(&lists.values, place)) {
                return None;
            }
            let first = range.next()?;
            let best =
                range.fold(first, |best, next| if keys.order(next, best) == sought { next } else { best });
            Some(index(best))
        })
        .collect();
    Ok(take(&lists.values, &places, None)?)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::check;

    #[test]
    fn elements_in_order() {
        check(&[
            ("array_sort(ARRAY[3, NULL, 1, 2])", "[1, 2, 3, null]"),
            ("array_sort(ARRAY['b', 'a'])", "[a, b]"),
            ("array_max(ARRAY[1.5, 3.25])", "3.25"),
            ("array_max(ARRAY[1, NULL])", "NULL"),
            ("array_min(ARRAY['b', 'a'])", "a"),
            ("array_min(ARRAY[])", "NULL"),
            ("reverse(ARRAY[1, 2, 3])", "[3, 2, 1]"),
            ("array_sort(ARRAY[3, 2, 5, 1, 2], (x, y) -> sign(y - x))", "[5, 3, 2, 2, 1]"),
        ]);
    }
}
