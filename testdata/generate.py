#!/usr/bin/env python3
"""Make testdata/trail: a small CloudTrail bucket in true S3 layout, with an attack in it.

usage: python3 testdata/generate.py

Two accounts, two regions, three hours. The Lambda function of the role svc/order-processor works
as usual until its credentials are stolen: from 14:01 a stranger looks around with them, is denied
a few times, makes a user with a key, chains into the other account, reads an export bucket and
stops the trail; from 14:20 a responder contains the role. Deterministic; needs only Python.
"""
import datetime as dt
import gzip
import json
import pathlib
import random
import shutil

ROOT = pathlib.Path(__file__).parent / "trail" / "AWSLogs"
DAY = dt.datetime(2026, 3, 14)
SHOP, VAULT = "111122223333", "444455556666"
ROLE, ROLE_ID = "order-processor", "AROAEXAMPLEORDERPROC1"
STRANGER = "198.51.100.77"
rng = random.Random(20260314)
records = {}  # (account, region) -> [(event time, record)]
events = 0


def uuid():
    bits = f"{rng.getrandbits(128):032x}"
    return "-".join((bits[:8], bits[8:12], bits[12:16], bits[16:20], bits[20:]))


def session(account, role, role_id, path, name, key, born):
    return {
        "type": "AssumedRole", "principalId": f"{role_id}:{name}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}", "accountId": account, "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "principalId": role_id, "accountId": account, "userName": role,
                              "arn": f"arn:aws:iam::{account}:role/{path}{role}"},
            "attributes": {"creationDate": born, "mfaAuthenticated": "false"},
        },
    }


def user(name, key):
    return {"type": "IAMUser", "principalId": f"AIDAEXAMPLE{name.upper().replace('.', '')}", "accountId": SHOP,
            "arn": f"arn:aws:iam::{SHOP}:user/{name}", "accessKeyId": key, "userName": name}


WORKER = session(SHOP, ROLE, ROLE_ID, "svc/", "order-processor", "ASIAEXAMPLEWORKER001", "2026-03-14T12:55:02Z")
WEB = session(SHOP, "order-processor-ro", "AROAEXAMPLELOOKALIKE1", "svc/", "i-0aaaabbbbccccdddd", "ASIAEXAMPLEWEB000001", "2026-03-14T12:10:00Z")
CHAINED = session(VAULT, "backup-reader", "AROAEXAMPLEBACKUPRDR1", "", "x", "ASIAEXAMPLECHAINED01", "2026-03-14T14:09:31Z")
ADMIN = user("rosa.admin", "AKIAEXAMPLEROSA00001")
LAMBDA = {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}
LAMBDA_AGENT = "Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux lang/python#3.13.1 exec-env/AWS_Lambda_python3.13"


def record(at, who, source, name, ip, agent, account=SHOP, region="us-east-1", params=None, answer=None,
           error=None, message=None, read_only=None, resources=None, shared=None, category="Management"):
    """One record of eventVersion 1.11, filed under the account and region it was recorded in."""
    global events
    events += 1
    when = DAY + dt.timedelta(hours=at[0], minutes=at[1], seconds=at[2])
    made = {
        "eventVersion": "1.11", "userIdentity": who, "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": region,
        "sourceIPAddress": ip, "userAgent": agent,
    }
    if error:
        made |= {"errorCode": error, "errorMessage": message or error}
    made |= {"requestParameters": params, "responseElements": answer, "requestID": uuid(), "eventID": uuid(),
             "readOnly": name.startswith(("Get", "List", "Describe")) if read_only is None else read_only}
    if resources:
        made["resources"] = resources
    made |= {"eventType": "AwsApiCall", "managementEvent": category == "Management", "recipientAccountId": account}
    if shared:
        made["sharedEventID"] = shared
    made["eventCategory"] = category
    if source != "lambda" and who.get("type") != "AWSService":
        made["tlsDetails"] = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
                              "clientProvidedHostHeader": f"{source}.{region}.amazonaws.com"}
    records.setdefault((account, region), []).append((when, made))
    return made


def business_as_usual():
    for minute in range(13 * 60, 16 * 60):
        at = lambda: (minute // 60, minute % 60, rng.randrange(60))
        if minute % 3 == 0 and minute < 14 * 60 + 21:
            order = {"tableName": "orders", "key": {"id": rng.randrange(10**6)}}
            record(at(), WORKER, "dynamodb", "GetItem", "10.0.3.17", LAMBDA_AGENT, params=order, category="Data")
        if minute % 7 == 0 and minute < 14 * 60 + 21:
            record(at(), WORKER, "s3", "PutObject", "10.0.3.17", LAMBDA_AGENT, category="Data", read_only=False,
                   params={"bucketName": "shop-invoices", "key": f"2026/03/14/{rng.randrange(10**6)}.pdf"})
        if minute % 55 == 0:
            assume = {"roleArn": f"arn:aws:iam::{SHOP}:role/svc/{ROLE}", "roleSessionName": "order-processor"}
            record(at(), LAMBDA, "sts", "AssumeRole", "lambda.amazonaws.com", "lambda.amazonaws.com", params=assume,
                   answer={"credentials": {"accessKeyId": "ASIAEXAMPLEWORKER001", "expiration": "Mar 15, 2026, 1:55:02 AM"},
                           "assumedRoleUser": {"assumedRoleId": f"{ROLE_ID}:order-processor",
                                               "arn": f"arn:aws:sts::{SHOP}:assumed-role/{ROLE}/order-processor"}})
        for _ in range(rng.randrange(3)):
            name = rng.choice(["DescribeInstances", "DescribeVolumes", "DescribeSecurityGroups"])
            record(at(), WEB, "ec2", name, "10.0.1.9", "aws-sdk-go-v2/1.38.0", region="eu-west-1", params={})
        if minute % 11 == 0:
            record(at(), user("ben.dev", "AKIAEXAMPLEBEN000001"), "logs", "GetLogEvents", "203.0.113.20",
                   "console.amazonaws.com", params={"logGroupName": "/aws/lambda/order-processor"})
        if minute % 13 == 0:
            record(at(), {"type": "AWSService", "invokedBy": "backup.amazonaws.com"}, "kms", "Decrypt",
                   "backup.amazonaws.com", "backup.amazonaws.com", account=VAULT, region="eu-west-1",
                   params={"keyId": f"arn:aws:kms:eu-west-1:{VAULT}:key/3f7b0d52-9c1e-4d4e-8b53-0d8c7a1e2f10"})


def attack():
    agent = "aws-cli/2.27.0 md/prompt#off os/linux#6.12 lang/python#3.13.2"
    do = lambda at, source, name, **more: record(at, WORKER, source, name, STRANGER, agent, **more)
    denied = lambda action, on: {
        "error": "AccessDenied",
        "message": f"User: {WORKER['arn']} is not authorized to perform: {action} on resource: {on} "
                   "because no identity-based policy allows the action"}
    do((14, 1, 12), "sts", "GetCallerIdentity")
    do((14, 1, 40), "s3", "ListBuckets")
    do((14, 2, 5), "iam", "ListRoles", region="us-east-1")
    do((14, 2, 6), "iam", "GetRole", params={"roleName": ROLE})
    do((14, 2, 31), "iam", "ListUsers", **denied("iam:ListUsers", f"arn:aws:iam::{SHOP}:user/"))
    do((14, 3, 2), "secretsmanager", "ListSecrets", region="eu-west-1")
    do((14, 3, 20), "secretsmanager", "GetSecretValue", params={"secretId": "shop/payments"},
       **denied("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{SHOP}:secret:shop/payments-a1b2c3"))
    do((14, 5, 44), "iam", "CreateUser", params={"userName": "svc-metrics"}, read_only=False,
       answer={"user": {"userName": "svc-metrics", "arn": f"arn:aws:iam::{SHOP}:user/svc-metrics", "userId": "AIDAEXAMPLESVCMETRICS"}})
    do((14, 5, 58), "iam", "CreateAccessKey", params={"userName": "svc-metrics"}, read_only=False,
       answer={"accessKey": {"userName": "svc-metrics", "accessKeyId": "AKIAEXAMPLEMETRICS01", "status": "Active"}})
    do((14, 6, 20), "iam", "AttachUserPolicy", read_only=False,
       params={"userName": "svc-metrics", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
    # Chaining into the other account is recorded in both; the other one's copy has no ARN.
    shared = uuid()
    chain = {"params": {"roleArn": f"arn:aws:iam::{VAULT}:role/backup-reader", "roleSessionName": "x"},
             "answer": {"credentials": {"accessKeyId": "ASIAEXAMPLECHAINED01", "expiration": "Mar 14, 2026, 3:09:31 PM"},
                        "assumedRoleUser": {"assumedRoleId": "AROAEXAMPLEBACKUPRDR1:x",
                                            "arn": f"arn:aws:sts::{VAULT}:assumed-role/backup-reader/x"}},
             "read_only": True, "shared": shared}
    do((14, 9, 31), "sts", "AssumeRole", **chain)
    foreign = {"type": "AWSAccount", "principalId": WORKER["principalId"], "accountId": SHOP}
    record((14, 9, 31), foreign, "sts", "AssumeRole", STRANGER, agent, account=VAULT, **chain)
    record((14, 10, 2), CHAINED, "backup", "ListRecoveryPointsByBackupVault", STRANGER, agent, account=VAULT,
           region="eu-west-1", params={"backupVaultName": "shop"})
    for n in range(6):
        do((14, 11, 5 + 7 * n), "s3", "GetObject", category="Data",
           params={"bucketName": "shop-exports", "key": f"customers/part-{n:04d}.parquet"})
    do((14, 14, 50), "cloudtrail", "StopLogging", params={"name": f"arn:aws:cloudtrail:us-east-1:{SHOP}:trail/main"},
       read_only=False, **denied("cloudtrail:StopLogging", f"arn:aws:cloudtrail:us-east-1:{SHOP}:trail/main"))
    record((14, 16, 0), user("svc-metrics", "AKIAEXAMPLEMETRICS01"), "sts", "AssumeRole", STRANGER, agent,
           error="AccessDenied", message=f"User: arn:aws:iam::{SHOP}:user/svc-metrics is not authorized to perform: "
           f"sts:AssumeRole on resource: arn:aws:iam::{SHOP}:role/svc/{ROLE}")


def containment():
    agent = "aws-cli/2.27.0 md/prompt#off os/macos#24.6 lang/python#3.13.2"
    do = lambda at, name, **more: record(at, ADMIN, "iam", name, "203.0.113.5", agent, **more)
    do((14, 20, 11), "GetRole", params={"roleName": ROLE})
    do((14, 20, 40), "PutRolePolicy", read_only=False, params={
        "roleName": ROLE, "policyName": "AWSRevokeOlderSessions",
        "policyDocument": json.dumps({"Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Action": "*", "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-03-14T14:20:40Z"}}}]})})
    record((14, 22, 3), WORKER, "s3", "GetObject", STRANGER, "aws-cli/2.27.0", category="Data",
           params={"bucketName": "shop-exports", "key": "customers/part-0006.parquet"},
           error="AccessDenied", message="Access Denied")


def write():
    """Files of five minutes, delivered five minutes later; a few records are delivered twice."""
    shutil.rmtree(ROOT.parent, ignore_errors=True)
    for (account, region), timed in sorted(records.items()):
        files = {}
        for when, made in timed:
            start = when - dt.timedelta(minutes=when.minute % 5, seconds=when.second)
            files.setdefault(start, []).append(made)
        for start, inside in sorted(files.items()):
            again = next((made for made in inside if made["eventName"] == "AttachUserPolicy"), None)
            rng.shuffle(inside)
            put(account, "CloudTrail", region, start + dt.timedelta(minutes=5), {"Records": inside})
            if again:
                put(account, "CloudTrail", region, start + dt.timedelta(minutes=10), {"Records": [again]})
        put(account, "CloudTrail-Digest", region, DAY + dt.timedelta(hours=16),
            {"awsAccountId": account, "digestStartTime": "2026-03-14T15:00:00Z", "logFiles": []})


def put(account, kind, region, delivered, content):
    folder = ROOT / account / kind / region / delivered.strftime("%Y/%m/%d")
    folder.mkdir(parents=True, exist_ok=True)
    unique = "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=16))
    name = f"{account}_{kind}_{region}_{delivered:%Y%m%dT%H%MZ}_{unique}.json.gz"
    text = json.dumps(content, separators=(",", ":"))
    (folder / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


business_as_usual()
attack()
containment()
write()
print(f"{events} events, {sum(1 for _ in ROOT.rglob('*.gz'))} files")
