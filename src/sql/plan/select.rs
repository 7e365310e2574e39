//! `SELECT … FROM … WHERE … GROUP BY … HAVING …`, and the `ORDER BY` that belongs to it.

use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use datafusion::sql::sqlparser::ast::{
    self, Distinct, Select, SelectItem, SelectItemQualifiedWildcardKind, Spanned, WildcardAdditionalOptions,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::embedded::has_predicate;
use super::scope::{Alias, Clause, Scope, field_of};
use super::sort::{Key, Order, sorted};
use super::window::with_named_windows;
use super::{Field, Planned, Planner, Result, Typed, column, error, refused, syntax, unsupported};
use crate::functions::trino::types::anonymous_field;
use crate::sql::ErrorCode;
use crate::sql::guard::guarded;

/// An item of a `SELECT` list, planned.
pub(super) struct Item {
    pub name: Option<String>,
    /// Whether the name was given with `AS`.
    pub alias: bool,
    pub value: Typed,
    pub at: Span,
    /// Seen by the query around this one, but not by its `*`.
    pub hidden: bool,
}

impl Planner<'_> {
    pub(super) fn select(&self, select: &Select, order: Order, outer: &Scope) -> Result<Planned> {
        refuse_unsupported(select)?;
        let from = self.from(&select.from, outer)?;
        let scope = Scope::of(&from.fields, outer.env, Some(outer), Clause::Select);
        let mut plan = from.plan.clone();
        if let Some(condition) = &select.selection {
            let terms =
                self.terms(condition, "WHERE clause", &scope.within(Clause::Other("WHERE clause")))?;
            let (joined, terms) = self.with_terms(plan, terms)?;
            plan = filtered(joined, terms)?;
        }
        let mut items = self.items(select, &scope)?;
        let distinct = matches!(select.distinct, Some(Distinct::Distinct));
        let mut groups = self.groups(select, &items, &scope)?;
        if distinct || groups.is_grouped() {
            items.retain(|item| !item.hidden);
        }
        let having = select.having.as_ref();
        let mut having = having
            .map(|having| {
                Ok((self.condition(having, "HAVING clause", &scope.within(Clause::Having))?, having.span()))
            })
            .transpose()?;
        let aliases = aliases(&items);
        let mut keys = self.order_keys(order.by, &items, &Scope { aliases: &aliases, ..scope })?;

        let mut values: Vec<(&mut Expr, Span)> =
            items.iter_mut().map(|item| (&mut item.value.expr, item.at)).collect();
        values.extend(having.iter_mut().map(|(expr, at)| (expr, *at)));
        values.extend(keys.iter_mut().map(|key| (&mut key.value, key.at)));
        plan = self.grouped_beforehand(plan, &mut groups, &mut values)?;
        plan = self.aggregated(plan, groups, &mut values, &from.fields)?;
        if let Some((condition, _)) = having {
            let (joined, terms) = self.with_terms(plan, vec![condition])?;
            plan = filtered(joined, terms)?;
        }
        let mut values: Vec<&mut Expr> = items.iter_mut().map(|item| &mut item.value.expr).collect();
        values.extend(keys.iter_mut().map(|key| &mut key.value));
        plan = self.beforehand(plan, |expr| matches!(expr, Expr::WindowFunction(_)), &mut values)?;
        plan = self.windowed(plan, &mut values)?;
        plan = self.with_values(plan, &mut values)?;

        self.projected(plan, items, keys, order.ties, distinct)
    }

    fn items(&self, select: &Select, scope: &Scope) -> Result<Vec<Item>> {
        let mut items = vec![];
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => items.push(self.item(expr, None, select, scope)?),
                SelectItem::ExprWithAlias { expr, alias } => {
                    items.push(self.item(expr, Some(alias.value.clone()), select, scope)?);
                }
                SelectItem::Wildcard(options) => {
                    plain(options)?;
                    if scope.fields.is_empty() {
                        return Err(syntax(
                            options.wildcard_token.0.span,
                            "SELECT * not allowed in queries without FROM clause",
                        ));
                    }
                    let at = options.wildcard_token.0.span;
                    items.extend(scope.fields.iter().map(|field| item_of(field, at)));
                }
                SelectItem::QualifiedWildcard(kind, options) => {
                    plain(options)?;
                    items.extend(self.qualified_wildcard(kind, scope)?);
                }
                other => return Err(unsupported(other.span(), other)),
            }
        }
        Ok(items)
    }

    fn item(&self, expr: &ast::Expr, alias: Option<String>, select: &Select, scope: &Scope) -> Result<Item> {
        let value = match select.named_window.as_slice() {
            [] => self.expr(expr, scope)?,
            windows => self.expr(&with_named_windows(expr, windows)?, scope)?,
        };
        let has_alias = alias.is_some();
        Ok(Item {
            name: alias.or_else(|| own_name(expr)),
            alias: has_alias,
            value,
            at: expr.span(),
            hidden: false,
        })
    }

    /// `t.*`: a relation's columns, or a row's fields.
    fn qualified_wildcard(&self, kind: &SelectItemQualifiedWildcardKind, scope: &Scope) -> Result<Vec<Item>> {
        let row = match kind {
            SelectItemQualifiedWildcardKind::ObjectName(name) => {
                let parts: Vec<ast::Ident> =
                    name.0.iter().filter_map(|part| part.as_ident().cloned()).collect();
                let relation: Vec<String> = parts.iter().map(super::canonical).collect();
                let of_relation = scope.fields.iter().filter(|field| field.relation.ends_with(&relation));
                let found: Vec<Item> = of_relation
                    .filter(|field| !field.hidden)
                    .map(|field| item_of(field, kind.span()))
                    .collect();
                if !found.is_empty() {
                    return Ok(found);
                }
                self.expr(&ast::Expr::CompoundIdentifier(parts), scope).map_err(|_| {
                    error(
                        ErrorCode::TableNotFound,
                        name.span(),
                        format!("Unable to resolve reference {name}"),
                    )
                })?
            }
            SelectItemQualifiedWildcardKind::Expr(expr) => self.expr(expr, scope)?,
        };
        let arrow::datatypes::DataType::Struct(fields) = &row.data_type else {
            return Err(syntax(kind.span(), "Only a relation or a row can be expanded with .*"));
        };
        let expand = |(position, field): (usize, &std::sync::Arc<arrow::datatypes::Field>)| {
            let name = ast::Ident::new(field.name().clone());
            let value = field_of(row.clone(), &name, "", kind.span())?;
            let name = (name.value != anonymous_field(position)).then_some(name.value);
            Ok(Item { name, alias: false, value, at: kind.span(), hidden: false })
        };
        fields.iter().enumerate().map(expand).collect()
    }

    /// Window functions are computed beside the plan's columns; `values` then name their results.
    fn windowed(&self, plan: LogicalPlan, values: &mut [&mut Expr]) -> Result<LogicalPlan> {
        let mut windows: Vec<Expr> = vec![];
        for value in values.iter_mut() {
            super::aggregate::replace(value, |expr| {
                if !matches!(expr, Expr::WindowFunction(_)) {
                    return None;
                }
                if !windows.contains(expr) {
                    windows.push(expr.clone());
                }
                Some(column(expr.schema_name().to_string()))
            })?;
        }
        match windows.is_empty() {
            true => Ok(plan),
            false => LogicalPlanBuilder::window_plan(plan, windows).map_err(refused),
        }
    }

    /// The select list, sorted, without what only the order needs.
    fn projected(
        &self,
        plan: LogicalPlan,
        items: Vec<Item>,
        keys: Vec<Key>,
        ties: Option<usize>,
        distinct: bool,
    ) -> Result<Planned> {
        let mut exprs = vec![];
        let mut fields = vec![];
        for item in items {
            let name = self.fresh(item.name.as_deref().unwrap_or("column"));
            fields.push(Field {
                name: item.name,
                data_type: item.value.data_type,
                relation: vec![],
                column: name.clone(),
                hidden: item.hidden,
            });
            exprs.push((item.value.expr, name));
        }
        let visible = exprs.len();
        let mut sorts = vec![];
        for key in keys {
            let known = exprs.iter().find(|(expr, _)| *expr == key.value).map(|(_, name)| name.clone());
            let name = match known {
                Some(name) => name,
                None if distinct => {
                    let message = "For SELECT DISTINCT, ORDER BY expressions must appear in select list";
                    return Err(syntax(key.at, message));
                }
                None => {
                    let name = self.fresh("key");
                    exprs.push((key.value, name.clone()));
                    name
                }
            };
            sorts.push(column(name).sort(key.ascending, key.nulls_first));
        }
        let hidden = exprs.len() > visible || ties.is_some();
        let mut builder = LogicalPlanBuilder::from(plan)
            .project(exprs.into_iter().map(|(expr, name)| expr.alias(name)))
            .map_err(refused)?;
        if distinct {
            builder = builder.distinct().map_err(refused)?;
        }
        if !sorts.is_empty() {
            builder = sorted(builder, sorts, ties).map_err(refused)?;
        }
        if hidden {
            builder = builder.project(fields.iter().map(Field::expr)).map_err(refused)?;
        }
        Ok(Planned { plan: builder.build().map_err(refused)?, fields })
    }
}

fn item_of(field: &Field, at: Span) -> Item {
    Item { name: field.name.clone(), alias: false, value: field.typed(), at, hidden: field.hidden }
}

/// Names that `ORDER BY` can use: those that were given, and those that columns have.
fn aliases(items: &[Item]) -> Vec<Alias> {
    let named = items.iter().filter_map(|item| Some((item.name.as_ref()?.to_lowercase(), item)));
    let given: Vec<_> = named.clone().filter(|(_, item)| item.alias).map(|(name, _)| name).collect();
    named
        .filter(|(name, item)| item.alias || !given.contains(name))
        .map(|(name, item)| Alias { name, value: item.value.clone() })
        .collect()
}

/// What an expression is called without an alias: a column's or a field's name.
fn own_name(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Identifier(name) => Some(name.value.clone()),
        ast::Expr::CompoundIdentifier(names) => names.last().map(|name| name.value.clone()),
        ast::Expr::Nested(inner) => own_name(inner),
        _ => None,
    }
}

fn plain(options: &WildcardAdditionalOptions) -> Result<()> {
    let options_text = options.to_string();
    match options_text.is_empty() {
        true => Ok(()),
        false => Err(unsupported(options.wildcard_token.0.span, options_text)),
    }
}

/// Only the rows for which all terms hold. Those that ask other queries come last: they become joins,
/// whose keys are computed for every row that gets there.
pub(super) fn filtered(plan: LogicalPlan, terms: Vec<Expr>) -> Result<LogicalPlan> {
    let (asking, own): (Vec<_>, Vec<_>) = terms.into_iter().partition(has_predicate);
    let mut filters = [own, asking].into_iter().filter_map(|terms| conjunction(guarded(terms)));
    filters.try_fold(plan, |plan, condition| {
        let filter = LogicalPlanBuilder::from(plan).filter(condition);
        filter.and_then(LogicalPlanBuilder::build).map_err(refused)
    })
}

fn refuse_unsupported(select: &Select) -> Result<()> {
    let extra = [
        ("TOP", select.top.is_some()),
        ("INTO", select.into.is_some()),
        ("LATERAL VIEW", !select.lateral_views.is_empty()),
        ("PREWHERE", select.prewhere.is_some()),
        ("CONNECT BY", !select.connect_by.is_empty()),
        ("CLUSTER BY", !select.cluster_by.is_empty()),
        ("DISTRIBUTE BY", !select.distribute_by.is_empty()),
        ("SORT BY", !select.sort_by.is_empty()),
        ("QUALIFY", select.qualify.is_some()),
        ("DISTINCT ON", matches!(select.distinct, Some(Distinct::On(_)))),
        ("EXCLUDE", select.exclude.is_some()),
    ];
    match extra.into_iter().find(|(_, there)| *there) {
        Some((what, _)) => Err(unsupported(select.span(), what)),
        None => Ok(()),
    }
}
