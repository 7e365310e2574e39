//! Integration tests: one binary, so that DataFusion is linked once.

mod anomalies;
mod athena;
mod attack;
mod cases;
mod cli;
mod containment;
mod correlated;
mod deploy;
mod detections;
mod digest_api;
mod digest_files;
mod digests;
mod follow;
mod hostile;
mod identify;
mod intake;
mod investigate;
#[cfg(all(unix, feature = "lambda"))]
mod lambda;
mod lineage;
mod partitions;
mod presentation;
mod principals;
mod report;
mod s3;
mod s3_server;
mod score;
mod sql;
mod support;
mod twin;
