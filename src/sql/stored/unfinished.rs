//! Files of a statement that has not ended.

use object_store::path::Path as Key;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::place::Place;
use crate::error::{Kind, Result};

/// Files that are taken away again unless they are kept: a statement that is stopped must not leave rows
/// in a table's folder, which later statements would read.
pub struct Unfinished {
    place: Place,
    files: Vec<Key>,
    /// The last one, while it is being written. Stores do not stop in the middle of that.
    last: Option<JoinHandle<Result<()>>>,
}

impl Unfinished {
    /// No files yet.
    pub fn new(place: Place) -> Self {
        Self { place, files: vec![], last: None }
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }

    /// Writes a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn put(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let (place, key) = (self.place.clone(), self.place.key(name)?);
        self.files.push(key.clone());
        let task = self.last.insert(tokio::spawn(async move { place.put(&key, bytes).await }));
        let done = task.await;
        self.last = None;
        done.map_err(|cause| Kind::Store { location: self.place.name.clone(), cause: cause.to_string() })?
    }

    /// The files, which stay.
    pub fn keep(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.files)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let (files, last) = (std::mem::take(&mut self.files), self.last.take());
        let Ok(runtime) = Handle::try_current() else { return };
        if files.is_empty() {
            return;
        }
        let place = self.place.clone();
        runtime.spawn(async move {
            if let Some(last) = last {
                // Whatever came of it, its file is one of those.
                let _ = last.await;
            }
            place.remove(&files).await;
        });
    }
}
