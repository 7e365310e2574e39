//! What there is to query, as Athena's metadata operations tell it: one catalog, what was declared
//! in it, and in every database the table of the logs under any other name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Api;
use super::paging::Page;
use super::parameters;
use super::queries::paged;
use crate::athena::error::{ApiError, ApiResult};
use crate::athena::protocol::{EngineVersion, EpochSeconds, required};
use crate::sql::statement::{ColumnDefinition, Name, folded};

/// The one catalog.
const CATALOG: &str = "AwsDataCatalog";

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
        let (databases, next) = request.page.of(databases.map(|name| self.database(&name)).collect(), 50)?;
        Ok(paged("DatabaseList", json!(databases), next))
    }

    pub(super) fn get_database(&self, request: CatalogRequest) -> ApiResult<Value> {
        request.check_catalog()?;
        let name = folded(&required(request.database_name, "databaseName")?);
        Ok(json!({"Database": self.database(&name)}))
    }

    fn database(&self, name: &str) -> Value {
        let (comment, properties) = self.executions.catalog().database(name).unwrap_or_default();
        let mut database = json!({"Name": name});
        if let Some(comment) = comment {
            database["Description"] = json!(comment);
        }
        if !properties.is_empty() {
            database["Parameters"] = json!(properties.into_iter().collect::<BTreeMap<_, _>>());
        }
        database
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
        let name = Name { database: Some(database.to_owned()), name };
        let (kind, columns, keys, parameters) = match self.executions.table_definition(&name) {
            Ok(table) => {
                let told = parameters::of_table(&table);
                ("EXTERNAL_TABLE", declared(&table.columns), declared(&table.partitioned_by), told)
            }
            // What a view's columns are is not known before it is read.
            Err(_) => ("VIRTUAL_VIEW", vec![], vec![], parameters::of_view()),
        };
        json!({
            "Name": name.name,
            "CreateTime": EpochSeconds::from(self.started),
            "TableType": kind,
            "Columns": columns,
            "PartitionKeys": keys,
            "Parameters": parameters,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::catalog::STANDARD_TABLE;

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
