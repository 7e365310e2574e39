//! The tree of sessions for Graphviz and Mermaid.

use std::collections::HashMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::super::text::visible;
use super::{activity_line, issue_line, unknown_issue, validity};
use crate::sessions::{Session, SessionTree};

/// Graphviz: `dot -Tsvg`.
pub fn dot(tree: &SessionTree, now: DateTime<Utc>) -> String {
    let mut text =
        String::from("digraph sessions {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    let _ = writeln!(text, "  principal [label=\"{}\", style=bold];", dot_text(&tree.principal));
    write_graph(tree, now, |part| {
        let _ = match part {
            Part::Node(id, lines) => {
                let label: Vec<_> = lines.iter().map(|line| dot_text(line)).collect();
                writeln!(text, "  {id} [label=\"{}\"];", label.join("\\l") + "\\l")
            }
            Part::Edge(from, to, label) => {
                writeln!(text, "  {from} -> {to} [label=\"{}\"];", dot_text(&label))
            }
        };
    });
    text + "}\n"
}

/// A Mermaid flowchart.
pub fn mermaid(tree: &SessionTree, now: DateTime<Utc>) -> String {
    let mut text = String::from("flowchart LR\n");
    let _ = writeln!(text, "  principal[\"{}\"]", mermaid_text(&tree.principal));
    write_graph(tree, now, |part| {
        let _ = match part {
            Part::Node(id, lines) => {
                let label: Vec<_> = lines.iter().map(|line| mermaid_text(line)).collect();
                writeln!(text, "  {id}[\"{}\"]", label.join("<br>"))
            }
            Part::Edge(from, to, label) => writeln!(text, "  {from} -->|\"{}\"| {to}", mermaid_text(&label)),
        };
    });
    text
}

enum Part {
    Node(String, Vec<String>),
    Edge(String, String, String),
}

fn write_graph(tree: &SessionTree, now: DateTime<Utc>, mut write: impl FnMut(Part)) {
    let ids: HashMap<&str, String> = tree
        .sessions
        .iter()
        .enumerate()
        .map(|(at, session)| (session.id.as_str(), format!("s{at}")))
        .collect();
    for session in &tree.sessions {
        let id = &ids[session.id.as_str()];
        write(Part::Node(id.clone(), node_lines(session, now)));
        let parent = session.parent.as_deref().and_then(|parent| ids.get(parent));
        let parent = parent.cloned().unwrap_or_else(|| "principal".to_owned());
        let event = session.credential().map_or("issue unknown", |credential| &credential.event).to_owned();
        write(Part::Edge(parent, id.clone(), event));
    }
}

fn node_lines(session: &Session, now: DateTime<Utc>) -> Vec<String> {
    let mut lines = vec![session.label.clone()];
    lines.extend(session.activity.as_ref().map(activity_line));
    match session.credential() {
        Some(credential) => lines.extend([issue_line(credential), validity(credential, now)]),
        None => lines.push(unknown_issue(session.activity.as_ref())),
    }
    lines
}

/// Text in a quoted string of the DOT language.
fn dot_text(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('"', "\\\"")
}

/// Text in a quoted label of Mermaid: what is more than a letter to it, or to HTML, by its number.
fn mermaid_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in visible(text).chars() {
        if c.is_alphanumeric() || " .,:/@=+_()-".contains(c) {
            safe.push(c);
        } else {
            let _ = write!(safe, "#{};", u32::from(c));
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_labels_stay_labels() {
        let hostile = "x\"];\n evil -> y [label=\"\\<script>\x1b[31m";
        let label = dot_text(hostile);
        assert!(!label.replace("\\\\", "").replace("\\\"", "").contains('"'), "{label}");
        assert!(label.chars().all(|c| !c.is_control()));
        let label = mermaid_text(hostile);
        assert!(!label.contains(['"', '<', '>', '[', ']', '\n', '\\']), "{label}");
    }
}
