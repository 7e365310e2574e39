//! What can be typed, and what it means.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use trailq::Severity;
use trailq::output::{Format, TreeFormat};

use super::investigate::InvestigateArgs;
use super::query::QueryArgs;
use super::question::{QuestionArgs, ScopeArgs};
use super::serve::ServeArgs;
use super::store::StoreArgs;

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
    /// Which calls are out of character or known steps of attacks, how bad, why, and what to check.
    ///
    /// Without a principal everyone is looked at; without a time everything the sources hold.
    Anomalies(AnomaliesArgs),
    /// Timeline, lineage, findings and what to cut, as one case folder with a report.
    ///
    /// Exit codes: 0 complete, 1 error, 2 usage, 3 written but something could not be read.
    Investigate(Box<InvestigateArgs>),
    /// `investigate` for pipelines: its arguments, or an alert, as JSON on standard input; the result
    /// as JSON on standard output.
    Stage,
    /// `stage`, and the Athena tasks of Step Functions, as a function of AWS Lambda: what the program is
    /// where it is started under the name `bootstrap`.
    #[cfg(feature = "lambda")]
    Lambda,
    /// The rules and anomalies that `anomalies` knows.
    Rules(RulesArgs),
    /// Athena's SQL over the logs: a statement, a file of statements, or a prompt.
    ///
    /// Any table name that no CREATE TABLE declares stands for the sources.
    Sql(SqlArgs),
    /// A saved question: logins, new keys, policy changes, denied calls, S3 access, and others.
    Query(QueryArgs),
    /// What `timeline` with the same arguments would read, and what S3 would charge for it.
    Plan(PlanArgs),
    /// Whether log files are as CloudTrail delivered them, as its digest files say; or, of a case
    /// folder, whether it is as it was written.
    ///
    /// Without a time everything the sources hold is validated. What is altered, deleted, inserted or
    /// not covered is named.
    ///
    /// Exit codes: 0 all are, and none is missing, 1 error, 2 usage, 3 not all of that is proven.
    Verify(VerifyArgs),
    /// Answer Athena's API from the logs, until interrupted.
    Serve(ServeArgs),
}

#[derive(Debug, Args)]
pub struct TimelineArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    /// Mark the rows that findings rest on, as `anomalies` with the same arguments has them.
    #[arg(long)]
    pub annotate: bool,
    #[command(flatten)]
    pub detection: DetectionArgs,
    #[command(flatten)]
    pub digests: DigestArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Debug, Args)]
pub struct AnomaliesArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    #[command(flatten)]
    pub detection: DetectionArgs,
    /// Leave out findings below this severity.
    #[arg(long, value_name = "LEVEL", default_value = "informational", value_parser = severity_parser(), help_heading = "Output")]
    pub severity: Severity,
    #[command(flatten)]
    pub digests: DigestArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Whether what is read is as CloudTrail delivered it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Digests")]
pub struct DigestArgs {
    /// Also validate the log files of the window with CloudTrail's digest files, as `verify` does.
    #[arg(long)]
    pub verify_digests: bool,
    #[command(flatten)]
    pub keys: KeyArgs,
}

/// Where the public keys come from that digest files are signed with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Digests")]
pub struct KeyArgs {
    /// Public keys, as `aws cloudtrail list-public-keys` prints them [default: CloudTrail is asked].
    /// May be repeated.
    #[arg(long, value_name = "FILE")]
    pub public_keys: Vec<PathBuf>,
    /// Another CloudTrail than Amazon's (default: AWS_ENDPOINT_URL_CLOUDTRAIL, AWS_ENDPOINT_URL).
    #[arg(long, value_name = "URL", conflicts_with = "public_keys")]
    pub cloudtrail_endpoint: Option<String>,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub scope: ScopeArgs,
    #[command(flatten)]
    pub keys: KeyArgs,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, help_heading = "Output")]
    pub format: ReportFormat,
    /// Of a case: also read every object again that it was made from.
    #[arg(long)]
    pub reread: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub struct SqlArgs {
    /// The statement (unless -f names a file), then where the logs lie: a folder, a file, a glob or
    /// s3://bucket/prefix; several at once. Without a statement: standard input, or a prompt.
    #[arg(value_name = "STATEMENT | SOURCE")]
    pub given: Vec<String>,
    /// Run the statements of this file, `-` for standard input.
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub engine: EngineArgs,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// In which surroundings statements run.
#[derive(Debug, Args)]
pub struct EngineArgs {
    /// What the clock says: `now()` and `current_date` (default: the time it is).
    #[arg(long, value_name = "TIME")]
    pub now: Option<String>,
    /// The database of names that have none.
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub database: String,
}

/// What is looked for, and what it is compared with.
#[derive(Debug, Args)]
#[command(next_help_heading = "Detection")]
pub struct DetectionArgs {
    /// How long the past is that calls are compared with; 0s for none.
    #[arg(long, value_name = "LENGTH", default_value = "7d")]
    pub baseline: String,
    /// Sigma rules to run as well: a file, or a folder with all below it. May be repeated.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Where addresses are: a file of MaxMind's format (City, Country, ASN). May be repeated.
    #[arg(long, value_name = "FILE")]
    pub geoip: Vec<PathBuf>,
    /// Thresholds, as TOML; docs/trailq.toml shows all.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct RulesArgs {
    /// Show what each looks for, as SQL over the columns of `events`.
    #[arg(long)]
    pub sql: bool,
    /// Sigma rules to list as well: a file, or a folder with all below it. May be repeated.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
}

/// How and where to the answer is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// How to write the answer [default: as the name of the output file ends, else table].
    #[arg(long, value_name = "FORMAT", value_parser = format_parser())]
    format: Option<Format>,
    /// Write to this file instead of standard output.
    // Other arguments of the same command may be called `file` as well.
    #[arg(id = "output", short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Every column in the table, however wide.
    #[arg(long)]
    pub wide: bool,
    /// Write what was read, left out and failed to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub coverage: Option<PathBuf>,
}

impl OutputArgs {
    /// The format asked for, or told by the file's name.
    pub fn format(&self) -> Format {
        let ending = || self.file.as_ref()?.extension()?.to_str()?.parse().ok();
        self.format.or_else(ending).unwrap_or(Format::Table)
    }
}

#[derive(Debug, Args)]
pub struct LineageArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    /// How to write the tree: tree, json, dot (Graphviz), mermaid or svg.
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

fn severity_parser() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::name)).try_map(|name| name.parse::<Severity>())
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
