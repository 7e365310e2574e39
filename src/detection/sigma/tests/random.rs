//! Rules and events at random.

use proptest::prelude::*;

use super::*;

/// The slow twin: what a map of plain items means, on JSON as it stands.
fn twin(event: &Value, items: &[(String, String, String)]) -> bool {
    items.iter().all(|(path, modifier, value)| {
        let value = value.to_lowercase();
        let texts =
            at(event, &path.split('.').collect::<Vec<_>>()).into_iter().filter(|found| !found.is_null());
        let mut texts =
            texts.map(|found| found.as_str().map_or(found.to_string(), str::to_owned).to_lowercase());
        texts.any(|text| match modifier.as_str() {
            "contains" => text.contains(&value),
            "startswith" => text.starts_with(&value),
            "endswith" => text.ends_with(&value),
            _ => text == value,
        })
    })
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    match (value, path) {
        (Value::Array(elements), _) => elements.iter().flat_map(|element| at(element, path)).collect(),
        (_, []) => vec![value],
        (_, [key, rest @ ..]) => value.get(key).map(|value| at(value, rest)).unwrap_or_default(),
    }
}

fn small_text() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[abAB%_.é]{0,3}").unwrap()
}

fn small_json() -> impl Strategy<Value = Value> {
    let leaf =
        prop_oneof![small_text().prop_map(Value::String), (0..3).prop_map(|n| json!(n)), Just(Value::Null)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::btree_map("[xy]", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn means_what_the_twin_says(
        events in proptest::collection::vec((small_json(), small_text()), 1..6),
        items in proptest::collection::vec(
            (prop_oneof!["errorCode", "requestParameters(\\.[xy]){1,3}", "userIdentity\\.userName"],
             prop_oneof!["contains", "startswith", "endswith", ""], small_text()), 1..4),
        negated: bool,
    ) {
        let events: Vec<Value> = events.into_iter().map(|(parameters, text)| json!({"eventName": "A",
            "eventSource": "s", "eventTime": "2026-03-14T14:05:44Z", "errorCode": text,
            "userIdentity": {"userName": text}, "requestParameters": {"x": parameters}})).collect();
        let lines: String = items.iter().enumerate().map(|(at, (path, modifier, value))| {
            let bar = if modifier.is_empty() { "" } else { "|" };
            format!("s{at}:\n    {path}{bar}{modifier}: '{value}'\n")
        }).collect();
        let not = if negated { "not " } else { "" };
        let event = compiled(&format!("{lines}condition: {not}(all of them)"));
        let expected: Vec<bool> = events.iter().map(|event| twin(event, &items) != negated).collect();
        prop_assert_eq!(holds(&event, &batch(&events)), expected);
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        loaded(&text);
        loaded(&rule(&text));
    }

    #[test]
    fn nothing_like_a_rule_panics(
        name in "[a-zA-Z.|_ ]{0,12}",
        modifiers in "(\\|(contains|re|cidr|all|windash|base64offset|utf16|expand|hour|gt|fieldref|i|exists|neq)){0,3}",
        value in "[-a%*?\\\\(\\[0-9./ ]{0,8}",
        condition in "(s|not|and|or|1|all|of|them|\\(|\\)|\\||count\\(\\)|by| |>|5){0,12}",
    ) {
        let text = format!("s:\n    '{name}{modifiers}': '{value}'\ncondition: '{condition}'");
        let found = loaded(&rule(&text));
        for rule in &found.rules {
            if let Logic::Event(event) = &rule.logic {
                holds(event, &batch(&events()));
            }
        }
        prop_assert_eq!(found.rules.is_empty(), !found.refused.is_empty());
    }
}
