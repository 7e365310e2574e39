//! A short text for a notification, within the limits of Amazon SNS.

use serde::Serialize;

use super::sentence::Sentence;
use super::story::{Section, story, verdict};
use super::subject::Subject;
use super::words::{capital, moment};
use crate::case::Case;
use crate::output::text::{shortened, visible};

/// SNS: "must be less than 100 characters long" (API reference, `Publish`, `Subject`).
const LONGEST_SUBJECT: usize = 99;
/// SNS: 262,144 bytes a message, attributes included, for which some are left.
const LONGEST_MESSAGE: usize = 256_000;
/// The last line of a message that was cut.
const CUT: &str = "[Cut here: the report has the rest.]\n";

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notification {
    /// At most 99 printable ASCII characters.
    pub subject: String,
    /// Plain text of less than 256 kB, the most important first.
    pub message: String,
}

/// A case in a few sentences.
pub fn notification(case: &Case) -> Notification {
    Notification { subject: subject(case), message: message(case) }
}

fn subject(case: &Case) -> String {
    let verdict = verdict(case);
    let about = Subject::of(&case.asked.principal).titled();
    let text = match case.findings.first() {
        Some(worst) => {
            let title = shortened(&worst.title, 50);
            format!("[trailq] {}: {} - {about}", worst.severity.name().to_uppercase(), capital(&title))
        }
        None => format!("[trailq] {} - {about}", verdict.call),
    };
    fitting(&visible(&text))
}

/// A text as a subject: in ASCII, and with dots where it was too long.
fn fitting(text: &str) -> String {
    const DOTS: &str = "...";
    let ascii = |c: char| if c.is_ascii() { c } else { '?' };
    let text: String = text.replace('…', DOTS).chars().map(ascii).collect();
    match text.get(..LONGEST_SUBJECT - DOTS.len()) {
        Some(start) if text.len() > LONGEST_SUBJECT => format!("{}{DOTS}", start.trim_end()),
        _ => text,
    }
}

fn message(case: &Case) -> String {
    let verdict = verdict(case);
    let mut lines = vec![format!("{}. {}", verdict.call.to_uppercase(), verdict.headline.plain())];
    lines.extend(verdict.caveat.map(ToOwned::to_owned));
    for section in story(case) {
        lines.extend([String::new(), section.heading.to_uppercase()]);
        lines.extend(section_lines(&section));
    }
    let made = format!("Case {}, as of {}, trailq {}", visible(&case.id), moment(case.clock), case.version);
    lines.extend([String::new(), made]);
    within(&lines, LONGEST_MESSAGE)
}

fn section_lines(section: &Section) -> Vec<String> {
    let paragraph =
        |sentences: &Vec<Sentence>| sentences.iter().map(Sentence::plain).collect::<Vec<_>>().join(" ");
    let points = section.points.iter().map(|point| format!("- {}", point.plain()));
    let more = (section.more > 0).then(|| format!("- And {} more; see the report.", section.more));
    section.paragraphs.iter().map(paragraph).chain(points).chain(more).collect()
}

/// As many whole lines as fit, and a note if there were more.
fn within(lines: &[String], longest: usize) -> String {
    let mut text = String::new();
    for line in lines {
        if text.len() + line.len() + 1 + CUT.len() > longest {
            text.push_str(CUT);
            break;
        }
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_short_and_in_ascii() {
        assert_eq!(fitting("A very… long title – x"), "A very... long title ? x");
        assert_eq!(fitting(&"x".repeat(99)).len(), 99);
        let cut = fitting(&"ä".repeat(100));
        assert_eq!(cut, format!("{}...", "?".repeat(96)));
    }

    #[test]
    fn long_messages_are_cut_at_a_line() {
        let lines: Vec<String> = (0..100).map(|line| format!("line {line} äöü")).collect();
        let text = within(&lines, 200);
        assert!(text.len() <= 200 && text.ends_with(CUT), "{text}");
        assert!(text.lines().rev().skip(1).all(|line| line.ends_with("äöü")), "{text}");
        assert!(!within(&lines, 10_000).contains(CUT));
    }
}
