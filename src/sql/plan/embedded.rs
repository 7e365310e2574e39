//! `IN`, `EXISTS`, `ANY` and `ALL` where their truth is a value: in a select list, a `CASE`, an aggregate.
//!
//! DataFusion makes joins of such predicates in `WHERE`, where what is unknown is as good as false. Here
//! each becomes a comparison with what scalar subqueries count, so that it keeps its third truth value
//! and can stand wherever a scalar subquery can.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, ExprSchema};
use datafusion::error::DataFusionError;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::expr::{Case, Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::{
    Expr, FetchType, LogicalPlan, LogicalPlanBuilder, Operator, SkipType, Subquery, binary_expr, lit, when,
};
use datafusion::scalar::ScalarValue;

use super::aggregate::replace;
use super::dependent::is_semijoin;
use super::subquery::subquery_of;
use super::{Planner, Result, column, refused};

/// How many rows a query has, as far as `IN` and `ANY` want to know.
mod amount {
    /// None at all.
    pub const NONE: i64 = 0;
    /// Some, and none of them is `NULL`.
    pub const KNOWN: i64 = 1;
    /// Some, and one is `NULL`.
    pub const UNKNOWN: i64 = 2;
}

impl Planner<'_> {
    /// A plan and the terms of a condition over it: those that DataFusion makes joins of stay as they are.
    pub(super) fn with_terms(
        &self,
        plan: LogicalPlan,
        mut terms: Vec<Expr>,
    ) -> Result<(LogicalPlan, Vec<Expr>)> {
        let mut values: Vec<&mut Expr> =
            terms.iter_mut().filter(|term| !is_joinable(term, plan.schema())).collect();
        let plan = self.with_values(plan, &mut values)?;
        Ok((plan, terms))
    }

    /// A plan with what expressions over it ask of queries that depend on its rows; their predicates over
    /// queries are values then.
    pub(super) fn with_values(&self, plan: LogicalPlan, exprs: &mut [&mut Expr]) -> Result<LogicalPlan> {
        for expr in exprs.iter_mut() {
            **expr = self.as_value(std::mem::take(*expr), plan.schema())?;
        }
        self.with_dependent(plan, exprs)
    }

    /// An expression over columns of `schema`, its predicates over queries as values.
    fn as_value(&self, expr: Expr, schema: &DFSchema) -> Result<Expr> {
        if !has_predicate(&expr) {
            return Ok(expr);
        }
        let valued = expr.transform_up(|expr| {
            Ok(match expr {
                Expr::Exists(exists) => Transformed::yes(self.existence(exists)?),
                Expr::InSubquery(membership) => Transformed::yes(self.membership(membership, schema)?),
                Expr::SetComparison(compared) => Transformed::yes(self.compared(compared, schema)?),
                other => Transformed::no(other),
            })
        });
        Ok(valued.map_err(refused)?.data)
    }

    /// Computes queries that lie in `inside` beforehand, as columns of the plan: DataFusion joins what
    /// depends on a row to filters and projections alone. `values` then name the columns.
    pub(super) fn beforehand(
        &self,
        plan: LogicalPlan,
        inside: impl Fn(&Expr) -> bool,
        values: &mut [&mut Expr],
    ) -> Result<LogicalPlan> {
        let mut found: Vec<(Expr, String)> = vec![];
        for value in values.iter() {
            collect(value, &inside, &mut |query| {
                if !found.iter().any(|(known, _)| known == query) {
                    found.push((query.clone(), self.fresh("subquery")));
                }
            })?;
        }
        if found.is_empty() {
            return Ok(plan);
        }
        for value in values.iter_mut() {
            replace(value, |expr| {
                found.iter().find(|(known, _)| known == expr).map(|(_, name)| column(name))
            })?;
        }
        let mut exprs: Vec<Expr> = plan.schema().columns().into_iter().map(Expr::Column).collect();
        let plan =
            self.with_values(plan, &mut found.iter_mut().map(|(query, _)| query).collect::<Vec<_>>())?;
        exprs.extend(found.into_iter().map(|(query, name)| query.alias(name)));
        LogicalPlanBuilder::from(plan).project(exprs).and_then(LogicalPlanBuilder::build).map_err(refused)
    }

    /// `EXISTS (…)`: whether there are rows to count.
    fn existence(&self, exists: Exists) -> datafusion::error::Result<Expr> {
        let query = unlimited(Arc::unwrap_or_clone(exists.subquery.subquery))?;
        let rows = coalesce(vec![self.counted(query)?, lit(amount::NONE)]);
        Ok(if exists.negated { rows.eq(lit(amount::NONE)) } else { rows.gt(lit(amount::NONE)) })
    }

    /// `value IN (…)`: true if a row equals the value; unknown if one may.
    fn membership(&self, membership: InSubquery, schema: &DFSchema) -> datafusion::error::Result<Expr> {
        let InSubquery { expr: value, subquery, negated } = membership;
        let query = Arc::unwrap_or_clone(subquery.subquery);
        let own = first_column(&query);
        let equal =
            LogicalPlanBuilder::from(query.clone()).filter(own.eq(outer(&value, schema)?))?.build()?;
        let hits = coalesce(vec![self.counted(equal)?, lit(amount::NONE)]);
        let found = self.known_or_null(hits.gt(lit(amount::NONE)), *value, query)?;
        Ok(if negated { !found } else { found })
    }

    /// `value < ANY (…)`: a comparison with the largest; `ALL` is that no row says the opposite.
    fn compared(&self, compared: SetComparison, schema: &DFSchema) -> datafusion::error::Result<Expr> {
        let SetComparison { expr: value, subquery, op, quantifier } = compared;
        let all = quantifier == SetQuantifier::All;
        let op = if all { op.negate().unwrap_or(op) } else { op };
        let query = Arc::unwrap_or_clone(subquery.subquery);
        let bound = |of: fn(Expr) -> Expr| -> datafusion::error::Result<Expr> {
            let bound = self.aggregated_query(query.clone(), of(first_column(&query)))?;
            Ok(binary_expr(value.as_ref().clone(), op, bound))
        };
        let holds = match op {
            Operator::Lt | Operator::LtEq => bound(max)?,
            Operator::Gt | Operator::GtEq => bound(min)?,
            Operator::NotEq => bound(min)?.or(bound(max)?),
            _ => return self.membership(InSubquery::new(value, subquery_of(query), all), schema),
        };
        let any = self.known_or_null(holds, *value, query)?;
        Ok(if all { !any } else { any })
    }

    /// True if `found`; else `NULL` where the value or a row is, and false where neither is.
    fn known_or_null(&self, found: Expr, value: Expr, query: LogicalPlan) -> datafusion::error::Result<Expr> {
        let own = first_column(&query);
        let (all, known) = (self.fresh("rows"), self.fresh("known"));
        let counted = LogicalPlanBuilder::from(query)
            .aggregate(Vec::<Expr>::new(), [count(lit(1i64)).alias(&all), count(own).alias(&known)])?;
        let amount = when(column(&all).eq(lit(0i64)), lit(amount::NONE))
            .when(column(&known).eq(column(&all)), lit(amount::KNOWN))
            .otherwise(lit(amount::UNKNOWN))?;
        let counted = counted.project([amount.alias(self.fresh("amount"))])?.build()?;
        let amount = coalesce(vec![Expr::ScalarSubquery(subquery_of(counted)), lit(amount::NONE)]);
        let unknown_from = when(value.is_null(), lit(amount::KNOWN)).otherwise(lit(amount::UNKNOWN))?;
        Ok(Expr::Case(Case::new(
            None,
            vec![
                (Box::new(found), Box::new(lit(true))),
                (Box::new(amount.gt_eq(unknown_from)), Box::new(lit(ScalarValue::Boolean(None)))),
            ],
            Some(Box::new(lit(false))),
        )))
    }

    fn counted(&self, query: LogicalPlan) -> datafusion::error::Result<Expr> {
        self.aggregated_query(query, count(lit(1i64)))
    }

    /// A scalar subquery: an aggregate of all rows of a query.
    fn aggregated_query(&self, query: LogicalPlan, aggregate: Expr) -> datafusion::error::Result<Expr> {
        let aggregate = aggregate.alias(self.fresh("aggregate"));
        let query = LogicalPlanBuilder::from(query).aggregate(Vec::<Expr>::new(), [aggregate])?.build()?;
        Ok(Expr::ScalarSubquery(subquery_of(query)))
    }
}

/// An expression whose queries name columns of this one by what `renamed` gives for them.
///
/// # Errors
/// Those of `renamed`, which is asked for each column that they name.
pub(super) fn rename_outer(
    expr: Expr,
    mut renamed: impl FnMut(&Column) -> datafusion::error::Result<Option<String>>,
) -> Result<Expr> {
    let mut within = |expr: Expr| {
        expr.transform_up(|expr| match expr {
            Expr::OuterReferenceColumn(field, own) => Ok(match renamed(&own)? {
                Some(name) => {
                    Transformed::yes(Expr::OuterReferenceColumn(field, Column::new_unqualified(name)))
                }
                None => Transformed::no(Expr::OuterReferenceColumn(field, own)),
            }),
            other => Ok(Transformed::no(other)),
        })
    };
    let mut query = |held: Subquery| {
        let plan = Arc::unwrap_or_clone(held.subquery);
        let plan = plan.transform_down_with_subqueries(|plan| plan.map_expressions(&mut within))?;
        Ok::<_, DataFusionError>(subquery_of(plan.data))
    };
    let done = expr.transform_up(|expr| {
        Ok(Transformed::yes(match expr {
            Expr::ScalarSubquery(held) => Expr::ScalarSubquery(query(held)?),
            Expr::Exists(exists) => Expr::Exists(Exists { subquery: query(exists.subquery)?, ..exists }),
            Expr::InSubquery(found) => {
                Expr::InSubquery(InSubquery { subquery: query(found.subquery)?, ..found })
            }
            Expr::SetComparison(compared) => {
                Expr::SetComparison(SetComparison { subquery: query(compared.subquery)?, ..compared })
            }
            other => return Ok(Transformed::no(other)),
        }))
    });
    Ok(done.map_err(refused)?.data)
}

/// Terms whose third truth value counts for nothing: alone, or joined by `AND` and `OR`.
fn is_joinable(term: &Expr, schema: &DFSchema) -> bool {
    match term {
        Expr::InSubquery(membership) if membership.negated => is_antijoin(membership, schema),
        Expr::InSubquery(membership) => is_semijoin(&membership.subquery, schema),
        Expr::Exists(exists) => is_semijoin(&exists.subquery, schema),
        Expr::Not(inner) => match inner.as_ref() {
            Expr::InSubquery(membership) => is_antijoin(membership, schema),
            inner => is_joinable(inner, schema),
        },
        other => is_marked(other, schema),
    }
}

/// `NOT IN`, whose `NULL`s DataFusion knows only of columns, and of a query that does not depend on them.
fn is_antijoin(membership: &InSubquery, schema: &DFSchema) -> bool {
    membership.expr.any_column_refs()
        && membership.subquery.outer_ref_columns.is_empty()
        && is_semijoin(&membership.subquery, schema)
}

fn is_marked(term: &Expr, schema: &DFSchema) -> bool {
    match term {
        Expr::Exists(exists) => is_semijoin(&exists.subquery, schema),
        Expr::InSubquery(membership) => {
            !membership.negated
                && !has_predicate(&membership.expr)
                && is_semijoin(&membership.subquery, schema)
        }
        Expr::BinaryExpr(joined) if matches!(joined.op, Operator::And | Operator::Or) => {
            is_marked(&joined.left, schema) && is_marked(&joined.right, schema)
        }
        other => !has_predicate(other) && !depends_otherwise(other, schema),
    }
}

/// Whether a scalar subquery in it is none that DataFusion makes a join of.
fn depends_otherwise(expr: &Expr, schema: &DFSchema) -> bool {
    let found = expr.exists(|expr| {
        Ok(matches!(expr, Expr::ScalarSubquery(query) if !super::dependent::is_joinable(query, schema)))
    });
    found.unwrap_or(false)
}

fn is_predicate(expr: &Expr) -> bool {
    matches!(expr, Expr::Exists(_) | Expr::InSubquery(_) | Expr::SetComparison(_))
}

/// Whether a query that is asked for its rows' existence lies in an expression.
pub(super) fn has_predicate(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(is_predicate(expr))).unwrap_or(false)
}

/// Whether a query lies in an expression.
pub(super) fn has_query(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(is_predicate(expr) || matches!(expr, Expr::ScalarSubquery(_)))).unwrap_or(true)
}

/// The queries in an expression that are asked for each row.
pub(super) fn queries(expr: &Expr) -> Result<Vec<Expr>> {
    let mut found = vec![];
    collect(expr, &|_| true, &mut |query| found.push(query.clone()))?;
    Ok(found)
}

/// Hands over the queries below whatever is `inside`, outermost first.
fn collect(value: &Expr, inside: &impl Fn(&Expr) -> bool, take: &mut impl FnMut(&Expr)) -> Result<()> {
    let walked = value.apply(|expr| {
        if !inside(expr) {
            return Ok(TreeNodeRecursion::Continue);
        }
        expr.apply(|expr| {
            let depends = matches!(expr, Expr::ScalarSubquery(query) if !query.outer_ref_columns.is_empty());
            if !depends && !is_predicate(expr) {
                return Ok(TreeNodeRecursion::Continue);
            }
            take(expr);
            Ok(TreeNodeRecursion::Jump)
        })?;
        Ok(TreeNodeRecursion::Jump)
    });
    walked.map(|_| ()).map_err(refused)
}

fn first_column(query: &LogicalPlan) -> Expr {
    query.schema().columns().into_iter().next().map_or_else(|| lit(ScalarValue::Null), Expr::Column)
}

/// An expression over the columns of `schema`, seen from within a query beside it.
fn outer(value: &Expr, schema: &DFSchema) -> datafusion::error::Result<Expr> {
    let seen = value.clone().transform_up(|expr| {
        let Expr::Column(own) = expr else { return Ok(Transformed::no(expr)) };
        let field = Arc::clone(schema.field_from_column(&own)?);
        Ok(Transformed::yes(Expr::OuterReferenceColumn(field, own)))
    });
    Ok(seen?.data)
}

/// A query without the limit and the order at its end, which take no row from one that has any.
fn unlimited(mut query: LogicalPlan) -> datafusion::error::Result<LogicalPlan> {
    loop {
        query = match query {
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => Arc::unwrap_or_clone(sort.input),
            LogicalPlan::Limit(limit) => {
                let all = matches!(limit.get_skip_type()?, SkipType::Literal(0))
                    && !matches!(
                        limit.get_fetch_type()?,
                        FetchType::Literal(Some(0)) | FetchType::UnsupportedExpr
                    );
                if !all {
                    return Ok(LogicalPlan::Limit(limit));
                }
                Arc::unwrap_or_clone(limit.input)
            }
            other => return Ok(other),
        }
    }
}
