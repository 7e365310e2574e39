//! Statements as people write them, and what they say.

use proptest::prelude::*;

use super::*;

/// The AWS documentation's table with partition projection, for one account and region.
const PROJECTED: &str = "CREATE EXTERNAL TABLE cloudtrail_logs_pp(
    eventversion STRING,
    useridentity STRUCT<
        type: STRING,
        principalid: STRING,
        arn: STRING,
        accountid: STRING,
        invokedby: STRING,
        accesskeyid: STRING,
        username: STRING,
        onbehalfof: STRUCT<
             userid: STRING,
             identitystorearn: STRING>,
        sessioncontext: STRUCT<
            attributes: STRUCT<
                mfaauthenticated: STRING,
                creationdate: STRING>,
            sessionissuer: STRUCT<
                type: STRING,
                principalid: STRING,
                arn: STRING,
                accountid: STRING,
                username: STRING>,
            ec2roledelivery:string,
            webidfederationdata: STRUCT<
                federatedprovider: STRING,
                attributes: map<string,string>>
        >
    >,
    eventtime STRING,
    resources ARRAY<STRUCT<
        arn: STRING,
        accountid: STRING,
        type: STRING>>,
    readonly STRING,
    tlsDetails struct<
        tlsversion: string,
        ciphersuite: string,
        clientprovidedhostheader: string>
  )
PARTITIONED BY (
   `timestamp` string)
ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'
STORED AS INPUTFORMAT 'com.amazon.emr.cloudtrail.CloudTrailInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION
  's3://amzn-s3-demo-bucket/AWSLogs/account-id/CloudTrail/aws-region'
TBLPROPERTIES (
  'projection.enabled'='true',
  'projection.timestamp.format'='yyyy/MM/dd',
  'projection.timestamp.interval'='1',
  'projection.timestamp.interval.unit'='DAYS',
  'projection.timestamp.range'='2020/01/01,NOW',
  'projection.timestamp.type'='date',
  'storage.location.template'='s3://amzn-s3-demo-bucket/AWSLogs/account-id/CloudTrail/aws-region/${timestamp}')";

/// An organisation's table, in one line where people put everything in one line.
const ORGANISATION: &str = "create external table if not exists `security`.`Org_Trail` (`eventVersion` string comment 'it''s a version', useridentity struct<type:string,`principalId`:string,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>>>, readonly boolean, eventtime timestamp, n decimal(10,2), m map<string,array<int>>, v varchar(20), c char(3)) -- all there is
comment 'the organisation''s' /* two
lines */ partitioned by (account string comment 'twelve digits', region string, year int) row format serde \"org.openx.data.jsonserde.JsonSerDe\" with serdeproperties ('ignore.malformed.json' = 'true', \"case.insensitive\"=\"TRUE\") stored as textfile location 's3://b/o-1/AWSLogs/' tblproperties (\"projection.enabled\" = \"true\",'has_encrypted_data'='false');";

fn table(text: &str) -> TableDefinition {
    match parse_one(text) {
        Ok(Statement::CreateTable(definition)) => *definition,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_documented_table_is_read() {
    let table = table(PROJECTED);
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["eventversion", "useridentity", "eventtime", "resources", "readonly", "tlsdetails"]);
    assert_eq!(
        table.columns[1].data_type.to_string(),
        "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,\
         accesskeyid:string,username:string,onbehalfof:struct<userid:string,identitystorearn:string>,\
         sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,\
         sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,\
         ec2roledelivery:string,webidfederationdata:struct<federatedprovider:string,\
         attributes:map<string,string>>>>"
    );
    assert_eq!(
        table.columns[3].data_type.to_string(),
        "array<struct<arn:string,accountid:string,type:string>>"
    );
    assert_eq!((table.name.database.as_deref(), table.name.name.as_str()), (None, "cloudtrail_logs_pp"));
    assert_eq!(table.partitioned_by[0].name, "timestamp");
    assert_eq!(table.serde(), Some("JsonSerDe"));
    assert_eq!(table.property("projection.timestamp.range"), Some("2020/01/01,NOW"));
    assert_eq!(table.location, "s3://amzn-s3-demo-bucket/AWSLogs/account-id/CloudTrail/aws-region");
}

#[test]
fn the_standard_columns_have_the_standard_types() {
    for column in table(PROJECTED).columns {
        let standard = crate::schema::COLUMNS.iter().find(|known| known.name == column.name).unwrap();
        assert_eq!(&column.data_type.data_type(), standard.field().data_type(), "{}", column.name);
    }
}

#[test]
fn other_forms_of_a_table_are_read() {
    let table = table(ORGANISATION);
    assert!(table.if_not_exists);
    assert_eq!(table.name.to_string(), "`security`.`org_trail`");
    assert_eq!(table.columns[0].comment.as_deref(), Some("it's a version"));
    let types: Vec<_> = table.columns[2..].iter().map(|column| column.data_type.to_string()).collect();
    assert_eq!(
        types,
        ["boolean", "timestamp", "decimal(10,2)", "map<string,array<int>>", "varchar(20)", "char(3)"]
    );
    assert_eq!(table.comment.as_deref(), Some("the organisation's"));
    assert_eq!(table.partitioned_by[2].data_type, HiveType::Int);
    assert_eq!(table.serde_property("case.insensitive"), Some("TRUE"));
    assert_eq!(table.stored_as, Some(StoredAs::Format("TEXTFILE".into())));
    assert_eq!(table.property("projection.enabled"), Some("true"));
}

#[test]
fn what_is_shown_declares_the_same() {
    for text in [
        PROJECTED,
        ORGANISATION,
        "CREATE EXTERNAL TABLE t (a struct<`x-y`:string>) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' \
         ESCAPED BY '\\' LOCATION 's3://b/'",
        "CREATE EXTERNAL TABLE t (`a``b` int) LOCATION 's3://b/it''s/'",
    ] {
        let first = table(text);
        let again = table(&first.to_string());
        assert_eq!(TableDefinition { if_not_exists: first.if_not_exists, ..again }, first);
    }
}

#[test]
fn show_create_table_is_hives() {
    let text = "create external table db.t (a string, b int comment 'n') partitioned by (`date` string) \
                row format serde 'x.CloudTrailSerde' stored as inputformat 'x.I' outputformat 'x.O' \
                location 's3://b/p/' tblproperties ('a'='b', 'c'='d')";
    let expected = "CREATE EXTERNAL TABLE `t`(
  `a` string COMMENT 'from deserializer', \n  `b` int COMMENT 'n')
PARTITIONED BY ( \n  `date` string)
ROW FORMAT SERDE \n  'x.CloudTrailSerde' \nSTORED AS INPUTFORMAT \n  'x.I' \nOUTPUTFORMAT \n  'x.O'
LOCATION
  's3://b/p/'
TBLPROPERTIES ( \n  'a'='b', \n  'c'='d')";
    assert_eq!(table(text).shown().to_string(), expected);
}

#[test]
fn partitions_are_added_and_dropped() {
    let added = |text: &str| match parse_one(text).unwrap() {
        Statement::AlterTable { change: AlterTable::AddPartitions { if_not_exists, partitions }, .. } => {
            (if_not_exists, partitions)
        }
        other => panic!("{other:?}"),
    };
    let (if_not_exists, partitions) = added(
        "ALTER TABLE cloudtrail_logs ADD IF NOT EXISTS
         PARTITION (region='us-east-1', year='2019', month=02, day = \"01\") LOCATION 's3://b/2019/02/01/'
         PARTITION (region='us-east-1',year='2019',month='02',day='02') LOCATION 's3://b/2019/02/02/';",
    );
    assert!(if_not_exists);
    assert_eq!(partitions.len(), 2);
    assert_eq!(partitions[0].values[2], ("month".into(), "02".into()));
    assert_eq!(partitions[1].location.as_deref(), Some("s3://b/2019/02/02/"));
    let (_, partitions) = added("alter table db.`t` add partition (`Date`=date '2020-01-01')");
    assert_eq!(
        partitions,
        [PartitionSpec { values: vec![("date".into(), "2020-01-01".into())], location: None }]
    );
    let dropped =
        parse_one("ALTER TABLE t DROP IF EXISTS PARTITION (a='1'), PARTITION (a='2', b='3')").unwrap();
    let Statement::AlterTable { change: AlterTable::DropPartitions { if_exists, partitions }, .. } = dropped
    else {
        panic!("{dropped:?}")
    };
    assert_eq!((if_exists, partitions.len()), (true, 2));
}

#[test]
fn statements_are_told_apart() {
    let name = |name: &str| Name { database: None, name: name.into() };
    for (text, expected) in [
        ("SHOW TABLES", Show::Tables { database: None, like: None }),
        (
            "show tables in `Db` 'c*|d'",
            Show::Tables { database: Some("db".into()), like: Some("c*|d".into()) },
        ),
        (
            "SHOW TABLES FROM awsdatacatalog.x LIKE 'a'",
            Show::Tables { database: Some("x".into()), like: Some("a".into()) },
        ),
        ("SHOW SCHEMAS", Show::Databases { like: None }),
        ("SHOW DATABASES LIKE 'x'", Show::Databases { like: Some("x".into()) }),
        ("SHOW VIEWS", Show::Views { database: None, like: None }),
        ("SHOW PARTITIONS t", Show::Partitions(name("t"))),
        ("SHOW CREATE TABLE T", Show::CreateTable(name("t"))),
        ("SHOW CREATE VIEW v", Show::CreateView(name("v"))),
        ("SHOW COLUMNS IN t", Show::Columns(name("t"))),
        ("SHOW COLUMNS FROM t IN d", Show::Columns(Name { database: Some("d".into()), name: "t".into() })),
        ("SHOW TBLPROPERTIES t ('a')", Show::Properties { table: name("t"), property: Some("a".into()) }),
        ("SHOW FUNCTIONS", Show::Functions { like: None }),
    ] {
        assert_eq!(parse_one(text), Ok(Statement::Show(expected)), "{text}");
    }
    assert_eq!(parse_one("MSCK REPAIR TABLE `t`;"), Ok(Statement::RepairTable(name("t"))));
    let described = |extended, partition, column| {
        Ok(Statement::Describe { table: name("t"), extended, partition, column })
    };
    assert_eq!(parse_one("desc formatted t"), described(true, None, None));
    let partition = vec![("a".to_owned(), "1".to_owned())];
    assert_eq!(parse_one("DESCRIBE t PARTITION (A = '1')"), described(false, Some(partition), None));
    let path = vec!["b".to_owned(), "$elem$".to_owned()];
    assert_eq!(parse_one("DESCRIBE t b.'$elem$'"), described(false, None, Some(path)));
    assert_eq!(
        parse_one("DROP TABLE IF EXISTS t"),
        Ok(Statement::DropTable { name: name("t"), if_exists: true })
    );
    assert_eq!(parse_one("DROP VIEW v"), Ok(Statement::DropView { name: name("v"), if_exists: false }));
    let dropped = Statement::DropDatabase { name: "d".into(), if_exists: false, cascade: true };
    assert_eq!(parse_one("DROP SCHEMA d CASCADE"), Ok(dropped));
    assert_eq!(parse_one("DEALLOCATE PREPARE p"), Ok(Statement::Deallocate("p".into())));
    assert!(matches!(parse_one("(SELECT 1) UNION SELECT 2"), Ok(Statement::Query(_))));
    assert!(matches!(parse_one("values (1), (2)"), Ok(Statement::Query(_))));
    assert_eq!(parse("SELECT 1; ; SHOW TABLES;").unwrap().len(), 2);
}

#[test]
fn statements_that_write_are_read() {
    let text = "CREATE TABLE new.t WITH (format = 'Parquet', external_location = 's3://b/t/', \
                partitioned_by = ARRAY['a', 'b'], bucket_count = 3) AS SELECT a FROM x WITH NO DATA";
    let Ok(Statement::CreateTableAs(created)) = parse_one(text) else { panic!() };
    assert_eq!(created.options["partitioned_by"], OptionValue::List(vec!["a".into(), "b".into()]));
    assert_eq!(created.options["bucket_count"], OptionValue::Text("3".into()));
    assert_eq!((created.with_data, created.query.to_string().as_str()), (false, "SELECT a FROM x"));
    let Ok(Statement::CreateTableAs(created)) = parse_one("create table t as (select 1)") else { panic!() };
    assert!(created.with_data && created.options.is_empty());

    let columns = |text: &str| match parse_one(text) {
        Ok(Statement::Insert(insert)) => insert.columns,
        other => panic!("{other:?}"),
    };
    assert_eq!(columns("INSERT INTO t SELECT 1"), None);
    assert_eq!(columns("INSERT INTO t (SELECT 1)"), None);
    assert_eq!(columns("INSERT INTO t (a, \"B\") VALUES (1, 2)"), Some(vec!["a".into(), "b".into()]));

    let Ok(Statement::Unload(unload)) = parse_one("UNLOAD (SELECT (1)) TO 's3://b/' WITH (format='JSON')")
    else {
        panic!()
    };
    assert_eq!((unload.to.as_str(), unload.query.to_string().as_str()), ("s3://b/", "SELECT (1)"));
}

#[test]
fn views_and_prepared_statements_keep_their_text() {
    let text = "CREATE OR REPLACE VIEW \"V\" AS\nSELECT  a -- why\nFROM t ;";
    let Ok(Statement::CreateView(view)) = parse_one(text) else { panic!() };
    assert_eq!((view.name.name.as_str(), view.or_replace), ("v", true));
    assert_eq!(view.text, "SELECT  a -- why\nFROM t");
    let Ok(Statement::Prepare { name, text, .. }) = parse_one("PREPARE P FROM SELECT ?  + 1") else {
        panic!()
    };
    assert_eq!((name.as_str(), text.as_str()), ("p", "SELECT ?  + 1"));
    let Ok(Statement::Execute { using, .. }) = parse_one("EXECUTE p USING 'a', 1, date '2020-01-01'") else {
        panic!()
    };
    assert_eq!(using.len(), 3);
    let Ok(Statement::Explain(explain)) = parse_one("EXPLAIN (FORMAT JSON, TYPE logical) SELECT 1") else {
        panic!()
    };
    assert_eq!(explain.options[1], ("TYPE".into(), "LOGICAL".into()));
    assert!(matches!(
        parse_one("EXPLAIN ANALYZE (SELECT 1)"),
        Ok(Statement::Explain(Explain { analyze: true, .. }))
    ));
}

#[test]
fn refusals_name_their_place() {
    for (text, says) in [
        ("", "line 1:1: mismatched input '<EOF>'. Expecting: 'ALTER'"),
        ("SELEC 1", "line 1:1: mismatched input 'SELEC'"),
        ("CREATE TABL t", "line 1:8: mismatched input 'TABL'. Expecting: 'DATABASE'"),
        (
            "CREATE EXTERNAL TABLE t (a strin) LOCATION 's3://b/'",
            "line 1:28: mismatched input 'strin'. Expecting: a data type",
        ),
        ("CREATE EXTERNAL TABLE t (a int)", "No location was specified"),
        ("CREATE EXTERNAL TABLE t (a int, A int) LOCATION 'x'", "Duplicate column name: a"),
        ("CREATE EXTERNAL TABLE t (a struct<b:int,B:int>) LOCATION 'x'", "Duplicate member name: b"),
        ("CREATE EXTERNAL TABLE t (a array<int) LOCATION 'x'", "mismatched input ')'. Expecting: '>'"),
        ("CREATE EXTERNAL TABLE t (a int) CLUSTERED BY (a) INTO 3 BUCKETS LOCATION 'x'", "NOT_SUPPORTED"),
        ("CREATE EXTERNAL TABLE t (a decimal(50,2)) LOCATION 'x'", "1 to 38 digits"),
        ("CREATE EXTERNAL TABLE t (a int) LOCATION 'x' LOCATION 'y'", "Expecting: each clause once"),
        ("CREATE TABLE t (a int)", "Only external tables"),
        ("DELETE FROM t", "NOT_SUPPORTED: line 1:1: DELETE changes rows"),
        ("SHOW TABLES; SHOW TABLES", "line 1:14: Only one SQL statement is allowed"),
        ("EXPLAIN EXPLAIN SELECT 1", "mismatched input 'EXPLAIN'"),
        ("PREPARE p FROM SHOW TABLES", "PREPARE takes a query"),
        ("SHOW TABLES x y", "mismatched input 'x'. Expecting: string"),
        ("UNLOAD (SELECT 1 TO 'x'", "mismatched input '<EOF>'. Expecting: ')'"),
        ("MSCK TABLE t", "Expecting: 'REPAIR'"),
        ("ALTER TABLE t ADD PARTITION (a)", "mismatched input ')'. Expecting: '='"),
    ] {
        let error = parse_one(text).unwrap_err().to_string();
        assert!(error.contains(says), "{text}: {error}");
    }
}

#[test]
fn types_are_nested_only_so_deeply() {
    let nested = |depth: usize| {
        let text = format!(
            "CREATE EXTERNAL TABLE t (a {}int{}) LOCATION 'x'",
            "array<".repeat(depth),
            ">".repeat(depth)
        );
        parse_one(&text)
    };
    assert!(nested(31).is_ok());
    assert_eq!(nested(10_000).unwrap_err().code, ErrorCode::NotSupported);
}

#[test]
fn statements_stand_where_they_stood() {
    let text = "-- who\n\nSELECT 1; SELECT nope\n  FROM t";
    assert_eq!(split(text).unwrap(), ["\n\nSELECT 1", "\n\n          SELECT nope\n  FROM t"]);
}

/// Wherever a statement is cut, there is an answer.
#[test]
fn truncated_statements_are_answered() {
    for text in [PROJECTED, ORGANISATION, "ALTER TABLE t ADD PARTITION (a='1') LOCATION 's3://é/'"] {
        let ends = (0..text.len()).filter(|end| text.is_char_boundary(*end));
        let read = ends.filter(|end| parse_one(&text[..*end]).is_ok()).count();
        assert!(read < 12, "{read}");
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}|((CREATE|EXTERNAL|TABLE|t|ALTER|ADD|PARTITION|LOCATION|'x'|\\(|\\)|<|>|>>|:|,|struct|array|SELECT|WITH|AS|SHOW|UNLOAD|TO|=|\\.|;|\"|`) ?){0,14}") {
        let _ = parse(&text);
    }
}
