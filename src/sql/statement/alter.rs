//! Reads `ALTER TABLE` and `ALTER DATABASE`.
//!
//! Source: Athena user guide, "ALTER TABLE …", "ALTER DATABASE SET DBPROPERTIES".

use datafusion::sql::sqlparser::tokenizer::Token;

use super::Statement;
use super::cursor::Cursor;
use super::definition::{ColumnDefinition, Properties};
use super::table::{column, property};
use crate::functions::trino::error::SqlError;

/// What `ALTER TABLE` changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlterTable {
    /// `ADD [IF NOT EXISTS] PARTITION (…) [LOCATION '…'] …`
    AddPartitions {
        /// That one is there is no error.
        if_not_exists: bool,
        /// Which.
        partitions: Vec<PartitionSpec>,
    },
    /// `DROP [IF EXISTS] PARTITION (…), …`
    DropPartitions {
        /// That one is not there is no error.
        if_exists: bool,
        /// Which: every partition that has these values.
        partitions: Vec<PartitionValues>,
    },
    /// `PARTITION (…) RENAME TO PARTITION (…)`
    RenamePartition {
        /// Which.
        partition: PartitionValues,
        /// Its new values.
        to: PartitionValues,
    },
    /// `PARTITION (…) SET LOCATION '…'`
    SetPartitionLocation {
        /// Which.
        partition: PartitionValues,
        /// Where its objects lie from now on.
        location: String,
    },
    /// `PARTITION (…) ADD COLUMNS (…)`, or `REPLACE COLUMNS`: of the partition alone.
    SetPartitionColumns(PartitionValues),
    /// `SET TBLPROPERTIES (…)`
    SetProperties(Properties),
    /// `UNSET TBLPROPERTIES ('…', …)`
    UnsetProperties(Vec<String>),
    /// `SET LOCATION '…'`
    SetLocation(String),
    /// `ADD COLUMNS (…)`
    AddColumns(Vec<ColumnDefinition>),
    /// `REPLACE COLUMNS (…)`
    ReplaceColumns(Vec<ColumnDefinition>),
    /// `CHANGE [COLUMN] name new_name type [COMMENT '…'] [FIRST | AFTER other]`
    ChangeColumn {
        /// Which.
        name: String,
        /// What it is from now on.
        column: ColumnDefinition,
        /// Where, if not where it is.
        place: Option<ColumnPlace>,
    },
}

/// Where a column is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnPlace {
    /// Before all others.
    First,
    /// Behind the column of this name.
    After(String),
}

/// Partition columns and their values.
pub type PartitionValues = Vec<(String, String)>;

/// A partition to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionSpec {
    /// Its values.
    pub values: PartitionValues,
    /// Where its objects lie; below the table's location, in Hive's layout, if `None`.
    pub location: Option<String>,
}

/// Reads what follows `ALTER`.
pub fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.accept(&["TABLE"]) {
        let table = cursor.name()?;
        let change = if cursor.accept(&["PARTITION"]) { partition(cursor)? } else { whole(cursor)? };
        Ok(Statement::AlterTable { table, change })
    } else if cursor.accept(&["DATABASE"]) || cursor.accept(&["SCHEMA"]) {
        let name = cursor.lower()?;
        cursor.expect(&["SET", "DBPROPERTIES"])?;
        Ok(Statement::AlterDatabase { name, properties: cursor.list(property)? })
    } else {
        Err(cursor.mismatch("'DATABASE', 'SCHEMA', 'TABLE'"))
    }
}

/// What becomes of a table.
fn whole(cursor: &mut Cursor<'_>) -> Result<AlterTable, SqlError> {
    Ok(if cursor.accept(&["SET", "TBLPROPERTIES"]) {
        AlterTable::SetProperties(cursor.list(property)?)
    } else if cursor.accept(&["UNSET", "TBLPROPERTIES"]) {
        AlterTable::UnsetProperties(cursor.list(Cursor::text)?)
    } else if cursor.accept(&["SET", "LOCATION"]) {
        AlterTable::SetLocation(cursor.text()?)
    } else if cursor.accept(&["ADD", "COLUMNS"]) {
        AlterTable::AddColumns(cursor.list(column)?)
    } else if cursor.accept(&["REPLACE", "COLUMNS"]) {
        AlterTable::ReplaceColumns(cursor.list(column)?)
    } else if cursor.accept(&["CHANGE"]) {
        change(cursor)?
    } else if cursor.accept(&["ADD"]) {
        let if_not_exists = cursor.if_not_exists();
        AlterTable::AddPartitions { if_not_exists, partitions: partitions(cursor)? }
    } else if cursor.accept(&["DROP"]) {
        let if_exists = cursor.if_exists();
        AlterTable::DropPartitions { if_exists, partitions: dropped(cursor)? }
    } else {
        return Err(cursor.mismatch("'ADD', 'CHANGE', 'DROP', 'PARTITION', 'REPLACE', 'SET', 'UNSET'"));
    })
}

/// What becomes of a partition, after `PARTITION`.
fn partition(cursor: &mut Cursor<'_>) -> Result<AlterTable, SqlError> {
    let partition = partition_values(cursor)?;
    Ok(if cursor.accept(&["RENAME", "TO", "PARTITION"]) {
        AlterTable::RenamePartition { partition, to: partition_values(cursor)? }
    } else if cursor.accept(&["SET", "LOCATION"]) {
        AlterTable::SetPartitionLocation { partition, location: cursor.text()? }
    } else if cursor.accept(&["ADD", "COLUMNS"]) || cursor.accept(&["REPLACE", "COLUMNS"]) {
        cursor.list(column)?;
        AlterTable::SetPartitionColumns(partition)
    } else {
        return Err(cursor.mismatch("'ADD', 'RENAME', 'REPLACE', 'SET'"));
    })
}

/// `[COLUMN] name new_name type …`, after `CHANGE`
fn change(cursor: &mut Cursor<'_>) -> Result<AlterTable, SqlError> {
    let _ = cursor.accept(&["COLUMN"]);
    let name = cursor.lower()?;
    let column = column(cursor)?;
    let place = if cursor.accept(&["FIRST"]) {
        Some(ColumnPlace::First)
    } else if cursor.accept(&["AFTER"]) {
        Some(ColumnPlace::After(cursor.lower()?))
    } else {
        None
    };
    Ok(AlterTable::ChangeColumn { name, column, place })
}

/// `PARTITION (…) [LOCATION '…'] …`; a comma may stand between them.
fn partitions(cursor: &mut Cursor<'_>) -> Result<Vec<PartitionSpec>, SqlError> {
    let mut found = vec![];
    loop {
        cursor.expect(&["PARTITION"])?;
        let values = partition_values(cursor)?;
        let location = if cursor.accept(&["LOCATION"]) { Some(cursor.text()?) } else { None };
        found.push(PartitionSpec { values, location });
        let _ = cursor.accept_token(&Token::Comma);
        if *cursor.peek() == Token::EOF {
            return Ok(found);
        }
    }
}

fn dropped(cursor: &mut Cursor<'_>) -> Result<Vec<PartitionValues>, SqlError> {
    let mut found = vec![];
    loop {
        cursor.expect(&["PARTITION"])?;
        found.push(partition_values(cursor)?);
        if !cursor.accept_token(&Token::Comma) {
            return Ok(found);
        }
    }
}

/// `(name = value, …)`
pub fn partition_values(cursor: &mut Cursor<'_>) -> Result<PartitionValues, SqlError> {
    cursor.list(|cursor| {
        let name = cursor.lower()?;
        cursor.expect_token(&Token::Eq)?;
        if let Token::Number(number, _) = cursor.peek() {
            cursor.advance();
            return Ok((name, number.clone()));
        }
        // `date '2023-07-10'` is the same text.
        let _ = cursor.accept(&["DATE"]);
        Ok((name, cursor.text()?))
    })
}
