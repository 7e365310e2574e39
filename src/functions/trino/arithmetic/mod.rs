//! `+`, `-`, `*`, `/` and `%`, with Trino's types.
//!
//! Source: Trino documentation, "Mathematical functions and operators", "Decimal functions and
//! operators" and "Date and time functions and operators".

mod decimal;
mod number;
mod time;

use std::sync::Arc;

use arrow::datatypes::{DataType, IntervalUnit};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF};

pub use number::modulus;
pub use time::shifted;

use super::cast::coerce;
use super::coercion::{as_decimal, distance, integer_digits};
use super::error::{ErrorCode, SqlError};
use super::function::ScalarBody;
use super::types::type_name;
use super::udf::ScalarFunctionImpl;

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulus,
}

impl Op {
    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulus => "%",
        }
    }

    /// The function's name, as Trino names operators.
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
            Self::Modulus => "modulus",
        }
    }
}

/// How two operands are brought together.
struct Plan {
    left: DataType,
    right: DataType,
    returns: DataType,
    body: ScalarBody,
}

/// `left op right`. `safe`: a row that fails gives `NULL`.
///
/// # Errors
/// Trino's message if there is no such operator for these types.
pub fn arithmetic(
    op: Op,
    left: Expr,
    left_type: &DataType,
    right: Expr,
    right_type: &DataType,
    safe: bool,
) -> Result<Expr, String> {
    let plan = plan(op, left_type, right_type).ok_or_else(|| {
        format!("Cannot apply operator: {} {} {}", type_name(left_type), op.sign(), type_name(right_type))
    })?;
    let args =
        vec![coerce(left, left_type, &plan.left, safe)?, coerce(right, right_type, &plan.right, safe)?];
    let function = ScalarFunctionImpl::new((op.name(), 0, safe), 2, plan.returns, false, plan.body);
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::from(function)), args)))
}

/// `-operand`. `safe`: a row that fails gives `NULL`.
///
/// # Errors
/// Trino's message if there is no such operator for the type.
pub fn negate(operand: Expr, data_type: &DataType, safe: bool) -> Result<Expr, String> {
    let body: ScalarBody = match data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => number::negate,
        DataType::Float64 => |call| call.map1(|value: f64| -value),
        DataType::Float32 => |call| call.map1(|value: f32| -value),
        DataType::Decimal128(..) => |call| call.map1(|value: i128| -value),
        DataType::Interval(IntervalUnit::YearMonth) => time::negate_months,
        DataType::Interval(_) | DataType::Duration(_) => time::negate,
        other => return Err(format!("Cannot negate {}", type_name(other))),
    };
    let function = ScalarFunctionImpl::new(("negate", 0, safe), 1, data_type.clone(), false, body);
    Ok(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::from(function)), vec![operand])))
}

fn plan(op: Op, left: &DataType, right: &DataType) -> Option<Plan> {
    time::plan(op, left, right).or_else(|| numbers(op, left, right))
}

fn numbers(op: Op, left: &DataType, right: &DataType) -> Option<Plan> {
    let (left, right) = match (left, right) {
        (DataType::Null, DataType::Null) => (&DataType::Int32, &DataType::Int32),
        (DataType::Null, known) => (known, known),
        (known, DataType::Null) => (known, known),
        both => both,
    };
    for float in [DataType::Float32, DataType::Float64] {
        let inexact = [left, right].iter().any(|side| matches!(side, DataType::Float32 | DataType::Float64));
        if inexact && distance(left, &float).is_some() && distance(right, &float).is_some() {
            let body = number::floats(op, &float);
            return Some(Plan { left: float.clone(), right: float.clone(), returns: float, body });
        }
    }
    if let (Some(left_digits), Some(right_digits)) = (integer_digits(left), integer_digits(right)) {
        let wider = if left_digits >= right_digits { left } else { right };
        let (left, right, returns) = (wider.clone(), wider.clone(), wider.clone());
        return Some(Plan { left, right, returns, body: number::integers(op, wider) });
    }
    decimal::plan(op, as_decimal(left)?, as_decimal(right)?)
}

/// An operation whose result its type cannot hold.
fn overflow(message: impl Into<String>) -> SqlError {
    SqlError::new(ErrorCode::NumericValueOutOfRange, message)
}

/// A division by zero.
fn by_zero() -> SqlError {
    SqlError::new(ErrorCode::DivisionByZero, "Division by zero")
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "Mathematical functions and operators".
    #[test]
    fn numbers() {
        check(&[
            ("7 / 2", "3"),
            ("-7 / 2", "-3"),
            ("-7 % 3", "-1"),
            ("7 / 2e0", "3.5"),
            ("1e0 / 0e0", "Infinity"),
            ("NULL + 1", "NULL"),
            ("2147483647 + CAST(1 AS bigint)", "2147483648"),
            ("CAST(1.5 AS double) * 2", "3.0"),
        ]);
        check_errors(&[
            ("2147483647 + 1", "integer addition overflow: 2147483647 + 1"),
            ("9223372036854775807 * 2", "bigint multiplication overflow: 9223372036854775807 * 2"),
            ("1 / 0", "DIVISION_BY_ZERO: Division by zero"),
            ("1 % 0", "Division by zero"),
            ("'a' + 1", "Cannot apply operator: varchar + integer"),
        ]);
    }

    /// Trino documentation, "Decimal functions and operators".
    #[test]
    fn decimals() {
        check(&[
            ("10.0 + 1.25", "11.25"),
            ("1 / 3.00", "0.33"),
            ("2 / 3.00", "0.67"),
            ("1.0 / 3", "0.3"),
            ("-2 / 3.0", "-0.7"),
            ("1.5 * 1.5", "2.25"),
            ("5.5 % 2", "1.5"),
            ("99999999999999999999.0 + 1", "100000000000000000000.0"),
        ]);
        check_errors(&[
            ("1.0 / 0", "Division by zero"),
            ("9999999999999999999999999999999999999.0 * 100", "Decimal overflow"),
        ]);
    }

    /// Trino documentation, "Date and time functions and operators".
    #[test]
    fn times() {
        check(&[
            ("date '2012-08-08' + interval '2' day", "2012-08-10"),
            ("interval '2' day + date '2012-08-08'", "2012-08-10"),
            ("timestamp '2012-08-08 01:00' + interval '29' hour", "2012-08-09 06:00:00.000"),
            ("timestamp '2012-10-31 01:00' + interval '1' month", "2012-11-30 01:00:00.000"),
            ("date '2012-08-31' - interval '6' month", "2012-02-29"),
            ("interval '2' day - interval '3' hour", "1 21:00:00.000"),
            ("interval '3' day * 2", "6 00:00:00.000"),
            ("interval '1' day / 2", "0 12:00:00.000"),
            ("date '2020-03-01' - date '2020-02-28'", "2 00:00:00.000"),
            ("timestamp '2020-03-01 10:00' - timestamp '2020-03-01 09:59:59.5'", "0 00:00:00.500"),
            (
                "with_timezone(timestamp '2020-03-29 01:00', 'Europe/Berlin') + interval '1' day",
                "2020-03-30 02:00:00.000 Europe/Berlin",
            ),
        ]);
        check_errors(&[
            ("date '2012-08-08' + interval '2' hour", "Cannot add hour, minutes or seconds to a date"),
            ("date '2012-08-08' + 1", "Cannot apply operator: date + integer"),
        ]);
    }
}
