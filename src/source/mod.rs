//! Where logs lie: naming a source, listing and pruning its objects, and fetching them.

#[cfg(feature = "aws-config")]
mod credentials;
pub mod fetch;
mod list;
mod location;
mod store;
mod within;

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::aws::AwsCredentialProvider;
use object_store::{ObjectMeta, ObjectStore};
use serde::Serialize;
use url::Url;

use crate::key::{PruneReason, Scope};

pub use location::Location;
pub(crate) use location::{lies_inside, resolved};
pub use store::StoreOptions;
pub(crate) use store::{client_options, open as open_store, variable};
pub use within::Within;

use crate::error::{Error, Kind, Result};
use list::Purpose;

/// The store that some of the sources lie in.
#[derive(Debug, Clone)]
pub struct Store {
    /// Scheme and authority: `s3://bucket` or `file://`.
    pub url: Url,
    /// The store itself.
    pub store: Arc<dyn ObjectStore>,
}

/// An object that a question has to read.
#[derive(Debug, Clone)]
pub struct LogObject {
    /// The name people know it by: `s3://bucket/key`, or a path.
    pub name: String,
    /// Where the store has it, and its size in bytes.
    pub meta: ObjectMeta,
    /// Named by the user as it is, not found in a folder: read whatever its key says.
    pub named: bool,
}

/// Objects of one store.
#[derive(Debug, Clone)]
pub struct StoreObjects {
    /// The store they lie in.
    pub store: Store,
    /// What a question has to read of it.
    pub objects: Vec<LogObject>,
}

/// Objects and bytes that were not read, for one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Objects listed and left out.
    pub objects: u64,
    /// Their stored bytes.
    pub bytes: u64,
    /// Folders whose objects were not even listed.
    pub folders: u64,
}

/// Something that could not be read, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The object, folder or prefix.
    pub name: String,
    /// What went wrong, in words.
    pub cause: String,
}

/// All that the sources hold for a scope.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// What has to be read.
    pub stores: Vec<StoreObjects>,
    /// What was left out.
    pub pruned: BTreeMap<PruneReason, Pruned>,
    /// What could not be listed.
    pub failures: Vec<Failure>,
    /// List requests made.
    pub requests: u64,
}

impl Listing {
    /// Objects to read.
    pub fn objects(&self) -> impl Iterator<Item = &LogObject> {
        self.stores.iter().flat_map(|store| &store.objects)
    }

    fn prune(&mut self, reason: PruneReason, objects: u64, bytes: u64, folders: u64) {
        let pruned = self.pruned.entry(reason).or_default();
        pruned.objects += objects;
        pruned.bytes += bytes;
        pruned.folders += folders;
    }

    fn absorb(&mut self, other: Listing) {
        self.stores.extend(other.stores);
        for (reason, pruned) in other.pruned {
            self.prune(reason, pruned.objects, pruned.bytes, pruned.folders);
        }
        self.failures.extend(other.failures);
        self.requests += other.requests;
    }

    /// Two sources may overlap; an object is read once.
    fn deduplicate(&mut self) {
        let mut seen = std::collections::HashSet::new();
        for store in &mut self.stores {
            let url = store.store.url.clone();
            store.objects.retain(|object| seen.insert((url.clone(), object.meta.location.clone())));
        }
    }
}

/// Says of a folder, by the name people know it by (with a `/` at its end), whether it can hold an
/// object that is wanted.
pub type FolderFilter = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// Opened sources, ready to be listed and read.
#[derive(Debug, Clone)]
pub struct Sources {
    locations: Vec<(Location, Store)>,
    options: StoreOptions,
    /// Narrowed to a place inside what was opened.
    is_part: bool,
}

impl Sources {
    /// Opens every source in `names` (a folder, a file, a glob or `s3://bucket/prefix`).
    ///
    /// # Errors
    /// If there is none, or one cannot be understood or opened.
    pub async fn open<S: AsRef<str>>(names: &[S], options: &StoreOptions) -> Result<Self> {
        let mut locations = vec![];
        for name in names {
            for location in Location::parse(name.as_ref())? {
                let store = store::open(&location, options).await?;
                locations.push((location, store));
            }
        }
        if locations.is_empty() {
            return Err(Kind::NoSource.into());
        }
        Ok(Self { locations, options: options.clone(), is_part: false })
    }

    /// The store of another place, reached as the sources are.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub(crate) async fn store_of(&self, location: &Location) -> Result<Store> {
        store::open(location, &self.options).await
    }

    /// The places that are read.
    pub fn locations(&self) -> impl Iterator<Item = &Location> {
        self.locations.iter().map(|(location, _)| location)
    }

    /// Lists the objects that can hold records of `scope`.
    ///
    /// # Errors
    /// If nothing at all could be listed, or there is nothing. A part that could not be listed is
    /// one of the listing's failures.
    pub async fn list(&self, scope: &Scope) -> Result<Listing> {
        self.list_folders(scope, None).await
    }

    /// As [`list`](Self::list), without the folders that `wanted` denies.
    ///
    /// # Errors
    /// As [`list`](Self::list); but a part of what was opened may hold nothing.
    pub(crate) async fn list_folders(&self, scope: &Scope, wanted: Option<&FolderFilter>) -> Result<Listing> {
        let mut listing = Listing::default();
        for (location, store) in &self.locations {
            listing.absorb(list::list(location, store, scope, Purpose::Reading, wanted).await);
        }
        self.listed(listing)
    }

    /// Lists the log files of `scope`, empty ones too, and the digest files that can vouch for them,
    /// which lie beside a source if it is a folder of log files.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub(crate) async fn list_with_digests(&self, scope: &Scope) -> Result<Listing> {
        let mut listing = Listing::default();
        for (location, store) in &self.locations {
            for location in std::iter::once(location.clone()).chain(location.digests()) {
                listing.absorb(list::list(&location, store, scope, Purpose::Validation, None).await);
            }
        }
        self.listed(listing)
    }

    /// What requests to AWS are signed with, for other services than S3; `None` if they are to be
    /// unsigned.
    ///
    /// # Errors
    /// If the environment cannot be read. That there are no credentials is told when they are asked
    /// for.
    pub(crate) async fn credentials(&self) -> Result<Option<AwsCredentialProvider>> {
        store::credentials(&self.options).await
    }

    fn listed(&self, mut listing: Listing) -> Result<Listing> {
        listing.deduplicate();
        let nothing = listing.objects().next().is_none() && listing.pruned.is_empty();
        if nothing && !(self.is_part && listing.failures.is_empty()) {
            return Err(self.nothing(&listing));
        }
        Ok(listing)
    }

    fn nothing(&self, listing: &Listing) -> Error {
        if let Some(failure) = listing.failures.first() {
            let Failure { name, cause } = failure.clone();
            return Kind::Listing { location: name, cause }.into();
        }
        let names: Vec<_> = self.locations.iter().map(|(location, _)| location.to_string()).collect();
        Kind::EmptySource(names.join(", ")).into()
    }
}
