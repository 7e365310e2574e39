//! `trailq verify` of a case folder.

use std::path::Path;

use trailq::Result;
use trailq::investigation::{Fault, verify};
use trailq::output::text::visible;

use super::args::{ReportFormat, VerifyArgs};
use super::{print, to_json};

/// Checks a case folder. True if every file is as its manifest says.
pub async fn check(folder: &Path, arguments: &VerifyArgs) -> Result<bool> {
    let options = arguments.reread.then(|| arguments.scope.store_options());
    let found = verify(folder, options.as_ref()).await?;
    if arguments.format == ReportFormat::Json {
        return print(&to_json(&found)?).map(|()| found.is_sound());
    }
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
    print(&text).map(|()| found.is_sound())
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
