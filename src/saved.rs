//! Saved questions: SQL in a file whose header names it, describes it and types its parameters.
//!
//! Those of `queries/questions` come with trailq; a folder of one's own adds to them.

use std::collections::HashMap;
use std::path::Path;

use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::scalar::ScalarValue;
use include_dir::{Dir, include_dir};

use crate::error::{Error, Result};
use crate::query::{NamedQuery, Param};
use crate::sql::{Answer, Engine, Session};
use crate::window::parse_time;

static QUESTIONS: Dir = include_dir!("$CARGO_MANIFEST_DIR/queries/questions");

/// A question in Athena's SQL, with `$name` for its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedQuery(NamedQuery);

impl SavedQuery {
    /// The questions that come with trailq, by name.
    pub fn builtin() -> Vec<Self> {
        let files = QUESTIONS.files().filter_map(|file| file.contents_utf8());
        let mut saved: Vec<Self> = files.map(|text| Self(NamedQuery::parse(text))).collect();
        saved.sort_by(|a, b| a.name().cmp(b.name()));
        saved
    }

    /// The `.sql` files of a folder, by name: what the header says, else what the file is called.
    ///
    /// # Errors
    /// If the folder or a file cannot be read.
    pub fn folder(folder: &Path) -> Result<Vec<Self>> {
        let unreadable = |path: &Path, cause: std::io::Error| {
            let problem = format!("cannot be read: {cause}");
            Error::argument(
                "query folder",
                path.display().to_string(),
                problem,
                "name a folder of .sql files",
            )
        };
        let mut saved = vec![];
        for entry in std::fs::read_dir(folder).map_err(|cause| unreadable(folder, cause))? {
            let path = entry.map_err(|cause| unreadable(folder, cause))?.path();
            if path.extension().is_some_and(|extension| extension == "sql") {
                let text = std::fs::read_to_string(&path).map_err(|cause| unreadable(&path, cause))?;
                let mut query = NamedQuery::parse(&text);
                if query.name.is_empty() {
                    query.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                }
                saved.push(Self(query));
            }
        }
        saved.sort_by(|a, b| a.name().cmp(b.name()));
        Ok(saved)
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What it answers.
    pub fn doc(&self) -> &str {
        &self.0.doc
    }

    /// Its text.
    pub fn sql(&self) -> &str {
        &self.0.sql
    }

    /// Each parameter as people write it, and what it means.
    pub fn parameters(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.params.iter().map(|param| {
            let mark = if param.optional { "?" } else { "" };
            (format!("{}={}{mark}", param.name, param.data_type), param.doc.as_str())
        })
    }

    /// Asks it, with texts for its parameters.
    ///
    /// # Errors
    /// If a parameter is missing, unknown or cannot be read, or the query fails.
    pub async fn ask(
        &self,
        engine: &Engine,
        given: &[(String, String)],
        session: &Session,
    ) -> Result<Answer> {
        let session = Session { named: self.bind(given, engine.now())?, ..session.clone() };
        engine.run(self.sql(), &session).await
    }

    fn bind(&self, given: &[(String, String)], now: DateTime<Utc>) -> Result<HashMap<String, ScalarValue>> {
        if let Some((name, value)) =
            given.iter().find(|(name, _)| !self.0.params.iter().any(|p| p.name == *name))
        {
            let known: Vec<String> = self.parameters().map(|(written, _)| written).collect();
            let instead = format!("{} takes: {}", self.name(), known.join(", "));
            return Err(Error::argument("parameter", format!("{name}={value}"), "is not known", instead));
        }
        let bind = |param: &Param| {
            let value = given.iter().rev().find(|(name, _)| *name == param.name);
            Ok((param.name.clone(), value_of(param, value.map(|(_, value)| value.as_str()), now)?))
        };
        self.0.params.iter().map(bind).collect()
    }
}

/// The value that a text is for a parameter.
fn value_of(param: &Param, text: Option<&str>, now: DateTime<Utc>) -> Result<ScalarValue> {
    let Param { name, data_type, doc, optional } = param;
    if text.is_none() && !optional {
        let instead = format!("give --param {name}=… ({data_type}: {doc})");
        return Err(Error::argument("parameter", name, "is missing", instead));
    }
    Ok(match data_type.as_str() {
        "timestamp" => {
            let time = text.map(|text| parse_time(text, now)).transpose()?;
            ScalarValue::TimestampMillisecond(time.map(|time| time.timestamp_millis()), Some("UTC".into()))
        }
        "varchar[]" => {
            let items = text.map(|text| text.split(',').map(ScalarValue::from).collect::<Vec<_>>());
            match items {
                Some(items) => ScalarValue::List(ScalarValue::new_list_nullable(&items, &DataType::Utf8)),
                None => ScalarValue::new_null_list(DataType::Utf8, true, 1),
            }
        }
        "bigint" => {
            let parsed = text.map(|text| {
                text.trim().parse::<i64>().map_err(|_| {
                    Error::argument(
                        "parameter",
                        format!("{name}={text}"),
                        "is no whole number",
                        "write digits",
                    )
                })
            });
            ScalarValue::Int64(parsed.transpose()?)
        }
        "varchar" => ScalarValue::Utf8(text.map(ToOwned::to_owned)),
        other => {
            let instead = "declare it as varchar, varchar[], bigint or timestamp in the query's header";
            return Err(Error::argument("parameter type", other, "is not known", instead));
        }
    })
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::TimeUnit;

    use super::*;

    fn saved(header: &str) -> SavedQuery {
        SavedQuery(NamedQuery::parse(&format!("{header}\nSELECT 1")))
    }

    #[test]
    fn every_question_has_a_name_and_says_what_it_answers() {
        let saved = SavedQuery::builtin();
        assert!(saved.len() >= 16);
        for query in saved {
            assert!(!query.name().is_empty() && query.doc().ends_with('.'), "{}", query.name());
        }
    }

    #[test]
    fn parameters_are_bound_by_type() {
        let query =
            saved("-- param: at timestamp when\n-- param: who varchar? whom\n-- param: n bigint? how many");
        let given = |pairs: &[(&str, &str)]| {
            let pairs: Vec<_> = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            query.bind(&pairs, Utc::now())
        };
        let bound = given(&[("at", "2026-03-14T00:00:00Z"), ("who", "a'b")]).unwrap();
        assert_eq!(bound["who"], ScalarValue::from("a'b"));
        assert_eq!(bound["n"], ScalarValue::Int64(None));
        assert_eq!(bound["at"].data_type(), DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())));
        for (pairs, says) in [
            (&[][..], "'at' is missing"),
            (&[("at", "soon")][..], "soon"),
            (&[("at", "2026-03-14"), ("n", "x")][..], "no whole number"),
            (&[("at", "2026-03-14"), ("x", "1")][..], "is not known"),
        ] {
            let error = given(pairs).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(says), "{error}");
        }
    }
}
