//! Declared tables and their partitions.

use super::partitions::hive_folder;
use crate::sql::statement::{PartitionSpec, PartitionValues, TableDefinition};
use crate::sql::{ErrorCode, SqlError};

/// A declared table and the partitions that were added to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredTable {
    /// What was declared.
    pub definition: TableDefinition,
    /// In the order in which they were added.
    pub partitions: Vec<Partition>,
}

/// A partition that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The values, in the order of the table's partition columns.
    pub values: Vec<String>,
    /// Where its objects lie; in Hive's layout below the table if `None`.
    pub location: Option<String>,
}

impl Partition {
    /// Where its objects lie.
    pub fn location(&self, table: &TableDefinition) -> String {
        let names = table.partitioned_by.iter().map(|column| column.name.as_str());
        match &self.location {
            Some(location) => location.clone(),
            None => hive_folder(&table.location, names.zip(self.values.iter().cloned())),
        }
    }

    /// `name=value/…`, as `SHOW PARTITIONS` has it.
    pub fn shown(&self, table: &TableDefinition) -> String {
        let pairs = table.partitioned_by.iter().zip(&self.values);
        let pairs = pairs.map(|(column, value)| format!("{}={value}", column.name));
        pairs.collect::<Vec<_>>().join("/")
    }
}

impl DeclaredTable {
    /// Adds partitions.
    ///
    /// # Errors
    /// If one has not a value for each column, or is there already and that matters.
    pub fn add(&mut self, partitions: &[PartitionSpec], if_not_exists: bool) -> Result<(), SqlError> {
        let mut more = self.partitions.clone();
        for spec in partitions {
            let values = self.values(&spec.values)?;
            if more.iter().any(|known| known.values == values) {
                if if_not_exists {
                    continue;
                }
                let known = Partition { values, location: None }.shown(&self.definition);
                return Err(refused(format!("Partition already exists: {known}")));
            }
            more.push(Partition { values, location: spec.location.clone() });
        }
        self.partitions = more;
        Ok(())
    }

    /// Drops every partition that has the values of one of `partitions`.
    ///
    /// # Errors
    /// If there is none for one of them and that matters, or a column is not a partition column.
    pub fn drop(&mut self, partitions: &[PartitionValues], if_exists: bool) -> Result<(), SqlError> {
        let mut left = self.partitions.clone();
        for values in partitions {
            let wanted = values.iter().map(|(name, value)| Ok((self.column(name)?, value)));
            let wanted = wanted.collect::<Result<Vec<_>, SqlError>>()?;
            let before = left.len();
            left.retain(|known| !wanted.iter().all(|(at, value)| known.values.get(*at) == Some(*value)));
            if left.len() == before && !if_exists {
                return Err(self.no_partition());
            }
        }
        self.partitions = left;
        Ok(())
    }

    /// Gives a partition other values. Its objects stay where they are.
    ///
    /// # Errors
    /// If there is no such partition, or one that has these values already.
    pub fn rename(&mut self, from: &PartitionValues, to: &PartitionValues) -> Result<(), SqlError> {
        let values = self.values(to)?;
        if self.partitions.iter().any(|known| known.values == values) {
            let known = Partition { values, location: None }.shown(&self.definition);
            return Err(refused(format!("Partition already exists: {known}")));
        }
        let definition = self.definition.clone();
        let partition = self.partition_mut(from)?;
        partition.location = Some(partition.location(&definition));
        partition.values = values;
        Ok(())
    }

    /// The partition that has these values.
    ///
    /// # Errors
    /// If there is none.
    pub fn partition(&self, values: &PartitionValues) -> Result<&Partition, SqlError> {
        let values = self.values(values)?;
        let found = self.partitions.iter().find(|known| known.values == values);
        found.ok_or_else(|| self.no_partition())
    }

    /// As [`partition`](Self::partition), to be changed.
    ///
    /// # Errors
    /// If there is none.
    pub fn partition_mut(&mut self, values: &PartitionValues) -> Result<&mut Partition, SqlError> {
        let values = self.values(values)?;
        let missing = self.no_partition();
        let found = self.partitions.iter_mut().find(|known| known.values == values);
        found.ok_or(missing)
    }

    fn no_partition(&self) -> SqlError {
        refused(format!("Partition not found in {}", self.definition.name.plain()))
    }

    fn column(&self, name: &str) -> Result<usize, SqlError> {
        let found = self.definition.partitioned_by.iter().position(|column| column.name == name);
        found.ok_or_else(|| {
            let message = format!("{name} is not a partition column of {}", self.definition.name.plain());
            SqlError::new(ErrorCode::ColumnNotFound, message)
        })
    }

    fn values(&self, given: &PartitionValues) -> Result<Vec<String>, SqlError> {
        for (name, _) in given {
            self.column(name)?;
        }
        let columns = self.definition.partitioned_by.iter();
        let values = columns.map(|column| {
            let value = given.iter().find(|(name, _)| *name == column.name);
            value
                .map(|(_, value)| value.clone())
                .ok_or_else(|| refused(format!("The partition has no value for the column {}", column.name)))
        });
        values.collect()
    }
}

fn refused(message: String) -> SqlError {
    SqlError::new(ErrorCode::SyntaxError, message)
}
