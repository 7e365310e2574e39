//! How the rows of a statement look in a format.

use trailq::Trail;
use trailq::output::{Format, TableStyle};
use trailq::sql::{Engine, Session};

async fn written(statement: &str, format: Format) -> String {
    let engine = Engine::new(Trail::open(&["testdata/trail"]).await.unwrap());
    let mut answer = engine.run(statement, &Session::default()).await.unwrap();
    let looks = answer.presentation(format);
    let mut text = vec![];
    let mut writer = format
        .rows_writer(
            Box::new(&mut text),
            &looks.schema(),
            TableStyle { width: 80, colour: false, wide: false },
        )
        .unwrap();
    while let Some(batch) = answer.next().await {
        writer.write(&looks.of(&batch.unwrap()).unwrap()).unwrap();
    }
    writer.finish().unwrap();
    drop(writer);
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn numbers_are_no_formulas_in_csv() {
    let statement = "SELECT -2e0, -1.5, -interval '1' day, '-x', ARRAY[-1]";
    let text = written(statement, Format::Csv).await;
    assert_eq!(text.lines().nth(1), Some("-2.0,-1.5,-1 00:00:00.000,'-x,[-1]"));
}

#[tokio::test]
async fn json_has_every_column_of_an_answer() {
    let text = written("SELECT 1 AS arn, 2 AS arn, 3 AS arn_1, 4 AS arn", Format::Ndjson).await;
    assert_eq!(text.trim(), r#"{"arn":1,"arn_2":2,"arn_1":3,"arn_3":4}"#);
    let csv = written("SELECT 1 AS arn, 2 AS arn", Format::Csv).await;
    assert_eq!(csv, "arn,arn\n1,2\n");
}

#[tokio::test]
async fn json_has_maps_by_the_text_of_their_keys() {
    let text = written("SELECT map(ARRAY[1, 2], ARRAY['a', NULL]) AS m", Format::Ndjson).await;
    assert_eq!(text.trim(), r#"{"m":{"1":"a","2":null}}"#);
    let nested = "SELECT ARRAY[map(ARRAY[date '2023-07-10'], ARRAY[1.5])] AS m";
    assert_eq!(written(nested, Format::Ndjson).await.trim(), r#"{"m":[{"2023-07-10":"1.5"}]}"#);
}

#[tokio::test]
async fn what_lies_in_arrays_and_rows_looks_as_elsewhere() {
    let statement = "SELECT ARRAY[date '2023-07-10'] AS a, CAST(ROW(1, DATE '2023-07-10') AS ROW(n integer, d date)) AS r";
    let text = written(statement, Format::Ndjson).await;
    assert_eq!(text.trim(), r#"{"a":["2023-07-10"],"r":{"n":1,"d":"2023-07-10"}}"#);
}

#[tokio::test]
async fn json_has_texts_for_what_is_no_number() {
    let text =
        written("SELECT nan() AS a, -infinity() AS b, 1e0 AS c, ARRAY[infinity()] AS d", Format::Ndjson)
            .await;
    assert_eq!(text.trim(), r#"{"a":"NaN","b":"-Infinity","c":1.0,"d":["Infinity"]}"#);
}
