//! A function of Athena's SQL: its signatures, and how a call of it becomes an expression.

mod body;
mod resolved;

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::logical_expr::expr::{HigherOrderFunction, Lambda, ScalarFunction};
use datafusion::logical_expr::{AggregateUDF, Expr, HigherOrderUDF, ScalarUDF, WindowFunctionDefinition};

use super::cast::coerce;
use super::lambda::LambdaFunction;
use super::signature::{Argument, Match, Signature};
use super::types::type_name;
use super::udf::ScalarFunctionImpl;

pub(super) use body::{Body, ScalarBody, TypeOf};
pub use resolved::{Resolved, ResolvedArg};

/// A function under one name.
#[derive(Debug)]
pub struct Function {
    /// Its name, in lower case.
    pub name: &'static str,
    /// What it does, in a line.
    pub doc: &'static str,
    /// What it takes and gives.
    pub signatures: Vec<Signature>,
    /// What kind of function it is.
    pub kind: FunctionKind,
    /// One for each signature.
    bodies: Vec<Body>,
    /// It can give another value each time.
    volatile: bool,
}

/// Where a function can be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FunctionKind {
    /// On the values of a row.
    Scalar,
    /// On the rows of a group.
    Aggregate,
    /// On the rows of a window; aggregates can be called there too.
    Window,
    /// On the values of a row, with lambdas.
    HigherOrder,
}

impl Function {
    pub(super) fn new(name: &'static str, doc: &'static str, kind: FunctionKind) -> Self {
        Self { name, doc, kind, signatures: vec![], bodies: vec![], volatile: false }
    }

    /// Adds a signature and how its result is found.
    ///
    /// # Panics
    /// If the signature cannot be read: signatures are constants, and a test reads every one.
    pub(super) fn with(mut self, signature: &'static str, body: Body) -> Self {
        let parsed = Signature::parse(signature);
        self.signatures.push(parsed.unwrap_or_else(|| panic!("signature {signature} of {}", self.name)));
        self.bodies.push(body);
        self
    }

    pub(super) fn volatile(self) -> Self {
        Self { volatile: true, ..self }
    }

    /// Picks the signature that the arguments are nearest to.
    fn resolve_arguments(&self, arguments: &[Argument]) -> Result<Resolved, String> {
        let matches = self.signatures.iter().map(|signature| signature.matches(arguments));
        let matches = matches.enumerate().filter_map(|(overload, found)| Some((overload, found?)));
        let (overload, found) = matches
            .min_by_key(|(overload, found)| (found.distance, *overload))
            .ok_or_else(|| self.unexpected(arguments))?;
        let Match { arguments: types, returns, .. } = found;
        let arguments = arguments.iter().zip(types).map(|(argument, target)| match (argument, target) {
            (Argument::Value(_), Some(target)) => ResolvedArg::Value(target),
            (_, target) => ResolvedArg::Lambda(target),
        });
        Ok(Resolved { arguments: arguments.collect(), returns, overload })
    }

    fn unexpected<T: ToString>(&self, given: &[T]) -> String {
        let given: Vec<_> = given.iter().map(ToString::to_string).collect();
        let expected: Vec<_> = self.signatures.iter().map(|known| format!("{}{known}", self.name)).collect();
        let (given, expected) = (given.join(", "), expected.join(", "));
        format!("Unexpected parameters ({given}) for function {}. Expected: {expected}", self.name)
    }

    /// The types of the parameters of the lambda at `position`. `types` are those of all arguments,
    /// for a lambda that of its body; `None` where that is not known yet.
    ///
    /// # Errors
    /// Trino's message if no signature has a lambda there.
    pub fn lambda_parameters(
        &self,
        types: &[Option<DataType>],
        position: usize,
    ) -> Result<Vec<DataType>, String> {
        let found = self.signatures.iter().find_map(|known| known.lambda_parameters(types, position));
        found.ok_or_else(|| {
            let given = types.iter().map(|known| known.as_ref().map_or("<function>".into(), type_name));
            self.unexpected(&given.collect::<Vec<_>>())
        })
    }

    /// A call of a scalar function. Arguments of types other than the signature's are cast.
    /// `safe`: as inside `TRY`, a row that fails gives `NULL`.
    ///
    /// # Errors
    /// Trino's message if no signature takes the arguments, or a constant cannot be used.
    pub fn scalar(&self, args: Vec<Expr>, types: &[DataType], safe: bool) -> Result<Expr, String> {
        let arguments: Vec<_> = types.iter().map(Argument::Value).collect();
        let resolved = self.resolve_arguments(&arguments)?;
        let (Some(declared), Some(body)) = (resolved.returns, self.bodies.get(resolved.overload)) else {
            return Err(self.unexpected(&arguments));
        };
        let (returns, body) = match body {
            Body::Scalar(body) => (declared, *body),
            Body::Typed(type_of, body) => (type_of(&args, &declared)?, *body),
            _ => return Err(format!("{} is not a scalar function", self.name)),
        };
        let args = cast_values(args, types, &resolved.arguments, safe)?;
        let identity = (self.name, resolved.overload, safe);
        let function = ScalarFunctionImpl::new(identity, args.len(), returns, self.volatile, body);
        Ok(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::new(ScalarUDF::from(function)), args)))
    }

    /// A call of a function of lambdas, and what it gives. `types` are those of the arguments, for a
    /// lambda that of its body.
    ///
    /// # Errors
    /// Trino's message if no signature takes the arguments.
    pub fn higher_order(
        &self,
        args: Vec<Expr>,
        types: &[DataType],
        safe: bool,
    ) -> Result<(Expr, DataType), String> {
        let arguments = args.iter().zip(types).map(|(arg, data_type)| match arg {
            Expr::Lambda(lambda) => {
                Argument::Lambda { parameters: lambda.params.len(), returns: Some(data_type) }
            }
            _ => Argument::Value(data_type),
        });
        let arguments: Vec<_> = arguments.collect();
        let resolved = self.resolve_arguments(&arguments)?;
        let (Some(returns), Some(Body::Lambda(body))) =
            (resolved.returns, self.bodies.get(resolved.overload))
        else {
            return Err(self.unexpected(&arguments));
        };
        let known = resolved.arguments.iter().map(|argument| match argument {
            ResolvedArg::Value(target) => Some(target.clone()),
            ResolvedArg::Lambda(target) => target.clone(),
        });
        let known: Vec<_> = known.collect();
        let lambdas = resolved.arguments.iter().enumerate();
        let lambdas = lambdas.filter(|(_, argument)| matches!(argument, ResolvedArg::Lambda(_)));
        let parameters = lambdas.map(|(position, _)| self.lambda_parameters(&known, position));
        let parameters = parameters.collect::<Result<_, _>>()?;
        let args = cast_values(args, types, &resolved.arguments, safe)?;
        let function = LambdaFunction::new(self.name, args.len(), parameters, returns.clone(), *body);
        let function = Arc::new(HigherOrderUDF::new_from_impl(function));
        Ok((Expr::HigherOrderFunction(HigherOrderFunction::new(function, args)), returns))
    }

    /// The aggregate for arguments of the types given, the types to cast these to, and the type of
    /// the result. `ORDER BY`, `DISTINCT` and `FILTER` are the caller's.
    ///
    /// # Errors
    /// Trino's message if no signature takes the arguments.
    pub fn aggregate(
        &self,
        types: &[DataType],
    ) -> Result<(Arc<AggregateUDF>, Vec<DataType>, DataType), String> {
        let (overload, targets, returns) = self.plain(types)?;
        match self.bodies.get(overload) {
            Some(Body::Aggregate(make)) => Ok((make(&targets, &returns), targets, returns)),
            Some(Body::OfDoubles(make)) => Ok((make(), vec![DataType::Float64; targets.len()], returns)),
            _ => Err(format!("{} is not an aggregate function", self.name)),
        }
    }

    /// The function over windows for arguments of the types given, the types to cast these to, and
    /// the type to cast the result to: DataFusion numbers rows with `UInt64`. Aggregates serve as
    /// well.
    ///
    /// # Errors
    /// Trino's message if no signature takes the arguments.
    pub fn window(
        &self,
        types: &[DataType],
    ) -> Result<(WindowFunctionDefinition, Vec<DataType>, DataType), String> {
        if self.kind == FunctionKind::Aggregate {
            let (aggregate, targets, returns) = self.aggregate(types)?;
            return Ok((WindowFunctionDefinition::AggregateUDF(aggregate), targets, returns));
        }
        let (overload, targets, returns) = self.plain(types)?;
        match self.bodies.get(overload) {
            Some(Body::Window(make)) => Ok((WindowFunctionDefinition::WindowUDF(make()), targets, returns)),
            _ => Err(format!("{} is not a window function", self.name)),
        }
    }

    /// The overload for values alone, their types and the result's.
    fn plain(&self, types: &[DataType]) -> Result<(usize, Vec<DataType>, DataType), String> {
        let arguments: Vec<_> = types.iter().map(Argument::Value).collect();
        let resolved = self.resolve_arguments(&arguments)?;
        let targets = resolved.arguments.into_iter().filter_map(|argument| match argument {
            ResolvedArg::Value(target) => Some(target),
            ResolvedArg::Lambda(_) => None,
        });
        let returns = resolved.returns.ok_or_else(|| self.unexpected(&arguments))?;
        Ok((resolved.overload, targets.collect(), returns))
    }
}

/// Casts arguments and the bodies of lambdas to what the signature says.
fn cast_values(
    args: Vec<Expr>,
    types: &[DataType],
    targets: &[ResolvedArg],
    safe: bool,
) -> Result<Vec<Expr>, String> {
    let cast = args.into_iter().zip(types).zip(targets).map(|((arg, from), target)| match (arg, target) {
        (Expr::Lambda(lambda), ResolvedArg::Lambda(Some(target))) => {
            Ok(Expr::Lambda(Lambda::new(lambda.params, coerce(*lambda.body, from, target, safe)?)))
        }
        (arg, ResolvedArg::Value(target)) => coerce(arg, from, target, safe),
        (arg, ResolvedArg::Lambda(_)) => Ok(arg),
    });
    cast.collect()
}
