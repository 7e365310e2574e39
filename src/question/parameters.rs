//! What a question means to the queries: values for their parameters.

use std::net::IpAddr;

use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::scalar::ScalarValue;

use crate::identity::Principal;
use crate::query::Parameters;
use crate::window::Window;

/// Every parameter that says who is asked about; those that do not apply are `NULL`.
pub(crate) fn of_principal(principal: &Principal) -> Parameters {
    let (subject, given): (_, Vec<(&str, String)>) = match principal {
        Principal::Role(role) => (
            "role",
            vec![
                ("role", role.canonical_arn()),
                ("role_name", role.name().to_owned()),
                ("account", role.account().to_owned()),
            ],
        ),
        Principal::Session { role, name } => {
            ("session", vec![("session_arn", role.session_arn(name)), ("account", role.account().to_owned())])
        }
        Principal::User(user) => {
            let mut given = vec![("user_arn", user.arn().to_owned()), ("account", user.account().to_owned())];
            // Root and federated users are none that IAM calls name.
            given.extend(user.iam_name().map(|name| ("user_name", name.to_owned())));
            ("user", given)
        }
        Principal::AccessKey(key) => ("key", vec![("access_key", key.clone())]),
        Principal::PrincipalId { .. } => ("id", vec![("principal_id", principal.to_string())]),
        Principal::Address(address) => ("address", vec![("address", address.to_string())]),
        Principal::Resource(arn) => ("resource", of_resource(arn)),
    };
    const NAMES: [&str; 17] = [
        "role",
        "role_name",
        "session_arn",
        "user_arn",
        "user_name",
        "account",
        "access_key",
        "principal_id",
        "address",
        "resource",
        "resource_quoted",
        "resource_escaped",
        "resource_name",
        "resource_source",
        "resource_region",
        "bucket",
        "object_key",
    ];
    let mut parameters: Parameters = NAMES.map(|name| (name, ScalarValue::Utf8(None))).into();
    parameters.insert("subject", subject.into());
    let addresses = match principal {
        Principal::Address(address) => list(spellings(*address)),
        _ => list([]),
    };
    parameters.insert("addresses", addresses);
    parameters.extend(given.into_iter().map(|(name, value)| (name, ScalarValue::Utf8(Some(value)))));
    parameters
}

/// Every way that an address is written.
fn spellings(address: IpAddr) -> Vec<String> {
    let mut all = vec![address.to_string()];
    if let IpAddr::V6(address) = address {
        let groups = |write: fn(u16) -> String| address.segments().map(write).join(":");
        all.extend([groups(|group| format!("{group:x}")), groups(|group| format!("{group:04x}"))]);
        all.extend(all.clone().iter().map(|text| text.to_ascii_uppercase()));
    }
    all
}

/// A list of texts, as queries take it.
pub(crate) fn list(texts: impl IntoIterator<Item = String>) -> ScalarValue {
    let mut texts: Vec<String> = texts.into_iter().collect();
    texts.sort_unstable();
    texts.dedup();
    let values: Vec<ScalarValue> = texts.into_iter().map(|text| ScalarValue::Utf8(Some(text))).collect();
    ScalarValue::List(ScalarValue::new_list_nullable(&values, &DataType::Utf8))
}

/// A resource is named by its ARN, or by its own name in calls of its service and account.
fn of_resource(arn: &str) -> Vec<(&'static str, String)> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let mut part = || parts.next().unwrap_or_default();
    let (service, region, account, resource) = (part(), part(), part(), part());
    let mut given = vec![("resource", arn), ("resource_region", region), ("account", account)];
    let source = format!("{service}.amazonaws.com");
    let name = format!(":{}", serde_json::Value::from(own_name(service, resource)));
    let (quoted, escaped) = (format!("{arn}\""), format!("{arn}\\\""));
    given.extend([("resource_quoted", quoted.as_str()), ("resource_escaped", escaped.as_str())]);
    match (service, resource.split_once('/')) {
        ("s3", Some((bucket, key))) => given.extend([("bucket", bucket), ("object_key", key)]),
        ("s3", None) => given.push(("bucket", resource)),
        _ => given.extend([("resource_source", source.as_str()), ("resource_name", name.as_str())]),
    }
    given.retain(|(_, value)| !value.is_empty());
    given.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

/// The name that requests have for a resource: its ARN's last part without what the ARN adds.
fn own_name<'a>(service: &str, resource: &'a str) -> &'a str {
    let after_type = resource.split_once([':', '/']).map_or(resource, |(_, name)| name);
    match service {
        // Names have paths in front.
        "iam" => resource.rsplit('/').next().unwrap_or(resource),
        "sns" | "sqs" => resource,
        // NAME:ALIAS, and log groups end in `:*`.
        "lambda" | "logs" => after_type.split(':').next().unwrap_or(after_type),
        // Six random characters behind the name.
        "secretsmanager" => match after_type.rsplit_once('-') {
            Some((name, random)) if random.len() == 6 => name,
            _ => after_type,
        },
        _ => after_type,
    }
}

/// The window's ends.
pub(crate) fn of_window(window: &Window) -> Parameters {
    let time = |time: DateTime<Utc>| {
        ScalarValue::TimestampMillisecond(Some(time.timestamp_millis()), Some("UTC".into()))
    };
    [("window_start", time(window.start())), ("window_end", time(window.end()))].into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_known_by_its_own_name() {
        let of = |arn: &str| {
            let given = of_resource(arn);
            let find = |name| given.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
            ["resource_name", "resource_source", "resource_region", "account", "bucket", "object_key"]
                .map(|name| find(name).unwrap_or_default())
        };
        let account = "111122223333";
        for (arn, expected) in [
            ("arn:aws:s3:::logs", ["", "", "", "", "logs", ""]),
            ("arn:aws:s3:::logs/a/b", ["", "", "", "", "logs", "a/b"]),
            (
                "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/payments-AbCdEf",
                [":\"shop/payments\"", "secretsmanager.amazonaws.com", "us-east-1", account, "", ""],
            ),
            (
                "arn:aws:lambda:us-east-1:111122223333:function:report:live",
                [":\"report\"", "lambda.amazonaws.com", "us-east-1", account, "", ""],
            ),
            ("arn:aws:iam::111122223333:role/x/web", [":\"web\"", "iam.amazonaws.com", "", account, "", ""]),
            (
                "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc",
                [":\"i-0abc\"", "ec2.amazonaws.com", "eu-west-1", account, "", ""],
            ),
        ] {
            assert_eq!(of(arn), expected, "{arn}");
        }
    }

    #[test]
    fn addresses_in_all_their_spellings() {
        let all = spellings("2001:db8::7".parse().unwrap());
        for spelling in
            ["2001:db8::7", "2001:db8:0:0:0:0:0:7", "2001:0db8:0000:0000:0000:0000:0000:0007", "2001:DB8::7"]
        {
            assert!(all.iter().any(|text| text == spelling), "{spelling}: {all:?}");
        }
    }
}
