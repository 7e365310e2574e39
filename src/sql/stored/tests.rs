//! Results written, and read back.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, StructArray};
use arrow::util::pretty::pretty_format_batches;
use datafusion::logical_expr::LogicalPlanBuilder;
use datafusion::prelude::DataFrame;
use futures::StreamExt;

use super::*;
use crate::sql::catalog::{Catalog, CatalogRelations, DEFAULT_DATABASE};
use crate::sql::relation::{Relation, Relations, Resolved};
use crate::sql::statement::{Statement, parse_one};
use crate::trail::Trail;

struct Here {
    folder: tempfile::TempDir,
    trail: Trail,
    catalog: Catalog,
}

impl Here {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs/AWSLogs");
        std::fs::create_dir_all(&logs).unwrap();
        std::fs::write(logs.join("x.json"), "{}").unwrap();
        let trail = Trail::open(&[folder.path().join("logs").to_str().unwrap()]).await.unwrap();
        Self { folder, trail, catalog: Catalog::default() }
    }

    fn scans(&self) -> TableScans {
        TableScans::new(&self.trail, "2026-04-01T00:00:00Z".parse().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Carries out a statement; its query's rows are `rows`.
    async fn write(&self, text: &str, rows: Rows) -> Result<(u64, Vec<String>)> {
        let scans = self.scans();
        let options = WriteOptions { workspace: self.folder.path().join("workspace"), folders: true };
        let writer = Writer {
            catalog: &self.catalog,
            scans: &scans,
            options: &options,
            database: DEFAULT_DATABASE,
            table: None,
        };
        let outcome = match parse_one(text).unwrap() {
            Statement::CreateTableAs(statement) => writer.create_table_as(&statement, rows).await,
            Statement::Insert(statement) => writer.insert(&statement, rows).await,
            Statement::Unload(statement) => writer.unload(&statement, rows).await,
            other => panic!("{other:?}"),
        }?;
        let mut there = self.files("");
        there.retain(|file| outcome.files.contains(&format!("file://{file}")));
        assert_eq!(there.len(), outcome.files.len(), "{:?}", outcome.files);
        Ok((outcome.rows, scans.notices()))
    }

    fn relation(&self, table: &str) -> Relation {
        let relations = CatalogRelations { catalog: &self.catalog, scans: &self.scans() };
        match relations.resolve(&[table.to_owned()], DEFAULT_DATABASE, &Default::default()) {
            Ok(Resolved::Relation(relation)) => relation,
            other => panic!("{other:?}"),
        }
    }

    /// All rows of a table, in order.
    async fn read(&self, table: &str) -> Vec<String> {
        let relation = self.relation(table);
        let context = crate::session::session();
        let batches = DataFrame::new(context.state(), relation.plan).collect().await.unwrap();
        let shown = pretty_format_batches(&batches).unwrap().to_string();
        let lines = shown.lines().filter(|line| line.starts_with('|')).skip(1);
        let mut rows: Vec<String> = lines
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join(";"))
            .collect();
        rows.sort();
        rows
    }

    fn files(&self, name: &str) -> Vec<String> {
        let entries = walkdir::WalkDir::new(self.folder.path().join(name)).into_iter().flatten();
        let files = entries.filter(|entry| entry.file_type().is_file());
        files.map(|entry| entry.path().display().to_string()).collect()
    }
}

/// Rows of a name, a number and a part.
fn rows() -> Rows {
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("c,\"d\"")]));
    let numbers: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let parts: ArrayRef = Arc::new(StringArray::from(vec![Some("x/y=ü"), Some("z"), None]));
    rows_of(vec![("Name", names), ("n", numbers), ("part", parts)])
}

fn rows_of(columns: Vec<(&str, ArrayRef)>) -> Rows {
    let described = columns
        .iter()
        .map(|(name, array)| Column { name: (*name).to_owned(), data_type: array.data_type().clone() });
    let described = described.collect();
    let fields: Vec<Field> = columns
        .iter()
        .enumerate()
        .map(|(at, (_, array))| Field::new(format!("c{at}"), array.data_type().clone(), true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, array)| array).collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    let stream = futures::stream::iter([Ok(batch)]);
    Rows { columns: described, batches: Box::pin(RecordBatchStreamAdapter::new(schema, stream)) }
}

#[tokio::test]
async fn what_is_written_is_read_back() {
    for format in ["PARQUET", "JSON", "TEXTFILE", "ORC"] {
        let here = Here::new().await;
        let place = here.path("out");
        let text = format!(
            "CREATE TABLE t WITH (format = '{format}', external_location = '{place}', \
             partitioned_by = ARRAY['part']) AS SELECT 1"
        );
        let (count, notices) = here.write(&text, rows()).await.unwrap();
        assert_eq!((count, notices.len()), (3, usize::from(format == "ORC")), "{format}");
        assert_eq!(here.read("t").await, [";2;z", "a;1;x/y=ü", "c,\"d\";3;"], "{format}");
        assert!(here.files("out").iter().any(|file| file.contains("/part=z/")), "{:?}", here.files("out"));
        assert!(
            here.files("out").iter().any(|file| file.contains("/part=x%2Fy%3Dü/")),
            "{:?}",
            here.files("out")
        );

        assert_eq!(here.write("INSERT INTO t SELECT 1", rows()).await.unwrap().0, 3);
        let names: ArrayRef = Arc::new(StringArray::from(vec!["e"]));
        let (count, _) =
            here.write("INSERT INTO t (name) SELECT 1", rows_of(vec![("x", names)])).await.unwrap();
        assert_eq!((count, here.read("t").await.len()), (1, 7));

        // The table outlives the catalog, and its files outlive the table.
        let restored = Catalog::restore(&here.catalog.definitions()).unwrap();
        assert_eq!(restored.definitions(), here.catalog.definitions());
        let dropped = parse_one("DROP TABLE t").unwrap();
        here.catalog.apply(&dropped, DEFAULT_DATABASE).unwrap();
        assert_eq!(here.files("out").len(), 7, "{:?}", here.files("out"));
    }
}

#[tokio::test]
async fn tables_without_a_place_lie_in_the_workspace() {
    let here = Here::new().await;
    here.write("CREATE TABLE t AS SELECT 1", rows()).await.unwrap();
    assert_eq!(here.files("workspace").len(), 1);
    let (count, _) = here.write("CREATE TABLE u AS SELECT 1 WITH NO DATA", rows()).await.unwrap();
    assert_eq!((count, here.read("u").await.len()), (0, 0));
    // Nobody leads out of it.
    here.write("CREATE TABLE \"../../x\" AS SELECT 1", rows()).await.unwrap();
    assert_eq!(here.files("workspace").len(), 2);
    let parts: ArrayRef = Arc::new(StringArray::from(vec!["..", ".", "../..", ""]));
    let names: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c", "d"]));
    let text = "CREATE TABLE v WITH (partitioned_by = ARRAY['p']) AS SELECT 1";
    here.write(text, rows_of(vec![("n", names), ("p", parts)])).await.unwrap();
    assert_eq!(here.read("v").await, ["a;..", "b;.", "c;../..", "d;"]);
}

#[tokio::test]
async fn what_is_read_is_not_written_to() {
    let here = Here::new().await;
    let logs = here.path("logs");
    let code = async |text: String| {
        let error = here.write(&text, rows()).await.unwrap_err();
        error.as_sql().map(|error| error.code)
    };
    for place in [format!("{logs}/AWSLogs/new"), logs.clone(), format!("file://{logs}")] {
        let text = format!("CREATE TABLE t WITH (external_location = '{place}') AS SELECT 1");
        assert_eq!(code(text).await, Some(ErrorCode::InvalidLocation), "{place}");
        let text = format!("UNLOAD (SELECT 1) TO '{place}' WITH (format = 'PARQUET')");
        assert_eq!(code(text).await, Some(ErrorCode::InvalidLocation), "{place}");
    }
    assert_eq!(code("INSERT INTO cloudtrail_logs SELECT 1".into()).await, Some(ErrorCode::NotSupported));
    let declared = parse_one("CREATE EXTERNAL TABLE d (a int) LOCATION 's3://b/AWSLogs/'").unwrap();
    here.catalog.apply(&declared, DEFAULT_DATABASE).unwrap();
    let text = "UNLOAD (SELECT 1) TO 's3://b/AWSLogs/x' WITH (format = 'PARQUET')";
    assert_eq!(code(text.into()).await, Some(ErrorCode::InvalidLocation));
    assert_eq!(here.files("logs").len(), 1);
}

#[tokio::test]
async fn refusals() {
    let here = Here::new().await;
    here.write("CREATE TABLE t AS SELECT 1", rows()).await.unwrap();
    for (text, says) in [
        ("CREATE TABLE t AS SELECT 1", "already exists"),
        ("CREATE TABLE u WITH (format = 'XML') AS SELECT 1", "There is no format XML"),
        ("CREATE TABLE u WITH (partitioned_by = ARRAY['name']) AS SELECT 1", "must be the last columns"),
        ("CREATE TABLE u WITH (partitioned_by = 'part') AS SELECT 1", "takes an ARRAY"),
        ("CREATE TABLE u WITH (external_location = 'here') AS SELECT 1", "not of the form s3://"),
        ("UNLOAD (SELECT 1) TO '/cases/x' WITH (format = 'AVRO')", "not AVRO"),
        ("UNLOAD (SELECT 1) TO '/cases/x' WITH (format = 'JSON', compression = 'LZ4')", "not with lz4"),
        ("INSERT INTO t (nothing) SELECT 1", "does not exist in target table: nothing"),
        (
            "INSERT INTO t (n) SELECT 1",
            "mismatched column types: Table: [bigint], Query: [varchar, bigint, varchar]",
        ),
    ] {
        let error = here.write(text, rows()).await.unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
    let twice = || {
        let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        rows_of(vec![("a", Arc::clone(&one)), ("A", one)])
    };
    let error = here.write("CREATE TABLE u AS SELECT 1", twice()).await.unwrap_err().to_string();
    assert!(error.contains("'a' specified more than once"), "{error}");
    let struct_of = || -> ArrayRef {
        let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
        Arc::new(StructArray::from(vec![(Arc::new(Field::new("m", DataType::Int64, true)), one)]))
    };
    let nested = rows_of(vec![("a", struct_of())]);
    let error =
        here.write("CREATE TABLE u WITH (format = 'TEXTFILE') AS SELECT 1", nested).await.unwrap_err();
    assert!(error.to_string().contains("Unsupported Hive type: row(m bigint)"), "{error}");
    let nested = rows_of(vec![("a", struct_of())]);
    here.write("CREATE TABLE u WITH (format = 'JSON') AS SELECT 1", nested).await.unwrap();
    assert_eq!(here.read("u").await, ["{m: 1}"]);
}

#[tokio::test]
async fn what_fails_leaves_nothing_behind() {
    let here = Here::new().await;
    let Rows { columns, batches } = rows();
    let schema = batches.schema();
    let failing = batches
        .chain(futures::stream::iter([Err(datafusion::error::DataFusionError::External("no more".into()))]));
    let rows = Rows { columns, batches: Box::pin(RecordBatchStreamAdapter::new(schema, failing)) };
    assert!(here.write("CREATE TABLE t AS SELECT 1", rows).await.is_err());
    assert_eq!(here.files("workspace"), [] as [&str; 0]);
    assert_eq!(here.catalog.relations(DEFAULT_DATABASE), [] as [&str; 0]);
}

#[tokio::test]
async fn what_is_stopped_leaves_nothing_behind() {
    let here = Here::new().await;
    // So much memory that a file ends, though little of it is used.
    let mut numbers = arrow::array::Int64Builder::with_capacity(20_000_000);
    numbers.append_value(1);
    let numbers: ArrayRef = Arc::new(numbers.finish());
    let batch = RecordBatch::try_from_iter([("n", numbers)]).unwrap();
    let schema = batch.schema();
    let batches = futures::stream::iter([Ok(batch)]).chain(futures::stream::pending());
    let columns = vec![Column { name: "n".to_owned(), data_type: DataType::Int64 }];
    let rows = Rows { columns, batches: Box::pin(RecordBatchStreamAdapter::new(schema, batches)) };
    let pause = || tokio::time::sleep(std::time::Duration::from_millis(5));
    let written = async {
        while here.files("workspace").is_empty() {
            pause().await;
        }
    };
    tokio::select! {
        ended = here.write("CREATE TABLE t AS SELECT 1", rows) => panic!("{ended:?}"),
        () = written => {}
    }
    let gone = async {
        while !here.files("workspace").is_empty() {
            pause().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), gone).await.unwrap();
    assert_eq!(here.catalog.relations(DEFAULT_DATABASE), [] as [&str; 0]);
}

#[tokio::test]
async fn partitions_of_written_tables_are_pruned() {
    let here = Here::new().await;
    let place = here.path("out");
    let text = format!(
        "CREATE TABLE t WITH (external_location = '{place}', partitioned_by = ARRAY['part']) AS SELECT 1"
    );
    here.write(&text, rows()).await.unwrap();
    // A file of another partition that cannot be read does no harm.
    let other = here.files("out").into_iter().find(|file| file.contains("part=z")).unwrap();
    std::fs::write(other, "no parquet").unwrap();
    let relation = here.relation("t");
    let column = datafusion::common::Column::from(relation.plan.schema().qualified_field(2));
    let filter = datafusion::logical_expr::Expr::Column(column).eq(datafusion::logical_expr::lit("x/y=ü"));
    let plan = LogicalPlanBuilder::from(relation.plan).filter(filter).unwrap().build().unwrap();
    let context = crate::session::session();
    let batches = DataFrame::new(context.state(), plan).collect().await.unwrap();
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
}
