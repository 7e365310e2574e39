//! CloudTrail's digest files: what they say, who signed them, and what that proves.
//!
//! Every hour CloudTrail delivers, for each trail and region, a digest file that names the log files
//! of the hour with the hashes of their content. It is signed with RSA, and carries the hash and
//! signature of the digest before it, so that digests form a chain. Nothing in here reads a file or
//! speaks to anyone.
//!
//! Source: AWS CloudTrail user guide, "Validating CloudTrail log file integrity": "CloudTrail digest
//! file structure" and "Custom implementations of CloudTrail log file integrity validation".

mod chain;
mod file;
mod keys;
mod name;
mod verdict;

pub(crate) use chain::{Content, Link, Range, gaps, judge};
pub(crate) use file::{DigestFile, LogFile};
pub use keys::PublicKeys;
pub use name::Chain;
pub(crate) use name::{DigestName, identity};
pub use verdict::{DigestVerdict, Gap, GapCause, LogVerdict};
