//! Finds alerts in whatever carries them.
//!
//! EventBridge puts an alert under `detail`, Security Hub under `detail.findings`, an API under
//! `Findings`, SNS as text under `Message`, SQS as text under `body`, one within the other, and a
//! state machine wherever its author wished. So all of a document is searched, JSON in texts
//! included, until something is an alert; what lies within an alert is not searched. Depth, sizes
//! and counts are bounded, as a document can be hostile.

use serde_json::{Deserializer, Value};

use crate::error::Result;

use super::draft::Draft;
use super::fields::text;
use super::{
    INSTEAD, access_analyzer, cloudtrail, config, excerpt, guardduty, ocsf, s3_event, security_hub, unusable,
};

/// Many times what AWS passes on in one piece, and little enough to be held as parsed values.
const MOST_BYTES: usize = 8 << 20;
/// A batch has ten alerts, an answer of an API a hundred.
const MOST_ALERTS: usize = 1000;
/// JSON in a text in JSON: SNS in SQS in a state machine's input takes three.
const MOST_LAYERS: u8 = 8;

/// Decodes a value if it is an alert of its kind, given the EventBridge event around it (or null).
type Decoder = fn(&Value, &Value) -> Option<Draft>;

const DECODERS: [Decoder; 7] = [
    s3_event::decode,
    cloudtrail::decode,
    guardduty::decode,
    security_hub::decode,
    ocsf::decode,
    config::decode,
    access_analyzer::decode,
];

/// Every alert in a document, or in several that follow each other; at least one.
pub fn search(json: &[u8]) -> Result<Vec<Draft>> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let start = String::from_utf8_lossy(&json[..json.len().min(400)]);
    if json.len() > MOST_BYTES {
        return Err(unusable(&start, format!("is longer than {MOST_BYTES} bytes"), INSTEAD));
    }
    let mut search = Search { found: vec![], searched: 0, event: None, cut: None };
    for document in Deserializer::from_slice(json).into_iter() {
        let document: Value = document.map_err(|cause| not_json(&start, &cause.to_string()))?;
        search.visit(&document, &Value::Null, 0)?;
    }
    if !search.found.is_empty() {
        return Ok(search.found);
    }
    if start.trim().is_empty() {
        return Err(unusable("", "is empty", INSTEAD));
    }
    if let Some((text, cause)) = search.cut {
        return Err(not_json(&text, &cause));
    }
    let given = search.event.unwrap_or_else(|| start.into_owned());
    let problem = "is no alert of a known kind (GuardDuty, Security Hub, AWS Config, Access Analyzer, \
                   CloudTrail or S3, as it is, from EventBridge, SNS or SQS, or in a state machine's input)";
    Err(unusable(&given, problem, INSTEAD))
}

fn not_json(given: &str, cause: &str) -> crate::Error {
    unusable(
        given,
        format!("is not whole JSON ({})", excerpt(cause)),
        format!("pass all of it, or {INSTEAD}"),
    )
}

struct Search {
    found: Vec<Draft>,
    /// Bytes of texts that were read as JSON.
    searched: usize,
    /// What an EventBridge event calls itself, to say what was not understood.
    event: Option<String>,
    /// A text that begins like JSON and is not, and why.
    cut: Option<(String, String)>,
}

impl Search {
    fn visit(&mut self, value: &Value, event: &Value, layer: u8) -> Result<()> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.visit(item, event, layer)),
            Value::Object(members) => {
                if let Some(draft) = DECODERS.iter().find_map(|decode| decode(value, event)) {
                    return self.keep(draft);
                }
                let event = text(value, "detail-type").map_or(event, |kind| {
                    self.event.get_or_insert_with(|| kind.to_owned());
                    value
                });
                members.iter().try_for_each(|(name, member)| match member {
                    Value::String(text) => self.visit_text(text, is_carrier(name), event, layer),
                    other => self.visit(other, event, layer),
                })
            }
            Value::String(text) => self.visit_text(text, false, event, layer),
            _ => Ok(()),
        }
    }

    /// Searches a text if it is JSON. What SNS and SQS carry is read or refused, as a batch must
    /// not lose an alert silently; any other text may merely look like JSON.
    fn visit_text(&mut self, text: &str, is_carried: bool, event: &Value, layer: u8) -> Result<()> {
        if layer == MOST_LAYERS || !looks_like_json(text) {
            return Ok(());
        }
        self.searched += text.len();
        if self.searched > MOST_BYTES {
            return Err(unusable(
                text,
                format!("holds more than {MOST_BYTES} bytes of JSON in texts"),
                INSTEAD,
            ));
        }
        match serde_json::from_str(text) {
            Ok(value) => self.visit(&value, event, layer + 1),
            Err(cause) if is_carried => Err(not_json(text, &cause.to_string())),
            Err(cause) => {
                self.cut.get_or_insert_with(|| (excerpt(text), cause.to_string()));
                Ok(())
            }
        }
    }

    fn keep(&mut self, draft: Draft) -> Result<()> {
        if self.found.len() == MOST_ALERTS {
            let instead = format!("pass fewer, or {INSTEAD}");
            return Err(unusable("document", format!("holds more than {MOST_ALERTS} alerts"), instead));
        }
        self.found.push(draft);
        Ok(())
    }
}

/// True for the members under which SNS and SQS carry texts.
fn is_carrier(name: &str) -> bool {
    ["Message", "body"].iter().any(|carrier| name.eq_ignore_ascii_case(carrier))
}

/// True if a text begins as JSON with members or items does, or as a text with such JSON in it.
fn looks_like_json(text: &str) -> bool {
    let mut bytes = text.bytes().filter(|b| !b.is_ascii_whitespace());
    match bytes.next() {
        Some(b'{') => true,
        Some(b'[' | b'"') => matches!(bytes.next(), Some(b'{' | b'[' | b'"' | b'\\')),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Incident;
    use serde_json::json;

    const RECORD: &str = r#"{"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity",
        "eventTime": "2026-03-14T14:01:12Z", "userIdentity": {"principalId": "AIDAEXAMPLEBENDEV"}}"#;

    fn problem(document: &str) -> String {
        let error = Incident::read(document).unwrap_err();
        assert!(error.is_usage() && error.to_string().contains("--role ARN"), "{error}");
        error.to_string()
    }

    #[test]
    fn documents_can_follow_each_other() {
        let lines = format!("\u{feff}{RECORD}\n{RECORD} [{RECORD}]\n");
        assert_eq!(Incident::read(&lines).unwrap().len(), 3);
        assert!(problem(&format!("{RECORD}\n{{\"cut\":")).contains("is not whole JSON"));
        assert!(problem(&format!("{RECORD}\ntext")).contains("is not whole JSON"));
    }

    #[test]
    fn a_batch_is_read_whole_or_not_at_all() {
        let (cut, _) = RECORD.split_at(100);
        let batch = |second: &str| json!({"Records": [{"body": RECORD}, {"body": second}]}).to_string();
        assert!(problem(&batch(cut)).contains("is not whole JSON"));
        assert_eq!(Incident::read(batch("a text")).unwrap().len(), 1);
        // Elsewhere a text that only looks like JSON is none.
        let input = json!({"template": "{{name}}", "alert": RECORD}).to_string();
        assert_eq!(Incident::read(input).unwrap().len(), 1);
        assert!(problem(&json!({"alert": cut}).to_string()).contains("is not whole JSON"));
    }

    #[test]
    fn what_is_no_alert_is_said_by_its_name() {
        let event = json!({"detail-type": "EC2 Spot Instance Interruption Warning", "detail": {}});
        let message = problem(&event.to_string());
        assert!(message.contains("'EC2 Spot Instance Interruption Warning' is no alert"), "{message}");
        for (document, says) in
            [("", "is empty"), (" \n", "is empty"), ("{}", "'{}' is no alert"), ("x", "not whole")]
        {
            assert!(problem(document).contains(says), "{document:?}");
        }
    }

    #[test]
    fn layers_and_counts_are_bounded() {
        let mut wrapped = RECORD.to_owned();
        for _ in 0..super::MOST_LAYERS {
            wrapped = json!({"alert": wrapped}).to_string();
        }
        assert_eq!(Incident::read(&wrapped).unwrap().len(), 1);
        problem(&json!({"alert": wrapped}).to_string());
        assert!(problem(&RECORD.repeat(super::MOST_ALERTS + 1)).contains("more than 1000 alerts"));
        assert!(problem(&" ".repeat(super::MOST_BYTES + 1)).contains("is longer than"));
        assert!(problem(&"[".repeat(1 << 20)).contains("is not whole JSON"));
    }
}
