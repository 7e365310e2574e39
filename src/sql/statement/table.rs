//! Reads `CREATE EXTERNAL TABLE` and the like.
//!
//! Source: Athena user guide, "CREATE TABLE", "CREATE DATABASE", "DROP …".

use datafusion::sql::sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::definition::{ColumnDefinition, Properties, RowFormat, StoredAs, TableDefinition};
use super::hive_type::HiveType;
use super::{Name, Statement};
use crate::functions::trino::error::{ErrorCode, SqlError};

/// The clauses of `ROW FORMAT DELIMITED`.
const DELIMITERS: [&[&str]; 6] = [
    &["FIELDS", "TERMINATED", "BY"],
    &["COLLECTION", "ITEMS", "TERMINATED", "BY"],
    &["MAP", "KEYS", "TERMINATED", "BY"],
    &["LINES", "TERMINATED", "BY"],
    &["ESCAPED", "BY"],
    &["NULL", "DEFINED", "AS"],
];

/// The clauses of a table, as far as they were read.
#[derive(Default)]
struct Clauses {
    comment: Option<String>,
    partitioned_by: Option<Vec<ColumnDefinition>>,
    row_format: Option<RowFormat>,
    stored_as: Option<StoredAs>,
    location: Option<String>,
    properties: Option<Properties>,
}

/// Reads what follows `CREATE EXTERNAL TABLE`.
pub fn create_external(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let start = cursor.clone();
    let if_not_exists = cursor.if_not_exists();
    let name = cursor.name()?;
    let columns = cursor.list(column)?;
    let mut clauses = Clauses::default();
    while *cursor.peek() != Token::EOF {
        clauses.read(cursor)?;
    }
    let Some(location) = clauses.location else {
        let message = "No location was specified for table. An S3 location must be specified";
        return Err(start.error(ErrorCode::SyntaxError, message));
    };
    let definition = TableDefinition {
        name,
        if_not_exists,
        columns,
        comment: clauses.comment,
        partitioned_by: clauses.partitioned_by.unwrap_or_default(),
        row_format: clauses.row_format,
        stored_as: clauses.stored_as,
        location,
        properties: clauses.properties.unwrap_or_default(),
    };
    unique_columns(&start, &definition)?;
    Ok(Statement::CreateTable(Box::new(definition)))
}

fn unique_columns(start: &Cursor<'_>, definition: &TableDefinition) -> Result<(), SqlError> {
    let mut seen = std::collections::BTreeSet::new();
    for column in definition.columns.iter().chain(&definition.partitioned_by) {
        if !seen.insert(&column.name) {
            let message = format!("Duplicate column name: {}", column.name);
            return Err(start.error(ErrorCode::SyntaxError, message));
        }
    }
    Ok(())
}

impl Clauses {
    /// Reads one clause. Hive has them in one order; people do not.
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        let before = cursor.clone();
        let again = if cursor.accept(&["COMMENT"]) {
            self.comment.replace(cursor.text()?).is_some()
        } else if cursor.accept(&["PARTITIONED", "BY"]) {
            self.partitioned_by.replace(cursor.list(column)?).is_some()
        } else if cursor.accept(&["ROW", "FORMAT"]) {
            self.row_format.replace(row_format(cursor)?).is_some()
        } else if cursor.accept(&["STORED", "AS"]) {
            self.stored_as.replace(stored_as(cursor)?).is_some()
        } else if cursor.accept(&["LOCATION"]) {
            self.location.replace(cursor.text()?).is_some()
        } else if cursor.accept(&["TBLPROPERTIES"]) {
            self.properties.replace(cursor.list(property)?).is_some()
        } else if cursor.accept(&["CLUSTERED", "BY"]) || cursor.accept(&["SKEWED", "BY"]) {
            let message = "Buckets do not apply to CloudTrail's objects: leave this clause out";
            return Err(before.error(ErrorCode::NotSupported, message));
        } else {
            return Err(cursor
                .mismatch("'COMMENT', 'PARTITIONED', 'ROW', 'STORED', 'LOCATION', 'TBLPROPERTIES', <EOF>"));
        };
        if again { Err(before.mismatch("each clause once")) } else { Ok(()) }
    }
}

/// `name type [COMMENT '…']`
pub fn column(cursor: &mut Cursor<'_>) -> Result<ColumnDefinition, SqlError> {
    let name = cursor.lower()?;
    let data_type = HiveType::parse(cursor)?;
    let comment = if cursor.accept(&["COMMENT"]) { Some(cursor.text()?) } else { None };
    Ok(ColumnDefinition { name, data_type, comment })
}

/// `'name' = 'value'`
pub fn property(cursor: &mut Cursor<'_>) -> Result<(String, String), SqlError> {
    let name = cursor.text()?;
    cursor.expect_token(&Token::Eq)?;
    Ok((name, cursor.text()?))
}

fn row_format(cursor: &mut Cursor<'_>) -> Result<RowFormat, SqlError> {
    if cursor.accept(&["SERDE"]) {
        let class = cursor.text()?;
        let properties = if cursor.accept(&["WITH", "SERDEPROPERTIES"]) {
            cursor.list(property)?
        } else {
            Properties::new()
        };
        return Ok(RowFormat::Serde { class, properties });
    }
    if !cursor.accept(&["DELIMITED"]) {
        return Err(cursor.mismatch("'DELIMITED', 'SERDE'"));
    }
    let mut clauses = Properties::new();
    while let Some(clause) = DELIMITERS.iter().find(|clause| cursor.accept(clause)) {
        clauses.push((clause.join(" "), cursor.text()?));
    }
    Ok(RowFormat::Delimited(clauses))
}

fn stored_as(cursor: &mut Cursor<'_>) -> Result<StoredAs, SqlError> {
    if cursor.accept(&["INPUTFORMAT"]) {
        let input = cursor.text()?;
        cursor.expect(&["OUTPUTFORMAT"])?;
        return Ok(StoredAs::Classes { input, output: cursor.text()? });
    }
    Ok(StoredAs::Format(cursor.identifier()?.to_ascii_uppercase()))
}

/// `MSCK REPAIR TABLE name`, after its first word.
pub fn repair(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["REPAIR", "TABLE"])?;
    Ok(Statement::RepairTable(cursor.name()?))
}

/// `DROP TABLE …` and the like, after its first word.
pub fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let mut named = |kind: &[&str]| -> Option<(bool, Result<Name, SqlError>)> {
        cursor.accept(kind).then(|| (cursor.if_exists(), cursor.name()))
    };
    if let Some((if_exists, name)) = named(&["TABLE"]) {
        return Ok(Statement::DropTable { name: name?, if_exists });
    }
    if let Some((if_exists, name)) = named(&["VIEW"]) {
        return Ok(Statement::DropView { name: name?, if_exists });
    }
    if !(cursor.accept(&["DATABASE"]) || cursor.accept(&["SCHEMA"])) {
        return Err(cursor.mismatch("'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'"));
    }
    let if_exists = cursor.if_exists();
    let name = cursor.name()?.name;
    let cascade = cursor.accept(&["CASCADE"]);
    let _ = !cascade && cursor.accept(&["RESTRICT"]);
    Ok(Statement::DropDatabase { name, if_exists, cascade })
}

/// `CREATE DATABASE …`, after these words.
pub fn create_database(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_not_exists = cursor.if_not_exists();
    let name = cursor.lower()?;
    let mut comment = None;
    let mut properties = Properties::new();
    while *cursor.peek() != Token::EOF {
        if cursor.accept(&["COMMENT"]) {
            comment = Some(cursor.text()?);
        } else if cursor.accept(&["LOCATION"]) {
            // Where the database's own tables would be written by default; nothing is.
            cursor.text()?;
        } else if cursor.accept(&["WITH", "DBPROPERTIES"]) {
            properties = cursor.list(property)?;
        } else {
            return Err(cursor.mismatch("'COMMENT', 'LOCATION', 'WITH', <EOF>"));
        }
    }
    Ok(Statement::CreateDatabase { name, if_not_exists, comment, properties })
}
