//! Holds every event against every rule, in one pass.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{filter_record_batch, prep_null_mask_filter};
use arrow::datatypes::{DataType, Schema};
use datafusion::common::DFSchema;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionState;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, cast};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::utils::{collect_columns, reassign_expr_columns};
use rayon::prelude::*;

use super::correlate::{self, Counted, Match};
use super::events::{Events, KEPT};
use super::rule::{Correlation, CorrelationKind, Logic, Rule};
use crate::error::{Error, Kind, Result};
use crate::target::target_of;

/// Rules at work.
pub struct Screen {
    rules: Vec<Rule>,
    /// What the rules look at, by rule; compiled for the first batch.
    tests: Vec<Test>,
    events: Events,
    /// Events that each rule found.
    hits: Vec<Vec<u32>>,
    /// What counts for each correlation.
    counted: HashMap<usize, Vec<Counted>>,
    /// The same for what other correlations have to find first, by position.
    inner: HashMap<(usize, usize), Vec<Counted>>,
    /// What the calls that some rule found were aimed at.
    targets: HashMap<u32, String>,
    words: Words,
}

/// A rule's predicate, and the correlations that count what it finds.
struct Test {
    rule: usize,
    predicate: Narrow,
    counts: Vec<Counting>,
}

/// An expression over the few columns that it looks at: evaluating a conjunction copies rows, and
/// those of forty columns cost more than the tests.
struct Narrow {
    columns: Vec<usize>,
    expr: Arc<dyn PhysicalExpr>,
}

/// How a correlation counts what a rule finds.
struct Counting {
    correlation: usize,
    /// Which of the correlation's rules this is.
    position: usize,
    /// Whether that is a correlation, which may find the event or not.
    inner: bool,
    group_by: Vec<Narrow>,
    value: Option<Narrow>,
}

/// Texts as numbers.
#[derive(Default)]
struct Words(HashMap<String, u32>);

/// What a screen found.
pub struct Screened {
    /// The rules, as given.
    pub rules: Vec<Rule>,
    /// The events.
    pub events: Events,
    /// Events that each event rule found, by the rule's position; silent rules' are left out.
    pub hits: Vec<Vec<u32>>,
    /// What correlations found, with the position of the rule.
    pub matches: Vec<(usize, Match)>,
    /// What calls were aimed at that some rule found.
    pub targets: HashMap<u32, String>,
}

impl Screen {
    /// A screen of these rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let hits = vec![vec![]; rules.len()];
        Self {
            rules,
            tests: vec![],
            events: Events::default(),
            hits,
            counted: HashMap::new(),
            inner: HashMap::new(),
            targets: HashMap::new(),
            words: Words::default(),
        }
    }

    /// The columns of `events` that the rules look at, and those that are kept.
    pub fn columns(&self) -> BTreeSet<String> {
        let mut columns: BTreeSet<String> = KEPT.map(ToOwned::to_owned).into();
        columns.extend(["requestparameters", "errormessage"].map(ToOwned::to_owned));
        let expressions = self.rules.iter().flat_map(|rule| match &rule.logic {
            Logic::Event(predicate) => vec![predicate],
            Logic::Correlation(correlation) => {
                let values = match &correlation.kind {
                    CorrelationKind::ValueCount(values, _) => values.as_slice(),
                    _ => &[],
                };
                correlation.group_by.iter().flatten().chain(values).collect()
            }
        });
        columns.extend(expressions.flat_map(Expr::column_refs).map(|column| column.name.clone()));
        columns
    }

    /// Takes a batch of `events`.
    ///
    /// # Errors
    /// If a rule cannot be evaluated on it.
    pub fn take(&mut self, state: &SessionState, batch: RecordBatch) -> Result<()> {
        if self.tests.is_empty() {
            self.tests = compile(&self.rules, state, &DFSchema::try_from(batch.schema())?)?;
        }
        let first = self.events.len();
        let batch = self.events.append(batch)?;
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let masks: Vec<Result<BooleanArray>> =
            self.tests.par_iter().map(|test| test.predicate.mask(&batch)).collect();
        let mut aimed = BTreeSet::new();
        for (test, found) in self.tests.iter().zip(masks) {
            let found = found?;
            if found.true_count() == 0 {
                continue;
            }
            let rows =
                || (0u32..).zip(found.iter()).filter(|(_, found)| *found == Some(true)).map(|(row, _)| row);
            if !self.rules[test.rule].silent {
                self.hits[test.rule].extend(rows().map(|row| first + row));
            }
            aimed.extend(rows());
            if !test.counts.is_empty() {
                let numbers: Vec<u32> = rows().map(|row| first + row).collect();
                for counting in &test.counts {
                    let entries = match counting.inner {
                        true => self.inner.entry((counting.correlation, counting.position)).or_default(),
                        false => self.counted.entry(counting.correlation).or_default(),
                    };
                    let rule = &self.rules[test.rule];
                    counting.count(
                        (&batch, &found),
                        &numbers,
                        (rule, &self.events),
                        &mut self.words,
                        entries,
                    )?;
                }
            }
        }
        for row in aimed {
            if let Some(target) = target_of(&batch, row as usize) {
                self.targets.insert(first + row, target);
            }
        }
        Ok(())
    }

    /// What was found, after the last batch.
    pub fn finish(mut self) -> Screened {
        let numbers = self.events.sort();
        let renumber = |events: &mut Vec<u32>| {
            events.iter_mut().for_each(|event| *event = numbers[*event as usize]);
            events.sort_unstable();
        };
        self.hits.iter_mut().for_each(renumber);
        let counted = self.counted.values_mut().chain(self.inner.values_mut()).flatten();
        counted.for_each(|counted| renumber(&mut counted.events));
        self.targets =
            self.targets.into_iter().map(|(event, target)| (numbers[event as usize], target)).collect();
        let mut done: HashMap<usize, Vec<Match>> = HashMap::new();
        // Each round finds what rests on what is found; no rule rests on itself.
        loop {
            let before = done.len();
            for (number, correlation) in correlations(&self.rules) {
                let bases = correlation.rules.iter().map(|id| position(&self.rules, id));
                let bases = bases.map(|base| base.filter(|base| is_correlation(&self.rules[*base])));
                let bases: Vec<_> =
                    bases.enumerate().filter_map(|(place, base)| Some((place, base?))).collect();
                if done.contains_key(&number) || bases.iter().any(|(_, base)| !done.contains_key(base)) {
                    continue;
                }
                let mut counted = self.counted.remove(&number).unwrap_or_default();
                for (place, base) in bases {
                    let inner = self.inner.remove(&(number, place)).unwrap_or_default();
                    counted.extend(correlate::as_counted(&done[&base], &inner));
                }
                done.insert(number, correlate::matches(correlation, counted));
            }
            if done.len() == before {
                break;
            }
        }
        let mut matches: Vec<_> = done
            .into_iter()
            .filter(|(rule, _)| !self.rules[*rule].silent)
            .flat_map(|(rule, found)| found.into_iter().map(move |found| (rule, found)))
            .collect();
        matches.sort_by(|one, other| (one.0, &one.1.events).cmp(&(other.0, &other.1.events)));
        Screened { rules: self.rules, events: self.events, hits: self.hits, matches, targets: self.targets }
    }
}

impl Counting {
    fn count(
        &self,
        (batch, found): (&RecordBatch, &BooleanArray),
        numbers: &[u32],
        (rule, events): (&Rule, &Events),
        words: &mut Words,
        entries: &mut Vec<Counted>,
    ) -> Result<()> {
        let groups = self.group_by.iter().map(|expr| expr.of(batch, found)).collect::<Result<Vec<_>>>()?;
        let values = self.value.as_ref().map(|expr| expr.of(batch, found)).transpose()?;
        for (row, number) in numbers.iter().enumerate() {
            // Without a time nothing is near it.
            let event = events.get(*number);
            let Some(time) = event.millis() else { continue };
            let group: Vec<&str> =
                groups.iter().map(|texts| text_at(texts, row).unwrap_or_default()).collect();
            let value = match &values {
                None => None,
                Some(values) => match text_at(values, row) {
                    Some(value) => Some(words.number(value)),
                    None => continue,
                },
            };
            entries.push(Counted {
                events: vec![*number],
                time,
                group: words.number(&group.join("\u{1f}")),
                value,
                position: self.position,
                full: rule.severity_of(event) == rule.severity,
            });
        }
        Ok(())
    }
}

impl Words {
    fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.0.get(word) {
            return *number;
        }
        let number = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.insert(word.to_owned(), number);
        number
    }
}

fn is_correlation(rule: &Rule) -> bool {
    matches!(rule.logic, Logic::Correlation(_))
}

fn correlations(rules: &[Rule]) -> impl Iterator<Item = (usize, &Correlation)> {
    rules.iter().enumerate().filter_map(|(number, rule)| match &rule.logic {
        Logic::Correlation(correlation) => Some((number, correlation)),
        Logic::Event(_) => None,
    })
}

fn position(rules: &[Rule], id: &str) -> Option<usize> {
    rules.iter().position(|rule| rule.id == id)
}

/// Compiles the predicates for batches of this schema.
fn compile(rules: &[Rule], state: &SessionState, schema: &DFSchema) -> Result<Vec<Test>> {
    let context = SimplifyContext::builder()
        .with_schema(Arc::new(schema.clone()))
        .with_config_options(Arc::clone(state.config_options()))
        .build();
    let simplifier = ExprSimplifier::new(context);
    // Some functions, such as coalesce, are only a way to write what simplifying makes of them.
    let create = |expr: &Expr| {
        let simple = simplifier.simplify(simplifier.coerce(expr.clone(), schema)?)?;
        Narrow::new(state.create_physical_expr(simple, schema)?, schema.as_arrow())
    };
    let physical = |rule: &Rule, expr: &Expr| {
        create(expr).map_err(|error| -> Error {
            Kind::Rule { rule: rule.id.clone(), cause: error.strip_backtrace() }.into()
        })
    };
    let text = |rule: &Rule, expr: &Expr| physical(rule, &cast(expr.clone(), DataType::Utf8));
    let mut tests = vec![];
    for (number, rule) in rules.iter().enumerate() {
        let Logic::Event(predicate) = &rule.logic else { continue };
        let mut counts = vec![];
        for (correlation, found) in correlations(rules) {
            for (place, base) in found.rules.iter().enumerate() {
                let inner = feeds(rules, rule, base);
                if !inner && !counts_for(rule, base) {
                    continue;
                }
                let by = found.group_by.get(place).into_iter().flatten();
                let value = match &found.kind {
                    CorrelationKind::ValueCount(values, _) => values.get(place),
                    _ => None,
                };
                counts.push(Counting {
                    correlation,
                    position: place,
                    inner,
                    group_by: by.map(|expr| text(rule, expr)).collect::<Result<_>>()?,
                    value: value.map(|expr| text(rule, expr)).transpose()?,
                });
            }
        }
        tests.push(Test { rule: number, predicate: physical(rule, predicate)?, counts });
    }
    Ok(tests)
}

/// Whether a correlation that names `base` counts what `rule` finds.
fn counts_for(rule: &Rule, base: &str) -> bool {
    match base.strip_prefix("tactic:") {
        Some(tactic) => !rule.silent && rule.tactics.iter().any(|own| own == tactic),
        None => rule.id == base,
    }
}

/// Whether a correlation `base` counts what `rule` finds, by itself or through others.
fn feeds(rules: &[Rule], rule: &Rule, base: &str) -> bool {
    let (mut waiting, mut seen) = (vec![base], BTreeSet::from([base]));
    while let Some(base) = waiting.pop() {
        let Some(Logic::Correlation(found)) = position(rules, base).map(|base| &rules[base].logic) else {
            continue;
        };
        for inner in &found.rules {
            if counts_for(rule, inner) {
                return true;
            }
            if seen.insert(inner) {
                waiting.push(inner);
            }
        }
    }
    false
}

impl Narrow {
    fn new(expr: Arc<dyn PhysicalExpr>, schema: &Schema) -> Result<Self, DataFusionError> {
        let mut columns: Vec<usize> = collect_columns(&expr).iter().map(Column::index).collect();
        columns.sort_unstable();
        let expr = reassign_expr_columns(expr, &schema.project(&columns)?)?;
        Ok(Self { columns, expr })
    }

    fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        Ok(self.expr.evaluate(batch)?.into_array(batch.num_rows())?)
    }

    /// Where it holds; where it is NULL it does not.
    fn mask(&self, batch: &RecordBatch) -> Result<BooleanArray> {
        let found = self.evaluate(&batch.project(&self.columns)?)?;
        let found = found.as_boolean();
        Ok(if found.null_count() > 0 { prep_null_mask_filter(found) } else { found.clone() })
    }

    /// Its values in some rows.
    fn of(&self, batch: &RecordBatch, rows: &BooleanArray) -> Result<ArrayRef> {
        self.evaluate(&filter_record_batch(&batch.project(&self.columns)?, rows)?)
    }
}

fn text_at(texts: &ArrayRef, row: usize) -> Option<&str> {
    let texts = texts.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row))
}
