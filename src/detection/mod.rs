//! What an attacker's step looks like: rules, built in or Sigma's, over the table's columns.

mod rule;
pub mod sigma;

pub use rule::{Bound, Correlation, CorrelationKind, Logic, Rule, Severity};
