//! Findings: as a list for people, or as rows for machines.

use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use arrow::json::ReaderBuilder;

use super::text::visible;
use super::{BatchWriter, Format, TableStyle, sink_error};
use crate::detection::Severity;
use crate::error::Result;
use crate::finding::Finding;
use crate::window::rfc3339;

/// The narrowest lines that texts are broken to.
const NARROWEST: usize = 60;
/// The widest: longer ones are hard to read.
const WIDEST: usize = 120;
/// Findings that are rows at a time.
const BATCH: usize = 256;
/// Ids that the list shows of a finding.
const FEW: usize = 5;

/// Writes findings in a format: a list for a terminal as [`Format::Table`], else a row each.
///
/// # Errors
/// If they cannot be written.
pub fn write_findings(
    findings: &[Finding],
    format: Format,
    mut sink: Box<dyn Write + Send + '_>,
    style: TableStyle,
) -> Result<()> {
    if format == Format::Table {
        sink.write_all(list(findings, style).as_bytes()).map_err(sink_error)?;
        return sink.flush().map_err(sink_error);
    }
    let schema = schema();
    let mut writer: Box<dyn BatchWriter + '_> = format.writer(sink, &schema, style)?;
    for some in findings.chunks(BATCH) {
        writer.write(&batch(some, SchemaRef::clone(&schema))?)?;
    }
    writer.finish()
}

/// Findings as rows.
fn batch(findings: &[Finding], schema: SchemaRef) -> Result<RecordBatch> {
    let mut decoder =
        ReaderBuilder::new(SchemaRef::clone(&schema)).with_batch_size(findings.len()).build_decoder()?;
    decoder.serialize(findings)?;
    Ok(decoder.flush()?.unwrap_or_else(|| RecordBatch::new_empty(schema)))
}

/// The columns of findings as rows: the fields of [`Finding`].
fn schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let integer = |name| Field::new(name, DataType::Int64, true);
    let time = |name| Field::new(name, DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true);
    let list = |name, item| Field::new(name, DataType::List(Arc::new(Field::new("item", item, true))), true);
    let texts = |name| list(name, DataType::Utf8);
    let evidence = Fields::from(vec![
        text("event_id"),
        time("event_time"),
        text("call"),
        text("region"),
        text("error_code"),
        text("source_address"),
        text("target"),
        text("source_object"),
        integer("source_index"),
    ]);
    let baseline = Fields::from(vec![
        text("with"),
        integer("calls_before"),
        integer("of"),
        integer("seconds_before"),
        integer("calls_now"),
        integer("seconds_now"),
        text("text"),
    ]);
    Arc::new(Schema::new(vec![
        text("id"),
        text("title"),
        text("severity"),
        integer("score"),
        texts("tactics"),
        texts("techniques"),
        text("principal"),
        integer("events"),
        texts("eventids"),
        time("first_seen"),
        time("last_seen"),
        text("explanation"),
        Field::new("baseline", DataType::Struct(baseline), true),
        texts("checks"),
        texts("benign"),
        texts("references"),
        list("evidence", DataType::Struct(evidence)),
    ]))
}

/// Findings as people read them.
fn list(findings: &[Finding], style: TableStyle) -> String {
    if findings.is_empty() {
        return "no findings\n".to_owned();
    }
    let width = usize::from(style.width).clamp(NARROWEST, WIDEST);
    findings.iter().map(|finding| item(finding, style, width)).collect::<Vec<_>>().join("\n")
}

fn item(finding: &Finding, style: TableStyle, width: usize) -> String {
    let mut lines = vec![format!(
        "{} {} {}",
        coloured(finding.severity, style),
        finding.score,
        bold(&visible(&finding.title), style)
    )];
    let time = |time: Option<_>| time.map_or("at no known time".to_owned(), rfc3339);
    let span = match (finding.first_seen, finding.last_seen) {
        (first, last) if first == last => time(first),
        (first, last) => format!("{} to {}", time(first), time(last)),
    };
    let events =
        if finding.events == 1 { "1 event".to_owned() } else { format!("{} events", finding.events) };
    let attack = [finding.tactics.join(", "), finding.techniques.join(", ")].join(" ");
    let attack = if attack.trim().is_empty() { String::new() } else { format!(", {}", attack.trim()) };
    lines.push(format!("  {span}, {events}{} [{}]", visible(&attack), visible(&finding.id)));
    lines.extend(wrapped("  ", &finding.explanation, width));
    for check in &finding.checks {
        lines.extend(wrapped("  Check: ", check, width));
    }
    for benign in &finding.benign {
        lines.extend(wrapped("  Or harmless: ", benign, width));
    }
    let shown = if style.wide { usize::MAX } else { FEW };
    let ids: Vec<&str> = finding.eventids.iter().map(String::as_str).take(shown).collect();
    let more = finding.eventids.len() - ids.len();
    let more = if more > 0 { format!(" and {more} more (--wide)") } else { String::new() };
    if !ids.is_empty() {
        lines.extend(wrapped("  Events: ", &format!("{}{more}", ids.join(", ")), width));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// A text in lines of at most `width` characters, where its words let it.
fn wrapped(label: &str, text: &str, width: usize) -> Vec<String> {
    let text = visible(text);
    let mut lines = vec![];
    let mut line = label.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, "    ".to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

fn coloured(severity: Severity, style: TableStyle) -> String {
    let name = severity.name().to_uppercase();
    let code = match severity {
        Severity::Critical => "1;37;41",
        Severity::High => "1;31",
        Severity::Medium => "33",
        Severity::Low => "36",
        Severity::Informational => "2",
    };
    if style.colour { format!("\x1b[{code}m{name}\x1b[0m") } else { name }
}

fn bold(text: &str, style: TableStyle) -> String {
    if style.colour { format!("\x1b[1m{text}\x1b[0m") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let lines = wrapped("  ", "one two three four five \u{1b}[31msix", 16);
        assert_eq!(lines, ["  one two three", "    four five", "    \\u{1b}[31msix"]);
    }

    #[test]
    fn every_field_is_a_column() {
        let finding = Finding {
            id: "x".into(),
            title: String::new(),
            severity: Severity::Low,
            score: 20,
            tactics: vec![],
            techniques: vec![],
            principal: String::new(),
            events: 0,
            eventids: vec![],
            first_seen: None,
            last_seen: None,
            explanation: String::new(),
            baseline: None,
            checks: vec![],
            benign: vec![],
            references: vec![],
            evidence: vec![],
        };
        let json = serde_json::to_value(&finding).unwrap();
        let fields: Vec<_> = json.as_object().unwrap().keys().cloned().collect();
        let mut columns: Vec<_> = schema().fields().iter().map(|field| field.name().clone()).collect();
        columns.sort_unstable();
        assert_eq!(fields, columns);
        assert_eq!(batch(&[finding], schema()).unwrap().num_rows(), 1);
    }
}
