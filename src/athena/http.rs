//! One HTTP request and its answer.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;

use super::access::{Access, check_local};
use super::error::{ApiError, ApiResult, ErrorKind};
use super::ids::{is_id, new_id};
use super::operations::Api;
use super::signature::{Signed, verify};

/// The largest body that is read: Athena's longest statement, escaped, and what goes with it.
const LARGEST_BODY: usize = 2 << 20;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The protocol that is spoken.
const AWS_JSON: &str = "application/x-amz-json-1.1";

/// What answers requests, and whose.
#[derive(Debug)]
pub struct Service {
    /// The operations.
    pub api: Api,
    /// Who may ask.
    pub access: Access,
}

/// What a request asks for.
enum Route {
    /// An operation of the API, by its target.
    Api(String),
    /// Whether the server lives.
    Health,
    /// What a query's answer rests on.
    Coverage(String),
    /// Nothing that there is.
    Unknown,
}

impl Service {
    /// Answers a request.
    pub async fn answer(self: Arc<Self>, peer: SocketAddr, request: Request<Incoming>) -> Response<String> {
        let request_id = new_id();
        let answer = self.answer_json(peer, request).await;
        let (status, error, body) = match answer {
            Ok(body) => (StatusCode::OK, None, body),
            Err(error) => {
                let kind = error.kind();
                let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::BAD_REQUEST);
                if kind == ErrorKind::Internal {
                    tracing::error!(request = %request_id, %error, "could not answer");
                    let message = format!("Internal error in request {request_id}; the log says more");
                    (status, Some(kind), ApiError::internal(message).body())
                } else {
                    tracing::debug!(request = %request_id, %error, "refused");
                    (status, Some(kind), error.body())
                }
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(AWS_JSON));
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            headers.insert("x-amzn-requestid", id);
        }
        if let Some(kind) = error {
            headers.insert("x-amzn-errortype", HeaderValue::from_static(kind.name()));
        }
        response
    }

    async fn answer_json(self: Arc<Self>, peer: SocketAddr, request: Request<Incoming>) -> ApiResult<String> {
        let (head, body) = request.into_parts();
        let route = Route::of(&head)?;
        if let Access::Loopback = self.access {
            check_local(peer, &head.headers)?;
        }
        let body = tokio::time::timeout(BODY_TIMEOUT, read(body))
            .await
            .map_err(|_| ApiError::new(ErrorKind::Serialization, "the body took too long"))??;
        if let (Access::Signed(keys), false) = (&self.access, matches!(route, Route::Health)) {
            let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
            let signed = Signed { method: head.method.as_str(), target, headers: &head.headers, body: &body };
            verify(keys, signed, Utc::now())?;
        }
        match route {
            Route::Health => Ok(self.health()),
            Route::Coverage(id) => self.coverage(&id).await,
            Route::Unknown => {
                Err(ApiError::new(ErrorKind::UnknownOperation, "nothing is served under this path"))
            }
            // A client that leaves does not leave half of an operation behind.
            Route::Api(target) => tokio::spawn(async move { self.api.answer(&target, &body).await })
                .await
                .map_err(ApiError::internal)?,
        }
    }

    fn health(&self) -> String {
        let load = self.api.executions.load();
        let version = env!("CARGO_PKG_VERSION");
        json!({"status": "ok", "version": version, "running": load.running, "queued": load.queued})
            .to_string()
    }

    async fn coverage(&self, id: &str) -> ApiResult<String> {
        self.api.executions.execution(id).await?;
        let coverage = self.api.store.coverage(id).await?;
        coverage.map(|coverage| coverage.get().to_owned()).ok_or_else(|| {
            ApiError::invalid("RESULT_NOT_FOUND", format!("QueryExecution {id} has no coverage"))
        })
    }
}

impl Route {
    fn of(head: &hyper::http::request::Parts) -> ApiResult<Self> {
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
        match (&head.method, head.uri.path()) {
            (&Method::POST, "/") => {
                // A browser asks before it sends this type to another site.
                if header(CONTENT_TYPE.as_str()).is_none_or(|kind| !kind.starts_with(AWS_JSON)) {
                    let message = format!("Content-Type must be {AWS_JSON}");
                    return Err(ApiError::new(ErrorKind::Serialization, message));
                }
                Ok(Self::Api(header("x-amz-target").unwrap_or_default().to_owned()))
            }
            (&Method::GET, "/health") => Ok(Self::Health),
            (&Method::GET, path) => {
                let id = path.strip_prefix("/queries/").and_then(|rest| rest.strip_suffix("/coverage"));
                Ok(id.filter(|id| is_id(id)).map_or(Self::Unknown, |id| Self::Coverage(id.to_owned())))
            }
            _ => Ok(Self::Unknown),
        }
    }
}

/// Reads a body that is not too large.
async fn read(mut body: Incoming) -> ApiResult<Vec<u8>> {
    let refuse = |why: String| ApiError::new(ErrorKind::Serialization, why);
    let mut bytes = vec![];
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|cause| refuse(cause.to_string()))?;
        if let Some(data) = frame.data_ref() {
            if bytes.len() + data.len() > LARGEST_BODY {
                return Err(refuse(format!("the body is larger than {LARGEST_BODY} bytes")));
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(bytes)
}
