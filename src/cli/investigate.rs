//! `trailq investigate`, and the same as a stage of a pipeline.

use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::Utc;
use clap::Args;
use trailq::investigation::{Artifact, Destination, Investigated, Investigation, Phase, Written};
use trailq::output::text::visible;
use trailq::report::notification;
use trailq::source::Location;
use trailq::{Result, Sha256, parse_time};

use super::args::{DetectionArgs, DigestArgs, ReportFormat};
use super::coverage;
use super::question::QuestionArgs;
use super::stage::StageResult;
use super::{print, to_json, unreadable};

#[derive(Debug, Args)]
pub struct InvestigateArgs {
    #[command(flatten)]
    question: QuestionArgs,
    #[command(flatten)]
    detection: DetectionArgs,
    #[command(flatten)]
    digests: DigestArgs,
    /// The case folder to write: a new one of this machine, or s3://bucket/prefix.
    #[arg(long, value_name = "FOLDER", required_unless_present = "cases", help_heading = "Output")]
    out: Option<String>,
    /// Without --out: write the case to a new folder below this one, named by its id.
    #[arg(long, value_name = "FOLDER", env = "TRAILQ_CASES", help_heading = "Output")]
    cases: Option<String>,
    /// A place that raises alerts when something is written there, as s3://bucket/prefix: no case
    /// is written below it. May be repeated.
    #[arg(
        long,
        value_name = "PLACE",
        env = "TRAILQ_TRIGGERS",
        value_delimiter = ',',
        help_heading = "Output"
    )]
    trigger: Vec<String>,
    /// What the clock says: which credentials are still valid, and which sessions are revoked
    /// (default: the time it is).
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// What to print: text, or one JSON object as `trailq stage` does.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, help_heading = "Output")]
    format: ReportFormat,
}

impl InvestigateArgs {
    /// The same, about an alert that is given here as JSON.
    pub fn about(self, alert: Option<String>) -> Self {
        Self { question: self.question.with_alert(alert), ..self }
    }

    /// The files that were given beside the logs and the alert.
    fn inputs(&self) -> Result<Vec<Artifact>> {
        let keys = self.digests.keys.public_keys.iter().cloned();
        self.detection.files().chain(keys).map(|path| input(&path)).collect()
    }

    /// What decides on the case beside the question, by its long name; a flag has no value.
    fn options(&self) -> Vec<(String, String)> {
        let (detection, digests) = (&self.detection, &self.digests);
        let paths = [
            ("rules", &detection.rules[..]),
            ("geoip", &detection.geoip),
            ("config", detection.config.as_slice()),
            ("public-keys", &digests.keys.public_keys),
        ];
        let named = |(name, paths): (&str, &[PathBuf])| -> Vec<(String, String)> {
            paths.iter().map(|path| (name.to_owned(), path.display().to_string())).collect()
        };
        let flag = digests.verify_digests.then(|| ("verify-digests".to_owned(), String::new()));
        paths.into_iter().flat_map(named).chain(flag).collect()
    }
}

/// A case that was written, and where the time went.
pub struct Outcome {
    pub investigated: Investigated,
    pub written: Written,
    pub phases: Vec<Phase>,
}

/// Writes a case, and says what is in it. True if all that had to be read was read.
pub async fn run(arguments: &InvestigateArgs) -> Result<bool> {
    let outcome = investigate(arguments).await?;
    coverage::print(&outcome.investigated.case.coverage);
    print_phases(&outcome.phases);
    let text = match arguments.format {
        ReportFormat::Text => in_words(&outcome),
        ReportFormat::Json => to_json(&StageResult::of(&outcome))?,
    };
    print(&text)?;
    let coverage = &outcome.investigated.case.coverage;
    Ok(coverage.complete && coverage.digests.as_ref().is_none_or(|report| report.verified))
}

/// Writes a case.
pub async fn investigate(arguments: &InvestigateArgs) -> Result<Outcome> {
    let now = arguments.now.as_deref().map_or(Ok(Utc::now()), |now| parse_time(now, Utc::now()))?;
    let detection = arguments.detection.read().await?;
    let (mut inputs, keys) = (arguments.inputs()?, arguments.digests.keys()?);
    let asked = arguments.question.ask_at(now).await?;
    inputs.extend(asked.alert_text.as_ref().map(|alert| {
        let name =
            arguments.question.alert_file().map_or("alert".to_owned(), |path| path.display().to_string());
        Artifact { name, bytes: alert.len() as u64, sha256: Sha256::of(alert.as_bytes()) }
    }));
    let mut triggers = vec![];
    for place in arguments.trigger.iter().filter(|place| !place.is_empty()) {
        triggers.extend(Location::parse(place)?);
    }
    let mut investigation =
        Investigation::new(asked.question, now).detection(|about| detection.of(about)).digests(keys);
    investigation = investigation.options(arguments.options());
    if let Some((incident, identified)) = &asked.alert {
        let bucket = |bucket: &str| Location::S3 { bucket: bucket.to_owned(), prefix: String::new() };
        triggers.extend(incident.raising_buckets().map(bucket));
        investigation = investigation.alert(incident, identified);
    }
    let out = match (&arguments.out, &arguments.cases) {
        (None, Some(cases)) => {
            format!("{}/{}", cases.trim_end_matches('/'), investigation.case_id(&asked.trail)?)
        }
        (out, _) => out.clone().unwrap_or_default(),
    };
    let options = arguments.question.store_options();
    let destination = Destination::open(&out, &asked.trail, &triggers, &options).await?;
    let investigated = asked.trail.investigate(&investigation).await?;
    let began = Instant::now();
    let written = destination.write(&investigated, &inputs).await?;
    let writing = Phase { name: "writing", elapsed_ms: began.elapsed().as_millis() as u64 };
    let phases = investigated.phases.iter().cloned().chain([writing]).collect();
    Ok(Outcome { investigated, written, phases })
}

fn input(path: &Path) -> Result<Artifact> {
    let hashed = std::fs::File::open(path).and_then(Sha256::of_reader);
    let (sha256, bytes) = hashed.map_err(|cause| unreadable(path, &cause))?;
    Ok(Artifact { name: path.display().to_string(), bytes, sha256 })
}

/// Says where the time went.
fn print_phases(phases: &[Phase]) {
    let seconds = |milliseconds: u64| milliseconds as f64 / 1000.0;
    let parts = phases.iter().map(|phase| format!("{} {:.2} s", phase.name, seconds(phase.elapsed_ms)));
    let total: u64 = phases.iter().map(|phase| phase.elapsed_ms).sum();
    eprintln!("{:.2} s: {}", seconds(total), parts.collect::<Vec<_>>().join(", "));
}

fn in_words(outcome: &Outcome) -> String {
    let Outcome { investigated, written, .. } = outcome;
    let told = notification(&investigated.case);
    let text = format!(
        "{}\n\n{}\ncase {} in {}\nmanifest.json {}\n",
        told.subject, told.message, investigated.case.id, written.folder, written.manifest_sha256
    );
    text.lines().map(|line| visible(line).into_owned() + "\n").collect()
}
