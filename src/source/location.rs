//! What a user names as a source.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

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

/// The path with the links of what exists of it followed.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let existing = absolute.ancestors().find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    match existing {
        Some((ancestor, real)) => match absolute.strip_prefix(ancestor) {
            Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
            _ => real,
        },
        None => absolute,
    }
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
