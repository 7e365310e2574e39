//! Rule files and the documents in them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use walkdir::WalkDir;

use crate::error::{Error, Result};

use super::Refused;

/// Bytes that a rule file may have.
const LARGEST: u64 = 1 << 20;

/// One YAML document.
#[derive(Debug)]
pub struct Document {
    /// The file it is in.
    pub path: PathBuf,
    /// Its place among the file's documents, from 0.
    pub nth: usize,
    /// What it says.
    pub body: Map<String, Value>,
}

impl Document {
    /// A text, or a number as one.
    pub fn text(&self, key: &str) -> Option<String> {
        text(self.body.get(key)?)
    }

    /// A list of texts; one may stand alone.
    pub fn texts(&self, key: &str) -> Vec<String> {
        self.body.get(key).map(texts).unwrap_or_default()
    }

    /// What a rule can be called by.
    pub fn called(&self) -> Option<String> {
        self.text("title").or_else(|| self.text("id")).or_else(|| self.text("name"))
    }

    /// Refuses it.
    pub fn refused(&self, reason: impl Into<String>) -> Refused {
        Refused { path: self.path.clone(), rule: self.called(), reason: reason.into() }
    }
}

/// A text, or a number as one.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The texts of a list; one may stand alone.
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

/// Every document of the rule file, or of all below the folder, at `root`, in the order of paths;
/// what could not be read is added to `refused`.
///
/// # Errors
/// If there is nothing at `root`, or it cannot be read.
pub fn documents(root: &Path, refused: &mut Vec<Refused>) -> Result<Vec<Document>> {
    let unreadable = |cause: String| {
        let instead = "name a Sigma rule file or a folder of them";
        Error::argument("rules", root.display().to_string(), format!("cannot be read: {cause}"), instead)
    };
    if std::fs::metadata(root).map_err(|cause| unreadable(cause.to_string()))?.is_dir() {
        std::fs::read_dir(root).map_err(|cause| unreadable(cause.to_string()))?;
    } else {
        File::open(root).map_err(|cause| unreadable(cause.to_string()))?;
    }
    let mut documents = vec![];
    // Folders that are mounted often hold links; loops of them are told as errors.
    for entry in WalkDir::new(root).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && (entry.depth() == 0 || is_yaml(entry.path())) => {
                read(entry.path(), &mut documents, refused);
            }
            Ok(_) => {}
            Err(cause) => {
                let path = cause.path().unwrap_or(root).to_owned();
                refused.push(Refused { path, rule: None, reason: cause.to_string() });
            }
        }
    }
    Ok(documents)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "yml" || ending == "yaml")
}

fn read(path: &Path, documents: &mut Vec<Document>, refused: &mut Vec<Refused>) {
    let refuse = |reason| Refused { path: path.to_owned(), rule: None, reason };
    let mut bytes = vec![];
    match File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)) {
        Err(cause) => return refused.push(refuse(format!("cannot be read: {cause}"))),
        Ok(_) if bytes.len() as u64 > LARGEST => return refused.push(refuse("is larger than 1 MiB".into())),
        Ok(_) => {}
    }
    // `no` is a text that CloudTrail writes, and no boolean of YAML 1.2.
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    for (nth, body) in serde_saphyr::read_with_options(&mut bytes.as_slice(), options).enumerate() {
        match body {
            Ok(Value::Object(body)) => documents.push(Document { path: path.to_owned(), nth, body }),
            Ok(_) => refused.push(refuse("is no rule: a map is wanted".into())),
            Err(cause) => refused.push(refuse(format!("is no usable YAML: {cause}"))),
        }
    }
}
