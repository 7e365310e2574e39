//! `trailq anomalies` and `trailq rules`.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use trailq::output::text::visible;
use trailq::output::write_findings;
use trailq::{
    Anomalies, AnomalyQuestion, Error, KINDS, Places, Result, Rule, Settings, builtin_rules, parse_length,
    sigma,
};

use super::args::{AnomaliesArgs, DetectionArgs, RulesArgs};
use super::coverage::{self, create};
use super::digests;
use super::timeline::{check_output, style};
use super::{print, unreadable};

/// Answers, writes, and says what the answer rests on. True if all of it could be read.
pub async fn run(arguments: &AnomaliesArgs) -> Result<bool> {
    let format = arguments.output.format();
    let output = check_output(&arguments.output, format)?;
    let detection = arguments.detection.read().await?;
    let (file, coverage_file) = (create(output)?, create(arguments.output.coverage.as_deref())?);
    let keys = arguments.digests.keys()?;
    let (trail, question) = arguments.question.ask_anything().await?;
    let question = detection.of(question);
    let mut answer = trail.anomalies(&question).await?;
    answer.findings.retain(|finding| finding.severity >= arguments.severity);
    let style = style(&arguments.output);
    let written = match file {
        None => write_findings(&answer.findings, format, Box::new(BufWriter::new(io::stdout())), style),
        Some((whole, file)) => {
            let sink = Box::new(BufWriter::new(&file));
            write_findings(&answer.findings, format, sink, style).and_then(|()| whole.commit())
        }
    };
    let mut verified = true;
    if !written.as_ref().is_err_and(Error::is_broken_pipe) {
        print_basis(&answer);
        verified = digests::add_to(&mut answer.coverage, keys, &trail, question.scope()).await?;
    }
    if let Some((whole, file)) = coverage_file {
        coverage::write(&answer.coverage, whole, file)?;
    }
    written.map(|()| answer.coverage.complete && verified)
}

/// Says what findings rest on.
pub fn print_basis(answer: &Anomalies) {
    for note in &answer.baseline.notes {
        say(&format!("baseline: {note}"));
    }
    coverage::print(&answer.coverage);
}

/// What findings rest on beside the logs, read from its files.
pub struct Detection {
    settings: Settings,
    places: Places,
    rules: Vec<Rule>,
    baseline: chrono::Duration,
}

impl Detection {
    /// The question with these.
    pub fn of(self, question: AnomalyQuestion) -> AnomalyQuestion {
        question.baseline(self.baseline).settings(self.settings).places(self.places).rules(self.rules)
    }
}

impl DetectionArgs {
    /// The files that are named; of a folder of rules those below it, in order.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> {
        let rules = self.rules.iter().flat_map(|path| {
            let below =
                walkdir::WalkDir::new(path).follow_links(true).sort_by_file_name().into_iter().flatten();
            below.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path)
        });
        rules.chain(self.geoip.iter().cloned()).chain(self.config.clone())
    }

    /// Reads the files; says which rules cannot be used.
    pub async fn read(&self) -> Result<Detection> {
        let settings = match &self.config {
            None => Settings::default(),
            Some(path) => {
                Settings::parse(&read(path)?).inspect_err(|_| say(&format!("in {}:", path.display())))?
            }
        };
        let places = Places::open(&self.geoip)?;
        let baseline = parse_length(&self.baseline)?;
        Ok(Detection { settings, places, rules: sigma_rules(&self.rules)?, baseline })
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|cause| unreadable(path, &cause))
}

/// Sigma rules of some files and folders; says which cannot be used, and why.
fn sigma_rules(paths: &[PathBuf]) -> Result<Vec<Rule>> {
    let mut rules: Vec<Rule> = vec![];
    for path in paths {
        let loaded = sigma::load(path)?;
        for refused in &loaded.refused {
            let rule = refused.rule.as_deref().map(|rule| format!(" ({rule})")).unwrap_or_default();
            say(&format!("rule left out: {}{rule}: {}", refused.path.display(), refused.reason));
        }
        for warning in &loaded.warnings {
            say(&format!("rule {}: {}: {}", warning.rule, warning.path.display(), warning.text));
        }
        eprintln!("{} Sigma rules of {}", loaded.rules.len(), visible(&path.display().to_string()));
        for rule in loaded.rules {
            match rules.iter().any(|other| other.id == rule.id) {
                true => say(&format!("rule left out: {}: another one has this id", rule.id)),
                false => rules.push(rule),
            }
        }
    }
    Ok(rules)
}

fn say(line: &str) {
    eprintln!("{}", visible(line));
}

/// Lists the rules and anomalies.
pub async fn list(arguments: &RulesArgs) -> Result<bool> {
    let mut rules = sigma_rules(&arguments.rules)?;
    rules.extend(builtin_rules().await?);
    let mut text = String::new();
    for rule in rules.iter().filter(|rule| !rule.silent) {
        let techniques = rule.techniques.join(" ");
        text +=
            &visible(&format!("{:13} {:44} {:20} {}", rule.severity.name(), rule.id, techniques, rule.title));
        text.push('\n');
        if let Some(sql) = rule.sql()?.filter(|_| arguments.sql) {
            text += &format!("  WHERE {}\n", visible(&sql));
        }
    }
    for kind in KINDS {
        text += &format!("{:13} {:44} {:20} {}\n", kind.severity.name(), kind.id, kind.technique, kind.title);
    }
    print(&text).map(|()| true)
}
