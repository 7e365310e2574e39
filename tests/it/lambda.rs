//! The program as a function of AWS Lambda, asked through the runtime API on loopback.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Notify, mpsc};

use crate::support::repository;

/// What the function said of an invocation.
#[derive(Debug)]
struct Told {
    request_id: String,
    /// `response` or `error`.
    kind: String,
    body: Value,
}

/// The runtime API of one execution environment.
struct RuntimeApi {
    events: Mutex<VecDeque<String>>,
    more: Notify,
    told: mpsc::UnboundedSender<Told>,
    /// How long an invocation may take.
    time: Duration,
}

impl RuntimeApi {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<String> {
        let path = request.uri().path().to_owned();
        let path = path.strip_prefix("/2018-06-01/runtime/invocation/").unwrap_or_default().to_owned();
        if (request.method(), path.as_str()) == (&Method::GET, "next") {
            return self.next().await;
        }
        let is_marked = request.headers().contains_key("lambda-runtime-function-error-type");
        assert_eq!(is_marked, path.ends_with("/error"), "{path}");
        let (request_id, kind) = path.split_once('/').expect("an id and what is told");
        let (request_id, kind) = (request_id.to_owned(), kind.to_owned());
        let body = serde_json::from_slice(&bytes(request.into_body()).await).unwrap();
        self.told.send(Told { request_id, kind, body }).unwrap();
        let mut accepted = Response::new(r#"{"status":"OK"}"#.to_owned());
        *accepted.status_mut() = StatusCode::ACCEPTED;
        accepted
    }

    /// The next event, as soon as there is one.
    async fn next(&self) -> Response<String> {
        loop {
            let event = self.events.lock().unwrap().pop_front();
            if let Some(event) = event {
                let deadline = SystemTime::now() + self.time;
                let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
                let id = format!("request-{}", self.events.lock().unwrap().len());
                return Response::builder()
                    .header("Lambda-Runtime-Aws-Request-Id", id)
                    .header("Lambda-Runtime-Deadline-Ms", deadline.to_string())
                    .header(
                        "Lambda-Runtime-Invoked-Function-Arn",
                        "arn:aws:lambda:us-east-1:111122223333:function:trailq",
                    )
                    .body(event)
                    .unwrap();
            }
            self.more.notified().await;
        }
    }
}

async fn bytes(mut body: Incoming) -> Vec<u8> {
    let mut bytes = vec![];
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        bytes.extend_from_slice(frame.unwrap().data_ref().unwrap());
    }
    bytes
}

/// A process that answers invocations, started as Lambda starts it.
struct Function {
    api: Arc<RuntimeApi>,
    told: mpsc::UnboundedReceiver<Told>,
    process: tokio::process::Child,
    /// Where the process has its temporary files.
    temporary: tempfile::TempDir,
    _package: tempfile::TempDir,
}

impl Function {
    async fn start(environment: &[(&str, &str)], time: Duration) -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        let api = RuntimeApi { events: Mutex::default(), more: Notify::new(), told: sender, time };
        let api = Arc::new(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let serving = Arc::clone(&api);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let api = Arc::clone(&serving);
                let service = service_fn(move |request| {
                    let api = Arc::clone(&api);
                    async move { Ok::<_, Infallible>(api.answer(request).await) }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(socket), service));
            }
        });
        let (package, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let bootstrap = package.path().join("bootstrap");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_trailq"), &bootstrap).unwrap();
        let process = tokio::process::Command::new(&bootstrap)
            .current_dir(repository(""))
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "trailq")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .env("TMPDIR", temporary.path())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { api, told, process, temporary, _package: package }
    }

    /// Invokes the function, and waits for what it says.
    async fn invoke(&mut self, event: &str) -> Told {
        self.api.events.lock().unwrap().push_back(event.to_owned());
        self.api.more.notify_one();
        let told = tokio::time::timeout(Duration::from_secs(120), self.told.recv()).await;
        let told = told.expect("an answer in time").expect("an answer");
        assert_eq!(told.request_id, "request-0");
        assert!(self.process.try_wait().unwrap().is_none(), "the process lives on");
        told
    }

    /// The same, for what has to succeed.
    async fn ask(&mut self, event: &Value) -> Value {
        let told = self.invoke(&event.to_string()).await;
        assert_eq!(told.kind, "response", "{told:?}");
        told.body
    }

    /// The same, for what has to fail: the error's name and message.
    async fn fail(&mut self, event: &Value) -> (String, String) {
        let told = self.invoke(&event.to_string()).await;
        assert_eq!(told.kind, "error", "{told:?}");
        let text = |name: &str| told.body[name].as_str().unwrap().to_owned();
        (text("errorType"), text("errorMessage"))
    }

    /// Files that an invocation left behind.
    fn left(&self) -> Vec<std::path::PathBuf> {
        crate::support::files_below(self.temporary.path())
    }
}

const MINUTE: Duration = Duration::from_secs(60);

fn alert(event_name: &str) -> Value {
    json!({"eventName": event_name, "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-14T14:05:44Z",
        "userIdentity": {"type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/order-processor/order-processor"}})
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// One process answers an alert, a request, what is neither, and an alert again.
#[tokio::test(flavor = "multi_thread")]
async fn alerts_become_cases() {
    let cases = tempfile::tempdir().unwrap();
    let environment = [("TRAILQ_SOURCE", "testdata/trail"), ("TRAILQ_CASES", text(cases.path()))];
    let mut function = Function::start(&environment, MINUTE).await;
    let first = function.ask(&alert("CreateUser")).await;
    let folder = Path::new(first["folder"].as_str().unwrap());
    assert!(folder.starts_with(cases.path()) && folder.join("manifest.json").exists(), "{first}");
    assert_eq!(first["complete"], true);
    assert!(first["notification"]["subject"].as_str().unwrap().contains("order-processor"), "{first}");
    assert!(trailq::investigation::verify(folder, None).await.unwrap().is_sound());

    // A time that does not fit together, a person nobody knows, and another type of JSON altogether.
    let (name, message) = function.fail(&json!({"role": "x", "at": "when?"})).await;
    assert_eq!((name.as_str(), message.contains("role")), ("Usage", true), "{message}");
    let (name, _) = function.fail(&json!({"detail-type": "EC2 Instance State-change Notification"})).await;
    assert_eq!(name, "Usage");
    let (name, _) = function.fail(&json!([])).await;
    assert_eq!(name, "Usage");

    // What came before left no trace in the answer, nor files beside it.
    let again = function.ask(&json!({"finding": alert("AttachUserPolicy"), "window": "10m"})).await;
    assert_ne!(again["case_id"], first["case_id"]);
    assert!(Path::new(again["folder"].as_str().unwrap()).join("report.html").exists());
    assert_eq!(function.left(), [""; 0].map(std::path::PathBuf::from));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_have_names() {
    let empty = tempfile::tempdir().unwrap();
    let environment = [("TRAILQ_SOURCE", text(empty.path())), ("TRAILQ_CASES", "cases")];
    let mut function = Function::start(&environment, MINUTE).await;
    let (name, message) = function.fail(&alert("CreateUser")).await;
    assert_eq!(name, "SourceEmpty", "{message}");
    // Nothing listens there.
    let unreachable = [
        ("TRAILQ_SOURCE", "s3://logs/AWSLogs"),
        ("TRAILQ_CASES", "s3://cases/x"),
        ("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ];
    let mut function = Function::start(&unreachable, MINUTE).await;
    let (name, message) = function.fail(&alert("CreateUser")).await;
    assert_eq!(name, "SourceUnreadable", "{message}");
    // A second is kept for saying so, and there is not more than that.
    let environment = [("TRAILQ_SOURCE", "testdata/trail"), ("TRAILQ_CASES", "cases")];
    let mut function = Function::start(&environment, Duration::from_millis(900)).await;
    let (name, message) = function.fail(&alert("CreateUser")).await;
    assert_eq!(name, "TimedOut", "{message}");
}

const DENIED: &str = "SELECT eventname, count(*) AS calls FROM \"security\".cloudtrail_logs \
                      WHERE errorcode = ? GROUP BY 1 ORDER BY 2 DESC, 1";

/// What `arn:aws:states:::athena:startQueryExecution.sync` and `getQueryResults` take and give.
#[tokio::test(flavor = "multi_thread")]
async fn athenas_tasks_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let (records, results) = (folder.path().join("records"), folder.path().join("results"));
    let environment = [("TRAILQ_SOURCE", "testdata/trail"), ("TRAILQ_OUTPUT", text(&records))];
    let mut function = Function::start(&environment, MINUTE).await;
    let started = function
        .ask(&json!({
            "QueryString": DENIED,
            "ExecutionParameters": ["'AccessDenied'"],
            "QueryExecutionContext": {"Database": "security"},
            "ResultConfiguration": {"OutputLocation": format!("file://{}/", text(&results))},
            "WorkGroup": "incident-response",
            "ClientRequestToken": "0123456789abcdef0123456789abcdef"
        }))
        .await;
    let execution = &started["QueryExecution"];
    let id = execution["QueryExecutionId"].as_str().unwrap();
    assert_eq!(execution["Status"]["State"], "SUCCEEDED", "{started}");
    assert_eq!(execution["Query"], DENIED);
    assert_eq!(execution["StatementType"], "DML");
    assert_eq!(execution["WorkGroup"], "incident-response");
    assert!(execution["Statistics"]["DataScannedInBytes"].as_u64().unwrap() > 0, "{started}");
    let [submitted, completed] =
        ["SubmissionDateTime", "CompletionDateTime"].map(|name| execution["Status"][name].as_i64().unwrap());
    assert!(submitted > 1_700_000_000_000 && completed >= submitted, "{started}");
    // Where it says, the result lies as Athena writes it.
    let file = results.join(format!("{id}.csv"));
    assert_eq!(execution["ResultConfiguration"]["OutputLocation"], text(&file));
    let csv = std::fs::read_to_string(&file).unwrap();
    assert!(csv.starts_with("\"eventname\",\"calls\"\n\"") && csv.ends_with("\"\n"), "{csv}");
    assert!(results.join(format!("{id}.csv.metadata")).exists());

    // Another process finds it by its id alone.
    drop(function);
    let mut function = Function::start(&environment, MINUTE).await;
    let page = function.ask(&json!({"QueryExecutionId": id, "MaxResults": 2})).await;
    let rows = page["ResultSet"]["Rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["Data"], json!([{"VarCharValue": "eventname"}, {"VarCharValue": "calls"}]));
    assert_eq!(page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"][1]["Type"], "bigint");
    assert_eq!(page["UpdateCount"], 0);
    let next = json!({"Action": "getQueryResults", "QueryExecutionId": id, "NextToken": page["NextToken"]});
    let rest = function.ask(&next).await;
    let count = rest["ResultSet"]["Rows"].as_array().unwrap().len();
    assert_eq!(count + 2, csv.lines().count());
    assert_eq!(function.left(), [""; 0].map(std::path::PathBuf::from));
}

#[tokio::test(flavor = "multi_thread")]
async fn athenas_errors_are_told_apart() {
    let results = tempfile::tempdir().unwrap();
    let environment = [("TRAILQ_SOURCE", "testdata/trail"), ("TRAILQ_OUTPUT", text(results.path()))];
    let mut function = Function::start(&environment, MINUTE).await;
    // Refused at once.
    let (name, message) = function.fail(&json!({"QueryString": "SELEC 1"})).await;
    assert_eq!(name, "Athena.InvalidRequestException");
    assert!(message.starts_with("line 1:1:"), "{message}");
    // Ends as a query: the message is its execution, as the task's cause is.
    let (name, message) = function.fail(&json!({"QueryString": "SELECT nothing FROM t"})).await;
    assert_eq!(name, "Athena.QueryExecutionFailed");
    let execution: Value = serde_json::from_str(&message).unwrap();
    let status = &execution["QueryExecution"]["Status"];
    assert_eq!((&status["State"], &status["AthenaError"]["ErrorType"]), (&json!("FAILED"), &json!(1006)));
    // Would be gone with the task.
    let (name, message) = function.fail(&json!({"QueryString": "CREATE TABLE t AS SELECT 1 AS x"})).await;
    assert_eq!(name, "Athena.InvalidRequestException");
    assert!(message.contains("external_location"), "{message}");
    for id in ["3f2504e0-4f89-41d3-9a0c-0305e82c3301", "../../etc/passwd"] {
        let (name, message) = function.fail(&json!({"QueryExecutionId": id})).await;
        assert_eq!(name, "Athena.InvalidRequestException", "{message}");
        assert!(message.contains("was not found"), "{message}");
    }
    let below = json!({"QueryString": "SELECT 1",
        "ResultConfiguration": {"OutputLocation": repository("testdata/trail/results")}});
    let (name, message) = function.fail(&below).await;
    assert_eq!(name, "Athena.InvalidRequestException");
    assert!(message.contains("is a source"), "{message}");
    assert_eq!(crate::support::files_below(results.path()), [""; 0].map(std::path::PathBuf::from));
}

/// Started by hand, the program says what is missing instead of waiting for nobody.
#[test]
fn outside_lambda_it_says_so() {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_trailq")).arg("lambda").env_clear().output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("AWS_LAMBDA_RUNTIME_API"));
}
