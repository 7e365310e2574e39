//! Queries: `WITH`, set operations, `ORDER BY`, `LIMIT`.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::functions::core::expr_fn::{get_field, named_struct};
use datafusion::functions_nested::expr_fn::make_array;
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    self, Cte, LimitClause, Query, SetExpr, SetOperator, SetQuantifier, Spanned, Values, With,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::scope::{Clause, Env, Scope};
use super::sort::Order;
use super::{
    Field, Planned, Planner, Result, canonical, column, error, mismatch, refused, syntax, unsupported,
};
use crate::functions::trino::coercion::common_type;
use crate::functions::trino::types::{anonymous_field, type_name};
use crate::sql::ErrorCode;

impl Planner<'_> {
    /// A query in sight of `outer`.
    pub(super) fn query(&self, query: &Query, outer: &Scope) -> Result<Planned> {
        self.deeper(query.span(), || {
            let env = match &query.with {
                Some(with) => self.with(with, outer)?,
                None => outer.env.clone(),
            };
            let outer = Scope { env: &env, ..*outer };
            let order = Order { by: query.order_by.as_ref(), ties: self.ties(query)? };
            let sorted = match query.body.as_ref() {
                SetExpr::Select(select) => self.select(select, order, &outer)?,
                body => {
                    let planned = self.body(body, &outer)?;
                    self.sorted_output(planned, order, &outer)?
                }
            };
            self.limited(sorted, query)
        })
    }

    /// The queries of `WITH`, each in sight of those before it.
    fn with(&self, with: &With, outer: &Scope) -> Result<Env> {
        let mut env = outer.env.clone();
        for cte in &with.cte_tables {
            let name = canonical(&cte.alias.name);
            if with.cte_tables.iter().filter(|other| canonical(&other.alias.name) == name).count() > 1 {
                let at = cte.alias.name.span;
                return Err(syntax(at, format!("WITH query name '{name}' specified more than once")));
            }
            let scope = Scope { env: &env, ..*outer };
            let planned = match with.recursive {
                true => self.recursive(cte, &scope)?,
                false => self.query(&cte.query, &scope)?,
            };
            let planned = renamed(planned, &cte.alias)?;
            env.queries.insert(name, Arc::new(planned));
        }
        Ok(env)
    }

    /// What a query is made of, without its order.
    pub(super) fn body(&self, body: &SetExpr, outer: &Scope) -> Result<Planned> {
        match body {
            SetExpr::Select(select) => self.select(select, Order::default(), outer),
            SetExpr::Query(query) => self.query(query, outer),
            SetExpr::Values(values) => self.values(values, outer),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                // Long chains lie to the left of each other.
                let left = self.deeper(left.span(), || self.body(left, outer))?.visible()?;
                let right = self.body(right, outer)?.visible()?;
                self.set_operation(*op, *set_quantifier, left, right, body.span())
            }
            SetExpr::Table(table) => Err(unsupported(Span::empty(), table)),
            other => Err(unsupported(other.span(), "a statement inside a query")),
        }
    }

    fn set_operation(
        &self,
        op: SetOperator,
        quantifier: SetQuantifier,
        left: Planned,
        right: Planned,
        at: Span,
    ) -> Result<Planned> {
        let all = match quantifier {
            SetQuantifier::All => true,
            SetQuantifier::Distinct | SetQuantifier::None => false,
            other => return Err(unsupported(at, format!("{op} {other}"))),
        };
        let types = common_types(&left.fields, &right.fields, &op.to_string(), at)?;
        let left = self.with_types(left, &types, at)?;
        let right = self.with_types(right, &types, at)?;
        let builder = LogicalPlanBuilder::from(left.plan);
        let plan = match (op, all) {
            (SetOperator::Union, true) => builder.union(right.plan).and_then(LogicalPlanBuilder::build),
            (SetOperator::Union, false) => {
                builder.union_distinct(right.plan).and_then(LogicalPlanBuilder::build)
            }
            (SetOperator::Intersect | SetOperator::Except, true) => {
                let (left, right) = (self.counted_rows(builder)?, self.counted_rows(right.plan.into())?);
                match op {
                    SetOperator::Intersect => LogicalPlanBuilder::intersect(left, right, true),
                    _ => LogicalPlanBuilder::except(left, right, true),
                }
            }
            (SetOperator::Intersect, false) => {
                builder.build().and_then(|left| LogicalPlanBuilder::intersect(left, right.plan, false))
            }
            (SetOperator::Except, false) => {
                builder.build().and_then(|left| LogicalPlanBuilder::except(left, right.plan, false))
            }
            (other, _) => return Err(unsupported(at, other)),
        };
        self.relabelled(plan.map_err(refused)?, left.fields)
    }

    /// The same rows, each with its number among those that are equal: with it, as many rows of one
    /// query go with rows of another as there are in both.
    fn counted_rows(&self, rows: LogicalPlanBuilder) -> Result<LogicalPlan> {
        let columns = rows.schema().columns().into_iter().map(Expr::Column).collect();
        let number = row_number().partition_by(columns).build().map_err(refused)?;
        let number = number.alias(self.fresh("copy"));
        rows.window([number]).and_then(LogicalPlanBuilder::build).map_err(refused)
    }

    /// The same plan, its columns under names that nothing else has.
    pub(super) fn relabelled(&self, plan: LogicalPlan, mut fields: Vec<Field>) -> Result<Planned> {
        let mut exprs = vec![];
        for (position, field) in fields.iter_mut().enumerate() {
            let column = Expr::Column(plan.schema().columns()[position].clone());
            field.column = self.fresh(field.name.as_deref().unwrap_or("column"));
            field.relation.clear();
            exprs.push(column.alias(&field.column));
        }
        let plan = LogicalPlanBuilder::from(plan).project(exprs).and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(refused)?, fields })
    }

    fn values(&self, values: &Values, outer: &Scope) -> Result<Planned> {
        let scope = Scope::of(&[], outer.env, Some(outer), Clause::Other("VALUES"));
        let mut columns: Vec<Vec<super::Typed>> = vec![];
        let at =
            values.rows.first().and_then(|row| row.content.first()).map_or_else(Span::empty, |e| e.span());
        for row in &values.rows {
            let cells = &row.content;
            columns.resize_with(columns.len().max(cells.len()), Vec::new);
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(self.expr(cell, &scope)?);
            }
        }
        if columns.is_empty() || columns.iter().any(|column| column.len() != values.rows.len()) {
            return Err(syntax(at, "Values rows have mismatched sizes"));
        }
        let mut rows: Vec<Vec<Expr>> = vec![vec![]; values.rows.len()];
        let mut fields = vec![];
        for cells in columns {
            let (exprs, data_type) = self.unified(cells, "Values rows", at)?;
            rows.iter_mut().zip(exprs).for_each(|(row, expr)| row.push(expr));
            fields.push(Field {
                name: None,
                data_type,
                relation: vec![],
                column: String::new(),
                hidden: false,
            });
        }
        let plan = match rows.iter().flatten().any(Expr::contains_outer) {
            true => self.computed_rows(rows, &fields)?,
            false => LogicalPlanBuilder::values(rows).and_then(LogicalPlanBuilder::build).map_err(refused)?,
        };
        self.relabelled(plan, fields)
    }

    /// Rows of what the query around them has: DataFusion's `VALUES` are constant.
    fn computed_rows(&self, rows: Vec<Vec<Expr>>, fields: &[Field]) -> Result<LogicalPlan> {
        let list = self.fresh("rows");
        let names: Vec<String> = (0..fields.len()).map(anonymous_field).collect();
        let rows = rows.into_iter().map(|row| {
            named_struct(row.into_iter().zip(&names).flat_map(|(value, name)| [lit(name), value]).collect())
        });
        let rows = make_array(rows.collect()).alias(&list);
        let columns = names.iter().map(|name| get_field(column(&list), name.as_str()).alias(name));
        let plan = LogicalPlanBuilder::empty(true).project([rows]);
        let plan = plan.and_then(|plan| plan.unnest_column(list.as_str())?.project(columns)?.build());
        plan.map_err(refused)
    }

    fn limited(&self, planned: Planned, query: &Query) -> Result<Planned> {
        let (mut limit, mut offset) = (None, None);
        match &query.limit_clause {
            Some(LimitClause::LimitOffset { limit: most, offset: skipped, limit_by })
                if limit_by.is_empty() =>
            {
                limit = most.as_ref();
                offset = skipped.as_ref().map(|offset| &offset.value);
            }
            Some(other) => return Err(unsupported(query.span(), other)),
            None => {}
        }
        if let Some(fetch) = &query.fetch {
            limit = fetch.quantity.as_ref();
        }
        let skip = offset.map(|offset| self.count(offset)).transpose()?.flatten().unwrap_or(0);
        let most = match (limit, &query.fetch) {
            // They were left out with what is tied with them.
            (_, Some(fetch)) if fetch.with_ties => None,
            (Some(limit), _) => self.count(limit)?,
            (None, Some(_)) => Some(1),
            (None, None) => None,
        };
        if skip == 0 && most.is_none() {
            return Ok(planned);
        }
        let plan =
            LogicalPlanBuilder::from(planned.plan).limit(skip, most).and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(refused)?, ..planned })
    }

    /// How many rows `FETCH FIRST … ROWS WITH TIES` takes, not counting those that are sorted beside
    /// the last.
    fn ties(&self, query: &Query) -> Result<Option<usize>> {
        let Some(fetch) = query.fetch.as_ref().filter(|fetch| fetch.with_ties) else { return Ok(None) };
        if query.order_by.is_none() {
            return Err(syntax(query.span(), "FETCH FIRST WITH TIES clause requires ORDER BY"));
        }
        if query.limit_clause.is_some() {
            return Err(unsupported(query.span(), "FETCH … WITH TIES after OFFSET"));
        }
        fetch.quantity.as_ref().map_or(Ok(Some(1)), |quantity| self.count(quantity))
    }

    /// A number of rows; `None` for `ALL`.
    fn count(&self, expr: &ast::Expr) -> Result<Option<usize>> {
        if expr.to_string().eq_ignore_ascii_case("all") {
            return Ok(None);
        }
        let value = self.expr(expr, &Scope::root(&Env::default()))?;
        let number = match &value.expr {
            Expr::Literal(ScalarValue::Int32(Some(number)), _) => usize::try_from(*number).ok(),
            Expr::Literal(ScalarValue::Int64(Some(number)), _) => usize::try_from(*number).ok(),
            _ => None,
        };
        number
            .map(Some)
            .ok_or_else(|| syntax(expr.span(), format!("A number of rows is wanted, 0 or more, not {expr}")))
    }

    /// `WITH RECURSIVE name(…) AS (first UNION ALL next)`
    fn recursive(&self, cte: &Cte, scope: &Scope) -> Result<Planned> {
        let SetExpr::SetOperation { left, op: SetOperator::Union, set_quantifier, right } =
            cte.query.body.as_ref()
        else {
            return self.query(&cte.query, scope);
        };
        let first = self.body(left, scope)?.visible()?;
        let first = renamed(first, &cte.alias)?;
        let work = self.fresh("work");
        let table = datafusion::catalog::cte_worktable::CteWorkTable::new(
            &work,
            Arc::new(nullable(first.plan.schema().as_arrow())),
        );
        let source = datafusion::datasource::provider_as_source(Arc::new(table));
        let scan = LogicalPlanBuilder::scan(&*work, source, None).and_then(LogicalPlanBuilder::build);
        let step = self.relabelled(scan.map_err(refused)?, first.fields.clone())?;
        let mut env = scope.env.clone();
        env.queries.insert(canonical(&cte.alias.name), Arc::new(step));
        let next = self.body(right, &Scope { env: &env, ..*scope })?.visible()?;
        let at = cte.query.span();
        let types: Vec<DataType> = first.fields.iter().map(|field| field.data_type.clone()).collect();
        if next.fields.len() != types.len() {
            return Err(mismatch(at, "The recursive part has another number of columns than the first"));
        }
        let next = self.with_types(next, &types, at)?;
        let distinct = !matches!(set_quantifier, SetQuantifier::All);
        let plan = LogicalPlanBuilder::from(first.plan)
            .to_recursive_query(work, next.plan, distinct)
            .and_then(LogicalPlanBuilder::build);
        self.relabelled(plan.map_err(refused)?, first.fields)
    }
}

/// A query's columns under the names of an alias: `t(a, b)`.
pub(super) fn renamed(planned: Planned, alias: &ast::TableAlias) -> Result<Planned> {
    let visible = planned.fields.iter().filter(|field| !field.hidden).count();
    if !alias.columns.is_empty() && alias.columns.len() != visible {
        let (names, columns, name) = (alias.columns.len(), visible, &alias.name.value);
        let message =
            format!("Column alias list has {names} entries but '{name}' has {columns} columns available");
        return Err(error(ErrorCode::MismatchedColumnAliases, alias.name.span, message));
    }
    let mut planned = planned;
    let relation = vec![canonical(&alias.name)];
    if !alias.columns.is_empty() {
        planned.fields.retain(|field| !field.hidden);
    }
    let mut names = alias.columns.iter().map(|column| column.name.value.clone());
    for field in &mut planned.fields {
        field.relation.clone_from(&relation);
        if let Some(name) = names.next() {
            field.name = Some(name);
        }
    }
    Ok(planned)
}

/// The types that two queries' columns have in common, one by one.
fn common_types(left: &[Field], right: &[Field], what: &str, at: Span) -> Result<Vec<DataType>> {
    if left.len() != right.len() {
        let (left, right) = (left.len(), right.len());
        return Err(mismatch(at, format!("{what} query has different number of fields: {left}, {right}")));
    }
    let common = |(position, (left, right)): (usize, (&Field, &Field))| {
        common_type(&left.data_type, &right.data_type).ok_or_else(|| {
            let (left, right) = (type_name(&left.data_type), type_name(&right.data_type));
            let position = position + 1;
            mismatch(at, format!("column {position} in {what} query has incompatible types: {left}, {right}"))
        })
    };
    left.iter().zip(right).enumerate().map(common).collect()
}

fn nullable(schema: &arrow::datatypes::Schema) -> arrow::datatypes::Schema {
    let fields = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    arrow::datatypes::Schema::new(fields.collect::<Vec<_>>())
}
