//! Athena's API, asked by AWS's own client.

mod access;
mod queries;
mod results;
mod saved;
mod server;
