//! Thresholds, as `--config FILE` gives them; `docs/trailq.toml` says what each means.

use std::collections::BTreeMap;

use chrono::Duration;
use serde::{Deserialize, Deserializer};

use crate::detection::{Bound, CorrelationKind, Logic, Rule, Severity};
use crate::error::{Error, Result};
use crate::window::parse_length;

/// What to do about a setting that cannot be used.
const INSTEAD: &str = "docs/trailq.toml shows every setting";

/// What counts as much, long or unusual.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Events of one rule and actor further apart than this are findings of their own.
    #[serde(deserialize_with = "duration")]
    pub episode: Duration,
    /// The past that an actor is compared with.
    pub baseline: Baseline,
    /// Calls in a minute.
    pub pace: Pace,
    /// Calls that were denied.
    pub denials: Denials,
    /// One credential in two places.
    pub places: Places,
    /// How long sessions last.
    pub sessions: Sessions,
    /// Rules and anomalies, by id.
    pub rules: BTreeMap<String, RuleSettings>,
}

/// The past that an actor is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Baseline {
    /// A past of fewer calls says little.
    pub enough_calls: u64,
    /// So many kinds of news in one session are a finding of their own.
    pub kinds: usize,
}

/// Calls in a minute.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// Fewer are never too many.
    pub least: u64,
    /// Minutes with calls that the past must have.
    pub enough_minutes: usize,
    /// Times the busiest of a hundred minutes.
    pub factor: f64,
    /// Deviations (1.4826 × the median absolute one) above the median.
    pub deviations: f64,
}

/// Calls that were denied.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Denials {
    /// Fewer are never too many.
    pub least: u64,
    /// Times the share that was denied before.
    pub factor: f64,
    /// Standard deviations above it.
    pub deviations: f64,
}

/// One credential in two places.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Places {
    /// Calls this near in time are at once.
    #[serde(deserialize_with = "duration")]
    pub within: Duration,
    /// Faster is no journey, in km/h.
    pub fastest: f64,
    /// Nearer than this, places are too uncertain, in km.
    pub nearest: f64,
}

/// How long sessions last.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sessions {
    /// Of roles.
    #[serde(deserialize_with = "duration")]
    pub role: Duration,
    /// Of users.
    #[serde(deserialize_with = "duration")]
    pub user: Duration,
}

/// What a user wants of a rule or an anomaly.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RuleSettings {
    /// False: it finds nothing.
    pub enabled: Option<bool>,
    /// Another severity for calls that succeeded.
    pub severity: Option<Severity>,
    /// Another count, for rules that count.
    pub count: Option<u64>,
    /// Another span of time, for rules that correlate.
    #[serde(deserialize_with = "optional_duration")]
    pub within: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            episode: Duration::hours(1),
            baseline: Baseline::default(),
            pace: Pace::default(),
            denials: Denials::default(),
            places: Places::default(),
            sessions: Sessions::default(),
            rules: BTreeMap::new(),
        }
    }
}

impl Default for Baseline {
    fn default() -> Self {
        Self { enough_calls: 50, kinds: 3 }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { least: 30, enough_minutes: 30, factor: 3.0, deviations: 8.0 }
    }
}

impl Default for Denials {
    fn default() -> Self {
        Self { least: 5, factor: 3.0, deviations: 6.0 }
    }
}

impl Default for Places {
    fn default() -> Self {
        Self { within: Duration::minutes(10), fastest: 1000.0, nearest: 500.0 }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self { role: Duration::hours(12), user: Duration::hours(36) }
    }
}

impl Settings {
    /// Reads a file's text.
    ///
    /// # Errors
    /// If it is not TOML, or says something that is no setting.
    pub fn parse(text: &str) -> Result<Self> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let problem = format!("cannot be used: {}", error.to_string().trim_end());
            Error::argument("configuration", "", problem, INSTEAD)
        })?;
        settings.check()?;
        Ok(settings)
    }

    /// Whether every number makes sense.
    fn check(&self) -> Result<()> {
        let Self { pace, denials, places, sessions, baseline, .. } = self;
        let factors = [
            ("pace.factor", pace.factor),
            ("pace.deviations", pace.deviations),
            ("denials.factor", denials.factor),
            ("denials.deviations", denials.deviations),
            ("places.fastest", places.fastest),
            ("places.nearest", places.nearest),
            ("baseline.kinds", baseline.kinds as f64),
        ];
        let lengths = [
            ("episode", self.episode),
            ("places.within", places.within),
            ("sessions.role", sessions.role),
            ("sessions.user", sessions.user),
        ];
        let seconds = lengths.map(|(name, length)| (name, length.num_seconds() as f64));
        match factors.into_iter().chain(seconds).find(|(_, value)| !(value.is_finite() && *value > 0.0)) {
            Some((name, _)) => Err(Error::argument("setting", name, "must be more than nothing", INSTEAD)),
            None => Ok(()),
        }
    }

    /// The rules as the settings want them.
    ///
    /// # Errors
    /// If the settings name a rule or anomaly that there is not, or a count for a rule that does not
    /// count.
    pub fn apply(&self, mut rules: Vec<Rule>, anomalies: &[&str]) -> Result<Vec<Rule>> {
        for (id, settings) in &self.rules {
            let mut known = anomalies.contains(&id.as_str());
            if known && (settings.count.is_some() || settings.within.is_some()) {
                return Err(no_count(id, if settings.count.is_some() { "count" } else { "within" }));
            }
            for rule in rules.iter_mut().filter(|rule| rule.id == *id) {
                known = true;
                settings.apply(rule)?;
            }
            if !known {
                let problem = "is no rule or anomaly";
                return Err(Error::argument(
                    "setting",
                    format!("rules.{id}"),
                    problem,
                    "trailq rules lists them",
                ));
            }
        }
        // Others may count what it finds.
        rules.iter_mut().for_each(|rule| rule.silent |= !self.is_enabled(&rule.id));
        Ok(rules)
    }

    /// Whether a rule or anomaly may find something.
    pub fn is_enabled(&self, id: &str) -> bool {
        self.rules.get(id).and_then(|rule| rule.enabled).unwrap_or(true)
    }

    /// The severity of an anomaly, `default` unless the settings say otherwise.
    pub fn severity(&self, id: &str, default: Severity) -> Severity {
        self.rules.get(id).and_then(|rule| rule.severity).unwrap_or(default)
    }
}

impl RuleSettings {
    fn apply(&self, rule: &mut Rule) -> Result<()> {
        if let Some(severity) = self.severity {
            rule.severity = severity;
            rule.denied = rule.denied.min(severity);
            rule.failed = rule.failed.min(severity);
            rule.via_service = rule.via_service.map(|most| most.min(severity));
            rule.via_tool = rule.via_tool.map(|most| most.min(severity));
        }
        let Logic::Correlation(correlation) = &mut rule.logic else {
            return match (self.count, self.within) {
                (None, None) => Ok(()),
                (Some(_), _) => Err(no_count(&rule.id, "count")),
                (None, Some(_)) => Err(no_count(&rule.id, "within")),
            };
        };
        if let Some(within) = self.within {
            correlation.timespan = within;
        }
        match (self.count, &mut correlation.kind) {
            (None, _) => Ok(()),
            (Some(count), CorrelationKind::EventCount(bounds) | CorrelationKind::ValueCount(_, bounds)) => {
                *bounds = vec![Bound::AtLeast(count)];
                Ok(())
            }
            (Some(_), _) => Err(no_count(&rule.id, "count")),
        }
    }
}

fn no_count(id: &str, what: &str) -> Error {
    Error::argument("setting", format!("rules.{id}.{what}"), "is for rules that count", "leave it out")
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_length(&text).map_err(serde::de::Error::custom)
}

fn optional_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_file_is_the_default() {
        let text = include_str!("../../docs/trailq.toml");
        assert_eq!(Settings::parse(text).unwrap(), Settings::default());
        let set = text.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
        assert_eq!(set, 15, "every setting is shown");
    }

    #[test]
    fn what_is_no_setting_is_named() {
        for (text, named) in [
            ("episode = 'soon'", "soon"),
            ("[pace]\nfactr = 3", "factr"),
            ("[rules.x]\nseverity = 'bad'", "bad"),
            ("[pace]\nfactor = nan", "pace.factor"),
            ("[sessions]\nrole = '0s'", "sessions.role"),
            ("=", "line 1"),
        ] {
            let error = Settings::parse(text).unwrap_err();
            assert!(error.is_usage() && error.to_string().contains(named), "{text}: {error}");
        }
    }
}
