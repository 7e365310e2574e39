//! Opens objects for DataFusion's file stream, fetching and decoding ahead of it.
//!
//! A file stream opens one object after another. So that neither the wire nor a core ever waits
//! for it, each partition keeps a queue over its objects: many being fetched, within a budget of
//! bytes, and one being decoded ahead of the one that is read.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::common::runtime::SpawnedTask;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpenFuture, FileOpener};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::ObjectName;
use crate::coverage::Recorder;
use crate::decode::tally::{ObjectError, ObjectTally};
use crate::decode::{Body, Decoder, Scratch};
use crate::source::fetch::{STREAM_ABOVE, fetch};

/// Objects being fetched at a time, over all partitions.
const FETCHES_AHEAD: usize = 64;
/// Stored bytes held for objects that wait to be decoded, over all partitions.
const BYTES_AHEAD: u64 = 64 << 20;
/// Objects being decoded in a partition: the one read and the next.
const DECODES: usize = 2;
/// Batches that wait to be read before an object's decoder pauses.
const BATCHES_AHEAD: usize = 2;

/// What a scan does to every object.
pub(super) struct Scan {
    /// Builds the columns that the predicate and the outputs touch.
    pub decoder: Decoder,
    /// On the built columns.
    pub predicate: Option<Arc<dyn PhysicalExpr>>,
    /// On the built columns.
    pub outputs: Vec<Arc<dyn PhysicalExpr>>,
    pub output_schema: SchemaRef,
    pub recorder: Arc<Recorder>,
    pub scratch: Mutex<Vec<Scratch>>,
}

enum Message {
    Batch(Result<RecordBatch>),
    /// The object is done: its tally, and how many rows passed the predicate.
    Done(ObjectTally, u64),
}

/// An object on its way: its batches arrive on a channel.
struct Started {
    name: String,
    meta: ObjectMeta,
    messages: mpsc::Receiver<Message>,
    _worker: SpawnedTask<()>,
}

struct Fetched {
    file: PartitionedFile,
    body: Result<Body, ObjectError>,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Opens one partition's objects.
pub(super) struct CloudTrailOpener {
    scan: Arc<Scan>,
    store: Arc<dyn ObjectStore>,
    queue: Arc<tokio::sync::Mutex<Queue>>,
}

struct Queue {
    started: BoxStream<'static, Started>,
    /// Taken off the queue, but not what was asked for.
    next: Option<Started>,
}

impl CloudTrailOpener {
    /// An opener of `files`, one of `partitions` that share the machine.
    pub fn new(scan: Scan, store: Arc<dyn ObjectStore>, files: Vec<PartitionedFile>, partitions: usize) -> Self {
        let scan = Arc::new(scan);
        let fetches = (FETCHES_AHEAD / partitions).max(1);
        let budget = (BYTES_AHEAD / partitions as u64).max(STREAM_ABOVE) as u32;
        let bytes = Arc::new(Semaphore::new(budget as usize));
        let fetched = {
            let store = Arc::clone(&store);
            stream::iter(files)
                .map(move |file| {
                    let (store, bytes) = (Arc::clone(&store), Arc::clone(&bytes));
                    SpawnedTask::spawn(fetch_within(store, file, bytes, budget))
                })
                .buffered(fetches)
        };
        let started = {
            let scan = Arc::clone(&scan);
            fetched
                .filter_map(async |fetched| fetched.ok())
                .map(move |fetched| std::future::ready(Scan::start(&scan, fetched)))
                .buffered(DECODES)
                .boxed()
        };
        let queue = Arc::new(tokio::sync::Mutex::new(Queue { started, next: None }));
        Self { scan, store, queue }
    }
}

impl FileOpener for CloudTrailOpener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        // Planners that cut files into byte ranges regardless get all of it in the first.
        if file.range.as_ref().is_some_and(|range| range.start > 0) {
            return Ok(Box::pin(async { Ok(stream::empty().boxed()) }));
        }
        let (scan, store) = (Arc::clone(&self.scan), Arc::clone(&self.store));
        let queue = Arc::clone(&self.queue);
        Ok(Box::pin(async move {
            let started = match queue.lock().await.take(&file.object_meta.location).await {
                Some(started) => started,
                None => {
                    let body = fetch(&store, &file.object_meta).await;
                    Scan::start(&scan, Fetched { file, body, _permit: None })
                }
            };
            Ok(read(started, Arc::clone(&scan.recorder)))
        }))
    }
}

impl Queue {
    /// The object at `location` if it is the next one. It is, unless objects were dealt anew
    /// after the queue was made.
    async fn take(&mut self, location: &Path) -> Option<Started> {
        if self.next.is_none() {
            self.next = self.started.next().await;
        }
        self.next.take_if(|next| next.meta.location == *location)
    }
}

/// Fetches `file` once the bytes on their way leave room for it.
async fn fetch_within(
    store: Arc<dyn ObjectStore>,
    file: PartitionedFile,
    bytes: Arc<Semaphore>,
    budget: u32,
) -> Fetched {
    // A large object arrives as a stream and holds no more than a few pieces.
    let size = file.object_meta.size.min(STREAM_ABOVE);
    let permit = bytes.acquire_many_owned((size as u32).min(budget)).await.ok();
    let body = fetch(&store, &file.object_meta).await;
    Fetched { file, body, _permit: permit }
}

/// The batches of an object; its fate is recorded after the last of them.
fn read(started: Started, recorder: Arc<Recorder>) -> BoxStream<'static, Result<RecordBatch>> {
    let batches = stream::unfold(Some((started, recorder)), async |state| {
        let (mut started, recorder) = state?;
        let (tally, kept) = match started.messages.recv().await {
            Some(Message::Batch(batch)) => return Some((Some(batch), Some((started, recorder)))),
            Some(Message::Done(tally, kept)) => (tally, kept),
            None => (ObjectTally::failed(ObjectError::Internal("the decoder stopped".into())), 0),
        };
        recorder.finished(&started.name, started.meta.size, &tally, kept);
        Some((None, None))
    });
    batches.filter_map(std::future::ready).boxed()
}

impl Scan {
    /// Begins to decode what was fetched, on a thread that may block.
    fn start(self: &Arc<Self>, fetched: Fetched) -> Started {
        let meta = fetched.file.object_meta.clone();
        let name = fetched
            .file
            .extensions
            .get::<ObjectName>()
            .map_or_else(|| meta.location.to_string(), |name| name.0.clone());
        let (sender, messages) = mpsc::channel(BATCHES_AHEAD);
        let (scan, object) = (Arc::clone(self), name.clone());
        let worker = SpawnedTask::spawn_blocking(move || scan.work(&object, fetched, &sender));
        Started { name, meta, messages, _worker: worker }
    }

    fn work(&self, name: &str, fetched: Fetched, sender: &mpsc::Sender<Message>) {
        let mut kept = 0;
        let tally = match fetched.body {
            Err(error) => ObjectTally::failed(error),
            Ok(body) => {
                let mut scratch = self.scratch().pop().unwrap_or_default();
                let tally = self.decoder.decode(name, body, &mut scratch, &mut |batch| {
                    let batch = self.filter_and_project(&batch);
                    kept += batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
                    let empty = batch.as_ref().is_ok_and(|batch| batch.num_rows() == 0);
                    if empty || sender.blocking_send(Message::Batch(batch)).is_ok() {
                        ControlFlow::Continue(())
                    } else {
                        ControlFlow::Break(())
                    }
                });
                self.scratch().push(scratch);
                tally
            }
        };
        // Nobody listens any more where a limit was reached: then there is nothing to record.
        let _ = sender.blocking_send(Message::Done(tally, kept));
    }

    fn scratch(&self) -> std::sync::MutexGuard<'_, Vec<Scratch>> {
        self.scratch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn filter_and_project(&self, built: &RecordBatch) -> Result<RecordBatch> {
        let filtered = match &self.predicate {
            None => built.clone(),
            Some(predicate) => {
                let passes = predicate.evaluate(built)?.into_array(built.num_rows())?;
                filter_record_batch(built, passes.as_boolean())?
            }
        };
        let rows = filtered.num_rows();
        let columns = self
            .outputs
            .iter()
            .map(|output| output.evaluate(&filtered)?.into_array(rows))
            .collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.output_schema), columns, &options)?)
    }
}
