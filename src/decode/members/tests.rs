use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::{MOST_MEMBERS, MemberIndex};
use crate::decode::json::walk_members;

type Members = Vec<(String, String)>;

fn indexed(raw: &str) -> Option<Members> {
    let mut index = MemberIndex::default();
    let members = index.members_of(raw)?;
    Some(members.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

/// The slow twin's members; `None` if it finds the object invalid.
fn walked(raw: &str) -> Option<Members> {
    let mut members = vec![];
    walk_members(raw, |key, value| members.push((key.to_owned(), value.to_owned()))).ok()?;
    serde_json::from_str::<IgnoredAny>(raw).ok()?;
    Some(members)
}

/// Whether an object is one that has to be indexed if it is valid.
fn is_plain(raw: &str, members: &Members) -> bool {
    members.len() <= MOST_MEMBERS && !raw.contains(['\\', ' ']) && raw.starts_with('{')
}

/// Every text of up to `length` of the characters that JSON is built of.
fn for_every_text(length: usize, each: &mut impl FnMut(&str)) {
    fn extend(text: &mut String, left: usize, each: &mut impl FnMut(&str)) {
        each(text);
        if left == 0 {
            return;
        }
        for next in "{}[]:,\"1".chars() {
            text.push(next);
            extend(text, left - 1, each);
            text.pop();
        }
    }
    extend(&mut String::new(), length, each);
}

#[test]
fn short_texts_are_indexed_if_and_only_if_they_are_objects() {
    let mut objects = 0;
    for (before, after, length) in [("{", "}", 6), (r#"{"a":"#, "}", 5), (r#"{"a":[[1,{"#, "}]]}", 4)] {
        for_every_text(length, &mut |inner| {
            let raw = format!("{before}{inner}{after}");
            let expected = walked(&raw);
            objects += usize::from(expected.is_some());
            assert_eq!(indexed(&raw), expected, "{raw}");
        });
    }
    assert!(objects > 100, "{objects}");
}

#[test]
fn values_of_every_kind_at_every_place_of_a_block() {
    let values = [
        "0",
        "-0",
        "1.5",
        "-12.25e+3",
        "1E400",
        "1e-7",
        "true",
        "false",
        "null",
        "\"\"",
        "[]",
        "{}",
        r#""\"\\\/\b\f\n\r\t\u00e9\ud83d""#,
        r#"[{"x":[]},"é",-1,[[]]]"#,
        r#"{"k":{"k":[{"k":null}]}}"#,
    ];
    for pad in 0..130 {
        let pad = "p".repeat(pad);
        for value in values {
            let raw = format!(r#"{{"{pad}":{value},"b":[{value},{value}],"a":{{"c":{value}}}}}"#);
            let members = indexed(&raw);
            assert_eq!(members.as_ref().map(Vec::len), Some(3), "{raw}");
            assert_eq!(members, walked(&raw));
        }
    }
}

#[test]
fn what_is_wrong_is_not_indexed() {
    let wrong = [
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "1 2",
        "tru",
        "truex",
        "nul",
        "'a'",
        "\u{1}",
        "\"\n\"",
        r#""\x""#,
        r#""\u12g4""#,
        r#""\u123""#,
        "é",
        "[1,]",
        "[,1]",
        "[1 ,2]",
        r#"{"a"}"#,
        r#"{"a":1,}"#,
        r#"{1:1}"#,
        "[1}",
        r#"{"a":1]"#,
        "",
        r#""a""b""#,
        r#"["a":1]"#,
        "}{",
        "1}",
        "1},{\"a\":1",
        "\\\"",
    ];
    for pad in 0..70 {
        let pad = "p".repeat(pad);
        for value in wrong {
            let raw = format!(r#"{{"{pad}":{value}}}"#);
            assert_eq!(indexed(&raw), None, "{raw}");
        }
    }
    for raw in ["", "{", "}", "[]", "1", "\"{}\"", "{}}", "{}{}", "{},", r#"{"a":1},"b":2}"#, r#"{"a":"}"#] {
        assert_eq!(indexed(raw), None, "{raw}");
    }
}

/// Valid, but left to who reads everything.
#[test]
fn what_has_another_form_is_not_indexed() {
    let many = |members: usize| format!("{{{}}}", vec![r#""a":1"#; members].join(","));
    let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    assert!(indexed(&many(MOST_MEMBERS)).is_some());
    assert!(indexed(&nested(63)).is_some());
    for raw in
        [&many(MOST_MEMBERS + 1), &nested(64), r#"{"a": 1}"#, r#"{"\u0061":1}"#, "{}\n", r#"{"a":{"\"":1}}"#]
    {
        assert_eq!(indexed(raw), None);
        assert!(walked(raw).is_some(), "{raw}");
    }
}

/// Small JSON values with all that could mislead.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "true", "false", "0", "-1.5e3"]).prop_map(str::to_owned),
        any::<i32>().prop_map(|n| n.to_string()),
        r#"[\\"{}\[\]:,a-zé]{0,90}"#.prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|v| format!("[{}]", v.join(","))),
            object(inner, 5),
        ]
    })
}

fn object(values: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(("[:,{a-c]{0,5}", values), 0..most).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    })
}

proptest! {
    #[test]
    fn finds_the_members_of_valid_objects(raw in object(json(), 30)) {
        let members = indexed(&raw);
        prop_assert!(members.is_some());
        prop_assert_eq!(members, walked(&raw));
    }

    /// However an object is damaged, it is not taken for a valid one, nor for one of other members.
    #[test]
    fn agrees_on_damaged_objects(
        raw in object(json(), 8),
        damages in prop::collection::vec((any::<prop::sample::Index>(), "[{}\\[\\]:,\"\\\\ ue1\u{1}]{0,2}"), 1..4),
    ) {
        let mut characters: Vec<String> = raw.chars().map(String::from).collect();
        for (place, text) in damages {
            let place = place.index(characters.len());
            characters[place] = text;
        }
        let raw = characters.concat();
        match (indexed(&raw), walked(&raw)) {
            (Some(members), walked) => prop_assert_eq!(Some(members), walked, "{}", raw),
            (None, Some(members)) => prop_assert!(!is_plain(&raw, &members), "{}", raw),
            (None, None) => {}
        }
    }
}
