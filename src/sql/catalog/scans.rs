//! What one statement reads.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::LogicalPlanBuilder;

use crate::coverage::Scans;
use crate::decode::Limits;
use crate::source::{Sources, Within};
use crate::sql::{ErrorCode, SqlError};
use crate::table::CloudTrailTable;
use crate::trail::Trail;

/// What scans are called in plans: no table is.
const SCAN: &str = "cloudtrail objects";

/// The sources of one statement, what is counted while they are read, and what is to be said of it.
#[derive(Debug)]
pub struct TableScans {
    sources: Sources,
    limits: Limits,
    now: DateTime<Utc>,
    scans: Arc<Scans>,
    notices: Mutex<Vec<String>>,
}

impl TableScans {
    /// Of a statement over `trail` that begins now; `now` is what its `NOW` says.
    pub fn new(trail: &Trail, now: DateTime<Utc>) -> Self {
        let (sources, limits) = trail.parts();
        Self {
            sources: sources.clone(),
            limits: limits.clone(),
            now,
            scans: Arc::new(Scans::begin()),
            notices: Mutex::default(),
        }
    }

    /// What collects the coverage of all scans.
    pub fn scans(&self) -> &Arc<Scans> {
        &self.scans
    }

    /// What the statement's answer has to say about how it came to be.
    pub fn notices(&self) -> Vec<String> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Adds a notice, unless it was given before.
    pub(in crate::sql) fn notice(&self, notice: String) {
        let mut notices = self.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    }

    /// All that is read.
    pub(in crate::sql) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The statement's clock.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// A scan of every record of `sources`.
    pub(super) fn scan(&self, sources: Sources) -> Result<LogicalPlanBuilder, SqlError> {
        let table = CloudTrailTable::listed_by_scans(sources, self.limits.clone(), Arc::clone(&self.scans));
        LogicalPlanBuilder::scan(SCAN, provider_as_source(Arc::new(table)), None)
            .map_err(|error| internal(&error))
    }

    /// What the sources hold of `location`: `None`, with a notice, if they are folders without a
    /// copy of it.
    ///
    /// # Errors
    /// If the location is not in S3, or in none of the buckets that are read.
    pub(super) fn within(&self, location: &str) -> Result<Option<(Sources, Vec<String>)>, SqlError> {
        let (bucket, key) = s3_place(location)?;
        match self.sources.within(bucket, key) {
            Within::Found { sources, roots } => Ok(Some((sources, roots))),
            Within::Absent => Ok(None),
            Within::Elsewhere => {
                let sources = self.sources.names().collect::<Vec<_>>().join(", ");
                let message = format!(
                    "{location} lies in none of the sources ({sources}): name it as a source too, or drop \
                     the table, for every table that nothing declares stands for all sources"
                );
                Err(SqlError::new(ErrorCode::InvalidLocation, message))
            }
        }
    }
}

/// Bucket and key of `s3://bucket/key`.
///
/// # Errors
/// If it is no such place.
pub fn s3_place(location: &str) -> Result<(&str, &str), SqlError> {
    let rest = ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| location.strip_prefix(scheme));
    let place = rest.map(|rest| rest.split_once('/').unwrap_or((rest, "")));
    place.filter(|(bucket, _)| !bucket.is_empty()).ok_or_else(|| {
        let message = format!("The location {location} is not of the form s3://bucket/folder/");
        SqlError::new(ErrorCode::InvalidLocation, message)
    })
}

/// What DataFusion says of a plan that should not fail.
pub fn internal(error: &DataFusionError) -> SqlError {
    SqlError::new(ErrorCode::NotSupported, error.strip_backtrace())
}
