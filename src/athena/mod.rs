//! A server that speaks Athena's API (AWS JSON 1.1 over HTTP/1), so that a program that queries
//! CloudTrail logs with Athena queries them with trailq by another endpoint.
//!
//! `protocol` has the shapes, `operations` what each operation does, `executions` the queries that
//! run, `results` the files that they leave, `store` what outlives the process, `access` and
//! `signature` who may ask, `http` and `server` the wire. `task` runs one statement without a server.

mod access;
mod error;
mod executions;
mod http;
mod ids;
mod operations;
mod protocol;
mod results;
mod server;
mod signature;
mod store;
mod task;

pub use executions::Limits;
pub use server::{Server, ServerOptions};
pub use task::{TaskError, TaskOptions, Tasks};
