//! A call as a line for a POSIX shell and the AWS CLI.
//!
//! Names come from logs, and so from attackers. The shell would expand them, the CLI would read
//! options, or files and addresses (`file://`, `fileb://`, `http://`), where a value should be. So
//! only values that are plainly neither are given as options; everything else goes as one JSON
//! document by `--cli-input-json`, in which the CLI looks for nothing.

use serde_json::{Map, Value};

use crate::output::text::visible_json;

/// The line; `region` has to be the name of one.
pub fn line(service: &str, operation: &str, parameters: &Map<String, Value>, region: Option<&str>) -> String {
    let mut words = vec!["aws".to_owned(), command(service).to_owned(), kebab(operation)];
    if let Some(region) = region {
        words.extend(["--region".to_owned(), region.to_owned()]);
    }
    match parameters.iter().map(|(name, value)| option(name, value)).collect::<Option<Vec<_>>>() {
        Some(options) => words.extend(options.into_iter().flatten()),
        None => words.extend(["--cli-input-json".to_owned(), quoted_json(parameters)]),
    }
    words.join(" ")
}

/// The CLI's command for a service, where it is not the service's name in the SDKs.
fn command(service: &str) -> &str {
    match service {
        "config" => "configservice",
        "s3" => "s3api",
        other => other,
    }
}

/// A parameter as words of the line; `None` if it cannot be an option.
fn option(name: &str, value: &Value) -> Option<Vec<String>> {
    let flag = format!("--{}", kebab(name));
    Some(match value {
        Value::Bool(true) => vec![flag],
        Value::Bool(false) => vec![format!("--no-{}", kebab(name))],
        Value::Number(number) => vec![flag, number.to_string()],
        Value::String(text) if is_plain(text) => vec![flag, text.clone()],
        Value::String(text) if is_plain_document(text) => vec![flag, format!("'{text}'")],
        Value::Array(values) if !values.is_empty() => {
            let texts = values.iter().map(|value| {
                // The CLI has a shorthand for lists in which these two mean something.
                value.as_str().filter(|text| is_plain(text) && !text.contains([',', '=']))
            });
            let texts = texts.collect::<Option<Vec<_>>>()?;
            [flag].into_iter().chain(texts.into_iter().map(ToOwned::to_owned)).collect()
        }
        _ => return None,
    })
}

/// Whether neither a shell nor the CLI sees more in a text than the text.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte))
        && !text.contains("://")
}

/// The same of a JSON object between single quotes.
fn is_plain_document(text: &str) -> bool {
    text.starts_with('{') && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'\'')
}

/// The parameters as JSON between single quotes, without a control character or a quote in it.
fn quoted_json(parameters: &Map<String, Value>) -> String {
    let json = visible_json(Value::Object(parameters.clone()).to_string());
    // An apostrophe lies within a string there, where it may be written so.
    format!("'{}'", json.replace('\'', "\\u0027"))
}

/// `DBSnapshotIdentifier` as `db-snapshot-identifier`: a word begins at a capital after a small
/// letter or digit, and at the last capital of several before a small letter.
fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut words = String::with_capacity(name.len() + 8);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| letters.get(before));
        let after_small = before.is_some_and(|before| !before.is_ascii_uppercase());
        let before_small = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (after_small || (before.is_some() && before_small)) {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(parameters: Value) -> String {
        let Value::Object(parameters) = parameters else { panic!("no object") };
        line("iam", "PutUserPolicy", &parameters, None)
    }

    #[test]
    fn names_as_the_cli_has_them() {
        for (name, flag) in [
            ("RoleName", "role-name"),
            ("DBSnapshotIdentifier", "db-snapshot-identifier"),
            ("SAMLProviderArn", "saml-provider-arn"),
            ("OpenIDConnectProviderArn", "open-id-connect-provider-arn"),
            ("trustAnchorId", "trust-anchor-id"),
            ("SSHPublicKeyId", "ssh-public-key-id"),
            ("ACL", "acl"),
        ] {
            assert_eq!(kebab(name), flag);
        }
    }

    #[test]
    fn plain_values_are_options() {
        assert_eq!(
            of(json!({"PolicyDocument": r#"{"Version":"2012-10-17"}"#, "UserName": "ops@example.com"})),
            r#"aws iam put-user-policy --policy-document '{"Version":"2012-10-17"}' --user-name ops@example.com"#
        );
        let parameters = json!({"InstanceIds": ["i-1", "i-2"], "Force": false, "Count": 0});
        assert_eq!(
            line("ec2", "StopInstances", parameters.as_object().unwrap(), Some("us-east-1")),
            "aws ec2 stop-instances --region us-east-1 --count 0 --no-force --instance-ids i-1 i-2"
        );
    }

    #[test]
    fn whatever_else_is_json() {
        for text in [
            "file:///etc/passwd",
            "https://example.com",
            "--debug",
            "a b",
            "$(id)",
            "`id`",
            "'; id; '",
            "a\n\u{1b}[31m\0",
            "=id",
            "~root",
            "*",
            "",
            "\u{202e}x",
        ] {
            let line = of(json!({"UserName": text}));
            let json = line.strip_prefix("aws iam put-user-policy --cli-input-json '").unwrap();
            let json = json.strip_suffix('\'').unwrap();
            assert!(!json.contains(['\'', '\n', '\u{1b}', '\0', '\u{202e}']), "{line}");
            assert_eq!(serde_json::from_str::<Value>(json).unwrap(), json!({"UserName": text}));
        }
    }
}
