//! What an answer rests on: which objects were read, left out or failed, and what became of every
//! record.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde::Serialize;

use crate::custody::Custody;
use crate::decode::tally::{Malformed, ObjectTally};
use crate::key::PruneReason;
use crate::source::{Failure, Listing, LogObject, Pruned};
use crate::validation::DigestReport;

/// The account of one answer.
///
/// `objects.listed` = pruned + read + failed + unread, and `records.seen` = kept + rejected +
/// malformed; [`is_consistent`](Self::is_consistent) says so.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Coverage {
    /// True if everything that had to be read was read to its end.
    pub complete: bool,
    /// Objects, by what became of them.
    pub objects: ObjectCounts,
    /// Objects and folders left out, by reason.
    pub pruned: BTreeMap<PruneReason, Pruned>,
    /// Records, by what became of them.
    pub records: RecordCounts,
    /// Bytes.
    pub bytes: ByteCounts,
    /// Records that were parsed and have no event time that can be read: no window holds them.
    pub records_without_time: u64,
    /// The objects they lie in.
    pub objects_without_time: Vec<String>,
    /// Objects that failed, with the cause. Records read before the fault count as seen.
    pub failed_objects: Vec<Failure>,
    /// Folders and prefixes that could not be listed.
    pub failed_listings: Vec<Failure>,
    /// Objects with records that could not be read.
    pub malformed_objects: Vec<MalformedObject>,
    /// List requests made.
    pub list_requests: u64,
    /// Milliseconds from the question to the end of its answer.
    pub elapsed_ms: u64,
    /// The same for the search for issued credentials, where sessions are followed: it reads
    /// further back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Box<Coverage>>,
    /// The same for each pass over the past, where findings are compared with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub past: Vec<Coverage>,
    /// What CloudTrail's digest files say about the objects, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digests: Option<Box<DigestReport>>,
}

/// Objects, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ObjectCounts {
    /// Found in the sources.
    pub listed: u64,
    /// Left out for a stated reason.
    pub pruned: u64,
    /// Read to the end.
    pub read: u64,
    /// Not readable, or not to the end.
    pub failed: u64,
    /// Not needed any more, because a limited answer was complete without them.
    pub unread: u64,
}

/// Records, by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordCounts {
    /// Found in the objects.
    pub seen: u64,
    /// Passed the scan's predicate.
    pub kept: u64,
    /// Did not.
    pub rejected: u64,
    /// Could not be read.
    pub malformed: u64,
    /// The same, by reason.
    pub malformed_by_reason: BTreeMap<Malformed, u64>,
}

/// Bytes of the objects that were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ByteCounts {
    /// As stored.
    pub stored: u64,
    /// Inflated.
    pub inflated: u64,
}

/// An object with records that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MalformedObject {
    /// The object.
    pub name: String,
    /// How many, by reason.
    pub malformed: BTreeMap<Malformed, u64>,
}

impl Coverage {
    /// Whether the counts add up.
    pub fn is_consistent(&self) -> bool {
        let objects = &self.objects;
        let records = &self.records;
        objects.listed == objects.pruned + objects.read + objects.failed + objects.unread
            && objects.failed == self.failed_objects.len() as u64
            && objects.pruned == self.pruned.values().map(|pruned| pruned.objects).sum::<u64>()
            && records.seen == records.kept + records.rejected + records.malformed
            && records.malformed == records.malformed_by_reason.values().sum::<u64>()
            && self.credentials.as_deref().is_none_or(Self::is_consistent)
            && self.past.iter().all(Self::is_consistent)
    }

    /// This coverage and that of another scan, together.
    fn and(mut self, other: Self) -> Self {
        self.complete &= other.complete;
        let (objects, more) = (&mut self.objects, other.objects);
        objects.listed += more.listed;
        objects.pruned += more.pruned;
        objects.read += more.read;
        objects.failed += more.failed;
        objects.unread += more.unread;
        for (reason, more) in other.pruned {
            let pruned = self.pruned.entry(reason).or_default();
            pruned.objects += more.objects;
            pruned.bytes += more.bytes;
            pruned.folders += more.folders;
        }
        self.records.seen += other.records.seen;
        self.records.kept += other.records.kept;
        self.records.rejected += other.records.rejected;
        self.records.malformed += other.records.malformed;
        for (reason, count) in other.records.malformed_by_reason {
            *self.records.malformed_by_reason.entry(reason).or_default() += count;
        }
        self.bytes.stored += other.bytes.stored;
        self.bytes.inflated += other.bytes.inflated;
        self.records_without_time += other.records_without_time;
        self.objects_without_time.extend(other.objects_without_time);
        self.failed_objects.extend(other.failed_objects);
        self.failed_listings.extend(other.failed_listings);
        self.malformed_objects.extend(other.malformed_objects);
        self.list_requests += other.list_requests;
        self
    }

    /// Adds that the answer was compared with a past.
    pub(crate) fn compare(&mut self, past: Self) {
        self.complete &= past.complete;
        self.elapsed_ms += past.elapsed_ms;
        self.past.push(past);
    }

    /// The same without the time it took, which is no property of what was read.
    pub fn timeless(self) -> Self {
        let credentials = self.credentials.map(|search| Box::new(search.timeless()));
        let past = self.past.into_iter().map(Self::timeless).collect();
        Self { elapsed_ms: 0, credentials, past, ..self }
    }

    /// This coverage, of an answer that rests on a search for credentials as well.
    pub(crate) fn after(self, search: Self) -> Self {
        Self {
            complete: self.complete && search.complete,
            elapsed_ms: self.elapsed_ms + search.elapsed_ms,
            credentials: Some(Box::new(search)),
            ..self
        }
    }
}

/// The coverage of every scan of one statement, which may scan several tables, or one of them more
/// than once.
#[derive(Debug)]
pub struct Scans {
    started: Instant,
    recorders: Mutex<Vec<Arc<Recorder>>>,
}

impl Scans {
    /// Of a statement that begins now.
    pub fn begin() -> Self {
        Self { started: Instant::now(), recorders: Mutex::default() }
    }

    /// When the statement began.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Adds a scan.
    pub fn add(&self, recorder: Arc<Recorder>) {
        self.recorders.lock().unwrap_or_else(PoisonError::into_inner).push(recorder);
    }

    fn recorders(&self) -> Vec<Arc<Recorder>> {
        self.recorders.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The coverage as it stands: the sum of all scans, so that an object counts for each scan that
    /// listed it.
    pub fn coverage(&self) -> Coverage {
        let scans = self.recorders().into_iter().map(|recorder| recorder.coverage());
        let start = Coverage { complete: true, ..Coverage::default() };
        let elapsed_ms = self.started.elapsed().as_millis() as u64;
        Coverage { elapsed_ms, ..scans.fold(start, Coverage::and) }
    }

    /// How far the work is.
    pub fn so_far(&self) -> Progress {
        let start = Progress { objects: (0, 0), bytes: (0, 0) };
        self.recorders().iter().map(|recorder| recorder.so_far()).fold(start, |all, one| Progress {
            objects: (all.objects.0 + one.objects.0, all.objects.1 + one.objects.1),
            bytes: (all.bytes.0 + one.bytes.0, all.bytes.1 + one.bytes.1),
        })
    }
}

/// Work done so far, for progress displays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Objects to read, and read.
    pub objects: (u64, u64),
    /// Their stored bytes to read, and read.
    pub bytes: (u64, u64),
}

/// Collects the coverage of one question while it is answered.
#[derive(Debug)]
pub struct Recorder {
    started: Instant,
    state: Mutex<Coverage>,
    total: (u64, u64),
    done: (AtomicU64, AtomicU64),
    custody: Option<Arc<Custody>>,
}

impl Recorder {
    /// Starts with what was listed.
    pub fn new(listing: &Listing, started: Instant) -> Self {
        let to_read = listing.objects().count() as u64;
        let bytes = listing.objects().map(|object| object.meta.size).sum();
        let pruned: u64 = listing.pruned.values().map(|pruned| pruned.objects).sum();
        let state = Coverage {
            objects: ObjectCounts { listed: to_read + pruned, pruned, ..ObjectCounts::default() },
            pruned: listing.pruned.clone(),
            failed_listings: listing.failures.clone(),
            list_requests: listing.requests,
            ..Coverage::default()
        };
        let total = (to_read, bytes);
        Self { started, state: Mutex::new(state), total, done: Default::default(), custody: None }
    }

    /// Also takes down every object that is opened.
    pub fn with_custody(self, custody: Option<Arc<Custody>>) -> Self {
        Self { custody, ..self }
    }

    /// Whether the hashes of this object are wanted.
    pub fn wants_hashes(&self, object: &LogObject) -> bool {
        self.custody.as_ref().is_some_and(|custody| !custody.knows(object))
    }

    fn state(&self) -> MutexGuard<'_, Coverage> {
        // A panic elsewhere leaves the counts of whole objects, which are still true.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An object left out after listing.
    pub fn pruned(&self, reason: PruneReason, object: &LogObject) {
        self.progress(object.meta.size);
        self.prune(reason, object.meta.size);
    }

    fn prune(&self, reason: PruneReason, bytes: u64) {
        let mut state = self.state();
        state.objects.pruned += 1;
        let pruned = state.pruned.entry(reason).or_default();
        pruned.objects += 1;
        pruned.bytes += bytes;
    }

    /// Rows that the scan's predicate was applied to: how many passed, how many did not.
    pub fn filtered(&self, kept: u64, rejected: u64) {
        let mut state = self.state();
        state.records.kept += kept;
        state.records.rejected += rejected;
    }

    /// An object whose fate is known.
    pub fn finished(&self, object: &LogObject, tally: &ObjectTally) {
        let (name, size) = (&object.name, object.meta.size);
        self.progress(size);
        if let Some(custody) = &self.custody {
            custody.finished(object, tally);
        }
        if tally.digest && tally.records == 0 {
            return self.prune(PruneReason::Digest, size);
        }
        let mut state = self.state();
        let state = &mut *state;
        match &tally.error {
            None => state.objects.read += 1,
            Some(error) => {
                state.objects.failed += 1;
                state.failed_objects.push(Failure { name: name.clone(), cause: error.to_string() });
            }
        }
        let malformed = tally.malformed_total();
        state.records.seen += tally.records;
        state.records.malformed += malformed;
        // What was parsed is counted when the predicate is applied to it.
        state.records.rejected += tally.records - malformed - tally.parsed;
        for (reason, count) in &tally.malformed {
            *state.records.malformed_by_reason.entry(*reason).or_default() += count;
        }
        if malformed > 0 {
            let malformed = tally.malformed.clone();
            state.malformed_objects.push(MalformedObject { name: name.clone(), malformed });
        }
        state.records_without_time += tally.without_time;
        if tally.without_time > 0 {
            state.objects_without_time.push(name.clone());
        }
        state.bytes.stored += tally.stored_bytes;
        state.bytes.inflated += tally.inflated_bytes;
    }

    fn progress(&self, bytes: u64) {
        self.done.0.fetch_add(1, Relaxed);
        self.done.1.fetch_add(bytes, Relaxed);
    }

    /// How far the work is.
    pub fn so_far(&self) -> Progress {
        Progress {
            objects: (self.total.0, self.done.0.load(Relaxed)),
            bytes: (self.total.1, self.done.1.load(Relaxed)),
        }
    }

    /// The coverage as it stands; final once the answer's last batch was taken.
    pub fn coverage(&self) -> Coverage {
        let mut coverage = self.state().clone();
        let objects = &mut coverage.objects;
        objects.unread = objects.listed - objects.pruned - objects.read - objects.failed;
        coverage.complete = coverage.failed_objects.is_empty()
            && coverage.failed_listings.is_empty()
            && coverage.records.malformed == 0;
        coverage.objects_without_time.sort_unstable();
        coverage.failed_objects.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        coverage.malformed_objects.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        coverage.elapsed_ms = self.started.elapsed().as_millis() as u64;
        coverage
    }
}
