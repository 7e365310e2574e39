//! The table for a terminal: one row an event, cut to the terminal's width.

use std::io::Write;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Row, Table};

use super::csv::json_text;
use super::text::visible;
use super::{BatchWriter, sink_error};
use crate::error::Result;
use crate::finding::FINDINGS;
use crate::timeline::{TimelineRow, timeline_rows};

/// How the table looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableStyle {
    /// Characters a line may have.
    pub width: u16,
    /// Colours by outcome and relation.
    pub colour: bool,
    /// Every column, however wide.
    pub wide: bool,
}

/// Collects rows and writes them at the end, when their widths are known.
pub struct TableWriter<'a> {
    sink: Box<dyn Write + Send + 'a>,
    style: TableStyle,
    columns: Vec<&'static Column>,
    table: Table,
    rows: usize,
}

/// A column of the narrow table.
struct Column {
    name: &'static str,
    text: fn(&TimelineRow) -> String,
    /// Lines narrower than this do without it; `--wide` shows all.
    from_width: u16,
    /// Lines at least this wide never cut it.
    whole_from: u16,
}

/// Longer than any real service and call: what is longer was not AWS's to name.
const LONGEST_CALL: usize = 64;

const COLUMNS: [Column; 9] = [
    Column {
        name: "TIME (UTC)",
        text: |row| row.time.format("%Y-%m-%d %H:%M:%S").to_string(),
        from_width: 0,
        whole_from: 0,
    },
    Column { name: "RELATION", text: relation, from_width: 0, whole_from: 0 },
    Column { name: "REGION", text: |row| shown(row.region.as_deref()), from_width: 110, whole_from: 0 },
    Column {
        name: "CALL",
        text: |row| row.call.chars().take(LONGEST_CALL).collect(),
        from_width: 0,
        whole_from: 110,
    },
    Column {
        name: "OUTCOME",
        text: |row| row.error.clone().unwrap_or_else(|| "ok".into()),
        from_width: 0,
        whole_from: u16::MAX,
    },
    Column {
        name: "SOURCE",
        text: |row| shown(row.source_address.as_deref()),
        from_width: 0,
        whole_from: u16::MAX,
    },
    Column { name: "CALLER", text: |row| shown(row.caller.as_deref()), from_width: 90, whole_from: u16::MAX },
    Column {
        name: "TARGET",
        text: |row| shown(row.target.as_deref().map(short_arn)),
        from_width: 0,
        whole_from: u16::MAX,
    },
    Column {
        name: "COPIES",
        text: |row| if row.copies > 1 { format!("×{}", row.copies) } else { String::new() },
        from_width: 110,
        whole_from: 0,
    },
];

/// What findings rest on a row, where a timeline is annotated.
const FOUND: Column =
    Column { name: "FINDINGS", text: |row| row.findings.join(", "), from_width: 0, whole_from: u16::MAX };

/// `downstream` with how many credentials lie between.
fn relation(row: &TimelineRow) -> String {
    match row.depth {
        Some(depth @ 1..) => format!("{} {depth}", row.relation),
        _ => row.relation.clone(),
    }
}

fn shown(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

impl<'a> TableWriter<'a> {
    /// A table of batches of `schema` that will look like `style`.
    pub fn new(sink: Box<dyn Write + Send + 'a>, schema: &SchemaRef, style: TableStyle) -> Self {
        let found = schema.column_with_name(FINDINGS).map(|_| &FOUND);
        let columns: Vec<_> =
            COLUMNS.iter().filter(|column| style.width >= column.from_width).chain(found).collect();
        let mut table = Table::new();
        table.load_style(NOTHING);
        if style.wide {
            table.set_content_arrangement(ContentArrangement::Disabled);
        } else {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(style.width);
            table.set_header(columns.iter().map(|column| header(column.name, style)));
            for (at, column) in columns.iter().enumerate() {
                if let Some(shown) = table.column_mut(at).filter(|_| style.width >= column.whole_from) {
                    shown.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        if !style.colour {
            table.force_no_tty();
        } else {
            table.enforce_styling();
        }
        Self { sink, style, columns, table, rows: 0 }
    }

    fn narrow(&mut self, batch: &RecordBatch) -> Result<()> {
        for row in timeline_rows(batch)? {
            let mut cells = Row::from(self.cells(&row));
            cells.max_height(1);
            self.table.add_row(cells);
        }
        Ok(())
    }

    fn cells(&self, row: &TimelineRow) -> Vec<Cell> {
        let cells = self.columns.iter().map(|column| {
            let colour = match (column.name, row.error.is_some(), row.relation.as_str()) {
                ("OUTCOME", true, _) | ("FINDINGS", ..) => Some(Color::Red),
                ("OUTCOME", false, _) => Some(Color::Green),
                ("RELATION", _, "on_role") => Some(Color::Yellow),
                ("RELATION", ..) => Some(Color::Cyan),
                _ => None,
            };
            styled(&(column.text)(row), self.style, colour)
        });
        cells.collect()
    }

    fn wide(&mut self, batch: &RecordBatch) -> Result<()> {
        let schema = batch.schema();
        if self.table.header().is_none() {
            self.table.set_header(schema.fields().iter().map(|field| field.name()));
        }
        let mut columns = vec![];
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            let texts: Vec<String> = if field.data_type().is_nested() {
                json_text(field, column)?.iter().map(|text| text.unwrap_or_default().to_owned()).collect()
            } else {
                let options = FormatOptions::default();
                let formatter = ArrayFormatter::try_new(column, &options)?;
                (0..batch.num_rows()).map(|row| formatter.value(row).to_string()).collect()
            };
            columns.push(texts);
        }
        for row in 0..batch.num_rows() {
            self.table.add_row(columns.iter().map(|column| visible(&column[row]).into_owned()));
        }
        Ok(())
    }
}

impl BatchWriter for TableWriter<'_> {
    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows();
        if self.style.wide { self.wide(batch) } else { self.narrow(batch) }
    }

    fn finish(&mut self) -> Result<()> {
        if self.rows == 0 {
            writeln!(self.sink, "no events").map_err(sink_error)?;
        } else {
            writeln!(self.sink, "{}", self.table.trim_fmt()).map_err(sink_error)?;
        }
        self.sink.flush().map_err(sink_error)
    }
}

/// An ARN from its account on: what a narrow column has room for.
fn short_arn(text: &str) -> &str {
    let after_region = text.strip_prefix("arn:").and_then(|rest| rest.splitn(4, ':').nth(3));
    after_region.map_or(text, |rest| rest.trim_start_matches(':'))
}

fn styled(text: &str, style: TableStyle, colour: Option<Color>) -> Cell {
    let cell = Cell::new(visible(text));
    match colour.filter(|_| style.colour) {
        Some(colour) => cell.fg(colour),
        None => cell,
    }
}

pub(super) fn header(name: &str, style: TableStyle) -> Cell {
    let cell = Cell::new(name);
    if style.colour { cell.add_attribute(Attribute::Bold) } else { cell }
}
