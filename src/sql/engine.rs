//! Runs statements.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, col};
use datafusion::physical_plan::execute_stream;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use super::answer::{Answer, Column, StatementType};
use super::dialect::AthenaDialect;
use super::plan::{Parameters, Surroundings, plan_query};
use super::relation::{Relation, RelationColumn, Relations, Resolved};
use super::statement::{Statement, parse_one};
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
        let Statement::Query(query) = parse_one(statement)? else {
            return Err(SqlError::new(ErrorCode::NotSupported, "not yet").into());
        };
        let mentioned = identifiers(statement);
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

/// Every identifier of a statement, in lower case.
fn identifiers(text: &str) -> BTreeSet<String> {
    let tokens = Tokenizer::new(&AthenaDialect, text).tokenize().unwrap_or_default();
    let words = tokens.into_iter().filter_map(|token| match token {
        Token::Word(word) => Some(word.value.to_lowercase()),
        _ => None,
    });
    words.collect()
}
