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
    const NAMES: [&str; 11] = [
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
    ];
    let mut parameters: Parameters = NAMES.map(|name| (name, ScalarValue::Utf8(None))).into();
    parameters.insert("resource_source", ScalarValue::Utf8(None));
    parameters.insert("subject", subject.into());
    parameters.extend(given.into_iter().map(|(name, value)| (name, ScalarValue::Utf8(Some(value)))));
    parameters
}

/// A resource is named by its ARN, or by its own name in calls of its service and account.
fn of_resource(arn: &str) -> Vec<(&'static str, String)> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let mut part = || parts.next().unwrap_or_default();
    let (service, _region, account, resource) = (part(), part(), part(), part());
    let name = resource.rsplit(['/', ':']).next().unwrap_or(resource);
    let mut given = vec![
        ("resource", arn.to_owned()),
        ("resource_name", serde_json::Value::from(name).to_string()),
        ("resource_source", format!("{service}.amazonaws.com")),
    ];
    if !account.is_empty() {
        given.push(("account", account.to_owned()));
    }
    given
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
        let function = "arn:aws:lambda:us-east-1:111122223333:function:report";
        assert_eq!(of(function), own("report", "lambda", Some("111122223333")));
        let instance = "arn:aws:ec2:us-east-1:111122223333:instance/i-0abc";
        assert_eq!(of(instance), own("i-0abc", "ec2", Some("111122223333")));
    }
}
