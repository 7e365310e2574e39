//! Chain of custody: which objects an answer was made from, so that a second person can check it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use object_store::ObjectMeta;
use serde::Serialize;

use crate::decode::tally::ObjectTally;
use crate::hash::Sha256;
use crate::source::LogObject;

/// The objects that were opened, by name; each once, whatever reads it again.
#[derive(Debug, Default)]
pub struct Custody {
    objects: Mutex<BTreeMap<String, SourceObject>>,
}

/// An object that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceObject {
    /// `s3://bucket/key`, or a path.
    pub name: String,
    /// What the store tells its content by, if it does.
    pub e_tag: Option<String>,
    /// Its version, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// Its size in bytes, as the store has it.
    pub bytes: u64,
    /// Of its stored bytes; `None` if they could not all be read.
    pub sha256: Option<Sha256>,
    /// Size of its content in bytes.
    pub content_bytes: u64,
    /// Of its content, inflated; this is what CloudTrail's digests have. `None` if it could not all
    /// be read.
    pub content_sha256: Option<Sha256>,
    /// Records in it, whatever became of them.
    pub records: u64,
    /// Of these, how many could not be read.
    pub malformed: u64,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of an object that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Read to its end.
    Read,
    /// A digest of CloudTrail, which holds no records.
    Digest,
    /// Not readable, or not to the end.
    Failed {
        /// Why.
        cause: String,
    },
    /// It was another object when it was read again.
    Changed,
}

impl Custody {
    /// Whether the hashes of this object are known already.
    pub(crate) fn knows(&self, object: &LogObject) -> bool {
        let objects = self.objects();
        let known = objects.get(&object.name).filter(|known| known.sha256.is_some());
        known.is_some_and(|known| is_same(known, &object.meta))
    }

    /// Takes down what became of an object.
    pub(crate) fn finished(&self, object: &LogObject, tally: &ObjectTally) {
        let read = SourceObject {
            name: object.name.clone(),
            e_tag: object.meta.e_tag.clone(),
            version_id: object.meta.version.clone(),
            bytes: object.meta.size,
            sha256: tally.hashes.stored,
            content_bytes: tally.inflated_bytes,
            content_sha256: tally.hashes.content,
            records: tally.records,
            malformed: tally.malformed_total(),
            outcome: match &tally.error {
                Some(error) => Outcome::Failed { cause: error.to_string() },
                None if tally.digest && tally.records == 0 => Outcome::Digest,
                None => Outcome::Read,
            },
        };
        let mut objects = self.objects();
        match objects.get_mut(&object.name) {
            None => drop(objects.insert(object.name.clone(), read)),
            Some(known) if !is_same(known, &object.meta) => known.outcome = Outcome::Changed,
            // A later pass may fail where an earlier one did not, and the other way round.
            Some(known) if known.outcome == Outcome::Read && read.outcome != Outcome::Read => {
                known.outcome = read.outcome;
            }
            Some(known) if known.sha256.is_none() && read.sha256.is_some() => *known = read,
            Some(_) => {}
        }
    }

    /// Every object that was opened, by name.
    pub fn objects_read(&self) -> Vec<SourceObject> {
        self.objects().values().cloned().collect()
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, SourceObject>> {
        // A panic elsewhere leaves whole entries.
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what is known of an object still holds for it.
fn is_same(known: &SourceObject, now: &ObjectMeta) -> bool {
    let same_tag = known.e_tag.is_none() || now.e_tag.is_none() || known.e_tag == now.e_tag;
    known.bytes == now.size && same_tag
}
