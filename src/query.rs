//! The named queries of `queries/`: SQL with a header that names and types its parameters.
//!
//! ```sql
//! -- name: timeline
//! -- doc: What a role's sessions did.
//! -- param: role varchar the role's ARN
//! SELECT … WHERE role_arn(useridentity.arn) = $role
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use datafusion::common::ParamValues;
use datafusion::common::metadata::ScalarAndMetadata;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

/// A query with its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedQuery {
    /// What it is called.
    pub name: String,
    /// What it answers.
    pub doc: String,
    /// What it has to be given.
    pub params: Vec<Param>,
    /// The whole text; its header is comments.
    pub sql: String,
}

/// A parameter of a query, written `$name` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name, without `$`.
    pub name: String,
    /// `varchar`, `varchar[]` or `timestamp`.
    pub data_type: String,
    /// Whether it may be left out, and is `NULL` then: its type ends in `?` in the header.
    pub optional: bool,
    /// What it means.
    pub doc: String,
}

/// Values for parameters, by name.
pub type Parameters = BTreeMap<&'static str, ScalarValue>;

/// What a principal did, what was done to it, and what its credentials led to.
pub static TIMELINE: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/timeline.sql")));
/// Every credential that was issued.
pub static CREDENTIALS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/credentials.sql")));
/// The unique ids of a principal, as its calls tell them.
pub static PRINCIPAL_IDS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/principal_ids.sql")));
/// Each of them once, and whether a principal issued it or is its user.
pub static ISSUED: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/issued.sql")));
/// With which of them each was issued.
pub static PARENTS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/parents.sql")));
/// Which of them a principal's sessions came from, and led to.
pub static LINEAGE: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/lineage.sql")));
/// What each session of a timeline did.
pub static SESSIONS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/sessions.sql")));
/// How often what stands in the calls of a timeline.
pub static ACTIVITY: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/activity.sql")));
/// Who changed what records calls.
pub static TRAIL_CHANGES: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/trail_changes.sql")));
/// What the records of a timeline leave out.
pub static GAPS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/gaps.sql")));
/// Recorded calls with what detections and profiles ask of them.
pub static EVENTS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/events.sql")));
/// Every call of a window, or all there are.
pub static EVERYTHING: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/everything.sql")));
/// Calls of some actors in a window.
pub static BASELINE: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/baseline.sql")));
/// Calls of the roles of some accounts in a window.
pub static PEERS: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/peers.sql")));
/// What each actor does, how often, and from where.
pub static PROFILE: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/profile.sql")));
/// Whose credentials something has, or who changed it.
pub static IDENTIFY: LazyLock<NamedQuery> =
    LazyLock::new(|| NamedQuery::parse(include_str!("../queries/identify.sql")));

impl NamedQuery {
    /// Reads the header of a query's text.
    pub fn parse(text: &str) -> Self {
        let mut query =
            Self { name: String::new(), doc: String::new(), params: vec![], sql: text.to_owned() };
        for (key, value) in header(text) {
            match key {
                "name" => query.name = value.to_owned(),
                "doc" => query.doc = value.to_owned(),
                "param" => {
                    let mut words = value.splitn(3, ' ').map(ToOwned::to_owned);
                    let mut word = || words.next().unwrap_or_default();
                    let (name, data_type, doc) = (word(), word(), word());
                    let optional = data_type.ends_with('?');
                    let data_type = data_type.trim_end_matches('?').to_owned();
                    query.params.push(Param { name, data_type, optional, doc });
                }
                _ => {}
            }
        }
        query
    }

    /// The query's optimized logical plan, with its parameters bound to those of `values` that it
    /// names.
    ///
    /// # Errors
    /// If a value is missing or not of the type the header says, or planning fails.
    pub async fn plan(&self, context: &SessionContext, values: &Parameters) -> Result<LogicalPlan> {
        let mut bound = HashMap::new();
        for param in &self.params {
            let value =
                values.get(param.name.as_str()).filter(|value| param.accepts(value)).ok_or_else(|| {
                    let Param { name, data_type, .. } = param;
                    DataFusionError::Plan(format!("query {} wants a {data_type} for ${name}", self.name))
                })?;
            bound.insert(param.name.clone(), ScalarAndMetadata::from(value.clone()));
        }
        context.sql(&self.sql).await?.with_param_values(ParamValues::Map(bound))?.into_optimized_plan()
    }
}

/// The keys and values of a query's header: its first lines, each `-- key: value`.
pub fn header(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map_while(|line| line.strip_prefix("--"));
    lines.filter_map(|line| line.trim().split_once(": ")).map(|(key, value)| (key, value.trim()))
}

impl Param {
    fn accepts(&self, value: &ScalarValue) -> bool {
        match self.data_type.as_str() {
            "varchar" => matches!(value, ScalarValue::Utf8(_)),
            "varchar[]" => matches!(value, ScalarValue::List(_)),
            "timestamp" => matches!(value, ScalarValue::TimestampMillisecond(_, _)),
            _ => false,
        }
    }
}
