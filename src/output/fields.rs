//! A row of a timeline by the names of its columns.

use arrow::array::{Array, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{Int64Type, TimestampMillisecondType};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::schema::EVENT_TIMESTAMP;

/// One row; what a batch does not have, or a record did not say, is `None`.
#[derive(Clone, Copy)]
pub struct Fields<'a> {
    /// The batch.
    pub batch: &'a RecordBatch,
    /// The row in it.
    pub row: usize,
}

impl<'a> Fields<'a> {
    /// The rows of a batch.
    pub fn rows(batch: &'a RecordBatch) -> impl Iterator<Item = Self> {
        (0..batch.num_rows()).map(move |row| Self { batch, row })
    }

    /// A text; an empty one says nothing.
    pub fn text(self, column: &str) -> Option<&'a str> {
        text(self.batch.column_by_name(column)?, self.row)
    }

    /// A text within `useridentity`, by the names on the way to it.
    pub fn identity(self, path: &[&str]) -> Option<&'a str> {
        let (last, holders) = path.split_last()?;
        let identity: &StructArray = self.batch.column_by_name("useridentity")?.as_struct_opt()?;
        let holder = holders.iter().try_fold(identity, |holder, name| {
            holder.column_by_name(name).and_then(|column| column.as_struct_opt())
        })?;
        text(holder.column_by_name(last)?, self.row)
    }

    /// A number.
    pub fn integer(self, column: &str) -> Option<i64> {
        let numbers = self.batch.column_by_name(column)?.as_primitive_opt::<Int64Type>()?;
        numbers.is_valid(self.row).then(|| numbers.value(self.row))
    }

    /// The JSON of a column that holds JSON as text.
    pub fn json(self, column: &str) -> Option<Value> {
        serde_json::from_str(self.text(column)?).ok().filter(|json: &Value| !json.is_null())
    }

    /// The objects of a column of lists of structs, each with those of its texts that are there.
    pub fn objects(self, column: &str) -> Vec<Vec<(String, String)>> {
        let lists = self.batch.column_by_name(column).and_then(|column| column.as_list_opt::<i32>());
        let Some(items) = lists.filter(|lists| lists.is_valid(self.row)).map(|lists| lists.value(self.row))
        else {
            return vec![];
        };
        let Some(items) = items.as_struct_opt() else { return vec![] };
        let object = |row| {
            let members = items.column_names().into_iter().zip(items.columns());
            let texts =
                members.filter_map(|(name, column)| Some((name.to_owned(), text(column, row)?.to_owned())));
            texts.collect()
        };
        (0..items.len()).map(object).collect()
    }

    /// When, in UTC.
    pub fn time(self) -> Option<DateTime<Utc>> {
        let times =
            self.batch.column_by_name(EVENT_TIMESTAMP)?.as_primitive_opt::<TimestampMillisecondType>()?;
        times.is_valid(self.row).then(|| times.value(self.row)).and_then(DateTime::from_timestamp_millis)
    }
}

fn text(column: &dyn Array, row: usize) -> Option<&str> {
    let texts = column.as_string_opt::<i32>().filter(|texts| texts.is_valid(row))?;
    Some(texts.value(row)).filter(|text| !text.is_empty())
}

#[cfg(test)]
pub mod tests {
    use std::sync::Arc;

    use arrow::array::RecordBatch;
    use arrow::datatypes::{DataType, Field, Schema};
    use arrow::json::ReaderBuilder;
    use serde_json::{Value, json};

    use super::*;
    use crate::finding::Annotations;
    use crate::schema::table_schema;

    /// An annotated timeline's batch of one row, of columns by name; those it does not name are
    /// `NULL`.
    pub fn batch(row: Value) -> RecordBatch {
        let mut fields: Vec<_> = table_schema().fields().iter().cloned().collect();
        let texts = ["relation", "matched_by", "session", "chain", "credential"];
        fields.extend(texts.map(|name| Arc::new(Field::new(name, DataType::Utf8, true))));
        fields.extend(["copies", "depth"].map(|name| Arc::new(Field::new(name, DataType::Int64, true))));
        let schema = Annotations::schema(&Arc::new(Schema::new(fields)));
        let mut whole = json!({"source_object": "log.json.gz", "source_offset": 12, "source_index": 3,
            "source_size": 1, "source_modified": "2026-03-14T14:20:00Z", "findings": []});
        whole.as_object_mut().unwrap().extend(row.as_object().unwrap().clone());
        let mut decoder = ReaderBuilder::new(schema).build_decoder().unwrap();
        decoder.serialize(&[whole]).unwrap();
        decoder.flush().unwrap().unwrap()
    }

    /// A call with everything that a record can say.
    pub fn create_user() -> Value {
        json!({
            "event_timestamp": "2026-03-14T14:05:44Z", "eventtime": "2026-03-14T14:05:44Z", "eventversion": "1.11",
            "eventsource": "iam.amazonaws.com", "eventname": "CreateUser", "awsregion": "us-east-1",
            "sourceipaddress": "198.51.100.77", "useragent": "aws-cli/2.27.0\u{1b}[2J",
            "requestparameters": r#"{"userName":"svc-metrics"}"#, "responseelements": r#"{"user":{"userId":"AIDA1"}}"#,
            "requestid": "r-1", "eventid": "e-1", "eventtype": "AwsApiCall", "apiversion": "2010-05-08",
            "readonly": "false", "recipientaccountid": "111122223333", "eventcategory": "Management",
            "useridentity": {"type": "AssumedRole", "principalid": "AROA1:i-1", "accountid": "111122223333",
                "arn": "arn:aws:sts::111122223333:assumed-role/web/i-1", "accesskeyid": "ASIA1",
                "sessioncontext": {"attributes": {"creationdate": "2026-03-14T13:00:00Z", "mfaauthenticated": "false"},
                    "sessionissuer": {"arn": "arn:aws:iam::111122223333:role/web", "username": "web"}}},
            "resources": [{"arn": "arn:aws:iam::111122223333:user/svc-metrics", "accountid": "111122223333", "type": "AWS::IAM::User"}],
            "relation": "by_role", "matched_by": "issuer_arn", "session": "arn:aws:sts::111122223333:assumed-role/web/i-1",
            "copies": 2, "depth": 0, "findings": ["backdoor_administrator"], "severity": "critical",
        })
    }

    /// A call by a service that says next to nothing.
    pub fn by_service() -> Value {
        json!({
            "event_timestamp": "2026-03-14T14:05:44.120Z", "eventsource": "kms.amazonaws.com", "eventname": "Decrypt",
            "sourceipaddress": "rds.amazonaws.com", "errorcode": "AccessDenied", "errormessage": "no \u{202e}way",
            "useridentity": {"type": "AWSService", "invokedby": "rds.amazonaws.com"}, "copies": 1,
        })
    }

    #[test]
    fn what_is_not_there_is_none() {
        let batch = batch(json!({"eventname": ""}));
        let row = Fields { batch: &batch, row: 0 };
        assert_eq!((row.text("eventname"), row.text("no such column"), row.time()), (None, None, None));
        assert_eq!(
            (row.identity(&["sessioncontext", "attributes", "creationdate"]), row.identity(&[])),
            (None, None)
        );
        assert_eq!((row.json("requestparameters"), row.integer("copies")), (None, None));
        assert!(row.objects("resources").is_empty() && row.objects("eventname").is_empty());
    }
}
