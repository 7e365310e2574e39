//! `trailq query`.

use std::path::PathBuf;

use clap::Args;
use trailq::output::text::visible;
use trailq::sql::Session;
use trailq::{Error, Result, SavedQuery};

use super::args::{EngineArgs, OutputArgs};
use super::sql::{open, print_answer};
use super::store::StoreArgs;

#[derive(Debug, Args)]
pub struct QueryArgs {
    /// Which question; --list shows them.
    #[arg(value_name = "NAME", required_unless_present = "list")]
    name: Option<String>,
    /// Where the logs lie: a folder, a file, a glob or s3://bucket/prefix; several at once.
    #[arg(value_name = "SOURCE", env = "TRAILQ_SOURCE")]
    sources: Vec<String>,
    /// A parameter's value. May be repeated.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// A folder of .sql files with questions of one's own; they come before those of trailq.
    #[arg(long, value_name = "FOLDER", env = "TRAILQ_QUERIES")]
    queries: Option<PathBuf>,
    /// Show all questions, or the one named with its parameters and its text.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// Asks a saved question, or shows them. True if all of it could be read.
pub async fn run(arguments: &QueryArgs) -> Result<bool> {
    let mut saved = match &arguments.queries {
        Some(folder) => SavedQuery::folder(folder)?,
        None => vec![],
    };
    saved.extend(SavedQuery::builtin());
    let Some(name) = &arguments.name else {
        list(&saved);
        return Ok(true);
    };
    let query = saved
        .iter()
        .find(|query| query.name() == name)
        .ok_or_else(|| Error::argument("question", name, "is not known", "trailq query --list shows all"))?;
    if arguments.list {
        show(query);
        return Ok(true);
    }
    let engine = open(&arguments.engine, &arguments.store, &arguments.sources).await?;
    let session = Session { database: Some(arguments.engine.database.clone()), ..Session::default() };
    let answer = query.ask(&engine, &arguments.params, &session).await?;
    print_answer(answer, &arguments.output).await
}

fn list(saved: &[SavedQuery]) {
    let width = saved.iter().map(|query| query.name().chars().count()).max().unwrap_or_default();
    for query in saved {
        println!("{:width$}  {}", visible(query.name()), visible(query.doc()));
    }
}

fn show(query: &SavedQuery) {
    println!("{}", visible(query.doc()));
    for (parameter, doc) in query.parameters() {
        println!("  --param {}  {}", visible(&parameter), visible(doc));
    }
    for line in query.sql().lines().filter(|line| !line.starts_with("--")) {
        println!("{}", visible(line));
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
