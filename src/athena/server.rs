//! The server: listens, serves connections, and stops in good order.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::access::{Access, Keys, check_loopback};
use super::error::ApiError;
use super::executions::{Executions, Limits};
use super::http::Service;
use super::operations::Api;
use super::results::{LocationError, Output, Outputs};
use super::store::Store;
use crate::error::{Error, Kind, Result};
use crate::source::{Location, StoreOptions};
use crate::sql::Engine;
use crate::sql::stored::WriteOptions;
use crate::trail::Trail;

/// Connections at a time; further ones wait to be accepted.
const CONNECTIONS: usize = 512;
/// How long the headers of a request may take, and a connection lie idle between two.
const HEADER_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an answer may take to be read by the client.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
/// How long connections have to end when the server does.
const HANG_UP: Duration = Duration::from_secs(2);
/// How often old queries are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// How a server is set up.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// `host:port` to listen on; port 0 is any that is free.
    pub listen: String,
    /// Where results go if neither a query nor its work group says: `s3://bucket/prefix/` or a folder.
    pub output: Option<String>,
    /// The file that keeps the state; next to local results, or of the user, if `None`.
    pub state: Option<PathBuf>,
    /// The file of keys that requests have to be signed with.
    pub credentials: Option<PathBuf>,
    /// How much may go on at a time, and how long.
    pub limits: Limits,
    /// How long running queries get to end when the server stops.
    pub grace: Duration,
    /// What time it is for queries; the system's clock if `None`.
    pub now: Option<DateTime<Utc>>,
    /// How the stores of results are reached.
    pub store: StoreOptions,
}

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    service: Arc<Service>,
    grace: Duration,
}

impl Server {
    /// Listens for questions about the logs of `trail`, and opens the state.
    ///
    /// # Errors
    /// If the address can be reached by others and no keys are given, it is in use, results or
    /// state would lie below a source, or the state cannot be used.
    pub async fn bind(trail: Trail, options: ServerOptions) -> Result<Self> {
        let access = match &options.credentials {
            Some(path) => Access::Signed(Keys::read(path)?),
            None => Access::Loopback,
        };
        let listener = listen(&options.listen, &access).await?;
        let sources: Vec<Location> = trail.locations().cloned().collect();
        let output = options.output.as_deref().map(|name| checked("output", name, &sources)).transpose()?;
        let state = state_path(options.state, output.as_ref())?;
        if let Some(folder) = state.parent() {
            checked("state file", &folder.display().to_string(), &sources)?;
        }
        let store = Store::open(&state)?;
        let outputs = Outputs::new(options.store);
        let executions = Executions::new(
            engine(trail, options.now, &state),
            sources,
            store.clone(),
            outputs,
            options.limits,
        );
        let output = output.map(|output| output.to_string());
        executions.restore_catalog().await.map_err(|cause| state_error(&store, &cause))?;
        let api = Api { executions: Arc::new(executions), store, output, started: Utc::now() };
        tracing::info!(state = %state.display(), output = api.output.as_deref(), "state opened");
        Ok(Self { listener, service: Arc::new(Service { api, access }), grace: options.grace })
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// If the system does not tell.
    pub fn address(&self) -> Result<SocketAddr> {
        self.listener.local_addr().map_err(|cause| listen_error("a socket", cause))
    }

    /// Serves until `stop` completes, and then stops: no new queries; those that run get the grace
    /// period, and are recorded as cancelled after it.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> Result<()> {
        let api = &self.service.api;
        let lost = "The server ended while the query was running";
        let lost = api.store.recover(Utc::now(), lost).await;
        let lost = lost.map_err(|cause| state_error(&api.store, &cause))?;
        if lost > 0 {
            tracing::warn!(queries = lost, "queries were running when the last server ended");
        }
        let closing = CancellationToken::new();
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        let ended = async {
            stop.await;
            tracing::info!(load = ?api.executions.load(), "stopping");
            api.executions.close(self.grace).await;
        };
        tokio::select! {
            () = ended => {}
            () = self.accept(&connections, &closing) => {}
            () = prune(&api.store) => {}
        }
        closing.cancel();
        let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
        // Connections that are still being read from are cut off with the process.
        let _ = tokio::time::timeout(HANG_UP, connections.acquire_many(all)).await;
        tracing::info!("stopped");
        Ok(())
    }

    async fn accept(&self, connections: &Arc<Semaphore>, closing: &CancellationToken) {
        loop {
            let Ok(permit) = Arc::clone(connections).acquire_owned().await else { return };
            match self.listener.accept().await {
                Ok((socket, peer)) => {
                    let (service, closing) = (Arc::clone(&self.service), closing.clone());
                    tokio::spawn(async move {
                        connection(service, socket, peer, closing).await;
                        drop(permit);
                    });
                }
                Err(cause) => {
                    // Out of files, or a client that left already.
                    tracing::warn!(%cause, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

/// Serves a connection until it ends, stands still, or the server closes.
async fn connection(service: Arc<Service>, socket: TcpStream, peer: SocketAddr, closing: CancellationToken) {
    let answered = Arc::new(Mutex::new(Some(Instant::now())));
    let set = |at: Option<Instant>, answered: &Mutex<Option<Instant>>| {
        *answered.lock().unwrap_or_else(PoisonError::into_inner) = at;
    };
    let handler = service_fn(|request| {
        let (service, answered) = (Arc::clone(&service), Arc::clone(&answered));
        async move {
            set(None, &answered);
            let response = service.answer(peer, request).await;
            set(Some(Instant::now()), &answered);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let mut connection = pin!(http.serve_connection(TokioIo::new(socket), handler));
    let mut look = tokio::time::interval(Duration::from_secs(5));
    let mut closed = false;
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(cause) = ended {
                    tracing::debug!(%peer, %cause, "a connection broke");
                }
                return;
            }
            () = closing.cancelled(), if !closed => {
                closed = true;
                connection.as_mut().graceful_shutdown();
            }
            _ = look.tick() => {
                let answered = *answered.lock().unwrap_or_else(PoisonError::into_inner);
                // Idle connections end before, by the header timeout: this one does not read.
                if answered.is_some_and(|at| at.elapsed() > ANSWER_TIMEOUT) {
                    tracing::debug!(%peer, "a client does not read its answer");
                    return;
                }
            }
        }
    }
}

/// An engine whose tables of results lie beside the state, and outlive the process as it does.
/// Statements of clients name no other folders of this machine.
pub(super) fn engine(trail: Trail, now: Option<DateTime<Utc>>, state: &Path) -> Engine {
    let writes = WriteOptions { workspace: state.with_extension("tables"), folders: false };
    let engine = Engine::new(trail).with_writes(writes);
    match now {
        Some(now) => engine.with_clock(now),
        None => engine,
    }
}

async fn prune(store: &Store) {
    let mut every = tokio::time::interval(PRUNE_EVERY);
    loop {
        every.tick().await;
        match store.prune(Utc::now()).await {
            Ok(0) => {}
            Ok(queries) => tracing::info!(queries, "old queries are forgotten"),
            Err(cause) => tracing::error!(%cause, "could not forget old queries"),
        }
    }
}

async fn listen(address: &str, access: &Access) -> Result<TcpListener> {
    let failed = |cause| listen_error(address, cause);
    let found: Vec<SocketAddr> = tokio::net::lookup_host(address).await.map_err(failed)?.collect();
    if let Access::Loopback = access {
        found.iter().try_for_each(|address| check_loopback(*address))?;
    }
    TcpListener::bind(found.as_slice()).await.map_err(failed)
}

fn listen_error(address: &str, cause: std::io::Error) -> Error {
    Kind::Listen { address: address.to_owned(), cause }.into()
}

fn state_error(store: &Store, cause: &ApiError) -> Error {
    Kind::State { path: store.path(), cause: cause.to_string() }.into()
}

/// A place to write to, apart from what is read.
pub(super) fn checked(what: &'static str, name: &str, sources: &[Location]) -> Result<Output> {
    let instead = "name a folder or s3://bucket/prefix/ outside the sources";
    let refuse =
        |cause: LocationError| Error::argument(what, name, format!("cannot be used: {cause}"), instead);
    // Unlike a client's, the operator's folders are of this working directory.
    let folder =
        (!name.is_empty() && !name.contains("://")).then(|| std::path::absolute(name).ok()).flatten();
    let name = folder.as_ref().and_then(|folder| folder.to_str()).unwrap_or(name);
    let output = Output::parse(name).map_err(refuse)?;
    output.check_apart(sources).map_err(refuse)?;
    Ok(output)
}

/// The file that is named; else one in the folder of results, else one of the user's.
fn state_path(named: Option<PathBuf>, output: Option<&Output>) -> Result<PathBuf> {
    if let Some(path) = named {
        let path = std::path::absolute(&path).map_err(|cause| crate::output::write_error(&path, cause))?;
        return Ok(path);
    }
    if let Some(Output::Local(folder)) = output {
        return Ok(folder.join("trailq-state.redb"));
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = variable("XDG_STATE_HOME")
        .or_else(|| variable("LOCALAPPDATA"))
        .or_else(|| variable("HOME").map(|home| home.join(Path::new(".local/state"))));
    let folder = folder.ok_or_else(|| {
        Error::argument("state file", "", "is not named and there is no home folder", "give --state FILE")
    })?;
    Ok(folder.join("trailq").join("state.redb"))
}
