"""The answers to ../account, over testdata/account: a function for each query's label."""
import collections

from logs import STRANGER, counted, get, parameter, role_of, when, zoned


def logins(records, outcome):
    return [r for r in records if r["eventName"] == "ConsoleLogin" and get(r, "responseElements", "ConsoleLogin") == outcome]


def console_logins(records):
    return [(r["eventTime"], get(r, "userIdentity", "userName") or r["userIdentity"]["type"], r["sourceIPAddress"],
             r["additionalEventData"]["MFAUsed"]) for r in logins(records, "Success")]


def console_logins_without_mfa(records):
    return counted((r["userIdentity"]["userName"],) for r in logins(records, "Success") if r["additionalEventData"]["MFAUsed"] == "No")


def failed_logins(records):
    failures = collections.defaultdict(list)
    for r in logins(records, "Failure"):
        failures[r["sourceIPAddress"], r["userIdentity"]["userName"]].append(when(r))
    return sorted((key + (len(times), zoned(min(times)), zoned(max(times))) for key, times in failures.items()), key=lambda row: -row[2])


def logins_after_failures(records):
    failed = [(r["sourceIPAddress"], r["eventTime"]) for r in logins(records, "Failure")]
    rows = [(r["userIdentity"].get("userName"), r["eventTime"],
             sum(ip == r["sourceIPAddress"] and time < r["eventTime"] for ip, time in failed)) for r in logins(records, "Success")]
    return [row for row in rows if row[2]]


def root_used(records):
    return [(r["eventTime"], r["eventSource"], r["eventName"], r["sourceIPAddress"]) for r in records if r["userIdentity"]["type"] == "Root"]


def sessions_with_mfa(records):
    return counted(((role_of(r), r["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"]) for r in records
                    if r["userIdentity"]["type"] == "AssumedRole"), lambda row: (-row[2], row[0]))


def security_groups(records):
    return [(r["eventTime"], r["eventName"], parameter(r, "groupId"), item["fromPort"], span["cidrIp"], span["cidrIp"] == "0.0.0.0/0")
            for r in records if r["eventName"].endswith("SecurityGroupIngress")
            for item in parameter(r, "ipPermissions", "items") for span in item["ipRanges"]["items"]]


def keys_scheduled_for_deletion(records):
    return [(r["eventTime"], role_of(r), r["resources"][0]["ARN"], parameter(r, "pendingWindowInDays"))
            for r in records if r["eventSource"] == "kms.amazonaws.com"]


def trails(records):
    return [(r["eventTime"], r["eventName"], r["userIdentity"]["arn"], r["sourceIPAddress"])
            for r in records if r["eventSource"] == "cloudtrail.amazonaws.com"]


def instances_started(records):
    return [(item["instanceId"], parameter(r, "instanceType"), r["awsRegion"])
            for r in records if r["eventName"] == "RunInstances" for item in r["responseElements"]["instancesSet"]["items"]]


def rights(records):
    return counted((r["eventTime"][:10], r["eventName"], "denied" if "errorCode" in r else "done") for r in records
                   if r["eventSource"] == "iam.amazonaws.com" and r["eventTime"][:10] < "2026-03-03")


def steps(records):
    done = [r for r in records if r["sourceIPAddress"] == STRANGER and "errorCode" not in r]
    names = [r["eventName"] for r in done]
    regions = ", ".join(sorted({r["awsRegion"] for r in done}))
    trail = sum(r["eventSource"] == "cloudtrail.amazonaws.com" for r in done)
    return [("CreateUser" in names, "CreateAccessKey" in names, trail, names[-1], f"[{regions}]")]


def resources_touched(records):
    touched = collections.Counter((resource["type"], resource["ARN"]) for r in records
                                  if r["eventName"] == "GetObject" and role_of(r) == "ops" for resource in r["resources"])
    return sorted((key + (count, count) for key, count in touched.items()), key=lambda row: (-row[2], row[1]))


def bytes_read(records):
    read = collections.defaultdict(list)
    for r in records:
        if r["eventName"] == "GetObject" and "errorCode" not in r:
            key = (r["eventTime"][:10], r["userIdentity"]["arn"], parameter(r, "bucketName"))
            read[key].append(r["additionalEventData"]["bytesTransferredOut"])
    return sorted((key + (len(sent), sum(sent)) for key, sent in read.items()), key=lambda row: (row[0], -row[4]))


def bucket_of_each_object(records):
    return [(r["requestID"], parameter(r, "x-amz-acl"), r["resources"][1]["ARN"]) for r in records if r["eventName"] == "DeleteObject"]


def secrets(records):
    return [(r["userIdentity"]["arn"], parameter(r, "secretId"), r.get("errorCode"), r["sourceIPAddress"])
            for r in records if r["eventName"] == "GetSecretValue"]


def old_tls(records):
    return counted((r["tlsDetails"]["tlsVersion"], r["eventSource"]) for r in records
                   if get(r, "tlsDetails", "tlsVersion") not in (None, "TLSv1.3"))


def addresses(records):
    used = collections.defaultdict(list)
    for r in records:
        if get(r, "userIdentity", "principalId"):
            used[r["userIdentity"]["principalId"]].append(r)
    rows = [(key, len({r["sourceIPAddress"] for r in rs}), sum(len(r.get("resources", [])) for r in rs)) for key, rs in used.items()]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))


def newest_calls(records):
    newest = {}
    for r in records:
        if r["userIdentity"]["type"] in ("IAMUser", "AssumedRole") and get(r, "userIdentity", "principalId"):
            newest[r["eventTime"][:10], r["userIdentity"]["principalId"]] = (r["eventName"], r["eventTime"])
    return sorted(key + call for key, call in newest.items())


def whole_rows(records):
    return [(len(records), sum("errorCode" in r for r in records), sum(len(r.get("resources", [])) for r in records),
             len({r["$path"] for r in records}))]
