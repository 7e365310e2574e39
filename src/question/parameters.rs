//! What a question means to the queries: values for their parameters.

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
        Principal::User(user) => (
            "user",
            vec![
                ("user_arn", user.arn().to_owned()),
                ("user_name", user.name().to_owned()),
                ("account", user.account().to_owned()),
            ],
        ),
        Principal::AccessKey(key) => ("key", vec![("access_key", key.clone())]),
        Principal::PrincipalId { .. } => ("id", vec![("principal_id", principal.to_string())]),
        Principal::Address(address) => ("address", vec![("address", address.to_string())]),
        Principal::Resource(arn) => ("resource", of_resource(arn)),
    };
    const NAMES: [&str; 14] = [
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
        "resource_name",
        "resource_source",
        "bucket",
        "object_key",
    ];
    let mut parameters: Parameters = NAMES.map(|name| (name, ScalarValue::Utf8(None))).into();
    parameters.insert("subject", subject.into());
    parameters.extend(given.into_iter().map(|(name, value)| (name, ScalarValue::Utf8(Some(value)))));
    parameters
}

/// A resource is named by its ARN, or by its own name in calls of its service and account.
fn of_resource(arn: &str) -> Vec<(&'static str, String)> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let mut part = || parts.next().unwrap_or_default();
    let (service, _region, account, resource) = (part(), part(), part(), part());
    let mut given =
        vec![("resource", arn.to_owned()), ("resource_source", format!("{service}.amazonaws.com"))];
    match resource.split_once('/').filter(|_| service == "s3") {
        Some((bucket, key)) => {
            given.extend([("bucket", bucket.to_owned()), ("object_key", key.to_owned())]);
        }
        None => {
            let name = serde_json::Value::from(own_name(service, resource));
            given.push(("resource_name", name.to_string()));
        }
    }
    if !account.is_empty() {
        given.push(("account", account.to_owned()));
    }
    given
}

/// The name that requests have for a resource: its ARN's last part without what the ARN adds.
fn own_name<'a>(service: &str, resource: &'a str) -> &'a str {
    let after_type = resource.split_once([':', '/']).map_or(resource, |(_, name)| name);
    match service {
        // Names have paths in front.
        "iam" => resource.rsplit('/').next().unwrap_or(resource),
        "s3" | "sns" | "sqs" => resource,
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
        let of = |arn| {
            let given = of_resource(arn);
            let find = |name| given.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
            (find("resource_name").unwrap(), find("resource_source").unwrap(), find("account"))
        };
        let own = |name: &str, source: &str, account: Option<&str>| {
            (format!("\"{name}\""), format!("{source}.amazonaws.com"), account.map(ToOwned::to_owned))
        };
        assert_eq!(of("arn:aws:s3:::logs"), own("logs", "s3", None));
        let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/payments-AbCdEf";
        assert_eq!(of(secret), own("shop/payments", "secretsmanager", Some("111122223333")));
        assert_eq!(of("arn:aws:iam::aws:policy/a/Admin"), own("Admin", "iam", Some("aws")));
        let function = "arn:aws:lambda:us-east-1:111122223333:function:report";
        assert_eq!(of(function), own("report", "lambda", Some("111122223333")));
        let instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc";
        assert_eq!(of(instance), own("i-0abc", "ec2", Some("111122223333")));
    }
}
