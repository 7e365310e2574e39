//! `GROUP BY` and aggregates.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use datafusion::common::Column;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::functions_aggregate::grouping::grouping_udaf;
use datafusion::logical_expr::expr::GroupingSet;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{self, GroupByExpr, Select, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::call::Call;
use super::embedded::rename_outer;
use super::scope::{Clause, Scope};
use super::select::Item;
use super::sort::ordinal;
use super::{Field, Planner, Result, Typed, column, error, refused, syntax, unsupported};
use crate::sql::words::{GROUP_DISTINCT, GROUP_DISTINCT_QUOTE};
use crate::sql::{ErrorCode, SqlError};

/// Most sets that `CUBE` and its like may multiply to.
const MOST_SETS: usize = 4096;

/// What rows are grouped by.
pub(super) struct Groups {
    /// Expressions over the relations' columns, each once.
    keys: Vec<Expr>,
    /// By which of them; one set unless there is a `GROUPING SETS`. `None` without `GROUP BY`.
    sets: Option<Vec<Vec<usize>>>,
}

impl Groups {
    pub fn is_grouped(&self) -> bool {
        self.sets.is_some()
    }
}

impl Planner<'_> {
    pub(super) fn groups(&self, select: &Select, items: &[Item], scope: &Scope) -> Result<Groups> {
        let group_by = &select.group_by;
        let GroupByExpr::Expressions(exprs, modifiers) = group_by else {
            return Err(unsupported(group_by.span(), "GROUP BY ALL"));
        };
        if !modifiers.is_empty() {
            return Err(unsupported(group_by.span(), "GROUP BY … WITH"));
        }
        let (distinct, exprs) = match exprs.split_first() {
            Some((ast::Expr::Identifier(word), rest))
                if word.quote_style == Some(GROUP_DISTINCT_QUOTE) && word.value == GROUP_DISTINCT =>
            {
                (true, rest)
            }
            _ => (false, exprs.as_slice()),
        };
        // `HAVING` alone makes one group of all rows.
        let mut groups = Groups { keys: vec![], sets: select.having.as_ref().map(|_| vec![]) };
        let scope = scope.within(Clause::Other("GROUP BY clause"));
        for expr in exprs {
            let sets = self.grouping_sets(expr, items, &scope, &mut groups.keys)?;
            let before = groups.sets.filter(|sets| !sets.is_empty()).unwrap_or_else(|| vec![vec![]]);
            groups.sets = Some(product(before, &sets, expr.span())?);
        }
        if let (true, Some(sets)) = (distinct, &mut groups.sets) {
            let mut seen = BTreeSet::new();
            sets.retain(|set| seen.insert(set.iter().copied().collect::<BTreeSet<_>>()));
        }
        Ok(groups)
    }

    /// The sets of keys that one element of `GROUP BY` stands for.
    fn grouping_sets(
        &self,
        expr: &ast::Expr,
        items: &[Item],
        scope: &Scope,
        keys: &mut Vec<Expr>,
    ) -> Result<Vec<Vec<usize>>> {
        let mut set = |exprs: &[ast::Expr]| -> Result<Vec<usize>> {
            exprs.iter().map(|expr| self.key(expr, items, scope, keys)).collect()
        };
        Ok(match expr {
            ast::Expr::GroupingSets(sets) => sets.iter().map(|exprs| set(exprs)).collect::<Result<_>>()?,
            ast::Expr::Rollup(parts) => {
                let parts = parts.iter().map(|exprs| set(exprs)).collect::<Result<Vec<_>>>()?;
                (0..=parts.len()).rev().map(|length| parts[..length].concat()).collect()
            }
            ast::Expr::Cube(parts) => {
                let parts = parts.iter().map(|exprs| set(exprs)).collect::<Result<Vec<_>>>()?;
                if parts.len() > 12 {
                    return Err(unsupported(expr.span(), "CUBE of more than 12 columns"));
                }
                let chosen = |mask: usize| (0..parts.len()).filter(move |bit| mask & (1 << bit) != 0);
                let all = (0..1usize << parts.len()).rev();
                all.map(|mask| chosen(mask).flat_map(|bit| parts[bit].clone()).collect()).collect()
            }
            ast::Expr::Tuple(exprs) => vec![set(exprs)?],
            one => vec![set(std::slice::from_ref(one))?],
        })
    }

    /// `grouping(a, b)`: which of the keys a row's set is without, a bit each, the last one lowest
    /// (Trino: "GROUPING operation").
    pub(super) fn grouping(&self, call: &Call, scope: &Scope) -> Result<Typed> {
        if let Clause::Other(clause) = scope.clause {
            let message = format!(
                "{clause} cannot contain aggregations, window functions or grouping operations: grouping"
            );
            return Err(syntax(call.at, message));
        }
        let keys = call.arguments.iter().map(|key| Ok(self.expr(key, scope)?.expr));
        let grouping = grouping_udaf().call(keys.collect::<Result<_>>()?);
        Ok(Typed::new(grouping, DataType::Int32))
    }

    fn key(&self, expr: &ast::Expr, items: &[Item], scope: &Scope, keys: &mut Vec<Expr>) -> Result<usize> {
        let key = match ordinal(expr, items.len(), "GROUP BY")? {
            Some(position) => items[position].value.expr.clone(),
            None => self.expr(expr, scope)?.expr,
        };
        if contains(&key, |expr| matches!(expr, Expr::AggregateFunction(_) | Expr::WindowFunction(_))) {
            let message = format!(
                "GROUP BY clause cannot contain aggregations, window functions or grouping operations: {expr}"
            );
            return Err(error(ErrorCode::ExpressionNotScalar, expr.span(), message));
        }
        Ok(keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        }))
    }

    /// Computes the queries inside aggregates and keys before rows are grouped.
    pub(super) fn grouped_beforehand(
        &self,
        plan: LogicalPlan,
        groups: &mut Groups,
        values: &mut [(&mut Expr, Span)],
    ) -> Result<LogicalPlan> {
        let keys = groups.keys.clone();
        let inside = |expr: &Expr| is_aggregate(expr) || keys.contains(expr);
        let values = values.iter_mut().map(|(value, _)| &mut **value);
        let mut values: Vec<&mut Expr> = groups.keys.iter_mut().chain(values).collect();
        self.beforehand(plan, inside, &mut values)
    }

    /// Groups the plan's rows if the query does; `values` then name keys and aggregates by the
    /// columns that they became.
    pub(super) fn aggregated(
        &self,
        plan: LogicalPlan,
        groups: Groups,
        values: &mut [(&mut Expr, Span)],
        fields: &[Field],
    ) -> Result<LogicalPlan> {
        let aggregates = values.iter().any(|(value, _)| contains(value, is_aggregate));
        if groups.sets.is_none() && !aggregates {
            return Ok(plan);
        }
        let keys: Vec<(Expr, String)> =
            groups.keys.into_iter().map(|key| (key, self.fresh("group"))).collect();
        let mut computed: Vec<(Expr, String)> = vec![];
        let several = groups.sets.as_ref().is_some_and(|sets| sets.len() > 1);
        for (value, at) in values.iter_mut() {
            resolve_grouping(value, &keys, several, *at)?;
            replace(value, |expr| {
                if let Some((_, name)) = keys.iter().chain(&computed).find(|(known, _)| known == expr) {
                    return Some(column(name));
                }
                if !is_aggregate(expr) {
                    return None;
                }
                let name = self.fresh("aggregate");
                computed.push((expr.clone(), name.clone()));
                Some(column(name))
            })?;
            let grouped =
                |own: &Column| keys.iter().find(|(key, _)| matches!(key, Expr::Column(key) if key == own));
            **value = rename_outer(std::mem::take(*value), |own| match grouped(own) {
                Some((_, name)) => Ok(Some(name.clone())),
                None if fields.iter().any(|field| field.column == own.name) => {
                    Err(not_grouped(&field_name(&own.name, fields), *at).into())
                }
                None => Ok(None),
            })?;
            let known = |name: &str| keys.iter().chain(&computed).any(|(_, known)| known == name);
            if let Some(stray) = stray_column(value, known)? {
                // An expression is named as it is written, what `*` stands for by its column.
                let text = self.surroundings.places.text(*at);
                let is_told = !text.is_empty() && !text.ends_with('*');
                let name = if is_told { text } else { field_name(&stray, fields) };
                return Err(not_grouped(&name, *at));
            }
        }
        let aggregates = computed.into_iter().map(|(expr, name)| expr.alias(name));
        let aggregates: Vec<Expr> = aggregates.collect();
        let sets = groups.sets.unwrap_or_default();
        let plan = match sets.as_slice() {
            [] => {
                let mut aggregates = aggregates;
                if aggregates.is_empty() {
                    // DataFusion has no group that nothing is asked of.
                    aggregates.push(count(lit(1i64)).alias(self.fresh("rows")));
                }
                LogicalPlanBuilder::from(plan).aggregate(Vec::<Expr>::new(), aggregates)
            }
            [_] => {
                let keys = keys.into_iter().map(|(expr, name)| expr.alias(name));
                LogicalPlanBuilder::from(plan).aggregate(keys, aggregates)
            }
            sets => grouped_by_sets(plan, keys, sets, aggregates),
        };
        plan.and_then(LogicalPlanBuilder::build).map_err(refused)
    }
}

/// `grouping(…)` names the columns that the keys became; of a single set, none is left out.
fn resolve_grouping(value: &mut Expr, keys: &[(Expr, String)], several: bool, at: Span) -> Result<()> {
    let mut stray = false;
    replace(value, |expr| {
        let Expr::AggregateFunction(call) = expr else { return None };
        if call.func != grouping_udaf() {
            return None;
        }
        let named =
            |argument: &Expr| keys.iter().find(|(key, _)| key == argument).map(|(_, name)| column(name));
        let Some(arguments) = call.params.args.iter().map(named).collect::<Option<Vec<_>>>() else {
            stray = true;
            return Some(lit(0i32));
        };
        Some(if several { grouping_udaf().call(arguments) } else { lit(0i32) })
    })?;
    if stray {
        let message =
            "The arguments to GROUPING() must be expressions referenced by GROUP BY at this level and query";
        return Err(error(ErrorCode::InvalidFunctionArgument, at, message));
    }
    Ok(())
}

fn is_aggregate(expr: &Expr) -> bool {
    matches!(expr, Expr::AggregateFunction(_))
}

/// Grouping sets name columns, so that keys are computed before.
fn grouped_by_sets(
    plan: LogicalPlan,
    keys: Vec<(Expr, String)>,
    sets: &[Vec<usize>],
    aggregates: Vec<Expr>,
) -> datafusion::error::Result<LogicalPlanBuilder> {
    let names: Vec<Expr> = keys.iter().map(|(_, name)| column(name)).collect();
    let existing = plan.schema().columns().into_iter().map(Expr::Column);
    let computed = keys.into_iter().map(|(expr, name)| expr.alias(name));
    let exprs: Vec<Expr> = existing.chain(computed).collect();
    let sets = sets.iter().map(|set| set.iter().map(|key| names[*key].clone()).collect()).collect();
    let grouping = Expr::GroupingSet(GroupingSet::GroupingSets(sets));
    LogicalPlanBuilder::from(plan).project(exprs)?.aggregate([grouping], aggregates)
}

fn not_grouped(name: &str, at: Span) -> SqlError {
    let message = format!("'{name}' must be an aggregate expression or appear in GROUP BY clause");
    error(ErrorCode::ExpressionNotAggregate, at, message)
}

/// What a query calls the plan's column.
fn field_name(column: &str, fields: &[Field]) -> String {
    let field = fields.iter().find(|field| field.column == column);
    field.and_then(|field| field.name.clone()).unwrap_or_else(|| column.to_owned())
}

/// A column in what is selected beside aggregates that is not grouped by.
fn stray_column(value: &Expr, known: impl Fn(&str) -> bool) -> Result<Option<String>> {
    let mut stray = None;
    let found = value.apply(|expr| {
        if let Expr::Column(found) = expr
            && !known(&found.name)
        {
            stray = Some(found.name.clone());
            return Ok(TreeNodeRecursion::Stop);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found.map_err(refused)?;
    Ok(stray)
}

/// Replaces what `replacement` has something for, outermost first.
pub(super) fn replace(value: &mut Expr, mut replacement: impl FnMut(&Expr) -> Option<Expr>) -> Result<()> {
    let replaced = std::mem::take(value).transform_down(|expr| {
        Ok(match replacement(&expr) {
            Some(new) => Transformed::new(new, true, TreeNodeRecursion::Jump),
            None => Transformed::no(expr),
        })
    });
    *value = replaced.map_err(refused)?.data;
    Ok(())
}

fn contains(value: &Expr, wanted: impl Fn(&Expr) -> bool) -> bool {
    value.exists(|expr| Ok(wanted(expr))).unwrap_or(false)
}

/// Every set of the one beside every set of the other.
fn product(left: Vec<Vec<usize>>, right: &[Vec<usize>], at: Span) -> Result<Vec<Vec<usize>>> {
    if left.len().saturating_mul(right.len()) > MOST_SETS {
        return Err(unsupported(at, format!("GROUP BY of more than {MOST_SETS} grouping sets")));
    }
    let beside = |left: &Vec<usize>, right: &Vec<usize>| {
        let mut set = left.clone();
        set.extend(right.iter().filter(|key| !left.contains(key)));
        set
    };
    Ok(left.iter().flat_map(|left| right.iter().map(move |right| beside(left, right))).collect())
}
