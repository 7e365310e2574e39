//! Code that runs without anybody: functions, their addresses and triggers.

use serde_json::{Value, json};

use super::{Rule, cuts, ends, one};
use crate::containment::StepKind;
use crate::containment::draft::{Draft, Stage};
use crate::containment::event::Event;
use crate::containment::ledger::Settings;
use crate::containment::request::Request;
use crate::containment::thing::Thing;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    cuts(
        "lambda",
        &["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"],
        function_changed,
    ),
    ends("lambda", &["DeleteFunction"], function_deleted),
    cuts("lambda", &["AddPermission"], permission_added),
    ends("lambda", &["RemovePermission"], permission_removed),
    cuts("lambda", &["CreateFunctionUrlConfig", "UpdateFunctionUrlConfig"], address_made),
    ends("lambda", &["DeleteFunctionUrlConfig"], address_deleted),
    cuts("lambda", &["CreateEventSourceMapping"], mapping_made),
    ends("lambda", &["DeleteEventSourceMapping"], mapping_deleted),
    cuts("events", &["PutRule", "PutTargets"], rule_made),
    ends("events", &["DisableRule", "DeleteRule"], rule_ended),
    cuts("events", &["PutPermission"], bus_opened),
    ends("events", &["RemovePermission"], bus_closed),
];

/// A function: its name, of which its ARN ends.
fn function(event: &Event) -> Option<(Thing, &str)> {
    let name = event.asked("/functionName")?;
    let name = name.split_once(":function:").map_or(name, |(_, rest)| rest.split(':').next().unwrap_or(rest));
    Some((event.thing("function", name), name))
}

fn function_changed(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, name) = function(event)?;
    if event.request.get("dryRun") == Some(&Value::Bool(true)) {
        return Some(vec![]);
    }
    let parameters = json!({"FunctionName": name, "ReservedConcurrentExecutions": 0});
    let call = Request::new("lambda", "PutFunctionConcurrency", parameters);
    one(Draft::of(event, Stage::Functions, StepKind::StopFunction, thing.part("concurrency", ""), call)
        .title("Keep from running function", name)
        .target(event.answered("/functionArn"))
        .why("The principal made the function, or changed what it runs or with what.")
        .breaks("The function does not run: what calls it fails, and events for it are tried again for a while, then lost.")
        .breaks("If concurrency was reserved for it before, that number has to be set again afterwards.")
        .undo(Request::new("lambda", "DeleteFunctionConcurrency", json!({"FunctionName": name}))))
}

fn function_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![function(event)?.0])
}

fn permission_added(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let ((thing, name), statement) = (function(event)?, event.asked("/statementId")?);
    let qualifier = event.asked("/qualifier");
    let call = json!({"FunctionName": name, "StatementId": statement, "Qualifier": qualifier});
    let undo = event.asked("/action").zip(event.asked("/principal")).map(|(action, principal)| {
        let parameters = json!({
            "FunctionName": name, "StatementId": statement, "Qualifier": qualifier,
            "Action": action, "Principal": principal, "SourceArn": event.asked("/sourceArn"),
            "SourceAccount": event.asked("/sourceAccount"),
            "PrincipalOrgID": event.asked("/principalOrgID"),
            "FunctionUrlAuthType": event.asked("/functionUrlAuthType"),
        });
        Request::new("lambda", "AddPermission", parameters)
    });
    let thing = thing.part("permission", statement);
    let call = Request::new("lambda", "RemovePermission", call);
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, call)
        .title(&format!("Remove permission {statement} of function"), name)
        .why("The principal let others call the function.")
        .breaks("Whoever was let in cannot call the function.")
        .undo_if(undo))
}

fn permission_removed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![function(event)?.0.part("permission", event.asked("/statementId")?)])
}

fn address_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let ((thing, name), qualifier) = (function(event)?, event.asked("/qualifier"));
    let call = json!({"FunctionName": name, "Qualifier": qualifier});
    let undo = event.asked("/authType").map(|kind| {
        let parameters = json!({"FunctionName": name, "Qualifier": qualifier, "AuthType": kind});
        Request::new("lambda", "CreateFunctionUrlConfig", parameters)
    });
    let thing = thing.part("address", qualifier.unwrap_or_default());
    let call = Request::new("lambda", "DeleteFunctionUrlConfig", call);
    one(Draft::of(event, Stage::Functions, StepKind::RemoveAccess, thing, call)
        .title("Take away the public address of function", name)
        .target(event.answered("/functionUrl"))
        .why("The principal gave the function an address on the internet.")
        .breaks("Whoever calls the address gets no answer; a new one would differ.")
        .undo_if(undo))
}

fn address_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![function(event)?.0.part("address", event.asked("/qualifier").unwrap_or_default())])
}

fn mapping(event: &Event) -> Option<(Thing, &str)> {
    let id = event.answered("/uUID").or(event.asked("/uUID"))?;
    Some((event.thing("event source mapping", id), id))
}

fn mapping_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, id) = mapping(event)?;
    let set =
        |on: bool| Request::new("lambda", "UpdateEventSourceMapping", json!({"UUID": id, "Enabled": on}));
    one(Draft::of(event, Stage::Functions, StepKind::StopFunction, thing, set(false))
        .title("Disable event source mapping", id)
        .why("The principal has a function read a queue or a stream.")
        .breaks("The function reads no more of it.")
        .undo(set(true)))
}

fn mapping_deleted(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![mapping(event)?.0])
}

/// A rule of EventBridge, its bus and its name.
fn rule<'a>(event: &'a Event, pointer: &str) -> Option<(Thing, Option<&'a str>, &'a str)> {
    let (name, bus) = (event.asked(pointer)?, event.asked("/eventBusName"));
    Some((event.thing("event bus", bus.unwrap_or("default")).part("rule", name), bus, name))
}

fn rule_made(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, bus, name) = rule(event, if event.name == "PutRule" { "/name" } else { "/rule" })?;
    let request = |call| Request::new("events", call, json!({"Name": name, "EventBusName": bus}));
    one(Draft::of(event, Stage::Functions, StepKind::StopFunction, thing, request("DisableRule"))
        .title("Disable EventBridge rule", name)
        .target(event.answered("/ruleArn"))
        .why("The principal said what runs at which event or time.")
        .breaks("Nothing that the rule started runs any more.")
        .undo(request("EnableRule")))
}

fn rule_ended(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![rule(event, "/name")?.0])
}

fn bus_permission(event: &Event) -> Option<(Thing, Option<&str>, &str)> {
    let (statement, bus) = (event.asked("/statementId")?, event.asked("/eventBusName"));
    Some((event.thing("event bus", bus.unwrap_or("default")).part("permission", statement), bus, statement))
}

fn bus_opened(event: &Event, _: &Settings) -> Option<Vec<Draft>> {
    let (thing, bus, statement) = bus_permission(event)?;
    let call =
        Request::new("events", "RemovePermission", json!({"StatementId": statement, "EventBusName": bus}));
    one(Draft::of(event, Stage::Rights, StepKind::RemoveAccess, thing, call)
        .title(&format!("Remove permission {statement} of event bus"), bus.unwrap_or("default"))
        .why("The principal let other accounts send events, or make rules.")
        .breaks("Whoever was let in cannot send events any more."))
}

fn bus_closed(event: &Event) -> Option<Vec<Thing>> {
    Some(vec![bus_permission(event)?.0])
}

#[cfg(test)]
mod tests {
    use super::super::tests::{call, lines, planned};
    use serde_json::{Value, json};

    const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:olc";

    #[test]
    fn a_function_is_one_whatever_names_it() {
        let made = call("lambda:CreateFunction", json!({"functionName": "olc"}), json!({"functionArn": ARN}));
        let code = call(
            "lambda:UpdateFunctionCode",
            json!({"functionName": format!("{ARN}:2"), "dryRun": false}),
            Value::Null,
        );
        let (steps, _) = planned([made.clone(), code.clone()]);
        assert_eq!(steps.len(), 1);
        assert_eq!((steps[0].target.as_str(), steps[0].evidence.len()), (ARN, 2));
        assert_eq!(
            steps[0].call.cli,
            "aws lambda put-function-concurrency --region eu-west-1 --function-name olc --reserved-concurrent-executions 0"
        );
        let deleted = call("lambda:DeleteFunction", json!({"functionName": "olc"}), Value::Null);
        assert_eq!(lines([made, code, deleted]), [""; 0]);
    }

    #[test]
    fn permissions_and_addresses_are_taken_back() {
        let permission = json!({"functionName": "olc", "statementId": "backdoor", "action": "lambda:InvokeFunction", "principal": "*"});
        let address = json!({"functionName": "olc", "authType": "NONE"});
        let (steps, _) = planned([
            call("lambda:AddPermission", permission.clone(), Value::Null),
            call(
                "lambda:CreateFunctionUrlConfig",
                address,
                json!({"functionUrl": "https://x.lambda-url.eu-west-1.on.aws/"}),
            ),
        ]);
        assert_eq!(
            steps[0].call.cli,
            "aws lambda remove-permission --region eu-west-1 --function-name olc --statement-id backdoor"
        );
        assert_eq!(steps[0].undo.as_ref().unwrap().parameters["Principal"], "*");
        assert_eq!(
            steps[1].call.cli,
            "aws lambda delete-function-url-config --region eu-west-1 --function-name olc"
        );
        let removed = call("lambda:RemovePermission", permission.clone(), Value::Null);
        assert_eq!(lines([call("lambda:AddPermission", permission, Value::Null), removed]), [""; 0]);
    }

    #[test]
    fn rules_are_disabled_once() {
        let put = call("events:PutRule", json!({"name": "nightly"}), json!({"ruleArn": "arn:r"}));
        let targets = call("events:PutTargets", json!({"rule": "nightly", "targets": []}), Value::Null);
        assert_eq!(
            lines([put.clone(), targets]),
            ["aws events disable-rule --region eu-west-1 --name nightly"]
        );
        assert_eq!(lines([put, call("events:DeleteRule", json!({"name": "nightly"}), Value::Null)]), [""; 0]);
    }
}
