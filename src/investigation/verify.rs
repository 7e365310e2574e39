//! Checks that a case folder is what its manifest says.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::manifest::{FORMAT, MANIFEST, VERSION};
use crate::error::{Error, Result};
use crate::hash::Sha256;
use crate::source::StoreOptions;

/// What became of a case folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// What the case is called.
    pub case_id: String,
    /// The version of trailq that made it.
    pub trailq: String,
    /// Of the manifest: compare it with what was noted when the case was made.
    pub manifest_sha256: Sha256,
    /// Files that are as the manifest says.
    pub sound: Vec<String>,
    /// What is not, by name.
    pub faults: BTreeMap<String, Fault>,
    /// Objects that the case was made from, as far as they were read again.
    pub sources: Option<SourcesVerified>,
}

/// The objects that a case was made from, read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourcesVerified {
    /// How many are the same.
    pub sound: usize,
    /// What is wrong with the others, by name.
    pub faults: BTreeMap<String, Fault>,
}

/// What is wrong with a file of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It is not there.
    Missing,
    /// Its content is another.
    Altered {
        /// As the manifest has it.
        expected: String,
        /// As it is.
        found: Sha256,
    },
    /// The manifest does not know it.
    Unknown,
    /// It cannot be read.
    Unreadable {
        /// Why.
        cause: String,
    },
}

/// What is needed of a manifest.
#[derive(Deserialize)]
struct Stated {
    format: String,
    version: u32,
    case_id: String,
    trailq: String,
    artifacts: Vec<StatedArtifact>,
    sources: Vec<StatedSource>,
}

#[derive(Deserialize)]
struct StatedArtifact {
    name: String,
    sha256: String,
}

/// An object that a case was made from, as its manifest has it.
#[derive(Deserialize)]
pub(super) struct StatedSource {
    pub name: String,
    pub version_id: Option<String>,
    pub sha256: Option<String>,
}

/// Checks every file of a case folder against its manifest, and where `sources` says how they are
/// reached every object that the case was made from.
///
/// # Errors
/// If the folder has no manifest that can be read: then it is no whole case.
pub async fn verify(folder: &Path, sources: Option<&StoreOptions>) -> Result<Verification> {
    let (mut verification, stated) = verify_files(folder)?;
    if let Some(options) = sources {
        let (sound, faults) = super::sources::check(&stated.sources, options).await?;
        verification.sources = Some(SourcesVerified { sound, faults });
    }
    Ok(verification)
}

fn verify_files(folder: &Path) -> Result<(Verification, Stated)> {
    let path = folder.join(MANIFEST);
    let refused = |problem: String| {
        let instead = "name the folder of a case, which holds a whole manifest.json";
        Error::argument("case", folder.display().to_string(), problem, instead)
    };
    let text =
        regular(&path).and_then(read_all).map_err(|cause| refused(format!("has no {MANIFEST}: {cause}")))?;
    let stated: Stated = serde_json::from_slice(&text)
        .map_err(|cause| refused(format!("has a {MANIFEST} that cannot be read: {cause}")))?;
    if (stated.format.as_str(), stated.version) != (FORMAT, VERSION) {
        let found = format!("{} {}", stated.format, stated.version);
        return Err(refused(format!("has a {MANIFEST} of another kind ({found}, not {FORMAT} {VERSION})")));
    }
    let mut verification = Verification {
        case_id: stated.case_id.clone(),
        trailq: stated.trailq.clone(),
        manifest_sha256: Sha256::of(&text),
        sound: vec![],
        faults: BTreeMap::new(),
        sources: None,
    };
    for artifact in &stated.artifacts {
        match check(folder, artifact) {
            None => verification.sound.push(artifact.name.clone()),
            Some(fault) => drop(verification.faults.insert(artifact.name.clone(), fault)),
        }
    }
    let known =
        |name: &str| name == MANIFEST || stated.artifacts.iter().any(|artifact| artifact.name == name);
    let entries = folder.read_dir().map_err(|cause| refused(format!("cannot be listed: {cause}")))?;
    for entry in entries {
        let name = entry.map_err(|cause| refused(format!("cannot be listed: {cause}")))?.file_name();
        let name = name.to_string_lossy().into_owned();
        if !known(&name) {
            verification.faults.insert(name, Fault::Unknown);
        }
    }
    Ok((verification, stated))
}

impl Verification {
    /// Whether every file is as the manifest says, no other is there, and no object that was read
    /// again is another.
    pub fn is_sound(&self) -> bool {
        self.faults.is_empty() && self.sources.as_ref().is_none_or(|sources| sources.faults.is_empty())
    }
}

/// Opens a file that is one: a pipe or a device would never end, and a link leads elsewhere.
pub(super) fn regular(path: &Path) -> io::Result<File> {
    if path.symlink_metadata()?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file"))
    }
}

fn read_all(mut file: File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![];
    file.read_to_end(&mut bytes).map(|_| bytes)
}

fn check(folder: &Path, artifact: &StatedArtifact) -> Option<Fault> {
    // Whoever altered a manifest is not to have other files read.
    let mut parts = Path::new(&artifact.name).components();
    if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
        return Some(Fault::Unreadable { cause: "is no name of a file in the folder".to_owned() });
    }
    match regular(&folder.join(&artifact.name)).and_then(Sha256::of_reader) {
        Ok((found, _)) if found.to_string() == artifact.sha256 => None,
        Ok((found, _)) => Some(Fault::Altered { expected: artifact.sha256.clone(), found }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Fault::Missing),
        Err(error) => Some(Fault::Unreadable { cause: error.to_string() }),
    }
}
