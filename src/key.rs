//! What an object's key says about its delivery, and which keys a question needs.
//!
//! `[prefix/]AWSLogs/[o-orgid/]ACCOUNT/KIND/REGION/YYYY/MM/DD/ACCOUNT_KIND_REGION_YYYYMMDDTHHmmZ_ID.json.gz`
//!
//! A key tells where and when CloudTrail *delivered* an object; it is no word on the account,
//! region or time of the records inside. What a key does not say prunes nothing.

use chrono::{DateTime, Duration, Months, NaiveDate, NaiveDateTime, Utc};
use serde::Serialize;

use crate::window::Window;

/// How long after an event CloudTrail may deliver it and a window still finds it, unless the
/// caller says otherwise. Deliveries take about 5 minutes and seldom more than 15.
pub const DEFAULT_DELIVERY_SLACK: Duration = Duration::hours(1);

/// Allowance for clocks, and for file times cut to the minute, when an object seems to have been
/// delivered before its events.
const CLOCK_TOLERANCE: Duration = Duration::minutes(5);

/// How long after a delivery the digest that names it may end: an hour, and one more for log files
/// that spill over to the next, as the AWS CLI allows. The digests of two further hours are what
/// vouches for those.
const DIGEST_LAG: Duration = Duration::hours(4);

/// What a key (of an object, or of a folder when it ends in `/`) says about delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryKey<'a> {
    /// The 12-digit account whose log this is.
    pub account: Option<&'a str>,
    /// What kind of objects lie here.
    pub kind: Kind,
    /// The region it was delivered for.
    pub region: Option<&'a str>,
    /// First instant and end (exclusive) of when it can have been delivered.
    pub delivered: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// The kinds of objects that lie below `AWSLogs/ACCOUNT/`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// The key does not say.
    #[default]
    Unknown,
    /// `CloudTrail`, `CloudTrail-Insight` and `CloudTrail-NetworkActivity`: event records.
    Events,
    /// `CloudTrail-Aggregated`: summaries with a schema of their own, no records.
    Aggregated,
    /// `CloudTrail-Digest`: hashes of delivered objects, no records.
    Digest,
    /// Another service's logs in the same bucket, such as `Config` or `vpcflowlogs`.
    OtherService,
}

/// Folders that other services write below `AWSLogs/ACCOUNT/`. What is not known is read.
const OTHER_SERVICES: [&str; 11] = [
    "Config",
    "GuardDuty",
    "WAFLogs",
    "elasticloadbalancing",
    "network-firewall",
    "redshift",
    "verified-access",
    "vpcdnsquerylogs",
    "vpcflowlogs",
    "vpcipamlogs",
    "CloudFront",
];

impl Kind {
    fn of(folder: &str) -> Self {
        match folder {
            "CloudTrail" | "CloudTrail-Insight" | "CloudTrail-NetworkActivity" => Self::Events,
            "CloudTrail-Aggregated" => Self::Aggregated,
            "CloudTrail-Digest" => Self::Digest,
            other if OTHER_SERVICES.contains(&other) => Self::OtherService,
            _ => Self::Unknown,
        }
    }
}

impl<'a> DeliveryKey<'a> {
    /// Reads a key or a folder prefix. Never fails: what does not look like CloudTrail's layout
    /// is simply not known.
    pub fn parse(key: &'a str) -> Self {
        let (folders, name) = key.rsplit_once('/').unwrap_or(("", key));
        let mut parsed = Self::parse_folders(folders);
        if let Some(named) = Self::parse_name(name) {
            parsed.account = agreed(parsed.account, named.account);
            parsed.region = agreed(parsed.region, named.region);
            parsed.delivered = named.delivered;
            parsed.kind = named.kind;
        }
        parsed
    }

    fn parse_folders(folders: &'a str) -> Self {
        let mut parsed = Self::default();
        let Some(at) = folders.rfind("AWSLogs/").filter(|&at| at == 0 || folders[..at].ends_with('/')) else {
            return parsed;
        };
        let mut below = folders[at + "AWSLogs/".len()..].split('/');
        let Some(mut account) = below.next() else { return parsed };
        if account.starts_with("o-") {
            let Some(next) = below.next() else { return parsed };
            account = next;
        }
        if !is_account(account) {
            return parsed;
        }
        parsed.account = Some(account);
        parsed.kind = below.next().map_or(Kind::Unknown, Kind::of);
        if !matches!(parsed.kind, Kind::Events | Kind::Digest) {
            return parsed;
        }
        parsed.region = below.next().filter(|region| is_region(region));
        if parsed.region.is_some() {
            parsed.delivered = folder_span(below);
        }
        parsed
    }

    /// `ACCOUNT_KIND_REGION_YYYYMMDDTHHmmZ[_UNIQUE].json[.gz]`, or the name of a digest file.
    pub(crate) fn parse_name(name: &'a str) -> Option<Self> {
        let mut parts = name.splitn(4, '_');
        let (account, kind, region) = (parts.next()?, parts.next()?, parts.next()?);
        let rest = parts.next()?;
        if !is_account(account) || !kind.starts_with("CloudTrail") || !is_region(region) {
            return None;
        }
        let kind = Kind::of(kind);
        let (time, length) = match kind {
            Kind::Digest => (digest_end(rest), Duration::seconds(1)),
            _ => (delivery_minute(rest), Duration::minutes(1)),
        };
        let delivered = time.map(|time| (time, time + length));
        Some(Self { account: Some(account), kind, region: Some(region), delivered })
    }
}

/// The minute that `YYYYMMDDTHHmmZ[_UNIQUE].json[.gz]` begins with.
fn delivery_minute(rest: &str) -> Option<DateTime<Utc>> {
    let minute = rest.split(['_', '.']).next()?;
    Some(NaiveDateTime::parse_from_str(minute, "%Y%m%dT%H%MZ").ok()?.and_utc())
}

/// The end of a digest's hour, which `TRAIL_HOMEREGION_YYYYMMDDTHHMMSSZ[_backfill].json[.gz]` ends
/// with. A trail's name may hold `_` and `.`.
fn digest_end(rest: &str) -> Option<DateTime<Utc>> {
    let stem = rest.strip_suffix(".gz").unwrap_or(rest).strip_suffix(".json")?;
    let (_, second) = stem.strip_suffix("_backfill").unwrap_or(stem).rsplit_once('_')?;
    Some(NaiveDateTime::parse_from_str(second, "%Y%m%dT%H%M%SZ").ok()?.and_utc())
}

/// Both must say the same, or nothing is known.
fn agreed<'a>(folder: Option<&'a str>, name: Option<&'a str>) -> Option<&'a str> {
    match (folder, name) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    }
}

/// The span of the `YYYY[/MM[/DD]]` folders; `None` where there is no such folder.
fn folder_span<'a>(mut folders: impl Iterator<Item = &'a str>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let number = |text: &str, digits: usize| -> Option<u32> {
        (text.len() == digits).then(|| text.parse().ok()).flatten()
    };
    let year = number(folders.next()?, 4)?.try_into().ok()?;
    let month = folders.next().and_then(|m| number(m, 2));
    let day = month.and_then(|_| folders.next()).and_then(|d| number(d, 2));
    let first = NaiveDate::from_ymd_opt(year, month.unwrap_or(1), day.unwrap_or(1))?;
    let end = match (month, day) {
        (None, _) => first.checked_add_months(Months::new(12)),
        (Some(_), None) => first.checked_add_months(Months::new(1)),
        (Some(_), Some(_)) => first.succ_opt(),
    }?;
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    Some((midnight(first)?, midnight(end)?))
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Shaped like `us-east-1` or `us-gov-west-1`; tools that take real names out of logs make others of
/// them, such as `us-northeast-1r`.
pub(crate) fn is_region(text: &str) -> bool {
    text.len() <= 32
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && text.rsplit_once('-').is_some_and(|(_, n)| n.starts_with(|c: char| c.is_ascii_digit()))
}

/// Why an object, or a whole folder, was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PruneReason {
    /// Delivered before the window began, so its events are older.
    BeforeWindow,
    /// Delivered later than the window's end and the delivery slack.
    AfterWindow,
    /// Delivered for an account that was not asked for.
    Account,
    /// Delivered for a region that was not asked for.
    Region,
    /// Digest file: hashes, no events.
    Digest,
    /// Aggregated events: summaries, no records.
    Aggregated,
    /// Another AWS service's log.
    OtherService,
    /// Not named like a log (a README, an image, an archive).
    NotALog,
    /// Zero bytes long.
    Empty,
    /// What its name, size or time says cannot fulfil the query: a partition that was not asked for.
    Partition,
}

impl PruneReason {
    /// The reason in words, as the coverage line prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeforeWindow => "delivered before the window",
            Self::AfterWindow => "delivered after the window and slack",
            Self::Account => "other account",
            Self::Region => "other region",
            Self::Digest => "digest",
            Self::Aggregated => "aggregated events",
            Self::OtherService => "another service's log",
            Self::NotALog => "not named like a log",
            Self::Empty => "empty",
            Self::Partition => "other partition",
        }
    }
}

/// Which deliveries a question needs. The default needs all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only objects that can hold events of this window.
    pub window: Option<Window>,
    /// How late a delivery may be; [`DEFAULT_DELIVERY_SLACK`] if `None`.
    pub delivery_slack: Option<Duration>,
    /// Only objects delivered for these accounts; all if empty.
    pub accounts: Vec<String>,
    /// Only objects delivered for these regions; all if empty.
    pub regions: Vec<String>,
}

impl Scope {
    /// How late a delivery may be.
    pub fn slack(&self) -> Duration {
        self.delivery_slack.unwrap_or(DEFAULT_DELIVERY_SLACK)
    }

    /// Why an object or folder (`key` ending in `/`) cannot matter, or `None` if it may.
    pub fn prune(&self, key: &str) -> Option<PruneReason> {
        let delivery = DeliveryKey::parse(key);
        match delivery.kind {
            Kind::Digest => return Some(PruneReason::Digest),
            Kind::Aggregated => return Some(PruneReason::Aggregated),
            Kind::OtherService => return Some(PruneReason::OtherService),
            Kind::Events | Kind::Unknown => {}
        }
        self.prune_place(&delivery)
            .or_else(|| (!key.ends_with('/') && !is_log_name(key)).then_some(PruneReason::NotALog))
            .or_else(|| self.prune_time(delivery.delivered?, Duration::zero()))
    }

    /// The same where digest files are wanted as well: those that can name an object of this scope,
    /// or vouch for one that does.
    pub(crate) fn prune_with_digests(&self, key: &str) -> Option<PruneReason> {
        let delivery = DeliveryKey::parse(key);
        if delivery.kind != Kind::Digest {
            return self.prune(key);
        }
        self.prune_place(&delivery).or_else(|| self.prune_time(delivery.delivered?, DIGEST_LAG))
    }

    /// From when on digests of this scope must be there, and until when: `None` where it has no
    /// window. Digests that end later only name what was delivered late, or vouch for others.
    pub(crate) fn digest_hours(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let window = self.window?;
        Some((window.start() - CLOCK_TOLERANCE, window.end()))
    }

    fn prune_place(&self, delivery: &DeliveryKey<'_>) -> Option<PruneReason> {
        let unwanted = |wanted: &[String], found: Option<&str>| {
            !wanted.is_empty() && found.is_some_and(|found| !wanted.iter().any(|w| w == found))
        };
        if unwanted(&self.accounts, delivery.account) {
            return Some(PruneReason::Account);
        }
        unwanted(&self.regions, delivery.region).then_some(PruneReason::Region)
    }

    /// `lag` is how much later than a log file a file of this kind may be delivered.
    fn prune_time(&self, (first, end): (DateTime<Utc>, DateTime<Utc>), lag: Duration) -> Option<PruneReason> {
        let window = self.window?;
        let slack = self.slack().checked_add(&lag).unwrap_or(self.slack());
        if end + CLOCK_TOLERANCE <= window.start() {
            return Some(PruneReason::BeforeWindow);
        }
        let latest = window.end().checked_add_signed(slack).unwrap_or(DateTime::<Utc>::MAX_UTC);
        (first >= latest).then_some(PruneReason::AfterWindow)
    }
}

/// Exports have all sorts of names. Only what is surely something else is not tried.
fn is_log_name(key: &str) -> bool {
    let name = key.rsplit('/').next().unwrap_or(key);
    if name.starts_with('.') {
        return false;
    }
    const NO_LOGS: [&str; 26] = [
        "7z", "arrow", "avro", "bz2", "csv", "db", "docx", "feather", "gif", "html", "ipynb", "jpeg", "jpg",
        "md", "orc", "parquet", "pdf", "png", "py", "sh", "sql", "svg", "xlsx", "xz", "zip", "zst",
    ];
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    !extension.is_some_and(|extension| NO_LOGS.contains(&extension.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &str = "123456789012_CloudTrail_us-east-1_20230710T1200Z_iLj9fb7yyUG9X4Bf.json.gz";
    const FOLDER: &str = "AWSLogs/123456789012/CloudTrail/us-east-1/2023/07/10";

    fn time(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn scope(first: &str, last: &str) -> Scope {
        let window = Window::inclusive(time(first), time(last)).unwrap();
        Scope { window: Some(window), ..Scope::default() }
    }

    #[test]
    fn layouts_that_cloudtrail_and_its_users_make() {
        for key in [
            format!("{FOLDER}/{FILE}"),
            format!("some/prefix/{FOLDER}/{FILE}"),
            format!("o-abcdef1234/{}/{FILE}", FOLDER.replace("AWSLogs", "AWSLogs/o-abcdef1234")),
            format!("AWSLogs/old/{FOLDER}/{FILE}"),
            format!("copied/here/{FILE}"),
            format!("{FOLDER}/{}", FILE.replace("_iLj9fb7yyUG9X4Bf", "")),
            FILE.to_owned(),
        ] {
            let parsed = DeliveryKey::parse(&key);
            assert_eq!(parsed.account, Some("123456789012"), "{key}");
            assert_eq!(parsed.region, Some("us-east-1"), "{key}");
            assert_eq!(parsed.kind, Kind::Events, "{key}");
            let (first, end) = parsed.delivered.unwrap();
            assert_eq!((first, end - first), (time("2023-07-10T12:00:00Z"), Duration::minutes(1)));
        }
    }

    #[test]
    fn folders_span_what_lies_in_them() {
        let span = |key| DeliveryKey::parse(key).delivered;
        let year = "AWSLogs/123456789012/CloudTrail/us-east-1/2023/";
        assert_eq!(span(year), Some((time("2023-01-01T00:00:00Z"), time("2024-01-01T00:00:00Z"))));
        let month = format!("{year}12/");
        assert_eq!(span(&month), Some((time("2023-12-01T00:00:00Z"), time("2024-01-01T00:00:00Z"))));
        let day = format!("{month}31/");
        assert_eq!(span(&day), Some((time("2023-12-31T00:00:00Z"), time("2024-01-01T00:00:00Z"))));
        assert_eq!(span("AWSLogs/123456789012/CloudTrail/us-east-1/misc/"), None);
    }

    #[test]
    fn names_that_disagree_with_their_folder_prune_nothing() {
        let key = format!("AWSLogs/999999999999/CloudTrail/eu-west-1/2020/01/01/{FILE}");
        let only = Scope {
            accounts: vec!["111111111111".into()],
            regions: vec!["ap-south-1".into()],
            ..scope("2023-07-10T11:00:00Z", "2023-07-10T12:00:00Z")
        };
        assert_eq!(only.prune(&key), None);
    }

    #[test]
    fn a_window_needs_what_was_delivered_from_its_start_to_its_end_and_slack() {
        let delivered = |minute: &str| format!("{FOLDER}/{}", FILE.replace("20230710T1200", minute));
        let scope = scope("2023-07-10T12:00:00Z", "2023-07-10T13:00:00Z");
        for (minute, expected) in [
            ("20230710T1153", Some(PruneReason::BeforeWindow)),
            ("20230710T1155", None),
            ("20230710T1300", None),
            ("20230710T1400", None),
            ("20230710T1401", Some(PruneReason::AfterWindow)),
        ] {
            assert_eq!(scope.prune(&delivered(minute)), expected, "{minute}");
        }
    }

    #[test]
    fn a_window_before_midnight_needs_the_next_days_folder() {
        let scope = scope("2023-07-09T23:00:00Z", "2023-07-09T23:59:59Z");
        assert_eq!(scope.prune(&format!("{FOLDER}/")), None);
        assert_eq!(
            scope.prune("AWSLogs/123456789012/CloudTrail/us-east-1/2023/07/11/"),
            Some(PruneReason::AfterWindow)
        );
    }

    #[test]
    fn digests_that_can_vouch_for_a_window_are_wanted() {
        let scope = scope("2023-07-10T12:00:00Z", "2023-07-10T13:00:00Z");
        let folder = FOLDER.replace("CloudTrail", "CloudTrail-Digest");
        for (second, expected) in [
            ("20230710T115459Z", Some(PruneReason::BeforeWindow)),
            ("20230710T115500Z", None),
            ("20230710T180000Z_backfill", None),
            ("20230710T180001Z", Some(PruneReason::AfterWindow)),
        ] {
            let name =
                format!("123456789012_CloudTrail-Digest_us-east-1_my_trail.v2_eu-west-1_{second}.json.gz");
            assert_eq!(scope.prune_with_digests(&format!("{folder}/{name}")), expected, "{second}");
            assert_eq!(scope.prune_with_digests(&name), expected, "{second}");
            assert_eq!(scope.prune(&name), Some(PruneReason::Digest));
        }
        assert_eq!(scope.prune_with_digests(&format!("{folder}/")), None);
        let later = folder.replace("07/10", "07/11");
        assert_eq!(scope.prune_with_digests(&format!("{later}/")), Some(PruneReason::AfterWindow));
        assert_eq!(
            scope.prune_with_digests(&format!("{FOLDER}/{FILE}")),
            scope.prune(&format!("{FOLDER}/{FILE}"))
        );
    }

    #[test]
    fn what_is_no_event_log_is_named() {
        let scope = Scope::default();
        for (key, expected) in [
            (
                "AWSLogs/123456789012/CloudTrail-Digest/us-east-1/2023/07/10/x.json.gz",
                Some(PruneReason::Digest),
            ),
            (
                "123456789012_CloudTrail-Digest_us-east-1_t_us-east-1_20230710T120000Z.json.gz",
                Some(PruneReason::Digest),
            ),
            ("AWSLogs/123456789012/CloudTrail-Aggregated/", Some(PruneReason::Aggregated)),
            ("AWSLogs/123456789012/CloudTrail-Insight/us-east-1/", None),
            ("AWSLogs/123456789012/CloudTrail-Future/us-east-1/x.json", None),
            ("AWSLogs/123456789012/Config/us-east-1/2023/7/10/x.json.gz", Some(PruneReason::OtherService)),
            ("logs/README.md", Some(PruneReason::NotALog)),
            ("logs/.DS_Store", Some(PruneReason::NotALog)),
            ("logs/part-0001", None),
            ("logs/export.JSON", None),
            ("logs/e.json.bak", None),
            ("AWSLogs/123456789012/us-east-1/2023/07/10/x.json", None),
            ("AWSLogs/123456789012/case42/", None),
        ] {
            assert_eq!(scope.prune(key), expected, "{key}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses(key in "\\PC{0,80}|([A-Za-z0-9_./-]{0,12}/){0,9}AWSLogs(/[a-z0-9-]{0,14}){0,9}") {
            let _ = DeliveryKey::parse(&key);
            let _ = scope("2023-07-10T12:00:00Z", "2023-07-10T13:00:00Z").prune(&key);
        }

        /// An event inside the window, delivered within the slack, is never pruned away, nor is
        /// any folder above it.
        #[test]
        fn no_false_negative(event in 0i64..4_000_000_000, delay in 0i64..3600, before in 0i64..90_000, after in 0i64..90_000) {
            let event = DateTime::from_timestamp(event, 0).unwrap();
            let window = Window::around(event, Duration::seconds(before), Duration::seconds(after)).unwrap();
            let scope = Scope { window: Some(window), ..Scope::default() };
            let key = (event + Duration::seconds(delay)).format(
                "p/AWSLogs/123456789012/CloudTrail/us-east-1/%Y/%m/%d/123456789012_CloudTrail_us-east-1_%Y%m%dT%H%MZ_x.json.gz"
            ).to_string();
            for (end, _) in key.match_indices('/') {
                prop_assert_eq!(scope.prune(&key[..=end]), None);
            }
            prop_assert_eq!(scope.prune(&key), None);
        }
    }
}
