//! `reduce_agg`, the aggregate that has lambdas.

use datafusion::sql::sqlparser::ast::{
    Array, BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, Ident, LambdaFunction,
    LambdaFunctionParameter, LambdaSyntax, ObjectName, OneOrManyWithParens,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::call::Call;
use super::scope::Scope;
use super::{Planner, Result, Typed};

impl Planner<'_> {
    /// `reduce_agg(value, initial, input, combine)` is `reduce(array_agg(value), initial, input, s -> s)`
    /// over values that are not `NULL`: groups are not reduced in parts, so that nothing is combined.
    ///
    /// Source: Trino documentation, "Lambda aggregate functions".
    pub(super) fn reduce_agg(
        &self,
        call: &Call,
        [value, initial, input, combine]: [&Expr; 4],
        scope: &Scope,
    ) -> Result<Typed> {
        // Planned for the faults that it may have.
        let states = Expr::Array(Array { elem: vec![initial.clone()], named: true });
        let combined = vec![states, initial.clone(), combine.clone(), identity()];
        self.call(&function("reduce", combined, call.at), scope)?;
        let known = Expr::IsNotNull(Box::new(value.clone()));
        let filter = match call.filter {
            Some(filter) => Expr::BinaryOp {
                left: Box::new(Expr::Nested(Box::new(filter.clone()))),
                op: BinaryOperator::And,
                right: Box::new(known),
            },
            None => known,
        };
        let mut values = function("array_agg", vec![value.clone()], call.at);
        values.filter = Some(Box::new(filter));
        if let FunctionArguments::List(list) = &mut values.args {
            list.duplicate_treatment = call.distinct.then_some(DuplicateTreatment::Distinct);
            let ordered = !call.order_by.is_empty();
            list.clauses.extend(ordered.then(|| FunctionArgumentClause::OrderBy(call.order_by.to_vec())));
        }
        let arguments = vec![Expr::Function(values), initial.clone(), input.clone(), identity()];
        self.call(&function("reduce", arguments, call.at), scope)
    }
}

/// `s -> s`
fn identity() -> Expr {
    let name = Ident::new("s");
    Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::One(LambdaFunctionParameter { name: name.clone(), data_type: None }),
        body: Box::new(Expr::Identifier(name)),
        syntax: LambdaSyntax::Arrow,
    })
}

fn function(name: &str, arguments: Vec<Expr>, at: Span) -> Function {
    let args = arguments.into_iter().map(|argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)));
    Function {
        name: ObjectName::from(vec![Ident::with_span(at, name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: args.collect(),
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    }
}
