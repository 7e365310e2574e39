//! What a user names as a source.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use crate::error::{Error, Result};
use crate::key::{is_account, is_region};

const INSTEAD: &str = "name a folder, a file, a glob or s3://bucket/prefix";

/// One place that logs lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder or file.
    Local(PathBuf),
    /// A prefix in a bucket; empty for all of it.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// Key prefix, without slashes at its ends.
        prefix: String,
    },
}

impl Location {
    /// The places that `name` stands for: one, or every match of a glob.
    ///
    /// # Errors
    /// If there is no such folder or file, a glob matches nothing, or the scheme is not `s3`.
    pub fn parse(name: &str) -> Result<Vec<Self>> {
        let refuse = |problem: String| Error::argument("source", name, problem, INSTEAD);
        if let Some(rest) = name.strip_prefix("s3://").or_else(|| name.strip_prefix("s3a://")) {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            if bucket.is_empty() {
                return Err(refuse("names no bucket".into()));
            }
            let prefix = prefix.trim_matches('/').to_owned();
            return Ok(vec![Self::S3 { bucket: bucket.to_owned(), prefix }]);
        }
        if let Some((scheme, _)) = name.split_once("://") {
            return Err(refuse(format!("has the scheme {scheme}, which trailq cannot read")));
        }
        let path = PathBuf::from(name);
        if path.exists() {
            return Ok(vec![Self::Local(path)]);
        }
        if !name.contains(['*', '?', '[']) {
            return Err(refuse("does not exist".into()));
        }
        let paths = glob::glob(name).map_err(|error| refuse(format!("is no valid glob: {error}")))?;
        let found: Vec<_> = paths.flatten().map(Self::Local).collect();
        if found.is_empty() {
            return Err(refuse("matches nothing".into()));
        }
        Ok(found)
    }

    /// Whether it is `outer` or lies below it; links are followed.
    pub fn is_below(&self, outer: &Self) -> bool {
        match (self, outer) {
            (Self::S3 { bucket, prefix }, Self::S3 { bucket: other, prefix: above }) => {
                let below = prefix.strip_prefix(above.as_str());
                let below =
                    below.is_some_and(|rest| above.is_empty() || rest.is_empty() || rest.starts_with('/'));
                bucket == other && below
            }
            (Self::Local(path), Self::Local(above)) => resolved(path).starts_with(resolved(above)),
            _ => false,
        }
    }
}

/// The path without `..`, and with the links of what exists of it followed.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut real = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(real.pop()),
            part => {
                real.push(part);
                real = real.canonicalize().unwrap_or(real);
            }
        }
    }
    real
}

impl Location {
    /// Where the digest files of this place lie, if it is (or lies inside) a folder of log files,
    /// `AWSLogs/ACCOUNT/CloudTrail/`: beside it, in `CloudTrail-Digest/`, for its region or for all.
    pub(super) fn digests(&self) -> Option<Self> {
        match self {
            Self::S3 { bucket, prefix } => {
                let prefix = digest_folder(&prefix.split('/').collect::<Vec<_>>())?.join("/");
                Some(Self::S3 { bucket: bucket.clone(), prefix })
            }
            Self::Local(path) => {
                let path = std::path::absolute(path).ok()?;
                let folders: Option<Vec<&str>> =
                    path.iter().filter(|folder| *folder != "/").map(|folder| folder.to_str()).collect();
                let beside = std::path::Path::new("/").join(digest_folder(&folders?)?.join("/"));
                beside.is_dir().then_some(Self::Local(beside))
            }
        }
    }

    /// Whether the object that CloudTrail delivered as `key` of some bucket would be found here.
    ///
    /// A place may be a copy, so only the part of its path from `AWSLogs` on is compared.
    pub(crate) fn covers(&self, key: &str) -> bool {
        match self {
            Self::S3 { prefix, .. } => lies_inside(key, prefix),
            Self::Local(path) if path.is_file() => false,
            Self::Local(path) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                lies_inside(key, &path.display().to_string())
            }
        }
    }
}

/// Whether `key` lies in the folder at `path`, as far as CloudTrail's own folders say.
pub(crate) fn lies_inside(key: &str, path: &str) -> bool {
    let folders: Vec<&str> = path.split('/').filter(|folder| !folder.is_empty()).collect();
    let Some(inside) =
        folders.iter().rposition(|folder| *folder == "AWSLogs").and_then(|at| folders.get(at..))
    else {
        return true;
    };
    let key: Vec<&str> = key.split('/').collect();
    let logs = key.iter().rposition(|folder| *folder == "AWSLogs").and_then(|at| key.get(at..));
    logs.is_some_and(|logs| logs.starts_with(inside))
}

fn digest_folder<'a>(folders: &[&'a str]) -> Option<Vec<&'a str>> {
    let is_log = |pair: &[&str]| {
        matches!(pair, [account, kind] if is_account(account)
            && kind.starts_with("CloudTrail") && *kind != "CloudTrail-Digest")
    };
    let account = folders.windows(2).rposition(is_log)?;
    let mut digests = folders.get(..=account)?.to_vec();
    digests.push("CloudTrail-Digest");
    digests.extend(folders.get(account + 2).filter(|region| is_region(region)));
    Some(digests)
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_lie_beside_log_files() {
        let digests = |prefix: &str| {
            let digests = Location::S3 { bucket: "b".into(), prefix: prefix.into() }.digests();
            digests.map(|location| location.to_string())
        };
        let some = |location: &str| Some(location.to_owned());
        let logs = "p/AWSLogs/111122223333/CloudTrail";
        assert_eq!(digests(logs), some("s3://b/p/AWSLogs/111122223333/CloudTrail-Digest"));
        let region = some("s3://b/p/AWSLogs/111122223333/CloudTrail-Digest/us-east-1");
        assert_eq!(digests(&format!("{logs}/us-east-1/2026/03/14")), region);
        assert_eq!(digests("p/AWSLogs/111122223333"), None);
        assert_eq!(digests("p/AWSLogs/111122223333/CloudTrail-Digest/us-east-1"), None);
    }

    #[test]
    fn a_place_covers_what_lies_inside_it() {
        let key = "p/AWSLogs/1/CloudTrail/us-east-1/x.json.gz";
        for path in
            ["", "q", "p/AWSLogs", "/copies/AWSLogs/1", "/old/AWSLogs/x/AWSLogs/1/CloudTrail/us-east-1"]
        {
            assert!(lies_inside(key, path), "{path}");
        }
        for path in ["AWSLogs/2", "AWSLogs/1/CloudTrail/us-east", "AWSLogs/1/CloudTrail/us-east-1/x"] {
            assert!(!lies_inside(key, path), "{path}");
        }
    }

    #[test]
    fn names_of_sources() {
        let s3 = |name: &str| Location::parse(name).unwrap().remove(0).to_string();
        assert_eq!(s3("s3://logs"), "s3://logs/");
        assert_eq!(s3("s3://logs/AWSLogs/1/"), "s3://logs/AWSLogs/1");
        assert_eq!(Location::parse("src").unwrap(), [Location::Local("src".into())]);
        assert!(Location::parse("src/sourc?/*.rs").unwrap().len() > 3);
        for (name, says) in [
            ("s3:///x", "no bucket"),
            ("gs://b/x", "scheme gs"),
            ("no/such/folder", "does not exist"),
            ("no/such/*", "matches nothing"),
            ("no/such/***", "no valid glob"),
        ] {
            let error = Location::parse(name).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(says), "{error}");
        }
    }
}
