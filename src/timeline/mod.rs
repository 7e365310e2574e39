//! The timeline of a principal.

mod row;

use crate::error::Result;
use crate::lineage::Lineage;
use crate::query;
use crate::question::{TimelineQuestion, of_principal, of_window};
use crate::trail::{Answer, Trail};

pub use row::{TimelineRow, timeline_rows};

impl Trail {
    /// Answers a timeline question. The batches carry the table's columns under their Athena
    /// names and `event_timestamp`, `relation` (`by_role`, `on_role` and their like for other
    /// principals, `downstream`), `matched_by`, `copies`, `session` (who made the call), `depth`
    /// (how many credentials lie between, 0 for the principal's own), `chain`, `credential` (the
    /// followed one, as [`Credential`](crate::Credential) has it), `source_object`,
    /// `source_offset` and `source_index`, ordered by time, then event id.
    ///
    /// # Errors
    /// If nothing could be listed, the sources are empty, or the query fails.
    pub async fn timeline(&self, question: &TimelineQuestion) -> Result<Answer> {
        if question.follows() {
            let (lineage, coverage) = self.lineage(question).await?;
            return Ok(self.timeline_of(question, &lineage).await?.after(coverage));
        }
        self.timeline_of(question, &Lineage::default()).await
    }

    /// The timeline with the credentials of `lineage` followed.
    pub(crate) async fn timeline_of(&self, question: &TimelineQuestion, lineage: &Lineage) -> Result<Answer> {
        let mut parameters = of_principal(question.principal());
        parameters.extend(of_window(&question.window()));
        parameters.extend(lineage.parameters());
        let tables = [("downstream", lineage.downstream_table()?)];
        self.ask(question.scope().clone(), &query::TIMELINE, &parameters, tables).await
    }
}
