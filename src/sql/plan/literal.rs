//! Literals.

use std::sync::Arc;

use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Schema, TimeUnit};
use datafusion::common::DFSchema;
use datafusion::error::Result as DfResult;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::logical_expr::{ColumnarValue, Expr, lit};
use datafusion::physical_expr::create_physical_expr;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{self, Spanned, TypedString, Value, ValueWithSpan};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::scope::Scope;
use super::{Planner, Result, Typed, error, mismatch, syntax, unsupported};
use crate::functions::trino::cast::{cast, kept_zone, literal_unit, parse_timestamp};
use crate::functions::trino::types::{JSON, VARCHAR, time};
use crate::sql::{ErrorCode, types};

impl Planner<'_> {
    pub(super) fn value(&self, value: &ValueWithSpan) -> Result<Typed> {
        let at = value.span;
        match &value.value {
            Value::Number(digits, _) => number(&digits.replace('_', ""), false, at),
            Value::SingleQuotedString(text) | Value::UnicodeStringLiteral(text) => {
                Ok(Typed::new(lit(text.as_str()), VARCHAR))
            }
            Value::HexStringLiteral(digits) => hexadecimal(digits, at),
            Value::Boolean(truth) => Ok(Typed::new(lit(*truth), DataType::Boolean)),
            Value::Null => Ok(Typed::new(lit(ScalarValue::Null), DataType::Null)),
            Value::Placeholder(name) => self.parameter(name, at),
            other => Err(unsupported(at, other)),
        }
    }

    /// `?` or `$name`.
    fn parameter(&self, name: &str, at: Span) -> Result<Typed> {
        let parameters = self.surroundings.parameters;
        if let Some(value) = parameters.named.get(name.trim_start_matches('$')) {
            return Ok(Typed::new(lit(value.clone()), value.data_type()));
        }
        let missing = || {
            let message =
                "Incorrect number of parameters: the statement has more of them than values were given";
            error(ErrorCode::InvalidFunctionArgument, at, message)
        };
        let value = parameters.positional.get(&at.start).ok_or_else(missing)?;
        self.expr(value, &Scope::root(&super::Env::default()))
    }

    /// `TIMESTAMP '2023-07-10 00:00:00'`
    pub(super) fn typed_literal(&self, literal: &TypedString, scope: &Scope) -> Result<Typed> {
        let at = literal.value.span;
        let Value::SingleQuotedString(text) = &literal.value.value else {
            return Err(unsupported(at, &literal.value.value));
        };
        let written = literal.data_type.to_string();
        let start = match &literal.data_type {
            ast::DataType::Custom(name, _) => name.span(),
            _ => at,
        };
        let Some(target) = types::parse(written.trim_matches('"')) else {
            return Err(mismatch(start, format!("Unknown type: {written}")));
        };
        // A decimal is as precise as it is written.
        if written.trim_matches('"').eq_ignore_ascii_case("decimal") {
            let (negative, digits) = match text.trim().strip_prefix('-') {
                Some(digits) => (true, digits),
                None => (false, text.trim()),
            };
            return decimal(digits, negative, at);
        }
        if target.data_type == JSON {
            return self.apply("json_parse", vec![Typed::new(lit(text.as_str()), VARCHAR)], at, scope);
        }
        let wanted = written_type(target.data_type, text, at)?;
        let value = lit(text.as_str());
        let data_type = kept_zone(&value, &VARCHAR, &wanted);
        let expr = cast(value, &VARCHAR, &wanted, false).map_err(|message| mismatch(at, message))?;
        // A statement with a wrong literal is wrong, whether or not a row ever asks for it.
        if evaluated(&expr).is_err() {
            let kind = written.trim_matches('"').to_uppercase();
            let message = format!("'{text}' is not a valid {kind} literal");
            return Err(error(ErrorCode::InvalidLiteral, start, message));
        }
        Ok(Typed::new(expr, data_type))
    }
}

/// The value of an expression without columns.
fn evaluated(expr: &Expr) -> DfResult<ColumnarValue> {
    let options = RecordBatchOptions::new().with_row_count(Some(1));
    let row = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), vec![], &options)?;
    create_physical_expr(
        expr,
        &DFSchema::empty(),
        &ExecutionProps::new(),
        &PhysicalPlanningContext::default(),
    )?
    .evaluate(&row)
}

/// The type of a literal: times have as many digits of a second's fraction as are written, and
/// timestamps a zone where one is.
///
/// # Errors
/// If there are more than six digits: times are held in microseconds, and a value must not show digits
/// that nobody wrote.
///
/// Source: Trino documentation, "Data types", `TIMESTAMP(P)`; Athena's engine version 3 has the same
/// types, and shows a value with the digits of its type.
fn written_type(named: DataType, text: &str, at: Span) -> Result<DataType> {
    let Some(unit) = literal_unit(text) else { return Ok(named) };
    Ok(match named {
        DataType::Timestamp(..) | DataType::Time32(_) | DataType::Time64(_)
            if unit == TimeUnit::Nanosecond =>
        {
            let message = format!("Literals of times have at most six digits of a second: '{text}'");
            return Err(error(ErrorCode::NotSupported, at, message));
        }
        DataType::Timestamp(..) => {
            let zoned = parse_timestamp(text).is_some_and(|(_, zone)| zone.is_some());
            DataType::Timestamp(unit, zoned.then(|| "UTC".into()))
        }
        DataType::Time32(_) | DataType::Time64(_) => time(unit),
        other => other,
    })
}

/// The literal that `-expr` is, if `expr` is a number: the least integer has no positive.
pub(super) fn negative(expr: &ast::Expr) -> Result<Option<Typed>> {
    match expr {
        ast::Expr::Value(ValueWithSpan { value: Value::Number(digits, _), span }) => {
            number(&digits.replace('_', ""), true, *span).map(Some)
        }
        _ => Ok(None),
    }
}

/// `1` is an integer, or a bigint where it is too large; `1.5` a decimal; `1e5` a double.
fn number(digits: &str, negative: bool, at: Span) -> Result<Typed> {
    let signed = if negative { format!("-{digits}") } else { digits.to_owned() };
    let invalid = || syntax(at, format!("Invalid numeric literal: {signed}"));
    if digits.contains(['e', 'E']) {
        let value: f64 = signed.parse().map_err(|_| invalid())?;
        return Ok(Typed::new(lit(value), DataType::Float64));
    }
    if digits.contains('.') {
        return decimal(digits, negative, at);
    }
    let value: i64 = signed.parse().map_err(|_| invalid())?;
    Ok(match i32::try_from(value) {
        Ok(small) => Typed::new(lit(small), DataType::Int32),
        Err(_) => Typed::new(lit(value), DataType::Int64),
    })
}

/// `12.50` is a `decimal(4,2)`: every digit that is written counts.
fn decimal(digits: &str, negative: bool, at: Span) -> Result<Typed> {
    let invalid = || syntax(at, format!("Invalid decimal literal: {digits}"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let precision = (whole.trim_start_matches('0').len() + fraction.len()).max(1);
    let plain = [whole, fraction].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if precision > 38 || !plain {
        return Err(invalid());
    }
    let unscaled: i128 = format!("{whole}{fraction}").parse().map_err(|_| invalid())?;
    let unscaled = if negative { -unscaled } else { unscaled };
    let value = ScalarValue::Decimal128(Some(unscaled), precision as u8, fraction.len() as i8);
    let data_type = value.data_type();
    Ok(Typed::new(lit(value), data_type))
}

fn hexadecimal(digits: &str, at: Span) -> Result<Typed> {
    let digits = digits.chars().filter(|digit| !digit.is_ascii_whitespace());
    let digits: Option<Vec<u32>> = digits.map(|digit| digit.to_digit(16)).collect();
    let Some(digits) = digits else {
        return Err(syntax(at, "Binary literal can only contain hexadecimal digits"));
    };
    if digits.len() % 2 == 1 {
        return Err(syntax(at, "Binary literal must contain an even number of digits"));
    }
    let bytes = digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect();
    Ok(Typed::new(Expr::Literal(ScalarValue::Binary(Some(bytes)), None), DataType::Binary))
}
