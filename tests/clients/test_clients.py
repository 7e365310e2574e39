"""Athena's clients against `trailq serve`: each finds the same rows, by the API or by the result in S3.

Every request is signed and the signatures are verified; S3 is moto's. `TRAILQ` names the program.
"""

import csv
import gzip
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.request

import awswrangler
import boto3
import botocore.exceptions
import pyarrow.fs
import pyathena
import pytest
from pyathena.arrow.cursor import ArrowCursor
from pyathena.arrow.result_set import AthenaArrowResultSetMetadataReader
from pyathena.cursor import DictCursor
from pyathena.pandas.cursor import PandasCursor

from conftest import KEY, SECRET

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAILQ = os.environ.get("TRAILQ", ROOT / "target/release/trailq")
OUTPUT = "s3://results/athena/"
EVENTS = "SELECT eventid, eventname, errorcode FROM cloudtrail_logs ORDER BY eventid"
MANY = (
    "SELECT a.eventid AS x, b.eventname AS y FROM cloudtrail_logs a CROSS JOIN cloudtrail_logs b "
    "ORDER BY a.eventid, b.eventid LIMIT 2500"
)
SLOW = (
    "SELECT a.eventid FROM cloudtrail_logs a, cloudtrail_logs b, cloudtrail_logs c, cloudtrail_logs d, "
    "cloudtrail_logs e WHERE a.eventid = b.eventname OR c.eventid = d.eventname OR b.eventid = e.eventname"
)


def start(folder, environment):
    """Starts the server; the process, its address, and the lines of its log as they come."""
    keys = folder / "credentials"
    keys.write_text(f"[analyst]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    arguments = ["--listen", "127.0.0.1:0", "--output", OUTPUT, "--state", folder / "state.redb"]
    arguments += ["--credentials", keys, "--log-format", "json", ROOT / "testdata/trail"]
    process = subprocess.Popen(
        [TRAILQ, "serve", *arguments], env=environment, stderr=subprocess.PIPE, text=True
    )
    for line in process.stderr:
        if found := re.search(r"listening on (http://\S+)", line):
            log = []
            threading.Thread(target=lambda: log.extend(process.stderr), daemon=True).start()
            return process, found[1], log
    raise RuntimeError("the server did not start")


@pytest.fixture(scope="session")
def server(environment, tmp_path_factory):
    """The server's address."""
    process, address, log = start(tmp_path_factory.mktemp("server"), environment)
    os.environ["AWS_ENDPOINT_URL_ATHENA"] = address
    yield address
    process.terminate()
    assert process.wait(timeout=30) == 0
    ended = [entry for entry in map(json.loads, log) if entry["message"] == "query ended"]
    assert {entry["state"] for entry in ended} == {"SUCCEEDED", "FAILED", "CANCELLED"}
    assert all({"query", "ms", "bytes", "reason"} <= entry.keys() for entry in ended)
    assert not any(ord(character) < 32 and character != "\n" for line in log for character in line)


@pytest.fixture(scope="session")
def athena(server):
    """AWS's own client."""
    return boto3.client("athena")


@pytest.fixture(scope="session")
def events():
    """What EVENTS is to find, from the logs themselves."""
    found = set()
    for path in (ROOT / "testdata/trail").rglob("*.json*"):
        opened = gzip.open if path.suffix == ".gz" else open
        try:
            with opened(path, "rt") as file:
                records = json.load(file).get("Records", [])
        except (OSError, ValueError, EOFError):
            continue
        found.update(record["eventID"] for record in records if "eventID" in record)
    return found


def wait(athena, query_id):
    """Waits for a query's end."""
    for _ in range(600):
        execution = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        if execution["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"):
            return execution
        time.sleep(0.05)
    raise TimeoutError(query_id)


def run(athena, query):
    """Runs a query to its end."""
    return wait(athena, athena.start_query_execution(QueryString=query)["QueryExecutionId"])


def stored(execution):
    """The rows of the result in S3, the header among them."""
    bucket, key = execution["ResultConfiguration"]["OutputLocation"].removeprefix("s3://").split("/", 1)
    body = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return list(csv.reader(io.StringIO(body)))


def test_boto3_pages_through_a_result(athena):
    execution = run(athena, MANY)
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(OUTPUT)
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=execution["QueryExecutionId"], PaginationConfig={"PageSize": 999}
    )
    pages = [page["ResultSet"]["Rows"] for page in pages]
    assert [len(page) for page in pages] == [999, 999, 503]
    rows = [[value["VarCharValue"] for value in row["Data"]] for page in pages for row in page]
    assert rows == stored(execution)
    assert rows[0] == ["x", "y"]


def test_a_large_result_is_uploaded_in_parts(athena):
    execution = run(
        athena,
        "SELECT a.eventid AS x, b.useridentity AS y, b.requestparameters AS z "
        "FROM cloudtrail_logs a CROSS JOIN cloudtrail_logs b",
    )
    assert execution["Status"]["State"] == "SUCCEEDED", execution
    rows = stored(execution)
    assert len({row[0] for row in rows[1:]}) ** 2 <= len(rows) - 1
    assert boto3.client("s3").list_multipart_uploads(Bucket="results").get("Uploads", []) == []
    last = athena.get_query_results(
        QueryExecutionId=execution["QueryExecutionId"],
        NextToken=f"{execution['QueryExecutionId']}:{len(rows) - 1}",
    )["ResultSet"]["Rows"]
    assert [[value.get("VarCharValue", "") for value in row["Data"]] for row in last] == rows[-1:]


def test_boto3_finds_what_was_asked(athena):
    execution = run(athena, "SELECT 1 AS n")
    listed = athena.list_query_executions()["QueryExecutionIds"]
    assert listed[0] == execution["QueryExecutionId"]
    assert athena.get_work_group(WorkGroup="primary")["WorkGroup"]["State"] == "ENABLED"
    table = athena.get_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName="default", TableName="cloudtrail_logs"
    )
    assert [column["Name"] for column in table["TableMetadata"]["Columns"]][:2] == ["eventversion", "useridentity"]


def test_text_that_controls_terminals_is_only_text(athena):
    hostile = "\x1b[2J\x07\r\n\u202e"
    execution = run(athena, f"SELECT '{hostile}' AS a")
    rows = athena.get_query_results(QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]["Rows"]
    assert rows[1]["Data"][0]["VarCharValue"] == hostile


def test_boto3_stops_a_query(athena):
    query_id = athena.start_query_execution(QueryString=SLOW)["QueryExecutionId"]
    athena.stop_query_execution(QueryExecutionId=query_id)
    assert wait(athena, query_id)["Status"]["State"] == "CANCELLED"


def test_a_wrong_secret_is_refused(server):
    stranger = boto3.client("athena", aws_secret_access_key="a guess", aws_access_key_id=KEY)
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidSignatureException"):
        stranger.list_work_groups()


@pytest.fixture
def arrow(environment, monkeypatch):
    """Has PyAthena's arrow cursor read the fake S3: it has no setting for another one than AWS's."""

    def filesystem(_):
        endpoint = os.environ["AWS_ENDPOINT_URL_S3"]
        return pyarrow.fs.S3FileSystem(
            access_key=KEY, secret_key=SECRET, region="us-east-1", endpoint_override=endpoint
        )

    monkeypatch.setattr(AthenaArrowResultSetMetadataReader, "_create_s3_file_system", filesystem)


@pytest.mark.parametrize("cursor", [None, DictCursor, PandasCursor, ArrowCursor])
def test_pyathena(server, events, arrow, cursor):
    connection = pyathena.connect(s3_staging_dir=OUTPUT, region_name="us-east-1", poll_interval=0.05)
    with connection.cursor(*([cursor] if cursor else [])) as opened:
        opened.execute(EVENTS)
        assert [column[0] for column in opened.description] == ["eventid", "eventname", "errorcode"]
        if cursor is PandasCursor:
            found = opened.as_pandas()["eventid"].tolist()
        elif cursor is ArrowCursor:
            found = opened.as_arrow()["eventid"].to_pylist()
        elif cursor is DictCursor:
            found = [row["eventid"] for row in opened.fetchall()]
        else:
            found = [row[0] for row in opened.fetchall()]
    assert set(found) - {None} == events
    assert found == sorted(found)


def test_pyathena_raises_what_athena_says(server):
    connection = pyathena.connect(s3_staging_dir=OUTPUT, region_name="us-east-1", poll_interval=0.05)
    with pytest.raises(pyathena.error.OperationalError, match="no_such_column"):
        connection.cursor().execute("SELECT no_such_column FROM cloudtrail_logs")


def test_awswrangler(server, events):
    found = awswrangler.athena.read_sql_query(
        EVENTS, database="default", ctas_approach=False, athena_query_wait_polling_delay=0.05
    )
    assert list(found.columns) == ["eventid", "eventname", "errorcode"]
    assert set(found["eventid"].dropna()) == events


@pytest.mark.parametrize("way", [{"unload_approach": True, "ctas_approach": False}, {}])
def test_awswrangler_reads_the_files_that_were_written(server, events, way):
    """`CREATE TABLE AS` is its default; then it asks Glue to forget the table, which here is moto's."""
    query = "SELECT eventid, count(*) AS n FROM cloudtrail_logs WHERE eventid IS NOT NULL GROUP BY 1"
    place = f"s3://results/written{len(way)}/"
    found = awswrangler.athena.read_sql_query(query, database="default", s3_output=place, **way)
    assert set(found["eventid"]) == events
    assert found["n"].dtype == "Int64"
    chunks = awswrangler.athena.read_sql_query(
        query, database="default", s3_output=f"{place}chunks/", chunksize=7, **way
    )
    assert sum(len(chunk) for chunk in chunks) == len(found)


def test_awswrangler_says_that_nothing_was_found(server):
    with pytest.raises(awswrangler.exceptions.EmptyDataFrame):
        awswrangler.athena.read_sql_query(
            "SELECT eventid FROM cloudtrail_logs WHERE false",
            database="default",
            ctas_approach=False,
            unload_approach=True,
            s3_output="s3://results/nothing/",
        )


def test_pyathena_reads_the_files_that_were_unloaded(server, events):
    connection = pyathena.connect(
        s3_staging_dir="s3://results/unloaded/", region_name="us-east-1", poll_interval=0.05
    )
    with connection.cursor(PandasCursor, unload=True) as cursor:
        found = cursor.execute("SELECT DISTINCT eventid FROM cloudtrail_logs").as_pandas()
    assert set(found["eventid"].dropna()) == events


def test_a_table_lies_with_the_results(athena):
    made = run(athena, "CREATE TABLE beside_results AS SELECT 1 AS n UNION ALL SELECT 2")
    assert made["Status"]["State"] == "SUCCEEDED", made
    folder = f"athena/tables/{made['QueryExecutionId']}"
    assert made["Statistics"]["DataManifestLocation"] == f"s3://results/{folder}-manifest.csv"
    s3 = boto3.client("s3")
    files = s3.list_objects_v2(Bucket="results", Prefix=f"{folder}/")["Contents"]
    manifest = s3.get_object(Bucket="results", Key=f"{folder}-manifest.csv")["Body"].read().decode()
    assert manifest.splitlines() == [f"s3://results/{file['Key']}" for file in files]
    read = run(athena, "SELECT sum(n) AS total FROM beside_results")
    assert stored(read) == [["total"], ["3"]]


def test_awswrangler_describes_and_repairs_a_table(server, athena):
    made = run(
        athena,
        "CREATE EXTERNAL TABLE described (eventname string COMMENT 'what', readonly boolean) "
        "PARTITIONED BY (region string) LOCATION 's3://trail/AWSLogs/'",
    )
    assert made["Status"]["State"] == "SUCCEEDED", made
    described = awswrangler.athena.describe_table("described", database="default", s3_output=OUTPUT)
    assert described.to_dict("list") == {
        "Column Name": ["eventname", "readonly", "region"],
        "Type": ["string", "boolean", "string"],
        "Partition": [False, False, True],
        "Comment": ["what", "", ""],
    }
    assert awswrangler.athena.repair_table("described", database="default", s3_output=OUTPUT) == "SUCCEEDED"


def test_the_aws_cli(server, events):
    def aws(*arguments):
        command = [sys.executable, "-m", "awscli", "athena", *arguments, "--output", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    query_id = aws("start-query-execution", "--query-string", EVENTS)["QueryExecutionId"]
    while (state := aws("get-query-execution", "--query-execution-id", query_id)["QueryExecution"]["Status"])[
        "State"
    ] in ("QUEUED", "RUNNING"):
        time.sleep(0.2)
    assert state["State"] == "SUCCEEDED", state
    rows = aws("get-query-results", "--query-execution-id", query_id)["ResultSet"]["Rows"]
    found = {row["Data"][0].get("VarCharValue") for row in rows[1:]}
    assert found - {None} == events


def test_the_server_is_healthy(server):
    with urllib.request.urlopen(f"{server}/health") as answer:
        assert json.load(answer)["status"] == "ok"
