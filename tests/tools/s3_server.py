"""A store that speaks S3, for tests (moto): keeps everything in memory, checks no signature.

s3_server.py BUCKET PORT

Prints its port, which is any free one when PORT is 0, and serves until the other end of its
standard input is closed.
"""

import sys
import urllib.request

from moto.server import ThreadedMotoServer

# Who a request comes from is read from here, even where nobody checks the signature.
SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20130524/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)

bucket, port = sys.argv[1], int(sys.argv[2])
server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
server.start()
_, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}/{bucket}"
headers = {"Authorization": SIGNED}
urllib.request.urlopen(urllib.request.Request(url, method="PUT", headers=headers)).read()
print(port, flush=True)
sys.stdin.read()
server.stop()
