use super::ContainmentPlan;
use crate::error::Result;
use crate::identity::Principal;
use crate::lineage::Lineage;
use arrow::array::RecordBatch;
use chrono::{DateTime, Utc};
pub struct PastUser {
    pub who: String,
    pub calls: u64,
}
pub struct PlanInput<'a> {
    pub principal: &'a Principal,
    pub clock: DateTime<Utc>,
    pub batches: &'a [RecordBatch],
    pub lineage: &'a Lineage,
    pub users: &'a [PastUser],
}
pub fn plan(input: &PlanInput<'_>) -> Result<ContainmentPlan> {
    let _ = (input.batches, input.lineage, input.users.iter().map(|u| (&u.who, u.calls)).count());
    Ok(ContainmentPlan {
        version: 1,
        principal: input.principal.to_string(),
        as_of: input.clock,
        ..ContainmentPlan::default()
    })
}
