//! Reads a partition's objects: fetches many at a time, decodes them one after another on a
//! thread of its own, and hands on what passes the predicate.
//!
//! ```text
//! fetch ×N ──bounded by bytes──▶ decode, filter, project ──bounded queue──▶ DataFusion
//! ```

use std::ops::ControlFlow;
use std::sync::Arc;

use arrow::array::{AsArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::SchemaRef;
use datafusion::common::exec_datafusion_err;
use datafusion::common::runtime::SpawnedTask;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileOpenFuture, FileOpener};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::Bundle;
use crate::coverage::Recorder;
use crate::decode::tally::{ObjectError, ObjectTally};
use crate::decode::{Body, Decoder, Object};
use crate::source::LogObject;
use crate::source::fetch::{Fetched, Fetcher, STREAM_ABOVE};

/// Objects being fetched at a time, over all partitions.
const FETCHES_AHEAD: usize = 64;
/// Stored bytes held for objects that wait to be decoded, over all partitions.
const BYTES_AHEAD: u64 = 64 << 20;
/// Objects that wait for a partition's decoder, so that it seldom has to.
const BODIES_AHEAD: usize = 8;
/// Batches that wait to be read before a partition's decoder pauses.
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
}

/// An object's bytes, or why there are none; holds its share of [`BYTES_AHEAD`].
struct Arrived {
    /// As the store has it with the bytes, which tells more than its listing.
    object: LogObject,
    body: Result<Body, ObjectError>,
    _share: Option<OwnedSemaphorePermit>,
}

/// Opens bundles of objects.
pub(super) struct CloudTrailOpener {
    scan: Arc<Scan>,
    fetcher: Fetcher,
    /// Partitions that share the machine.
    partitions: usize,
}

impl CloudTrailOpener {
    /// An opener for one of `partitions` partitions of a scan.
    pub fn new(scan: Scan, fetcher: Fetcher, partitions: usize) -> Self {
        Self { scan: Arc::new(scan), fetcher, partitions }
    }

    /// Begins to fetch `objects`; they arrive in any order, every one of them.
    fn fetch(&self, objects: Arc<[LogObject]>) -> BoxStream<'static, Arrived> {
        let budget = (BYTES_AHEAD / self.partitions as u64).max(STREAM_ABOVE);
        let bytes = Arc::new(Semaphore::new(budget as usize));
        let fetcher = self.fetcher.clone();
        stream::iter(0..objects.len())
            .map(move |at| fetch_within(fetcher.clone(), objects[at].clone(), Arc::clone(&bytes)))
            .buffer_unordered((FETCHES_AHEAD / self.partitions).max(1))
            .boxed()
    }

    fn read(&self, objects: Arc<[LogObject]>) -> BoxStream<'static, Result<RecordBatch>> {
        let expected = objects.len();
        let mut arriving = self.fetch(objects);
        // Waking a task for each object costs a local scan a tenth of its time.
        let ahead = if let Fetcher::Local(_) = self.fetcher { expected.max(1) } else { BODIES_AHEAD };
        let (bodies, to_decode) = mpsc::channel(ahead);
        let fetching = SpawnedTask::spawn(async move {
            while let Some(fetched) = arriving.next().await {
                if bodies.send(fetched).await.is_err() {
                    break;
                }
            }
        });
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let scan = Arc::clone(&self.scan);
        let decoding = SpawnedTask::spawn_blocking(move || scan.decode_all(to_decode, &sender));
        let reading = Reading { batches, decoding, _fetching: fetching, expected };
        stream::unfold(Some(reading), async |reading| reading?.next().await).boxed()
    }
}

/// A bundle being read. Dropping it ends its tasks, and with them all that is on its way.
struct Reading {
    batches: mpsc::Receiver<Result<RecordBatch>>,
    decoding: SpawnedTask<usize>,
    _fetching: SpawnedTask<()>,
    expected: usize,
}

impl Reading {
    /// The next batch, and what is left to read. After the last one, makes sure that every object
    /// was decoded: none may be lost with a task that stopped.
    async fn next(mut self) -> Option<(Result<RecordBatch>, Option<Self>)> {
        if let Some(batch) = self.batches.recv().await {
            return Some((batch, Some(self)));
        }
        let expected = self.expected;
        match self.decoding.join().await {
            Ok(decoded) if decoded == expected => None,
            Ok(decoded) => {
                Some((Err(exec_datafusion_err!("only {decoded} of {expected} objects were decoded")), None))
            }
            Err(error) => Some((Err(exec_datafusion_err!("the decoder stopped: {error}")), None)),
        }
    }
}

impl FileOpener for CloudTrailOpener {
    fn open(&self, file: PartitionedFile) -> Result<FileOpenFuture> {
        // Planners that cut files into byte ranges regardless get all of it in the first.
        if file.range.as_ref().is_some_and(|range| range.start > 0) {
            return Ok(Box::pin(async { Ok(stream::empty().boxed()) }));
        }
        let objects = match file.extensions.get::<Bundle>() {
            Some(bundle) => Arc::clone(&bundle.0),
            None => {
                let name = file.object_meta.location.to_string();
                Arc::from([LogObject { name, meta: file.object_meta, named: true }])
            }
        };
        let batches = self.read(objects);
        Ok(Box::pin(async { Ok(batches) }))
    }
}

fn described(object: &LogObject, hashed: bool) -> Object<'_> {
    let modified = object.meta.last_modified.timestamp_millis();
    Object { name: &object.name, size: object.meta.size, modified, hashed }
}

/// Fetches `object` once the bytes on their way leave room for it.
async fn fetch_within(fetcher: Fetcher, object: LogObject, bytes: Arc<Semaphore>) -> Arrived {
    if let Fetcher::Local(_) = fetcher {
        let body = fetcher.fetch(&object.meta).await;
        return Arrived::new(object, body, None);
    }
    // A larger object arrives as a stream and holds no more than a few pieces.
    let size = object.meta.size.min(STREAM_ABOVE) as u32;
    let share = bytes.acquire_many_owned(size).await.ok();
    let meta = object.meta.clone();
    // A task of its own, so that answers are taken in while the decoder is busy.
    let body = SpawnedTask::spawn(async move { fetcher.fetch(&meta).await }).join().await;
    let body = body.unwrap_or_else(|error| Err(ObjectError::Internal(error.to_string())));
    Arrived::new(object, body, share)
}

impl Arrived {
    fn new(
        mut object: LogObject,
        fetched: Result<Fetched, ObjectError>,
        share: Option<OwnedSemaphorePermit>,
    ) -> Self {
        let body = fetched.map(|fetched| {
            object.meta = fetched.meta;
            fetched.body
        });
        Self { object, body, _share: share }
    }
}

impl Scan {
    /// Decodes what arrives until nothing does, or nobody reads the batches any more. Returns how
    /// many objects were decoded.
    fn decode_all(
        &self,
        mut bodies: mpsc::Receiver<Arrived>,
        sender: &mpsc::Sender<Result<RecordBatch>>,
    ) -> usize {
        let mut scratch = self.decoder.scratch();
        let mut emit = |batch| self.emit(&batch, sender);
        let mut decoded = 0;
        while let Some(Arrived { object, body, _share }) = bodies.blocking_recv() {
            let tally = match body {
                Ok(body) => {
                    let hashed = self.recorder.wants_hashes(&object);
                    self.decoder.decode(described(&object, hashed), body, &mut scratch, &mut emit)
                }
                Err(error) => ObjectTally::failed(error),
            };
            if sender.is_closed() {
                return decoded;
            }
            self.recorder.finished(&object, &tally);
            decoded += 1;
        }
        let _ = scratch.flush(&mut emit);
        decoded
    }

    fn emit(&self, built: &RecordBatch, sender: &mpsc::Sender<Result<RecordBatch>>) -> ControlFlow<()> {
        let batch = self.filter_and_project(built);
        if let Ok(batch) = &batch {
            let kept = batch.num_rows() as u64;
            self.recorder.filtered(kept, built.num_rows() as u64 - kept);
            if kept == 0 {
                return ControlFlow::Continue(());
            }
        }
        match sender.blocking_send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
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
