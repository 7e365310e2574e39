//! How the timeline recognises the use of credentials that are followed.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::scalar::ScalarValue;

use super::{Credential, Lineage};
use crate::error::Result;
use crate::query::Parameters;

/// What a call carries if it was made with a credential, and how that tells.
struct Trace<'a> {
    text: String,
    recognised_by: &'static str,
    /// In milliseconds since 1970; a key or a session needs no such bound.
    valid_from: i64,
    of: &'a Credential,
}

impl Lineage {
    /// What `queries/timeline.sql` looks for.
    pub(crate) fn parameters(&self) -> Parameters {
        let followed = || self.downstream();
        let keys = followed().filter_map(|credential| credential.key.clone());
        let principals = followed().filter_map(|credential| credential.principal_id.clone());
        let logins = followed().filter(|credential| credential.is_login());
        [
            ("keys", list(keys)),
            ("principals", list(principals)),
            ("sessions", list(followed().filter_map(Credential::session_trace))),
            ("logins", list(logins.filter_map(|login| login.user_name.clone()))),
            ("other_keys", list(self.other_keys())),
        ]
        .into()
    }

    /// Keys that users got by other ways than a login.
    fn other_keys(&self) -> impl Iterator<Item = String> {
        let tokens = self.others.iter().filter(|other| other.event == "GetSessionToken");
        tokens.filter_map(|token| token.key.clone())
    }

    /// The table `downstream` of that query: a row for everything that a call made with a followed
    /// credential can carry.
    pub(crate) fn downstream_table(&self) -> Result<Arc<dyn TableProvider>> {
        let mut all: Vec<Trace<'_>> = self.downstream().flat_map(traces_of).collect();
        // Where two share a trace, the one that is good for longer is shown, or the shorter way.
        all.sort_by_key(|trace| (trace.valid_from, trace.of.depth));
        let mut traces = BTreeMap::new();
        for trace in all {
            traces.entry(trace.text.clone()).or_insert(trace);
        }
        let traces: Vec<Trace<'_>> = traces.into_values().collect();
        let texts = |text: fn(&Trace<'_>) -> Option<String>| -> ArrayRef {
            Arc::new(traces.iter().map(text).collect::<StringArray>())
        };
        let times = traces.iter().map(|trace| trace.valid_from);
        let batch = RecordBatch::try_from_iter_with_nullable([
            ("credential", texts(|trace| Some(trace.text.clone())), true),
            ("issued", texts(|trace| Some(trace.of.credential.clone())), true),
            ("session", texts(|trace| trace.of.label.clone()), true),
            ("chain", texts(|trace| trace.of.chain.clone()), true),
            ("recognised_by", texts(|trace| Some(trace.recognised_by.to_owned())), true),
            (
                "depth",
                Arc::new(traces.iter().map(|trace| trace.of.depth.map(i64::from)).collect::<Int64Array>()),
                true,
            ),
            (
                "valid_from",
                Arc::new(TimestampMillisecondArray::from_iter_values(times).with_timezone("UTC")),
                true,
            ),
        ])?;
        Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
    }
}

fn traces_of(credential: &Credential) -> Vec<Trace<'_>> {
    let issued = credential.issued_at.timestamp_millis();
    let login = credential.user_name.as_ref().filter(|_| credential.is_login());
    let login = login.zip(credential.account.as_ref()).map(|(user, account)| format!("{account} {user}"));
    [
        (credential.key.clone(), "access_key", i64::MIN),
        (credential.session_trace(), "session", i64::MIN),
        (credential.principal_id.clone(), "principal_id", issued),
        (login, "login_profile", issued),
    ]
    .into_iter()
    .filter_map(|(text, recognised_by, valid_from)| {
        Some(Trace { text: text?, recognised_by, valid_from, of: credential })
    })
    .collect()
}

fn list(texts: impl Iterator<Item = String>) -> ScalarValue {
    let mut texts: Vec<String> = texts.collect();
    texts.sort_unstable();
    texts.dedup();
    let values: Vec<ScalarValue> = texts.into_iter().map(|text| ScalarValue::Utf8(Some(text))).collect();
    ScalarValue::List(ScalarValue::new_list_nullable(&values, &arrow::datatypes::DataType::Utf8))
}
