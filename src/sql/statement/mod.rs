//! Athena's statements, read from text.
//!
//! Queries are sqlparser's; statements in Hive's dialect, and those that only Athena has, are read
//! here, by recursive descent over the same tokens: no parser of sqlparser's knows them all.
//!
//! Source: Athena user guide, "SQL reference for Athena".

mod alter;
mod cursor;
mod definition;
mod grammar;
mod hive_type;
mod name;
mod query;
mod rewrite;
mod show;
mod source;
mod table;
#[cfg(test)]
mod tests;
mod unicode;
mod write;

use std::collections::BTreeMap;
use std::fmt;

use datafusion::sql::sqlparser::ast::{Expr, Query};
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan};

use crate::functions::trino::error::{ErrorCode, SqlError};
use cursor::Cursor;
use source::Source;

pub use alter::{AlterTable, ColumnPlace, PartitionSpec, PartitionValues};
pub use definition::{
    ColumnDefinition, FROM_DESERIALIZER, Literal, Properties, Quoted, RowFormat, StoredAs, TableDefinition,
};
pub use hive_type::HiveType;
pub use name::folded;

/// The name of a table, a view or a prepared statement, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The database it names; the session's if `None`.
    pub database: Option<String>,
    /// The name itself.
    pub name: String,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `SELECT …` and everything else that is a query.
    Query(Box<Query>),
    /// `EXPLAIN …`
    Explain(Explain),
    /// `CREATE EXTERNAL TABLE …`
    CreateTable(Box<TableDefinition>),
    /// `CREATE TABLE … AS …`
    CreateTableAs(Box<CreateTableAs>),
    /// `INSERT INTO …`
    Insert(Box<Insert>),
    /// `UNLOAD …`
    Unload(Box<Unload>),
    /// `CREATE VIEW …`
    CreateView(Box<CreateView>),
    /// `DROP VIEW …`
    DropView {
        /// Which.
        name: Name,
        /// That it is not there is no error.
        if_exists: bool,
    },
    /// `DROP TABLE …`
    DropTable {
        /// Which.
        name: Name,
        /// That it is not there is no error.
        if_exists: bool,
    },
    /// `CREATE DATABASE …`
    CreateDatabase {
        /// Its name.
        name: String,
        /// That it is there is no error.
        if_not_exists: bool,
        /// What it is for.
        comment: Option<String>,
        /// `WITH DBPROPERTIES (…)`
        properties: Properties,
    },
    /// `ALTER DATABASE … SET DBPROPERTIES (…)`
    AlterDatabase {
        /// Which.
        name: String,
        /// What is set.
        properties: Properties,
    },
    /// `DROP DATABASE …`
    DropDatabase {
        /// Which.
        name: String,
        /// That it is not there is no error.
        if_exists: bool,
        /// Drops its tables as well.
        cascade: bool,
    },
    /// `ALTER TABLE …`
    AlterTable {
        /// Which.
        table: Name,
        /// What becomes of it.
        change: AlterTable,
    },
    /// `MSCK REPAIR TABLE …`
    RepairTable(Name),
    /// `SHOW …`
    Show(Show),
    /// `DESCRIBE …`
    Describe {
        /// What.
        table: Name,
        /// With all that is known about it.
        extended: bool,
        /// Only one of its partitions, which has to be there.
        partition: Option<PartitionValues>,
        /// Only one column, or what lies in it: the names on the way there.
        column: Option<Vec<String>>,
    },
    /// `PREPARE … FROM …`
    Prepare {
        /// What it is called from now on.
        name: String,
        /// The statement, with `?` for its parameters.
        statement: Box<Statement>,
        /// Its text.
        text: String,
    },
    /// `EXECUTE … USING …`
    Execute {
        /// What was prepared.
        name: String,
        /// What its `?` stand for.
        using: Vec<Expr>,
    },
    /// `DEALLOCATE PREPARE …`
    Deallocate(String),
}

/// `EXPLAIN [ANALYZE] [(option value, …)] statement`
#[derive(Debug, Clone, PartialEq)]
pub struct Explain {
    /// Run it and say what it cost.
    pub analyze: bool,
    /// `FORMAT` and `TYPE`, in upper case.
    pub options: Vec<(String, String)>,
    /// What to explain.
    pub statement: Box<Statement>,
}

/// `CREATE TABLE … AS …`
#[derive(Debug, Clone, PartialEq)]
pub struct CreateTableAs {
    /// Its name.
    pub name: Name,
    /// That it is there is no error, and nothing is done.
    pub if_not_exists: bool,
    /// `WITH (…)`
    pub options: Options,
    /// What it holds.
    pub query: Box<Query>,
    /// Whether rows are written.
    pub with_data: bool,
}

/// `INSERT INTO …`
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// Where to.
    pub table: Name,
    /// For which columns, if not for all in their order.
    pub columns: Option<Vec<String>>,
    /// What.
    pub query: Box<Query>,
}

/// `UNLOAD …`
#[derive(Debug, Clone, PartialEq)]
pub struct Unload {
    /// What.
    pub query: Box<Query>,
    /// Where to.
    pub to: String,
    /// `WITH (…)`
    pub options: Options,
}

/// `WITH (…)` of a statement that writes: values by names in lower case.
pub type Options = BTreeMap<String, OptionValue>;

/// The value of such an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OptionValue {
    /// A text, number or boolean.
    Text(String),
    /// `ARRAY['…', …]`
    List(Vec<String>),
}

/// `CREATE [OR REPLACE] VIEW …`
#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    /// Its name.
    pub name: Name,
    /// In place of one of the same name.
    pub or_replace: bool,
    /// Its query.
    pub query: Box<Query>,
    /// The query's text.
    pub text: String,
}

/// What `SHOW` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Show {
    /// `TABLES`
    Tables {
        /// Of which database.
        database: Option<String>,
        /// Whose names match.
        like: Option<String>,
    },
    /// `VIEWS`
    Views {
        /// Of which database.
        database: Option<String>,
        /// Whose names match.
        like: Option<String>,
    },
    /// `DATABASES`
    Databases {
        /// Whose names match.
        like: Option<String>,
    },
    /// `PARTITIONS`
    Partitions(Name),
    /// `CREATE TABLE`
    CreateTable(Name),
    /// `CREATE VIEW`
    CreateView(Name),
    /// `COLUMNS`
    Columns(Name),
    /// `TBLPROPERTIES`
    Properties {
        /// Of which table.
        table: Name,
        /// Only this one.
        property: Option<String>,
    },
    /// `FUNCTIONS`
    Functions {
        /// Whose names match.
        like: Option<String>,
    },
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(database) = &self.database {
            write!(f, "{}.", Quoted(database))?;
        }
        Quoted(&self.name).fmt(f)
    }
}

/// Every statement in `text`, which semicolons separate.
///
/// # Errors
/// A [`SqlError`] at the first place that makes no sense.
pub fn parse(text: &str) -> Result<Vec<Statement>, SqlError> {
    let source = Source::new(text)?;
    source.statements().map(|tokens| statement(&mut Cursor::new(&source, tokens))).collect()
}

/// The texts of the statements in `text`, without the semicolons between them. Each has as many lines
/// and blanks before it as it has in `text`, so that errors say where in `text` they are.
///
/// # Errors
/// If a text, name or comment has no end, or a character begins no token.
pub fn split(text: &str) -> Result<Vec<String>, SqlError> {
    let source = Source::new(text)?;
    Ok(source.statements().map(|tokens| before(tokens) + source.text_of(tokens)).collect())
}

/// Lines and blanks that put what follows where `tokens` are.
fn before(tokens: &[TokenWithSpan]) -> String {
    let Some(Location { line, column }) = tokens.first().map(|token| token.span.start) else {
        return String::new();
    };
    let times = |position: u64| usize::try_from(position.saturating_sub(1)).unwrap_or_default();
    "\n".repeat(times(line)) + &" ".repeat(times(column))
}

/// The expressions, separated by commas, that `text` is.
///
/// # Errors
/// A [`SqlError`] at the first place that makes no sense.
pub fn expressions(text: &str) -> Result<Vec<Expr>, SqlError> {
    let source = Source::new(text)?;
    query::expressions(source.statements().next().unwrap_or_default())
}

/// The one statement in `text`; a semicolon may end it.
///
/// # Errors
/// A [`SqlError`] at the first place that makes no sense, or if there is none, or another.
pub fn parse_one(text: &str) -> Result<Statement, SqlError> {
    let source = Source::new(text)?;
    let mut statements = source.statements();
    let mut cursor = Cursor::new(&source, statements.next().unwrap_or_default());
    let parsed = statement(&mut cursor)?;
    match statements.next() {
        None => Ok(parsed),
        Some(more) => {
            let message = "Only one SQL statement is allowed. Run one after another";
            Err(Cursor::new(&source, more).error(ErrorCode::SyntaxError, message))
        }
    }
}

/// How a statement can begin, in a message.
const BEGINNINGS: &str = "'ALTER', 'CREATE', 'DEALLOCATE', 'DESCRIBE', 'DROP', 'EXECUTE', 'EXPLAIN', 'INSERT', \
                          'MSCK', 'PREPARE', 'SELECT', 'SHOW', 'UNLOAD', 'VALUES', 'WITH'";

/// Statements that only Iceberg tables know.
const ICEBERG: [&str; 5] = ["DELETE", "MERGE", "OPTIMIZE", "UPDATE", "VACUUM"];

/// Reads all that is left as one statement.
fn statement(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let before = cursor.clone();
    let Token::Word(word) = cursor.peek() else { return query_statement(cursor) };
    let keyword = if word.quote_style.is_none() { word.value.to_ascii_uppercase() } else { String::new() };
    if matches!(keyword.as_str(), "SELECT" | "WITH" | "VALUES" | "TABLE") {
        return query_statement(cursor);
    }
    cursor.advance();
    let statement = match keyword.as_str() {
        "ALTER" => alter::alter(cursor),
        "CREATE" => create(cursor),
        "DEALLOCATE" => cursor.expect(&["PREPARE"]).and_then(|()| cursor.lower().map(Statement::Deallocate)),
        "DESC" | "DESCRIBE" => show::describe(cursor),
        "DROP" => table::drop(cursor),
        "EXECUTE" => execute(cursor),
        "EXPLAIN" => explain(cursor),
        "INSERT" => write::insert(cursor),
        "MSCK" => table::repair(cursor),
        "PREPARE" => prepare(cursor),
        "SHOW" => show::show(cursor),
        "UNLOAD" => write::unload(cursor),
        other if ICEBERG.contains(&other) => {
            let message = format!("{other} changes rows, which logs do not allow");
            Err(before.error(ErrorCode::NotSupported, message))
        }
        _ => Err(before.mismatch(BEGINNINGS)),
    }?;
    cursor.finish()?;
    Ok(statement)
}

fn query_statement(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if *cursor.peek() != Token::LParen && !matches!(cursor.peek(), Token::Word(_)) {
        return Err(cursor.mismatch(BEGINNINGS));
    }
    query::query(cursor.take_rest()).map(Statement::Query)
}

fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.accept(&["EXTERNAL", "TABLE"]) {
        table::create_external(cursor)
    } else if cursor.accept(&["TABLE"]) {
        write::create_table_as(cursor)
    } else if cursor.accept(&["DATABASE"]) || cursor.accept(&["SCHEMA"]) {
        table::create_database(cursor)
    } else if cursor.accept(&["OR", "REPLACE", "VIEW"]) {
        create_view(cursor, true)
    } else if cursor.accept(&["VIEW"]) {
        create_view(cursor, false)
    } else {
        Err(cursor.mismatch("'DATABASE', 'EXTERNAL', 'OR', 'SCHEMA', 'TABLE', 'VIEW'"))
    }
}

fn create_view(cursor: &mut Cursor<'_>, or_replace: bool) -> Result<Statement, SqlError> {
    let name = cursor.name()?;
    if cursor.accept(&["COMMENT"]) {
        cursor.text()?;
    }
    cursor.expect(&["AS"])?;
    let text = cursor.rest_text().to_owned();
    let query = query::query(cursor.take_rest())?;
    Ok(Statement::CreateView(Box::new(CreateView { name, or_replace, query, text })))
}

fn explain(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let analyze = cursor.accept(&["ANALYZE"]);
    let _ = cursor.accept(&["VERBOSE"]);
    let mut ahead = cursor.clone();
    // Parentheses open options or a query.
    let opens = ahead.accept_token(&Token::LParen);
    let options = if opens && (ahead.is_keyword("FORMAT") || ahead.is_keyword("TYPE")) {
        cursor.list(|cursor| {
            let name = cursor.identifier()?.to_ascii_uppercase();
            Ok((name, cursor.identifier()?.to_ascii_uppercase()))
        })?
    } else {
        vec![]
    };
    let statement = inner(cursor, "EXPLAIN")?;
    Ok(Statement::Explain(Explain { analyze, options, statement }))
}

fn prepare(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.lower()?;
    cursor.expect(&["FROM"])?;
    let text = cursor.rest_text().to_owned();
    Ok(Statement::Prepare { name, statement: inner(cursor, "PREPARE")?, text })
}

/// The statement inside another: a query or one that writes a query's result.
fn inner(cursor: &mut Cursor<'_>, around: &str) -> Result<Box<Statement>, SqlError> {
    let before = cursor.clone();
    // Looked at before it is read, so that these cannot be nested without end.
    let nests = ["EXPLAIN", "PREPARE", "EXECUTE"].iter().any(|keyword| before.is_keyword(keyword));
    if nests {
        return Err(before.mismatch("'CREATE', 'INSERT', 'SELECT', 'UNLOAD', 'VALUES', 'WITH'"));
    }
    let statement = statement(cursor)?;
    match statement {
        Statement::Query(_) | Statement::CreateTableAs(_) | Statement::Insert(_) | Statement::Unload(_) => {
            Ok(Box::new(statement))
        }
        _ => {
            let message = format!("{around} takes a query, CREATE TABLE AS, INSERT or UNLOAD");
            Err(before.error(ErrorCode::NotSupported, message))
        }
    }
}

fn execute(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.lower()?;
    let using = if cursor.accept(&["USING"]) { query::expressions(cursor.take_rest())? } else { vec![] };
    Ok(Statement::Execute { name, using })
}
