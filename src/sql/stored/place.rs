//! Where results may be written.

use std::path::{Component, PathBuf};

use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::error::{Kind, Result};
use crate::source::{Location, Sources, Store};
use crate::sql::catalog::s3_place;
use crate::sql::{ErrorCode, SqlError};

/// A folder that results are written to.
#[derive(Debug, Clone)]
pub struct Place {
    /// The store it lies in.
    pub store: Store,
    /// The folder; empty for a whole bucket.
    pub folder: Key,
    /// As people name it, with a `/` at its end.
    pub name: String,
}

/// Reads `s3://bucket/folder`, or `file:///folder`, or the path of a folder.
///
/// # Errors
/// If it is none of these.
pub fn location(name: &str) -> Result<Location, SqlError> {
    if let Some(path) = name.strip_prefix("file://").or_else(|| name.starts_with('/').then_some(name)) {
        let path = PathBuf::from(path);
        let plain = path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)));
        if path.is_absolute() && plain {
            return Ok(Location::Local(path));
        }
    }
    let (bucket, key) = s3_place(name)?;
    Ok(Location::S3 { bucket: bucket.to_owned(), prefix: key.trim_matches('/').to_owned() })
}

/// Opens a folder.
///
/// # Errors
/// If its store cannot be opened.
pub async fn open(location: &Location, sources: &Sources) -> Result<Place> {
    let store = sources.store_of(location).await?;
    let (folder, name) = match location {
        Location::Local(path) => {
            let folder = Key::from_absolute_path(path).map_err(unreadable)?;
            (folder, format!("file://{}/", path.display().to_string().trim_end_matches('/')))
        }
        Location::S3 { bucket, prefix } => {
            let slash = if prefix.is_empty() { "" } else { "/" };
            (Key::parse(prefix).map_err(unreadable)?, format!("s3://{bucket}/{prefix}{slash}"))
        }
    };
    Ok(Place { store, folder, name })
}

fn unreadable(error: object_store::path::Error) -> SqlError {
    SqlError::new(ErrorCode::InvalidLocation, error.to_string())
}

/// Makes sure that `location` lies neither in what is read, nor in a declared table's location.
///
/// # Errors
/// If it does: what is evidence must not be added to.
pub fn refuse_sources(location: &Location, sources: &Sources, declared: &[String]) -> Result<(), SqlError> {
    let declared = declared.iter().filter_map(|name| self::location(name).ok());
    let taken = sources.locations().cloned().chain(declared).find(|taken| location.is_below(taken));
    match taken {
        None => Ok(()),
        Some(taken) => {
            let message = format!("{location} lies in {taken}, which is read: results are not written there");
            Err(SqlError::new(ErrorCode::InvalidLocation, message))
        }
    }
}

impl Place {
    /// Whether nothing lies here.
    ///
    /// # Errors
    /// If it cannot be listed.
    pub async fn is_empty(&self) -> Result<bool> {
        let folder = (!self.folder.as_ref().is_empty()).then_some(&self.folder);
        match self.store.store.list_with_delimiter(folder).await {
            Ok(found) => Ok(found.objects.is_empty() && found.common_prefixes.is_empty()),
            Err(object_store::Error::NotFound { .. }) => Ok(true),
            Err(error) => Err(self.failure(&error)),
        }
    }

    /// Where a file below the folder lies.
    ///
    /// # Errors
    /// If its name cannot be one.
    pub fn key(&self, name: &str) -> Result<Key> {
        // Names are escaped as Hive does it; the store is not to escape them again.
        Ok(Key::parse(format!("{}/{name}", self.folder)).map_err(unreadable)?)
    }

    /// Writes a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn put(&self, key: &Key, bytes: Vec<u8>) -> Result<()> {
        self.store.store.put(key, bytes.into()).await.map_err(|error| self.failure(&error))?;
        Ok(())
    }

    /// A file below the folder as people name it.
    pub fn name_of(&self, file: &Key) -> String {
        let below = file.as_ref().strip_prefix(self.folder.as_ref()).unwrap_or(file.as_ref());
        format!("{}{}", self.name, below.trim_start_matches('/'))
    }

    /// Takes files away again, as far as that can be done.
    pub async fn remove(&self, keys: &[Key]) {
        for key in keys {
            match self.store.store.delete(key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => {
                    tracing::warn!(%key, %error, "a file of a statement that failed could not be removed");
                }
            }
        }
    }

    fn failure(&self, error: &object_store::Error) -> crate::Error {
        Kind::Store { location: self.name.clone(), cause: error.to_string() }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart() {
        let below = |inner: &str, outer: &str| location(inner).unwrap().is_below(&location(outer).unwrap());
        assert!(below("s3://b/AWSLogs/x", "s3://b/AWSLogs/"));
        assert!(below("s3://b/AWSLogs", "s3://b/AWSLogs/"));
        assert!(below("s3://b/x", "s3://b"));
        assert!(!below("s3://b/AWSLogs2", "s3://b/AWSLogs"));
        assert!(!below("s3://b/", "s3://b/AWSLogs"));
        assert!(!below("s3://c/AWSLogs", "s3://b/AWSLogs"));
        assert!(below("/cases/a/b", "file:///cases/a"));
        assert!(!below("/cases/ab", "/cases/a"));
        for refused in ["", "relative/path", "/cases/../etc", "file://../x", "http://b/x", "s3:///x"] {
            assert_eq!(location(refused).unwrap_err().code, ErrorCode::InvalidLocation, "{refused}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_to_where_they_lead() {
        let temporary = tempfile::tempdir().unwrap();
        let logs = temporary.path().join("logs");
        std::fs::create_dir(&logs).unwrap();
        std::os::unix::fs::symlink(&logs, temporary.path().join("link")).unwrap();
        let inside = Location::Local(temporary.path().join("link/new/results"));
        assert!(inside.is_below(&Location::Local(logs)));
    }
}
