//! One of every call that leaves something behind, as CloudTrail records them.

use serde_json::{Value, json};

pub const ACCOUNT: &str = "111122223333";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/svc/web";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// A session of the role.
pub fn web() -> Value {
    json!({"type": "AssumedRole", "principalId": "AROAWEB0000000000001:i-1", "accountId": ACCOUNT,
        "accessKeyId": "ASIAWEB0000000000001", "arn": "arn:aws:sts::111122223333:assumed-role/web/i-1",
        "sessionContext": {"attributes": {"creationDate": "2026-03-14T13:00:00Z", "mfaAuthenticated": "false"},
            "sessionIssuer": {"type": "Role", "principalId": "AROAWEB0000000000001", "arn": ROLE,
                "accountId": ACCOUNT, "userName": "web"}}})
}

/// A record of a call by `identity`, `second` seconds after 14:00 of 2026-03-14; its id tells both.
pub fn record(second: usize, call: &str, identity: Value, request: Value, response: Value) -> Value {
    let (service, name) = call.split_once(':').unwrap();
    json!({"eventVersion": "1.11", "userIdentity": identity,
        "eventTime": format!("2026-03-14T14:{:02}:{:02}Z", second / 60, second % 60),
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.77", "userAgent": "aws-cli/2.27.0", "eventType": "AwsApiCall",
        "requestParameters": request, "responseElements": response, "readOnly": false,
        "eventID": format!("{second:08}-{name}"), "recipientAccountId": ACCOUNT, "eventCategory": "Management"})
}

/// Records of all these calls by the role.
pub fn records() -> Vec<Value> {
    let calls =
        [logging(), users(), roles(), federation(), rights(), sharing(), exposure(), running()].concat();
    let calls = calls.into_iter().enumerate();
    calls.map(|(second, (call, request, response))| record(second, call, web(), request, response)).collect()
}

type Call = (&'static str, Value, Value);

fn logging() -> Vec<Call> {
    vec![
        ("cloudtrail:StopLogging", json!({"name": "main"}), Value::Null),
        (
            "cloudtrail:DeleteTrail",
            json!({"name": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/old"}),
            Value::Null,
        ),
        (
            "cloudtrail:UpdateTrail",
            json!({"name": "main", "isMultiRegionTrail": false, "s3BucketName": "elsewhere"}),
            Value::Null,
        ),
        (
            "cloudtrail:PutEventSelectors",
            json!({"trailName": "main", "advancedEventSelectors": [{"name": "Few", "fieldSelectors": [
                {"field": "eventCategory", "equals": ["Data"]}]}]}),
            Value::Null,
        ),
        (
            "cloudtrail:StopEventDataStoreIngestion",
            json!({"eventDataStore": "arn:aws:cloudtrail:eu-west-1:1:eds/a"}),
            Value::Null,
        ),
        (
            "guardduty:UpdateDetector",
            json!({"detectorId": "12abc34d567e8fa901bc2d34e56789f0", "enable": false}),
            Value::Null,
        ),
        ("guardduty:DeleteDetector", json!({"detectorId": "00abc34d567e8fa901bc2d34e56789f0"}), Value::Null),
        ("config:StopConfigurationRecorder", json!({"configurationRecorderName": "default"}), Value::Null),
        ("config:DeleteConfigurationRecorder", json!({"configurationRecorderName": "second"}), Value::Null),
        ("config:DeleteDeliveryChannel", json!({"deliveryChannelName": "default"}), Value::Null),
        (
            "ec2:DeleteFlowLogs",
            json!({"DeleteFlowLogsRequest": {"FlowLogId": {"content": "fl-0ef673ef70c4f07cc", "tag": 1}}}),
            Value::Null,
        ),
        ("securityhub:DisableSecurityHub", Value::Null, Value::Null),
    ]
}

fn users() -> Vec<Call> {
    vec![
        (
            "iam:CreateUser",
            json!({"userName": "svc-metrics"}),
            json!({"user": {"arn": "arn:aws:iam::111122223333:user/svc-metrics"}}),
        ),
        (
            "iam:CreateAccessKey",
            json!({"userName": "svc-metrics"}),
            json!({"accessKey": {"accessKeyId": "AKIAEXAMPLEMETRICS01", "userName": "svc-metrics", "status": "Active"}}),
        ),
        (
            "iam:CreateLoginProfile",
            json!({"userName": "svc-metrics"}),
            json!({"loginProfile": {"userName": "svc-metrics"}}),
        ),
        (
            "iam:CreateServiceSpecificCredential",
            json!({"userName": "svc-metrics"}),
            json!({"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCAEXAMPLE000000001"}}),
        ),
        (
            "iam:UploadSSHPublicKey",
            json!({"userName": "svc-metrics"}),
            json!({"sSHPublicKey": {"sSHPublicKeyId": "APKAEXAMPLE000000001"}}),
        ),
        (
            "iam:UploadSigningCertificate",
            json!({"userName": "svc-metrics"}),
            json!({"certificate": {"certificateId": "TA7SMP42TDN5Z26OBPJE7EXAMPLE"}}),
        ),
        (
            "iam:EnableMFADevice",
            json!({"userName": "svc-metrics", "serialNumber": "arn:aws:iam::111122223333:mfa/phone"}),
            Value::Null,
        ),
        (
            "sts:AssumeRole",
            json!({"roleArn": "arn:aws:iam::444455556666:role/backup-reader", "roleSessionName": "x"}),
            json!({"credentials": {"accessKeyId": "ASIAEXAMPLECHAINED01", "expiration": "Mar 14, 2026, 3:00:20 PM"},
                "assumedRoleUser": {"assumedRoleId": "AROABACKUP0000000001:x",
                    "arn": "arn:aws:sts::444455556666:assumed-role/backup-reader/x"}}),
        ),
    ]
}

fn roles() -> Vec<Call> {
    vec![
        (
            "iam:CreateRole",
            json!({"roleName": "ops", "assumeRolePolicyDocument": POLICY}),
            json!({"role": {"arn": "arn:aws:iam::111122223333:role/ops"}}),
        ),
        ("iam:UpdateAssumeRolePolicy", json!({"roleName": "ops", "policyDocument": "{}"}), Value::Null),
        ("iam:UpdateAssumeRolePolicy", json!({"roleName": "deploy", "policyDocument": "{}"}), Value::Null),
        ("iam:AddRoleToInstanceProfile", json!({"instanceProfileName": "p", "roleName": "ops"}), Value::Null),
    ]
}

fn federation() -> Vec<Call> {
    let provider = json!({"sAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/idp"});
    let other = json!({"sAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/corp", "sAMLMetadataDocument": "x".repeat(1000)});
    let openid = "arn:aws:iam::111122223333:oidc-provider/idp.example.com";
    let set = "arn:aws:sso:::permissionSet/ssoins-66846d02039d7f57/ps-cc3ba8d6d6642c51";
    let instance = "arn:aws:sso:::instance/ssoins-66846d02039d7f57";
    vec![
        (
            "iam:CreateSAMLProvider",
            json!({"name": "idp", "sAMLMetadataDocument": "x".repeat(1000)}),
            provider,
        ),
        ("iam:UpdateSAMLProvider", other.clone(), other),
        (
            "iam:CreateOpenIDConnectProvider",
            json!({"url": "https://idp.example.com", "clientIDList": ["sts.amazonaws.com"], "thumbprintList": ["a".repeat(40)]}),
            json!({"openIDConnectProviderArn": openid}),
        ),
        (
            "iam:AddClientIDToOpenIDConnectProvider",
            json!({"openIDConnectProviderArn": openid, "clientID": "c"}),
            Value::Null,
        ),
        (
            "iam:UpdateOpenIDConnectProviderThumbprint",
            json!({"openIDConnectProviderArn": openid, "thumbprintList": ["b".repeat(40)]}),
            Value::Null,
        ),
        (
            "rolesanywhere:CreateTrustAnchor",
            json!({"name": "x"}),
            json!({"trustAnchor": {"trustAnchorId": "49e25ec3-bdfe-4150-8683-b4ea4ee85cfd",
                "trustAnchorArn": "arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/49e25ec3-bdfe-4150-8683-b4ea4ee85cfd"}}),
        ),
        (
            "rolesanywhere:CreateProfile",
            json!({"name": "x"}),
            json!({"profile": {"profileId": "ac4e09d1-a150-4924-bb76-23b00fa7c34a"}}),
        ),
        (
            "sso:CreateAccountAssignment",
            json!({"instanceArn": instance, "targetId": "760507577735", "targetType": "AWS_ACCOUNT", "permissionSetArn": set,
                "principalType": "GROUP", "principalId": "a1b2c3d4-1111-2222-3333-444455556666"}),
            Value::Null,
        ),
        (
            "sso:AttachManagedPolicyToPermissionSet",
            json!({"instanceArn": instance, "permissionSetArn": set, "managedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
            Value::Null,
        ),
        (
            "sso:PutInlinePolicyToPermissionSet",
            json!({"instanceArn": instance, "permissionSetArn": set, "inlinePolicy": POLICY}),
            Value::Null,
        ),
        (
            "organizations:DetachPolicy",
            json!({"policyId": "p-examplepolicyid111", "targetId": "r-examplerootid111"}),
            Value::Null,
        ),
        (
            "organizations:RegisterDelegatedAdministrator",
            json!({"accountId": "444455556666", "servicePrincipal": "sso.amazonaws.com"}),
            Value::Null,
        ),
    ]
}

fn rights() -> Vec<Call> {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let app = "arn:aws:iam::111122223333:policy/app";
    vec![
        ("iam:AttachUserPolicy", json!({"userName": "svc-metrics", "policyArn": admin}), Value::Null),
        ("iam:AttachRolePolicy", json!({"roleName": "ops", "policyArn": admin}), Value::Null),
        ("iam:AttachGroupPolicy", json!({"groupName": "devs", "policyArn": admin}), Value::Null),
        (
            "iam:PutRolePolicy",
            json!({"roleName": "web", "policyName": "more", "policyDocument": POLICY}),
            Value::Null,
        ),
        (
            "iam:PutUserPolicy",
            json!({"userName": "svc-metrics", "policyName": "more", "policyDocument": POLICY}),
            Value::Null,
        ),
        (
            "iam:PutGroupPolicy",
            json!({"groupName": "devs", "policyName": "more", "policyDocument": POLICY}),
            Value::Null,
        ),
        (
            "iam:CreatePolicyVersion",
            json!({"policyArn": app, "setAsDefault": true, "policyDocument": POLICY}),
            json!({"policyVersion": {"versionId": "v2"}}),
        ),
        ("iam:AddUserToGroup", json!({"userName": "svc-metrics", "groupName": "admins"}), Value::Null),
        ("iam:DeleteRolePermissionsBoundary", json!({"roleName": "deploy"}), Value::Null),
        ("iam:DeleteUserPermissionsBoundary", json!({"userName": "rosa"}), Value::Null),
    ]
}

fn sharing() -> Vec<Call> {
    let stranger = json!({"items": [{"userId": "193672423079"}, {"group": "all"}]});
    vec![
        (
            "s3:PutBucketPolicy",
            json!({"bucketName": "exports", "bucketPolicy": {"Version": "2012-10-17", "Statement": []}}),
            Value::Null,
        ),
        ("s3:DeleteBucketPolicy", json!({"bucketName": "guarded"}), Value::Null),
        (
            "kms:PutKeyPolicy",
            json!({"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab", "policyName": "default", "policy": POLICY}),
            Value::Null,
        ),
        ("ecr:SetRepositoryPolicy", json!({"repositoryName": "app", "policyText": POLICY}), Value::Null),
        (
            "secretsmanager:PutResourcePolicy",
            json!({"secretId": "shop/payments", "resourcePolicy": POLICY}),
            json!({"aRN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/payments-zeCISw"}),
        ),
        (
            "sns:SetTopicAttributes",
            json!({"topicArn": "arn:aws:sns:eu-west-1:111122223333:t", "attributeName": "Policy", "attributeValue": POLICY}),
            Value::Null,
        ),
        (
            "sqs:SetQueueAttributes",
            json!({"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "attributes": {"Policy": POLICY}}),
            Value::Null,
        ),
        (
            "glacier:SetVaultAccessPolicy",
            json!({"accountId": "-", "vaultName": "v", "policy": {"policy": POLICY}}),
            Value::Null,
        ),
        (
            "backup:PutBackupVaultAccessPolicy",
            json!({"backupVaultName": "v-backup", "policy": POLICY}),
            Value::Null,
        ),
        (
            "es:UpdateElasticsearchDomainConfig",
            json!({"domainName": "search", "accessPolicies": POLICY}),
            Value::Null,
        ),
        (
            "ec2:ModifySnapshotAttribute",
            json!({"snapshotId": "snap-1111", "createVolumePermission": {"add": stranger.clone()}}),
            Value::Null,
        ),
        (
            "ec2:ModifyImageAttribute",
            json!({"imageId": "ami-1111", "launchPermission": {"add": stranger}}),
            Value::Null,
        ),
        (
            "rds:ModifyDBSnapshotAttribute",
            json!({"dBSnapshotIdentifier": "daily", "attributeName": "restore", "valuesToAdd": ["193672423079"]}),
            Value::Null,
        ),
        (
            "rds:ModifyDBClusterSnapshotAttribute",
            json!({"dBClusterSnapshotIdentifier": "daily", "attributeName": "restore", "valuesToAdd": ["all"]}),
            Value::Null,
        ),
        (
            "ram:CreateResourceShare",
            json!({"name": "s"}),
            json!({"resourceShare": {"resourceShareArn": "arn:aws:ram:eu-west-1:111122223333:resource-share/1"}}),
        ),
        (
            "ram:AssociateResourceShare",
            json!({"resourceShareArn": "arn:aws:ram:eu-west-1:111122223333:resource-share/2", "principals": ["193672423079"]}),
            Value::Null,
        ),
        (
            "kms:CreateGrant",
            json!({"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}),
            json!({"grantId": "f1".repeat(32)}),
        ),
        (
            "sns:AddPermission",
            json!({"topicArn": "arn:aws:sns:eu-west-1:111122223333:t", "label": "open"}),
            Value::Null,
        ),
        (
            "sqs:AddPermission",
            json!({"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "label": "open"}),
            Value::Null,
        ),
        (
            "sns:Subscribe",
            json!({"topicArn": "arn:aws:sns:eu-west-1:111122223333:t", "protocol": "https"}),
            json!({"subscriptionArn": "arn:aws:sns:eu-west-1:111122223333:t:6b0e71bd-7e97-4d97-80ce-4a0994e55286"}),
        ),
    ]
}

fn exposure() -> Vec<Call> {
    let ssh = json!({"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {},
        "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}, "ipv6Ranges": {"items": [{"cidrIpv6": "::/0"}]}, "prefixListIds": {}}]});
    vec![
        ("s3:PutBucketAcl", json!({"bucketName": "exports", "x-amz-acl": ["public-read"]}), Value::Null),
        ("s3:DeleteBucketPublicAccessBlock", json!({"bucketName": "exports"}), Value::Null),
        ("s3:DeleteAccountPublicAccessBlock", json!({}), Value::Null),
        ("s3:PutBucketReplication", json!({"bucketName": "exports"}), Value::Null),
        (
            "ec2:AuthorizeSecurityGroupIngress",
            json!({"groupId": "sg-0aebfa21f302bded9", "ipPermissions": ssh.clone()}),
            Value::Null,
        ),
        (
            "ec2:AuthorizeSecurityGroupEgress",
            json!({"groupId": "sg-0aebfa21f302bded9", "ipPermissions": ssh}),
            json!({"securityGroupRuleSet": {"items": [{"securityGroupRuleId": "sgr-035a6016fe8ef01c5"}]}}),
        ),
        (
            "rds:ModifyDBInstance",
            json!({"dBInstanceIdentifier": "shop", "publiclyAccessible": true}),
            Value::Null,
        ),
        ("ec2:EnableSerialConsoleAccess", json!({"EnableSerialConsoleAccessRequest": ""}), Value::Null),
    ]
}

fn running() -> Vec<Call> {
    let association = json!({"associationId": "iip-assoc-0dbc91f429e48eeed", "instanceId": "i-0dbc91f429e48eeed",
        "iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/p"}});
    vec![
        (
            "lambda:CreateFunction20150331",
            json!({"functionName": "olc"}),
            json!({"functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:olc"}),
        ),
        (
            "lambda:AddPermission20150331v2",
            json!({"functionName": "olc", "statementId": "open", "action": "lambda:InvokeFunction", "principal": "*"}),
            Value::Null,
        ),
        (
            "lambda:CreateFunctionUrlConfig",
            json!({"functionName": "olc", "authType": "NONE"}),
            json!({"functionUrl": "https://x.lambda-url.eu-west-1.on.aws/"}),
        ),
        (
            "lambda:CreateEventSourceMapping20150331",
            json!({"functionName": "olc"}),
            json!({"uUID": "a1b2c3d4-5678-90ab-cdef-EXAMPLE11111"}),
        ),
        ("events:PutRule", json!({"name": "nightly", "eventBusName": "default"}), Value::Null),
        ("events:PutPermission", json!({"statementId": "open", "principal": "*"}), Value::Null),
        (
            "ec2:RunInstances",
            json!({}),
            json!({"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d4e5f60718"}]}}),
        ),
        (
            "ec2:AssociateIamInstanceProfile",
            json!({}),
            json!({"AssociateIamInstanceProfileResponse": {"iamInstanceProfileAssociation": association}}),
        ),
        ("ec2:CreateKeyPair", json!({"keyName": "backdoor"}), Value::Null),
        (
            "ssm:StartSession",
            json!({"target": "i-0a1b2c3d4e5f60718"}),
            json!({"sessionId": "i-1-0b7f0a3c1d2e4f5a6"}),
        ),
    ]
}
