//! The one place where DataFusion sessions are built.

use std::num::NonZeroUsize;

use datafusion::execution::SessionStateBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::functions;

/// Rules that move fields of rows towards scans.
const LEAF_RULES: [&str; 2] = ["extract_leaf_expressions", "push_down_leaf_projections"];

/// A session with trailq's functions and settings.
pub fn session() -> SessionContext {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let mut config = SessionConfig::new().with_target_partitions(cores);
    let options = config.options_mut();
    options.execution.collect_statistics = false;
    // Scans are cut into partitions already; dealing few rows out again only copies them.
    options.optimizer.enable_round_robin_repartition = false;
    // The table's texts are Utf8; casts to varchar are to give the same.
    options.sql_parser.map_string_types_to_utf8view = false;
    options.sql_parser.default_null_ordering = "nulls_last".into();
    let context = SessionContext::new_with_config(config);
    functions::register_all(&context);
    context
}

/// The same for Athena's SQL, without the rules that move fields of rows towards scans: they fail
/// where a field is both selected and filtered on, and scans find the fields themselves.
pub fn athena_session() -> SessionContext {
    let state = session().state();
    let rules = state.optimizer().rules.iter();
    let rules = rules.filter(|rule| !LEAF_RULES.contains(&rule.name())).cloned().collect();
    let state = SessionStateBuilder::new_from_existing(state).with_optimizer_rules(rules).build();
    SessionContext::new_with_state(state)
}
