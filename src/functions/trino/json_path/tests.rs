use proptest::prelude::*;

use super::*;

/// The items of a path, as JSON, or why it cannot be followed.
fn items(json: &str, path: &str) -> String {
    let path = JsonPath::parse(path).unwrap_or_else(|fault| panic!("{path}: {fault:?}"));
    let limit = Variable { name: "limit", item: Some(Item::json("12")) };
    let nothing = Variable { name: "nothing", item: None };
    match path.items(Item::json(json), &[limit, nothing]) {
        Ok(items) => items.iter().map(Item::written).collect::<Vec<_>>().join(" "),
        Err(error) => error.message,
    }
}

const CUSTOMERS: &str = r#"[{"customer" : 100, "region" : "AFRICA"}, {"region" : "ASIA"},
    {"customer" : 300, "region" : "AFRICA", "comment" : null}]"#;

/// The examples of Trino's documentation, "JSON path syntax and semantics".
#[test]
fn the_documentations_examples() {
    let notes = r#"{"id" : 1, "notes" : [{"type" : 1, "comment" : "foo"}, {"type" : 2, "comment" : null}],
        "comment" : ["bar", "baz"]}"#;
    let arrays = r#"[[0, 1, 2], ["a", "b", "c", "d"], [null, null]]"#;
    let mixed = r#"[[1, "a", null], {"key1" : 1.0, "key2" : true}, -2e3]"#;
    for (json, path, expected) in [
        (CUSTOMERS, "lax $[*].customer", "100 300"),
        (CUSTOMERS, "strict $[*].customer", "structural error: missing member 'customer' in JSON object"),
        (CUSTOMERS, "lax $[*].*", r#"100 "AFRICA" "ASIA" 300 "AFRICA" null"#),
        (notes, "lax $..comment", r#"["bar","baz"] "foo" null"#),
        (arrays, "lax $[*][last]", r#"2 "d" null"#),
        (arrays, "lax $[*][2 to 3]", r#"2 "c" "d""#),
        (
            arrays,
            "strict $[*][2 to 3]",
            "structural error: invalid array subscript: [2, 3] for array of size 3",
        ),
        (arrays, "lax $[*][1, 0, 0]", r#"1 0 0 "b" "a" "a" null null null"#),
        (arrays, "lax $[*][*]", r#"0 1 2 "a" "b" "c" "d" null null"#),
        (arrays, "strict $[*].size()", "3 4 2"),
        (CUSTOMERS, r#"lax $?(@.region != "ASIA").customer"#, "100 300"),
        (CUSTOMERS, "lax $?(!exists(@.customer))", r#"{"region":"ASIA"}"#),
        (r#"[-1, 23e4, "5.6"]"#, "lax $.double()", "-1.0 230000.0 5.6"),
        ("[-1.5, -1, 1.3]", "lax $[*].ceiling()", "-1.0 -1 2.0"),
        ("[-1.5, -1, 1.3]", "lax $[*].floor()", "-2.0 -1 1.0"),
        ("[-1.5, -1, 1.3]", "lax $[*].abs()", "1.5 1 1.3"),
        (
            CUSTOMERS,
            "lax $.keyvalue()",
            concat!(
                r#"{"name":"customer","value":100,"id":0} {"name":"region","value":"AFRICA","id":0} "#,
                r#"{"name":"region","value":"ASIA","id":1} {"name":"customer","value":300,"id":2} "#,
                r#"{"name":"region","value":"AFRICA","id":2} {"name":"comment","value":null,"id":2}"#,
            ),
        ),
        (mixed, "lax $[*][*]", r#"1 "a" null {"key1":1.0,"key2":true} -2000.0"#),
        (mixed, "lax $[*].size()", "3 1 1"),
        (mixed, "lax $[0].floor()", "invalid item type. Expected: NUMBER, actual: STRING"),
        (
            r#"[null, 1, "x", true, [], {}]"#,
            "strict $[*].type()",
            r#""null" "number" "string" "boolean" "array" "object""#,
        ),
    ] {
        let found = items(json, path);
        assert!(
            found == expected || found == format!("path evaluation failed: {expected}"),
            "{path}: {found}"
        );
    }
}

#[test]
fn numbers_are_those_of_sql() {
    for (path, expected) in [
        ("lax 1 + 2 * 3", "7"),
        ("lax (1 + 2) * 3 - -1", "10"),
        ("lax 7 / 2", "3"),
        ("lax -7 % 4", "-3"),
        ("lax 1.5 + 2.25", "3.75"),
        ("lax 1.00 / 3", "0.33"),
        ("lax 1.5e0 * 2", "3.0"),
        ("lax -1.5.ceiling()", "-2"),
        ("lax (-1.5).ceiling()", "-1"),
        ("lax $limit - 2", "10"),
        ("lax $nothing", ""),
    ] {
        assert_eq!(items("null", path), expected, "{path}");
    }
    for path in
        ["lax 1 / 0", "lax 1.0 / 0", "lax 1e0 / 0", "lax 9223372036854775807 + 1", "lax $ + 1", "lax last"]
    {
        assert!(items("null", path).starts_with("path evaluation failed: "), "{path}");
    }
}

#[test]
fn filters_know_three_truths() {
    for (path, expected) in [
        ("lax $[*]?(@ > $limit)", "13 14.5"),
        ("lax $?(@ == 13 || @ == \"x\")", "13 \"x\""),
        // Neither texts nor booleans can be compared with numbers.
        ("lax $?((@ > 0) is unknown)", "\"x\" {} false"),
        ("lax $?(!(@ > 0))", "null"),
        ("lax $?(@ starts with \"x\")", "\"x\""),
        ("lax $?(@ == null)", "null"),
        // Null differs from everything else, arrays and objects too, but comes neither before nor after.
        ("lax $?(@ <> null)", "13 14.5 \"x\" {} false"),
        ("strict $[*]?(null != @)", "13 14.5 \"x\" {} false"),
        ("lax $?(@ < null || @ >= null)", ""),
        ("lax $?((@ < null) is unknown)", ""),
        ("lax $?((@ + 1) * 2 > 20 && @ < 14)", "13"),
        ("lax $?(exists(@?(@ == \"x\")))", "\"x\""),
        ("lax $?(@ == true || @ == false)", "false"),
    ] {
        assert_eq!(items(r#"[13, 14.5, "x", null, {}, false]"#, path), expected, "{path}");
    }
    let pair = r#"{"a": [1, "x", 3]}"#;
    assert_eq!(items(pair, "lax $?(@.a == 1).a[1]"), "\"x\"", "found before the text is compared");
    assert_eq!(items(pair, "strict $?(@.a[*] == 1)"), "");
    let nested = r#"{"a": [1, {}], "b": [null, 1, "x"], "c": [null, []]}"#;
    for (path, expected) in [
        ("@.a == 1", false),
        ("(@.a == 1) is unknown", true),
        ("(1 == @.a) is unknown", true),
        ("@.a != null", true),
        // Nulls are decided before the text and the number are found to be no pair.
        ("@.b == null", true),
        ("@.b == @.b", true),
        ("(@.b[1 to 2] < \"z\") is unknown", true),
        ("(@.c == @.c) is unknown", true),
        ("@.c == null", true),
    ] {
        let found = items(nested, &format!("lax $?({path}).a[0]"));
        assert_eq!(found == "1", expected, "{path}: {found}");
    }
}

#[test]
fn work_has_a_bound() {
    let ten = "[0,1,2,3,4,5,6,7,8,9]";
    let filters =
        |levels: usize| format!("lax $[*]{}?(@ > 9){}", "?(exists($[*]".repeat(levels), "))".repeat(levels));
    assert_eq!(items(ten, &filters(3)), "");
    assert_eq!(items(ten, &filters(20)), "path evaluation failed: too much work");
    // Predicates take failures for unknown, which must not become an answer.
    let unknown = format!("lax $?((exists({}[0])) is unknown)", &filters(12)[4..]);
    assert_eq!(items(ten, &unknown), "path evaluation failed: too much work");

    let numbers = format!("[{}]", vec!["7"; 50_000].join(","));
    assert_eq!(items(&numbers, "lax $?($[*] == 8 || true == true)"), "path evaluation failed: too much work");
}

#[test]
fn what_is_too_deep_is_not_passed_over() {
    let nested = |levels: usize| format!("{}{{\"b\":1}}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(items(&nested(900), "lax $..b"), "1");
    assert_eq!(items(&nested(3000), "lax $..b"), "path evaluation failed: nested too deeply");
}

#[test]
fn what_is_no_path_says_where() {
    for (path, message, at) in [
        ("certainly not a valid path", "mismatched input 'certainly' expecting {'lax', 'strict'}", 0),
        ("$.a", "mismatched input '$' expecting {'lax', 'strict'}", 0),
        ("lax $.", "mismatched input '<EOF>' expecting a name", 6),
        ("lax $.a[", "mismatched input '<EOF>' expecting a path", 8),
        ("lax $ $", "mismatched input '$' expecting <EOF>", 6),
        ("lax $?(@.a)", "mismatched input ')' expecting a comparison", 10),
        ("lax $.datetime()", "method datetime() is not supported", 6),
        ("lax $?(@ like_regex \"x\")", "like_regex predicate is not supported", 9),
        ("lax 1a", "token recognition error at: '1'", 4),
        ("lax \"open", "token recognition error at: '\"'", 4),
        ("lax ä§", "token recognition error at: '§'", 6),
    ] {
        let expected = PathFault { message: message.to_owned(), at };
        assert_eq!(JsonPath::parse(path).err(), Some(expected), "{path}");
    }
    for deep in ["(".repeat(100_000), "-".repeat(100_000), "$?(".repeat(50_000), "1+".repeat(100_000)] {
        assert!(JsonPath::parse(&format!("lax {deep}")).is_err());
    }
    let long = format!("lax ${}", ".a".repeat(100_000));
    assert_eq!(items("{}", &long), "");
}

#[test]
fn names_of_variables() {
    let path =
        JsonPath::parse("lax $a[$b to last]?(@ > $c + 1 || exists($.x?(@ starts with $d))).y").unwrap();
    assert_eq!(path.variables(), ["a", "b", "c", "d"]);
}

proptest! {
    /// Words of the language in any order: what can be read can be followed, or says why not.
    #[test]
    fn no_path_is_too_much(
        mode in "lax |strict |",
        words in prop::collection::vec(
            prop::sample::select(vec![
                "$", "@", "last", ".a", "..a", ".*", "[*]", "[", "]", "0", "1.5", "-", "+", "/", "%", "(", ")",
                "?(", "@ > 1", "==", "&&", "!", "exists(", "is unknown", "starts with", "\"x\"", ".size()",
                ".keyvalue()", ".floor()", " to ", ",",
            ]),
            0..12,
        ),
    ) {
        if let Ok(path) = JsonPath::parse(&format!("{mode}{}", words.concat())) {
            let _ = path.items(Item::json(r#"{"a": [1, -2.5, {"a": "x"}, null, true, []]}"#), &[]);
        }
    }

    #[test]
    fn no_text_is_too_much(text in ".{0,30}") {
        let _ = JsonPath::parse(&format!("lax {text}"));
    }
}
