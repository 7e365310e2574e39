//! What can be typed, and what it means.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use trailq::output::{Format, TreeFormat};

use super::question::QuestionArgs;

/// AWS CloudTrail incident timelines, straight from S3 or a folder.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// What a role, or another principal, did around an incident, and what was done to it.
    ///
    /// Exit codes: 0 complete, 1 error, 2 usage, 3 answered but something could not be read.
    Timeline(TimelineArgs),
    /// Where its sessions came from, what credentials they issued, and what was done with those.
    Lineage(LineageArgs),
    /// What `timeline` with the same arguments would read, and what S3 would charge for it.
    Plan(PlanArgs),
}

#[derive(Debug, Args)]
pub struct TimelineArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    /// How to write the answer [default: as the name of the output file ends, else table].
    #[arg(long, value_name = "FORMAT", value_parser = format_parser(), help_heading = "Output")]
    format: Option<Format>,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Every column in the table, however wide.
    #[arg(long, help_heading = "Output")]
    pub wide: bool,
    /// Write what was read, left out and failed to this file, as JSON.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub coverage: Option<PathBuf>,
}

impl TimelineArgs {
    /// The format asked for, or told by the output's name.
    pub fn format(&self) -> Format {
        let ending = || self.output.as_ref()?.extension()?.to_str()?.parse().ok();
        self.format.or_else(ending).unwrap_or(Format::Table)
    }
}

#[derive(Debug, Args)]
pub struct LineageArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    /// How to write the tree: tree, json, dot (Graphviz) or mermaid.
    #[arg(long, value_name = "FORMAT", default_value = "tree", value_parser = tree_format_parser(), help_heading = "Output")]
    pub format: TreeFormat,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Write what was read, left out and failed to this file, as JSON.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub coverage: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    /// How to write the plan.
    #[arg(long, value_enum, default_value_t = PlanFormat::Table, help_heading = "Output")]
    pub format: PlanFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    Table,
    Json,
}

fn format_parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name)).try_map(|name| name.parse::<Format>())
}

fn tree_format_parser() -> impl TypedValueParser<Value = TreeFormat> {
    PossibleValuesParser::new(TreeFormat::ALL.map(TreeFormat::name))
        .try_map(|name| name.parse::<TreeFormat>())
}

/// Whether `stream` shows colours: a terminal, and nobody said no.
pub fn shows_colour(stream: &impl IsTerminal) -> bool {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !no_colour && !dumb
}
