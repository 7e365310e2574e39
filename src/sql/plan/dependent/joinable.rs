//! Which subqueries DataFusion makes joins of by itself, with the right answers.

use datafusion::common::DFSchema;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator, Subquery};

use super::depends;

/// Whether DataFusion makes a join of a scalar subquery beside columns of `schema`: one that depends on
/// these in nothing but equations with columns of its own.
pub(in crate::sql::plan) fn is_joinable(query: &Subquery, schema: &DFSchema) -> bool {
    belongs(query, schema) && has_equations(&query.subquery)
}

/// Whether DataFusion makes a semijoin of `EXISTS` and `IN` beside columns of `schema`: of a query that
/// depends on these in nothing but conditions, which leave out whole rows or groups.
pub(in crate::sql::plan) fn is_semijoin(query: &Subquery, schema: &DFSchema) -> bool {
    belongs(query, schema) && (by_conditions(&query.subquery) || by_equations(&query.subquery))
}

/// Whether a query depends on nothing but columns of `schema`, rather than on a query further out.
fn belongs(query: &Subquery, schema: &DFSchema) -> bool {
    query.outer_ref_columns.iter().all(|outer| match outer {
        Expr::OuterReferenceColumn(_, own) => schema.has_column(own),
        _ => true,
    })
}

fn has_equations(inner: &LogicalPlan) -> bool {
    match inner {
        LogicalPlan::Projection(projection) => {
            !inner.contains_outer_reference() && has_equations(&projection.input)
        }
        // One without keys has a row even for a row that has nothing to aggregate; DataFusion sees to
        // that if it is the last step.
        LogicalPlan::Aggregate(aggregate) if aggregate.group_expr.is_empty() => {
            !inner.contains_outer_reference() && by_equations(&aggregate.input)
        }
        other => by_equations(other),
    }
}

/// Conditions below nothing that counts or picks rows.
fn by_conditions(plan: &LogicalPlan) -> bool {
    let whole = match plan {
        LogicalPlan::Filter(_) => true,
        LogicalPlan::Projection(_) | LogicalPlan::Sort(_) => !plan.contains_outer_reference(),
        _ => !depends(plan),
    };
    whole && plan.inputs().into_iter().all(by_conditions)
}

/// Equations, which may lie below groups: then they are keys of these.
fn by_equations(plan: &LogicalPlan) -> bool {
    let whole = match plan {
        LogicalPlan::Filter(filter) => {
            let terms = split_conjunction(&filter.predicate);
            terms.into_iter().filter(|term| term.contains_outer()).all(is_equation)
        }
        LogicalPlan::Projection(_) | LogicalPlan::Distinct(_) => !plan.contains_outer_reference(),
        LogicalPlan::Aggregate(aggregate) if !aggregate.group_expr.is_empty() => {
            !plan.contains_outer_reference()
        }
        _ => !depends(plan),
    };
    whole && plan.inputs().into_iter().all(by_equations)
}

fn is_equation(term: &Expr) -> bool {
    let Expr::BinaryExpr(compared) = term else { return false };
    let sides = [(&compared.left, &compared.right), (&compared.right, &compared.left)];
    compared.op == Operator::Eq
        && sides.iter().any(|(own, other)| matches!(***own, Expr::Column(_)) && !other.any_column_refs())
}
