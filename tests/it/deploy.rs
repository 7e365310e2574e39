//! What lies in `deploy/` fits together.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::support::repository;

fn read(name: &str) -> String {
    std::fs::read_to_string(repository("deploy").join(name)).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&read(name)).unwrap()
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// A list, or what stands alone for a list of one.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap()).collect(),
        other => vec![other.as_str().unwrap()],
    }
}

/// States that may come after this one.
fn next(state: &Value) -> Vec<&str> {
    let members = |name: &str| state[name].as_array().into_iter().flatten();
    let listed = members("Choices").chain(members("Catch")).map(|item| &item["Next"]);
    listed.chain([&state["Next"], &state["Default"]]).filter_map(Value::as_str).collect()
}

#[test]
fn every_state_is_reached_and_leads_to_an_end() {
    let machine = json("statemachine.asl.json");
    let states = object(&machine["States"]);
    let mut reached = BTreeSet::new();
    let mut open = vec![machine["StartAt"].as_str().unwrap()];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(next(states.get(name).unwrap_or_else(|| panic!("no state {name}"))));
        }
    }
    assert_eq!(reached, states.keys().map(String::as_str).collect());
    for (name, state) in states {
        let kind = state["Type"].as_str().unwrap();
        let ends = state["End"] == true || kind == "Fail";
        assert_eq!(ends, state["Next"].is_null() && kind != "Choice", "{name}");
        if kind == "Task" || kind == "Pass" {
            // What a stage gives is added to what came before.
            assert!(state["ResultPath"].as_str().unwrap().starts_with("$."), "{name}");
        }
    }
}

/// Whatever goes wrong before, somebody is told, and trying again is bounded.
#[test]
fn every_stage_is_caught() {
    let machine = json("statemachine.asl.json");
    for (name, state) in object(&machine["States"]) {
        let is_stage = state["Resource"].as_str().is_some_and(|resource| resource.starts_with("${"));
        if is_stage {
            let last = state["Catch"].as_array().unwrap().last().unwrap();
            assert_eq!(last["ErrorEquals"], serde_json::json!(["States.ALL"]), "{name}");
            assert!(last["ResultPath"].as_str().unwrap().ends_with("Error"), "{name}");
            assert!(state["TimeoutSeconds"].is_u64() && state["Retry"][0]["MaxAttempts"].is_u64(), "{name}");
        }
    }
}

#[test]
fn paths_name_what_states_before_give() {
    let machine = json("statemachine.asl.json");
    let states = object(&machine["States"]);
    assert_eq!(states["Notify"]["Parameters"]["Subject.$"], "$.timeline.notification.subject");
    assert_eq!(states["Notify"]["Parameters"]["Message.$"], "$.timeline.notification.message");
    let given: BTreeSet<&str> = states
        .values()
        .flat_map(|state| state["Catch"].as_array().into_iter().flatten().chain([state]))
        .filter_map(|item| item["ResultPath"].as_str())
        .collect();
    let text = read("statemachine.asl.json");
    for (at, _) in text.match_indices("$.").filter(|(at, _)| !text[..*at].ends_with('$')) {
        let rest = &text[at + 2..];
        let word = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap();
        let path = format!("$.{word}");
        // The members of the input that the machine asks for itself, and those of `"name.$": "…"`.
        let known = word == "timelineParameters" || given.contains(path.as_str());
        assert!(known, "{path} is given by no state");
    }
}

#[test]
fn the_template_fills_what_the_definition_leaves_open() {
    let (definition, template) = (read("statemachine.asl.json"), read("template.yaml"));
    let open: BTreeSet<&str> =
        definition.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    let (_, after) = template.split_once("DefinitionSubstitutions:\n").unwrap();
    let filled =
        after.lines().take_while(|line| line.starts_with("        ") && !line.trim().starts_with('-'));
    let filled: BTreeSet<&str> = filled.map(|line| line.trim().split(':').next().unwrap()).collect();
    assert_eq!(filled, open);
}

/// The rights are those that are needed, in both files.
#[test]
fn rights_are_the_least() {
    let policy = json("policy.json");
    let statements = policy["Statement"].as_array().unwrap();
    let template = read("template.yaml");
    let (_, after) = template.split_once("PolicyName: trailq\n").unwrap();
    let (role, _) = after.split_once("\n\n").unwrap();
    for statement in statements {
        let sid = statement["Sid"].as_str().unwrap();
        assert_eq!(statement["Effect"], "Allow", "{sid}");
        let actions = texts(&statement["Action"]);
        for action in &actions {
            assert!(!action.contains('*') && !action.contains("Delete"), "{sid}: {action}");
        }
        // No key can be named to ask for public keys.
        let is_any = texts(&statement["Resource"]).contains(&"*");
        assert_eq!(is_any, actions == ["cloudtrail:ListPublicKeys"], "{sid}");
        let (_, same) = role.split_once(&format!("Sid: {sid}\n")).unwrap_or_else(|| panic!("no {sid}"));
        let line = same.lines().find_map(|line| line.trim().strip_prefix("Action: ")).unwrap();
        assert_eq!(line.trim_matches(['[', ']']).split(", ").collect::<Vec<_>>(), actions, "{sid}");
    }
    assert_eq!(role.matches("Sid: ").count(), statements.len());
}
