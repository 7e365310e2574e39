//! Numbers in paths, and how paths compute with them.

use std::cmp::Ordering;

use crate::functions::trino::cast::{divide_half_up, power_of_ten};
use crate::functions::trino::text::{decimal, java_double};

use super::Operator;

/// A number: of JSON an integer or a double, of a path a decimal too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Without a fraction.
    Integer(i64),
    /// Unscaled, and how many of its digits are the fraction.
    Decimal(i128, i8),
    /// With an exponent, or of JSON with a fraction.
    Double(f64),
}

impl Number {
    /// A number of JSON; `None` if it is none, or an integer that is too large.
    pub fn of_json(raw: &str) -> Option<Self> {
        if raw.contains(['.', 'e', 'E']) {
            return raw.parse().ok().filter(|value: &f64| value.is_finite()).map(Self::Double);
        }
        raw.parse().ok().map(Self::Integer)
    }

    /// A number of a path, where one with a fraction and without an exponent is a decimal.
    pub fn of_literal(text: &str) -> Option<Self> {
        match text.split_once('.') {
            Some((whole, fraction)) if !text.contains(['e', 'E']) => {
                let unscaled: i128 = format!("{whole}{fraction}").parse().ok()?;
                let bounded = unscaled < power_of_ten(38)? && fraction.len() <= 38;
                bounded.then_some(Self::Decimal(unscaled, i8::try_from(fraction.len()).ok()?))
            }
            _ => Self::of_json(text),
        }
    }

    /// The result of an operator, as in SQL; `None` for one that is too large, or a division by 0.
    pub(super) fn operate(self, operator: Operator, right: Self) -> Option<Self> {
        match (self, right) {
            (Self::Integer(left), Self::Integer(right)) => integers(operator, left, right).map(Self::Integer),
            (Self::Double(_), _) | (_, Self::Double(_)) => {
                doubles(operator, self.double(), right.double()).map(Self::Double)
            }
            _ => decimals(operator, self.decimal(), right.decimal()),
        }
    }

    pub fn negated(self) -> Option<Self> {
        Some(match self {
            Self::Integer(value) => Self::Integer(value.checked_neg()?),
            Self::Decimal(value, scale) => Self::Decimal(value.checked_neg()?, scale),
            Self::Double(value) => Self::Double(-value),
        })
    }

    pub fn abs(self) -> Option<Self> {
        if self.compare(Self::Integer(0)).is_some_and(Ordering::is_lt) { self.negated() } else { Some(self) }
    }

    pub fn floor(self) -> Option<Self> {
        Some(match self {
            Self::Integer(_) => self,
            Self::Decimal(value, scale) => {
                Self::Decimal(value.div_euclid(power_of_ten(scale.unsigned_abs().into())?), 0)
            }
            Self::Double(value) => Self::Double(value.floor()),
        })
    }

    pub fn ceiling(self) -> Option<Self> {
        match self {
            Self::Double(value) => Some(Self::Double(value.ceil())),
            _ => self.negated()?.floor()?.negated(),
        }
    }

    pub fn double(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Decimal(value, scale) => decimal(value, scale).parse().unwrap_or(f64::NAN),
            Self::Double(value) => value,
        }
    }

    /// The order of two numbers; `None` if one is not a number.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Double(_), _) | (_, Self::Double(_)) => self.double().partial_cmp(&other.double()),
            _ => match aligned(self.decimal(), other.decimal()) {
                Some((left, right, _)) => Some(left.cmp(&right)),
                None => self.double().partial_cmp(&other.double()),
            },
        }
    }

    /// The place of an array's element: a fraction is cut.
    pub fn place(self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(value),
            Self::Decimal(value, scale) => {
                i64::try_from(value / power_of_ten(scale.unsigned_abs().into())?).ok()
            }
            Self::Double(value) => (value.abs() < 9e18).then_some(value as i64),
        }
    }

    /// The number as JSON.
    pub fn json(self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            Self::Decimal(value, scale) => decimal(value, scale),
            Self::Double(value) => java_double(value),
        }
    }

    /// Unscaled, and its scale; of a double nothing that counts.
    fn decimal(self) -> (i128, i8) {
        match self {
            Self::Integer(value) => (value.into(), 0),
            Self::Decimal(value, scale) => (value, scale),
            Self::Double(_) => (0, 0),
        }
    }
}

fn integers(operator: Operator, left: i64, right: i64) -> Option<i64> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
        Operator::Modulus => left.checked_rem(right),
    }
}

fn doubles(operator: Operator, left: f64, right: f64) -> Option<f64> {
    let result = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Modulus => left % right,
    };
    // JSON has no text for the others.
    result.is_finite().then_some(result)
}

fn decimals(operator: Operator, left: (i128, i8), right: (i128, i8)) -> Option<Number> {
    let (value, scale) = match operator {
        Operator::Multiply => (left.0.checked_mul(right.0)?, left.1.checked_add(right.1)?),
        Operator::Divide => {
            let scale = left.1.max(right.1);
            let factor = power_of_ten((scale - left.1 + right.1).unsigned_abs().into())?;
            (divide_half_up(left.0.checked_mul(factor)?, right.0)?, scale)
        }
        _ => {
            let (left, right, scale) = aligned(left, right)?;
            let value = match operator {
                Operator::Add => left.checked_add(right),
                Operator::Subtract => left.checked_sub(right),
                _ => left.checked_rem(right),
            };
            (value?, scale)
        }
    };
    let bounded = value.unsigned_abs() < power_of_ten(38)?.unsigned_abs() && scale <= 38;
    bounded.then_some(Number::Decimal(value, scale))
}

/// Both under the larger scale.
fn aligned((left, s): (i128, i8), (right, t): (i128, i8)) -> Option<(i128, i128, i8)> {
    let scale = s.max(t);
    let factor = |from: i8| power_of_ten((scale - from).unsigned_abs().into());
    Some((left.checked_mul(factor(s)?)?, right.checked_mul(factor(t)?)?, scale))
}
