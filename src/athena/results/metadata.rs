//! The `.metadata` file beside a result: a protobuf message that some clients (Athena's JDBC
//! driver among them) read instead of asking the API.
//!
//! AWS does not document it. The numbers of its fields are those that public readers of the file go
//! by: 1 the query's id, 2 the kind of update, 3 the rows updated, 4 a message for each column; in
//! it 1 the catalog, 4 the name, 5 the label, 6 the type, 7 precision, 8 scale, 9 nullability
//! (3: unknown), 10 case sensitivity. A number that a type does not have is left out.

use super::columns::ApiType;

/// Unknown, as Athena says of every column.
const NULLABLE_UNKNOWN: u64 = 3;

/// What a statement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Update<'a> {
    /// `INSERT`, `CREATE TABLE`, ….
    pub kind: &'a str,
    /// How many rows.
    pub rows: u64,
}

/// The file's bytes.
pub fn encode(id: &str, update: Option<Update<'_>>, columns: &[(String, ApiType)]) -> Vec<u8> {
    let mut message = Message::default();
    message.bytes(1, id.as_bytes());
    if let Some(update) = update {
        message.bytes(2, update.kind.as_bytes());
        message.number(3, update.rows);
    }
    for (name, api_type) in columns {
        message.bytes(4, &column(name, api_type));
    }
    message.0
}

fn column(name: &str, api_type: &ApiType) -> Vec<u8> {
    let mut message = Message::default();
    message.bytes(1, b"hive");
    message.bytes(4, name.as_bytes());
    message.bytes(5, name.as_bytes());
    message.bytes(6, api_type.name.as_bytes());
    for (field, value) in [(7, api_type.precision), (8, api_type.scale)] {
        if let Some(value) = value {
            message.number(field, value.unsigned_abs().into());
        }
    }
    message.number(9, NULLABLE_UNKNOWN);
    if let Some(case_sensitive) = api_type.case_sensitive {
        message.number(10, case_sensitive.into());
    }
    message.0
}

/// A protobuf message as it grows.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn number(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;

    use super::*;
    use crate::athena::results::Dialect;

    #[test]
    fn an_update_of_one_row() {
        let columns = [("rows".to_owned(), ApiType::of_query(&DataType::Int64))];
        let bytes = encode("id", Some(Update { kind: "INSERT", rows: 1 }), &columns);
        let mut expected = b"\x0a\x02id\x12\x06INSERT\x18\x01\x22\x22".to_vec();
        expected.extend_from_slice(b"\x0a\x04hive\x22\x04rows\x2a\x04rows\x32\x06bigint");
        expected.extend_from_slice(b"\x38\x13\x40\x00\x48\x03\x50\x00");
        assert_eq!(bytes, expected);
    }

    #[test]
    fn what_a_type_does_not_have_is_left_out() {
        let columns = [("a".to_owned(), ApiType::of_utility(Dialect::Hive))];
        let bytes = encode("", None, &columns);
        assert_eq!(bytes, b"\x0a\x00\x22\x16\x0a\x04hive\x22\x01a\x2a\x01a\x32\x06string\x48\x03");
    }
}
