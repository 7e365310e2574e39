//! How services have the policies of their resources.

use serde_json::{Value, json};

/// How a service has the policies of its resources.
pub struct Service {
    /// Its name in records.
    pub name: &'static str,
    /// Its service in the API, where that differs.
    pub api: &'static str,
    /// Where requests and responses name the resource, the surest first.
    pub at: &'static [&'static str],
    /// The parameter that names it.
    pub member: &'static str,
    /// Where requests have the policy.
    pub document: &'static [&'static str],
    /// The call that writes one: its name, and its parameters beside the resource's name.
    pub put: (&'static str, fn(&str) -> Value),
    /// The call that deletes it; without one, the policy from before has to be written.
    pub delete: Option<&'static str>,
}

/// Every such service.
pub const SERVICES: [Service; 9] = [
    Service {
        name: "s3",
        api: "s3",
        at: &["/bucketName"],
        member: "Bucket",
        document: &["/bucketPolicy"],
        put: ("PutBucketPolicy", |policy| json!({"Policy": policy})),
        delete: Some("DeleteBucketPolicy"),
    },
    Service {
        name: "kms",
        api: "kms",
        at: &["/keyId", "/keyMetadata/arn"],
        member: "KeyId",
        document: &["/policy"],
        put: ("PutKeyPolicy", |policy| json!({"PolicyName": "default", "Policy": policy})),
        delete: None,
    },
    Service {
        name: "ecr",
        api: "ecr",
        at: &["/repositoryName"],
        member: "repositoryName",
        document: &["/policyText"],
        put: ("SetRepositoryPolicy", |policy| json!({"policyText": policy})),
        delete: Some("DeleteRepositoryPolicy"),
    },
    Service {
        name: "secretsmanager",
        api: "secretsmanager",
        at: &["/aRN", "/arn", "/secretId"],
        member: "SecretId",
        document: &["/resourcePolicy"],
        put: ("PutResourcePolicy", |policy| json!({"ResourcePolicy": policy})),
        delete: Some("DeleteResourcePolicy"),
    },
    Service {
        name: "sns",
        api: "sns",
        at: &["/topicArn"],
        member: "TopicArn",
        document: &["/attributeValue"],
        put: ("SetTopicAttributes", |policy| json!({"AttributeName": "Policy", "AttributeValue": policy})),
        delete: None,
    },
    Service {
        name: "sqs",
        api: "sqs",
        at: &["/queueUrl"],
        member: "QueueUrl",
        document: &["/attributes/Policy", "/attribute/Policy"],
        put: ("SetQueueAttributes", |policy| json!({"Attributes": {"Policy": policy}})),
        delete: None,
    },
    Service {
        name: "glacier",
        api: "glacier",
        at: &["/vaultName"],
        member: "vaultName",
        document: &["/policy/policy"],
        put: ("SetVaultAccessPolicy", |policy| json!({"accountId": "-", "policy": {"Policy": policy}})),
        delete: Some("DeleteVaultAccessPolicy"),
    },
    Service {
        name: "backup",
        api: "backup",
        at: &["/backupVaultName"],
        member: "BackupVaultName",
        document: &["/policy"],
        put: ("PutBackupVaultAccessPolicy", |policy| json!({"Policy": policy})),
        delete: Some("DeleteBackupVaultAccessPolicy"),
    },
    Service {
        name: "es",
        api: "opensearch",
        at: &["/domainName"],
        member: "DomainName",
        document: &["/accessPolicies"],
        put: ("UpdateDomainConfig", |policy| json!({"AccessPolicies": policy})),
        delete: None,
    },
];
