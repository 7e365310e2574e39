//! `trailq timeline`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use arrow::datatypes::SchemaRef;
use trailq::output::{BatchWriter, Format, TableStyle};
use trailq::{Answer, Result};

use super::args::{TimelineArgs, shows_colour};
use super::coverage::{self, create};
use super::progress::ProgressBar;

/// Width of a table that does not go to a terminal: nothing is cut.
const PLAIN_WIDTH: u16 = u16::MAX;

/// Answers, writes, and says what the answer rests on. True if all of it could be read.
pub async fn run(arguments: &TimelineArgs) -> Result<bool> {
    let format = arguments.format();
    let output = arguments.output.as_deref().filter(|path| *path != Path::new("-"));
    if format.is_binary() && output.is_none() && io::stdout().is_terminal() {
        return Err(trailq::Error::argument(
            "format",
            format.name(),
            "is binary and would go to the terminal",
            "add -o FILE",
        ));
    }
    if let Some(both) = output.filter(|_| arguments.output == arguments.coverage) {
        return Err(trailq::Error::argument(
            "file",
            both.display().to_string(),
            "is to hold both the answer and its coverage",
            "name two",
        ));
    }
    // A file that cannot be written is no reason to read the logs first.
    let (file, coverage_file) = (create(output)?, create(arguments.coverage.as_deref())?);
    let (trail, question) = arguments.question.ask().await?;
    let mut answer = trail.timeline(&question).await?;
    let bar = ProgressBar::start(answer.progress());
    let written = match file {
        None => {
            write(&mut answer, format, style(arguments), Box::new(BufWriter::new(io::stdout())), &bar).await
        }
        Some((whole, file)) => {
            let sink = Box::new(BufWriter::new(&file));
            write(&mut answer, format, style(arguments), sink, &bar).await.and_then(|()| whole.commit())
        }
    };
    bar.finish();
    let covered = answer.coverage();
    if !written.as_ref().is_err_and(trailq::Error::is_broken_pipe) {
        coverage::print(&covered);
    }
    if let Some((whole, file)) = coverage_file {
        coverage::write(&covered, whole, file)?;
    }
    written.map(|()| covered.complete)
}

async fn write(
    answer: &mut Answer,
    format: Format,
    style: TableStyle,
    sink: Box<dyn Write + Send + '_>,
    bar: &ProgressBar,
) -> Result<()> {
    let schema: SchemaRef = answer.schema();
    let mut writer: Box<dyn BatchWriter + '_> = format.writer(sink, &schema, style)?;
    while let Some(batch) = answer.next().await {
        bar.suspend(|| writer.write(&batch?))?;
    }
    bar.suspend(|| writer.finish())
}

fn style(arguments: &TimelineArgs) -> TableStyle {
    let stdout = io::stdout();
    let to_terminal = arguments.output.is_none();
    TableStyle {
        width: terminal_width().filter(|_| to_terminal).unwrap_or(PLAIN_WIDTH),
        colour: to_terminal && shows_colour(&stdout),
        wide: arguments.wide,
    }
}

fn terminal_width() -> Option<u16> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(|| comfy_table::Table::new().width())
}
