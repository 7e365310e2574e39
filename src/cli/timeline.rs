//! `trailq timeline`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use arrow::datatypes::SchemaRef;
use trailq::output::{BatchWriter, Format, TableStyle, WholeFile};
use trailq::{Answer, Result};

use super::args::{TimelineArgs, shows_colour};
use super::{coverage, progress::ProgressBar};

/// Width of a table that does not go to a terminal.
const PLAIN_WIDTH: u16 = 160;

/// Answers, writes, and says what the answer rests on. True if all of it could be read.
pub async fn run(arguments: &TimelineArgs) -> Result<bool> {
    let format = arguments.format;
    if format.is_binary() && arguments.output.is_none() && io::stdout().is_terminal() {
        return Err(trailq::Error::argument(
            "format",
            format.name(),
            "is binary and would go to the terminal",
            "add -o FILE",
        ));
    }
    if arguments.output.is_some() && arguments.output == arguments.coverage {
        let both = arguments.output.as_deref().unwrap_or(Path::new("")).display().to_string();
        return Err(trailq::Error::argument(
            "file",
            both,
            "is to hold both the answer and its coverage",
            "name two",
        ));
    }
    let (trail, question) = arguments.question.ask().await?;
    let mut answer = trail.timeline(&question).await?;
    let bar = ProgressBar::start(answer.progress());
    let written = match arguments.output.as_deref().filter(|path| *path != Path::new("-")) {
        None => {
            write(&mut answer, format, style(arguments), Box::new(BufWriter::new(io::stdout())), &bar).await
        }
        Some(path) => write_file(&mut answer, format, style(arguments), path, &bar).await,
    };
    bar.finish();
    let covered = answer.coverage();
    if !written.as_ref().is_err_and(trailq::Error::is_broken_pipe) {
        coverage::print(&covered);
    }
    if let Some(path) = &arguments.coverage {
        coverage::write(&covered, path)?;
    }
    written.map(|()| covered.complete)
}

async fn write_file(
    answer: &mut Answer,
    format: Format,
    style: TableStyle,
    path: &Path,
    bar: &ProgressBar,
) -> Result<()> {
    let (whole, file) = WholeFile::create(path)?;
    write(answer, format, style, Box::new(BufWriter::new(&file)), bar).await?;
    whole.commit()
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
