//! Reads `SHOW` and `DESCRIBE`.
//!
//! Source: Athena user guide, "SHOW …", "DESCRIBE".

use datafusion::sql::sqlparser::tokenizer::Token;

use super::alter::partition_values;
use super::cursor::Cursor;
use super::{Show, Statement};
use crate::functions::trino::error::SqlError;

/// What follows `SHOW`.
pub fn show(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let show = if cursor.accept(&["TABLES"]) {
        Show::Tables { database: database(cursor)?, like: pattern(cursor)? }
    } else if cursor.accept(&["VIEWS"]) {
        Show::Views { database: database(cursor)?, like: pattern(cursor)? }
    } else if cursor.accept(&["DATABASES"]) || cursor.accept(&["SCHEMAS"]) {
        Show::Databases { like: pattern(cursor)? }
    } else if cursor.accept(&["PARTITIONS"]) {
        Show::Partitions(cursor.name()?)
    } else if cursor.accept(&["CREATE", "TABLE"]) {
        Show::CreateTable(cursor.name()?)
    } else if cursor.accept(&["CREATE", "VIEW"]) {
        Show::CreateView(cursor.name()?)
    } else if cursor.accept(&["COLUMNS"]) {
        columns(cursor)?
    } else if cursor.accept(&["TBLPROPERTIES"]) {
        let table = cursor.name()?;
        let property = if cursor.accept_token(&Token::LParen) {
            let name = cursor.text()?;
            cursor.expect_token(&Token::RParen)?;
            Some(name)
        } else {
            None
        };
        Show::Properties { table, property }
    } else if cursor.accept(&["FUNCTIONS"]) {
        Show::Functions { like: pattern(cursor)? }
    } else {
        return Err(cursor.mismatch(
            "'COLUMNS', 'CREATE', 'DATABASES', 'FUNCTIONS', 'PARTITIONS', 'SCHEMAS', 'TABLES', \
             'TBLPROPERTIES', 'VIEWS'",
        ));
    };
    Ok(Statement::Show(show))
}

fn columns(cursor: &mut Cursor<'_>) -> Result<Show, SqlError> {
    let in_or_from = |cursor: &mut Cursor<'_>| cursor.accept(&["IN"]) || cursor.accept(&["FROM"]);
    if !in_or_from(cursor) {
        return Err(cursor.mismatch("'FROM', 'IN'"));
    }
    let mut table = cursor.name()?;
    if in_or_from(cursor) {
        table.database = Some(cursor.lower()?);
    }
    Ok(Show::Columns(table))
}

fn database(cursor: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
    let given = cursor.accept(&["IN"]) || cursor.accept(&["FROM"]);
    given.then(|| cursor.name().map(|name| name.name)).transpose()
}

/// `[LIKE] 'pattern'`
fn pattern(cursor: &mut Cursor<'_>) -> Result<Option<String>, SqlError> {
    if cursor.accept(&["LIKE"]) || *cursor.peek() != Token::EOF {
        return cursor.text().map(Some);
    }
    Ok(None)
}

/// What follows `DESCRIBE`.
pub fn describe(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let extended = cursor.accept(&["EXTENDED"]) || cursor.accept(&["FORMATTED"]);
    let _ = cursor.accept(&["TABLE"]);
    let table = cursor.name()?;
    let partition = cursor.accept(&["PARTITION"]).then(|| partition_values(cursor)).transpose()?;
    let column = (*cursor.peek() != Token::EOF).then(|| column_path(cursor)).transpose()?;
    Ok(Statement::Describe { table, extended, partition, column })
}

/// `column.field`, `column.'$elem$'`
fn column_path(cursor: &mut Cursor<'_>) -> Result<Vec<String>, SqlError> {
    let mut names = vec![cursor.lower()?];
    while cursor.accept_token(&Token::Period) {
        names.push(cursor.lower().or_else(|_| Ok(cursor.text()?.to_lowercase()))?);
    }
    Ok(names)
}
