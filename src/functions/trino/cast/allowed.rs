//! Which casts there are.

use arrow::datatypes::{DataType, Fields};

use crate::functions::trino::coercion::distance;
use crate::functions::trino::types::{IPADDRESS, JSON, VARCHAR};

/// Whether Trino has a cast between two types.
pub fn castable(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Binary, Boolean, Date32, Duration, Interval, List, Map, Struct, Time32, Time64, Timestamp,
    };
    match (from, to) {
        _ if distance(from, to).is_some() => true,
        (from, to) if *to == JSON => to_json(from),
        (from, to) if *from == JSON => from_json(to),
        (List(from), List(to)) => castable(from.data_type(), to.data_type()),
        (Map(from, _), Map(to, _)) => castable(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => members(from, to),
        (Boolean, to) => to.is_numeric() || *to == VARCHAR,
        (from, Boolean) => from.is_numeric() || *from == VARCHAR,
        (Timestamp(..), Date32 | Timestamp(..) | Time32(_) | Time64(_)) => true,
        (Time32(_) | Time64(_), Time32(_) | Time64(_)) => true,
        (from, Date32 | Timestamp(..) | Time32(_) | Time64(_) | Binary) if *from == VARCHAR => true,
        (Date32 | Timestamp(..) | Time32(_) | Time64(_) | Interval(_) | Duration(_), to) => *to == VARCHAR,
        (from, to) if *from == IPADDRESS => *to == VARCHAR || *to == Binary,
        (from, to) if *to == IPADDRESS => *from == VARCHAR || *from == Binary,
        (from, to) if *from == VARCHAR => to.is_numeric(),
        (from, to) => from.is_numeric() && (to.is_numeric() || *to == VARCHAR),
    }
}

fn members(from: &Fields, to: &Fields) -> bool {
    from.len() == to.len() && from.iter().zip(to).all(|(from, to)| castable(from.data_type(), to.data_type()))
}

/// Whether values of a type can become JSON.
fn to_json(from: &DataType) -> bool {
    match from {
        DataType::List(item) => to_json(item.data_type()),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(entry) => match &entry[..] {
                [key, value] => is_key(key.data_type()) && to_json(value.data_type()),
                _ => false,
            },
            _ => false,
        },
        DataType::Struct(members) => members.iter().all(|member| to_json(member.data_type())),
        DataType::Null | DataType::Date32 | DataType::Timestamp(_, None) => true,
        other => *other == JSON || is_key(other),
    }
}

/// Whether JSON can become values of a type.
fn from_json(to: &DataType) -> bool {
    match to {
        DataType::List(item) => from_json(item.data_type()),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(entry) => match &entry[..] {
                [key, value] => is_key(key.data_type()) && from_json(value.data_type()),
                _ => false,
            },
            _ => false,
        },
        DataType::Struct(members) => members.iter().all(|member| from_json(member.data_type())),
        other => *other == JSON || is_key(other),
    }
}

/// Whether values of a type can name members of a JSON object.
fn is_key(data_type: &DataType) -> bool {
    data_type.is_numeric() || matches!(data_type, DataType::Boolean | DataType::Null) || *data_type == VARCHAR
}
