//! Reads digest files and hashes log files, a few at a time.

use futures::{Stream, StreamExt};
use object_store::{Attribute, Attributes};

use crate::decode::Body;
use crate::decode::content::read_content;
use crate::decode::tally::ObjectError;
use crate::digest::{Content, DigestFile};
use crate::hash::{Hasher, Sha256};
use crate::source::LogObject;
use crate::source::fetch::{Fetched, Fetcher};

/// Log files that are fetched and hashed at a time. Each holds at most what is fetched in one piece.
const LOGS_IN_FLIGHT: usize = 16;
/// Digests that are read at a time. Each is held whole.
const DIGESTS_IN_FLIGHT: usize = 8;
/// The most content that a digest may have; an hour of thousands of log files has a few MB.
const DIGEST_LIMIT: u64 = 32 << 20;

/// An object, and where it is fetched from.
pub type Fetchable = (Fetcher, LogObject);

/// Reads digest files, in any order. What is wrong with one is told in words.
pub fn digests(objects: Vec<Fetchable>) -> impl Stream<Item = (LogObject, Result<Content, String>)> {
    let objects = objects.into_iter().map(|object| (object, ())).collect();
    each(objects, DIGESTS_IN_FLIGHT, |body, attributes| digest(body, &attributes))
        .map(|(object, (), content)| (object, content.unwrap_or_else(|error| Err(error.to_string()))))
}

/// Hashes the content of objects, each of which carries something along, in any order.
pub fn hashes<T: Send + 'static>(
    objects: Vec<(Fetchable, T)>,
    limit: u64,
) -> impl Stream<Item = (LogObject, T, Result<Sha256, ObjectError>)> {
    each(objects, LOGS_IN_FLIGHT, move |body, _| {
        let mut hasher = Hasher::default();
        read_content(body, limit, &mut |piece| hasher.update(piece))?;
        Ok(hasher.finish())
    })
}

/// Fetches objects and does `work` with each on a thread that may wait.
fn each<T, R, W>(
    objects: Vec<(Fetchable, T)>,
    in_flight: usize,
    work: W,
) -> impl Stream<Item = (LogObject, T, Result<R, ObjectError>)>
where
    T: Send + 'static,
    R: Send + 'static,
    W: Fn(Body, Attributes) -> Result<R, ObjectError> + Clone + Send + 'static,
{
    let read = move |((fetcher, object), with): (Fetchable, T)| {
        let work = work.clone();
        async move {
            let read = match fetcher.fetch(&object.meta).await {
                Ok(Fetched { body, attributes, .. }) => {
                    tokio::task::spawn_blocking(move || work(body, attributes))
                        .await
                        .unwrap_or_else(|cause| Err(ObjectError::Internal(cause.to_string())))
                }
                Err(cause) => Err(cause),
            };
            (object, with, read)
        }
    };
    futures::stream::iter(objects).map(read).buffer_unordered(in_flight)
}

/// The digest that a body holds.
fn digest(body: Body, attributes: &Attributes) -> Result<Result<Content, String>, ObjectError> {
    let (mut content, mut hasher) = (vec![], Hasher::default());
    read_content(body, DIGEST_LIMIT, &mut |piece| {
        content.extend_from_slice(piece);
        hasher.update(piece);
    })?;
    let metadata = |name: &'static str| Some(attributes.get(&Attribute::Metadata(name.into()))?.to_string());
    Ok(DigestFile::parse(&content).map(|file| Content {
        file,
        hash: hasher.finish(),
        signature: metadata("signature"),
        generated: metadata("backfill-generation-timestamp").and_then(|time| time.parse().ok()),
    }))
}
