//! Every kind of principal, asked about in the sample trail.

use std::collections::BTreeMap;

use trailq::{Principal, Result, TimelineQuestion, Trail, Window, parse_time};

use crate::support::{ask, repository};

/// Rows by relation, then by what they were matched.
async fn found(principal: Result<Principal>) -> BTreeMap<String, usize> {
    let time = |text| parse_time(text, chrono::Utc::now()).unwrap();
    let window = Window::inclusive(time("2026-03-14T13:00:00Z"), time("2026-03-14T15:00:00Z")).unwrap();
    let trail = Trail::open(&[repository("testdata/trail").to_str().unwrap()]).await.unwrap();
    let (rows, coverage) = ask(&trail, &TimelineQuestion::new(principal.unwrap(), window)).await;
    assert!(coverage.complete);
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(format!("{} {}", row.relation, row.matched_by)).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn everyone_has_a_timeline() {
    let mut text = String::new();
    for (name, principal) in [
        ("user", Principal::user("arn:aws:iam::111122223333:user/rosa.admin")),
        ("created user", Principal::user("arn:aws:iam::111122223333:user/svc-metrics")),
        (
            "session",
            Principal::session("arn:aws:sts::111122223333:assumed-role/order-processor/order-processor"),
        ),
        ("access key", Principal::access_key("ASIAEXAMPLEWORKER001")),
        ("chained key", Principal::access_key("ASIAEXAMPLECHAINED01")),
        ("principal id", Principal::principal_id("AROAEXAMPLEORDERPROC1")),
        ("role", Principal::role("arn:aws:iam::444455556666:role/backup-reader")),
        ("address", Principal::address("198.51.100.77")),
        ("bucket", Principal::resource("arn:aws:s3:::shop-invoices")),
        ("role as a resource", Principal::resource("arn:aws:iam::111122223333:role/svc/order-processor")),
        ("nobody", Principal::access_key("AKIAIOSFODNN7EXAMPLE")),
    ] {
        text += &format!("{name}: {:#?}\n", found(principal).await);
    }
    insta::assert_snapshot!("everyone", text);
}
