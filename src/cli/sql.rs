//! `trailq sql`.

use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::time::Instant;

use chrono::Utc;
use trailq::sql::{Answer, Engine, Session, statements};
use trailq::{Error, Result, parse_time};

use super::args::{EngineArgs, OutputArgs, SqlArgs};
use super::coverage::{self, create};
use super::progress::ProgressBar;
use super::prompt;
use super::store::StoreArgs;
use super::timeline::{check_output, style};

/// Runs what is asked for, one statement after the other. True if all of it could be read.
pub async fn run(arguments: &SqlArgs) -> Result<bool> {
    let (text, sources) = read(arguments)?;
    let engine = open(&arguments.engine, &arguments.store, &sources).await?;
    let session = Session { database: Some(arguments.engine.database.clone()), ..Session::default() };
    match text {
        Some(text) => run_all(&engine, &session, &text, arguments).await,
        None => prompt::run(&engine, &session, arguments).await,
    }
}

/// An engine over sources; `TRAILQ_SOURCE` where none are named.
pub async fn open(arguments: &EngineArgs, store: &StoreArgs, sources: &[String]) -> Result<Engine> {
    let engine = Engine::new(store.open(sources).await?);
    Ok(match &arguments.now {
        Some(now) => engine.with_clock(parse_time(now, Utc::now())?),
        None => engine,
    })
}

/// The statements to run, `None` for a prompt, and the sources.
fn read(arguments: &SqlArgs) -> Result<(Option<String>, Vec<String>)> {
    let mut sources = arguments.given.clone();
    let text = match &arguments.file {
        Some(file) => Some(read_file(file)?),
        // What exists, or has a scheme, is a source: statements neither exist nor have one.
        None if sources.first().is_some_and(|first| !is_source(first)) => Some(sources.remove(0)),
        None if io::stdin().is_terminal() => None,
        None => Some(read_file(Path::new("-"))?),
    };
    if sources.is_empty() {
        sources.extend(std::env::var("TRAILQ_SOURCE"));
    }
    Ok((text, sources))
}

fn is_source(given: &str) -> bool {
    let scheme = given.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(char::is_whitespace));
    scheme || Path::new(given).exists() || (!given.contains(char::is_whitespace) && !given.contains(';'))
}

fn read_file(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = match path == Path::new("-") {
        true => io::stdin().read_to_string(&mut text).map(|_| ()),
        false => std::fs::read_to_string(path).map(|read| text = read),
    };
    read.map(|()| text).map_err(|cause| {
        let problem = format!("cannot be read: {cause}");
        Error::argument(
            "file",
            path.display().to_string(),
            problem,
            "name a file of SQL, or - for standard input",
        )
    })
}

async fn run_all(engine: &Engine, session: &Session, text: &str, arguments: &SqlArgs) -> Result<bool> {
    let output = &arguments.output;
    check_output(output, output.format())?;
    let statements = statements(text)?;
    let Some((last, before)) = statements.split_last() else {
        let instead = "write one, such as SELECT * FROM logs LIMIT 10";
        return Err(Error::argument("statement", text.trim(), "is empty", instead));
    };
    let mut complete = true;
    for statement in before {
        let answer = engine.run(statement, session).await?;
        complete &= write(answer, output, Box::new(BufWriter::new(io::stdout()))).await?;
    }
    // Of several statements a file gets the last one's answer.
    complete &= print_answer(engine.run(last, session).await?, output).await?;
    Ok(complete)
}

/// Writes an answer where it is asked for. True if all of it could be read.
pub async fn print_answer(answer: Answer, output: &OutputArgs) -> Result<bool> {
    match create(check_output(output, output.format())?)? {
        None => write(answer, output, Box::new(BufWriter::new(io::stdout()))).await,
        Some((whole, file)) => {
            let complete = write(answer, output, Box::new(BufWriter::new(&file))).await?;
            whole.commit()?;
            Ok(complete)
        }
    }
}

/// Writes an answer and says what it rests on. True if all of it could be read.
pub async fn write(
    mut answer: Answer,
    output: &OutputArgs,
    sink: Box<dyn Write + Send + '_>,
) -> Result<bool> {
    let started = Instant::now();
    let bar = ProgressBar::start(answer.progress());
    let written = write_batches(&mut answer, output, sink, &bar).await;
    bar.finish();
    if written.as_ref().is_err_and(Error::is_broken_pipe) {
        return written.map(|_| true);
    }
    let rows = written?;
    for notice in answer.notices() {
        eprintln!("note: {}", trailq::output::text::visible(notice));
    }
    let covered = answer.coverage();
    if covered.objects.listed > 0 {
        coverage::print(&covered);
    }
    let rows = answer.update_count.unwrap_or(rows as u64);
    eprintln!("{rows} row{}, {:.2} s", if rows == 1 { "" } else { "s" }, started.elapsed().as_secs_f64());
    if let Some((whole, file)) = create(output.coverage.as_deref())? {
        coverage::write(&covered, whole, file)?;
    }
    Ok(covered.complete || covered.objects.listed == 0)
}

async fn write_batches(
    answer: &mut Answer,
    output: &OutputArgs,
    sink: Box<dyn Write + Send + '_>,
    bar: &ProgressBar,
) -> Result<usize> {
    let format = output.format();
    let looks = answer.presentation(format);
    let mut writer = format.rows_writer(sink, &looks.schema(), style(output))?;
    let mut rows = 0;
    while let Some(batch) = answer.next().await {
        let batch = looks.of(&batch?)?;
        rows += batch.num_rows();
        bar.suspend(|| writer.write(&batch))?;
    }
    bar.suspend(|| writer.finish())?;
    Ok(rows)
}
