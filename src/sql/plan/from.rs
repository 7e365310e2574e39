//! `FROM`: tables, subqueries, joins and `UNNEST`.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::common::{Column, JoinType, NullHandling, UnnestOptions};
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{
    self, Join, JoinConstraint, JoinOperator, ObjectName, Spanned, TableAlias, TableFactor, TableWithJoins,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::dependent::Missing;
use super::query::renamed;
use super::scope::{Clause, Scope};
use super::{Field, Planned, Planner, Result, canonical, column, mismatch, refused, syntax, unsupported};
use crate::functions::trino::types::type_name;
use crate::sql::relation::{Relation, Resolved, ViewDefinition};

impl Planner<'_> {
    /// All relations of a `FROM`; one row of nothing without them.
    pub(super) fn from(&self, from: &[TableWithJoins], outer: &Scope) -> Result<Planned> {
        let mut joined: Option<Planned> = None;
        for relation in from {
            let mut planned = match joined.take() {
                Some(left) => {
                    self.joined(left, &relation.relation, JoinType::Inner, &JoinConstraint::None, outer)?
                }
                None => self.relation(&relation.relation, outer)?,
            };
            for join in &relation.joins {
                planned = self.join(planned, join, outer)?;
            }
            joined = Some(planned);
        }
        Ok(joined.unwrap_or_else(one_row))
    }

    fn join(&self, left: Planned, join: &Join, outer: &Scope) -> Result<Planned> {
        let (kind, constraint) = match &join.join_operator {
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => (JoinType::Inner, constraint),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                (JoinType::Left, constraint)
            }
            JoinOperator::Right(constraint) | JoinOperator::RightOuter(constraint) => {
                (JoinType::Right, constraint)
            }
            JoinOperator::FullOuter(constraint) => (JoinType::Full, constraint),
            JoinOperator::CrossJoin(constraint) => (JoinType::Inner, constraint),
            _ => return Err(unsupported(join.span(), join)),
        };
        let cross = matches!(join.join_operator, JoinOperator::CrossJoin(_));
        if !cross && matches!(constraint, JoinConstraint::None) {
            let (at, found) = self.surroundings.places.following(join.span());
            return Err(syntax(at, format!("mismatched input '{found}'. Expecting: 'ON', 'USING'")));
        }
        self.joined(left, &join.relation, kind, constraint, outer)
    }

    fn joined(
        &self,
        left: Planned,
        right: &TableFactor,
        kind: JoinType,
        constraint: &JoinConstraint,
        outer: &Scope,
    ) -> Result<Planned> {
        if let TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } = right {
            let nulls = match (kind, constraint) {
                (JoinType::Inner, JoinConstraint::None) => NullHandling::Drop,
                (JoinType::Inner, JoinConstraint::On(on)) if is_true(on) => NullHandling::Drop,
                (JoinType::Left, JoinConstraint::On(on)) if is_true(on) => {
                    NullHandling::PreserveAndExpandEmpty
                }
                _ => return Err(unsupported(right.span(), "UNNEST joined with a condition other than TRUE")),
            };
            return self.unnest(left, array_exprs, alias.as_ref(), *with_ordinality, nulls, outer);
        }
        let right = match right {
            TableFactor::Derived { lateral: true, subquery, alias, .. } => {
                let scope = Scope::of(&left.fields, outer.env, Some(outer), Clause::Other("LATERAL"));
                let planned = self.query(subquery, &scope)?;
                if !planned.plan.all_out_ref_exprs().is_empty() {
                    let items = aliased(planned, alias.as_ref())?;
                    return self.lateral(left, items, kind, constraint, right.span());
                }
                aliased(planned, alias.as_ref())?
            }
            other => self.relation(other, outer)?,
        };
        match constraint {
            JoinConstraint::Using(names) => self.join_using(left, right, kind, names),
            JoinConstraint::Natural => Err(unsupported(Span::empty(), "NATURAL JOIN")),
            JoinConstraint::None => {
                let plan = LogicalPlanBuilder::from(left.plan).cross_join(right.plan);
                let plan = plan.and_then(LogicalPlanBuilder::build).map_err(refused)?;
                Ok(Planned { plan, fields: [left.fields, right.fields].concat() })
            }
            JoinConstraint::On(on) => {
                let fields = [left.fields, right.fields].concat();
                let scope = Scope::of(&fields, outer.env, Some(outer), Clause::Other("JOIN clause"));
                Ok(Planned { plan: self.joined_on(left.plan, right.plan, kind, on, &scope)?, fields })
            }
        }
    }

    /// A query that sees the columns of those left of it, and has columns for each of their rows.
    fn lateral(
        &self,
        left: Planned,
        items: Planned,
        kind: JoinType,
        constraint: &JoinConstraint,
        at: Span,
    ) -> Result<Planned> {
        let missing = match (kind, constraint) {
            (JoinType::Inner, JoinConstraint::None) => Missing::Dropped,
            (JoinType::Inner, JoinConstraint::On(on)) if is_true(on) => Missing::Dropped,
            (JoinType::Left, JoinConstraint::On(on)) if is_true(on) => Missing::Kept,
            _ => return Err(unsupported(at, "LATERAL joined with a condition other than TRUE")),
        };
        let plan = self.beside_each(&left.plan, &items.plan, missing);
        let plan = plan.map_err(|refused| located(refused, at))?;
        Ok(Planned { plan, fields: [left.fields, items.fields].concat() })
    }

    fn relation(&self, factor: &TableFactor, outer: &Scope) -> Result<Planned> {
        match factor {
            TableFactor::Table { name, alias, args: None, sample, version: None, .. } => {
                let planned = self.sampled(self.table(name, outer)?, sample.as_ref())?;
                aliased(planned, alias.as_ref())
            }
            TableFactor::Derived { subquery, alias, sample, .. } => {
                let planned = self.sampled(self.query(subquery, outer)?, sample.as_ref())?;
                aliased(planned, alias.as_ref())
            }
            TableFactor::UNNEST { alias, array_exprs, with_ordinality, .. } => self.unnest(
                one_row(),
                array_exprs,
                alias.as_ref(),
                *with_ordinality,
                NullHandling::Drop,
                outer,
            ),
            TableFactor::NestedJoin { table_with_joins, alias } => {
                aliased(self.from(std::slice::from_ref(table_with_joins), outer)?, alias.as_ref())
            }
            other => Err(unsupported(other.span(), other)),
        }
    }

    fn table(&self, name: &ObjectName, outer: &Scope) -> Result<Planned> {
        let parts: Vec<String> = name.0.iter().filter_map(|part| part.as_ident()).map(canonical).collect();
        if let [single] = parts.as_slice()
            && let Some(query) = outer.env.queries.get(single)
        {
            let mut planned = self.relabelled(query.plan.clone(), query.fields.clone())?;
            planned.fields.iter_mut().for_each(|field| field.relation = vec![single.clone()]);
            return Ok(planned);
        }
        if parts.is_empty() || parts.len() > 3 || parts.len() != name.0.len() {
            return Err(syntax(name.span(), format!("Too many dots in table name: {name}")));
        }
        let Self { surroundings, .. } = self;
        let resolved = surroundings.relations.resolve(&parts, surroundings.database, surroundings.mentioned);
        let mut planned = match resolved.map_err(|refused| located(refused, name.span()))? {
            Resolved::Relation(relation) => self.scanned(relation)?,
            Resolved::View(view) => self.view(&view, name.span())?,
        };
        planned.fields.iter_mut().for_each(|field| field.relation.clone_from(&parts));
        Ok(planned)
    }

    /// A table's columns under names that nothing else has.
    fn scanned(&self, relation: Relation) -> Result<Planned> {
        let schema = Arc::clone(relation.plan.schema());
        let fields = relation.columns.into_iter().zip(schema.fields()).map(|(column, field)| Field {
            name: Some(column.name),
            data_type: field.data_type().clone(),
            relation: vec![],
            column: String::new(),
            hidden: column.hidden,
        });
        self.relabelled(relation.plan, fields.collect())
    }

    /// A view sees its own database, and nothing of the query that names it.
    fn view(&self, view: &ViewDefinition, at: Span) -> Result<Planned> {
        self.deeper(at, || {
            // Its columns are those of its own text; who names it may name more of them.
            let mentioned = view.mentioned.union(self.surroundings.mentioned).cloned().collect();
            let surroundings = super::Surroundings {
                database: &view.database,
                mentioned: &mentioned,
                // Its text is another one.
                places: super::Places::default(),
                ..self.surroundings
            };
            let inner = Planner { surroundings, ..*self };
            let mut planned = inner.query(&view.query, &Scope::root(&super::Env::default()))?;
            for (field, name) in planned.fields.iter_mut().zip(&view.columns) {
                field.name = Some(name.clone());
            }
            Ok(planned)
        })
    }

    /// A row for each item of the arrays, side by side, or of the maps' entries; with
    /// `left`'s columns before them.
    fn unnest(
        &self,
        left: Planned,
        arrays: &[ast::Expr],
        alias: Option<&TableAlias>,
        with_ordinality: bool,
        nulls: NullHandling,
        outer: &Scope,
    ) -> Result<Planned> {
        let scope = Scope::of(&left.fields, outer.env, Some(outer), Clause::Other("UNNEST"));
        let arrays = arrays.iter().map(|array| self.unnested(array, &scope)).collect::<Result<Vec<_>>>()?;
        let mut lists: Vec<(Expr, String)> =
            arrays.iter().map(|array| (array.list.clone(), self.fresh("unnest"))).collect();
        if with_ordinality {
            lists.push((positions(&arrays), self.fresh("ordinality")));
        }
        let existing: Vec<Expr> = left.fields.iter().map(Field::expr).collect();
        let aliased = lists.iter().map(|(list, name)| list.clone().alias(name));
        let before: Vec<Expr> = existing.iter().cloned().chain(aliased).collect();
        let columns = lists.iter().map(|(_, name)| Column::new_unqualified(name)).collect();
        let options = UnnestOptions { null_handling: nulls, recursions: vec![] };
        let builder = LogicalPlanBuilder::from(left.plan)
            .project(before)
            .and_then(|builder| builder.unnest_columns_with_options(columns, options))
            .map_err(refused)?;

        let mut exprs = existing;
        let mut fields = vec![];
        for (array, (_, name)) in arrays.into_iter().zip(&lists) {
            for (value, data_type) in array.columns(column(name)) {
                let column = self.fresh("item");
                exprs.push(value.alias(&column));
                fields.push(Field { name: None, data_type, relation: vec![], column, hidden: false });
            }
        }
        if with_ordinality && let Some((_, name)) = lists.last() {
            let field = Field {
                name: None,
                data_type: DataType::Int64,
                relation: vec![],
                column: name.clone(),
                hidden: false,
            };
            exprs.push(field.expr());
            fields.push(field);
        }
        let plan = builder.project(exprs).and_then(LogicalPlanBuilder::build).map_err(refused)?;
        let items = self::aliased(Planned { plan, fields }, alias)?;
        Ok(Planned { plan: items.plan, fields: [left.fields, items.fields].concat() })
    }

    fn unnested(&self, array: &ast::Expr, scope: &Scope) -> Result<Unnested> {
        let value = self.expr(array, scope)?;
        match &value.data_type {
            DataType::List(item) => {
                Ok(Unnested { item: item.data_type().clone(), list: value.expr, map: false })
            }
            DataType::Map(..) => {
                let entries = self.apply("map_entries", vec![value], array.span(), scope)?;
                let item = match &entries.data_type {
                    DataType::List(item) => item.data_type().clone(),
                    other => other.clone(),
                };
                Ok(Unnested { item, list: entries.expr, map: true })
            }
            other => {
                let actual = type_name(other);
                Err(mismatch(array.span(), format!("Cannot unnest type: {actual}")))
            }
        }
    }
}

/// A list to be unnested.
struct Unnested {
    list: Expr,
    item: DataType,
    /// It was a map: keys and values become columns.
    map: bool,
}

impl Unnested {
    /// The columns that an item becomes. A row stays one, as Athena has it.
    fn columns(self, item: Expr) -> Vec<(Expr, DataType)> {
        match (self.map, &self.item) {
            (true, DataType::Struct(fields)) => {
                let field = |field: &Arc<arrow::datatypes::Field>| {
                    (get_field(item.clone(), field.name().as_str()), field.data_type().clone())
                };
                fields.iter().map(field).collect()
            }
            _ => vec![(item, self.item)],
        }
    }
}

/// 1, 2, … up to the longest list's length.
fn positions(arrays: &[Unnested]) -> Expr {
    use datafusion::functions_nested::expr_fn::{array_length, gen_series};
    let lengths = arrays.iter().map(|array| {
        let length = datafusion::logical_expr::cast(array_length(array.list.clone()), DataType::Int64);
        datafusion::functions::core::expr_fn::coalesce(vec![length, lit(0i64)])
    });
    let longest = lengths.reduce(|a, b| datafusion::functions::core::expr_fn::greatest(vec![a, b]));
    gen_series(lit(1i64), longest.unwrap_or_else(|| lit(0i64)), lit(1i64))
}

fn one_row() -> Planned {
    Planned { plan: LogicalPlanBuilder::empty(true).plan().clone(), fields: vec![] }
}

fn aliased(planned: Planned, alias: Option<&TableAlias>) -> Result<Planned> {
    match alias {
        Some(alias) => renamed(planned, alias),
        None => Ok(planned),
    }
}

/// The same error, with the place of the name that it is about.
fn located(refused: crate::sql::SqlError, at: Span) -> crate::sql::SqlError {
    refused.or_at((at.start.line, at.start.column))
}

fn is_true(expr: &ast::Expr) -> bool {
    matches!(expr, ast::Expr::Value(value) if value.value == ast::Value::Boolean(true))
}
