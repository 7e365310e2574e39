//! `TABLESAMPLE`.
//!
//! Source: Trino documentation, "SELECT", section "TABLESAMPLE".

use arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, lit};
use datafusion::scalar::ScalarValue;
use datafusion::sql::sqlparser::ast::{Spanned, TableSampleKind, TableSampleMethod, TableSampleQuantity};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::scope::{Env, Scope};
use super::{Field, Planned, Planner, Result, column, error, refused, syntax, unsupported};
use crate::sql::ErrorCode;

impl Planner<'_> {
    /// Each row with a chance of so many percent. `SYSTEM` takes larger pieces of a table together in
    /// Trino; how large is up to the engine, and here a piece is a row.
    pub(super) fn sampled(&self, planned: Planned, sample: Option<&TableSampleKind>) -> Result<Planned> {
        let Some(TableSampleKind::BeforeTableAlias(sample) | TableSampleKind::AfterTableAlias(sample)) =
            sample
        else {
            return Ok(planned);
        };
        let method = matches!(sample.name, Some(TableSampleMethod::Bernoulli | TableSampleMethod::System));
        let Some(TableSampleQuantity { parenthesized: true, value, unit: None }) =
            sample.quantity.as_ref().filter(|_| method)
        else {
            return Err(unsupported(Span::empty(), sample));
        };
        let at = value.span();
        let percentage = self.expr(value, &Scope::root(&Env::default()))?;
        let percentage = match &percentage.expr {
            Expr::Literal(number, _) if percentage.data_type.is_numeric() => {
                number.cast_to(&DataType::Float64).map_err(refused)?
            }
            _ => return Err(syntax(at, "Sample percentage should be a numeric constant")),
        };
        let ScalarValue::Float64(Some(percentage)) = percentage else {
            return Err(syntax(at, "Sample percentage should be a numeric constant"));
        };
        if !(0.0..=100.0).contains(&percentage) {
            let message = "Sample percentage must be between 0 and 100";
            return Err(error(ErrorCode::NumericValueOutOfRange, at, message));
        }
        let chance = self.apply("random", vec![], at, &Scope::root(&Env::default()))?;
        // A column of its own stays where it is; the optimizer would move a bare call of `random`.
        let drawn = self.fresh("chance");
        let columns = || planned.fields.iter().map(Field::expr);
        let plan = LogicalPlanBuilder::from(planned.plan.clone())
            .project(columns().chain([chance.expr.alias(&drawn)]))
            .and_then(|plan| plan.filter(column(drawn).lt(lit(percentage / 100.0))))
            .and_then(|plan| plan.project(columns()))
            .and_then(LogicalPlanBuilder::build);
        Ok(Planned { plan: plan.map_err(refused)?, ..planned })
    }
}
