//! Lists what a location holds, leaving out what a scope does not need.
//!
//! Both stores are walked folder by folder, so that a folder of another account, region or day
//! costs nothing and nothing in an unexpected place is missed.

use std::path::Path as FilePath;

use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use object_store::path::Path;
use object_store::{ListResult, ObjectMeta, ObjectStoreExt};
use walkdir::WalkDir;

use super::fetch::cause_of;
use super::{Failure, FolderFilter, Listing, Location, LogObject, Store, StoreObjects};
use crate::key::{PruneReason, Scope};

/// List requests in flight.
const CONCURRENT_LISTS: usize = 32;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Records.
    Reading,
    /// Log files and the digest files that vouch for them: an empty file is a file that was changed.
    Validation,
}

/// Lists `location`. What cannot be listed is among the listing's failures.
pub(super) async fn list(
    location: &Location,
    store: &Store,
    scope: &Scope,
    purpose: Purpose,
    wanted: Option<&FolderFilter>,
) -> Listing {
    match location {
        Location::Local(path) => {
            let (path, store, scope, wanted) = (path.clone(), store.clone(), scope.clone(), wanted.cloned());
            // Disks are waited for on a thread that may wait.
            let finds = move || list_local(&path, &store, Finds::new(&scope, purpose, wanted.as_ref()));
            let listing = tokio::task::spawn_blocking(finds).await;
            listing.unwrap_or_else(|error| {
                let failure = Failure { name: location.to_string(), cause: error.to_string() };
                Listing { failures: vec![failure], ..Listing::default() }
            })
        }
        Location::S3 { bucket, prefix } => {
            list_s3(bucket, prefix, store, Finds::new(scope, purpose, wanted)).await
        }
    }
}

/// What was found while listing one store.
struct Finds<'a> {
    scope: &'a Scope,
    purpose: Purpose,
    wanted: Option<&'a FolderFilter>,
    objects: Vec<LogObject>,
    listing: Listing,
}

impl<'a> Finds<'a> {
    fn new(scope: &'a Scope, purpose: Purpose, wanted: Option<&'a FolderFilter>) -> Self {
        Self { scope, purpose, wanted, objects: vec![], listing: Listing::default() }
    }

    fn prune(&self, key: &str) -> Option<PruneReason> {
        match self.purpose {
            Purpose::Reading => self.scope.prune(key),
            Purpose::Validation => self.scope.prune_with_digests(key),
        }
    }

    /// Keeps the object or says why not. `key` is what its place says about delivery.
    fn object(&mut self, key: &str, object: LogObject) {
        let size = object.meta.size;
        let is_empty = size == 0 && self.purpose == Purpose::Reading;
        match self.prune(key).or(is_empty.then_some(PruneReason::Empty)) {
            Some(reason) => self.listing.prune(reason, 1, size, 0),
            None => self.objects.push(object),
        }
    }

    /// Whether the folder (its key and its name end in `/`) has to be listed.
    fn enters(&mut self, key: &str, name: &str) -> bool {
        let denied = self.wanted.is_some_and(|wanted| !wanted(name));
        match self.prune(key).or(denied.then_some(PruneReason::Partition)) {
            Some(reason) => {
                self.listing.prune(reason, 0, 0, 1);
                false
            }
            None => true,
        }
    }

    fn failure(&mut self, name: impl Into<String>, cause: impl ToString) {
        self.listing.failures.push(Failure { name: name.into(), cause: cause.to_string() });
    }

    fn finish(mut self, store: &Store) -> Listing {
        self.objects.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        self.listing.stores.push(StoreObjects { store: store.clone(), objects: self.objects });
        self.listing
    }
}

fn list_local(root: &FilePath, store: &Store, mut finds: Finds<'_>) -> Listing {
    finds.listing.requests = 1;
    if !root.is_dir() {
        // Named by the user: read whatever it is called.
        match local_object(
            &std::path::absolute(root).unwrap_or_else(|_| root.to_owned()),
            root.display().to_string(),
        ) {
            Ok(object) => finds.objects.push(LogObject { named: true, ..object }),
            Err(cause) => finds.failure(root.display().to_string(), cause),
        }
        return finds.finish(store);
    }
    let absolute = match std::fs::canonicalize(root) {
        Ok(absolute) => absolute,
        Err(error) => {
            finds.failure(root.display().to_string(), error);
            return finds.finish(store);
        }
    };
    let mut walk = WalkDir::new(&absolute).follow_links(true).into_iter();
    while let Some(entry) = walk.next() {
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {
                let shown = root.join(entry.path().strip_prefix(&absolute).unwrap_or(entry.path()));
                let key = format!("{}/", entry.path().display());
                if entry.depth() > 0 && !finds.enters(&key, &format!("{}/", shown.display())) {
                    walk.skip_current_dir();
                }
            }
            Ok(entry) => {
                let shown = root.join(entry.path().strip_prefix(&absolute).unwrap_or(entry.path()));
                match local_object(entry.path(), shown.display().to_string()) {
                    Ok(object) => finds.object(&entry.path().display().to_string(), object),
                    Err(cause) => finds.failure(shown.display().to_string(), cause),
                }
            }
            Err(error) => {
                let name = error.path().unwrap_or(root).display().to_string();
                finds.failure(name, error);
            }
        }
    }
    finds.finish(store)
}

fn local_object(path: &FilePath, name: String) -> Result<LogObject, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    let location = Path::from_absolute_path(path).map_err(|error| error.to_string())?;
    let last_modified = metadata.modified().map_or(DateTime::<Utc>::UNIX_EPOCH, Into::into);
    let meta = ObjectMeta { location, last_modified, size: metadata.len(), e_tag: None, version: None };
    Ok(LogObject { name, meta, named: false })
}

async fn list_s3(bucket: &str, prefix: &str, store: &Store, mut finds: Finds<'_>) -> Listing {
    let root = Path::from(prefix);
    let mut waiting = vec![root.clone()];
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < CONCURRENT_LISTS
            && let Some(folder) = waiting.pop()
        {
            finds.listing.requests += 1;
            running.push(async move {
                let at = (!folder.as_ref().is_empty()).then_some(&folder);
                let result = store.store.list_with_delimiter(at).await;
                (folder, result)
            });
        }
        let Some((folder, result)) = running.next().await else { break };
        match result {
            Ok(ListResult { objects, common_prefixes, .. }) => {
                // Every further page of a folder was a request of its own.
                finds.listing.requests += (objects.len() / 1000) as u64;
                objects.into_iter().for_each(|meta| s3_object(&mut finds, bucket, meta));
                waiting.extend(common_prefixes.into_iter().filter(|folder| {
                    finds.enters(&format!("{folder}/"), &format!("s3://{bucket}/{folder}/"))
                }));
            }
            Err(error) => finds.failure(format!("s3://{bucket}/{folder}"), cause_of(&error)),
        }
    }
    if finds.objects.is_empty() && finds.listing.pruned.is_empty() && !prefix.is_empty() {
        // Not a folder; perhaps the key of one object.
        finds.listing.requests += 1;
        if let Ok(meta) = store.store.head(&root).await {
            finds.objects.push(LogObject { name: format!("s3://{bucket}/{root}"), meta, named: true });
        }
    }
    finds.finish(store)
}

fn s3_object(finds: &mut Finds<'_>, bucket: &str, meta: ObjectMeta) {
    let key = meta.location.to_string();
    finds.object(&key, LogObject { name: format!("s3://{bucket}/{key}"), meta, named: false });
}
