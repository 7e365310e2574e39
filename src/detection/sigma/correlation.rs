//! Rules about what other rules found.

use std::path::PathBuf;

use datafusion::functions::string::expr_fn::concat_ws;
use datafusion::logical_expr::{Expr, lit};
use serde_json::{Map, Value};

use super::super::rule::{Bound, Correlation, CorrelationKind, Logic, Rule};
use super::aggregation::{bound, timespan};
use super::head::head;
use super::read::{Document, text, texts};
use super::search::Notes;

/// A rule that correlations may refer to.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: String,
    pub name: Option<String>,
    pub path: PathBuf,
}

/// A correlation with the rules it refers to.
#[derive(Debug)]
pub struct Found {
    pub rule: Rule,
    /// Rules that it refers to still make findings of their own.
    pub generate: bool,
    pub warnings: Vec<String>,
}

/// A correlation whose rules are not yet known.
#[derive(Debug)]
pub struct Pending<'a> {
    /// Where it stands.
    pub document: &'a Document,
    body: &'a Map<String, Value>,
}

impl<'a> Pending<'a> {
    /// The correlation in a document, if that is what is in it.
    pub fn read(document: &'a Document) -> Option<Result<Self, String>> {
        Some(match document.body.get("correlation")? {
            Value::Object(body) => Ok(Self { document, body }),
            _ => Err("has a correlation that is no map".into()),
        })
    }

    /// Ids or names of the rules it refers to.
    pub fn references(&self) -> Vec<String> {
        self.body.get("rules").map(texts).unwrap_or_default()
    }

    /// The rule, with its references resolved to `rules`.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn compile(&self, rules: &[&Known]) -> Result<Found, String> {
        let mut notes = Notes::default();
        let timespan = timespan(&self.body.get("timespan").and_then(text).ok_or("has no timespan")?)?;
        let group_by = self.body.get("group-by").map(texts).unwrap_or_default();
        let correlation = Correlation {
            kind: self.kind(rules, &mut notes)?,
            rules: rules.iter().map(|rule| rule.id.clone()).collect(),
            group_by: rules
                .iter()
                .map(|rule| group_by.iter().map(|field| self.field(field, rule, &mut notes)).collect())
                .collect::<Result<_, String>>()?,
            timespan,
        };
        let rule = Rule { logic: Logic::Correlation(correlation), ..head(self.document) };
        let generate = [self.document.body.get("generate"), self.body.get("generate")];
        let generate = generate.contains(&Some(&Value::Bool(true)));
        Ok(Found { rule, generate, warnings: notes.warnings() })
    }

    fn kind(&self, rules: &[&Known], notes: &mut Notes) -> Result<CorrelationKind, String> {
        let kind = self.body.get("type").and_then(text).ok_or("has no correlation type")?;
        match kind.as_str() {
            "event_count" => Ok(CorrelationKind::EventCount(self.bounds()?)),
            "value_count" => {
                let fields = self.body.get("condition").and_then(|condition| condition.get("field"));
                let fields = fields.or_else(|| self.body.get("field")).map(texts).unwrap_or_default();
                let counted: Result<_, String> =
                    rules.iter().map(|rule| self.value(&fields, rule, notes)).collect();
                Ok(CorrelationKind::ValueCount(counted?, self.bounds()?))
            }
            "temporal" | "temporal_ordered" => {
                self.check_temporal(rules)?;
                let ordered = kind == "temporal_ordered";
                Ok(if ordered { CorrelationKind::TemporalOrdered } else { CorrelationKind::Temporal })
            }
            other => Err(format!("has a correlation type that is not known: '{other}'")),
        }
    }

    /// The value of a field, or of several together.
    fn value(&self, fields: &[String], rule: &Known, notes: &mut Notes) -> Result<Expr, String> {
        let texts: Result<Vec<Expr>, String> =
            fields.iter().map(|field| self.field(field, rule, notes)).collect();
        let mut texts = texts?;
        match texts.len() {
            0 => Err("counts values, but names no field".into()),
            1 => Ok(texts.remove(0)),
            _ => Ok(concat_ws(lit("\u{1f}"), texts)),
        }
    }

    /// A field of the events of `rule`, which may go by an alias.
    fn field(&self, name: &str, rule: &Known, notes: &mut Notes) -> Result<Expr, String> {
        let alias = self.body.get("aliases").and_then(|aliases| aliases.get(name));
        let Some(alias) = alias else { return Ok(notes.field(name).text()) };
        let own = [Some(&rule.id), rule.name.as_ref()].into_iter().flatten().find_map(|key| alias.get(key));
        let own = own.and_then(text);
        let called = rule.name.as_ref().unwrap_or(&rule.id);
        let own = own.ok_or_else(|| format!("has an alias '{name}' that says nothing of rule '{called}'"))?;
        Ok(notes.field(&own).text())
    }

    fn bounds(&self) -> Result<Vec<Bound>, String> {
        let Some(Value::Object(condition)) = self.body.get("condition") else {
            return Err("has a correlation without a condition that compares a count".into());
        };
        let bounds = condition.iter().filter(|(key, _)| *key != "field").map(|(key, value)| {
            let found = value.as_u64().and_then(|number| bound(key, number));
            found.ok_or_else(|| format!("has a correlation condition that cannot be read: '{key}: {value}'"))
        });
        let bounds: Vec<Bound> = bounds.collect::<Result<_, _>>()?;
        if bounds.is_empty() {
            Err("has a correlation condition without a number".into())
        } else {
            Ok(bounds)
        }
    }

    /// A temporal correlation wants each of its rules; a condition may say so, and nothing else.
    fn check_temporal(&self, rules: &[&Known]) -> Result<(), String> {
        let all = match self.body.get("condition") {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => names_all(text, &self.references()),
            Some(_) => {
                let (most, bounds) = (rules.len() as u64, self.bounds()?);
                let holds = |count| bounds.iter().all(|bound| bound.holds(count));
                holds(most) && !(0..most).any(holds)
            }
        };
        if all { Ok(()) } else { Err("has a temporal condition other than that each rule is met".into()) }
    }
}

/// Whether `text` is the references joined by `and`, in whatever order.
fn names_all(text: &str, references: &[String]) -> bool {
    let words = text.split_whitespace().collect::<Vec<_>>();
    let (names, joints): (Vec<_>, Vec<_>) = words.iter().enumerate().partition(|(at, _)| at % 2 == 0);
    let mut names: Vec<&str> = names.into_iter().map(|(_, name)| *name).collect();
    let mut wanted: Vec<&str> = references.iter().map(String::as_str).collect();
    names.sort_unstable();
    wanted.sort_unstable();
    words.len() % 2 == 1
        && joints.iter().all(|(_, joint)| joint.eq_ignore_ascii_case("and"))
        && names == wanted
}
