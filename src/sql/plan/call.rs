//! Function calls.

use arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::{AggregateFunction, NullTreatment as Nulls, Sort};
use datafusion::sql::sqlparser::ast::{
    self, DuplicateTreatment, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArgumentList,
    FunctionArguments, NullTreatment, OrderByExpr, Spanned,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::scope::{Clause, Scope};
use super::{Planner, Result, Typed, called, canonical, error, syntax, unsupported};
use crate::functions::trino::coercion::orderable;
use crate::functions::trino::function::{Function, FunctionKind};
use crate::functions::trino::names::nearest;
use crate::functions::trino::registry;
use crate::functions::trino::types::type_name;
use crate::sql::{ErrorCode, SqlError};

/// The clause that an aggregate's arguments are.
const IN_AGGREGATE: &str = "An aggregation's argument";

/// A call as it is written.
pub(super) struct Call<'a> {
    pub name: String,
    pub arguments: Vec<&'a ast::Expr>,
    /// `count(*)`
    pub star: bool,
    pub distinct: bool,
    pub filter: Option<&'a ast::Expr>,
    pub order_by: &'a [OrderByExpr],
    pub nulls: Option<Nulls>,
    pub over: Option<&'a ast::WindowType>,
    pub at: Span,
}

impl Call<'_> {
    /// The call in a message.
    fn written(&self) -> String {
        let arguments: Vec<String> = self.arguments.iter().map(ToString::to_string).collect();
        let arguments = if self.star { "*".to_owned() } else { arguments.join(", ") };
        format!("{}({}{arguments})", self.name, if self.distinct { "DISTINCT " } else { "" })
    }
}

impl Planner<'_> {
    pub(super) fn call(&self, function: &ast::Function, scope: &Scope) -> Result<Typed> {
        if let Some(json) = self.json_call(function, scope)? {
            return Ok(json);
        }
        let call = read(function)?;
        if let Some(special) = self.special(&call, scope)? {
            return Ok(special);
        }
        let known = lookup(&call.name, call.at)?;
        if call.over.is_some() {
            return self.window_call(known, &call, scope);
        }
        match known.kind {
            FunctionKind::Aggregate => self.aggregate_call(known, &call, scope),
            FunctionKind::Window => {
                Err(syntax(call.at, format!("Window function {} needs an OVER clause", call.name)))
            }
            FunctionKind::HigherOrder => self.lambda_call(known, &call, scope),
            FunctionKind::Scalar => {
                no_aggregate_clauses(&call)?;
                if call.arguments.iter().any(|argument| matches!(argument, ast::Expr::Lambda(_))) {
                    return self.lambda_call(known, &call, scope);
                }
                let values = call.arguments.iter().map(|argument| self.expr(argument, scope));
                self.apply(&call.name, values.collect::<Result<_>>()?, call.at, scope)
            }
        }
    }

    /// A call of a function that the parser has a syntax of its own for.
    pub(super) fn named_call(&self, name: &str, arguments: &[&ast::Expr], scope: &Scope) -> Result<Typed> {
        let at = arguments.first().map_or_else(Span::empty, |first| first.span());
        let values = arguments.iter().map(|argument| self.expr(argument, scope));
        self.apply(name, values.collect::<Result<_>>()?, at, scope)
    }

    /// A scalar function of values.
    pub(super) fn apply(&self, name: &str, values: Vec<Typed>, at: Span, scope: &Scope) -> Result<Typed> {
        let function = lookup(name, at)?;
        let (values, types): (Vec<_>, Vec<_>) =
            values.into_iter().map(|value| (value.expr, value.data_type)).unzip();
        let expr = function.scalar(values, &types, scope.safe);
        called(expr.map_err(|message| error(ErrorCode::FunctionNotFound, at, message))?)
    }

    fn aggregate_call(&self, function: &Function, call: &Call, scope: &Scope) -> Result<Typed> {
        if let Clause::Other(clause) = scope.clause {
            let written = call.written();
            if clause == IN_AGGREGATE {
                // The call around it says which it is.
                return Err(error(ErrorCode::NestedAggregation, call.at, written));
            }
            return Err(error(
                ErrorCode::ExpressionNotScalar,
                call.at,
                format!(
                    "{clause} cannot contain aggregations, window functions or grouping operations: [{written}]"
                ),
            ));
        }
        let inner = scope.within(Clause::Other(IN_AGGREGATE));
        let values = self.call_values(call, &inner).map_err(|refused| nested(refused, call))?;
        let types: Vec<_> = values.iter().map(|value| value.data_type.clone()).collect();
        let (aggregate, targets, returns) = function
            .aggregate(&types)
            .map_err(|message| error(ErrorCode::FunctionNotFound, call.at, message))?;
        if let ("max" | "min", Some(unordered)) =
            (call.name.as_str(), types.first().filter(|first| !orderable(first)))
        {
            let message = format!(
                "Unexpected parameters ({}) for function {}: the type has no order",
                type_name(unordered),
                call.name
            );
            return Err(error(ErrorCode::FunctionNotFound, call.at, message));
        }
        let order_by = self.sort_keys(call.order_by, &inner)?;
        if call.distinct && order_by.iter().any(|key| values.iter().all(|value| value.expr != key.expr)) {
            let message =
                "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments";
            return Err(syntax(call.at, message));
        }
        let filter = call.filter.map(|filter| self.condition(filter, "FILTER", &inner)).transpose()?;
        let aggregate = AggregateFunction::new_udf(
            aggregate,
            self.cast_all(values, &targets, call.at)?,
            call.distinct,
            filter.map(Box::new),
            order_by,
            call.nulls,
        );
        Ok(Typed::new(Expr::AggregateFunction(aggregate), returns))
    }

    /// The values that a call is made with; a row counts as one.
    pub(super) fn call_values(&self, call: &Call, scope: &Scope) -> Result<Vec<Typed>> {
        if call.star {
            return Ok(vec![Typed::new(datafusion::logical_expr::lit(1i64), DataType::Int64)]);
        }
        call.arguments.iter().map(|argument| self.expr(argument, scope)).collect()
    }

    pub(super) fn cast_all(&self, values: Vec<Typed>, targets: &[DataType], at: Span) -> Result<Vec<Expr>> {
        values.into_iter().zip(targets).map(|(value, target)| self.coerced(value, target, at)).collect()
    }

    /// `ORDER BY` inside a call: no names of select items, no ordinals.
    pub(super) fn sort_keys(&self, order_by: &[OrderByExpr], scope: &Scope) -> Result<Vec<Sort>> {
        let key = |item: &OrderByExpr| {
            let value = self.expr(&item.expr, scope)?;
            let ascending = item.options.asc.unwrap_or(true);
            Ok(Sort::new(value.expr, ascending, item.options.nulls_first.unwrap_or(false)))
        };
        order_by.iter().map(key).collect()
    }
}

/// What Trino says of the aggregate that `refused` names among the arguments of `call`.
fn nested(refused: SqlError, call: &Call) -> SqlError {
    if refused.code != ErrorCode::NestedAggregation || refused.message.starts_with("Cannot nest") {
        return refused;
    }
    let message =
        format!("Cannot nest aggregations inside aggregation '{}': [{}]", call.name, refused.message);
    error(ErrorCode::NestedAggregation, call.at, message)
}

pub(super) fn lookup(name: &str, at: Span) -> Result<&'static Function> {
    registry::lookup(name).ok_or_else(|| {
        let mut message = format!("Function '{name}' not registered");
        if let Some(near) = nearest(name, registry::names()) {
            message.push_str(&format!("; did you mean '{near}'?"));
        }
        error(ErrorCode::FunctionNotFound, at, message)
    })
}

fn no_aggregate_clauses(call: &Call) -> Result<()> {
    let clause = match call {
        Call { star: true, .. } => "*",
        Call { distinct: true, .. } => "DISTINCT",
        Call { filter: Some(_), .. } => "FILTER",
        Call { order_by: [_, ..], .. } => "ORDER BY",
        _ => return Ok(()),
    };
    let message = format!("{clause} is only for aggregates, and {} is none", call.name);
    Err(error(ErrorCode::FunctionNotAggregate, call.at, message))
}

fn read(function: &ast::Function) -> Result<Call<'_>> {
    let at = function.name.span();
    let name = function.name.0.last().and_then(|part| part.as_ident()).map(canonical).unwrap_or_default();
    let mut call = Call {
        name,
        arguments: vec![],
        star: false,
        distinct: false,
        filter: function.filter.as_deref(),
        order_by: &function.within_group,
        nulls: function.null_treatment.map(null_treatment),
        over: function.over.as_ref(),
        at,
    };
    match &function.args {
        FunctionArguments::None => {}
        FunctionArguments::List(list) if list.args.is_empty() && call.name == "count" => call.star = true,
        FunctionArguments::Subquery(_) => return Err(unsupported(at, "a bare query as an argument")),
        FunctionArguments::List(list) => read_arguments(list, &mut call)?,
    }
    if call.star && call.distinct {
        return Err(syntax(at, "mismatched input '*'. Expecting: <expression>"));
    }
    if call.name == "listagg" && call.order_by.is_empty() {
        return Err(syntax(at, "listagg is written with WITHIN GROUP (ORDER BY …)"));
    }
    Ok(call)
}

fn read_arguments<'a>(list: &'a FunctionArgumentList, call: &mut Call<'a>) -> Result<()> {
    call.distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => call.arguments.push(expr),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if call.name == "count" => call.star = true,
            other => return Err(unsupported(call.at, format!("Argument {other}"))),
        }
    }
    for clause in &list.clauses {
        match clause {
            FunctionArgumentClause::OrderBy(order_by) => call.order_by = order_by,
            FunctionArgumentClause::IgnoreOrRespectNulls(nulls) => call.nulls = Some(null_treatment(*nulls)),
            // Answers are not cut short, so that nothing overflows.
            FunctionArgumentClause::OnOverflow(_) => {}
            other => return Err(unsupported(call.at, other)),
        }
    }
    Ok(())
}

fn null_treatment(treatment: NullTreatment) -> Nulls {
    match treatment {
        NullTreatment::IgnoreNulls => Nulls::IgnoreNulls,
        NullTreatment::RespectNulls => Nulls::RespectNulls,
    }
}
