//! Runs a statement and writes what it leaves behind.

use std::time::{Duration, Instant};

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;

use super::Executions;
use crate::athena::protocol::QueryExecution;
use crate::athena::results::{
    ApiType, Dialect, Encoder, Format, ObjectWriter, Output, Outputs, RowIndex, StoredResult, Update,
    api_columns, write_failed,
};
use crate::coverage::Coverage;
use crate::error::Result;
use crate::sql::{Answer, Session, StatementType};

/// A statement on its way, as far as it has come when it is ended early.
#[derive(Default)]
pub(super) struct Work {
    /// How long planning took.
    pub planned: Option<Duration>,
    /// What the statement and its result are called, once it is planned.
    pub names: Option<Names>,
    /// Where the names of the files that it wrote are.
    pub manifest: Option<String>,
    answer: Option<Answer>,
    writer: Option<ObjectWriter>,
    columns: Vec<(String, ApiType)>,
    index: RowIndex,
}

/// What a statement and its result are called.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// `DML`, `DDL` or `UTILITY`.
    pub statement_type: &'static str,
    /// `SELECT`, ….
    pub substatement_type: &'static str,
    /// The result's file, below the output location.
    pub file: String,
    shape: Shape,
}

/// What kind of file a statement leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// Before and after the query's id.
    around: (&'static str, &'static str),
    /// How rows are written, and whether the first one names the columns; `None` for statements
    /// that only change something.
    rows: Option<(Format, bool)>,
    /// What the metadata file calls the change.
    update: Option<&'static str>,
}

impl Shape {
    /// As Athena has it.
    fn of(statement: StatementType, substatement: &str) -> Self {
        let change = |prefix, update| Self { around: (prefix, ""), rows: None, update: Some(update) };
        let file = |suffix, format, header| Self {
            around: ("", suffix),
            rows: Some((format, header)),
            update: None,
        };
        match (statement, substatement) {
            (_, "CREATE_TABLE_AS_SELECT") => change("tables/", "CREATE TABLE"),
            (_, "INSERT") => change("", "INSERT"),
            (_, "UNLOAD") => change("", "UNLOAD"),
            (_, "EXPLAIN" | "EXPLAIN_ANALYZE") => file(".txt", Format::Text, true),
            (StatementType::Dml, _) => file(".csv", Format::Csv, true),
            (StatementType::Ddl | StatementType::Utility, _) => file(".txt", Format::Text, false),
        }
    }
}

impl Names {
    fn of(answer: &Answer, id: &str) -> Self {
        // Athena makes no difference, and counts both among the queries.
        let explains = matches!(answer.substatement_type, "EXPLAIN" | "EXPLAIN_ANALYZE");
        let substatement_type = if explains { "EXPLAIN" } else { answer.substatement_type };
        let statement_type = match answer.statement_type {
            _ if explains => "DML",
            StatementType::Dml => "DML",
            StatementType::Ddl => "DDL",
            StatementType::Utility => "UTILITY",
        };
        let shape = Shape::of(answer.statement_type, substatement_type);
        let (prefix, suffix) = shape.around;
        Self { statement_type, substatement_type, file: format!("{prefix}{id}{suffix}"), shape }
    }

    /// Whose words it is answered in, if it shows something.
    fn dialect(&self) -> Option<Dialect> {
        match (self.statement_type, self.substatement_type) {
            ("DML", _) => None,
            (_, "DESC_VIEW" | "SHOW_CREATE_VIEW" | "SHOW_VIEWS") => Some(Dialect::Trino),
            _ => Some(Dialect::Hive),
        }
    }

    /// Rows that were changed, where the API says so: 0 for queries and `SHOW`, nothing for
    /// definitions.
    fn update_count(&self, changed: u64) -> Option<u64> {
        match (self.shape.update, self.statement_type, self.substatement_type) {
            (Some(_), ..) => Some(changed),
            (_, _, "EXPLAIN" | "DESCRIBE_TABLE" | "SHOW_CREATE_TABLE") | (_, "DDL", _) => None,
            _ => Some(0),
        }
    }
}

impl Work {
    /// What was read so far.
    pub fn coverage(&self) -> Option<Coverage> {
        self.answer.as_ref().map(Answer::coverage)
    }

    /// What is to be known about how it was answered.
    pub fn notices(&self) -> &[String] {
        self.answer.as_ref().map(Answer::notices).unwrap_or_default()
    }

    /// Runs the statement to its end; its rows wait to be [sealed](Self::seal). May be dropped at
    /// any time.
    ///
    /// # Errors
    /// If the statement cannot be planned or run, or its rows not be written.
    pub async fn run(
        &mut self,
        executions: &Executions,
        execution: &QueryExecution,
        output: &Output,
    ) -> Result<()> {
        let started = Instant::now();
        let session = Session {
            database: execution.query_execution_context.database.clone(),
            table: table_place(output, &execution.query_execution_id),
            parameters: execution.execution_parameters.clone().unwrap_or_default(),
            ..Session::default()
        };
        let answer = executions.engine.run(&execution.query, &session).await?;
        self.planned = Some(started.elapsed());
        let names = Names::of(&answer, &execution.query_execution_id);
        self.columns = match names.shape.update {
            // How many rows, as the API and the metadata file have it.
            Some(_) => vec![("rows".to_owned(), ApiType::of_query(&DataType::Int64))],
            None => api_columns(&answer.columns, names.dialect()),
        };
        self.answer = Some(answer);
        match names.shape.rows {
            Some(rows) => {
                let writer = executions.outputs.create(output, &names.file).await?;
                self.names = Some(names);
                self.writer = Some(writer);
                self.write_rows(rows, output).await
            }
            None => {
                self.names = Some(names);
                while let Some(batch) = self.next().await {
                    batch?;
                }
                Ok(())
            }
        }
    }

    async fn write_rows(&mut self, (format, header): (Format, bool), output: &Output) -> Result<()> {
        let mut encoder = Encoder::new(format);
        if header {
            let names: Vec<Option<&str>> = self.columns.iter().map(|(name, _)| Some(name.as_str())).collect();
            encoder.row(&names);
        }
        loop {
            if let Some(writer) = &mut self.writer {
                writer.write(encoder.take()).await.map_err(|cause| write_failed(output, &cause))?;
            }
            match self.next().await {
                Some(batch) => encoder.batch(&batch?),
                None => break,
            }
        }
        self.index = encoder.finish();
        Ok(())
    }

    async fn next(&mut self) -> Option<Result<RecordBatch>> {
        self.answer.as_mut()?.next().await
    }

    /// Writes what lies beside the result, and gives the result its name.
    ///
    /// # Errors
    /// If one of them cannot be written; then there is no result.
    pub async fn seal(&mut self, outputs: &Outputs, id: &str, output: &Output) -> Result<StoredResult> {
        let names = self.names.as_ref();
        let changed = self.answer.as_ref().and_then(|answer| answer.update_count).unwrap_or(0);
        let file = names.map(|names| names.file.as_str()).unwrap_or_default();
        // Before the result, so that who sees the result sees this, too.
        if !self.columns.is_empty() {
            let kind = names.and_then(|names| names.shape.update);
            let update = kind.map(|kind| Update { kind, rows: changed });
            outputs.write_metadata(output, file, (id, update), &self.columns).await?;
        }
        if let Some((name, lines)) = self.files_written() {
            outputs.put(output, &name, lines.into_bytes()).await?;
            self.manifest = Some(format!("{output}{name}"));
        }
        if let Some(writer) = self.writer.take() {
            writer.finish().await.map_err(|cause| write_failed(output, &cause))?;
        }
        let format = names.and_then(|names| names.shape.rows).map(|(format, _)| format);
        Ok(StoredResult {
            output: output.to_string(),
            file: format.map(|format| (file.to_owned(), format)),
            columns: self.columns.iter().map(|(name, api_type)| api_type.column_info(name)).collect(),
            index: std::mem::take(&mut self.index),
            update_count: names.and_then(|names| names.update_count(changed)),
        })
    }

    /// The manifest: its name, and those of the files that the statement wrote, a line each. Of an
    /// `INSERT` without rows Athena leaves none, of `CREATE TABLE AS` and `UNLOAD` an empty one.
    fn files_written(&self) -> Option<(String, String)> {
        let files = self.answer.as_ref()?.files.as_ref()?;
        let names = self.names.as_ref()?;
        let lines: String = files.iter().map(|file| format!("{file}\n")).collect();
        let is_left = !files.is_empty() || names.substatement_type != "INSERT";
        is_left.then(|| (format!("{}-manifest.csv", names.file), lines))
    }

    /// Removes what was written of a result that is not whole.
    pub async fn abandon(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.abort().await;
        }
    }
}

/// Where Athena puts a table that has no `external_location`: with the results. Where these lie in a
/// folder of this machine, tables have one of their own.
fn table_place(output: &Output, id: &str) -> Option<String> {
    match output {
        Output::S3 { .. } => Some(format!("{output}tables/{id}/")),
        Output::Local(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_athena_names_them() {
        let name = |statement, substatement: &str| {
            let shape = Shape::of(statement, substatement);
            format!("{}id{} {:?}", shape.around.0, shape.around.1, shape.rows)
        };
        let csv = "id.csv Some((Csv, true))";
        assert_eq!(name(StatementType::Dml, "SELECT"), csv);
        assert_eq!(name(StatementType::Utility, "SHOW_TABLES"), "id.txt Some((Text, false))");
        assert_eq!(name(StatementType::Utility, "EXPLAIN"), "id.txt Some((Text, true))");
        assert_eq!(name(StatementType::Ddl, "CREATE_TABLE"), "id.txt Some((Text, false))");
        assert_eq!(name(StatementType::Ddl, "CREATE_TABLE_AS_SELECT"), "tables/id None");
        assert_eq!(name(StatementType::Dml, "INSERT"), "id None");
    }
}
