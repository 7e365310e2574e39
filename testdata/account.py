#!/usr/bin/env python3
"""Make testdata/account: three days of an account, with what response playbooks ask for in them.

usage: python3 testdata/account.py

Sign-ins with and without MFA and failed ones, the root user, users and keys made, policies and security
groups changed, trails and keys tampered with, secrets and objects read. testdata/trail holds an attack;
this holds one of everything. Deterministic; needs only Python.
"""
import datetime as dt
import gzip
import json
import pathlib
import shutil
import uuid

ROOT = pathlib.Path(__file__).parent / "account" / "AWSLogs"
ACCOUNT = "111122223333"
BOTO = "Boto3/1.40.1 md/Botocore#1.40.1"
CLI = "aws-cli/2.27.0 md/prompt#off"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) Chrome/141.0"
SPRAYER, HOME, OFFICE = "198.51.100.77", "203.0.113.5", "192.0.2.10"
records = []


def user(name):
    return {"type": "IAMUser", "principalId": f"AIDAEXAMPLE{name.upper()}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}",
            "accountId": ACCOUNT, "accessKeyId": f"AKIAEXAMPLE{name.upper()}", "userName": name}


def role(name, session, mfa="false"):
    issuer = {"type": "Role", "principalId": f"AROAEXAMPLE{name.upper()}", "accountId": ACCOUNT, "userName": name,
              "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
    return {"type": "AssumedRole", "principalId": f"AROAEXAMPLE{name.upper()}:{session}", "accountId": ACCOUNT,
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}", "accessKeyId": f"ASIAEXAMPLE{name.upper()}",
            "sessionContext": {"sessionIssuer": issuer,
                               "attributes": {"creationDate": "2026-03-01T06:00:00Z", "mfaAuthenticated": mfa}}}


ANN, BOB, DEPLOY = user("ann"), user("bob"), role("deploy", "ci", mfa="true")
APP = role("app", "i-0aaaabbbbccccdddd")
BASTION = role("bastion", "i-0eeeeffff00001111")
OPS = role("ops", "ann@example.com", mfa="true")
ROOT_USER = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT, "accessKeyId": ""}
SERVICE = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}


def record(at, who, source, name, ip, agent, params=None, answer=None, error=None, message=None, region="us-east-1",
           resources=None, extra=None, kind="AwsApiCall", category="Management", tls="TLSv1.3"):
    """One record of eventVersion 1.09; `at` is day of March, hour, minute, second."""
    day, hour, minute, second = at
    when = dt.datetime(2026, 3, day, hour, minute, second)
    made = {"eventVersion": "1.09", "userIdentity": who, "eventTime": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": region, "sourceIPAddress": ip,
            "userAgent": agent}
    if error:
        made["errorCode"] = error
    if message:
        made["errorMessage"] = message
    made |= {"requestParameters": params, "responseElements": answer}
    if extra:
        made["additionalEventData"] = extra
    number = len(records)
    made |= {"requestID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"request {number}")),
             "eventID": str(uuid.uuid5(uuid.NAMESPACE_OID, f"event {number}")),
             "readOnly": name.startswith(("Get", "List", "Describe"))}
    if resources:
        made["resources"] = resources
    made |= {"eventType": kind, "managementEvent": category == "Management", "recipientAccountId": ACCOUNT,
             "eventCategory": category}
    if kind == "AwsApiCall" and who is not SERVICE:
        made["tlsDetails"] = {"tlsVersion": tls, "cipherSuite": "TLS_AES_128_GCM_SHA256",
                              "clientProvidedHostHeader": f"{source}.{region}.amazonaws.com"}
    records.append((when, region, made))


def sign_in(at, who, ip, mfa, failed=False):
    identity = who
    if failed and who["type"] == "IAMUser":
        identity = {key: who[key] for key in ("type", "accountId", "userName")} | {"accessKeyId": ""}
    record(at, identity, "signin", "ConsoleLogin", ip, CHROME, kind="AwsConsoleSignIn",
           answer={"ConsoleLogin": "Failure" if failed else "Success"}, message="Failed authentication" if failed else None,
           extra={"LoginTo": "https://console.aws.amazon.com/console/home", "MobileVersion": "No", "MFAUsed": mfa})


def sign_ins():
    sign_in((1, 8, 0, 5), ANN, OFFICE, "Yes")
    sign_in((1, 8, 30, 12), BOB, HOME, "No")
    for second in (1, 9, 17):
        sign_in((2, 3, 10, second), BOB, SPRAYER, "No", failed=True)
    sign_in((2, 3, 11, 2), {"type": "IAMUser", "accountId": ACCOUNT, "userName": "HIDDEN_DUE_TO_SECURITY_REASONS"},
            SPRAYER, "No", failed=True)
    sign_in((2, 3, 12, 40), BOB, SPRAYER, "No")
    sign_in((3, 7, 55, 0), ROOT_USER, HOME, "Yes")
    record((3, 7, 58, 30), ROOT_USER, "iam", "CreateAccessKey", HOME, CHROME,
           answer={"accessKey": {"userName": "root", "accessKeyId": "AKIAEXAMPLEROOT00001", "status": "Active"}})


def identities():
    do = lambda at, who, name, ip=SPRAYER, **more: record(at, who, "iam", name, ip, CLI, **more)
    do((2, 3, 15, 0), BOB, "CreateUser", params={"userName": "backup-svc"},
       answer={"user": {"userName": "backup-svc", "arn": f"arn:aws:iam::{ACCOUNT}:user/backup-svc"}})
    do((2, 3, 15, 20), BOB, "CreateAccessKey", params={"userName": "backup-svc"},
       answer={"accessKey": {"userName": "backup-svc", "accessKeyId": "AKIAEXAMPLEBACKUP001", "status": "Active"}})
    do((2, 3, 15, 45), BOB, "AttachUserPolicy",
       params={"userName": "backup-svc", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
    do((2, 3, 16, 30), BOB, "PutUserPolicy", params={"userName": "bob", "policyName": "inline", "policyDocument": "{}"},
       error="AccessDenied", message=f"User: {BOB['arn']} is not authorized to perform: iam:PutUserPolicy")
    do((3, 9, 0, 0), ANN, "DeleteAccessKey", ip=OFFICE, params={"userName": "backup-svc", "accessKeyId": "AKIAEXAMPLEBACKUP001"})
    do((1, 9, 5, 0), DEPLOY, "AttachRolePolicy", ip=OFFICE,
       params={"roleName": "app", "policyArn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"})
    do((2, 3, 17, 10), BOB, "UpdateAssumeRolePolicy", params={"roleName": "ops", "policyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D"})
    record((1, 6, 0, 0), SERVICE, "sts", "AssumeRole", "ec2.amazonaws.com", "ec2.amazonaws.com",
           params={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/app", "roleSessionName": "i-0aaaabbbbccccdddd"},
           answer={"assumedRoleUser": {"arn": APP["arn"]}})
    record((2, 3, 20, 0), BOB, "sts", "AssumeRole", SPRAYER, CLI,
           params={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/ops", "roleSessionName": "ann@example.com"},
           answer={"assumedRoleUser": {"arn": OPS["arn"]}})
    record((3, 8, 0, 0), {"type": "SAMLUser", "principalId": "abc:ann@example.com", "userName": "ann@example.com"}, "sts",
           "AssumeRoleWithSAML", OFFICE, CHROME,
           params={"roleArn": f"arn:aws:iam::{ACCOUNT}:role/ops", "roleSessionName": "ann@example.com"})


def network_and_keys():
    def ingress(group, port, cidr):
        ranges = {"items": [{"cidrIp": cidr}]}
        return {"groupId": group, "ipPermissions": {"items": [
            {"ipProtocol": "tcp", "fromPort": port, "toPort": port, "groups": {}, "ipRanges": ranges}]}}
    record((1, 10, 0, 0), DEPLOY, "ec2", "AuthorizeSecurityGroupIngress", OFFICE, BOTO, params=ingress("sg-0web", 443, "10.0.0.0/8"))
    record((2, 3, 25, 0), OPS, "ec2", "AuthorizeSecurityGroupIngress", SPRAYER, CLI, params=ingress("sg-0db", 22, "0.0.0.0/0"),
           region="eu-west-1")
    record((3, 8, 30, 0), OPS, "ec2", "RevokeSecurityGroupIngress", OFFICE, CHROME, params=ingress("sg-0db", 22, "0.0.0.0/0"),
           region="eu-west-1")
    record((2, 3, 26, 0), OPS, "ec2", "RunInstances", SPRAYER, CLI, region="eu-west-1",
           params={"instanceType": "p4d.24xlarge", "minCount": 2, "maxCount": 2},
           answer={"instancesSet": {"items": [{"instanceId": "i-0mine000000000001"}, {"instanceId": "i-0mine000000000002"}]}})
    key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1d2e3f40-0000-4000-8000-000000000001"
    held = [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}]
    record((2, 3, 40, 0), OPS, "kms", "DisableKey", SPRAYER, CLI, params={"keyId": key}, resources=held)
    record((2, 3, 41, 0), OPS, "kms", "ScheduleKeyDeletion", SPRAYER, CLI, params={"keyId": key, "pendingWindowInDays": 7},
           answer={"keyId": key, "deletionDate": "Mar 9, 2026, 12:00:00 AM"}, resources=held)
    trail = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
    record((2, 3, 30, 0), OPS, "cloudtrail", "PutEventSelectors", SPRAYER, CLI, params={"trailName": trail})
    record((2, 3, 31, 0), OPS, "cloudtrail", "StopLogging", SPRAYER, CLI, params={"name": trail})
    record((3, 8, 5, 0), OPS, "cloudtrail", "StartLogging", OFFICE, CHROME, params={"name": trail})
    record((2, 3, 45, 0), OPS, "secretsmanager", "GetSecretValue", SPRAYER, CLI, params={"secretId": "shop/payments"})
    record((1, 12, 0, 0), APP, "secretsmanager", "GetSecretValue", "10.0.3.17", BOTO, params={"secretId": "shop/mail"})
    record((2, 3, 46, 0), BOB, "secretsmanager", "GetSecretValue", SPRAYER, CLI, params={"secretId": "shop/mail"},
           error="AccessDeniedException", message=f"User: {BOB['arn']} is not authorized to perform: secretsmanager:GetSecretValue")


def objects():
    def touched(bucket, key):
        return [{"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"},
                {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}]
    def use(at, who, name, ip, bucket, key, sent=0, agent=BOTO, **more):
        record(at, who, "s3", name, ip, agent, params={"bucketName": bucket, "key": key, "x-amz-acl": "private"},
               extra={"bytesTransferredOut": sent, "x-amz-id-2": "c2FtcGxl"}, resources=touched(bucket, key), category="Data", **more)
    for day in (1, 2, 3):
        for hour in (9, 10):
            use((day, hour, 7 * day, 0), APP, "GetObject", "10.0.3.17", "shop-assets", f"img/{day}-{hour}.png", 2048)
        use((day, 11, 0, 0), APP, "PutObject", "10.0.3.17", "shop-invoices", f"2026/03/{day:02}/1.pdf")
    for part in range(4):
        use((2, 3, 50, part * 5), OPS, "GetObject", SPRAYER, "shop-exports", f"customers/part-{part:04}.parquet", 1048576, agent=CLI)
    use((2, 3, 49, 0), BOB, "GetObject", SPRAYER, "shop-exports", "customers/part-0000.parquet", agent=CLI,
        error="AccessDenied", message="Access Denied")
    use((3, 2, 0, 0), BASTION, "DeleteObject", "10.0.9.9", "shop-assets", "img/old.png", region="eu-west-1", tls="TLSv1.2")
    record((2, 3, 55, 0), OPS, "s3", "PutBucketPolicy", SPRAYER, CLI, params={"bucketName": "shop-exports", "bucketPolicy": {
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}})
    record((1, 13, 0, 0), BASTION, "ec2", "DescribeInstances", "10.0.9.9", BOTO, params={}, region="eu-west-1")
    record((2, 13, 0, 0), BASTION, "ec2", "DescribeInstances", "10.0.9.9", BOTO, params={}, region="eu-west-1",
           error="Client.UnauthorizedOperation", message="You are not authorized to perform this operation.")


def write():
    """A file an hour and region, delivered as the hour ends."""
    shutil.rmtree(ROOT.parent, ignore_errors=True)
    files = {}
    for when, region, made in records:
        files.setdefault((region, when.replace(minute=0, second=0)), []).append(made)
    for (region, hour), inside in sorted(files.items()):
        delivered = hour + dt.timedelta(minutes=59)
        folder = ROOT / ACCOUNT / "CloudTrail" / region / delivered.strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{ACCOUNT}_CloudTrail_{region}_{delivered:%Y%m%dT%H%MZ}_{'Account' + delivered.strftime('%d%H'):0<16}.json.gz"
        text = json.dumps({"Records": inside}, separators=(",", ":"))
        (folder / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    sign_ins()
    identities()
    network_and_keys()
    objects()
    write()
    print(f"{len(records)} events, {sum(1 for _ in ROOT.rglob('*.gz'))} files")
