//! What a step is about, named so that what ends the whole ends its parts.

/// A path of names from a whole to one of its parts: kind, account, region, name, and then pairs of
/// a part's kind and name. A user's key is a part of the user.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thing(Vec<String>);

impl Thing {
    /// A whole; `region` is `None` for what is the same in all regions.
    pub fn new(kind: &str, account: Option<&str>, region: Option<&str>, name: &str) -> Self {
        let names = [kind, account.unwrap_or_default(), region.unwrap_or_default(), name];
        Self(names.map(ToOwned::to_owned).into())
    }

    /// An IAM role, by its name without path.
    pub fn role(account: Option<&str>, name: &str) -> Self {
        Self::new("iam:role", account, None, name)
    }

    /// An IAM user, by its name without path.
    pub fn user(account: Option<&str>, name: &str) -> Self {
        Self::new("iam:user", account, None, name)
    }

    /// An account's root user.
    pub fn root(account: Option<&str>) -> Self {
        Self::new("root", account, None, "")
    }

    /// A part of it.
    pub fn part(&self, kind: &str, name: &str) -> Self {
        let parts = [kind, name].map(ToOwned::to_owned);
        Self(self.0.iter().cloned().chain(parts).collect())
    }

    /// The part of a role or user that holds its own rights: denying everything is about it.
    pub fn rights(&self) -> Self {
        self.part("policy", "deny")
    }

    /// The part of a role or user that its sessions are.
    pub fn sessions(&self) -> Self {
        self.part("sessions", "")
    }

    /// An access key of a user.
    pub fn key(&self, id: &str) -> Self {
        self.part("key", id)
    }

    /// A user's console password.
    pub fn login(&self) -> Self {
        self.part("login", "")
    }

    /// Itself and the wholes that it is a part of.
    pub fn wholes(&self) -> impl Iterator<Item = Self> {
        (4..=self.0.len()).step_by(2).map(|length| Self(self.0.iter().take(length).cloned().collect()))
    }

    /// Whether it is `whole` or a part of it.
    pub fn is_within(&self, whole: &Self) -> bool {
        self.0.starts_with(&whole.0)
    }
}
