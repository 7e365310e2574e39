//! An S3 server in this process, which speaks the real protocol and fails as it is told to.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    CommonPrefix, ETag, GetBucketLocationInput, GetBucketLocationOutput, GetObjectInput, GetObjectOutput,
    HeadObjectInput, HeadObjectOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, Object, PutObjectInput, PutObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::service::S3ServiceBuilder;
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};

/// What goes wrong with requests for keys or prefixes that contain a text.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// 503 SlowDown, this many times.
    SlowDown(usize),
    /// The connection drops in the middle of the body, this many times.
    Drop(usize),
    /// 403.
    Denied,
    /// Listed, but 404 when it is fetched.
    Gone,
}

/// A bucket called `logs`.
#[derive(Default)]
pub struct Bucket {
    objects: BTreeMap<String, Bytes>,
    metadata: HashMap<String, HashMap<String, String>>,
    /// What was put, in order, with the SHA-256 that was sent along; it is not read again.
    pub written: Mutex<Vec<Written>>,
    faults: Mutex<Vec<(String, Fault)>>,
    delay: Duration,
    pub lists: AtomicUsize,
    pub gets: AtomicUsize,
    in_flight: AtomicUsize,
    pub most_in_flight: AtomicUsize,
}

impl Bucket {
    pub fn put(&mut self, key: impl Into<String>, bytes: impl Into<Bytes>) {
        self.objects.insert(key.into(), bytes.into());
    }

    /// What the object's metadata says, `x-amz-meta-NAME`.
    pub fn put_metadata(&mut self, key: &str, name: &str, value: &str) {
        self.metadata.entry(key.to_owned()).or_default().insert(name.to_owned(), value.to_owned());
    }

    pub fn fault(&mut self, key: &str, fault: Fault) {
        self.faults.get_mut().unwrap().push((key.to_owned(), fault));
    }

    /// Every answer comes this much later.
    pub fn delay(&mut self, delay: Duration) {
        self.delay = delay;
    }

    pub fn len(&self) -> usize {
        self.objects.len()
    }

    /// The fault that this request meets, used up where it happens a number of times.
    fn next_fault(&self, key: &str) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap();
        let (_, fault) = faults.iter_mut().find(|(text, fault)| {
            key.contains(text.as_str()) && !matches!(fault, Fault::SlowDown(0) | Fault::Drop(0))
        })?;
        let met = *fault;
        if let Fault::SlowDown(left) | Fault::Drop(left) = fault {
            *left -= 1;
        }
        Some(met)
    }
}

/// An object that was put.
#[derive(Debug, Clone)]
pub struct Written {
    pub key: String,
    pub bytes: Bytes,
    /// As the request has it, in Base64.
    pub sha256: Option<String>,
    /// Whether it was to be put only if there was none.
    pub if_absent: bool,
}

/// A running server; ends with the test's runtime.
pub struct Server {
    pub endpoint: String,
    pub bucket: Arc<Bucket>,
}

#[derive(Clone)]
struct Service(Arc<Bucket>);

impl Server {
    /// Serves `bucket` to anyone, or to who signs with this key and secret.
    pub async fn start(bucket: Bucket, key: Option<(&str, &str)>) -> Self {
        let bucket = Arc::new(bucket);
        let mut builder = S3ServiceBuilder::new(Service(Arc::clone(&bucket)));
        if let Some((key, secret)) = key {
            builder.set_auth(SimpleAuth::from_single(key, secret));
        }
        let service = builder.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        Self { endpoint, bucket }
    }
}

#[async_trait::async_trait]
impl S3 for Service {
    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let bucket = &self.0;
        bucket.lists.fetch_add(1, Relaxed);
        tokio::time::sleep(bucket.delay).await;
        let prefix = request.input.prefix.unwrap_or_default();
        match bucket.next_fault(&prefix) {
            Some(Fault::SlowDown(_)) => return Err(s3_error!(SlowDown)),
            Some(Fault::Denied) => return Err(s3_error!(AccessDenied)),
            _ => {}
        }
        let after = request.input.continuation_token.unwrap_or_default();
        let (mut contents, mut folders) = (vec![], vec![]);
        let mut last = None;
        let mut truncated = false;
        for (key, bytes) in &bucket.objects {
            let Some(below) = key.strip_prefix(&prefix) else { continue };
            let folder = request.input.delimiter.as_ref().and_then(|_| below.find('/'));
            let listed = folder.map_or_else(|| key.clone(), |end| format!("{prefix}{}", &below[..=end]));
            if listed <= after || last.as_ref() == Some(&listed) {
                continue;
            }
            if contents.len() + folders.len() == 1000 {
                truncated = true;
                break;
            }
            last = Some(listed.clone());
            if folder.is_some() {
                folders.push(CommonPrefix { prefix: Some(listed) });
            } else {
                contents.push(Object {
                    key: Some(listed),
                    size: Some(bytes.len() as i64),
                    last_modified: Some(Timestamp::from(std::time::UNIX_EPOCH)),
                    ..Object::default()
                });
            }
        }
        Ok(S3Response::new(ListObjectsV2Output {
            contents: Some(contents),
            common_prefixes: Some(folders),
            is_truncated: Some(truncated),
            next_continuation_token: last.filter(|_| truncated),
            ..ListObjectsV2Output::default()
        }))
    }

    /// What older clients list with: all that there is in one answer.
    async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let (prefix, marker) = (request.input.prefix.unwrap_or_default(), request.input.marker);
        let keys =
            self.0.objects.keys().filter(|key| key.starts_with(&prefix) && Some(*key) > marker.as_ref());
        let contents = keys.map(|key| Object { key: Some(key.clone()), ..Object::default() }).collect();
        let output = ListObjectsOutput { contents: Some(contents), ..ListObjectsOutput::default() };
        Ok(S3Response::new(ListObjectsOutput { is_truncated: Some(false), ..output }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let PutObjectInput { key, body, checksum_sha256, if_none_match, .. } = request.input;
        let mut bytes = vec![];
        if let Some(mut body) = body {
            while let Some(piece) = body.next().await {
                bytes.extend_from_slice(&piece.map_err(|_| s3_error!(IncompleteBody))?);
            }
        }
        let if_absent = if_none_match.is_some();
        let written = Written { key, bytes: bytes.into(), sha256: checksum_sha256, if_absent };
        self.0.written.lock().unwrap().push(written);
        let e_tag = Some(ETag::Strong("written".to_owned()));
        Ok(S3Response::new(PutObjectOutput { e_tag, ..PutObjectOutput::default() }))
    }

    async fn get_bucket_location(
        &self,
        _: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        Ok(S3Response::new(GetBucketLocationOutput::default()))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let whole = self.0.objects.get(&request.input.key).ok_or_else(|| s3_error!(NoSuchKey))?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(whole.len() as i64),
            last_modified: Some(Timestamp::from(std::time::UNIX_EPOCH)),
            ..HeadObjectOutput::default()
        }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let bucket = &self.0;
        bucket.gets.fetch_add(1, Relaxed);
        let in_flight = bucket.in_flight.fetch_add(1, Relaxed) + 1;
        bucket.most_in_flight.fetch_max(in_flight, Relaxed);
        tokio::time::sleep(bucket.delay).await;
        bucket.in_flight.fetch_sub(1, Relaxed);
        let key = request.input.key;
        let fault = bucket.next_fault(&key);
        match fault {
            Some(Fault::SlowDown(_)) => return Err(s3_error!(SlowDown)),
            Some(Fault::Denied) => return Err(s3_error!(AccessDenied)),
            Some(Fault::Gone) => return Err(s3_error!(NoSuchKey)),
            _ => {}
        }
        let whole = bucket.objects.get(&key).ok_or_else(|| s3_error!(NoSuchKey))?;
        let first = match request.input.range {
            Some(Range::Int { first, .. }) => first as usize,
            _ => 0,
        };
        let body = whole.slice(first..);
        let content_range = (first > 0).then(|| format!("bytes {first}-{}/{}", whole.len() - 1, whole.len()));
        let pieces = match fault {
            Some(Fault::Drop(_)) => {
                vec![Ok(body.slice(..body.len() / 2)), Err(std::io::Error::other("dropped"))]
            }
            _ => vec![Ok(body.clone())],
        };
        Ok(S3Response::new(GetObjectOutput {
            content_length: Some(body.len() as i64),
            content_range,
            body: Some(StreamingBlob::wrap(futures::stream::iter(pieces))),
            e_tag: Some(ETag::Strong(format!("{:x}", whole.len()))),
            last_modified: Some(Timestamp::from(std::time::UNIX_EPOCH)),
            metadata: bucket.metadata.get(&key).cloned(),
            ..GetObjectOutput::default()
        }))
    }
}
