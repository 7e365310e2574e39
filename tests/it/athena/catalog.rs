//! What names stand for, and what is told of tables.

use aws_sdk_athena::Client;
use aws_sdk_athena::types::QueryExecutionState::{Failed, Succeeded};
use aws_sdk_athena::types::{QueryExecution, QueryExecutionContext};

use super::server::{Running, end, reason, run, state};

/// Runs a query in a session of `database`.
async fn run_in(client: &Client, database: &str, query: &str) -> QueryExecution {
    let context = QueryExecutionContext::builder().database(database).build();
    let started = client.start_query_execution().query_string(query).query_execution_context(context);
    end(client, started.send().await.unwrap().query_execution_id().unwrap()).await
}

/// The rows of a query's result, the values of each with a tab between them.
async fn rows(client: &Client, done: &QueryExecution) -> Vec<String> {
    assert_eq!(state(done), Succeeded, "{}", reason(done));
    let page = client.get_query_results().query_execution_id(done.query_execution_id().unwrap());
    let page = page.send().await.unwrap();
    let texts = page.result_set().unwrap().rows().iter().map(|row| {
        let values = row.data().iter().map(|value| value.var_char_value().unwrap_or_default());
        values.collect::<Vec<_>>().join("\t")
    });
    texts.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_are_found_however_they_are_written() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let table = "CREATE EXTERNAL TABLE mine (eventname string) \
                 ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde' LOCATION 's3://trail/AWSLogs/'";
    let done = run_in(&client, "CredentialMapper", table).await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    assert_eq!(
        done.query_execution_context().unwrap().database(),
        Some("CredentialMapper"),
        "as it was sent"
    );
    for database in ["CredentialMapper", "credentialmapper", "`credentialmapper`", "\"CREDENTIALMAPPER\""] {
        // The table that nothing declares has more columns.
        let done = run_in(&client, database, "SELECT * FROM mine LIMIT 1").await;
        assert_eq!(rows(&client, &done).await[0], "eventname", "{database}");
        let done = run_in(&client, database, "MSCK REPAIR TABLE `mine`;").await;
        assert_eq!(state(&done), Succeeded, "{database}: {}", reason(&done));
    }
    let done = run(&client, "SELECT * FROM CredentialMapper.mine LIMIT 1").await;
    assert_eq!(rows(&client, &done).await[0], "eventname");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_show_names_without_quotes() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let make = "CREATE TABLE `p2` AS SELECT 1 AS n";
    assert_eq!(state(&run(&client, make).await), Succeeded);
    let done = run(&client, make).await;
    assert_eq!((state(&done), reason(&done)), (Failed, "SYNTAX_ERROR: Table 'p2' already exists"));
}

/// Name and type of each column of a query's result.
async fn columns(client: &Client, done: &QueryExecution) -> Vec<(String, String)> {
    let page = client.get_query_results().query_execution_id(done.query_execution_id().unwrap());
    let page = page.send().await.unwrap();
    let columns = page.result_set().unwrap().result_set_metadata().unwrap().column_info().iter();
    columns.map(|column| (column.name().to_owned(), column.r#type().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_show_have_athenas_columns() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    for statement in [
        "CREATE EXTERNAL TABLE t (n int COMMENT 'a\tb') PARTITIONED BY (region string) \
         LOCATION 's3://trail/AWSLogs/' TBLPROPERTIES ('a' = 'b', 'c' = 'd')",
        "CREATE VIEW v AS SELECT 1 AS n, BIGINT '2' AS m",
    ] {
        let done = run(&client, statement).await;
        assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    }
    for (statement, substatement, names, data_type) in [
        ("DESCRIBE t", "DESCRIBE_TABLE", &["col_name", "data_type", "comment"][..], "string"),
        ("DESCRIBE v", "DESC_VIEW", &["column", "type"], "varchar"),
        ("SHOW COLUMNS IN v", "DESC_VIEW", &["column", "type"], "varchar"),
        ("SHOW COLUMNS IN t", "SHOW_COLUMNS", &["field"], "string"),
        ("SHOW TBLPROPERTIES t", "SHOW_TABLE_PROPERTIES", &["prpt_name", "prpt_value"], "string"),
        ("SHOW CREATE TABLE t", "SHOW_CREATE_TABLE", &["createtab_stmt"], "string"),
        ("SHOW CREATE VIEW v", "SHOW_CREATE_VIEW", &["create view"], "varchar"),
        ("SHOW VIEWS", "SHOW_VIEWS", &["views"], "varchar"),
        ("SHOW TABLES", "SHOW_TABLES", &["tab_name"], "string"),
    ] {
        let done = run(&client, statement).await;
        assert_eq!(done.substatement_type(), Some(substatement), "{statement}: {}", reason(&done));
        let found = columns(&client, &done).await;
        let expected = names.iter().map(|name| ((*name).to_owned(), data_type.to_owned()));
        assert_eq!(found, expected.collect::<Vec<_>>(), "{statement}");
    }
    let done = run(&client, "DESCRIBE t").await;
    let told = rows(&client, &done).await;
    let (n, region) =
        (format!("{:20}\t{:20}\ta", "n", "int"), format!("{:20}\t{:20}\t{:20}", "region", "string", ""));
    assert_eq!((told.len(), &told[0], &told[1], &told[6]), (7, &n, &region, &region));
    let file = server.folder.path().join(format!("results/{}.txt", done.query_execution_id().unwrap()));
    assert_eq!(std::fs::read_to_string(file).unwrap(), told.join("\n"));
    assert_eq!(rows(&client, &run(&client, "SHOW TBLPROPERTIES t").await).await, ["a\tb", "c\td"]);
    assert_eq!(rows(&client, &run(&client, "SHOW TBLPROPERTIES t ('a')").await).await, ["b"]);
    assert_eq!(rows(&client, &run(&client, "DESCRIBE v").await).await, ["n\tinteger", "m\tbigint"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_tell_how_a_table_is_read() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    for statement in [
        "CREATE EXTERNAL TABLE t (eventname string) COMMENT 'the trail' PARTITIONED BY (`timestamp` string) \
         ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' WITH SERDEPROPERTIES ('case.insensitive' = 'true') \
         STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat' \
         OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat' \
         LOCATION 's3://trail/AWSLogs/' \
         TBLPROPERTIES ('projection.enabled' = 'false', 'classification' = 'cloudtrail', 'location' = 'elsewhere')",
        "CREATE VIEW v AS SELECT 1 AS n",
    ] {
        let done = run(&client, statement).await;
        assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    }
    let ask = |name: &str| {
        let ask = client.get_table_metadata().catalog_name("AwsDataCatalog").database_name("`DEFAULT`");
        ask.table_name(name).send()
    };
    let table = ask("T").await.unwrap().table_metadata.unwrap();
    let told = table.parameters().unwrap();
    for (name, value) in [
        ("EXTERNAL", "TRUE"),
        ("comment", "the trail"),
        ("location", "s3://trail/AWSLogs/"),
        ("inputformat", "com.amazon.emr.cloudtrail.CloudTrailInputFormat"),
        ("outputformat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
        ("serde.serialization.lib", "org.apache.hive.hcatalog.data.JsonSerDe"),
        ("serde.param.case.insensitive", "true"),
        ("projection.enabled", "false"),
        ("classification", "cloudtrail"),
    ] {
        assert_eq!(told.get(name).map(String::as_str), Some(value), "{name}");
    }
    let listed = client.list_table_metadata().catalog_name("AwsDataCatalog").database_name("default");
    let listed = listed.send().await.unwrap().table_metadata_list.unwrap();
    assert_eq!(listed[0].parameters(), table.parameters());
    let view = ask("v").await.unwrap().table_metadata.unwrap();
    assert_eq!(
        (view.table_type(), view.parameters().unwrap()["presto_view"].as_str()),
        (Some("VIRTUAL_VIEW"), "true")
    );
    let undeclared = ask("any_name").await.unwrap().table_metadata.unwrap();
    let told = undeclared.parameters().unwrap();
    assert_eq!(told["serde.serialization.lib"], "com.amazon.emr.hive.serde.CloudTrailSerde");
    assert!(told["location"].ends_with("testdata/trail"), "{told:?}");
}
