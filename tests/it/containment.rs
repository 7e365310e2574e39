//! The containment plan: what an attack left behind, and nothing else, and no line that does more.

use chrono::Utc;
use trailq::containment::ContainmentPlan;
use trailq::{Principal, TimelineQuestion, Trail, Window, parse_time};

use crate::support::shared;

async fn plan_of(folder: &str, principal: &str, from: &str, to: &str) -> ContainmentPlan {
    let trail = Trail::open(&[folder]).await.unwrap();
    let time = |text| parse_time(text, Utc::now()).unwrap();
    let principal =
        if principal.contains(":role/") { Principal::role(principal) } else { Principal::user(principal) };
    let question =
        TimelineQuestion::new(principal.unwrap(), Window::inclusive(time(from), time(to)).unwrap());
    trail.containment(&question, time(to), &[]).await.unwrap().0
}

#[tokio::test]
async fn look() {
    let Some(cases) = shared("cases/logs") else { return };
    for (set, who, from, to) in [
        (
            "invictus",
            "arn:aws:iam::123837392027:user/bert-jan",
            "2023-07-10T00:00:00Z",
            "2023-07-11T00:00:00Z",
        ),
        (
            "stratus",
            &std::env::var("WHO").unwrap_or("arn:aws:iam::123837392027:user/bert-jan".into()),
            "2020-07-10T00:00:00Z",
            "2026-07-11T00:00:00Z",
        ),
    ] {
        let plan = plan_of(cases.join(set).to_str().unwrap(), who, from, to).await;
        println!("{set}");
        for step in &plan.steps {
            println!(
                "{} {:?} {} | {}\n     {}\n     {}\n     {:?} {:?}",
                step.number,
                step.kind,
                step.title,
                step.target,
                step.reason,
                step.call.cli,
                step.breaks,
                step.needs
            );
        }
        println!("{:#?}\n{:#?}", plan.notes, plan.credentials);
    }
}
