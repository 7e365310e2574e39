"""Reading logs, and writing values as Athena does, with the standard library alone."""
import collections
import datetime as dt
import gzip
import json
import pathlib

TESTDATA = pathlib.Path(__file__).parents[3] / "testdata"
ISSUER = ("userIdentity", "sessionContext", "sessionIssuer")
STRANGER = "198.51.100.77"


def read(folder):
    """All records of a folder's logs in the order of time, each with its object's name as `$path`."""
    records = []
    for path in sorted((TESTDATA / folder).rglob("*_CloudTrail_*.json.gz")):
        for record in json.loads(gzip.decompress(path.read_bytes()))["Records"]:
            records.append(record | {"$path": str(path)})
    return sorted(records, key=lambda record: (record["eventTime"], record["eventName"]))


def get(record, *names):
    """A member, however deep; None where there is none."""
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def parameter(record, *names):
    return get(record, "requestParameters", *names)


def role_of(record):
    return get(record, *ISSUER, "userName")


def when(record):
    return dt.datetime.fromisoformat(record["eventTime"])


def zoned(moment):
    """A moment as Athena writes a timestamp with time zone."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.000 UTC")


def counted(keys, order=lambda row: row):
    """A row for each key: its columns, and how often it occurs."""
    rows = [key + (count,) for key, count in collections.Counter(keys).items()]
    return sorted(rows, key=order)


def text(value):
    """A value as Athena writes it into a result."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) or "(empty)"
