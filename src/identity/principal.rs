//! Everything a timeline can be about.

use std::fmt;
use std::net::IpAddr;

use super::{Arn, Role, is_account, is_iam_name};
use crate::error::{Error, Result};

/// Who, or what, a timeline is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// A role: all of its sessions.
    Role(Role),
    /// One session of a role, by its name.
    Session {
        /// The role.
        role: Role,
        /// `RoleSessionName`, as its caller chose it.
        name: String,
    },
    /// An IAM user, an account's root user, or a federated user.
    User(User),
    /// An access key id: `AKIA…` for a long time, `ASIA…` for a session.
    AccessKey(String),
    /// The unique id of a role (`AROA…`), a user (`AIDA…`) or another principal.
    PrincipalId {
        /// The id.
        id: String,
        /// Only this session of it.
        session: Option<String>,
    },
    /// The address that calls came from.
    Address(IpAddr),
    /// A resource, by its ARN: what touched it.
    Resource(String),
}

/// An IAM user, an account's root user, or a federated user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct User {
    arn: String,
    account: String,
    name: String,
}

impl User {
    /// The ARN as given.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The 12-digit account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The name that IAM knows the user by; `None` for root and federated users.
    pub fn iam_name(&self) -> Option<&str> {
        self.arn.contains(":user/").then_some(self.name.as_str())
    }

    /// The name without path; `root` for a root user.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl From<Role> for Principal {
    fn from(role: Role) -> Self {
        Self::Role(role)
    }
}

impl Principal {
    /// A role, by its ARN or that of one of its sessions.
    ///
    /// # Errors
    /// If `given` is no such ARN; as all of these, with what to write instead.
    pub fn role(given: &str) -> Result<Self> {
        given.parse().map(Self::Role)
    }

    /// One session of a role, by `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
    ///
    /// # Errors
    /// If `given` is no such ARN.
    pub fn session(given: &str) -> Result<Self> {
        const INSTEAD: &str = "write arn:aws:sts::111122223333:assumed-role/NAME/SESSION";
        let given = given.trim();
        let name = Arn::parse(given)
            .and_then(|arn| arn.resource.strip_prefix("assumed-role/")?.split_once('/'))
            .map(|(_, session)| session.to_owned())
            .filter(|name| !name.is_empty());
        let Some((name, role)) = name.zip(given.parse().ok()) else {
            return Err(Error::argument("session", given, "is not the ARN of a role session", INSTEAD));
        };
        Ok(Self::Session { role, name })
    }

    /// A user, by `arn:aws:iam::ACCOUNT:user/NAME`, `…:root` or `arn:aws:sts::ACCOUNT:federated-user/NAME`.
    ///
    /// # Errors
    /// If `given` is no such ARN.
    pub fn user(given: &str) -> Result<Self> {
        const INSTEAD: &str = "write arn:aws:iam::111122223333:user/NAME";
        let given = given.trim();
        let refuse = |problem: &str| Error::argument("user", given, problem, INSTEAD);
        let arn = Arn::parse(given).ok_or_else(|| refuse("is not an ARN"))?;
        let name = match arn.service {
            "iam" if arn.resource == "root" => Some("root"),
            "iam" => arn.resource.strip_prefix("user/").and_then(|path| path.rsplit('/').next()),
            "sts" => arn.resource.strip_prefix("federated-user/"),
            _ => None,
        };
        let name = name.filter(|name| is_iam_name(name)).ok_or_else(|| refuse("is not the ARN of a user"))?;
        if !is_account(arn.account) {
            return Err(refuse("has no 12-digit account id"));
        }
        let (arn, account) = (given.to_owned(), arn.account.to_owned());
        Ok(Self::User(User { arn, account, name: name.to_owned() }))
    }

    /// An access key id.
    ///
    /// # Errors
    /// If `given` does not look like one.
    pub fn access_key(given: &str) -> Result<Self> {
        let given = given.trim();
        match given.get(..4) {
            Some("AKIA" | "ASIA" | "ABIA") if is_id(given) => Ok(Self::AccessKey(given.to_owned())),
            _ => Err(Error::argument(
                "access key",
                given,
                "is not an access key id",
                "write the id (AKIA… or ASIA…), never the secret",
            )),
        }
    }

    /// A principal id, alone or with a session's name behind a colon.
    ///
    /// # Errors
    /// If `given` does not look like one.
    pub fn principal_id(given: &str) -> Result<Self> {
        const INSTEAD: &str = "write AROA…, AROA…:SESSION or AIDA…";
        let given = given.trim();
        let (id, session) = match given.split_once(':') {
            Some((id, session)) => (id, Some(session)),
            None => (given, None),
        };
        let is_key = matches!(id.get(..4), Some("AKIA" | "ASIA"));
        if !is_id(id) || is_key || session.is_some_and(str::is_empty) {
            return Err(Error::argument("principal id", given, "is not a principal id", INSTEAD));
        }
        Ok(Self::PrincipalId { id: id.to_owned(), session: session.map(ToOwned::to_owned) })
    }

    /// A source address.
    ///
    /// # Errors
    /// If `given` is no IPv4 or IPv6 address.
    pub fn address(given: &str) -> Result<Self> {
        let address = given.trim().parse().map_err(|_| {
            Error::argument("address", given, "is not an IP address", "write 203.0.113.7 or 2001:db8::7")
        })?;
        Ok(Self::Address(address))
    }

    /// A resource, by its ARN.
    ///
    /// # Errors
    /// If `given` is no ARN.
    pub fn resource(given: &str) -> Result<Self> {
        let given = given.trim();
        match Arn::parse(given) {
            Some(_) => Ok(Self::Resource(given.to_owned())),
            None => Err(Error::argument(
                "resource",
                given,
                "is not an ARN",
                "write arn:aws:s3:::BUCKET or its like",
            )),
        }
    }
}

impl fmt::Display for Principal {
    /// The option value that names it again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role(role) => role.fmt(f),
            Self::Session { role, name } => f.write_str(&role.session_arn(name)),
            Self::User(user) => f.write_str(&user.arn),
            Self::AccessKey(id) | Self::Resource(id) | Self::PrincipalId { id, session: None } => {
                f.write_str(id)
            }
            Self::PrincipalId { id, session: Some(session) } => write!(f, "{id}:{session}"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// 16 to 128 capital letters and digits: the form of all of AWS's unique ids.
fn is_id(text: &str) -> bool {
    (16..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_principal_names_it_again() {
        type Parse = fn(&str) -> Result<Principal>;
        let session = "arn:aws-us-gov:sts::111122223333:assumed-role/deploy/ci@42";
        for (parse, text) in [
            (Principal::role as Parse, "arn:aws:iam::111122223333:role/deploy"),
            (Principal::session, session),
            (Principal::user, "arn:aws:iam::111122223333:user/ops/alice"),
            (Principal::user, "arn:aws:iam::111122223333:root"),
            (Principal::user, "arn:aws:sts::111122223333:federated-user/fed"),
            (Principal::access_key, "ASIAIOSFODNN7EXAMPLE"),
            (Principal::principal_id, "AROAIOSFODNN7EXAMPLE"),
            (Principal::principal_id, "AROAIOSFODNN7EXAMPLE:a:b"),
            (Principal::address, "2001:db8::7"),
            (Principal::resource, "arn:aws:s3:::bucket/key"),
        ] {
            let principal = parse(text).unwrap();
            assert_eq!(principal.to_string(), text);
            assert_eq!(parse(&principal.to_string()).unwrap(), principal);
        }
    }

    #[test]
    fn what_is_none_is_refused_with_advice() {
        type Parse = fn(&str) -> Result<Principal>;
        for (parse, text) in [
            (Principal::session as Parse, "arn:aws:iam::111122223333:role/deploy"),
            (Principal::session, "arn:aws:sts::111122223333:assumed-role/deploy/"),
            (Principal::user, "alice"),
            (Principal::user, "arn:aws:iam::111122223333:role/deploy"),
            (Principal::user, "arn:aws:iam::1:user/alice"),
            (Principal::access_key, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            (Principal::principal_id, "ASIAIOSFODNN7EXAMPLE"),
            (Principal::principal_id, "AROAIOSFODNN7EXAMPLE:"),
            (Principal::address, "10.0.0.0/8"),
            (Principal::resource, "bucket"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.is_usage(), "{text}");
            assert!(error.to_string().contains("; write "), "{error}");
        }
    }
}
