//! What a response pipeline is triggered with: from an alert to the leads in it.
//!
//! One file decodes one kind of alert; `envelope` finds alerts in whatever carries them, `fields`
//! reads members in whatever case AWS writes them, `named` says what a text plainly names, and
//! `draft` gathers leads. An alert's text is hostile: what is not plainly a name of its kind is no
//! lead, and nothing is guessed in its place.

mod access_analyzer;
mod cloudtrail;
mod config;
mod draft;
mod envelope;
mod fields;
mod guardduty;
mod named;
mod ocsf;
mod s3_event;
mod security_hub;

use std::fmt;

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};
use crate::identity::Principal;

use draft::Draft;

/// What to write where an alert does not help.
const INSTEAD: &str =
    "give --role ARN, or --user, --access-key, --principal-id, --ip or --resource, with --at TIME";

/// What an alert says about an incident. Its texts are as the alert has them: escape them for
/// where they go.
///
/// ```
/// use trailq::Incident;
/// let alert = r#"{"eventName": "CreateUser", "eventSource": "iam.amazonaws.com",
///     "eventTime": "2026-03-14T14:05:44Z", "userIdentity": {"type": "AssumedRole",
///     "arn": "arn:aws:sts::111122223333:assumed-role/order-processor/order-processor"}}"#;
/// let incident = &Incident::read(alert)?[0];
/// assert_eq!(incident.suspects[0].to_string(), "arn:aws:iam::111122223333:role/order-processor");
/// # Ok::<(), trailq::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// The kind of alert.
    pub kind: AlertKind,
    /// The alert's own id.
    pub id: Option<String>,
    /// The alert's title, or the call it is about.
    pub title: Option<String>,
    /// The severity in the alert's own words or numbers.
    pub severity: Option<String>,
    /// Leads without duplicates, the best first. Empty only where another alert that was read
    /// with this one has some.
    pub suspects: Vec<Suspect>,
    /// The accounts that the alert names.
    pub accounts: Vec<String>,
    /// The regions that the alert names.
    pub regions: Vec<String>,
    /// When it was first seen; never later than `last_seen`, and present if that is.
    pub first_seen: Option<DateTime<Utc>>,
    /// When it was last seen.
    pub last_seen: Option<DateTime<Utc>>,
}

impl Incident {
    /// Reads an alert, bare or in any envelope, or several: an array, a batch, a document after
    /// the other. All of them are read, or none.
    ///
    /// # Errors
    /// If `json` is not whole JSON, holds no alert of a known kind, or none that names anyone.
    pub fn read(json: impl AsRef<[u8]>) -> Result<Vec<Self>> {
        let drafts = envelope::search(json.as_ref())?;
        match drafts.first() {
            Some(first) if drafts.iter().all(Draft::is_empty) => Err(first.names_nobody()),
            _ => Ok(drafts.into_iter().map(Draft::finish).collect()),
        }
    }
}

impl Incident {
    /// The buckets whose events raised it: what is written there may raise the next one.
    pub fn raising_buckets(&self) -> impl Iterator<Item = &str> {
        let raised = self.suspects.iter().filter(|_| self.kind == AlertKind::S3Object);
        raised.filter_map(|suspect| match suspect {
            Suspect::Object { bucket, .. } => Some(bucket.as_str()),
            _ => None,
        })
    }
}

/// Which service raised an alert, and in which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlertKind {
    /// A GuardDuty finding, an attack sequence among them.
    GuardDuty,
    /// A Security Hub finding in the AWS Security Finding Format.
    SecurityHub,
    /// A Security Hub finding in the Open Cybersecurity Schema Framework.
    SecurityHubOcsf,
    /// A change that AWS Config saw: of a rule's verdict or of a resource.
    Config,
    /// An IAM Access Analyzer finding.
    AccessAnalyzer,
    /// A CloudTrail record.
    CloudTrail,
    /// An event of an S3 object.
    S3Object,
}

impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GuardDuty => "GuardDuty finding",
            Self::SecurityHub => "Security Hub finding",
            Self::SecurityHubOcsf => "Security Hub finding (OCSF)",
            Self::Config => "AWS Config change",
            Self::AccessAnalyzer => "Access Analyzer finding",
            Self::CloudTrail => "CloudTrail record",
            Self::S3Object => "S3 event",
        })
    }
}

/// A lead: a principal, or something whose principal the logs have to tell.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Suspect {
    /// Someone, or something, that a timeline can be about as it is. A resource here is what
    /// changed or was touched: who did that?
    Principal(Principal),
    /// An instance profile. Its role often has the same name, but need not.
    InstanceProfile {
        /// Its ARN.
        arn: String,
    },
    /// A Lambda function whose role is not named.
    Function {
        /// Its ARN, without version or alias.
        arn: String,
    },
    /// An EC2 instance. Sessions of its role bear its id as their name.
    Instance {
        /// The account it runs in.
        account: Option<String>,
        /// `i-…`
        id: String,
    },
    /// An ECS task whose role is not named.
    Task {
        /// Its ARN.
        arn: String,
        /// The ARN of its task definition.
        definition: Option<String>,
    },
    /// Who runs in an EKS cluster, with whatever role its service account stands for.
    Pod {
        /// The cluster's ARN.
        cluster: String,
        /// The Kubernetes namespace.
        namespace: String,
        /// The service account, if named.
        service_account: Option<String>,
        /// The pod or other workload, if named.
        workload: Option<String>,
    },
    /// An S3 object: who put, changed or deleted it? The key is as S3 has it, and can hold any
    /// text.
    Object {
        /// The bucket's name.
        bucket: String,
        /// The key, decoded.
        key: String,
    },
}

impl Suspect {
    /// Where this lead stands among others; lower is better.
    fn rank(&self) -> u8 {
        match self {
            Self::Principal(Principal::Role(_)) => 0,
            Self::Principal(Principal::Session { .. }) => 1,
            Self::Principal(Principal::User(_)) => 2,
            Self::Principal(Principal::PrincipalId { .. }) => 3,
            Self::Principal(Principal::AccessKey(_)) => 4,
            Self::InstanceProfile { .. } => 5,
            Self::Function { .. } | Self::Instance { .. } | Self::Task { .. } | Self::Pod { .. } => 6,
            Self::Object { .. } => 7,
            Self::Principal(Principal::Resource(_)) => 8,
            Self::Principal(Principal::Address(_)) => 9,
        }
    }
}

impl fmt::Display for Suspect {
    /// Its name: an ARN where it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(principal) => principal.fmt(f),
            Self::InstanceProfile { arn } | Self::Function { arn } | Self::Task { arn, .. } => {
                f.write_str(arn)
            }
            Self::Instance { id, .. } => f.write_str(id),
            Self::Pod { cluster, namespace, service_account, workload } => {
                let name = service_account.as_ref().or(workload.as_ref()).map_or("", String::as_str);
                write!(f, "{cluster} {namespace}/{name}")
            }
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

/// An alert that cannot be used, quoted no further than a line takes.
fn unusable(given: &str, problem: impl Into<String>, instead: impl Into<String>) -> Error {
    Error::argument("alert", excerpt(given), problem, instead)
}

/// The beginning of a text that may be long.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one alert, given as JSON, yields.
    pub(super) fn one(json: &serde_json::Value) -> Incident {
        let mut found = Incident::read(json.to_string()).unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    /// The names of an alert's leads, in order.
    pub(super) fn leads(json: &serde_json::Value) -> Vec<String> {
        one(json).suspects.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn long_texts_are_quoted_briefly() {
        let long = "é".repeat(1000);
        assert_eq!(excerpt(&long).chars().count(), 81);
        assert_eq!(excerpt("short"), "short");
        let error = Incident::read(format!("\"{long}\"")).unwrap_err();
        assert!(error.to_string().len() < 600, "{error}");
    }
}
