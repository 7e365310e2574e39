//! GuardDuty findings, attack sequences among them: from EventBridge, an export or the API.
//!
//! Follows <https://docs.aws.amazon.com/guardduty/latest/APIReference/API_GetFindings.html> and
//! <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html>.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::identity::Principal;

use super::AlertKind;
use super::draft::Draft;
use super::fields::{at, has_object, items, text, time};
use super::named::{Owner, partition_of};

/// Resources that are given by their ARN alone.
const RESOURCES: [&str; 7] = [
    "resource.ebsSnapshotDetails.snapshotArn",
    "resource.ec2ImageDetails.imageArn",
    "resource.ecsClusterDetails.arn",
    "resource.eksClusterDetails.arn",
    "resource.rdsDbInstanceDetails.dbInstanceArn",
    "resource.rdsLimitlessDbDetails.dbShardGroupArn",
    "resource.recoveryPointDetails.recoveryPointArn",
];

pub fn decode(finding: &Value, event: &Value) -> Option<Draft> {
    let kind = text(finding, "type")?;
    if !has_object(finding, "resource") || !has_object(finding, "service") {
        return None;
    }
    let title = text(finding, "title").unwrap_or(kind);
    let mut draft =
        Draft::new(AlertKind::GuardDuty, text(finding, "id"), Some(title), at(finding, "severity"));
    let account = text(finding, "accountId").or_else(|| text(event, "account"));
    let partition = text(finding, "partition").or_else(|| partition_of(text(finding, "arn")));
    let owner = Owner { partition, account };
    draft.place(account, text(finding, "region").or_else(|| text(event, "region")));
    let sequence = at(finding, "service.detection.sequence");
    times(&mut draft, finding, sequence);
    resource(&mut draft, finding, owner);
    if let Some(sequence) = sequence {
        add_sequence(&mut draft, sequence, owner);
    }
    for version in ["ipAddressV4", "ipAddressV6"] {
        let path = format!("service.action.awsApiCallAction.remoteIpDetails.{version}");
        draft.principal(Principal::address, text(finding, &path));
    }
    Some(draft)
}

fn times(draft: &mut Draft, finding: &Value, sequence: Option<&Value>) {
    let signals = sequence.and_then(signal_times);
    match signals.filter(|_| at(finding, "service.eventFirstSeen").is_none()) {
        Some((first, last)) => draft.seen_between(Some(first), Some(last)),
        None => {
            draft.seen(
                finding,
                &["service.eventFirstSeen", "createdAt"],
                &["service.eventLastSeen", "updatedAt"],
            );
        }
    }
}

/// When the first and the last signal of a sequence were seen.
fn signal_times(sequence: &Value) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let times = |name: &'static str| {
        items(sequence, "signals").iter().filter_map(move |signal| at(signal, name).and_then(time))
    };
    Some((times("firstSeenAt").min()?, times("lastSeenAt").max()?))
}

/// Adds what `resource` names: the caller in findings about calls, else where it happened.
fn resource(draft: &mut Draft, finding: &Value, owner: Owner<'_>) {
    if let Some(who) = at(finding, "resource.accessKeyDetails") {
        draft.actor(who, owner);
    }
    draft.arn(text(finding, "resource.instanceDetails.iamInstanceProfile.arn"));
    draft.instance(owner.account, text(finding, "resource.instanceDetails.instanceId"));
    if !draft.arn(text(finding, "resource.lambdaDetails.role")) {
        draft.arn(text(finding, "resource.lambdaDetails.functionArn"));
    }
    if let Some(task) = at(finding, "resource.ecsClusterDetails.taskDetails") {
        draft.task(text(task, "arn"), text(task, "definitionArn"));
    }
    kubernetes(draft, finding);
    for bucket in items(finding, "resource.s3BucketDetails") {
        for object in items(bucket, "s3ObjectDetails") {
            draft.object(text(bucket, "name"), text(object, "key"));
        }
        draft.arn(text(bucket, "arn"));
    }
    for path in RESOURCES {
        draft.arn(text(finding, path).filter(|text| text.starts_with("arn:")));
    }
}

/// Adds who called Kubernetes, and the workload that it is about. A caller from outside the
/// cluster is an IAM principal, whom `aws-iam-authenticator:ACCOUNT:ID` names; one from inside is
/// a service account.
fn kubernetes(draft: &mut Draft, finding: &Value) {
    const DETAILS: &str = "resource.kubernetesDetails";
    let caller = |name: &str| text(finding, &format!("{DETAILS}.kubernetesUserDetails.{name}"));
    let workload = |name: &str| text(finding, &format!("{DETAILS}.kubernetesWorkloadDetails.{name}"));
    let authenticated = caller("uid").and_then(|uid| uid.strip_prefix("aws-iam-authenticator:"));
    if let Some((account, id)) = authenticated.and_then(|rest| rest.split_once(':')) {
        draft.principal(Principal::principal_id, Some(id));
        draft.place(Some(account), None);
    }
    draft.arn(caller("username").filter(|name| name.starts_with("arn:")));
    let Some(cluster) = text(finding, "resource.eksClusterDetails.arn") else { return };
    let service_account = caller("username").and_then(|name| name.strip_prefix("system:serviceaccount:"));
    if let Some((namespace, name)) = service_account.and_then(|rest| rest.split_once(':')) {
        draft.pod(cluster, namespace, Some(name), None);
    }
    if let Some(namespace) = workload("namespace") {
        draft.pod(cluster, namespace, workload("serviceAccountName"), workload("name"));
    }
}

/// Adds the actors, resources and addresses of an attack sequence, which Security Hub passes on
/// as it is.
pub fn add_sequence(draft: &mut Draft, sequence: &Value, owner: Owner<'_>) {
    for actor in items(sequence, "actors") {
        let account = text(actor, "user.account.uid");
        draft.place(account, None);
        if let Some(user) = at(actor, "user") {
            draft.actor(user, Owner { account: account.or(owner.account), ..owner });
        }
        draft.arn(text(actor, "session.issuer").filter(|issuer| issuer.contains(":role/")));
    }
    for resource in items(sequence, "resources") {
        let account = text(resource, "accountId");
        let uid = text(resource, "uid");
        draft.place(account, text(resource, "region"));
        draft.arn(text(resource, "data.ec2Instance.iamInstanceProfile.arn"));
        if let Some(who) = at(resource, "data.accessKey") {
            let partition = text(resource, "cloudPartition").or(owner.partition);
            draft.actor(who, Owner { partition, account: account.or(owner.account) });
            draft.principal(Principal::access_key, uid);
        } else if uid.is_some_and(|uid| uid.starts_with("arn:")) {
            draft.arn(uid);
        } else if has_object(resource, "data.ec2Instance") {
            draft.instance(account, uid);
        }
    }
    for endpoint in items(sequence, "endpoints") {
        draft.principal(Principal::address, text(endpoint, "ip"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{leads, one};
    use super::super::{Incident, Suspect};
    use super::*;
    use serde_json::json;

    fn finding(resource: Value) -> Value {
        json!({"type": "X:Y/Z", "accountId": "111122223333", "partition": "aws", "resource": resource,
            "service": {"eventFirstSeen": "2026-03-14T14:01:12Z"}})
    }

    #[test]
    fn a_name_is_that_of_what_its_type_says() {
        let named = |kind: &str| finding(json!({"accessKeyDetails": {"userType": kind, "userName": "n"}}));
        for (kind, arn) in [
            ("AssumedRole", "arn:aws:iam::111122223333:role/n"),
            ("Role", "arn:aws:iam::111122223333:role/n"),
            ("IAMUser", "arn:aws:iam::111122223333:user/n"),
            ("FederatedUser", "arn:aws:sts::111122223333:federated-user/n"),
            ("Root", "arn:aws:iam::111122223333:root"),
        ] {
            assert_eq!(leads(&named(kind)), [arn], "{kind}");
        }
        for nobody in ["AWSAccount", "AWSService", "Directory", ""] {
            assert!(Incident::read(named(nobody).to_string()).is_err(), "{nobody}");
        }
        let mut without_partition = named("Role");
        without_partition["partition"] = Value::Null;
        assert!(Incident::read(without_partition.to_string()).is_err());
    }

    #[test]
    fn a_function_counts_only_where_its_role_is_not_named() {
        let function = "arn:aws:lambda:us-east-1:111122223333:function:order-processor";
        let lambda = |role: &str| {
            finding(json!({"lambdaDetails": {"functionArn": format!("{function}:live"), "role": role}}))
        };
        let role = "arn:aws:iam::111122223333:role/order-processor";
        assert_eq!(leads(&lambda(role)), [role]);
        assert_eq!(leads(&lambda("")), [function]);
        assert_eq!(leads(&lambda("arn:aws:iam::111122223333:role/<b>")), [function]);
    }

    #[test]
    fn kubernetes_callers() {
        let cluster = "arn:aws:eks:us-east-1:111122223333:cluster/shop";
        let by = |user: Value| {
            finding(json!({"eksClusterDetails": {"arn": cluster},
                "kubernetesDetails": {"kubernetesUserDetails": user}}))
        };
        let outside =
            json!({"username": "admin", "uid": "aws-iam-authenticator:444455556666:AROAEXAMPLEBACKUPRDR1"});
        assert_eq!(leads(&by(outside.clone())), ["AROAEXAMPLEBACKUPRDR1", cluster]);
        assert_eq!(one(&by(outside)).accounts, ["111122223333", "444455556666"]);
        let inside = by(json!({"username": "system:serviceaccount:orders:worker"}));
        let pod = Suspect::Pod {
            cluster: cluster.into(),
            namespace: "orders".into(),
            service_account: Some("worker".into()),
            workload: None,
        };
        assert_eq!(one(&inside).suspects[0], pod);
        for nobody in ["system:anonymous", "system:serviceaccount:a/b:c", "system:serviceaccount:a:"] {
            assert_eq!(leads(&by(json!({"username": nobody}))), [cluster], "{nobody}");
        }
    }

    #[test]
    fn times_are_those_of_what_happened() {
        let mut sequence = finding(json!({"accessKeyDetails": {"principalId": "AIDAEXAMPLEBENDEV"}}));
        sequence["createdAt"] = json!("2026-03-14T15:00:00Z");
        sequence["service"] = json!({"detection": {"sequence": {"signals": [
            {"firstSeenAt": 1_773_497_220, "lastSeenAt": 1_773_497_221},
            {"firstSeenAt": 1_773_497_100, "lastSeenAt": 1_773_497_200}]}}});
        let incident = one(&sequence);
        assert_eq!(incident.first_seen.unwrap().timestamp(), 1_773_497_100);
        assert_eq!(incident.last_seen.unwrap().timestamp(), 1_773_497_221);
        // A time that cannot be read is not made up for by another.
        sequence["service"] = json!({"eventFirstSeen": "soon"});
        assert_eq!(one(&sequence).first_seen, None);
    }
}
