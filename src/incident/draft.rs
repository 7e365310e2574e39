//! An incident in the making: where an alert's text becomes a lead, a place or a time.
//!
//! Everything here takes text as the alert has it, absent or not, and keeps what is plainly a name
//! of its kind. The first text that is none is kept to say so if no lead is left at all.

use std::collections::HashSet;
use std::hash::Hash;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::identity::{Principal, is_account, is_iam_name};

use super::fields::{at, first_text, time};
use super::named::{Arn, Owner, instance, is_region, named_by, object};
use super::{AlertKind, INSTEAD, Incident, Suspect, excerpt, unusable};

/// An incident to which a decoder adds what it finds.
pub struct Draft {
    incident: Incident,
    refused: Option<String>,
}

impl Draft {
    pub fn new(kind: AlertKind, id: Option<&str>, title: Option<&str>, severity: Option<&Value>) -> Self {
        let severity = severity.map(|severity| match severity {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let incident = Incident {
            kind,
            id: id.map(ToOwned::to_owned),
            title: title.map(ToOwned::to_owned),
            severity,
            suspects: vec![],
            accounts: vec![],
            regions: vec![],
            first_seen: None,
            last_seen: None,
        };
        Self { incident, refused: None }
    }

    /// Adds an account and a region, as far as they are any.
    pub fn place(&mut self, account: Option<&str>, region: Option<&str>) {
        self.incident.accounts.extend(account.filter(|text| is_account(text)).map(ToOwned::to_owned));
        self.incident.regions.extend(region.filter(|text| is_region(text)).map(ToOwned::to_owned));
    }

    /// Takes the first and the last time from the first of these paths that are there. A time
    /// that cannot be read is not made up for by one that means something else: then there is none.
    pub fn seen(&mut self, alert: &Value, first: &[&str], last: &[&str]) {
        let given = |paths: &[&str]| paths.iter().filter_map(|path| at(alert, path)).find(|time| *time != "");
        let times = [given(first), given(last)].map(|given| given.map(time));
        if !times.contains(&Some(None)) {
            let [first, last] = times.map(Option::flatten);
            self.seen_between(first, last);
        }
    }

    /// Takes the first and the last time; one of them alone is both.
    pub fn seen_between(&mut self, first: Option<DateTime<Utc>>, last: Option<DateTime<Utc>>) {
        self.incident.first_seen = first.into_iter().chain(last).min();
        self.incident.last_seen = first.into_iter().chain(last).max();
    }

    /// Adds what an ARN names: a role (also by a session of it), a user, something that runs with
    /// a role, an object, or else a resource. True if it is a lead.
    pub fn arn(&mut self, given: Option<&str>) -> bool {
        self.lead(given, named_by)
    }

    /// Adds what an ARN names as something that was changed: someone's function, say, as such and
    /// not for what its role did.
    pub fn changed(&mut self, given: Option<&str>) -> bool {
        self.lead(given, |arn| {
            let named = named_by(arn)?;
            let is_identity = matches!(named, Suspect::Principal(_) | Suspect::Object { .. });
            Some(if is_identity { named } else { Suspect::Principal(Principal::Resource(arn.to_owned())) })
        })
    }

    /// Adds the principal that `parse` reads.
    pub fn principal(&mut self, parse: fn(&str) -> Result<Principal>, given: Option<&str>) -> bool {
        self.lead(given, |given| match parse(given).ok()? {
            Principal::PrincipalId { session: Some(session), .. } if !is_iam_name(&session) => None,
            principal => Some(Suspect::Principal(principal)),
        })
    }

    /// Adds who acted, in the words that GuardDuty, ASFF and OCSF have for it: a name and what it
    /// is the name of, a principal id, an access key's id.
    pub fn actor(&mut self, who: &Value, owner: Owner<'_>) {
        let kind = first_text(who, &["userType", "principalType", "type"]);
        let name = first_text(who, &["userName", "principalName", "name"]);
        if let Some(found) = kind.and_then(|kind| owner.arn(kind, name)) {
            match found {
                Ok(arn) => self.arn(Some(&arn)),
                Err(name) => self.lead(Some(name), |_| None),
            };
        }
        let id = first_text(who, &["principalId", "uid"]);
        if id.is_some_and(|id| id.starts_with("arn:")) {
            self.arn(id);
        } else {
            self.principal(Principal::principal_id, id);
        }
        self.principal(Principal::access_key, first_text(who, &["accessKeyId", "credentialUid"]));
    }

    /// Adds an EC2 instance.
    pub fn instance(&mut self, account: Option<&str>, id: Option<&str>) {
        self.lead(id, |id| instance(account, id));
    }

    /// Adds an ECS task whose definition is known as well.
    pub fn task(&mut self, arn: Option<&str>, definition: Option<&str>) {
        let definition = definition.filter(|arn| Arn::parse(arn).is_some_and(|arn| arn.service == "ecs"));
        self.lead(arn, |arn| match named_by(arn)? {
            Suspect::Task { arn, .. } => Some(Suspect::Task { arn, definition: definition.map(Into::into) }),
            _ => None,
        });
    }

    /// Adds an S3 object, by its key as S3 has it.
    pub fn object(&mut self, bucket: Option<&str>, key: Option<&str>) {
        if let Some(key) = key {
            self.lead(bucket, |bucket| object(bucket, key));
        }
    }

    /// Adds what runs in an EKS cluster.
    pub fn pod(&mut self, cluster: &str, namespace: &str, account: Option<&str>, workload: Option<&str>) {
        /// What Kubernetes allows in names, which never come with a `..` or a `/`.
        fn is_name(text: &&str) -> bool {
            (1..=253).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
        }
        let service_account = account.filter(is_name).map(ToOwned::to_owned);
        let workload = workload.filter(is_name).map(ToOwned::to_owned);
        let is_named = service_account.is_some() || workload.is_some();
        self.lead(Some(cluster), |cluster| {
            let is_cluster = Arn::parse(cluster)?.service == "eks" && is_name(&namespace) && is_named;
            let (cluster, namespace) = (cluster.to_owned(), namespace.to_owned());
            is_cluster.then_some(Suspect::Pod { cluster, namespace, service_account, workload })
        });
    }

    /// True as long as nothing leads anywhere.
    pub fn is_empty(&self) -> bool {
        self.incident.suspects.is_empty()
    }

    /// The incident, its leads in order.
    pub fn finish(mut self) -> Incident {
        self.incident.suspects.sort_by_key(Suspect::rank);
        keep_first(&mut self.incident.suspects);
        keep_first(&mut self.incident.accounts);
        keep_first(&mut self.incident.regions);
        self.incident
    }

    /// What to tell whoever passed an alert without a lead.
    pub fn names_nobody(&self) -> Error {
        let Incident { kind, title, id, .. } = &self.incident;
        let name = title.as_ref().or(id.as_ref());
        let given = name.map_or_else(|| kind.to_string(), |name| format!("{kind}: {name}"));
        let because = self.refused.as_ref().map(|text| format!(" ('{}' is no such name)", excerpt(text)));
        let problem = format!("names no principal or resource to follow{}", because.unwrap_or_default());
        unusable(&given, problem, INSTEAD)
    }

    /// Adds the lead that `read` finds in a text, or remembers the text.
    fn lead(&mut self, given: Option<&str>, read: impl FnOnce(&str) -> Option<Suspect>) -> bool {
        let Some(given) = given else { return false };
        let found = read(given.trim());
        if found.is_none() {
            self.refused.get_or_insert_with(|| given.to_owned());
        }
        let is_lead = found.is_some();
        self.incident.suspects.extend(found);
        is_lead
    }
}

/// Drops later copies; an alert can have very many.
fn keep_first<T: Clone + Eq + Hash>(items: &mut Vec<T>) {
    let mut seen = HashSet::new();
    items.retain(|item| seen.insert(item.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leads_and_places_are_kept_once_the_best_lead_first() {
        let mut draft = Draft::new(AlertKind::GuardDuty, None, None, None);
        for address in ["198.51.100.77", "not one", "198.51.100.77"] {
            draft.principal(Principal::address, Some(address));
        }
        draft.principal(Principal::principal_id, Some("AROAEXAMPLEORDERPROC1:a session"));
        draft.principal(Principal::principal_id, Some("AROAEXAMPLEORDERPROC1:session"));
        draft.arn(Some("arn:aws:iam::111122223333:role/web"));
        draft.place(Some("111122223333"), Some("us-east-1"));
        draft.place(Some("anonymous"), Some("global"));
        draft.place(Some("111122223333"), Some("us-gov-west-1"));
        let incident = draft.finish();
        let leads: Vec<_> = incident.suspects.iter().map(ToString::to_string).collect();
        let expected =
            ["arn:aws:iam::111122223333:role/web", "AROAEXAMPLEORDERPROC1:session", "198.51.100.77"];
        assert_eq!(leads, expected);
        assert_eq!((incident.accounts.len(), incident.regions.len()), (1, 2));
    }

    #[test]
    fn times_are_two_ends_or_none() {
        let json =
            serde_json::json!({"first": 1_773_497_220, "last": 1_773_497_000, "odd": "soon", "empty": ""});
        let seen = |first: &[&str], last: &[&str]| {
            let mut draft = Draft::new(AlertKind::GuardDuty, None, None, None);
            draft.seen(&json, first, last);
            let Incident { first_seen, last_seen, .. } = draft.finish();
            first_seen.zip(last_seen).map(|(first, last)| (last - first).num_seconds())
        };
        assert_eq!(seen(&["absent", "empty", "first"], &["last"]), Some(220), "also the wrong way round");
        assert_eq!(seen(&["absent"], &["last"]), Some(0));
        assert_eq!(seen(&["odd", "first"], &["last"]), None);
        assert_eq!(seen(&["first"], &["odd"]), None);
    }
}
