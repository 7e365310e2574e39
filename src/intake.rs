//! From an alert to the question it raises: who is it about, and when?

use chrono::{DateTime, Duration, Utc};
use datafusion::scalar::ScalarValue;
use serde::Deserialize;

use crate::coverage::Coverage;
use crate::error::{Error, Kind, Result};
use crate::identity::Principal;
use crate::incident::{Incident, Suspect};
use crate::key::Scope;
use crate::lineage::typed;
use crate::query::{self, Parameters};
use crate::question::{DEFAULT_LOOKBACK, of_window};
use crate::trail::Trail;
use crate::window::Window;

/// What to write where nobody can be identified.
const INSTEAD: &str = "give --role ARN (or --user, --access-key, --principal-id, --ip, --resource)";

/// What tells only the instance profile, whose role is asked for then.
const RUN_INSTANCES: &str = "run_instances";

/// Who an alert is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// Who.
    pub principal: Principal,
    /// What in the logs told so; `None` if the alert itself does.
    pub told_by: Option<String>,
}

/// A row of `queries/identify.sql`.
#[derive(Debug, Deserialize)]
struct Told {
    arn: String,
    told_by: String,
    firmly: bool,
    event_id: Option<String>,
}

impl Trail {
    /// Who `incident` is about: its best lead, or whoever the logs say is behind it. They are read
    /// for `window` and the twelve hours before, and only where the alert names nobody.
    ///
    /// # Errors
    /// If that stays unknown or is more than one, or the logs cannot be read.
    pub async fn identify(&self, incident: &Incident, window: Window) -> Result<Identified> {
        let (mut tried, mut unread, mut likely) = (vec![], 0, None);
        for suspect in &incident.suspects {
            let by_id = matches!(suspect, Suspect::Principal(Principal::PrincipalId { session: None, .. }));
            if let Suspect::Principal(principal) = suspect
                && !by_id
            {
                // What merely touched something is no answer to who is behind a function.
                let weak = matches!(principal, Principal::Address(_) | Principal::Resource(_));
                if !weak || tried.is_empty() {
                    return Ok(Identified { principal: principal.clone(), told_by: None });
                }
                continue;
            }
            if !by_id {
                tried.push(suspect.to_string());
            }
            let Some(clues) = clues_of(suspect) else { continue };
            let (mut told, coverage) = self.told(clues, window).await?;
            unread += coverage.objects.failed;
            let profile = told.extract_if(.., |row| row.told_by == RUN_INSTANCES).next();
            if let Some(Told { arn, .. }) = profile.filter(|_| told.is_empty())
                && let Some(clues) = clues_of(&Suspect::InstanceProfile { arn })
            {
                told = self.told(clues, window).await?.0;
            }
            if let Some(found) = conclude(suspect, &told)? {
                if told[0].firmly {
                    return Ok(found);
                }
                likely = likely.or(Some(found));
            } else if let Suspect::Principal(principal) = suspect {
                // An id that no call of the window explains still has a timeline.
                return Ok(Identified { principal: principal.clone(), told_by: None });
            }
        }
        likely.ok_or_else(|| unidentified(&tried, unread))
    }

    async fn told(&self, clues: Parameters, window: Window) -> Result<(Vec<Told>, Coverage)> {
        let start = window.start().checked_sub_signed(DEFAULT_LOOKBACK).unwrap_or(window.start());
        let window = Window::inclusive(start, window.last())?;
        let scope = Scope { window: Some(window), ..Scope::default() };
        let mut parameters = clues;
        parameters.extend(of_window(&window));
        let (batches, coverage) = self.ask(scope, &query::IDENTIFY, &parameters, []).await?.collect().await?;
        Ok((typed(&batches)?, coverage))
    }
}

/// The window of an incident, with `before` and `after` around what the alert saw; `None` if it
/// says no time.
///
/// # Errors
/// If the span leaves the range of representable times.
pub fn window_of(incident: &Incident, before: Duration, after: Duration) -> Option<Result<Window>> {
    let first: DateTime<Utc> = incident.first_seen.or(incident.last_seen)?;
    let length = incident.last_seen.unwrap_or(first) - first;
    Some(Window::around(first, before, length + after))
}

/// What to look for in the logs; `None` where they are not needed, or cannot help.
fn clues_of(suspect: &Suspect) -> Option<Parameters> {
    let given: Vec<(&'static str, String)> = match suspect {
        Suspect::Principal(Principal::PrincipalId { id, .. }) => vec![("unique_id", id.clone())],
        Suspect::Principal(_) => return None,
        Suspect::InstanceProfile { arn } => vec![("profile_name", last_part(arn))],
        Suspect::Function { arn } => vec![
            ("service", "lambda.amazonaws.com".to_owned()),
            ("session_name", last_part(arn)),
            ("function", arn.clone()),
        ],
        Suspect::Instance { id, .. } => {
            vec![("service", "ec2.amazonaws.com".to_owned()), ("session_name", id.clone())]
        }
        Suspect::Task { arn, .. } => {
            vec![("service", "ecs-tasks.amazonaws.com".to_owned()), ("session_name", last_part(arn))]
        }
        Suspect::Pod { namespace, service_account: Some(account), .. } => {
            vec![("service_account", format!("system:serviceaccount:{namespace}:{account}"))]
        }
        Suspect::Pod { .. } => return None,
        Suspect::Object { bucket, key } => {
            vec![("bucket", bucket.clone()), ("object_key", key.clone())]
        }
    };
    const NAMES: [&str; 8] = [
        "service",
        "session_name",
        "function",
        "profile_name",
        "service_account",
        "bucket",
        "object_key",
        "unique_id",
    ];
    let mut parameters: Parameters = NAMES.map(|name| (name, ScalarValue::Utf8(None))).into();
    parameters.extend(given.into_iter().map(|(name, value)| (name, ScalarValue::Utf8(Some(value)))));
    Some(parameters)
}

fn last_part(arn: &str) -> String {
    arn.rsplit(['/', ':']).next().unwrap_or(arn).to_owned()
}

/// Whom the rows of the better kind name, if they agree. Of several that changed an object, the last
/// one is meant.
fn conclude(suspect: &Suspect, told: &[Told]) -> Result<Option<Identified>> {
    let Some(first) = told.first() else { return Ok(None) };
    let mut arns: Vec<_> =
        told.iter().filter(|row| row.firmly == first.firmly).map(|row| row.arn.as_str()).collect();
    arns.sort_unstable();
    arns.dedup();
    if arns.len() > 1 && !matches!(suspect, Suspect::Object { .. }) {
        let problem = format!("is tied by the logs to {}", arns.join(" and "));
        let instead = "say which with --role ARN".to_owned();
        return Err(Kind::Unidentified { leads: suspect.to_string(), problem, instead }.into());
    }
    let event = first.event_id.as_deref().unwrap_or("without id");
    Ok(Some(Identified {
        principal: Principal::role(&first.arn).or_else(|_| Principal::user(&first.arn))?,
        told_by: Some(format!("{suspect}: {} (event {event})", first.told_by.replace('_', " "))),
    }))
}

fn unidentified(tried: &[String], unread: u64) -> Error {
    let leads = if tried.is_empty() { "without a lead".to_owned() } else { tried.join(", ") };
    let unread = if unread > 0 { format!(" ({unread} objects could not be read)") } else { String::new() };
    let problem =
        format!("cannot be tied to a principal by the logs of the window and the 12 hours before{unread}");
    Kind::Unidentified { leads, problem, instead: INSTEAD.to_owned() }.into()
}

impl Incident {
    /// The one incident that several alerts tell of, if their best lead is the same: from the first
    /// that any saw to the last, with the leads of all.
    ///
    /// # Errors
    /// If they are about different principals, or there is none.
    pub fn merged(incidents: &[Self]) -> Result<Self> {
        let mut leading = incidents.iter().filter(|incident| !incident.suspects.is_empty());
        let Some(mut merged) = leading.next().cloned() else {
            return Err(Error::argument("alert", "", "names nobody", INSTEAD));
        };
        for other in leading {
            if other.suspects[0] != merged.suspects[0] {
                let both = format!("{} and {}", merged.suspects[0], other.suspects[0]);
                let problem = "are what different alerts are about";
                let instead = "give one alert at a time, or say who and when with --role ARN --at TIME";
                return Err(Error::argument("alerts", both, problem, instead));
            }
            let new = other.suspects.iter().filter(|suspect| !merged.suspects.contains(suspect));
            let new: Vec<_> = new.cloned().collect();
            merged.suspects.extend(new);
            merged.first_seen = [merged.first_seen, other.first_seen].into_iter().flatten().min();
            merged.last_seen = [merged.last_seen, other.last_seen].into_iter().flatten().max();
        }
        Ok(merged)
    }
}
