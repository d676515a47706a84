"""What schemathesis needs to know of steward: loaded by fuzz.test.mjs (SCHEMATHESIS_HOOKS)."""

import json

import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Lets many ids be such as there are: those of the demo data are small."""
    for name, value in (path_parameters or {}).items():
        if isinstance(value, int) and not isinstance(value, bool) and value % 2 == 0:
            path_parameters[name] = abs(value) % 12 + 1
    return path_parameters


@schemathesis.check
def wrong_is_refused(context, response, case):
    """As negative_data_rejection; but an empty value in a query means that there is none."""
    query = case.query or {}
    if any(value in ("", None, [], {}, [""]) for value in query.values()):
        return
    # Nor is a parameter without a name one.
    if "" in query:
        return
    negative_data_rejection(context, response, case)


@schemathesis.deserializer("application/x-ndjson")
def read_lines(context, response):
    """A stream is its first line here."""
    lines = response.content.decode().splitlines()
    return json.loads(lines[0]) if lines else {}
