//! Which names can be seen, and what they stand for.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::datatypes::DataType;
use arrow::datatypes::Field as ArrowField;
use datafusion::common::Column;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::LambdaVariable;
use datafusion::sql::sqlparser::ast::Ident;
use datafusion::sql::sqlparser::tokenizer::Span;

use super::{Planned, Result, Typed, canonical, error, mismatch};
use crate::functions::trino::names::nearest;
use crate::sql::ErrorCode;

/// A column that a query can name.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// What it is called, as it was written; `None` for an expression without a name.
    pub name: Option<String>,
    /// Its type.
    pub data_type: DataType,
    /// The relation's name in lower case, outermost part first; empty if it has none.
    pub(super) relation: Vec<String>,
    /// The plan's column.
    pub(super) column: String,
    /// Whether `SELECT *` leaves it out.
    pub(super) hidden: bool,
}

impl Field {
    pub(super) fn expr(&self) -> Expr {
        super::column(&self.column)
    }

    pub(super) fn typed(&self) -> Typed {
        Typed::new(self.expr(), self.data_type.clone())
    }

    fn is_called(&self, relation: &[String], name: &str) -> bool {
        self.relation.ends_with(relation) && self.name.as_ref().is_some_and(|own| own.to_lowercase() == name)
    }
}

/// The queries of `WITH` that can be seen, by lower-case name.
#[derive(Debug, Clone, Default)]
pub(super) struct Env {
    pub queries: HashMap<String, Arc<Planned>>,
}

/// A name given to a select item.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    /// In lower case.
    pub name: String,
    pub value: Typed,
}

/// Which calls have a meaning in a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clause {
    /// `SELECT` and `ORDER BY`: aggregates and window functions.
    Select,
    /// `HAVING`: aggregates.
    Having,
    /// Inside an aggregate's arguments, and elsewhere: neither. What the clause is called.
    Other(&'static str),
}

/// The parameters of a lambda.
#[derive(Debug, Clone)]
pub(super) struct LambdaScope<'a> {
    pub parameters: Vec<(String, Arc<ArrowField>)>,
    pub outer: Option<&'a LambdaScope<'a>>,
}

/// What can be seen from an expression.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub fields: &'a [Field],
    /// The query that this one lies in.
    pub outer: Option<&'a Scope<'a>>,
    pub env: &'a Env,
    /// Names of select items, where they count: in `ORDER BY`.
    pub aliases: &'a [Alias],
    pub lambda: Option<&'a LambdaScope<'a>>,
    pub clause: Clause,
    /// Inside `TRY(…)`.
    pub safe: bool,
}

impl<'a> Scope<'a> {
    /// Nothing but the queries of `env`.
    pub fn root(env: &'a Env) -> Self {
        Scope {
            fields: &[],
            outer: None,
            env,
            aliases: &[],
            lambda: None,
            clause: Clause::Other("VALUES"),
            safe: false,
        }
    }

    /// The columns of a query's relations, in a clause of that query.
    pub fn of(fields: &'a [Field], env: &'a Env, outer: Option<&'a Scope<'a>>, clause: Clause) -> Self {
        Scope { fields, env, outer, clause, ..Scope::root(env) }
    }

    /// The same, in another clause.
    pub fn within(self, clause: Clause) -> Self {
        Scope { clause, ..self }
    }

    /// What `a.b.c` stands for: a column, then fields of its row. Returns the column and how many
    /// of the parts name it.
    pub fn resolve(&self, parts: &[Ident]) -> Result<(Typed, usize)> {
        let names: Vec<String> = parts.iter().map(canonical).collect();
        let at = parts.first().map_or_else(Span::empty, |first| first.span);
        if let Some(found) = self.lambda_parameter(&names[0]) {
            return Ok((found, 1));
        }
        if let Some(alias) = self.alias(&names[0], at)? {
            return Ok((alias, 1));
        }
        // What a table has besides its columns gives way to columns, be they of queries around it.
        for hidden in [false, true] {
            let mut scope = Some(self);
            let mut crossed = false;
            while let Some(seen) = scope {
                if let Some((field, used)) = seen.own(&names, hidden, at)? {
                    return Ok((if crossed { outer_reference(field) } else { field.typed() }, used));
                }
                crossed = true;
                scope = seen.outer;
            }
        }
        Err(self.unresolved(parts, at))
    }

    /// The column of this query's relations that the longest beginning of `names` stands for.
    fn own(&self, names: &[String], hidden: bool, at: Span) -> Result<Option<(&'a Field, usize)>> {
        for used in (1..=names.len()).rev() {
            let (relation, name) = (&names[..used - 1], &names[used - 1]);
            let mut found =
                self.fields.iter().filter(|field| field.hidden == hidden && field.is_called(relation, name));
            if let Some(field) = found.next() {
                if found.next().is_some() {
                    let name = names[..used].join(".");
                    return Err(error(ErrorCode::AmbiguousName, at, format!("Column '{name}' is ambiguous")));
                }
                return Ok(Some((field, used)));
            }
        }
        Ok(None)
    }

    fn alias(&self, name: &str, at: Span) -> Result<Option<Typed>> {
        let mut named = self.aliases.iter().filter(|alias| alias.name == name);
        let Some(first) = named.next() else { return Ok(None) };
        if named.any(|other| other.value != first.value) {
            return Err(error(ErrorCode::AmbiguousName, at, format!("Column '{name}' is ambiguous")));
        }
        Ok(Some(first.value.clone()))
    }

    fn lambda_parameter(&self, name: &str) -> Option<Typed> {
        let mut scope = self.lambda;
        while let Some(seen) = scope {
            if let Some((_, field)) = seen.parameters.iter().find(|(parameter, _)| parameter == name) {
                let variable = LambdaVariable::new(field.name().clone(), Some(Arc::clone(field)));
                return Some(Typed::new(Expr::LambdaVariable(variable), field.data_type().clone()));
            }
            scope = seen.outer;
        }
        None
    }

    fn unresolved(&self, parts: &[Ident], at: Span) -> crate::sql::SqlError {
        let written: Vec<&str> = parts.iter().map(|part| part.value.as_str()).collect();
        let written = written.join(".");
        let mut message = format!("Column '{written}' cannot be resolved");
        let known = self.fields.iter().filter_map(|field| field.name.as_deref());
        if let Some(near) = parts.last().and_then(|part| nearest(&part.value, known)) {
            message.push_str(&format!("; did you mean '{near}'?"));
        }
        error(ErrorCode::ColumnNotFound, at, message)
    }
}

fn outer_reference(field: &Field) -> Typed {
    let arrow = Arc::new(ArrowField::new(&field.column, field.data_type.clone(), true));
    let expr = Expr::OuterReferenceColumn(arrow, Column::new_unqualified(&field.column));
    Typed::new(expr, field.data_type.clone())
}

/// A field of the row that is written `written` at `at`.
pub(super) fn field_of(row: Typed, name: &Ident, written: &str, at: Span) -> Result<Typed> {
    let DataType::Struct(fields) = &row.data_type else {
        return Err(mismatch(at, format!("Expression {written} is not of type ROW")));
    };
    let wanted = canonical(name);
    let Some(field) = fields.iter().find(|field| field.name().to_lowercase() == wanted) else {
        let mut message = format!("Column '{written}.{}' cannot be resolved", name.value);
        if let Some(near) = nearest(&name.value, fields.iter().map(|field| field.name().as_str())) {
            message.push_str(&format!("; did you mean '{near}'?"));
        }
        return Err(error(ErrorCode::ColumnNotFound, at, message));
    };
    let (name, data_type) = (field.name().clone(), field.data_type().clone());
    Ok(Typed::new(datafusion::functions::core::expr_fn::get_field(row.expr, name), data_type))
}
