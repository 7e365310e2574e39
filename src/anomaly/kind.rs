//! Every kind of anomaly, and what it means.

use crate::detection::Severity;
use crate::finding::{Draft, Settings};

/// What is known of a kind of anomaly.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// Its name.
    pub id: &'static str,
    /// A few words.
    pub title: &'static str,
    /// How bad it is by itself.
    pub severity: Severity,
    /// ATT&CK tactic.
    pub tactic: &'static str,
    /// ATT&CK technique.
    pub technique: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What else causes it.
    pub benign: &'static str,
    /// What to check next.
    pub check: &'static str,
}

macro_rules! kinds {
    ($($name:ident: $id:literal, $title:literal, $severity:ident, $tactic:literal, $technique:literal,
        $why:literal, $benign:literal, $check:literal;)*) => {
        $(pub const $name: Kind = Kind { id: $id, title: $title, severity: Severity::$severity, tactic: $tactic,
            technique: $technique, why: $why, benign: $benign, check: $check };)*
        /// All of them.
        pub const KINDS: &[Kind] = &[$($name),*];
    };
}

kinds! {
    NEW_CALL: "new_call", "Calls it never made before", Informational, "discovery", "T1580",
        "What a workload calls is decided by its code; other calls may be somebody else's.",
        "A new release, or work that comes up once a month.",
        "Which release or person explains the calls? Do they stand together in time?";
    NEW_SERVICE: "new_service", "A service it never used before", Low, "discovery", "T1526",
        "A workload seldom takes up a new service; an intruder looks at all of them.",
        "A new release, or an administrator at new work.",
        "Did the role's policy or the workload's code change lately?";
    NEW_REGION: "new_region", "A region it never called before", Low, "defense-evasion", "T1535",
        "Intruders work in regions that nobody watches.",
        "A roll-out to a new region; global services that log to one region.",
        "Was anything created there? Does the account use the region at all?";
    NEW_NETWORK: "new_network", "A network it never called from", Low, "initial-access", "T1078.004",
        "Credentials that are used from somewhere else may have been stolen.",
        "A new subnet or NAT gateway, or a person who travels.",
        "Whose network is it? Did other principals call from it?";
    NEW_COUNTRY: "new_country", "A country it never called from", Medium, "initial-access", "T1078.004",
        "Credentials that are used from another country may have been stolen.",
        "A person who travels, or a VPN.",
        "Ask the person; look for other principals calling from there.";
    NEW_SYSTEM: "new_provider", "A network provider it never called from", Low, "initial-access", "T1078.004",
        "Credentials that are used through another provider may have been stolen.",
        "A person who works from elsewhere.",
        "Is it a hosting or VPN provider?";
    NEW_CLIENT: "new_client", "A program it never called with", Low, "execution", "T1651",
        "A workload keeps its SDK; another program means another hand.",
        "An upgrade that changed the SDK, or a person at the command line.",
        "Does the workload have that program at all?";
    NEW_SESSION_NAME: "new_session_name", "Session names unlike those before", Low, "initial-access", "T1078.004",
        "Whoever assumes a role names the session; automation does so always in the same way.",
        "A new automation or person that assumes the role.",
        "Who assumed the role under that name?";
    OUT_OF_CHARACTER: "out_of_character", "A session unlike its past in several ways", Medium,
        "initial-access", "T1078.004",
        "One novelty happens every day; several in one session mean that somebody else has the credentials.",
        "A person who takes over the role's work by hand.",
        "Who or what had the credentials? Follow them (--follow) and look at each call.";
    CALL_RATE: "call_rate", "Far more calls a minute than usual", Low, "discovery", "T1526",
        "Scripts that search an account call much faster than the workload whose credentials they use.",
        "A backlog, a deployment, a load test.",
        "Which calls make up the peak?";
    DENIED_SHARE: "denied_share", "Far more calls denied than usual", Medium, "discovery", "T1580",
        "An intruder does not know what the credentials may do, and tries.",
        "A policy change that broke the workload.",
        "Which actions were denied, and did any of them succeed later?";
    TWO_PLACES: "credential_in_two_places", "One temporary credential in two networks at once", Medium,
        "credential-access", "T1528",
        "A temporary credential belongs to one machine; in two places at once, one of them is a thief's.",
        "A VPN that splits traffic, or a workload behind several gateways.",
        "Which of the networks is the workload's?";
    IMPOSSIBLE_TRAVEL: "impossible_travel", "One credential from places too far apart", Medium,
        "initial-access", "T1078.004",
        "Nobody travels that fast: somebody else has the credential.",
        "VPNs and gateways whose addresses are placed wrongly.",
        "Are the places those of known gateways?";
    COMPUTE_ELSEWHERE: "compute_credential_elsewhere", "Credentials of a machine used off that machine", High,
        "credential-access", "T1552.005",
        "The credentials of an instance, function or container are for it alone; outside, they are stolen.",
        "An administrator who copied them for a test.",
        "How were they read: metadata service, environment, a file? Is the machine compromised?";
    SESSION_TOO_LONG: "session_too_long", "A session older than sessions can be", Medium,
        "defense-evasion", "T1550.001",
        "Temporary credentials end after hours; calls by older ones mean a forged record or a stretched session.",
        "Clocks that are wrong, or events of batch jobs that are reported late.",
        "When was the session made, and how long was it asked for?";
}

impl Kind {
    /// A draft of this kind; `what` says in words what was found.
    pub(crate) fn draft(&self, settings: &Settings, actor: &str, events: Vec<u32>, what: String) -> Draft {
        Draft {
            id: self.id.to_owned(),
            title: self.title.to_owned(),
            severity: settings.severity(self.id, self.severity),
            weight: 5,
            tactics: vec![self.tactic.to_owned()],
            techniques: vec![self.technique.to_owned()],
            what: Some(what),
            why: self.why.to_owned(),
            checks: vec![self.check.to_owned()],
            benign: vec![self.benign.to_owned()],
            references: vec![format!(
                "https://attack.mitre.org/techniques/{}/",
                self.technique.replace('.', "/")
            )],
            actor: actor.to_owned(),
            events,
            compared: None,
        }
    }
}
