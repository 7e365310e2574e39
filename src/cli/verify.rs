//! `trailq verify`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use trailq::Result;
use trailq::investigation::{Fault, verify};
use trailq::output::text::visible;
use trailq::output::write_error;

use super::store::StoreArgs;

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The case folder.
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// Also read every object again that the case was made from.
    #[arg(long)]
    sources: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// Checks a case folder. True if every file is as its manifest says.
pub async fn run(arguments: &VerifyArgs) -> Result<bool> {
    let options = arguments.sources.then(|| arguments.store.options());
    let found = verify(&arguments.case, options.as_ref()).await?;
    let faults = found.faults.iter().chain(found.sources.iter().flat_map(|sources| &sources.faults));
    let mut lines: Vec<String> = faults.map(|(name, fault)| in_words(name, fault)).collect();
    let verdict = if found.is_sound() { "sound" } else { "NOT SOUND" };
    let mut files = format!("{} files as written", found.sound.len());
    if let Some(sources) = &found.sources {
        files += &format!(", {} objects as read", sources.sound);
    }
    lines.push(format!("{verdict}: case {}, {files}, {} faults", found.case_id, lines.len()));
    lines.push(format!("manifest.json {}", found.manifest_sha256));
    let text: String = lines.iter().map(|line| visible(line).into_owned() + "\n").collect();
    io::stdout().write_all(text.as_bytes()).map_err(|cause| write_error(Path::new("the output"), cause))?;
    Ok(found.is_sound())
}

fn in_words(name: &str, fault: &Fault) -> String {
    match fault {
        Fault::Missing => format!("{name}: is missing"),
        Fault::Altered { expected, found } => {
            format!("{name}: was altered (SHA-256 {found}, written as {expected})")
        }
        Fault::Unknown => format!("{name}: was added; the manifest does not know it"),
        Fault::Unreadable { cause } => format!("{name}: cannot be read: {cause}"),
    }
}
