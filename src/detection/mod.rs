//! What an attacker's step looks like: rules, built in or Sigma's, over the table's columns.

pub mod builtin;
mod correlate;
pub mod events;
mod rule;
pub mod screen;
pub mod sigma;

pub use rule::{Bound, CorrelationKind, Logic, Rule, Severity};
