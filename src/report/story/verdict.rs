//! The one line that stands above all.

use serde::Serialize;

use crate::case::Case;
use crate::detection::Severity;
use crate::output::text::shortened;
use crate::report::sentence::Sentence;
use crate::report::subject::Subject;
use crate::report::words::capital;

/// Characters of a finding's title.
pub const LONGEST_TITLE: usize = 160;

/// How bad it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The worst finding's severity, `none` where nothing was found, or `unknown` where there was
    /// nothing to look at.
    pub level: &'static str,
    /// What is asked of the reader, in two or three words.
    pub call: &'static str,
    /// Why.
    pub headline: Sentence,
    /// What weakens it.
    pub caveat: Option<&'static str>,
}

/// The verdict on a case: by its worst finding.
pub fn verdict(case: &Case) -> Verdict {
    let worst = case.findings.first();
    let call = match worst.map(|finding| finding.severity) {
        Some(Severity::Critical) => "Act now",
        Some(Severity::High) => "Act today",
        Some(Severity::Medium) => "Have a look",
        Some(_) => "Little stands out",
        None if has_no_logs(case) => "No logs found",
        None if case.activity.events == 0 => "No activity found",
        None if case.activity.is_by_others() => "Not compared",
        None => "Nothing stands out",
    };
    let subject = Subject::of(&case.asked.principal).described();
    let headline = match worst {
        Some(finding) => {
            let title = capital(&shortened(&finding.title, LONGEST_TITLE));
            let by = Subject::of(&finding.principal).described();
            Sentence::of(title).say(", by ").then(by).say(".")
        }
        None if has_no_logs(case) => {
            Sentence::of("No log file of this time was read, so nothing is known of ").then(subject).say(".")
        }
        None if case.activity.events == 0 => {
            Sentence::of("The logs hold no call by, on or through ").then(subject).say(" in this time.")
        }
        None if case.activity.is_by_others() => {
            Sentence::of("All calls are by others, on ").then(subject).say(
                ": they were not compared with what is usual for those who made them. Ask about the callers.",
            )
        }
        None => Sentence::of("No call by, on or through ")
            .then(subject)
            .say(" is out of character or a known step of attacks."),
    };
    Verdict {
        level: match worst {
            Some(finding) => finding.severity.name(),
            None if case.activity.events == 0 || case.activity.is_by_others() => "unknown",
            None => "none",
        },
        call,
        headline,
        caveat: caveat(case),
    }
}

/// Whether nothing was there to be read, which is no sign that nothing happened.
pub fn has_no_logs(case: &Case) -> bool {
    case.coverage.objects.read == 0 && case.activity.events == 0
}

fn caveat(case: &Case) -> Option<&'static str> {
    if !case.coverage.complete {
        Some("Not all logs could be read, so there may be more.")
    } else if case.findings.is_empty() && !case.limits.is_empty() {
        Some("That is what these logs show; see what they cannot show.")
    } else {
        None
    }
}
