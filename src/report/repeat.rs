//! How to ask the same again, and check the answer.

use chrono::Duration;
use serde::Serialize;

use super::subject::Subject;
use crate::case::{Asked, Case};
use crate::compared::length;
use crate::window::rfc3339;

/// Seconds of `--lookback` where it is not given.
const LOOKBACK: i64 = 12 * 3_600;
/// Seconds of `--baseline` where it is not given.
const BASELINE: i64 = 7 * 86_400;
/// Seconds of `--slack` where it is not given.
const SLACK: i64 = 3_600;
/// The folder of the repeated case: a new one, since none is written over.
const AGAIN: &str = "case-again";

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
    Repeat { facts: facts(case), commands: commands(case) }
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

fn commands(case: &Case) -> Vec<Command> {
    let asked = &case.asked;
    let (who, scope, compared) = (principal(asked), scope(asked), compared(asked));
    let question = [who, scope.clone(), compared].concat();
    let again = ["--now".to_owned(), rfc3339(case.clock), "--out".to_owned(), AGAIN.to_owned()];
    let line = |command: &[&str], options: &[String]| {
        let command = ["trailq"].iter().chain(command).map(ToString::to_string);
        let sources = asked.sources.iter().map(|source| quoted(source));
        command.chain(options.iter().cloned()).chain(sources).collect::<Vec<_>>().join(" ")
    };
    vec![
        Command {
            what: "The whole case, in a new folder",
            line: line(&["investigate"], &[&question[..], &again].concat()),
        },
        Command { what: "Every row of the timeline", line: line(&["timeline", "--follow"], &question) },
        Command { what: "The findings", line: line(&["anomalies", "--follow"], &question) },
        Command {
            what: "Whether log files were changed or deleted since CloudTrail delivered them",
            line: line(&["verify"], &scope),
        },
    ]
}

/// About whom.
fn principal(asked: &Asked) -> Vec<String> {
    let option = Subject::of(&asked.principal).option();
    option.into_iter().flat_map(|option| [option.to_owned(), quoted(&asked.principal)]).collect()
}

/// When, and which deliveries.
fn scope(asked: &Asked) -> Vec<String> {
    let mut words = vec!["--from".to_owned(), rfc3339(asked.from), "--to".to_owned(), rfc3339(asked.to)];
    for (option, names) in [("--account", &asked.accounts), ("--region", &asked.regions)] {
        words.extend(names.iter().flat_map(|name| [option.to_owned(), quoted(name)]));
    }
    words.extend(unless_default("--slack", asked.slack, SLACK));
    words
}

/// What calls are compared with, and all other options.
fn compared(asked: &Asked) -> Vec<String> {
    let lookback = unless_default("--lookback", asked.lookback, LOOKBACK);
    let lengths = lookback.into_iter().chain(unless_default("--baseline", asked.baseline, BASELINE));
    let further = asked.options.iter().flat_map(|(name, value)| {
        let value = (!value.is_empty()).then(|| quoted(value));
        std::iter::once(quoted(&format!("--{}", name.trim_start_matches('-')))).chain(value)
    });
    lengths.chain(further).collect()
}

/// An option and its length of time, where that is not what the program takes anyway.
fn unless_default(option: &str, seconds: i64, default: i64) -> Vec<String> {
    const UNITS: [(i64, char); 3] = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    if seconds == default {
        return vec![];
    }
    let unit = UNITS.into_iter().find(|(unit, _)| seconds != 0 && seconds % unit == 0);
    let (unit, letter) = unit.unwrap_or((1, 's'));
    vec![option.to_owned(), format!("{}{letter}", seconds / unit)]
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

    fn asked() -> Asked {
        Asked {
            principal: "arn:aws:iam::111122223333:role/app".into(),
            from: "2026-03-14T13:00:00Z".parse().unwrap(),
            to: "2026-03-14T13:59:59Z".parse().unwrap(),
            lookback: LOOKBACK,
            baseline: BASELINE,
            slack: SLACK,
            accounts: vec![],
            regions: vec![],
            sources: vec!["s3://logs".into()],
            options: vec![],
        }
    }

    #[test]
    fn defaults_are_not_repeated() {
        assert_eq!(compared(&asked()), [""; 0]);
        let expected = "--from 2026-03-14T13:00:00Z --to 2026-03-14T13:59:59Z";
        assert_eq!(scope(&asked()).join(" "), expected);
    }

    #[test]
    fn what_was_given_is_repeated() {
        let given = Asked {
            lookback: 7_200,
            baseline: 0,
            slack: 90,
            accounts: vec!["111122223333".into(), "444455556666".into()],
            regions: vec!["us-east-1".into()],
            options: vec![("rules".into(), "my rules".into()), ("verify-digests".into(), String::new())],
            ..asked()
        };
        assert_eq!(
            compared(&given).join(" "),
            "--lookback 2h --baseline 0s --rules 'my rules' --verify-digests"
        );
        assert!(
            scope(&given)
                .join(" ")
                .ends_with("--account 111122223333 --account 444455556666 --region us-east-1 --slack 90s")
        );
    }
}
