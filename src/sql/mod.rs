//! Athena's SQL over CloudTrail logs.


use arrow::array::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;

use crate::coverage::Coverage;
use crate::error::Result;
use crate::trail::Trail;

pub use crate::functions::trino::error::{ErrorCode, SqlError};

/// Runs Athena's statements over the logs of a [`Trail`].
#[derive(Debug)]
pub struct Engine {
    trail: Trail,
}

/// In which surroundings a statement runs.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// The database that names without one belong to; `default` if `None`.
    pub database: Option<String>,
    /// What the statement's `?` stand for: SQL literals, as Athena's `ExecutionParameters` are.
    pub parameters: Vec<String>,
}

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
    pub data_type: arrow::datatypes::DataType,
}

/// A statement's answer on its way.
pub struct Answer {
    /// What kind of statement it answers.
    pub statement_type: StatementType,
    /// What Athena calls it: `SELECT`, `CREATE_TABLE`, ….
    pub substatement_type: &'static str,
    /// The columns; those of the batches, in the same order, have other names.
    pub columns: Vec<Column>,
    batches: SendableRecordBatchStream,
}

impl Engine {
    /// An engine over the logs of `trail`.
    pub fn new(trail: Trail) -> Self {
        Self { trail }
    }

    /// Plans a statement and starts to run it.
    ///
    /// # Errors
    /// A [`SqlError`] if Athena would refuse it; another if nothing can be read.
    pub async fn run(&self, statement: &str, _session: &Session) -> Result<Answer> {
        let desk = self.trail.desk(crate::key::Scope::default())?;
        let frame = desk.context.sql(statement).await?;
        let columns = frame.schema().fields().iter();
        let columns = columns
            .map(|field| Column { name: field.name().clone(), data_type: field.data_type().clone() })
            .collect();
        let batches = frame.execute_stream().await?;
        Ok(Answer {
            statement_type: StatementType::Dml,
            substatement_type: "SELECT",
            columns,
            batches,
        })
    }
}

impl Answer {
    /// The next batch; `None` at the end.
    ///
    /// # Errors
    /// If the query fails while it runs.
    pub async fn next(&mut self) -> Option<Result<RecordBatch>> {
        Some(self.batches.next().await?.map_err(Into::into))
    }

    /// What was read so far; final after the last batch.
    pub fn coverage(&self) -> Coverage {
        Coverage::default()
    }
}
