//! Queries inside expressions.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::Spans;
use datafusion::functions::core::expr_fn::named_struct;
use datafusion::functions_aggregate::expr_fn::array_agg;
use datafusion::logical_expr::expr::{Exists, InSubquery, SetComparison, SetQuantifier};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Operator, Subquery, lit};
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, Query, Spanned};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::expr::boolean;
use super::operators::{Comparison, operator};
use super::scope::Scope;
use super::{Field, Planned, Planner, Result, Typed, column, mismatch, refused, syntax, unsupported};
use crate::functions::trino::coercion::common_type;
use crate::functions::trino::single_element;
use crate::functions::trino::types::{anonymous_field, type_name};

impl Planner<'_> {
    pub(super) fn exists(&self, query: &Query, negated: bool, scope: &Scope) -> Result<Typed> {
        let planned = self.inner_query(query, scope)?;
        Ok(boolean(Expr::Exists(Exists { subquery: subquery_of(planned.plan), negated })))
    }

    pub(super) fn scalar_subquery(&self, query: &Query, scope: &Scope) -> Result<Typed> {
        let planned = self.single_column(query, scope)?;
        let data_type = planned.fields[0].data_type.clone();
        let value = self.single_value(planned.plan, &data_type);
        Ok(Typed::new(value.map_err(refused)?, data_type))
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
        Ok(boolean(Expr::InSubquery(InSubquery::new(Box::new(value), subquery_of(planned.plan), negated))))
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
        let (expr, subquery) = (Box::new(value), subquery_of(planned.plan));
        Ok(boolean(match (op, quantifier) {
            (Operator::Eq, SetQuantifier::Any) => Expr::InSubquery(InSubquery::new(expr, subquery, false)),
            (Operator::NotEq, SetQuantifier::All) => Expr::InSubquery(InSubquery::new(expr, subquery, true)),
            _ => Expr::SetComparison(SetComparison { expr, subquery, op, quantifier }),
        }))
    }

    /// The value of a query of one column; `NULL` if it has no rows, an error if it has several.
    fn single_value(&self, plan: LogicalPlan, data_type: &DataType) -> datafusion::error::Result<Expr> {
        let field = plan.schema().field(0).clone();
        let depends = !plan.all_out_ref_exprs().is_empty();
        let at_most_one = !depends && field.is_nullable() && plan.max_rows().is_some_and(|most| most <= 1);
        if at_most_one || has_one_row(&plan) {
            return Ok(Expr::ScalarSubquery(subquery_of(plan)));
        }
        // DataFusion wants an aggregate of what depends on a row, believes that a column without NULL
        // cannot give one, and has words of its own for several rows. All values of a row are only
        // looked at where the row is asked for.
        let name = self.fresh("values");
        let values = array_agg(column(field.name())).alias(&name);
        let plan = LogicalPlanBuilder::from(plan).aggregate(Vec::<Expr>::new(), [values])?.build()?;
        single_element(Expr::ScalarSubquery(subquery_of(plan)), data_type)
            .map_err(datafusion::error::DataFusionError::Plan)
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

    /// A query inside an expression; written twice, it is planned once.
    fn inner_query(&self, query: &Query, scope: &Scope) -> Result<Planned> {
        if scope.lambda.is_some() {
            return Err(syntax(query.span(), "Lambda expression cannot contain subqueries"));
        }
        let seen: Vec<String> = scope.fields.iter().map(|field| field.column.clone()).collect();
        let known = self.inner.borrow().iter().find_map(|(columns, known, planned)| {
            (!seen.is_empty() && *columns == seen && known == query).then(|| planned.clone())
        });
        if let Some(planned) = known {
            return Ok(planned);
        }
        let planned = self.query(query, scope)?;
        self.inner.borrow_mut().push((seen, query.clone(), planned.clone()));
        Ok(planned)
    }

    /// A query of so many columns as one of rows: `(a, b) IN (SELECT a, b …)`.
    fn rows(&self, query: &Query, columns: usize, scope: &Scope) -> Result<Planned> {
        let planned = self.inner_query(query, scope)?.visible()?;
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
        one_column(self.inner_query(query, scope)?.visible()?, query)
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

/// Whether a query has one row whatever it reads.
fn has_one_row(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(projection) => has_one_row(&projection.input),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        LogicalPlan::EmptyRelation(empty) => empty.produce_one_row,
        _ => false,
    }
}

/// A query as an expression holds it.
pub(super) fn subquery_of(plan: LogicalPlan) -> Subquery {
    Subquery { outer_ref_columns: plan.all_out_ref_exprs(), subquery: Arc::new(plan), spans: Spans::new() }
}
