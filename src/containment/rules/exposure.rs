//! What was opened to networks or to everybody: buckets, security groups, databases, consoles.

use serde_json::{Map, Value, json};

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::{Event, items};
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts("s3", &["PutBucketAcl"], acl_set),
    ends("s3", &["DeleteBucket"], bucket_deleted),
    cuts("s3", &["DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"], bucket_unblocked),
    cuts("s3", &["DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock"], account_unblocked),
    cuts("s3", &["PutBucketReplication"], replicated),
    ends("s3", &["DeleteBucketReplication"], replication_deleted),
    cuts("ec2", &["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"], group_opened),
    ends("ec2", &["RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"], group_closed),
    ends("ec2", &["DeleteSecurityGroup"], group_deleted),
    cuts("rds", &["ModifyDBInstance"], database_opened),
    cuts("ec2", &["EnableSerialConsoleAccess"], console_enabled),
    ends("ec2", &["DisableSerialConsoleAccess"], console_disabled),
];

fn bucket(event: &Event) -> Option<(Thing, &str)> {
    let name = event.asked("/bucketName")?;
    Some((event.thing("s3", name), name))
}

fn bucket_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![bucket(event)?.0])
}

fn acl_set(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, name) = bucket(event)?;
    let canned = event.asked("/x-amz-acl").or(event.asked("/x-amz-acl/0"));
    let set = |acl: &str| Request::new("s3", "PutBucketAcl", json!({"Bucket": name, "ACL": acl}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing.part("acl", ""), set("private"))
        .title("Make private the access control list of bucket", name)
        .why("The principal said anew who may list and read the bucket.")
        .breaks("Whoever has access by the list alone loses it: other accounts, the delivery of logs.")
        .undo_if(canned.map(set)))
}

/// Members of a block of public access.
const BLOCKS: [&str; 4] =
    ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

fn block() -> Value {
    BLOCKS.iter().map(|member| ((*member).to_owned(), Value::Bool(true))).collect::<Map<_, _>>().into()
}

/// Whether a call leaves some of the block off.
fn is_open(event: &Event) -> bool {
    let asked = event.request.get("PublicAccessBlockConfiguration");
    let is_off = |member: &&str| asked.and_then(|asked| asked.get(member)) != Some(&Value::Bool(true));
    event.name.starts_with("Delete") || BLOCKS.iter().any(is_off)
}

fn bucket_unblocked(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, name) = bucket(event)?;
    if !is_open(event) {
        return Some(vec![]);
    }
    let parameters = json!({"Bucket": name, "PublicAccessBlockConfiguration": block()});
    let call = Request::new("s3", "PutPublicAccessBlock", parameters);
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing.part("block", ""), call)
        .title("Block public access to bucket", name)
        .why("The principal took away what keeps the bucket from being public.")
        .breaks("What is public on purpose, such as a web site.")
        .undo(Request::new("s3", "DeletePublicAccessBlock", json!({"Bucket": name}))))
}

fn account_unblocked(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let account = event.account.as_deref()?;
    if !is_open(event) {
        return Some(vec![]);
    }
    let parameters = json!({"AccountId": account, "PublicAccessBlockConfiguration": block()});
    let call = Request::new("s3control", "PutPublicAccessBlock", parameters);
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, event.thing("s3 of account", account), call)
        .title("Block public access to all buckets of account", account)
        .why("The principal took away what keeps the account's buckets from being public.")
        .breaks("What is public on purpose, such as a web site.")
        .undo(Request::new("s3control", "DeletePublicAccessBlock", json!({"AccountId": account}))))
}

fn replicated(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, name) = bucket(event)?;
    let call = Request::new("s3", "DeleteBucketReplication", json!({"Bucket": name}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing.part("replication", ""), call)
        .title("Stop the replication of bucket", name)
        .why("The principal has the bucket's objects copied to another.")
        .breaks("If the bucket was replicated before, that stops too; what was copied stays where it is.")
        .needs("These logs do not show whether it was replicated before: if so, keep its configuration."))
}

fn replication_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![bucket(event)?.0.part("replication", "")])
}

/// A security group's rules as requests have them, and as the API takes them.
fn permissions(request: &Value) -> Value {
    items(request, "/ipPermissions").map(permission).collect()
}

/// Members of an object in records, and in the API.
type Names = &'static [(&'static str, &'static str)];

/// Lists of a rule: in records, in the API, and the members of an item in both.
const PEERS: [(&str, &str, Names); 4] = [
    ("/ipRanges", "IpRanges", &[("cidrIp", "CidrIp")]),
    ("/ipv6Ranges", "Ipv6Ranges", &[("cidrIpv6", "CidrIpv6")]),
    ("/groups", "UserIdGroupPairs", &[("groupId", "GroupId"), ("userId", "UserId")]),
    ("/prefixListIds", "PrefixListIds", &[("prefixListId", "PrefixListId")]),
];

fn permission(rule: &Value) -> Value {
    let mut parameters =
        renamed(rule, &[("ipProtocol", "IpProtocol"), ("fromPort", "FromPort"), ("toPort", "ToPort")]);
    for (at, member, names) in PEERS {
        let listed: Vec<Value> = items(rule, at).map(|item| renamed(item, names).into()).collect();
        if !listed.is_empty() {
            parameters.insert(member.to_owned(), listed.into());
        }
    }
    parameters.into()
}

/// Members of an object under other names.
fn renamed(object: &Value, names: &[(&str, &str)]) -> Map<String, Value> {
    let named = names.iter().filter_map(|(from, to)| Some(((*to).to_owned(), object.get(from)?.clone())));
    named.collect()
}

fn group_part(event: &Event) -> Option<(Thing, &str, Value)> {
    let id = event.asked("/groupId")?;
    let rules = permissions(&event.request);
    let direction = if event.name.ends_with("Egress") { "egress" } else { "ingress" };
    Some((event.thing("security group", id).part(direction, &rules.to_string()), id, rules))
}

fn group_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, id, rules) = group_part(event)?;
    let (revoke, authorize) = match event.name.as_str() {
        "AuthorizeSecurityGroupEgress" => ("RevokeSecurityGroupEgress", "AuthorizeSecurityGroupEgress"),
        _ => ("RevokeSecurityGroupIngress", "AuthorizeSecurityGroupIngress"),
    };
    let ids =
        items(&event.response, "/securityGroupRuleSet").filter_map(|rule| rule.get("securityGroupRuleId"));
    let ids: Vec<&Value> = ids.collect();
    let is_told = rules.as_array().is_some_and(|rules| !rules.is_empty());
    let call = match (ids.is_empty(), is_told) {
        (false, _) => json!({"GroupId": id, "SecurityGroupRuleIds": ids}),
        (true, true) => json!({"GroupId": id, "IpPermissions": rules}),
        (true, false) => return None,
    };
    let undo = Request::new("ec2", authorize, json!({"GroupId": id, "IpPermissions": rules}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, Request::new("ec2", revoke, call))
        .title("Close what was opened in security group", id)
        .why("The principal let networks through.")
        .breaks("Whoever connects by these rules cannot any more.")
        .undo_if(is_told.then_some(undo)))
}

fn group_closed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![group_part(event)?.0])
}

fn group_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("security group", event.asked("/groupId")?)])
}

fn database_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let name = event.asked("/dBInstanceIdentifier")?;
    if event.request.get("publiclyAccessible") != Some(&Value::Bool(true)) {
        return Some(vec![]);
    }
    let set = |is_public: bool| {
        let parameters =
            json!({"DBInstanceIdentifier": name, "PubliclyAccessible": is_public, "ApplyImmediately": true});
        Request::new("rds", "ModifyDBInstance", parameters)
    };
    let thing = event.thing("database", name).part("public", "");
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, set(false))
        .title("Take off the internet database", name)
        .why("The principal made the database reachable from the internet.")
        .breaks("Whoever connects from outside of its network cannot any more.")
        .undo(set(true)))
}

fn console_enabled(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let request = |call| Request::new("ec2", call, json!({}));
    let region = event.region.as_deref().unwrap_or("its region");
    let call = request("DisableSerialConsoleAccess");
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, event.thing("serial console", ""), call)
        .title("Disable the serial console in", region)
        .why("It opens machines that no network reaches.")
        .breaks("Nobody can use the serial console in the region.")
        .undo(request("EnableSerialConsoleAccess")))
}

fn console_disabled(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![event.thing("serial console", "")])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines, planned};
    use serde_json::{Value, json};

    fn ssh() -> Value {
        json!({"groupId": "sg-1", "ipPermissions": {"items": [{"ipProtocol": "tcp", "fromPort": 22, "toPort": 22,
            "groups": {}, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0", "description": "x"}]}, "ipv6Ranges": {},
            "prefixListIds": {}}]}})
    }

    #[test]
    fn security_groups_are_closed_by_rule_or_by_range() {
        let rules = json!({"securityGroupRuleSet": {"items": [{"securityGroupRuleId": "sgr-1"}]}});
        let opened = call("ec2:AuthorizeSecurityGroupIngress", ssh(), rules);
        let line = "aws ec2 revoke-security-group-ingress --region eu-west-1";
        assert_eq!(
            lines([opened.clone()]),
            [format!("{line} --group-id sg-1 --security-group-rule-ids sgr-1")]
        );
        let range = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        assert_eq!(planned([opened.clone()]).0[0].undo.as_ref().unwrap().parameters["IpPermissions"], range);
        let bare = call("ec2:AuthorizeSecurityGroupIngress", ssh(), Value::Null);
        assert_eq!(planned([bare]).0[0].call.parameters["IpPermissions"], range);
        assert_eq!(lines([opened, call("ec2:RevokeSecurityGroupIngress", ssh(), Value::Null)]), [""; 0]);
    }

    #[test]
    fn buckets_are_closed() {
        let off = json!({"bucketName": "b", "PublicAccessBlockConfiguration": {"BlockPublicAcls": true,
            "IgnorePublicAcls": true, "BlockPublicPolicy": false, "RestrictPublicBuckets": true}});
        let on = json!({"bucketName": "b", "PublicAccessBlockConfiguration": super::block()});
        assert_eq!(lines([call("s3:PutBucketPublicAccessBlock", on, Value::Null)]), [""; 0]);
        let (steps, _) = planned([
            call("s3:PutBucketPublicAccessBlock", off, Value::Null),
            call("s3:DeleteAccountPublicAccessBlock", json!({}), Value::Null),
            call("s3:PutBucketAcl", json!({"bucketName": "b", "x-amz-acl": ["public-read"]}), Value::Null),
        ]);
        let calls: Vec<_> =
            steps.iter().map(|step| (step.call.service.as_str(), step.call.operation.as_str())).collect();
        assert_eq!(
            calls,
            [("s3", "PutPublicAccessBlock"), ("s3control", "PutPublicAccessBlock"), ("s3", "PutBucketAcl")]
        );
        assert_eq!(steps[1].call.parameters["AccountId"], "111122223333");
        assert_eq!(steps[2].undo.as_ref().unwrap().parameters["ACL"], "public-read");
    }

    #[test]
    fn databases_are_closed_only_where_they_were_opened() {
        let modify = |public: Value| {
            call(
                "rds:ModifyDBInstance",
                json!({"dBInstanceIdentifier": "d", "publiclyAccessible": public}),
                Value::Null,
            )
        };
        assert_eq!(lines([modify(false.into()), modify(Value::Null)]), [""; 0]);
        assert_eq!(
            lines([modify(true.into())]),
            ["aws rds modify-db-instance --region eu-west-1 --apply-immediately --db-instance-identifier d \
                --no-publicly-accessible"]
        );
    }
}
