//! Who is asked about: roles and other principals, and the ARNs that name them.
//!
//! One role has several names. Its own ARN carries a path (`role/PATH/NAME`), the ARN of its
//! sessions does not (`assumed-role/NAME/SESSION`). A role name is unique in its account whatever
//! the path, so both reduce to one canonical ARN without a path.

mod principal;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

pub use principal::{Principal, User};

/// An IAM role, identified by partition, account and name.
///
/// ```
/// use trailq::Role;
/// let role: Role = "arn:aws:sts::111122223333:assumed-role/deploy/ci-42".parse()?;
/// assert_eq!(role, "arn:aws:iam::111122223333:role/svc/deploy".parse()?);
/// # Ok::<(), trailq::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Role {
    partition: String,
    account: String,
    name: String,
}

impl Role {
    /// The 12-digit account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The role's name, without path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ARN of the role's session called `name`.
    pub fn session_arn(&self, name: &str) -> String {
        format!("arn:{}:sts::{}:assumed-role/{}/{name}", self.partition, self.account, self.name)
    }

    /// The role's ARN without its path: the form every name of the role is compared in.
    pub fn canonical_arn(&self) -> String {
        format!("arn:{}:iam::{}:role/{}", self.partition, self.account, self.name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical_arn())
    }
}

impl FromStr for Role {
    type Err = Error;

    /// Accepts a role ARN (any partition, with or without a path) or the ARN of one of its sessions.
    fn from_str(given: &str) -> Result<Self> {
        const INSTEAD: &str = "write arn:aws:iam::111122223333:role/NAME";
        let given = given.trim();
        let refuse = |problem: &str| Error::argument("role", given, problem, INSTEAD);
        let Some(arn) = Arn::parse(given) else {
            return Err(refuse("is not an ARN"));
        };
        let Some(name) = arn.role_name() else {
            return Err(match (arn.service, arn.resource.split('/').next()) {
                ("iam", Some("user")) => refuse("is a user, not a role"),
                ("iam", Some("instance-profile")) => refuse("is an instance profile, not the role in it"),
                ("iam", Some("role")) | ("sts", Some("assumed-role")) => refuse("has no valid role name"),
                _ => refuse("is the ARN of something other than a role or a role session"),
            });
        };
        if !is_account(arn.account) {
            return Err(refuse("has no 12-digit account id"));
        }
        Ok(Self {
            partition: arn.partition.to_owned(),
            account: arn.account.to_owned(),
            name: name.to_owned(),
        })
    }
}

/// The parts of an ARN that matter here; borrowed from its text.
struct Arn<'a> {
    partition: &'a str,
    service: &'a str,
    account: &'a str,
    resource: &'a str,
}

impl<'a> Arn<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let (partition, service, _region) = (parts.next()?, parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        (partition.starts_with("aws") && !resource.is_empty()).then_some(Self {
            partition,
            service,
            account,
            resource,
        })
    }

    /// The role's name if this is the ARN of a role or of a role's session.
    fn role_name(&self) -> Option<&'a str> {
        let name = match self.service {
            "iam" => self.resource.strip_prefix("role/")?.rsplit('/').next()?,
            // Logs that were made anonymous lack the session's name now and then.
            "sts" => self.resource.strip_prefix("assumed-role/")?.split('/').next()?,
            _ => return None,
        };
        is_iam_name(name).then_some(name)
    }
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// IAM's rule for names of roles and users: 1 to 64 of `[A-Za-z0-9_+=,.@-]`.
pub(crate) fn is_iam_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// The canonical ARN of the role that `arn` names, be it the role's own ARN (path dropped) or a
/// session's; `None` for anything else. Borrows where the text already is canonical.
pub(crate) fn canonical_role_arn(arn: &str) -> Option<Cow<'_, str>> {
    let parsed = Arn::parse(arn)?;
    let name = parsed.role_name()?;
    if parsed.service == "iam" && parsed.resource.len() == "role/".len() + name.len() {
        return Some(Cow::Borrowed(arn));
    }
    Some(Cow::Owned(format!("arn:{}:iam::{}:role/{}", parsed.partition, parsed.account, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_role_is_one_role() {
        let role: Role = "arn:aws:iam::111122223333:role/web-app".parse().unwrap();
        for other in [
            "arn:aws:iam::111122223333:role/svc/deep/web-app",
            "arn:aws:sts::111122223333:assumed-role/web-app/i-0abc",
            " arn:aws:sts::111122223333:assumed-role/web-app/a@b.c\n",
            "arn:aws:sts::111122223333:assumed-role/web-app",
        ] {
            assert_eq!(role, other.parse().unwrap(), "{other}");
        }
        for lookalike in [
            "arn:aws:iam::111122223333:role/web-app-ro",
            "arn:aws:iam::444455556666:role/web-app",
            "arn:aws-cn:iam::111122223333:role/web-app",
        ] {
            assert_ne!(role, lookalike.parse().unwrap(), "{lookalike}");
        }
    }

    #[test]
    fn what_is_no_role_is_refused_with_advice() {
        for (given, says) in [
            ("web-app", "is not an ARN"),
            ("arn:aws:iam::111122223333:user/web-app", "is a user"),
            ("arn:aws:iam::111122223333:instance-profile/web-app", "instance profile"),
            ("arn:aws:iam::111122223333:role/", "has no valid role name"),
            ("arn:aws:iam::1111:role/web-app", "12-digit"),
            ("arn:aws:s3:::bucket", "something other than a role"),
            ("", "is not an ARN"),
        ] {
            let error = given.parse::<Role>().unwrap_err();
            assert!(error.is_usage());
            assert!(error.to_string().contains(says), "{error}");
            assert!(error.to_string().contains("write arn:aws:iam::"), "{error}");
        }
    }

    #[test]
    fn canonical_form_drops_path_and_session() {
        let canonical = |arn| canonical_role_arn(arn).map(Cow::into_owned);
        assert_eq!(
            canonical("arn:aws:sts::111122223333:assumed-role/a/b").as_deref(),
            Some("arn:aws:iam::111122223333:role/a")
        );
        assert_eq!(canonical("arn:aws:iam::111122223333:user/a"), None);
        assert_eq!(canonical("arn:aws:iam::111122223333:role/a\nb"), None);
    }
}
