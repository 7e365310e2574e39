//! What there is to query, as Athena's metadata operations tell it: one catalog, what was declared
//! in it, and in every database the table of the logs under any other name.

use arrow::datatypes::DataType;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::paging::Page;
use super::queries::paged;
use crate::athena::error::{ApiError, ApiResult};
use crate::athena::protocol::{EngineVersion, EpochSeconds, required};
use crate::schema::table_schema;
use crate::sql::statement::{ColumnDefinition, Name, folded};

/// The one catalog.
const CATALOG: &str = "AwsDataCatalog";
/// Columns of the table that AWS documents; trailq's own come after them.
const STANDARD_COLUMNS: usize = 29;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CatalogRequest {
    name: Option<String>,
    catalog_name: Option<String>,
    database_name: Option<String>,
    table_name: Option<String>,
    expression: Option<String>,
    #[serde(flatten)]
    page: Page,
}

impl CatalogRequest {
    fn check_catalog(&self) -> ApiResult<()> {
        let name = required(self.catalog_name.as_deref(), "catalogName")?;
        check_catalog(name)
    }
}

fn check_catalog(name: &str) -> ApiResult<()> {
    match name.eq_ignore_ascii_case(CATALOG) {
        true => Ok(()),
        false => Err(ApiError::input(format!("Data catalog {name} was not found"))),
    }
}

impl Api {
    pub(super) fn list_data_catalogs(&self, request: CatalogRequest) -> ApiResult<Value> {
        let catalogs = vec![json!({"CatalogName": CATALOG, "Type": "GLUE"})];
        let (catalogs, next) = request.page.of(catalogs, 50)?;
        Ok(paged("DataCatalogsSummary", json!(catalogs), next))
    }

    pub(super) fn get_data_catalog(&self, request: CatalogRequest) -> ApiResult<Value> {
        check_catalog(&required(request.name, "name")?)?;
        Ok(json!({"DataCatalog": {"Name": CATALOG, "Type": "GLUE", "Parameters": {}}}))
    }

    pub(super) fn list_databases(&self, request: CatalogRequest) -> ApiResult<Value> {
        request.check_catalog()?;
        let databases = self.executions.catalog().databases().into_iter();
        let (databases, next) = request.page.of(databases.map(|name| json!({"Name": name})).collect(), 50)?;
        Ok(paged("DatabaseList", json!(databases), next))
    }

    pub(super) fn get_database(&self, request: CatalogRequest) -> ApiResult<Value> {
        request.check_catalog()?;
        let name = folded(&required(request.database_name, "databaseName")?);
        Ok(json!({"Database": {"Name": name}}))
    }

    pub(super) fn list_table_metadata(&self, request: CatalogRequest) -> ApiResult<Value> {
        request.check_catalog()?;
        let database = folded(&required(request.database_name, "databaseName")?);
        let names = self.executions.catalog().listed(&database);
        let mut tables = vec![];
        for name in names {
            if matches(request.expression.as_deref(), &name)? {
                tables.push(self.table(&database, name));
            }
        }
        let (tables, next) = request.page.of(tables, 50)?;
        Ok(paged("TableMetadataList", json!(tables), next))
    }

    pub(super) fn get_table_metadata(&self, request: CatalogRequest) -> ApiResult<Value> {
        request.check_catalog()?;
        let database = folded(&required(request.database_name, "databaseName")?);
        let name = folded(&required(request.table_name, "tableName")?);
        Ok(json!({"TableMetadata": self.table(&database, name)}))
    }

    fn table(&self, database: &str, name: String) -> Value {
        let catalog = self.executions.catalog();
        let full_name = Name { database: Some(database.to_owned()), name };
        let (columns, keys, kind) = match catalog.table(&full_name, database) {
            Some(table) => {
                let definition = &table.definition;
                (declared(&definition.columns), declared(&definition.partitioned_by), "EXTERNAL_TABLE")
            }
            // What a view's columns are is not known before it is read.
            None if catalog.relations(database).contains(&full_name.name) => (vec![], vec![], "VIRTUAL_VIEW"),
            None => (standard_columns(), vec![], "EXTERNAL_TABLE"),
        };
        json!({
            "Name": full_name.name,
            "CreateTime": EpochSeconds::from(self.started),
            "TableType": kind,
            "Columns": columns,
            "PartitionKeys": keys,
            "Parameters": {"EXTERNAL": "TRUE"},
        })
    }

    pub(super) fn list_engine_versions(&self) -> Value {
        json!({"EngineVersions": [EngineVersion::default()]})
    }
}

/// Declared columns.
fn declared(columns: &[ColumnDefinition]) -> Vec<Value> {
    let column = |column: &ColumnDefinition| match &column.comment {
        Some(comment) => {
            json!({"Name": column.name, "Type": column.data_type.to_string(), "Comment": comment})
        }
        None => json!({"Name": column.name, "Type": column.data_type.to_string()}),
    };
    columns.iter().map(column).collect()
}

/// The columns of a table that nothing declares.
fn standard_columns() -> Vec<Value> {
    let schema = table_schema();
    let standard = schema.fields().iter().take(STANDARD_COLUMNS);
    standard.map(|field| json!({"Name": field.name(), "Type": hive_type(field.data_type())})).collect()
}

/// Whether a table's name matches the regular expression of a request; all do if there is none.
fn matches(expression: Option<&str>, name: &str) -> ApiResult<bool> {
    let Some(expression) = expression.filter(|expression| !expression.is_empty()) else { return Ok(true) };
    let refuse = |cause: fancy_regex::Error| {
        ApiError::input(format!("Expression is no regular expression that can be used: {cause}"))
    };
    // Of the whole name, as Glue has it, with `*` for anything as its documentation writes it.
    let pattern = fancy_regex::RegexBuilder::new(expression).backtrack_limit(10_000).build();
    let found = match pattern {
        Ok(pattern) => pattern.find(name).map_err(refuse)?,
        Err(cause) => return Err(refuse(cause)),
    };
    Ok(found.is_some_and(|found| found.as_str() == name))
}

/// A type in Hive's words, which the catalog speaks.
fn hive_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Struct(fields) => {
            let members =
                fields.iter().map(|field| format!("{}:{}", field.name(), hive_type(field.data_type())));
            format!("struct<{}>", members.collect::<Vec<_>>().join(","))
        }
        DataType::List(item) => format!("array<{}>", hive_type(item.data_type())),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) => {
                let types = fields.iter().map(|field| hive_type(field.data_type()));
                format!("map<{}>", types.collect::<Vec<_>>().join(","))
            }
            other => hive_type(other),
        },
        _ => "string".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::catalog::STANDARD_TABLE;

    #[test]
    fn the_table_is_athenas() {
        let schema = table_schema();
        let field = |name: &str| hive_type(schema.field_with_name(name).unwrap().data_type());
        assert_eq!(field("eventname"), "string");
        assert_eq!(field("resources"), "array<struct<arn:string,accountid:string,type:string>>");
        assert!(field("useridentity").starts_with("struct<type:string,principalid:string,"));
        assert!(field("useridentity").contains("attributes:map<string,string>"));
        assert_eq!(schema.field(STANDARD_COLUMNS - 1).name(), "tlsdetails");
    }

    #[test]
    fn expressions_are_bounded() {
        assert!(matches(None, STANDARD_TABLE).unwrap());
        assert!(matches(Some("cloudtrail.*"), STANDARD_TABLE).unwrap());
        assert!(!matches(Some("trail"), STANDARD_TABLE).unwrap());
        assert!(matches(Some("("), STANDARD_TABLE).is_err());
        // It would try for ever.
        assert!(matches(Some("(?=(a+))*b\\1"), STANDARD_TABLE).is_err());
    }
}
