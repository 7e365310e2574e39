//! Fetches an object's stored bytes.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::{Attributes, ObjectMeta, ObjectStore, ObjectStoreExt};
use tokio::sync::mpsc;
use url::Url;

use crate::decode::Body;
use crate::decode::tally::ObjectError;

/// Larger objects arrive as a stream while they are decoded, smaller ones in one piece.
pub const STREAM_ABOVE: u64 = 8 << 20;
/// Pieces of a stream that wait for the decoder.
const PIECES_AHEAD: usize = 8;
/// Times a body that breaks off is fetched anew, after the store's own retries.
const BODY_RETRIES: u32 = 2;
const BODY_BACKOFF: Duration = Duration::from_millis(200);

/// Where objects are fetched from.
#[derive(Debug, Clone)]
pub enum Fetcher {
    /// Files of this machine: opened where they are decoded, with no thread in between.
    Local(Arc<LocalFileSystem>),
    /// A store across a network.
    Remote(Arc<dyn ObjectStore>),
}

/// An object as its store gave it.
pub struct Fetched {
    /// Its stored bytes.
    pub body: Body,
    /// What the store says of it with its bytes, which is more than a listing does.
    pub meta: ObjectMeta,
    /// Its metadata; a file of this machine has none.
    pub attributes: Attributes,
}

impl Fetcher {
    /// Fetches from `store`, which `url` stands for.
    pub fn new(url: &Url, store: Arc<dyn ObjectStore>) -> Self {
        match url.scheme() {
            "file" => Self::Local(Arc::new(LocalFileSystem::new())),
            _ => Self::Remote(store),
        }
    }

    /// Fetches the object `meta` names.
    ///
    /// # Errors
    /// [`ObjectError`] once retries are used up.
    pub async fn fetch(&self, meta: &ObjectMeta) -> Result<Fetched, ObjectError> {
        match self {
            Self::Local(files) => {
                let path = files.path_to_filesystem(&meta.location).map_err(|error| object_error(&error))?;
                Ok(Fetched { body: Body::Path(path), meta: meta.clone(), attributes: Attributes::new() })
            }
            Self::Remote(store) => fetch_remote(store, meta).await,
        }
    }
}

async fn fetch_remote(store: &Arc<dyn ObjectStore>, meta: &ObjectMeta) -> Result<Fetched, ObjectError> {
    let mut attempt = 0;
    loop {
        match fetch_once(store, meta).await {
            Err(object_store::Error::Generic { .. }) if attempt < BODY_RETRIES => {
                tokio::time::sleep(BODY_BACKOFF * 2u32.pow(attempt)).await;
                attempt += 1;
            }
            result => return result.map_err(|error| object_error(&error)),
        }
    }
}

async fn fetch_once(store: &Arc<dyn ObjectStore>, meta: &ObjectMeta) -> object_store::Result<Fetched> {
    let result = store.get(&meta.location).await?;
    let (meta, attributes) = (result.meta.clone(), result.attributes.clone());
    let body = if meta.size > STREAM_ABOVE {
        Body::Read(Box::new(StreamReader::new(result.into_stream())))
    } else {
        Body::Bytes(result.bytes().await?)
    };
    Ok(Fetched { body, meta, attributes })
}

fn object_error(error: &object_store::Error) -> ObjectError {
    use object_store::Error::{NotFound, PermissionDenied, Unauthenticated};
    match error {
        NotFound { .. } => ObjectError::NotFound,
        PermissionDenied { .. } | Unauthenticated { .. } => ObjectError::Denied(cause_of(error)),
        _ => ObjectError::Fetch(cause_of(error)),
    }
}

/// The innermost cause in words, on one line: stores wrap it in several layers that repeat it.
pub(crate) fn cause_of(error: &object_store::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    let denied = matches!(
        error,
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. }
    );
    let text = if denied && !text.contains("403") { format!("access denied (403): {text}") } else { text };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A blocking reader of an asynchronous stream, which a task of its own drains into a short
/// queue. Dropping the reader ends the task.
struct StreamReader {
    pieces: mpsc::Receiver<object_store::Result<Bytes>>,
    current: Bytes,
}

impl StreamReader {
    fn new(mut stream: BoxStream<'static, object_store::Result<Bytes>>) -> Self {
        let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
        tokio::spawn(async move {
            while let Some(piece) = stream.next().await {
                let failed = piece.is_err();
                if sender.send(piece).await.is_err() || failed {
                    break;
                }
            }
        });
        Self { pieces, current: Bytes::new() }
    }
}

impl Read for StreamReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.pieces.blocking_recv() {
                None => return Ok(0),
                Some(Ok(piece)) => self.current = piece,
                Some(Err(error)) => return Err(io::Error::other(cause_of(&error))),
            }
        }
        let length = buffer.len().min(self.current.len());
        self.current.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
