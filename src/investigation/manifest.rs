//! What a case folder consists of, and what it was made from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::case::{Alert, Asked, Case};
use crate::custody::SourceObject;
use crate::hash::Sha256;
use crate::key::PruneReason;
use crate::source::Pruned;

/// Its name in a case folder. It is written last: a folder without it is no case.
pub const MANIFEST: &str = "manifest.json";
/// What says that a manifest is one of trailq's.
pub(super) const FORMAT: &str = "trailq-case";
/// Raised where a reader of an earlier one would be misled.
pub(super) const VERSION: u32 = 1;

/// `manifest.json`: what a second person needs to check a case and to repeat it.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// `trailq-case`.
    pub format: &'static str,
    /// Of the manifest.
    pub version: u32,
    /// What the case is called.
    pub case_id: String,
    /// The version of trailq that made it.
    pub trailq: &'static str,
    /// What "now" meant.
    pub clock: DateTime<Utc>,
    /// What was asked.
    pub arguments: Asked,
    /// The alert that led to the question.
    pub alert: Option<Alert>,
    /// Whether everything that had to be read was read.
    pub complete: bool,
    /// Files that were given beside the logs: the alert, rules, settings.
    pub inputs: Vec<Artifact>,
    /// The files of the folder, by name; all but this one.
    pub artifacts: Vec<Artifact>,
    /// Objects and folders that were listed and not opened, by reason: of the window, of the search
    /// for credentials, and of the past.
    pub not_opened: BTreeMap<&'static str, BTreeMap<PruneReason, Pruned>>,
    /// Every object that was opened, by name.
    pub sources: Vec<SourceObject>,
}

/// A file, and what its content is told by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Of its content.
    pub sha256: Sha256,
}

/// Where a case was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Written {
    /// The folder, with a `/` at its end.
    pub folder: String,
    /// Of the manifest, which vouches for all the rest: note it where nobody can change it.
    pub manifest_sha256: Sha256,
    /// The files, by name.
    pub artifacts: Vec<Artifact>,
}

impl Manifest {
    pub(super) fn of(
        case: &Case,
        sources: Vec<SourceObject>,
        inputs: Vec<Artifact>,
        artifacts: Vec<Artifact>,
    ) -> Self {
        let coverage = &case.coverage;
        let mut not_opened: BTreeMap<&'static str, _> = [("window", coverage.pruned.clone())].into();
        not_opened.extend(coverage.credentials.iter().map(|search| ("credentials", search.pruned.clone())));
        let names = ["past", "past_of_other_roles"];
        not_opened.extend(names.into_iter().zip(coverage.past.iter().map(|past| past.pruned.clone())));
        Self {
            format: FORMAT,
            version: VERSION,
            case_id: case.id.clone(),
            trailq: case.version,
            clock: case.clock,
            arguments: case.asked.clone(),
            alert: case.alert.clone(),
            complete: coverage.complete,
            inputs,
            artifacts,
            not_opened,
            sources,
        }
    }
}
