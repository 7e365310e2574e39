//! What a statement answers.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use super::plan;
use crate::coverage::{Coverage, Progress, Scans};
use crate::error::Result;

/// What kind of statement was run, in Athena's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementType {
    /// Queries, `CREATE TABLE AS`, `INSERT` and `UNLOAD`.
    Dml,
    /// Definitions.
    Ddl,
    /// `SHOW`, `DESCRIBE` and `EXPLAIN`.
    Utility,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; several columns can have the same.
    pub name: String,
    /// Its type; [`type_name`](crate::functions::trino::types::type_name) names it as Trino does.
    pub data_type: DataType,
}

/// A statement's answer on its way.
pub struct Answer {
    /// What kind of statement it answers.
    pub statement_type: StatementType,
    /// What Athena calls it: `SELECT`, `CREATE_TABLE`, ….
    pub substatement_type: &'static str,
    /// The columns, in the order of the batches'.
    pub columns: Vec<Column>,
    /// How many rows were written, by a statement that writes.
    pub update_count: Option<u64>,
    /// The files that a statement wrote its rows to, none if there were no rows: `s3://bucket/key` or
    /// `file:///path`. `None` for statements that write no files.
    pub files: Option<Vec<String>>,
    pub(super) batches: SendableRecordBatchStream,
    pub(super) scans: Arc<Scans>,
    pub(super) notices: Vec<String>,
}

impl Column {
    /// What Athena calls a query's columns; those without a name by their position.
    pub(super) fn of_fields(fields: &[plan::Field]) -> Vec<Self> {
        let column = |(position, field): (usize, &plan::Field)| Self {
            name: field.name.clone().unwrap_or_else(|| format!("_col{position}")),
            data_type: field.data_type.clone(),
        };
        fields.iter().enumerate().map(column).collect()
    }
}

impl Answer {
    /// Schema of the batches: the columns' names and types.
    pub fn schema(&self) -> SchemaRef {
        let fields =
            self.columns.iter().map(|column| Field::new(&column.name, column.data_type.clone(), true));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// What is to be known about how it was answered.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// If the query fails while it runs.
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        let batch = match self.batches.next().await? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error.into())),
        };
        // Columns keep their types; only what they are called changes.
        let options = arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let schema = Arc::new(Schema::new(
            self.columns
                .iter()
                .zip(batch.columns())
                .map(|(column, array)| Field::new(&column.name, array.data_type().clone(), true))
                .collect::<Vec<_>>(),
        ));
        Some(
            RecordBatch::try_new_with_options(schema, batch.columns().to_vec(), &options).map_err(Into::into),
        )
    }

    /// A handle that tells how far the work is, from any thread.
    pub fn progress(&self) -> impl Fn() -> Progress + Send + Sync + 'static {
        let scans = Arc::clone(&self.scans);
        move || scans.so_far()
    }

    /// What was read, left out and rejected; final after the last batch.
    pub fn coverage(&self) -> Coverage {
        self.scans.coverage()
    }
}
