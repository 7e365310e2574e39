//! One query, from its turn to its end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use futures::FutureExt;
use tokio_util::sync::CancellationToken;

use super::verdict::{End, Verdict, remarks};
use super::write::Work;
use super::{Executions, Running, Waiting};
use crate::athena::protocol::{QueryExecution, State};
use crate::athena::results::Output;
use crate::athena::store::Finish;
use crate::output::text::visible;

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
        Ok(()) => seal(executions, id, output, &mut work).await,
        Err(end) => end,
    };
    work.abandon().await;
    let times = Times { total: asked.elapsed(), ran, processed: started.elapsed() - ran };
    record(executions, id, end, work, output, times).await;
}

/// Keeps what a statement leaves behind.
async fn seal(executions: &Executions, id: &str, output: &Output, work: &mut Work) -> End {
    if work.names.as_ref().is_some_and(|names| names.statement_type == "DDL")
        && let Err(cause) = executions.keep_catalog().await
    {
        tracing::error!(query = %id, %cause, "could not keep what was declared");
    }
    match work.seal(&executions.outputs, id, output).await {
        Ok(result) => End::Written(Box::new(result)),
        Err(cause) => End::Failed(cause),
    }
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

/// Keeps how a query ended, and tells the log.
async fn record(executions: &Executions, id: &str, end: End, work: Work, output: &Output, times: Times) {
    let coverage = work.coverage();
    let scanned = coverage.as_ref().map_or(0, |coverage| coverage.bytes.stored);
    let remarks = remarks(coverage.as_ref(), work.notices());
    let verdict = Verdict::of(&end, executions.limits.timeout, remarks);
    let reason = verdict.reason.as_deref().map(visible).unwrap_or_default();
    tracing::info!(
        query = %id, state = verdict.state.name(), ms = millis(times.total), bytes = scanned, %reason, "query ended"
    );
    let finish = Finish {
        result: end.into_result(),
        coverage: coverage.and_then(|coverage| serde_json::value::to_raw_value(&coverage).ok()),
    };
    let location = work.names.as_ref().map(|names| format!("{output}{}", names.file));
    let (planned, manifest) = (work.planned, work.manifest);
    let names = work.names;
    let change = move |execution: &mut QueryExecution| {
        execution.status.state = verdict.state;
        execution.status.state_change_reason = verdict.reason;
        execution.status.athena_error = verdict.error;
        execution.status.completion_date_time = Some(Utc::now().into());
        if let Some(names) = names {
            execution.statement_type = Some(names.statement_type.to_owned());
            execution.substatement_type = Some(names.substatement_type.to_owned());
            execution.result_configuration.output_location = location;
        }
        let statistics = &mut execution.statistics;
        statistics.engine_execution_time_in_millis = Some(millis(times.ran));
        statistics.total_execution_time_in_millis = Some(millis(times.total));
        statistics.query_planning_time_in_millis = planned.map(millis);
        statistics.service_processing_time_in_millis = Some(millis(times.processed));
        statistics.data_scanned_in_bytes = Some(scanned);
        statistics.data_manifest_location = manifest;
    };
    // A stop by the user has been recorded already; then nothing changes here.
    if let Err(cause) = executions.store.change(id, finish, change).await {
        tracing::error!(query = %id, %cause, "could not record how a query ended");
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
