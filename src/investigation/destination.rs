//! Where a case goes: a folder, or a prefix of a bucket. Nothing that is there is written over.

use std::io;
use std::path::Path;

use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions};

use super::Investigated;
use super::folder::Whole;
use super::manifest::{Artifact, MANIFEST, Written};
use crate::error::{Error, Kind, Result};
use crate::hash::Sha256;
use crate::output::write_error;
use crate::source::{Location, Store, StoreOptions, open_store, resolved};
use crate::trail::Trail;

/// A place for one case.
#[derive(Debug, Clone)]
pub struct Destination {
    location: Location,
    store: Option<Store>,
}

impl Destination {
    /// A folder of this machine, or `s3://bucket/prefix`. It must not lie in what `trail` reads, nor in
    /// `triggers`, from where the question came: what is written there would raise the next one.
    ///
    /// # Errors
    /// If it does, if there is a case or anything else already, or if the store cannot be opened.
    pub async fn open(
        name: &str,
        trail: &Trail,
        triggers: &[Location],
        options: &StoreOptions,
    ) -> Result<Self> {
        let location = place(name)?;
        let taken = trail.locations().chain(triggers).find(|taken| location.is_below(taken));
        if let Some(taken) = taken {
            let problem = format!("lies in {taken}, which is read or raises alerts");
            return Err(refused(name, problem, "name a place that is neither, such as another bucket"));
        }
        let destination = match &location {
            Location::Local(_) => Self { location, store: None },
            Location::S3 { .. } => {
                let store =
                    open_store(&location, &StoreOptions { checksums: true, ..options.clone() }).await?;
                Self { location, store: Some(store) }
            }
        };
        destination.check_free(name).await?;
        Ok(destination)
    }

    /// A case that was begun and never finished may be there; a whole one may not.
    async fn check_free(&self, name: &str) -> Result<()> {
        const INSTEAD: &str = "a case is never written over: name another place";
        match (&self.location, &self.store) {
            (Location::Local(path), _) => {
                let taken = match path.read_dir() {
                    Ok(mut entries) => entries.next().is_some(),
                    Err(error) => error.kind() != io::ErrorKind::NotFound,
                };
                if taken { Err(refused(name, "is not an empty folder".to_owned(), INSTEAD)) } else { Ok(()) }
            }
            (Location::S3 { prefix, .. }, Some(store)) => {
                match store.store.head(&key(prefix, MANIFEST)).await {
                    Err(object_store::Error::NotFound { .. }) => Ok(()),
                    Ok(_) => Err(refused(name, "holds a case already".to_owned(), INSTEAD)),
                    Err(error) => Err(failure(&self.location, &error)),
                }
            }
            (Location::S3 { .. }, None) => Ok(()),
        }
    }

    /// Writes a case. It is there as a whole, or not at all.
    ///
    /// # Errors
    /// If it cannot be written, or something else is there by now.
    pub async fn write(&self, investigated: &Investigated, inputs: &[Artifact]) -> Result<Written> {
        match (&self.location, &self.store) {
            (Location::S3 { prefix, .. }, Some(store)) => {
                let whole = investigated.draft(&std::env::temp_dir(), "trailq-case-", inputs)?;
                self.upload(&whole, prefix, store).await?;
                Ok(whole.written(format!("{}/", self.location.to_string().trim_end_matches('/'))))
            }
            (Location::Local(path), _) => {
                let path = std::path::absolute(path).map_err(|cause| write_error(path, cause))?;
                let parent = path.parent().unwrap_or(Path::new("/"));
                std::fs::create_dir_all(parent).map_err(|cause| write_error(parent, cause))?;
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let whole = investigated.draft(parent, &format!(".{name}.partial-"), inputs)?;
                publish(whole.folder.path(), &path)?;
                Ok(whole.written(format!("{}/", path.display())))
            }
            (Location::S3 { .. }, None) => Err(Kind::NoSource.into()),
        }
    }

    /// The manifest goes last. What an interrupted run left is taken over if it is the same.
    async fn upload(&self, whole: &Whole, prefix: &str, store: &Store) -> Result<()> {
        for artifact in whole.artifacts.iter().chain([&whole.manifest]) {
            let path = whole.folder.path().join(&artifact.name);
            let bytes = std::fs::read(&path).map_err(|cause| write_error(&path, cause))?;
            let key = key(prefix, &artifact.name);
            let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
            match store.store.put_opts(&key, bytes.into(), options).await {
                Ok(_) => {}
                Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                    self.check_same(artifact, &key, store).await?;
                }
                Err(error) => return Err(failure(&self.location, &error)),
            }
        }
        Ok(())
    }

    async fn check_same(&self, artifact: &Artifact, key: &Key, store: &Store) -> Result<()> {
        let there = async { store.store.get(key).await?.bytes().await };
        let there = there.await.map_err(|error| failure(&self.location, &error))?;
        if Sha256::of(&there) == artifact.sha256 {
            return Ok(());
        }
        // What an interrupted run left has the same bytes only where the clock is the same.
        let problem = format!("holds another {} already (was that run's --now another?)", artifact.name);
        Err(refused(&self.location.to_string(), problem, "a case is never written over: name another place"))
    }
}

pub(super) fn failure(location: &Location, error: &object_store::Error) -> Error {
    let cause = crate::source::fetch::cause_of(error);
    Kind::Store { location: location.to_string(), cause }.into()
}

impl Whole {
    fn written(&self, folder: String) -> Written {
        Written { folder, manifest_sha256: self.manifest.sha256, artifacts: self.artifacts.clone() }
    }
}

/// Gives a whole folder its name. An empty folder of that name is replaced, nothing else.
fn publish(draft: &Path, path: &Path) -> Result<()> {
    let failed = |cause| write_error(path, cause);
    // Temporary folders are for their owner alone; a case has the rights that a new folder has.
    #[cfg(unix)]
    set_usual_rights(draft).map_err(failed)?;
    std::fs::rename(draft, path).map_err(failed)?;
    let parent = path.parent().unwrap_or(path);
    std::fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(failed)
}

#[cfg(unix)]
fn set_usual_rights(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let probe =
        tempfile::Builder::new().permissions(std::fs::Permissions::from_mode(0o777)).tempdir_in(folder)?;
    std::fs::set_permissions(folder, probe.path().metadata()?.permissions())
}

/// A place, as people name it.
pub(super) fn place(name: &str) -> Result<Location> {
    if name.contains("://") {
        return match Location::parse(name)?.remove(0) {
            Location::S3 { bucket, prefix } => Ok(Location::S3 { bucket, prefix: folders(name, &prefix)? }),
            local => Ok(local),
        };
    }
    if name.is_empty() {
        return Err(refused(name, "is no name".to_owned(), "name a folder or s3://bucket/prefix"));
    }
    Ok(Location::Local(resolved(Path::new(name))))
}

/// The prefix as keys will have it, without empty folders.
fn folders(name: &str, prefix: &str) -> Result<String> {
    let folders: Vec<&str> = prefix.split('/').filter(|folder| !folder.is_empty()).collect();
    let prefix = folders.join("/");
    match Key::parse(&prefix) {
        Ok(_) => Ok(prefix),
        Err(cause) => {
            Err(refused(name, format!("is no place: {cause}"), "name folders of letters and digits"))
        }
    }
}

/// A key as it is written: nothing in it is escaped.
pub(super) fn key(prefix: &str, name: &str) -> Key {
    let key = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
    Key::parse(&key).unwrap_or_else(|_| Key::from(key))
}

fn refused(name: &str, problem: String, instead: &str) -> Error {
    Error::argument("output", name, problem, instead)
}
