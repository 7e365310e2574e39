//! `trailq lineage`.

use std::io::{self, Write};
use std::path::Path;

use chrono::Utc;
use trailq::Result;
use trailq::output::{WholeFile, write_error};

use super::args::LineageArgs;
use super::coverage;

/// Prints the tree of sessions. True if all that had to be read was read.
pub async fn run(arguments: &LineageArgs) -> Result<bool> {
    let (trail, question) = arguments.question.ask().await?;
    let (tree, covered) = trail.session_tree(&question).await?;
    let text = arguments.format.write(&tree, Utc::now())?;
    match arguments.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => io::stdout()
            .write_all(text.as_bytes())
            .map_err(|cause| write_error(Path::new("the output"), cause))?,
        Some(path) => {
            let (whole, mut file) = WholeFile::create(path)?;
            file.write_all(text.as_bytes()).map_err(|cause| write_error(path, cause))?;
            whole.commit()?;
        }
    }
    coverage::print(&covered);
    if let Some(path) = &arguments.coverage {
        coverage::write(&covered, path)?;
    }
    Ok(covered.complete)
}
