//! The calls of a timeline that worked, as rules look at them.

use std::collections::BTreeSet;

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use chrono::{DateTime, Utc};
use serde_json::Value;

use super::request::is_global;
use super::rules;
use super::thing::Thing;
use crate::error::Result;
use crate::output::fields::Fields;
use crate::window::rfc3339;

/// A call that worked and that some rule is about.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// When.
    pub time: DateTime<Utc>,
    /// `iam`, of `iam.amazonaws.com`.
    pub service: String,
    /// The call without the version of its API: `CreateFunction` of `CreateFunction20150331`.
    pub name: String,
    /// The account in whose log it lies.
    pub account: Option<String>,
    /// Its region, if that has the form of one; `None` for services that are the same in all.
    pub region: Option<String>,
    /// `eventID`.
    pub id: Option<String>,
    /// Whether the principal made it, or a credential that it led to; else it was aimed at what was
    /// asked about.
    pub by_actor: bool,
    /// Who made it.
    pub caller: Caller,
    /// Where it came from.
    pub address: Option<String>,
    /// `requestParameters`; null if the record has none.
    pub request: Value,
    /// `responseElements`.
    pub response: Value,
}

/// Who made a call.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// `userIdentity.type`.
    pub kind: Option<String>,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its account.
    pub account: Option<String>,
    /// The name of a user.
    pub user: Option<String>,
    /// The access key.
    pub key: Option<String>,
    /// The ARN of the role, or the user, that a session is of.
    pub issuer: Option<String>,
}

/// What rules cannot do without.
const COLUMNS: [&str; 5] = ["relation", "eventsource", "eventname", "requestparameters", "responseelements"];

/// The calls of a timeline that worked and that some rule is about, in its order.
///
/// # Errors
/// If a batch is not one of a timeline's answer.
pub fn events(timeline: &[RecordBatch]) -> Result<Vec<Event>> {
    for batch in timeline {
        let missing = COLUMNS.iter().find(|column| batch.column_by_name(column).is_none());
        if let Some(column) = missing {
            return Err(ArrowError::SchemaError(format!("no column {column}")).into());
        }
    }
    Ok(timeline.iter().flat_map(Fields::rows).filter_map(event).collect())
}

/// Each caller of the principal's own calls once, whether they worked or not.
pub fn own_callers(timeline: &[RecordBatch]) -> Vec<Caller> {
    let is_own = |row: &Fields<'_>| row.text("relation").is_some_and(|relation| relation.starts_with("by_"));
    let own: BTreeSet<Caller> = timeline.iter().flat_map(Fields::rows).filter(is_own).map(caller).collect();
    own.into_iter().collect()
}

fn event(row: Fields<'_>) -> Option<Event> {
    let source = row.text("eventsource")?;
    let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
    let name = without_version(row.text("eventname")?);
    let failed = row.text("errorcode").or_else(|| row.text("errormessage")).is_some();
    if failed || rules::of(service, name).is_empty() {
        return None;
    }
    let caller = caller(row);
    let relation = row.text("relation").unwrap_or_default();
    let region = row.text("awsregion").filter(|region| !is_global(service) && is_region(region));
    Some(Event {
        time: row.time()?,
        service: service.to_owned(),
        name: name.to_owned(),
        account: row.text("recipientaccountid").map(ToOwned::to_owned).or_else(|| caller.account.clone()),
        region: region.map(ToOwned::to_owned),
        id: row.text("eventid").map(ToOwned::to_owned),
        by_actor: relation.starts_with("by_") || relation == "downstream",
        caller,
        address: row.text("sourceipaddress").map(ToOwned::to_owned),
        request: row.json("requestparameters").unwrap_or_default(),
        response: row.json("responseelements").unwrap_or_default(),
    })
}

fn caller(row: Fields<'_>) -> Caller {
    let member = |path: &[&str]| row.identity(path).map(ToOwned::to_owned);
    Caller {
        kind: member(&["type"]),
        arn: member(&["arn"]),
        account: member(&["accountid"]),
        user: member(&["username"]),
        key: member(&["accesskeyid"]),
        issuer: member(&["sessioncontext", "sessionissuer", "arn"]),
    }
}

/// A call's name without the version of the API that Lambda and CloudFront write behind it.
fn without_version(name: &str) -> &str {
    let digits = |text: &str| text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let at_v = name.len() - digits(name);
    let dated = match name.get(..at_v) {
        Some(head) if at_v < name.len() => head.strip_suffix('v').unwrap_or(name),
        _ => name,
    };
    match dated.len().checked_sub(8).and_then(|at| dated.split_at_checked(at)) {
        Some((plain, date)) if !plain.is_empty() && digits(date) == 8 => plain,
        _ => name,
    }
}

/// Whether a text has the form of a region's name, which can then stand in a shell's line.
fn is_region(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 32
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl Event {
    /// The text at a JSON pointer of the request, unless it is empty.
    pub fn asked(&self, pointer: &str) -> Option<&str> {
        at(&self.request, pointer)
    }

    /// The text at a JSON pointer of the response, unless it is empty.
    pub fn answered(&self, pointer: &str) -> Option<&str> {
        at(&self.response, pointer)
    }

    /// What a call of this event's service is about, in its account and region.
    pub fn thing(&self, kind: &str, name: &str) -> Thing {
        Thing::new(kind, self.account.as_deref(), self.region.as_deref(), name)
    }

    /// A role of the account.
    pub fn role(&self, name: &str) -> Thing {
        Thing::role(self.account.as_deref(), name)
    }

    /// A user of the account.
    pub fn user(&self, name: &str) -> Thing {
        Thing::user(self.account.as_deref(), name)
    }

    /// The user that the request names; where it names none, IAM means the caller.
    pub fn user_name(&self) -> Option<&str> {
        self.asked("/userName").or(self.caller.user.as_deref())
    }

    /// Who made it, as far as its record tells.
    pub fn actor(&self) -> &str {
        self.caller.arn.as_deref().or(self.caller.user.as_deref()).unwrap_or("Someone")
    }

    /// Who called what and when, in a sentence.
    pub fn told(&self) -> String {
        let caller = self.actor();
        let from = self.address.as_ref().map(|address| format!(" from {address}")).unwrap_or_default();
        format!("{caller} called {}:{} at {}{from}", self.service, self.name, rfc3339(self.time))
    }
}

fn at<'a>(json: &'a Value, pointer: &str) -> Option<&'a str> {
    json.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The objects of a list as EC2's records have it: `{"items": […]}`.
pub fn items<'a>(json: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    json.pointer(pointer).and_then(|list| list.get("items")?.as_array()).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_without_their_version() {
        for (name, plain) in [
            ("CreateFunction20150331", "CreateFunction"),
            ("AddPermission20150331v2", "AddPermission"),
            ("GetRole", "GetRole"),
            ("20150331", "20150331"),
            ("X1", "X1"),
            ("é20150331v2", "é"),
            ("v2", "v2"),
            ("", ""),
        ] {
            assert_eq!(without_version(name), plain);
        }
    }

    #[test]
    fn regions_have_a_form() {
        assert!(is_region("us-gov-west-1"));
        for text in ["", "us east", "$(id)", "-x", "US-EAST-1", "a\n"] {
            assert!(!is_region(text), "{text}");
        }
    }
}
