//! Runs statements.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use arrow::datatypes::DataType;
use chrono::{DateTime, Utc};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::display::DisplayableExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{ExecutionPlan, collect, execute_stream};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{Expr, Query};
use datafusion::sql::sqlparser::tokenizer::Location;
use tempfile::TempDir;

use super::answer::{Answer, Column, StatementType};
use super::catalog::{Catalog, CatalogRelations, DEFAULT_DATABASE, Shown, TableScans};
use super::mentions::Words;
use super::optimizer::athena_session;
use super::plan::{Parameters, Places, Planned, Surroundings, plan_query};
use super::relation::{Relations, ViewDefinition};
use super::statement::{
    CreateView, Explain, Name, Show, Statement, TableDefinition, expressions, folded, parse_one,
};
use super::stored::{Rows, WriteOptions, Writer};
use super::view::{Within, named};
use super::{ErrorCode, SqlError};
use crate::error::Result;
use crate::output::write_error;
use crate::trail::Trail;

/// Runs Athena's statements over the logs of a [`Trail`].
///
/// Statements run at the same time share what was declared; nothing else.
#[derive(Debug)]
pub struct Engine {
    trail: Trail,
    catalog: Catalog,
    now: Option<DateTime<Utc>>,
    writes: Option<WriteOptions>,
    /// Where tables of results lie, if nobody says where: gone with the engine.
    workspace: OnceLock<TempDir>,
}

/// In which surroundings a statement runs.
#[derive(Debug, Clone, Default)]
pub struct Session {
    /// The database that names without one belong to, in any case, quoted or not; `default` if `None`.
    pub database: Option<String>,
    /// Where a table that the statement makes lies (`s3://bucket/folder/`) if it has no `external_location`.
    pub table: Option<String>,
    /// What the statement's `?` stand for: SQL literals, as Athena's `ExecutionParameters` are.
    pub parameters: Vec<String>,
    /// What `$name` stands for.
    pub named: HashMap<String, ScalarValue>,
}

impl Engine {
    /// An engine over the logs of `trail`.
    pub fn new(trail: Trail) -> Self {
        Self { trail, catalog: Catalog::default(), now: None, writes: None, workspace: OnceLock::new() }
    }

    /// The same, with a clock that stands still.
    pub fn with_clock(self, now: DateTime<Utc>) -> Self {
        Self { now: Some(now), ..self }
    }

    /// What the clock says.
    pub fn now(&self) -> DateTime<Utc> {
        self.now.unwrap_or_else(Utc::now)
    }

    /// The same, with a say in where statements write: otherwise into a folder that goes with the
    /// engine, and wherever they name.
    pub fn with_writes(self, writes: WriteOptions) -> Self {
        Self { writes: Some(writes), ..self }
    }

    fn writes(&self) -> Result<WriteOptions> {
        if let Some(writes) = &self.writes {
            return Ok(writes.clone());
        }
        let workspace = match self.workspace.get() {
            Some(made) => made.path().to_owned(),
            None => {
                let made = tempfile::Builder::new().prefix("trailq-").tempdir();
                let made = made.map_err(|cause| write_error(&std::env::temp_dir(), cause))?;
                self.workspace.get_or_init(|| made).path().to_owned()
            }
        };
        Ok(WriteOptions { workspace, folders: true })
    }

    /// What was declared so far.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// What declares a table; of one that nothing declares, what would declare the one over all sources.
    ///
    /// # Errors
    /// If it is a view.
    pub fn table_definition(&self, name: &Name) -> Result<TableDefinition, SqlError> {
        self.catalog.definition(name, DEFAULT_DATABASE, &TableScans::new(&self.trail, self.now()))
    }

    /// Plans a statement and starts to run it.
    ///
    /// # Errors
    /// A [`SqlError`] if Athena would refuse it; another if nothing can be read.
    pub async fn run(&self, text: &str, session: &Session) -> Result<Answer> {
        let statement = parse_one(text)?;
        let given = session.parameters.iter().map(|literal| literal_of(literal));
        let given = given.collect::<Result<Vec<_>, SqlError>>()?;
        let Statement::Execute { name, using } = statement else {
            return self.run_parsed(&statement, text, &given, session).await;
        };
        let prepared = self.catalog.prepared(&name)?;
        // Athena's API gives them beside the statement, SQL after USING.
        let given = if using.is_empty() { given } else { using };
        self.run_parsed(&parse_one(&prepared)?, &prepared, &given, session).await
    }

    async fn run_parsed(
        &self,
        statement: &Statement,
        text: &str,
        given: &[Expr],
        session: &Session,
    ) -> Result<Answer> {
        let now = self.now();
        let database = session.database.as_deref().map_or_else(|| DEFAULT_DATABASE.to_owned(), folded);
        let words = Words::of(text);
        let run = Run {
            engine: self,
            database: &database,
            table: session.table.as_deref(),
            now,
            parameters: Parameters {
                positional: positional(statement, &words.placeholders, given)?,
                named: session.named.clone(),
            },
            scans: TableScans::new(&self.trail, now),
            words,
        };
        run.statement(statement).await
    }
}

/// One statement that is run.
struct Run<'a> {
    engine: &'a Engine,
    database: &'a str,
    /// Where a table that it makes lies.
    table: Option<&'a str>,
    now: DateTime<Utc>,
    words: Words,
    parameters: Parameters,
    scans: TableScans,
}

impl Run<'_> {
    async fn statement(self, statement: &Statement) -> Result<Answer> {
        let catalog = &self.engine.catalog;
        match statement {
            Statement::Query(query) => self.query(query).await,
            Statement::Explain(explain) => self.explain(explain).await,
            Statement::CreateTableAs(made) => self.write(&made.query, statement).await,
            Statement::Insert(inserted) => self.write(&inserted.query, statement).await,
            Statement::Unload(unloaded) => self.write(&unloaded.query, statement).await,
            Statement::Describe { table, partition: None, column: None, .. }
            | Statement::Show(Show::Columns(table))
                if let Some(view) = catalog.view(table, self.database) =>
            {
                let planned = self.planned_view(&view)?;
                let shown = catalog.show_view(&planned.fields);
                self.shown(shown, StatementType::Utility, "DESC_VIEW")
            }
            other => {
                if let Statement::CreateView(view) = other {
                    self.check_view(view)?;
                }
                if let Some(shown) = catalog.show(other, self.database, &self.scans)? {
                    return self.shown(shown, StatementType::Utility, substatement(other));
                }
                if catalog.apply(other, self.database)? {
                    return self.batches(vec![], vec![], StatementType::Ddl, substatement(other));
                }
                let message = format!("{} is not supported", substatement(other));
                Err(SqlError::new(ErrorCode::NotSupported, message).into())
            }
        }
    }

    fn plan(&self, query: &Query) -> Result<Planned, SqlError> {
        self.plan_over(query, &self.relations())
    }

    fn relations(&self) -> CatalogRelations<'_> {
        CatalogRelations { catalog: &self.engine.catalog, scans: &self.scans }
    }

    /// What a view reads and gives has to make sense when it is made.
    fn check_view(&self, view: &CreateView) -> Result<(), SqlError> {
        let relations = Within::new(self.relations(), &view.name, self.database);
        named(&self.plan_over(&view.query, &relations)?.fields)
    }

    fn planned_view(&self, view: &ViewDefinition) -> Result<Planned, SqlError> {
        let relations = self.relations();
        let surroundings = Surroundings {
            relations: &relations,
            database: &view.database,
            now: self.now,
            mentioned: &view.mentioned,
            places: Places::default(),
            parameters: &self.parameters,
        };
        plan_query(&view.query, surroundings)
    }

    fn plan_over(&self, query: &Query, relations: &dyn Relations) -> Result<Planned, SqlError> {
        let surroundings = Surroundings {
            relations,
            database: self.database,
            now: self.now,
            mentioned: &self.words.identifiers,
            places: Places(&self.words.tokens),
            parameters: &self.parameters,
        };
        plan_query(query, surroundings)
    }

    async fn query(self, query: &Query) -> Result<Answer> {
        let planned = self.plan(query)?;
        let columns = Column::of_fields(&planned.fields);
        let (context, plan) = physical(&planned.plan).await?;
        let batches = execute_stream(plan, context.task_ctx())?;
        Ok(self.answer(columns, batches, StatementType::Dml, "SELECT"))
    }

    /// Runs a statement that writes the rows of `query`.
    async fn write(self, query: &Query, statement: &Statement) -> Result<Answer> {
        let options = self.engine.writes()?;
        let Self { engine, database, scans, table, .. } = &self;
        let writer = Writer { catalog: &engine.catalog, scans, options: &options, database, table: *table };
        let planned = self.plan(query)?;
        if let Statement::CreateTableAs(_) = statement {
            named(&planned.fields)?;
        }
        let rows = async || -> Result<Rows> {
            let (context, plan) = physical(&planned.plan).await?;
            Ok(Rows {
                columns: Column::of_fields(&planned.fields),
                batches: execute_stream(plan, context.task_ctx())?,
            })
        };
        let (kind, outcome) = match statement {
            Statement::CreateTableAs(made) if writer.is_there(made) => (StatementType::Ddl, None),
            Statement::CreateTableAs(made) => {
                (StatementType::Ddl, Some(writer.create_table_as(made, rows().await?).await?))
            }
            Statement::Insert(inserted) => {
                (StatementType::Dml, Some(writer.insert(inserted, rows().await?).await?))
            }
            Statement::Unload(unloaded) => {
                (StatementType::Dml, Some(writer.unload(unloaded, rows().await?).await?))
            }
            other => return Err(SqlError::new(ErrorCode::NotSupported, substatement(other)).into()),
        };
        let mut answer = self.batches(vec![], vec![], kind, substatement(statement))?;
        answer.update_count = Some(outcome.as_ref().map_or(0, |outcome| outcome.rows));
        answer.files = outcome.map(|outcome| outcome.files);
        Ok(answer)
    }

    /// The plan, as DataFusion writes it; with `ANALYZE` what each step of it did.
    async fn explain(self, explain: &Explain) -> Result<Answer> {
        let Statement::Query(query) = explain.statement.as_ref() else {
            return Err(SqlError::new(ErrorCode::NotSupported, "EXPLAIN takes a query").into());
        };
        let planned = self.plan(query)?;
        let option = |name: &str| {
            let given = explain.options.iter().find(|(option, _)| option == name);
            given.map(|(_, value)| value.as_str())
        };
        if option("TYPE") == Some("VALIDATE") {
            let shown = Shown { columns: &["Valid"], lines: vec!["true".to_owned()] };
            return self.shown(shown, StatementType::Utility, "EXPLAIN");
        }
        let text = if explain.analyze {
            let (context, plan) = physical(&planned.plan).await?;
            collect(Arc::clone(&plan), context.task_ctx()).await?;
            DisplayableExecutionPlan::with_metrics(plan.as_ref()).indent(true).to_string()
        } else {
            let plan = athena_session().state().optimize(&planned.plan)?;
            match option("FORMAT") {
                Some("JSON") => plan.display_pg_json().to_string(),
                Some("GRAPHVIZ") => plan.display_graphviz().to_string(),
                _ => plan.display_indent().to_string(),
            }
        };
        let lines = text.lines().map(ToOwned::to_owned).collect();
        let substatement = if explain.analyze { "EXPLAIN_ANALYZE" } else { "EXPLAIN" };
        self.shown(Shown { columns: &["Query Plan"], lines }, StatementType::Utility, substatement)
    }

    fn shown(self, shown: Shown, kind: StatementType, substatement: &'static str) -> Result<Answer> {
        let columns = shown.columns.iter();
        let columns = columns.map(|name| Column { name: (*name).to_owned(), data_type: DataType::Utf8 });
        self.batches(columns.collect(), vec![shown.batch()?], kind, substatement)
    }

    fn batches(
        self,
        columns: Vec<Column>,
        batches: Vec<RecordBatch>,
        kind: StatementType,
        substatement: &'static str,
    ) -> Result<Answer> {
        let schema =
            batches.first().map_or_else(|| Arc::new(arrow::datatypes::Schema::empty()), RecordBatch::schema);
        let batches = futures::stream::iter(batches.into_iter().map(Ok));
        let batches = Box::pin(RecordBatchStreamAdapter::new(schema, batches));
        Ok(self.answer(columns, batches, kind, substatement))
    }

    fn answer(
        self,
        columns: Vec<Column>,
        batches: datafusion::execution::SendableRecordBatchStream,
        statement_type: StatementType,
        substatement_type: &'static str,
    ) -> Answer {
        let notices = self.scans.notices();
        Answer {
            statement_type,
            substatement_type,
            columns,
            batches,
            scans: Arc::clone(self.scans.scans()),
            notices,
            update_count: None,
            files: None,
        }
    }
}

async fn physical(plan: &LogicalPlan) -> Result<(SessionContext, Arc<dyn ExecutionPlan>)> {
    let context = athena_session();
    let state = context.state();
    let plan = state.optimize(plan)?;
    let plan = state.query_planner().create_physical_plan(&plan, &state).await?;
    Ok((context, plan))
}

/// What each `?` of a statement stands for.
fn positional(
    statement: &Statement,
    placeholders: &[Location],
    given: &[Expr],
) -> Result<HashMap<Location, Expr>, SqlError> {
    // What is prepared gets its values later.
    if matches!(statement, Statement::Prepare { .. }) || placeholders.len() == given.len() {
        return Ok(placeholders.iter().copied().zip(given.iter().cloned()).collect());
    }
    let (wanted, given) = (placeholders.len(), given.len());
    let message = format!("Incorrect number of parameters: expected {wanted} but found {given}");
    Err(SqlError::new(ErrorCode::InvalidFunctionArgument, message))
}

/// The expression that a parameter's text is.
fn literal_of(text: &str) -> Result<Expr, SqlError> {
    let one = expressions(text)?;
    let [one] = <[Expr; 1]>::try_from(one).map_err(|_| {
        SqlError::new(
            ErrorCode::InvalidFunctionArgument,
            format!("A parameter is one SQL literal, not {text}"),
        )
    })?;
    Ok(one)
}

/// What Athena calls a statement.
fn substatement(statement: &Statement) -> &'static str {
    match statement {
        Statement::Query(_) => "SELECT",
        Statement::Explain(_) => "EXPLAIN",
        Statement::CreateTable(_) => "CREATE_TABLE",
        Statement::CreateTableAs(_) => "CREATE_TABLE_AS_SELECT",
        Statement::Insert(_) => "INSERT",
        Statement::Unload(_) => "UNLOAD",
        Statement::CreateView(_) => "CREATE_VIEW",
        Statement::DropView { .. } => "DROP_VIEW",
        Statement::DropTable { .. } => "DROP_TABLE",
        Statement::CreateDatabase { .. } => "CREATE_DATABASE",
        Statement::DropDatabase { .. } => "DROP_DATABASE",
        Statement::AlterTable { .. } => "ALTER_TABLE",
        Statement::AlterDatabase { .. } => "ALTER_DATABASE",
        Statement::RepairTable(_) => "MSCK_REPAIR",
        Statement::Describe { .. } => "DESCRIBE_TABLE",
        Statement::Prepare { .. } => "PREPARE",
        Statement::Execute { .. } => "EXECUTE",
        Statement::Deallocate(_) => "DEALLOCATE",
        Statement::Show(show) => match show {
            Show::Tables { .. } => "SHOW_TABLES",
            Show::Views { .. } => "SHOW_VIEWS",
            Show::Databases { .. } => "SHOW_DATABASES",
            Show::Partitions(_) => "SHOW_PARTITIONS",
            Show::CreateTable(_) => "SHOW_CREATE_TABLE",
            Show::CreateView(_) => "SHOW_CREATE_VIEW",
            Show::Columns(_) => "SHOW_COLUMNS",
            Show::Properties { .. } => "SHOW_TABLE_PROPERTIES",
            Show::Functions { .. } => "SHOW_FUNCTIONS",
        },
    }
}
