//! What is still open, what to do, and how sure it is.

use super::Section;
use super::verdict::has_no_logs;
use crate::case::Case;
use crate::compared::number;
use crate::containment::ReachedCredential;
use crate::detection::Severity;
use crate::report::sentence::Sentence;
use crate::report::subject::holder;
use crate::report::words::{capital, count, ended, moment};

/// Which credentials still work.
pub fn open(case: &Case) -> Section {
    let all = case.plan.credentials.len();
    let valid: Vec<_> = case.plan.credentials.iter().filter(|credential| credential.is_valid).collect();
    let as_of = moment(case.plan.as_of);
    let sentences = match (valid.len(), all) {
        (_, 0) => vec![],
        (0, 1) => vec![Sentence::of(format!("The one credential that was found had ended by {as_of}."))],
        (0, all) => {
            vec![Sentence::of(format!("All {all} credentials that were found had ended by {as_of}."))]
        }
        (open, all) => {
            let can = if open == 1 { "One credential" } else { &format!("{open} credentials") };
            let of = if open == all { String::new() } else { format!(" of {all} found") };
            vec![Sentence::of(format!("{can}{of} could still be used on {as_of}, as far as the logs tell:"))]
        }
    };
    Section::of("What is still open", vec![sentences], vec![])
        .listing(valid.iter().map(|credential| still_open(credential)))
}

fn still_open(credential: &ReachedCredential) -> Sentence {
    let sentence = match &credential.access_key {
        Some(key) => Sentence::of("The access key ").name(key).say(" of "),
        None => Sentence::of("The console password of "),
    };
    let until = match credential.expires {
        Some(end) => format!(", until {}.", moment(end)),
        None => ", until somebody deletes it.".to_owned(),
    };
    sentence.then(holder(&credential.holder)).say(until)
}

/// What to cut first.
pub fn steps(case: &Case) -> Section {
    let steps = &case.plan.steps;
    let ready = steps.iter().filter(|step| step.needs.is_empty()).count();
    let waiting = steps.len() - ready;
    let is_grave = case.findings.iter().any(|finding| finding.severity >= Severity::Medium);
    let mut sentences = vec![];
    if !steps.is_empty() {
        let all = count(steps.len() as u64, "step", "steps");
        let state = match (ready, waiting) {
            _ if !is_grave => {
                "nothing grave was found, so decide first whether anything has to be cut off".to_owned()
            }
            (_, 0) if ready == 1 => "it can be taken as it stands".to_owned(),
            (_, 0) => "all can be taken as they stand".to_owned(),
            (0, 1) => "it needs a decision or a detail first".to_owned(),
            (0, _) => "each needs a decision or a detail first".to_owned(),
            (_, 1) => format!("{ready} can be taken at once, one needs a decision or a detail first"),
            _ => format!("{ready} can be taken at once, {waiting} need a decision or a detail first"),
        };
        sentences
            .push(Sentence::of(format!("The plan has {all}; {state}. trailq itself has changed nothing.")));
    } else if !case.findings.is_empty() {
        sentences.push(Sentence::of("The logs name nothing to cut off; go through the findings' checks."));
    } else if case.activity.is_by_others() {
        let text = "Ask about those who made the calls: only that can tell what has to be cut off.";
        sentences.push(Sentence::of(text));
    } else if case.activity.events > 0 {
        sentences.push(Sentence::of("Nothing has to be cut off, as far as the logs tell."));
    }
    let heading = if is_grave || steps.is_empty() { "What to do now" } else { "What could be done" };
    Section::of(heading, vec![sentences], vec![])
        .listing(steps.iter().map(|step| Sentence::of(ended(&capital(&step.title)))))
}

/// What was read, and what that cannot show.
pub fn certainty(case: &Case) -> Section {
    let coverage = &case.coverage;
    let objects_read = coverage.objects.read;
    let objects = count(objects_read, "log file", "log files");
    let records = count(coverage.records.seen, "record", "records");
    let read = if objects_read == 1 { "was" } else { "were" };
    let mut sentences = vec![Sentence::of(format!("{objects} with {records} {read} read."))];
    let lost = |lost: u64, one: &str, many: &str| {
        (lost > 0).then(|| Sentence::of(format!("{} could not be read.", count(lost, one, many))))
    };
    sentences.extend(lost(coverage.objects.failed, "log file", "log files"));
    sentences.extend(lost(coverage.failed_listings.len() as u64, "folder of logs", "folders of logs"));
    sentences.extend(lost(coverage.records.malformed, "record", "records"));
    sentences.push(Sentence::of(if has_no_logs(case) {
        "That nothing was found does not mean that nothing happened: check that these are the right logs."
    } else if coverage.complete {
        "Everything that had to be read was read to its end."
    } else {
        "That part is missing here; the details are at the end."
    }));
    match case.limits.len() {
        0 => {}
        1 => sentences.push(Sentence::of("One thing these logs cannot show:")),
        several => {
            sentences.push(Sentence::of(format!("{} things these logs cannot show:", number(several as u64))))
        }
    }
    Section::of("How sure this is", vec![sentences], vec![])
        .listing(case.limits.iter().map(|limit| Sentence::of(limit.text.clone())))
}
