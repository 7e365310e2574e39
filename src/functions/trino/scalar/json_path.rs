//! `json_value`, `json_query` and `json_exists` of SQL's own JSON paths, with their default clauses.
//!
//! Source: Trino documentation, "JSON functions and operators", "JSON path language". Members, elements
//! and wildcards are read; filters, methods and arithmetic are not.

use arrow::array::ArrayRef;
use datafusion::error::Result;
use serde::de::IgnoredAny;

use super::scalar;
use crate::decode::json::{for_each_element, for_each_member, text_of};
use crate::functions::trino::call::{Call, Memo, invalid};
use crate::functions::trino::error::SqlError;
use crate::functions::trino::function::Function;
use crate::functions::trino::json_text::compact;

/// Functions of JSON paths.
pub fn functions() -> Vec<Function> {
    vec![
        scalar("json_exists", "Whether there is something at a JSON path.")
            .on("(varchar, varchar) -> boolean", exists),
        scalar("json_value", "The text, number or boolean at a JSON path; NULL if there is not one.")
            .on("(varchar, varchar) -> varchar", |call| single(call, value_of)),
        scalar("json_query", "The JSON at a JSON path; NULL if there is not one.")
            .on("(varchar, varchar) -> varchar", |call| single(call, |item| Some(compact(item)))),
    ]
}

/// `lax $.a[0].b[*]`
#[derive(Debug, PartialEq)]
struct Path {
    /// What does not fit the JSON is an error, rather than nothing.
    strict: bool,
    steps: Vec<Step>,
}

#[derive(Debug, PartialEq)]
enum Step {
    Member(String),
    EveryMember,
    /// From a place to another, both included.
    Elements(usize, usize),
    EveryElement,
}

fn exists(call: &Call) -> Result<ArrayRef> {
    let mut paths = Memo::new(read);
    call.map2(|json: &str, path: &str| {
        let path = paths.get(path)?;
        Ok::<_, SqlError>(path.items(json).is_some_and(|items| !items.is_empty()))
    })
}

/// What becomes of the only item that there is.
fn single(call: &Call, of: fn(&str) -> Option<String>) -> Result<ArrayRef> {
    let mut paths = Memo::new(read);
    call.map2(|json: &str, path: &str| {
        let path = paths.get(path)?;
        Ok::<_, SqlError>(match path.items(json).as_deref() {
            Some([item]) => of(item),
            _ => None,
        })
    })
}

fn value_of(item: &str) -> Option<String> {
    match item.as_bytes().first()? {
        b'{' | b'[' | b'n' => None,
        b'"' => Some(text_of(item).into_owned()),
        _ => Some(compact(item)),
    }
}

impl Path {
    /// What is at the path; `None` where the text is no JSON, or is not as a strict path wants it.
    fn items<'a>(&self, json: &'a str) -> Option<Vec<&'a str>> {
        serde_json::from_str::<IgnoredAny>(json).ok()?;
        let mut items = vec![json.trim_matches([' ', '\t', '\r', '\n'])];
        for step in &self.steps {
            let mut next = vec![];
            for item in items {
                self.take(step, item, &mut next)?;
            }
            items = next;
        }
        Some(items)
    }

    /// Lax paths look into arrays for members, and take anything else for an array of one.
    fn take<'a>(&self, step: &Step, item: &'a str, found: &mut Vec<&'a str>) -> Option<()> {
        let is_array = item.starts_with('[');
        match step {
            Step::Member(_) | Step::EveryMember if is_array && !self.strict => {
                for element in elements(item) {
                    if !element.starts_with('[') {
                        self.members(step, element, found)?;
                    }
                }
                Some(())
            }
            Step::Member(_) | Step::EveryMember => self.members(step, item, found),
            Step::Elements(..) | Step::EveryElement if !is_array && self.strict => None,
            Step::EveryElement => {
                found.extend(if is_array { elements(item) } else { vec![item] });
                Some(())
            }
            Step::Elements(first, last) => {
                let all = if is_array { elements(item) } else { vec![item] };
                if self.strict && (*last >= all.len() || first > last) {
                    return None;
                }
                found.extend(all.into_iter().take(last.saturating_add(1)).skip(*first));
                Some(())
            }
        }
    }

    fn members<'a>(&self, step: &Step, item: &'a str, found: &mut Vec<&'a str>) -> Option<()> {
        if !item.starts_with('{') {
            return (!self.strict).then_some(());
        }
        let before = found.len();
        let walked = for_each_member(item, |key, value| match step {
            Step::Member(name) if name != key => {}
            _ => found.push(value),
        });
        let missing = found.len() == before && matches!(step, Step::Member(_));
        (walked.is_ok() && !(self.strict && missing)).then_some(())
    }
}

fn elements(array: &str) -> Vec<&str> {
    let mut found = vec![];
    for_each_element(array, |element| found.push(element));
    found
}

/// Reads a path.
///
/// # Errors
/// If it is none, or one of a kind that is not read.
fn read(text: &str) -> Result<Path, SqlError> {
    let failure = || invalid(format!("Invalid JSON path: '{text}'"));
    let trimmed = text.trim();
    let (strict, rest) = match trimmed.split_once(char::is_whitespace) {
        Some(("lax", rest)) => (false, rest),
        Some(("strict", rest)) => (true, rest),
        _ => (false, trimmed),
    };
    let mut rest = rest.trim().strip_prefix('$').ok_or_else(failure)?;
    let mut steps = vec![];
    while !rest.is_empty() {
        let (step, after) = read_step(rest).ok_or_else(failure)?;
        steps.push(step);
        rest = after.trim_start();
    }
    Ok(Path { strict, steps })
}

fn read_step(rest: &str) -> Option<(Step, &str)> {
    if let Some(inside) = rest.strip_prefix('[') {
        let (inside, after) = inside.split_once(']')?;
        return Some((read_elements(inside.trim())?, after));
    }
    let member = rest.strip_prefix('.')?;
    if let Some(after) = member.strip_prefix('*') {
        return Some((Step::EveryMember, after));
    }
    if let Some(quoted) = member.strip_prefix('"') {
        let (name, after) = quoted.split_once('"')?;
        return (!name.contains('\\')).then(|| (Step::Member(name.to_owned()), after));
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let end = member.find(|c| !is_name(c)).unwrap_or(member.len());
    let (name, after) = member.split_at_checked(end)?;
    let starts = name.chars().next().is_some_and(|first| !first.is_ascii_digit());
    starts.then(|| (Step::Member(name.to_owned()), after))
}

/// `*`, `0` or `0 to 2`
fn read_elements(inside: &str) -> Option<Step> {
    if inside == "*" {
        return Some(Step::EveryElement);
    }
    let (first, last) = inside.split_once(" to ").unwrap_or((inside, inside));
    Some(Step::Elements(first.trim().parse().ok()?, last.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use crate::functions::trino::testing::{check, check_errors};

    /// Trino documentation, "JSON path language": accessors, and "lax and strict modes".
    #[test]
    fn what_is_at_paths() {
        check(&[
            (r#"json_value('{"a": {"b": "x"}}', 'lax $.a.b')"#, "x"),
            (r#"json_value('{"a": [1.50, true]}', '$.a[0]')"#, "1.5"),
            (r#"json_value('{"a": [1, 2]}', 'lax $.a[*]')"#, "NULL"),
            (r#"json_value('{"a": {}}', 'lax $.a')"#, "NULL"),
            (r#"json_value('{"a": null}', 'lax $.a')"#, "NULL"),
            (r#"json_value('[{"a": 1}]', 'lax $.a')"#, "1"),
            (r#"json_value('[{"a": 1}]', 'strict $.a')"#, "NULL"),
            (r#"json_value('{"a": 1}', 'lax $[0].a')"#, "1"),
            (r#"json_value('{"a b": 1}', 'lax $."a b"')"#, "1"),
            (r#"json_query('{"b": 1, "a": [1, "x"]}', 'lax $')"#, r#"{"b":1,"a":[1,"x"]}"#),
            (r#"json_query('{"a": "x"}', 'lax $.a')"#, r#""x""#),
            (r#"json_query('[1, 2, 3]', 'lax $[1 to 2]')"#, "NULL"),
            (r#"json_exists('{"a": null}', 'lax $.a')"#, "true"),
            (r#"json_exists('{"a": [1]}', 'lax $.a[1]')"#, "false"),
            (r#"json_exists('{"a": [1]}', 'strict $.a[1]')"#, "false"),
            (r#"json_exists('{"a": 1}', 'strict $.*')"#, "true"),
            ("json_exists('no json', 'lax $')", "false"),
            ("json_value(NULL, 'lax $')", "NULL"),
        ]);
        check_errors(&[
            ("json_value('{}', 'a')", "Invalid JSON path: 'a'"),
            ("json_value('{}', 'lax $.a[')", "Invalid JSON path"),
            ("json_value('{}', 'lax $.a ? (@ > 1)')", "Invalid JSON path"),
        ]);
    }
}
