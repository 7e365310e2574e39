//! The one error type of the library: opaque, with `is_*` questions instead of public variants.

use std::path::{Path, PathBuf};

use datafusion::error::DataFusionError;

use crate::functions::trino::error::SqlError;

/// `Result` with trailq's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a question could not be asked or answered.
///
/// Unreadable objects are not errors: they are counted and named in the
/// [`Coverage`](crate::Coverage) of an answer.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Kind>);

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("{what} '{given}' {problem}; {instead}")]
    Argument { what: &'static str, given: String, problem: String, instead: String },
    #[error("no log source: name a folder, a file, a glob or s3://bucket/prefix, or set TRAILQ_SOURCE")]
    NoSource,
    #[error("no CloudTrail objects under {0}: name a folder or prefix that holds (or lies inside) AWSLogs/")]
    EmptySource(String),
    #[error("alert '{leads}' {problem}; {instead}")]
    Unidentified { leads: String, problem: String, instead: String },
    #[error("cannot list {location}: {cause}")]
    Listing { location: String, cause: String },
    #[error("cannot open {location}: {cause}")]
    Store { location: String, cause: String },
    #[error("cannot write {}: {cause}", path.display())]
    Write { path: PathBuf, cause: std::io::Error },
    #[error("cannot use results at {location}: {cause}")]
    Results { location: String, cause: String },
    #[error("cannot use the state in {}: {cause}", path.display())]
    State { path: PathBuf, cause: String },
    #[error("cannot listen on {address}: {cause}")]
    Listen { address: String, cause: std::io::Error },
    #[error("rule {rule} cannot be used: {cause}")]
    Rule { rule: String, cause: String },
    #[error("query failed: {0}")]
    Query(#[from] DataFusionError),
    #[error(transparent)]
    Sql(#[from] SqlError),
    #[error("cannot encode the result: {0}")]
    Encode(String),
}

impl Error {
    /// An argument that cannot be used: what it is, what was given, what is wrong with it,
    /// and what to write instead.
    pub fn argument(
        what: &'static str,
        given: impl Into<String>,
        problem: impl Into<String>,
        instead: impl Into<String>,
    ) -> Self {
        Kind::Argument { what, given: given.into(), problem: problem.into(), instead: instead.into() }.into()
    }

    /// The same, where it is known which file could not be written.
    pub(crate) fn of_file(self, file: &Path) -> Self {
        match *self.0 {
            Kind::Write { cause, .. } => Kind::Write { path: file.to_owned(), cause }.into(),
            other => other.into(),
        }
    }

    /// True when the caller's arguments are at fault and other ones would work.
    pub fn is_usage(&self) -> bool {
        matches!(*self.0, Kind::Argument { .. } | Kind::NoSource)
    }

    /// True when the logs do not tell, or not clearly, who an alert is about.
    pub fn is_unidentified(&self) -> bool {
        matches!(*self.0, Kind::Unidentified { .. })
    }

    /// True when the sources were reached but hold no CloudTrail object.
    pub fn is_empty_source(&self) -> bool {
        matches!(*self.0, Kind::EmptySource(_))
    }

    /// What Athena would say, if it is a statement that cannot be run.
    pub fn as_sql(&self) -> Option<&SqlError> {
        match &*self.0 {
            Kind::Sql(error) => Some(error),
            _ => None,
        }
    }

    /// True when a source could not be reached or listed at all.
    pub fn is_unreachable(&self) -> bool {
        matches!(*self.0, Kind::Listing { .. } | Kind::Store { .. })
    }

    /// True when the reader of the output went away, as `head` does.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(&*self.0, Kind::Write { cause, .. } if cause.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self(Box::new(kind))
    }
}

impl From<DataFusionError> for Error {
    /// Functions hand their [`SqlError`]s through DataFusion.
    fn from(cause: DataFusionError) -> Self {
        match sql_error(&cause) {
            Some(error) => Kind::Sql(error).into(),
            None => Kind::Query(cause).into(),
        }
    }
}

impl From<SqlError> for Error {
    fn from(cause: SqlError) -> Self {
        Kind::Sql(cause).into()
    }
}

fn sql_error(cause: &DataFusionError) -> Option<SqlError> {
    match cause.find_root() {
        DataFusionError::External(cause) => cause.downcast_ref::<SqlError>().cloned(),
        _ => None,
    }
}

impl From<arrow::error::ArrowError> for Error {
    fn from(cause: arrow::error::ArrowError) -> Self {
        Kind::Encode(cause.to_string()).into()
    }
}
