//! Who is served, and who is not.

use trailq::Trail;
use trailq::athena::Server;

use super::server::{Running, options, refused};
use crate::support::repository;

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_verified() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("credentials");
    std::fs::write(&keys, "[a]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = right\n").unwrap();
    let server = Running::start_in(folder, |options| options.credentials = Some(keys)).await;
    let ask = async |key, secret| server.client_as(key, secret).list_work_groups().send().await;
    assert_eq!(ask("AKIAEXAMPLE", "right").await.unwrap().work_groups().len(), 1);
    assert_eq!(refused(ask("AKIAEXAMPLE", "wrong").await).0, "InvalidSignatureException");
    assert_eq!(refused(ask("AKIAOTHER", "right").await).0, "UnrecognizedClientException");
    let unsigned = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
                    X-Amz-Target: AmazonAthena.ListWorkGroups\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    let (status, body) = server.raw(unsigned).await;
    assert_eq!(status, 403);
    assert!(body.contains("MissingAuthenticationTokenException"), "{body}");
    // Without a Host header nothing can be signed as it has to be.
    let without_host = "POST / HTTP/1.0\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Date: 20260314T140700Z\r\n\
        Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260314/x/athena/aws4_request, SignedHeaders=host, \
        Signature=0\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(server.raw(without_host).await.0, 400);
    let health = "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    assert_eq!(server.raw(health).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_machines_need_keys() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path());
    options.listen = "0.0.0.0:0".to_owned();
    let trail = Trail::open(&[repository("testdata/trail").to_str().unwrap()]).await.unwrap();
    let error = Server::bind(trail, options).await.unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("--credentials"), "{error}");
    let command = std::process::Command::new(env!("CARGO_BIN_EXE_trailq"))
        .args(["serve", "--listen", "0.0.0.0:0", "--output"])
        .args([folder.path(), &repository("testdata/trail")])
        .output()
        .unwrap();
    assert_eq!(command.status.code(), Some(2), "{}", String::from_utf8_lossy(&command.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn results_and_state_lie_apart_from_the_logs() {
    let source = repository("testdata/trail");
    let folder = tempfile::tempdir().unwrap();
    let trail = Trail::open(&[source.to_str().unwrap()]).await.unwrap();
    for (output, state) in [(Some(source.join("results")), None), (None, Some(source.join("state.redb")))] {
        let mut options = options(folder.path());
        options.output = output.map(|output| output.display().to_string());
        options.state = state;
        let error = Server::bind(trail.clone(), options).await.unwrap_err();
        assert!(error.is_usage() && error.to_string().contains("is a source"), "{error}");
    }
    assert!(!source.join("state.redb").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_are_kept_out() {
    let server = Running::start(|_| {}).await;
    let ask = async |headers: &str| {
        let request = format!(
            "POST / HTTP/1.1\r\n{headers}\r\nX-Amz-Target: AmazonAthena.ListWorkGroups\r\n\
             Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
        );
        server.raw(&request).await.0
    };
    let json = "Content-Type: application/x-amz-json-1.1";
    assert_eq!(ask(&format!("Host: localhost:8900\r\n{json}")).await, 200);
    assert_eq!(ask(&format!("Host: [::1]:8900\r\n{json}")).await, 200);
    assert_eq!(ask(&format!("Host: evil.example\r\n{json}")).await, 403);
    assert_eq!(ask(&format!("Host: localhost\r\nOrigin: http://evil.example\r\n{json}")).await, 403);
    assert_eq!(ask("Host: localhost\r\nContent-Type: text/plain").await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_served_is_named() {
    let server = Running::start(|_| {}).await;
    let (code, message) = refused(server.client().list_notebook_metadata().work_group("x").send().await);
    assert_eq!(code, "UnknownOperationException");
    assert!(message.contains("ListNotebookMetadata"), "{message}");
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n";
    for (body, length) in [("{", 1), ("[]", 2), ("{\"MaxResults\": \"1\"}", 19), ("", 3_000_000)] {
        let request = format!(
            "{head}X-Amz-Target: AmazonAthena.ListWorkGroups\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        if body.is_empty() {
            let filled = request + &"x".repeat(length);
            assert_eq!(server.raw(&filled).await.0, 400);
        } else {
            let (status, answer) = server.raw(&request).await;
            assert!(status == 400 && answer.contains("SerializationException"), "{answer}");
        }
    }
    let (status, _) = server
        .raw("GET /queries/..%2f/coverage HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await;
    assert_eq!(status, 400);
}
