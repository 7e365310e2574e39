//! A call of AWS's API before its region is known.

use serde_json::{Map, Value};

use super::ApiCall;
use super::cli;

/// A call and its parameters, as the API names them.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// As the AWS CLI and SDKs name it.
    pub service: &'static str,
    /// The operation.
    pub operation: &'static str,
    parameters: Map<String, Value>,
}

impl Request {
    /// `parameters` is an object; members that are null are left out.
    pub fn new(service: &'static str, operation: &'static str, parameters: Value) -> Self {
        let parameters = match parameters {
            Value::Object(members) => members.into_iter().filter(|(_, value)| !value.is_null()).collect(),
            _ => Map::new(),
        };
        Self { service, operation, parameters }
    }

    /// Whether the service is the same in all regions.
    pub fn is_global(&self) -> bool {
        is_global(self.service)
    }

    /// The call, to be made in `region`.
    pub fn in_region(self, region: Option<&str>) -> ApiCall {
        let cli = cli::line(self.service, self.operation, &self.parameters, region);
        let (service, operation) = (self.service.to_owned(), self.operation.to_owned());
        ApiCall { service, operation, parameters: self.parameters, cli }
    }
}

/// Whether a service is the same in all regions.
pub fn is_global(service: &str) -> bool {
    matches!(service, "iam" | "organizations")
}

/// A value that a person has to replace: no API takes it, so that nothing is changed by accident.
pub fn fill_in(what: &str) -> String {
    format!("<fill in: {what}>")
}
