//! Sigma rules for `product: aws, service: cloudtrail`, as expressions over the table's columns.
//!
//! Follows the Sigma rules specification 2.1 with its modifiers, and the correlation rules
//! specification 2.1. A file goes through `read` (YAML), `event` or `correlation` (a document),
//! `condition`, `search` (search identifiers), `value` with `modifier`, `pattern` and `encode`,
//! `compare`, and `field` (where the table keeps what a rule names). Rules are hostile: whatever is wrong with one,
//! it is refused by name, and the others load.
//!
//! Every expression is two-valued: a comparison with an absent field does not hold, so that its
//! negation does. Texts compare in any case, and a field that has several values has each of them.
//! Rules marked `unsupported` are refused; deprecated ones are loaded.

mod aggregation;
mod compare;
mod condition;
mod correlation;
mod encode;
mod event;
mod expr;
mod field;
mod head;
mod modifier;
mod pattern;
mod read;
mod search;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::error::Result;

use super::rule::{Logic, Rule, Severity};
use correlation::{Known, Pending};
use read::Document;

/// Rules, and what was not one.
#[derive(Debug, Default)]
pub struct Loaded {
    /// In the order of their files, correlations last; a correlation follows those it refers to.
    pub rules: Vec<Rule>,
    /// What could not be used.
    pub refused: Vec<Refused>,
    /// What is odd about rules that are used.
    pub warnings: Vec<Warning>,
}

/// A file or rule that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file.
    pub path: PathBuf,
    /// The rule's title, or else its id or name; none where it is the file that cannot be read.
    pub rule: Option<String>,
    /// Why, in a few words. Quotes the rule: escape it for where it goes.
    pub reason: String,
}

/// Something odd about a rule that is used all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub path: PathBuf,
    /// The rule's id.
    pub rule: String,
    /// What is odd, in a few words. Quotes the rule: escape it for where it goes.
    pub text: String,
}

/// Loads the rule file, or all rule files (`.yml`, `.yaml`) below the folder, at `path`.
///
/// # Errors
/// If there is nothing at `path`, or it cannot be read. What is wrong with a rule is no error.
pub fn load(path: &Path) -> Result<Loaded> {
    let mut refused = vec![];
    let documents = read::documents(path, &mut refused)?;
    let mut loader = Loader { loaded: Loaded { refused, ..Loaded::default() }, ..Loader::default() };
    let mut pending = vec![];
    for document in &documents {
        match loader.sort(document) {
            Ok(later) => pending.extend(later),
            Err(reason) => loader.loaded.refused.push(document.refused(reason)),
        }
    }
    loader.correlate(pending);
    Ok(loader.finish())
}

#[derive(Default)]
struct Loader {
    loaded: Loaded,
    ids: BTreeSet<String>,
    /// Rules by id and by name.
    known: BTreeMap<String, Vec<Known>>,
    /// Rules that correlations refer to, and whether one wants their own findings too.
    referred: BTreeMap<String, bool>,
}

impl Loader {
    /// Compiles a document, or hands it back as a correlation that has to wait.
    fn sort<'a>(&mut self, document: &'a Document) -> Result<Option<Pending<'a>>, String> {
        if document.body.contains_key("action") {
            return Err("is a collection with 'action', which correlations replace".into());
        }
        if document.body.contains_key("filter") {
            return Err("is a filter, not a rule".into());
        }
        if let Some(level) =
            document.text("level").filter(|level| level.to_lowercase().parse::<Severity>().is_err())
        {
            return Err(format!("has a level that is none: '{level}'"));
        }
        if document.text("status").is_some_and(|status| status.eq_ignore_ascii_case("unsupported")) {
            return Err("is marked as unsupported".into());
        }
        if let Some(pending) = Pending::read(document) {
            return pending.map(Some);
        }
        let compiled = event::compile(document)?;
        let warnings = compiled.warnings;
        self.add(document, compiled.rules, compiled.name, warnings)?;
        Ok(None)
    }

    /// Takes up the rules of a document, the last of which is the one it is about.
    fn add(
        &mut self,
        document: &Document,
        rules: Vec<Rule>,
        name: Option<String>,
        warnings: Vec<String>,
    ) -> Result<(), String> {
        if let Some(rule) = rules.iter().find(|rule| self.ids.contains(&rule.id)) {
            return Err(format!("has the id of another rule: '{}'", rule.id));
        }
        let Some(id) = rules.last().map(|rule| rule.id.clone()) else { return Ok(()) };
        self.ids.extend(rules.iter().map(|rule| rule.id.clone()));
        self.loaded.rules.extend(rules);
        let warning = |text| Warning { path: document.path.clone(), rule: id.clone(), text };
        self.loaded.warnings.extend(warnings.into_iter().map(warning));
        let known = Known { id: id.clone(), name: name.clone(), path: document.path.clone() };
        let keys: BTreeSet<String> = [Some(id), name].into_iter().flatten().collect();
        keys.into_iter().for_each(|key| self.known.entry(key).or_default().push(known.clone()));
        Ok(())
    }

    /// Compiles correlations after the rules that they refer to, however they chain.
    fn correlate(&mut self, mut pending: Vec<Pending<'_>>) {
        loop {
            let before = pending.len();
            pending.retain(|one| !self.try_correlate(one));
            if pending.len() == before {
                break;
            }
        }
        for one in pending {
            let missing = one.references().into_iter().find(|name| !self.known.contains_key(name));
            let name = missing.unwrap_or_default();
            let reason = format!("refers to a rule that is not there, was refused, or refers back: '{name}'");
            self.loaded.refused.push(one.document.refused(reason));
        }
    }

    /// Whether the fate of a correlation could be decided.
    fn try_correlate(&mut self, pending: &Pending<'_>) -> bool {
        let references = pending.references();
        let waits = references.iter().any(|name| !self.known.contains_key(name));
        if waits {
            return false;
        }
        if let Err(reason) = self.correlated(pending, &references) {
            self.loaded.refused.push(pending.document.refused(reason));
        }
        true
    }

    fn correlated(&mut self, pending: &Pending<'_>, references: &[String]) -> Result<(), String> {
        if references.is_empty() {
            return Err("has a correlation without rules".into());
        }
        let rules: Result<Vec<&Known>, String> =
            references.iter().map(|name| self.resolve(name, &pending.document.path)).collect();
        let found = pending.compile(&rules?)?;
        let Logic::Correlation(correlation) = &found.rule.logic else { return Ok(()) };
        let referred = correlation.rules.clone();
        self.add(pending.document, vec![found.rule], pending.document.text("name"), found.warnings)?;
        for id in referred {
            *self.referred.entry(id).or_default() |= found.generate;
        }
        Ok(())
    }

    /// The rule of this id or name; one of the same file goes first.
    fn resolve(&self, name: &str, path: &Path) -> Result<&Known, String> {
        let known = self.known.get(name).map(Vec::as_slice).unwrap_or_default();
        let mut near = known.iter().filter(|rule| rule.path == path);
        match (known, near.next(), near.next()) {
            ([one], ..) | (_, Some(one), None) => Ok(one),
            _ => Err(format!("refers to '{name}', which several rules are called")),
        }
    }

    /// Rules that correlations refer to make no findings of their own, unless one wants them.
    fn finish(mut self) -> Loaded {
        for rule in &mut self.loaded.rules {
            rule.silent |= self.referred.get(&rule.id) == Some(&false);
        }
        self.loaded
    }
}
