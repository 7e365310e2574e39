//! Named queries, prepared statements, work groups, and the catalog.

use aws_sdk_athena::types::QueryExecutionState::{Failed, Succeeded};
use aws_sdk_athena::types::{
    ResultConfiguration, Tag, WorkGroupConfiguration, WorkGroupConfigurationUpdates,
};

use super::server::{Running, end, reason, refused, run, state};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_found_after_a_restart() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let named =
        client.create_named_query().name("n").database("d").query_string("SELECT 1").send().await.unwrap();
    let id = named.named_query_id().unwrap().to_owned();
    let prepared = client.create_prepared_statement().statement_name("p").work_group("primary");
    prepared.query_statement("SELECT ?").send().await.unwrap();
    let server = Running::start_in(server.stop().await, |_| {}).await;
    let client = server.client();
    let found = client.get_named_query().named_query_id(&id).send().await.unwrap();
    assert_eq!(found.named_query().unwrap().query_string(), "SELECT 1");
    assert_eq!(
        client.list_named_queries().send().await.unwrap().named_query_ids(),
        std::slice::from_ref(&id)
    );
    client.delete_named_query().named_query_id(&id).send().await.unwrap();
    let many = client.batch_get_named_query().named_query_ids(&id).send().await.unwrap();
    assert_eq!((many.named_queries().len(), many.unprocessed_named_query_ids().len()), (0, 1));
    let get = || client.get_prepared_statement().statement_name("p").work_group("primary").send();
    let found = get().await.unwrap();
    assert_eq!(found.prepared_statement().unwrap().query_statement(), Some("SELECT ?"));
    client.delete_prepared_statement().statement_name("p").work_group("primary").send().await.unwrap();
    assert_eq!(refused(get().await).0, "ResourceNotFoundException");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_is_there_after_a_restart() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    for statement in [
        "CREATE DATABASE logs",
        "CREATE EXTERNAL TABLE logs.declared (eventid string COMMENT 'its id', eventname string) \
         PARTITIONED BY (`timestamp` string) \
         ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' LOCATION 's3://trail/AWSLogs/'",
    ] {
        let done = run(&client, statement).await;
        assert_eq!(state(&done), Succeeded, "{}", reason(&done));
        assert_eq!(done.statement_type().unwrap().as_str(), "DDL");
    }
    let server = Running::start_in(server.stop().await, |_| {}).await;
    let client = server.client();
    let listed =
        client.list_table_metadata().catalog_name("AwsDataCatalog").database_name("logs").send().await;
    let listed = listed.unwrap().table_metadata_list.unwrap();
    assert_eq!((listed.len(), listed[0].name(), listed[0].columns().len()), (1, "declared", 2));
    assert_eq!(listed[0].columns()[0].comment(), Some("its id"));
    assert_eq!(listed[0].partition_keys()[0].name(), "timestamp");
    let done = run(&client, "SHOW TABLES IN logs").await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    let id = done.query_execution_id().unwrap();
    let file = server.folder.path().join(format!("results/{id}.txt"));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "declared");
    let rows = client.get_query_results().query_execution_id(id).send().await.unwrap();
    let rows = rows.result_set().unwrap();
    // Hive answers, and names no columns.
    assert_eq!(rows.rows().len(), 1);
    assert_eq!(rows.rows()[0].data()[0].var_char_value(), Some("declared"));
    assert_eq!(rows.result_set_metadata().unwrap().column_info()[0].r#type(), "string");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_results_is_there_after_a_restart() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let done = run(&client, "CREATE TABLE names AS SELECT DISTINCT eventname FROM any_name").await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    assert_eq!(done.substatement_type(), Some("CREATE_TABLE_AS_SELECT"));
    let id = done.query_execution_id().unwrap();
    let location = done.result_configuration().unwrap().output_location().unwrap();
    assert!(location.ends_with(&format!("/tables/{id}")), "{location}");
    let results = client.get_query_results().query_execution_id(id).send().await.unwrap();
    let rows = results.update_count().unwrap();
    assert!(rows > 10 && results.result_set().unwrap().rows().is_empty());
    let server = Running::start_in(server.stop().await, |_| {}).await;
    let client = server.client();
    let done = run(&client, "SELECT count(*) AS n FROM names").await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    let id = done.query_execution_id().unwrap();
    let file = server.folder.path().join(format!("results/{id}.csv"));
    assert_eq!(std::fs::read_to_string(file).unwrap(), format!("\"n\"\n\"{rows}\"\n"));
    let aside = server.folder.path().join("aside");
    let unload =
        format!("UNLOAD (SELECT eventid FROM any_name) TO '{}' WITH (format = 'JSON')", aside.display());
    let done = run(&client, &unload).await;
    assert_eq!(state(&done), Failed, "statements name no folder of the server's machine");
    assert!(!aside.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_prepared_is_executed() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let prepare = || client.create_prepared_statement().statement_name("by_name").work_group("primary");
    let (_, message) = refused(prepare().query_statement("SELEC ?").send().await);
    assert!(message.contains("SELEC"), "{message}");
    let text = "SELECT DISTINCT eventname FROM any_name WHERE eventname = ?";
    prepare().query_statement(text).send().await.unwrap();
    let execute = client.start_query_execution().query_string("EXECUTE by_name");
    let started = execute.execution_parameters("'CreateUser'").send().await.unwrap();
    let done = end(&client, started.query_execution_id().unwrap()).await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    assert_eq!(std::fs::read_to_string(&server.results()[0]).unwrap(), "\"eventname\"\n\"CreateUser\"\n");
    let done = run(&client, "PREPARE in_sql FROM SELECT 1").await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    let found = client.get_prepared_statement().statement_name("in_sql").work_group("primary").send().await;
    assert_eq!(found.unwrap().prepared_statement().unwrap().query_statement(), Some("SELECT 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_group_says_where_results_go() {
    let server = Running::start(|options| {
        options.state = Some(std::path::PathBuf::from(options.output.take().unwrap()).join("state.redb"));
    })
    .await;
    let client = server.client();
    let ask = || client.start_query_execution().query_string("SELECT 1 AS n");
    let (_, message) = refused(ask().send().await);
    assert!(message.starts_with("No output location provided."), "{message}");
    let folder = server.folder.path().join("results/group");
    let output = ResultConfiguration::builder().output_location(folder.display().to_string()).build();
    let configuration = WorkGroupConfiguration::builder().result_configuration(output).build();
    client.create_work_group().name("group").configuration(configuration).send().await.unwrap();
    let other = ResultConfiguration::builder().output_location("s3://nowhere/").build();
    let started = ask().work_group("group").result_configuration(other).send().await.unwrap();
    let done = end(&client, started.query_execution_id().unwrap()).await;
    assert_eq!(state(&done), Succeeded);
    let group = client.get_work_group().work_group("group").send().await.unwrap();
    let configuration = group.work_group().unwrap().configuration().unwrap().clone();
    assert_eq!(configuration.enforce_work_group_configuration(), Some(true));
    assert!(server.results()[0].starts_with(&folder), "{:?}", server.results());
    let listed = client.list_work_groups().send().await.unwrap();
    let names: Vec<_> = listed.work_groups().iter().map(|group| group.name().unwrap()).collect();
    assert_eq!(names, ["group", "primary"]);
    let delete = || client.delete_work_group().work_group("group");
    // The query that was asked in it is a part of it.
    assert_eq!(refused(delete().send().await).1, "WorkGroup group is not empty");
    delete().recursive_delete_option(true).send().await.unwrap();
    let history = client.list_query_executions().send().await.unwrap();
    assert_eq!(history.query_execution_ids().len(), 0);
    assert_eq!(refused(ask().work_group("group").send().await).1, "WorkGroup is not found.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_group_keeps_its_tags_and_limits() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
    let limited = |bytes| WorkGroupConfiguration::builder().bytes_scanned_cutoff_per_query(bytes).build();
    let make = || client.create_work_group().name("ir").tags(tag("team", "ir")).tags(tag("env", "test"));
    assert!(
        refused(make().configuration(limited(1)).send().await)
            .1
            .contains("greater than or equal to 10000000")
    );
    make().configuration(limited(20_000_000)).send().await.unwrap();
    let arn = "arn:aws:athena:us-east-1:111122223333:workgroup/ir";
    client.tag_resource().resource_arn(arn).tags(tag("env", "prod")).send().await.unwrap();
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await.unwrap();
    let server = Running::start_in(server.stop().await, |_| {}).await;
    let client = server.client();
    let tags = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags(), [tag("env", "prod")]);
    let other = client.list_tags_for_resource().resource_arn("arn:aws:athena:us-east-1:1:workgroup/none");
    assert_eq!(refused(other.send().await).0, "ResourceNotFoundException");
    let cutoff = async || {
        let group = client.get_work_group().work_group("ir").send().await.unwrap().work_group.unwrap();
        group.configuration().unwrap().bytes_scanned_cutoff_per_query()
    };
    assert_eq!(cutoff().await, Some(20_000_000));
    let update = |updates: WorkGroupConfigurationUpdates| {
        client.update_work_group().work_group("ir").configuration_updates(updates).send()
    };
    let updates = || WorkGroupConfigurationUpdates::builder();
    update(updates().bytes_scanned_cutoff_per_query(30_000_000).build()).await.unwrap();
    assert_eq!(cutoff().await, Some(30_000_000));
    update(updates().remove_bytes_scanned_cutoff_per_query(true).build()).await.unwrap();
    assert_eq!(cutoff().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_work_group_goes_with_what_is_in_it() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    client.create_work_group().name("g").send().await.unwrap();
    let named = |group: &str| {
        client.create_named_query().name("n").database("d").query_string("SELECT 1").work_group(group)
    };
    let gone = named("g").send().await.unwrap().named_query_id.unwrap();
    let kept = named("primary").send().await.unwrap().named_query_id.unwrap();
    let prepare = client.create_prepared_statement().statement_name("p").work_group("g");
    prepare.query_statement("SELECT 1").send().await.unwrap();
    let delete = || client.delete_work_group().work_group("g");
    assert_eq!(refused(delete().send().await).1, "WorkGroup g is not empty");
    assert!(client.get_named_query().named_query_id(&gone).send().await.is_ok());
    delete().recursive_delete_option(true).send().await.unwrap();
    assert!(client.get_named_query().named_query_id(&gone).send().await.is_err());
    assert!(client.get_named_query().named_query_id(&kept).send().await.is_ok());
    assert_eq!(state(&run(&client, "EXECUTE p").await), Failed);
    client.create_work_group().name("g").send().await.unwrap();
    delete().send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_has_the_table_under_any_name() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let table = client.get_table_metadata().catalog_name("AwsDataCatalog").database_name("d");
    let table = table.table_name("my_trail").send().await.unwrap();
    let table = table.table_metadata().unwrap();
    assert_eq!((table.name(), table.columns().len()), ("my_trail", 29));
    let types = ["string", "array<struct<arn:string,accountid:string,type:string>>"];
    for (name, data_type) in ["eventversion", "resources"].into_iter().zip(types) {
        let column = table.columns().iter().find(|column| column.name() == name).unwrap();
        assert_eq!(column.r#type(), Some(data_type));
    }
    let listed = client
        .list_table_metadata()
        .catalog_name("AwsDataCatalog")
        .database_name("default")
        .send()
        .await
        .unwrap();
    assert_eq!(listed.table_metadata_list().len(), 1);
    let databases = client.list_databases().catalog_name("awsdatacatalog").send().await.unwrap();
    assert_eq!(databases.database_list()[0].name(), "default");
    assert_eq!(client.list_data_catalogs().send().await.unwrap().data_catalogs_summary().len(), 1);
    let other = client.list_databases().catalog_name("other").send().await;
    assert_eq!(refused(other).0, "InvalidRequestException");
}
