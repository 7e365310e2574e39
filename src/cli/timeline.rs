//! `trailq timeline`.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use trailq::output::{BatchWriter, Format, TableStyle};
use trailq::{Annotations, AnomalyQuestion, Answer, Error, Result};

use super::args::{OutputArgs, TimelineArgs, shows_colour};
use super::coverage::{self, create};
use super::digests;
use super::progress::ProgressBar;

/// Width of a table that does not go to a terminal: nothing is cut.
const PLAIN_WIDTH: u16 = u16::MAX;

/// Answers, writes, and says what the answer rests on. True if all of it could be read.
pub async fn run(arguments: &TimelineArgs) -> Result<bool> {
    let format = arguments.output.format();
    let output = check_output(&arguments.output, format)?;
    // A file that cannot be written is no reason to read the logs first.
    let (file, coverage_file) = (create(output)?, create(arguments.output.coverage.as_deref())?);
    let detection = if arguments.annotate { Some(arguments.detection.read().await?) } else { None };
    let keys = arguments.digests.keys()?;
    let (trail, question) = arguments.question.ask().await?;
    let mut complete = true;
    let marks = match detection {
        Some(detection) => {
            let found = trail.anomalies(&detection.of(AnomalyQuestion::about(question.clone()))).await?;
            super::anomalies::print_basis(&found);
            complete = found.coverage.complete;
            Some(Annotations::of(&found.findings))
        }
        None => None,
    };
    let mut answer = trail.timeline(&question).await?;
    let bar = ProgressBar::start(answer.progress());
    let style = style(&arguments.output);
    let written = match file {
        None => {
            write(&mut answer, marks, (format, style), Box::new(BufWriter::new(io::stdout())), &bar).await
        }
        Some((whole, file)) => {
            let sink = Box::new(BufWriter::new(&file));
            write(&mut answer, marks, (format, style), sink, &bar).await.and_then(|()| whole.commit())
        }
    };
    bar.finish();
    let mut covered = answer.coverage();
    if !written.as_ref().is_err_and(Error::is_broken_pipe) {
        coverage::print(&covered);
        // What credentials were followed from lies before the window.
        let scope = if question.follows() { question.search_scope()? } else { question.scope().clone() };
        complete &= digests::add_to(&mut covered, keys, &trail, &scope).await?;
    }
    if let Some((whole, file)) = coverage_file {
        coverage::write(&covered, whole, file)?;
    }
    written.map(|()| covered.complete && complete)
}

/// The file to write to, `None` for standard output.
pub fn check_output(output: &OutputArgs, format: Format) -> Result<Option<&Path>> {
    let file = output.file.as_deref().filter(|path| *path != Path::new("-"));
    if format.is_binary() && file.is_none() && io::stdout().is_terminal() {
        let problem = "is binary and would go to the terminal";
        return Err(Error::argument("format", format.name(), problem, "add -o FILE"));
    }
    if let Some(both) = file.filter(|file| output.coverage.as_deref() == Some(file)) {
        let problem = "is to hold both the answer and its coverage";
        return Err(Error::argument("file", both.display().to_string(), problem, "name two"));
    }
    Ok(file)
}

async fn write(
    answer: &mut Answer,
    marks: Option<Annotations>,
    (format, style): (Format, TableStyle),
    sink: Box<dyn Write + Send + '_>,
    bar: &ProgressBar,
) -> Result<()> {
    let schema = match marks {
        Some(_) => Annotations::schema(&answer.schema()),
        None => answer.schema(),
    };
    let mut writer: Box<dyn BatchWriter + '_> = format.writer(sink, &schema, style)?;
    while let Some(batch) = answer.next().await {
        let batch = match &marks {
            Some(marks) => marks.mark(&batch?)?,
            None => batch?,
        };
        bar.suspend(|| writer.write(&batch))?;
    }
    bar.suspend(|| writer.finish())
}

/// How a table looks where it goes.
pub fn style(output: &OutputArgs) -> TableStyle {
    let stdout = io::stdout();
    let to_terminal = output.file.is_none();
    TableStyle {
        width: terminal_width().filter(|_| to_terminal).unwrap_or(PLAIN_WIDTH),
        colour: to_terminal && shows_colour(&stdout),
        wide: output.wide,
    }
}

fn terminal_width() -> Option<u16> {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(|| comfy_table::Table::new().width())
}
