//! What can be typed, and what it means.

use std::io::IsTerminal;
use std::path::PathBuf;

use chrono::{DateTime, Duration, Utc};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use trailq::output::{Format, TreeFormat};
use trailq::{
    Error, Principal, Result, StoreOptions, TimelineQuestion, Trail, Window, parse_last_second, parse_length,
    parse_time,
};

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

/// Who, when, and where the logs lie.
#[derive(Debug, Args)]
pub struct QuestionArgs {
    #[command(flatten)]
    principal: PrincipalArgs,
    /// Where the logs lie: a folder, a file, a glob or s3://bucket/prefix; several at once.
    #[arg(value_name = "SOURCE", env = "TRAILQ_SOURCE")]
    sources: Vec<String>,
    #[command(flatten)]
    window: WindowArgs,
    /// Also what was done with credentials that the principal issued, across roles and accounts.
    #[arg(long)]
    follow: bool,
    /// How far before the window issued credentials are looked for, with --follow.
    #[arg(long, value_name = "LENGTH", default_value = "12h", help_heading = "Scope")]
    lookback: String,
    /// How long after the window a delivery may still hold its events.
    #[arg(long, value_name = "LENGTH", default_value = "1h", help_heading = "Scope")]
    slack: String,
    /// Only logs delivered for this account (default: all; a role's events can lie in any).
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Scope")]
    account: Vec<String>,
    /// Only logs delivered for this region (default: all).
    #[arg(long, value_name = "REGION", value_delimiter = ',', help_heading = "Scope")]
    region: Vec<String>,
    /// Profile of ~/.aws to take credentials from.
    #[arg(long, value_name = "NAME", help_heading = "Scope")]
    profile: Option<String>,
    /// Another S3 than Amazon's (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL).
    #[arg(long, value_name = "URL", help_heading = "Scope")]
    endpoint_url: Option<String>,
    /// Send requests unsigned, as public buckets allow.
    #[arg(long, help_heading = "Scope")]
    no_sign_request: bool,
}

/// Who or what the timeline is about.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[command(next_help_heading = "Principal (one of)")]
struct PrincipalArgs {
    /// A role's ARN (any partition, with or without path), or that of one of its sessions.
    #[arg(long, value_name = "ARN")]
    role: Option<String>,
    /// A user's ARN, an account's root user's, or a federated user's.
    #[arg(long, value_name = "ARN")]
    user: Option<String>,
    /// The ARN of one session of a role.
    #[arg(long, value_name = "ARN")]
    session: Option<String>,
    /// An access key id, AKIA… or ASIA….
    #[arg(long, value_name = "ID")]
    access_key: Option<String>,
    /// A unique id such as AROA… or AIDA…, with :SESSION for one session.
    #[arg(long, value_name = "ID")]
    principal_id: Option<String>,
    /// A source address.
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<String>,
    /// A resource's ARN: what touched it.
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
}

impl PrincipalArgs {
    fn principal(&self) -> Result<Principal> {
        type Parse = fn(&str) -> Result<Principal>;
        let given: [(&Option<String>, Parse); 7] = [
            (&self.role, Principal::role),
            (&self.user, Principal::user),
            (&self.session, Principal::session),
            (&self.access_key, Principal::access_key),
            (&self.principal_id, Principal::principal_id),
            (&self.ip, Principal::address),
            (&self.resource, Principal::resource),
        ];
        let mut parsed = given.iter().filter_map(|(value, parse)| Some(parse(value.as_deref()?)));
        parsed.next().unwrap_or_else(|| {
            Err(Error::argument("principal", "", "is missing", "give --role ARN or another principal"))
        })
    }
}

/// The incident window; a time without a zone is UTC.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
struct WindowArgs {
    /// How far the window reaches to both sides of --at.
    #[arg(long, value_name = "LENGTH", default_value = "30m", conflicts_with_all = ["from", "to"])]
    window: String,
    /// Time of the incident, such as 2026-03-14T14:07:00Z [default: now].
    #[arg(long, value_name = "TIME", conflicts_with_all = ["from", "to"])]
    at: Option<String>,
    /// How far it reaches before --at, if not as --window says.
    #[arg(long, value_name = "LENGTH", conflicts_with_all = ["from", "to"])]
    before: Option<String>,
    /// How far it reaches after --at, if not as --window says.
    #[arg(long, value_name = "LENGTH", conflicts_with_all = ["from", "to"])]
    after: Option<String>,
    /// First second of the window.
    #[arg(long, value_name = "TIME", requires = "to")]
    from: Option<String>,
    /// Last second of the window; a date alone means the end of that day.
    #[arg(long, value_name = "TIME", requires = "from")]
    to: Option<String>,
}

#[derive(Debug, Args)]
pub struct TimelineArgs {
    #[command(flatten)]
    pub question: QuestionArgs,
    /// How to write the answer.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format_parser(), help_heading = "Output")]
    pub format: Format,
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

impl QuestionArgs {
    /// The question these arguments ask.
    pub fn question(&self) -> Result<TimelineQuestion> {
        Ok(TimelineQuestion::new(self.principal.principal()?, self.window.window()?)
            .follow(self.follow)
            .lookback(parse_length(&self.lookback)?)
            .delivery_slack(parse_length(&self.slack)?)
            .accounts(self.account.clone())
            .regions(self.region.clone()))
    }

    /// Opens the sources they name.
    pub async fn open(&self) -> Result<Trail> {
        let options = StoreOptions {
            profile: self.profile.clone(),
            endpoint: self.endpoint_url.clone(),
            anonymous: self.no_sign_request,
            ..StoreOptions::default()
        };
        let named: Vec<&str> =
            self.sources.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        Trail::open_with(&named, &options).await
    }
}

impl WindowArgs {
    fn window(&self) -> Result<Window> {
        let now = Utc::now();
        if let (Some(from), Some(to)) = (&self.from, &self.to) {
            return Window::inclusive(parse_time(from, now)?, parse_last_second(to, now)?);
        }
        let at: DateTime<Utc> = self.at.as_deref().map_or(Ok(now), |at| parse_time(at, now))?;
        let length =
            |own: &Option<String>| -> Result<Duration> { parse_length(own.as_ref().unwrap_or(&self.window)) };
        Window::around(at, length(&self.before)?, length(&self.after)?)
    }
}

/// Whether `stream` shows colours: a terminal, and nobody said no.
pub fn shows_colour(stream: &impl IsTerminal) -> bool {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !no_colour && !dumb
}
