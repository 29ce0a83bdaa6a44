"""JSON as it must be sent: of a decent size, UTF-8, and nothing no column can hold."""

import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from common.api import Refused

MAX_BODY_BYTES = 1024 * 1024
MAX_DEPTH = 50  # of lists and objects in one another


class StrictJSON(JSONParser):
    """Refuses what Python's reader lets pass and the database does not."""

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        del media_type, parser_context
        content = stream.read(MAX_BODY_BYTES + 1)
        if len(content) > MAX_BODY_BYTES:
            raise too_large()
        try:
            value = json.loads(
                content.decode(), parse_constant=_refuse_constant,
                object_pairs_hook=_pairs,
            )  # fmt: skip
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8.") from None
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        _refuse_unusable(value)
        return value


def too_large() -> Refused:
    message = f"The body is larger than {MAX_BODY_BYTES:,} bytes."
    return Refused(413, "BODY_TOO_LARGE", message)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number.")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values of one name: whoever read the first would decide otherwise."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in an object.")
    return found


def _too_deep() -> ParseError:
    return ParseError("The body is nested too deeply.")


def _refuse_unusable(value: Any) -> None:
    """Raise ParseError for NUL, half characters, and nesting without end."""
    layer = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for each in layer:
            if isinstance(each, str):
                _refuse_text(each)
            elif isinstance(each, dict):
                inner += [*each.keys(), *each.values()]
            elif isinstance(each, list):
                inner += each
        if not inner:
            return
        layer = inner
    raise _too_deep()


def _refuse_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ParseError("The body holds characters that are none.")
