"""Log lines, plain or one JSON object each, without what is personal.

Our own code logs ids and numbers. Libraries quote what they were given, so every line
is scrubbed of what has a shape: addresses, phones, ID numbers, what was searched for.
A name has none; so of an error only the kind and the frames are kept, because its words
are where libraries quote values, and of a request the name of its view.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Any

from common.observing.request_id import present_request_id

_SHAPES = (
    (re.compile(r"\?[\w.%\[\]-]+=[^\"'<>\n]*"), "?[query]"),
    (re.compile(r"[\w.+'%-]+(?:@|%40)[\w-][\w.-]*", re.IGNORECASE), "[e-mail]"),
    (re.compile(r"\+\d[\d ().-]{6,}\d"), "[number]"),
    # GHA-123456789-1, P1234567; not the digits of a UUID, which are lower case.
    (re.compile(r"(?<![\w-])[A-Z]{1,4}[- ]?\d{6,}(?:-\d+)*"), "[number]"),
    (re.compile(r"(?<![\w.-])\d{9,}(?![\w-])"), "[number]"),
)


def scrubbed(text: str) -> str:
    """Take out what looks like an e-mail, a phone, an ID number or a query."""
    for shape, word in _SHAPES:
        text = shape.sub(word, text)
    return text


def nobody_in_particular(*_: object) -> str:
    """What django-axes calls whoever failed to sign in; the database knows who."""
    return "somebody"


def view_of(request: Any) -> str:
    """The name of the view that answered; "none" where no address matched.

    Never the path: its parts may be tokens, and a stranger may type anything.
    """
    match = getattr(request, "resolver_match", None)
    return match.view_name or "unnamed" if match else "none"


def message_of(record: logging.LogRecord) -> str:
    """The line's own words, scrubbed; those of Django about a request, without path."""
    request, status = (getattr(record, n, None) for n in ("request", "status_code"))
    if request is not None and status is not None:
        # Django's words are a path, or the host that a stranger named.
        return f"{record.name} answered {status} for {view_of(request)}"
    return scrubbed(record.getMessage())


def error_of(record: logging.LogRecord) -> dict[str, Any]:
    """Kind and frames of the exception and of those that caused it."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    kinds: list[str] = []
    frames: list[str] = []
    while error is not None and len(kinds) < 5:
        kinds.append(type(error).__name__)
        frames += [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
        error = error.__cause__ or error.__context__
    return {"error": " from ".join(kinds), "frames": frames}


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line of ours says besides its words, as name and value."""
    given = getattr(record, "fields", None)
    return given if isinstance(given, dict) else {}


class JsonLines(logging.Formatter):
    """One object a line, for whoever gathers them."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            "request_id": present_request_id(),
            "pid": record.process,
            **fields_of(record),
            **error_of(record),
        }
        return json.dumps(line, ensure_ascii=False, default=str)


class PlainLines(logging.Formatter):
    """For people: time, level, logger, the first of the request id, words, frames."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        cause = (present_request_id() or "-")[-8:]
        said = [f"{at} {record.levelname} {record.name} {cause} {message_of(record)}"]
        said += [f"{name}={value}" for name, value in fields_of(record).items()]
        error = error_of(record)
        if not error:
            return " ".join(said)
        return "\n  ".join([" ".join([*said, error["error"]]), *error["frames"]])
