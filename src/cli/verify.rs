//! `trailq verify`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use trailq::Result;
use trailq::case::{Fault, verify};
use trailq::output::text::visible;
use trailq::output::write_error;

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The case folder.
    #[arg(value_name = "CASE")]
    case: PathBuf,
}

/// Checks a case folder. True if every file is as its manifest says.
pub fn run(arguments: &VerifyArgs) -> Result<bool> {
    let found = verify(&arguments.case)?;
    let mut lines: Vec<String> = found.faults.iter().map(|(name, fault)| in_words(name, fault)).collect();
    let verdict = if found.is_sound() { "sound" } else { "NOT SOUND" };
    let (sound, faults) = (found.sound.len(), found.faults.len());
    lines.push(format!("{verdict}: case {}, {sound} files as written, {faults} faults", found.case_id));
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
