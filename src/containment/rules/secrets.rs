//! Secrets that were read: no call takes that back, so they have to be rotated.

use serde_json::Value;

use super::{Rule, reveals};
use crate::containment::event::Event;

/// What these calls mean for a plan.
pub const RULES: &[Rule] = &[
    reveals("secretsmanager", &["GetSecretValue", "BatchGetSecretValue"], secrets),
    reveals("ssm", &["GetParameter", "GetParameters", "GetParametersByPath"], parameters),
    reveals("ec2", &["GetPasswordData"], password),
];

/// Secrets that filters chose have records of their own:
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/cloudtrail_log_entries.html>.
fn secrets(event: &Event) -> Option<Vec<String>> {
    let one = event.asked("/secretId").into_iter();
    Some(one.chain(texts(event, "/secretIdList")).map(|id| format!("secret {id}")).collect())
}

/// Parameters are secrets where they have to be decrypted.
fn parameters(event: &Event) -> Option<Vec<String>> {
    if event.request.get("withDecryption")?.as_bool() != Some(true) {
        return None;
    }
    let one = event.asked("/name").into_iter();
    let names = one.chain(texts(event, "/names")).map(|name| format!("parameter {name}"));
    let below = event.asked("/path").map(|path| format!("the parameters below {path}"));
    Some(names.chain(below).collect())
}

fn password(event: &Event) -> Option<Vec<String>> {
    Some(vec![format!("the administrator's password of {}", event.asked("/instanceId")?)])
}

/// The texts of a list of the request.
fn texts<'a>(event: &'a Event, pointer: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    event.request.pointer(pointer).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{by_another, call, planned};
    use serde_json::{Value, json};

    #[test]
    fn secrets_that_were_read_are_named() {
        let read = |name: &str, request: Value| call(name, request, Value::Null);
        let (steps, notes) = planned([
            read("secretsmanager:GetSecretValue", json!({"secretId": "db"})),
            read("secretsmanager:GetSecretValue", json!({"secretId": "db"})),
            read("secretsmanager:BatchGetSecretValue", json!({"secretIdList": ["api", "db"]})),
            read("ssm:GetParameter", json!({"name": "/plain", "withDecryption": false})),
            read("ssm:GetParameters", json!({"names": ["/a"], "withDecryption": true})),
            read("ssm:GetParametersByPath", json!({"path": "/b", "withDecryption": true})),
            read("ec2:GetPasswordData", json!({"instanceId": "i-1"})),
            by_another(read("secretsmanager:GetSecretValue", json!({"secretId": "others"}))),
        ]);
        assert_eq!(steps, []);
        assert_eq!(
            notes,
            [
                "Secrets were read, and no step takes that back: rotate parameter /a, secret api, secret db, the \
              administrator's password of i-1, the parameters below /b."
            ]
        );
    }

    #[test]
    fn many_secrets_are_counted() {
        let read =
            |at| call("secretsmanager:GetSecretValue", json!({"secretId": format!("s{at:02}")}), Value::Null);
        let (_, notes) = planned((0..25).map(read));
        assert!(notes[0].ends_with("secret s08, secret s09 and 15 more."), "{notes:?}");
    }
}
