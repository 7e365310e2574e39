//! What statements that write files tell of them.

use aws_sdk_athena::types::QueryExecutionState::Succeeded;

use super::server::{Running, reason, run, state};

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_names_the_files_that_were_written() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let results = server.folder.path().canonicalize().unwrap().join("results");
    for (statement, prefix, count) in [
        (
            "CREATE TABLE parts WITH (partitioned_by = ARRAY['p']) AS SELECT * FROM (VALUES (1, 'a'), (2, 'b')) \
          AS t (n, p)",
            "tables/",
            Some(2),
        ),
        ("INSERT INTO parts VALUES (3, 'a')", "", Some(1)),
        // As Athena has it.
        ("INSERT INTO parts SELECT 1, 'c' WHERE false", "", None),
        ("CREATE TABLE empty AS SELECT 1 AS n WHERE false", "tables/", Some(0)),
        ("CREATE TABLE IF NOT EXISTS parts AS SELECT 1 AS n", "tables/", None),
        ("SELECT * FROM parts", "", None),
        ("SHOW TABLES", "", None),
    ] {
        let done = run(&client, statement).await;
        assert_eq!(state(&done), Succeeded, "{statement}: {}", reason(&done));
        let location = done.statistics().unwrap().data_manifest_location();
        let name = format!("{prefix}{}-manifest.csv", done.query_execution_id().unwrap());
        let expected = results.join(&name);
        assert_eq!(expected.exists(), count.is_some(), "{statement}");
        assert_eq!(location, count.map(|_| expected.to_str().unwrap()), "{statement}");
        let lines = std::fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(lines.lines().count(), count.unwrap_or(0), "{statement}: {lines}");
        for line in lines.lines() {
            let file = line.strip_prefix("file://").unwrap();
            assert!(std::fs::metadata(file).unwrap().len() > 0, "{statement}: {line}");
        }
    }
}
