//! Where results go, and where they may not.

use std::ffi::OsString;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use crate::source::Location;

/// A folder or prefix that results are written below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A folder of this machine: absolute, without links, `.` and `..` as far as it exists.
    Local(PathBuf),
    /// A prefix in a bucket.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// Key prefix, without slashes at its ends; empty for all of it.
        prefix: String,
    },
}

/// Why results cannot go somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationError {
    /// Not the name of a place.
    Invalid,
    /// Below the named source, which is only read.
    BelowSource(String),
}

impl fmt::Display for LocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Athena's words.
            Self::Invalid => f.write_str("outputLocation is not a valid S3 path."),
            Self::BelowSource(source) => {
                write!(f, "outputLocation lies below {source}, which is a source and is never written to")
            }
        }
    }
}

impl std::error::Error for LocationError {}

impl Output {
    /// The place that a client names: `s3://bucket/prefix/`, `file:///folder/` or an absolute path.
    ///
    /// # Errors
    /// If it is none of these.
    pub fn parse(name: &str) -> Result<Self, LocationError> {
        if let Some(rest) = name.strip_prefix("s3://").or_else(|| name.strip_prefix("s3a://")) {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let prefix = prefix.trim_matches('/');
            let is_key = object_store::path::Path::parse(prefix).is_ok();
            if !is_bucket(bucket) || !is_key {
                return Err(LocationError::Invalid);
            }
            return Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() });
        }
        let path = match name.split_once("://") {
            Some(("file", _)) => {
                let url = url::Url::parse(name).map_err(|_| LocationError::Invalid)?;
                url.to_file_path().map_err(|()| LocationError::Invalid)?
            }
            Some(_) => return Err(LocationError::Invalid),
            // Whose working directory would a relative one be of?
            None if !Path::new(name).is_absolute() => return Err(LocationError::Invalid),
            None => PathBuf::from(name),
        };
        if name.is_empty() || name.contains('\0') {
            return Err(LocationError::Invalid);
        }
        resolve(&path).map(Self::Local).ok_or(LocationError::Invalid)
    }

    /// Refuses a place below one of `sources`. A place *above* a source is none of them.
    ///
    /// # Errors
    /// Names the source.
    pub fn check_apart<'a>(
        &self,
        sources: impl IntoIterator<Item = &'a Location>,
    ) -> Result<(), LocationError> {
        match sources.into_iter().find(|source| self.is_below(source)) {
            Some(source) => Err(LocationError::BelowSource(source.to_string())),
            None => Ok(()),
        }
    }

    fn is_below(&self, source: &Location) -> bool {
        match (self, source) {
            (Self::Local(folder), Location::Local(source)) => {
                resolve(source).is_none_or(|source| folder.starts_with(source))
            }
            (Self::S3 { bucket, prefix }, Location::S3 { bucket: other, prefix: source }) => {
                let below = |prefix: &str| {
                    prefix
                        .strip_prefix(source.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || source.is_empty())
                };
                bucket == other && below(prefix)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Output {
    /// With a slash at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) if path.parent().is_none() => write!(f, "{}", path.display()),
            Self::Local(path) => write!(f, "{}/", path.display()),
            Self::S3 { bucket, prefix } if prefix.is_empty() => write!(f, "s3://{bucket}/"),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}/"),
        }
    }
}

/// Letters, digits, dots and hyphens; older buckets have upper case and underscores too.
fn is_bucket(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// The absolute path without links, `.` and `..`. What does not exist yet cannot be a link, and is
/// appended to what does. `None` if the path goes through a file, or cannot be looked at.
pub(super) fn resolve(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    let mut existing = PathBuf::new();
    let mut missing: Vec<OsString> = vec![];
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if missing.pop().is_none() {
                    existing.pop();
                }
            }
            Component::Normal(name) if missing.is_empty() => match existing.join(name).canonicalize() {
                Ok(path) => existing = path,
                // A link to nowhere would come to life once its target is made.
                Err(cause)
                    if cause.kind() == std::io::ErrorKind::NotFound && !existing.join(name).is_symlink() =>
                {
                    missing.push(name.to_owned());
                }
                Err(_) => return None,
            },
            Component::Normal(name) => missing.push(name.to_owned()),
            Component::RootDir | Component::Prefix(_) => existing.push(component),
        }
    }
    existing.extend(missing);
    Some(existing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(prefix: &str) -> Location {
        Location::S3 { bucket: "logs".into(), prefix: prefix.into() }
    }

    fn apart(output: &str, source: Location) -> bool {
        Output::parse(output).unwrap().check_apart([&source]).is_ok()
    }

    #[test]
    fn places_and_what_is_none() {
        assert_eq!(Output::parse("s3://b/x/y/").unwrap().to_string(), "s3://b/x/y/");
        assert_eq!(Output::parse("s3://b").unwrap().to_string(), "s3://b/");
        assert_eq!(Output::parse("file:///no/such/../place").unwrap().to_string(), "/no/place/");
        for invalid in [
            "",
            "bad",
            "./results",
            "s3://",
            "s3:///x",
            "gs://b/x",
            "s3://b/a/../b",
            "s3://b/a//b",
            "s3://b\n/x",
            "http://x/y",
            "file://host/x\0",
        ] {
            assert_eq!(Output::parse(invalid), Err(LocationError::Invalid), "{invalid:?}");
        }
    }

    #[test]
    fn nothing_is_written_below_a_prefix_that_is_read() {
        assert!(!apart("s3://logs/AWSLogs/results", s3("AWSLogs")));
        assert!(!apart("s3://logs/AWSLogs", s3("AWSLogs")));
        assert!(!apart("s3://logs/results", s3("")));
        assert!(!apart("s3a://logs/AWSLogs/", s3("AWSLogs")));
        assert!(apart("s3://logs/AWSLogs-results", s3("AWSLogs")));
        assert!(apart("s3://logs/", s3("AWSLogs")));
        assert!(apart("s3://other/AWSLogs", s3("AWSLogs")));
    }

    #[test]
    fn nothing_is_written_below_a_folder_that_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (source, aside) = (folder.path().join("logs"), folder.path().join("aside"));
        std::fs::create_dir(&source).unwrap();
        let local = || Location::Local(source.clone());
        let below = |path: &Path| !apart(path.to_str().unwrap(), local());
        assert!(below(&source));
        assert!(below(&source.join("new/folder")));
        assert!(below(&source.join("none/../results")));
        assert!(below(&folder.path().join("none/../logs/results")));
        assert!(!below(&aside));
        assert!(!below(folder.path()));
        assert!(!below(&folder.path().join("logs-results")));
        assert!(!below(&source.join("none/../../aside")));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&source, folder.path().join("link")).unwrap();
            assert!(below(&folder.path().join("link/results")));
            std::os::unix::fs::symlink(source.join("later"), folder.path().join("dangling")).unwrap();
            let dangling = folder.path().join("dangling/results");
            assert_eq!(Output::parse(dangling.to_str().unwrap()), Err(LocationError::Invalid));
        }
    }
}
