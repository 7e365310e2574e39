//! Decimal numbers: read, rounded and held to a precision.

/// `10^exponent`; `None` beyond 38 digits.
pub fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

/// A division rounded half up: a half goes away from zero. `None` if the divisor is 0, or the
/// quotient too large.
pub fn divide_half_up(dividend: i128, divisor: i128) -> Option<i128> {
    let quotient = dividend.checked_div(divisor)?;
    let remainder = dividend.checked_rem(divisor)?.unsigned_abs();
    // Twice the remainder may not fit.
    if remainder < divisor.unsigned_abs() - remainder {
        return Some(quotient);
    }
    quotient.checked_add(if (dividend < 0) == (divisor < 0) { 1 } else { -1 })
}

/// An unscaled value under another scale, rounded half up; `None` if it gets too large.
pub fn rescale(value: i128, from: i8, to: i8) -> Option<i128> {
    let difference = i32::from(to) - i32::from(from);
    let exponent = difference.unsigned_abs();
    if difference >= 0 {
        return if value == 0 { Some(0) } else { value.checked_mul(power_of_ten(exponent)?) };
    }
    power_of_ten(exponent).map_or(Some(0), |divisor| divide_half_up(value, divisor))
}

/// An unscaled value under another scale, if the precision holds it.
pub fn fit(value: i128, from: i8, precision: u8, scale: i8) -> Option<i128> {
    let rescaled = rescale(value, from, scale)?;
    let bound = power_of_ten(precision.into())?;
    (rescaled.unsigned_abs() < bound.unsigned_abs()).then_some(rescaled)
}

/// As [`fit`], for a scale that may be far from any that types have.
pub fn fit_parsed(digits: i128, digits_scale: i32, precision: u8, scale: i8) -> Option<i128> {
    if digits == 0 {
        return Some(0);
    }
    // Beyond these, no digit is left, or far too many are.
    if digits_scale > 100 {
        return Some(0);
    }
    fit(digits, i8::try_from(digits_scale).ok()?, precision, scale)
}

/// Reads `-12.5e3`: the digits, and the scale. Digits after the 38th are cut.
pub fn parse(text: &str) -> Option<(i128, i32)> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = whole.bytes().chain(fraction.bytes()).peekable();
    digits.peek()?;
    let mut value: i128 = 0;
    let mut cut: i32 = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        let next = if cut == 0 { value.checked_mul(10) } else { None };
        match next.and_then(|next| next.checked_add(i128::from(digit - b'0'))) {
            Some(next) => value = next,
            None => cut += 1,
        }
    }
    let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?.checked_sub(cut)?;
    Some((if negative { -value } else { value }, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_away_from_zero() {
        for (dividend, divisor, expected) in [
            (5, 2, Some(3)),
            (-5, 2, Some(-3)),
            (5, -2, Some(-3)),
            (4, 3, Some(1)),
            (1, 0, None),
            (7, 7, Some(1)),
        ] {
            assert_eq!(divide_half_up(dividend, divisor), expected, "{dividend} / {divisor}");
        }
        assert_eq!(rescale(12_345, 3, 1), Some(123));
        assert_eq!(rescale(12_355, 3, 1), Some(124));
        assert_eq!(rescale(i128::MAX, 0, 2), None);
        assert_eq!(fit(1234, 2, 3, 1), Some(123));
        assert_eq!(fit(12_345, 2, 3, 1), None);
    }

    #[test]
    fn texts_of_decimals() {
        for (text, expected) in [
            ("12.50", Some((1250, 2))),
            ("-0.5", Some((-5, 1))),
            ("1e3", Some((1, -3))),
            ("1.5E-2", Some((15, 3))),
            (".5", Some((5, 1))),
            ("5.", Some((5, 0))),
            ("", None),
            ("-", None),
            ("1.2.3", None),
            ("x", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
