"""An S3 server of the tests' own: moto, which checks signatures, with one bucket and one user who may use it."""

import subprocess
import sys
import urllib.parse
from pathlib import Path

PROGRAM = """
import json, logging, sys
logging.getLogger("werkzeug").setLevel(logging.ERROR)
import boto3
from moto import settings
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
def client(name):
    return boto3.client(name, endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x")
iam = client("iam")
iam.create_user(UserName="holdfast")
allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="holdfast", PolicyName="objects", PolicyDocument=json.dumps(allowed))
key = iam.create_access_key(UserName="holdfast")["AccessKey"]
client("s3").create_bucket(Bucket="holdfast", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
settings.INITIAL_NO_AUTH_ACTION_COUNT = 0.0
print(port, key["AccessKeyId"], key["SecretAccessKey"], flush=True)
# Ends when whoever started it ends.
sys.stdin.read()
"""


class ObjectServer:
    """`with ObjectServer() as objects:` starts one."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-W", "ignore", "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        words = self.process.stdout.readline().split()
        if len(words) != 3:
            raise RuntimeError("moto did not start")
        self.port, self.key, self.secret = int(words[0]), words[1], words[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def options(self, folder, prefix="one"):
        """For `holdfast serve`; the key goes into a file below `folder`."""
        path = Path(folder) / "objects-key"
        path.touch(mode=0o600)
        path.write_text(f"{self.key}\n{self.secret}\n")
        query = urllib.parse.urlencode({"endpoint": self.endpoint, "region": "eu-central-1"})
        return ["--objects", f"s3://holdfast/{prefix}?{query}", "--objects-key-file", str(path)]

    def download(self, prefix, folder):
        """Everything below a prefix, as files."""
        import boto3
        client = boto3.client("s3", endpoint_url=self.endpoint, region_name="eu-central-1", aws_access_key_id=self.key, aws_secret_access_key=self.secret)
        for page in client.get_paginator("list_objects_v2").paginate(Bucket="holdfast", Prefix=prefix):
            for item in page.get("Contents", []):
                path = Path(folder) / item["Key"].removeprefix(prefix).lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(client.get_object(Bucket="holdfast", Key=item["Key"])["Body"].read())
