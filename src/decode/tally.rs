//! What became of an object and its records.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use crate::hash::Sha256;

/// Why a record could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Malformed {
    /// Not valid JSON.
    InvalidJson,
    /// An element of the record list that is no object, or text between records.
    NotAnObject,
    /// An object that is neither a record nor wraps one.
    NotARecord,
    /// `eventVersion` of another major version than 1.
    UnsupportedVersion,
    /// Longer than the limit for one record.
    TooLong,
    /// Nested deeper than can be parsed in bounded stack.
    TooDeep,
}

impl Malformed {
    /// The reason in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidJson => "not valid JSON",
            Self::NotAnObject => "not an object",
            Self::NotARecord => "not a CloudTrail record",
            Self::UnsupportedVersion => "of an unknown eventVersion",
            Self::TooLong => "too long",
            Self::TooDeep => "nested too deep",
        }
    }
}

/// Why an object could not be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// Listed, then gone.
    #[error("deleted between listing and reading")]
    NotFound,
    /// The store refused it.
    #[error("access denied: {0}")]
    Denied(String),
    /// The store or the network failed, after retries.
    #[error("{0}")]
    Fetch(String),
    /// The gzip stream ends too early.
    #[error("gzip stream is truncated")]
    Truncated,
    /// The gzip stream is damaged.
    #[error("gzip stream is damaged: {0}")]
    Damaged(String),
    /// The JSON ends in the middle of a document.
    #[error("content ends in the middle of a JSON document")]
    Unfinished,
    /// More content than any CloudTrail file has.
    #[error("inflates to more than {0} bytes, more than any CloudTrail file")]
    TooLarge(u64),
    /// Nothing in it looks like CloudTrail.
    #[error("holds no CloudTrail records")]
    NotCloudTrail,
    /// The decoder itself stopped.
    #[error("internal error: {0}")]
    Internal(String),
}

impl From<io::Error> for ObjectError {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Self::Damaged(cause.to_string()),
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::Denied(cause.to_string()),
            _ => Self::Fetch(cause.to_string()),
        }
    }
}

/// The counts of one object, final once its fate is known.
///
/// `records` = those rejected unparsed + `parsed` + the sum of `malformed`.
#[derive(Debug, Default)]
pub struct ObjectTally {
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// Bytes of content.
    pub inflated_bytes: u64,
    /// Records seen, whatever became of them.
    pub records: u64,
    /// Records parsed into rows, before any predicate.
    pub parsed: u64,
    /// Records parsed that have no event time that can be read.
    pub without_time: u64,
    /// Records that could not be read.
    pub malformed: BTreeMap<Malformed, u64>,
    /// The object is a digest, not a log.
    pub digest: bool,
    /// Why the object was not read to its end.
    pub error: Option<ObjectError>,
    /// Its hashes, where they were asked for.
    pub hashes: Hashes,
}

/// Hashes of an object; `None` where it was not read to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hashes {
    /// Of its bytes as they are stored.
    pub stored: Option<Sha256>,
    /// Of its content, inflated.
    pub content: Option<Sha256>,
}

impl ObjectTally {
    /// An object of which nothing was read.
    pub fn failed(error: ObjectError) -> Self {
        Self { error: Some(error), ..Self::default() }
    }

    /// Counts a record that could not be read.
    pub fn malformed(&mut self, reason: Malformed) {
        self.records += 1;
        *self.malformed.entry(reason).or_default() += 1;
    }

    /// How many records could not be read.
    pub fn malformed_total(&self) -> u64 {
        self.malformed.values().sum()
    }
}
