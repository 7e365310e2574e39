//! What a validation found.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::digest::{Chain, DigestVerdict, Gap, LogVerdict};
use crate::source::Failure;

/// What CloudTrail's digest files say about the log files of a scope.
///
/// What is in order is counted; everything else is named. Names are ordered, so that the same files
/// give the same report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DigestReport {
    /// True if every log file is as CloudTrail delivered it, and none is missing: digests that
    /// CloudTrail signed say so, without a gap.
    pub verified: bool,
    /// With what signatures were checked.
    pub signatures: Signatures,
    /// Digest files, by what is known of them.
    pub digests: BTreeMap<DigestVerdict, u64>,
    /// Log files, by what is known of them.
    pub logs: BTreeMap<LogVerdict, u64>,
    /// Every chain of digests, and the time it covers.
    pub chains: Vec<ChainSummary>,
    /// Times that a chain leaves out.
    pub gaps: Vec<Gap>,
    /// Digest files that cannot be trusted. Where there are no public keys at all, those whose
    /// signature is merely not checked are counted only.
    pub digest_findings: Vec<DigestFinding>,
    /// Log files that are not as a digest says. Those that are, but whose digest is not trusted, are
    /// counted only: the digest is named.
    pub log_findings: Vec<LogFinding>,
    /// Folders and prefixes that could not be listed.
    pub failed_listings: Vec<Failure>,
}

/// With what signatures were checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Signatures {
    /// Public keys that were to be had; without any, only hashes were compared.
    pub public_keys: usize,
    /// Where public keys could not be asked for.
    pub failures: Vec<Failure>,
}

/// One chain of digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChainSummary {
    /// The chain.
    #[serde(flatten)]
    pub chain: Chain,
    /// When the hour of its first digest here began; `None` if none can be read.
    pub start: Option<DateTime<Utc>>,
    /// When the hour of its last digest here ended.
    pub end: Option<DateTime<Utc>>,
    /// How many digests were found.
    pub digests: usize,
    /// The digest before the first one here; `None` if the chain starts here.
    pub continues: Option<String>,
}

/// A digest file that cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DigestFinding {
    /// Where it lies.
    pub name: String,
    /// What is known of it.
    pub verdict: DigestVerdict,
    /// More about that, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A log file that is not as a digest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogFinding {
    /// Where it lies, or lay.
    pub name: String,
    /// What is known of it.
    pub verdict: LogVerdict,
    /// The digest that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// More about that, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl DigestReport {
    /// Says whether all is in order, once everything else is known.
    pub(super) fn conclude(mut self) -> Self {
        self.digest_findings.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        self.log_findings.sort_unstable_by(|a, b| (&a.name, a.verdict).cmp(&(&b.name, b.verdict)));
        self.gaps.sort_unstable_by(|a, b| (&a.chain, a.from).cmp(&(&b.chain, b.from)));
        self.verified = !self.chains.is_empty()
            && self.gaps.is_empty()
            && self.failed_listings.is_empty()
            && self.digests.keys().all(|verdict| verdict.is_trusted())
            && self.logs.keys().all(|verdict| *verdict == LogVerdict::Valid);
        self
    }

    /// Counts a log file, and names it if there is something to say about it.
    pub(super) fn log(&mut self, finding: LogFinding) {
        self.count_log(finding.verdict);
        if !matches!(finding.verdict, LogVerdict::Valid | LogVerdict::Unvouched) {
            self.log_findings.push(finding);
        }
    }

    pub(super) fn count_log(&mut self, verdict: LogVerdict) {
        *self.logs.entry(verdict).or_default() += 1;
    }

    /// Counts a digest, and names it if there is something to say about it.
    pub(super) fn digest(&mut self, finding: DigestFinding) {
        *self.digests.entry(finding.verdict).or_default() += 1;
        if !finding.verdict.is_trusted() && finding.verdict != DigestVerdict::Unchecked {
            self.digest_findings.push(finding);
        }
    }
}
