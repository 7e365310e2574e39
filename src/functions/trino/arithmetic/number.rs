//! Arithmetic of integers, which complain of overflow, and of floating-point numbers.

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::Result;

use super::{Op, by_zero, overflow};
use crate::functions::trino::call::Call;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::ScalarBody;
use crate::functions::trino::types::type_name;
use crate::functions::trino::value::{Get, Put};

/// An integer type.
pub trait Integer: Copy + std::fmt::Display + PartialEq + 'static {
    /// 0
    const ZERO: Self;
    /// The result; `None` if the type cannot hold it.
    fn operate(op: Op, left: Self, right: Self) -> Option<Self>;
}

macro_rules! integer {
    ($($type:ty),*) => {$(
        impl Integer for $type {
            const ZERO: Self = 0;
            fn operate(op: Op, left: Self, right: Self) -> Option<Self> {
                match op {
                    Op::Add => left.checked_add(right),
                    Op::Subtract => left.checked_sub(right),
                    Op::Multiply => left.checked_mul(right),
                    Op::Divide => left.checked_div(right),
                    // The remainder of a division by -1 is 0, even where its quotient overflows.
                    Op::Modulus => Some(left.wrapping_rem(right)),
                }
            }
        }
    )*};
}

integer!(i8, i16, i32, i64);

/// The operation for an integer type.
pub fn integers(op: Op, data_type: &DataType) -> ScalarBody {
    macro_rules! of {
        ($type:ty) => {
            match op {
                Op::Add => |call| call.map2(|l: $type, r: $type| checked(Op::Add, l, r)),
                Op::Subtract => |call| call.map2(|l: $type, r: $type| checked(Op::Subtract, l, r)),
                Op::Multiply => |call| call.map2(|l: $type, r: $type| checked(Op::Multiply, l, r)),
                Op::Divide => |call| call.map2(|l: $type, r: $type| checked(Op::Divide, l, r)),
                Op::Modulus => |call| call.map2(|l: $type, r: $type| checked(Op::Modulus, l, r)),
            }
        };
    }
    match data_type {
        DataType::Int8 => of!(i8),
        DataType::Int16 => of!(i16),
        DataType::Int32 => of!(i32),
        _ => of!(i64),
    }
}

fn checked<T: Integer>(op: Op, left: T, right: T) -> Result<T, SqlError> {
    if matches!(op, Op::Divide | Op::Modulus) && right == T::ZERO {
        return Err(by_zero());
    }
    T::operate(op, left, right).ok_or_else(|| {
        let what = match op {
            Op::Add => "addition",
            Op::Subtract => "subtraction",
            Op::Multiply => "multiplication",
            Op::Divide | Op::Modulus => "division",
        };
        overflow(format!("{} {what} overflow: {left} {} {right}", name::<T>(), op.sign()))
    })
}

/// Trino's name of an integer type.
fn name<T>() -> String {
    type_name(match size_of::<T>() {
        1 => &DataType::Int8,
        2 => &DataType::Int16,
        4 => &DataType::Int32,
        _ => &DataType::Int64,
    })
}

/// `mod(left, right)`
pub fn modulus<T: Integer + Put + for<'a> Get<'a>>(call: &Call) -> Result<ArrayRef> {
    call.map2(|left: T, right: T| checked(Op::Modulus, left, right))
}

/// The operation for `double` or `real`.
pub fn floats(op: Op, data_type: &DataType) -> ScalarBody {
    macro_rules! of {
        ($type:ty) => {
            match op {
                Op::Add => |call| call.map2(|l: $type, r: $type| l + r),
                Op::Subtract => |call| call.map2(|l: $type, r: $type| l - r),
                Op::Multiply => |call| call.map2(|l: $type, r: $type| l * r),
                Op::Divide => |call| call.map2(|l: $type, r: $type| l / r),
                Op::Modulus => |call| call.map2(|l: $type, r: $type| l % r),
            }
        };
    }
    if *data_type == DataType::Float32 { of!(f32) } else { of!(f64) }
}

/// The negative of an integer.
pub fn negate(call: &Call) -> Result<ArrayRef> {
    macro_rules! of {
        ($type:ty) => {
            call.map1(|value: $type| {
                let negated = value.checked_neg();
                negated.ok_or_else(|| overflow(format!("{} negation overflow: {value}", name::<$type>())))
            })
        };
    }
    match call.returns {
        DataType::Int8 => of!(i8),
        DataType::Int16 => of!(i16),
        DataType::Int32 => of!(i32),
        _ => of!(i64),
    }
}
