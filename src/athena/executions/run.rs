//! One query, from its turn to its end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use super::write::Work;
use super::{Executions, Running, Waiting};
use crate::athena::protocol::{AthenaError, QueryExecution, State};
use crate::athena::results::{Output, StoredResult};
use crate::athena::store::Finish;
use crate::coverage::Coverage;
use crate::output::text::visible;
use crate::sql::ErrorCode;

/// How a query ended.
enum End {
    Written(Box<StoredResult>),
    Failed(crate::Error),
    TimedOut,
    Panicked,
    Stopped(&'static str),
}

/// Waits for a place, runs the query, and records its end.
pub(super) async fn run(
    executions: Arc<Executions>,
    execution: QueryExecution,
    output: Output,
    waiting: Waiting,
    stop: CancellationToken,
) {
    let id = execution.query_execution_id.clone();
    let asked = Instant::now();
    let place = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        // An error says that the server is closing.
        place = executions.places.acquire() => place.ok(),
    };
    match place {
        Some(_place) => {
            let running = Running::enter(waiting);
            run_now(&executions, &execution, &output, &stop, asked).await;
            executions.stops().remove(&id);
            drop(running);
        }
        None => {
            let why = executions.why_stopped();
            if let Err(cause) = executions.end_early(&id, State::Cancelled, why).await {
                tracing::error!(query = %id, %cause, "could not record how a query ended");
            }
            tracing::info!(query = %id, state = "CANCELLED", reason = why, "query left the queue");
            executions.stops().remove(&id);
            drop(waiting);
        }
    }
}

async fn run_now(
    executions: &Executions,
    execution: &QueryExecution,
    output: &Output,
    stop: &CancellationToken,
    asked: Instant,
) {
    let id = execution.query_execution_id.as_str();
    let started = Instant::now();
    let queued = started - asked;
    let begun = executions.store.change(id, Finish::default(), move |execution| {
        execution.status.state = State::Running;
        execution.statistics.query_queue_time_in_millis = Some(millis(queued));
    });
    match begun.await {
        Ok(Some(_)) => {}
        // It was stopped meanwhile.
        Ok(None) => return,
        Err(cause) => return tracing::error!(query = %id, %cause, "could not start a query"),
    }
    tracing::info!(query = %id, statement = %visible(&execution.query), "query started");
    let mut work = Work::default();
    let run = watch_over(executions, execution, output, stop, &mut work).await;
    let ran = started.elapsed();
    let end = match run {
        // From here on it is not stopped any more: a result is there whole, or not at all.
        Ok(()) => match work.seal(&executions.outputs, id, output).await {
            Ok(result) => End::Written(Box::new(result)),
            Err(cause) => End::Failed(cause),
        },
        Err(end) => end,
    };
    work.abandon().await;
    let times = Times { total: asked.elapsed(), ran, processed: started.elapsed() - ran };
    record(executions, id, end, work, output, times).await;
}

/// Runs a query to its end; an error is another end than that.
async fn watch_over(
    executions: &Executions,
    execution: &QueryExecution,
    output: &Output,
    stop: &CancellationToken,
    work: &mut Work,
) -> Result<(), End> {
    let run = AssertUnwindSafe(work.run(executions, execution, output)).catch_unwind();
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(End::Stopped(executions.why_stopped())),
        () = tokio::time::sleep(executions.limits.timeout) => Err(End::TimedOut),
        done = run => match done {
            Ok(done) => done.map_err(End::Failed),
            Err(_) => Err(End::Panicked),
        },
    }
}

/// How long a query took.
struct Times {
    /// From the request to the end.
    total: Duration,
    /// Running.
    ran: Duration,
    /// What came after running.
    processed: Duration,
}

async fn record(
    executions: &Executions,
    id: &str,
    end: End,
    work: Work,
    output: &Output,
    Times { total, ran, processed }: Times,
) {
    let coverage = work.coverage();
    let scanned = coverage.as_ref().map_or(0, |coverage| coverage.bytes.stored);
    let kept = coverage.as_ref().and_then(|coverage| serde_json::value::to_raw_value(coverage).ok());
    let remarks = remarks(coverage.as_ref(), work.notices());
    let (state, reason, error) = verdict(&end, executions.limits.timeout, remarks);
    let result = match end {
        End::Written(result) => Some(*result),
        _ => None,
    };
    let log_reason = reason.clone();
    let location = work.names.as_ref().map(|names| format!("{output}{}", names.file));
    let change = move |execution: &mut QueryExecution| {
        execution.status.state = state;
        execution.status.state_change_reason = reason;
        execution.status.athena_error = error;
        execution.status.completion_date_time = Some(Utc::now().into());
        if let Some(names) = work.names {
            execution.statement_type = Some(names.statement_type.to_owned());
            execution.substatement_type = Some(names.substatement_type.to_owned());
            execution.result_configuration.output_location = location;
        }
        let statistics = &mut execution.statistics;
        statistics.engine_execution_time_in_millis = Some(millis(ran));
        statistics.total_execution_time_in_millis = Some(millis(total));
        statistics.query_planning_time_in_millis = work.planned.map(millis);
        statistics.service_processing_time_in_millis = Some(millis(processed));
        statistics.data_scanned_in_bytes = Some(scanned);
    };
    // A stop by the user has been recorded already; then nothing changes here.
    let recorded = executions.store.change(id, Finish { result, coverage: kept }, change).await;
    let reason = log_reason.as_deref().map(visible).unwrap_or_default();
    tracing::info!(
        query = %id, state = state.name(), ms = millis(total), bytes = scanned, %reason, "query ended"
    );
    if let Err(cause) = recorded {
        tracing::error!(query = %id, %cause, "could not record how a query ended");
    }
}

/// State, reason and error that tell how it ended.
fn verdict(
    end: &End,
    timeout: Duration,
    remarks: Option<String>,
) -> (State, Option<String>, Option<AthenaError>) {
    let failed = |(category, kind), retryable, reason: String| {
        let error = AthenaError {
            error_category: category,
            error_type: kind,
            retryable,
            error_message: reason.clone(),
        };
        (State::Failed, Some(reason), Some(error))
    };
    match end {
        End::Written(_) => (State::Succeeded, remarks, None),
        End::Stopped(why) => (State::Cancelled, Some((*why).to_owned()), None),
        End::TimedOut => {
            failed(USER_ERROR, false, format!("Query timed out after {} seconds", timeout.as_secs()))
        }
        End::Panicked => failed(SYSTEM_ERROR, false, "Internal error; the log says more".to_owned()),
        End::Failed(cause) => match cause.as_sql() {
            Some(error) => failed((2, error_type(error.code)), false, error.to_string()),
            None => failed(SYSTEM_ERROR, cause.is_unreachable(), cause.to_string()),
        },
    }
}

/// Category and type of the user's errors that have no type of their own, and of the system's.
const USER_ERROR: (i32, i32) = (2, 1000);
const SYSTEM_ERROR: (i32, i32) = (1, 200);

/// Athena's error types, as its error reference has them and as it answers them.
fn error_type(code: ErrorCode) -> i32 {
    match code {
        ErrorCode::DivisionByZero => 1001,
        ErrorCode::TypeMismatch => 1002,
        ErrorCode::ColumnNotFound => 1006,
        ErrorCode::InvalidCastArgument => 1100,
        ErrorCode::NotSupported => 1200,
        ErrorCode::TableNotFound | ErrorCode::SchemaNotFound => 1301,
        ErrorCode::FunctionNotFound => 1303,
        _ => USER_ERROR.1,
    }
}

/// What is to be known about an answer.
fn remarks(coverage: Option<&Coverage>, notices: &[String]) -> Option<String> {
    let missing = coverage.and_then(incomplete);
    let remarks: Vec<String> = missing.into_iter().chain(notices.iter().cloned()).collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// What could not be read, if anything; an answer does not keep quiet about it.
fn incomplete(coverage: &Coverage) -> Option<String> {
    if coverage.complete {
        return None;
    }
    let failures = [&coverage.failed_listings, &coverage.failed_objects];
    let first = failures.iter().find_map(|failures| failures.first());
    let first = first.map(|first| format!("; first {}: {}", first.name, first.cause)).unwrap_or_default();
    Some(format!(
        "PARTIAL: {} objects and {} folders could not be read, {} records are malformed{first}",
        coverage.objects.failed,
        coverage.failed_listings.len(),
        coverage.records.malformed,
    ))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Failure;
    use crate::sql::SqlError;

    #[test]
    fn errors_are_athenas() {
        let error = SqlError::at(ErrorCode::ColumnNotFound, (1, 8), "Column 'x' cannot be resolved");
        let (state, reason, error) = verdict(&End::Failed(error.into()), Duration::ZERO, None);
        assert_eq!(state, State::Failed);
        assert_eq!(reason.as_deref(), Some("COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"));
        let error = error.unwrap();
        assert_eq!((error.error_category, error.error_type, error.retryable), (2, 1006, false));
    }

    #[test]
    fn what_could_not_be_read_is_said() {
        let mut coverage = Coverage { complete: true, ..Coverage::default() };
        assert_eq!(incomplete(&coverage), None);
        coverage.complete = false;
        coverage.objects.failed = 1;
        coverage.failed_objects = vec![Failure { name: "a.gz".into(), cause: "damaged".into() }];
        let says = incomplete(&coverage).unwrap();
        assert!(says.starts_with("PARTIAL: 1 objects") && says.ends_with("first a.gz: damaged"), "{says}");
        let notice = "the table has no partitions".to_owned();
        assert_eq!(remarks(Some(&coverage), &[notice.clone()]), Some(format!("{says}; {notice}")));
    }
}
