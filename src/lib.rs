//! AWS CloudTrail incident timelines, straight from S3 or a folder, without Athena.
//!
//! ```no_run
//! use trailq::{Role, TimelineQuestion, Trail, Window, timeline_rows};
//!
//! # async fn run() -> trailq::Result<()> {
//! let role: Role = "arn:aws:iam::111122223333:role/deploy".parse()?;
//! let at = trailq::parse_time("2026-03-14T14:07:00Z", chrono::Utc::now())?;
//! let window = Window::around(at, chrono::Duration::minutes(30), chrono::Duration::minutes(30))?;
//!
//! let trail = Trail::open(&["s3://my-trail/AWSLogs"]).await?;
//! let answer = trail.timeline(&TimelineQuestion::new(role, window)).await?;
//! let (batches, coverage) = answer.collect().await?;
//! for batch in &batches {
//!     for row in timeline_rows(batch)? {
//!         println!("{} {} {:?}", row.time, row.call, row.error);
//!     }
//! }
//! assert!(coverage.complete, "{:?}", coverage.failed_objects);
//! # Ok(())
//! # }
//! ```
//!
//! Data flows one way, and a module uses only those before it: `error`, `window`, `identity` →
//! [`key`], [`schema`], `partition`, `incident`, `digest` → [`decode`] → [`source`] → `validation` → `coverage`, `functions`, [`table`] → `session` →
//! `query` → `detection` → `trail` → `question` → `intake`, `lineage` → `timeline` → `sessions` →
//! `place`, `profile` → `finding` → `anomaly` → `anomalies` → [`output`] → [`containment`] → [`case`] → [`report`] →
//! [`investigation`]. `docs/ARCHITECTURE.md` says more.

mod anomalies;
mod anomaly;
pub mod athena;
pub mod case;
mod compared;
pub mod containment;
mod coverage;
mod custody;
pub mod decode;
mod detection;
mod digest;
mod error;
mod finding;
mod functions;
mod hash;
mod identity;
mod incident;
mod intake;
pub mod investigation;
pub mod key;
mod lineage;
pub mod output;
mod partition;
mod place;
mod profile;
mod query;
mod question;
pub mod report;
mod saved;
pub mod schema;
mod session;
mod sessions;
pub mod source;
pub mod sql;
pub mod table;
mod target;
mod timeline;
mod trail;
mod validation;
mod window;

pub use anomalies::{Anomalies, AnomalyQuestion, BaselineSummary, DEFAULT_BASELINE, builtin_rules};
pub use anomaly::{KINDS, Kind};
pub use compared::Compared;
pub use coverage::{ByteCounts, Coverage, MalformedObject, ObjectCounts, Progress, RecordCounts, Recorder};
pub use custody::{Custody, Outcome, SourceObject};
pub use detection::{Rule, Severity, sigma};
pub use digest::{Chain, DigestVerdict, Gap, GapCause, LogVerdict, PublicKeys};
pub use error::{Error, Result};
pub use finding::{Annotations, Evidence, Finding, Settings};
pub use hash::Sha256;
pub use identity::{Principal, Role, User};
pub use incident::{AlertKind, Incident, Suspect};
pub use intake::{Identified, window_of};
pub use key::Scope;
pub use lineage::{Credential, Lineage};
pub use place::{Place, Places};
pub use question::{DEFAULT_LOOKBACK, TimelineQuestion};
pub use saved::SavedQuery;
pub use sessions::{Activity, Session, SessionTree};
pub use source::StoreOptions;
pub use timeline::{TimelineRow, timeline_rows};
pub use trail::{Answer, Trail};
pub use validation::{ChainSummary, DigestFinding, DigestReport, KeySource, LogFinding, Signatures};
pub use window::{Window, parse_last_second, parse_length, parse_time};
