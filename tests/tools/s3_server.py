"""A store that speaks S3, for tests (moto): keeps everything in memory, checks no signature.

s3_server.py BUCKET PORT [CERTIFICATE KEY]

Prints its port, which is any free one when PORT is 0, and serves, over TLS when it has a
certificate, until the other end of its standard input is closed.
"""

import sys
from threading import Thread

import boto3
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

bucket, port, *tls = sys.argv[1:]
server = make_server(
    "127.0.0.1",
    int(port),
    DomainDispatcherApplication(create_backend_app),
    threaded=True,
    ssl_context=tuple(tls) or None,
)
Thread(target=server.serve_forever, daemon=True).start()
boto3.client(
    "s3",
    endpoint_url=f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}",
    verify=False,
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
).create_bucket(Bucket=bucket)
print(server.server_port, flush=True)
sys.stdin.read()
server.shutdown()
