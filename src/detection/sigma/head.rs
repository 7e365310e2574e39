//! What a rule says of itself.

use datafusion::logical_expr::lit;

use super::super::rule::{Logic, Rule, Severity};
use super::read::Document;

/// The rule without its logic.
pub fn head(document: &Document) -> Rule {
    let id = id(document);
    let severity = document.text("level").and_then(|level| level.to_lowercase().parse().ok());
    let severity = severity.unwrap_or(Severity::Medium);
    let tags = document.texts("tags");
    let attack: Vec<String> = tags
        .iter()
        .filter_map(|tag| tag.to_lowercase().strip_prefix("attack.").map(ToOwned::to_owned))
        .collect();
    let (named, numbered): (Vec<String>, Vec<String>) = attack.into_iter().partition(|tag| !is_numbered(tag));
    Rule {
        title: document.called().unwrap_or_else(|| id.clone()),
        id,
        severity,
        denied: severity.attempted(),
        failed: severity.attempted(),
        via_service: None,
        via_tool: None,
        tactics: named.into_iter().map(|tag| tag.replace('_', "-")).collect(),
        techniques: numbered
            .into_iter()
            .filter(|tag| tag.starts_with('t'))
            .map(|tag| tag.to_uppercase())
            .collect(),
        why: document
            .text("description")
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
        benign: document.texts("falsepositives"),
        checks: vec![],
        references: document.texts("references"),
        silent: false,
        logic: Logic::Event(lit(false)),
    }
}

/// Its id, or its name, or that of its file.
fn id(document: &Document) -> String {
    let stem = || {
        let stem = document.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if document.nth == 0 { stem } else { format!("{stem}-{}", document.nth + 1) }
    };
    document.text("id").or_else(|| document.text("name")).unwrap_or_else(stem)
}

/// Whether a tag is the number of a technique, a group or a software: a letter, then digits.
fn is_numbered(tag: &str) -> bool {
    tag.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}
