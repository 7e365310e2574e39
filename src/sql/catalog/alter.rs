//! What `ALTER TABLE` and `ALTER DATABASE` make of what is declared.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{State, database_of, no_database, s3_place};
use crate::sql::statement::{AlterTable, ColumnDefinition, ColumnPlace, Name, Properties, TableDefinition};
use crate::sql::stored::StoredFormat;
use crate::sql::{ErrorCode, SqlError};

impl State {
    pub(super) fn alter_database(&mut self, name: &str, properties: &Properties) -> Result<(), SqlError> {
        let database = self.databases.get_mut(name).ok_or_else(|| no_database(name))?;
        for (name, value) in properties {
            database.properties.retain(|(known, _)| known != name);
            database.properties.push((name.clone(), value.clone()));
        }
        Ok(())
    }

    pub(super) fn alter(&mut self, name: &Name, change: &AlterTable, database: &str) -> Result<(), SqlError> {
        let mut table = self.table(name, database)?.as_ref().clone();
        let definition = &mut table.definition;
        // The files of a table of results are what is in it.
        let of_results = StoredFormat::of_table(definition).is_some();
        let refuse_of_results = |what: &str| {
            let message = format!("Partitions of {}, a table of results, cannot be {what}", name.plain());
            if of_results { Err(SqlError::new(ErrorCode::NotSupported, message)) } else { Ok(()) }
        };
        match change {
            AlterTable::SetProperties(properties) => {
                properties.iter().for_each(|(name, value)| definition.set_property(name, value));
            }
            AlterTable::UnsetProperties(names) => definition
                .properties
                .retain(|(known, _)| !names.iter().any(|name| name.eq_ignore_ascii_case(known))),
            AlterTable::SetLocation(location) => {
                s3_place(location)?;
                location.clone_into(&mut definition.location);
            }
            AlterTable::AddColumns(columns) => definition.columns.extend(columns.iter().cloned()),
            AlterTable::ReplaceColumns(columns) => columns.clone_into(&mut definition.columns),
            AlterTable::ChangeColumn { name, column, place } => {
                change_column(&mut definition.columns, name, column, place.as_ref())?;
            }
            AlterTable::AddPartitions { if_not_exists, partitions } => {
                table.add(partitions, *if_not_exists)?;
            }
            AlterTable::DropPartitions { if_exists, partitions } => {
                refuse_of_results("dropped")?;
                table.drop(partitions, *if_exists)?;
            }
            AlterTable::RenamePartition { partition, to } => {
                refuse_of_results("renamed")?;
                table.rename(partition, to)?;
            }
            AlterTable::SetPartitionLocation { partition, location } => {
                refuse_of_results("moved")?;
                s3_place(location)?;
                table.partition_mut(partition)?.location = Some(location.clone());
            }
            // Rows have the table's columns, whatever a partition is said to have.
            AlterTable::SetPartitionColumns(partition) => {
                table.partition(partition)?;
            }
        }
        unique_columns(&table.definition)?;
        let database = database_of(name, database).to_owned();
        self.database(&database)?.tables.insert(name.name.clone(), Arc::new(table));
        Ok(())
    }
}

/// Puts `column` in the place of the one called `name`, or in another.
fn change_column(
    columns: &mut Vec<ColumnDefinition>,
    name: &str,
    column: &ColumnDefinition,
    place: Option<&ColumnPlace>,
) -> Result<(), SqlError> {
    let found = |columns: &[ColumnDefinition], name: &str| {
        columns.iter().position(|known| known.name == name).ok_or_else(|| {
            SqlError::new(ErrorCode::ColumnNotFound, format!("Column '{name}' cannot be resolved"))
        })
    };
    let at = found(columns, name)?;
    columns.remove(at);
    let at = match place {
        None => at,
        Some(ColumnPlace::First) => 0,
        Some(ColumnPlace::After(other)) => found(columns, other)? + 1,
    };
    columns.insert(at, column.clone());
    Ok(())
}

fn unique_columns(definition: &TableDefinition) -> Result<(), SqlError> {
    let mut seen = BTreeSet::new();
    let mut columns = definition.columns.iter().chain(&definition.partitioned_by);
    match columns.find(|column| !seen.insert(&column.name)) {
        Some(column) => {
            let message = format!("Duplicate column name: {}", column.name);
            Err(SqlError::new(ErrorCode::SyntaxError, message))
        }
        None => Ok(()),
    }
}
