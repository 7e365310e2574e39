//! Arrays as sets.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::compute::concat;
use arrow::row::Row;
use datafusion::error::Result;

use crate::functions::trino::call::Call;
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, Picked, is_null};
use crate::functions::trino::scalar::scalar;

/// Functions of sets.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("array_distinct", "Each element once.")
            .on("(array(E)) -> array(E)", |call| combine(call, Set::Distinct)),
        scalar("array_union", "Elements of either array, once each.")
            .on("(array(E), array(E)) -> array(E)", |call| combine(call, Set::Union)),
        scalar("array_intersect", "Elements of both arrays, once each.")
            .on("(array(E), array(E)) -> array(E)", |call| combine(call, Set::Intersection)),
        scalar("array_except", "Elements of the first array that are not in the second one, once each.")
            .on("(array(E), array(E)) -> array(E)", |call| combine(call, Set::Difference)),
        scalar("arrays_overlap", "Whether two arrays have an element in common.")
            .on("(array(E), array(E)) -> boolean", overlap),
    ]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Distinct,
    Union,
    Intersection,
    Difference,
}

/// Elements keep the order in which they come first; `NULL` is one like any other.
fn combine(call: &Call, set: Set) -> Result<ArrayRef> {
    let lists = call.arrays()?.iter().map(Lists::new).collect::<Result<Vec<_>>>()?;
    let values: Vec<&dyn Array> = lists.iter().map(|list| list.values.as_ref()).collect();
    let values = concat(&values)?;
    let keys = Keys::new(&values)?;
    let left: Vec<_> = lists.iter().take(1).flat_map(Lists::ranges).collect();
    let behind = lists.first().map_or(0, |left| left.values.len());
    let right = lists.iter().skip(1).flat_map(Lists::ranges);
    let right: Vec<_> = right.map(|range| range.start + behind..range.end + behind).collect();
    let mut picked = Picked::default();
    for (row, left) in left.into_iter().enumerate() {
        if lists.iter().any(|list| list.is_null(row)) {
            picked.push_null();
            continue;
        }
        let right = right.get(row).cloned().unwrap_or(0..0);
        let mut seen: HashSet<Row> = HashSet::new();
        let others: HashSet<Row> = right.clone().map(|place| keys.get(place)).collect();
        let added = if set == Set::Union { right } else { 0..0 };
        picked.push(left.chain(added).filter(|place| {
            let key = keys.get(*place);
            let kept = match set {
                Set::Distinct | Set::Union => true,
                Set::Intersection => others.contains(&key),
                Set::Difference => !others.contains(&key),
            };
            kept && seen.insert(key)
        }));
    }
    picked.into_lists(call.returns, &values)
}

/// `NULL` if no element is in both, but one is `NULL`.
fn overlap(call: &Call) -> Result<ArrayRef> {
    let (left, right) = (Lists::new(&call.array(0)?)?, Lists::new(&call.array(1)?)?);
    let (left_keys, right_keys) = Keys::pair(&left.values, &right.values)?;
    let pairs = left.ranges().zip(right.ranges()).enumerate();
    let found = pairs.map(|(row, (of_left, of_right))| {
        if left.is_null(row) || right.is_null(row) {
            return None;
        }
        let known: HashSet<Row> = of_left
            .clone()
            .filter(|place| !is_null(&left.values, *place))
            .map(|place| left_keys.get(place))
            .collect();
        if of_right.clone().any(|place| known.contains(&right_keys.get(place))) {
            return Some(true);
        }
        let unknown = of_left.clone().any(|place| is_null(&left.values, place))
            || of_right.clone().any(|place| is_null(&right.values, place));
        // Of an empty array, nothing can be in the other one.
        if unknown && !of_left.is_empty() && !of_right.is_empty() { None } else { Some(false) }
    });
    Ok(Arc::new(found.collect::<BooleanArray>()))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::check;

    #[test]
    fn sets() {
        check(&[
            ("array_distinct(ARRAY['b', 'a', NULL, 'b', NULL])", "[b, a, null]"),
            ("array_union(ARRAY[1, 2], ARRAY[2, 3, NULL])", "[1, 2, 3, null]"),
            ("array_intersect(ARRAY[1, 2, 2, NULL], ARRAY[NULL, 2])", "[2, null]"),
            ("array_except(ARRAY[1, 2, 1], ARRAY[2])", "[1]"),
            ("arrays_overlap(ARRAY[1, 2], ARRAY[2, 3])", "true"),
            ("arrays_overlap(ARRAY[1, 2], ARRAY[3, NULL])", "NULL"),
            ("arrays_overlap(ARRAY[1], ARRAY[3])", "false"),
            ("array_union(ARRAY[1], NULL)", "NULL"),
        ]);
    }
}
