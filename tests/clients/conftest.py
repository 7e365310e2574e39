"""What every test finds in its environment: an S3 that is moto's."""

import os

import boto3
import pytest
from moto.server import ThreadedMotoServer

KEY, SECRET = "AKIAEXAMPLE", "a secret that both sides know"


@pytest.fixture(scope="session")
def environment():
    """What clients and the server find in their environment, with an S3 that has a bucket."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    moto.start()
    host, port = moto.get_host_and_port()
    values = {
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        # Whatever is not told otherwise goes to the fake, never to AWS.
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    # The AWS CLI keeps the place of its own data in the environment.
    for name in [name for name in os.environ if name.startswith("AWS_") and name != "AWS_DATA_PATH"]:
        del os.environ[name]
    os.environ.update(values)
    boto3.client("s3").create_bucket(Bucket="results")
    yield dict(os.environ)
    moto.stop()
