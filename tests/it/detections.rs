//! The rules that come with trailq, as a whole.

use std::collections::BTreeSet;

use trailq::{Rule, builtin_rules};

use crate::score::{Asking, Score, score};
use crate::support::{files_below, repository, shared};

const TACTICS: [&str; 12] = [
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "exfiltration",
    "impact",
    "command-and-control",
];

/// Every rule says all that a finding has to say, and its file is where and what its header says.
#[tokio::test]
async fn rules_are_complete() {
    let rules = builtin_rules().await.unwrap();
    let files = files_below(&repository("queries/detections"));
    let named: Vec<&Rule> = rules.iter().filter(|rule| !rule.id.ends_with(".counted")).collect();
    assert_eq!(named.len(), files.len());
    let ids: BTreeSet<_> = rules.iter().map(|rule| &rule.id).collect();
    assert_eq!(ids.len(), rules.len(), "names are unique");
    for rule in named {
        let file = files.iter().find(|file| file.file_stem().unwrap().to_str() == Some(&rule.id));
        let folder = file.unwrap_or_else(|| panic!("{}", rule.id)).parent().unwrap().file_name().unwrap();
        assert_eq!(rule.tactics[0], folder.to_str().unwrap(), "{}", rule.id);
        assert!(rule.tactics.iter().all(|tactic| TACTICS.contains(&tactic.as_str())), "{}", rule.id);
        let is_technique = |id: &String| {
            let (technique, sub) = id.split_once('.').unwrap_or((id, "001"));
            technique.len() == 5 && technique.starts_with('T') && sub.len() == 3
        };
        assert!(!rule.techniques.is_empty() && rule.techniques.iter().all(is_technique), "{}", rule.id);
        assert!(!rule.why.is_empty() && !rule.benign.is_empty() && !rule.checks.is_empty(), "{}", rule.id);
        assert!(rule.references.iter().all(|url| url.starts_with("https://")), "{}", rule.id);
        assert!(rule.denied <= rule.severity && rule.failed <= rule.severity, "{}", rule.id);
    }
}

/// No rule knows the cases that it is judged by.
#[tokio::test]
async fn rules_lean_on_behaviour() {
    for file in files_below(&repository("queries/detections")) {
        let text = std::fs::read_to_string(&file).unwrap().to_lowercase();
        let query = text.lines().filter(|line| !line.starts_with("--")).collect::<String>();
        for telltale in ["stratus", "red-team", "christophe", "bert-jan", "mordor", "malicious"] {
            assert!(!query.contains(telltale), "{}: {telltale}", file.display());
        }
    }
}

/// What findings have to reach on real attacks and real everyday work.
#[tokio::test]
async fn the_shared_cases() {
    let Some(cases) = shared("cases") else { return };
    for asking in [Asking::Everyone, Asking::Principal] {
        reaches(&score(&cases, asking).await);
    }
}

fn reaches(score: &Score) {
    assert!(score.strong.all >= 30 && score.negatives.all >= 100, "{score}");
    assert!(score.strong.share() >= 90.0, "{score}{:?}", score.strong.wrong);
    assert!(score.others.share() >= 80.0, "{score}{:?}", score.others.wrong);
    assert!(score.negatives.share() >= 95.0, "{score}{:?}", score.negatives.wrong);
    assert!(score.background.rate() <= 2.0, "{score}{:?}", score.background.which);
    assert_eq!(score.agent.findings, 0, "{score}{:?}", score.agent.which);
}
