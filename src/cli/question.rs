//! What is asked: about whom, when, and in which logs.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Duration, Utc};
use clap::Args;
use tempfile::TempDir;
use trailq::investigation::{MANIFEST, copy_of_case};
use trailq::output::text::visible;
use trailq::{
    AnomalyQuestion, Error, Identified, Incident, Principal, Result, Scope, StoreOptions, TimelineQuestion,
    Trail, Window, parse_last_second, parse_length, parse_time, window_of,
};

use super::store::StoreArgs;

/// Who, when, and where the logs lie.
#[derive(Debug, Args)]
pub struct QuestionArgs {
    #[command(flatten)]
    principal: PrincipalArgs,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Also what was done with credentials that the principal issued, across roles and accounts.
    #[arg(long)]
    follow: bool,
    /// How far before the window issued credentials are looked for, with --follow.
    #[arg(long, value_name = "LENGTH", default_value = "12h", help_heading = "Scope")]
    lookback: String,
}

/// When, and where the logs lie.
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// Where the logs lie: a folder, a file, a glob or s3://bucket/prefix; several at once.
    #[arg(value_name = "SOURCE", env = "TRAILQ_SOURCE")]
    sources: Vec<String>,
    /// The same as an option, instead. May be repeated.
    #[arg(long, value_name = "SOURCE")]
    source: Vec<String>,
    #[command(flatten)]
    window: WindowArgs,
    /// How long after the window a delivery may still hold its events.
    #[arg(long, value_name = "LENGTH", default_value = "1h", help_heading = "Scope")]
    slack: String,
    /// Only logs delivered for this account (default: all; a role's events can lie in any).
    #[arg(long, value_name = "ID", value_delimiter = ',', help_heading = "Scope")]
    account: Vec<String>,
    /// Only logs delivered for this region (default: all).
    #[arg(long, value_name = "REGION", value_delimiter = ',', help_heading = "Scope")]
    region: Vec<String>,
    #[command(flatten)]
    store: StoreArgs,
}

/// A question, where it is asked, and the alert that raised it.
pub struct AskedQuestion {
    pub trail: Trail,
    pub question: TimelineQuestion,
    pub alert: Option<(Incident, Identified)>,
    /// The alert as it was given.
    pub alert_text: Option<String>,
}

/// The group of arguments that say who.
pub const PRINCIPAL: &str = "principal";

/// Who or what the timeline is about.
#[derive(Debug, Args)]
#[group(id = PRINCIPAL, required = true, multiple = false)]
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
    /// An alert as JSON, `-` for standard input: a GuardDuty, Security Hub, Config or Access
    /// Analyzer finding, a CloudTrail record or an S3 event, bare or in an envelope. Who and when
    /// is taken from it; --window is added on both sides.
    #[arg(long, value_name = "FILE")]
    finding: Option<PathBuf>,
    /// The alert itself, where it does not have to be read.
    #[arg(skip)]
    alert: Option<String>,
}

impl PrincipalArgs {
    /// Who is named; `None` if that is for an alert to say.
    fn principal(&self) -> Option<Result<Principal>> {
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
        given.iter().find_map(|(value, parse)| Some(parse(value.as_deref()?)))
    }

    fn is_given(&self) -> bool {
        self.principal().is_some()
    }

    /// The alerts, as they are given.
    fn alert(&self) -> Result<String> {
        if let Some(alert) = &self.alert {
            return Ok(alert.clone());
        }
        let path = self.finding.as_deref().unwrap_or(Path::new("-"));
        let alert = if path == Path::new("-") {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(path)
        };
        alert.map_err(|cause| {
            let name = path.display().to_string();
            Error::argument(
                "alert",
                name,
                format!("cannot be read: {cause}"),
                "name a file of JSON, or - for standard input",
            )
        })
    }
}

/// How far a window reaches to both sides.
const DEFAULT_WINDOW: &str = "30m";

/// The incident window; a time without a zone is UTC.
#[derive(Debug, Args)]
#[command(next_help_heading = "Window")]
struct WindowArgs {
    /// How far the window reaches to both sides of --at [default: 30m].
    #[arg(long, value_name = "LENGTH", conflicts_with_all = ["from", "to"])]
    window: Option<String>,
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

impl QuestionArgs {
    /// Opens the sources, and settles what is asked of them.
    pub async fn ask(&self) -> Result<(Trail, TimelineQuestion)> {
        let asked = self.ask_at(Utc::now()).await?;
        Ok((asked.trail, asked.question))
    }

    /// The same with a clock of its own, and with the alert that raised the question.
    pub async fn ask_at(&self, now: DateTime<Utc>) -> Result<AskedQuestion> {
        match self.principal.principal() {
            Some(principal) => {
                let (principal, window) = (principal?, self.scope.window.window(now)?);
                let question = self.question(principal, window)?;
                say("", question.principal(), window, "");
                Ok(AskedQuestion { trail: self.scope.open().await?, question, alert: None, alert_text: None })
            }
            None => self.ask_of_alerts(now).await,
        }
    }

    /// The same question, about the alert that is given here as JSON.
    pub fn with_alert(mut self, alert: Option<String>) -> Self {
        self.principal.alert = alert;
        self
    }

    /// The file of the alert, if one is given.
    pub fn alert_file(&self) -> Option<&Path> {
        self.principal.finding.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// How stores are reached.
    pub fn store_options(&self) -> StoreOptions {
        self.scope.store_options()
    }

    /// The same, where nobody need be named and no time given: then it is everyone, and everything
    /// that the sources hold.
    pub async fn ask_anything(&self) -> Result<(Trail, AnomalyQuestion)> {
        if self.principal.finding.is_some() || (self.principal.is_given() && self.scope.window.is_given()) {
            let (trail, question) = self.ask().await?;
            return Ok((trail, AnomalyQuestion::about(question)));
        }
        let window =
            if self.scope.window.is_given() { Some(self.scope.window.window(Utc::now())?) } else { None };
        let question = match self.principal.principal() {
            Some(principal) => {
                let principal = principal?;
                eprintln!("{}, at any time", visible(&principal.to_string()));
                AnomalyQuestion::ever(self.question(principal, Window::ever())?)
            }
            None => {
                let time = window.map_or("at any time".to_owned(), in_words);
                eprintln!("everyone, {time}");
                AnomalyQuestion::everyone(self.scope.of(window)?)
            }
        };
        Ok((self.scope.open().await?, question))
    }

    async fn ask_of_alerts(&self, now: DateTime<Utc>) -> Result<AskedQuestion> {
        let text = self.principal.alert()?;
        let incidents = Incident::read(&text)?;
        let incident = Incident::merged(&incidents)?;
        let window = self.scope.window.window_of(&incident, now)?;
        let trail = self.scope.open().await?;
        let identified = trail.identify(&incident, window).await?;
        let Identified { principal, told_by } = &identified;
        let title = incident.title.as_deref().unwrap_or("without title");
        let more = match incidents.len() {
            1 => String::new(),
            all => format!(" and {} more alerts", all - 1),
        };
        let told = told_by.as_ref().map(|told| format!(" (as the logs tell: {told})")).unwrap_or_default();
        say(&format!("{} \"{title}\"{more}: ", incident.kind), principal, window, &told);
        let question = self.question(principal.clone(), window)?;
        Ok(AskedQuestion { trail, question, alert: Some((incident, identified)), alert_text: Some(text) })
    }

    fn question(&self, principal: Principal, window: Window) -> Result<TimelineQuestion> {
        let scope = self.scope.of(Some(window))?;
        Ok(TimelineQuestion::new(principal, window)
            .follow(self.follow)
            .lookback(parse_length(&self.lookback)?)
            .delivery_slack(parse_length(&self.scope.slack)?)
            .accounts(scope.accounts)
            .regions(scope.regions))
    }
}

impl ScopeArgs {
    /// Opens the sources; which of their objects are asked for: all, if no time is given.
    pub async fn ask(&self) -> Result<(Trail, Scope)> {
        let window = if self.window.is_given() { Some(self.window.window(Utc::now())?) } else { None };
        let scope = self.of(window)?;
        Ok((self.open().await?, scope))
    }

    /// Which objects are read.
    fn of(&self, window: Option<Window>) -> Result<Scope> {
        for account in &self.account {
            if account.len() != 12 || !account.bytes().all(|digit| digit.is_ascii_digit()) {
                return Err(Error::argument("account", account, "is no account id", "write its 12 digits"));
            }
        }
        let delivery_slack = Some(parse_length(&self.slack)?);
        let (accounts, regions) = (self.account.clone(), self.region.clone());
        Ok(Scope { window, delivery_slack, accounts, regions })
    }

    /// Opens the sources they name.
    async fn open(&self) -> Result<Trail> {
        self.store.open(self.names()).await
    }

    fn names(&self) -> &[String] {
        if self.source.is_empty() { &self.sources } else { &self.source }
    }

    /// The folder, if nothing else is named and it is a case's: a whole one, or one without its
    /// manifest. A case in a bucket is copied to one that is removed with what is returned.
    pub async fn case_folder(&self) -> Result<Option<(PathBuf, Option<TempDir>)>> {
        let [only] = self.names() else { return Ok(None) };
        if only.starts_with("s3://") {
            let copy = copy_of_case(only, &self.store_options()).await?;
            return Ok(copy.map(|copy| (copy.path().to_owned(), Some(copy))));
        }
        let folder = Path::new(only);
        let is_case = [MANIFEST, "containment.json"].iter().any(|name| folder.join(name).is_file());
        Ok(is_case.then(|| (folder.to_owned(), None)))
    }

    /// How stores are reached.
    pub fn store_options(&self) -> StoreOptions {
        self.store.options()
    }
}

impl WindowArgs {
    /// Whether any time is given.
    fn is_given(&self) -> bool {
        let Self { window, at, before, after, from, to } = self;
        [window, at, before, after, from, to].iter().any(|given| given.is_some())
    }

    /// A side's own length, or both sides'.
    fn length(&self, own: &Option<String>) -> Result<Duration> {
        parse_length(own.as_ref().or(self.window.as_ref()).map_or(DEFAULT_WINDOW, String::as_str))
    }

    fn window(&self, now: DateTime<Utc>) -> Result<Window> {
        if let (Some(from), Some(to)) = (&self.from, &self.to) {
            return Window::inclusive(parse_time(from, now)?, parse_last_second(to, now)?);
        }
        let at: DateTime<Utc> = self.at.as_deref().map_or(Ok(now), |at| parse_time(at, now))?;
        let length = |own: &Option<String>| self.length(own);
        Window::around(at, length(&self.before)?, length(&self.after)?)
    }

    /// The window around what an alert saw, if no time is given here.
    fn window_of(&self, incident: &Incident, now: DateTime<Utc>) -> Result<Window> {
        let length = |own: &Option<String>| self.length(own);
        if self.at.is_some() || self.from.is_some() {
            return self.window(now);
        }
        window_of(incident, length(&self.before)?, length(&self.after)?).unwrap_or_else(|| {
            let alert = incident.title.as_deref().unwrap_or("without title");
            Err(Error::argument("alert", alert, "says no time", "give --at TIME"))
        })
    }
}

/// Says on standard error what is asked, so that nobody takes an answer for another's.
fn say(alert: &str, principal: &Principal, window: Window, told: &str) {
    eprintln!("{}", visible(&format!("{alert}{principal}{told}, {}", in_words(window))));
    if let Principal::PrincipalId { .. } = principal {
        eprintln!("note: calls that name it by name are not among these; ask by --role or --user for those");
    }
}

fn in_words(window: Window) -> String {
    let time = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ");
    format!("{} to {}", time(window.start()), time(window.last()))
}
