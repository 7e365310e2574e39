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
    /// Session tokens of users, and for an address everything, whoever got it.
    pub(crate) others: Vec<Credential>,
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
        let window = question.issuing_window()?;
        let credentials =
            self.ask(question.search_scope()?, &query::CREDENTIALS, &of_window(&window), []).await?;
        let schema = credentials.schema();
        let (batches, coverage) = credentials.collect().await?;
        let principal = of_principal(question.principal());
        let context = session();
        context.register_table("credentials", Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        let (schema, batches) = answer(&context, &query::ISSUED, &principal).await?;
        // A table of its own, for the closure joins it with itself many times.
        context.register_table("issued", Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        let (_, batches) = answer(&context, &query::LINEAGE, &principal).await?;
        let found: Vec<Credential> = typed(&batches)?;
        let (credentials, others) =
            found.into_iter().partition(|found| found.depth.is_some() || found.height.is_some());
        Ok((Lineage { credentials, others }, coverage))
    }
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
