//! Calls of the functions of SQL/JSON.
//!
//! Source: Trino documentation, "JSON functions and operators".

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF, ScalarUDFImpl, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{self, Ident, Spanned, Value, ValueWithSpan};
use datafusion::sql::sqlparser::tokenizer::{Location, Span};

use super::json_clauses::{Call, fallback, read};
use super::scope::Scope;
use super::{Planner, Result, Typed, canonical, error, mismatch, syntax};
use crate::functions::trino::cast::{cast, cast_to_varchar};
use crate::functions::trino::json_path::{JsonPath, PathFault};
use crate::functions::trino::sql_json::{Asked, Constructor, Fallback, PathFunction, Shape, Wrapper};
use crate::functions::trino::types::{JSON, VARCHAR, type_name};
use crate::sql::types::SqlType;
use crate::sql::{ErrorCode, json_syntax};

impl Planner<'_> {
    /// The value of a call that is one of these functions.
    pub(super) fn json_call(&self, function: &ast::Function, scope: &Scope) -> Result<Option<Typed>> {
        let name = function.name.0.last().and_then(|part| part.as_ident());
        let Some(name) = name.filter(|name| name.quote_style.is_none()).map(canonical) else {
            return Ok(None);
        };
        Ok(Some(match name.as_str() {
            "json_exists" => self.ask(&read(function)?, Asked::Exists, scope)?,
            "json_query" => self.json_query(&read(function)?, scope)?,
            "json_value" => self.json_value(&read(function)?, scope)?,
            "json_object" => self.construct(&read(function)?, Shape::Object, scope)?,
            "json_array" => self.construct(&read(function)?, Shape::Array, scope)?,
            _ => return Ok(None),
        }))
    }

    fn json_query(&self, call: &Call, scope: &Scope) -> Result<Typed> {
        let wrapper = call.clauses.iter().find_map(|(clause, _)| match *clause {
            "WITH WRAPPER" | "WITH UNCONDITIONAL WRAPPER" => Some(Wrapper::Unconditional),
            "WITH CONDITIONAL WRAPPER" => Some(Wrapper::Conditional),
            _ => None,
        });
        let quotes = call.clauses.iter().find(|(clause, _)| clause.ends_with("QUOTES"));
        if let (Some(_), Some((quotes, _))) = (wrapper, quotes) {
            let message = format!("{quotes} behavior specified with an ARRAY WRAPPER");
            return Err(error(ErrorCode::InvalidFunctionArgument, call.at, message));
        }
        let omit_quotes = quotes.is_some_and(|(quotes, _)| *quotes == "OMIT QUOTES");
        let asked = Asked::Query { wrapper: wrapper.unwrap_or(Wrapper::Without), omit_quotes };
        let json = self.ask(call, asked, scope)?;
        self.json_as(json, call, scope)
    }

    fn json_value(&self, call: &Call, scope: &Scope) -> Result<Typed> {
        let SqlType { data_type, length } =
            call.returning.clone().unwrap_or(SqlType { data_type: VARCHAR, length: None });
        let scalar = data_type.is_numeric()
            || data_type.is_temporal()
            || matches!(data_type, DataType::Boolean | DataType::Utf8);
        if !scalar {
            let message = format!("Invalid return type of function JSON_VALUE: {}", type_name(&data_type));
            return Err(mismatch(call.at, message));
        }
        self.ask(call, Asked::Value { returns: data_type, length }, scope)
    }

    /// The call of a function that asks a path.
    fn ask(&self, call: &Call, asked: Asked, scope: &Scope) -> Result<Typed> {
        let [(_, input), (_, path)] = call.values.as_slice() else {
            return Err(syntax(call.at, "a JSON input and a JSON path are needed"));
        };
        let mut arguments = vec![self.json_text(input, scope)?];
        let path = read_path(path)?;
        let mut variables = vec![];
        for (name, value) in &call.passed {
            let is_text = format_of(value).is_some();
            variables.push((passed_name(name), is_text));
            arguments.push(match is_text {
                true => self.json_text(value, scope)?,
                false => self.json_item(value, scope)?,
            });
        }
        check_variables(&path, &variables, call)?;
        let mut fallbacks = [None, None];
        for (clause, default) in &call.clauses {
            let place = usize::from(clause.ends_with("ON ERROR"));
            let fallback = match (default, &asked) {
                (Some(default), Asked::Value { returns, length }) => {
                    arguments.push(self.default_value(default, returns, *length, scope)?);
                    Some(Fallback::Default(arguments.len() - 1))
                }
                _ => fallback(clause),
            };
            if let (Some(fallback), Some(known)) = (fallback, fallbacks.get_mut(place)) {
                *known = Some(fallback);
            }
        }
        let mut function = PathFunction::new(path.0, asked, arguments.len());
        let [on_empty, on_error] = fallbacks;
        function.on_empty = on_empty.unwrap_or(function.on_empty);
        function.on_error = on_error.unwrap_or(function.on_error);
        function.variables = variables;
        function.safe = scope.safe;
        let returns = function.returns();
        Ok(made(function, arguments, returns))
    }

    fn default_value(
        &self,
        default: &ast::Expr,
        returns: &DataType,
        length: Option<u32>,
        scope: &Scope,
    ) -> Result<Expr> {
        let value = self.expr(default, scope)?;
        let cast = match length {
            Some(length) => cast_to_varchar(value.expr, &value.data_type, length, scope.safe),
            None => cast(value.expr, &value.data_type, returns, scope.safe),
        };
        cast.map_err(|message| mismatch(default.span(), message))
    }

    /// A text of JSON.
    fn json_text(&self, value: &ast::Expr, scope: &Scope) -> Result<Expr> {
        let inner = format_of(value).unwrap_or(value);
        let typed = self.expr(inner, scope)?;
        Ok(match typed.data_type {
            DataType::Utf8 => typed.expr,
            ref json if *json == JSON => typed.expr,
            DataType::Null => lit(ScalarValue::Utf8(None)),
            DataType::Binary => self.apply("from_utf8", vec![typed], value.span(), scope)?.expr,
            other => {
                let given = type_name(&other);
                let message = format!("Cannot read input of type {given} as JSON using formatting JSON");
                return Err(mismatch(inner.span(), message));
            }
        })
    }

    /// A value as what JSON has for it: what JSON has nothing for becomes a text.
    fn json_item(&self, value: &ast::Expr, scope: &Scope) -> Result<Expr> {
        let Typed { mut expr, mut data_type } = self.expr(value, scope)?;
        let refused = |message| mismatch(value.span(), message);
        let known = data_type.is_numeric()
            || data_type == JSON
            || matches!(data_type, DataType::Null | DataType::Boolean | DataType::Utf8);
        if !known {
            expr = cast(expr, &data_type, &VARCHAR, scope.safe).map_err(refused)?;
            data_type = VARCHAR;
        }
        cast(expr, &data_type, &JSON, scope.safe).map_err(refused)
    }

    fn construct(&self, call: &Call, shape: Shape, scope: &Scope) -> Result<Typed> {
        let mut arguments = vec![];
        let mut unread = vec![];
        for (key, value) in &call.values {
            if let Some(key) = key {
                let typed = self.expr(key, scope)?;
                if !matches!(typed.data_type, DataType::Utf8 | DataType::Null) {
                    let given = type_name(&typed.data_type);
                    return Err(mismatch(key.span(), format!("Invalid type of JSON object key: {given}")));
                }
                arguments.push(self.coerced(typed, &VARCHAR, key.span())?);
            }
            let is_text = format_of(value).is_some() || is_json_function(value);
            unread.push(is_text);
            arguments.push(match is_text {
                true => self.json_text(value, scope)?,
                false => self.json_item(value, scope)?,
            });
        }
        let mut function = Constructor::new(shape, arguments.len());
        for (clause, _) in &call.clauses {
            match *clause {
                "ABSENT ON NULL" => function.absent_on_null = true,
                "NULL ON NULL" => function.absent_on_null = false,
                _ => function.unique_keys = true,
            }
        }
        function.unread = unread;
        function.safe = scope.safe;
        self.json_as(made(function, arguments, VARCHAR), call, scope)
    }

    /// JSON as the type that `RETURNING` names.
    fn json_as(&self, json: Typed, call: &Call, scope: &Scope) -> Result<Typed> {
        match &call.returning {
            None | Some(SqlType { data_type: DataType::Utf8, length: None }) => Ok(json),
            Some(SqlType { data_type: DataType::Utf8, length: Some(length) }) => {
                let cut = cast_to_varchar(json.expr, &json.data_type, *length, scope.safe);
                Ok(Typed::new(cut.map_err(|message| mismatch(call.at, message))?, VARCHAR))
            }
            Some(SqlType { data_type: DataType::Binary, .. }) => {
                self.apply("to_utf8", vec![json], call.at, scope)
            }
            Some(SqlType { data_type, .. }) => {
                let given = type_name(data_type);
                Err(mismatch(call.at, format!("Cannot output JSON value as {given} using formatting JSON")))
            }
        }
    }
}

fn made(function: impl ScalarUDFImpl + 'static, arguments: Vec<Expr>, returns: DataType) -> Typed {
    let function = Arc::new(ScalarUDF::new_from_impl(function));
    Typed::new(Expr::ScalarFunction(ScalarFunction::new_udf(function, arguments)), returns)
}

/// The value that `FORMAT JSON` follows, if it does.
fn format_of(value: &ast::Expr) -> Option<&ast::Expr> {
    match value {
        ast::Expr::Prefixed { prefix, value } if prefix.value == json_syntax::FORMAT_JSON => Some(value),
        _ => None,
    }
}

/// Whether a value is the JSON that one of these functions gives.
fn is_json_function(value: &ast::Expr) -> bool {
    let ast::Expr::Function(function) = value else { return false };
    let name = function.name.0.last().and_then(|part| part.as_ident());
    let name = name.filter(|name| name.quote_style.is_none()).map(canonical);
    name.is_some_and(|name| ["json_query", "json_object", "json_array"].contains(&name.as_str()))
}

/// A path, and where its text stands.
fn read_path(path: &ast::Expr) -> Result<(JsonPath, Span)> {
    let ast::Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), span }) = path else {
        return Err(syntax(path.span(), "a JSON path is a text in quotes"));
    };
    let parsed = JsonPath::parse(text).map_err(|PathFault { message, at }| {
        let Location { line, column } = span.start;
        // The quote comes before the text.
        let inside = text.get(..at).map_or(0, |before| before.chars().count() as u64) + 1;
        let at = Span::new(Location { line, column: column + inside }, span.end);
        error(ErrorCode::InvalidPath, at, message)
    });
    Ok((parsed?, *span))
}

/// Names that are not quoted are in upper case for paths.
fn passed_name(name: &Ident) -> String {
    if name.quote_style.is_some() { name.value.clone() } else { name.value.to_uppercase() }
}

/// Every variable of a path has to be passed.
fn check_variables((path, at): &(JsonPath, Span), passed: &[(String, bool)], call: &Call) -> Result<()> {
    let unknown = path.variables().into_iter().find(|name| passed.iter().all(|(known, _)| known != name));
    let Some(name) = unknown else { return Ok(()) };
    let mut message = format!("no value passed for parameter {name}");
    if call.passed.iter().any(|(known, _)| known.value.eq_ignore_ascii_case(name)) {
        message.push_str(&format!(". Try quoting \"{name}\" in the PASSING clause to match case"));
    }
    Err(error(ErrorCode::InvalidPath, *at, message))
}
