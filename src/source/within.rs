//! A place in a bucket, found among the sources: itself, or its copy in a folder.

use std::path::{Component, Path, PathBuf};

use super::{Location, Sources, Store};

/// What the sources hold of a place in a bucket.
#[derive(Debug, Clone)]
pub enum Within {
    /// They hold it.
    Found {
        /// What they hold of it.
        sources: Sources,
        /// How the names of its objects begin, with a `/` at the end.
        roots: Vec<String>,
    },
    /// They are folders of this machine, and none is a copy of it.
    Absent,
    /// They are buckets, and it is in none of them.
    Elsewhere,
}

impl Sources {
    /// The part of the sources that is, or is a copy of, the folder `key` of `bucket`.
    ///
    /// A copy is a folder whose path ends as the key does, or from `AWSLogs` on; a source may also
    /// lie inside the place.
    pub fn within(&self, bucket: &str, key: &str) -> Within {
        let folders: Vec<&str> = key.split('/').filter(|folder| !folder.is_empty()).collect();
        let mut found: Vec<(Location, Store, String)> = vec![];
        for (location, store) in &self.locations {
            let place = match location {
                Location::S3 { bucket: known, prefix } => {
                    (known == bucket).then(|| in_bucket(bucket, prefix, &folders)).flatten()
                }
                Location::Local(path) => copy(path, bucket, &folders),
            };
            found.extend(place.map(|(location, root)| (location, store.clone(), root)));
        }
        if found.is_empty() {
            let local = self.locations.iter().any(|(location, _)| matches!(location, Location::Local(_)));
            return if local { Within::Absent } else { Within::Elsewhere };
        }
        let mut roots: Vec<String> = found.iter().map(|(_, _, root)| root.clone()).collect();
        roots.sort_unstable();
        roots.dedup();
        let locations = found.into_iter().map(|(location, store, _)| (location, store)).collect();
        let sources = Self { locations, options: self.options.clone(), is_part: true };
        Within::Found { sources, roots }
    }

    /// These sources and others, together.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.locations.extend(others.locations);
        self.is_part |= others.is_part;
        self
    }

    /// The sources, as they were named.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.locations.iter().map(|(location, _)| location.to_string())
    }
}

/// The inner one of a source's prefix and the place, if one lies inside the other.
fn in_bucket(bucket: &str, prefix: &str, folders: &[&str]) -> Option<(Location, String)> {
    let source: Vec<&str> = prefix.split('/').filter(|folder| !folder.is_empty()).collect();
    let inner = if source.len() >= folders.len() { source.as_slice() } else { folders };
    if !(inner.starts_with(folders) && inner.starts_with(&source)) {
        return None;
    }
    let location = Location::S3 { bucket: bucket.to_owned(), prefix: inner.join("/") };
    let root = std::iter::once(bucket).chain(folders.iter().copied()).collect::<Vec<_>>().join("/");
    Some((location, format!("s3://{root}/")))
}

/// The copy of the place in the source at `path`, and what its objects' names begin with.
fn copy(path: &Path, bucket: &str, folders: &[&str]) -> Option<(Location, String)> {
    let key: Vec<&str> = std::iter::once(bucket).chain(folders.iter().copied()).collect();
    let source: Vec<&str> = path
        .components()
        .filter_map(|component| match component {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    inside(path, &key).or_else(|| around(path, &source, &key))
}

/// The place is a folder inside the source: a tail of its key lies there, and what is left out of
/// the key is what the source's path ends with, the bucket, or what comes before `AWSLogs`.
fn inside(path: &Path, key: &[&str]) -> Option<(Location, String)> {
    let logs = key.iter().position(|folder| *folder == "AWSLogs");
    for start in 0..=key.len() {
        let (head, tail) = key.split_at_checked(start)?;
        // A folder's name in a key is data: it must not lead out of the source.
        if tail.iter().any(|folder| matches!(*folder, "." | ".." | "")) {
            return None;
        }
        let ends_with_head = (0..start)
            .filter_map(|at| head.get(at..))
            .any(|suffix| path.ends_with(suffix.iter().collect::<PathBuf>()));
        let known = start <= 1 || Some(start) == logs || ends_with_head;
        let folder = tail.iter().fold(path.to_owned(), |path, folder| path.join(folder));
        if known && folder.is_dir() {
            let root = format!("{}/", folder.display().to_string().trim_end_matches('/'));
            return Some((Location::Local(folder), root));
        }
    }
    None
}

/// The source lies inside the place: its path has the key's tail, from `AWSLogs` or the bucket on,
/// somewhere in the middle.
fn around(path: &Path, source: &[&str], key: &[&str]) -> Option<(Location, String)> {
    let from = key.iter().position(|folder| *folder == "AWSLogs").unwrap_or_default();
    let tail = key.get(from..)?;
    let at = source.windows(tail.len().max(1)).position(|window| window == tail)?;
    let deeper = source.len().checked_sub(at + tail.len())?;
    let root = path.ancestors().nth(deeper)?;
    Some((Location::Local(path.to_owned()), format!("{}/", root.display())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::StoreOptions;

    fn prefix(source: &str, place: &str) -> Option<(String, String)> {
        let place: Vec<&str> = place.split('/').filter(|folder| !folder.is_empty()).collect();
        in_bucket("b", source, &place).map(|(location, root)| (location.to_string(), root))
    }

    #[test]
    fn the_inner_prefix_is_read() {
        let some = |location: &str, root: &str| Some((location.to_owned(), root.to_owned()));
        assert_eq!(prefix("", "AWSLogs/1/"), some("s3://b/AWSLogs/1", "s3://b/AWSLogs/1/"));
        assert_eq!(prefix("AWSLogs/1", "AWSLogs"), some("s3://b/AWSLogs/1", "s3://b/AWSLogs/"));
        assert_eq!(prefix("AWSLogs", "AWSLogs"), some("s3://b/AWSLogs", "s3://b/AWSLogs/"));
        assert_eq!(prefix("", ""), some("s3://b/", "s3://b/"));
        assert_eq!(prefix("AWSLogs/1", "AWSLogs/12"), None);
        assert_eq!(prefix("a", "AWSLogs"), None);
    }

    async fn found(source: &Path, key: &str) -> Option<Vec<String>> {
        let options = StoreOptions::default();
        let sources = Sources::open(&[source.to_str().unwrap()], &options).await.unwrap();
        match sources.within("bucket", key) {
            Within::Found { roots, .. } => Some(roots),
            Within::Absent | Within::Elsewhere => None,
        }
    }

    #[tokio::test]
    async fn copies_of_a_place() {
        let temporary = tempfile::tempdir().unwrap();
        let base = temporary.path();
        std::fs::create_dir_all(base.join("copy/AWSLogs/1/CloudTrail/us-east-1")).unwrap();
        std::fs::create_dir_all(base.join("bucket/logs")).unwrap();
        let place = "org/AWSLogs/1/CloudTrail";
        let whole = vec![format!("{}/copy/AWSLogs/1/CloudTrail/", base.display())];
        for source in ["copy", "copy/AWSLogs", "copy/AWSLogs/1", "copy/AWSLogs/1/CloudTrail/us-east-1"] {
            assert_eq!(found(&base.join(source), place).await.as_ref(), Some(&whole), "{source}");
        }
        assert_eq!(found(&base.join("copy"), "AWSLogs/2/").await, None);
        assert_eq!(found(&base.join("copy"), "AWSLogs/1/../..").await, None);
        for source in ["", "bucket", "bucket/logs"] {
            let expected = vec![format!("{}/bucket/logs/", base.display())];
            assert_eq!(found(&base.join(source), "logs").await, Some(expected), "{source}");
        }
        let expected = vec![format!("{}/copy/", base.display())];
        assert_eq!(found(&base.join("copy"), "").await, Some(expected));
    }
}
