//! What a query's end is called.

use std::time::Duration;

use crate::athena::protocol::{AthenaError, State};
use crate::athena::results::StoredResult;
use crate::coverage::Coverage;
use crate::sql::ErrorCode;

/// How a query ended.
pub(super) enum End {
    /// With a result.
    Written(Box<StoredResult>),
    /// With an error.
    Failed(crate::Error),
    /// It ran too long.
    TimedOut,
    /// By a fault of the program.
    Panicked,
    /// Somebody stopped it, for this reason.
    Stopped(&'static str),
}

impl End {
    /// The result, if there is one.
    pub(super) fn into_result(self) -> Option<StoredResult> {
        match self {
            Self::Written(result) => Some(*result),
            _ => None,
        }
    }
}

/// State, reason and error that tell how a query ended.
pub(super) struct Verdict {
    pub state: State,
    pub reason: Option<String>,
    pub error: Option<AthenaError>,
}

impl Verdict {
    /// What an end is called; `remarks` go with a result.
    pub(super) fn of(end: &End, timeout: Duration, remarks: Option<String>) -> Self {
        match end {
            End::Written(_) => Self { state: State::Succeeded, reason: remarks, error: None },
            End::Stopped(why) => {
                Self { state: State::Cancelled, reason: Some((*why).to_owned()), error: None }
            }
            End::TimedOut => Self::failed(
                USER_ERROR,
                false,
                format!("Query timed out after {} seconds", timeout.as_secs()),
            ),
            End::Panicked => {
                Self::failed(SYSTEM_ERROR, false, "Internal error; the log says more".to_owned())
            }
            End::Failed(cause) => match cause.as_sql() {
                Some(error) => Self::failed((2, error_type(error.code)), false, error.to_string()),
                None => Self::failed(SYSTEM_ERROR, cause.is_unreachable(), cause.to_string()),
            },
        }
    }

    fn failed((error_category, error_type): (i32, i32), retryable: bool, reason: String) -> Self {
        let error = AthenaError { error_category, error_type, retryable, error_message: reason.clone() };
        Self { state: State::Failed, reason: Some(reason), error: Some(error) }
    }
}

/// Category and type of the user's errors that have no type of their own, and of the system's.
const USER_ERROR: (i32, i32) = (2, 1000);
const SYSTEM_ERROR: (i32, i32) = (1, 200);

/// Athena's error types, as its error reference has them and as it answers them.
fn error_type(code: ErrorCode) -> i32 {
    match code {
        ErrorCode::DivisionByZero => 1001,
        ErrorCode::TypeMismatch => 1002,
        ErrorCode::ColumnNotFound => 1006,
        ErrorCode::InvalidCastArgument => 1100,
        ErrorCode::NotSupported => 1200,
        ErrorCode::TableNotFound | ErrorCode::SchemaNotFound => 1301,
        ErrorCode::FunctionNotFound => 1303,
        _ => USER_ERROR.1,
    }
}

/// What is to be known about an answer.
pub(super) fn remarks(coverage: Option<&Coverage>, notices: &[String]) -> Option<String> {
    let missing = coverage.and_then(incomplete);
    let remarks: Vec<String> = missing.into_iter().chain(notices.iter().cloned()).collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// What could not be read, if anything; an answer does not keep quiet about it.
fn incomplete(coverage: &Coverage) -> Option<String> {
    if coverage.complete {
        return None;
    }
    let failures = [&coverage.failed_listings, &coverage.failed_objects];
    let first = failures.iter().find_map(|failures| failures.first());
    let first = first.map(|first| format!("; first {}: {}", first.name, first.cause)).unwrap_or_default();
    Some(format!(
        "PARTIAL: {} objects and {} folders could not be read, {} records are malformed{first}",
        coverage.objects.failed,
        coverage.failed_listings.len(),
        coverage.records.malformed,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Failure;
    use crate::sql::SqlError;

    #[test]
    fn errors_are_athenas() {
        let error = SqlError::at(ErrorCode::ColumnNotFound, (1, 8), "Column 'x' cannot be resolved");
        let verdict = Verdict::of(&End::Failed(error.into()), Duration::ZERO, None);
        assert_eq!(verdict.state, State::Failed);
        let says = "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved";
        assert_eq!(verdict.reason.as_deref(), Some(says));
        let error = verdict.error.unwrap();
        assert_eq!((error.error_category, error.error_type, error.retryable), (2, 1006, false));
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let mut coverage = Coverage { complete: true, ..Coverage::default() };
        assert_eq!(incomplete(&coverage), None);
        coverage.complete = false;
        coverage.objects.failed = 1;
        coverage.failed_objects = vec![Failure { name: "a.gz".into(), cause: "damaged".into() }];
        let says = incomplete(&coverage).unwrap();
        assert!(says.starts_with("PARTIAL: 1 objects") && says.ends_with("first a.gz: damaged"), "{says}");
        let notice = "the table has no partitions".to_owned();
        assert_eq!(
            remarks(Some(&coverage), std::slice::from_ref(&notice)),
            Some(format!("{says}; {notice}"))
        );
    }
}
