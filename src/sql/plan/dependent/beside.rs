//! Rows beside what a query has for each of them, step by step of the query.

use datafusion::common::{Column, JoinType, NullHandling, UnnestOptions};
use datafusion::error::Result as DfResult;
use datafusion::functions::core::expr_fn::{coalesce, greatest};
use datafusion::functions_nested::expr_fn::{array_length, array_repeat};
use datafusion::logical_expr::{
    Distinct, Expr, LogicalPlan, LogicalPlanBuilder, Operator, Projection, Unnest, lit, when,
};

use super::super::embedded::has_query;
use super::super::{Planner, column};
use super::{columns_of, depends, own_name, seen_directly};
use crate::sql::guard::in_order;

/// What becomes of a row for which a query has none, while that is being computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unmatched {
    /// It goes.
    Dropped,
    /// It stays, any number of times, marked as none of the query's.
    Marked,
}

/// Rows and what a query has for each of them, in the making.
pub(super) struct Beside {
    /// The columns of the rows and those of the query, by their names.
    pub plan: LogicalPlan,
    /// Whether a row has something of the query, where rows without are kept: a boolean column, which is
    /// not true of those without.
    pub real: Option<String>,
    /// Each row for which the query has none stands there once.
    pub once: bool,
}

impl Beside {
    /// Rows that all have something of the query.
    pub fn of_all(plan: LogicalPlan) -> Self {
        Self { plan, real: None, once: true }
    }

    /// A value of the query; `NULL`, and not computed, where the query has none.
    pub fn only_real(&self, value: Expr) -> DfResult<Expr> {
        match &self.real {
            Some(real) => when(column(real), value).end(),
            None => Ok(value),
        }
    }

    /// What says of a row whether the query has it, as a term; none where it has all.
    pub fn is_real(&self) -> Option<Expr> {
        self.real.as_ref().map(|real| coalesce(vec![column(real), lit(false)]))
    }
}

impl Planner<'_> {
    /// Each row of `left` beside what `inner` has for it; `None` if that is not of a form that can be
    /// computed so.
    pub(super) fn over(
        &self,
        left: &LogicalPlan,
        inner: &LogicalPlan,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        match inner {
            LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => {
                Ok(Some(Beside::of_all(left.clone())))
            }
            independent if !depends(independent) => {
                self.matched(left, independent, lit(true), unmatched).map(Some)
            }
            LogicalPlan::Projection(projection) => self.projected_over(left, projection, unmatched),
            LogicalPlan::Filter(filter) => {
                self.filtered_over(left, &filter.input, &filter.predicate, unmatched)
            }
            LogicalPlan::Unnest(unnest) => self.unnested_over(left, unnest, unmatched),
            LogicalPlan::Aggregate(aggregate) => self.aggregated_over(left, aggregate, unmatched),
            LogicalPlan::Distinct(Distinct::All(rows)) => self.distinct_over(left, rows, unmatched),
            // Without a limit no order is kept.
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => self.over(left, &sort.input, unmatched),
            LogicalPlan::Limit(limit) => self.limited_over(left, limit, unmatched),
            LogicalPlan::Window(window) => self.windowed_over(left, window, unmatched),
            LogicalPlan::Join(join) => self.joined_over(left, join, unmatched),
            _ => Ok(None),
        }
    }

    /// Each row of `left` beside those of a query that does not depend on it, where `condition` holds.
    pub(super) fn matched(
        &self,
        left: &LogicalPlan,
        right: &LogicalPlan,
        condition: Expr,
        unmatched: Unmatched,
    ) -> DfResult<Beside> {
        let builder = LogicalPlanBuilder::from(left.clone());
        if unmatched == Unmatched::Dropped {
            let builder = builder.cross_join(right.clone())?;
            let condition = seen_directly(condition, builder.plan())?;
            return Ok(Beside::of_all(builder.filter(condition)?.build()?));
        }
        let real = self.fresh("real");
        let marked = columns_of(right).chain([lit(true).alias(&real)]);
        let right = LogicalPlanBuilder::from(right.clone()).project(marked)?.build()?;
        let condition = seen_directly(condition, left)?;
        let plan = builder.join_on(right, JoinType::Left, [condition])?.build()?;
        Ok(Beside { plan, real: Some(real), once: true })
    }

    fn projected_over(
        &self,
        left: &LogicalPlan,
        projection: &Projection,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let Some(beside) = self.over(left, &projection.input, unmatched)? else { return Ok(None) };
        let mut columns: Vec<Expr> = columns_of(left).collect();
        for expr in &projection.expr {
            let value = seen_directly(expr.clone().unalias(), &beside.plan)?;
            columns.push(beside.only_real(value)?.alias(own_name(expr)));
        }
        columns.extend(beside.real.iter().map(column));
        let plan = LogicalPlanBuilder::from(beside.plan).project(columns)?.build()?;
        Ok(Some(Beside { plan, ..beside }))
    }

    /// The rows of `input` that `predicate` accepts. What it rejects is none of the query's; whether that
    /// was all of a row is not known here.
    pub(super) fn filtered_over(
        &self,
        left: &LogicalPlan,
        input: &LogicalPlan,
        predicate: &Expr,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let has_rows = !matches!(input, LogicalPlan::EmptyRelation(_));
        if has_rows && !depends(input) && !has_query(predicate) {
            return self.matched(left, input, predicate.clone(), unmatched).map(Some);
        }
        let Some(beside) = self.over(left, input, unmatched)? else { return Ok(None) };
        self.only_where(beside, predicate.clone(), unmatched).map(Some)
    }

    /// The same rows, as far as a condition over them holds.
    pub(super) fn only_where(
        &self,
        beside: Beside,
        condition: Expr,
        unmatched: Unmatched,
    ) -> DfResult<Beside> {
        let condition = seen_directly(condition, &beside.plan)?;
        // It is not asked about what is none of the query's, for which it may fail.
        let terms = beside.is_real().into_iter().chain([condition]).collect();
        let mut wanted = in_order(terms, Operator::And).unwrap_or_else(|| lit(true));
        let columns: Vec<Expr> = columns_of(&beside.plan).collect();
        let builder = LogicalPlanBuilder::from(self.with_values(beside.plan, &mut [&mut wanted])?);
        if unmatched == Unmatched::Dropped {
            return Ok(Beside::of_all(builder.filter(wanted)?.build()?));
        }
        let real = self.fresh("real");
        let columns = columns.into_iter().chain([wanted.alias(&real)]);
        Ok(Beside { plan: builder.project(columns)?.build()?, real: Some(real), once: false })
    }

    fn unnested_over(
        &self,
        left: &LogicalPlan,
        unnest: &Unnest,
        unmatched: Unmatched,
    ) -> DfResult<Option<Beside>> {
        let Some(beside) = self.over(left, &unnest.input, unmatched)? else { return Ok(None) };
        let mut lists: Vec<Column> = unnest.exec_columns.clone();
        let condition = beside.is_real();
        let builder = LogicalPlanBuilder::from(beside.plan);
        if unmatched == Unmatched::Dropped {
            let plan = builder.unnest_columns_with_options(lists, unnest.options.clone())?.build()?;
            return Ok(Some(Beside::of_all(plan)));
        }
        // A list as long as the longest says which rows are of the query.
        let real = self.fresh("real");
        let lengths = lists.iter().map(|list| {
            let length = array_length(Expr::Column(list.clone()));
            coalesce(vec![length, lit(0u64)])
        });
        let marks = array_repeat(lit(true), greatest(lengths.collect())).alias(&real);
        let columns: Vec<Expr> = columns_of(builder.plan()).chain([marks]).collect();
        lists.push(Column::new_unqualified(&real));
        let options =
            UnnestOptions { null_handling: NullHandling::PreserveAndExpandEmpty, recursions: vec![] };
        let plan = builder.project(columns)?.unnest_columns_with_options(lists, options)?.build()?;
        let unnested = Beside { plan, real: Some(real), once: true };
        match condition {
            Some(condition) => self.only_where(unnested, condition, unmatched).map(Some),
            None => Ok(Some(unnested)),
        }
    }
}
