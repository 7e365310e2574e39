//! Results: files, pages, and what the columns are.

use aws_sdk_athena::types::QueryExecutionState::Succeeded;
use aws_sdk_athena::types::Row;

use super::server::{MANY_ROWS, Running, reason, refused, run, state};

fn texts(row: &Row) -> Vec<Option<&str>> {
    row.data().iter().map(|datum| datum.var_char_value()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_what_the_file_holds() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let done = run(&client, MANY_ROWS).await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    let id = done.query_execution_id().unwrap();
    let file = std::fs::read_to_string(server.results().remove(0)).unwrap();
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2501, "\"x\",\"y\""));
    for size in [1000, 999, 7] {
        let mut rows = vec![];
        let mut token = None;
        loop {
            let page = client.get_query_results().query_execution_id(id).max_results(size);
            let page = page.set_next_token(token).send().await.unwrap();
            assert_eq!(page.update_count(), Some(0));
            rows.extend(page.result_set().unwrap().rows().iter().map(|row| {
                texts(row).iter().map(|text| format!("\"{}\"", text.unwrap())).collect::<Vec<_>>().join(",")
            }));
            token = page.next_token().map(ToOwned::to_owned);
            if token.is_none() || (size == 7 && rows.len() > 100) {
                break;
            }
        }
        assert_eq!(rows, lines[..rows.len()], "pages of {size}");
        assert!(size == 7 || rows.len() == lines.len());
    }
    let ask = || client.get_query_results().query_execution_id(id);
    let (_, message) = refused(ask().max_results(1001).send().await);
    assert_eq!(message, "MaxResults is more than maximum allowed length 1000");
    let (_, message) = refused(ask().next_token("nonsense").send().await);
    assert_eq!(message, "Malformed nextPageToken nonsense");
    std::fs::remove_file(server.results().remove(0)).unwrap();
    let (code, _) = refused(ask().send().await);
    assert_eq!(code, "InvalidRequestException");
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_described_as_athena_does() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let done = run(
        &client,
        "SELECT eventname AS a, BIGINT '7' AS b, CAST(NULL AS varchar) AS c, true AS d, 1.5E0 AS e, \
         resources AS f, useridentity AS g FROM cloudtrail WHERE eventname = 'CreateUser'",
    )
    .await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    let id = done.query_execution_id().unwrap();
    let results = client.get_query_results().query_execution_id(id).send().await.unwrap();
    let columns = results.result_set().unwrap().result_set_metadata().unwrap().column_info().to_vec();
    let described: Vec<_> = columns
        .iter()
        .map(|column| (column.name(), column.r#type(), column.precision(), column.case_sensitive()))
        .collect();
    assert_eq!(
        described,
        [
            ("a", "varchar", i32::MAX, true),
            ("b", "bigint", 19, false),
            ("c", "varchar", i32::MAX, true),
            ("d", "boolean", 0, false),
            ("e", "double", 17, false),
            ("f", "array", 0, false),
            ("g", "row", 0, false),
        ]
    );
    assert!(
        columns
            .iter()
            .all(|column| column.catalog_name() == Some("hive") && column.label() == Some(column.name()))
    );
    let row = &results.result_set().unwrap().rows()[1];
    assert_eq!(texts(row)[..1], [Some("CreateUser")]);
    assert_eq!(texts(row)[2], None);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_stays_as_it_is() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let hostile = "=cmd|'' /C calc''!A0\u{1b}[31m\",\r\nx\u{202e}";
    let done =
        run(&client, &format!("SELECT '{hostile}' AS \"a\"\"\u{1b}b\", '' AS empty, NULL AS nothing")).await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    let told = hostile.replace("''", "'");
    let file = std::fs::read_to_string(server.results().remove(0)).unwrap();
    let quoted = told.replace('"', "\"\"");
    assert_eq!(file, format!("\"a\"\"\u{1b}b\",\"empty\",\"nothing\"\n\"{quoted}\",\"\",\n"));
    let id = done.query_execution_id().unwrap();
    let results = client.get_query_results().query_execution_id(id).send().await.unwrap();
    let rows = results.result_set().unwrap().rows();
    assert_eq!(texts(&rows[1]), [Some(told.as_str()), Some(""), None]);
}
