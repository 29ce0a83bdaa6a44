"""The API's description as a page of the house, without a script from anywhere."""

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from drf_spectacular import generators


@dataclass(frozen=True)
class Answer:
    status: str
    words: str
    fields: str


@dataclass(frozen=True)
class Operation:
    """One route as it is shown."""

    name: str
    method: str
    path: str
    words: str
    permission: str
    asked: list[tuple[str, str, bool]]  # name, words, is needed
    answers: list[Answer]


def docs(request: HttpRequest) -> HttpResponse:
    """List every route: what it takes, what it answers, whom it lets in."""
    context = {
        **admin.site.each_context(request),
        "title": "API",
        "groups": _groups(),
    }
    return TemplateResponse(request, "api/docs.html", context)


@cache
def _groups() -> list[tuple[str, list[Operation]]]:
    """The routes by the word after the prefix; they change with the code alone."""
    generator: Any = generators.SchemaGenerator
    schema = generator().get_schema(request=None, public=True)
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        group = path.removeprefix("/api/v1/").partition("/")[0]
        found.setdefault(group, []).extend(
            _operation(path, method, said, schema) for method, said in methods.items()
        )
    return sorted(found.items())


def _operation(
    path: str, method: str, said: dict[str, Any], schema: dict[str, Any]
) -> Operation:
    asked = [
        (each["name"], each.get("description", ""), bool(each.get("required")))
        for each in (_of(schema, one) for one in said.get("parameters", ()))
    ]
    for body in said.get("requestBody", {}).get("content", {}).values():
        asked += _fields(_of(schema, body["schema"]), schema)
    return Operation(
        name=said["operationId"],
        method=method.upper(),
        path=path,
        words=said.get("description", ""),
        permission=said.get("x-permission", ""),
        asked=asked,
        answers=[
            _answer(status, each, schema) for status, each in said["responses"].items()
        ],
    )


def _answer(status: str, said: dict[str, Any], schema: dict[str, Any]) -> Answer:
    bodies = said.get("content", {}).values()
    fields = [
        name
        for body in bodies
        if status < "300"
        for name, _, _ in _fields(_of(schema, body.get("schema", {})), schema)
    ]
    words = said.get("description") or HTTPStatus(int(status)).phrase
    return Answer(status, words, ", ".join(fields))


def _fields(
    body: dict[str, Any], schema: dict[str, Any]
) -> list[tuple[str, str, bool]]:
    """The fields of an object; of a list or a page, those of its rows."""
    fields = body.get("properties", {})
    rows = fields.get("results", body)
    if "items" in rows:
        return _fields(_of(schema, rows["items"]), schema)
    needed = body.get("required", ())
    return [
        (name, _of(schema, each).get("description", ""), name in needed)
        for name, each in fields.items()
    ]


def _of(schema: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """What a reference points to; anything else as it stands."""
    found: Any = schema
    for step in said.get("$ref", "").split("/")[1:]:
        found = found[step]
    return found if "$ref" in said else said
