//! Checks that the objects a case was made from are still what they were.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use futures::{StreamExt, stream};
use object_store::path::Path as Key;
use object_store::{GetOptions, ObjectStore};

use super::verify::{Fault, StatedSource, regular};
use crate::error::Result;
use crate::hash::{Hasher, Sha256};
use crate::source::fetch::cause_of;
use crate::source::{Location, Store, StoreOptions, open_store};

/// Objects that are read at a time.
const AT_ONCE: usize = 16;

/// Reads every object again that has a hash, and returns how many are the same, and what is wrong
/// with the others, by name.
pub(super) async fn check(
    sources: &[StatedSource],
    options: &StoreOptions,
) -> Result<(usize, BTreeMap<String, Fault>)> {
    let hashed = || sources.iter().filter_map(|source| Some((source, source.sha256.as_deref()?)));
    let mut stores: HashMap<String, Store> = HashMap::new();
    for (source, _) in hashed() {
        if let Ok(location @ Location::S3 { .. }) = location(&source.name)
            && let Location::S3 { bucket, .. } = &location
            && !stores.contains_key(bucket)
        {
            stores.insert(bucket.clone(), open_store(&location, options).await?);
        }
    }
    let checks = hashed().map(|(source, expected)| {
        let stores = &stores;
        async move { (source.name.clone(), check_one(source, expected, stores).await) }
    });
    let checked: Vec<_> = stream::iter(checks).buffer_unordered(AT_ONCE).collect().await;
    let all = checked.len();
    let faults: BTreeMap<_, _> =
        checked.into_iter().filter_map(|(name, fault)| Some((name, fault?))).collect();
    Ok((all - faults.len(), faults))
}

async fn check_one(source: &StatedSource, expected: &str, stores: &HashMap<String, Store>) -> Option<Fault> {
    let found = match location(&source.name) {
        Ok(Location::S3 { bucket, prefix }) => match stores.get(&bucket) {
            Some(store) => stored_hash(store, &prefix, source.version_id.clone()).await,
            None => return Some(Fault::Unreadable { cause: "its bucket cannot be opened".to_owned() }),
        },
        Ok(Location::Local(path)) => local_hash(&path),
        Err(_) => return Some(Fault::Missing),
    };
    match found {
        Ok(found) if found.to_string() == expected => None,
        Ok(found) => Some(Fault::Altered { expected: expected.to_owned(), found }),
        Err(fault) => Some(fault),
    }
}

fn location(name: &str) -> Result<Location> {
    Ok(Location::parse(name)?.remove(0))
}

fn local_hash(path: &Path) -> Result<Sha256, Fault> {
    // Sources may be links; what they lead to is a file.
    let hash = path.canonicalize().and_then(|path| regular(&path)).and_then(Sha256::of_reader);
    hash.map(|(hash, _)| hash).map_err(|cause| Fault::Unreadable { cause: cause.to_string() })
}

/// Of the version that was read, where the bucket keeps versions.
async fn stored_hash(store: &Store, key: &str, version: Option<String>) -> Result<Sha256, Fault> {
    let key = Key::parse(key).map_err(|cause| Fault::Unreadable { cause: cause.to_string() })?;
    let hash = async {
        let options = GetOptions { version, ..GetOptions::default() };
        let mut pieces = store.store.get_opts(&key, options).await?.into_stream();
        let mut hasher = Hasher::default();
        while let Some(piece) = pieces.next().await {
            hasher.update(&piece?);
        }
        Ok(hasher.finish())
    };
    hash.await.map_err(|error| match error {
        object_store::Error::NotFound { .. } => Fault::Missing,
        other => Fault::Unreadable { cause: cause_of(&other) },
    })
}
