//! The table: every column, its type and where in a record it comes from, said once.
//!
//! Names and types of the standard columns follow the AWS documentation's Athena table, in its
//! order: lower case, text leaves, structs. Columns of trailq's own come after them.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

/// Name of the typed event time: `Timestamp(Millisecond, "UTC")`, `NULL` where a record has none
/// that can be read.
pub const EVENT_TIMESTAMP: &str = "event_timestamp";
/// Name of the column that holds the key or path of the object a record came from.
pub const SOURCE_OBJECT: &str = "source_object";
/// Name of the column that holds that object's stored size in bytes.
pub const SOURCE_SIZE: &str = "source_size";
/// Name of the column that holds when that object was last written: `Timestamp(Millisecond, "UTC")`.
pub const SOURCE_MODIFIED: &str = "source_modified";

/// One column of the table.
#[derive(Debug)]
pub struct Column {
    /// Lower-case name in SQL.
    pub name: &'static str,
    /// Where its value comes from.
    pub origin: Origin,
}

/// Where a column's value comes from.
#[derive(Debug)]
pub enum Origin {
    /// The record's field at this path of JSON keys, of this shape, in records since this
    /// `eventVersion`.
    Record(&'static [&'static str], Shape, &'static str),
    /// `eventTime` as a timestamp.
    EventTime,
    /// Key or path of the object.
    Object,
    /// Offset in bytes of the record in the object's inflated content.
    Offset,
    /// Ordinal of the record in its object, from 0.
    Index,
    /// The object's stored size in bytes.
    Size,
    /// When the object was last written.
    Modified,
}

/// The shape of a record's field.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// A string; a number or boolean as its JSON text.
    Text,
    /// Any JSON, as its exact text.
    Json,
    /// An object of known members.
    Struct(&'static [Member]),
    /// An array of such objects.
    List(&'static [Member]),
    /// An object of strings with keys of its own.
    Map,
}

/// A member of a struct: its JSON key (its SQL name is the same in lower case) and shape.
#[derive(Debug, Clone, Copy)]
pub struct Member(pub &'static str, pub Shape);

use Shape::{Json, List, Map, Struct, Text};

const fn text(key: &'static str) -> Member {
    Member(key, Text)
}

const SESSION_ISSUER: Shape =
    Struct(&[text("type"), text("principalId"), text("arn"), text("accountId"), text("userName")]);

const SESSION_CONTEXT: Shape = Struct(&[
    Member("attributes", Struct(&[text("mfaAuthenticated"), text("creationDate")])),
    Member("sessionIssuer", SESSION_ISSUER),
    text("ec2RoleDelivery"),
    Member("webIdFederationData", Struct(&[text("federatedProvider"), Member("attributes", Map)])),
]);

const USER_IDENTITY: Shape = Struct(&[
    text("type"),
    text("principalId"),
    text("arn"),
    text("accountId"),
    text("invokedBy"),
    text("accessKeyId"),
    text("userName"),
    Member("onBehalfOf", Struct(&[text("userId"), text("identityStoreArn")])),
    Member("sessionContext", SESSION_CONTEXT),
]);

const ADDENDUM: Shape =
    Struct(&[text("reason"), text("updatedFields"), text("originalRequestID"), text("originalEventID")]);

const TLS_DETAILS: Shape =
    Struct(&[text("tlsVersion"), text("cipherSuite"), text("clientProvidedHostHeader")]);

const fn column(
    name: &'static str,
    path: &'static [&'static str],
    shape: Shape,
    since: &'static str,
) -> Column {
    Column { name, origin: Origin::Record(path, shape, since) }
}

const fn own(name: &'static str, origin: Origin) -> Column {
    Column { name, origin }
}

/// Every column, in table order.
pub const COLUMNS: &[Column] = &[
    column("eventversion", &["eventVersion"], Text, "1.0"),
    column("useridentity", &["userIdentity"], USER_IDENTITY, "1.0"),
    column("eventtime", &["eventTime"], Text, "1.0"),
    column("eventsource", &["eventSource"], Text, "1.0"),
    column("eventname", &["eventName"], Text, "1.0"),
    column("awsregion", &["awsRegion"], Text, "1.0"),
    column("sourceipaddress", &["sourceIPAddress"], Text, "1.0"),
    column("useragent", &["userAgent"], Text, "1.0"),
    column("errorcode", &["errorCode"], Text, "1.0"),
    column("errormessage", &["errorMessage"], Text, "1.0"),
    column("requestparameters", &["requestParameters"], Json, "1.0"),
    column("responseelements", &["responseElements"], Json, "1.0"),
    column("additionaleventdata", &["additionalEventData"], Json, "1.0"),
    column("requestid", &["requestID"], Text, "1.01"),
    column("eventid", &["eventID"], Text, "1.01"),
    column("resources", &["resources"], List(&[text("ARN"), text("accountId"), text("type")]), "1.01"),
    column("eventtype", &["eventType"], Text, "1.02"),
    column("apiversion", &["apiVersion"], Text, "1.01"),
    column("readonly", &["readOnly"], Text, "1.01"),
    column("recipientaccountid", &["recipientAccountId"], Text, "1.02"),
    column("serviceeventdetails", &["serviceEventDetails"], Json, "1.05"),
    column("sharedeventid", &["sharedEventID"], Text, "1.03"),
    column("vpcendpointid", &["vpcEndpointId"], Text, "1.04"),
    column("vpcendpointaccountid", &["vpcEndpointAccountId"], Text, "1.09"),
    column("eventcategory", &["eventCategory"], Text, "1.07"),
    column("addendum", &["addendum"], ADDENDUM, "1.08"),
    column("sessioncredentialfromconsole", &["sessionCredentialFromConsole"], Text, "1.08"),
    column("edgedevicedetails", &["edgeDeviceDetails"], Json, "1.08"),
    column("tlsdetails", &["tlsDetails"], TLS_DETAILS, "1.08"),
    // What the Athena table leaves out. Kept out of its structs, so that those stay its own.
    column("managementevent", &["managementEvent"], Text, "1.06"),
    column("insightdetails", &["insightDetails"], Json, "1.07"),
    column("eventcontext", &["eventContext"], Json, "1.11"),
    column("keyexchange", &["tlsDetails", "keyExchange"], Text, "1.08"),
    column("credentialid", &["userIdentity", "credentialId"], Text, "1.0"),
    column("identityprovider", &["userIdentity", "identityProvider"], Text, "1.0"),
    column("invokedbydelegate", &["userIdentity", "invokedByDelegate"], Json, "1.0"),
    column("inscopeof", &["userIdentity", "inScopeOf"], Json, "1.0"),
    column("sourceidentity", &["userIdentity", "sessionContext", "sourceIdentity"], Text, "1.0"),
    column("assumedroot", &["userIdentity", "sessionContext", "assumedRoot"], Text, "1.0"),
    column("signinsessionarn", &["userIdentity", "sessionContext", "signInSessionArn"], Text, "1.0"),
    own(EVENT_TIMESTAMP, Origin::EventTime),
    own(SOURCE_OBJECT, Origin::Object),
    own("source_offset", Origin::Offset),
    own("source_index", Origin::Index),
    own(SOURCE_SIZE, Origin::Size),
    own(SOURCE_MODIFIED, Origin::Modified),
];

/// The table's Arrow schema.
pub fn table_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> =
        LazyLock::new(|| Arc::new(Schema::new(COLUMNS.iter().map(Column::field).collect::<Vec<_>>())));
    Arc::clone(&SCHEMA)
}

impl Column {
    /// The column as an Arrow field.
    pub fn field(&self) -> Field {
        let (data_type, nullable) = match &self.origin {
            Origin::Record(_, shape, _) => (shape.data_type(), true),
            Origin::EventTime => (timestamp(), true),
            Origin::Object => (DataType::Utf8, false),
            Origin::Offset | Origin::Index | Origin::Size => (DataType::Int64, false),
            Origin::Modified => (timestamp(), false),
        };
        Field::new(self.name, data_type, nullable)
    }
}

/// `Timestamp(Millisecond, "UTC")`.
pub(crate) fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

impl Shape {
    /// Arrow type of a field of this shape.
    pub fn data_type(&self) -> DataType {
        match self {
            Text | Json => DataType::Utf8,
            Struct(members) => DataType::Struct(member_fields(members)),
            List(members) => DataType::List(item_field(DataType::Struct(member_fields(members)))),
            Map => DataType::Map(map_entries_field(), false),
        }
    }
}

impl Member {
    /// SQL name.
    pub fn name(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn member_fields(members: &[Member]) -> Fields {
    members.iter().map(|m| Field::new(m.name(), m.1.data_type(), true)).collect()
}

pub(crate) fn item_field(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new("item", data_type, true))
}

/// `map(varchar, varchar)`; DataFusion wants the entries named key and value.
pub(crate) fn map_entries_field() -> Arc<Field> {
    let entries = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ]);
    Arc::new(Field::new("entries", DataType::Struct(entries), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn athenas_columns_come_first_in_athenas_order() {
        let names: Vec<_> = COLUMNS.iter().map(|column| column.name).take(29).collect();
        assert_eq!(
            names.join(" "),
            "eventversion useridentity eventtime eventsource eventname awsregion sourceipaddress \
             useragent errorcode errormessage requestparameters responseelements \
             additionaleventdata requestid eventid resources eventtype apiversion readonly \
             recipientaccountid serviceeventdetails sharedeventid vpcendpointid \
             vpcendpointaccountid eventcategory addendum sessioncredentialfromconsole \
             edgedevicedetails tlsdetails"
        );
    }

    #[test]
    fn columns_are_lower_case_and_unique() {
        let schema = table_schema();
        for field in schema.fields() {
            assert_eq!(field.name(), &field.name().to_ascii_lowercase());
            assert_eq!(schema.fields().iter().filter(|other| other.name() == field.name()).count(), 1);
        }
    }
}
