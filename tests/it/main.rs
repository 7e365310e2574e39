//! Integration tests: one binary, so that DataFusion is linked once.

mod cases;
mod cli;
mod follow;
mod hostile;
mod identify;
mod intake;
mod lineage;
mod principals;
mod s3;
mod s3_server;
mod support;
mod twin;
