//! Correlations, and the counts that came before them.

use super::super::super::rule::{Bound, Correlation, CorrelationKind};
use super::*;

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
fn what_events_are_grouped_by() {
    let grouped = correlation(
        "type: event_count\nrules: [a]\ntimespan: 5m\ncondition: {gt: 1}\n\
         group-by: [requestParameters.groupId, userIdentity.type, resources.type, status]",
    );
    let batch = batch(&events());
    let texts = grouped.group_by[0].iter().map(|field| texts_of(field, &batch));
    assert_eq!(
        texts.collect::<Vec<_>>(),
        ["-,sg-1,-", "IAMUser,AssumedRole,Root", "-,-,AWS::IAM::User", "-,-,-"]
    );
}

/// What a field's expression says of each event.
fn texts_of(field: &Expr, batch: &RecordBatch) -> String {
    let schema = DFSchema::try_from(batch.schema()).unwrap();
    let physical = session().state().create_physical_expr(field.clone(), &schema).unwrap();
    let found = physical.evaluate(batch).unwrap().into_array(batch.num_rows()).unwrap();
    found.as_string::<i32>().iter().map(|text| text.unwrap_or("-")).collect::<Vec<_>>().join(",")
}
