//! The tree of sessions in lines and indents.

use chrono::{DateTime, Utc};

use super::super::text::visible;
use super::{activity_line, issue_line, unknown_issue, validity};
use crate::sessions::{Session, SessionTree};

/// Logged text in it is made harmless.
pub fn write(tree: &SessionTree, now: DateTime<Utc>) -> String {
    let mut lines = Lines { tree, now, text: String::new() };
    lines.line("", &tree.principal);
    if tree.sessions.is_empty() {
        lines.line("`- ", "no session of it did or issued anything in the window");
    }
    lines.children(None, "");
    lines.text
}

struct Lines<'a> {
    tree: &'a SessionTree,
    now: DateTime<Utc>,
    text: String,
}

impl Lines<'_> {
    fn line(&mut self, indent: &str, text: &str) {
        self.text.push_str(indent);
        self.text.push_str(&visible(text));
        self.text.push('\n');
    }

    fn children(&mut self, parent: Option<&str>, indent: &str) {
        let tree = self.tree;
        let children: Vec<&Session> = tree.children(parent).collect();
        for (at, session) in children.iter().enumerate() {
            let last = at + 1 == children.len();
            self.line(&format!("{indent}{}", if last { "`- " } else { "|- " }), &session.label);
            let below = format!("{indent}{}", if last { "   " } else { "|  " });
            let has_children = tree.children(Some(&session.id)).next().is_some();
            let details = format!("{below}{}", if has_children { "|  " } else { "   " });
            self.details(session, &details);
            self.children(Some(&session.id), &below);
        }
    }

    fn details(&mut self, session: &Session, indent: &str) {
        match &session.activity {
            Some(activity) => self.line(indent, &activity_line(activity)),
            None => self.line(indent, "no call in the window"),
        }
        let Some((own, ancestors)) = session.origin.split_first() else {
            return self.line(indent, &unknown_issue(session.activity.as_ref()));
        };
        self.line(indent, &issue_line(own));
        self.line(indent, &validity(own, self.now));
        // For what was issued on the way down, the tree itself shows its ancestors.
        for ancestor in ancestors.iter().filter(|_| session.depth == 0) {
            self.line(indent, &format!("which came by {}", issue_line(ancestor)));
        }
    }
}
