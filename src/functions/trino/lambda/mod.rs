//! Functions that take lambdas.
//!
//! Source: Trino documentation, "Lambda expressions", "Array functions and operators" and "Map
//! functions and operators".

mod arrays;
mod maps;
mod reduce;
mod regexp;
pub mod sort;
#[cfg(test)]
mod tests;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, UInt32Array, new_empty_array};
use arrow::compute::take_arrays;
use arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::exec_err;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, HigherOrderFunctionArgs, HigherOrderReturnFieldArgs, HigherOrderSignature,
    HigherOrderUDFImpl, LambdaArgument, LambdaParametersProgress, ValueOrLambda, Volatility,
};

use super::function::{Body, Function, FunctionKind};

pub use regexp::regexp_replace;

/// The rows' results.
pub type LambdaBody = fn(&LambdaCall) -> Result<ArrayRef>;

/// Every function of this kind.
pub fn functions() -> Vec<Function> {
    [arrays::functions(), maps::functions(), reduce::functions()].into_iter().flatten().collect()
}

/// A function of lambdas.
fn higher_order(
    name: &'static str,
    doc: &'static str,
    signature: &'static str,
    body: LambdaBody,
) -> Function {
    Function::new(name, doc, FunctionKind::HigherOrder).with(signature, Body::Lambda(body))
}

/// A call on some rows.
pub struct LambdaCall<'a> {
    args: &'a HigherOrderFunctionArgs,
}

impl LambdaCall<'_> {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.args.number_rows
    }

    /// The type of the result.
    pub fn returns(&self) -> &DataType {
        self.args.return_type()
    }

    /// The values of an argument, one for each row.
    pub fn array(&self, argument: usize) -> Result<ArrayRef> {
        match self.args.args.get(argument) {
            Some(ValueOrLambda::Value(value)) => value.to_array(self.rows()),
            _ => exec_err!("argument {argument} is no value"),
        }
    }

    /// What a lambda gives for each of its parameters' values; `rows` says which row they are of.
    pub fn evaluate(&self, argument: usize, parameters: &[ArrayRef], rows: &UInt32Array) -> Result<ArrayRef> {
        let (lambda, field) = self.lambda(argument)?;
        if rows.is_empty() {
            return Ok(new_empty_array(field.data_type()));
        }
        let parameters: Vec<_> = parameters.iter().map(|values| move || Ok(Arc::clone(values))).collect();
        let parameters: Vec<_> =
            parameters.iter().map(|parameter| parameter as &dyn Fn() -> Result<ArrayRef>).collect();
        let spread = |captured: &[ArrayRef]| Ok(take_arrays(captured, rows, None)?);
        lambda.evaluate(&parameters, spread)?.into_array(rows.len())
    }

    /// As [`evaluate`](Self::evaluate), of a lambda that gives a boolean; `NULL` is `None`.
    pub fn test(
        &self,
        argument: usize,
        parameters: &[ArrayRef],
        rows: &UInt32Array,
    ) -> Result<Vec<Option<bool>>> {
        let results = self.evaluate(argument, parameters, rows)?;
        match results.as_boolean_opt() {
            Some(results) => Ok(results.iter().collect()),
            None => exec_err!("argument {argument} gives no boolean"),
        }
    }

    fn lambda(&self, argument: usize) -> Result<(&LambdaArgument, &FieldRef)> {
        match (self.args.args.get(argument), self.args.arg_fields.get(argument)) {
            (Some(ValueOrLambda::Lambda(lambda)), Some(ValueOrLambda::Lambda(field))) => Ok((lambda, field)),
            _ => exec_err!("argument {argument} is no lambda"),
        }
    }
}

/// A function in one call, whose types are all known.
#[derive(Debug)]
pub struct LambdaFunction {
    name: &'static str,
    signature: HigherOrderSignature,
    /// The types of each lambda's parameters.
    parameters: Vec<Vec<DataType>>,
    returns: DataType,
    body: LambdaBody,
}

impl LambdaFunction {
    /// A function of so many arguments; `parameters` are the types of each lambda's parameters.
    pub fn new(
        name: &'static str,
        arguments: usize,
        parameters: Vec<Vec<DataType>>,
        returns: DataType,
        body: LambdaBody,
    ) -> Self {
        let signature = HigherOrderSignature::any(arguments, Volatility::Immutable);
        Self { name, signature, parameters, returns, body }
    }
}

impl PartialEq for LambdaFunction {
    fn eq(&self, other: &Self) -> bool {
        (self.name, &self.parameters, &self.returns) == (other.name, &other.parameters, &other.returns)
            && self.signature == other.signature
    }
}

impl Eq for LambdaFunction {}

impl Hash for LambdaFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, &self.parameters, &self.returns).hash(state);
    }
}

impl HigherOrderUDFImpl for LambdaFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &HigherOrderSignature {
        &self.signature
    }

    fn lambda_parameters(
        &self,
        _: usize,
        _: &[ValueOrLambda<FieldRef, Option<FieldRef>>],
    ) -> Result<LambdaParametersProgress> {
        let fields = self.parameters.iter().map(|types| {
            types.iter().map(|data_type| Arc::new(Field::new("", data_type.clone(), true))).collect()
        });
        Ok(LambdaParametersProgress::Complete(fields.collect()))
    }

    fn return_field_from_args(&self, _: HigherOrderReturnFieldArgs) -> Result<FieldRef> {
        Ok(Arc::new(Field::new("", self.returns.clone(), true)))
    }

    fn invoke_with_args(&self, args: HigherOrderFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Array((self.body)(&LambdaCall { args: &args })?))
    }
}
