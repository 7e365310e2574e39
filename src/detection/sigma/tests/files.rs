//! What a file may hold.

use super::super::super::rule::Severity;
use super::*;

#[test]
fn a_rule_says_what_it_is() {
    let yaml = "title: Trail stopped\nid: 1234\nname: stopped\nstatus: test\nlevel: high\n\
        description: |\n    Logging\n    ended.\n\
        tags: [attack.defense_evasion, attack.t1562.008, attack.g0016, attack.t1078, car.2016]\n\
        falsepositives: Maintenance\nreferences: [https://example.com]\n\
        logsource: {product: aws, service: cloudtrail}\n\
        detection: {s: {eventName: StopLogging, type: x}, condition: s}\n";
    let loaded = loaded(yaml);
    let rule = &loaded.rules[0];
    assert_eq!((rule.id.as_str(), rule.title.as_str()), ("1234", "Trail stopped"));
    assert_eq!((rule.severity, rule.denied, rule.failed), (Severity::High, Severity::Low, Severity::Low));
    assert_eq!(rule.tactics, ["defense-evasion"]);
    assert_eq!(rule.techniques, ["T1562.008", "T1078"]);
    assert_eq!(rule.why, "Logging ended.");
    assert_eq!(
        (&rule.benign[0], &rule.references[0]),
        (&"Maintenance".into(), &"https://example.com".into())
    );
    assert!(!rule.silent);
    assert!(
        loaded.warnings[0].text.contains("'type'") && loaded.warnings[0].text.contains("userIdentity.type")
    );
}

#[test]
fn what_is_no_rule_is_refused_by_name() {
    let source = "logsource: {product: aws, service: cloudtrail}\n";
    let detection = "detection: {s: {eventName: A}, condition: s}\n";
    for (yaml, reason) in [
        (format!("title: X\nlogsource: {{product: windows}}\n{detection}"), "is for product windows"),
        (format!("title: X\nlogsource: {{category: dns}}\n{detection}"), "is for category dns"),
        (format!("title: X\nlogsource: {{product: aws, service: s3}}\n{detection}"), "service s3"),
        (format!("title: X\n{detection}"), "logsource"),
        (format!("title: X\n{source}"), "detection"),
        (format!("title: X\naction: global\n{source}{detection}"), "action"),
        (format!("title: X\nfilter: {{}}\n{source}"), "filter"),
        (format!("title: X\nstatus: unsupported\n{source}{detection}"), "unsupported"),
        (format!("title: X\n{source}detection: {{s: {{eventName: A}}}}\n"), "condition"),
        (format!("title: X\n{source}detection: {{s: {{}}, condition: s}}\n"), "empty"),
        (
            format!("title: X\n{source}detection: {{s: {{eventName: A, eventName: B}}, condition: s}}\n"),
            "YAML",
        ),
        ("- a\n- b\n".to_owned(), "a map is wanted"),
        ("just text".to_owned(), "a map is wanted"),
        ("title: [".to_owned(), "YAML"),
        ("title: \"\\q\"".to_owned(), "YAML"),
        (format!("title: X\n{source}detection: {}{}", "[".repeat(10_000), "]".repeat(10_000)), "YAML"),
        (
            "a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\ntitle: X"
                .to_owned(),
            "",
        ),
        ("x".repeat(2 << 20), "1 MiB"),
    ] {
        let loaded = loaded(&yaml);
        assert_eq!(loaded.rules, [], "{reason}");
        assert_eq!(loaded.refused.len(), 1, "{reason}");
        assert!(loaded.refused[0].reason.contains(reason), "{reason}: {}", loaded.refused[0].reason);
    }
    let twice = format!("title: X\nid: x\n{source}{detection}---\ntitle: Y\nid: x\n{source}{detection}");
    let loaded = loaded(&twice);
    assert_eq!((loaded.rules.len(), loaded.refused.len()), (1, 1));
    assert!(loaded.refused[0].reason.contains("'x'"));
}

#[test]
fn folders_are_searched_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let sub = folder.path().join("b");
    std::fs::create_dir(&sub).unwrap();
    let one = |id: &str| rule("s: {eventName: A}\ncondition: s").replace("id: t", id);
    std::fs::write(folder.path().join("c.yaml"), one("id: c")).unwrap();
    std::fs::write(sub.join("a.yml"), one("")).unwrap();
    std::fs::write(folder.path().join("readme.md"), "no rule").unwrap();
    std::fs::write(folder.path().join("z.yml"), [0xff, 0xfe, 0x00]).unwrap();
    let loaded = load(folder.path()).unwrap();
    assert_eq!(loaded.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert!(loaded.refused.iter().all(|refused| refused.path.ends_with("z.yml")));
    assert!(load(&folder.path().join("none")).unwrap_err().is_usage());
    assert!(load(Path::new("")).is_err());
}
