//! Values of any type as keys that can be compared, hashed and ordered.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::ops::Range;

use arrow::array::{Array, ArrayRef};
use arrow::compute::SortOptions;
use arrow::datatypes::DataType;
use arrow::row::{Row, RowConverter, Rows, SortField};
use datafusion::error::Result;

/// The values of an array as keys: equal ones are equal, `NULL` too, and lesser ones are less,
/// `NULL` last.
pub struct Keys(Rows);

impl Keys {
    /// The keys of an array.
    ///
    /// # Errors
    /// If its type has no keys.
    pub fn new(array: &ArrayRef) -> Result<Self> {
        Ok(Self(converter(array.data_type())?.convert_columns(std::slice::from_ref(array))?))
    }

    /// The keys of two arrays of one type, which can be held against each other.
    ///
    /// # Errors
    /// If their type has no keys.
    pub fn pair(left: &ArrayRef, right: &ArrayRef) -> Result<(Self, Self)> {
        let converter = converter(left.data_type())?;
        let convert = |array: &ArrayRef| converter.convert_columns(std::slice::from_ref(array));
        Ok((Self(convert(left)?), Self(convert(right)?)))
    }

    /// A value's key.
    pub fn get(&self, place: usize) -> Row<'_> {
        self.0.row(place)
    }

    /// The order of two values.
    pub fn order(&self, left: usize, right: usize) -> Ordering {
        self.0.row(left).cmp(&self.0.row(right))
    }

    /// The first place whose value stands at another one before.
    pub fn first_repeated(&self, mut places: Range<usize>) -> Option<usize> {
        let mut seen = HashSet::with_capacity(places.len());
        places.find(|place| !seen.insert(self.get(*place)))
    }
}

/// Makes keys of values of a type, always the same ones.
///
/// # Errors
/// If the type has no keys.
pub fn converter(data_type: &DataType) -> Result<RowConverter> {
    let order = SortOptions { descending: false, nulls_first: false };
    Ok(RowConverter::new(vec![SortField::new_with_options(data_type.clone(), order)])?)
}
