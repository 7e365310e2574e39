//! The rules of `queries/detections/`: SQL with a header that says what a match means.
//!
//! ```sql
//! -- name: trail_stopped
//! -- title: CloudTrail logging stopped
//! -- severity: high
//! -- tactic: defense-evasion
//! -- technique: T1562.008
//! -- why: Without the trail, what happens next leaves no record.
//! SELECT * FROM events WHERE eventsource = 'cloudtrail.amazonaws.com' AND call = 'StopLogging'
//! ```
//!
//! A header with `-- correlate: event_count >= 5 within 10m by session` asks for several of them;
//! the SQL then says which events count.

use chrono::Duration;
use datafusion::common::DFSchema;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::sqlparser::ast::{Expr as SqlExpr, ExprWithAlias, SetExpr, Statement as Ast};
use datafusion::sql::parser::Statement;
use include_dir::{Dir, DirEntry, include_dir};

use super::rule::{Bound, Correlation, CorrelationKind, Logic, Rule, Severity};
use crate::query::header;
use crate::window::parse_length;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/queries/detections");

/// Every rule that comes with trailq, by name.
///
/// # Errors
/// If a file cannot be read as a rule.
pub fn rules(state: &SessionState, schema: &DFSchema) -> Result<Vec<Rule>> {
    let mut rules = vec![];
    for file in files(&FILES) {
        let text = file.contents_utf8().unwrap_or_default();
        let reader = Reader { state, schema, text };
        rules.extend(reader.rules().map_err(|error| {
            DataFusionError::Plan(format!("{}: {}", file.path().display(), error.strip_backtrace()))
        })?);
    }
    rules.sort_by(|one: &Rule, other| one.id.cmp(&other.id));
    Ok(rules)
}

fn files<'a>(dir: &'a Dir<'a>) -> Vec<&'a include_dir::File<'a>> {
    let entries = dir.entries().iter().flat_map(|entry| match entry {
        DirEntry::Dir(dir) => files(dir),
        DirEntry::File(file) => vec![file],
    });
    entries.filter(|file| file.path().extension().is_some_and(|extension| extension == "sql")).collect()
}

/// Reads one file.
struct Reader<'a> {
    state: &'a SessionState,
    schema: &'a DFSchema,
    text: &'a str,
}

impl Reader<'_> {
    /// The rule; for a count before it the silent one that says what counts.
    fn rules(&self) -> Result<Vec<Rule>> {
        let rule = self.rule()?;
        let Some(correlate) = self.value("correlate") else { return Ok(vec![rule]) };
        let counted = format!("{}.counted", rule.id);
        let correlation = self.correlation(correlate, &counted)?;
        let counts = correlation.rules == [counted.clone()];
        let correlating = Rule { logic: Logic::Correlation(correlation), ..rule.clone() };
        if !counts {
            return Ok(vec![correlating]);
        }
        Ok(vec![Rule { id: counted, silent: true, ..rule }, correlating])
    }

    fn rule(&self) -> Result<Rule> {
        let text = |key: &str| self.value(key).map(ToOwned::to_owned);
        let needed = |key: &str| text(key).ok_or_else(|| plan(format!("no -- {key}: in its header")));
        let severity = |key: &str| self.value(key).map(str::parse::<Severity>).transpose().map_err(plan);
        let level = severity("severity")?.ok_or_else(|| plan("no -- severity: in its header"))?;
        let list = |key: &str| -> Vec<String> {
            let values = self.values(key).flat_map(|value| value.split(','));
            values.map(|value| value.trim().to_owned()).collect()
        };
        let lines = |key: &str| self.values(key).map(ToOwned::to_owned).collect();
        Ok(Rule {
            id: needed("name")?,
            title: needed("title")?,
            severity: level,
            denied: severity("denied")?.unwrap_or(level.attempted()),
            failed: severity("failed")?.unwrap_or(level.attempted()),
            via_service: severity("via_service")?,
            via_tool: severity("via_tool")?,
            tactics: list("tactic"),
            techniques: list("technique"),
            why: needed("why")?,
            benign: lines("benign"),
            checks: lines("check"),
            references: lines("reference"),
            silent: self.value("silent") == Some("true"),
            logic: Logic::Event(self.predicate()?),
        })
    }

    fn values(&self, key: &str) -> impl Iterator<Item = &str> {
        header(self.text).filter(move |(name, _)| *name == key).map(|(_, value)| value)
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.values(key).next()
    }

    /// What follows `SELECT * FROM events WHERE`; false for a file without a query.
    fn predicate(&self) -> Result<Expr> {
        let has_query = self.text.lines().any(|line| !line.trim().is_empty() && !line.starts_with("--"));
        if !has_query {
            return Ok(datafusion::logical_expr::lit(false));
        }
        let dialect = self.state.config().options().sql_parser.dialect;
        let selection = match self.state.sql_to_statement(self.text, &dialect)? {
            Statement::Statement(statement) => match *statement {
                Ast::Query(query) => match *query.body {
                    SetExpr::Select(select) => select.selection,
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        let selection = selection.ok_or_else(|| plan("is not SELECT * FROM events WHERE …"))?;
        self.expression(selection)
    }

    fn expression(&self, expr: SqlExpr) -> Result<Expr> {
        self.state.create_logical_expr_from_sql_expr(ExprWithAlias { expr, alias: None }, self.schema)
    }

    /// `KIND [EXPRESSION] OP COUNT within LENGTH by EXPRESSION, …` for counts,
    /// `KIND RULE, RULE within LENGTH by EXPRESSION, …` for sequences.
    fn correlation(&self, text: &str, counted: &str) -> Result<Correlation> {
        let form = || plan(format!("cannot read -- correlate: {text}"));
        let (kind, rest) = text.split_once(' ').ok_or_else(form)?;
        let (what, rest) = rest.rsplit_once(" within ").ok_or_else(form)?;
        let (timespan, by) = rest.split_once(" by ").ok_or_else(form)?;
        let timespan: Duration = parse_length(timespan).map_err(plan)?;
        let state = self.state;
        let group_by: Vec<Expr> = split_top_level(by)
            .into_iter()
            .map(|expr| state.create_logical_expr(expr, self.schema))
            .collect::<Result<_>>()?;
        let (kind, rules) = match kind {
            "event_count" => {
                let (_, bound) = bound(what).ok_or_else(form)?;
                (CorrelationKind::EventCount(vec![bound]), vec![counted.to_owned()])
            }
            "value_count" => {
                let (expr, bound) = bound(what).ok_or_else(form)?;
                let values = vec![state.create_logical_expr(expr, self.schema)?];
                (CorrelationKind::ValueCount(values, vec![bound]), vec![counted.to_owned()])
            }
            "temporal" | "temporal_ordered" => {
                let rules = what.split(',').map(|rule| rule.trim().to_owned()).collect();
                let ordered = kind == "temporal_ordered";
                (if ordered { CorrelationKind::TemporalOrdered } else { CorrelationKind::Temporal }, rules)
            }
            _ => return Err(form()),
        };
        let group_by = vec![group_by; rules.len()];
        Ok(Correlation { kind, rules, group_by, timespan })
    }
}

/// An expression, if any, and the bound after it.
fn bound(text: &str) -> Option<(&str, Bound)> {
    let (before, count) = text.trim().rsplit_once(' ')?;
    let count = count.parse().ok()?;
    let before = before.trim();
    let (expression, bound) = match before.strip_suffix(">=") {
        Some(expression) => (expression, Bound::AtLeast(count)),
        None => (before.strip_suffix('>')?, Bound::Above(count)),
    };
    Some((expression.trim(), bound))
}

/// Expressions between commas that are in no parentheses.
fn split_top_level(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (vec![], 0, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn plan(problem: impl ToString) -> DataFusionError {
    DataFusionError::Plan(problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_and_groups() {
        assert_eq!(bound(">= 5"), Some(("", Bound::AtLeast(5))));
        assert_eq!(bound("concat(a, b) > 12"), Some(("concat(a, b)", Bound::Above(12))));
        assert_eq!(bound("five"), None);
        assert_eq!(split_top_level("session, concat(a, b), c"), ["session", "concat(a, b)", "c"]);
    }
}
