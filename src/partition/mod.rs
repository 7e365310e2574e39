//! Partition columns: the values that an object has by its name alone.
//!
//! Pure. A value is told for an object ([`PartitionValue::of`]) and bounded for a folder
//! ([`PartitionValue::below`]), so that what a query does not want is neither listed nor read.
//! **Invariant:** the value of every object below a folder is among those of the folder.

mod layout;
mod pattern;
mod projection;
mod template;

use std::sync::Arc;

use layout::{account_place, folders_of};

pub use layout::Part;
pub use projection::Projection;
pub use template::{Template, split_static};

/// Where the values of one partition column stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PartitionValue {
    /// In CloudTrail's own layout of keys, or in a folder `column=value`, as Hive has them.
    Layout {
        /// The column's name.
        column: String,
        /// The part of the layout that it is named after.
        part: Option<Part>,
    },
    /// Where a template has a placeholder.
    Template {
        /// The template.
        template: Arc<Template>,
        /// The column's position among those of the template.
        column: usize,
    },
    /// The same for all objects below a folder (with a `/` at its end), for each of these folders.
    /// The innermost one counts.
    Folders(Arc<[(String, String)]>),
}

impl PartitionValue {
    /// A column that is read by its name alone, be it `date`, `p_date` or `date_partition`. `day` is
    /// the day of the month beside a month or year (`dated`), and else the whole date; people
    /// partition by both.
    pub fn by_name(column: &str, dated: bool) -> Self {
        Self::Layout { column: column.to_owned(), part: part_named(column, dated) }
    }

    /// Whether one of the columns is a month or a year, beside which a `day` is one of a month.
    pub fn are_dated<'a>(mut columns: impl Iterator<Item = &'a str>) -> bool {
        columns.any(|column| matches!(part_named(column, true), Some(Part::Year | Part::Month)))
    }

    /// Whether CloudTrail's layout has a part that columns of this name are of.
    pub fn is_part_of_layout(column: &str) -> bool {
        part_named(column, false).is_some()
    }

    /// The value for the object called `name`; `None` where its name does not tell.
    pub fn of(&self, name: &str) -> Option<String> {
        match self {
            Self::Layout { column, part } => match hive_value(name, column, *part) {
                Some(value) => Some(value.to_owned()),
                None => part.as_ref()?.of(name),
            },
            Self::Template { template, column } => template.of(*column, name),
            Self::Folders(folders) => {
                let around = folders.iter().filter(|(folder, _)| name.starts_with(folder.as_str()));
                around.max_by_key(|(folder, _)| folder.len()).map(|(_, value)| value.clone())
            }
        }
    }

    /// Whether a query has to name the values that it wants.
    pub fn is_injected(&self) -> bool {
        matches!(self, Self::Template { template, column } if template.is_injected(*column))
    }

    /// Every value that objects below `folder` (with a `/` at its end) can have; `None` if it can
    /// be anything.
    pub fn below(&self, folder: &str) -> Option<Vec<Option<String>>> {
        match self {
            Self::Layout { column, part } => match hive_value(folder, column, *part) {
                Some(value) => Some(vec![Some(value.to_owned())]),
                None => part.as_ref()?.below(folder),
            },
            Self::Template { template, column } => template.below(*column, folder),
            Self::Folders(folders) => {
                let inside = folders.iter().filter(|(inner, _)| inner.starts_with(folder));
                Some(inside.map(|(_, value)| Some(value.clone())).chain([self.of(folder)]).collect())
            }
        }
    }
}

/// What people put before and after the part's name.
const PREFIXES: [&str; 3] = ["p_", "part_", "partition_"];
const SUFFIXES: [&str; 3] = ["_part", "_partition", "_hive"];
/// The same before dates alone: other columns have such names, too.
const DATE_PREFIXES: [&str; 4] = ["event_", "event", "log_", "log"];

/// The part of the layout that a column of this name is of.
fn part_named(column: &str, dated: bool) -> Option<Part> {
    let after = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| column.strip_prefix(prefix));
    let before = SUFFIXES.iter().find_map(|suffix| column.strip_suffix(suffix));
    let name = after(&PREFIXES).or(before).unwrap_or(column);
    Some(match after(&DATE_PREFIXES).unwrap_or(name) {
        "date" | "dt" => Part::Date,
        "year" => Part::Year,
        "month" => Part::Month,
        "day" if dated => Part::Day,
        "day" => Part::Date,
        _ => match name {
            "account" | "account_id" | "accountid" => Part::Account,
            "region" => Part::Region,
            "timestamp" => Part::Date,
            _ => return None,
        },
    })
}

/// The value of the first folder of `name` that is called `column=value`. For a column that the
/// layout has as well, what comes first counts, so that folders further down change nothing.
fn hive_value<'a>(name: &'a str, column: &str, part: Option<Part>) -> Option<&'a str> {
    let folders = folders_of(name);
    let layout = part.and_then(|_| account_place(&folders)).unwrap_or(folders.len());
    folders.iter().take(layout).find_map(|folder| {
        let (key, value) = folder.split_once('=')?;
        key.eq_ignore_ascii_case(column).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_of_the_month_beside_a_month() {
        let name = "AWSLogs/111122223333/CloudTrail/us-east-1/2023/07/10/x.json";
        let value = |column: &str, dated| PartitionValue::by_name(column, dated).of(name);
        assert_eq!(value("day", false).as_deref(), Some("2023/07/10"));
        assert_eq!(value("day", true).as_deref(), Some("10"));
        assert_eq!(value("account_partition", false).as_deref(), Some("111122223333"));
        assert_eq!(value("colour", false), None);
        for date in ["p_date", "date_partition", "eventdate", "event_date", "log_day", "partition_dt"] {
            assert_eq!(value(date, false).as_deref(), Some("2023/07/10"), "{date}");
        }
        assert!(PartitionValue::are_dated(["log_year", "log_day"].into_iter()));
        assert!(!PartitionValue::are_dated(["region", "day", "date"].into_iter()));
        assert_eq!(value("p_region", false).as_deref(), Some("us-east-1"));
        for column in ["eventregion", "event_timestamp", "logs", "eventaccount", "p_", "eventtime"] {
            assert!(!PartitionValue::is_part_of_layout(column), "{column}");
        }
        assert_eq!(PartitionValue::by_name("colour", false).of("a/Colour=red/x").as_deref(), Some("red"));
    }

    #[test]
    fn the_innermost_folder_counts() {
        let folders = [("s3://b/1/", "outer"), ("s3://b/1/2/", "inner")];
        let folders = folders.map(|(folder, value)| (folder.to_owned(), value.to_owned()));
        let value = PartitionValue::Folders(Arc::new(folders));
        assert_eq!(value.of("s3://b/1/x").as_deref(), Some("outer"));
        assert_eq!(value.of("s3://b/1/2/x").as_deref(), Some("inner"));
        assert_eq!(value.of("s3://b/12/x"), None);
        assert_eq!(value.below("s3://b/1/2/"), Some(vec![Some("inner".into()), Some("inner".into())]));
        assert_eq!(value.below("s3://c/"), Some(vec![None]));
    }

    proptest! {
        #[test]
        fn no_value_escapes_its_folder(
            name in "((AWSLogs|111122223333|CloudTrail|us-east-1|2023|07|region=a|region=b)/){0,7}x"
        ) {
            let folders = [("AWSLogs/".to_owned(), "a".to_owned()), ("AWSLogs/2023/".to_owned(), "b".to_owned())];
            let values =
                [PartitionValue::by_name("region", false), PartitionValue::Folders(Arc::new(folders))];
            for value in values {
                for (end, _) in name.match_indices('/') {
                    if let Some(values) = value.below(&name[..=end]) {
                        prop_assert!(values.contains(&value.of(&name)));
                    }
                }
            }
        }
    }
}
