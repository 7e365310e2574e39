//! Where DataFusion sessions come from.

use std::num::NonZeroUsize;

use datafusion::prelude::{SessionConfig, SessionContext};

use crate::functions;

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
