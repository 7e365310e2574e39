//! The lines of `DESCRIBE`, in Hive's layout.
//!
//! Source: Athena user guide, "DESCRIBE"; Hive's `MetaDataFormatUtils` for the layout, its
//! `getFieldsFromDeserializer` for columns.

use crate::sql::statement::{ColumnDefinition, FROM_DESERIALIZER, HiveType, RowFormat, TableDefinition};
use crate::sql::{ErrorCode, SqlError};

/// Hive pads names and types to this width.
const WIDTH: usize = 20;

/// A text as wide as Hive makes names and types.
pub fn padded(text: &str) -> String {
    format!("{text:<WIDTH$}")
}

/// A line without a column, as Athena has it.
const BLANK: &str = "\t \t ";

/// A line of three columns. A comment ends at its first tab, as Athena has it.
pub fn line(name: &str, data_type: &str, comment: &str) -> String {
    let comment = padded(comment);
    let comment = comment.split('\t').next().unwrap_or_default();
    format!("{}\t{}\t{comment}", padded(name), padded(data_type))
}

/// A table's columns, then those of its partitions; `extended`, what else is known.
pub fn describe(definition: &TableDefinition, extended: bool) -> Vec<String> {
    let by_serde = matches!(definition.row_format, Some(RowFormat::Serde { .. }));
    let described = |column: &ColumnDefinition, comment: &str| {
        let comment = column.comment.as_deref().unwrap_or(comment);
        line(&column.name, &column.data_type.to_string(), comment)
    };
    let comment = if by_serde { FROM_DESERIALIZER } else { "" };
    let partitions = &definition.partitioned_by;
    let mut lines: Vec<String> = definition.columns.iter().map(|column| described(column, comment)).collect();
    lines.extend(partitions.iter().map(|column| described(column, "")));
    let title = |text: &str| [BLANK.to_owned(), format!("{text}{BLANK}")];
    if !partitions.is_empty() {
        lines.extend(title("# Partition Information"));
        lines.extend([format!("# {}", line("col_name", "data_type", "comment")), BLANK.to_owned()]);
        lines.extend(partitions.iter().map(|column| described(column, "")));
    }
    if extended {
        lines.extend(title("# Detailed Table Information"));
        let database = definition.name.database.as_deref().unwrap_or_default();
        lines.push(line("Database:", database, ""));
        lines.push(line("Location:", &definition.location, ""));
        lines.extend(definition.properties.iter().map(|(name, value)| line("", name, value)));
    }
    lines
}

/// What lies at a path of names from a table's columns on: the fields of a row, or one type.
///
/// # Errors
/// If nothing lies there.
pub fn describe_column(definition: &TableDefinition, path: &[String]) -> Result<Vec<String>, SqlError> {
    let columns = definition.columns.iter().chain(&definition.partitioned_by);
    let all = columns.map(|column| (column.name.clone(), column.data_type.clone()));
    let mut found = &HiveType::Struct(all.collect());
    for name in path {
        found = within(found, name).ok_or_else(|| {
            let message = format!("Column '{}' cannot be resolved", path.join("."));
            SqlError::new(ErrorCode::ColumnNotFound, message)
        })?;
    }
    let shown = |name: &str, own: &HiveType| line(name, &own.to_string(), FROM_DESERIALIZER);
    Ok(match found {
        HiveType::Struct(fields) => fields.iter().map(|(name, own)| shown(name, own)).collect(),
        other => vec![shown(path.last().map_or("", String::as_str), other)],
    })
}

/// The type that a type has under a name: a row's field, an array's `$elem$`, a map's `$key$` or `$value$`.
fn within<'a>(data_type: &'a HiveType, name: &str) -> Option<&'a HiveType> {
    match (data_type, name) {
        (HiveType::Array(item), "$elem$") => Some(item),
        (HiveType::Map(key, _), "$key$") => Some(key),
        (HiveType::Map(_, value), "$value$") => Some(value),
        (HiveType::Struct(fields), name) => fields.iter().find(|(own, _)| own == name).map(|(_, own)| own),
        _ => None,
    }
}
