//! The policies that deny.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::request::Request;
use crate::window::rfc3339;

/// The inline policy that denies everything.
const DENY_ALL: &str = "TrailqDenyAll";
/// The inline policy that denies everything to older sessions, named as IAM's console names it:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html>.
const REVOKE: &str = "AWSRevokeOlderSessions";

/// Whom an inline policy is put on.
#[derive(Debug, Clone, Copy)]
pub enum On<'a> {
    /// A role, by its name.
    Role(&'a str),
    /// A user, by its name.
    User(&'a str),
}

impl On<'_> {
    /// Denies everything, and takes that back.
    pub fn deny_all(self) -> (Request, Request) {
        let statement = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
        self.inline(DENY_ALL, &statement)
    }

    /// Denies everything to sessions issued before `time`, and takes that back.
    pub fn revoke(self, time: DateTime<Utc>) -> (Request, Request) {
        let statement = json!({"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": rfc3339(time)}}});
        self.inline(REVOKE, &statement)
    }

    fn inline(self, policy: &str, statement: &serde_json::Value) -> (Request, Request) {
        let document = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let (put, delete, member, name) = match self {
            Self::Role(name) => ("PutRolePolicy", "DeleteRolePolicy", "RoleName", name),
            Self::User(name) => ("PutUserPolicy", "DeleteUserPolicy", "UserName", name),
        };
        (
            Request::new("iam", put, json!({member: name, "PolicyName": policy, "PolicyDocument": document})),
            Request::new("iam", delete, json!({member: name, "PolicyName": policy})),
        )
    }
}
