//! The command line: arguments as typed, then the library's questions, then output.
//!
//! Exit codes: 0 complete, 1 error, 2 usage, 3 answered but something could not be read.

mod anomalies;
mod args;
mod case;
mod coverage;
mod digests;
mod investigate;
#[cfg(feature = "lambda")]
mod lambda;
mod lineage;
mod plan;
mod progress;
mod prompt;
mod query;
mod question;
mod serve;
mod sql;
mod stage;
mod store;
mod timeline;
mod verify;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use serde::Serialize;
use trailq::output::text::visible_json;
use trailq::output::write_error;
use trailq::{Error, Result};

use args::{Cli, Command};
use question::PRINCIPAL;

/// Answered, but something could not be read.
const PARTIAL: u8 = 3;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    // Only anomalies can be asked about everyone.
    let command = Cli::command().mut_subcommand("anomalies", |anomalies| {
        anomalies.mut_group(PRINCIPAL, |principal| principal.required(false))
    });
    let arguments = std::env::args_os();
    #[cfg(feature = "lambda")]
    let arguments = lambda::with_command(arguments);
    let matches = command.get_matches_from(arguments);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("trailq: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let result = runtime.block_on(run(cli.command));
    // Threads still reading would only delay the end.
    runtime.shutdown_background();
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(PARTIAL),
        Err(error) => report(&error),
    }
}

/// Runs a command; true if all that had to be read was read.
async fn run(command: Command) -> Result<bool> {
    match command {
        Command::Timeline(arguments) => timeline::run(&arguments).await,
        Command::Lineage(arguments) => lineage::run(&arguments).await,
        Command::Anomalies(arguments) => anomalies::run(&arguments).await,
        Command::Investigate(arguments) => investigate::run(&arguments).await,
        Command::Stage => stage::run().await,
        #[cfg(feature = "lambda")]
        Command::Lambda => lambda::run().await,
        Command::Verify(arguments) => verify::run(&arguments).await,
        Command::Rules(arguments) => anomalies::list(&arguments).await,
        Command::Plan(arguments) => plan::run(&arguments).await,
        Command::Sql(arguments) => sql::run(&arguments).await,
        Command::Query(arguments) => query::run(&arguments).await,
        Command::Serve(arguments) => serve::run(&arguments).await,
    }
}

/// Writes to standard output.
fn print(text: &str) -> Result<()> {
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|cause| write_error(Path::new("the output"), cause))
}

/// An error of reading a file that the command line names.
fn unreadable(path: &Path, cause: &io::Error) -> Error {
    let problem = format!("cannot be read: {cause}");
    Error::argument("file", path.display().to_string(), problem, "name a file that can be")
}

/// JSON that may be shown on a terminal.
fn to_json(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_string_pretty(value).map_err(io::Error::from);
    let json = json.map_err(|cause| write_error(Path::new("the output"), cause))?;
    Ok(visible_json(json) + "\n")
}

fn report(error: &Error) -> ExitCode {
    // A reader that has seen enough, such as `head`, is no fault.
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    eprintln!("trailq: {}", trailq::output::text::visible(&error.to_string()));
    ExitCode::from(if error.is_usage() { 2 } else { 1 })
}
