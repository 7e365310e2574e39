//! Modifiers, fields and conditions.

use super::*;

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
    assert_eq!(selects("userAgent|contains|windash: 'browser/9*\u{2014}sp'"), "");
    assert_eq!(selects("userIdentity.arn|windash|endswith: ':*-ana'"), "login");
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
    let many = vec!["1 of them"; 40_000].join(" or ");
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
