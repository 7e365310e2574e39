//! A server of this process, and clients of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_athena::Client;
use aws_sdk_athena::config::retry::RetryConfig;
use aws_sdk_athena::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_athena::error::ProvideErrorMetadata;
use aws_sdk_athena::types::{QueryExecution, QueryExecutionState, ResultConfiguration};
use trailq::athena::{Limits, Server, ServerOptions};
use trailq::{StoreOptions, Trail};

use crate::support::repository;

/// Enough rows for several pages, from the sample trail.
pub const MANY_ROWS: &str = "SELECT a.eventid AS x, b.eventname AS y FROM cloudtrail a CROSS JOIN cloudtrail b \
                             ORDER BY a.eventid, b.eventid LIMIT 2500";
/// Takes longer than any test.
pub const SLOW: &str = "SELECT a.eventid FROM cloudtrail a, cloudtrail b, cloudtrail c, cloudtrail d, cloudtrail e \
                        WHERE a.eventid = b.eventname OR c.eventid = d.eventname OR b.eventid = e.eventname";

/// A running server.
pub struct Running {
    pub endpoint: String,
    pub folder: tempfile::TempDir,
    stop: tokio::sync::oneshot::Sender<()>,
    done: tokio::task::JoinHandle<()>,
}

/// Options of a server with its results and state in `folder`.
pub fn options(folder: &Path) -> ServerOptions {
    ServerOptions {
        listen: "127.0.0.1:0".to_owned(),
        output: Some(folder.join("results").display().to_string()),
        state: None,
        credentials: None,
        limits: Limits { running: 2, queued: 10, timeout: Duration::from_secs(60) },
        grace: Duration::from_millis(100),
        now: None,
        store: StoreOptions::default(),
    }
}

impl Running {
    /// Serves the sample trail.
    pub async fn start(change: impl FnOnce(&mut ServerOptions)) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), change).await
    }

    /// The same, with the results and state that `folder` holds already.
    pub async fn start_in(folder: tempfile::TempDir, change: impl FnOnce(&mut ServerOptions)) -> Self {
        let mut options = options(folder.path());
        change(&mut options);
        let logs = repository("testdata/trail");
        let trail = Trail::open_with(&[logs.to_str().unwrap()], &options.store).await.unwrap();
        let server = Server::bind(trail, options).await.unwrap();
        let endpoint = format!("http://{}", server.address().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let done = tokio::spawn(async move {
            server.serve(async { drop(stopped.await) }).await.unwrap();
        });
        Self { endpoint, folder, stop, done }
    }

    /// Stops it in good order, and returns its folder.
    pub async fn stop(self) -> tempfile::TempDir {
        let _ = self.stop.send(());
        self.done.await.unwrap();
        self.folder
    }

    pub fn client(&self) -> Client {
        self.client_as("AKIAEXAMPLE", "secret")
    }

    pub fn client_as(&self, key: &str, secret: &str) -> Client {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(&self.endpoint)
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(key, secret, None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http)
            .build();
        Client::from_conf(config)
    }

    /// Files of results, without those beside them.
    pub fn results(&self) -> Vec<PathBuf> {
        let entries = walkdir::WalkDir::new(self.folder.path().join("results")).sort_by_file_name();
        let paths = entries.into_iter().flatten().map(walkdir::DirEntry::into_path);
        paths
            .filter(|path| path.is_file())
            .filter(|path| !path.extension().is_some_and(|end| end == "metadata" || end == "redb"))
            .filter(|path| !path.to_string_lossy().ends_with("-manifest.csv"))
            .collect()
    }

    /// Sends a request as it is; its status and answer.
    pub async fn raw(&self, request: &str) -> (u16, String) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }
}

/// Starts a query. Its id.
pub async fn start(client: &Client, query: &str) -> String {
    client.start_query_execution().query_string(query).send().await.unwrap().query_execution_id.unwrap()
}

pub async fn execution(client: &Client, id: &str) -> QueryExecution {
    client.get_query_execution().query_execution_id(id).send().await.unwrap().query_execution.unwrap()
}

pub fn state(execution: &QueryExecution) -> QueryExecutionState {
    execution.status().unwrap().state().unwrap().clone()
}

pub fn reason(execution: &QueryExecution) -> &str {
    execution.status().unwrap().state_change_reason().unwrap_or_default()
}

/// Waits until a query is in one of `states`.
pub async fn wait(client: &Client, id: &str, states: &[QueryExecutionState]) -> QueryExecution {
    for _ in 0..600 {
        let execution = execution(client, id).await;
        if states.contains(&state(&execution)) {
            return execution;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{id} is not in one of {states:?}: {:?}", execution(client, id).await);
}

/// Waits for the end of a query.
pub async fn end(client: &Client, id: &str) -> QueryExecution {
    use QueryExecutionState::{Cancelled, Failed, Succeeded};
    wait(client, id, &[Succeeded, Failed, Cancelled]).await
}

/// Runs a query to its end.
pub async fn run(client: &Client, query: &str) -> QueryExecution {
    let id = start(client, query).await;
    end(client, &id).await
}

pub fn to(folder: &Path) -> ResultConfiguration {
    ResultConfiguration::builder().output_location(folder.display().to_string()).build()
}

/// The code and message that a request was refused with.
pub fn refused<T: std::fmt::Debug>(result: Result<T, impl ProvideErrorMetadata>) -> (String, String) {
    match result {
        Ok(answer) => panic!("not refused: {answer:?}"),
        Err(error) => {
            (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
        }
    }
}
