//! `trailq lineage`.

use std::io::Write;
use std::path::Path;

use chrono::Utc;
use trailq::output::write_error;
use trailq::{Error, Principal, Result};

use super::args::LineageArgs;
use super::coverage::{self, create};
use super::print;

/// Prints the tree of sessions. True if all that had to be read was read.
pub async fn run(arguments: &LineageArgs) -> Result<bool> {
    let output = arguments.output.as_deref().filter(|path| *path != Path::new("-"));
    let (file, coverage_file) = (create(output)?, create(arguments.coverage.as_deref())?);
    let (trail, question) = arguments.question.ask().await?;
    if let Principal::Resource(arn) = question.principal() {
        let problem = "is a resource, which has no sessions";
        let instead = "use trailq timeline --resource for what touched it";
        return Err(Error::argument("principal", arn, problem, instead));
    }
    let (tree, covered) = trail.session_tree(&question).await?;
    let text = arguments.format.write(&tree, Utc::now())?;
    let failed = |cause| write_error(output.unwrap_or(Path::new("the output")), cause);
    match file {
        None => print(&text)?,
        Some((whole, mut file)) => {
            file.write_all(text.as_bytes()).map_err(failed)?;
            whole.commit()?;
        }
    }
    coverage::print(&covered);
    if let Some((whole, file)) = coverage_file {
        coverage::write(&covered, whole, file)?;
    }
    Ok(covered.complete)
}
