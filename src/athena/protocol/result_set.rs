//! `ResultSet`: rows, and what their columns are.

use serde::{Deserialize, Serialize};

/// A page of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResultSet {
    /// Rows; the first row of a query's first page is its header.
    pub rows: Vec<Row>,
    /// What the columns are.
    pub result_set_metadata: ResultSetMetadata,
}

/// What the columns of a result are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ResultSetMetadata {
    /// One a column.
    pub column_info: Vec<ColumnInfo>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Row {
    /// Its values.
    pub data: Vec<Datum>,
}

/// A value: its text, or nothing for `NULL`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Datum {
    /// The text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub var_char_value: Option<String>,
}

impl Row {
    /// A row of these texts.
    pub fn new(values: impl IntoIterator<Item = Option<String>>) -> Self {
        Self { data: values.into_iter().map(|var_char_value| Datum { var_char_value }).collect() }
    }
}

/// What a column is, in Athena's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ColumnInfo {
    /// Always `hive`.
    pub catalog_name: String,
    /// Empty, as Athena leaves it.
    pub schema_name: String,
    /// Empty, as Athena leaves it.
    pub table_name: String,
    /// The column's name.
    pub name: String,
    /// The same.
    pub label: String,
    /// The type's name, without its parameters.
    #[serde(rename = "Type")]
    pub type_name: String,
    /// Digits or characters, 0 where that says nothing.
    pub precision: i32,
    /// Digits after the point.
    pub scale: i32,
    /// Always `UNKNOWN`.
    pub nullable: String,
    /// Whether values differ by case.
    pub case_sensitive: bool,
}
