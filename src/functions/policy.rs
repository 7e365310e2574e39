//! What policy documents let whom do.
//!
//! A policy is given as the JSON text of an object, or of a string that holds one, as requests have
//! it; URL-encoded as some responses have it. What cannot be read as a policy lets nobody do
//! anything.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use sonic_rs::PointerNode;
use url::form_urlencoded;

use super::json_extract::{extract, parse_path};
use super::text::{Body, TextFunction};

/// `resource_policy`, `allows_anyone`, `allows_other_account`, `grants_admin` and `opens_to_world`.
pub fn functions() -> [TextFunction; 5] {
    [
        TextFunction::new("resource_policy", Body::Text(resource_policy)),
        TextFunction::new("allows_anyone", Body::Test(allows_anyone)),
        TextFunction::new("allows_other_account", Body::TestWith(allows_other_account)),
        TextFunction::new("grants_admin", Body::Test(grants_admin)),
        TextFunction::new("opens_to_world", Body::Test(opens_to_world)),
    ]
}

/// Where requests of services have the policy of a resource.
const RESOURCE_POLICIES: [&str; 10] = [
    "$.policy.policy",
    "$.policy",
    "$.policyText",
    "$.resourcePolicy",
    "$.accessPolicies",
    "$.attributes.Policy",
    "$.policyDocument",
    "$.policyInJson",
    "$.accessPolicy",
    "$.attributeValue",
];

/// `resource_policy(requestparameters varchar) -> varchar`: the JSON text of the policy that a
/// request puts on a resource; `NULL` if it has none where requests have them.
fn resource_policy(request: &str) -> Option<Cow<'_, str>> {
    static PATHS: LazyLock<Vec<Vec<PointerNode>>> =
        LazyLock::new(|| RESOURCE_POLICIES.iter().filter_map(|path| parse_path(path).ok()).collect());
    PATHS.iter().find_map(|path| extract(request, path)).map(Cow::Borrowed)
}

/// Condition keys that keep strangers out.
const RESTRICTING: [&str; 16] = [
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpcsourceip",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "kms:calleraccount",
    "sns:endpoint",
    "lambda:functionurlauthtype",
];

/// `allows_anyone(policy varchar) -> boolean`: some statement allows the principal `*`, under no
/// condition that keeps strangers out.
fn allows_anyone(policy: &str) -> bool {
    allowing(policy).iter().any(is_open)
}

/// `allows_other_account(policy varchar, account varchar) -> boolean`: some statement allows
/// anyone, or a principal of an account other than `account`.
fn allows_other_account(policy: &str, account: &str) -> bool {
    let is_other = |name: &str| account_of(name).is_some_and(|own| own != account);
    allowing(policy).iter().any(|statement| {
        let named = || principals(statement).iter().any(|principal| is_other(principal));
        // Whoever may be anyone is told by a condition.
        let by_condition = || {
            let mut names = restrictions(statement).filter(|(key, _)| key.starts_with("aws:principal"));
            principals(statement).contains(&"*")
                && names.any(|(_, names)| texts(names).into_iter().any(is_other))
        };
        is_open(statement) || named() || by_condition()
    })
}

/// `grants_admin(policy varchar) -> boolean`: some statement allows every action on everything, or
/// every one but some.
fn grants_admin(policy: &str) -> bool {
    let has = |statement: &Map<String, Value>, key, wanted: &[&str]| {
        member(statement, key).is_some_and(|value| texts(value).iter().any(|text| wanted.contains(text)))
    };
    allowing(policy).iter().any(|statement| {
        let all = has(statement, "action", &["*", "*:*"]) || member(statement, "notaction").is_some();
        all && has(statement, "resource", &["*"])
    })
}

/// `opens_to_world(json varchar) -> boolean`: a string in the JSON is a network of all addresses, or
/// of half of them.
fn opens_to_world(json: &str) -> bool {
    let mut ends = json.match_indices("/0\"").chain(json.match_indices("/1\""));
    ends.any(|(at, _)| {
        let address = json[..at].rsplit('"').next().unwrap_or_default();
        !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
    })
}

/// The statements that allow something.
fn allowing(policy: &str) -> Vec<Map<String, Value>> {
    let Some(Value::Object(document)) = document(policy) else { return vec![] };
    let statements = match document.into_iter().find(|(key, _)| key.eq_ignore_ascii_case("statement")) {
        Some((_, Value::Array(statements))) => statements,
        Some((_, statement)) => vec![statement],
        None => vec![],
    };
    let objects = statements.into_iter().filter_map(|statement| match statement {
        Value::Object(statement) => Some(statement),
        _ => None,
    });
    let allows = |statement: &Map<String, Value>| {
        member(statement, "effect")
            .and_then(Value::as_str)
            .is_some_and(|effect| effect.eq_ignore_ascii_case("allow"))
    };
    objects.filter(allows).collect()
}

/// The policy, however it is wrapped: a string can hold it, and another string that.
fn document(policy: &str) -> Option<Value> {
    let mut text = Cow::Borrowed(policy.trim());
    for _ in 0..3 {
        if text.starts_with('%') {
            let (decoded, _) = form_urlencoded::parse(text.as_bytes()).next()?;
            text = Cow::Owned(decoded.into_owned());
        }
        match serde_json::from_str(&text).ok()? {
            Value::String(inner) => text = Cow::Owned(inner),
            value => return Some(value),
        }
    }
    None
}

/// Whether a statement lets anyone in.
fn is_open(statement: &Map<String, Value>) -> bool {
    let anyone = principals(statement).contains(&"*") || member(statement, "notprincipal").is_some();
    anyone && !is_restricted(statement)
}

/// Whether a condition keeps strangers out: a positive test of who or where from, of values that do
/// not stand for everyone.
fn is_restricted(statement: &Map<String, Value>) -> bool {
    restrictions(statement).any(|(key, value)| {
        let values = texts(value);
        RESTRICTING.contains(&key.as_str())
            && !values.is_empty()
            && !values.iter().any(|value| is_anyone(value))
    })
}

/// The positive tests of a statement: keys in lower case, and values.
fn restrictions(statement: &Map<String, Value>) -> impl Iterator<Item = (String, &Value)> {
    let operators = member(statement, "condition").and_then(Value::as_object).into_iter().flatten();
    let positive = operators.filter(|(operator, _)| {
        let operator = operator.to_ascii_lowercase();
        let operator = operator.rsplit(':').next().unwrap_or_default();
        !operator.contains("not") && !operator.ends_with("ifexists") && operator != "null"
    });
    let operands = positive.filter_map(|(_, operands)| operands.as_object()).flatten();
    operands.map(|(key, value)| (key.to_ascii_lowercase(), value))
}

/// A value that fits everyone: `*`, a network of all addresses, an ARN of any account.
fn is_anyone(value: &str) -> bool {
    let of_any_account = || {
        let mut parts = value.splitn(6, ':').skip(4);
        let (account, resource) = (parts.next().unwrap_or("*"), parts.next().unwrap_or("*"));
        ["*", ""].contains(&account) && resource.starts_with('*')
    };
    value.trim_matches('*').is_empty()
        || value.ends_with("/0")
        || (value.starts_with("arn:") && of_any_account())
}

/// Everyone whom a statement names.
fn principals(statement: &Map<String, Value>) -> Vec<&str> {
    match member(statement, "principal") {
        Some(Value::Object(kinds)) => {
            // Services and identity providers are no accounts, and `*` among them is no one.
            let named = kinds.iter().filter(|(kind, _)| kind.eq_ignore_ascii_case("aws") || *kind == "*");
            named.flat_map(|(_, value)| texts(value)).collect()
        }
        Some(value) => texts(value),
        None => vec![],
    }
}

/// The account of a principal: twelve digits, bare or in an ARN.
fn account_of(principal: &str) -> Option<&str> {
    let account = if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// A member by its name, in whatever case requests write it.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A string, or the strings of an array.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:*"{condition}}}]}}"#
        )
    }

    #[test]
    fn who_is_let_in() {
        let own = "111122223333";
        for (principal, condition, anyone, other) in [
            (r#""*""#, "", true, true),
            (r#"{"AWS":"*"}"#, "", true, true),
            (r#"{"AWS":["arn:aws:iam::111122223333:root","*"]}"#, "", true, true),
            (r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, "", false, true),
            (r#"{"AWS":"444455556666"}"#, "", false, true),
            (r#"{"AWS":"arn:aws-cn:iam::111122223333:role/x"}"#, "", false, false),
            (r#"{"Service":"lambda.amazonaws.com"}"#, "", false, false),
            (r#""*""#, r#","Condition":{"StringEquals":{"AWS:SourceOwner":"111122223333"}}"#, false, false),
            (r#""*""#, r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#, true, true),
            (r#""*""#, r#","Condition":{"NotIpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}"#, true, true),
            (r#""*""#, r#","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:*"}}"#, true, true),
            (
                r#""*""#,
                r#","Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#,
                false,
                true,
            ),
            (r#""*""#, r#","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:s3:*:*:logs"}}"#, false, false),
            (r#""*""#, r#","Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/0"]}}"#, true, true),
        ] {
            let policy = policy(principal, condition);
            let wrapped = serde_json::to_string(&policy).unwrap();
            let encoded: String = form_urlencoded::byte_serialize(policy.as_bytes()).collect();
            for form in [&policy, &wrapped, &encoded] {
                assert_eq!(allows_anyone(form), anyone, "{form}");
                assert_eq!(allows_other_account(form, own), other, "{form}");
            }
        }
        for denied in
            [r#"{"Statement":{"Effect":"Deny","Principal":"*"}}"#, "", "null", "[]", "{\"Statement\":7}"]
        {
            assert!(!allows_anyone(denied), "{denied}");
        }
    }

    #[test]
    fn where_requests_have_policies() {
        assert_eq!(RESOURCE_POLICIES.iter().filter(|path| parse_path(path).is_ok()).count(), 10);
        for (request, policy) in [
            (r#"{"policy":{"policy":"a"}}"#, Some("\"a\"")),
            (r#"{"policy":{"Statement":[]}}"#, Some(r#"{"Statement":[]}"#)),
            (r#"{"attributes":{"Policy":"b"}}"#, Some("\"b\"")),
            (r#"{"attributeValue":"d","policyText":"c"}"#, Some("\"c\"")),
            (r#"{"name":"x"}"#, None),
        ] {
            assert_eq!(resource_policy(request).as_deref(), policy, "{request}");
        }
    }

    #[test]
    fn what_is_granted() {
        for (statement, admin) in [
            (r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#, true),
            (r#"{"Effect":"Allow","Action":["s3:*","*:*"],"Resource":["*"]}"#, true),
            (r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#, true),
            (r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#, false),
            (r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#, false),
        ] {
            assert_eq!(grants_admin(&format!(r#"{{"Statement":{statement}}}"#)), admin, "{statement}");
        }
    }

    #[test]
    fn networks_of_everyone() {
        for (json, open) in [
            (r#"{"cidrIp":"0.0.0.0/0"}"#, true),
            (r#"{"a":[{"cidrIpv6":"::/0"}]}"#, true),
            (r#"{"cidrIp":"198.51.100.7/0"}"#, true),
            (r#"{"cidrIp":"10.0.0.0/8"}"#, false),
            (r#"{"path":"x/0"}"#, false),
            (r#"{"path":"/0"}"#, false),
        ] {
            assert_eq!(opens_to_world(json), open, "{json}");
        }
    }
}
