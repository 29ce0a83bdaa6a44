"""A client that a tool writes from the description, against the live server."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from customers.registry.models import Customer
from tests.api.conftest import a_token
from tests.api.routes_table import CREATE
from tests.conftest import MakeStaff

PACKAGE = "vestibule_client"
SCOPES = ("api.create_customer", "api.fetch_customer", "api.get_customer",
          "api.edit_customer")  # fmt: skip


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The written package; `written("client")` imports one module of it."""
    schema, place = tmp_path / "schema.yml", tmp_path / PACKAGE
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(schema),
                 stdout=StringIO())  # fmt: skip
    config = tmp_path / "config.yml"
    config.write_text("post_hooks: []\n")  # it would format what nobody keeps
    subprocess.run(
        [
            sys.executable, "-m", "openapi_python_client", "generate", "--path", schema,
            "--output-path", place, "--meta", "none", "--config", config,
            "--fail-on-warning",
        ],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    monkeypatch.syspath_prepend(str(tmp_path))
    yield lambda name: importlib.import_module(f"{PACKAGE}.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]


@pytest.mark.django_db(transaction=True)
def test_a_written_client_is_enough(
    written: Any, live_server: LiveServer, make_staff: MakeStaff
) -> None:
    token = a_token(make_staff("client_facing"), *SCOPES)
    client = written("client").AuthenticatedClient(
        base_url=live_server.url, token=token, timeout=30
    )
    models: Any = written("models")

    def call(route: str, *asked: Any, **said: Any) -> Any:
        module = written(f"api.customer.{route}")
        return module.sync_detailed(*asked, client=client, **said)

    body = models.RegistrationRequest.from_dict(CREATE)
    made = call("create_customer", body=body, idempotency_key="k-1")
    again = call("create_customer", body=body, idempotency_key="k-1")
    assert (made.status_code, again.parsed.id) == (201, made.parsed.id)
    assert Customer.objects.count() == 1

    page = call("fetch_customer", name="kofi").parsed
    assert [row.public_id for row in page.results] == [made.parsed.public_id]

    change = models.PatchedCustomerChangeRequest.from_dict(
        {"row_version": made.parsed.row_version, "name": "Kofi Osei"}
    )
    assert call("edit_customer", made.parsed.id, body=change).parsed.name == "Kofi Osei"
    stale = call("edit_customer", made.parsed.id, body=change)
    assert (stale.status_code, stale.parsed.error_code) == (409, "STALE_VERSION")

    may = call("get_eligibility", made.parsed.id).parsed
    assert not may.account.is_eligible
    assert may.account.reasons[0].error_code == "KYC_VERIFICATION_PENDING"
