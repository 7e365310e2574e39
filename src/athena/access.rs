//! Who may ask.
//!
//! With keys, every request has to be signed by one of them. Without, only this machine is served,
//! and browsers are kept out: a page of another site can send requests to the loopback address, too,
//! under that address or under a name that resolves to it.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use hyper::HeaderMap;
use hyper::header::{HOST, ORIGIN};

use super::error::{ApiError, ApiResult, ErrorKind};
use crate::error::{Error, Result};

/// Who may ask.
#[derive(Debug)]
pub enum Access {
    /// Programs of this machine.
    Loopback,
    /// Who has one of these keys.
    Signed(Keys),
}

/// Secrets by access key id.
#[derive(Default)]
pub struct Keys(HashMap<String, Secret>);

/// What belongs to an access key id.
#[derive(Clone)]
pub struct Secret {
    /// The secret access key.
    pub key: String,
    /// The session token that has to come with it.
    pub token: Option<String>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Keys {
    /// Reads a file in the form of `~/.aws/credentials`; the names of its profiles mean nothing.
    ///
    /// # Errors
    /// If it cannot be read, a profile is not whole, or there is none.
    pub fn read(path: &Path) -> Result<Self> {
        let refuse = |problem: String| {
            let instead = "name a file of profiles with aws_access_key_id and aws_secret_access_key";
            Error::argument("credentials file", path.display().to_string(), problem, instead)
        };
        let text =
            std::fs::read_to_string(path).map_err(|cause| refuse(format!("cannot be read: {cause}")))?;
        Self::parse(&text).map_err(refuse)
    }

    /// The keys that a file's text holds.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut keys = Self::default();
        let mut profile: HashMap<&str, &str> = HashMap::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if line.starts_with('[') {
                keys.add(&std::mem::take(&mut profile))?;
                continue;
            }
            let (name, value) =
                line.split_once('=').ok_or_else(|| format!("has no name = value in line {}", number + 1))?;
            profile.insert(name.trim(), value.trim());
        }
        keys.add(&profile)?;
        if keys.0.is_empty() {
            return Err("has no keys".to_owned());
        }
        Ok(keys)
    }

    fn add(&mut self, profile: &HashMap<&str, &str>) -> Result<(), String> {
        let text =
            |name: &str| profile.get(name).filter(|value| !value.is_empty()).map(|&value| value.to_owned());
        match (text("aws_access_key_id"), text("aws_secret_access_key")) {
            (Some(id), Some(key)) => {
                self.0.insert(id, Secret { key, token: text("aws_session_token") });
                Ok(())
            }
            (None, None) => Ok(()),
            (Some(id), None) => Err(format!("has no secret for {id}")),
            (None, Some(_)) => Err("has a secret without an access key id".to_owned()),
        }
    }

    /// What belongs to `id`.
    pub fn get(&self, id: &str) -> Option<&Secret> {
        self.0.get(id)
    }
}

/// Refuses to be reached by others than programs of this machine.
///
/// # Errors
/// If `address` is not of the loopback.
pub fn check_loopback(address: SocketAddr) -> Result<()> {
    if address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(Error::argument(
        "address",
        address.to_string(),
        "can be reached from other machines",
        "give --credentials FILE, so that requests have to be signed, or listen on 127.0.0.1",
    ))
}

/// Refuses what a browser sends for a page, and who is not of this machine.
///
/// # Errors
/// `AccessDeniedException`.
pub fn check_local(peer: SocketAddr, headers: &HeaderMap) -> ApiResult<()> {
    let refuse = |why: &str| Err(ApiError::new(ErrorKind::AccessDenied, why));
    if !peer.ip().to_canonical().is_loopback() {
        return refuse("only this machine is served without credentials");
    }
    if headers.contains_key(ORIGIN) {
        return refuse("requests of web pages are not served");
    }
    match headers.get(HOST).and_then(|host| host.to_str().ok()) {
        Some(host) if is_loopback_host(host) => Ok(()),
        _ => refuse("the Host header must name the loopback address or localhost"),
    }
}

/// Whether `host`, with or without a port, names the loopback as it is.
fn is_loopback_host(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_this_machine() {
        for host in ["localhost", "LOCALHOST:8900", "127.0.0.1:1", "127.9.9.9", "[::1]:80", "[::1]"] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in ["", "evil.example:8900", "127.0.0.1.evil.example", "localhost.evil", "10.0.0.1", "[::2]"]
        {
            assert!(!is_loopback_host(host), "{host}");
        }
    }

    #[test]
    fn only_the_loopback_needs_no_keys() {
        for address in ["127.0.0.1:0", "[::1]:80", "[::ffff:127.0.0.1]:1"] {
            assert!(check_loopback(address.parse().unwrap()).is_ok(), "{address}");
        }
        for address in ["0.0.0.0:0", "[::]:80", "192.0.2.1:1"] {
            let error = check_loopback(address.parse().unwrap()).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains("--credentials"), "{error}");
        }
    }

    #[test]
    fn credentials_are_profiles() {
        let keys = Keys::parse(
            "# mine\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key=a=b\n\n\
             [other]\naws_access_key_id=ASIA2\naws_secret_access_key=c\naws_session_token = t\nregion = x\n",
        )
        .unwrap();
        assert_eq!((keys.get("AKIA1").unwrap().key.as_str(), keys.0.len()), ("a=b", 2));
        assert_eq!(keys.get("ASIA2").unwrap().token.as_deref(), Some("t"));
        assert!(!format!("{keys:?}").contains("a=b"), "secrets are not for logs");
        for broken in ["", "[x]\n", "aws_access_key_id=A\n", "aws_secret_access_key=A\n", "nonsense\n"] {
            assert!(Keys::parse(broken).is_err(), "{broken}");
        }
    }
}
