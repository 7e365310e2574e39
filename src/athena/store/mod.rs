//! What outlives the process: queries, results, saved statements and work groups, in an embedded
//! database (redb) of one file. Every change is one transaction.

mod executions;
mod saved;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{
    Database, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{ApiError, ApiResult};
use crate::error::{Kind, Result};

pub use executions::{Begun, Finish, Request};
pub use saved::{NamedQuery, PreparedStatement, Removal, WorkGroup};

/// A table of JSON documents under texts.
type Documents = TableDefinition<'static, &'static str, &'static [u8]>;

/// An opened state file. Calls wait for the disk on a thread that may wait.
#[derive(Debug, Clone)]
pub struct Store {
    database: Arc<Database>,
    path: Arc<Path>,
}

/// What a transaction fails with.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Database(#[from] redb::Error),
    #[error("a document in it cannot be read: {0}")]
    Document(#[from] serde_json::Error),
}

/// Every error of redb is one of the database.
macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Failure {
            fn from(cause: redb::$error) -> Self {
                Self::Database(cause.into())
            }
        })*
    };
}
from_redb!(TransactionError, TableError, StorageError, CommitError, SetDurabilityError);

impl Store {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// If it is none of ours, damaged, or open in another process.
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |cause: String| Kind::State { path: path.to_owned(), cause };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|cause| failed(cause.to_string()))?;
        }
        let database = Database::create(path).map_err(|cause| failed(cause.to_string()))?;
        restrict(path).map_err(|cause| failed(cause.to_string()))?;
        Ok(Self { database: Arc::new(database), path: path.into() })
    }

    /// The file.
    pub fn path(&self) -> PathBuf {
        self.path.to_path_buf()
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reading) -> Result<T, Failure> + Send + 'static,
    ) -> ApiResult<T> {
        let database = Arc::clone(&self.database);
        self.blocking(move || read(&Reading(database.begin_read()?))).await
    }

    /// Changes the state; nothing changes if `change` fails.
    async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Writing) -> Result<T, Failure> + Send + 'static,
    ) -> ApiResult<T> {
        let database = Arc::clone(&self.database);
        let work = move || {
            let writing = Writing(database.begin_write()?);
            let value = change(&writing)?;
            writing.0.commit()?;
            Ok(value)
        };
        self.blocking(work).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> ApiResult<T> {
        let result = tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)?;
        result.map_err(|cause| {
            let path = self.path();
            ApiError::internal(Kind::State { path, cause: cause.to_string() })
        })
    }
}

/// State tells what was asked: it is its owner's alone.
fn restrict(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A view of the state at one moment.
struct Reading(ReadTransaction);

impl Reading {
    fn get<T: DeserializeOwned>(&self, table: Documents, key: &str) -> Result<Option<T>, Failure> {
        match self.0.open_table(table) {
            Ok(table) => document(table.get(key)?),
            // Nothing was ever kept in it.
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    /// All documents, by their keys.
    fn all<T: DeserializeOwned>(&self, table: Documents) -> Result<Vec<T>, Failure> {
        match self.0.open_table(table) {
            Ok(table) => documents(&table),
            Err(TableError::TableDoesNotExist(_)) => Ok(vec![]),
            Err(cause) => Err(cause.into()),
        }
    }
}

/// A change of the state.
struct Writing(WriteTransaction);

impl Writing {
    fn get<T: DeserializeOwned>(&self, table: Documents, key: &str) -> Result<Option<T>, Failure> {
        let table = self.0.open_table(table)?;
        document(table.get(key)?)
    }

    /// All documents, by their keys.
    fn all<T: DeserializeOwned>(&self, table: Documents) -> Result<Vec<T>, Failure> {
        documents(&self.0.open_table(table)?)
    }

    fn put<T: Serialize>(&self, table: Documents, key: &str, value: &T) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(value)?;
        self.0.open_table(table)?.insert(key, bytes.as_slice())?;
        Ok(())
    }

    /// Whether it was there.
    fn remove(&self, table: Documents, key: &str) -> Result<bool, Failure> {
        Ok(self.0.open_table(table)?.remove(key)?.is_some())
    }
}

fn documents<T: DeserializeOwned>(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Vec<T>, Failure> {
    let mut all = vec![];
    for entry in table.iter()? {
        all.push(serde_json::from_slice(entry?.1.value())?);
    }
    Ok(all)
}

fn document<T: DeserializeOwned>(
    value: Option<redb::AccessGuard<'_, &'static [u8]>>,
) -> Result<Option<T>, Failure> {
    value.map(|value| serde_json::from_slice(value.value()).map_err(Into::into)).transpose()
}
