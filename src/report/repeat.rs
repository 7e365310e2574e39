//! How to ask the same again, and check the answer.

use chrono::Duration;
use serde::Serialize;

use super::subject::Subject;
use crate::case::{Asked, Case};
use crate::compared::length;
use crate::window::rfc3339;

/// What the case was made with, and the commands that repeat it.
#[derive(Debug, Clone, Serialize)]
pub struct Repeat {
    facts: Vec<Fact>,
    commands: Vec<Command>,
}

#[derive(Debug, Clone, Serialize)]
struct Fact {
    name: &'static str,
    value: String,
}

#[derive(Debug, Clone, Serialize)]
struct Command {
    what: &'static str,
    line: String,
}

/// The facts and commands of a case.
pub fn repeat(case: &Case) -> Repeat {
    Repeat { facts: facts(case), commands: commands(&case.asked) }
}

fn facts(case: &Case) -> Vec<Fact> {
    let asked = &case.asked;
    let in_words = |seconds| length(Duration::try_seconds(seconds).unwrap_or_default());
    let or_all = |some: &[String]| if some.is_empty() { "all".to_owned() } else { some.join(", ") };
    let facts = [
        ("Case", case.id.clone()),
        ("Made with", format!("trailq {}", case.version)),
        ("The clock then", rfc3339(case.clock)),
        ("About", asked.principal.clone()),
        ("From", rfc3339(asked.from)),
        ("To", rfc3339(asked.to)),
        ("Credentials looked for", format!("from {} before on", in_words(asked.lookback))),
        ("Compared with", format!("the {} before", in_words(asked.baseline))),
        ("Late deliveries", format!("taken in for {} after", in_words(asked.slack))),
        ("Accounts", or_all(&asked.accounts)),
        ("Regions", or_all(&asked.regions)),
        ("Logs", asked.sources.join(", ")),
    ];
    let fact = |(name, value)| Fact { name, value };
    facts.into_iter().map(fact).collect()
}

fn commands(asked: &Asked) -> Vec<Command> {
    let mut who = vec![];
    if let Some(option) = Subject::of(&asked.principal).option() {
        who.extend([option.to_owned(), quoted(&asked.principal)]);
    }
    let when = ["--from", &rfc3339(asked.from), "--to", &rfc3339(asked.to)].map(ToOwned::to_owned);
    let sources: Vec<String> = asked.sources.iter().map(|source| quoted(source)).collect();
    let line = |command: &[&str], options: &[String]| {
        let words = std::iter::once("trailq".to_owned()).chain(command.iter().map(ToString::to_string));
        words.chain(options.iter().cloned()).chain(sources.iter().cloned()).collect::<Vec<_>>().join(" ")
    };
    let asked: Vec<String> = who.into_iter().chain(when.clone()).collect();
    vec![
        Command { what: "Every row of the timeline", line: line(&["timeline", "--follow"], &asked) },
        Command { what: "The findings", line: line(&["anomalies", "--follow"], &asked) },
        Command {
            what: "Whether log files were changed or deleted since CloudTrail delivered them",
            line: line(&["verify"], &when),
        },
    ]
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_words() {
        assert_eq!(quoted("s3://b/AWSLogs"), "s3://b/AWSLogs");
        assert_eq!(quoted("a'; rm -rf /"), "'a'\\''; rm -rf /'");
        assert_eq!(quoted(""), "''");
    }
}
