"""The answers to ../playbook, over testdata/trail: a function for each query's label."""
import collections
import datetime as dt
import ipaddress

from logs import ISSUER, STRANGER, counted, get, parameter, role_of, when, zoned


def access_keys_created(records):
    return [(r["eventTime"], r["userIdentity"]["arn"], r["sourceIPAddress"], parameter(r, "userName"),
             get(r, "responseElements", "accessKey", "accessKeyId"))
            for r in records if r["eventName"] == "CreateAccessKey"]


def users_created(records):
    return [(r["eventTime"], role_of(r), get(r, "responseElements", "user", "arn")) for r in records if r["eventName"] == "CreateUser"]


def policies_changed(records):
    return [(r["eventTime"], r["eventName"], get(r, "userIdentity", "userName") or role_of(r),
             parameter(r, "userName") or parameter(r, "roleName"), parameter(r, "policyArn") or parameter(r, "policyName"))
            for r in records if r["eventName"] in ("AttachUserPolicy", "PutRolePolicy")]


def policies_changed_once(records):
    once = {r["eventID"]: r["eventName"] for r in records if r["eventName"].endswith("Policy") and not r["readOnly"]}
    return counted([(name,) for name in once.values()], lambda row: (-row[1], row[0]))


def roles_assumed(records):
    return counted((parameter(r, "roleArn"), r["sourceIPAddress"],
                    get(r, "userIdentity", "arn") or get(r, "userIdentity", "invokedBy") or get(r, "userIdentity", "principalId"),
                    r["recipientAccountId"])
                   for r in records if r["eventName"] == "AssumeRole" and "errorCode" not in r)


def roles_denied(records):
    return [(r["userIdentity"]["userName"], r["errorMessage"].split("on resource: ")[1])
            for r in records if r["eventName"] == "AssumeRole" and r.get("errorCode") == "AccessDenied"]


def key_used(records):
    rows = []
    for issue in records:
        key = get(issue, "responseElements", "credentials", "accessKeyId")
        if issue["eventName"] == "AssumeRole" and issue["userIdentity"]["type"] == "AssumedRole":
            rows += [(issue["userIdentity"]["arn"], r["eventTime"], r["eventName"], r["recipientAccountId"])
                     for r in records if get(r, "userIdentity", "accessKeyId") == key]
    return rows


def denied_calls(records):
    return counted(((get(r, "userIdentity", "arn"), r["eventSource"], r["eventName"]) for r in records
                    if r.get("errorCode", "").startswith("AccessDenied") and "_us-east-1_" in r["$path"]),
                   lambda row: (-row[3], row[2], row[1], row[0]))


def callers_by_hour(records):
    rows = counted(((f"{when(r):%Y-%m-%d %H}:00", get(r, "userIdentity", "principalId")) for r in records
                    if r["userIdentity"]["type"] != "AWSService"), lambda row: (row[0], -row[2], row[1]))
    return [row for row in rows if row[2] > 5]


def role_use_by_day(records):
    used = collections.defaultdict(list)
    for r in records:
        if get(r, *ISSUER, "arn") == "arn:aws:iam::111122223333:role/svc/order-processor":
            day = when(r).replace(hour=0, minute=0, second=0)
            used[zoned(day), r["userIdentity"]["arn"].split("/")[2]].append(r["sourceIPAddress"])
    return sorted(key + (len(ips), len(set(ips))) for key, ips in used.items())


def regions_used(records):
    services = collections.defaultdict(list)
    for r in records:
        services[r["recipientAccountId"], r["awsRegion"]].append(r["eventSource"])
    return sorted((key + (len(used), len(set(used))) for key, used in services.items()), key=lambda row: -row[2])


def user_agents(records):
    return counted((role_of(r), r["userAgent"].split(" ")[0]) for r in records if r["userIdentity"]["type"] == "AssumedRole")


def calls_from_address(records):
    rows = [r for r in records if r["sourceIPAddress"] == STRANGER and "14:00:00" <= r["eventTime"][11:19] <= "14:10:00"]
    rows.sort(key=lambda r: (r["eventTime"], r["recipientAccountId"]))
    return [(r["eventTime"], f"{r['eventSource'].split('.')[0]}:{r['eventName']}", r.get("errorCode", "ok")) for r in rows]


def addresses_outside(records):
    seen = collections.defaultdict(list)
    for r in records:
        try:
            inside = ipaddress.ip_address(r["sourceIPAddress"]) in ipaddress.ip_network("10.0.0.0/8")
        except ValueError:
            continue
        if not inside:
            seen[r["sourceIPAddress"]].append(r["eventTime"])
    return sorted((ip, min(times), max(times)) for ip, times in seen.items())


def new_addresses(records):
    since, start = {}, {}
    for r in records:
        principal = get(r, "userIdentity", "principalId")
        if principal:
            start.setdefault(principal, when(r))
            since.setdefault((principal, r["sourceIPAddress"]), when(r))
    return sorted(key for key, first in since.items() if first - start[key[0]] >= dt.timedelta(hours=1))


def objects_read(records):
    reads = collections.defaultdict(list)
    for r in records:
        if r["eventName"] == "GetObject":
            reads[role_of(r), parameter(r, "bucketName")].append(r)
    return [key + (len(rs), sum("errorCode" in r for r in rs), ", ".join(sorted({parameter(r, "key").split("/")[0] for r in rs})))
            for key, rs in sorted(reads.items(), key=lambda item: -len(item[1]))]


def secrets_read(records):
    return [(r["eventTime"], r["userIdentity"]["arn"], parameter(r, "secretId"), r.get("errorCode"))
            for r in records if r["eventName"] == "GetSecretValue"]


def trails_tampered(records):
    return [(r["eventTime"], r["eventName"], r.get("errorCode"), parameter(r, "name").split("/")[-1])
            for r in records if r["eventName"] == "StopLogging"]


def after_first_denial(records):
    first = {}
    for r in records:
        if r.get("errorCode") == "AccessDenied":
            first.setdefault(get(r, "userIdentity", "accessKeyId"), when(r))
    rows = [(r["eventTime"], r["eventName"], int((when(r) - first[get(r, "userIdentity", "accessKeyId")]).total_seconds()))
            for r in records if get(r, "userIdentity", "accessKeyId") in first and r["sourceIPAddress"] == STRANGER]
    return [row for row in rows if 0 <= row[2] <= 300]


def sequence_of_calls(records):
    calls = collections.defaultdict(list)
    for r in records:
        if r["sourceIPAddress"] == STRANGER and get(r, "userIdentity", "accessKeyId"):
            calls[r["userIdentity"]["accessKeyId"]].append((r["eventTime"], r["eventName"]))
    rows = [(key, len(made), made[0][0], " > ".join(name for _, name in sorted(made)[:3])) for key, made in calls.items()]
    return sorted(rows, key=lambda row: (-row[1], row[2]))
