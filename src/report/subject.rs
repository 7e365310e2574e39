//! Whom a case is about, in words, and as an argument.

use crate::identity::Principal;
use crate::report::sentence::Sentence;

/// Whom a case is about.
pub struct Subject<'a> {
    given: &'a str,
    principal: Option<Principal>,
}

impl<'a> Subject<'a> {
    /// From a principal as its option takes it.
    pub fn of(given: &'a str) -> Self {
        let is_session = given.contains(":assumed-role/");
        let found = match given {
            session if is_session => Principal::session(session),
            role if role.contains(":role/") => Principal::role(role),
            other => Principal::user(other)
                .or_else(|_| Principal::access_key(other))
                .or_else(|_| Principal::principal_id(other))
                .or_else(|_| Principal::address(other))
                .or_else(|_| Principal::resource(other)),
        };
        Self { given, principal: found.ok() }
    }

    /// `the role deploy of account 111122223333`.
    pub fn described(&self) -> Sentence {
        let in_account = |what: &str, name: &str, account: &str| {
            Sentence::of(format!("the {what} ")).name(name).say(" of account ").name(account)
        };
        match &self.principal {
            Some(Principal::Role(role)) => in_account("role", role.name(), role.account()),
            Some(Principal::Session { role, name }) => Sentence::of("the session ")
                .name(name)
                .say(" of ")
                .then(in_account("role", role.name(), role.account())),
            Some(Principal::User(user)) if user.arn().ends_with(":root") => {
                Sentence::of("the root user of account ").name(user.account())
            }
            Some(Principal::User(user)) => in_account("user", user.name(), user.account()),
            Some(Principal::AccessKey(key)) => Sentence::of("the access key ").name(key),
            Some(Principal::PrincipalId { .. }) => Sentence::of("the principal ").name(self.given),
            Some(Principal::Address(_)) => Sentence::of("the address ").name(self.given),
            Some(Principal::Resource(_)) => Sentence::of("the resource ").name(self.given),
            None => Sentence::default().name(self.given),
        }
    }

    /// The same in a few words, for a title: `role deploy`.
    pub fn titled(&self) -> String {
        match &self.principal {
            Some(Principal::Role(role)) => format!("role {}", role.name()),
            Some(Principal::Session { role, name }) => format!("session {}/{name}", role.name()),
            Some(Principal::User(user)) => format!("user {}", user.name()),
            Some(Principal::AccessKey(key)) => format!("access key {key}"),
            Some(Principal::PrincipalId { .. }) => format!("principal {}", self.given),
            Some(Principal::Address(_)) => format!("address {}", self.given),
            Some(Principal::Resource(_)) => format!("resource {}", resource_name(self.given)),
            None => self.given.to_owned(),
        }
    }

    /// What kind of thing it is, for readers who do not work with AWS; nothing where a word says it.
    pub fn explained(&self) -> Option<&'static str> {
        match &self.principal {
            Some(Principal::Role(_)) => {
                Some("A role is a set of rights that programs and people take on for a while.")
            }
            Some(Principal::Session { .. }) => Some(
                "A session is one stretch of use of a role, which is a set of rights to take on for a while.",
            ),
            Some(Principal::AccessKey(_)) => {
                Some("An access key is to a program what name and password are to a person.")
            }
            Some(Principal::User(user)) if user.arn().ends_with(":root") => {
                Some("The root user owns the account and may do everything in it.")
            }
            _ => None,
        }
    }

    /// Whether calls are by it; calls come *from* an address, and touch a resource.
    pub fn is_caller(&self) -> bool {
        !matches!(self.principal, Some(Principal::Address(_) | Principal::Resource(_)))
    }

    /// The option that takes it, if it is known which.
    pub fn option(&self) -> Option<&'static str> {
        self.principal.as_ref().map(|principal| match principal {
            Principal::Role(_) => "--role",
            Principal::Session { .. } => "--session",
            Principal::User(_) => "--user",
            Principal::AccessKey(_) => "--access-key",
            Principal::PrincipalId { .. } => "--principal-id",
            Principal::Address(_) => "--ip",
            Principal::Resource(_) => "--resource",
        })
    }
}

/// What an ARN has behind the account: `arn:partition:service:region:account:name`.
fn resource_name(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).filter(|name| !name.is_empty()).unwrap_or(arn)
}

/// The holder of a credential, by its label in a tree of sessions or by its ARN: `the user eve of
/// account 111122223333`.
pub fn holder(label: &str) -> Sentence {
    if label.starts_with("arn:") {
        return Subject::of(label).described();
    }
    let parts = label.split_once(':').and_then(|(account, rest)| Some((account, rest.split_once('/')?)));
    match parts {
        Some((account, ("user", name))) => {
            Sentence::of("the user ").name(name).say(" of account ").name(account)
        }
        Some((account, ("assumed-role", session))) => {
            let (role, session) = session.split_once('/').unwrap_or((session, ""));
            let sentence = Sentence::of("the role ").name(role).say(" of account ").name(account);
            if session.is_empty() { sentence } else { sentence.say(" (session ").name(session).say(")") }
        }
        _ => Sentence::default().name(label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_in_words() {
        for (given, described, option) in [
            ("arn:aws:iam::111122223333:role/svc/app", "the role app of account 111122223333", "--role"),
            (
                "arn:aws:sts::111122223333:assumed-role/app/x",
                "the session x of the role app of account 111122223333",
                "--session",
            ),
            ("arn:aws:iam::111122223333:user/eve", "the user eve of account 111122223333", "--user"),
            ("arn:aws:iam::111122223333:root", "the root user of account 111122223333", "--user"),
            ("AKIAIOSFODNN7EXAMPLE", "the access key AKIAIOSFODNN7EXAMPLE", "--access-key"),
            ("AROAIOSFODNN7EXAMPLE", "the principal AROAIOSFODNN7EXAMPLE", "--principal-id"),
            ("192.0.2.7", "the address 192.0.2.7", "--ip"),
            ("arn:aws:s3:::logs", "the resource arn:aws:s3:::logs", "--resource"),
        ] {
            let subject = Subject::of(given);
            assert_eq!(subject.described().plain(), described);
            assert_eq!(subject.option(), Some(option));
        }
        assert_eq!(Subject::of("everyone").described().plain(), "everyone");
    }

    #[test]
    fn resources_have_short_titles() {
        let titled = |given| Subject::of(given).titled();
        assert_eq!(titled("arn:aws:s3:::logs"), "resource logs");
        let function = "arn:aws:lambda:eu-west-1:111122223333:function:f";
        assert_eq!(titled(function), "resource function:f");
    }

    #[test]
    fn holders_in_words() {
        for (label, words) in [
            ("111122223333:user/eve", "the user eve of account 111122223333"),
            ("111122223333:assumed-role/app/x/y", "the role app of account 111122223333 (session x/y)"),
            ("arn:aws:iam::111122223333:role/app", "the role app of account 111122223333"),
            ("AROAEXAMPLE", "AROAEXAMPLE"),
        ] {
            assert_eq!(holder(label).plain(), words);
        }
    }
}
