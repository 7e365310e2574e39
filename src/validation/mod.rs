//! Validates log files: walks CloudTrail's digest chains over what the sources hold.
//!
//! A listing gives log files and digests. The digests are read, judged chain by chain
//! ([`crate::digest`]), and what they say is held against the log files.

mod logs;
mod public_keys;
mod read;
mod report;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use futures::StreamExt;

use crate::decode::Limits;
use crate::digest::{Chain, DigestName, DigestVerdict, Link, PublicKeys, Range, gaps, judge};
use crate::error::Result;
use crate::key::{DEFAULT_DELIVERY_SLACK, DeliveryKey, Kind, Scope};
use crate::source::fetch::Fetcher;
use crate::source::{Failure, Listing, Sources};

use logs::Named;
use read::Fetchable;

pub use public_keys::KeySource;
pub use report::{ChainSummary, DigestFinding, DigestReport, LogFinding, Signatures};

/// A digest is there at most this long after its hour began: an hour, and another one for delivery.
const DIGEST_DELAY: Duration = Duration::hours(2);

/// The digests of every chain, ordered by time.
type Chains = BTreeMap<Chain, Vec<Link>>;

/// Validates the log files of `scope` with the digests that lie beside them.
///
/// # Errors
/// If nothing could be listed. What could not be read is part of the report.
pub(crate) async fn validate(
    sources: &Sources,
    limits: &Limits,
    scope: &Scope,
    keys: &KeySource,
) -> Result<DigestReport> {
    let listing = sources.list_with_digests(scope).await?;
    let mut report = DigestReport { failed_listings: listing.failures.clone(), ..DigestReport::default() };
    let (digests, logs) = divide(listing);
    let chains = read_chains(digests, &mut report).await;
    let (keys, failures) = public_keys::collect(sources, keys, &chains).await;
    report.signatures = Signatures { public_keys: keys.len(), failures };
    let named = judge_chains(&chains, &keys, scope, &mut report);
    let unlisted = report.failed_listings.clone();
    let within = Within { sources, limits, scope, chains: &chains, unlisted: &unlisted };
    logs::check(logs, named, &within, &mut report).await;
    Ok(report.conclude())
}

/// What log files are checked within.
struct Within<'a> {
    sources: &'a Sources,
    limits: &'a Limits,
    scope: &'a Scope,
    chains: &'a Chains,
    /// What could not be listed.
    unlisted: &'a [Failure],
}

/// The digests and the log files of a listing.
fn divide(listing: Listing) -> (Vec<Fetchable>, Vec<Fetchable>) {
    let objects = listing.stores.into_iter().flat_map(|found| {
        let fetcher = Fetcher::new(&found.store.url, found.store.store);
        found.objects.into_iter().map(move |object| (fetcher.clone(), object))
    });
    objects.partition(|(_, object)| DeliveryKey::parse(&object.name).kind == Kind::Digest)
}

/// Reads digests and orders them. What is no digest of any chain is reported at once.
async fn read_chains(digests: Vec<Fetchable>, report: &mut DigestReport) -> Chains {
    let mut chains = Chains::new();
    let mut read = std::pin::pin!(read::digests(digests));
    while let Some((object, content)) = read.next().await {
        match DigestName::parse(&object.name) {
            Some(DigestName { chain, end }) => {
                chains.entry(chain).or_default().push(Link { name: object.name, end, content });
            }
            None => {
                let (verdict, detail) = match content {
                    Ok(_) => (DigestVerdict::Misplaced, "is not named as a digest is".to_owned()),
                    Err(cause) => (DigestVerdict::Unreadable, cause),
                };
                report.digest(DigestFinding { name: object.name, verdict, detail: Some(detail) });
            }
        }
    }
    for links in chains.values_mut() {
        links.sort_unstable_by(|a, b| (a.end, &a.name).cmp(&(b.end, &b.name)));
    }
    chains
}

/// Judges all digests; what they say of log files.
fn judge_chains(chains: &Chains, keys: &PublicKeys, scope: &Scope, report: &mut DigestReport) -> Named {
    let hours = scope.digest_hours();
    let range = Range {
        from: hours.map(|(from, _)| from),
        until: hours.map(|(_, until)| until.min(Utc::now() - DIGEST_DELAY)),
    };
    let slack = scope.delivery_slack.unwrap_or(DEFAULT_DELIVERY_SLACK);
    // Digests from then on are there to vouch for others, and need nobody to vouch for them.
    let last = hours.and_then(|(_, until)| until.checked_add_signed(slack)?.checked_add_signed(DIGEST_DELAY));
    let is_needed = |end: DateTime<Utc>| last.is_none_or(|last| end <= last);
    let mut named = Named::default();
    for (chain, links) in chains {
        report.chains.push(summary(chain, links));
        report.gaps.extend(gaps(chain, links, range).into_iter().filter(|gap| is_needed(gap.to)));
        for (link, verdict) in links.iter().zip(judge(links, keys)) {
            if let Ok(content) = &link.content {
                named.add(&link.name, &content.file.logs, verdict.is_trusted());
            }
            if is_needed(link.end) {
                report.digest(DigestFinding {
                    name: link.name.clone(),
                    verdict,
                    detail: detail(link, verdict),
                });
            }
        }
    }
    named
}

/// What there is to say about a verdict.
fn detail(link: &Link, verdict: DigestVerdict) -> Option<String> {
    match (&link.content, verdict) {
        (Err(cause), _) => Some(cause.clone()),
        (Ok(content), DigestVerdict::Misplaced) => Some(format!("says that it is {}", content.file.place)),
        (Ok(content), DigestVerdict::Altered) => {
            Some(format!("has the hash {}, not the one that the digest after it says", content.hash))
        }
        (Ok(content), DigestVerdict::UnknownKey) => {
            Some(format!("signed with the key {}", content.file.fingerprint))
        }
        _ => None,
    }
}

fn summary(chain: &Chain, links: &[Link]) -> ChainSummary {
    let files = || links.iter().filter_map(|link| Some(&link.content.as_ref().ok()?.file));
    ChainSummary {
        chain: chain.clone(),
        start: files().map(|file| file.start).min(),
        end: files().map(|file| file.end).max(),
        digests: links.len(),
        continues: files().next().and_then(|file| Some(file.previous.as_ref()?.key.clone())),
    }
}
