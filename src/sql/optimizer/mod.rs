//! What DataFusion's optimizer does differently for Athena's SQL.

mod distinct_existence;
mod guarded_filters;

use std::sync::Arc;

use datafusion::execution::SessionStateBuilder;
use datafusion::optimizer::OptimizerRule;
use datafusion::prelude::SessionContext;

use crate::session::session;
use distinct_existence::DistinctExistence;
use guarded_filters::GuardedFilters;

/// Rules that move fields of rows towards scans. They fail where a field is both selected and
/// filtered on, and scans find the fields themselves.
const LEAF_RULES: [&str; 2] = ["extract_leaf_expressions", "push_down_leaf_projections"];

/// The rule that brings filters together.
const PUSH_DOWN_FILTER: &str = "push_down_filter";

/// A session whose optimizer keeps to the order in which Athena looks at conditions.
pub(super) fn athena_session() -> SessionContext {
    let state = session().state();
    let mut rules: Vec<Arc<dyn OptimizerRule + Send + Sync>> = vec![];
    for rule in &state.optimizer().rules {
        if LEAF_RULES.contains(&rule.name()) {
            continue;
        }
        rules.push(Arc::clone(rule));
        if rule.name() == PUSH_DOWN_FILTER {
            rules.push(Arc::new(GuardedFilters));
            rules.push(Arc::new(DistinctExistence));
        }
    }
    let mut config = state.config().clone();
    // What sorts and joins learn on their way would be asked before the conditions of the query.
    config.options_mut().optimizer.enable_dynamic_filter_pushdown = false;
    config.options_mut().optimizer.enable_topk_dynamic_filter_pushdown = false;
    config.options_mut().optimizer.enable_join_dynamic_filter_pushdown = false;
    config.options_mut().optimizer.enable_aggregate_dynamic_filter_pushdown = false;
    let state = SessionStateBuilder::new_from_existing(state).with_config(config);
    SessionContext::new_with_state(state.with_optimizer_rules(rules).build())
}
