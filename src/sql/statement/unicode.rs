//! Texts with Unicode escapes of a character that the statement chooses.
//!
//! Source: Trino documentation, "Data types", "VARCHAR".

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::cursor::position;
use crate::functions::trino::error::{ErrorCode, SqlError};
use crate::sql::words::is_word;

/// Texts such as `U&'d#0061t#+000061' UESCAPE '#'` as they read.
///
/// # Errors
/// If an escape names no character.
pub fn with_unicode_texts(tokens: &[TokenWithSpan]) -> Result<Vec<TokenWithSpan>, SqlError> {
    let mut found = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let [token, after @ ..] = rest {
        let mut token = token.clone();
        rest = after;
        if let (Token::UnicodeStringLiteral(text), [word, escape, after @ ..]) = (&token.token, after)
            && is_word(&word.token, "UESCAPE")
            && let Token::SingleQuotedString(escape_text) = &escape.token
        {
            let refused =
                |message: &str| SqlError::at(ErrorCode::SyntaxError, position(Some(escape)), message);
            let mut escapes = escape_text.chars();
            let (Some(by), None) = (escapes.next(), escapes.next()) else {
                return Err(refused("Invalid Unicode escape character"));
            };
            let unescaped = unescaped(text, by).ok_or_else(|| refused("Invalid Unicode escape sequence"))?;
            token.token = Token::SingleQuotedString(unescaped);
            rest = after;
        }
        found.push(token);
    }
    Ok(found)
}

/// A text whose characters can be written as `by` and four hexadecimal digits, or as `by`, a plus and
/// six. `by` itself is written twice.
fn unescaped(text: &str, by: char) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(by) {
        out.push_str(before);
        if let Some(after) = after.strip_prefix(by) {
            out.push(by);
            rest = after;
            continue;
        }
        let (digits, length) = after.strip_prefix('+').map_or((after, 4), |digits| (digits, 6));
        let (digits, after) = digits.split_at_checked(length)?;
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        out.push(
            hexadecimal.then(|| u32::from_str_radix(digits, 16).ok()).flatten().and_then(char::from_u32)?,
        );
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::query::tests::parsed;

    #[test]
    fn texts_have_escapes_of_their_own() {
        for (text, same) in [
            ("SELECT U&'d#0061t#+000061' UESCAPE '#'", "SELECT 'data'"),
            ("SELECT U&'100!! !2603' UESCAPE '!' AS x", "SELECT '100! ☃' AS x"),
        ] {
            assert_eq!(parsed(text).unwrap(), parsed(same).unwrap(), "{text}");
        }
        for text in
            ["U&'#00' UESCAPE '#'", "U&'#D800' UESCAPE '#'", "U&'#+00é061' UESCAPE '#'", "U&'' UESCAPE ''"]
        {
            assert!(
                parsed(&format!("SELECT {text}")).unwrap_err().message.contains("Invalid Unicode"),
                "{text}"
            );
        }
    }
}
