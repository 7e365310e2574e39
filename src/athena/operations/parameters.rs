//! `Parameters` of a table's metadata: its properties, and how its objects are read.
//!
//! Source: AWS CLI, examples of `athena get-table-metadata`; Hive's `serdeConstants` for the names of
//! delimiters, its `StorageFormatDescriptor`s for the classes of formats.

use std::collections::BTreeMap;

use crate::sql::statement::{RowFormat, StoredAs, TableDefinition};

/// Texts by names.
pub type Parameters = BTreeMap<String, String>;

/// The classes that Hive reads and writes objects with, and the one that reads their rows.
type Classes = [&'static str; 3];

const TEXT: Classes = [
    "org.apache.hadoop.mapred.TextInputFormat",
    "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
];
const JSON: Classes = [TEXT[0], TEXT[1], "org.apache.hive.hcatalog.data.JsonSerDe"];
const PARQUET: Classes = [
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
];
const ORC: Classes = [
    "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
    "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
];
const AVRO: Classes = [
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
    "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat",
    "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
];

/// What is told of a declared table.
pub fn of_table(definition: &TableDefinition) -> Parameters {
    let mut parameters: Parameters = definition.properties.iter().cloned().collect();
    let mut tell = |name: &str, value: &str| drop(parameters.insert(name.to_owned(), value.to_owned()));
    tell("EXTERNAL", "TRUE");
    tell("location", &definition.location);
    if let Some(comment) = &definition.comment {
        tell("comment", comment);
    }
    let [input, output, rows] = classes(definition);
    tell("inputformat", input);
    tell("outputformat", output);
    tell("serde.serialization.lib", rows);
    for (name, value) in row_properties(definition) {
        tell(&format!("serde.param.{name}"), value);
    }
    parameters
}

/// What is told of a view.
pub fn of_view() -> Parameters {
    let parameters = [("comment", "Presto View"), ("presto_view", "true")];
    parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn classes(definition: &TableDefinition) -> [&str; 3] {
    let [mut input, mut output, mut rows]: [&str; 3] = match &definition.stored_as {
        Some(StoredAs::Format(name)) => match name.as_str() {
            "PARQUET" => PARQUET,
            "ORC" => ORC,
            "AVRO" => AVRO,
            "JSON" => JSON,
            _ => TEXT,
        },
        _ => TEXT,
    };
    if let Some(StoredAs::Classes { input: reads, output: writes }) = &definition.stored_as {
        (input, output) = (reads, writes);
    }
    if let Some(RowFormat::Serde { class, .. }) = &definition.row_format {
        rows = class;
    }
    [input, output, rows]
}

/// What the class that reads rows is told.
fn row_properties(definition: &TableDefinition) -> BTreeMap<&str, &str> {
    let mut told = BTreeMap::from([("serialization.format", "1")]);
    match &definition.row_format {
        Some(RowFormat::Serde { properties, .. }) => {
            told.extend(properties.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
        Some(RowFormat::Delimited(clauses)) => {
            for (clause, value) in clauses {
                told.extend(delimiter_names(clause).iter().map(|name| (*name, value.as_str())));
            }
        }
        None => {}
    }
    told
}

/// What Hive calls the value of a clause of `ROW FORMAT DELIMITED`.
fn delimiter_names(clause: &str) -> &'static [&'static str] {
    match clause {
        "FIELDS TERMINATED BY" => &["field.delim", "serialization.format"],
        "ESCAPED BY" => &["escape.delim"],
        // Hive spells it so.
        "COLLECTION ITEMS TERMINATED BY" => &["colelction.delim"],
        "MAP KEYS TERMINATED BY" => &["mapkey.delim"],
        "LINES TERMINATED BY" => &["line.delim"],
        "NULL DEFINED AS" => &["serialization.null.format"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statement::{Statement, parse_one};

    fn told(clauses: &str) -> Parameters {
        let text = format!("CREATE EXTERNAL TABLE t (a string) {clauses} LOCATION 's3://b/x/'");
        let Ok(Statement::CreateTable(definition)) = parse_one(&text) else { panic!("{text}") };
        of_table(&definition)
    }

    #[test]
    fn formats_have_hives_classes() {
        for (clauses, input, rows) in [
            ("", TEXT[0], TEXT[2]),
            ("STORED AS PARQUET", PARQUET[0], PARQUET[2]),
            (
                "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
                TEXT[0],
                "org.openx.data.jsonserde.JsonSerDe",
            ),
            ("ROW FORMAT SERDE 'a.B' STORED AS INPUTFORMAT 'a.In' OUTPUTFORMAT 'a.Out'", "a.In", "a.B"),
        ] {
            let told = told(clauses);
            assert_eq!(
                (told["inputformat"].as_str(), told["serde.serialization.lib"].as_str()),
                (input, rows)
            );
            assert_eq!((told["location"].as_str(), told["EXTERNAL"].as_str()), ("s3://b/x/", "TRUE"));
        }
    }

    #[test]
    fn classes_are_told_by_properties_and_delimiters() {
        let json = told("ROW FORMAT SERDE 'a.B' WITH SERDEPROPERTIES ('ignore.malformed.json' = 'true')");
        assert_eq!(json["serde.param.ignore.malformed.json"], "true");
        assert_eq!(json["serde.param.serialization.format"], "1");
        let text = told("ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '!'");
        assert_eq!(
            (text["serde.param.field.delim"].as_str(), text["serde.param.escape.delim"].as_str()),
            (",", "!")
        );
        assert_eq!(text["serde.param.serialization.format"], ",");
    }
}
