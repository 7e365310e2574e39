//! Conditions of joins: `ON` and `USING`.

use datafusion::common::{DFSchema, JoinType};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Operator, Subquery};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, ObjectName, Spanned};

use super::embedded::{has_query, queries};
use super::expr::{joined, operands};
use super::scope::Scope;
use super::select::filtered;
use super::{Field, Planned, Planner, Result, canonical, error, refused, unsupported};
use crate::sql::ErrorCode;
use crate::sql::guard::guarded;

impl Planner<'_> {
    /// `left JOIN right ON on`; `scope` shows the columns of both.
    pub(super) fn joined_on(
        &self,
        left: LogicalPlan,
        right: LogicalPlan,
        kind: JoinType,
        on: &ast::Expr,
        scope: &Scope,
    ) -> Result<LogicalPlan> {
        let what = match operands(on, &BinaryOperator::And).len() {
            1 => "JOIN ON clause",
            _ => "Logical expression term",
        };
        let terms = self.terms(on, what, scope)?;
        if !terms.iter().any(has_query) {
            let plan = LogicalPlanBuilder::from(left).join_on(right, kind, guarded(terms));
            return plan.and_then(LogicalPlanBuilder::build).map_err(refused);
        }
        if kind != JoinType::Inner {
            return self.outer_joined_on(left, right, kind, joined(terms, Operator::And), on);
        }
        // Which of all pairs are joined is as good asked afterwards.
        let pairs = LogicalPlanBuilder::from(left).cross_join(right);
        let pairs = pairs.and_then(LogicalPlanBuilder::build).map_err(refused)?;
        let (plan, terms) = self.with_terms(pairs, terms)?;
        filtered(plan, terms)
    }

    /// An outer join whose condition asks queries: they are asked of the rows of the side that they
    /// depend on, before these are joined.
    fn outer_joined_on(
        &self,
        mut left: LogicalPlan,
        mut right: LogicalPlan,
        kind: JoinType,
        mut condition: Expr,
        on: &ast::Expr,
    ) -> Result<LogicalPlan> {
        let asked = queries(&condition)?;
        let of = |side: &LogicalPlan| asked.iter().all(|query| is_of(query, side.schema()));
        if of(&left) {
            left = self.beforehand(left, |_| true, &mut [&mut condition])?;
        } else if of(&right) {
            right = self.beforehand(right, |_| true, &mut [&mut condition])?;
        } else {
            return Err(unsupported(on.span(), "A subquery of both sides in the condition of an outer join"));
        }
        let plan = LogicalPlanBuilder::from(left).join_on(right, kind, [condition]);
        plan.and_then(LogicalPlanBuilder::build).map_err(refused)
    }

    /// Columns named by `USING` are there once, first.
    pub(super) fn join_using(
        &self,
        left: Planned,
        right: Planned,
        kind: JoinType,
        names: &[ObjectName],
    ) -> Result<Planned> {
        let mut conditions = vec![];
        let mut shared = vec![];
        for name in names {
            let (a, b) = (named(&left.fields, name)?, named(&right.fields, name)?);
            let (l, r) = self.comparable(a.typed(), b.typed(), "=", name.span())?;
            conditions.push(l.clone().eq(r.clone()));
            let value = match kind {
                JoinType::Right => r,
                JoinType::Full => datafusion::functions::core::expr_fn::coalesce(vec![l, r]),
                _ => l,
            };
            shared.push((a.clone(), b.column.clone(), value));
        }
        let plan =
            LogicalPlanBuilder::from(left.plan).join_on(right.plan, kind, conditions).map_err(refused)?;
        let rest = left.fields.into_iter().chain(right.fields);
        let rest: Vec<Field> = rest
            .filter(|field| !shared.iter().any(|(a, b, _)| a.column == field.column || *b == field.column))
            .collect();
        let mut fields = vec![];
        let mut exprs = vec![];
        for (field, _, value) in shared {
            let name = self.fresh(&field.column);
            exprs.push(value.alias(&name));
            fields.push(Field { relation: vec![], column: name, ..field });
        }
        exprs.extend(rest.iter().map(Field::expr));
        fields.extend(rest);
        let plan = plan.project(exprs).and_then(LogicalPlanBuilder::build).map_err(refused)?;
        Ok(Planned { plan, fields })
    }
}

/// Whether what a query is asked with, and what it takes from the row outside, are columns of `schema`.
fn is_of(query: &Expr, schema: &DFSchema) -> bool {
    let takes = |held: &Subquery| {
        held.outer_ref_columns.iter().all(|outer| match outer {
            Expr::OuterReferenceColumn(_, own) => schema.has_column(own),
            _ => true,
        })
    };
    let has = |value: &Expr| value.column_refs().into_iter().all(|own| schema.has_column(own));
    match query {
        Expr::ScalarSubquery(held) => takes(held),
        Expr::Exists(exists) => takes(&exists.subquery),
        Expr::InSubquery(found) => takes(&found.subquery) && has(&found.expr),
        Expr::SetComparison(compared) => takes(&compared.subquery) && has(&compared.expr),
        _ => false,
    }
}

fn named<'a>(fields: &'a [Field], name: &ObjectName) -> Result<&'a Field> {
    let wanted = name.0.last().and_then(|part| part.as_ident()).map(canonical).unwrap_or_default();
    let called = |field: &&Field| field.name.as_ref().is_some_and(|own| own.to_lowercase() == wanted);
    fields.iter().find(called).ok_or_else(|| {
        error(
            ErrorCode::ColumnNotFound,
            name.span(),
            format!("Column '{name}' is missing from one side of the join"),
        )
    })
}
