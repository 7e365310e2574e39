//! Security Hub findings in the Open Cybersecurity Schema Framework (OCSF).
//!
//! Follows <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-v2-cwe-event-formats.html>
//! and <https://schema.ocsf.io/classes/detection_finding>.

use std::ops::Range;

use serde_json::Value;

use crate::identity::Principal;

use super::AlertKind;
use super::config::resource_arn;
use super::draft::Draft;
use super::fields::{at, first_text, has_object, items, text};
use super::named::{Owner, partition_of};

/// The classes of the category Findings.
const FINDINGS: Range<u64> = 2000..3000;
/// The class of findings that say whether a check was passed.
const COMPLIANCE: u64 = 2003;

/// Each time can stand as a number, as a text, or as both.
const FIRST_SEEN: [&str; 6] = [
    "finding_info.first_seen_time",
    "finding_info.first_seen_time_dt",
    "finding_info.created_time",
    "finding_info.created_time_dt",
    "time",
    "time_dt",
];
const LAST_SEEN: [&str; 6] = [
    "finding_info.last_seen_time",
    "finding_info.last_seen_time_dt",
    "finding_info.modified_time",
    "finding_info.modified_time_dt",
    "time",
    "time_dt",
];

pub fn decode(finding: &Value, event: &Value) -> Option<Draft> {
    let class = at(finding, "class_uid")?.as_u64().filter(|class| FINDINGS.contains(class))?;
    if !has_object(finding, "finding_info") {
        return None;
    }
    let (id, title) = (text(finding, "finding_info.uid"), text(finding, "finding_info.title"));
    let mut draft = Draft::new(AlertKind::SecurityHubOcsf, id, title, at(finding, "severity"));
    let account = text(finding, "cloud.account.uid").or_else(|| text(event, "account"));
    let region = text(finding, "cloud.region").or_else(|| text(event, "region"));
    let partition = text(finding, "cloud.cloud_partition").or_else(|| partition_of(id));
    let owner = Owner { partition, account };
    draft.place(account, region);
    draft.seen(finding, &FIRST_SEEN, &LAST_SEEN);
    for evidence in items(finding, "evidences") {
        add_evidence(&mut draft, evidence, owner);
    }
    for resource in items(finding, "resources") {
        add_resource(&mut draft, resource, class == COMPLIANCE, owner);
    }
    Some(draft)
}

/// Adds who acted, and from where.
fn add_evidence(draft: &mut Draft, evidence: &Value, owner: Owner<'_>) {
    let account = text(evidence, "actor.user.account.uid");
    draft.place(account, None);
    draft.arn(text(evidence, "actor.session.issuer").filter(|issuer| issuer.contains(":role/")));
    if let Some(user) = at(evidence, "actor.user") {
        draft.actor(user, Owner { account: account.or(owner.account), ..owner });
    }
    draft.principal(Principal::address, text(evidence, "src_endpoint.ip"));
}

fn add_resource(draft: &mut Draft, resource: &Value, is_check: bool, owner: Owner<'_>) {
    let account = text(resource, "owner.account.uid").or(owner.account);
    let region = text(resource, "region");
    let owner = Owner { partition: text(resource, "cloud_partition").or(owner.partition), account };
    let kind = text(resource, "type").unwrap_or_default();
    draft.place(account, region);
    if let Some(who) = at(resource, "data").filter(|_| kind == "AWS::IAM::AccessKey") {
        draft.actor(who, owner);
        draft.principal(Principal::access_key, text(resource, "uid"));
        return;
    }
    let names = ["uid", "uid_alt"];
    let arn = names.iter().find_map(|name| text(resource, name).filter(|uid| uid.starts_with("arn:")));
    let formed = || resource_arn(kind, text(resource, "uid")?, owner, region);
    let arn = arn.map(ToOwned::to_owned).or_else(formed);
    if is_check {
        draft.changed(arn.as_deref());
    } else if !draft.arn(text(resource, "data.role")) {
        let profile = ["data.iam_instance_profile.arn", "data.iam_instance_profile_arn"];
        draft.arn(first_text(resource, &profile));
        draft.arn(arn.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{leads, one};
    use super::*;
    use serde_json::json;

    fn finding(class: u64, resource: Value) -> Value {
        json!({"class_uid": class, "finding_info": {"first_seen_time_dt": "2026-03-14T14:01:12Z"},
            "cloud": {"account": {"uid": "111122223333"}}, "resources": [resource]})
    }

    #[test]
    fn resources_are_named_by_any_of_their_ids() {
        let bucket = json!({"type": "AWS::S3::Bucket", "uid": "shop-exports", "cloud_partition": "aws"});
        assert_eq!(leads(&finding(2004, bucket)), ["arn:aws:s3:::shop-exports"]);
        let alternative =
            json!({"type": "AWS::X::Y", "uid": "y", "uid_alt": "arn:aws:x:us-east-1:111122223333:y"});
        assert_eq!(leads(&finding(2004, alternative)), ["arn:aws:x:us-east-1:111122223333:y"]);
    }

    #[test]
    fn checks_ask_who_changed_it_and_threats_what_it_did() {
        let instance = json!({"uid": "arn:aws:ec2:us-east-1:111122223333:instance/i-0aaaabbbbccccdddd"});
        assert_eq!(leads(&finding(2004, instance.clone())), ["i-0aaaabbbbccccdddd"]);
        let changed = leads(&finding(2003, instance));
        assert_eq!(changed, ["arn:aws:ec2:us-east-1:111122223333:instance/i-0aaaabbbbccccdddd"]);
    }

    #[test]
    fn one_time_is_both() {
        let bucket = json!({"type": "AWS::S3::Bucket", "uid": "arn:aws:s3:::shop-exports"});
        let incident = one(&finding(2004, bucket));
        assert!(incident.first_seen.is_some() && incident.first_seen == incident.last_seen);
    }
}
