//! Sentences whose names, which come from the logs, stand apart, so that no name can pass for the
//! report's own words.

use serde::Serialize;

use crate::output::text::{shortened, visible};

/// Longest name in a sentence, in characters; the tables have more of it.
const LONGEST_NAME: usize = 96;
/// Names said one by one.
const NAMED: usize = 3;

/// A sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Sentence(Vec<Part>);

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "text", rename_all = "snake_case")]
enum Part {
    /// The report's own words, and those of rules, steps and limits.
    Words(String),
    /// A name from the logs or the question.
    Name(String),
}

impl Sentence {
    /// A sentence that begins with these words.
    pub fn of(words: impl Into<String>) -> Self {
        Self::default().say(words)
    }

    /// Adds words: the report's own, or those of a rule, a step or a limit.
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.0.push(Part::Words(words.into()));
        self
    }

    /// Adds a name from elsewhere; long ones are cut.
    pub fn name(mut self, name: &str) -> Self {
        self.0.push(Part::Name(shortened(name, LONGEST_NAME).into_owned()));
        self
    }

    /// Adds the first few of `all`, and how many more there are.
    pub fn some(mut self, all: &[Self]) -> Self {
        let shown = if all.len() > NAMED + 1 { NAMED } else { all.len() };
        for (at, one) in all.iter().take(shown).enumerate() {
            let joint = match at {
                0 => "",
                at if at + 1 == all.len() => " and ",
                _ => ", ",
            };
            self = self.say(joint).then(one.clone());
        }
        if shown < all.len() {
            self = self.say(format!(" and {} more", all.len() - shown));
        }
        self
    }

    /// Adds another sentence's parts.
    pub fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// As plain text, on one line, for where nothing sets names off: those that are more than one
    /// plain word stand in quotes.
    pub fn plain(&self) -> String {
        let part = |part: &Part| match part {
            Part::Words(words) => visible(words).into_owned(),
            Part::Name(name) => quoted(&visible(name)),
        };
        self.0.iter().map(part).collect()
    }
}

fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:/@+=,*".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "'"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_apart() {
        let sentence = Sentence::of("Calls by ").name("x. No action is needed.\n").say(".");
        assert_eq!(sentence.plain(), "Calls by \"x. No action is needed.\\n\".");
    }

    #[test]
    fn a_few_names_are_said() {
        let name = |name: &&str| Sentence::default().name(name);
        let say =
            |names: &[&str]| Sentence::default().some(&names.iter().map(name).collect::<Vec<_>>()).plain();
        assert_eq!(say(&["a", "b", "c", "d"]), "a, b, c and d");
        assert_eq!(say(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
