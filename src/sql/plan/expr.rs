//! Expressions.

use arrow::datatypes::DataType;
use datafusion::functions::core::expr_fn::get_field;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::{Expr, Operator, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    self, AccessExpr, BinaryOperator, CaseWhen, CastKind, Ident, Spanned, Subscript, UnaryOperator,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::operators::Comparison;
use super::scope::{Scope, field_of};
use super::{Planner, Result, Typed, called, mismatch, syntax, unsupported};
use crate::functions::trino::arithmetic::{self, Op};
use crate::functions::trino::cast::{cast, cast_to_varchar, coerce, kept_zone};
use crate::functions::trino::coercion::{common_type, distance};
use crate::functions::trino::subscript;
use crate::functions::trino::types::type_name;
use crate::sql::guard::{can_fail, in_order, lazy};
use crate::sql::types;

/// What `CASE x WHEN y` says of types that cannot be compared.
const OTHER_OPERAND: &str = "CASE operand type does not match WHEN clause operand type";

impl Planner<'_> {
    /// An expression over what `scope` shows.
    pub(super) fn expr(&self, expr: &ast::Expr, scope: &Scope) -> Result<Typed> {
        use ast::Expr as E;
        match expr {
            E::Identifier(name) => self.reference(std::slice::from_ref(name), scope),
            E::CompoundIdentifier(names) => self.reference(names, scope),
            E::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, scope),
            E::Nested(inner) => self.expr(inner, scope),
            E::Value(value) => self.value(value),
            E::TypedString(literal) => self.typed_literal(literal, scope),
            E::Interval(interval) => self.interval(interval),
            E::BinaryOp { left, op, right } => self.binary(expr, left, op, right, scope),
            E::UnaryOp { op, expr } => self.unary(*op, expr, scope),
            E::IsNull(inner) => Ok(boolean(self.expr(inner, scope)?.expr.is_null())),
            E::IsNotNull(inner) => Ok(boolean(self.expr(inner, scope)?.expr.is_not_null())),
            E::IsDistinctFrom(left, right) => {
                self.distinct_from(left, right, Operator::IsDistinctFrom, scope)
            }
            E::IsNotDistinctFrom(left, right) => {
                self.distinct_from(left, right, Operator::IsNotDistinctFrom, scope)
            }
            E::Between { expr, negated, low, high } => self.between(expr, *negated, low, high, scope),
            E::InList { expr, list, negated } => self.in_list(expr, list, *negated, scope),
            E::InSubquery { expr, subquery, negated } => self.in_subquery(expr, subquery, *negated, scope),
            E::Exists { subquery, negated } => self.exists(subquery, *negated, scope),
            E::Subquery(subquery) => self.scalar_subquery(subquery, scope),
            E::AnyOp { left, compare_op, right, .. } => {
                self.quantified(left, compare_op, right, Comparison::Any, scope)
            }
            E::AllOp { left, compare_op, right } => {
                self.quantified(left, compare_op, right, Comparison::All, scope)
            }
            E::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, *negated, pattern, escape_char.as_ref(), scope)
            }
            E::Cast { kind, expr, data_type, .. } => {
                self.cast_expr(expr, data_type, matches!(kind, CastKind::TryCast), scope)
            }
            E::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), scope)
            }
            E::Function(function) => self.call(function, scope),
            E::Array(array) => self.array(&array.elem, expr.span(), scope),
            E::Tuple(values) => self.row(values.iter().collect(), scope),
            E::Extract { field, expr, .. } => self.extract(field, expr, scope),
            E::Position { expr, r#in } => self.named_call("strpos", &[r#in, expr], scope),
            E::Substring { expr, substring_from, substring_for, .. } => {
                let parts = [Some(expr), substring_from.as_ref(), substring_for.as_ref()];
                self.named_call(
                    "substr",
                    &parts.into_iter().flatten().map(Box::as_ref).collect::<Vec<_>>(),
                    scope,
                )
            }
            E::Trim { trim_where, trim_what, expr, trim_characters } => {
                let characters =
                    trim_what.as_deref().or(trim_characters.as_ref().and_then(|list| list.first()));
                self.trim(trim_where.as_ref(), characters, expr, scope)
            }
            E::Ceil { expr, .. } => self.named_call("ceil", &[expr], scope),
            E::Floor { expr, .. } => self.named_call("floor", &[expr], scope),
            E::AtTimeZone { timestamp, time_zone } => {
                self.named_call("at_timezone", &[timestamp, time_zone], scope)
            }
            E::Lambda(_) => {
                Err(syntax(expr.span(), "Lambda expression should always be used inside a function"))
            }
            other => Err(unsupported(other.span(), other)),
        }
    }

    /// An expression that has to be a boolean.
    pub(super) fn condition(&self, expr: &ast::Expr, what: &str, scope: &Scope) -> Result<Expr> {
        let typed = self.expr(expr, scope)?;
        match typed.data_type {
            DataType::Boolean => Ok(typed.expr),
            DataType::Null => self.coerced(typed, &DataType::Boolean, expr.span()),
            other => {
                let actual = type_name(&other);
                Err(mismatch(expr.span(), format!("{what} must evaluate to a boolean: actual type {actual}")))
            }
        }
    }

    /// The terms of a condition that `AND` joins, in their order.
    pub(super) fn terms(&self, expr: &ast::Expr, what: &str, scope: &Scope) -> Result<Vec<Expr>> {
        operands(expr, &BinaryOperator::And)
            .into_iter()
            .map(|term| self.condition(term, what, scope))
            .collect()
    }

    /// An expression as a type that it coerces to.
    pub(super) fn coerced(&self, typed: Typed, to: &DataType, at: Span) -> Result<Expr> {
        if distance(&typed.data_type, to).is_none() {
            let (from, to) = (type_name(&typed.data_type), type_name(to));
            return Err(mismatch(at, format!("Expected {to}, but got {from}")));
        }
        coerce(typed.expr, &typed.data_type, to, false).map_err(|message| mismatch(at, message))
    }

    /// Several expressions as the type that they have in common.
    pub(super) fn unified(&self, values: Vec<Typed>, what: &str, at: Span) -> Result<(Vec<Expr>, DataType)> {
        let mut common = DataType::Null;
        for value in &values {
            common = common_type(&common, &value.data_type).ok_or_else(|| {
                let (first, other) = (type_name(&common), type_name(&value.data_type));
                mismatch(at, format!("{what} must be the same type: {first}, {other}"))
            })?;
        }
        let values = values.into_iter().map(|value| self.coerced(value, &common, at));
        Ok((values.collect::<Result<_>>()?, common))
    }

    fn reference(&self, names: &[Ident], scope: &Scope) -> Result<Typed> {
        let (mut found, used) = scope.resolve(names)?;
        for (position, name) in names.iter().enumerate().skip(used) {
            let written: Vec<&str> = names[..position].iter().map(|part| part.value.as_str()).collect();
            found = field_of(found, name, &written.join("."), names[0].span)?;
        }
        Ok(found)
    }

    /// `root[1].field['key']`
    fn access(&self, root: &ast::Expr, chain: &[AccessExpr], scope: &Scope) -> Result<Typed> {
        let (mut value, rest) = self.beginning(root, chain, scope)?;
        let (named, chain) = chain.split_at(chain.len() - rest.len());
        let mut written = root.to_string();
        named.iter().for_each(|access| written.push_str(&access.to_string()));
        for access in chain {
            value = match access {
                AccessExpr::Dot(ast::Expr::Identifier(name)) => field_of(value, name, &written, root.span())?,
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    self.subscript(value, index, root.span(), scope)?
                }
                other => return Err(unsupported(root.span(), other)),
            };
            written.push_str(&access.to_string());
        }
        Ok(value)
    }

    /// What a chain begins with, which may be the name of a relation, and the rest of it.
    fn beginning<'c>(
        &self,
        root: &ast::Expr,
        chain: &'c [AccessExpr],
        scope: &Scope,
    ) -> Result<(Typed, &'c [AccessExpr])> {
        let ast::Expr::Identifier(name) = root else { return Ok((self.expr(root, scope)?, chain)) };
        let dots = chain.iter().map_while(|access| match access {
            AccessExpr::Dot(ast::Expr::Identifier(name)) => Some(name),
            _ => None,
        });
        let names: Vec<Ident> = std::iter::once(name).chain(dots).cloned().collect();
        Ok((self.reference(&names, scope)?, &chain[names.len() - 1..]))
    }

    fn subscript(&self, value: Typed, index: &ast::Expr, at: Span, scope: &Scope) -> Result<Typed> {
        if let DataType::Struct(fields) = &value.data_type {
            let position: Option<usize> = index.to_string().parse().ok();
            let field = position.and_then(|position| fields.get(position.checked_sub(1)?));
            let field = field.ok_or_else(|| {
                let most = fields.len();
                syntax(index.span(), format!("ROW subscript must be a constant between 1 and {most}"))
            })?;
            let (name, data_type) = (field.name().clone(), field.data_type().clone());
            return Ok(Typed::new(get_field(value.expr, name), data_type));
        }
        let index = self.expr(index, scope)?;
        let element = subscript(value.expr, &value.data_type, index.expr, &index.data_type, scope.safe);
        called(element.map_err(|message| mismatch(at, message))?)
    }

    fn binary(
        &self,
        whole: &ast::Expr,
        left: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Result<Typed> {
        use BinaryOperator as B;
        let operator = match op {
            B::And => return self.chain(whole, &B::And, Operator::And, scope),
            B::Or => return self.chain(whole, &B::Or, Operator::Or, scope),
            B::Plus => Op::Add,
            B::Minus => Op::Subtract,
            B::Multiply => Op::Multiply,
            B::Divide => Op::Divide,
            B::Modulo => Op::Modulus,
            B::StringConcat => return self.concatenation(whole, scope),
            comparison => return self.comparison(left, comparison, right, scope),
        };
        let operand = left.span();
        let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
        let types = (left.data_type, right.data_type);
        let computed =
            arithmetic::arithmetic(operator, left.expr, &types.0, right.expr, &types.1, scope.safe);
        called(computed.map_err(|message| {
            mismatch(self.surroundings.places.operator(operand, &op.to_string()), message)
        })?)
    }

    /// `a AND b AND …`, or the same with `OR`, however many there are: a balanced tree.
    fn chain(
        &self,
        whole: &ast::Expr,
        op: &BinaryOperator,
        operator: Operator,
        scope: &Scope,
    ) -> Result<Typed> {
        let terms = operands(whole, op);
        let terms = terms.into_iter().map(|term| self.condition(term, "Logical expression term", scope));
        let terms = terms.collect::<Result<Vec<_>>>()?;
        Ok(boolean(joined(terms, operator)))
    }

    /// `a || b || …`
    fn concatenation(&self, whole: &ast::Expr, scope: &Scope) -> Result<Typed> {
        let terms = operands(whole, &BinaryOperator::StringConcat);
        let terms = terms.into_iter().map(|term| self.expr(term, scope)).collect::<Result<Vec<_>>>()?;
        let first = operands(whole, &BinaryOperator::StringConcat)
            .first()
            .map_or_else(Span::empty, |first| first.span());
        self.apply("concat", terms, self.surroundings.places.operator(first, "||"), scope)
    }

    fn unary(&self, op: UnaryOperator, expr: &ast::Expr, scope: &Scope) -> Result<Typed> {
        match op {
            UnaryOperator::Not => {
                let inner = self.condition(expr, "Value of logical NOT expression", scope)?;
                Ok(boolean(Expr::Not(Box::new(inner))))
            }
            UnaryOperator::Plus => self.expr(expr, scope),
            UnaryOperator::Minus => {
                if let Some(literal) = super::literal::negative(expr)? {
                    return Ok(literal);
                }
                let value = self.expr(expr, scope)?;
                let negative = arithmetic::negate(value.expr, &value.data_type, scope.safe);
                called(negative.map_err(|message| mismatch(expr.span(), message))?)
            }
            other => Err(unsupported(expr.span(), format!("Operator {other}"))),
        }
    }

    fn cast_expr(
        &self,
        expr: &ast::Expr,
        target: &ast::DataType,
        try_cast: bool,
        scope: &Scope,
    ) -> Result<Typed> {
        let value = self.expr(expr, scope)?;
        let written = target.to_string();
        let written = written.trim_matches('"');
        let target = types::parse(written)
            .ok_or_else(|| mismatch(expr.span(), format!("Unknown type: {}", written.to_lowercase())))?;
        let safe = try_cast || scope.safe;
        let data_type = kept_zone(&value.expr, &value.data_type, &target.data_type);
        let done = match target.length {
            Some(length) => cast_to_varchar(value.expr, &value.data_type, length, safe),
            None => cast(value.expr, &value.data_type, &target.data_type, safe),
        };
        let expr = done.map_err(|message| mismatch(expr.span(), message))?;
        Ok(Typed::new(expr, data_type))
    }

    fn case(
        &self,
        operand: Option<&ast::Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&ast::Expr>,
        scope: &Scope,
    ) -> Result<Typed> {
        let mut whens = vec![];
        let mut thens = vec![];
        for CaseWhen { condition, result } in conditions {
            whens.push(match operand {
                Some(operand) => {
                    let (operand, when) = (self.expr(operand, scope)?, self.expr(condition, scope)?);
                    self.equal(operand, when, condition.span(), OTHER_OPERAND)?
                }
                None => self.condition(condition, "CASE WHEN clause", scope)?,
            });
            thens.push(self.expr(result, scope)?);
        }
        if let Some(otherwise) = otherwise {
            thens.push(self.expr(otherwise, scope)?);
        }
        let at = conditions.first().map_or_else(Span::empty, |first| first.result.span());
        let (mut thens, data_type) = self.unified(thens, "All CASE results", at)?;
        let otherwise = otherwise.is_some().then(|| thens.pop()).flatten().map(Box::new);
        let branches = whens.into_iter().zip(thens).map(|(when, then)| (Box::new(when), Box::new(then)));
        if data_type == DataType::Boolean {
            let otherwise = otherwise.map_or_else(|| lit(ScalarValue::Boolean(None)), |otherwise| *otherwise);
            let branches: Vec<_> = branches.collect();
            let nested = branches.into_iter().rev();
            let nested =
                nested.fold(otherwise, |otherwise, (when, then)| lazy(*when, true, *then, otherwise));
            return Ok(boolean(nested));
        }
        let case = Case::new(None, branches.collect(), otherwise);
        Ok(Typed::new(Expr::Case(case), data_type))
    }
}

pub(super) fn boolean(expr: Expr) -> Typed {
    Typed::new(expr, DataType::Boolean)
}

/// The operands of a chain of one operator, in order.
/// What an operator joins, however it is nested.
pub(super) fn operands<'a>(whole: &'a ast::Expr, operator: &BinaryOperator) -> Vec<&'a ast::Expr> {
    let mut found = vec![];
    let mut waiting = vec![whole];
    while let Some(expr) = waiting.pop() {
        match expr {
            ast::Expr::BinaryOp { left, op, right } if op == operator => waiting.extend([&**right, &**left]),
            ast::Expr::Nested(inner) => waiting.push(inner),
            other => found.push(other),
        }
    }
    found
}

/// Terms that `AND` or `OR` joins.
pub(super) fn joined(terms: Vec<Expr>, operator: Operator) -> Expr {
    match terms.iter().any(can_fail) {
        true => in_order(terms, operator).unwrap_or_else(|| lit(true)),
        false => balanced(terms, operator),
    }
}

fn balanced(mut terms: Vec<Expr>, operator: Operator) -> Expr {
    while terms.len() > 1 {
        let mut pairs = vec![];
        let mut rest = terms.into_iter();
        while let Some(left) = rest.next() {
            pairs.push(match rest.next() {
                Some(right) => datafusion::logical_expr::binary_expr(left, operator, right),
                None => left,
            });
        }
        terms = pairs;
    }
    terms.pop().unwrap_or_else(|| lit(true))
}
