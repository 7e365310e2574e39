//! Reads standard columns as a table declares them, as the JSON SerDes of Hive do: what is not of
//! the declared type is `NULL`.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StringArray, StructArray, new_null_array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Fields};
use datafusion::error::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use serde_json::Value;

/// `as_declared(value) -> …`, for one declared type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct AsDeclared {
    to: DataType,
    signature: Signature,
}

/// `expr`, whose type is `from`, as a column of the type `to`. `None` if a text is declared for
/// what is no text: the JSON that it was is not kept.
pub fn as_declared(expr: Expr, from: &DataType, to: &DataType) -> Option<Expr> {
    if from == to {
        return Some(expr);
    }
    if from.is_nested() && !to.is_nested() {
        return None;
    }
    let function = AsDeclared { to: to.clone(), signature: Signature::any(1, Volatility::Immutable) };
    Some(ScalarUDF::from(function).call(vec![expr]))
}

impl ScalarUDFImpl for AsDeclared {
    fn name(&self) -> &'static str {
        "as_declared"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        match arrays.first() {
            Some(array) => Ok(ColumnarValue::Array(read(array, &self.to)?)),
            None => Ok(ColumnarValue::Array(new_null_array(&self.to, args.number_rows))),
        }
    }
}

/// The values of `array` as the type `to`.
fn read(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    match (array.data_type(), to) {
        (DataType::Utf8, _) if to.is_nested() => {
            let texts = array.as_string::<i32>();
            let parsed: Vec<Option<Value>> =
                texts.iter().map(|text| serde_json::from_str(text?).ok()).collect();
            of_json(&parsed.iter().map(Option::as_ref).collect::<Vec<_>>(), to)
        }
        (DataType::Struct(_), DataType::Struct(fields)) => {
            let array = array.as_struct();
            let members = fields.iter().map(|field| match array.column_by_name(field.name()) {
                Some(member) => read(member, field.data_type()),
                None => Ok(new_null_array(field.data_type(), array.len())),
            });
            let members = members.collect::<Result<Vec<_>>>()?;
            struct_of(fields, members, array.nulls().cloned(), array.len())
        }
        (DataType::List(_), DataType::List(item)) => {
            let array = array.as_list::<i32>();
            let items = read(array.values(), item.data_type())?;
            let list =
                ListArray::try_new(Arc::clone(item), array.offsets().clone(), items, array.nulls().cloned());
            Ok(Arc::new(list?))
        }
        (from, _) if from.is_nested() || to.is_nested() => Ok(new_null_array(to, array.len())),
        _ => plain(array, to),
    }
}

/// A cast between types without members; what cannot be cast is `NULL`.
fn plain(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    let options = CastOptions { safe: true, ..CastOptions::default() };
    Ok(cast_with_options(array, to, &options).unwrap_or_else(|_| new_null_array(to, array.len())))
}

fn struct_of(
    fields: &Fields,
    members: Vec<ArrayRef>,
    nulls: Option<NullBuffer>,
    length: usize,
) -> Result<ArrayRef> {
    Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), members, nulls, length)?))
}

/// JSON values as an array of the type `to`. Members are found whatever their case.
fn of_json(values: &[Option<&Value>], to: &DataType) -> Result<ArrayRef> {
    match to {
        DataType::Struct(fields) => {
            let members = fields.iter().map(|field| {
                let held = values.iter().map(|value| member(*value, field.name()));
                of_json(&held.collect::<Vec<_>>(), field.data_type())
            });
            let members = members.collect::<Result<Vec<_>>>()?;
            let nulls = values.iter().map(|value| value.is_some_and(Value::is_object)).collect();
            struct_of(fields, members, Some(nulls), values.len())
        }
        DataType::List(item) => {
            let lists = values.iter().map(|value| value.and_then(Value::as_array));
            let lengths = lists.clone().map(|list| list.map_or(0, Vec::len));
            let offsets = OffsetBuffer::from_lengths(lengths);
            let items: Vec<Option<&Value>> = lists.clone().flatten().flatten().map(Some).collect();
            let nulls = lists.map(|list| list.is_some()).collect();
            let items = of_json(&items, item.data_type())?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, Some(nulls))?))
        }
        DataType::Map(entries, ordered) => {
            let DataType::Struct(fields) = entries.data_type() else {
                return Ok(new_null_array(to, values.len()));
            };
            let [key, value] = fields.as_ref() else { return Ok(new_null_array(to, values.len())) };
            let maps = values.iter().map(|value| value.and_then(Value::as_object));
            let offsets =
                OffsetBuffer::from_lengths(maps.clone().map(|map| map.map_or(0, serde_json::Map::len)));
            let names: StringArray = maps.clone().flatten().flatten().map(|(key, _)| Some(key)).collect();
            let names = plain(&(Arc::new(names) as ArrayRef), key.data_type())?;
            let held: Vec<Option<&Value>> =
                maps.clone().flatten().flatten().map(|(_, value)| Some(value)).collect();
            let held = of_json(&held, value.data_type())?;
            let inner = StructArray::try_new(fields.clone(), vec![names, held], None)?;
            let nulls = maps.map(|map| map.is_some()).collect();
            Ok(Arc::new(MapArray::try_new(Arc::clone(entries), offsets, inner, Some(nulls), *ordered)?))
        }
        _ => {
            let texts: StringArray = values.iter().map(|value| text(*value)).collect();
            plain(&(Arc::new(texts) as ArrayRef), to)
        }
    }
}

fn member<'a>(value: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    let members = value?.as_object()?;
    let found = members.get(name);
    found.or_else(|| Some(members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1))
}

/// The text of a JSON value, as the SerDes give it for a column of texts.
fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::statement::{Statement, parse_one};

    /// The Arrow type of a Hive type.
    fn hive(text: &str) -> DataType {
        let statement = format!("CREATE EXTERNAL TABLE t (a {text}) LOCATION 's3://b/'");
        match parse_one(&statement) {
            Ok(Statement::CreateTable(table)) => table.columns[0].data_type.data_type(),
            other => panic!("{other:?}"),
        }
    }

    /// Texts read as a type, shown as JSON lines.
    fn read_as(texts: &[Option<&str>], to: &str) -> Vec<Option<String>> {
        let texts: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
        let read = read(&texts, &hive(to)).unwrap();
        let options = arrow::util::display::FormatOptions::default().with_null("null");
        let shown = arrow::util::display::ArrayFormatter::try_new(&read, &options).unwrap();
        (0..read.len()).map(|row| read.is_valid(row).then(|| shown.value(row).to_string())).collect()
    }

    #[test]
    fn texts_become_what_is_declared() {
        let some = |texts: &[&str]| -> Vec<Option<String>> {
            texts.iter().map(|text| (*text != "-").then(|| (*text).to_owned())).collect()
        };
        for (to, given, expected) in [
            ("boolean", [Some("true"), Some("false"), Some("x"), None], some(&["true", "false", "-", "-"])),
            ("int", [Some("7"), Some("7.5"), Some("x"), None], some(&["7", "-", "-", "-"])),
            (
                "timestamp",
                [Some("2023-07-10T12:16:15Z"), Some("2023-07-10 12:16:15.5"), Some("x"), None],
                some(&["2023-07-10T12:16:15", "2023-07-10T12:16:15.500", "-", "-"]),
            ),
            (
                "struct<bucketname:string,n:int>",
                [
                    Some(r#"{"bucketName":"b","n":"x"}"#),
                    Some(r#"{"N":3,"extra":[]}"#),
                    Some("[1]"),
                    Some("{"),
                ],
                some(&["{bucketname: b, n: null}", "{bucketname: null, n: 3}", "-", "-"]),
            ),
            (
                "array<struct<a:string>>",
                [Some(r#"[{"a":{"b":1}},{}]"#), Some("[]"), Some("{}"), None],
                some(&[r#"[{a: {"b":1}}, {a: null}]"#, "[]", "-", "-"]),
            ),
            (
                "map<string,int>",
                [Some(r#"{"a":1,"b":"x"}"#), Some("{}"), Some("null"), Some("1")],
                some(&["{a: 1, b: null}", "{}", "-", "-"]),
            ),
        ] {
            assert_eq!(read_as(&given, to), expected, "{to}");
        }
    }

    #[test]
    fn members_are_chosen_by_name() {
        let fields = |text: &str| match hive(text) {
            DataType::Struct(fields) => fields,
            other => panic!("{other}"),
        };
        let texts = || -> ArrayRef { Arc::new(StringArray::from(vec!["1", "2"])) };
        let given = StructArray::new(fields("struct<a:string,b:string>"), vec![texts(), texts()], None);
        let given: ArrayRef = Arc::new(given);
        let read = read(&given, &hive("struct<b:int,c:string>")).unwrap();
        let read = read.as_struct();
        assert_eq!(read.column(0).as_primitive::<arrow::datatypes::Int32Type>().value(1), 2);
        assert_eq!(read.column(1).null_count(), 2);
    }
}
