//! Holds log files against what digests say of them.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::StreamExt;

use super::read::{Fetchable, hashes};
use super::report::{DigestReport, LogFinding};
use super::{Chains, Within};
use crate::decode::tally::ObjectError;
use crate::digest::{LogFile, LogVerdict, identity};
use crate::hash::Sha256;
use crate::key::DeliveryKey;
use crate::source::lies_inside;

/// What digests say about log files, by what stays of a file's name in a copy.
#[derive(Default)]
pub struct Named(HashMap<String, Expected>);

/// What digests say about one log file.
#[derive(Default)]
struct Expected {
    /// Where CloudTrail delivered it.
    bucket: String,
    key: String,
    says: Vec<Says>,
    found: bool,
}

/// What one digest says about a log file.
#[derive(Clone)]
struct Says {
    hash: Sha256,
    digest: Arc<str>,
    trusted: bool,
}

impl Named {
    /// Adds what the digest called `digest` says.
    pub fn add(&mut self, digest: &str, logs: &[LogFile], trusted: bool) {
        let digest: Arc<str> = digest.into();
        for LogFile { bucket, key, hash } in logs {
            let expected = self.0.entry(identity(key).to_owned()).or_default();
            // Where it was delivered is for a trusted digest to say, if there is one.
            if expected.says.is_empty() || (trusted && !expected.says.iter().any(|says| says.trusted)) {
                (expected.bucket, expected.key) = (bucket.clone(), key.clone());
            }
            expected.says.push(Says { hash: *hash, digest: Arc::clone(&digest), trusted });
        }
    }
}

/// Checks log files, and that every file that a digest names is there.
pub async fn check(logs: Vec<Fetchable>, mut named: Named, within: &Within<'_>, report: &mut DigestReport) {
    let mut known = vec![];
    for log in logs {
        match named.0.get_mut(identity(&log.1.name)) {
            Some(expected) => {
                expected.found = true;
                known.push((log, expected.says.clone()));
            }
            None => report.log(unnamed(log.1.name, within.chains)),
        }
    }
    for expected in named.0.into_values().filter(|expected| !expected.found) {
        if let Some(finding) = absent(expected, within) {
            report.log(finding);
        }
    }
    let mut hashed = std::pin::pin!(hashes(known, within.limits.inflated));
    while let Some((object, says, hash)) = hashed.next().await {
        report.log(compared(object.name, &says, hash));
    }
}

/// A log file that no digest names.
fn unnamed(name: String, chains: &Chains) -> LogFinding {
    let key = DeliveryKey::parse(&name);
    let place = key.account.zip(key.region);
    let hourly = chains.iter().filter(|(chain, _)| {
        !chain.backfill && place == Some((chain.account.as_str(), chain.region.as_str()))
    });
    let last: Option<DateTime<Utc>> = hourly.filter_map(|(_, links)| Some(links.last()?.end)).max();
    let delivered = key.delivered.map(|(first, _)| first);
    let (verdict, detail) = match (last, delivered) {
        (Some(last), Some(delivered)) if delivered >= last => (LogVerdict::NotYetNamed, None),
        (None, Some(_)) => {
            (LogVerdict::NotNamed, Some("there is no digest of its account and region".to_owned()))
        }
        _ => (LogVerdict::NotNamed, None),
    };
    LogFinding { name, verdict, digest: None, detail }
}

/// A log file that a digest names and that was not listed; `None` if it need not have been.
fn absent(expected: Expected, within: &Within<'_>) -> Option<LogFinding> {
    let Expected { bucket, key, says, .. } = expected;
    let is_wanted = within.scope.prune(&key).is_none()
        && within.sources.locations().any(|location| location.covers(&key));
    if !is_wanted {
        return None;
    }
    let failed = within.unlisted.iter().find(|failure| lies_inside(&key, &failure.name));
    let (verdict, detail) = match failed {
        Some(failure) => (LogVerdict::Unreadable, Some(format!("{} could not be listed", failure.name))),
        None => (LogVerdict::Deleted, None),
    };
    let digest = trusted_first(&says).next().map(|says| says.digest.to_string());
    Some(LogFinding { name: format!("s3://{bucket}/{key}"), verdict, digest, detail })
}

/// A log file whose content was hashed.
fn compared(name: String, says: &[Says], hash: Result<Sha256, ObjectError>) -> LogFinding {
    let trusted = says.iter().any(|says| says.trusted);
    // Where a trusted digest names it, others have nothing to say.
    let mut relevant = trusted_first(says).filter(|says| says.trusted == trusted);
    let digest = relevant.clone().next().map(|says| says.digest.to_string());
    let (verdict, detail) = match hash {
        Err(cause) => (LogVerdict::Unreadable, Some(cause.to_string())),
        Ok(hash) if relevant.any(|says| says.hash == hash) => {
            (if trusted { LogVerdict::Valid } else { LogVerdict::Unvouched }, None)
        }
        Ok(hash) => (LogVerdict::Altered, Some(format!("has the hash {hash}, not the one that is named"))),
    };
    LogFinding { name, verdict, digest, detail }
}

fn trusted_first(says: &[Says]) -> impl Iterator<Item = &Says> + Clone {
    let (trusted, others) = (says.iter().filter(|s| s.trusted), says.iter().filter(|s| !s.trusted));
    trusted.chain(others)
}
