"""A mail server for tests: asks for TLS and a login, and prints what it takes.

smtp_server.py CERTIFICATE KEY starttls|implicit|none

Prints its port, then one JSON object a line for each mail. Knows one login: user, hunter2.
"""

import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Printer:
    async def handle_DATA(self, server, session, envelope):
        print(
            json.dumps(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "tls": session.ssl is not None or implicit,
                    "authenticated": session.authenticated,
                    "content": envelope.content.decode("ascii"),
                }
            ),
            flush=True,
        )
        return "250 OK"


def authenticate(server, session, envelope, mechanism, data):
    # Not handled: the server answers.
    return AuthResult(success=data == LoginPassword(b"user", b"hunter2"), handled=False)


certificate, key, mode = sys.argv[1:]
implicit = mode == "implicit"
context = None
if mode != "none":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)


def session():
    return SMTP(
        Printer(),
        hostname="localhost",
        tls_context=None if implicit else context,
        require_starttls=mode == "starttls",
        auth_required=mode != "none",
        auth_require_tls=mode == "starttls",
        authenticator=authenticate,
    )


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        session, "127.0.0.1", 0, ssl=context if implicit else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    # Ends with the test, which holds the other end of the pipe.
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(serve())
