//! `trailq stage`: `investigate` for pipelines, JSON in and JSON out.
//!
//! A request is the arguments of `investigate` as JSON, by their long names:
//! `{"role": "arn:…", "at": "…", "source": ["s3://…"], "cases": "s3://…"}`. `finding` is the alert itself.
//! A document that holds no such name is an alert as a whole; the environment says the rest.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};
use serde::Serialize;
use serde_json::{Map, Value};
use trailq::investigation::{Artifact, Phase};
use trailq::report::{Notification, notification};
use trailq::{Error, Incident, Result, Severity};

use super::args::{Cli, Command};
use super::investigate::{InvestigateArgs, Outcome, investigate};
use super::{print, to_json};

const INSTEAD: &str = "write the arguments of `trailq investigate` by their long names, such as \
                       {\"finding\": {…}, \"source\": \"s3://…\", \"cases\": \"s3://…\"}, or an alert alone";

/// What a stage hands on.
#[derive(Debug, Serialize)]
pub struct StageResult {
    /// What the case is called.
    case_id: String,
    /// Where it lies, with a `/` at its end; its files are named as in `artifacts`.
    folder: String,
    /// Of the manifest.
    manifest_sha256: String,
    /// Whether all that had to be read was read.
    complete: bool,
    /// Whether CloudTrail's digests vouch for the log files, where that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    digests_verified: Option<bool>,
    /// About whom.
    principal: String,
    /// First second of the window.
    from: String,
    /// Last second of the window.
    to: String,
    /// Severity of the worst finding, if there is one.
    worst: Option<&'static str>,
    /// Findings by severity.
    findings: BTreeMap<&'static str, u64>,
    /// Events of the timeline.
    events: u64,
    /// Steps of the containment plan.
    containment_steps: u64,
    /// What to tell people.
    notification: Notification,
    /// The files of the case.
    artifacts: Vec<Artifact>,
    /// Where the time went.
    phases: Vec<Phase>,
}

impl StageResult {
    /// Whether all was read, and is as it was delivered as far as that was asked.
    pub fn is_sound(&self) -> bool {
        self.complete && self.digests_verified != Some(false)
    }

    /// What a case that was written comes to.
    pub fn of(outcome: &Outcome) -> Self {
        let (case, written) = (&outcome.investigated.case, &outcome.written);
        let mut findings = BTreeMap::new();
        for finding in &case.findings {
            *findings.entry(finding.severity.name()).or_default() += 1;
        }
        let seconds =
            |time: chrono::DateTime<chrono::Utc>| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Self {
            case_id: case.id.clone(),
            folder: written.folder.clone(),
            manifest_sha256: written.manifest_sha256.to_string(),
            complete: case.coverage.complete,
            digests_verified: case.coverage.digests.as_ref().map(|report| report.verified),
            principal: case.asked.principal.clone(),
            from: seconds(case.asked.from),
            to: seconds(case.asked.to),
            worst: case.findings.iter().map(|finding| finding.severity).max().map(Severity::name),
            findings,
            events: case.activity.events,
            containment_steps: case.plan.steps.len() as u64,
            notification: notification(case),
            artifacts: written.artifacts.clone(),
            phases: outcome.phases.clone(),
        }
    }
}

/// Answers the request on standard input. True if all that had to be read was read.
pub async fn run() -> Result<bool> {
    let text = std::io::read_to_string(std::io::stdin())
        .map_err(|cause| refused("standard input", format!("cannot be read: {cause}")))?;
    let event = serde_json::from_str(&text)
        .map_err(|cause| refused(text.lines().next().unwrap_or(""), format!("is no JSON: {cause}")))?;
    let result = answer(event).await?;
    print(&to_json(&result)?)?;
    Ok(result.is_sound())
}

/// Answers a request.
pub async fn answer(event: Value) -> Result<StageResult> {
    Ok(StageResult::of(&investigate(&arguments(event)?).await?))
}

/// What a request asks for.
fn arguments(event: Value) -> Result<InvestigateArgs> {
    let known = option_names();
    let mut members = match event {
        Value::Object(members) if is_request(&members, &known) => members,
        alert => Map::from_iter([("finding".to_owned(), alert)]),
    };
    let alert = members.remove("finding").filter(|alert| !alert.is_null());
    let mut typed: Vec<OsString> = ["trailq", "investigate"].map(OsString::from).into();
    if alert.is_some() {
        typed.push("--finding=-".into());
    }
    for (name, value) in members {
        let name = option(&name);
        if !known.contains(&name) {
            return Err(refused(&name, "is no argument of investigate".to_owned()));
        }
        typed.extend(values(&name, value)?);
    }
    let parsed =
        Cli::command().try_get_matches_from(typed).and_then(|matches| Cli::from_arg_matches(&matches));
    let problem = |error: clap::Error| {
        // What clap says of itself, and of usage, is of no use here.
        let text = error.to_string();
        let said: Vec<&str> =
            text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:")).collect();
        refused(
            "arguments",
            format!("cannot be used: {}", said.join(" ").trim_start_matches("error: ").trim()),
        )
    };
    match parsed.map_err(problem)?.command {
        Command::Investigate(arguments) => Ok(arguments.about(alert.map(|alert| alert.to_string()))),
        _ => Err(refused("arguments", "name another command".to_owned())),
    }
}

/// Alerts have members that are called like options (`source`, `account`, `resource`), and OCSF's a
/// `finding`.
fn is_request(members: &Map<String, Value>, known: &[String]) -> bool {
    let is_known = |name: &String| known.contains(&option(name));
    if members.keys().all(is_known) || (members.contains_key("finding") && !members.contains_key("class_uid"))
    {
        return true;
    }
    members.keys().any(is_known) && Incident::read(Value::from(members.clone()).to_string()).is_err()
}

/// An option as it would be typed; its name and value are one word, so that no value is an option.
fn values(name: &str, value: Value) -> Result<Vec<OsString>> {
    Ok(match value {
        Value::Null | Value::Bool(false) => vec![],
        Value::Bool(true) => vec![format!("--{name}").into()],
        Value::String(text) => vec![format!("--{name}={text}").into()],
        Value::Number(number) => vec![format!("--{name}={number}").into()],
        Value::Array(items) => {
            items.into_iter().map(|item| values(name, item)).collect::<Result<Vec<_>>>()?.concat()
        }
        Value::Object(_) => return Err(refused(name, "is an object".to_owned())),
    })
}

fn option(name: &str) -> String {
    name.replace('_', "-")
}

/// The long names of the options of `investigate`.
fn option_names() -> Vec<String> {
    let command = Cli::command();
    let investigate = command.find_subcommand("investigate");
    let options = investigate.into_iter().flat_map(clap::Command::get_arguments);
    options.filter_map(|option| option.get_long().map(ToOwned::to_owned)).collect()
}

fn refused(given: &str, problem: String) -> Error {
    Error::argument("request", given, problem, INSTEAD)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_are_arguments() {
        let request = json!({
            "role": "arn:aws:iam::111122223333:role/deploy", "at": "2026-03-14T14:07:00Z", "window": "30m",
            "source": ["s3://logs/a", "s3://logs/b"], "cases": "s3://cases", "access_key": null
        });
        assert!(arguments(request).is_ok());
        for (request, says) in [
            (json!({"role": "arn:aws:iam::1:role/x", "out": "x", "wrong": 1}), "'wrong' is no argument"),
            (json!({"role": "a", "user": "b", "out": "x"}), "cannot be used with"),
            (json!({"role": {"arn": "a"}, "out": "x"}), "'role' is an object"),
            (json!({"role": "a"}), "--out"),
        ] {
            let error = arguments(request).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(says), "{error}");
        }
    }

    /// A value that looks like an option is a value.
    #[test]
    fn values_are_no_options() {
        let typed = values("role", json!("--out=/etc")).unwrap();
        assert_eq!(typed, ["--role=--out=/etc"]);
    }

    #[test]
    fn documents_of_another_kind_are_alerts() {
        let alerts = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/alerts");
        for alert in std::fs::read_dir(alerts).unwrap() {
            let alert = std::fs::read_to_string(alert.unwrap().path()).unwrap();
            let error = arguments(serde_json::from_str(&alert).unwrap()).unwrap_err();
            // All that is missing is where the case goes.
            assert!(error.to_string().contains("--out"), "{error}");
        }
        let mistyped = json!({"finding": {"detail": {}}, "out": "x", "windows": "30m"});
        assert!(arguments(mistyped).unwrap_err().to_string().contains("'windows' is no argument"));
    }
}
