//! `LIMIT` and window functions of a query that depends on the row beside it: they count the rows of
//! each row for themselves.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::error::Result as DfResult;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{
    Expr, ExprFunctionExt, FetchType, Limit, LogicalPlan, LogicalPlanBuilder, Projection, SkipType, SortExpr,
    Window, lit,
};

use super::super::{Planner, column};
use super::beside::{Beside, Unmatched};
use super::{columns_of, own_name, seen_directly};

impl Planner<'_> {
    /// The first rows that a query has for each row, in its order.
    pub(super) fn limited_over(
        &self,
        left: &LogicalPlan,
        limit: &Limit,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let (input, sorts) = match limit.input.as_ref() {
            // Below it is the order.
            LogicalPlan::Projection(projection) => {
                let limit = LogicalPlan::Limit(Limit { input: projection.input.clone(), ..limit.clone() });
                let projection = Projection::try_new(projection.expr.clone(), limit.into())?;
                return self.over(left, &LogicalPlan::Projection(projection), unmatched);
            }
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => (sort.input.as_ref(), sort.expr.as_slice()),
            other => (other, [].as_slice()),
        };
        let (SkipType::Literal(skip), FetchType::Literal(most)) =
            (limit.get_skip_type()?, limit.get_fetch_type()?)
        else {
            return Ok(None);
        };
        let (numbered, number) = self.numbered(left)?;
        let Some(beside) = self.over(&numbered, input, unmatched)? else { return Ok(None) };
        let sorts = sorts.iter().map(|sort| {
            Ok(SortExpr { expr: seen_directly(sort.expr.clone(), &beside.plan)?, ..sort.clone() })
        });
        let sorts = sorts.collect::<DfResult<Vec<_>>>()?;
        let mut place = row_number().partition_by(apart(&beside, &number));
        if !sorts.is_empty() {
            place = place.order_by(sorts);
        }
        let name = self.fresh("place");
        let after = column(&name).gt(lit(skip as u64));
        let wanted = match most {
            Some(most) => after.and(column(&name).lt_eq(lit(skip.saturating_add(most) as u64))),
            None => after,
        };
        let plan = LogicalPlanBuilder::from(beside.plan).window([place.build()?.alias(&name)])?.build()?;
        self.only_where(Beside { plan, ..beside }, wanted, unmatched).map(Some)
    }

    /// Window functions over what a query has for each row.
    pub(super) fn windowed_over(
        &self,
        left: &LogicalPlan,
        window: &Window,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let (numbered, number) = self.numbered(left)?;
        let Some(beside) = self.over(&numbered, &window.input, unmatched)? else { return Ok(None) };
        let apart = apart(&beside, &number);
        let mut columns: Vec<Expr> = columns_of(left).chain(columns_of(&window.input)).collect();
        let mut own = vec![];
        for expr in &window.window_expr {
            let within = partitioned(seen_directly(expr.clone().unalias(), &beside.plan)?, &apart)?;
            columns.push(column(within.schema_name().to_string()).alias(own_name(expr)));
            own.push(within);
        }
        columns.extend(beside.real.iter().map(column));
        let plan = LogicalPlanBuilder::window_plan(beside.plan, own)?;
        let plan = LogicalPlanBuilder::from(plan).project(columns)?.build()?;
        Ok(Some(Beside { plan, ..beside }))
    }
}

/// What keeps the rows of different rows apart, and those that are none of the query's.
fn apart(beside: &Beside, number: &str) -> Vec<Expr> {
    std::iter::once(column(number)).chain(beside.is_real()).collect()
}

/// A window function within `parts`.
fn partitioned(expr: Expr, parts: &[Expr]) -> DfResult<Expr> {
    let within = expr.transform_down(|expr| {
        let Expr::WindowFunction(mut window) = expr else { return Ok(Transformed::no(expr)) };
        window.params.partition_by.extend(parts.iter().cloned());
        Ok(Transformed::new(Expr::WindowFunction(window), true, TreeNodeRecursion::Jump))
    });
    Ok(within?.data)
}
