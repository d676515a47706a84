"""A store that speaks S3, for tests (moto): keeps everything in memory, checks no signature.

s3_server.py BUCKET

Prints its port, then serves until the other end of its standard input is closed.
"""

import sys
import threading
import urllib.request

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
request = urllib.request.Request(
    f"http://127.0.0.1:{port}/{sys.argv[1]}",
    method="PUT",
    headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/20130524/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"},
)
urllib.request.urlopen(request).read()
print(port, flush=True)
# Ends with the test, which holds the other end of the pipe.
sys.stdin.read()
server.stop()
