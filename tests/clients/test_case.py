"""Case folders, checked by other programs than trailq: hashes, formats, and what S3 was sent."""

import csv
import gzip
import hashlib
import json
import os
import pathlib
import subprocess

import boto3
import pyarrow.parquet
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRAILQ = os.environ.get("TRAILQ", ROOT / "target/release/trailq")
QUESTION = [
    *("--role", "arn:aws:iam::111122223333:role/svc/order-processor", "--at", "2026-03-14T14:07:00Z"),
    *("--window", "30m", "--now", "2026-03-14T15:00:00Z", "--source", "testdata/trail"),
]


def trailq(*arguments):
    """Runs trailq where the sample logs lie."""
    return subprocess.run([TRAILQ, *arguments], cwd=ROOT, capture_output=True, text=True)


def investigate(*arguments):
    """A case of the sample logs."""
    return trailq("investigate", *QUESTION, *arguments)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The folder of a case."""
    folder = tmp_path_factory.mktemp("cases") / "case"
    run = investigate("--out", folder)
    assert run.returncode == 0, run.stderr
    return folder


def sha256(content):
    """As a manifest has it."""
    return hashlib.sha256(content).hexdigest()


def test_every_file_is_as_the_manifest_says(case):
    manifest = json.loads((case / "manifest.json").read_text())
    told = {artifact["name"]: (artifact["bytes"], artifact["sha256"]) for artifact in manifest["artifacts"]}
    found = {path.name: path.read_bytes() for path in case.iterdir() if path.name != "manifest.json"}
    assert told == {name: (len(content), sha256(content)) for name, content in found.items()}


def test_every_object_that_was_read_is_as_the_manifest_says(case):
    manifest = json.loads((case / "manifest.json").read_text())
    assert len(manifest["sources"]) > 50
    for source in manifest["sources"]:
        stored = (ROOT / source["name"]).read_bytes()
        content = gzip.decompress(stored) if stored.startswith(b"\x1f\x8b") else stored
        assert (source["bytes"], source["sha256"]) == (len(stored), sha256(stored)), source["name"]
        assert (source["content_bytes"], source["content_sha256"]) == (len(content), sha256(content))
        assert source["records"] == len(json.loads(content)["Records"])


def test_the_timeline_is_the_same_in_every_form(case):
    rows = [json.loads(line) for line in (case / "timeline.jsonl").read_text().splitlines()]
    ids = [row["eventid"] for row in rows]
    assert ids == pyarrow.parquet.read_table(case / "timeline.parquet")["eventid"].to_pylist()
    with open(case / "timeline.csv", newline="") as file:
        assert ids == [row["eventid"] for row in csv.DictReader(file)]
    timesketch = [json.loads(line) for line in (case / "timeline.timesketch.jsonl").read_text().splitlines()]
    assert len(timesketch) == len(ids)
    assert all({"message", "datetime", "timestamp_desc"} <= event.keys() for event in timesketch)
    ocsf = [json.loads(line) for line in (case / "timeline.ocsf.jsonl").read_text().splitlines()]
    assert ids == [event["metadata"]["uid"] for event in ocsf]


def keys(bucket):
    """What a bucket holds."""
    return {item["Key"] for item in boto3.client("s3").list_objects_v2(Bucket=bucket).get("Contents", [])}


def test_a_bucket_gets_a_case_once(environment, case):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="cases", ObjectLockEnabledForBucket=True)
    first = investigate("--out", "s3://cases/one")
    assert first.returncode == 0, first.stderr
    assert keys("cases") == {f"one/{path.name}" for path in case.iterdir()}
    for path in case.iterdir():
        stored = s3.get_object(Bucket="cases", Key=f"one/{path.name}")
        assert stored["Body"].read() == path.read_bytes(), path.name
    again = investigate("--out", "s3://cases/one")
    assert again.returncode == 2 and "holds a case already" in again.stderr
    verified = trailq("verify", "s3://cases/one")
    assert verified.returncode == 0 and "sound: case" in verified.stdout, verified.stderr
    versions = s3.list_object_versions(Bucket="cases")["Versions"]
    assert len(versions) == len(keys("cases")), "nothing was written over"


def test_what_an_interrupted_upload_left_is_taken_over_if_it_is_the_same(environment, case):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="begun")
    for name in ["containment.json", "timeline.csv"]:
        s3.put_object(Bucket="begun", Key=f"same/{name}", Body=(case / name).read_bytes())
        s3.put_object(Bucket="begun", Key=f"other/{name}", Body=b"{}")
    assert investigate("--out", "s3://begun/same").returncode == 0
    other = investigate("--out", "s3://begun/other")
    assert other.returncode == 2 and "holds another containment.json already" in other.stderr
    assert "other/manifest.json" not in keys("begun"), "half a case is none"
