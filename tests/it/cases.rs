//! The shared cases: real logs with truth that was computed by other means.

use std::collections::BTreeSet;

use serde_json::Value;
use trailq::Trail;

use crate::support::{ask, event_ids, json_lines, question, shared};

/// Event ids of one list of a role's full timeline, within the window.
fn expected(timeline: &Value, list: &str, window: (&str, &str)) -> BTreeSet<String> {
    let events = timeline[list].as_array().unwrap().iter();
    let inside = events.filter(|event| {
        let time = event["eventTime"].as_str().unwrap();
        window.0 <= time && time <= window.1
    });
    inside.map(|event| event["eventID"].as_str().unwrap().to_owned()).collect()
}

/// By-role, on-role and downstream events of every question are exactly the expected ones. On-role
/// also has the denied attempts to assume the role, which the truth lists as mentions.
#[tokio::test]
async fn timeline_questions() {
    let Some(cases) = shared("cases") else { return };
    let questions = json_lines(&cases.join("timeline_questions.jsonl"));
    assert!(questions.len() >= 100);
    for asked in questions {
        let text = |key: &str| asked[key].as_str().unwrap();
        let window = (asked["window"][0].as_str().unwrap(), asked["window"][1].as_str().unwrap());
        let trail = Trail::open(&[cases.join(text("log_root")).to_str().unwrap()]).await.unwrap();
        let asked_for = question(text("role_arn"), window.0, window.1).follow(true);
        let (rows, coverage) = ask(&trail, &asked_for).await;
        assert!(coverage.complete, "{}: {coverage:#?}", text("id"));

        let timeline = std::fs::read_to_string(cases.join(text("timeline"))).unwrap();
        let timeline: Value = serde_json::from_str(&timeline).unwrap();
        let truth = |list| expected(&timeline, list, window);
        let by_role = &truth("a") | &truth("a_by_principal");
        assert_eq!(event_ids(&rows, "by_role"), by_role, "{}", text("id"));

        assert_eq!(event_ids(&rows, "downstream"), truth("c"), "{}", text("id"));

        // What the role did to itself is by it and on it, and says both.
        let both =
            rows.iter().filter(|row| row.matched_by.contains(", ")).filter_map(|row| row.event_id.clone());
        let found = &event_ids(&rows, "on_role") | &both.collect();
        let denied: BTreeSet<_> = rows
            .iter()
            .filter(|row| row.matched_by == "error_message" && row.call.starts_with("sts:AssumeRole"))
            .filter_map(|row| row.event_id.clone())
            .collect();
        assert!(denied.is_subset(&truth("mentions")), "{}", text("id"));
        assert_eq!(&found - &denied, truth("b"), "{}", text("id"));
    }
}

/// Every odd container gives what it says.
#[tokio::test]
async fn edge_cases() {
    let Some(cases) = shared("cases") else { return };
    let list = std::fs::read_to_string(cases.join("edge_cases.json")).unwrap();
    let list: Vec<Value> = serde_json::from_str(&list).unwrap();
    let role = "arn:aws:iam::123456789012:role/edge";
    for case in list {
        let name = case["case"].as_str().unwrap();
        let folder = cases.join("logs/edge").join(case["path"].as_str().unwrap());
        let trail = Trail::open(&[folder.to_str().unwrap()]).await.unwrap();
        let (rows, coverage) =
            ask(&trail, &question(role, "2024-01-01T23:00:00Z", "2024-01-02T04:00:00Z")).await;

        let broken = ["truncated-gzip", "not-json"].contains(&name);
        assert_eq!(coverage.complete, !broken, "{name}: {coverage:#?}");
        assert_eq!(coverage.objects.failed, u64::from(broken), "{name}");
        let records = coverage.records.seen;
        assert_eq!(coverage.records.malformed, 0, "{name}");
        if broken {
            // What stands before the damage is shown, and the damage named.
            assert!(!coverage.failed_objects[0].cause.is_empty(), "{name}");
            continue;
        }
        assert_eq!(records, case["records"].as_u64().unwrap(), "{name}: {coverage:#?}");
        match name {
            "zero-byte-file" => assert_eq!(coverage.objects.pruned, 1),
            "panther-style-times" => {
                assert_eq!(rows.len() as u64, records - coverage.records_without_time);
                assert!(coverage.records_without_time > 0);
            }
            "fractional-and-offset-times" => {
                let seconds: BTreeSet<_> = rows.iter().map(|row| row.time.timestamp()).collect();
                assert_eq!((rows.len(), seconds.len()), (3, 1));
            }
            // Not all of these records have the identity of the role.
            "null-and-odd-fields" => assert!(rows.iter().any(|row| row.event_id.is_none()), "{rows:#?}"),
            "invalid-ip" => assert_eq!(rows[0].source_address.as_deref(), Some("253.252.51.07")),
            _ => assert_eq!(rows.len() as u64, records, "{name}"),
        }
    }
}

/// A window before midnight finds what was delivered into the next day's folder.
#[tokio::test]
async fn day_boundary() {
    let Some(folder) = shared("cases/logs/edge/day-boundary") else { return };
    let trail = Trail::open(&[folder.to_str().unwrap()]).await.unwrap();
    let role = "arn:aws:iam::123456789012:role/edge";
    let (rows, _) = ask(&trail, &question(role, "2024-01-01T23:00:00Z", "2024-01-02T00:00:00Z")).await;
    assert_eq!(rows.len(), 1);
}
