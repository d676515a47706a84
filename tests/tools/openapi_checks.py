"""What schemathesis needs to know of steward: loaded by fuzz.test.mjs (SCHEMATHESIS_HOOKS)."""

import json
import re
from urllib.parse import parse_qsl, urlsplit

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import negative_data_rejection


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Lets many ids be such as there are: those of the demo data are small."""
    whole(path_parameters)
    for name, value in (path_parameters or {}).items():
        if isinstance(value, int) and not isinstance(value, bool) and value % 2 == 0:
            path_parameters[name] = abs(value) % 12 + 1
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    whole(query)
    return query


def whole(parameters):
    """In JSON Schema 2.0 is an integer; in an address an integer consists of digits."""
    for name, value in (parameters or {}).items():
        if isinstance(value, float) and value.is_integer():
            parameters[name] = int(value)


@schemathesis.check
def wrong_is_refused(context, response, case):
    """As negative_data_rejection; but an empty value in a query means that there is none."""
    # Nobody looks at what is longer than a head may be.
    if response.status_code == 431:
        return
    # In a path 0 and 1 are false and true as well.
    for parameter in case.operation.path_parameters:
        given = (case.path_parameters or {}).get(parameter.name)
        is_flag = parameter.definition["schema"].get("type") == "boolean"
        if is_flag and type(given) is int and given in (0, 1):
            return
    query = parse_qsl(urlsplit(response.request.url).query, keep_blank_values=True)
    # Nor is a parameter without a name one.
    if any(name == "" or value == "" for name, value in query):
        return
    negative_data_rejection(context, response, case)


# How the server says that it cannot read something, or that nobody asked for it. What else it
# refuses is against a rule of the business, which a schema cannot say: "exactly one of", or that
# something is taken. So are times of the wall clock, which no format of JSON Schema is, and the
# years that are stored.
UNREAD = re.compile(
    r"""cannot\ be\ read\ as\ JSON
    | \ must\ be\ (an?\ (integer|number|text|object|list)|true\ or\ false|base64|JSON)
    | \ must\ (be\ given\ by\ its|have\ an\ object)
    | \ is\ longer\ than\ |\ is\ too\ long
    | \ is\ not\ (one\ of\ the\ allowed\ values|an\ e-mail\ address|a\ date\.|a\ number\ such)
    | \ is\ (not\ known|unknown)|no\ such\ (member|parameter|attribute)
    | is\ not\ UTF-8|needs\ a\ JSON\ body""",
    re.VERBOSE,
)
# What JSON Schema has no word for, and what the documents say in words: which members an activity
# and which conditions a list has.
UNSAID = re.compile(
    r"holds a NUL|^Properties must be an object\.$|^Here the period is too long\.$"
    r"|^filter\[.*\] is not known here\.$",
    re.DOTALL,
)
UNDESCRIBED = "/data/attributes/properties/"


def sentences(problem):
    """All that a problem of any of the families says of what was wrong."""
    if not isinstance(problem, dict):
        return []
    errors = problem.get("Extensions", problem).get("errors")
    if isinstance(errors, list):
        pointed = [(error["detail"], error.get("source", {}).get("pointer", "")) for error in errors]
        return [detail for detail, pointer in pointed if not pointer.startswith(UNDESCRIBED)]
    if errors:
        return [sentence for several in errors.values() for sentence in several]
    return [problem.get("detail") or problem.get("Detail") or ""]


@schemathesis.check
def right_is_read(context, response, case):
    """As positive_data_acceptance; but what is right by the schema may be against a rule."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A form has neither null nor objects, whatever the schema of its members is.
    if response.status_code not in (400, 422) or case.media_type == "application/x-www-form-urlencoded":
        return
    unread = [text for text in sentences(response.json()) if UNREAD.search(text) and not UNSAID.search(text)]
    if unread:
        raise Failure(
            operation=case.operation.label,
            title="What the schema allows cannot be read",
            message="\n".join(unread),
        )


@schemathesis.deserializer("application/x-ndjson")
def read_lines(context, response):
    """A stream is its first line here."""
    lines = response.content.decode().splitlines()
    return json.loads(lines[0]) if lines else {}
