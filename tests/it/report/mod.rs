//! The report of a case: what it says, and that hostile logs stay text in every format of it.

mod cases;
mod markup;

use std::path::Path;

use trailq::Severity;
use trailq::case::Case;
use trailq::report::{self, Notification};

use cases::{empty, hostile, quiet, sample};
use markup::{markdown_is_inert, parsed};

/// The reports of a case, left in Cargo's folder for tests, to be looked at.
fn reports(name: &str, case: &Case) -> (String, String, Notification) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("report");
    std::fs::create_dir_all(&folder).unwrap();
    let keep =
        |ending: &str, text: &str| std::fs::write(folder.join(format!("{name}.{ending}")), text).unwrap();
    let (html, markdown) = (report::html(case).unwrap(), report::markdown(case).unwrap());
    let notification = report::notification(case);
    keep("html", &html);
    keep("md", &markdown);
    keep("svg", &trailq::output::svg(&case.tree, case.clock));
    keep("txt", &format!("{}\n\n{}", notification.subject, notification.message));
    (html, markdown, notification)
}

#[tokio::test]
async fn a_report_tells_what_happened() {
    let case = sample().await;
    let (html, markdown, notification) = reports("sample", &case);
    assert_eq!(
        notification.subject,
        "[trailq] CRITICAL: New user made administrator and given a key - role order-processor"
    );
    for sentence in [
        "ACT NOW. New user made administrator and given a key, by the role order-processor of account 111122223333.",
        "Between 13:37 and 14:37 UTC on 14 March 2026, the role order-processor of account 111122223333 made 40 calls to AWS.",
        "Of 45 calls in all, 5 were refused for lack of rights and 7 changed something.",
        "- New user made administrator and given a key, between 14:05 and 14:06 UTC (critical).",
        "With its rights, 2 further credentials were issued, for the user svc-metrics of account 111122223333 and \
         the role backup-reader of account 444455556666 (session x).",
        "2 credentials of 3 found could still be used on 14 March 2026, 15:00 UTC",
        "The plan has 3 steps; 2 can be taken at once, one needs a decision or a detail first. \
         trailq itself has changed nothing.",
        "54 log files with 185 records were read.",
    ] {
        assert!(notification.message.contains(sentence), "{sentence}\n{}", notification.message);
    }
    let (tags, text) = parsed(&html);
    let count = |name: &str| tags.iter().filter(|tag| *tag == name).count();
    assert_eq!((count("script"), count("style"), count("h1")), (1, 2, 1));
    for part in [
        "T1136.003",
        "Create Account: Cloud Account",
        "keeping a way in",
        "a18686b6-a361-7569-d8a4-5d07e0d70f74",
        "aws iam put-role-policy --role-name &#39;order-processor&#39;",
        "The trail records no reads of objects in S3",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert_eq!(markdown.matches("- [ ] **").count(), 3);
    for shown in [&text, &markdown] {
        assert!(
            shown.lines().any(|line| line == "`- 111122223333:assumed-role/order-processor/order-processor")
        );
    }
    assert!(markdown.contains(
        "[T1136.003](https://attack.mitre.org/techniques/T1136/003/) Create Account: Cloud Account"
    ));
    let again = reports("sample", &sample().await);
    assert_eq!((&html, &markdown, &notification), (&again.0, &again.1, &again.2));
}

#[tokio::test]
async fn a_report_loads_and_runs_nothing_else() {
    let (html, ..) = reports("sample", &sample().await);
    let policy =
        html.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'), "{policy}");
    assert_eq!(policy.matches("'sha256-").count(), 3);
    for (at, _) in html.match_indices("href=\"").chain(html.match_indices("src=\"")) {
        let target = html[at..].split('"').nth(1).unwrap();
        let known = ["#", "https://attack.mitre.org/", "https://docs.aws.amazon.com/"];
        assert!(known.iter().any(|site| target.starts_with(site)), "{target}");
    }
    assert!(!html.contains("url(http") && !html.contains("@import") && !html.contains(" style="));
}

#[tokio::test]
async fn hostile_logs_stay_text() {
    let case = hostile().await;
    assert!(!case.findings.is_empty() && !case.tree.sessions.is_empty() && !case.coverage.complete);
    let (html, markdown, notification) = reports("hostile", &case);
    let (tags, text) = parsed(&html);
    let known = parsed(&reports("sample", &sample().await).0).0;
    let strange: Vec<_> = tags.iter().filter(|tag| !known.contains(tag)).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert_eq!(tags.iter().filter(|tag| *tag == "script").count(), 1);
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && text.contains("\\u{202e}"));
    for shown in [&html, &markdown, &notification.message] {
        let unseen = shown.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        });
        assert_eq!(unseen, None);
    }
    markdown_is_inert(&markdown);
    is_fit_for_sns(&notification);
}

fn is_fit_for_sns(notification: &Notification) {
    let subject = &notification.subject;
    assert!(subject.len() < 100 && subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{subject}");
    assert!(subject.starts_with(|c: char| c.is_ascii_alphanumeric() || c.is_ascii_punctuation()));
    assert!(!notification.message.is_empty() && notification.message.len() < 256_000);
}

#[tokio::test]
async fn nothing_found_is_a_case_that_says_so() {
    let (html, markdown, notification) = reports("quiet", &quiet().await);
    let sentence =
        "The logs hold no call by, on or through the role nobody of account 111122223333 in this time.";
    assert!(notification.message.starts_with(&format!("NO ACTIVITY FOUND. {sentence}")));
    assert_eq!(notification.subject, "[trailq] No activity found - role nobody");
    assert!(parsed(&html).1.contains("No activity found"));
    markdown_is_inert(&markdown);
}

#[tokio::test]
async fn what_was_not_compared_does_not_pass_for_harmless() {
    let mut case = quiet().await;
    (case.activity.events, case.activity.on_principal) = (9, 9);
    let (html, markdown, notification) = reports("by_others", &case);
    assert_eq!(notification.subject, "[trailq] Not compared - role nobody");
    assert!(notification.message.starts_with("NOT COMPARED. All calls are by others, on the role nobody"));
    assert!(notification.message.contains("Ask about those who made the calls"));
    for shown in [&html, &markdown, &notification.message] {
        assert!(!shown.contains("out of character") && !shown.contains("Nothing stands out"));
    }
}

#[tokio::test]
async fn mild_findings_press_for_nothing() {
    let mut case = sample().await;
    case.findings.iter_mut().for_each(|finding| finding.severity = Severity::Low);
    let message = report::notification(&case).message;
    assert!(message.starts_with("LITTLE STANDS OUT."), "{message}");
    assert!(message.contains("WHAT COULD BE DONE") && message.contains("so decide first whether"));
    assert!(!message.contains("can be taken"), "{message}");
}

#[tokio::test]
async fn long_lists_say_where_the_rest_stands() {
    let mut case = sample().await;
    case.plan.steps = case.plan.steps.iter().cycle().take(9).cloned().collect();
    let (html, markdown, notification) = reports("long_lists", &case);
    assert!(notification.message.contains("\n- And 4 more; see the report.\n"), "{}", notification.message);
    assert!(markdown.contains("\n- And 4 more; see below.\n"));
    assert!(html.contains("<li>And 4 more; see below.</li>"));
}

#[tokio::test]
async fn commands_are_as_they_are_to_be_run() {
    let mut case = sample().await;
    case.plan.steps[0].call.cli = "aws iam delete-role --role-name 'a|b'".into();
    let markdown = report::markdown(&case).unwrap();
    assert!(markdown.contains("  - Do: `aws iam delete-role --role-name 'a|b'`\n"));
}

#[tokio::test]
async fn no_logs_are_a_case_that_says_so() {
    let (html, markdown, notification) = reports("empty", &empty().await);
    let sentence = "No log file of this time was read, so nothing is known of the role order-processor of account 111122223333.";
    assert!(
        notification.message.starts_with(&format!("NO LOGS FOUND. {sentence}")),
        "{}",
        notification.message
    );
    assert_eq!(notification.subject, "[trailq] No logs found - role order-processor");
    let (_, text) = parsed(&html);
    assert!(text.contains("No logs found") && text.contains("There are no rows"));
    assert!(!text.contains("<svg class=\"chart\"") && !text.contains("Containment"));
    assert!(markdown.contains("**No logs found.**"));
    markdown_is_inert(&markdown);
}

#[tokio::test]
async fn long_timelines_are_cut_and_say_so() {
    let mut case = sample().await;
    let batches = case.timeline.batches.clone();
    case.timeline.batches = std::iter::repeat_n(batches, 1_000).flatten().collect();
    let started = std::time::Instant::now();
    let (html, markdown, _) = reports("long", &case);
    println!("{} bytes in {:?}", html.len(), started.elapsed());
    assert!(html.len() < 2_000_000 && markdown.len() < 200_000, "{} {}", html.len(), markdown.len());
    assert!(html.contains("5,000 of 45,000 are shown"));
    let marked = html.matches("<tr class=").count();
    assert_eq!(marked, 5_000, "rows of findings come first");
}
