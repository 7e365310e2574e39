//! Words that can follow what was typed.

use std::borrow::Cow;

use arrow::datatypes::{DataType, Fields};

use super::ATHENA_COLUMNS;
use crate::functions::trino::registry;
use crate::schema::COLUMNS;

const KEYWORDS: [&str; 49] = [
    "ALL",
    "AND",
    "ANY",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CAST",
    "COUNT",
    "CREATE",
    "CROSS",
    "DESC",
    "DESCRIBE",
    "DISTINCT",
    "ELSE",
    "END",
    "EXISTS",
    "EXPLAIN",
    "FROM",
    "GROUP",
    "HAVING",
    "IN",
    "INTERVAL",
    "IS",
    "JOIN",
    "JSON_ARRAY",
    "JSON_EXISTS",
    "JSON_OBJECT",
    "JSON_QUERY",
    "JSON_VALUE",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OVER",
    "PARTITION",
    "SELECT",
    "SHOW",
    "TABLE",
    "THEN",
    "UNION",
    "UNNEST",
    "WHERE",
    "WITH",
];

/// What a word that begins with `typed` can be: a column, a field of a row, a function, a keyword.
pub fn completions(typed: &str) -> Vec<Cow<'static, str>> {
    let lower = typed.to_lowercase();
    if let Some((path, field)) = lower.rsplit_once('.') {
        return fields_of(path)
            .iter()
            .filter(|known| known.name().starts_with(field))
            .map(|known| format!("{path}.{}", known.name()).into())
            .collect();
    }
    let columns = COLUMNS[..ATHENA_COLUMNS].iter().map(|column| column.name);
    let functions = registry::names();
    let mut found: Vec<&'static str> =
        columns.chain(functions).filter(|name| name.starts_with(&lower)).collect();
    found.dedup();
    let upper = typed.to_uppercase();
    found.extend(KEYWORDS.iter().filter(|word| word.starts_with(&upper)));
    found.into_iter().map(Cow::Borrowed).collect()
}

/// The fields of the row at `a.b.c`.
fn fields_of(path: &str) -> Fields {
    let mut parts = path.split('.');
    let column = parts.next().and_then(|name| COLUMNS.iter().find(|column| column.name == name));
    let mut data_type = column.map_or(DataType::Null, |column| column.field().data_type().clone());
    for part in parts {
        let DataType::Struct(fields) = &data_type else { return Fields::empty() };
        data_type = match fields.find(part) {
            Some((_, field)) => field.data_type().clone(),
            None => return Fields::empty(),
        };
    }
    match data_type {
        DataType::Struct(fields) => fields,
        _ => Fields::empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::completions;

    #[test]
    fn columns_fields_and_keywords() {
        assert_eq!(completions("eventn"), ["eventname"]);
        assert_eq!(
            completions("userIdentity.sessionContext.sess"),
            ["useridentity.sessioncontext.sessionissuer"]
        );
        assert_eq!(completions("unn"), ["UNNEST"]);
        assert!(completions("no.such.").is_empty());
    }
}
