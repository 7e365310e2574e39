//! Queries that depend on the row beside them, computed once for each different value that they depend
//! on: thousands of rows have few of them.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, JoinType, NullEquality};
use datafusion::error::Result as DfResult;
use datafusion::functions::core::get_field;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Distinct, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder};

use super::super::Planner;
use super::super::embedded::has_query;
use super::beside::{Beside, Unmatched};
use super::{Missing, columns_of, depends, seen_directly};

/// A value that a query takes from the row outside, and what that is called for the query.
struct Key {
    value: Expr,
    name: String,
    data_type: DataType,
}

impl Planner<'_> {
    /// As [`beside_each`](Self::beside_each), by the values that `inner` takes from `origin`, whose rows
    /// those of `left` are, with all its columns. `None` where these may not be the same when they are
    /// computed again, or nothing is gained by it.
    pub(super) fn by_values(
        &self,
        origin: &LogicalPlan,
        left: &LogicalPlan,
        inner: &LogicalPlan,
        missing: Missing,
    ) -> DfResult<Option<LogicalPlan>> {
        if depends(origin) || !is_repeatable(origin) || !reads(inner) {
            return Ok(None);
        }
        let mut keys = vec![];
        let keyed = self.keyed(inner, origin, &mut keys)?;
        if keys.is_empty() || keys.iter().any(|key| key.data_type.is_nested()) {
            return Ok(None);
        }
        let named = |key: &Key| Ok(seen_directly(key.value.clone(), origin)?.alias(&key.name));
        let values = keys.iter().map(named).collect::<DfResult<Vec<_>>>()?;
        let domain = LogicalPlanBuilder::from(origin.clone()).project(values)?.distinct()?.build()?;
        let beside = match missing {
            Missing::Dropped => self.over(&domain, &keyed, Unmatched::Dropped)?,
            Missing::Kept => self.over_once(&domain, &keyed)?,
        };
        let Some(Beside { plan, .. }) = beside else { return Ok(None) };
        let own: Vec<String> = keys.iter().map(|_| self.fresh("key")).collect();
        let owned = |(key, name): (&Key, &String)| Ok(seen_directly(key.value.clone(), left)?.alias(name));
        let owned = keys.iter().zip(&own).map(owned).collect::<DfResult<Vec<_>>>()?;
        let names =
            |names: Vec<&String>| -> Vec<Column> { names.into_iter().map(Column::new_unqualified).collect() };
        let on = (names(own.iter().collect()), names(keys.iter().map(|key| &key.name).collect()));
        let joined = LogicalPlanBuilder::from(left.clone())
            .project(columns_of(left).chain(owned))?
            // All values of the rows are among those of their domain, `NULL` too.
            .join_detailed(plan, JoinType::Inner, on, None, NullEquality::NullEqualsNull)?
            .project(columns_of(left).chain(columns_of(inner)))?;
        joined.build().map(Some)
    }

    /// The query with names for what it takes from `left`, which become `keys`.
    fn keyed(&self, inner: &LogicalPlan, left: &LogicalPlan, keys: &mut Vec<Key>) -> DfResult<LogicalPlan> {
        let mut named = |value: &Expr| -> DfResult<Expr> {
            let data_type = value.get_type(&DFSchema::empty())?;
            let known = keys.iter().find(|key| key.value == *value).map(|key| key.name.clone());
            let name = known.unwrap_or_else(|| {
                let name = self.fresh("value");
                keys.push(Key { value: value.clone(), name: name.clone(), data_type: data_type.clone() });
                name
            });
            let field = Arc::new(Field::new(&name, data_type, true));
            Ok(Expr::OuterReferenceColumn(field, Column::new_unqualified(name)))
        };
        let keyed = inner.clone().transform_down_with_subqueries(|plan| {
            let preserver = NamePreserver::new(&plan);
            plan.map_expressions(|expr| {
                let name = preserver.save(&expr);
                let replaced = expr.transform_down(|expr| match is_taken(&expr, left) {
                    true => Ok(Transformed::new(named(&expr)?, true, TreeNodeRecursion::Jump)),
                    false => Ok(Transformed::no(expr)),
                })?;
                Ok(replaced.update_data(|expr| name.restore(expr)))
            })
        })?;
        Ok(keyed.data)
    }
}

/// Whether an expression is a column of `left`, seen from a query beside it, or a field of one.
fn is_taken(expr: &Expr, left: &LogicalPlan) -> bool {
    match expr {
        Expr::OuterReferenceColumn(_, own) => left.schema().has_column(own),
        Expr::ScalarFunction(call) if call.func == get_field() => {
            let (row, path) =
                call.args.split_first().map_or((None, [].as_slice()), |(row, path)| (Some(row), path));
            row.is_some_and(|row| is_taken(row, left))
                && path.iter().all(|name| matches!(name, Expr::Literal(..)))
        }
        _ => false,
    }
}

/// Whether a query reads anything but what it takes from the row outside.
fn reads(inner: &LogicalPlan) -> bool {
    let is_relation =
        |plan: &LogicalPlan| plan.inputs().is_empty() && !matches!(plan, LogicalPlan::EmptyRelation(_));
    inner.exists(|plan| Ok(is_relation(plan))).unwrap_or(false)
}

/// Whether a plan certainly gives the same rows again.
fn is_repeatable(plan: &LogicalPlan) -> bool {
    let one = match plan {
        LogicalPlan::TableScan(_)
        | LogicalPlan::Values(_)
        | LogicalPlan::EmptyRelation(_)
        | LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Join(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::Unnest(_)
        | LogicalPlan::Distinct(Distinct::All(_)) => true,
        LogicalPlan::Sort(sort) => sort.fetch.is_none(),
        // Sums of fractions and what order decides are not the same each time.
        LogicalPlan::Aggregate(aggregate) => aggregate.aggr_expr.is_empty(),
        _ => false,
    };
    let expressions = plan.expressions();
    let plain = expressions.iter().all(|expr| !expr.is_volatile() && !has_query(expr));
    one && plain && plan.inputs().into_iter().all(is_repeatable)
}
