//! `ORDER BY`.

use datafusion::functions_window::expr_fn::rank;
use datafusion::logical_expr::{Expr, ExprFunctionExt, LogicalPlanBuilder, SortExpr, WindowFrame, lit};
use datafusion::sql::sqlparser::ast::{
    self, OrderBy, OrderByExpr, OrderByKind, Spanned, Value, ValueWithSpan,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::scope::{Clause, Scope};
use super::select::Item;
use super::{Field, Planned, Planner, Result, column, error, mismatch, refused, unsupported};
use crate::functions::trino::coercion::orderable;
use crate::functions::trino::types::type_name;
use crate::sql::ErrorCode;

/// The `ORDER BY` of a query, and what depends on it.
#[derive(Clone, Copy, Default)]
pub(super) struct Order<'a> {
    pub by: Option<&'a OrderBy>,
    /// How many rows are taken, with those that are sorted beside the last of them.
    pub ties: Option<usize>,
}

/// What rows are sorted by.
pub(super) struct Key {
    pub value: Expr,
    pub ascending: bool,
    pub nulls_first: bool,
    pub at: Span,
}

impl Planner<'_> {
    /// Keys over the select list and what `scope` shows.
    pub(super) fn order_keys(
        &self,
        order_by: Option<&OrderBy>,
        items: &[Item],
        scope: &Scope,
    ) -> Result<Vec<Key>> {
        let key = |item: &OrderByExpr| {
            let value = match ordinal(&item.expr, items.len(), "ORDER BY")? {
                Some(position) => items[position].value.clone(),
                None => self.expr(&item.expr, scope)?,
            };
            if !orderable(&value.data_type) {
                let (actual, expr) = (type_name(&value.data_type), &item.expr);
                let message = format!(
                    "Type {actual} is not orderable, and therefore cannot be used in ORDER BY: {expr}"
                );
                return Err(mismatch(item.expr.span(), message));
            }
            Ok(key_of(value.expr, item))
        };
        expressions(order_by)?.iter().map(key).collect()
    }

    /// A set operation's rows, sorted by its columns.
    pub(super) fn sorted_output(&self, planned: Planned, order: Order, outer: &Scope) -> Result<Planned> {
        let keys = expressions(order.by)?;
        if keys.is_empty() {
            return Ok(planned);
        }
        let scope = Scope::of(&planned.fields, outer.env, Some(outer), Clause::Other("ORDER BY clause"));
        let sort = |item: &OrderByExpr| {
            let value = match ordinal(&item.expr, planned.fields.len(), "ORDER BY")? {
                Some(position) => planned.fields[position].expr(),
                None => self.expr(&item.expr, &scope)?.expr,
            };
            let key = key_of(value, item);
            Ok(key.value.sort(key.ascending, key.nulls_first))
        };
        let sorts = keys.iter().map(sort).collect::<Result<Vec<_>>>()?;
        let mut plan = sorted(LogicalPlanBuilder::from(planned.plan), sorts, order.ties);
        if order.ties.is_some() {
            plan = plan.and_then(|plan| plan.project(planned.fields.iter().map(Field::expr)));
        }
        let plan = plan.and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(refused)?, fields: planned.fields })
    }
}

/// The position, from 0, that a number in `ORDER BY` or `GROUP BY` stands for.
pub(super) fn ordinal(expr: &ast::Expr, count: usize, clause: &str) -> Result<Option<usize>> {
    let ast::Expr::Value(ValueWithSpan { value: Value::Number(digits, _), span }) = expr else {
        return Ok(None);
    };
    let position: Option<usize> = digits.parse().ok();
    let position = position.and_then(|position| position.checked_sub(1)).filter(|position| *position < count);
    position.map(Some).ok_or_else(|| {
        let message = format!("{clause} position {digits} is not in select list");
        error(ErrorCode::InvalidColumnReference, *span, message)
    })
}

/// Sorted rows; of `ties` only those, and one more column, with their rank.
pub(super) fn sorted(
    builder: LogicalPlanBuilder,
    sorts: Vec<SortExpr>,
    ties: Option<usize>,
) -> datafusion::error::Result<LogicalPlanBuilder> {
    let Some(most) = ties else { return builder.sort(sorts) };
    let frame = WindowFrame::new(Some(false));
    let rank = rank().order_by(sorts.clone()).window_frame(frame).build()?;
    let name = rank.schema_name().to_string();
    builder.window([rank])?.filter(column(name).lt_eq(lit(most as u64)))?.sort(sorts)
}

fn key_of(value: Expr, item: &OrderByExpr) -> Key {
    let ascending = item.options.asc.unwrap_or(true);
    // Nulls come last in Trino, whatever the direction.
    Key { value, ascending, nulls_first: item.options.nulls_first.unwrap_or(false), at: item.expr.span() }
}

fn expressions(order_by: Option<&OrderBy>) -> Result<&[OrderByExpr]> {
    match order_by.map(|order_by| &order_by.kind) {
        None => Ok(&[]),
        Some(OrderByKind::Expressions(expressions)) => Ok(expressions),
        Some(OrderByKind::All(_)) => Err(unsupported(Span::empty(), "ORDER BY ALL")),
    }
}
