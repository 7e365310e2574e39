//! Queries that depend on the row beside them in more than a condition: `LATERAL`, and scalar subqueries
//! such as `(SELECT count(*) FROM UNNEST(resources))`.
//!
//! DataFusion joins queries that say `inner.column = outer.column`. Others are computed here over the
//! rows that they depend on: the query's own relations are put beside them, so that its expressions have
//! the columns of both.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, NullHandling, UnnestOptions};
use datafusion::error::Result as DfResult;
use datafusion::functions_aggregate::expr_fn::first_value;
use datafusion::functions_nested::expr_fn::{array_length, array_repeat};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Aggregate, Expr, LogicalPlan, LogicalPlanBuilder, Operator, Unnest, binary_expr, lit, when,
};
use datafusion::scalar::ScalarValue;

use super::{Planner, Result, column, refused};

/// What becomes of a row for which a query has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It goes.
    Dropped,
    /// It stays, with `NULL` for what the query would have.
    Kept,
    /// It stays, any number of times, marked as none of the query's.
    Marked,
}

/// Rows and what a query has for each of them, in the making.
struct Beside {
    plan: LogicalPlan,
    /// Whether a row has something of the query, where rows without are kept: a boolean column.
    real: Option<String>,
}

impl Planner<'_> {
    /// Each row of `left` beside what `inner` has for it; `None` if `inner` is not of a form that can be
    /// computed so. The columns of both keep their names.
    pub(super) fn beside_each(
        &self,
        left: &LogicalPlan,
        inner: &LogicalPlan,
        missing: Missing,
    ) -> Result<Option<LogicalPlan>> {
        let beside = self.over(left, inner, missing).map_err(refused)?;
        Ok(beside.map(|beside| beside.plan))
    }

    /// Scalar subqueries that DataFusion makes no joins of, as columns; `exprs` then name these.
    pub(super) fn with_dependent(
        &self,
        mut plan: LogicalPlan,
        exprs: &mut [&mut Expr],
    ) -> Result<LogicalPlan> {
        let mut found: Vec<(Expr, Expr)> = vec![];
        let mut inner = vec![];
        for expr in exprs.iter() {
            let walked = expr.apply(|expr| {
                if let Expr::ScalarSubquery(query) = expr
                    && !is_joinable(&query.subquery)
                    && !inner.contains(expr)
                {
                    inner.push(expr.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            });
            walked.map_err(refused)?;
        }
        for expr in inner {
            let Expr::ScalarSubquery(query) = &expr else { continue };
            if let Some(beside) = self.beside_each(&plan, &query.subquery, Missing::Kept)? {
                plan = beside;
                let own = query.subquery.schema().columns().into_iter().next();
                found.push((expr, own.map_or_else(|| lit(ScalarValue::Null), Expr::Column)));
            }
        }
        for expr in exprs.iter_mut() {
            super::aggregate::replace(expr, |expr| {
                found.iter().find(|(known, _)| known == expr).map(|(_, own)| own.clone())
            })?;
        }
        Ok(plan)
    }

    fn over(&self, left: &LogicalPlan, inner: &LogicalPlan, missing: Missing) -> DfResult<Option<Beside>> {
        match inner {
            LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => {
                Ok(Some(Beside { plan: left.clone(), real: None }))
            }
            independent if independent.all_out_ref_exprs().is_empty() => {
                self.joined_to(left, independent, missing).map(Some)
            }
            LogicalPlan::Projection(projection) => {
                let Some(beside) = self.over(left, &projection.input, missing)? else { return Ok(None) };
                self.projected_over(left, beside, &projection.expr).map(Some)
            }
            LogicalPlan::Filter(filter) => {
                let Some(beside) = self.over(left, &filter.input, missing)? else { return Ok(None) };
                self.filtered_over(beside, &filter.predicate, missing)
            }
            LogicalPlan::Unnest(unnest) => self.unnested_over(left, unnest, missing),
            LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => {
                self.aggregated_over(left, aggregate)
            }
            _ => Ok(None),
        }
    }

    fn joined_to(&self, left: &LogicalPlan, right: &LogicalPlan, missing: Missing) -> DfResult<Beside> {
        let builder = LogicalPlanBuilder::from(left.clone());
        if missing == Missing::Dropped {
            return Ok(Beside { plan: builder.cross_join(right.clone())?.build()?, real: None });
        }
        let real = self.fresh("real");
        let mut columns: Vec<Expr> = right.schema().columns().into_iter().map(Expr::Column).collect();
        columns.push(lit(true).alias(&real));
        let right = LogicalPlanBuilder::from(right.clone()).project(columns)?.build()?;
        let plan = builder.join_on(right, JoinType::Left, [lit(true)])?.build()?;
        Ok(Beside { plan, real: Some(real) })
    }

    fn projected_over(&self, left: &LogicalPlan, beside: Beside, exprs: &[Expr]) -> DfResult<Beside> {
        let mut columns: Vec<Expr> = left.schema().columns().into_iter().map(Expr::Column).collect();
        for expr in exprs {
            let name = expr.schema_name().to_string();
            let value = seen_directly(expr.clone().unalias())?;
            let value = match &beside.real {
                Some(real) => when(column(real), value).end()?,
                None => value,
            };
            columns.push(value.alias(name));
        }
        columns.extend(beside.real.iter().map(column));
        let plan = LogicalPlanBuilder::from(beside.plan).project(columns)?.build()?;
        Ok(Beside { plan, real: beside.real })
    }

    /// What a filter rejects is none of the query's. Whether that was all of a row is not known here.
    fn filtered_over(&self, beside: Beside, predicate: &Expr, missing: Missing) -> DfResult<Option<Beside>> {
        let predicate = seen_directly(predicate.clone())?;
        let builder = LogicalPlanBuilder::from(beside.plan);
        match missing {
            Missing::Dropped => {
                return Ok(Some(Beside { plan: builder.filter(predicate)?.build()?, real: None }));
            }
            Missing::Kept => return Ok(None),
            Missing::Marked => {}
        }
        let real = self.fresh("real");
        let mut columns: Vec<Expr> = builder.schema().columns().into_iter().map(Expr::Column).collect();
        let wanted = match beside.real {
            Some(known) => column(known).and(predicate),
            None => predicate,
        };
        columns.push(wanted.alias(&real));
        Ok(Some(Beside { plan: builder.project(columns)?.build()?, real: Some(real) }))
    }

    fn unnested_over(
        &self,
        left: &LogicalPlan,
        unnest: &Unnest,
        missing: Missing,
    ) -> DfResult<Option<Beside>> {
        let Some(beside) = self.over(left, &unnest.input, missing)? else { return Ok(None) };
        let mut lists: Vec<Column> = unnest.exec_columns.clone();
        let builder = LogicalPlanBuilder::from(beside.plan);
        if missing == Missing::Dropped {
            let plan = builder.unnest_columns_with_options(lists, unnest.options.clone())?.build()?;
            return Ok(Some(Beside { plan, real: None }));
        }
        if beside.real.is_some() {
            return Ok(None);
        }
        // A list as long as the longest says which rows are of the query.
        let real = self.fresh("real");
        let lengths = lists.iter().map(|list| {
            let length = array_length(Expr::Column(list.clone()));
            datafusion::functions::core::expr_fn::coalesce(vec![length, lit(0u64)])
        });
        let longest = datafusion::functions::core::expr_fn::greatest(lengths.collect());
        let mut columns: Vec<Expr> = builder.schema().columns().into_iter().map(Expr::Column).collect();
        columns.push(array_repeat(lit(true), longest).alias(&real));
        lists.push(Column::new_unqualified(&real));
        let options =
            UnnestOptions { null_handling: NullHandling::PreserveAndExpandEmpty, recursions: vec![] };
        let plan = builder.project(columns)?.unnest_columns_with_options(lists, options)?.build()?;
        Ok(Some(Beside { plan, real: Some(real) }))
    }

    /// An aggregate of what a query has for each row: one group a row.
    fn aggregated_over(&self, left: &LogicalPlan, aggregate: &Aggregate) -> DfResult<Option<Beside>> {
        let number = self.fresh("row");
        let numbered =
            LogicalPlanBuilder::from(left.clone()).window([row_number().alias(&number)])?.build()?;
        let Some(beside) = self.over(&numbered, &aggregate.input, Missing::Marked)? else { return Ok(None) };
        let columns = left.schema().columns();
        let kept: Vec<String> = columns.iter().map(|own| self.fresh(&own.name)).collect();
        let firsts = columns.iter().zip(&kept);
        let firsts = firsts.map(|(own, name)| first_value(Expr::Column(own.clone()), vec![]).alias(name));
        let own = aggregate.aggr_expr.iter().map(|own| real_only(own.clone(), beside.real.as_deref()));
        let aggregates = firsts.map(Ok).chain(own).collect::<DfResult<Vec<_>>>()?;
        let names = columns.iter().zip(&kept).map(|(own, name)| column(name).alias(&own.name));
        let results = aggregate.aggr_expr.iter().map(|own| column(own.schema_name().to_string()));
        let plan = LogicalPlanBuilder::from(beside.plan)
            .aggregate([column(&number)], aggregates)?
            .project(names.chain(results).collect::<Vec<_>>())?
            .build()?;
        Ok(Some(Beside { plan, real: None }))
    }
}

/// An aggregate that passes over what is none of the query's rows.
fn real_only(aggregate: Expr, real: Option<&str>) -> DfResult<Expr> {
    let seen = seen_directly(aggregate)?;
    let Some(real) = real else { return Ok(seen) };
    let restricted = seen.transform_down(|expr| {
        let Expr::AggregateFunction(mut call) = expr else { return Ok(Transformed::no(expr)) };
        let wanted = column(real);
        let filter = match call.params.filter.take() {
            Some(filter) => binary_expr(wanted, Operator::And, *filter),
            None => wanted,
        };
        call.params.filter = Some(Box::new(filter));
        let AggregateFunction { func, params } = call;
        let call = Expr::AggregateFunction(AggregateFunction { func, params });
        Ok(Transformed::new(call, true, TreeNodeRecursion::Jump))
    });
    Ok(restricted?.data)
}

/// An expression whose columns of the outer query are columns beside it now.
fn seen_directly(expr: Expr) -> DfResult<Expr> {
    let seen = expr.transform_up(|expr| {
        Ok(match expr {
            Expr::OuterReferenceColumn(_, own) => Transformed::yes(Expr::Column(own)),
            other => Transformed::no(other),
        })
    });
    Ok(seen?.data)
}

/// Whether DataFusion makes a join of a scalar subquery: one that depends on the row outside in nothing
/// but equations with columns of its own.
pub(super) fn is_joinable(inner: &LogicalPlan) -> bool {
    let mut joinable = true;
    let walked = inner.apply(|plan| {
        joinable &= match plan {
            LogicalPlan::Filter(filter) => {
                let terms = split_conjunction(&filter.predicate);
                terms.into_iter().filter(|term| term.contains_outer()).all(is_equation)
            }
            LogicalPlan::Limit(_) | LogicalPlan::Sort(_) | LogicalPlan::Union(_) | LogicalPlan::Window(_) => {
                plan.all_out_ref_exprs().is_empty()
            }
            other => !other.contains_outer_reference(),
        };
        Ok(if joinable { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    walked.is_ok() && joinable
}

fn is_equation(term: &Expr) -> bool {
    let Expr::BinaryExpr(compared) = term else { return false };
    let sides = [(&compared.left, &compared.right), (&compared.right, &compared.left)];
    compared.op == Operator::Eq
        && sides.iter().any(|(own, other)| matches!(***own, Expr::Column(_)) && !other.any_column_refs())
}
