//! Arrays of arrays and of maps, taken apart and put together.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, UInt32Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::DataType;
use datafusion::common::internal_err;
use datafusion::error::Result;

/// Lists: the values of all, and where each begins and ends. A list that is `NULL` is empty.
pub struct Lists {
    /// The values of all lists; of maps, rows of key and value.
    pub values: ArrayRef,
    /// Where the lists begin and end in these.
    pub offsets: OffsetBuffer<i32>,
    /// Which lists are `NULL`.
    pub nulls: Option<NullBuffer>,
}

impl Lists {
    /// Takes an array of lists or maps apart.
    ///
    /// # Errors
    /// If it is of another type.
    pub fn new(array: &ArrayRef) -> Result<Self> {
        let (offsets, values): (_, ArrayRef) = match array.data_type() {
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                (list.offsets(), list.values().clone())
            }
            DataType::Map(..) => {
                let map = array.as_map();
                (map.offsets(), Arc::new(map.entries().clone()))
            }
            other => return internal_err!("{other} where lists were declared"),
        };
        let nulls = array.nulls().cloned();
        if nulls.as_ref().is_some_and(|nulls| nulls.null_count() > 0) {
            return without_null_lists(offsets, &values, nulls);
        }
        let (offsets, values) = within(offsets, &values);
        Ok(Self { values, offsets, nulls })
    }

    /// Whether a list is `NULL`.
    pub fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The places of each list's values.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.offsets.windows(2).map(|pair| place(pair[0])..place(pair[1]))
    }

    /// The row of each value.
    pub fn rows(&self) -> UInt32Array {
        let rows = self.ranges().enumerate();
        rows.flat_map(|(row, range)| std::iter::repeat_n(index(row), range.len())).collect()
    }
}

fn place(offset: i32) -> usize {
    usize::try_from(offset).unwrap_or_default()
}

/// Whether a value is `NULL`, which Arrow does not say of arrays that hold nothing else.
pub fn is_null(array: &dyn Array, place: usize) -> bool {
    *array.data_type() == DataType::Null || array.is_null(place)
}

/// A place as Arrow's kernels take it; batches are far smaller than what that holds.
pub fn index(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

/// Leaves out what lies under lists that are `NULL`.
fn without_null_lists(
    offsets: &OffsetBuffer<i32>,
    values: &ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<Lists> {
    let mut kept = vec![];
    let mut lengths = Vec::with_capacity(offsets.len());
    for (row, pair) in offsets.windows(2).enumerate() {
        let range = place(pair[0])..place(pair[1]);
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            lengths.push(0);
        } else {
            lengths.push(range.len());
            kept.extend(range.map(index));
        }
    }
    let values = arrow::compute::take(values, &UInt32Array::from(kept), None)?;
    Ok(Lists { values, offsets: OffsetBuffer::from_lengths(lengths), nulls })
}

/// The values that lists refer to, and offsets into these.
pub fn within(offsets: &OffsetBuffer<i32>, values: &ArrayRef) -> (OffsetBuffer<i32>, ArrayRef) {
    let first = offsets.first().copied().unwrap_or_default();
    let last = offsets.last().copied().unwrap_or_default();
    let values = values.slice(place(first), place(last - first));
    (offsets.clone().subtract(first), values)
}

/// Lists of a type, put together.
///
/// # Errors
/// If the values are of another type than the lists'.
pub fn list_of(
    data_type: &DataType,
    offsets: OffsetBuffer<i32>,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let DataType::List(item) = data_type else { return internal_err!("{data_type} is no array") };
    Ok(Arc::new(ListArray::try_new(item.clone(), offsets, values, nulls)?))
}

/// Maps of a type, put together.
///
/// # Errors
/// If the keys and values are of other types than the maps'.
pub fn map_of(
    data_type: &DataType,
    offsets: OffsetBuffer<i32>,
    keys: ArrayRef,
    values: ArrayRef,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef> {
    let DataType::Map(entries, _) = data_type else { return internal_err!("{data_type} is no map") };
    let DataType::Struct(members) = entries.data_type() else { return internal_err!("entries are rows") };
    let entry = StructArray::try_new(members.clone(), vec![keys, values], None)?;
    Ok(Arc::new(MapArray::try_new(entries.clone(), offsets, entry, nulls, false)?))
}

/// Keys and values of the entries of maps.
///
/// # Errors
/// If they are no entries of maps.
pub fn entries_of(values: &ArrayRef) -> Result<(ArrayRef, ArrayRef)> {
    match values.as_struct_opt().map(StructArray::columns) {
        Some([keys, values]) => Ok((keys.clone(), values.clone())),
        _ => internal_err!("entries of maps are pairs"),
    }
}

/// Lists or maps that are put together of values, row by row, by the places of these.
#[derive(Debug, Default)]
pub struct Picked {
    places: Vec<u32>,
    lengths: Vec<usize>,
    valid: Vec<bool>,
}

impl Picked {
    /// Adds a list of the values at some places.
    pub fn push(&mut self, places: impl IntoIterator<Item = usize>) {
        let before = self.places.len();
        self.places.extend(places.into_iter().map(index));
        self.lengths.push(self.places.len() - before);
        self.valid.push(true);
    }

    /// Adds a list that is `NULL`.
    pub fn push_null(&mut self) {
        self.lengths.push(0);
        self.valid.push(false);
    }

    /// The place of the first value of each list; of one without values, nothing.
    pub fn firsts(&self) -> UInt32Array {
        let mut start = 0;
        let firsts = self.lengths.iter().map(|length| {
            let first = self.places.get(start).copied().filter(|_| *length > 0);
            start += length;
            first
        });
        firsts.collect()
    }

    /// The lists.
    ///
    /// # Errors
    /// If the values are of another type than the lists'.
    pub fn into_lists(self, data_type: &DataType, values: &ArrayRef) -> Result<ArrayRef> {
        let taken = arrow::compute::take(values, &UInt32Array::from(self.places), None)?;
        list_of(
            data_type,
            OffsetBuffer::from_lengths(self.lengths),
            taken,
            Some(NullBuffer::from(self.valid)),
        )
    }

    /// The maps, of keys and values at the same places.
    ///
    /// # Errors
    /// If these are of other types than the maps'.
    pub fn into_maps(self, data_type: &DataType, keys: &ArrayRef, values: &ArrayRef) -> Result<ArrayRef> {
        let places = UInt32Array::from(self.places);
        let (keys, values) =
            (arrow::compute::take(keys, &places, None)?, arrow::compute::take(values, &places, None)?);
        let offsets = OffsetBuffer::from_lengths(self.lengths);
        map_of(data_type, offsets, keys, values, Some(NullBuffer::from(self.valid)))
    }
}
