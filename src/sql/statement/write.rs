//! Reads the statements that write results: `CREATE TABLE AS`, `INSERT INTO` and `UNLOAD`.
//!
//! Source: Athena user guide, "CREATE TABLE AS", "INSERT INTO", "UNLOAD".

use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan};

use super::cursor::{Cursor, is_keyword};
use super::{CreateTableAs, Insert, OptionValue, Options, Statement, Unload, query};
use crate::functions::trino::error::{ErrorCode, SqlError};

/// `CREATE TABLE [IF NOT EXISTS] name [WITH (…)] AS query [WITH [NO] DATA]`, after its two first
/// words.
pub fn create_table_as(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_not_exists = cursor.if_not_exists();
    let name = cursor.name()?;
    if *cursor.peek() == Token::LParen {
        let message = "Only external tables can be created with columns: CREATE EXTERNAL TABLE …";
        return Err(cursor.error(ErrorCode::NotSupported, message));
    }
    if cursor.accept(&["COMMENT"]) {
        cursor.text()?;
    }
    let options = options(cursor)?;
    cursor.expect(&["AS"])?;
    let (tokens, with_data) = without_data_clause(cursor.take_rest());
    let query = query::query(tokens)?;
    Ok(Statement::CreateTableAs(Box::new(CreateTableAs { name, if_not_exists, options, query, with_data })))
}

/// Takes `WITH [NO] DATA` off the end, and says which it was.
fn without_data_clause(tokens: &[TokenWithSpan]) -> (&[TokenWithSpan], bool) {
    let ends = |words: &[&str]| {
        let start = tokens.len().checked_sub(words.len())?;
        let (query, end) = tokens.split_at_checked(start)?;
        let same = end.iter().zip(words).all(|(token, word)| is_keyword(&token.token, word));
        same.then_some(query)
    };
    match (ends(&["WITH", "NO", "DATA"]), ends(&["WITH", "DATA"])) {
        (Some(query), _) => (query, false),
        (None, Some(query)) => (query, true),
        (None, None) => (tokens, true),
    }
}

/// `[WITH (name = value, …)]`
fn options(cursor: &mut Cursor<'_>) -> Result<Options, SqlError> {
    if !cursor.accept(&["WITH"]) {
        return Ok(Options::default());
    }
    let items = cursor.list(|cursor| {
        let before = cursor.clone();
        let name = cursor.lower()?;
        cursor.expect_token(&Token::Eq)?;
        Ok((before.position(), name, option_value(cursor)?))
    })?;
    let mut options = Options::default();
    for (at, name, value) in items {
        if options.insert(name.clone(), value).is_some() {
            let message = format!("Table property '{name}' is given twice");
            return Err(SqlError::at(ErrorCode::SyntaxError, at, message));
        }
    }
    Ok(options)
}

fn option_value(cursor: &mut Cursor<'_>) -> Result<OptionValue, SqlError> {
    if let Token::Number(number, _) = cursor.peek() {
        cursor.advance();
        return Ok(OptionValue::Text(number.clone()));
    }
    for boolean in ["true", "false"] {
        if cursor.accept(&[boolean]) {
            return Ok(OptionValue::Text(boolean.to_owned()));
        }
    }
    if !cursor.accept(&["ARRAY"]) {
        return Ok(OptionValue::Text(cursor.text()?));
    }
    let mut items = vec![];
    cursor.expect_token(&Token::LBracket)?;
    while *cursor.peek() != Token::RBracket {
        items.push(cursor.text()?);
        if !cursor.accept_token(&Token::Comma) {
            break;
        }
    }
    cursor.expect_token(&Token::RBracket)?;
    Ok(OptionValue::List(items))
}

/// `INSERT INTO table [(columns)] query`, after its first word.
pub fn insert(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect(&["INTO"])?;
    let table = cursor.name()?;
    let mut ahead = cursor.clone();
    // Parentheses open columns or a query.
    let opens = ahead.accept_token(&Token::LParen);
    let query_opens = *ahead.peek() == Token::LParen
        || ["SELECT", "WITH", "VALUES", "TABLE"].iter().any(|keyword| ahead.is_keyword(keyword));
    let columns = if opens && !query_opens { Some(cursor.list(Cursor::lower)?) } else { None };
    let query = query::query(cursor.take_rest())?;
    Ok(Statement::Insert(Box::new(Insert { table, columns, query })))
}

/// `UNLOAD (query) TO 'location' WITH (…)`, after its first word.
pub fn unload(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let query = query::query(cursor.parenthesized()?)?;
    cursor.expect(&["TO"])?;
    let to = cursor.text()?;
    let options = options(cursor)?;
    Ok(Statement::Unload(Box::new(Unload { query, to, options })))
}
