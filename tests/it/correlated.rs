//! Queries that depend on a row, held against the same queries with the row's value written into them.

use trailq::Trail;
use trailq::sql::{Engine, Session, text};

/// Some of it is `NULL`, so that every third truth value comes up.
const TABLE: &str = "(VALUES (1, 1), (1, 2), (2, 5), (2, 5), (2, NULL), (NULL, 3)) t(k, y)";

/// Values of the row outside, `$X` in the queries.
const VALUES: [&str; 5] = ["0", "1", "2", "5", "CAST(NULL AS integer)"];

/// The rows outside, `$V` for [`VALUES`]: those that can be computed again, so that queries are computed
/// once for each of their values, and those that cannot.
const ROWS: [&str; 2] = ["(VALUES $V) u(x)", "(SELECT v FROM (VALUES $V) w(v) LIMIT 100) u(x)"];

/// What `$C` stands for.
const CONDITIONS: [&str; 6] =
    ["k = $X", "k <= $X", "k = $X AND y > 1", "y > $X OR k IS NULL", "k + 1 = $X AND $X < 3", "$X IS NULL"];

/// Queries of at most one row and one column; `$T` stands for [`TABLE`].
const SCALARS: [&str; 23] = [
    "SELECT count(*) FROM $T WHERE $C",
    "SELECT max(y) FROM $T WHERE $C",
    "SELECT sum(y + $X) FROM $T WHERE $C",
    "SELECT sum(y) FILTER (WHERE $C) FROM $T",
    "SELECT array_agg(y ORDER BY y) FROM $T WHERE $C",
    "SELECT count(*) FROM $T WHERE $C HAVING count(*) <> 1",
    "SELECT max(y) FROM $T WHERE $C HAVING count(*) > $X",
    "SELECT y FROM $T WHERE $C ORDER BY y DESC LIMIT 1",
    "SELECT y FROM $T WHERE $C ORDER BY -y, k OFFSET 1 LIMIT 1",
    "SELECT count(*) FROM (SELECT y FROM $T WHERE $C LIMIT 2)",
    "SELECT count(*) FROM (SELECT DISTINCT y FROM $T WHERE $C)",
    "SELECT sum(n * n) FROM (SELECT count(*) AS n FROM $T WHERE $C GROUP BY y)",
    "SELECT n FROM (SELECT k, count(*) AS n FROM $T WHERE $C GROUP BY k HAVING count(*) > 1) ORDER BY n LIMIT 1",
    "SELECT n + 1 FROM (SELECT count(*) AS n FROM $T WHERE $C) WHERE n < 2",
    "SELECT sum(r * y) FROM (SELECT y, dense_rank() OVER (ORDER BY y) AS r FROM $T WHERE $C)",
    "SELECT max(n) FROM (SELECT count(*) OVER (PARTITION BY y) AS n FROM $T WHERE $C)",
    "SELECT count(*) FROM (SELECT y FROM $T WHERE $C) a JOIN (SELECT y FROM $T WHERE k = $X) b ON a.y = b.y",
    "SELECT count(*) FROM (VALUES 1, 2) a(z) JOIN $T ON z = k AND $C",
    "SELECT count(b.z) + count(*) FROM (SELECT y FROM $T WHERE $C) a LEFT JOIN (VALUES (5, 5)) b(y, z) ON a.y = b.y",
    "SELECT sum(e) FROM (SELECT y FROM $T WHERE $C) a CROSS JOIN UNNEST(ARRAY[y, $X]) u(e)",
    "SELECT count(*) FROM $T WHERE y IN (SELECT y FROM $T WHERE $C)",
    "SELECT count(*) FROM $T WHERE k < (SELECT max(y) FROM $T WHERE $C)",
    "SELECT max(v) FROM (VALUES $X, 2) v(v)",
];

/// Queries of one column and any number of rows.
const COLUMNS: [&str; 6] = [
    "SELECT y FROM $T WHERE $C",
    "SELECT DISTINCT y FROM $T WHERE $C",
    "SELECT max(y) FROM $T WHERE $C",
    "SELECT max(y) FROM $T WHERE $C GROUP BY k HAVING count(*) > 1",
    "SELECT y FROM $T WHERE $C ORDER BY y LIMIT 1",
    "SELECT y + n FROM (SELECT y, count(*) OVER () AS n FROM $T WHERE $C)",
];

/// What asks for them; `$Q` stands for the query.
const PREDICATES: [&str; 7] = [
    "EXISTS ($Q)",
    "NOT EXISTS ($Q)",
    "$X IN ($Q)",
    "$X NOT IN ($Q)",
    "NOT ($X IN ($Q))",
    "$X < ANY ($Q)",
    "$X >= ALL ($Q)",
];

struct Asked(Engine);

impl Asked {
    async fn new() -> Self {
        Self(Engine::new(Trail::open(&["testdata/trail"]).await.unwrap()))
    }

    /// The rows of a query, sorted.
    async fn rows(&self, sql: &str) -> Vec<String> {
        let mut answer = self.0.run(sql, &Session::default()).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
        let mut rows = vec![];
        while let Some(batch) = answer.next().await {
            let batch = batch.unwrap_or_else(|e| panic!("{sql}: {e}"));
            let cell = |column, row| text(column, row).unwrap_or_else(|| "NULL".to_owned());
            rows.extend((0..batch.num_rows()).map(|row| {
                batch.columns().iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ")
            }));
        }
        rows.sort();
        rows
    }

    /// What a query gives over each form of the rows outside is `single`.
    async fn compare_rows(&self, query: impl Fn(&str) -> String, mut single: Vec<String>) {
        single.sort();
        for rows in ROWS {
            let query = query(&rows.replace("$V", &VALUES.join(", ")));
            assert_eq!(self.rows(&query).await, single, "{query}");
        }
    }

    /// An expression beside each value: all at once, and one after the other.
    async fn compare(&self, expression: &str) {
        let outer = expression.replace("$X", "u.x");
        let mut single = vec![];
        for value in VALUES {
            let written = expression.replace("$X", value);
            single.extend(self.rows(&format!("SELECT {value}, {written}")).await);
        }
        self.compare_rows(|rows| format!("SELECT x, {outer} FROM {rows}"), single).await;
    }

    /// The values that a condition accepts: all at once, and one after the other.
    async fn compare_condition(&self, condition: &str) {
        let outer = condition.replace("$X", "u.x");
        let mut single = vec![];
        for value in VALUES {
            let written = condition.replace("$X", value);
            single.extend(self.rows(&format!("SELECT {value} WHERE {written}")).await);
        }
        self.compare_rows(|rows| format!("SELECT x FROM {rows} WHERE {outer}"), single).await;
    }
}

fn filled(query: &str, condition: &str) -> String {
    query.replace("$C", condition).replace("$T", TABLE)
}

/// Every predicate of every query with one column, under each of these conditions.
fn predicates(conditions: &[&'static str]) -> Vec<String> {
    let queries =
        conditions.iter().flat_map(|condition| COLUMNS.iter().map(move |query| filled(query, condition)));
    queries.flat_map(|query| PREDICATES.iter().map(move |one| one.replace("$Q", &query))).collect()
}

#[tokio::test]
async fn scalars_are_those_of_each_row() {
    let asked = Asked::new().await;
    for condition in CONDITIONS {
        for query in SCALARS {
            asked.compare(&format!("({})", filled(query, condition))).await;
        }
    }
}

#[tokio::test]
async fn predicates_hold_for_each_row() {
    let asked = Asked::new().await;
    for predicate in predicates(&CONDITIONS) {
        asked.compare_condition(&predicate).await;
    }
}

#[tokio::test]
async fn predicates_have_their_value_for_each_row() {
    let asked = Asked::new().await;
    for predicate in predicates(&CONDITIONS[..3]) {
        asked.compare(&predicate).await;
    }
}

#[tokio::test]
async fn lateral_rows_are_those_of_each_row() {
    let asked = Asked::new().await;
    for condition in CONDITIONS {
        for query in COLUMNS {
            let query = filled(query, condition);
            let outer = query.replace("$X", "u.x");
            for (kind, on) in [("CROSS", ""), ("LEFT", "ON true")] {
                let mut single = vec![];
                for value in VALUES {
                    let written = query.replace("$X", value);
                    let text =
                        format!("SELECT x, c FROM (VALUES {value}) u(x) {kind} JOIN ({written}) l(c) {on}");
                    single.extend(asked.rows(&text).await);
                }
                let all =
                    |rows: &str| format!("SELECT x, c FROM {rows} {kind} JOIN LATERAL ({outer}) l(c) {on}");
                asked.compare_rows(all, single).await;
            }
        }
    }
}
