//! The files of a case, one writer each.

use std::io::Write;

use serde::Serialize;

use super::folder::Draft;
use crate::case::{ActivitySummary, Alert, Asked, Case, Limitation, TimelineTable};
use crate::error::{Kind, Result};
use crate::output::text::visible_json;
use crate::output::{Format, TableStyle, TreeFormat, write_error};

/// The timeline's files, and how each is written.
const TIMELINES: [(&str, Format); 5] = [
    ("timeline.parquet", Format::Parquet),
    ("timeline.jsonl", Format::Ndjson),
    ("timeline.csv", Format::Csv),
    ("timeline.timesketch.jsonl", Format::Timesketch),
    ("timeline.ocsf.jsonl", Format::Ocsf),
];

impl Case {
    /// Writes every file of the case but the manifest.
    pub(super) fn write_to(&self, folder: &mut Draft) -> Result<()> {
        for (name, format) in TIMELINES {
            folder.write(name, |file| self.timeline.write(format, file))?;
        }
        folder.write("findings.json", |file| write_json(file, &self.findings))?;
        for (name, format) in [("lineage.json", TreeFormat::Json), ("lineage.svg", TreeFormat::Svg)] {
            let text = format.write(&self.tree, self.clock)?;
            folder.write(name, |file| write_text(file, &text))?;
        }
        folder.write("containment.json", |file| write_json(file, &self.plan))?;
        folder.write("coverage.json", |file| write_json(file, &self.coverage))?;
        folder.write("summary.json", |file| write_json(file, &Summary::of(self)))?;
        let html = crate::report::html(self)?;
        folder.write("report.html", |file| write_text(file, &html))?;
        let markdown = crate::report::markdown(self)?;
        folder.write("report.md", |file| write_text(file, &markdown))?;
        folder.write("notification.json", |file| write_json(file, &crate::report::notification(self)))
    }
}

/// What the report is made from beside the other files.
#[derive(Serialize)]
struct Summary<'a> {
    case_id: &'a str,
    asked: &'a Asked,
    alert: &'a Option<Alert>,
    activity: &'a ActivitySummary,
    baseline: &'a crate::anomalies::BaselineSummary,
    limits: &'a [Limitation],
}

impl<'a> Summary<'a> {
    fn of(case: &'a Case) -> Self {
        let Case { id, asked, alert, activity, baseline, limits, .. } = case;
        Self { case_id: id, asked, alert, activity, baseline, limits }
    }
}

impl TimelineTable {
    fn write(&self, format: Format, file: &mut (dyn Write + Send)) -> Result<()> {
        let style = TableStyle { width: u16::MAX, colour: false, wide: true };
        let mut writer = format.writer(Box::new(file), &self.schema, style)?;
        self.batches.iter().try_for_each(|batch| writer.write(batch))?;
        writer.finish()
    }
}

/// One JSON document; logged text in it is harmless on a terminal and means the same.
pub(super) fn write_json(file: &mut (dyn Write + Send), value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string_pretty(value).map_err(|error| Kind::Encode(error.to_string()))?;
    write_text(file, &(visible_json(json) + "\n"))
}

fn write_text(file: &mut (dyn Write + Send), text: &str) -> Result<()> {
    file.write_all(text.as_bytes()).map_err(|cause| write_error("the case".as_ref(), cause))
}
