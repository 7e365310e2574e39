//! Values of Trino's documentation, "Conversion functions" and "JSON functions and operators".

use crate::functions::trino::testing::{check, check_errors};

#[test]
fn texts_and_numbers() {
    check(&[
        ("CAST('123' AS bigint)", "123"),
        ("CAST('-7' AS tinyint)", "-7"),
        ("TRY_CAST(' 1' AS bigint)", "NULL"),
        ("CAST(' 1.5 ' AS double)", "1.5"),
        ("CAST('Infinity' AS double)", "Infinity"),
        ("TRY_CAST('inf' AS double)", "NULL"),
        ("CAST('T' AS boolean)", "true"),
        ("TRY_CAST('yes' AS boolean)", "NULL"),
        ("CAST('1.005' AS decimal(5,2))", "1.01"),
        ("CAST('1e2' AS decimal(5,2))", "100.00"),
        ("CAST(37.7e0 AS varchar)", "3.77E1"),
        ("CAST(1e7 AS varchar)", "1.0E7"),
        ("CAST(1.50 AS varchar)", "1.50"),
        ("CAST(true AS varchar)", "true"),
        ("CAST('hello' AS varchar(3))", "hel"),
        ("CAST('hé' AS varchar(5))", "hé"),
        ("CAST(17.5e0 AS bigint)", "18"),
        ("CAST(-17.5e0 AS integer)", "-18"),
        ("CAST(2.5 AS bigint)", "3"),
        ("CAST(1.25 AS decimal(5,1))", "1.3"),
        ("CAST(0.1e0 AS decimal(5,2))", "0.10"),
        ("CAST(3 AS boolean)", "true"),
        ("CAST(true AS integer)", "1"),
        ("TRY_CAST(3000000000 AS integer)", "NULL"),
        ("CAST('abc' AS varbinary)", "61 62 63"),
        ("CAST(NULL AS bigint)", "NULL"),
    ]);
    check_errors(&[
        ("CAST('x' AS bigint)", "INVALID_CAST_ARGUMENT: Cannot cast 'x' to BIGINT"),
        ("CAST('99999999999' AS integer)", "Cannot cast '99999999999' to INT"),
        ("CAST(3000000000 AS integer)", "Out of range for integer: 3000000000"),
        ("CAST(12345 AS varchar(2))", "Value 12345 cannot be represented as varchar(2)"),
        ("CAST(123.4 AS decimal(3,1))", "Cannot cast DECIMAL '123.4' to DECIMAL(3, 1)"),
        ("CAST(true AS date)", "Cannot cast boolean to date"),
        ("CAST(1 AS timestamp)", "Cannot cast integer to timestamp(3)"),
    ]);
}

#[test]
fn times() {
    check(&[
        ("CAST('2020-01-05' AS date)", "2020-01-05"),
        ("CAST('2020-1-5' AS date)", "2020-01-05"),
        ("CAST('2020-01-05 10:20' AS timestamp)", "2020-01-05 10:20:00.000"),
        ("CAST('2020-01-05' AS timestamp)", "2020-01-05 00:00:00.000"),
        ("CAST('2020-01-05 10:20:30.4567' AS timestamp)", "2020-01-05 10:20:30.457"),
        ("CAST('2020-01-05 10:20:30.4567' AS timestamp(6))", "2020-01-05 10:20:30.456700"),
        ("CAST('2020-01-05 10:20 UTC' AS timestamp with time zone)", "2020-01-05 10:20:00.000 UTC"),
        ("CAST('2020-01-05 10:20' AS timestamp with time zone)", "2020-01-05 10:20:00.000 UTC"),
        ("CAST(timestamp '2020-01-05 10:20' AS date)", "2020-01-05"),
        ("CAST(date '2020-01-05' AS timestamp)", "2020-01-05 00:00:00.000"),
        ("CAST(date '2020-01-05' AS varchar)", "2020-01-05"),
        ("CAST(timestamp '2020-01-05 10:20' AS varchar)", "2020-01-05 10:20:00.000"),
        ("CAST(timestamp '2020-01-05 10:20' AS timestamp with time zone)", "2020-01-05 10:20:00.000 UTC"),
        ("TRY_CAST('2020-01-05T10:20:30Z' AS timestamp)", "NULL"),
        ("TRY_CAST('2020-02-30' AS date)", "NULL"),
    ]);
    check_errors(&[
        (
            "CAST('2020-01-05T10:20:30Z' AS timestamp)",
            "INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: 2020-01-05T10:20:30Z",
        ),
        ("CAST('2020-01-05 10:20 UTC' AS timestamp)", "Value cannot be cast to timestamp"),
        ("CAST('2020-01-05 10:20' AS date)", "Value cannot be cast to date: 2020-01-05 10:20"),
    ]);
}

#[test]
fn a_constant_text_gives_its_zone() {
    let planned = super::cast(
        datafusion::logical_expr::lit("2020-01-05 10:20 +02:00"),
        &super::VARCHAR,
        &crate::functions::trino::types::timestamp_utc(),
        false,
    );
    let datafusion::logical_expr::Expr::Literal(value, _) = planned.unwrap() else { panic!("no constant") };
    assert_eq!(value.data_type().to_string(), "Timestamp(ms, \"+02:00\")");
}

#[test]
fn addresses() {
    check(&[
        ("CAST('10.0.0.1' AS ipaddress)", "10.0.0.1"),
        ("CAST('2001:0db8:0:0:1:0:0:1' AS ipaddress)", "2001:db8::1:0:0:1"),
        ("CAST('::ffff:ffff:ffff' AS ipaddress)", "255.255.255.255"),
        ("CAST(CAST('10.0.0.1' AS ipaddress) AS varchar)", "10.0.0.1"),
        ("CAST(CAST('10.0.0.1' AS ipaddress) AS varbinary)", "0a 00 00 01"),
        ("TRY_CAST('ec2.amazonaws.com' AS ipaddress)", "NULL"),
    ]);
    check_errors(&[("CAST('1.2.3' AS ipaddress)", "Cannot cast value to IPADDRESS: 1.2.3")]);
}

/// "Cast to JSON"
#[test]
fn to_json() {
    check(&[
        ("CAST(NULL AS json)", "NULL"),
        ("CAST(1 AS json)", "1"),
        ("CAST(9223372036854775807 AS json)", "9223372036854775807"),
        ("CAST('abc' AS json)", "\"abc\""),
        ("CAST(true AS json)", "true"),
        ("CAST(1.234e0 AS json)", "1.234"),
        ("CAST(ARRAY[1, 23, 456] AS json)", "[1,23,456]"),
        ("CAST(ARRAY[1, NULL, 456] AS json)", "[1,null,456]"),
        ("CAST(ARRAY[ARRAY[1, 23], ARRAY[456]] AS json)", "[[1,23],[456]]"),
        ("CAST(ROW(123, 'abc', true) AS json)", r#"{"":123,"":"abc","":true}"#),
        ("CAST(date '2001-08-22' AS json)", "\"2001-08-22\""),
    ]);
    check_errors(&[("CAST(CAST('10.0.0.1' AS ipaddress) AS json)", "Cannot cast ipaddress to json")]);
}

/// "Cast from JSON"
#[test]
fn from_json() {
    check(&[
        ("CAST(json_parse('null') AS varchar)", "NULL"),
        ("CAST(json_parse('1') AS integer)", "1"),
        ("CAST(json_parse('9223372036854775807') AS bigint)", "9223372036854775807"),
        ("CAST(json_parse('\"abc\"') AS varchar)", "abc"),
        ("CAST(json_parse('true') AS boolean)", "true"),
        ("CAST(json_parse('1.234') AS double)", "1.234"),
        ("CAST(json_parse('1.5') AS varchar)", "1.5E0"),
        ("CAST(json_parse('\"12\"') AS bigint)", "12"),
        ("CAST(json_parse('1.6') AS bigint)", "2"),
        ("CAST(json_parse('1.25') AS decimal(3,1))", "1.3"),
        ("CAST(json_parse('[1,23,456]') AS array<integer>)", "[1, 23, 456]"),
        ("CAST(json_parse('[1,null,456]') AS array<integer>)", "[1, null, 456]"),
        ("CAST(json_parse('[[1,23],[456]]') AS array<array<integer>>)", "[[1, 23], [456]]"),
        ("CAST(json_parse('[null, {\"a\": 1}]') AS array<json>)", "[null, {\"a\":1}]"),
        (
            "CAST(json_parse('{\"v1\":123,\"v2\":\"abc\",\"v3\":true}') AS struct<v1:bigint, v2:varchar, v3:boolean>)",
            "{v1=123, v2=abc, v3=true}",
        ),
        (
            "CAST(json_parse('[123,\"abc\",true]') AS struct<v1:bigint, v2:varchar, v3:boolean>)",
            "{v1=123, v2=abc, v3=true}",
        ),
        ("CAST(json_parse('{\"V1\":1, \"x\":2}') AS struct<v1:bigint, v2:varchar>)", "{v1=1, v2=null}"),
        ("TRY_CAST(json_parse('[1,\"x\"]') AS array<integer>)", "NULL"),
        ("TRY_CAST(json_parse('{\"a\":1}') AS varchar)", "NULL"),
    ]);
    check_errors(&[
        ("CAST(json_parse('[1,2]') AS varchar)", "INVALID_CAST_ARGUMENT: Cannot cast '[1,2]' to varchar"),
        ("CAST(json_parse('{}') AS array<integer>)", "Cannot cast '{}' to array(integer)"),
        ("CAST(json_parse('1') AS date)", "Cannot cast json to date"),
    ]);
}
