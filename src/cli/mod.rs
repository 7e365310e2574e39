//! The command line: arguments as typed, then the library's questions, then output.
//!
//! Exit codes: 0 complete, 1 error, 2 usage, 3 answered but something could not be read.

mod args;
mod coverage;
mod lineage;
mod plan;
mod progress;
mod question;
mod timeline;

use std::process::ExitCode;

use clap::Parser;
use trailq::{Error, Result};

use args::{Cli, Command};

/// Answered, but something could not be read.
const PARTIAL: u8 = 3;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
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
        Command::Plan(arguments) => plan::run(&arguments).await,
    }
}

fn report(error: &Error) -> ExitCode {
    // A reader that has seen enough, such as `head`, is no fault.
    if error.is_broken_pipe() {
        return ExitCode::SUCCESS;
    }
    eprintln!("trailq: {}", trailq::output::text::visible(&error.to_string()));
    ExitCode::from(if error.is_usage() { 2 } else { 1 })
}
