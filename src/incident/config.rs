//! Changes that AWS Config saw: of a rule's verdict on a resource, or of the resource itself.
//!
//! Follows <https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html>,
//! <https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html>
//! and <https://docs.aws.amazon.com/config/latest/developerguide/example-sns-notification.html>.

use serde_json::Value;

use crate::identity::Principal;

use super::AlertKind;
use super::draft::Draft;
use super::fields::{at, has_object, text};
use super::named::{Owner, is_bucket, partition_of};

pub fn decode(change: &Value, event: &Value) -> Option<Draft> {
    if has_object(change, "newEvaluationResult") && text(change, "resourceType").is_some() {
        return Some(verdict(change, event));
    }
    // Of a change that is too large to be passed on there is a summary.
    let item = at(change, "configurationItem").or_else(|| at(change, "configurationItemSummary"))?;
    text(item, "resourceType")?;
    Some(configuration(item))
}

fn verdict(change: &Value, event: &Value) -> Draft {
    let title = text(change, "configRuleName");
    let verdict = at(change, "newEvaluationResult.complianceType");
    let mut draft = Draft::new(AlertKind::Config, None, title, verdict);
    let account = text(change, "awsAccountId").or_else(|| text(event, "account"));
    let region = text(change, "awsRegion").or_else(|| text(event, "region"));
    let partition = partition_of(text(change, "configRuleARN"));
    add_resource(&mut draft, change, Owner { partition, account }, region);
    draft.place(account, region);
    // A verdict follows the change that it is about.
    draft.seen(
        change,
        &[
            "newEvaluationResult.evaluationResultIdentifier.orderingTimestamp",
            "newEvaluationResult.resultRecordedTime",
        ],
        &["newEvaluationResult.resultRecordedTime"],
    );
    draft
}

fn configuration(item: &Value) -> Draft {
    let title = text(item, "resourceName").or_else(|| text(item, "resourceId"));
    let mut draft = Draft::new(AlertKind::Config, None, title, None);
    let owner = Owner { partition: partition_of(text(item, "ARN")), account: text(item, "awsAccountId") };
    let region = text(item, "awsRegion");
    draft.changed(text(item, "ARN"));
    add_resource(&mut draft, item, owner, region);
    draft.place(owner.account, region);
    draft.seen(item, &["configurationItemCaptureTime"], &[]);
    draft
}

/// Adds the resource that a type and an id name, if they do.
fn add_resource(draft: &mut Draft, resource: &Value, owner: Owner<'_>, region: Option<&str>) {
    let (kind, id) = (text(resource, "resourceType").unwrap_or_default(), text(resource, "resourceId"));
    match kind {
        "AWS::IAM::Role" | "AWS::IAM::User" => draft.principal(Principal::principal_id, id),
        _ => draft.changed(id.and_then(|id| resource_arn(kind, id, owner, region)).as_deref()),
    };
}

/// The ARN of a resource known by its type and id, where these leave no doubt.
pub fn resource_arn(kind: &str, id: &str, owner: Owner<'_>, region: Option<&str>) -> Option<String> {
    if id.starts_with("arn:") {
        return Some(id.to_owned());
    }
    let partition = owner.partition?;
    if kind == "AWS::S3::Bucket" {
        return is_bucket(id).then(|| format!("arn:{partition}:s3:::{id}"));
    }
    let (service, path, prefix) = match kind {
        "AWS::DynamoDB::Table" => ("dynamodb", "table/", ""),
        "AWS::EC2::Instance" => ("ec2", "instance/", "i-"),
        "AWS::EC2::InternetGateway" => ("ec2", "internet-gateway/", "igw-"),
        "AWS::EC2::NetworkAcl" => ("ec2", "network-acl/", "acl-"),
        "AWS::EC2::NetworkInterface" => ("ec2", "network-interface/", "eni-"),
        "AWS::EC2::RouteTable" => ("ec2", "route-table/", "rtb-"),
        "AWS::EC2::SecurityGroup" => ("ec2", "security-group/", "sg-"),
        "AWS::EC2::Subnet" => ("ec2", "subnet/", "subnet-"),
        "AWS::EC2::Volume" => ("ec2", "volume/", "vol-"),
        "AWS::EC2::VPC" => ("ec2", "vpc/", "vpc-"),
        "AWS::KMS::Key" => ("kms", "key/", ""),
        "AWS::Lambda::Function" => ("lambda", "function:", ""),
        _ => return None,
    };
    let is_name = id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let (account, region) = owner.account.zip(region)?;
    (is_name && id.starts_with(prefix))
        .then(|| format!("arn:{partition}:{service}:{region}:{account}:{path}{id}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::leads;
    use super::super::{Incident, Suspect};
    use super::*;
    use serde_json::json;

    fn verdict(kind: &str, id: &str) -> Value {
        json!({"configRuleARN": "arn:aws-cn:config:cn-north-1:111122223333:config-rule/config-rule-a1b2c3",
            "awsAccountId": "111122223333", "awsRegion": "cn-north-1", "resourceType": kind, "resourceId": id,
            "newEvaluationResult": {"complianceType": "NON_COMPLIANT"}})
    }

    #[test]
    fn resources_are_named_where_there_is_no_doubt() {
        for (kind, id, arn) in [
            ("AWS::IAM::Role", "AROAEXAMPLEORDERPROC1", "AROAEXAMPLEORDERPROC1"),
            ("AWS::S3::Bucket", "shop-exports", "arn:aws-cn:s3:::shop-exports"),
            (
                "AWS::EC2::SecurityGroup",
                "sg-0a1b",
                "arn:aws-cn:ec2:cn-north-1:111122223333:security-group/sg-0a1b",
            ),
            ("AWS::Lambda::Function", "orders", "arn:aws-cn:lambda:cn-north-1:111122223333:function:orders"),
            (
                "AWS::SNS::Topic",
                "arn:aws-cn:sns:cn-north-1:111122223333:t",
                "arn:aws-cn:sns:cn-north-1:111122223333:t",
            ),
        ] {
            assert_eq!(leads(&verdict(kind, id)), [arn]);
        }
        for (kind, id) in [
            ("AWS::RDS::DBInstance", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            ("AWS::EC2::SecurityGroup", "vpc-0a1b"),
            ("AWS::EC2::Volume", "vol-1/../x"),
            ("AWS::S3::Bucket", "a bucket"),
            ("AWS::IAM::User", "ben.dev"),
        ] {
            let error = Incident::read(verdict(kind, id).to_string()).unwrap_err();
            assert!(error.to_string().contains("AWS Config change"), "{error}");
        }
    }

    #[test]
    fn a_function_that_changed_is_asked_about_as_such() {
        let json = verdict("AWS::Lambda::Function", "orders").to_string();
        let suspects = Incident::read(json).unwrap().remove(0).suspects;
        assert!(matches!(suspects[..], [Suspect::Principal(Principal::Resource(_))]));
    }
}
