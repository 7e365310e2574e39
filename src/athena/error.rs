//! Errors as Athena's API answers them.

use std::fmt;

use serde::Serialize;

/// `Result` with an [`ApiError`].
pub type ApiResult<T> = Result<T, ApiError>;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    kind: ErrorKind,
    code: Option<&'static str>,
    message: String,
}

/// The errors of Athena's API that trailq answers with, and those of AWS's common ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something is wrong with the request.
    InvalidRequest,
    /// Too much at once.
    TooManyRequests,
    /// No such table, database or prepared statement.
    ResourceNotFound,
    /// A fault of this server.
    Internal,
    /// The body is not JSON, or not of the operation's shape.
    Serialization,
    /// No operation of this name.
    UnknownOperation,
    /// Nobody may ask this from there.
    AccessDenied,
    /// No signature where one is needed.
    MissingAuthenticationToken,
    /// A signature that is not written as one.
    IncompleteSignature,
    /// A key that is not known here.
    UnrecognizedClient,
    /// A signature that is not this key's for this request, or too old.
    InvalidSignature,
}

/// The body of an error.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "__type")]
    kind: &'a str,
    #[serde(rename = "AthenaErrorCode", skip_serializing_if = "Option::is_none")]
    athena_error_code: Option<&'a str>,
    #[serde(rename = "ErrorCode", skip_serializing_if = "Option::is_none")]
    error_code: Option<&'a str>,
    #[serde(rename = "Reason", skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(rename = "Message")]
    message: &'a str,
}

impl ErrorKind {
    /// Its name in AWS's protocols.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequestException",
            Self::TooManyRequests => "TooManyRequestsException",
            Self::ResourceNotFound => "ResourceNotFoundException",
            Self::Internal => "InternalServerException",
            Self::Serialization => "SerializationException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::AccessDenied => "AccessDeniedException",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature => "IncompleteSignatureException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::InvalidSignature => "InvalidSignatureException",
        }
    }

    /// Its HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Internal => 500,
            Self::AccessDenied | Self::MissingAuthenticationToken => 403,
            _ => 400,
        }
    }
}

impl ApiError {
    /// An error without a code of Athena's.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, code: None, message: message.into() }
    }

    /// Something is wrong with the request; `code` is the `AthenaErrorCode`.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::InvalidRequest, code: Some(code), message: message.into() }
    }

    /// A parameter that cannot be used (`INVALID_INPUT`).
    pub fn input(message: impl Into<String>) -> Self {
        Self::invalid("INVALID_INPUT", message)
    }

    /// A fault of this server; the message is for whoever runs it.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Internal, cause.to_string())
    }

    /// What kind of error it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong, in words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The body that tells it, as JSON.
    pub fn body(&self) -> String {
        let throttled = self.kind == ErrorKind::TooManyRequests;
        let body = Body {
            kind: self.kind.name(),
            athena_error_code: self.code,
            error_code: self.code,
            reason: throttled.then_some("CONCURRENT_QUERY_LIMIT_EXCEEDED"),
            message: &self.message,
        };
        // Texts always encode.
        serde_json::to_string(&body).unwrap_or_default()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.message)
    }
}

impl std::error::Error for ApiError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_athenas() {
        let error = ApiError::input("Idempotent parameters do not match");
        assert_eq!(
            error.body(),
            r#"{"__type":"InvalidRequestException","AthenaErrorCode":"INVALID_INPUT","ErrorCode":"INVALID_INPUT","Message":"Idempotent parameters do not match"}"#
        );
        assert_eq!((error.kind().status(), ErrorKind::Internal.status()), (400, 500));
    }
}
