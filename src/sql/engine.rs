//! Runs statements.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, col};
use datafusion::physical_plan::execute_stream;
use datafusion::sql::sqlparser::ast::Query;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::answer::{Answer, Column, StatementType};
use super::dialect::AthenaDialect;
use super::plan::{Parameters, Surroundings, plan_query};
use super::relation::{Relation, RelationColumn, Relations, Resolved};
use super::{ErrorCode, SqlError};
use crate::error::Result;
use crate::key::Scope;
use crate::schema::COLUMNS;
use crate::trail::Trail;

/// Runs Athena's statements over the logs of a [`Trail`].
#[derive(Debug)]
pub struct Engine {
    trail: Trail,
    now: Option<DateTime<Utc>>,
}

/// In which surroundings a statement runs.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// The database that names without one belong to; `default` if `None`.
    pub database: Option<String>,
    /// What the statement's `?` stand for: SQL literals, as Athena's `ExecutionParameters` are.
    pub parameters: Vec<String>,
}

struct Interim(LogicalPlan);

impl Relations for Interim {
    fn resolve(&self, _: &[String], _: &str, _: &BTreeSet<String>) -> Result<Resolved, SqlError> {
        let columns = self.0.schema().fields().iter();
        let columns = columns.map(|field| RelationColumn {
            name: field.name().clone(),
            hidden: field.name().starts_with('$'),
        });
        Ok(Resolved::Relation(Relation { plan: self.0.clone(), columns: columns.collect() }))
    }
}

impl Engine {
    /// An engine over the logs of `trail`.
    pub fn new(trail: Trail) -> Self {
        Self { trail, now: None }
    }

    /// The same, with a clock that stands still.
    pub fn with_clock(self, now: DateTime<Utc>) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Plans a statement and starts to run it.
    ///
    /// # Errors
    /// A [`SqlError`] if Athena would refuse it; another if nothing can be read.
    pub async fn run(&self, statement: &str, session: &Session) -> Result<Answer> {
        let (query, mentioned) = parse(statement)?;
        let desk = self.trail.desk(Scope::default())?;
        let table = desk.table();
        let exprs: Vec<Expr> = COLUMNS[..29]
            .iter()
            .map(|column| col(column.name))
            .chain([col("source_object").alias("$path")])
            .collect();
        let plan = LogicalPlanBuilder::scan("cloudtrail", provider_as_source(table), None)?
            .project(exprs)?
            .build()?;
        let relations = Interim(plan);
        let surroundings = Surroundings {
            relations: &relations,
            database: session.database.as_deref().unwrap_or("default"),
            now: self.now.unwrap_or_else(Utc::now),
            mentioned: &mentioned,
            parameters: &Parameters::default(),
        };
        let planned = plan_query(&query, surroundings)?;
        let columns = Column::of_fields(&planned.fields);
        let state = desk.context.state();
        let plan = state.optimize(&planned.plan)?;
        let recorder = desk.table().recorder().await?;
        let plan = state.query_planner().create_physical_plan(&plan, &state).await?;
        let batches = execute_stream(plan, desk.context.task_ctx())?;
        Ok(Answer {
            statement_type: StatementType::Dml,
            substatement_type: "SELECT",
            columns,
            batches,
            recorders: vec![recorder],
            notices: vec![],
        })
    }
}

fn parse(text: &str) -> Result<(Box<Query>, BTreeSet<String>), SqlError> {
    let syntax = |message: String| SqlError::new(ErrorCode::SyntaxError, message);
    let tokens =
        Tokenizer::new(&AthenaDialect, text).tokenize_with_location().map_err(|e| syntax(e.to_string()))?;
    let words = tokens.iter().filter_map(|token| match &token.token {
        Token::Word(word) => Some(word.value.to_lowercase()),
        _ => None,
    });
    let mentioned = words.collect();
    let mut parser = Parser::new(&AthenaDialect).with_recursion_limit(128).with_tokens_with_locations(tokens);
    let query = parser.parse_query().map_err(|e| syntax(e.to_string()))?;
    parser.consume_token(&Token::SemiColon);
    if parser.peek_token().token != Token::EOF {
        return Err(syntax(format!("mismatched input '{}'", parser.peek_token())));
    }
    Ok((query, mentioned))
}

/// The statements of a text.
pub fn statements(text: &str) -> Result<Vec<String>> {
    Ok(vec![text.to_owned()])
}
