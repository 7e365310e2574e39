//! A case in a bucket, copied so that it can be checked.

use object_store::{ObjectStore, ObjectStoreExt};
use tempfile::TempDir;

use super::destination::{failure, key, place};
use super::manifest::MANIFEST;
use crate::error::Result;
use crate::output::write_error;
use crate::source::{Location, StoreOptions, open_store};

/// Copies the case at `s3://bucket/prefix` to a folder that is removed with what is returned; `None`
/// if there is no manifest.
///
/// # Errors
/// If it cannot be read, or not be written here.
pub async fn copy_of_case(name: &str, options: &StoreOptions) -> Result<Option<TempDir>> {
    let location = place(name)?;
    let Location::S3 { prefix, .. } = &location else { return Ok(None) };
    let store = open_store(&location, options).await?.store;
    let failed = |error: object_store::Error| failure(&location, &error);
    match store.head(&key(prefix, MANIFEST)).await {
        Ok(_) => {}
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(failed(error)),
    }
    let folder = tempfile::tempdir().map_err(|cause| write_error(&std::env::temp_dir(), cause))?;
    for object in store.list_with_delimiter(Some(&prefix.as_str().into())).await.map_err(failed)?.objects {
        let bytes = async { store.get(&object.location).await?.bytes().await }.await.map_err(failed)?;
        let path = folder.path().join(object.location.filename().unwrap_or_default());
        std::fs::write(&path, bytes).map_err(|cause| write_error(&path, cause))?;
    }
    Ok(Some(folder))
}
