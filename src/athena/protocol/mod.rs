//! The shapes of Athena's API (2017-05-18), AWS JSON 1.1.

mod execution;
mod result_set;

use serde::de::DeserializeOwned;

use super::error::{ApiError, ApiResult, ErrorKind};

pub use execution::{
    AthenaError, EngineVersion, EpochSeconds, QueryExecution, QueryExecutionContext, ResultConfiguration,
    State, Statistics, Status,
};
pub use result_set::{ColumnInfo, ResultSet, ResultSetMetadata, Row};

/// Reads a request of an operation.
///
/// # Errors
/// `SerializationException`, as AWS answers bodies that are not JSON or of another shape.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> ApiResult<T> {
    let refuse = |cause: &dyn std::fmt::Display| ApiError::new(ErrorKind::Serialization, cause.to_string());
    // Serde would take an array for the members in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(refuse(&"the body is no JSON object"));
    }
    serde_json::from_slice(body).map_err(|cause| refuse(&cause))
}

/// A member that has to be there.
///
/// # Errors
/// Says which one, in the words of AWS's validation.
pub fn required<T>(value: Option<T>, name: &str) -> ApiResult<T> {
    value.ok_or_else(|| {
        ApiError::input(format!(
            "1 validation error detected: Value null at '{name}' failed to satisfy constraint: \
             Member must not be null"
        ))
    })
}

/// A page's size: what was asked for, between 1 and `most`.
///
/// # Errors
/// If it lies outside, in the words of AWS's validation.
pub fn page_size(asked: Option<i64>, default: usize, most: usize) -> ApiResult<usize> {
    let constraint = |bound: &str| {
        ApiError::input(format!(
            "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: \
             Member must have value {bound}"
        ))
    };
    match asked {
        None => Ok(default),
        Some(size) if size < 1 => Err(constraint("greater than or equal to 1")),
        Some(size) => match usize::try_from(size) {
            Ok(size) if size <= most => Ok(size),
            _ => Err(constraint(&format!("less than or equal to {most}"))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_bounded() {
        assert_eq!(page_size(None, 50, 100).unwrap(), 50);
        assert_eq!(page_size(Some(100), 50, 100).unwrap(), 100);
        for outside in [0, -1, 101, i64::MAX] {
            assert!(page_size(Some(outside), 50, 100).is_err(), "{outside}");
        }
    }

    #[test]
    fn shapes_are_checked() {
        #[derive(Debug, serde::Deserialize)]
        struct Request {
            #[serde(rename = "MaxResults")]
            _max_results: Option<i64>,
        }
        assert!(read::<Request>(br#"{"Unknown": 1}"#).is_ok());
        for body in ["", "{", r#"{"MaxResults": "1"}"#, "[1]", "null"] {
            assert_eq!(read::<Request>(body.as_bytes()).unwrap_err().kind(), ErrorKind::Serialization);
        }
    }
}
