//! `trailq serve`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use chrono::Utc;
use clap::{Args, ValueEnum};
use trailq::athena::{Limits, Server, ServerOptions};
use trailq::{Error, Result, parse_length, parse_time};

use super::store::StoreArgs;

/// Queries that may wait, for each that may run.
const QUEUED_PER_RUNNING: usize = 50;

/// Answers Athena's API from the logs.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where the logs lie: a folder, a file, a glob or s3://bucket/prefix; several at once.
    #[arg(value_name = "SOURCE", env = "TRAILQ_SOURCE")]
    sources: Vec<String>,
    /// Address to listen on; port 0 takes any that is free. Other addresses than the loopback need
    /// --credentials.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8900")]
    listen: String,
    /// Where results go if a query does not say: a folder or s3://bucket/prefix/.
    #[arg(long, value_name = "LOCATION")]
    output: Option<String>,
    /// File that keeps queries and settings (default: trailq-state.redb in the folder of --output,
    /// else trailq/state.redb in $XDG_STATE_HOME or ~/.local/state).
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Serve only requests that are signed with one of this file's keys, which has the form of
    /// ~/.aws/credentials.
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Queries that run at a time (default: as many as there are cores); others wait.
    #[arg(long, value_name = "N")]
    max_concurrent: Option<NonZeroUsize>,
    /// How long a query may run.
    #[arg(long, value_name = "LENGTH", default_value = "30m")]
    timeout: String,
    /// How long running queries get to end when the server stops.
    #[arg(long, value_name = "LENGTH", default_value = "10s")]
    grace: String,
    /// How to write the log on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// Stand still at this time, which is `now()` and `current_date` of every query.
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Serves until it is told to stop.
pub async fn run(arguments: &ServeArgs) -> Result<bool> {
    start_log(arguments.log_format);
    let trail = arguments.store.open(&arguments.sources).await?;
    let server = Server::bind(trail, arguments.options()?).await?;
    eprintln!("listening on http://{}", server.address()?);
    server.serve(told_to_stop()).await?;
    Ok(true)
}

impl ServeArgs {
    fn options(&self) -> Result<ServerOptions> {
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let running = self.max_concurrent.map_or_else(cores, NonZeroUsize::get);
        let limits = Limits {
            running,
            queued: running.saturating_mul(QUEUED_PER_RUNNING),
            timeout: length(&self.timeout)?,
        };
        Ok(ServerOptions {
            listen: self.listen.clone(),
            output: self.output.clone(),
            state: self.state.clone(),
            credentials: self.credentials.clone(),
            limits,
            grace: length(&self.grace)?,
            now: self.now.as_deref().map(|now| parse_time(now, Utc::now())).transpose()?,
            store: self.store.options(),
        })
    }
}

fn length(text: &str) -> Result<std::time::Duration> {
    let refuse = |_| Error::argument("length", text, "is negative", "write such as 30m");
    parse_length(text)?.to_std().map_err(refuse)
}

/// Starts the log on standard error.
pub fn start_log(format: LogFormat) {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(tracing::Level::INFO);
    // A log that is there already is another one's, and stays.
    let _ = match format {
        LogFormat::Text => log.with_ansi(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
}

/// Completes when somebody asks the process to end.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
