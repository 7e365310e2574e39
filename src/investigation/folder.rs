//! A case folder while it is written: under another name, until it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use tempfile::TempDir;

use super::Investigated;
use super::artifacts::write_json;
use super::manifest::{Artifact, MANIFEST, Manifest};
use crate::error::Result;
use crate::hash::Sha256;
use crate::output::write_error;

/// The files of a case before anyone can take them for one. Dropping it removes them.
pub(super) struct Draft {
    folder: TempDir,
    artifacts: Vec<Artifact>,
}

/// A folder that lacks nothing but its name.
pub(super) struct Whole {
    pub folder: TempDir,
    /// By name, the manifest not among them.
    pub artifacts: Vec<Artifact>,
    pub manifest: Artifact,
}

impl Draft {
    /// Begins a folder in `parent`, where its name begins with `prefix`.
    pub fn begin(parent: &Path, prefix: &str) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(parent);
        Ok(Self { folder: folder.map_err(|cause| write_error(parent, cause))?, artifacts: vec![] })
    }

    /// Writes a file and takes down what is on the disk then.
    pub fn write(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>,
    ) -> Result<()> {
        let artifact = self.put(name, write)?;
        self.artifacts.push(artifact);
        Ok(())
    }

    fn put(&self, name: &str, write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> Result<Artifact> {
        let path = self.folder.path().join(name);
        let failed = |cause| write_error(&path, cause);
        let mut file = BufWriter::new(File::create_new(&path).map_err(failed)?);
        write(&mut file).map_err(|error| error.of_file(&path))?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        let (sha256, bytes) = File::open(&path).and_then(Sha256::of_reader).map_err(failed)?;
        Ok(Artifact { name: name.to_owned(), bytes, sha256 })
    }

    /// Adds the manifest that `of` makes for the files, by name.
    fn seal(mut self, of: impl FnOnce(Vec<Artifact>) -> Manifest) -> Result<Whole> {
        self.artifacts.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        let manifest = of(self.artifacts.clone());
        let manifest = self.put(MANIFEST, |file| write_json(file, &manifest))?;
        Ok(Whole { folder: self.folder, artifacts: self.artifacts, manifest })
    }
}

impl Investigated {
    /// Writes all files into a new folder in `parent`.
    pub(super) fn draft(&self, parent: &Path, prefix: &str, inputs: &[Artifact]) -> Result<Whole> {
        let Self { case, sources, .. } = self;
        let mut draft = Draft::begin(parent, prefix)?;
        case.write_to(&mut draft)?;
        draft.seal(|artifacts| Manifest::of(case, sources.clone(), inputs.to_vec(), artifacts))
    }
}
