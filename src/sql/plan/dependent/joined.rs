//! Joins in a query that depends on the row beside it.

use datafusion::common::{JoinType, NullEquality};
use datafusion::error::Result as DfResult;
use datafusion::logical_expr::utils::{conjunction, split_conjunction};
use datafusion::logical_expr::{Expr, Join, LogicalPlan, LogicalPlanBuilder, Operator, binary_expr, lit};

use super::super::{Planner, column};
use super::beside::{Beside, Unmatched};
use super::{columns_of, depends, seen_directly};

impl Planner<'_> {
    /// What a join has for each row: first its left side, then for each of these its right side.
    pub(super) fn joined_over(
        &self,
        left: &LogicalPlan,
        join: &Join,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let terms = conditions(join);
        match join.join_type {
            JoinType::Inner if !depends(&join.left) && !depends(&join.right) => {
                let (outer, own): (Vec<Expr>, Vec<Expr>) = terms.into_iter().partition(Expr::contains_outer);
                let joined = LogicalPlanBuilder::from(join.left.as_ref().clone())
                    .join_on(join.right.as_ref().clone(), JoinType::Inner, own)?
                    .build()?;
                let condition = conjunction(outer).unwrap_or_else(|| lit(true));
                self.filtered_over(left, &joined, &condition, unmatched)
            }
            JoinType::Inner => self.inner_joined_over(left, join, terms, unmatched),
            JoinType::Left if !depends(&join.right) => {
                let Some(beside) = self.over(left, &join.left, unmatched)? else { return Ok(None) };
                let terms = terms.into_iter().map(|term| seen_directly(term, left));
                let terms = terms.collect::<DfResult<Vec<_>>>()?;
                let plan = LogicalPlanBuilder::from(beside.plan)
                    .join_on(join.right.as_ref().clone(), JoinType::Left, terms)?
                    .build()?;
                Ok(Some(Beside { plan, once: false, ..beside }))
            }
            _ => Ok(None),
        }
    }

    fn inner_joined_over(
        &self,
        left: &LogicalPlan,
        join: &Join,
        terms: Vec<Expr>,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let Some(first) = self.over(left, &join.left, unmatched)? else { return Ok(None) };
        let condition = conjunction(terms).unwrap_or_else(|| lit(true));
        let Some(mut both) = self.filtered_over(&first.plan, &join.right, &condition, unmatched)? else {
            return Ok(None);
        };
        if let Some(real) = first.is_real() {
            both = self.only_where(both, real, unmatched)?;
        }
        let own = [left, &join.left, &join.right].into_iter().flat_map(columns_of);
        let columns: Vec<Expr> = own.chain(both.real.iter().map(column)).collect();
        let plan = LogicalPlanBuilder::from(both.plan).project(columns)?.build()?;
        Ok(Some(Beside { plan, ..both }))
    }
}

/// The terms of a join's condition.
fn conditions(join: &Join) -> Vec<Expr> {
    let equations = join.on.iter().map(|(left, right)| match join.null_equality {
        NullEquality::NullEqualsNothing => left.clone().eq(right.clone()),
        NullEquality::NullEqualsNull => binary_expr(left.clone(), Operator::IsNotDistinctFrom, right.clone()),
    });
    let others = join.filter.iter().flat_map(split_conjunction).cloned();
    equations.chain(others).collect()
}
