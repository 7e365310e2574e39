//! Queries that depend on the row beside them in more than a condition: `LATERAL`, and subqueries such
//! as `(SELECT count(*) FROM UNNEST(resources))` or `(SELECT y … WHERE t.k = u.k ORDER BY y LIMIT 1)`.
//!
//! DataFusion joins queries that say `inner.column = outer.column`. Others are computed here over the
//! rows that they depend on: the query's own relations are put beside them, so that its expressions have
//! the columns of both, and each step of the query is made one that keeps the rows of different rows
//! apart.
//!
//! Source: Neumann and Kemper, "Unnesting Arbitrary Queries" (BTW 2015).

mod beside;
mod grouped;
mod joinable;
mod joined;
mod ordered;
mod values;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result as DfResult;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::scalar::ScalarValue;

use super::{Planner, Result, column, refused};
use crate::sql::{ErrorCode, SqlError};
use beside::{Beside, Unmatched};

pub(super) use joinable::{is_joinable, is_semijoin};

/// What becomes of a row for which a query has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It goes.
    Dropped,
    /// It stays, with `NULL` for what the query would have.
    Kept,
}

impl Planner<'_> {
    /// Each row of `left` beside what `inner` has for it. The columns of both keep their names.
    ///
    /// # Errors
    /// If `inner` is of a form that cannot be computed so.
    pub(super) fn beside_each(
        &self,
        left: &LogicalPlan,
        inner: &LogicalPlan,
        missing: Missing,
    ) -> Result<LogicalPlan> {
        self.beside_each_of(left, left, inner, missing)
    }

    /// As [`beside_each`](Self::beside_each), of rows that come from `origin`, with all its columns.
    fn beside_each_of(
        &self,
        origin: &LogicalPlan,
        left: &LogicalPlan,
        inner: &LogicalPlan,
        missing: Missing,
    ) -> Result<LogicalPlan> {
        if let Some(plan) = self.by_values(origin, left, inner, missing).map_err(refused)? {
            return Ok(plan);
        }
        let beside = match missing {
            Missing::Dropped => self.over(left, inner, Unmatched::Dropped),
            Missing::Kept => self.over_once(left, inner),
        };
        let beside = beside.map_err(refused)?.ok_or_else(|| {
            SqlError::new(ErrorCode::NotSupported, "Given correlated subquery is not supported")
        })?;
        Ok(beside.plan)
    }

    /// Scalar subqueries that DataFusion makes no joins of, as columns; `exprs` then name these.
    pub(super) fn with_dependent(&self, origin: LogicalPlan, exprs: &mut [&mut Expr]) -> Result<LogicalPlan> {
        let mut inner = vec![];
        for expr in exprs.iter() {
            let walked = expr.apply(|expr| {
                if let Expr::ScalarSubquery(query) = expr
                    && !is_joinable(query, origin.schema())
                    && !inner.contains(expr)
                {
                    inner.push(expr.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            });
            walked.map_err(refused)?;
        }
        let mut found: Vec<(Expr, Expr)> = vec![];
        let mut plan = origin.clone();
        for expr in inner {
            let Expr::ScalarSubquery(query) = &expr else { continue };
            plan = self.beside_each_of(&origin, &plan, &query.subquery, Missing::Kept)?;
            let own = query.subquery.schema().columns().into_iter().next();
            found.push((expr, own.map_or_else(|| lit(ScalarValue::Null), Expr::Column)));
        }
        for expr in exprs.iter_mut() {
            super::aggregate::replace(expr, |expr| {
                found.iter().find(|(known, _)| known == expr).map(|(_, own)| own.clone())
            })?;
        }
        Ok(plan)
    }

    /// Each row of `left` beside what `inner` has for it, once and beside `NULL` where that is nothing.
    fn over_once(&self, left: &LogicalPlan, inner: &LogicalPlan) -> DfResult<Option<Beside>> {
        let Some(mut beside) = self.over(left, inner, Unmatched::Marked)? else { return Ok(None) };
        if beside.real.is_none() {
            return Ok(Some(beside));
        }
        if !beside.once {
            // Rows without are told apart by their numbers, which those before had no need of.
            let (numbered, number) = self.numbered(left)?;
            let Some(marked) = self.over(&numbered, inner, Unmatched::Marked)? else { return Ok(None) };
            beside = self.unmatched_once(marked, &number)?;
        }
        let own = columns_of(inner).map(|own| Ok(beside.only_real(own.clone())?.alias(own_name(&own))));
        let own = own.collect::<DfResult<Vec<_>>>()?;
        let plan = LogicalPlanBuilder::from(beside.plan).project(columns_of(left).chain(own))?.build()?;
        Ok(Some(Beside::of_all(plan)))
    }

    /// The same rows, those without any of the query's once for each `number`.
    fn unmatched_once(&self, marked: Beside, number: &str) -> DfResult<Beside> {
        let Some(real) = marked.is_real() else { return Ok(marked) };
        let first = real.clone().sort(false, false);
        let place = row_number().partition_by(vec![column(number)]).order_by(vec![first]).build()?;
        let name = self.fresh("place");
        let once = real.or(column(&name).eq(lit(1u64)));
        let plan = LogicalPlanBuilder::from(marked.plan).window([place.alias(&name)])?.filter(once)?;
        Ok(Beside { plan: plan.build()?, once: true, ..marked })
    }

    /// The rows of `plan` with a number each, and what that column is called.
    fn numbered(&self, plan: &LogicalPlan) -> DfResult<(LogicalPlan, String)> {
        if let LogicalPlan::Window(window) = plan
            && let [Expr::Alias(known)] = window.window_expr.as_slice()
            && *known.expr == row_number()
        {
            return Ok((plan.clone(), known.name.clone()));
        }
        let number = self.fresh("row");
        let numbered = LogicalPlanBuilder::from(plan.clone()).window([row_number().alias(&number)])?;
        Ok((numbered.build()?, number))
    }
}

fn columns_of(plan: &LogicalPlan) -> impl Iterator<Item = Expr> + use<> {
    plan.schema().columns().into_iter().map(Expr::Column)
}

/// What an expression's column is called.
fn own_name(expr: &Expr) -> String {
    match expr {
        Expr::Column(own) => own.name.clone(),
        other => other.schema_name().to_string(),
    }
}

/// Whether a query depends on the row outside.
fn depends(plan: &LogicalPlan) -> bool {
    !plan.all_out_ref_exprs().is_empty()
}

/// An expression over `plan` whose columns of the outer query are columns of it now. Those that are not
/// belong to a query further out.
fn seen_directly(expr: Expr, plan: &LogicalPlan) -> DfResult<Expr> {
    let seen = expr.transform_up(|expr| {
        Ok(match expr {
            Expr::OuterReferenceColumn(_, own) if plan.schema().has_column(&own) => {
                Transformed::yes(Expr::Column(own))
            }
            other => Transformed::no(other),
        })
    });
    Ok(seen?.data)
}
