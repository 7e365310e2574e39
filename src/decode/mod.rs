//! From an object's stored bytes to Arrow batches: gunzip, split, prefilter, parse, build.
//!
//! Pure: no I/O of its own beyond the reader it is given, no runtime, no DataFusion. [`oracle`] is
//! the slow and obvious twin that tests and benches hold it against.

pub mod columns;
mod container;
pub(crate) mod content;
pub mod inflate;
pub(crate) mod json;
mod masks;
pub mod members;
pub mod oracle;
pub mod prefilter;
pub mod record;
pub mod split;
pub mod tally;
pub mod time;

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;

use container::Document;
use inflate::{GZIP_MAGIC, Inflater, NotWhole};
use members::MemberIndex;
use prefilter::{Prefilter, Search, Verdict};
use record::{Projection, RecordBuilder};
use split::{Piece, Splitter};
use tally::{Malformed, ObjectError, ObjectTally};

use crate::hash::{Hasher, Sha256};

/// Bounds on what one object may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Objects that inflate to at most this many bytes are inflated in one go; larger ones stream.
    pub whole: usize,
    /// The longest record, in bytes. CloudTrail's own are at most 256 kB.
    pub record: usize,
    /// The most content an object may have, in bytes: a bomb's end.
    pub inflated: u64,
    /// Rows of a batch, at most.
    pub batch_rows: usize,
    /// Bytes of JSON behind a batch, about.
    pub batch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { whole: 16 << 20, record: 16 << 20, inflated: 4 << 30, batch_rows: 8192, batch_bytes: 8 << 20 }
    }
}

/// Bytes read from a stream before they are split.
const CHUNK: u64 = 256 << 10;

/// An object's stored bytes.
pub enum Body {
    /// In memory.
    Bytes(Bytes),
    /// A file of this machine.
    Path(PathBuf),
    /// Arriving.
    Read(Box<dyn Read + Send>),
}

/// What is known of an object before it is read.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    /// The name people know it by.
    pub name: &'a str,
    /// Its stored size in bytes.
    pub size: u64,
    /// When it was last written, in milliseconds since 1970.
    pub modified: i64,
    /// Whether its hashes are wanted.
    pub hashed: bool,
}

/// Receives batches; [`ControlFlow::Break`] ends the decoding.
pub type Emit<'a> = dyn FnMut(RecordBatch) -> ControlFlow<()> + 'a;

/// What outlives an object: buffers, and the rows that wait until they make a batch. A batch holds
/// rows of many objects, for most objects have only a few that are wanted.
pub struct Scratch {
    inflater: Inflater,
    stored: Vec<u8>,
    content: Vec<u8>,
    builder: RecordBuilder,
}

/// Decodes objects for one question: what to search for and which columns to build.
#[derive(Debug, Clone)]
pub struct Decoder {
    /// Columns of the batches.
    pub projection: Projection,
    /// What every wanted record must contain.
    pub prefilter: Arc<Prefilter>,
    /// What an object may cost.
    pub limits: Limits,
}

impl Scratch {
    /// Hands over the rows that still wait, after the last object.
    pub fn flush(&mut self, emit: &mut Emit<'_>) -> ControlFlow<()> {
        if self.builder.rows() == 0 { ControlFlow::Continue(()) } else { emit(self.builder.finish()) }
    }
}

impl Decoder {
    /// What this decoder needs to decode; good for one object after another.
    pub fn scratch(&self) -> Scratch {
        Scratch {
            inflater: Inflater::new(),
            stored: vec![],
            content: vec![],
            builder: RecordBuilder::new(&self.projection),
        }
    }

    /// Looks for members at once if every record is going to be parsed.
    fn splitter(&self) -> Splitter {
        let splitter = Splitter::new(self.limits.record);
        if self.prefilter.is_empty() { splitter.with_members() } else { splitter }
    }

    /// Decodes one object, handing every batch that fills up to `emit`. Rows short of a
    /// batch stay in `scratch`, for the next object or [`Scratch::flush`].
    pub fn decode(
        &self,
        object: Object<'_>,
        body: Body,
        scratch: &mut Scratch,
        emit: &mut Emit<'_>,
    ) -> ObjectTally {
        let Scratch { inflater, stored, content, builder } = scratch;
        let mut pass =
            Pass { decoder: self, object, builder, tally: ObjectTally::default(), stopped: false, emit };
        let result = match body {
            Body::Bytes(bytes) => pass.in_memory(&bytes, inflater, content),
            Body::Path(path) => pass.file(&path, inflater, stored, content),
            Body::Read(reader) => pass.stream(BufReader::with_capacity(64 << 10, reader)),
        };
        pass.tally.error = result.err();
        pass.finish()
    }
}

/// One object's way through the decoder.
struct Pass<'d, 'e> {
    decoder: &'d Decoder,
    object: Object<'d>,
    builder: &'d mut RecordBuilder,
    tally: ObjectTally,
    stopped: bool,
    emit: &'d mut Emit<'e>,
}

impl Pass<'_, '_> {
    fn file(
        &mut self,
        path: &Path,
        inflater: &mut Inflater,
        stored: &mut Vec<u8>,
        content: &mut Vec<u8>,
    ) -> Result<(), ObjectError> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > self.decoder.limits.whole as u64 {
            return self.stream(BufReader::with_capacity(64 << 10, file));
        }
        stored.clear();
        file.read_to_end(stored)?;
        self.in_memory(stored, inflater, content)
    }

    fn in_memory(
        &mut self,
        stored: &[u8],
        inflater: &mut Inflater,
        content: &mut Vec<u8>,
    ) -> Result<(), ObjectError> {
        self.tally.hashes.stored = self.object.hashed.then(|| Sha256::of(stored));
        if !stored.starts_with(&GZIP_MAGIC) {
            self.tally.stored_bytes = stored.len() as u64;
            return self.whole(stored);
        }
        match inflater.inflate(stored, content, self.decoder.limits.whole) {
            Ok(length) => {
                self.tally.stored_bytes = stored.len() as u64;
                self.whole(&content[..length])
            }
            // The stream reads as far as it can, and says what is wrong.
            Err(NotWhole::TooLarge | NotWhole::Invalid) => self.stream(Cursor::new(stored)),
        }
    }

    /// Takes content that is all there.
    fn whole(&mut self, content: &[u8]) -> Result<(), ObjectError> {
        self.tally.inflated_bytes = content.len() as u64;
        self.tally.hashes.content = self.object.hashed.then(|| Sha256::of(content));
        let mut search = self.decoder.prefilter.search(content, 0);
        let mut splitter = self.decoder.splitter();
        splitter.scan(content, true, |piece| self.piece(piece, &mut search));
        if splitter.is_unfinished() && !self.stopped {
            return Err(ObjectError::Unfinished);
        }
        Ok(())
    }

    /// Takes stored bytes as they arrive, gzipped or not.
    fn stream(&mut self, stored: impl BufRead) -> Result<(), ObjectError> {
        let hasher = self.object.hashed.then(Hasher::default);
        let mut stored = CountingReader { inner: stored, count: 0, hasher };
        let result = match stored.fill_buf() {
            Err(cause) => Err(cause.into()),
            Ok(start) if is_gzip_start(start) => self.content(&mut MultiGzDecoder::new(&mut stored)),
            Ok(_) => self.content(&mut stored),
        };
        // What stands behind damage, or behind the last record that is wanted, is hashed too.
        let is_read = stored.hasher.is_none() || io::copy(&mut stored, &mut io::sink()).is_ok();
        // A stream that broke off has an end, too.
        let is_whole = is_read && stored.count == self.object.size;
        self.tally.stored_bytes = stored.count;
        self.tally.hashes.stored = stored.hasher.take().filter(|_| is_whole).map(Hasher::finish);
        result
    }

    fn content(&mut self, content: &mut dyn Read) -> Result<(), ObjectError> {
        let decoder = self.decoder;
        let limits = &decoder.limits;
        let mut splitter = decoder.splitter();
        let mut hasher = self.object.hashed.then(Hasher::default);
        let mut buffer = Vec::with_capacity(2 * CHUNK as usize);
        // Offset of the buffer's first byte.
        let mut origin = 0;
        loop {
            let before = buffer.len();
            let result = (&mut *content).take(CHUNK).read_to_end(&mut buffer);
            // What was read before a fault is in the buffer too.
            let read = buffer.len() - before;
            let mut error = result.err().map(ObjectError::from);
            self.tally.inflated_bytes += read as u64;
            if let Some(hasher) = &mut hasher {
                hasher.update(&buffer[before..]);
            }
            if self.tally.inflated_bytes > limits.inflated {
                error = Some(ObjectError::TooLarge(limits.inflated));
            }
            let last = read == 0 || error.is_some();
            let mut search = decoder.prefilter.search(&buffer, origin);
            let released = splitter.scan(&buffer, last, |piece| self.piece(piece, &mut search));
            if last && error.is_none() {
                self.tally.hashes.content = hasher.take().map(Hasher::finish);
            }
            match error {
                Some(error) => return Err(error),
                None if self.stopped => return Ok(()),
                None if last && splitter.is_unfinished() => return Err(ObjectError::Unfinished),
                None if last => return Ok(()),
                None => drop(buffer.drain(..released)),
            }
            origin += released as u64;
        }
    }

    fn piece(&mut self, piece: Piece<'_>, search: &mut Search<'_>) {
        if self.stopped {
            return;
        }
        match piece {
            Piece::Record { bytes, offset, members } => {
                if search.judge(bytes, offset) == Verdict::Candidate {
                    let text = utf8(bytes);
                    // Where bytes were replaced, members are no longer where they were found.
                    let members = members.filter(|_| matches!(text, Cow::Borrowed(_)));
                    self.record(&text, members, offset);
                } else {
                    self.tally.records += 1;
                }
            }
            Piece::LookupEvent { bytes, offset } => {
                if search.judge(bytes, offset) == Verdict::Candidate {
                    self.wrapped(container::unwrap_lookup_event(&utf8(bytes)), offset);
                } else {
                    self.tally.records += 1;
                }
            }
            Piece::Document { bytes, offset } => {
                self.document(bytes, offset, search.judge(bytes, offset) == Verdict::Candidate)
            }
            Piece::Stray { .. } => self.tally.malformed(Malformed::NotAnObject),
            Piece::Oversized { .. } => self.tally.malformed(Malformed::TooLong),
            Piece::TooDeep { .. } => self.tally.malformed(Malformed::TooDeep),
        }
    }

    /// The first document of an object is always looked at, so that a folder of something else is
    /// not taken for one of rejected records.
    fn document(&mut self, bytes: &[u8], offset: u64, candidate: bool) {
        if !candidate && self.tally.records > 0 {
            self.tally.records += 1;
            return;
        }
        match container::classify(&utf8(bytes)) {
            Ok(Document::Digest) => self.tally.digest = true,
            Ok(Document::Record(_)) if !candidate => self.tally.records += 1,
            Ok(Document::Record(record)) => self.record(&record, None, offset),
            Err(reason) => self.tally.malformed(reason),
        }
    }

    fn wrapped(&mut self, record: Result<Cow<'_, str>, Malformed>, offset: u64) {
        match record {
            Ok(record) => self.record(&record, None, offset),
            Err(reason) => self.tally.malformed(reason),
        }
    }

    fn record(&mut self, record: &str, members: Option<&MemberIndex>, offset: u64) {
        let index = self.tally.records;
        let mut appended = self.builder.append(record, members, self.object, offset, index);
        // Exports also put what wraps a record into lists.
        if appended == Err(Malformed::NotARecord)
            && let Ok(Document::Record(inner)) = container::classify(record)
        {
            appended = self.builder.append(&inner, None, self.object, offset, index);
        }
        match appended {
            Ok(has_time) => {
                self.tally.records += 1;
                self.tally.parsed += 1;
                self.tally.without_time += u64::from(!has_time);
            }
            Err(reason) => self.tally.malformed(reason),
        }
        let limits = &self.decoder.limits;
        if self.builder.rows() >= limits.batch_rows || self.builder.bytes() >= limits.batch_bytes {
            self.stopped = (self.emit)(self.builder.finish()).is_break();
        }
    }

    fn finish(mut self) -> ObjectTally {
        let tally = &mut self.tally;
        let strange = tally.malformed.get(&Malformed::NotAnObject).copied().unwrap_or_default()
            + tally.malformed.get(&Malformed::NotARecord).copied().unwrap_or_default();
        if tally.error.is_none() && strange > 0 && strange == tally.records {
            *tally = ObjectTally {
                stored_bytes: tally.stored_bytes,
                inflated_bytes: tally.inflated_bytes,
                ..ObjectTally::failed(ObjectError::NotCloudTrail)
            };
        }
        self.tally
    }
}

/// A gzip member's magic; a lone first byte is left to the gzip reader to complain about.
fn is_gzip_start(start: &[u8]) -> bool {
    start.first() == Some(&GZIP_MAGIC[0]) && start.get(1).is_none_or(|byte| *byte == GZIP_MAGIC[1])
}

/// A record's text. Bytes that are no UTF-8 become U+FFFD: an odd byte must not hide a record.
fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// Counts the stored bytes that were consumed, and hashes them where that is wanted.
struct CountingReader<R> {
    inner: R,
    count: u64,
    hasher: Option<Hasher>,
}

impl<R: BufRead> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&buffer[..read]);
        }
        Ok(read)
    }
}

impl<R: BufRead> BufRead for CountingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.count += amount as u64;
        // What is consumed lies in the buffer, so that no read can fail here.
        if let (Some(hasher), Ok(buffer)) = (&mut self.hasher, self.inner.fill_buf()) {
            hasher.update(&buffer[..amount.min(buffer.len())]);
        }
        self.inner.consume(amount);
    }
}
