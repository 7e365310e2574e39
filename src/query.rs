//! The named queries of `queries/`: SQL with a header that names and types its parameters.
//!
//! ```sql
//! -- name: timeline
//! -- doc: What a role's sessions did.
//! -- param: role varchar the role's ARN
//! SELECT … WHERE role_arn(useridentity.arn) = $role
//! ```

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
    /// `varchar` or `timestamp`.
    pub data_type: String,
    /// What it means.
    pub doc: String,
}

const EMBEDDED: [&str; 1] = [include_str!("../queries/timeline.sql")];

/// The embedded query called `name`.
///
/// # Panics
/// Never for the queries of this crate: a test plans each.
pub fn embedded(name: &str) -> Option<NamedQuery> {
    EMBEDDED.iter().map(|text| NamedQuery::parse(text)).find(|query| query.name == name)
}

impl NamedQuery {
    /// Reads the header of a query's text.
    pub fn parse(text: &str) -> Self {
        let mut query =
            Self { name: String::new(), doc: String::new(), params: vec![], sql: text.to_owned() };
        let header = text.lines().map_while(|line| line.strip_prefix("--"));
        for (key, value) in header.filter_map(|line| line.trim().split_once(": ")) {
            match key {
                "name" => query.name = value.to_owned(),
                "doc" => query.doc = value.to_owned(),
                "param" => {
                    let mut words = value.splitn(3, ' ').map(ToOwned::to_owned);
                    let mut word = || words.next().unwrap_or_default();
                    query.params.push(Param { name: word(), data_type: word(), doc: word() });
                }
                _ => {}
            }
        }
        query
    }

    /// The query's optimized logical plan, with `values` bound to its parameters in their order.
    ///
    /// # Errors
    /// If the values are not those that the header names and types, or planning fails.
    pub async fn plan(&self, context: &SessionContext, values: Vec<ScalarValue>) -> Result<LogicalPlan> {
        if values.len() != self.params.len() {
            return Err(DataFusionError::Plan(format!(
                "query {} takes {} parameters, not {}",
                self.name,
                self.params.len(),
                values.len()
            )));
        }
        let mut bound = std::collections::HashMap::new();
        for (param, value) in self.params.iter().zip(values) {
            if !param.accepts(&value) {
                return Err(DataFusionError::Plan(format!(
                    "parameter ${} of query {} is a {}, not {}",
                    param.name,
                    self.name,
                    param.data_type,
                    value.data_type()
                )));
            }
            bound.insert(param.name.clone(), ScalarAndMetadata::from(value));
        }
        let bound = context.sql(&self.sql).await?.with_param_values(ParamValues::Map(bound))?;
        bound.into_optimized_plan()
    }
}

impl Param {
    fn accepts(&self, value: &ScalarValue) -> bool {
        match self.data_type.as_str() {
            "varchar" => matches!(value, ScalarValue::Utf8(_)),
            "timestamp" => matches!(value, ScalarValue::TimestampMillisecond(_, _)),
            _ => false,
        }
    }
}
