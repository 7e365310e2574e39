//! Athena's API, asked by AWS's own client.

mod access;
mod catalog;
mod queries;
mod results;
mod saved;
mod server;
mod written;
