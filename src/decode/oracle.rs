//! The slow twin of the decoder: serde_json and nothing clever.
//!
//! Tests compare every row of the fast path with it; benches show what the fast path is worth.

use std::collections::HashMap;
use std::io::Read;

use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::schema::{COLUMNS, Member, Origin, Shape};

use super::inflate::GZIP_MAGIC;
use super::time::parse_any_form;

/// One record as the oracle sees it.
#[derive(Debug, PartialEq)]
pub struct OracleRecord {
    /// Every column that comes from the record, by name: objects for structs (all members
    /// present), arrays for lists, strings for leaves.
    pub columns: Map<String, Value>,
    /// Event time in milliseconds since 1970.
    pub millis: Option<i64>,
}

type Members<'a> = HashMap<String, &'a RawValue>;

/// Every record in an object's stored bytes, in order.
///
/// # Errors
/// The first fault; the oracle has no notion of a partly readable object.
pub fn records(stored: &[u8]) -> Result<Vec<OracleRecord>, Box<dyn std::error::Error>> {
    let mut content = Vec::new();
    if stored.starts_with(&GZIP_MAGIC) {
        MultiGzDecoder::new(stored).read_to_end(&mut content)?;
    } else {
        content.extend_from_slice(stored);
    }
    let content = String::from_utf8_lossy(&content);
    let content = content.strip_prefix('\u{feff}').unwrap_or(&content);
    let mut found = vec![];
    for document in serde_json::Deserializer::from_str(content).into_iter::<&RawValue>() {
        document_records(document?, &mut found)?;
    }
    Ok(found)
}

fn document_records(document: &RawValue, found: &mut Vec<OracleRecord>) -> serde_json::Result<()> {
    if let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(document.get()) {
        elements.into_iter().for_each(|element| found.extend(record(element)));
        return Ok(());
    }
    let members: Members = serde_json::from_str(document.get())?;
    let list = |key: &str| -> Option<Vec<&RawValue>> { serde_json::from_str(members.get(key)?.get()).ok() };
    if let Some(elements) = list("Records") {
        elements.into_iter().for_each(|element| found.extend(record(element)));
    } else if let Some(events) = list("Events") {
        events.into_iter().for_each(|event| found.extend(wrapped(event)));
    } else if ["eventName", "eventSource", "eventTime", "eventVersion", "userIdentity"]
        .iter()
        .any(|key| members.contains_key(*key))
    {
        found.extend(record(document));
    } else if let Some(detail) = members.get("detail") {
        found.extend(record(detail));
    } else {
        found.extend(wrapped(document));
    }
    Ok(())
}

/// The record in an element of LookupEvents' output.
fn wrapped(event: &RawValue) -> Option<OracleRecord> {
    let members: Members = serde_json::from_str(event.get()).ok()?;
    let text: String = serde_json::from_str(members.get("CloudTrailEvent")?.get()).ok()?;
    record(serde_json::from_str(&text).ok()?)
}

fn record(raw: &RawValue) -> Option<OracleRecord> {
    let top = members(raw)?;
    if let Some(version) = top.get("eventversion").and_then(|raw| text(raw))
        && version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok())
            .is_some_and(|major| major != 1)
    {
        return None;
    }
    let millis = top.get("eventtime").and_then(|raw| parse_any_form(&text(raw)?));
    let columns = COLUMNS.iter().filter_map(|column| match &column.origin {
        Origin::Record(path, shape, _) => {
            let raw = path.iter().try_fold(raw, |raw, key| members(raw)?.remove(&key.to_ascii_lowercase()));
            Some((column.name.to_owned(), raw.map_or(Value::Null, |raw| value(raw, shape))))
        }
        _ => None,
    });
    Some(OracleRecord { columns: columns.collect(), millis })
}

/// Members of an object by lower-case key; of equal keys the last.
fn members(raw: &RawValue) -> Option<Members<'_>> {
    struct Pairs<'a>(Members<'a>);
    impl<'de: 'a, 'a> serde::Deserialize<'de> for Pairs<'a> {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct PairsVisitor<'a>(std::marker::PhantomData<&'a ()>);
            impl<'de: 'a, 'a> serde::de::Visitor<'de> for PairsVisitor<'a> {
                type Value = Pairs<'a>;
                fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'a>, A::Error> {
                    let mut pairs = HashMap::new();
                    while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
                        pairs.insert(key.to_ascii_lowercase(), value);
                    }
                    Ok(Pairs(pairs))
                }
            }
            deserializer.deserialize_map(PairsVisitor(std::marker::PhantomData))
        }
    }
    serde_json::from_str::<Pairs>(raw.get()).ok().map(|pairs| pairs.0)
}

fn text(raw: &RawValue) -> Option<String> {
    match raw.get() {
        "null" => None,
        quoted if quoted.starts_with('"') => serde_json::from_str(quoted).ok(),
        other => Some(other.to_owned()),
    }
}

fn value(raw: &RawValue, shape: &Shape) -> Value {
    match shape {
        Shape::Text => text(raw).map_or(Value::Null, Value::String),
        Shape::Json if raw.get() == "null" => Value::Null,
        Shape::Json => Value::String(raw.get().to_owned()),
        Shape::Struct(shape) => structure(raw, shape),
        Shape::List(shape) => serde_json::from_str::<Vec<&RawValue>>(raw.get())
            .map_or(Value::Null, |items| items.iter().map(|item| structure(item, shape)).collect()),
        Shape::Map => serde_json::from_str::<HashMap<String, &RawValue>>(raw.get())
            .map_or(Value::Null, |entries| {
                entries.iter().map(|(key, raw)| (key.clone(), value(raw, &Shape::Text))).collect()
            }),
    }
}

fn structure(raw: &RawValue, shape: &[Member]) -> Value {
    let Some(members) = members(raw) else { return Value::Null };
    let value_of =
        |member: &Member| members.get(&member.name()).map_or(Value::Null, |raw| value(raw, &member.1));
    Value::Object(shape.iter().map(|member| (member.name(), value_of(member))).collect())
}
