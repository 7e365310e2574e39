//! `luhn_check` and `soundex`.
//!
//! Source: Trino documentation, "String functions and operators".

use crate::functions::trino::call::invalid;
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::scalar::scalar;

/// Functions of codes.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("luhn_check", "Whether the last digit is what the Luhn algorithm makes of the others.")
            .on("(varchar) -> boolean", |call| call.map1(luhn_check)),
        scalar("soundex", "How a name sounds in English: a letter and three digits.")
            .on("(varchar) -> varchar", |call| call.map1(soundex)),
    ]
}

fn luhn_check(text: &str) -> Result<bool, SqlError> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    let digits = digits.ok_or_else(|| invalid("Luhn check can only be applied to digits"))?;
    let doubled = digits.iter().rev().enumerate().map(|(place, digit)| match place % 2 {
        0 => *digit,
        // The digits of a number below 20, added up.
        _ => digit * 2 / 10 + digit * 2 % 10,
    });
    Ok(!digits.is_empty() && doubled.sum::<u32>().is_multiple_of(10))
}

/// The first letter, and what the consonants after it sound like, a repeated sound once.
fn soundex(text: &str) -> Result<String, SqlError> {
    let mut letters = vec![];
    for letter in text.chars().filter(|c| c.is_alphabetic()) {
        if !letter.is_ascii() {
            return Err(invalid(format!("The character is not mapped: {letter}")));
        }
        letters.push(letter.to_ascii_uppercase());
    }
    let Some((first, rest)) = letters.split_first() else { return Ok(String::new()) };
    let mut code = first.to_string();
    let mut before = sound(*first);
    for letter in rest {
        // H and W do not part what they stand between.
        if matches!(letter, 'H' | 'W') {
            continue;
        }
        let sound = sound(*letter);
        if let Some(digit) = sound.filter(|_| sound != before) {
            code.push(digit);
        }
        before = sound;
    }
    Ok(code.chars().chain("000".chars()).take(4).collect())
}

/// Vowels sound like nothing.
fn sound(letter: char) -> Option<char> {
    Some(match letter {
        'B' | 'F' | 'P' | 'V' => '1',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => '2',
        'D' | 'T' => '3',
        'L' => '4',
        'M' | 'N' => '5',
        'R' => '6',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// The documentation's examples, and those of the National Archives for Soundex.
    #[test]
    fn codes() {
        check(&[
            ("luhn_check('79927398713')", "true"),
            ("luhn_check('79927398714')", "false"),
            ("luhn_check('')", "false"),
            ("soundex('CHINA')", "C500"),
            ("soundex('CHYNA')", "C500"),
            ("soundex('Washington')", "W252"),
            ("soundex('Tymczak')", "T522"),
            ("soundex('Pfister')", "P236"),
            ("soundex('Ashcraft')", "A261"),
            ("soundex('o''Hara')", "O600"),
            ("soundex('')", ""),
        ]);
        check_errors(&[
            ("luhn_check('12a')", "digits"),
            ("soundex('jąmes')", "The character is not mapped: ą"),
        ]);
    }
}
