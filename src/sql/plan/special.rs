//! Calls that are no functions of values: what decides which arguments are looked at, what the
//! clock says, and what the parser has a syntax of its own for.

use arrow::datatypes::{DataType, TimeUnit};
use datafusion::functions::core::expr_fn::{coalesce, named_struct};
use datafusion::functions_nested::expr_fn::make_array;
use datafusion::logical_expr::expr::Case;
use datafusion::logical_expr::{Expr, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{self, DateTimeField, Spanned, TrimWhereField};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::call::Call;
use super::scope::Scope;
use super::{Planner, Result, Typed, error, syntax, unsupported};
use crate::functions::trino::types::{self, VARCHAR, anonymous_field, type_name};
use crate::sql::{CATALOG, ErrorCode};

impl Planner<'_> {
    /// The value of a call that is special; `None` if it is a function like others.
    pub(super) fn special(&self, call: &Call, scope: &Scope) -> Result<Option<Typed>> {
        let now = self.surroundings.now;
        let arguments =
            || call.arguments.iter().map(|argument| self.expr(argument, scope)).collect::<Result<Vec<_>>>();
        Ok(Some(match (call.name.as_str(), call.arguments.as_slice()) {
            ("now" | "current_timestamp" | "localtimestamp" | "localtime" | "current_time", _) => {
                self.clock(call)?
            }
            ("current_date", []) => {
                let days = now.timestamp().div_euclid(86_400);
                Typed::new(lit(ScalarValue::Date32(i32::try_from(days).ok())), DataType::Date32)
            }
            ("current_timezone", []) => Typed::new(lit("UTC"), VARCHAR),
            ("current_catalog", []) => Typed::new(lit(CATALOG), VARCHAR),
            ("current_schema", []) => Typed::new(lit(self.surroundings.database), VARCHAR),
            ("current_user", []) => Typed::new(lit("trailq"), VARCHAR),
            ("coalesce", [_, _, ..]) => self.coalesce(arguments()?, call.at)?,
            ("if", [condition, then]) => self.choose(condition, then, None, scope)?,
            ("if", [condition, then, otherwise]) => self.choose(condition, then, Some(otherwise), scope)?,
            ("nullif", [first, second]) => self.null_if(call, first, second, scope)?,
            ("try", [inner]) => self.expr(inner, &Scope { safe: true, ..*scope })?,
            ("typeof", [inner]) => Typed::new(lit(type_name(&self.expr(inner, scope)?.data_type)), VARCHAR),
            ("reduce_agg", _) if call.over.is_some() => {
                return Err(unsupported(call.at, "reduce_agg over a window"));
            }
            ("reduce_agg", &[value, initial, input, combine]) => {
                self.reduce_agg(call, [value, initial, input, combine], scope)?
            }
            ("grouping", [_, ..]) => self.grouping(call, scope)?,
            ("row", [_, ..]) => self.row(call.arguments.clone(), scope)?,
            ("coalesce" | "if" | "nullif" | "try" | "typeof" | "reduce_agg" | "row" | "current_date", _) => {
                let message = format!("Wrong number of arguments for {}", call.name);
                return Err(error(ErrorCode::FunctionNotFound, call.at, message));
            }
            _ => return Ok(None),
        }))
    }

    /// What the clock says, in UTC, with as many digits of a second's fraction as are asked for.
    fn clock(&self, call: &Call) -> Result<Typed> {
        let digits = call.arguments.first().map(|digits| digits.to_string().parse());
        let unit = match digits {
            None => Some(TimeUnit::Millisecond),
            Some(Ok(digits)) => types::unit_of(digits),
            Some(Err(_)) => None,
        };
        let Some(unit) = unit else {
            return Err(syntax(call.at, format!("Invalid precision of {}", call.name)));
        };
        let data_type = match call.name.as_str() {
            "localtime" => types::time(unit),
            "localtimestamp" => DataType::Timestamp(unit, None),
            "current_time" => {
                return Err(unsupported(call.at, "The type time with time zone, which current_time has,"));
            }
            _ => DataType::Timestamp(unit, Some("UTC".into())),
        };
        let now = ScalarValue::TimestampMicrosecond(Some(self.surroundings.now.timestamp_micros()), None);
        let now = now.cast_to(&data_type).map_err(super::refused)?;
        Ok(Typed::new(lit(now), data_type))
    }

    fn coalesce(&self, values: Vec<Typed>, at: Span) -> Result<Typed> {
        let (values, data_type) = self.unified(values, "All COALESCE operands", at)?;
        Ok(Typed::new(coalesce(values), data_type))
    }

    fn choose(
        &self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: Option<&ast::Expr>,
        scope: &Scope,
    ) -> Result<Typed> {
        let condition = self.condition(condition, "IF condition", scope)?;
        let mut values = vec![self.expr(then, scope)?];
        if let Some(otherwise) = otherwise {
            values.push(self.expr(otherwise, scope)?);
        }
        let (values, data_type) = self.unified(values, "Result types for IF", then.span())?;
        let mut values = values.into_iter().map(Box::new);
        let branch = values.next().map(|then| (Box::new(condition), then));
        Ok(Typed::new(Expr::Case(Case::new(None, branch.into_iter().collect(), values.next())), data_type))
    }

    fn null_if(&self, call: &Call, first: &ast::Expr, second: &ast::Expr, scope: &Scope) -> Result<Typed> {
        let (first, second) = (self.expr(first, scope)?, self.expr(second, scope)?);
        let refusal = "Types are not comparable with NULLIF";
        let equal = self.equal(first.clone(), second, call.at, refusal)?;
        let null = ScalarValue::try_from(&first.data_type).unwrap_or(ScalarValue::Null);
        let branch = vec![(Box::new(equal), Box::new(lit(null)))];
        Ok(Typed::new(Expr::Case(Case::new(None, branch, Some(Box::new(first.expr)))), first.data_type))
    }

    /// `ROW(1, 'a')`: fields without names.
    pub(super) fn row(&self, values: Vec<&ast::Expr>, scope: &Scope) -> Result<Typed> {
        let mut parts = vec![];
        let mut fields = vec![];
        for (position, value) in values.into_iter().enumerate() {
            let value = self.expr(value, scope)?;
            let name = anonymous_field(position);
            fields.push(arrow::datatypes::Field::new(&name, value.data_type, true));
            parts.extend([lit(name), value.expr]);
        }
        Ok(Typed::new(named_struct(parts), DataType::Struct(fields.into())))
    }

    /// `ARRAY[1, 2]`
    pub(super) fn array(&self, items: &[ast::Expr], at: Span, scope: &Scope) -> Result<Typed> {
        let items = items.iter().map(|item| self.expr(item, scope)).collect::<Result<Vec<_>>>()?;
        let (items, item_type) = self.unified(items, "All ARRAY elements", at)?;
        Ok(Typed::new(make_array(items), types::array(item_type)))
    }

    pub(super) fn extract(&self, field: &DateTimeField, value: &ast::Expr, scope: &Scope) -> Result<Typed> {
        let written = field.to_string().to_ascii_lowercase();
        let name = match written.as_str() {
            "day_of_month" => "day",
            "dow" => "day_of_week",
            "doy" => "day_of_year",
            "yow" => "year_of_week",
            "year" | "quarter" | "month" | "week" | "day" | "day_of_week" | "day_of_year"
            | "year_of_week" | "hour" | "minute" | "second" | "timezone_hour" | "timezone_minute" => &written,
            _ => return Err(syntax(value.span(), format!("Invalid EXTRACT field: {field}"))),
        };
        self.named_call(name, &[value], scope)
    }

    pub(super) fn trim(
        &self,
        side: Option<&TrimWhereField>,
        characters: Option<&ast::Expr>,
        value: &ast::Expr,
        scope: &Scope,
    ) -> Result<Typed> {
        let name = match side {
            Some(TrimWhereField::Leading) => "ltrim",
            Some(TrimWhereField::Trailing) => "rtrim",
            Some(TrimWhereField::Both) | None => "trim",
        };
        let arguments = [Some(value), characters];
        self.named_call(name, &arguments.into_iter().flatten().collect::<Vec<_>>(), scope)
    }
}
