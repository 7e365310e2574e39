//! `GROUP BY` and aggregates.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::expr::GroupingSet;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{self, GroupByExpr, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::scope::{Clause, Scope};
use super::select::Item;
use super::sort::ordinal;
use super::{Field, Planner, Result, column, error, refused, unsupported};
use crate::sql::ErrorCode;

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
    pub(super) fn groups(&self, group_by: &GroupByExpr, items: &[Item], scope: &Scope) -> Result<Groups> {
        let GroupByExpr::Expressions(exprs, modifiers) = group_by else {
            return Err(unsupported(group_by.span(), "GROUP BY ALL"));
        };
        if !modifiers.is_empty() {
            return Err(unsupported(group_by.span(), "GROUP BY … WITH"));
        }
        let mut groups = Groups { keys: vec![], sets: None };
        let scope = scope.within(Clause::Other("GROUP BY clause"));
        for expr in exprs {
            let sets = self.grouping_sets(expr, items, &scope, &mut groups.keys)?;
            groups.sets = Some(product(groups.sets.unwrap_or_else(|| vec![vec![]]), &sets, expr.span())?);
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

    /// Groups the plan's rows if the query does; `values` then name keys and aggregates by the
    /// columns that they became.
    pub(super) fn aggregated(
        &self,
        plan: LogicalPlan,
        groups: Groups,
        values: &mut [(&mut Expr, Span)],
        fields: &[Field],
    ) -> Result<LogicalPlan> {
        let is_aggregate = |expr: &Expr| matches!(expr, Expr::AggregateFunction(_));
        let aggregates = values.iter().any(|(value, _)| contains(value, is_aggregate));
        if groups.sets.is_none() && !aggregates {
            return Ok(plan);
        }
        let keys: Vec<(Expr, String)> =
            groups.keys.into_iter().map(|key| (key, self.fresh("group"))).collect();
        let mut computed: Vec<(Expr, String)> = vec![];
        for (value, at) in values.iter_mut() {
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
            let known = |name: &str| keys.iter().chain(&computed).any(|(_, known)| known == name);
            check_grouped(value, known, fields, *at)?;
        }
        let aggregates = computed.into_iter().map(|(expr, name)| expr.alias(name));
        let aggregates: Vec<Expr> = aggregates.collect();
        let sets = groups.sets.unwrap_or_default();
        let plan = match sets.as_slice() {
            [] => LogicalPlanBuilder::from(plan).aggregate(Vec::<Expr>::new(), aggregates),
            [_] => {
                let keys = keys.into_iter().map(|(expr, name)| expr.alias(name));
                LogicalPlanBuilder::from(plan).aggregate(keys, aggregates)
            }
            sets => grouped_by_sets(plan, keys, sets, aggregates),
        };
        plan.and_then(LogicalPlanBuilder::build).map_err(refused)
    }
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

/// What is selected beside aggregates must be grouped by.
fn check_grouped(value: &Expr, known: impl Fn(&str) -> bool, fields: &[Field], at: Span) -> Result<()> {
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
    let Some(stray) = stray else { return Ok(()) };
    let name = fields.iter().find(|field| field.column == stray).and_then(|field| field.name.clone());
    let name = name.unwrap_or(stray);
    let message = format!("'{name}' must be an aggregate expression or appear in GROUP BY clause");
    Err(error(ErrorCode::ExpressionNotAggregate, at, message))
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
