//! Functions of lambdas: `filter(resources, r -> r.type = 'AWS::S3::Object')`.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Lambda;
use datafusion::sql::sqlparser::ast::{self, LambdaFunction, OneOrManyWithParens};

use super::call::Call;
use super::scope::{LambdaScope, Scope};
use super::{Planner, Result, Typed, canonical, error};
use crate::functions::trino::function::Function;
use crate::sql::ErrorCode;

impl Planner<'_> {
    pub(super) fn lambda_call(&self, function: &Function, call: &Call, scope: &Scope) -> Result<Typed> {
        let refused = |message| error(ErrorCode::FunctionNotFound, call.at, message);
        // Values first: lambdas take their parameters' types from them.
        let mut planned = vec![None; call.arguments.len()];
        for (place, argument) in planned.iter_mut().zip(&call.arguments) {
            if !matches!(argument, ast::Expr::Lambda(_)) {
                *place = Some(self.expr(argument, scope)?);
            }
        }
        for (position, argument) in call.arguments.iter().enumerate() {
            let ast::Expr::Lambda(lambda) = argument else { continue };
            let types: Vec<_> =
                planned.iter().map(|known: &Option<Typed>| Some(known.as_ref()?.data_type.clone())).collect();
            let parameters = function.lambda_parameters(&types, position).map_err(refused)?;
            planned[position] = Some(self.lambda(lambda, &parameters, call, scope)?);
        }
        let (values, types): (Vec<_>, Vec<_>) =
            planned.into_iter().flatten().map(|value| (value.expr, value.data_type)).unzip();
        let (expr, data_type) = function.higher_order(values, &types, scope.safe).map_err(refused)?;
        Ok(Typed::new(expr, data_type))
    }

    /// A lambda, with the type of its body.
    fn lambda(
        &self,
        lambda: &LambdaFunction,
        types: &[DataType],
        call: &Call,
        scope: &Scope,
    ) -> Result<Typed> {
        let names = match &lambda.params {
            OneOrManyWithParens::One(parameter) => vec![canonical(&parameter.name)],
            OneOrManyWithParens::Many(parameters) => {
                parameters.iter().map(|parameter| canonical(&parameter.name)).collect()
            }
        };
        if names.len() != types.len() {
            let (name, wanted, given) = (&call.name, types.len(), names.len());
            let message = format!("{name} wants a lambda of {wanted} parameters, not of {given}");
            return Err(error(ErrorCode::FunctionNotFound, call.at, message));
        }
        // Lambdas may lie in one another and use the same names.
        let names: Vec<(String, String)> = names.into_iter().map(|name| (self.fresh(&name), name)).collect();
        let field =
            |unique: &String, data_type: &DataType| Arc::new(Field::new(unique, data_type.clone(), true));
        let parameters = names
            .iter()
            .zip(types)
            .map(|((unique, name), data_type)| (name.clone(), field(unique, data_type)));
        let inner = LambdaScope { parameters: parameters.collect(), outer: scope.lambda };
        let body = self.expr(&lambda.body, &Scope { lambda: Some(&inner), ..*scope })?;
        let unique = names.into_iter().map(|(unique, _)| unique).collect();
        Ok(Typed::new(Expr::Lambda(Lambda::new(unique, body.expr)), body.data_type))
    }
}
