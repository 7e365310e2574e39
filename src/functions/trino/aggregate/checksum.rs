//! `checksum`: a sum of hashes, whatever the order of the values.
//!
//! Source: Trino documentation, "Aggregate functions"; values are hashed by xxHash64, as Trino hashes
//! them, each weighted by a prime, and `NULL` counts as that prime.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryArray, Int64Array, new_null_array};
use arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type};
use datafusion::common::internal_err;
use datafusion::error::Result;
use twox_hash::XxHash64;

use super::aggregate;
use super::rows::column;
use super::table::{Steps, table_aggregate};
use crate::functions::trino::function::{Body, Function};
use crate::functions::trino::value::{Get, Stamp};

/// The largest prime of xxHash64.
const PRIME: i64 = 0x9E37_79B1_85EB_CA87_u64.cast_signed();

/// `checksum`
pub fn functions() -> Vec<Function> {
    let body = Body::Aggregate(|a, r| table_aggregate("checksum", a, r, CHECKSUM));
    let types = [
        "(boolean) -> varbinary",
        "(bigint) -> varbinary",
        "(double) -> varbinary",
        "(varchar) -> varbinary",
        "(varbinary) -> varbinary",
        "(date) -> varbinary",
        "(timestamp(p)) -> varbinary",
    ];
    let checksum = aggregate("checksum", "A sum of hashes that does not depend on the order of the values.");
    vec![types.into_iter().fold(checksum, |checksum, signature| checksum.with(signature, body.clone()))]
}

const CHECKSUM: Steps = Steps {
    prepare: |arguments| {
        let values = column(arguments, 0)?;
        let mut sum = 0i64;
        for row in 0..values.len() {
            let hash = if values.is_null(row) { 1 } else { hash(values, row)? };
            sum = sum.wrapping_add(hash.wrapping_mul(PRIME));
        }
        Ok(vec![Arc::new(Int64Array::from(if values.is_empty() { vec![] } else { vec![sum] }))])
    },
    compact: |table| {
        let sums = column(&table, 0)?.as_primitive::<Int64Type>();
        let sum = sums.iter().flatten().fold(0i64, i64::wrapping_add);
        Ok(vec![Arc::new(Int64Array::from(if sums.is_empty() { vec![] } else { vec![sum] }))])
    },
    finish: |table, types| {
        let sums = column(table, 0)?.as_primitive::<Int64Type>();
        if sums.is_empty() {
            return Ok(new_null_array(&types.returns, 1));
        }
        let sum = sums.iter().flatten().fold(0i64, i64::wrapping_add);
        Ok(Arc::new(BinaryArray::from_vec(vec![sum.to_le_bytes().as_slice()])))
    },
};

fn hash(values: &ArrayRef, row: usize) -> Result<i64> {
    let number = match values.data_type() {
        DataType::Utf8 => return Ok(of_bytes(values.as_string::<i32>().value(row).as_bytes())),
        DataType::Binary => return Ok(of_bytes(values.as_binary::<i32>().value(row))),
        DataType::Boolean => values.as_boolean().value(row).into(),
        DataType::Int64 => values.as_primitive::<Int64Type>().value(row),
        DataType::Date32 => values.as_primitive::<Date32Type>().value(row).into(),
        DataType::Float64 => {
            let value = values.as_primitive::<Float64Type>().value(row);
            // There is one zero.
            if value == 0.0 { 0 } else { value.to_bits().cast_signed() }
        }
        DataType::Timestamp(..) => {
            let stamp = Stamp::get(Stamp::open(values.as_ref())?, row);
            stamp.map_or(0, |Stamp(micros)| micros)
        }
        other => return internal_err!("no checksum of {other}"),
    };
    Ok(of_bytes(&number.to_le_bytes()))
}

fn of_bytes(bytes: &[u8]) -> i64 {
    XxHash64::oneshot(0, bytes).cast_signed()
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{aggregate as value, texts};

    #[test]
    fn order_does_not_count() {
        let sum = |values: &[Option<&str>]| value("checksum", &[texts(values)]).unwrap();
        assert_eq!(sum(&[Some("a"), Some("b"), None]), sum(&[None, Some("b"), Some("a")]));
        assert_ne!(sum(&[Some("a"), Some("b")]), sum(&[Some("a"), Some("b"), Some("b")]));
        assert_eq!(sum(&[]), None);
        // The prime itself, its lowest byte first.
        assert_eq!(sum(&[None]).as_deref(), Some("87 ca eb 85 b1 79 37 9e"));
    }
}
