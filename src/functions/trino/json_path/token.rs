//! The words of a path.

use super::PathFault;

/// A word of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// A name or a keyword.
    Name(String),
    /// `$name`
    Variable(String),
    /// `"text"`
    Text(String),
    /// `12`, `1.5`, `1e3`
    Number(String),
    /// `$`, `==`, `..`
    Sign(&'static str),
    End,
}

/// Longer ones come before those that they begin with.
const SIGNS: [&str; 24] = [
    "..", "==", "<>", "!=", "<=", ">=", "&&", "||", "$", "@", ".", "*", "[", "]", "(", ")", "?", ",", "+",
    "-", "/", "%", "<", ">",
];

/// The words of a path with the place of each, and its end.
///
/// # Errors
/// If there is something that is no word.
pub fn tokens(text: &str) -> Result<Vec<(Token, usize)>, PathFault> {
    let mut found = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (token, after) = token(rest, first)
            .ok_or_else(|| PathFault { message: format!("token recognition error at: '{first}'"), at })?;
        found.push((token, at));
        rest = after.trim_start();
    }
    found.push((Token::End, text.len()));
    Ok(found)
}

fn token(rest: &str, first: char) -> Option<(Token, &str)> {
    if is_name_start(first) {
        let (name, after) = name(rest);
        return Some((Token::Name(name.to_owned()), after));
    }
    if let Some(variable) = rest.strip_prefix('$')
        && variable.starts_with(is_name_start)
    {
        let (name, after) = name(variable);
        return Some((Token::Variable(name.to_owned()), after));
    }
    if first == '"' {
        return quoted(rest);
    }
    if first.is_ascii_digit() {
        let (number, after) = rest.split_at(number_length(rest));
        // `1a` is neither.
        return (!after.starts_with(is_name_start)).then(|| (Token::Number(number.to_owned()), after));
    }
    if first == '!' && !rest.starts_with("!=") {
        return Some((Token::Sign("!"), rest.get(1..)?));
    }
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
    Some((Token::Sign(sign), rest.get(sign.len()..)?))
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn name(rest: &str) -> (&str, &str) {
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    rest.split_at(end)
}

/// A text in double quotes, which are written twice inside.
fn quoted(rest: &str) -> Option<(Token, &str)> {
    let mut text = String::new();
    let mut rest = rest.strip_prefix('"')?;
    loop {
        let (part, after) = rest.split_once('"')?;
        text.push_str(part);
        let Some(more) = after.strip_prefix('"') else { return Some((Token::Text(text), after)) };
        text.push('"');
        rest = more;
    }
}

/// `12`, `1.5`, `1e-3`; the dots of `1..a` and of `1.floor()` are none of a number.
fn number_length(rest: &str) -> usize {
    let digits = |from: usize| {
        let after = rest.get(from..).unwrap_or_default();
        from + after.bytes().take_while(u8::is_ascii_digit).count()
    };
    let mut end = digits(0);
    if rest.get(end..).is_some_and(|after| after.starts_with('.')) && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    if rest.get(end..).is_some_and(|after| after.starts_with(['e', 'E'])) {
        let signed = rest.get(end + 1..).is_some_and(|after| after.starts_with(['+', '-']));
        let from = end + 1 + usize::from(signed);
        if digits(from) > from {
            end = digits(from);
        }
    }
    end
}
