//! Asks the sample trail what a role did around an incident, as the response pipeline would.
//!
//! `cargo run --release --example timeline [SOURCE ROLE TIME]`

use chrono::{Duration, Utc};
use trailq::output::text::visible;
use trailq::{Role, TimelineQuestion, Trail, Window, parse_time, timeline_rows};

#[tokio::main]
async fn main() -> trailq::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let source = argument("testdata/trail");
    let role: Role = argument("arn:aws:iam::111122223333:role/svc/order-processor").parse()?;
    let incident = parse_time(&argument("2026-03-14T14:07:00Z"), Utc::now())?;
    let window = Window::around(incident, Duration::minutes(30), Duration::minutes(30))?;

    let trail = Trail::open(&[source]).await?;
    let mut answer = trail.timeline(&TimelineQuestion::new(role, window)).await?;
    while let Some(batch) = answer.next().await {
        for row in timeline_rows(&batch?)? {
            let outcome = row.error.as_deref().unwrap_or("ok");
            let line = format!("{} {:<8} {:<32} {outcome}", row.time.to_rfc3339(), row.relation, row.call);
            println!("{}", visible(&line));
        }
    }
    let coverage = answer.coverage();
    println!(
        "complete: {}, {} of {} records kept",
        coverage.complete, coverage.records.kept, coverage.records.seen
    );
    Ok(())
}
