//! Security Hub findings in the AWS Security Finding Format (ASFF).
//!
//! Follows <https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html>
//! and <https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html>.

use serde_json::Value;

use crate::identity::Principal;

use super::AlertKind;
use super::draft::Draft;
use super::fields::{at, first_text, has_object, items, text};
use super::guardduty::add_sequence;
use super::named::{Owner, partition_of};

pub fn decode(finding: &Value, _event: &Value) -> Option<Draft> {
    let (product, account) = (text(finding, "ProductArn")?, text(finding, "AwsAccountId")?);
    at(finding, "Resources")?.as_array()?;
    let severity = at(finding, "Severity.Label").or_else(|| at(finding, "Severity.Normalized"));
    let mut draft = Draft::new(AlertKind::SecurityHub, text(finding, "Id"), text(finding, "Title"), severity);
    draft.place(Some(account), text(finding, "Region"));
    draft.seen(finding, &["FirstObservedAt", "CreatedAt"], &["LastObservedAt", "UpdatedAt"]);
    // A failed check is about what someone changed, any other finding about what something did.
    let is_check = has_object(finding, "Compliance");
    for resource in items(finding, "Resources") {
        let id = text(resource, "Id");
        let partition = text(resource, "Partition").or_else(|| partition_of(id));
        let partition = partition.or_else(|| partition_of(Some(product)));
        draft.place(None, text(resource, "Region"));
        add_resource(&mut draft, resource, id, is_check, Owner { partition, account: Some(account) });
    }
    if let Some(sequence) = at(finding, "Detection.Sequence") {
        add_sequence(
            &mut draft,
            sequence,
            Owner { partition: partition_of(Some(product)), account: Some(account) },
        );
    }
    let remote = "Action.AwsApiCallAction.RemoteIpDetails.IpAddressV4";
    draft.principal(Principal::address, text(finding, remote));
    Some(draft)
}

fn add_resource(draft: &mut Draft, resource: &Value, id: Option<&str>, is_check: bool, owner: Owner<'_>) {
    if let Some(key) = at(resource, "Details.AwsIamAccessKey") {
        draft.arn(text(key, "SessionContext.SessionIssuer.Arn"));
        draft.actor(key, Owner { account: text(key, "AccountId").or(owner.account), ..owner });
    }
    draft.principal(Principal::access_key, id.and_then(|id| id.strip_prefix("AWS::IAM::AccessKey:")));
    let unique = first_text(resource, &["Details.AwsIamRole.RoleId", "Details.AwsIamUser.UserId"]);
    draft.principal(Principal::principal_id, unique);
    let arn = id.filter(|id| id.starts_with("arn:"));
    if is_check {
        draft.changed(arn);
        return;
    }
    let role = ["Details.AwsLambdaFunction.Role", "Details.AwsEcsTaskDefinition.TaskRoleArn"];
    if draft.arn(first_text(resource, &role)) {
        return;
    }
    draft.arn(text(resource, "Details.AwsEc2Instance.IamInstanceProfileArn"));
    match text(resource, "Details.AwsEcsTask.TaskDefinitionArn") {
        Some(definition) => draft.task(arn, Some(definition)),
        None => {
            draft.arn(arn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{leads, one};
    use super::*;
    use serde_json::json;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:111122223333:function:order-processor";

    fn finding(resource: Value) -> Value {
        json!({"ProductArn": "arn:aws:securityhub:us-east-1::product/aws/guardduty",
            "AwsAccountId": "111122223333", "Severity": {"Normalized": 70}, "Resources": [resource]})
    }

    #[test]
    fn checks_ask_who_changed_it_and_threats_what_it_did() {
        let role = "arn:aws:iam::111122223333:role/order-processor";
        let mut function = finding(json!({"Id": FUNCTION, "Details": {"AwsLambdaFunction": {"Role": role}}}));
        assert_eq!(leads(&function), [role]);
        function["Compliance"] = json!({"Status": "FAILED"});
        let incident = one(&function);
        assert_eq!(
            incident.suspects,
            [super::super::Suspect::Principal(Principal::resource(FUNCTION).unwrap())]
        );
        assert_eq!(incident.severity.as_deref(), Some("70"));
    }

    #[test]
    fn the_issuer_of_a_session_names_the_role() {
        let key = json!({"Id": "AWS::IAM::AccessKey:ASIAEXAMPLEWORKER001", "Details": {"AwsIamAccessKey": {
            "PrincipalType": "AssumedRole", "PrincipalName": "order-processor", "SessionContext":
            {"SessionIssuer": {"Arn": "arn:aws:iam::111122223333:role/svc/order-processor"}}}}});
        let expected = ["arn:aws:iam::111122223333:role/order-processor", "ASIAEXAMPLEWORKER001"];
        assert_eq!(leads(&finding(key)), expected);
    }
}
