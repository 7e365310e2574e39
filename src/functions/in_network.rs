//! `in_network(address, network)`.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use arrow::array::{AsArray, BooleanArray};
use arrow::datatypes::DataType;
use datafusion::common::exec_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, lit,
};
use datafusion::scalar::ScalarValue;
use ipnetwork::IpNetwork;

/// `in_network(address varchar, network varchar) -> boolean`: whether an IPv4 or IPv6 address lies
/// in a network in CIDR notation; false for what is no address, such as a service's name.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct InNetwork {
    signature: Signature,
}

impl Default for InNetwork {
    fn default() -> Self {
        let signature = Signature::exact(vec![DataType::Utf8, DataType::Utf8], Volatility::Immutable);
        Self { signature }
    }
}

/// A call of the function.
pub fn in_network(address: Expr, network: IpNetwork) -> Expr {
    static FUNCTION: LazyLock<ScalarUDF> = LazyLock::new(|| InNetwork::default().into());
    FUNCTION.call(vec![address, lit(network.to_string())])
}

impl ScalarUDFImpl for InNetwork {
    fn name(&self) -> &str {
        "in_network"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let addresses = args.args[0].to_array(args.number_rows)?;
        let ColumnarValue::Scalar(ScalarValue::Utf8(Some(network))) = &args.args[1] else {
            return exec_err!("in_network needs a constant network");
        };
        let network: IpNetwork = network
            .parse()
            .map_err(|cause| DataFusionError::Plan(format!("network '{network}': {cause}")))?;
        let inside = |address: &str| address.parse::<IpAddr>().is_ok_and(|address| network.contains(address));
        let found: BooleanArray =
            addresses.as_string::<i32>().iter().map(|address| Some(inside(address?))).collect();
        Ok(ColumnarValue::Array(Arc::new(found)))
    }
}
