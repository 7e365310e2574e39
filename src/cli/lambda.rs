//! `trailq lambda`: `stage` as a function of AWS Lambda, and Athena's tasks of Step Functions.
//!
//! Source: Lambda developer guide, "Using the Lambda runtime API for custom runtimes"; Step Functions
//! developer guide, "Handling errors in Step Functions workflows". Nothing is kept between two
//! invocations, so that a warm function answers as a cold one.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, SystemTime};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::Value;
use trailq::athena::{TaskError, TaskOptions, Tasks};
use trailq::{Error, Result, StoreOptions, Trail};

use super::serve::{LogFormat, start_log};
use super::stage;

/// The name under which Lambda starts a custom runtime.
const BOOTSTRAP: &str = "bootstrap";
/// What Lambda sets and its runtime cannot do without.
const ENVIRONMENT: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
];
/// What is left of an invocation's time for telling how it ended.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Bytes of a message to hand on. A state machine's whole state may have 256 KiB (Step Functions
/// developer guide, "Quotas"), the alert and its escapes among them; the report has the rest.
const LONGEST_MESSAGE: usize = 32 << 10;
/// The last line of a message that was cut.
const CUT: &str = "[Cut here: the report has the rest.]\n";

/// Why an invocation fails, as state machines catch it.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    /// `errorType`, which `ErrorEquals` compares with.
    name: String,
    /// `errorMessage`.
    message: String,
}

/// What an event asks for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// A case.
    Stage,
    /// `athena:startQueryExecution.sync`
    StartQueryExecution,
    /// `athena:getQueryResults`
    GetQueryResults,
}

/// The arguments, with the command that is meant where Lambda starts the program.
pub fn with_command(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if let [program] = arguments.as_slice()
        && Path::new(program).file_name().is_some_and(|name| name == BOOTSTRAP)
    {
        arguments.push("lambda".into());
    }
    arguments
}

/// Answers invocations, until Lambda ends the process.
pub async fn run() -> Result<bool> {
    check_environment()?;
    start_log(LogFormat::Json);
    let service = service_fn(|event: LambdaEvent<Value>| async move {
        let time = time_left(event.context.deadline(), SystemTime::now());
        answer(event.payload, time).await
    });
    lambda_runtime::run(service).await.map(|()| true).map_err(|cause| {
        let api = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default();
        Error::argument(
            "runtime API",
            api,
            format!("cannot be used: {cause}"),
            "start the program in AWS Lambda",
        )
    })
}

/// The runtime panics without these.
fn check_environment() -> Result<()> {
    let refuse = |name: &str, value: &str, problem: &str| {
        Err(Error::argument(
            "environment",
            format!("{name}={value}"),
            problem,
            "start the program in AWS Lambda",
        ))
    };
    for name in ENVIRONMENT {
        let value = std::env::var(name).unwrap_or_default();
        if value.is_empty() {
            return refuse(name, &value, "is not set");
        }
        if name == "AWS_LAMBDA_FUNCTION_MEMORY_SIZE" && value.parse::<i32>().is_err() {
            return refuse(name, &value, "is no number");
        }
    }
    Ok(())
}

/// Answers an event, or says in time that it cannot be.
async fn answer(event: Value, time: Duration) -> Result<Value, Failure> {
    let work = async {
        match Asked::of(&event)? {
            Asked::Stage => case(event).await,
            Asked::StartQueryExecution => Ok(tasks(time).await?.start_query_execution(&event).await?),
            Asked::GetQueryResults => Ok(tasks(time).await?.get_query_results(&event).await?),
        }
    };
    tokio::time::timeout(time, work).await.unwrap_or_else(|_| {
        let message = format!("not done after {} seconds: give the function more time", time.as_secs());
        Err(Failure { name: "TimedOut".to_owned(), message })
    })
}

async fn case(event: Value) -> Result<Value, Failure> {
    let result = stage::answer(event).await?;
    let mut result = serde_json::to_value(&result)
        .map_err(|cause| Failure { name: "Failed".to_owned(), message: cause.to_string() })?;
    if let Some(Value::String(message)) = result.pointer_mut("/notification/message") {
        cut(message, LONGEST_MESSAGE);
    }
    Ok(result)
}

/// Athena over the logs that the environment names.
async fn tasks(time: Duration) -> Result<Tasks, Failure> {
    let setting = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    // Results may go to a bucket with Object Lock, as cases do.
    let store = StoreOptions { checksums: true, ..StoreOptions::default() };
    let sources: Vec<String> = setting("TRAILQ_SOURCE").into_iter().collect();
    let trail = Trail::open_with(&sources, &store).await?;
    // The statement's own end comes first, so that it is told in Athena's words.
    let timeout = time.saturating_sub(LAST_WORDS);
    Ok(Tasks::open(trail, TaskOptions { output: setting("TRAILQ_OUTPUT"), timeout, store })?)
}

impl Asked {
    /// What an event asks for: an `Action` says so, else members that only Athena's requests have.
    fn of(event: &Value) -> Result<Self, Failure> {
        let has = |name: &str| event.get(name).is_some_and(Value::is_string);
        let is_athenas = has("QueryString") || has("QueryExecutionId");
        match event.get("Action").and_then(Value::as_str).filter(|_| is_athenas) {
            Some("startQueryExecution") => Ok(Self::StartQueryExecution),
            Some("getQueryResults") => Ok(Self::GetQueryResults),
            Some(other) => Err(Failure {
                name: "Athena.UnknownOperationException".to_owned(),
                message: format!("there is no task '{other}': startQueryExecution and getQueryResults are"),
            }),
            None if has("QueryString") => Ok(Self::StartQueryExecution),
            None if is_athenas => Ok(Self::GetQueryResults),
            None => Ok(Self::Stage),
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.name, error_message: failure.message }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let name = match &error {
            error if error.is_usage() => "Usage",
            error if error.is_unidentified() => "Unidentified",
            error if error.is_empty_source() => "SourceEmpty",
            error if error.is_unreachable() => "SourceUnreadable",
            _ => "Failed",
        };
        Self { name: name.to_owned(), message: error.to_string() }
    }
}

impl From<TaskError> for Failure {
    fn from(error: TaskError) -> Self {
        Self { name: error.name().to_owned(), message: error.to_string() }
    }
}

/// Time until shortly before a deadline.
fn time_left(deadline: SystemTime, now: SystemTime) -> Duration {
    deadline.duration_since(now).unwrap_or_default().saturating_sub(LAST_WORDS)
}

/// Leaves as many whole lines as fit, and a note that there were more.
fn cut(message: &mut String, longest: usize) {
    if message.len() <= longest {
        return;
    }
    let fits = message.floor_char_boundary(longest.saturating_sub(CUT.len()));
    let end = message.get(..fits).and_then(|text| text.rfind('\n')).map_or(fits, |line| line + 1);
    message.truncate(end);
    message.push_str(CUT);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_of_a_runtime_stands_for_the_command() {
        let with = |arguments: &[&str]| with_command(arguments.iter().map(OsString::from));
        assert_eq!(with(&["/var/task/bootstrap"]), ["/var/task/bootstrap", "lambda"]);
        assert_eq!(with(&["bootstrap", "verify"]), ["bootstrap", "verify"]);
        assert_eq!(with(&["trailq"]), ["trailq"]);
    }

    #[test]
    fn events_say_what_they_ask_for() {
        for (event, asked) in [
            (json!({"QueryString": "SELECT 1"}), Asked::StartQueryExecution),
            (json!({"QueryExecutionId": "x", "MaxResults": 5}), Asked::GetQueryResults),
            (json!({"Action": "getQueryResults", "QueryExecutionId": "x"}), Asked::GetQueryResults),
            // An ASFF finding has an object of this name, and others may have a text.
            (json!({"Action": {"ActionType": "AWS_API_CALL"}}), Asked::Stage),
            (json!({"Action": "quarantine", "detail": {}}), Asked::Stage),
            (json!({"finding": {"QueryString": "x"}}), Asked::Stage),
            (json!(null), Asked::Stage),
        ] {
            assert_eq!(Asked::of(&event), Ok(asked), "{event}");
        }
        let unknown = Asked::of(&json!({"Action": "stopQueryExecution", "QueryExecutionId": "x"}));
        assert_eq!(unknown.unwrap_err().name, "Athena.UnknownOperationException");
    }

    #[test]
    fn deadlines_leave_time_to_tell() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(time_left(now + Duration::from_secs(60), now), Duration::from_secs(59));
        assert_eq!(time_left(now + Duration::from_millis(10), now), Duration::ZERO);
        assert_eq!(time_left(SystemTime::UNIX_EPOCH, now), Duration::ZERO);
    }

    #[test]
    fn long_messages_are_cut_at_a_line() {
        let mut message = "line äöü\n".repeat(100);
        cut(&mut message, 200);
        assert!(message.len() <= 200 && message.ends_with(CUT), "{message}");
        assert!(message.lines().rev().skip(1).all(|line| line == "line äöü"), "{message}");
        let mut one = "ä".repeat(500);
        cut(&mut one, 201);
        assert!(one.len() <= 201 && one.ends_with(CUT), "{one}");
        let mut short = "short".to_owned();
        cut(&mut short, 200);
        assert_eq!(short, "short");
    }
}
