"""The description: whole, without a warning, and shown without a foreign script."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from api.description import ANYWHERE
from tenants.models import User
from tests.conftest import ClientAs
from tests.test_architecture import FOREIGN_ADDRESS

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def schema(tmp_path: Path) -> dict[str, Any]:
    place = tmp_path / "schema.yml"
    call_command("spectacular", "--fail-on-warn", "--validate", file=str(place),
                 stdout=StringIO())  # fmt: skip
    said: dict[str, Any] = yaml.safe_load(place.read_text())
    return said


def test_it_is_whole(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    schemes = schema["components"]["securitySchemes"]
    assert set(schemes) == {"provider", "token", "session"}
    assert schemes["provider"]["bearerFormat"] == "JWT"
    me = schema["paths"]["/api/v1/me"]["get"]
    assert {next(iter(each)) for each in me["security"]} == set(schemes)
    for status in ("400", "401", "403", "429", "500", "503"):
        body = me["responses"][status]["content"]["application/json"]
        assert body["schema"]["$ref"].endswith("/Error")
        (example,) = body["examples"].values()
        assert example["value"]["status_code"] == int(status)


def test_every_post_may_have_a_key(schema: dict[str, Any]) -> None:
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    for methods in schema["paths"].values():
        for method, said in methods.items():
            assert (key in said["parameters"]) is (method == "post")


def test_every_route_says_what_any_route_may_answer(schema: dict[str, Any]) -> None:
    for place, methods in schema["paths"].items():
        for method, said in methods.items():
            known = {int(status) for status in said["responses"] if status.isdigit()}
            assert set(ANYWHERE) <= known, (method, place)


def test_a_key_in_an_address_is_described_as_one(schema: dict[str, Any]) -> None:
    for place in ("/api/v1/customer/{customer_id}",
                  "/api/v1/customer/{customer_id}/documents"):  # fmt: skip
        named = schema["paths"][place]["get"]["parameters"]
        (key,) = (each for each in named if each.get("name") == "customer_id")
        assert key["schema"]["format"] == "uuid"


def test_the_page(client_as: ClientAs, officer: User) -> None:
    page = client_as(officer).get("/api/docs/").content.decode()
    for words in ("get_me", "/api/v1/me", "upload_document", "Idempotency-Key"):
        assert words in page
    assert not FOREIGN_ADDRESS.search(page)
    assert Client().get("/api/docs/").status_code == 302
    assert client_as(officer).get("/api/schema/").status_code == 200
