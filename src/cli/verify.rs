//! `trailq verify`.

use trailq::Result;

use super::args::{ReportFormat, VerifyArgs};
use super::digests::describe;
use super::{case, print, to_json};

/// Checks a case folder, or else validates the sources' log files. True if all are as they were
/// written or delivered, and none is missing.
pub async fn run(arguments: &VerifyArgs) -> Result<bool> {
    if let Some((folder, _copy)) = arguments.scope.case_folder().await? {
        return case::check(&folder, arguments).await;
    }
    let keys = arguments.keys.source()?;
    let (trail, scope) = arguments.scope.ask().await?;
    let report = trail.verify_digests(&scope, &keys).await?;
    print(&match arguments.format {
        ReportFormat::Text => describe(&report, usize::MAX),
        ReportFormat::Json => to_json(&report)?,
    })?;
    Ok(report.verified)
}
