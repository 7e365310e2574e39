//! Which objects a declared table has, and where the values of its partition columns come from.
//!
//! Source: Athena user guide, "Partition your data", "Use partition projection with Amazon Athena".

use std::sync::Arc;

use super::scans::TableScans;
use super::table::DeclaredTable;
use crate::partition::{PartitionValue, Projection, Template, split_static};
use crate::source::Sources;
use crate::sql::{ErrorCode, SqlError};

/// What is read for a table.
pub struct Reading {
    /// Its objects lie here.
    pub sources: Sources,
    /// For each of its partition columns.
    pub values: Vec<PartitionValue>,
    /// Whether objects without values are not in the table.
    pub only_with_values: bool,
}

/// What has to be read for `table`.
///
/// # Errors
/// If its location is not in the sources, or its projection makes no sense.
pub fn reading(table: &DeclaredTable, scans: &TableScans) -> Result<Reading, SqlError> {
    let definition = &table.definition;
    let is_projected =
        definition.property("projection.enabled").is_some_and(|on| on.eq_ignore_ascii_case("true"));
    if definition.partitioned_by.is_empty() {
        return by_name(table, &definition.location, scans);
    }
    if is_projected {
        return projected(table, scans);
    }
    if table.partitions.is_empty() {
        scans.notice(format!(
            "{}: no partition was added, so Athena would read nothing; the whole location is read, and \
             partitions are told by the objects' keys",
            definition.name
        ));
        return by_name(table, &definition.location, scans);
    }
    added(table, scans)
}

/// All objects of a location, or of all sources where it is not found; partitions are told by the
/// columns' names.
fn by_name(table: &DeclaredTable, location: &str, scans: &TableScans) -> Result<Reading, SqlError> {
    let columns = &table.definition.partitioned_by;
    let dated = PartitionValue::are_dated(columns.iter().map(|column| column.name.as_str()));
    let values = columns.iter().map(|column| PartitionValue::by_name(&column.name, dated)).collect();
    let sources = match scans.within(location)? {
        Some((sources, _)) => sources,
        None => {
            scans.notice(format!(
                "{}: the sources have no copy of {location}; all they hold is read",
                table.definition.name
            ));
            scans.sources().clone()
        }
    };
    Ok(Reading { sources, values, only_with_values: false })
}

/// The objects that lie where a template says.
fn projected(table: &DeclaredTable, scans: &TableScans) -> Result<Reading, SqlError> {
    let definition = &table.definition;
    let refuse = |problem: String| {
        let message = format!(
            "The table {} is configured for partition projection, but {problem}",
            definition.name.plain()
        );
        SqlError::new(ErrorCode::NotSupported, message)
    };
    let mut columns = vec![];
    for column in &definition.partitioned_by {
        let get = |name: &str| definition.property(&format!("projection.{}.{name}", column.name));
        let projection = Projection::read(get, scans.now())
            .map_err(|problem| refuse(format!("the column {} {problem}", column.name)))?;
        columns.push((column.name.clone(), projection));
    }
    let template = match definition.property("storage.location.template") {
        Some(template) => template.to_owned(),
        None => {
            hive_folder(&definition.location, columns.iter().map(|(name, _)| (name, format!("${{{name}}}"))))
        }
    };
    let (root, dynamic) = split_static(&template);
    let Some((sources, roots)) = scans.within(root)? else {
        return by_name(table, root, scans);
    };
    let count = columns.len();
    let template = Template::new(roots, dynamic, columns)
        .map_err(|problem| refuse(format!("storage.location.template {problem}")))?;
    let template = Arc::new(template);
    let value = |column| PartitionValue::Template { template: Arc::clone(&template), column };
    Ok(Reading { sources, values: (0..count).map(value).collect(), only_with_values: true })
}

/// The objects of the partitions that were added.
fn added(table: &DeclaredTable, scans: &TableScans) -> Result<Reading, SqlError> {
    let definition = &table.definition;
    let mut sources: Option<Sources> = None;
    let mut folders: Vec<Vec<(String, String)>> = vec![vec![]; definition.partitioned_by.len()];
    let mut absent = vec![];
    for partition in &table.partitions {
        let location = partition.location(definition);
        let Some((found, roots)) = scans.within(&location)? else {
            absent.push(location);
            continue;
        };
        sources = Some(match sources {
            Some(sources) => sources.and(found),
            None => found,
        });
        for (column, value) in folders.iter_mut().zip(&partition.values) {
            column.extend(roots.iter().map(|root| (root.clone(), value.clone())));
        }
    }
    let Some(sources) = sources else {
        return by_name(table, &definition.location, scans);
    };
    if let Some(first) = absent.first() {
        scans.notice(format!(
            "{}: the sources have no copy of {} of its partitions, such as {first}",
            definition.name,
            absent.len()
        ));
    }
    let values = folders.into_iter().map(|folders| PartitionValue::Folders(folders.into())).collect();
    Ok(Reading { sources, values, only_with_values: true })
}

/// `location/name=value/…/`, Hive's layout.
pub fn hive_folder<N: AsRef<str>>(location: &str, values: impl IntoIterator<Item = (N, String)>) -> String {
    let mut folder = location.trim_end_matches('/').to_owned();
    for (name, value) in values {
        folder.push('/');
        folder.push_str(name.as_ref());
        folder.push('=');
        folder.push_str(&value);
    }
    folder.push('/');
    folder
}
