//! Policies of resources: buckets, keys, secrets, topics, queues and others.

mod delivery;
mod services;

use serde_json::{Value, json};

use self::delivery::deliverers;
use self::services::{SERVICES, Service};
use super::{Rule, cuts, ends, one, sets};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::{Request, fill_in};
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("s3", &["PutBucketPolicy"], written),
    cuts("kms", &["PutKeyPolicy"], written),
    cuts("ecr", &["SetRepositoryPolicy"], written),
    cuts("secretsmanager", &["PutResourcePolicy"], written),
    cuts("sns", &["SetTopicAttributes"], written),
    cuts("sqs", &["SetQueueAttributes"], written),
    cuts("glacier", &["SetVaultAccessPolicy"], written),
    cuts("backup", &["PutBackupVaultAccessPolicy"], written),
    cuts("es", &["UpdateElasticsearchDomainConfig", "UpdateDomainConfig"], written),
    sets("s3", &["PutBucketPolicy"], known),
    sets("kms", &["PutKeyPolicy", "CreateKey"], known),
    sets("ecr", &["SetRepositoryPolicy"], known),
    sets("secretsmanager", &["PutResourcePolicy"], known),
    sets("sns", &["SetTopicAttributes"], known),
    sets("sqs", &["SetQueueAttributes"], known),
    sets("glacier", &["SetVaultAccessPolicy"], known),
    sets("backup", &["PutBackupVaultAccessPolicy"], known),
    ends("s3", &["DeleteBucketPolicy", "DeleteBucket"], deleted),
    ends("ecr", &["DeleteRepositoryPolicy", "DeleteRepository"], deleted),
    ends("secretsmanager", &["DeleteResourcePolicy"], deleted),
    ends("glacier", &["DeleteVaultAccessPolicy"], deleted),
    ends("backup", &["DeleteBackupVaultAccessPolicy"], deleted),
    cuts("s3", &["DeleteBucketPolicy"], bucket_opened),
];

/// A resource of a call, and how its service has its policy.
struct Resource<'a> {
    service: &'static Service,
    thing: Thing,
    name: &'a str,
}

fn resource(event: &Event) -> Option<Resource<'_>> {
    let service = SERVICES.iter().find(|service| service.name == event.service)?;
    let name = service.at.iter().find_map(|at| event.answered(at).or(event.asked(at)))?;
    // A key is named by its id, its ARN or an alias.
    let short = if service.name == "kms" { name.rsplit('/').next().unwrap_or(name) } else { name };
    Some(Resource { service, thing: event.thing(service.name, short), name })
}

impl Resource<'_> {
    fn policy(&self) -> Thing {
        self.thing.part("policy", "")
    }

    fn put(&self, policy: &str) -> Request {
        let (call, parameters) = self.service.put;
        self.request(call, parameters(policy))
    }

    fn delete(&self, call: &'static str) -> Request {
        let parameters = if self.service.name == "glacier" { json!({"accountId": "-"}) } else { json!({}) };
        self.request(call, parameters)
    }

    fn request(&self, call: &'static str, mut parameters: Value) -> Request {
        if let Value::Object(members) = &mut parameters {
            members.insert(self.service.member.to_owned(), self.name.into());
        }
        Request::new(self.service.api, call, parameters)
    }
}

/// The policy that a call writes, as text; `None` if it writes something else.
fn document(event: &Event) -> Option<String> {
    if event.service == "sns" && event.asked("/attributeName") != Some("Policy") {
        return None;
    }
    let service = SERVICES.iter().find(|service| service.name == event.service)?;
    let found = service.document.iter().find_map(|at| event.request.pointer(at))?;
    match found {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Object(_) => Some(found.to_string()),
        _ => None,
    }
}

fn written(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let resource = resource(event)?;
    let written = document(event);
    // Other attributes of topics, queues and domains are set by the same calls.
    if written.is_none() && matches!(event.service.as_str(), "sns" | "sqs" | "es") {
        return Some(vec![]);
    }
    let before = settings.before(&resource.policy());
    let deliverers = written.as_deref().map(deliverers).unwrap_or_default();
    if before.is_none() && deliverers.is_all {
        return Some(vec![]);
    }
    let unknown = fill_in("the policy from before");
    let call = match (before, resource.service.delete) {
        (None, Some(delete)) => resource.delete(delete),
        (before, _) => resource.put(before.unwrap_or(&unknown)),
    };
    let what = if before.is_none() && resource.service.delete.is_some() { "Delete" } else { "Put back" };
    let draft = Draft::of(event, Stage::Rights, StepKind::RemoveAccess, resource.policy(), call)
        .title(&format!("{what} the policy of"), resource.name)
        .why("The principal said anew who may use it.")
        .breaks("Whoever has access by the new policy alone loses it.")
        .undo_if(written.map(|policy| resource.put(&policy)));
    let draft = deliverers.names.iter().fold(draft, |draft, name| {
        draft.breaks(format!("{name} may have delivered logs to it by the new policy, and then stops."))
    });
    one(match (before, resource.service.delete) {
        (Some(_), _) => draft,
        (None, Some(_)) => draft.needs("These logs do not show whether it had a policy before: if so, put that back instead."),
        (None, None) => draft.needs("Fill in the policy from before: these logs do not show it; AWS Config or the code that made it may."),
    })
}

fn known(event: &Event) -> Option<(Thing, String)> {
    Some((resource(event)?.policy(), document(event)?))
}

fn deleted(event: &Event) -> Option<Vec<Thing>> {
    let resource = resource(event)?;
    let is_whole = matches!(event.name.as_str(), "DeleteBucket" | "DeleteRepository");
    Some(vec![if is_whole { resource.thing } else { resource.policy() }])
}

/// A bucket's policy can be what kept others out.
fn bucket_opened(event: &Event, settings: &Settings) -> Option<Vec<Draft>> {
    let resource = resource(event)?;
    let before = settings.before(&resource.policy());
    let unknown = fill_in("the policy from before");
    let call = resource.put(before.unwrap_or(&unknown));
    let draft = Draft::of(event, Stage::Rights, StepKind::RemoveAccess, resource.policy(), call)
        .title("Put back the policy of", resource.name)
        .why("The principal deleted the policy, and with it whatever that denied.")
        .breaks("Whoever the policy denies.")
        .undo(resource.delete("DeleteBucketPolicy"));
    one(match before {
        Some(_) => draft,
        None => draft.needs(
            "Fill in the policy from before, if it is not the principal's own: these logs do not show it.",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{by_another, call, lines, planned};
    use serde_json::{Value, json};

    const POLICY: &str = r#"{"Statement":[]}"#;

    #[test]
    fn a_policy_goes_back_or_away() {
        let put = |policy: Value| {
            call("s3:PutBucketPolicy", json!({"bucketName": "b", "bucketPolicy": policy}), Value::Null)
        };
        assert_eq!(
            lines([put(json!({"Statement": [1]}))]),
            ["! aws s3api delete-bucket-policy --region eu-west-1 --bucket b"]
        );
        assert_eq!(
            lines([by_another(put(json!({"Statement": []}))), put(json!({"Statement": [1]}))]),
            [format!("aws s3api put-bucket-policy --region eu-west-1 --bucket b --policy '{POLICY}'")]
        );
        let deleted = call("s3:DeleteBucketPolicy", json!({"bucketName": "b"}), Value::Null);
        let (steps, _) = planned([put(json!({"Statement": [1]})), deleted]);
        assert_eq!(steps.len(), 1, "the principal's own policy is not put back");
        assert!(steps[0].call.cli.contains("<fill in: "), "{}", steps[0].call.cli);
        assert_eq!(
            lines([put(json!({})), call("s3:DeleteBucket", json!({"bucketName": "b"}), Value::Null)]),
            [""; 0]
        );
    }

    #[test]
    fn what_delivers_logs_goes_on() {
        let put = |principals: &[Value]| {
            let allow =
                |principal| json!({"Effect": "Allow", "Principal": principal, "Action": "s3:PutObject"});
            let statements: Vec<_> = principals.iter().map(allow).collect();
            let policy = json!({"bucketName": "b", "bucketPolicy": {"Statement": statements}});
            call("s3:PutBucketPolicy", policy, Value::Null)
        };
        let trail = json!({"Service": "cloudtrail.amazonaws.com"});
        assert_eq!(lines([put(&[trail.clone(), trail.clone()])]), [""; 0]);
        let (steps, _) = planned([put(&[trail, json!({"AWS": "*"})])]);
        assert_eq!(steps.len(), 1);
        assert!(steps[0].breaks[1].starts_with("cloudtrail.amazonaws.com may have"), "{:?}", steps[0].breaks);
    }

    #[test]
    fn keys_are_one_whatever_names_them() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{id}");
        let made = call("kms:CreateKey", json!({"policy": POLICY}), json!({"keyMetadata": {"arn": arn}}));
        let put = call("kms:PutKeyPolicy", json!({"keyId": id, "policy": "{}"}), Value::Null);
        assert_eq!(
            lines([made, put]),
            [format!(
                "aws kms put-key-policy --region eu-west-1 --key-id {id} --policy '{POLICY}' --policy-name default"
            )]
        );
    }

    #[test]
    fn other_attributes_are_nothing_to_cut() {
        let topic = json!({"topicArn": "arn:t", "attributeName": "DisplayName", "attributeValue": "x"});
        let queue = json!({"queueUrl": "https://q", "attributes": {"DelaySeconds": "5"}});
        let domain = json!({"domainName": "d"});
        assert_eq!(
            lines([
                call("sns:SetTopicAttributes", topic, Value::Null),
                call("sqs:SetQueueAttributes", queue, Value::Null),
                call("es:UpdateDomainConfig", domain, Value::Null),
            ]),
            [""; 0]
        );
    }

    #[test]
    fn every_service_has_its_call() {
        let calls = [
            call(
                "ecr:SetRepositoryPolicy",
                json!({"repositoryName": "r", "policyText": POLICY}),
                Value::Null,
            ),
            call(
                "secretsmanager:PutResourcePolicy",
                json!({"secretId": "s", "resourcePolicy": POLICY}),
                json!({"aRN": "arn:s"}),
            ),
            call(
                "backup:PutBackupVaultAccessPolicy",
                json!({"backupVaultName": "v", "policy": POLICY}),
                Value::Null,
            ),
            call(
                "glacier:SetVaultAccessPolicy",
                json!({"vaultName": "v", "policy": {"policy": POLICY}}),
                Value::Null,
            ),
        ];
        assert_eq!(
            lines(calls),
            [
                "! aws ecr delete-repository-policy --region eu-west-1 --repository-name r",
                "! aws secretsmanager delete-resource-policy --region eu-west-1 --secret-id arn:s",
                "! aws backup delete-backup-vault-access-policy --region eu-west-1 --backup-vault-name v",
                "! aws glacier delete-vault-access-policy --region eu-west-1 --cli-input-json '{\"accountId\":\"-\",\"vaultName\":\"v\"}'",
            ]
        );
    }
}
