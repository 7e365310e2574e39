//! Writes an object piece by piece: whole, or not at all.

use std::fmt;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};

/// Bytes of a part, and the size up to which an object is written by one request.
const PART: usize = 8 << 20;
/// Parts on their way at a time.
const PARTS_AHEAD: usize = 2;

/// An object that appears under its name when it is [finished](Self::finish), and never if it is
/// [aborted](Self::abort). At most a few parts are held in memory.
pub struct ObjectWriter {
    store: Arc<dyn ObjectStore>,
    path: Path,
    buffer: Vec<u8>,
    upload: Option<WriteMultipart>,
}

impl ObjectWriter {
    /// Starts to write `path`.
    pub fn new(store: Arc<dyn ObjectStore>, path: Path) -> Self {
        Self { store, path, buffer: vec![], upload: None }
    }

    /// Appends `bytes`.
    ///
    /// # Errors
    /// If the store refuses what came before.
    pub async fn write(&mut self, bytes: Vec<u8>) -> object_store::Result<()> {
        if self.buffer.is_empty() {
            self.buffer = bytes;
        } else {
            self.buffer.extend_from_slice(&bytes);
        }
        if self.buffer.len() < PART {
            return Ok(());
        }
        if self.upload.is_none() {
            let upload = self.store.put_multipart(&self.path).await?;
            self.upload = Some(WriteMultipart::new_with_chunk_size(upload, PART));
        }
        if let Some(upload) = &mut self.upload {
            upload.wait_for_capacity(PARTS_AHEAD).await?;
            upload.put(std::mem::take(&mut self.buffer).into());
        }
        Ok(())
    }

    /// Gives the object its name.
    ///
    /// # Errors
    /// If the store refuses it; then nothing is there.
    pub async fn finish(self) -> object_store::Result<()> {
        match self.upload {
            None => self.store.put(&self.path, self.buffer.into()).await.map(drop),
            Some(mut upload) => {
                upload.put(self.buffer.into());
                upload.finish().await.map(drop)
            }
        }
    }

    /// Removes what was written so far.
    pub async fn abort(self) {
        if let Some(upload) = self.upload
            && let Err(cause) = upload.abort().await
        {
            tracing::warn!(path = %self.path, %cause, "could not remove a half-written result");
        }
    }
}

impl fmt::Debug for ObjectWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectWriter").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use object_store::local::LocalFileSystem;

    use super::*;

    fn writer(folder: &std::path::Path) -> ObjectWriter {
        let path = Path::from_absolute_path(folder.join("a/result")).unwrap();
        ObjectWriter::new(Arc::new(LocalFileSystem::new()), path)
    }

    fn files(folder: &std::path::Path) -> Vec<u64> {
        let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.map(|file| file.metadata().unwrap().len()).collect()
    }

    #[tokio::test]
    async fn objects_are_whole() {
        for pieces in [0, 1, 9, 40] {
            let folder = tempfile::tempdir().unwrap();
            let mut writer = writer(folder.path());
            for _ in 0..pieces {
                writer.write(vec![b'x'; 1 << 20]).await.unwrap();
                assert!(!folder.path().join("a/result").exists());
            }
            writer.finish().await.unwrap();
            assert_eq!(files(folder.path()), [pieces << 20]);
        }
    }

    #[tokio::test]
    async fn or_not_there() {
        for pieces in [0, 1, 20] {
            let folder = tempfile::tempdir().unwrap();
            let mut writer = writer(folder.path());
            for _ in 0..pieces {
                writer.write(vec![b'x'; 1 << 20]).await.unwrap();
            }
            writer.abort().await;
            assert_eq!(files(folder.path()), [0u64; 0]);
        }
    }
}
