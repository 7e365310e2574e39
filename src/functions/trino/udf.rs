//! Scalar functions as DataFusion calls them.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::scalar::ScalarValue;

use super::call::Call;
use super::function::ScalarBody;

/// One overload of a function in one call. Its arguments are cast already, so that it takes whatever
/// it is given, and what it gives is known.
#[derive(Debug)]
pub struct ScalarFunctionImpl {
    /// The name, the number of the overload, and whether failures give `NULL`.
    identity: (&'static str, usize, bool),
    returns: DataType,
    signature: Signature,
    body: ScalarBody,
}

impl ScalarFunctionImpl {
    /// An overload: `identity` is its name, its number, and whether a row that fails gives `NULL`.
    pub fn new(
        identity: (&'static str, usize, bool),
        arguments: usize,
        returns: DataType,
        volatile: bool,
        body: ScalarBody,
    ) -> Self {
        let taken = if arguments == 0 { TypeSignature::Nullary } else { TypeSignature::Any(arguments) };
        let volatility = if volatile { Volatility::Volatile } else { Volatility::Immutable };
        Self { identity, returns, signature: Signature::new(taken, volatility), body }
    }
}

impl PartialEq for ScalarFunctionImpl {
    fn eq(&self, other: &Self) -> bool {
        self.identity == other.identity && self.returns == other.returns && self.signature == other.signature
    }
}

impl Eq for ScalarFunctionImpl {}

impl Hash for ScalarFunctionImpl {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity.hash(state);
        self.returns.hash(state);
    }
}

impl ScalarUDFImpl for ScalarFunctionImpl {
    fn name(&self) -> &str {
        self.identity.0
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    /// Of constants alone, one row is computed.
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let volatile = self.signature.volatility == Volatility::Volatile;
        let constant = !volatile && args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if constant { 1 } else { args.number_rows };
        let call = Call::new(&args.args, rows, &self.returns, self.identity.2)?;
        let result = (self.body)(&call)?;
        if constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(Arc::clone(&result)))
    }
}
