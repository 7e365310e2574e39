//! Rules about single events.

use chrono::Duration;
use datafusion::logical_expr::Expr;
use serde_json::{Map, Value};

use super::super::rule::{Logic, Rule};
use super::aggregation::{Aggregation, timespan};
use super::condition::{self, Searches};
use super::expr::any_of;
use super::head::head;
use super::read::{Document, texts};
use super::search::{Notes, search};

/// What a rule that counts, but does not say in which time, is taken to mean.
const TIMEFRAME: Duration = Duration::hours(1);

/// What a document came to.
#[derive(Debug)]
pub struct Compiled {
    /// The rule; if it counts, after the one that finds what it counts.
    pub rules: Vec<Rule>,
    /// What is odd about it.
    pub warnings: Vec<String>,
    /// What correlations may call it.
    pub name: Option<String>,
}

/// The rule that a document is.
///
/// # Errors
/// Why it cannot be used.
pub fn compile(document: &Document) -> Result<Compiled, String> {
    check_source(document)?;
    let Some(Value::Object(detection)) = document.body.get("detection") else {
        return Err("has no detection".into());
    };
    let mut notes = Notes::default();
    let (event, aggregation) = detect(detection, &mut notes)?;
    let mut rule = Rule { logic: Logic::Event(event), ..head(document) };
    if notes.asks_for_errors() {
        // What it looks for is the failure, not a step that failed.
        (rule.denied, rule.failed) = (rule.severity, rule.severity);
    }
    let mut warnings = vec![];
    let rules = match aggregation {
        None => vec![rule],
        Some(aggregation) => {
            let timeframe = detection.get("timeframe").or_else(|| document.body.get("timeframe"));
            let timeframe = timeframe.and_then(super::read::text);
            if timeframe.is_none() {
                warnings.push("counts, but gives no timeframe: one hour is taken".to_owned());
            }
            let timespan = timeframe.map_or(Ok(TIMEFRAME), |text| timespan(&text))?;
            let counted = Rule { id: format!("{}.events", rule.id), silent: true, ..rule.clone() };
            let logic = Logic::Correlation(aggregation.correlation(counted.id.clone(), timespan, &mut notes));
            vec![counted, Rule { logic, ..rule }]
        }
    };
    warnings.extend(notes.warnings());
    Ok(Compiled { rules, warnings, name: document.text("name") })
}

/// Rules for other logs are not for this table.
fn check_source(document: &Document) -> Result<(), String> {
    let Some(Value::Object(source)) = document.body.get("logsource") else {
        return Err("has no logsource".into());
    };
    let said = |key: &str| source.get(key).and_then(super::read::text);
    let is = |key: &str, wanted: &str| said(key).map(|said| said.eq_ignore_ascii_case(wanted));
    let (product, service) = (is("product", "aws"), is("service", "cloudtrail"));
    if product != Some(false) && service != Some(false) && product.or(service).is_some() {
        return Ok(());
    }
    let said: Vec<String> = ["category", "product", "service"]
        .iter()
        .filter_map(|key| Some(format!("{key} {}", said(key)?)))
        .collect();
    Err(format!("is for {}, not for product aws, service cloudtrail", said.join(", ")))
}

fn detect(detection: &Map<String, Value>, notes: &mut Notes) -> Result<(Expr, Option<Aggregation>), String> {
    let mut searches = Searches::new();
    for (name, value) in
        detection.iter().filter(|(name, _)| !["condition", "timeframe"].contains(&name.as_str()))
    {
        let before = notes.tests();
        let found = search(value, notes).map_err(|reason| format!("search identifier '{name}': {reason}"))?;
        searches.insert(name.clone(), (found, notes.tests() - before));
    }
    let conditions = detection.get("condition").map(texts).unwrap_or_default();
    match conditions.as_slice() {
        [] => Err("has no condition".into()),
        [one] => {
            let (condition, aggregation) =
                one.split_once('|').map_or((one.as_str(), None), |(c, a)| (c, Some(a)));
            let aggregation = aggregation.map(Aggregation::parse).transpose()?;
            Ok((condition::compile(condition, &searches, notes)?, aggregation))
        }
        several => {
            let found: Result<Vec<_>, _> =
                several.iter().map(|condition| condition::compile(condition, &searches, notes)).collect();
            Ok((any_of(found?), None))
        }
    }
}
