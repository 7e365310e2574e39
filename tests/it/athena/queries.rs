//! Queries: started, queued, stopped, failed, and found again.

use std::time::{Duration, Instant};

use aws_sdk_athena::types::QueryExecutionState::{Cancelled, Failed, Queued, Running as InRun, Succeeded};
use aws_sdk_athena::types::{QueryExecutionContext, QueryExecutionState};

use super::server::{MANY_ROWS, Running, SLOW, end, execution, reason, refused, run, start, state, to, wait};
use crate::support::repository;

#[tokio::test(flavor = "multi_thread")]
async fn a_query_runs_to_its_end() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let started = client
        .start_query_execution()
        .query_string("SELECT DISTINCT eventname FROM cloudtrail")
        .query_execution_context(
            QueryExecutionContext::builder().database("logs").catalog("awsdatacatalog").build(),
        )
        .send()
        .await
        .unwrap();
    let id = started.query_execution_id().unwrap();
    let done = end(&client, id).await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    assert_eq!(done.query(), Some("SELECT DISTINCT eventname FROM cloudtrail"));
    assert_eq!(done.statement_type().unwrap().as_str(), "DML");
    assert_eq!(done.substatement_type(), Some("SELECT"));
    assert_eq!(done.work_group(), Some("primary"));
    assert_eq!(done.query_execution_context().unwrap().database(), Some("logs"));
    assert_eq!(done.engine_version().unwrap().effective_engine_version(), Some("Athena engine version 3"));
    let file = server.results().remove(0);
    let location = done.result_configuration().unwrap().output_location().unwrap();
    assert_eq!(location, file.canonicalize().unwrap().display().to_string());
    let status = done.status().unwrap();
    assert!(status.completion_date_time().unwrap() >= status.submission_date_time().unwrap());
    assert!(done.statistics().unwrap().total_execution_time_in_millis().is_some());
    let (status, coverage) = server
        .raw(&format!("GET /queries/{id}/coverage HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .await;
    let coverage: serde_json::Value = serde_json::from_str(&coverage).unwrap();
    assert_eq!(status, 200);
    assert_eq!(coverage["complete"], true, "{coverage}");
    assert!(coverage["objects"]["read"].as_u64().unwrap() > 0, "{coverage}");
    assert_eq!(reason(&done), "");
    assert!(done.statistics().unwrap().data_scanned_in_bytes().unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_says_why() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let done = run(&client, "SELECT no_such_column FROM cloudtrail").await;
    assert_eq!(state(&done), Failed);
    assert!(reason(&done).contains("no_such_column"), "{}", reason(&done));
    let error = done.status().unwrap().athena_error().unwrap();
    assert_eq!(error.error_message(), Some(reason(&done)));
    let id = done.query_execution_id().unwrap();
    let (code, message) = refused(client.get_query_results().query_execution_id(id).send().await);
    assert_eq!(code, "InvalidRequestException");
    assert_eq!(message, "Query did not finish successfully. Final query state: FAILED");
    assert_eq!(server.results(), [""; 0].map(std::path::PathBuf::from));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_can_stand_still() {
    let now = trailq::parse_time("2026-03-14T14:07:00Z", chrono::Utc::now()).unwrap();
    let server = Running::start(|options| options.now = Some(now)).await;
    let done = run(&server.client(), "SELECT current_date AS today").await;
    assert_eq!(state(&done), Succeeded, "{}", reason(&done));
    assert_eq!(std::fs::read_to_string(&server.results()[0]).unwrap(), "\"today\"\n\"2026-03-14\"\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_statement_is_refused_at_once() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let token = "0123456789abcdef0123456789abcdef";
    let ask = |query: &str| client.start_query_execution().query_string(query).client_request_token(token);
    let (code, message) = refused(ask("SELEC 1").send().await);
    assert_eq!(code, "InvalidRequestException");
    assert!(message.starts_with("line 1:1: ") && message.contains("SELEC"), "{message}");
    // Nothing was started, and its token can be used.
    assert_eq!(client.list_query_executions().send().await.unwrap().query_execution_ids(), [""; 0]);
    ask("SELECT 1").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_can_be_stopped() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let id = start(&client, SLOW).await;
    wait(&client, &id, &[InRun]).await;
    let (_, message) = refused(client.get_query_results().query_execution_id(&id).send().await);
    assert_eq!(message, "Query has not yet finished. Current state: RUNNING");
    let asked = Instant::now();
    client.stop_query_execution().query_execution_id(&id).send().await.unwrap();
    let done = execution(&client, &id).await;
    assert_eq!((state(&done), reason(&done)), (Cancelled, "Query cancelled by user"));
    // Its place is free at once, too.
    let (one, two) = (start(&client, SLOW).await, start(&client, SLOW).await);
    wait(&client, &one, &[InRun]).await;
    wait(&client, &two, &[InRun]).await;
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let (_, message) = refused(client.get_query_results().query_execution_id(&id).send().await);
    assert_eq!(message, "Could not find results");
    // What is over stays as it is; what never was is an error.
    client.stop_query_execution().query_execution_id(&id).send().await.unwrap();
    let (_, message) = refused(client.stop_query_execution().query_execution_id("nope").send().await);
    assert_eq!(message, "QueryExecution nope was not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_run_and_wait() {
    let server = Running::start(|options| {
        (options.limits.running, options.limits.queued) = (1, 2);
    })
    .await;
    let client = server.client();
    let mut ids = vec![];
    for _ in 0..3 {
        ids.push(start(&client, SLOW).await);
    }
    wait(&client, &ids[0], &[InRun]).await;
    let states: Vec<QueryExecutionState> = [&ids[1], &ids[2]].map(|_| Queued).into();
    for (id, expected) in ids[1..].iter().zip(states) {
        assert_eq!(state(&execution(&client, id).await), expected);
    }
    let (code, _) = refused(client.start_query_execution().query_string(SLOW).send().await);
    assert_eq!(code, "TooManyRequestsException");
    let (_, health) =
        server.raw("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").await;
    let health: serde_json::Value = serde_json::from_str(&health).unwrap();
    assert_eq!(
        (health["status"].as_str(), health["running"].as_u64(), health["queued"].as_u64()),
        (Some("ok"), Some(1), Some(2))
    );
    client.stop_query_execution().query_execution_id(&ids[0]).send().await.unwrap();
    wait(&client, &ids[1], &[InRun]).await;
    client.stop_query_execution().query_execution_id(&ids[2]).send().await.unwrap();
    assert_eq!(state(&execution(&client, &ids[2]).await), Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_that_takes_too_long_is_ended() {
    let server = Running::start(|options| options.limits.timeout = Duration::from_millis(300)).await;
    let done = run(&server.client(), SLOW).await;
    assert_eq!(state(&done), Failed);
    assert!(reason(&done).starts_with("Query timed out"), "{}", reason(&done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_stands_for_one_query() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let token = "0123456789abcdef0123456789abcdef";
    let ask = async |query: &str, token: &str| {
        client.start_query_execution().query_string(query).client_request_token(token).send().await
    };
    let first = ask("SELECT eventid FROM cloudtrail", token).await.unwrap();
    let again = ask("SELECT eventid FROM cloudtrail", token).await.unwrap();
    assert_eq!(first.query_execution_id(), again.query_execution_id());
    let (code, message) = refused(ask("SELECT eventname FROM cloudtrail", token).await);
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InvalidRequestException", "Idempotent parameters do not match")
    );
    let (_, message) = refused(ask("SELECT 1", "short").await);
    assert!(message.contains("greater than or equal to 32"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_newest_first_and_in_pages() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let mut ids = vec![];
    for n in 0..5 {
        let done = run(&client, &format!("SELECT {n} AS n")).await;
        ids.insert(0, done.query_execution_id().unwrap().to_owned());
    }
    let mut found = vec![];
    let mut pages = client.list_query_executions().into_paginator().page_size(2).send();
    while let Some(page) = pages.next().await {
        found.push(page.unwrap().query_execution_ids().to_vec());
    }
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(found.concat(), ids);
    let both = client.batch_get_query_execution().query_execution_ids(&ids[0]).query_execution_ids("nope");
    let both = both.send().await.unwrap();
    assert_eq!(both.query_executions().len(), 1);
    assert_eq!(both.unprocessed_query_execution_ids()[0].query_execution_id(), Some("nope"));
    let statistics = client.get_query_runtime_statistics().query_execution_id(&ids[0]).send().await.unwrap();
    assert_eq!(statistics.query_runtime_statistics().unwrap().rows().unwrap().output_rows(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_no_result() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let done = run(&client, MANY_ROWS).await;
    let id = done.query_execution_id().unwrap().to_owned();
    let slow = start(&client, SLOW).await;
    wait(&client, &slow, &[InRun]).await;
    let folder = server.stop().await;

    let server = Running::start_in(folder, |_| {}).await;
    let client = server.client();
    assert_eq!(execution(&client, &id).await.status(), done.status());
    let rows = client.get_query_results().query_execution_id(&id).send().await.unwrap();
    assert_eq!(rows.result_set().unwrap().rows().len(), 1000);
    let stopped = execution(&client, &slow).await;
    assert_eq!((state(&stopped), reason(&stopped)), (Cancelled, "The server was stopped"));
    assert_eq!(server.results().len(), 1, "{:?}", server.results());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_below_a_source() {
    let server = Running::start(|_| {}).await;
    let client = server.client();
    let source = repository("testdata/trail");
    let aside = server.folder.path().join("elsewhere");
    let mut places = vec![source.clone(), source.join("AWSLogs/results"), source.join("none/../results")];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&source, server.folder.path().join("link")).unwrap();
        places.push(server.folder.path().join("link/results"));
    }
    for place in places {
        let ask = client.start_query_execution().query_string("SELECT 1").result_configuration(to(&place));
        let (code, message) = refused(ask.send().await);
        assert_eq!(code, "InvalidRequestException", "{place:?}");
        assert!(message.contains("is a source"), "{message}");
    }
    let ask = client.start_query_execution().query_string("SELECT 1 AS n").result_configuration(to(&aside));
    let id = ask.send().await.unwrap().query_execution_id.unwrap();
    assert_eq!(state(&end(&client, &id).await), Succeeded);
    assert_eq!(std::fs::read_to_string(aside.join(format!("{id}.csv"))).unwrap(), "\"n\"\n\"1\"\n");
    let invalid = to(std::path::Path::new("gs://bucket/x"));
    let (_, message) = refused(
        client.start_query_execution().query_string("SELECT 1").result_configuration(invalid).send().await,
    );
    assert_eq!(message, "outputLocation is not a valid S3 path.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_changes_nothing() {
    let server = Running::start(|_| {}).await;
    let body = r#"{"QueryString": "SELECT 7 AS n"}"#;
    let request = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AmazonAthena.StartQueryExecution\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let address = server.endpoint.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut socket, request.as_bytes()).await.unwrap();
    let client = server.client();
    let mut ids = vec![];
    while ids.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        ids = client.list_query_executions().send().await.unwrap().query_execution_ids.unwrap_or_default();
    }
    // It never reads the answer.
    drop(socket);
    assert_eq!(state(&end(&client, &ids[0]).await), Succeeded);
}
