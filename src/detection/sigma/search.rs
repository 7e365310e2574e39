//! Search identifiers: maps, lists and keywords.

use std::collections::BTreeSet;

use datafusion::logical_expr::Expr;
use serde_json::Value;

use super::compare::{matches_one, part_matches, refers};
use super::expr::{all_of, any_of};
use super::field::{Field, alike};
use super::modifier::Modifier;
use super::value::Draft;

/// Tests that a rule may come to: rules are short, and those that are not are no rules.
const MOST_TESTS: usize = 100_000;
/// Modifiers that one field may have, and values that they may make of one: encoding again and
/// again has no end.
const MOST_MODIFIERS: usize = 6;
const MOST_VARIANTS: usize = 1_000;
/// Tests that a keyword comes to: one for each text of an event.
const KEYWORD_TESTS: usize = 60;

/// What compiling a rule has come to.
#[derive(Debug, Default)]
pub struct Notes {
    /// Fields that no CloudTrail record has.
    unknown: BTreeSet<String>,
    tests: usize,
    errors: bool,
}

impl Notes {
    /// Counts tests.
    ///
    /// # Errors
    /// If there are too many.
    pub fn count(&mut self, tests: usize) -> Result<(), String> {
        self.tests = self.tests.saturating_add(tests);
        if self.tests > MOST_TESTS {
            return Err(format!("comes to more than {MOST_TESTS} tests"));
        }
        Ok(())
    }

    /// Tests so far.
    pub fn tests(&self) -> usize {
        self.tests
    }

    /// What is odd, a text each.
    pub fn warnings(&self) -> Vec<String> {
        let warning = |name: &String| match alike(name).as_slice() {
            [] => format!("field '{name}' is in no CloudTrail record: it counts as absent"),
            alike => {
                format!(
                    "field '{name}' is in no CloudTrail record, as {} are: it counts as absent",
                    alike.join(", ")
                )
            }
        };
        self.unknown.iter().map(warning).collect()
    }

    /// Whether it looks at how a call failed.
    pub fn asks_for_errors(&self) -> bool {
        self.errors
    }

    /// The field of this name.
    pub fn field(&mut self, name: &str) -> Field {
        self.errors |= name.to_ascii_lowercase().starts_with("error");
        let field = Field::named(name);
        if field.unknown {
            self.unknown.insert(name.to_owned());
        }
        field
    }
}

/// Whether an event is what a search identifier asks for; never `NULL`.
///
/// # Errors
/// Why that cannot be said.
pub fn search(value: &Value, notes: &mut Notes) -> Result<Expr, String> {
    match value {
        Value::Object(items) if items.is_empty() => Err("is empty".into()),
        Value::Object(items) => {
            let mut tests = vec![];
            for (key, value) in items {
                tests.push(item(key, value, notes)?);
            }
            // What is cheap goes first: where it does not hold, the rest is not asked.
            tests.sort_by_key(|(costly, _)| *costly);
            Ok(all_of(tests.into_iter().map(|(_, test)| test)))
        }
        Value::Array(items) if items.is_empty() => Err("is empty".into()),
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            let found: Result<Vec<_>, _> = items.iter().map(|item| search(item, notes)).collect();
            Ok(any_of(found?))
        }
        keywords => Ok(item("", keywords, notes)?.1),
    }
}

/// `field|modifiers: values`, and whether it is costly.
fn item(key: &str, values: &Value, notes: &mut Notes) -> Result<(bool, Expr), String> {
    let test = named_item(key, values, notes);
    test.map_err(|reason| if key.is_empty() { reason } else { format!("field '{key}' {reason}") })
}

fn named_item(key: &str, values: &Value, notes: &mut Notes) -> Result<(bool, Expr), String> {
    let mut names = key.split('|');
    let name = names.next().unwrap_or_default().trim();
    let modifiers: Vec<Modifier> = names
        .map(|name| Modifier::named(name).ok_or_else(|| format!("has a modifier that is unknown: '{name}'")))
        .collect::<Result<_, _>>()?;
    if modifiers.len() > MOST_MODIFIERS {
        return Err(format!("has more than {MOST_MODIFIERS} modifiers"));
    }
    let field = if name.is_empty() { Field::anywhere() } else { notes.field(name) };
    let values = match values {
        Value::Array(values) if values.is_empty() => return Err("has no values".into()),
        Value::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut groups = vec![];
    for value in values {
        let mut group = drafts(value, &modifiers, name.is_empty())?;
        if field.is_json {
            let escaped: Vec<Draft> = group.iter().filter_map(Draft::inside_json).collect();
            group.extend(escaped);
        }
        notes.count(group.len() * if name.is_empty() { KEYWORD_TESTS } else { 1 })?;
        for draft in &group {
            if let Draft::Reference { name, .. } = draft {
                notes.field(name);
            }
        }
        groups.push(group);
    }
    let cased = modifiers.contains(&Modifier::Cased);
    if cased && !groups.iter().flatten().all(Draft::has_case) {
        return Err("has |cased, but not for a text".into());
    }
    let test = if modifiers.contains(&Modifier::All) {
        all_of(groups.iter().map(|group| is_one_of(&field, group, cased)))
    } else {
        is_one_of(&field, &groups.concat(), cased)
    };
    let test = if modifiers.contains(&Modifier::Neq) { !test } else { test };
    Ok((field.is_costly(), test))
}

/// What the modifiers make of a value.
fn drafts(value: &Value, modifiers: &[Modifier], keyword: bool) -> Result<Vec<Draft>, String> {
    let mut drafts = vec![Draft::read(value)?];
    for modifier in modifiers {
        let mut changed = vec![];
        for draft in drafts {
            changed.extend(draft.apply(modifier)?);
            if changed.len() > MOST_VARIANTS {
                return Err(format!("has a value of more than {MOST_VARIANTS} variants"));
            }
        }
        drafts = changed;
    }
    let finished = drafts.into_iter().map(|draft| match draft.finish()? {
        // A keyword stands anywhere in a text.
        draft @ (Draft::Text(_) | Draft::Number(..) | Draft::Flag(_)) if keyword => {
            Ok(draft.apply(&Modifier::Contains)?.remove(0))
        }
        draft if keyword && !draft.is_for_text() => Err("is for a field, and names none".into()),
        draft => Ok(draft),
    });
    finished.collect()
}

/// Whether the field has one of the values.
fn is_one_of(field: &Field, drafts: &[Draft], cased: bool) -> Expr {
    let (texts, others): (Vec<&Draft>, Vec<&Draft>) = drafts.iter().partition(|draft| draft.is_for_text());
    let mut tests = vec![];
    if !texts.is_empty() {
        tests.push(field.any(|text| matches_one(&texts, cased, &text)));
    }
    for draft in others {
        tests.push(match draft {
            Draft::Exists(true) => field.exists(),
            Draft::Exists(false) => !field.exists(),
            Draft::Part(part, operator, number) => {
                field.as_time().any(|time| part_matches(time, part, *operator, *number))
            }
            Draft::Reference { name, starts, ends } => {
                field.any_pair(&Field::named(name), |text, other| refers(text, other, *starts, *ends, cased))
            }
            _ => field.is_null(),
        });
    }
    any_of(tests)
}
