//! The tree of sessions as a picture: one box a session, those it led to below it and further right.

use std::collections::HashMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::super::text::{html, shortened, visible};
use super::excerpt::excerpt;
use super::{activity_line, issue_line, unknown_issue, validity};
use crate::sessions::{Session, SessionTree};

/// Sessions drawn; JSON has all.
const DRAWN: usize = 100;
/// Characters of a line that fit into a box, lines that a longer text is broken to, and characters
/// of a tooltip.
const FITTING: usize = 92;
const BROKEN: usize = 3;
const LONGEST: usize = 1_000;
/// Pixels.
const BOX: usize = 760;
const INDENT: usize = 30;
const LINE: usize = 18;
const GAP: usize = 12;

/// The picture's style. It is a constant so that a page which the picture is put into can name its
/// hash in a Content-Security-Policy.
pub const TREE_STYLE: &str = include_str!("svg.css");

/// The picture; `now` says which credentials are over.
pub fn write(tree: &SessionTree, now: DateTime<Utc>) -> String {
    let (shown, left_out) = excerpt(tree, DRAWN);
    let mut picture = Picture::default();
    let mut principal = vec![tree.principal.clone()];
    if tree.sessions.is_empty() {
        principal.push("no session of it did or issued anything in the window".to_owned());
    }
    picture.node(0, None, "principal", &principal);
    picture.sessions(&shown, now);
    if left_out > 0 {
        let more = format!("{left_out} more, which called less often; trailq lineage --format json has all");
        picture.node(1, Some(0), "more", &[more]);
    }
    picture.finish(&tree.principal)
}

#[derive(Default)]
struct Picture {
    body: String,
    /// Top and left of each box, in pixels.
    boxes: Vec<(usize, usize)>,
    width: usize,
    bottom: usize,
}

impl Picture {
    fn sessions(&mut self, tree: &SessionTree, now: DateTime<Utc>) {
        let mut children: HashMap<Option<&str>, Vec<&Session>> = HashMap::new();
        for session in tree.sessions.iter().rev() {
            children.entry(session.parent.as_deref()).or_default().push(session);
        }
        let below = |parent: Option<&str>, depth, at| {
            let found = children.get(&parent).into_iter().flatten();
            found.map(move |session| (*session, depth, at)).collect::<Vec<_>>()
        };
        let mut waiting = below(None, 1, 0);
        while let Some((session, depth, parent)) = waiting.pop() {
            let at = self.node(depth, Some(parent), state(session, now), &lines(session, now));
            waiting.extend(below(Some(&session.id), depth + 1, at));
        }
    }

    /// Draws a box with lines of text, and an edge from its parent's. Returns the box's number.
    fn node(&mut self, depth: usize, parent: Option<usize>, class: &str, lines: &[String]) -> usize {
        let (x, y) = (depth * INDENT + 1, self.bottom + if self.boxes.is_empty() { 1 } else { GAP });
        let broken: Vec<(usize, String)> = lines
            .iter()
            .enumerate()
            .flat_map(|(at, line)| broken(line).into_iter().map(move |line| (at, line)))
            .collect();
        let height = broken.len() * LINE + 14;
        let from = parent.and_then(|parent| self.boxes.get(parent));
        if let Some((top, left)) = from {
            let _ = write!(
                self.body,
                r#"<path class="edge" d="M{} {top}V{}H{x}"/>"#,
                left + INDENT / 2,
                y + height / 2
            );
        }
        let text: Vec<String> = lines.iter().map(|line| html(&shortened(line, LONGEST))).collect();
        let _ = write!(self.body, r#"<g class="{class}"><title>{}</title>"#, text.join("\n"));
        let _ = write!(
            self.body,
            r#"<rect class="box" x="{x}" y="{y}" width="{BOX}" height="{height}" rx="6"/>"#
        );
        let _ =
            write!(self.body, r#"<rect class="bar" x="{x}" y="{y}" width="6" height="{height}" rx="3"/>"#);
        for (row, (at, line)) in broken.iter().enumerate() {
            let baseline = y + 20 + row * LINE;
            let class = if *at == 0 { r#" class="name""# } else { "" };
            let line = html(line);
            let _ = write!(self.body, r#"<text{class} x="{}" y="{baseline}">{line}</text>"#, x + 18);
        }
        self.body.push_str("</g>");
        self.bottom = y + height;
        self.width = self.width.max(x + BOX + 1);
        self.boxes.push((self.bottom, x));
        self.boxes.len() - 1
    }

    fn finish(self, principal: &str) -> String {
        let (width, height) = (self.width, self.bottom + 1);
        let title = html(&shortened(principal, LONGEST));
        format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="lineage" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img"><title>Sessions of {title}</title><style>{TREE_STYLE}</style>{}</svg>
"#,
            self.body
        )
    }
}

/// A text in lines that fit into a box; the last ends in an ellipsis if there was more.
fn broken(text: &str) -> Vec<String> {
    let text = visible(text);
    let (mut lines, mut line, mut width) = (vec![], String::new(), 0);
    for word in text.split_inclusive(' ') {
        let breaks_before = width > 0 && width + word.chars().count() > FITTING;
        for (at, c) in word.chars().enumerate() {
            if (at == 0 && breaks_before) || width == FITTING {
                lines.push(std::mem::take(&mut line));
                width = 0;
            }
            line.push(c);
            width += 1;
        }
    }
    lines.push(line);
    if lines.len() > BROKEN {
        lines.truncate(BROKEN);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

/// Whether its credential still opens anything; its last line says so, too.
fn state(session: &Session, now: DateTime<Utc>) -> &'static str {
    match session.credential() {
        Some(credential) if credential.expiry().is_some_and(|end| end <= now) => "ended",
        Some(_) => "open",
        None => "unknown",
    }
}

fn lines(session: &Session, now: DateTime<Utc>) -> Vec<String> {
    let activity = session.activity.as_ref();
    let mut lines = vec![session.label.clone()];
    lines.push(activity.map_or("no call in the window".to_owned(), activity_line));
    match session.origin.split_first() {
        Some((own, ancestors)) => {
            lines.extend([issue_line(own), validity(own, now)]);
            // For what was issued on the way down, the tree itself shows its ancestors.
            let ancestors = ancestors.iter().filter(|_| session.depth == 0);
            lines.extend(ancestors.map(|ancestor| format!("which came by {}", issue_line(ancestor))));
        }
        None => lines.push(unknown_issue(activity)),
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        let label = "</text><script>alert(1)</script>\u{202e}\x1b[31m\0\n";
        let session = Session { id: "a".into(), label: label.into(), ..Session::default() };
        let tree = SessionTree { principal: "\"><svg onload=x>".into(), sessions: vec![session] };
        let svg = write(&tree, DateTime::UNIX_EPOCH);
        assert_eq!(svg.matches("<svg").count(), 1);
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}') && !svg.contains('\0'), "{svg}");
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn long_texts_are_broken_between_words_or_letters() {
        assert_eq!(broken("a b"), ["a b"]);
        let words = broken(&"word ".repeat(30));
        assert_eq!(words.len(), 2);
        assert!(words[0].ends_with("word ") && words[0].len() <= FITTING, "{words:?}");
        let letters = broken(&"x".repeat(1_000));
        assert_eq!(letters.iter().map(|line| line.chars().count()).collect::<Vec<_>>(), [92, 92, 93]);
    }

    #[test]
    fn large_trees_are_cut() {
        let session = |id: usize| Session { id: id.to_string(), ..Session::default() };
        let tree = SessionTree { principal: "x".into(), sessions: (0..5000).map(session).collect() };
        let svg = write(&tree, DateTime::UNIX_EPOCH);
        assert!(svg.contains("4900 more"));
        assert!(svg.len() < 100_000);
    }
}
