//! What can be found out about a digest, a log file and the time between digests.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::name::Chain;

/// What is known of a digest file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestVerdict {
    /// Signed by CloudTrail.
    Valid,
    /// Its own signature could not be checked, but a later digest, which is trusted, has its hash.
    Vouched,
    /// It may be signed, but there are no public keys at all to check that with.
    Unchecked,
    /// No signature is to be had: a copy on disk has no metadata, and no later digest carries it.
    Unsigned,
    /// Signed with a key that is not among the public keys.
    UnknownKey,
    /// The signature is not one of this content.
    WrongSignature,
    /// A later digest has another hash for it.
    Altered,
    /// It says that it is another file than its name does.
    Misplaced,
    /// It could not be read.
    Unreadable,
}

impl DigestVerdict {
    /// Whether what the digest says can be relied on.
    pub fn is_trusted(self) -> bool {
        matches!(self, Self::Valid | Self::Vouched)
    }

    /// The verdict in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Vouched => "vouched for by the next",
            Self::Unchecked => "with unchecked signature",
            Self::Unsigned => "without signature",
            Self::UnknownKey => "signed with an unknown key",
            Self::WrongSignature => "wrongly signed",
            Self::Altered => "altered",
            Self::Misplaced => "misplaced",
            Self::Unreadable => "unreadable",
        }
    }
}

/// What is known of a log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogVerdict {
    /// Its content is what a trusted digest says.
    Valid,
    /// Its content is what a digest says that cannot be trusted itself.
    Unvouched,
    /// Delivered after the last digest of its account and region ended: the next one may name it.
    NotYetNamed,
    /// No digest names it: it was put there by somebody else, or while digests were turned off.
    NotNamed,
    /// Its content is not what the digest says.
    Altered,
    /// A digest names it, and it is not there.
    Deleted,
    /// It could not be read, or its folder not be listed.
    Unreadable,
}

impl LogVerdict {
    /// The verdict in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Unvouched => "as an untrusted digest says",
            Self::NotYetNamed => "not yet named by a digest",
            Self::NotNamed => "not named by any digest",
            Self::Altered => "altered",
            Self::Deleted => "deleted",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A time that no digest of a chain covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The chain.
    pub chain: Chain,
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended.
    pub to: DateTime<Utc>,
    /// Why it is known.
    #[serde(flatten)]
    pub cause: GapCause,
}

/// Why a time is not covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "cause")]
pub enum GapCause {
    /// The next digest names the one before it, which is not there. `None` if the next one cannot be
    /// read.
    Missing {
        /// Its key.
        digest: Option<String>,
    },
    /// The chain starts anew: digests, or the trail, were turned off.
    Restarted,
    /// The next digest's hour begins later than the hour of the one before it ended.
    Uncovered,
    /// No digest follows.
    Ended,
}
