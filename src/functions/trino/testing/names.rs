//! Types by their names.

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::functions::trino::types::{
    INTERVAL, IPADDRESS, JSON, TIMESTAMP, VARCHAR, array, map, timestamp_utc,
};

/// Types by their names, as far as tests need them.
pub fn data_type(name: &str) -> DataType {
    let name = name.to_lowercase();
    let inner = |prefix: &str| name.strip_prefix(prefix).and_then(|rest| rest.strip_suffix([')', '>']));
    if let Some(item) = inner("array<").or_else(|| inner("array(")) {
        return array(data_type(item));
    }
    if let Some(inner) = inner("map(") {
        let (key, value) = inner.split_once(',').unwrap();
        return map(data_type(key.trim()), data_type(value.trim()));
    }
    if let Some(inner) = inner("decimal(") {
        let (precision, scale) = inner.split_once(',').unwrap();
        return DataType::Decimal128(precision.trim().parse().unwrap(), scale.trim().parse().unwrap());
    }
    if let Some(inner) = inner("struct<").or_else(|| inner("row(")) {
        let members = inner.split(',').map(|member| {
            let (name, member) = member.trim().split_once([':', ' ']).unwrap();
            Field::new(name, data_type(member.trim()), true)
        });
        return DataType::Struct(members.collect());
    }
    match name.as_str() {
        "varchar" | "string" => VARCHAR,
        "bigint" => DataType::Int64,
        "integer" | "int" => DataType::Int32,
        "smallint" => DataType::Int16,
        "tinyint" => DataType::Int8,
        "double" => DataType::Float64,
        "real" | "float" => DataType::Float32,
        "boolean" => DataType::Boolean,
        "date" => DataType::Date32,
        "json" => JSON,
        "ipaddress" => IPADDRESS,
        "varbinary" => DataType::Binary,
        "interval" => INTERVAL,
        "time" => DataType::Time32(TimeUnit::Millisecond),
        "timestamp" => TIMESTAMP,
        "timestamp(6)" => DataType::Timestamp(TimeUnit::Microsecond, None),
        "timestamp with time zone" => timestamp_utc(),
        other => panic!("type {other}"),
    }
}
