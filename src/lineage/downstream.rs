//! How the timeline recognises the use of credentials that are followed.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;

use super::{Credential, Lineage};
use crate::error::Result;
use crate::query::Parameters;
use crate::question::list;

/// What a call carries if it was made with a credential, how that tells, and when. Times are in
/// milliseconds since 1970.
struct Trace<'a> {
    text: String,
    recognised_by: &'static str,
    valid_from: i64,
    valid_until: i64,
    of: &'a Credential,
}

impl Lineage {
    /// What `queries/timeline.sql` looks for.
    pub(crate) fn parameters(&self) -> Parameters {
        let followed = || self.downstream();
        let keys = followed().filter_map(|credential| credential.key.clone());
        let principals = followed().filter_map(|credential| credential.principal_id.clone());
        let sessions = CLOCKS.iter().flat_map(|later| followed().filter_map(|of| of.session_trace(*later)));
        let logins = followed().filter(|credential| credential.is_login());
        let tokens = self.others.iter().filter(|other| other.event == "GetSessionToken");
        [
            ("keys", list(keys)),
            ("principals", list(principals)),
            ("sessions", list(sessions)),
            ("logins", list(logins.filter_map(|login| login.user_name.clone()))),
            ("other_keys", list(tokens.filter_map(|token| token.key.clone()))),
            ("known_ids", list(self.principal_ids.iter().cloned())),
        ]
        .into()
    }

    /// The table `downstream` of that query: a row for everything that a call made with a followed
    /// credential can carry.
    pub(crate) fn downstream_table(&self) -> Result<Arc<dyn TableProvider>> {
        let issues = self.issues_by_id();
        let mut all: Vec<Trace<'_>> = self.downstream().flat_map(|of| traces_of(of, &issues)).collect();
        all.sort_by_key(|trace| trace.of.depth);
        // Where two share a trace, the shorter way is the one shown.
        let mut traces = BTreeMap::new();
        for trace in all {
            traces.entry((trace.text.clone(), trace.valid_from)).or_insert(trace);
        }
        let traces: Vec<Trace<'_>> = traces.into_values().collect();
        let texts = |text: fn(&Trace<'_>) -> Option<String>| -> ArrayRef {
            Arc::new(traces.iter().map(text).collect::<StringArray>())
        };
        let times = |time: fn(&Trace<'_>) -> i64| -> ArrayRef {
            let times = TimestampMillisecondArray::from_iter_values(traces.iter().map(time));
            Arc::new(times.with_timezone("UTC"))
        };
        let depths: Int64Array = traces.iter().map(|trace| trace.of.depth.map(i64::from)).collect();
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("credential", texts(|trace| Some(trace.text.clone())), true),
            ("issued", texts(|trace| Some(trace.of.credential.clone())), true),
            ("session", texts(|trace| trace.of.label.clone()), true),
            ("chain", texts(|trace| trace.of.chain.clone()), true),
            ("recognised_by", texts(|trace| Some(trace.recognised_by.to_owned())), true),
            ("depth", Arc::new(depths), true),
            ("valid_from", times(|trace| trace.valid_from), true),
            ("valid_until", times(|trace| trace.valid_until), true),
        ])?;
        Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
    }

    /// When each session's id was issued, by id and in order: a later issue takes the id over.
    fn issues_by_id(&self) -> HashMap<&str, Vec<i64>> {
        let mut issues: HashMap<&str, Vec<i64>> = HashMap::new();
        for issue in self.credentials.iter().chain(&self.others) {
            if let Some(id) = issue.principal_id.as_deref() {
                issues.entry(id).or_default().push(issue.issued_at.timestamp_millis());
            }
        }
        issues.values_mut().for_each(|times| times.sort_unstable());
        issues
    }
}

/// Times before and after all that logs hold, and within what nanoseconds can count.
const ALWAYS: (i64, i64) = (0, 9_000_000_000_000);
/// Seconds that a session's creation may differ from its issue.
const CLOCKS: [i64; 3] = [0, 1, -1];

fn traces_of<'a>(of: &'a Credential, issues: &HashMap<&str, Vec<i64>>) -> Vec<Trace<'a>> {
    let issued = of.issued_at.timestamp_millis();
    let mut traces = vec![];
    let mut trace = |text: Option<String>, recognised_by, valid_from, valid_until| {
        traces.extend(text.map(|text| Trace { text, recognised_by, valid_from, valid_until, of }));
    };
    trace(of.key.clone(), "access_key", ALWAYS.0, ALWAYS.1);
    let all = of.principal_id.as_deref().and_then(|id| issues.get(id));
    let is_taken =
        |second: i64| all.is_some_and(|all| all.iter().any(|time| time.div_euclid(1000) == second));
    // Another session of that name and second is not to be taken for this one.
    for later in CLOCKS.iter().filter(|later| **later == 0 || !is_taken(issued.div_euclid(1000) + **later)) {
        trace(of.session_trace(*later), "session", ALWAYS.0, ALWAYS.1);
    }
    // An id alone means this session until the next one of that name; that of a user means more.
    let id = of.principal_id.as_deref().filter(|_| of.event != "GetSessionToken");
    let next = id.and_then(|id| issues.get(id)?.iter().copied().find(|time| *time > issued));
    trace(id.map(ToOwned::to_owned), "principal_id", issued, next.unwrap_or(ALWAYS.1));
    let login = of.user_name.as_ref().filter(|_| of.is_login());
    let login = login.zip(of.account.as_ref()).map(|(user, account)| format!("{account} {user}"));
    trace(login, "login_profile", issued, ALWAYS.1);
    traces
}
