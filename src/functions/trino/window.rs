//! Functions over windows: DataFusion's, whose meaning is Trino's.
//!
//! Source: Trino documentation, "Window functions".

use datafusion::functions_window::{cume_dist, lead_lag, nth_value, ntile, rank, row_number};

use super::function::{Body, Function, FunctionKind};

fn window(name: &'static str, doc: &'static str) -> Function {
    Function::new(name, doc, FunctionKind::Window)
}

/// Every function over windows that is no aggregate.
pub fn functions() -> Vec<Function> {
    vec![
        window("row_number", "The number of the row, from 1.")
            .with("() -> bigint", Body::Window(row_number::row_number_udwf)),
        window("rank", "One more than the rows before those that are equal.")
            .with("() -> bigint", Body::Window(rank::rank_udwf)),
        window("dense_rank", "One more than the different rows before.")
            .with("() -> bigint", Body::Window(rank::dense_rank_udwf)),
        window("percent_rank", "The rank from 0 to 1.")
            .with("() -> double", Body::Window(rank::percent_rank_udwf)),
        window("cume_dist", "The share of the rows that are not after this one.")
            .with("() -> double", Body::Window(cume_dist::cume_dist_udwf)),
        window("ntile", "The number of the row's share, of so many equal ones.")
            .with("(bigint) -> bigint", Body::Window(ntile::ntile_udwf)),
        window("lag", "The value some rows before, or a default.")
            .with("(T) -> T", Body::Window(lead_lag::lag_udwf))
            .with("(T, bigint) -> T", Body::Window(lead_lag::lag_udwf))
            .with("(T, bigint, T) -> T", Body::Window(lead_lag::lag_udwf)),
        window("lead", "The value some rows after, or a default.")
            .with("(T) -> T", Body::Window(lead_lag::lead_udwf))
            .with("(T, bigint) -> T", Body::Window(lead_lag::lead_udwf))
            .with("(T, bigint, T) -> T", Body::Window(lead_lag::lead_udwf)),
        window("first_value", "The value of the window's first row.")
            .with("(T) -> T", Body::Window(nth_value::first_value_udwf)),
        window("last_value", "The value of the window's last row.")
            .with("(T) -> T", Body::Window(nth_value::last_value_udwf)),
        window("nth_value", "The value of one of the window's rows, counted from 1.")
            .with("(T, bigint) -> T", Body::Window(nth_value::nth_value_udwf)),
    ]
}
