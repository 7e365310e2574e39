//! Arithmetic of decimals: the result's digits follow from those of the operands.
//!
//! Source: Trino documentation, "Decimal functions and operators", "Binary arithmetic decimal
//! operators".

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, i256};
use datafusion::error::Result;

use super::{Op, Plan, by_zero, overflow};
use crate::functions::trino::call::Call;
use crate::functions::trino::cast::power_of_ten;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::ScalarBody;

/// Digits of a decimal, at most.
const MOST_DIGITS: i16 = 38;

/// The operation for operands of these precisions and scales; `None` if the result has too many
/// digits after the point.
pub fn plan(op: Op, (p, s): (u8, i8), (q, t): (u8, i8)) -> Option<Plan> {
    let operand = |precision, scale| DataType::Decimal128(precision, scale);
    let (left, right) = (operand(p, s), operand(q, t));
    let (p, s, q, t) = (i16::from(p), i16::from(s), i16::from(q), i16::from(t));
    let (precision, scale) = match op {
        Op::Add | Op::Subtract => (1 + (p - s).max(q - t) + s.max(t), s.max(t)),
        Op::Multiply => (p + q, s + t),
        Op::Divide => (p + t + (t - s).max(0), s.max(t)),
        Op::Modulus => ((p - s).min(q - t) + s.max(t), s.max(t)),
    };
    if scale > MOST_DIGITS {
        return None;
    }
    let precision = u8::try_from(precision.clamp(1, MOST_DIGITS)).ok()?;
    let returns = DataType::Decimal128(precision, i8::try_from(scale).ok()?);
    let body: ScalarBody = match op {
        Op::Add => |call| aligned(call, |l, r| l.checked_add(r).ok_or_else(too_large)),
        Op::Subtract => |call| aligned(call, |l, r| l.checked_sub(r).ok_or_else(too_large)),
        Op::Multiply => |call| with_bound(call, |l, r| l.checked_mul(r).ok_or_else(too_large)),
        Op::Divide => divide,
        Op::Modulus => |call| aligned(call, |l, r| l.checked_rem(r).ok_or_else(by_zero)),
    };
    Some(Plan { left, right, returns, body })
}

fn too_large() -> SqlError {
    overflow("Decimal overflow")
}

fn scale_of(data_type: &DataType) -> i8 {
    match data_type {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    }
}

/// An operation on operands of the result's scale.
fn aligned(call: &Call, operate: fn(i128, i128) -> Result<i128, SqlError>) -> Result<ArrayRef> {
    let scale = scale_of(call.returns);
    let factor = |argument| -> Result<i128> {
        let by = scale - scale_of(call.data_type(argument)?);
        Ok(power_of_ten(by.unsigned_abs().into()).unwrap_or(1))
    };
    let (left, right) = (factor(0)?, factor(1)?);
    with_bound(call, |l, r| {
        let (l, r) =
            (l.checked_mul(left).ok_or_else(too_large)?, r.checked_mul(right).ok_or_else(too_large)?);
        operate(l, r)
    })
}

/// An operation whose result has to have at most 38 digits.
fn with_bound(call: &Call, operate: impl Fn(i128, i128) -> Result<i128, SqlError>) -> Result<ArrayRef> {
    let bound = power_of_ten(38).unwrap_or(i128::MAX);
    call.map2(|l: i128, r: i128| {
        let result = operate(l, r)?;
        if result.unsigned_abs() < bound.unsigned_abs() { Ok(result) } else { Err(too_large()) }
    })
}

/// Rounded half up. The dividend can have more digits than a decimal while it is divided.
fn divide(call: &Call) -> Result<ArrayRef> {
    let by = i16::from(scale_of(call.returns)) + i16::from(scale_of(call.data_type(1)?))
        - i16::from(scale_of(call.data_type(0)?));
    let factor = i256::from_i128(10).checked_pow(u32::try_from(by).unwrap_or_default());
    with_bound(call, |l, r| {
        let divisor = i256::from_i128(r);
        let dividend =
            factor.and_then(|factor| i256::from_i128(l).checked_mul(factor)).ok_or_else(too_large)?;
        if r == 0 {
            return Err(by_zero());
        }
        let (quotient, rest) = (dividend.checked_div(divisor), dividend.checked_rem(divisor));
        let (quotient, rest) = quotient.zip(rest).ok_or_else(too_large)?;
        let quotient = quotient.to_i128().ok_or_else(too_large)?;
        let half_or_more = rest.wrapping_abs() >= divisor.wrapping_abs() - rest.wrapping_abs();
        let away = if (l < 0) == (r < 0) { 1 } else { -1 };
        Ok(if half_or_more { quotient + away } else { quotient })
    })
}
