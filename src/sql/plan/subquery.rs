//! Queries inside expressions.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::Spans;
use datafusion::functions::core::expr_fn::named_struct;
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, Subquery, lit};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, Query, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::expr::boolean;
use super::operators::{Comparison, operator};
use super::scope::Scope;
use super::{Field, Planned, Planner, Result, Typed, column, mismatch, refused, syntax, unsupported};
use crate::functions::trino::coercion::common_type;
use crate::functions::trino::types::{anonymous_field, type_name};

impl Planner<'_> {
    pub(super) fn exists(&self, query: &Query, negated: bool, scope: &Scope) -> Result<Typed> {
        let planned = self.query(query, scope)?;
        Ok(boolean(Expr::Exists(Exists { subquery: subquery(planned), negated })))
    }

    pub(super) fn scalar_subquery(&self, query: &Query, scope: &Scope) -> Result<Typed> {
        let planned = self.single_column(query, scope)?;
        let data_type = planned.fields[0].data_type.clone();
        Ok(Typed::new(Expr::ScalarSubquery(subquery(planned)), data_type))
    }

    pub(super) fn in_subquery(
        &self,
        value: &ast::Expr,
        query: &Query,
        negated: bool,
        scope: &Scope,
    ) -> Result<Typed> {
        let at = self.predicate(value, negated, "IN");
        let (value, planned) = self.beside(self.expr(value, scope)?, query, at, scope)?;
        Ok(boolean(Expr::InSubquery(InSubquery::new(Box::new(value), subquery(planned), negated))))
    }

    /// `value = ANY (SELECT …)`
    pub(super) fn quantified(
        &self,
        value: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
        comparison: Comparison,
        scope: &Scope,
    ) -> Result<Typed> {
        let at = self.surroundings.places.operator(value.span(), &op.to_string());
        let (ast::Expr::Subquery(query), Some(op)) = (right, operator(op)) else {
            return Err(unsupported(at, "ANY or ALL of anything but a subquery"));
        };
        let (value, planned) = self.beside(self.expr(value, scope)?, query, at, scope)?;
        let quantifier = match comparison {
            Comparison::Any => SetQuantifier::Any,
            Comparison::All => SetQuantifier::All,
        };
        let compared = SetComparison { expr: Box::new(value), subquery: subquery(planned), op, quantifier };
        Ok(boolean(Expr::SetComparison(compared)))
    }

    /// A value and a query of one column, as the type that both have in common.
    fn beside(&self, value: Typed, query: &Query, at: Span, scope: &Scope) -> Result<(Expr, Planned)> {
        let planned = match &value.data_type {
            DataType::Struct(fields) if fields.len() > 1 => self.rows(query, fields.len(), scope)?,
            _ => self.single_column(query, scope)?,
        };
        let inner = &planned.fields[0];
        let Some(common) = common_type(&value.data_type, &inner.data_type) else {
            let (value, inner) = (type_name(&value.data_type), type_name(&inner.data_type));
            return Err(mismatch(
                at,
                format!(
                    "Value expression and result of subquery must be of the same type: {value} vs {inner}"
                ),
            ));
        };
        let planned = self.with_types(planned, std::slice::from_ref(&common), at)?;
        Ok((self.coerced(value, &common, at)?, planned))
    }

    /// A query of so many columns as one of rows: `(a, b) IN (SELECT a, b …)`.
    fn rows(&self, query: &Query, columns: usize, scope: &Scope) -> Result<Planned> {
        let planned = self.query(query, scope)?.visible()?;
        if planned.fields.len() != columns {
            return one_column(planned, query);
        }
        let name = self.fresh("row");
        let mut parts = vec![];
        let mut fields = vec![];
        for (position, field) in planned.fields.into_iter().enumerate() {
            let called = anonymous_field(position);
            fields.push(arrow::datatypes::Field::new(&called, field.data_type.clone(), true));
            parts.extend([lit(called), field.expr()]);
        }
        let row = Field {
            name: None,
            data_type: DataType::Struct(fields.into()),
            relation: vec![],
            column: name.clone(),
            hidden: false,
        };
        let plan = LogicalPlanBuilder::from(planned.plan)
            .project([named_struct(parts).alias(name)])
            .and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(refused)?, fields: vec![row] })
    }

    fn single_column(&self, query: &Query, scope: &Scope) -> Result<Planned> {
        one_column(self.query(query, scope)?.visible()?, query)
    }

    /// The same rows, their columns cast to `types`.
    pub(super) fn with_types(&self, planned: Planned, types: &[DataType], at: Span) -> Result<Planned> {
        if planned.fields.iter().map(|field| &field.data_type).eq(types) {
            return Ok(planned);
        }
        let mut fields = planned.fields;
        let mut exprs = vec![];
        for (field, data_type) in fields.iter_mut().zip(types) {
            let value = self.coerced(field.typed(), data_type, at)?;
            let name = self.fresh(&field.column);
            exprs.push(value.alias(&name));
            field.column = name;
            field.data_type = data_type.clone();
        }
        let plan = LogicalPlanBuilder::from(planned.plan).project(exprs).and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(refused)?, fields })
    }
}

fn one_column(planned: Planned, query: &Query) -> Result<Planned> {
    match planned.fields.len() {
        1 => Ok(planned),
        many => Err(syntax(
            query.span(),
            format!("Multiple columns returned by subquery are not yet supported. Found {many}"),
        )),
    }
}

fn subquery(planned: Planned) -> Subquery {
    let outer_ref_columns = planned.plan.all_out_ref_exprs();
    Subquery { subquery: Arc::new(planned.plan), outer_ref_columns, spans: Spans::new() }
}

/// A query that sees the columns of those left of it.
pub(super) fn lateral(planned: Planned) -> Result<Planned> {
    if planned.plan.all_out_ref_exprs().is_empty() {
        return Ok(planned);
    }
    let fields = planned.fields.clone();
    let columns = fields.iter().map(|field| column(&field.column)).collect::<Vec<_>>();
    let plan = datafusion::logical_expr::LogicalPlan::Subquery(subquery(planned));
    let plan = LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build);
    Ok(Planned { plan: plan.map_err(refused)?, fields })
}
