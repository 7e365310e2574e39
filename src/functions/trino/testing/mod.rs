//! Calls written as in Trino's documentation, for tests: `split_part('a,b', ',', 2)`.

mod aggregates;
mod names;

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, IntervalMonthDayNano, Schema};
use datafusion::common::DFSchema;
use datafusion::execution::context::SessionContext;
use datafusion::logical_expr::expr::{Lambda, LambdaVariable};
use datafusion::logical_expr::{Expr, Operator, binary_expr, col, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{
    self, BinaryOperator, FunctionArg, FunctionArgExpr, FunctionArguments,
};
use datafusion::sql::sqlparser::dialect::DatabricksDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::cast::{cast, cast_to_varchar, coerce};
use super::coercion::common_type;
use super::registry::lookup;
use super::text::text;
use super::types::{VARCHAR, array};

pub use aggregates::{aggregate, texts};
use names::data_type;

/// Rows of a batch that calls of columns are tried on.
const ROWS: usize = 3;

/// Asserts what calls give, `NULL` for none.
pub fn check(cases: &[(&str, &str)]) {
    for (sql, expected) in cases {
        match evaluate(sql) {
            Ok(value) => assert_eq!(value.as_deref().unwrap_or("NULL"), *expected, "{sql}"),
            Err(error) => panic!("{sql}: {error}"),
        }
    }
}

/// Asserts what calls complain of.
pub fn check_errors(cases: &[(&str, &str)]) {
    for (sql, expected) in cases {
        let error = evaluate(sql).expect_err(sql);
        assert!(error.contains(expected), "{sql}: {error}");
        let safe = Planner { safe: true, ..Planner::default() };
        if let Ok(value) = safe.evaluate(sql) {
            assert_eq!(value, None, "safe {sql}");
        }
    }
}

/// What a call gives, of constants and of columns alike.
pub fn evaluate(sql: &str) -> Result<Option<String>, String> {
    let constant = Planner::default().evaluate(sql);
    let columns = Planner { columns: Some(vec![]), ..Planner::default() }.evaluate(sql);
    let needs_constants = columns.as_ref().is_err_and(|error| error.contains("constant"));
    if !needs_constants {
        assert_eq!(constant.as_ref().ok(), columns.as_ref().ok(), "constants and columns of {sql}");
    }
    constant
}

#[derive(Default)]
struct Planner {
    safe: bool,
    /// The values of columns that stand for constants.
    columns: Option<Vec<ScalarValue>>,
    variables: Vec<HashMap<String, DataType>>,
}

type Typed = (Expr, DataType);

impl Planner {
    fn evaluate(mut self, sql: &str) -> Result<Option<String>, String> {
        let mut parser = Parser::new(&DatabricksDialect {}).try_with_sql(sql).map_err(|e| e.to_string())?;
        let parsed = parser.parse_expr().map_err(|e| e.to_string())?;
        let (expr, data_type) = self.expr(&parsed)?;
        let columns = self.columns.unwrap_or_default();
        let fields = columns.iter().enumerate();
        let fields = fields.map(|(i, value)| Field::new(format!("c{i}"), value.data_type(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let arrays = columns.iter().map(|value| value.to_array_of_size(ROWS).unwrap()).collect();
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(ROWS));
        let batch = RecordBatch::try_new_with_options(schema.clone(), arrays, &options).unwrap();
        let schema = DFSchema::try_from(schema).unwrap();
        let physical =
            SessionContext::new().create_physical_expr(expr, &schema).map_err(|e| e.to_string())?;
        let values = physical.evaluate(&batch).map_err(|e| e.to_string())?;
        let values = values.into_array(ROWS).unwrap();
        assert_eq!(values.data_type(), &data_type, "the type of {sql}");
        let all: Vec<_> = (0..ROWS).map(|row| text(&values, row)).collect();
        assert!(all.iter().all(|value| *value == all[0]), "all rows of {sql}: {all:?}");
        Ok(all[0].clone())
    }

    fn constant(&mut self, value: ScalarValue) -> Typed {
        let data_type = value.data_type();
        match &mut self.columns {
            Some(columns) => {
                columns.push(value);
                (col(format!("c{}", columns.len() - 1)), data_type)
            }
            None => (lit(value), data_type),
        }
    }

    fn expr(&mut self, expr: &ast::Expr) -> Result<Typed, String> {
        match expr {
            ast::Expr::Nested(inner) => self.expr(inner),
            ast::Expr::Value(value) => Ok(self.value(&value.value)),
            ast::Expr::UnaryOp { op: ast::UnaryOperator::Minus, expr } => {
                let negative = format!("-{expr}");
                Ok(self.number(&negative))
            }
            ast::Expr::Identifier(name) => self.variable(&name.value),
            ast::Expr::TypedString(typed) => {
                let text = typed.value.to_string();
                let literal = lit(text.trim_matches('\''));
                let to = data_type(&typed.data_type.to_string());
                Ok((cast(literal, &VARCHAR, &to, false)?, to))
            }
            ast::Expr::Cast { kind, expr, data_type: to, .. } => {
                let (expr, from) = self.expr(expr)?;
                let to = to.to_string();
                let safe = *kind == ast::CastKind::TryCast;
                if let Some(length) = to.strip_prefix("VARCHAR(").and_then(|to| to.strip_suffix(')')) {
                    let length = length.parse().unwrap();
                    return Ok((cast_to_varchar(expr, &from, length, safe)?, VARCHAR));
                }
                let to = data_type(&to);
                let expr = cast(expr, &from, &to, safe)?;
                let to = match &expr {
                    Expr::ScalarFunction(call) => {
                        call.func.return_type(&[from]).map_err(|e| e.to_string())?
                    }
                    Expr::Literal(value, _) => value.data_type(),
                    _ => to,
                };
                Ok((expr, to))
            }
            ast::Expr::Interval(interval) => {
                let count: i64 = interval.value.to_string().trim_matches('\'').parse().unwrap();
                let (days, nanos) = match interval.leading_field.as_ref().unwrap().to_string().as_str() {
                    "DAY" => (count, 0),
                    "HOUR" => (0, count * 3_600_000_000_000),
                    "MINUTE" => (0, count * 60_000_000_000),
                    "SECOND" => (0, count * 1_000_000_000),
                    "MONTH" => return Ok(self.constant(ScalarValue::IntervalYearMonth(Some(count as i32)))),
                    other => panic!("interval of {other}"),
                };
                let value = IntervalMonthDayNano::new(0, days as i32, nanos);
                Ok(self.constant(ScalarValue::IntervalMonthDayNano(Some(value))))
            }
            ast::Expr::Array(items) => self.array(&items.elem),
            ast::Expr::Lambda(_) => Err("a lambda without a function".into()),
            ast::Expr::Function(call) => self.call(call),
            ast::Expr::Substring { expr, substring_from, substring_for, .. } => {
                let args = [Some(expr), substring_from.as_ref(), substring_for.as_ref()];
                let args: Vec<_> =
                    args.into_iter().flatten().map(|arg| self.expr(arg)).collect::<Result<_, _>>()?;
                self.scalar("substr", args)
            }
            ast::Expr::Trim { expr, .. } => {
                let arg = self.expr(expr)?;
                self.scalar("trim", vec![arg])
            }
            ast::Expr::Ceil { expr, .. } => {
                let arg = self.expr(expr)?;
                self.scalar("ceil", vec![arg])
            }
            ast::Expr::Floor { expr, .. } => {
                let arg = self.expr(expr)?;
                self.scalar("floor", vec![arg])
            }
            ast::Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            other => Err(format!("the tests' planner does not know {other:?}")),
        }
    }

    fn value(&mut self, value: &ast::Value) -> Typed {
        let value = match value {
            ast::Value::Null => ScalarValue::Null,
            ast::Value::Boolean(value) => ScalarValue::from(*value),
            ast::Value::SingleQuotedString(text) => ScalarValue::from(text.as_str()),
            ast::Value::Number(digits, _) => return self.number(digits),
            other => panic!("value {other}"),
        };
        self.constant(value)
    }

    fn number(&mut self, digits: &str) -> Typed {
        let value = if digits.contains(['e', 'E']) {
            ScalarValue::from(digits.parse::<f64>().unwrap())
        } else if let Some((_, fraction)) = digits.split_once('.') {
            let unscaled: i128 = digits.replace('.', "").parse().unwrap();
            let precision =
                u8::try_from(unscaled.unsigned_abs().to_string().len().max(fraction.len())).unwrap();
            ScalarValue::Decimal128(Some(unscaled), precision, i8::try_from(fraction.len()).unwrap())
        } else {
            match digits.parse::<i32>() {
                Ok(value) => ScalarValue::from(value),
                Err(_) => ScalarValue::from(digits.parse::<i64>().unwrap()),
            }
        };
        self.constant(value)
    }

    fn variable(&self, name: &str) -> Result<Typed, String> {
        let found = self.variables.iter().rev().find_map(|known| known.get(name));
        let data_type = found.ok_or_else(|| format!("no variable {name}"))?.clone();
        let field = Arc::new(Field::new(name, data_type.clone(), true));
        Ok((Expr::LambdaVariable(LambdaVariable::new(name.into(), Some(field))), data_type))
    }

    fn array(&mut self, items: &[ast::Expr]) -> Result<Typed, String> {
        let items: Vec<_> = items.iter().map(|item| self.expr(item)).collect::<Result<_, _>>()?;
        let types = items.iter().map(|(_, item)| item.clone());
        let item = types.reduce(|a, b| common_type(&a, &b).unwrap()).unwrap_or(DataType::Null);
        let list = datafusion::functions_nested::expr_fn::make_array(
            items
                .into_iter()
                .map(|(expr, from)| coerce(expr, &from, &item, false))
                .collect::<Result<_, _>>()?,
        );
        Ok((list, array(item)))
    }

    fn call(&mut self, call: &ast::Function) -> Result<Typed, String> {
        let FunctionArguments::List(list) = &call.args else { return Err("no arguments".into()) };
        let args: Vec<_> = list
            .args
            .iter()
            .map(|arg| match arg {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => expr,
                other => panic!("argument {other}"),
            })
            .collect();
        let name = call.name.to_string().to_lowercase();
        if args.iter().any(|arg| matches!(arg, ast::Expr::Lambda(_))) {
            return self.higher_order(&name, &args);
        }
        let args = args.iter().map(|arg| self.expr(arg)).collect::<Result<Vec<_>, _>>()?;
        if name == "row" {
            return Ok(row(args));
        }
        self.scalar(&name, args)
    }

    fn scalar(&self, name: &str, args: Vec<Typed>) -> Result<Typed, String> {
        let function = lookup(name).ok_or_else(|| format!("no function {name}"))?;
        let (args, types): (Vec<_>, Vec<_>) = args.into_iter().unzip();
        let expr = function.scalar(args, &types, self.safe)?;
        let Expr::ScalarFunction(call) = &expr else { return Err(format!("{name} gives {expr}")) };
        let returns = call.func.return_type(&types).map_err(|e| e.to_string())?;
        Ok((expr, returns))
    }

    fn higher_order(&mut self, name: &str, args: &[&ast::Expr]) -> Result<Typed, String> {
        let function = lookup(name).ok_or_else(|| format!("no function {name}"))?;
        let mut exprs = vec![None; args.len()];
        let mut types = vec![None; args.len()];
        for (i, arg) in args.iter().enumerate() {
            if !matches!(arg, ast::Expr::Lambda(_)) {
                let (expr, data_type) = self.expr(arg)?;
                (exprs[i], types[i]) = (Some(expr), Some(data_type));
            }
        }
        for (i, arg) in args.iter().enumerate() {
            let ast::Expr::Lambda(lambda) = arg else { continue };
            let names: Vec<_> = lambda.params.iter().map(|param| param.name.value.clone()).collect();
            let parameters = function.lambda_parameters(&types, i)?;
            self.variables.push(names.iter().cloned().zip(parameters).collect());
            let (body, data_type) = self.expr(&lambda.body)?;
            self.variables.pop();
            (exprs[i], types[i]) = (Some(Expr::Lambda(Lambda::new(names, body))), Some(data_type));
        }
        let exprs = exprs.into_iter().flatten().collect();
        let types: Vec<_> = types.into_iter().flatten().collect();
        function.higher_order(exprs, &types, self.safe)
    }

    fn binary(&mut self, left: &ast::Expr, op: &BinaryOperator, right: &ast::Expr) -> Result<Typed, String> {
        use super::arithmetic::{Op, arithmetic};
        let ((left, lt), (right, rt)) = (self.expr(left)?, self.expr(right)?);
        let op = match op {
            BinaryOperator::Plus => Ok(Op::Add),
            BinaryOperator::Minus => Ok(Op::Subtract),
            BinaryOperator::Multiply => Ok(Op::Multiply),
            BinaryOperator::Divide => Ok(Op::Divide),
            BinaryOperator::Modulo => Ok(Op::Modulus),
            BinaryOperator::Gt => Err(Operator::Gt),
            BinaryOperator::Lt => Err(Operator::Lt),
            BinaryOperator::Eq => Err(Operator::Eq),
            other => panic!("operator {other}"),
        };
        match op {
            Ok(op) => {
                let expr = arithmetic(op, left, &lt, right, &rt, self.safe)?;
                let Expr::ScalarFunction(call) = &expr else { return Err("no arithmetic".into()) };
                let returns = call.func.return_type(&[lt, rt]).map_err(|e| e.to_string())?;
                Ok((expr, returns))
            }
            Err(op) => {
                let common = common_type(&lt, &rt).ok_or("no common type")?;
                let (left, right) =
                    (coerce(left, &lt, &common, self.safe)?, coerce(right, &rt, &common, self.safe)?);
                Ok((binary_expr(left, op, right), DataType::Boolean))
            }
        }
    }
}

/// `ROW(a, b)`
fn row(members: Vec<Typed>) -> Typed {
    let named = members.iter().enumerate();
    let args = named.flat_map(|(i, (expr, _))| [lit(format!("field{i}")), expr.clone()]).collect();
    let types: Vec<_> = members.into_iter().map(|(_, data_type)| data_type).collect();
    (datafusion::functions::core::expr_fn::named_struct(args), super::types::row(types))
}
