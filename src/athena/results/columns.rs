//! What Athena's API says of a column's type.

use arrow::datatypes::DataType;

use crate::athena::protocol::ColumnInfo;
use crate::functions::trino::types::type_name;
use crate::sql::Column;

/// A type as the API describes it. A number that the type does not have is `None`: the API says 0
/// then, and the metadata file leaves it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiType {
    /// The name, without parameters.
    pub name: String,
    /// Digits or characters.
    pub precision: Option<i32>,
    /// Digits after the point.
    pub scale: Option<i32>,
    /// Whether values differ by case.
    pub case_sensitive: Option<bool>,
}

impl ApiType {
    fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), precision: None, scale: None, case_sensitive: None }
    }

    fn of(name: impl Into<String>, precision: i32, scale: i32, case_sensitive: bool) -> Self {
        Self {
            name: name.into(),
            precision: Some(precision),
            scale: Some(scale),
            case_sensitive: Some(case_sensitive),
        }
    }

    /// The type of a query's column.
    pub fn of_query(data_type: &DataType) -> Self {
        let trino = type_name(data_type);
        // `decimal(38,2)` and `timestamp(3) with time zone` go by `decimal` and
        // `timestamp with time zone`, an array by `array`, whatever is in it.
        let (base, parameters) = trino.split_once('(').unwrap_or((&trino, ""));
        match (base, data_type) {
            ("tinyint", _) => Self::of(base, 3, 0, false),
            ("smallint", _) => Self::of(base, 5, 0, false),
            ("integer", _) => Self::of(base, 10, 0, false),
            ("bigint", _) => Self::of(base, 19, 0, false),
            ("real", _) => Self::of("float", 17, 0, false),
            ("double", _) => Self::of(base, 17, 0, false),
            ("decimal", DataType::Decimal128(precision, scale)) => {
                Self::of(base, i32::from(*precision), i32::from(*scale), false)
            }
            ("varchar", _) => Self::of(base, i32::MAX, 0, true),
            ("varbinary", _) => Self::of(base, 1 << 30, 0, false),
            ("timestamp" | "time", _) if parameters.ends_with("with time zone") => {
                Self::of(format!("{base} with time zone"), 3, 0, false)
            }
            ("timestamp" | "time", _) => Self::of(base, 3, 0, false),
            ("date", _) => Self { scale: Some(0), case_sensitive: Some(false), ..Self::plain(base) },
            ("boolean" | "interval day to second" | "interval year to month", _) => {
                Self { case_sensitive: Some(false), ..Self::plain(base) }
            }
            _ => Self::plain(base),
        }
    }

    /// The type of every column of `SHOW` and `DESCRIBE`.
    pub fn of_utility(dialect: Dialect) -> Self {
        Self::plain(match dialect {
            Dialect::Hive => "string",
            Dialect::Trino => "varchar",
        })
    }

    /// As the API writes it.
    pub fn column_info(&self, name: &str) -> ColumnInfo {
        ColumnInfo {
            catalog_name: "hive".to_owned(),
            schema_name: String::new(),
            table_name: String::new(),
            name: name.to_owned(),
            label: name.to_owned(),
            type_name: self.name.clone(),
            precision: self.precision.unwrap_or(0),
            scale: self.scale.unwrap_or(0),
            nullable: "UNKNOWN".to_owned(),
            case_sensitive: self.case_sensitive.unwrap_or(false),
        }
    }
}

/// Whose words a statement that shows something is answered in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Hive's: tables, partitions, databases.
    Hive,
    /// Trino's: views.
    Trino,
}

/// Name and type of each column of an answer: of a query, if `shown` is `None`.
pub fn api_columns(columns: &[Column], shown: Option<Dialect>) -> Vec<(String, ApiType)> {
    let api_type = |column: &Column| match shown {
        Some(dialect) => ApiType::of_utility(dialect),
        None => ApiType::of_query(&column.data_type),
    };
    columns.iter().map(|column| (column.name.clone(), api_type(column))).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::{Field, TimeUnit};

    use super::*;

    #[test]
    fn types_have_athenas_names_and_numbers() {
        let struct_type = DataType::Struct(vec![Field::new("a", DataType::Utf8, true)].into());
        let list = DataType::List(Arc::new(Field::new("item", struct_type.clone(), true)));
        for (data_type, name, precision, scale, case_sensitive) in [
            (DataType::Utf8, "varchar", 2_147_483_647, 0, true),
            (DataType::Int64, "bigint", 19, 0, false),
            (DataType::Int32, "integer", 10, 0, false),
            (DataType::Float32, "float", 17, 0, false),
            (DataType::Boolean, "boolean", 0, 0, false),
            (DataType::Date32, "date", 0, 0, false),
            (DataType::Decimal128(10, 2), "decimal", 10, 2, false),
            (DataType::LargeUtf8, "json", 0, 0, false),
            (DataType::Timestamp(TimeUnit::Millisecond, None), "timestamp", 3, 0, false),
            (
                DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
                "timestamp with time zone",
                3,
                0,
                false,
            ),
            (struct_type, "row", 0, 0, false),
            (list, "array", 0, 0, false),
        ] {
            let info = ApiType::of_query(&data_type).column_info("c");
            assert_eq!(
                (info.type_name.as_str(), info.precision, info.scale, info.case_sensitive),
                (name, precision, scale, case_sensitive),
                "{data_type}"
            );
        }
    }
}
