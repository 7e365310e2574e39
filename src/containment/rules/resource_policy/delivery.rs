//! Policies that let AWS deliver logs: taking them back would stop what records the attack.

use std::collections::BTreeSet;

use serde_json::Value;

/// Services that write logs to a bucket.
const SERVICES: [&str; 4] = [
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
    "logging.s3.amazonaws.com",
];

/// Services that deliver logs, as far as a policy lets them in.
#[derive(Debug, Default, PartialEq)]
pub struct Deliverers {
    /// Their names.
    pub names: BTreeSet<&'static str>,
    /// Whether the policy does nothing else.
    pub is_all: bool,
}

/// Those that a policy lets in; none if it is not the JSON of one.
pub fn deliverers(policy: &str) -> Deliverers {
    let policy: Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = || items(policy.get("Statement"));
    let known = |name: &Value| SERVICES.into_iter().find(|known| name == known);
    let names: BTreeSet<_> = statements().flat_map(services).filter_map(known).collect();
    let delivers = |statement: &Value| {
        let is_allowed = statement.get("Effect").is_some_and(|effect| effect == "Allow");
        let is_service = statement
            .get("Principal")
            .and_then(Value::as_object)
            .is_some_and(|by| by.len() == 1 && by.contains_key("Service"));
        is_allowed && is_service && services(statement).all(|name| known(name).is_some())
    };
    Deliverers { is_all: !names.is_empty() && statements().all(delivers), names }
}

fn services(statement: &Value) -> impl Iterator<Item = &Value> {
    items(statement.get("Principal").and_then(|principal| principal.get("Service")))
}

/// The items of a list; policies have one item without a list, too.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(items)) => items.as_slice(),
        Some(item) => std::slice::from_ref(item),
        None => &[],
    }
    .iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_that_do_nothing_else() {
        let is_all = |policy: &str| deliverers(policy).is_all;
        let statement = |effect: &str, principal: &str| {
            format!(r#"{{"Statement": {{"Effect": "{effect}", "Principal": {principal}}}}}"#)
        };
        let trail = r#"{"Service": ["cloudtrail.amazonaws.com"]}"#;
        assert!(is_all(&statement("Allow", trail)));
        for policy in [
            "",
            "[]",
            r#"{"Statement": []}"#,
            &statement("Deny", trail),
            &statement("Allow", r#""*""#),
            &statement("Allow", r#"{"AWS": "*"}"#),
            &statement("Allow", r#"{"AWS": "*", "Service": "cloudtrail.amazonaws.com"}"#),
            &statement("Allow", r#"{"Service": ["cloudtrail.amazonaws.com", "lambda.amazonaws.com"]}"#),
        ] {
            assert!(!is_all(policy), "{policy}");
        }
    }
}
