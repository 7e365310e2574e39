//! Tables over the sample trail, read by plain queries, with what was pruned.

use std::path::Path;

use arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::DataFrame;

use super::*;
use crate::coverage::Coverage;
use crate::key::PruneReason;
use crate::sql::ATHENA_COLUMNS;
use crate::sql::plan::{Parameters, Places, Surroundings, plan_query};
use crate::sql::statement::{parse, parse_one};
use crate::trail::Trail;

/// The sample trail, and a catalog with what `ddl` declares.
struct Here {
    trail: Trail,
    catalog: Catalog,
}

/// What a query gave.
struct Given {
    rows: Vec<String>,
    coverage: Coverage,
    notices: Vec<String>,
}

impl Given {
    fn pruned(&self) -> u64 {
        self.coverage.pruned.get(&PruneReason::Partition).map_or(0, |pruned| pruned.objects)
    }

    fn folders(&self) -> u64 {
        self.coverage.pruned.get(&PruneReason::Partition).map_or(0, |pruned| pruned.folders)
    }
}

impl Here {
    async fn new(ddl: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/trail");
        Self::over(&folder, ddl).await
    }

    async fn over(folder: &Path, ddl: &str) -> Self {
        let here = Self {
            trail: Trail::open(&[folder.to_str().unwrap()]).await.unwrap(),
            catalog: Catalog::default(),
        };
        for statement in parse(ddl).unwrap() {
            assert!(here.catalog.apply(&statement, DEFAULT_DATABASE).unwrap());
        }
        here
    }

    fn scans(&self) -> TableScans {
        TableScans::new(&self.trail, "2026-04-01T00:00:00Z".parse().unwrap())
    }

    fn resolve(&self, name: &[&str]) -> Result<Resolved, SqlError> {
        let name: Vec<String> = name.iter().map(|part| (*part).to_owned()).collect();
        let relations = CatalogRelations { catalog: &self.catalog, scans: &self.scans() };
        relations.resolve(&name, DEFAULT_DATABASE, &BTreeSet::new())
    }

    /// Runs a query.
    async fn ask(&self, sql: &str) -> Given {
        let scans = self.scans();
        let Ok(Statement::Query(query)) = parse_one(sql) else { panic!("{sql}: {:?}", parse_one(sql)) };
        let words = sql.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
        let mentioned = words.map(str::to_lowercase).collect();
        let surroundings = Surroundings {
            places: Places::default(),
            relations: &CatalogRelations { catalog: &self.catalog, scans: &scans },
            database: DEFAULT_DATABASE,
            now: scans.now(),
            mentioned: &mentioned,
            parameters: &Parameters::default(),
        };
        let planned = plan_query(&query, surroundings).unwrap();
        let context = crate::session::session();
        let frame = DataFrame::new(context.state(), planned.plan);
        let batches = frame.collect().await.unwrap();
        let shown = pretty_format_batches(&batches).unwrap().to_string();
        let rows = shown.lines().filter(|line| line.starts_with('|')).skip(1).map(|line| {
            let cells = line.trim_matches('|').split('|').map(str::trim);
            cells.collect::<Vec<_>>().join(" ")
        });
        let coverage = scans.scans().coverage();
        assert!(coverage.is_consistent(), "{coverage:#?}");
        Given { rows: rows.collect(), coverage, notices: scans.notices() }
    }
}

#[tokio::test]
async fn a_table_that_nothing_declares_is_the_source() {
    let here = Here::new("").await;
    for table in ["cloudtrail_logs", "\"my-db\".\"x\"", "AwsDataCatalog.db.T"] {
        let given = here.ask(&format!("SELECT count(*), count(DISTINCT eventid) FROM {table}")).await;
        assert_eq!(given.rows, ["267 266"], "{table}");
    }
    let Ok(Resolved::Relation(relation)) = here.resolve(&["t"]) else { panic!() };
    assert_eq!(relation.columns.len(), ATHENA_COLUMNS);
    for refused in [&["information_schema", "nothing"][..], &["t$partitions"], &["t$files"]] {
        assert_eq!(here.resolve(refused).unwrap_err().code, ErrorCode::TableNotFound);
    }
}

#[tokio::test]
async fn partition_columns_in_use_prune() {
    let here = Here::new("").await;
    let all = here.ask("SELECT count(*) FROM t").await;
    for (predicate, objects) in [
        ("region = 'eu-west-1'", 51),
        ("region = 'us-east-1' AND account = '444455556666'", 1),
        ("region_partition IN ('eu-west-1', 'ap-south-1')", 51),
        ("\"timestamp\" >= '2026/03/15'", 0),
        ("day = '2026/03/14'", 79),
        ("year = '2026' AND month = '03' AND day = '14'", 79),
        ("date BETWEEN '2026/03/15' AND '2026/03/20'", 0),
        ("date_partition LIKE '2026/03/1%' OR date_partition = 'x'", 79),
        ("dt < '2026/03/14'", 0),
        ("\"$path\" LIKE '%/eu-west-1/%'", 51),
        ("\"$file_size\" > 1000000", 0),
        ("\"$file_modified_time\" < TIMESTAMP '2000-01-01 00:00:00 UTC'", 0),
    ] {
        let given = here.ask(&format!("SELECT count(*) FROM t WHERE {predicate}")).await;
        assert_eq!(given.coverage.objects.read, objects, "{predicate}: {:#?}", given.coverage);
        assert_eq!(given.pruned() + given.folders() > 0, objects < 79, "{predicate}");
        // The slow twin: nothing is pruned where the predicate cannot be applied to an object.
        let slow = format!(
            "SELECT count(*) FROM t WHERE (eventid = 'x' AND {predicate}) OR {predicate} OR eventid IS NULL"
        );
        let slow = here.ask(&slow).await;
        assert_eq!(given.rows, slow.rows, "{predicate}");
        assert_eq!(slow.coverage.objects.read, all.coverage.objects.read);
    }
}

/// The columns of most declared tables.
const COLUMNS: &str = "eventversion string, useridentity struct<type:string,arn:string>, eventtime string, \
                       eventname string, awsregion string, requestparameters string, eventid string";
const SERDE: &str = "ROW FORMAT SERDE 'com.amazon.emr.hive.serde.CloudTrailSerde'";

/// A partitioned table whose columns are [`COLUMNS`].
fn partitioned(by: &str, location: &str, properties: &str) -> String {
    let properties =
        if properties.is_empty() { String::new() } else { format!("TBLPROPERTIES ({properties})") };
    format!(
        "CREATE EXTERNAL TABLE t ({COLUMNS}) PARTITIONED BY ({by}) {SERDE} LOCATION '{location}' {properties};"
    )
}

#[tokio::test]
async fn projected_tables_have_what_their_template_names() {
    let projection = "'projection.enabled'='true', 'projection.timestamp.type'='date', \
        'projection.timestamp.format'='yyyy/MM/dd', 'projection.timestamp.range'='2026/01/01,NOW', \
        'projection.region.type'='enum', 'projection.region.values'='us-east-1,eu-west-1', \
        'projection.account.type'='enum', 'projection.account.values'='111122223333,444455556666', \
        'storage.location.template'='s3://b/AWSLogs/${account}/CloudTrail/${region}/${timestamp}'";
    let ddl = partitioned("account string, region string, `timestamp` string", "s3://b/AWSLogs/", projection);
    let here = Here::new(&ddl).await;
    let given =
        here.ask("SELECT account, region, timestamp, count(*) FROM t GROUP BY 1, 2, 3 ORDER BY 1, 2").await;
    assert_eq!(given.rows.len(), 4);
    assert!(given.rows[0].starts_with("111122223333 eu-west-1 2026/03/14 "), "{:?}", given.rows);
    assert_eq!(given.notices, [] as [&str; 0]);
    // The digests' folders are none that the template names.
    assert_eq!((given.coverage.objects.read, given.coverage.objects.listed), (79, 79));

    let given =
        here.ask("SELECT count(*) FROM t WHERE region = 'us-east-1' AND timestamp >= '2026/03/14'").await;
    assert_eq!(given.coverage.objects.read, 28);
    let given = here.ask("SELECT count(*) FROM t WHERE timestamp < '2026/03/14'").await;
    assert_eq!((given.coverage.objects.listed, given.rows), (0, vec!["0".to_owned()]));

    // What lies outside the projection is not in the table.
    let narrow = projection.replace("us-east-1,", "").replace("2026/01/01", "2026/03/14");
    let here = Here::new(&partitioned(
        "account string, region string, `timestamp` string",
        "s3://b/AWSLogs/",
        &narrow,
    ))
    .await;
    let given = here.ask("SELECT count(*) FROM t").await;
    assert_eq!(given.coverage.objects.read, 51);
}

#[tokio::test]
async fn typed_partitions_are_compared_as_their_type() {
    let projection = "'projection.enabled'='true', 'projection.year.type'='integer', \
        'projection.year.range'='2020,2030', 'projection.month.type'='integer', \
        'projection.month.range'='1,12', 'projection.month.digits'='2', \
        'storage.location.template'='s3://b/AWSLogs/111122223333/CloudTrail/us-east-1/${year}/${month}'";
    let here =
        Here::new(&partitioned("year int, month int", "s3://b/AWSLogs/111122223333/", projection)).await;
    let given = here.ask("SELECT min(year), max(month) FROM t WHERE year = 2026 AND month < 4").await;
    assert_eq!((given.rows, given.coverage.objects.read), (vec!["2026 3".to_owned()], 27));
    let given = here.ask("SELECT count(*) FROM t WHERE month > 3").await;
    assert_eq!(given.coverage.objects.read, 0);
}

#[tokio::test]
async fn added_partitions_have_their_values() {
    let root = "s3://b/AWSLogs/111122223333/CloudTrail";
    let ddl = partitioned("region string, year string", root, "")
        + &format!(
            "ALTER TABLE t ADD PARTITION (region='us', year='26') LOCATION '{root}/us-east-1/2026/' \
             PARTITION (region='eu', year='26') LOCATION '{root}/eu-west-1/2026/' \
             PARTITION (region='ap', year='26') LOCATION '{root}/ap-south-1/2026/';"
        );
    let here = Here::new(&ddl).await;
    let given = here.ask("SELECT DISTINCT region, year FROM t ORDER BY 1").await;
    assert_eq!(given.rows, ["eu 26", "us 26"]);
    assert_eq!(given.coverage.objects.read, 63);
    assert!(
        given.notices[0].contains(
            "no copy of 1 of its partitions, such as s3://b/AWSLogs/111122223333/CloudTrail/ap-south-1/2026/"
        ),
        "{:?}",
        given.notices
    );
    let given = here.ask("SELECT count(*) FROM t WHERE region = 'us'").await;
    assert_eq!((given.coverage.objects.read, given.coverage.objects.listed), (27, 27));

    let dropped = parse_one("ALTER TABLE t DROP PARTITION (region='us'), PARTITION (region='ap')").unwrap();
    here.catalog.apply(&dropped, DEFAULT_DATABASE).unwrap();
    let given = here.ask("SELECT DISTINCT region FROM t").await;
    assert_eq!(given.rows, ["eu"]);
}

#[tokio::test]
async fn without_partitions_keys_tell_and_a_notice_says_so() {
    let here =
        Here::new(&partitioned("region string, day string, month string", "s3://b/AWSLogs/", "")).await;
    let given = here.ask("SELECT DISTINCT region, month, day FROM t WHERE region LIKE 'us%'").await;
    assert_eq!(given.rows, ["us-east-1 03 14"]);
    assert_eq!(given.coverage.objects.read, 28);
    assert!(given.notices[0].contains("Athena would read nothing"), "{:?}", given.notices);
}

#[tokio::test]
async fn a_location_narrows_what_is_read() {
    let table =
        |location: &str| format!("CREATE EXTERNAL TABLE t ({COLUMNS}) {SERDE} LOCATION '{location}';");
    for (location, listed, notices) in [
        ("s3://b/AWSLogs/444455556666/", 17, 0),
        ("s3://any/prefix/AWSLogs/444455556666/CloudTrail/us-east-1", 1, 0),
        ("s3://CloudTrail_bucket_name/AWSLogs/Account_ID/", 81, 1),
        ("s3://b", 81, 0),
    ] {
        let here = Here::new(&table(location)).await;
        let given = here.ask("SELECT count(*) FROM t").await;
        let folders: u64 = given.coverage.pruned.values().map(|pruned| pruned.folders).sum();
        let found = given.coverage.objects.listed + folders;
        assert_eq!((found, given.notices.len()), (listed, notices), "{location}: {:?}", given.coverage);
    }
    let refused = parse_one(&table("/etc/passwd")).unwrap();
    let refused = Catalog::default().apply(&refused, DEFAULT_DATABASE).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidLocation);
}

#[tokio::test]
async fn columns_are_read_as_declared() {
    let ddl = "CREATE EXTERNAL TABLE t (eventname string, eventtime timestamp, readonly boolean, \
        requestparameters struct<rolearn:string,policyname:string>, responseelements map<string,string>, \
        useridentity struct<sessioncontext:struct<sessionissuer:struct<username:string>>,nosuch:string>, \
        nothing string, name string, managementevent boolean) \
        ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('mapping.name'='eventName') \
        LOCATION 's3://b/AWSLogs/';";
    let here = Here::new(ddl).await;
    let given = here
        .ask(
            "SELECT readonly, eventtime, useridentity.sessioncontext.sessionissuer.username, \
              requestparameters.rolearn, nothing, name, useridentity.nosuch FROM t \
              WHERE eventname = 'AssumeRole' AND requestparameters.rolearn LIKE '%backup-reader' \
              AND readonly ORDER BY eventtime LIMIT 1",
        )
        .await;
    assert_eq!(given.rows.len(), 1);
    assert!(given.rows[0].starts_with("true 2026-03-14T14:09:31 order-processor"), "{:?}", given.rows);
    assert!(given.rows[0].trim_end().ends_with("role/backup-reader  AssumeRole"), "{:?}", given.rows);
    let textual =
        parse_one("CREATE EXTERNAL TABLE x (useridentity string) LOCATION 's3://b/AWSLogs/'").unwrap();
    here.catalog.apply(&textual, DEFAULT_DATABASE).unwrap();
    let refused = here.resolve(&["x"]);
    assert_eq!(refused.unwrap_err().code, ErrorCode::TypeMismatch);
}

#[tokio::test]
async fn raw_objects_give_their_records() {
    let ddl = "CREATE EXTERNAL TABLE t (Records array<struct<eventName:string,readOnly:boolean>>) \
        ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe' LOCATION 's3://b/AWSLogs/';";
    let here = Here::new(ddl).await;
    let given = here.ask("SELECT r.eventname, count(*) FROM t CROSS JOIN UNNEST(records) AS u(r) WHERE r.readonly GROUP BY 1 ORDER BY 2 DESC").await;
    assert!(given.rows.len() > 3, "{:?}", given.rows);
    assert!(given.notices[0].contains("one record a row"));
}

#[test]
fn definitions_declare_the_same() {
    let ddl = partitioned("region string, `year` string", "s3://b/it''s/", "'a'='b'")
        + "ALTER TABLE t ADD PARTITION (region='u''s', year='1') LOCATION 's3://b/1/' PARTITION (region='eu', year=2);
           CREATE DATABASE Security COMMENT 'it''s';
           CREATE EXTERNAL TABLE security.`x-y` (a decimal(3,1) COMMENT 'c', b struct<`order`:int>) LOCATION 's3://b/';
           CREATE VIEW v AS SELECT 1 AS \"One\" -- why
           ; PREPARE p FROM SELECT * FROM t WHERE a = ?;";
    let declare = |statements: &[String]| {
        let catalog = Catalog::default();
        for statement in statements {
            assert!(catalog.apply(&parse_one(statement).unwrap(), DEFAULT_DATABASE).unwrap(), "{statement}");
        }
        catalog
    };
    let statements = crate::sql::statement::split(&ddl).unwrap();
    let first = declare(&statements);
    let second = declare(&first.definitions());
    assert_eq!(first.definitions(), second.definitions());
    assert_eq!(first.definitions().len(), 8);
    let name = Name { database: None, name: "t".into() };
    assert_eq!(first.table(&name, DEFAULT_DATABASE), second.table(&name, DEFAULT_DATABASE));
    assert_eq!(second.prepared("p").unwrap(), "SELECT * FROM t WHERE a = ?");
}

#[tokio::test]
async fn answers_have_hives_layout() {
    let ddl = partitioned("region string", "s3://b/", "'a'='b'")
        + "ALTER TABLE t ADD PARTITION (region='us'); CREATE VIEW v AS SELECT 1;
           CREATE DATABASE other; CREATE EXTERNAL TABLE other.u (a int) LOCATION 's3://b/';";
    let here = Here::new(&ddl).await;
    let lines = |text: &str| -> Vec<String> {
        let shown = here.catalog.show(&parse_one(text).unwrap(), DEFAULT_DATABASE, &here.scans());
        shown.unwrap().unwrap().lines
    };
    assert_eq!(lines("SHOW TABLES"), ["t", "v"]);
    assert_eq!(lines("SHOW TABLES 't*|x'"), ["t"]);
    assert_eq!(lines("SHOW TABLES IN other LIKE '*u*'"), ["u"]);
    assert_eq!(lines("SHOW DATABASES"), ["default", "other"]);
    assert_eq!(lines("SHOW VIEWS"), ["v"]);
    assert_eq!(lines("SHOW PARTITIONS t"), ["region=us"]);
    assert_eq!(lines("SHOW TBLPROPERTIES t"), ["a\tb"]);
    assert_eq!(lines("SHOW CREATE VIEW v"), ["CREATE VIEW `default`.`v` AS", "SELECT 1"]);
    assert_eq!(lines("SHOW COLUMNS IN other.u"), ["a                   "]);
    let described = lines("DESCRIBE t");
    assert_eq!(described[0], "eventversion        \tstring              \tfrom deserializer   ");
    assert_eq!(
        described[8..12],
        [
            "\t \t ",
            "# Partition Information\t \t ",
            "# col_name            \tdata_type           \tcomment             ",
            "\t \t ",
        ]
    );
    // A table that nothing declares is shown as what would declare it.
    let shown = lines("SHOW CREATE TABLE cloudtrail_logs").join("\n");
    assert!(
        matches!(parse_one(&shown), Ok(Statement::CreateTable(table)) if table.columns.len() == ATHENA_COLUMNS)
    );
    for text in
        ["SHOW PARTITIONS nothing", "SHOW TABLES IN nothing", "SHOW CREATE VIEW nothing", "DESCRIBE v"]
    {
        assert!(
            here.catalog.show(&parse_one(text).unwrap(), DEFAULT_DATABASE, &here.scans()).is_err(),
            "{text}"
        );
    }
}

#[test]
fn what_is_there_is_not_made_again() {
    let catalog = Catalog::default();
    let apply = |text: &str| catalog.apply(&parse_one(text).unwrap(), DEFAULT_DATABASE);
    let table = "(a int) LOCATION 's3://b/'";
    for (text, expected) in [
        (format!("CREATE EXTERNAL TABLE t {table}"), None),
        (format!("CREATE EXTERNAL TABLE t {table}"), Some(ErrorCode::SyntaxError)),
        (format!("CREATE EXTERNAL TABLE IF NOT EXISTS t {table}"), None),
        ("CREATE VIEW t AS SELECT 1".into(), Some(ErrorCode::SyntaxError)),
        ("CREATE VIEW v AS SELECT 1".into(), None),
        ("CREATE OR REPLACE VIEW v AS SELECT 2".into(), None),
        ("ALTER TABLE t ADD COLUMNS (A string)".into(), Some(ErrorCode::SyntaxError)),
        ("ALTER TABLE t ADD COLUMNS (b string)".into(), None),
        ("ALTER TABLE t ADD PARTITION (a='1')".into(), Some(ErrorCode::ColumnNotFound)),
        ("ALTER TABLE u SET LOCATION 's3://b/'".into(), Some(ErrorCode::TableNotFound)),
        ("DROP TABLE t".into(), None),
        ("DROP TABLE t".into(), Some(ErrorCode::TableNotFound)),
        ("DROP TABLE IF EXISTS t".into(), None),
        ("DROP VIEW v".into(), None),
        ("DROP DATABASE x".into(), Some(ErrorCode::SchemaNotFound)),
        ("CREATE DATABASE x".into(), None),
        ("CREATE DATABASE x".into(), Some(ErrorCode::SyntaxError)),
        (format!("CREATE EXTERNAL TABLE x.t {table}"), None),
        ("DROP DATABASE x".into(), Some(ErrorCode::NotSupported)),
        ("DROP DATABASE x CASCADE".into(), None),
        ("DEALLOCATE PREPARE p".into(), Some(ErrorCode::NotSupported)),
    ] {
        assert_eq!(apply(&text).err().map(|error| error.code), expected, "{text}");
    }
}
