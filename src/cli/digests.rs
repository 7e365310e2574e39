//! What CloudTrail's digest files say, for people.

use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use indicatif::HumanCount;
use trailq::output::text::visible;
use trailq::{
    ChainSummary, Coverage, DigestFinding, DigestReport, Gap, GapCause, KeySource, LogFinding, LogVerdict,
    PublicKeys, Result, Scope, Trail,
};

use super::args::{DigestArgs, KeyArgs};
use super::unreadable;

/// Findings printed one by one beside an answer; the rest are counted.
const NAMED: usize = 20;

impl KeyArgs {
    /// Where the keys come from.
    pub fn source(&self) -> Result<KeySource> {
        Ok(match self.public_keys.as_slice() {
            [] => KeySource::Api { endpoint: self.cloudtrail_endpoint.clone() },
            files => KeySource::Given(read(files)?),
        })
    }
}

fn read(files: &[PathBuf]) -> Result<PublicKeys> {
    let mut keys = PublicKeys::default();
    for path in files {
        let name = path.display().to_string();
        let json = std::fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))?;
        keys.add(PublicKeys::parse(&json).inspect_err(|_| eprintln!("in {}:", visible(&name)))?);
    }
    Ok(keys)
}

impl DigestArgs {
    /// Where the keys come from; `None` if nothing is to be validated.
    pub fn keys(&self) -> Result<Option<KeySource>> {
        self.verify_digests.then(|| self.keys.source()).transpose()
    }
}

/// If there are keys, validates the objects of `scope`, prints the report and adds it to what an
/// answer rests on. True if nothing is wrong with them.
pub async fn add_to(
    coverage: &mut Coverage,
    keys: Option<KeySource>,
    trail: &Trail,
    scope: &Scope,
) -> Result<bool> {
    let Some(keys) = keys else { return Ok(true) };
    let report = trail.verify_digests(scope, &keys).await?;
    let verified = report.verified;
    // Nothing can be done about a standard error that is closed.
    let _ = std::io::stderr().write_all(describe(&report, NAMED).as_bytes());
    coverage.digests = Some(Box::new(report));
    Ok(verified)
}

/// The report as lines, at most `named` of them about single files and gaps.
pub fn describe(report: &DigestReport, named: usize) -> String {
    let listings = report.failed_listings.iter().map(|f| format!("could not list {}: {}", f.name, f.cause));
    let digests = report.digest_findings.iter().map(of_digest);
    let gaps = report.gaps.iter().map(of_gap);
    let logs = report.log_findings.iter().map(of_log);
    let findings: Vec<String> = listings.chain(digests).chain(gaps).chain(logs).collect();
    let mut lines: Vec<String> = findings.iter().take(named).cloned().collect();
    if let Some(more) = findings.len().checked_sub(named).filter(|more| *more > 0) {
        lines.push(format!("… and {more} more; `trailq verify` names all"));
    }
    let keys = report.signatures.failures.iter();
    lines.extend(keys.map(|f| format!("note: {} could not be asked for: {}", f.name, f.cause)));
    lines.extend(report.chains.iter().map(of_chain));
    lines.push(conclusion(report));
    lines.iter().map(|line| format!("{}\n", visible(line))).collect()
}

fn of_digest(finding: &DigestFinding) -> String {
    let detail = finding.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("digest {}: {}{detail}", finding.verdict.as_str(), finding.name)
}

fn of_log(finding: &LogFinding) -> String {
    let digest = match (&finding.digest, finding.verdict) {
        (Some(digest), LogVerdict::Altered | LogVerdict::Deleted) => format!(" (named by {digest})"),
        _ => String::new(),
    };
    let detail = finding.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("log file {}: {}{detail}{digest}", finding.verdict.as_str(), finding.name)
}

fn of_gap(gap: &Gap) -> String {
    let why = match &gap.cause {
        GapCause::Missing { digest: Some(digest) } => format!("missing {digest}"),
        GapCause::Missing { digest: None } => {
            "the next digest, which cannot be read, does not say why".into()
        }
        GapCause::Restarted => "digests start anew after it".into(),
        GapCause::Uncovered => "the digests around it leave it out".into(),
        GapCause::Ended => "there are no later digests".into(),
    };
    format!("gap in {}: {} to {}: {why}", gap.chain, time(gap.from), time(gap.to))
}

fn of_chain(summary: &ChainSummary) -> String {
    let covers = match (summary.start, summary.end) {
        (Some(start), Some(end)) => format!("{} to {}", time(start), time(end)),
        _ => "cover no time".into(),
    };
    let start = if summary.continues.is_none() { ", where they start" } else { "" };
    format!("{}: {} digests, {covers}{start}", summary.chain, HumanCount(summary.digests as u64))
}

fn conclusion(report: &DigestReport) -> String {
    let digests = sum(report.digests.iter().map(|(verdict, n)| (*n, verdict.as_str())));
    let logs = sum(report.logs.iter().map(|(verdict, n)| (*n, verdict.as_str())));
    let signatures = match report.signatures.public_keys {
        0 => "SIGNATURES NOT CHECKED, for there are no public keys".to_owned(),
        keys => format!("signatures checked with {keys} public key{}", if keys == 1 { "" } else { "s" }),
    };
    let verdict = if report.verified { "verified" } else { "NOT VERIFIED" };
    format!("{verdict}: digests {digests}; log files {logs}; gaps {}; {signatures}", report.gaps.len())
}

/// `5 = 3 valid + 2 altered`.
fn sum<'a>(counts: impl Iterator<Item = (u64, &'a str)> + Clone) -> String {
    let total: u64 = counts.clone().map(|(n, _)| n).sum();
    let parts: Vec<String> = counts.map(|(n, what)| format!("{} {what}", HumanCount(n))).collect();
    if parts.is_empty() { "0".into() } else { format!("{} = {}", HumanCount(total), parts.join(" + ")) }
}

fn time(time: DateTime<Utc>) -> impl Display {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
