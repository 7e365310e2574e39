//! Where a principal's sessions came from, and what the credentials led to that they issued.
//!
//! One pass over the logs collects every credential that was issued; the closure over that small
//! table is SQL (`queries/lineage.sql`); the timeline then recognises the use of what was found.

mod credential;
mod downstream;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::json::LineDelimitedWriter;
use datafusion::datasource::MemTable;
use datafusion::prelude::{DataFrame, SessionContext};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::coverage::Coverage;
use crate::error::{Kind, Result};
use crate::query::{self, NamedQuery, Parameters};
use crate::question::{TimelineQuestion, of_principal, of_window};
use crate::session::session;
use crate::trail::Trail;

pub use credential::Credential;

/// The credentials that a principal's sessions came from, and those they led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lineage {
    /// Ordered by the time of issue.
    pub credentials: Vec<Credential>,
    /// Unique ids that are known to be the principal's.
    pub(crate) principal_ids: Vec<String>,
    /// Session tokens of users, other issues of the sessions' ids, and for an address everything.
    pub(crate) others: Vec<Credential>,
}

/// A row of `queries/principal_ids.sql`.
#[derive(Deserialize)]
struct PrincipalId {
    id: String,
}

impl Lineage {
    /// Credentials that the principal's sessions issued, at any depth.
    pub fn downstream(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(|credential| credential.depth.is_some())
    }

    /// Credentials of the principal, and those they were issued with.
    pub fn upstream(&self) -> impl Iterator<Item = &Credential> {
        self.credentials.iter().filter(|credential| credential.height.is_some())
    }
}

impl Trail {
    /// Finds the credentials that the principal of `question` came from and led to, issued in its
    /// window or up to its lookback before, and what the search rests on.
    ///
    /// # Errors
    /// If nothing could be listed, the sources are empty, or a query fails.
    pub async fn lineage(&self, question: &TimelineQuestion) -> Result<(Lineage, Coverage)> {
        let mut parameters = of_principal(question.principal());
        parameters.extend(of_window(&question.issuing_window()?));
        let credentials = self.ask(question.search_scope()?, &query::CREDENTIALS, &parameters, []).await?;
        let schema = credentials.schema();
        let (batches, coverage) = credentials.collect().await?;
        let context = session();
        context.register_table("credentials", Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        let batches = materialize(&context, &query::PRINCIPAL_IDS, &parameters).await?;
        let principal_ids = typed::<PrincipalId>(&batches)?.into_iter().map(|row| row.id).collect();
        // Tables of their own: the closure reads them again for every step.
        materialize(&context, &query::ISSUED, &parameters).await?;
        materialize(&context, &query::PARENTS, &parameters).await?;
        let (_, batches) = answer(&context, &query::LINEAGE, &parameters).await?;
        let found: Vec<Credential> = typed(&batches)?;
        let (credentials, others) =
            found.into_iter().partition(|found| found.depth.is_some() || found.height.is_some());
        Ok((Lineage { credentials, principal_ids, others }, coverage))
    }
}

/// Runs a query over tables in memory, and makes a table of its answer.
async fn materialize(
    context: &SessionContext,
    query: &NamedQuery,
    values: &Parameters,
) -> Result<Vec<RecordBatch>> {
    let (schema, batches) = answer(context, query, values).await?;
    context.register_table(&query.name, Arc::new(MemTable::try_new(schema, vec![batches.clone()])?))?;
    Ok(batches)
}

/// Runs a query over tables in memory.
pub(crate) async fn answer(
    context: &SessionContext,
    query: &NamedQuery,
    values: &Parameters,
) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    let frame = DataFrame::new(context.state(), query.plan(context, values).await?);
    let schema = Arc::clone(frame.schema().inner());
    Ok((schema, frame.collect().await?))
}

/// Rows of batches as what they stand for.
pub(crate) fn typed<T: DeserializeOwned>(batches: &[RecordBatch]) -> Result<Vec<T>> {
    let mut writer = LineDelimitedWriter::new(vec![]);
    writer.write_batches(&batches.iter().collect::<Vec<_>>())?;
    writer.finish()?;
    let lines = serde_json::Deserializer::from_slice(writer.get_ref()).into_iter();
    Ok(lines.collect::<Result<_, _>>().map_err(|error| Kind::Encode(error.to_string()))?)
}
