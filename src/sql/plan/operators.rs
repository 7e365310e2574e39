//! Comparisons, `BETWEEN`, `IN` and `LIKE`.

use arrow::datatypes::DataType;
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{Between, Expr, Like, Operator, binary_expr, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{self, BinaryOperator, Spanned, Value, ValueWithSpan};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::expr::boolean;
use super::scope::Scope;
use super::{Planner, Result, Typed, mismatch, unsupported};
use crate::functions::trino::coercion::common_type;
use crate::functions::trino::like::escaped;
use crate::functions::trino::types::{VARCHAR, type_name};

/// Against which of several values a comparison has to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Any,
    All,
}

impl Planner<'_> {
    pub(super) fn comparison(
        &self,
        left: &ast::Expr,
        op: &BinaryOperator,
        right: &ast::Expr,
        scope: &Scope,
    ) -> Result<Typed> {
        let Some(operator) = operator(op) else {
            return Err(unsupported(left.span(), format!("Operator {op}")));
        };
        let sign = op.to_string();
        let at = self.surroundings.places.operator(left.span(), &sign);
        let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
        let (left, right) = self.comparable(left, right, &sign, at)?;
        Ok(boolean(binary_expr(left, operator, right)))
    }

    pub(super) fn distinct_from(
        &self,
        left: &ast::Expr,
        right: &ast::Expr,
        operator: Operator,
        scope: &Scope,
    ) -> Result<Typed> {
        let at = self.surroundings.places.operator(left.span(), "IS");
        let (left, right) = (self.expr(left, scope)?, self.expr(right, scope)?);
        let (left, right) = self.comparable(left, right, "IS DISTINCT FROM", at)?;
        Ok(boolean(binary_expr(left, operator, right)))
    }

    pub(super) fn between(
        &self,
        value: &ast::Expr,
        negated: bool,
        low: &ast::Expr,
        high: &ast::Expr,
        scope: &Scope,
    ) -> Result<Typed> {
        let at = self.predicate(value, negated, "BETWEEN");
        let values = [value, low, high].map(|expr| self.expr(expr, scope));
        let [value, low, high] = values;
        let (value, low, high) = (value?, low?, high?);
        let types = [&value, &low, &high].map(|typed| type_name(&typed.data_type));
        let common = common_type(&value.data_type, &low.data_type)
            .and_then(|common| common_type(&common, &high.data_type))
            .ok_or_else(|| {
                let [value, low, high] = types;
                mismatch(at, format!("Cannot check if {value} is BETWEEN {low} and {high}"))
            })?;
        let coerce = |typed| self.coerced(typed, &common, at).map(Box::new);
        let (expr, low, high) = (coerce(value)?, coerce(low)?, coerce(high)?);
        Ok(boolean(Expr::Between(Between { expr, negated, low, high })))
    }

    pub(super) fn in_list(
        &self,
        value: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        scope: &Scope,
    ) -> Result<Typed> {
        let mut at = self.predicate(value, negated, "IN");
        let value = self.expr(value, scope)?;
        let mut common = Some(value.data_type.clone());
        let mut values = vec![value];
        for item in list {
            let item_value = self.expr(item, scope)?;
            // The first that does not go with those before it is the one to point at.
            if let Some(known) = common {
                common = common_type(&known, &item_value.data_type);
                at = if common.is_none() { item.span() } else { at };
            }
            values.push(item_value);
        }
        let (mut values, _) = self.unified(values, "IN value and list items", at)?;
        let list = values.split_off(1);
        let Some(expr) = values.pop() else { return Err(unsupported(at, "an empty IN")) };
        Ok(boolean(Expr::InList(InList::new(Box::new(expr), list, negated))))
    }

    /// Trino has no escape character unless one is named; DataFusion has `\`.
    pub(super) fn like(
        &self,
        value: &ast::Expr,
        negated: bool,
        pattern: &ast::Expr,
        escape: Option<&ValueWithSpan>,
        scope: &Scope,
    ) -> Result<Typed> {
        let (at, pattern_at) = (value.span(), pattern.span());
        let (value, pattern) = (self.expr(value, scope)?, self.expr(pattern, scope)?);
        let sides = [("Left side of", &value, at), ("Pattern for", &pattern, pattern_at)];
        for (what, side, at) in sides {
            if !matches!(side.data_type, VARCHAR | DataType::Null) {
                let actual = type_name(&side.data_type);
                let message = format!("{what} LIKE expression must evaluate to a varchar (actual: {actual})");
                return Err(mismatch(at, message));
            }
        }
        let escape = escape.map(|escape| escape_character(escape, at)).transpose()?;
        let pattern = match &pattern.expr {
            Expr::Literal(ScalarValue::Utf8(Some(text)), _) => {
                lit(escaped(text, escape).map_err(|message| mismatch(at, message))?)
            }
            _ => crate::functions::trino::like::pattern(pattern.expr, escape),
        };
        let value = self.coerced(value, &VARCHAR, at)?;
        Ok(boolean(Expr::Like(Like::new(negated, Box::new(value), Box::new(pattern), None, false))))
    }

    /// Where the predicate of `value` begins: at `NOT`, or at its own word.
    pub(super) fn predicate(&self, value: &ast::Expr, negated: bool, word: &str) -> Span {
        self.surroundings.places.operator(value.span(), if negated { "NOT" } else { word })
    }

    /// `left = right` in a construct that has words of its own for types without one in common.
    pub(super) fn equal(&self, left: Typed, right: Typed, at: Span, refusal: &str) -> Result<Expr> {
        let (from, to) = (type_name(&left.data_type), type_name(&right.data_type));
        let both = self.comparable(left, right, "=", at);
        let (left, right) = both.map_err(|_| mismatch(at, format!("{refusal}: {from} vs {to}")))?;
        Ok(left.eq(right))
    }

    /// Two values that can be compared.
    pub(super) fn comparable(
        &self,
        left: Typed,
        right: Typed,
        operator: &str,
        at: Span,
    ) -> Result<(Expr, Expr)> {
        let Some(common) = common_type(&left.data_type, &right.data_type) else {
            let (left, right) = (type_name(&left.data_type), type_name(&right.data_type));
            return Err(mismatch(at, format!("Cannot apply operator: {left} {operator} {right}")));
        };
        Ok((self.coerced(left, &common, at)?, self.coerced(right, &common, at)?))
    }
}

pub(super) fn operator(op: &BinaryOperator) -> Option<Operator> {
    Some(match op {
        BinaryOperator::Eq => Operator::Eq,
        BinaryOperator::NotEq => Operator::NotEq,
        BinaryOperator::Lt => Operator::Lt,
        BinaryOperator::LtEq => Operator::LtEq,
        BinaryOperator::Gt => Operator::Gt,
        BinaryOperator::GtEq => Operator::GtEq,
        _ => return None,
    })
}

fn escape_character(escape: &ValueWithSpan, at: Span) -> Result<char> {
    let (Value::SingleQuotedString(text) | Value::UnicodeStringLiteral(text)) = &escape.value else {
        return Err(mismatch(at, "Escape in LIKE expression must be a text"));
    };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(escape), None) => Ok(escape),
        _ => Err(mismatch(at, "Escape string must be a single character")),
    }
}
