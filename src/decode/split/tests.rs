use proptest::prelude::*;

use super::*;

/// Every piece, with its bytes owned.
type Owned = (char, u64, Vec<u8>);

fn owned(piece: Piece<'_>) -> Owned {
    match piece {
        Piece::Record { bytes, offset, members } => {
            if let (Some(members), Ok(text)) = (members, std::str::from_utf8(bytes)) {
                let mut index = MemberIndex::default();
                let alone = index.members_of(text).unwrap();
                assert!(members.members(text).eq(alone), "{text}");
            }
            ('r', offset, bytes.to_vec())
        }
        Piece::LookupEvent { bytes, offset } => ('l', offset, bytes.to_vec()),
        Piece::Document { bytes, offset } => ('d', offset, bytes.to_vec()),
        Piece::Stray { offset } => ('s', offset, vec![]),
        Piece::Oversized { offset } => ('o', offset, vec![]),
        Piece::TooDeep { offset } => ('t', offset, vec![]),
    }
}

/// Pieces of `content` that arrives in steps, and whether it is unfinished, however members are
/// looked for.
fn split(content: &[u8], step: usize, limit: usize) -> (Vec<Owned>, bool) {
    let plain = split_by(Splitter::new(limit), content, step);
    assert_eq!(split_by(Splitter::new(limit).with_members(), content, step), plain);
    plain
}

fn split_by(mut splitter: Splitter, content: &[u8], step: usize) -> (Vec<Owned>, bool) {
    let (mut found, mut buffer) = (vec![], vec![]);
    for piece in content.chunks(step) {
        buffer.extend_from_slice(piece);
        let released = splitter.scan(&buffer, false, |piece| found.push(owned(piece)));
        buffer.drain(..released);
    }
    splitter.scan(&buffer, true, |piece| found.push(owned(piece)));
    (found, splitter.is_unfinished())
}

fn kinds(content: &str) -> String {
    split(content.as_bytes(), usize::MAX, 1 << 20).0.iter().map(|(kind, ..)| *kind).collect()
}

#[test]
fn the_containers_people_have() {
    for (content, expected) in [
        (r#"{"Records":[]}"#, ""),
        (r#"{"Records":[{"a":1},{"b":[{}]}]}"#, "rr"),
        (r#"{"meta":{"x":[1,{}]},"Records":[{"a":"]}"}],"more":[{}]}"#, "r"),
        (r#"[{"a":1}, {"a":2}]"#, "rr"),
        ("{\"a\":1}\n{\"a\":{\"b\":2}}\n", "dd"),
        (r#"{"Records":[{"a":1}]}{"Records":[{"a":2}]}"#, "rr"),
        ("\u{feff}{\"Records\" : [ {} ]}", "r"),
        (r#"{"Events":[{"CloudTrailEvent":"{}"}],"NextToken":"x"}"#, "l"),
        (r#"{"Records":[1,{"a":1},null,"x",[{}],{"b":1},2]}"#, "srsssrs"),
        (r#"{"Records":null}"#, "d"),
        (r#"{"Records":{"a":1}}"#, "d"),
        (r#"{"detail":{"Records":[{}]}}"#, "d"),
        ("<Error>no</Error>", "s"),
        ("", ""),
        (" \n\t", ""),
        ("[]", ""),
        ("}{\"a\":1}", "sd"),
    ] {
        assert_eq!(kinds(content), expected, "{content}");
    }
}

#[test]
fn quotes_brackets_and_escapes_in_strings_do_not_split() {
    let record = r#"{"a":"{[\"","b\\":"\\\\","c":"}]\\\"]","d":"\\"}"#;
    for pad in 0..130 {
        let content = format!("{{\"Records\":[{}{record},{record}]}}", " ".repeat(pad));
        let (found, unfinished) = split(content.as_bytes(), usize::MAX, 1 << 20);
        assert!(!unfinished);
        assert_eq!(found.len(), 2, "{pad}");
        assert!(found.iter().all(|(kind, at, bytes)| *kind == 'r'
            && bytes == record.as_bytes()
            && content.as_bytes()[*at as usize..].starts_with(bytes)));
    }
}

#[test]
fn what_ends_too_early_is_unfinished() {
    let content = br#"{"Records":[{"a":1},{"b":"c"}]}"#;
    for end in 1..content.len() {
        assert!(split(&content[..end], 7, 1 << 20).1, "{end}");
    }
    assert!(!split(content, 7, 1 << 20).1);
}

#[test]
fn long_elements_are_passed_over_in_bounded_memory() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(5000));
    let content = format!(r#"{{"Records":[{{"a":1}},{long},{{"b":2}}]}}"#);
    for step in [64, 100, 1000, 100_000] {
        let (found, unfinished) = split(content.as_bytes(), step, 1000);
        let kinds: String = found.iter().map(|(kind, ..)| *kind).collect();
        assert_eq!((kinds.as_str(), unfinished), ("ror", false), "{step}");
        assert_eq!(found[1].1, 20);
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels| format!("[{}{}]", "[".repeat(levels), "]".repeat(levels));
    let content = |levels| format!(r#"{{"Records":[{{"a":{}}},{{}}]}}"#, nested(levels));
    assert_eq!(kinds(&content(200)), "rr");
    assert_eq!(kinds(&content(100_000)), "tr");
}

/// Small JSON values with all that could mislead a splitter.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<i32>().prop_map(|n| n.to_string()),
        r#"[\\"{}\[\]:,a-zé]{0,90}"#.prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|v| format!("[{}]", v.join(", "))),
            prop::collection::vec(("[\\\\\"{a-c]{0,5}", inner), 0..5).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(key, value)| format!("{}:{value}", serde_json::to_string(key).unwrap()))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    /// However the content arrives, the pieces are those that serde_json finds.
    #[test]
    fn agrees_with_serde_json(values in prop::collection::vec(json(), 0..12), step in 1usize..200) {
        let content = format!("{{\"x\":{}, \"Records\":[{}]}}", values.len(), values.join(","));
        let (found, unfinished) = split(content.as_bytes(), step, 1 << 20);
        prop_assert!(!unfinished);
        prop_assert_eq!(found.len(), values.len());
        for ((kind, offset, bytes), value) in found.iter().zip(&values) {
            prop_assert_eq!(*kind, if value.starts_with('{') { 'r' } else { 's' });
            if *kind == 'r' {
                prop_assert_eq!(std::str::from_utf8(bytes).unwrap(), value);
                prop_assert!(content[*offset as usize..].starts_with(value.as_str()));
            }
        }
    }

    /// Any bytes at all: no panic, and the same pieces whatever the steps.
    #[test]
    fn any_bytes_in_any_steps(content in r#"([{}\[\],:"\\ \n]|Records|Events|"Records":\[|é){0,60}"#, step in 1usize..70, limit in 65usize..200) {
        let whole = split(content.as_bytes(), usize::MAX, 1 << 20);
        prop_assert_eq!(&split(content.as_bytes(), step, 1 << 20), &whole);
        split(content.as_bytes(), step, limit);
    }
}

/// Which records came with their members.
fn indexed(content: &str, step: usize) -> Vec<bool> {
    let (mut splitter, mut found, mut buffer) = (Splitter::new(1 << 20).with_members(), vec![], vec![]);
    let mut each = |piece: Piece<'_>| {
        if let Piece::Record { members, .. } = piece {
            found.push(members.is_some());
        }
    };
    for piece in content.as_bytes().chunks(step) {
        buffer.extend_from_slice(piece);
        let released = splitter.scan(&buffer, false, &mut each);
        buffer.drain(..released);
    }
    splitter.scan(&buffer, true, &mut each);
    found
}

#[test]
fn members_come_with_records_that_are_written_as_cloudtrail_does() {
    let long = format!(r#"{{"a":"{}","b":[1,{{}}]}}"#, "x".repeat(500));
    let content = format!(r#"{{"Records":[{long},{long},{{"a": 1}},{long},[],{long}, {long},{{}}]}}"#);
    assert_eq!(indexed(&content, usize::MAX), [true, true, false, true, true, false, true]);
    assert_eq!(indexed(&format!("[{long},{long}]"), usize::MAX), [true, true]);
    // A record that is not all there when it begins is not indexed on the way.
    assert_eq!(indexed(&content, 700).len(), 7);
}
