//! Values of Trino's types as Rust values.

mod clock;
mod time;

use std::borrow::Cow;
use std::net::Ipv6Addr;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, BooleanArray, BooleanBuilder, FixedSizeBinaryArray,
    FixedSizeBinaryBuilder, LargeStringArray, ListArray, ListBuilder, PrimitiveArray, PrimitiveBuilder,
    StringArray, StringBuilder, make_array,
};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type,
};
use datafusion::common::internal_datafusion_err;
use datafusion::error::{DataFusionError, Result};

pub use clock::{Clock, DAY};
pub use time::{Date, Interval, Months, Stamp};

/// A value that can be read from an array.
pub trait Get<'a>: Sized {
    /// The array, of its type.
    type Source: Copy;

    /// The array, of its type.
    ///
    /// # Errors
    /// If the array is of another type.
    fn open(array: &'a dyn Array) -> Result<Self::Source>;

    /// The value of a row; `None` if it is `NULL` and the type has no value for that.
    fn get(source: Self::Source, row: usize) -> Option<Self>;
}

/// A value that an array can be built of.
pub trait Put: Sized {
    /// Collects the values.
    type Builder;

    /// A builder for an array of a type.
    ///
    /// # Errors
    /// If there is no array of that type for such values.
    fn builder(data_type: &DataType, rows: usize) -> Result<Self::Builder>;

    /// Adds a value, `None` for `NULL`.
    fn put(value: Option<Self>, builder: &mut Self::Builder);

    /// The array.
    ///
    /// # Errors
    /// If the values do not fit the type.
    fn finish(builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef>;
}

fn mismatch(data_type: &DataType) -> DataFusionError {
    internal_datafusion_err!("values of type {data_type} where others were declared")
}

/// A number as it is stored, with the type's precision and scale or unit elsewhere.
macro_rules! primitive {
    ($($native:ty => $arrow:ty),*) => {$(
        impl<'a> Get<'a> for $native {
            type Source = &'a PrimitiveArray<$arrow>;
            fn open(array: &'a dyn Array) -> Result<Self::Source> {
                array.as_primitive_opt().ok_or_else(|| mismatch(array.data_type()))
            }
            fn get(source: Self::Source, row: usize) -> Option<Self> {
                source.is_valid(row).then(|| source.value(row))
            }
        }

        impl Put for $native {
            type Builder = PrimitiveBuilder<$arrow>;
            fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
                Ok(PrimitiveBuilder::with_capacity(rows))
            }
            fn put(value: Option<Self>, builder: &mut Self::Builder) {
                builder.append_option(value);
            }
            fn finish(mut builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef> {
                retype(&builder.finish(), data_type)
            }
        }
    )*};
}

primitive! {
    i8 => Int8Type, i16 => Int16Type, i32 => Int32Type, i64 => Int64Type,
    f32 => Float32Type, f64 => Float64Type, i128 => Decimal128Type
}

/// The same numbers under a type that is stored alike.
fn retype<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, data_type: &DataType) -> Result<ArrayRef> {
    if array.data_type() == data_type {
        return Ok(Arc::new(array.clone()));
    }
    let data = array.to_data().into_builder().data_type(data_type.clone()).build();
    data.map(make_array).map_err(|_| mismatch(data_type))
}

impl<'a> Get<'a> for bool {
    type Source = &'a BooleanArray;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        array.as_boolean_opt().ok_or_else(|| mismatch(array.data_type()))
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| source.value(row))
    }
}

impl Put for bool {
    type Builder = BooleanBuilder;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(BooleanBuilder::with_capacity(rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value);
    }
    fn finish(mut builder: Self::Builder, _: &DataType) -> Result<ArrayRef> {
        Ok(Arc::new(builder.finish()))
    }
}

/// Texts of `varchar` or `json`.
#[derive(Debug, Clone, Copy)]
pub enum Texts<'a> {
    /// `varchar`
    Varchar(&'a StringArray),
    /// `json`
    Json(&'a LargeStringArray),
}

impl<'a> Get<'a> for &'a str {
    type Source = Texts<'a>;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        match array.data_type() {
            DataType::Utf8 => Ok(Texts::Varchar(array.as_string())),
            DataType::LargeUtf8 => Ok(Texts::Json(array.as_string())),
            other => Err(mismatch(other)),
        }
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        match source {
            Texts::Varchar(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Texts::Json(texts) => texts.is_valid(row).then(|| texts.value(row)),
        }
    }
}

/// Any text.
macro_rules! text {
    ($($text:ty),*) => {$(
        impl Put for $text {
            type Builder = StringBuilder;
            fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
                Ok(StringBuilder::with_capacity(rows, rows * 8))
            }
            fn put(value: Option<Self>, builder: &mut Self::Builder) {
                builder.append_option(value);
            }
            fn finish(mut builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef> {
                let texts = builder.finish();
                Ok(match data_type {
                    DataType::Utf8 => Arc::new(texts),
                    other => arrow::compute::cast(&texts, other)?,
                })
            }
        }
    )*};
}

text!(&str, String, Cow<'_, str>);

impl<'a> Get<'a> for &'a [u8] {
    type Source = &'a BinaryArray;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        array.as_binary_opt().ok_or_else(|| mismatch(array.data_type()))
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| source.value(row))
    }
}

impl Put for Vec<u8> {
    type Builder = BinaryBuilder;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(BinaryBuilder::with_capacity(rows, rows * 8))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value);
    }
    fn finish(mut builder: Self::Builder, _: &DataType) -> Result<ArrayRef> {
        Ok(Arc::new(builder.finish()))
    }
}

impl<'a> Get<'a> for Ipv6Addr {
    type Source = &'a FixedSizeBinaryArray;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        let addresses = array.as_fixed_size_binary_opt().filter(|array| array.value_length() == 16);
        addresses.ok_or_else(|| mismatch(array.data_type()))
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        let octets: [u8; 16] = source.is_valid(row).then(|| source.value(row))?.try_into().ok()?;
        Some(octets.into())
    }
}

impl Put for Ipv6Addr {
    type Builder = FixedSizeBinaryBuilder;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(FixedSizeBinaryBuilder::with_capacity(rows, 16))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        let added = value.map(|address| builder.append_value(address.octets()));
        if !matches!(added, Some(Ok(()))) {
            builder.append_null();
        }
    }
    fn finish(mut builder: Self::Builder, _: &DataType) -> Result<ArrayRef> {
        Ok(Arc::new(builder.finish()))
    }
}

/// The values of an array.
impl<'a> Get<'a> for ArrayRef {
    type Source = &'a ListArray;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        array.as_list_opt().ok_or_else(|| mismatch(array.data_type()))
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        source.is_valid(row).then(|| source.value(row))
    }
}

/// An array of texts.
impl Put for Vec<Option<String>> {
    type Builder = ListBuilder<StringBuilder>;
    fn builder(_: &DataType, rows: usize) -> Result<Self::Builder> {
        Ok(ListBuilder::with_capacity(StringBuilder::new(), rows))
    }
    fn put(value: Option<Self>, builder: &mut Self::Builder) {
        builder.append_option(value);
    }
    fn finish(mut builder: Self::Builder, data_type: &DataType) -> Result<ArrayRef> {
        let lists = builder.finish();
        if lists.data_type() == data_type {
            return Ok(Arc::new(lists));
        }
        Ok(arrow::compute::cast(&lists, data_type)?)
    }
}

/// A value that may be `NULL`, for functions that are asked about such rows too.
impl<'a, T: Get<'a>> Get<'a> for Option<T> {
    type Source = T::Source;
    fn open(array: &'a dyn Array) -> Result<Self::Source> {
        T::open(array)
    }
    fn get(source: Self::Source, row: usize) -> Option<Self> {
        Some(T::get(source, row))
    }
}
