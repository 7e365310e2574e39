//! Athena's SQL, as the files of `tests/sql` have it.
//!
//! What a file expects is Trino's documentation, or a program that answers without SQL
//! (`tests/sql/expected`). A row's columns are separated by one tab.

use std::path::{Path, PathBuf};

use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Record, Runner, parse_file};
use trailq::sql::{Engine, Session, text};
use trailq::{Error, Trail};

/// A statement fails as it would in Athena: with a message.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(Error);

struct Athena(Engine);

#[async_trait::async_trait]
impl AsyncDB for Athena {
    type Error = Refused;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Refused> {
        self.answer(sql).await.map_err(Refused)
    }

    async fn shutdown(&mut self) {}

    fn engine_name(&self) -> &str {
        "trailq"
    }
}

impl Athena {
    async fn answer(&self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let mut answer = self.0.run(sql, &Session::default()).await?;
        let mut rows = vec![];
        while let Some(batch) = answer.next().await {
            let batch = batch?;
            let cells = |row| batch.columns().iter().map(|column| cell(text(column, row))).collect();
            rows.extend((0..batch.num_rows()).map(cells));
        }
        assert!(answer.coverage().is_consistent(), "{sql}: {:?}", answer.coverage());
        if answer.columns.is_empty() {
            return Ok(DBOutput::StatementComplete(0));
        }
        Ok(DBOutput::Rows { types: vec![DefaultColumnType::Text; answer.columns.len()], rows })
    }
}

fn cell(text: Option<String>) -> String {
    match text {
        None => "NULL".into(),
        Some(text) if text.is_empty() => "(empty)".into(),
        Some(text) => text,
    }
}

#[tokio::test]
async fn every_file() {
    let files = files(Path::new("tests/sql"));
    assert!(files.len() > 20, "{files:?}");
    let mut failures = vec![];
    let mut records = 0;
    for file in files {
        let (ran, failed) = run(&file).await;
        records += ran;
        failures.extend(failed);
    }
    assert!(failures.is_empty(), "{} of {records} failed:\n{}", failures.len(), failures.join("\n"));
}

/// All records of a file, in order, on one engine: how many, and what failed.
async fn run(file: &Path) -> (usize, Vec<String>) {
    let text = std::fs::read_to_string(file).unwrap();
    // A file's first line says which logs it asks.
    let logs = text.lines().next().and_then(|line| line.split("Logs: ").nth(1));
    let logs = logs
        .and_then(|logs| logs.split(". ").next())
        .map_or("testdata/trail", |logs| logs.trim_end_matches('.'));
    let mut runner =
        Runner::new(async || Ok(Athena(Engine::new(Trail::open(&[logs]).await.map_err(Refused)?))));
    runner.with_normalizer(|line| line.trim_end().to_owned());
    runner.with_validator(|normalizer, actual, expected| {
        let actual: Vec<String> = actual.iter().map(|row| normalizer(&row.join("\t"))).collect();
        let expected: Vec<String> = expected.iter().map(normalizer).collect();
        actual == expected
    });
    let mut failures = vec![];
    let mut ran = 0;
    for record in parse_file(file).unwrap() {
        ran += usize::from(matches!(record, Record::Statement { .. } | Record::Query { .. }));
        if let Err(error) = runner.run_async(record).await {
            failures.push(format!("{error}"));
        }
    }
    (ran, failures)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "slt"))
        .collect();
    found.sort();
    found
}

/// A view of the list of columns is listed itself, whatever the session calls that list.
#[tokio::test]
async fn views_of_the_list_of_columns_end() {
    let engine = Engine::new(Trail::open(&["testdata/trail"]).await.unwrap());
    let inside = Session { database: Some("information_schema".into()), ..Session::default() };
    let view = "CREATE VIEW default.v AS SELECT column_name FROM columns";
    engine.run(view, &inside).await.unwrap();
    let columns = "SELECT column_name FROM columns WHERE table_name = 'v'";
    let mut answer = engine.run(columns, &inside).await.unwrap();
    let mut rows = 0;
    while let Some(batch) = answer.next().await {
        rows += batch.unwrap().num_rows();
    }
    assert_eq!(rows, 1);
}
