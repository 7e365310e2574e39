//! `trailq plan`: what a timeline would read.

use std::collections::BTreeMap;

use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;
use trailq::Result;
use trailq::key::{DeliveryKey, PruneReason};
use trailq::output::text::visible;
use trailq::source::{Failure, Listing, Pruned};

use super::args::{PlanArgs, PlanFormat};
use super::print;

/// What S3 Standard in us-east-1 charges for 1,000 requests, in US dollars.
const LIST_PER_1000: f64 = 0.005;
const GET_PER_1000: f64 = 0.0004;

/// What would be read, and what it would cost.
#[derive(Debug, Serialize)]
struct ReadPlan {
    objects: u64,
    bytes: u64,
    pruned: BTreeMap<PruneReason, Pruned>,
    failed_listings: Vec<Failure>,
    s3_requests: Requests,
    deliveries: Vec<Delivery>,
    /// The same for the search for issued credentials, if they are followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    credentials: Option<Box<ReadPlan>>,
}

#[derive(Debug, Serialize)]
struct Requests {
    list: u64,
    get: u64,
    estimated_usd: f64,
}

/// Objects of one account, region and day of delivery; `-` where the key does not say.
#[derive(Debug, Serialize)]
struct Delivery {
    account: String,
    region: String,
    day: String,
    objects: u64,
    bytes: u64,
}

/// Prints the plan. True if everything could be listed.
pub async fn run(arguments: &PlanArgs) -> Result<bool> {
    let (trail, question) = arguments.question.ask().await?;
    let listing = trail.list(question.scope()).await?;
    let mut plan = ReadPlan::new(&listing);
    if question.follows() {
        let search = trail.list(&question.search_scope()?).await?;
        plan.credentials = Some(Box::new(ReadPlan::new(&search)));
    }
    let text = match arguments.format {
        PlanFormat::Table => plan.table(),
        PlanFormat::Json => serde_json::to_string_pretty(&plan).unwrap_or_default() + "\n",
    };
    print(&text)?;
    Ok(plan.failed_listings.is_empty())
}

impl ReadPlan {
    fn new(listing: &Listing) -> Self {
        let mut deliveries: BTreeMap<[String; 3], (u64, u64)> = BTreeMap::new();
        let (mut gets, mut objects, mut bytes) = (0, 0, 0);
        for object in listing.objects() {
            let key = object.meta.location.to_string();
            let delivery = DeliveryKey::parse(&key);
            let known = |text: Option<&str>| text.unwrap_or("-").to_owned();
            let day = delivery.delivered.map(|(first, _)| first.format("%Y-%m-%d").to_string());
            let group = [known(delivery.account), known(delivery.region), known(day.as_deref())];
            let sums = deliveries.entry(group).or_default();
            *sums = (sums.0 + 1, sums.1 + object.meta.size);
            gets += u64::from(object.name.starts_with("s3://"));
            (objects, bytes) = (objects + 1, bytes + object.meta.size);
        }
        let remote = listing.stores.iter().any(|store| store.store.url.scheme() == "s3");
        let list = if remote { listing.requests } else { 0 };
        let estimated_usd = (list as f64 * LIST_PER_1000 + gets as f64 * GET_PER_1000) / 1000.0;
        let delivery = |([account, region, day], (objects, bytes)): ([String; 3], (u64, u64))| Delivery {
            account,
            region,
            day,
            objects,
            bytes,
        };
        Self {
            objects,
            bytes,
            pruned: listing.pruned.clone(),
            failed_listings: listing.failures.clone(),
            s3_requests: Requests { list, get: gets, estimated_usd },
            deliveries: deliveries.into_iter().map(delivery).collect(),
            credentials: None,
        }
    }

    fn table(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["ACCOUNT", "REGION", "DELIVERED", "OBJECTS", "BYTES"]);
        for group in &self.deliveries {
            let cells = [&group.account, &group.region, &group.day].map(|text| visible(text).into_owned());
            let sums = [HumanCount(group.objects).to_string(), HumanBytes(group.bytes).to_string()];
            table.add_row(cells.into_iter().chain(sums));
        }
        let mut text = format!("{}\n\n", table.trim_fmt());
        for (reason, pruned) in &self.pruned {
            text += &format!(
                "left out, {}: {} objects, {}, {} folders\n",
                reason.as_str(),
                HumanCount(pruned.objects),
                HumanBytes(pruned.bytes),
                HumanCount(pruned.folders)
            );
        }
        for failure in &self.failed_listings {
            text += &format!("could not list {}: {}\n", visible(&failure.name), visible(&failure.cause));
        }
        if let Some(search) = &self.credentials {
            text += &format!("to search for credentials: {}\n", search.sums());
        }
        text + &format!("to read: {}\n", self.sums())
    }

    fn sums(&self) -> String {
        let Requests { list, get, estimated_usd } = &self.s3_requests;
        format!(
            "{} objects, {}; S3 requests: {list} LIST, {get} GET, about ${estimated_usd:.4} (without transfer)",
            HumanCount(self.objects),
            HumanBytes(self.bytes)
        )
    }
}
