//! What the digests of one chain prove about each other, and what times they leave out.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, Utc};

use super::file::{DigestFile, Previous};
use super::keys::PublicKeys;
use super::name::{Chain, DigestName, identity};
use super::verdict::{DigestVerdict, Gap, GapCause};
use crate::hash::Sha256;

/// Each digest covers an hour.
const HOUR: Duration = Duration::hours(1);
/// What a digest's hour may differ from 60 minutes.
const TOLERANCE: Duration = Duration::minutes(1);

/// A digest file that was found.
#[derive(Debug, Clone)]
pub struct Link {
    /// The name people know it by.
    pub name: String,
    /// When its hour ended, as its name says.
    pub end: DateTime<Utc>,
    /// What it says; why it could not be read, otherwise.
    pub content: Result<Content, String>,
}

/// What is known of a digest file that could be read.
#[derive(Debug, Clone)]
pub struct Content {
    /// What it says.
    pub file: DigestFile,
    /// Hash of its content.
    pub hash: Sha256,
    /// Its signature in hexadecimal digits, where a store keeps that beside it.
    pub signature: Option<String>,
    /// When it was made, where that is not when its hour ended.
    pub generated: Option<DateTime<Utc>>,
}

/// What a later digest says about one.
struct Claim<'a> {
    previous: &'a Previous,
    trusted: bool,
}

/// Judges the digests of one chain, which are ordered by time. Trust comes from a signature, or from
/// a later digest that is trusted; so the last is judged first.
pub fn judge(links: &[Link], keys: &PublicKeys) -> Vec<DigestVerdict> {
    let mut claims: HashMap<&str, Vec<Claim<'_>>> = HashMap::new();
    let mut verdicts = vec![DigestVerdict::Unreadable; links.len()];
    for (link, verdict) in links.iter().zip(&mut verdicts).rev() {
        let Ok(content) = &link.content else { continue };
        let said = claims.get(identity(&link.name)).map_or(&[][..], Vec::as_slice);
        *verdict = verdict_of(&link.name, content, said, keys);
        if let Some(previous) = &content.file.previous {
            let claim = Claim { previous, trusted: verdict.is_trusted() };
            claims.entry(identity(&previous.key)).or_default().push(claim);
        }
    }
    verdicts
}

fn verdict_of(name: &str, content: &Content, said: &[Claim<'_>], keys: &PublicKeys) -> DigestVerdict {
    let Content { file, hash, .. } = content;
    if identity(&file.place) != identity(name) {
        return DigestVerdict::Misplaced;
    }
    let text = file.signed_text(hash);
    let later = said.iter().map(|claim| &claim.previous.signature);
    let mut checks =
        content.signature.iter().chain(later).map(|sign| keys.verify(&file.fingerprint, &text, sign));
    let (mut checked, mut signed) = (false, false);
    // Whoever handed a signature over: that it fits cannot be forged.
    if checks.any(|check| {
        signed = true;
        checked |= check.is_some();
        check == Some(true)
    }) {
        return DigestVerdict::Valid;
    }
    let trusted = |claim: &&Claim<'_>| claim.trusted;
    if said.iter().filter(trusted).any(|claim| claim.previous.hash == *hash) {
        return DigestVerdict::Vouched;
    }
    if said.iter().any(|claim| claim.previous.hash != *hash) {
        return DigestVerdict::Altered;
    }
    match (signed, checked) {
        (false, _) => DigestVerdict::Unsigned,
        (true, true) => DigestVerdict::WrongSignature,
        (true, false) if keys.is_empty() => DigestVerdict::Unchecked,
        (true, false) => DigestVerdict::UnknownKey,
    }
}

/// For which time digests must be there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Range {
    /// Every digest that ended from then on was looked for; `None` if all were.
    pub from: Option<DateTime<Utc>>,
    /// Until then there must be digests; `None` if that is not known.
    pub until: Option<DateTime<Utc>>,
}

/// The times that the digests of one chain, ordered by time, leave out.
pub fn gaps(chain: &Chain, links: &[Link], range: Range) -> Vec<Gap> {
    let known: HashSet<&str> = links.iter().map(|link| identity(&link.name)).collect();
    let mut gaps = vec![];
    let mut add = |from: DateTime<Utc>, to: DateTime<Utc>, cause: GapCause| {
        if from < to {
            gaps.push(Gap { chain: chain.clone(), from, to, cause });
        }
    };
    let mut before: Option<DateTime<Utc>> = None;
    for link in links {
        if let Some((to, cause)) = gap_before(link, &known, before.is_some(), range) {
            // Late log files are named when there are some, not hour by hour.
            let counts = !chain.backfill || matches!(cause, GapCause::Missing { digest: Some(_) });
            if counts {
                let hour = to - HOUR;
                add(before.unwrap_or_else(|| range.from.map_or(hour, |from| from.min(hour))), to, cause);
            }
        }
        before = before.max(Some(link.end));
    }
    if let (Some(last), Some(until), false) = (before, range.until, chain.backfill) {
        add(last, until, GapCause::Ended);
    }
    gaps
}

/// The end of a gap before this digest, if there is one, and why.
fn gap_before(
    link: &Link,
    known: &HashSet<&str>,
    follows: bool,
    range: Range,
) -> Option<(DateTime<Utc>, GapCause)> {
    let Ok(content) = &link.content else {
        // When its hour began is not known, nor what came before.
        let begin = link.end - HOUR - TOLERANCE;
        return follows.then_some((begin, GapCause::Missing { digest: None }));
    };
    let start = content.file.start;
    let Some(previous) = &content.file.previous else {
        return follows.then_some((start, GapCause::Restarted));
    };
    if known.contains(identity(&previous.key)) {
        return follows.then_some((start, GapCause::Uncovered));
    }
    // The first one's predecessor may be older than what was looked for.
    let end = DigestName::parse(&previous.key).map(|name| name.end);
    let expected = follows || range.from.is_some_and(|from| end.is_none_or(|end| end >= from));
    expected.then(|| (start, GapCause::Missing { digest: Some(previous.key.clone()) }))
}
