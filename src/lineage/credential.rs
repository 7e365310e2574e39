//! One issued credential, a row of `queries/lineage.sql`.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

/// A credential: who issued it, and how its use is recognised. Texts are as logged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Credential {
    /// What stands for it here: its key, or the id of the event that issued it.
    pub credential: String,
    /// The one it was issued with, if that is known.
    pub parent: Option<String>,
    /// Whom it makes its user: `ACCOUNT:assumed-role/NAME/SESSION`, `ACCOUNT:user/NAME`.
    pub label: Option<String>,
    /// How many credentials lie between the principal and it, itself counted; `None` if the
    /// principal did not lead to it.
    pub depth: Option<u32>,
    /// How many credentials lie between it and the principal's; 0 for the principal's own; `None`
    /// if the principal did not come from it.
    pub height: Option<u32>,
    /// The labels on the way from the principal to it.
    pub chain: Option<String>,
    /// Whether the principal itself issued it.
    pub by_principal: bool,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The event that issued it.
    pub event_id: Option<String>,
    /// That event's name, such as `AssumeRole`.
    pub event: String,
    /// The issuer's `userIdentity.type`.
    pub issuer_type: Option<String>,
    /// The issuer's ARN.
    pub issuer_arn: Option<String>,
    /// The issuer's principal id.
    pub issuer_id: Option<String>,
    /// The access key that the issuer used.
    pub issuer_key: Option<String>,
    /// The issuer's account.
    pub issuer_account: Option<String>,
    /// The issuer's name, if it is a user or comes from an identity provider.
    pub issuer_name: Option<String>,
    /// The service or identity provider that issued it, or for which.
    pub issuer_service: Option<String>,
    /// The source identity that stays through a chain.
    pub source_identity: Option<String>,
    /// Where the call came from.
    pub source_address: Option<String>,
    /// Its access key id; a login has none.
    pub key: Option<String>,
    /// The principal id of its session.
    pub principal_id: Option<String>,
    /// The ARN of its session.
    pub arn: Option<String>,
    /// The user it belongs to, for keys and logins.
    pub user_name: Option<String>,
    /// The account it is good for.
    pub account: Option<String>,
    /// When it ends, as the record has it; keys and logins do not.
    pub expires: Option<String>,
}

impl Credential {
    /// Whether it is a console login of a user.
    pub fn is_login(&self) -> bool {
        self.event.ends_with("LoginProfile")
    }

    /// Principal id and second of creation: what a session's calls share where each has a key of
    /// its own. `later` seconds after its issue, for clocks differ.
    pub(crate) fn session_trace(&self, later: i64) -> Option<String> {
        let created = self.issued_at + Duration::seconds(later);
        Some(format!("{} {}", self.principal_id.as_ref()?, created.format("%Y-%m-%dT%H:%M:%S")))
    }

    /// When it ends; `None` if it does not, or the record's form of time is unknown.
    pub fn expiry(&self) -> Option<DateTime<Utc>> {
        let text = self.expires.as_deref()?;
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(time.to_utc());
        }
        let forms = ["%b %d, %Y, %I:%M:%S %p", "%b %d, %Y %I:%M:%S %p"];
        // Newer records have a narrow space before AM and PM.
        let text = text.replace('\u{202f}', " ");
        forms.iter().find_map(|form| Some(NaiveDateTime::parse_from_str(&text, form).ok()?.and_utc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_in_the_forms_that_records_have() {
        let time = "2024-03-05T15:00:00Z".parse::<DateTime<Utc>>().unwrap();
        for text in [
            "Mar 5, 2024, 3:00:00 PM",
            "Mar 5, 2024 3:00:00 PM",
            "Mar 5, 2024, 3:00:00\u{202f}PM",
            "2024-03-05T15:00:00Z",
        ] {
            let credential = Credential { expires: Some(text.to_owned()), ..sample() };
            assert_eq!(credential.expiry(), Some(time), "{text}");
        }
        assert_eq!(Credential { expires: Some("soon".into()), ..sample() }.expiry(), None);
    }

    fn sample() -> Credential {
        let json = r#"{"credential":"c","by_principal":false,"issued_at":"2024-03-05T14:00:00Z","event":"AssumeRole"}"#;
        serde_json::from_str(json).unwrap()
    }
}
