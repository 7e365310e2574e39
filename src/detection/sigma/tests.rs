//! Rules of our own, run for real over a few events.

use std::io::Write;
use std::path::Path;

use arrow::array::{AsArray, RecordBatch};
use datafusion::common::DFSchema;
use datafusion::logical_expr::Expr;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::rule::{Bound, Correlation, CorrelationKind, Severity};
use super::*;
use crate::decode::record::{Projection, RecordBuilder};
use crate::session::session;

/// Loads documents from a file of their own.
fn loaded(yaml: &str) -> Loaded {
    let mut file = tempfile::Builder::new().prefix("rule").suffix(".yml").tempfile().unwrap();
    file.write_all(yaml.as_bytes()).unwrap();
    load(file.path()).unwrap()
}

/// A rule with this detection section, its lines indented by four.
fn rule(detection: &str) -> String {
    let indented: String = detection.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    format!("title: T\nid: t\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n{indented}")
}

fn compiled(detection: &str) -> Expr {
    let loaded = loaded(&rule(detection));
    assert_eq!(loaded.refused, [], "{detection}");
    match loaded.rules.into_iter().next().unwrap().logic {
        Logic::Event(event) => event,
        Logic::Correlation(_) => panic!("a correlation: {detection}"),
    }
}

fn refusal(detection: &str) -> String {
    let mut loaded = loaded(&rule(detection));
    assert_eq!(loaded.rules, [], "{detection}");
    loaded.refused.remove(0).reason
}

fn batch(events: &[Value]) -> RecordBatch {
    let mut builder = RecordBuilder::new(&Projection::all());
    for (index, event) in events.iter().enumerate() {
        builder.append(&event.to_string(), "object", 0, index as u64).unwrap();
    }
    builder.finish()
}

/// For each event, whether `event` holds; that has to be said of each.
fn holds(event: &Expr, batch: &RecordBatch) -> Vec<bool> {
    let schema = DFSchema::try_from(batch.schema()).unwrap();
    let physical = session().state().create_physical_expr(event.clone(), &schema).unwrap();
    let found = physical.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap();
    assert_eq!(found.null_count(), 0, "NULL from {event}");
    found.as_boolean().iter().map(|holds| holds == Some(true)).collect()
}

/// The events of [`EVENTS`] that a detection finds, by name.
fn finds(detection: &str) -> String {
    let events = events();
    let held = holds(&compiled(detection), &batch(&events));
    let names = events.iter().zip(held).filter(|(_, held)| *held);
    names.map(|(event, _)| event["eventID"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

/// What a selection of these lines finds.
fn selects(lines: &str) -> String {
    let indented: String = lines.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    finds(&format!("s:\n{indented}condition: s"))
}

fn events() -> Vec<Value> {
    vec![
        json!({"eventID": "login", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
            "eventTime": "2026-03-14T14:05:44Z", "sourceIPAddress": "198.51.100.77", "userAgent": "Mozilla/5.0",
            "awsRegion": "us-east-1",
            "userIdentity": {"type": "IAMUser", "userName": "ana", "arn": "arn:aws:iam::111122223333:user/ana",
                "accountId": "012345678901"},
            "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {"MFAUsed": "No", "count": 7, "Ratio": 0.5}, "readOnly": false}),
        json!({"eventID": "ingress", "eventName": "AuthorizeSecurityGroupIngress",
            "eventSource": "ec2.amazonaws.com", "eventTime": "2026-11-01T03:00:00Z",
            "sourceIPAddress": "cloudformation.amazonaws.com", "userAgent": "",
            "userIdentity": {"type": "AssumedRole", "credentialId": "cred",
                "sessionContext": {"sessionIssuer": {"userName": "Deploy"}, "sourceIdentity": "bob",
                    "attributes": {"creationDate": "2026-11-01T02:00:00Z"}}},
            "requestParameters": {"groupId": "sg-1", "ipPermissions": {"items": [
                {"fromPort": 22, "ipRanges": {"items": [{"cidrIp": "10.0.0.0/8"}, {"cidrIp": "0.0.0.0/0"}]}},
                {"fromPort": 443, "ipRanges": {}}]}, "note": null, "list": []}}),
        json!({"eventID": "policy", "eventName": "PutUserPolicy", "eventSource": "iam.amazonaws.com",
            "eventTime": "2026-03-15T09:00:00Z", "sourceIPAddress": "2001:db8::1",
            "userAgent": "S3 Browser/9.5 *special* 100%_sure", "errorCode": "AccessDenied",
            "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"},
            "requestParameters": {"userName": "Root", "policyDocument":
                "{\"Statement\": [{\"Effect\": \"Allow\", \"Resource\": \"C:\\\\dir\"}]}",
                "userData": "cG93ZXJzaGVsbCAtZW5j"},
            "resources": [{"ARN": "arn:aws:iam::111122223333:user/x", "type": "AWS::IAM::User"},
                {"ARN": "arn:aws:s3:::data", "accountId": "444455556666"}]}),
    ]
}

#[test]
fn texts_in_any_case_with_wildcards() {
    assert_eq!(selects("eventName: consolelogin"), "login");
    assert_eq!(selects("EVENTNAME: [ConsoleLogin, PutUserPolicy]"), "login policy");
    assert_eq!(selects("eventName: '*user*'"), "policy");
    assert_eq!(selects("eventName: ConsoleLog?n"), "login");
    assert_eq!(selects("eventName: ConsoleLogi"), "");
    assert_eq!(selects(r"userAgent: '*\*special\**'"), "policy");
    assert_eq!(selects(r"userAgent: '*100%_sure'"), "policy");
    assert_eq!(selects(r"userAgent: '*100%%sure'"), "");
    assert_eq!(selects("userAgent: ''"), "ingress");
    assert_eq!(selects("eventName|cased: consolelogin"), "");
    assert_eq!(selects("eventName|cased: [ConsoleLogin, Put*]"), "login policy");
    assert_eq!(selects("eventName|contains|cased: user"), "");
    assert_eq!(selects("eventName|contains: user"), "policy");
    assert_eq!(selects("eventName|startswith: [console, put]"), "login policy");
    assert_eq!(selects("eventName|endswith: ingress"), "ingress");
    assert_eq!(selects("userAgent|contains|all: [browser, SPECIAL]"), "policy");
    assert_eq!(selects("userAgent|contains|all: [browser, mozilla]"), "");
    assert_eq!(selects("userAgent|contains: '*'"), "login ingress policy");
    assert_eq!(selects("errorCode|contains: '*'"), "policy");
}

#[test]
fn fields_wherever_the_table_keeps_them() {
    assert_eq!(selects("userIdentity.sessionContext.sessionIssuer.userName: deploy"), "ingress");
    assert_eq!(selects("userIdentity.sessionContext.sourceIdentity: bob"), "ingress");
    assert_eq!(selects("userIdentity.credentialId: cred"), "ingress");
    assert_eq!(selects("userIdentity|contains: ':user/ana'"), "login");
    assert_eq!(selects("requestParameters.ipPermissions.items.ipRanges.items.cidrIp: 0.0.0.0/0"), "ingress");
    assert_eq!(selects("RequestParameters.IPPERMISSIONS.items.fromPort: 22"), "ingress");
    assert_eq!(selects("resources.ARN|startswith: 'arn:aws:s3'"), "policy");
    assert_eq!(selects("resources.accountId: 444455556666"), "policy");
    assert_eq!(selects("resources|contains: '::data'"), "policy");
    assert_eq!(selects("requestParameters|contains: 'SG-1'"), "ingress");
    assert_eq!(selects(r#"requestParameters|contains|all: ['"Effect": "allow"', 'c:\dir']"#), "");
    assert_eq!(selects(r#"requestParameters|contains: '"Effect": "allow"'"#), "policy");
    assert_eq!(selects(r#"requestParameters.policyDocument|contains: '"Effect": "allow"'"#), "policy");
    assert_eq!(selects("status: success"), "");
    assert_eq!(selects("eventName.x: ConsoleLogin"), "");
}

#[test]
fn numbers_booleans_and_nothing() {
    assert_eq!(selects("additionalEventData.count: 7"), "login");
    assert_eq!(selects("additionalEventData.count: '7'"), "login");
    assert_eq!(selects("additionalEventData.ratio: 0.50"), "login");
    assert_eq!(selects("userIdentity.accountId: 12345678901"), "login");
    assert_eq!(selects("readOnly: false"), "login");
    assert_eq!(selects("additionalEventData.MFAUsed: No"), "login");
    assert_eq!(selects("errorCode: null"), "login ingress");
    assert_eq!(selects("errorCode: [null, AccessDenied]"), "login ingress policy");
    assert_eq!(selects("requestParameters.note: null"), "login ingress policy");
    assert_eq!(selects("requestParameters.note|exists: true"), "ingress");
    assert_eq!(selects("requestParameters.note|exists: false"), "login policy");
    assert_eq!(selects("requestParameters.list|exists: true"), "ingress");
    assert_eq!(selects("userIdentity.sessionContext|exists: true"), "ingress");
    assert_eq!(selects("resources.accountId|exists: true"), "policy");
    assert_eq!(selects("status|exists: false"), "login ingress policy");
    assert_eq!(selects("requestParameters.ipPermissions.items.fromPort|gt: 400"), "ingress");
    assert_eq!(selects("requestParameters.ipPermissions.items.fromPort|lt: 22"), "");
    assert_eq!(selects("requestParameters.ipPermissions.items.fromPort|lte: 22"), "ingress");
    assert_eq!(selects("additionalEventData.count|gte: 7"), "login");
    assert_eq!(selects("eventName|gte: 7"), "");
}

#[test]
fn the_other_modifiers() {
    assert_eq!(selects("eventName|re: '^Put(User|Role)Policy$'"), "policy");
    assert_eq!(selects("eventName|re: user"), "");
    assert_eq!(selects("eventName|re|i: user"), "policy");
    assert_eq!(selects("eventName|re|startswith: User"), "");
    assert_eq!(selects("eventName|re|endswith: Log.n|Polic."), "login policy");
    assert_eq!(selects("requestParameters.policyDocument|re|s: 'Statement.*Allow'"), "policy");
    assert_eq!(selects("sourceIPAddress|cidr: [198.51.100.0/24, 10.0.0.0/8]"), "login");
    assert_eq!(selects("sourceIPAddress|cidr: 2001:db8::/32"), "policy");
    assert_eq!(selects("eventName|neq: ConsoleLogin"), "ingress policy");
    assert_eq!(selects("errorCode|neq: AccessDenied"), "login ingress");
    assert_eq!(selects("eventName|neq: [ConsoleLogin, PutUserPolicy]"), "ingress");
    assert_eq!(selects("userIdentity.type|fieldref: requestParameters.userName"), "policy");
    assert_eq!(selects("userIdentity.type|cased|fieldref: requestParameters.userName"), "policy");
    assert_eq!(selects("userIdentity.arn|fieldref|endswith: requestParameters.userName"), "policy");
    assert_eq!(selects("userIdentity.arn|fieldref|endswith|cased: requestParameters.userName"), "");
    assert_eq!(selects("userIdentity.type|fieldref|neq: requestParameters.userName"), "login ingress");
    assert_eq!(
        selects(
            "requestParameters.ipPermissions.items.fromPort|fieldref: requestParameters.ipPermissions.items.fromPort"
        ),
        "ingress"
    );
    assert_eq!(selects("requestParameters.userData|base64: 'powershell -enc'"), "policy");
    assert_eq!(selects("requestParameters.userData|windash|base64offset|contains: ' /enc'"), "policy");
    assert_eq!(selects("requestParameters.userData|base64offset|contains: 'shell'"), "policy");
    assert_eq!(selects("requestParameters.userData|wide|base64offset|contains: 'shell'"), "");
    assert_eq!(selects("requestParameters.userData|utf16|base64: 'shell'"), "");
    assert_eq!(selects("requestParameters.userData|utf16be|base64: 'shell'"), "");
    assert_eq!(selects("eventTime|hour: 14"), "login");
    assert_eq!(selects("eventTime|minute|gte: 5"), "login");
    assert_eq!(selects("eventTime|day: [1, 15]"), "ingress policy");
    assert_eq!(selects("eventTime|week: 11"), "login policy");
    assert_eq!(selects("eventTime|month: 3"), "login policy");
    assert_eq!(selects("eventTime|year: 2026"), "login ingress policy");
    assert_eq!(selects("userIdentity.sessionContext.attributes.creationDate|hour|lt: 3"), "ingress");
    assert_eq!(selects(r"userAgent|expand: '*100\%_sure'"), "policy");
}

#[test]
fn modifiers_that_do_not_fit_are_refused() {
    for (item, reason) in [
        ("eventName|sounds_like: x", "sounds_like"),
        ("eventName|expand: '%users%'", "%users%"),
        ("eventName|re: '(?=x)'", "(?=x)"),
        ("eventName|re: '('", "regular expression"),
        ("eventName|contains|re: x", "modifiers"),
        ("eventName|i: x", "modifiers"),
        ("sourceIPAddress|cidr: 300.0.0.0/8", "300.0.0.0/8"),
        ("eventName|exists: x", "modifiers"),
        ("eventName|gt: x", "modifiers"),
        ("eventName|base64: 'a*'", "wildcard"),
        ("eventName|base64offset|contains: ''", "too short"),
        ("eventName|utf16: x", "base64"),
        ("eventName|contains: null", "null"),
        ("eventName|cased: 5", "cased"),
        ("eventName|windash: '-a -a -a -a -a'", "dashes"),
        ("eventName: []", "no values"),
        ("eventName: {a: b}", "map"),
        (
            "eventName|base64offset|base64offset|base64offset|base64offset|base64offset|base64offset|base64: x",
            "more than 6",
        ),
        ("eventName|windash|windash: '-a -a -a -a'", "variants"),
        ("'|exists': true", "names none"),
    ] {
        let found = refusal(&format!("s:\n    {item}\ncondition: s"));
        assert!(found.contains(reason) && found.contains("'s'"), "{item}: {found}");
    }
}

#[test]
fn keywords_stand_anywhere() {
    assert_eq!(finds("k: [mozilla, 'cred']\ncondition: k"), "login ingress");
    assert_eq!(finds("k: '0.0.0.0/0'\ncondition: k"), "ingress");
    assert_eq!(finds("k:\n    '|all': [browser, '::data']\ncondition: k"), "policy");
    assert_eq!(finds("k: [444455556666]\ncondition: k"), "policy");
    assert_eq!(finds("k: ['\"Effect\": \"Allow\"']\ncondition: k"), "policy");
    assert_eq!(finds("k:\n    '|re': ['Mozilla/\\d']\ncondition: k"), "login");
    assert_eq!(finds("k: [nowhere]\ncondition: not k"), "login ingress policy");
}

#[test]
fn conditions() {
    let searches = "a:\n    eventName: ConsoleLogin\nb1:\n    - eventName: PutUserPolicy\n    - readOnly: false\n\
        b2:\n    errorCode: AccessDenied\n_c:\n    eventName|contains: '*'\n";
    for (condition, found) in [
        ("a", "login"),
        ("a or b2", "login policy"),
        ("a and b1", "login"),
        ("b1 and not a", "policy"),
        ("not a and not b2", "ingress"),
        ("NOT (a OR b2)", "ingress"),
        ("a or b1 and b2", "login policy"),
        ("(a or b1) and b2", "policy"),
        ("1 of b*", "login policy"),
        ("any of b*", "login policy"),
        ("all of b*", "policy"),
        ("2 of them", "login policy"),
        ("3 of them", ""),
        ("1 of them", "login policy"),
        ("all of them", ""),
        ("all of _*", "login ingress policy"),
        ("not 1 of b* and not a", "ingress"),
        ("not not a", "login"),
        ("[a, b2]", "login policy"),
    ] {
        let condition =
            if condition.starts_with('[') { condition.to_owned() } else { format!("'{condition}'") };
        assert_eq!(finds(&format!("{searches}condition: {condition}")), found, "{condition}");
    }
    let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    let many = vec!["1 of them"; 20_000].join(" or ");
    for (condition, reason) in [
        ("zz", "zz"),
        ("a and", "too early"),
        ("(a", "')'"),
        ("a)", "')'"),
        ("a b1", "b1"),
        ("1 of zz*", "zz*"),
        ("some of b*", "some of"),
        ("a | near b1", "near b1"),
        (&deep, "deeply"),
        (&many, "tests"),
        ("", "condition"),
    ] {
        let found = refusal(&format!("{searches}condition: '{condition}'"));
        assert!(found.contains(reason), "{found}");
    }
}

#[test]
fn a_rule_says_what_it_is() {
    let yaml = "title: Trail stopped\nid: 1234\nname: stopped\nstatus: test\nlevel: high\ndescription: |\n    Logging\n    \
        ended.\ntags: [attack.defense_evasion, attack.t1562.008, attack.g0016, attack.t1078, car.2016]\n\
        falsepositives: Maintenance\nreferences: [https://example.com]\n\
        logsource: {product: aws, service: cloudtrail}\ndetection: {s: {eventName: StopLogging, type: x}, condition: s}\n";
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
fn sql_that_means_the_same() {
    let events = batch(&events());
    let context = session();
    // Not every dialect of the parser knows lambdas.
    let state = context.state_ref();
    state.write().config_mut().options_mut().sql_parser.dialect = datafusion::config::Dialect::Databricks;
    context.register_batch("events", events.clone()).unwrap();
    for detection in [
        "s: {eventName: [ConsoleLogin, PutUserPolicy], errorCode: null}\ncondition: s",
        "s: {requestParameters.ipPermissions.items.ipRanges.items.cidrIp|cidr: 0.0.0.0/0}\ncondition: not s",
        "s: {userIdentity.sessionContext.sessionIssuer.userName|startswith: d, eventTime|hour: 3}\ncondition: s",
        "s: {resources.ARN|endswith: \"it's\\\\_\"}\nk: [mozilla]\ncondition: s or k",
        "s: {userAgent|re|i: s3, additionalEventData.count|gte: 3}\nt: {eventName|contains: l}\ncondition: 1 of them",
    ] {
        let rule = loaded(&rule(detection)).rules.remove(0);
        let sql = rule.sql().unwrap().unwrap();
        let Logic::Event(event) = &rule.logic else { panic!("{detection}") };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let query = format!("SELECT {sql} FROM events");
        let found = runtime.block_on(async { context.sql(&query).await?.collect().await }).expect(&sql);
        let found: Vec<_> = found[0].column(0).as_boolean().iter().map(Option::unwrap).collect();
        assert_eq!(found, holds(event, &events), "{sql}");
    }
}

const TWO: &str = "title: A\nid: id-a\nname: a\nlogsource: {product: aws, service: cloudtrail}\n\
    detection: {s: {eventName: A}, condition: s}\n---\n\
    title: B\nid: id-b\nname: b\nlogsource: {product: aws}\ndetection: {s: {eventName: B}, condition: s}\n---\n";

fn correlated(body: &str) -> Loaded {
    let indented: String = body.trim_matches('\n').lines().map(|line| format!("    {line}\n")).collect();
    loaded(&format!("{TWO}title: C\nid: id-c\nlevel: critical\ncorrelation:\n{indented}"))
}

fn correlation(body: &str) -> Correlation {
    let loaded = correlated(body);
    assert_eq!(loaded.refused, [], "{body}");
    match loaded.rules.last().unwrap().logic.clone() {
        Logic::Correlation(correlation) => correlation,
        Logic::Event(_) => panic!("an event: {body}"),
    }
}

#[test]
fn correlations() {
    let count = correlation(
        "type: event_count\nrules: [a, id-b]\ngroup-by: [userIdentity.arn]\ntimespan: 90m\ncondition: {gt: 5, lte: 9}",
    );
    assert_eq!(count.rules, ["id-a", "id-b"]);
    assert_eq!(count.timespan, chrono::Duration::minutes(90));
    assert_eq!(count.kind, CorrelationKind::EventCount(vec![Bound::Above(5), Bound::AtMost(9)]));
    assert_eq!(count.group_by[0].len(), 1);
    assert_eq!(count.group_by[0], count.group_by[1]);

    let values = correlation(
        "type: value_count\nrules: a\ngroup-by: sourceIPAddress\ntimespan: 1d\ncondition: {field: eventName, gte: 3}",
    );
    assert_eq!(
        values.kind,
        CorrelationKind::ValueCount(vec![field::column("eventname")], vec![Bound::AtLeast(3)])
    );
    assert_eq!(values.group_by, [[field::column("sourceipaddress")]]);

    let aliased = correlation(
        "type: temporal_ordered\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 1w\n\
         aliases: {ip: {a: sourceIPAddress, b: requestParameters.ip}}\ncondition: b AND a",
    );
    assert_eq!(aliased.kind, CorrelationKind::TemporalOrdered);
    assert_ne!(aliased.group_by[0], aliased.group_by[1]);
    assert_eq!(
        correlation("type: temporal\nrules: [a, b]\ntimespan: 5m\ncondition: {gte: 2}").kind,
        CorrelationKind::Temporal
    );

    let silent = |loaded: &Loaded| loaded.rules.iter().map(|rule| rule.silent).collect::<Vec<_>>();
    let plain = "type: temporal\nrules: [a, b]\ntimespan: 5m";
    assert_eq!(silent(&correlated(plain)), [true, true, false]);
    assert_eq!(silent(&correlated(&format!("{plain}\ngenerate: true"))), [false, false, false]);
}

#[test]
fn correlations_that_cannot_be_used_are_refused() {
    for (body, reason) in [
        ("type: temporal\nrules: [a, zz]\ntimespan: 5m", "zz"),
        ("type: temporal\nrules: [a, id-c]\ntimespan: 5m", "id-c"),
        ("type: temporal\nrules: []\ntimespan: 5m", "without rules"),
        ("type: temporal\nrules: [a, b]", "timespan"),
        ("type: temporal\nrules: [a, b]\ntimespan: soon", "soon"),
        ("type: temporal\nrules: [a, b]\ntimespan: 5m\ncondition: {gte: 1}", "temporal"),
        ("type: temporal\nrules: [a, b]\ntimespan: 5m\ncondition: a or b", "temporal"),
        ("type: value_avg\nrules: [a, b]\ntimespan: 5m", "value_avg"),
        ("type: event_count\nrules: [a]\ntimespan: 5m", "condition"),
        ("type: event_count\nrules: [a]\ntimespan: 5m\ncondition: {gt: -1}", "gt: -1"),
        ("type: value_count\nrules: [a]\ntimespan: 5m\ncondition: {gt: 1}", "field"),
        ("type: temporal\nrules: [a, b]\ntimespan: 5m\ngroup-by: [x]\naliases: {x: {a: eventName}}", "'x'"),
    ] {
        let loaded = correlated(body);
        assert_eq!(loaded.rules.len(), 2, "{body}");
        assert!(loaded.rules.iter().all(|rule| !rule.silent), "{body}");
        assert!(loaded.refused[0].reason.contains(reason), "{}", loaded.refused[0].reason);
        assert_eq!(loaded.refused[0].rule.as_deref(), Some("C"));
    }
}

#[test]
fn correlations_chain() {
    let chained = loaded(&format!(
        "title: D\nid: id-d\ncorrelation: {{type: temporal_ordered, rules: [id-c, b], timespan: 1h}}\n---\n{TWO}\
         title: C\nid: id-c\ncorrelation: {{type: event_count, rules: [a], timespan: 5m, condition: {{gte: 9}}}}\n"
    ));
    assert_eq!(chained.refused, []);
    assert_eq!(
        chained.rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
        ["id-a", "id-b", "id-c", "id-d"]
    );
    assert_eq!(chained.rules.iter().map(|rule| rule.silent).collect::<Vec<_>>(), [true, true, true, false]);
}

#[test]
fn counts_of_old_become_correlations() {
    let loaded = loaded(&rule(
        "s: {eventName: A}\ntimeframe: 10m\ncondition: s | count(awsRegion) by userIdentity.arn >= 3",
    ));
    assert_eq!(
        loaded.rules.iter().map(|rule| (rule.id.as_str(), rule.silent)).collect::<Vec<_>>(),
        [("t.events", true), ("t", false)]
    );
    let Logic::Correlation(correlation) = &loaded.rules[1].logic else { panic!() };
    assert_eq!(correlation.rules, ["t.events"]);
    assert_eq!(correlation.timespan, chrono::Duration::minutes(10));
    assert_eq!(
        correlation.kind,
        CorrelationKind::ValueCount(vec![field::column("awsregion")], vec![Bound::AtLeast(3)])
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
        let key = |path: &str, modifier: &str| if modifier.is_empty() { path.to_owned() } else { format!("{path}|{modifier}") };
        let lines: String = items.iter().enumerate().map(|(at, (path, modifier, value))|
            format!("s{at}:\n    {}: '{value}'\n", key(path, modifier))).collect();
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
        key in "[a-zA-Z.|_ ]{0,12}(\\|(contains|re|cidr|all|windash|base64offset|utf16|expand|hour|gt|fieldref|i|exists|neq|cased)){0,3}",
        value in "[-a%*?\\\\(\\[0-9./ ]{0,8}",
        condition in "(s|not|and|or|1|all|of|them|\\(|\\)|\\||count\\(\\)|by| |>|5){0,12}",
    ) {
        let text = format!("s:\n    '{key}': '{value}'\ncondition: '{condition}'");
        let found = loaded(&rule(&text));
        for rule in &found.rules {
            if let Logic::Event(event) = &rule.logic {
                holds(event, &batch(&events()));
            }
        }
        prop_assert_eq!(found.rules.is_empty(), !found.refused.is_empty());
    }
}
