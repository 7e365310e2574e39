//! What statements declare, kept with the rest of the state.

use super::Executions;
use crate::athena::error::{ApiError, ApiResult};
use crate::sql::SqlError;
use crate::sql::catalog::{Catalog, DEFAULT_DATABASE};
use crate::sql::statement::{Name, Statement, TableDefinition, parse_one};

impl Executions {
    /// What was declared.
    pub fn catalog(&self) -> &Catalog {
        self.engine.catalog()
    }

    /// What declares a table, as `SHOW CREATE TABLE` tells it; of one that nothing declares, too.
    ///
    /// # Errors
    /// If it is a view.
    pub fn table_definition(&self, name: &Name) -> Result<TableDefinition, SqlError> {
        self.engine.table_definition(name)
    }

    /// Declares again what was declared when the last server ended.
    ///
    /// # Errors
    /// If the state cannot be read. A statement that cannot be carried out any more is logged.
    pub async fn restore_catalog(&self) -> ApiResult<()> {
        for statement in self.store.definitions().await? {
            if let Err(cause) = self.catalog().declare_again(&statement) {
                tracing::error!(%statement, %cause, "a definition is lost");
            }
        }
        Ok(())
    }

    /// Keeps what is declared now.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) async fn keep_catalog(&self) -> ApiResult<()> {
        // One after the other: what is kept last is what was declared last.
        let _turn = self.keeping.lock().await;
        self.store.put_definitions(self.catalog().definitions()).await
    }

    /// Prepares a statement for `EXECUTE`.
    ///
    /// # Errors
    /// If it is none.
    pub async fn prepare(&self, name: &str, text: &str) -> ApiResult<()> {
        let refuse = |cause: SqlError| ApiError::invalid("MALFORMED_QUERY", cause.to_string());
        let statement = Box::new(parse_one(text).map_err(refuse)?);
        let prepare = Statement::Prepare { name: name.to_lowercase(), statement, text: text.to_owned() };
        self.declare(&prepare).map_err(refuse)?;
        self.keep_catalog().await
    }

    /// Forgets a prepared statement; whether there was one.
    ///
    /// # Errors
    /// If that cannot be kept.
    pub async fn deallocate(&self, name: &str) -> ApiResult<bool> {
        let forgotten = self.declare(&Statement::Deallocate(name.to_lowercase())).is_ok();
        self.keep_catalog().await?;
        Ok(forgotten)
    }

    fn declare(&self, statement: &Statement) -> Result<(), SqlError> {
        self.catalog().apply(statement, DEFAULT_DATABASE).map(drop)
    }
}
