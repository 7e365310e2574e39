//! Elements that are sought.

use std::net::Ipv6Addr;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, Int64Array};
use datafusion::error::Result;

use crate::functions::trino::call::{Call, Memo, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::keys::Keys;
use crate::functions::trino::lists::{Lists, Picked, is_null};
use crate::functions::trino::scalar::ip::Network;
use crate::functions::trino::scalar::scalar;

/// Functions that seek elements.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("contains", "Whether an element is in an array, or an address in a network.")
            .on("(array(T), T) -> boolean", contains)
            .on("(varchar, ipaddress) -> boolean", contains_address),
        scalar("array_position", "Where an element is first, from 1; 0 if it is not there.")
            .on("(array(T), T) -> bigint", |call| position(call, false))
            .on("(array(T), T, bigint) -> bigint", |call| position(call, true)),
        scalar("contains_sequence", "Whether elements follow one another in an array as they do in another.")
            .on("(array(T), array(T)) -> boolean", contains_sequence),
        scalar("array_remove", "The array without an element.").on("(array(E), E) -> array(E)", remove),
    ]
}

/// `NULL` if the element is not found, but some are `NULL`.
fn contains(call: &Call) -> Result<ArrayRef> {
    let (lists, sought) = (Lists::new(&call.array(0)?)?, call.array(1)?);
    let (elements, wanted) = Keys::pair(&lists.values, &sought)?;
    let found = lists.ranges().enumerate().map(|(row, mut range)| {
        if lists.is_null(row) || is_null(&sought, row) {
            return None;
        }
        if range.clone().any(|place| elements.get(place) == wanted.get(row)) {
            return Some(true);
        }
        if range.any(|place| is_null(&lists.values, place)) { None } else { Some(false) }
    });
    Ok(Arc::new(found.collect::<BooleanArray>()))
}

fn contains_sequence(call: &Call) -> Result<ArrayRef> {
    let (lists, sought) = (Lists::new(&call.array(0)?)?, Lists::new(&call.array(1)?)?);
    let (elements, wanted) = Keys::pair(&lists.values, &sought.values)?;
    let rows = lists.ranges().zip(sought.ranges()).enumerate();
    let found = rows.map(|(row, (places, wanted_places))| {
        if lists.is_null(row) || sought.is_null(row) {
            return None;
        }
        let begins = |first: usize| {
            let pairs = wanted_places.clone().zip(first..);
            pairs.into_iter().all(|(wanted_place, place)| wanted.get(wanted_place) == elements.get(place))
        };
        // Behind the last of these, too few elements follow.
        let last = (places.end + 1).saturating_sub(wanted_places.len());
        Some((places.start..last).any(begins))
    });
    Ok(Arc::new(found.collect::<BooleanArray>()))
}

fn contains_address(call: &Call) -> Result<ArrayRef> {
    let mut networks = Memo::new(Network::parse);
    call.map2(|network: &str, address: Ipv6Addr| {
        networks.get(network).map(|network| network.contains(address))
    })
}

fn position(call: &Call, with_instance: bool) -> Result<ArrayRef> {
    let (lists, sought) = (Lists::new(&call.array(0)?)?, call.array(1)?);
    let (elements, wanted) = Keys::pair(&lists.values, &sought)?;
    let instances = with_instance.then(|| call.read::<i64>(2)).transpose()?;
    let mut places = Vec::with_capacity(call.rows);
    for (row, range) in lists.ranges().enumerate() {
        let instance = instances.as_ref().map_or(Some(1), |instances| instances.get(row));
        let instance = instance.filter(|_| !lists.is_null(row) && sought.is_valid(row));
        let found = instance.map(|instance| {
            let equal = range.enumerate().filter(|(_, place)| elements.get(*place) == wanted.get(row));
            nth(equal.map(|(i, _)| i).collect(), instance)
        });
        places.push(call.settle(found.transpose())?);
    }
    Ok(Arc::new(Int64Array::from(places)))
}

/// The n-th place, from 1, or from the end; 0 if there are not so many.
fn nth(places: Vec<usize>, instance: i64) -> Result<i64, SqlError> {
    let n = usize::try_from(instance.unsigned_abs()).unwrap_or(usize::MAX).checked_sub(1);
    let n = n.ok_or_else(|| invalid("array_position cannot take a 0-valued instance argument."))?;
    let place = if instance > 0 { places.get(n) } else { places.iter().rev().nth(n) };
    Ok(place.map_or(0, |place| i64::try_from(place + 1).unwrap_or(i64::MAX)))
}

fn remove(call: &Call) -> Result<ArrayRef> {
    let (lists, sought) = (Lists::new(&call.array(0)?)?, call.array(1)?);
    let (elements, wanted) = Keys::pair(&lists.values, &sought)?;
    let mut picked = Picked::default();
    for (row, range) in lists.ranges().enumerate() {
        if lists.is_null(row) || sought.is_null(row) {
            picked.push_null();
        } else {
            picked.push(range.filter(|place| elements.get(*place) != wanted.get(row)));
        }
    }
    picked.into_lists(call.returns, &lists.values)
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::check;

    #[test]
    fn elements_are_found() {
        check(&[
            ("contains(ARRAY['a', 'b'], 'b')", "true"),
            ("contains(ARRAY['a', 'b'], 'c')", "false"),
            ("contains(ARRAY['a', NULL], 'c')", "NULL"),
            ("contains(ARRAY['a', NULL], 'a')", "true"),
            ("contains(ARRAY[1, 2], CAST(2 AS bigint))", "true"),
            ("array_position(ARRAY['a', 'b', 'a'], 'a')", "1"),
            ("array_position(ARRAY['a', 'b', 'a'], 'a', 2)", "3"),
            ("array_position(ARRAY['a', 'b', 'a'], 'a', -1)", "3"),
            ("array_position(ARRAY['a'], 'x')", "0"),
            ("contains_sequence(ARRAY[1, 2, 3, 4, 5, 6], ARRAY[1, 2])", "true"),
            ("contains_sequence(ARRAY[1, 2, 3, 4, 5, 6], ARRAY[2, 4])", "false"),
            ("contains_sequence(ARRAY[1, 2], ARRAY[1, 2, 3])", "false"),
            ("contains_sequence(ARRAY[1, 2], ARRAY[])", "true"),
            ("array_remove(ARRAY['a', 'b', 'a', NULL], 'a')", "[b, null]"),
        ]);
    }
}
