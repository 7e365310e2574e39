//! Scores the findings over labelled cases: `cargo run --release --example score [FOLDER]`.
//!
//! The folder is one like `../shared/cases`: attacks.jsonl, benign.jsonl, and the logs they name.

#[path = "../tests/it/score.rs"]
mod score;

use std::path::PathBuf;

use score::{Asking, score};

#[tokio::main]
async fn main() {
    let cases = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "../shared/cases".to_owned()));
    if !cases.join("attacks.jsonl").exists() {
        eprintln!("{} holds no attacks.jsonl; name the folder of the cases", cases.display());
        std::process::exit(2);
    }
    for (title, asking) in [
        ("asked about everyone in the logs", Asking::Everyone),
        ("asked about the case's principal", Asking::Principal),
    ] {
        let score = score(&cases, asking).await;
        println!("{title}\n{score}");
        for (name, wrong) in [
            ("missed", &score.strong.wrong),
            ("missed", &score.others.wrong),
            ("false alarm", &score.negatives.wrong),
            ("noise", &score.background.which),
            ("noise (hard benign)", &score.hard_benign.which),
            ("noise (agent)", &score.agent.which),
        ] {
            wrong.iter().for_each(|wrong| println!("{name}: {wrong}"));
        }
        println!();
    }
}
