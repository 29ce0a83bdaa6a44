"""The description against the live API: thousands of requests, none of them ours.

Schemathesis makes them from the description: good ones, broken ones, and chains of
them. Whatever is answered must stand in the description, and nothing may be a 500.
"""

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from api.names import SCOPES
from customers.contacts.models import Phone
from customers.contacts.services import add_contact
from deposits.services import open_account
from documents.choices import Kind
from documents.services import Paper
from documents.uploads import upload_document
from tenants.models import User
from tests.api.conftest import a_token
from tests.conftest import MakeCustomer, MakeStaff
from tests.documents.files import upload
from tests.services.conftest import require

pytestmark = [pytest.mark.service, pytest.mark.django_db(transaction=True)]
LONGEST = 420  # seconds
SEED = 20261121
# A good shape may still be no good request: a phone that exists nowhere is 422.
CONFIG = """
seed = {seed}
request-timeout = 30.0
[parameters]
{parameters}
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 302, 400, 404, 409, 422, 429]
[generation]
max-examples = {examples}
[phases.stateful.generation]
max-examples = {examples}
[output.truncation]
max-lines = 40
"""


@pytest.fixture
def everybody(make_staff: MakeStaff, setup_machine: User) -> User:
    """Somebody who may do all, so that every route is met behind its door."""
    user = make_staff("compliance_officer")
    user.is_superuser = True
    user.save_as(setup_machine, "For the test")
    return user


def test_the_api_answers_as_it_is_described(
    live_server: LiveServer, settings: Settings, tmp_path: Path, everybody: User,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    require("PostgreSQL", connection.vendor == "postgresql")
    settings.API_RATE = settings.API_FAILURE_RATE = "1000000/min"
    settings.MEDIA_ROOT = str(tmp_path / "files")
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"  # discard: nobody listens
    schema, config = tmp_path / "schema.yml", tmp_path / "schemathesis.toml"
    call_command("spectacular", file=str(schema), stdout=StringIO())
    config.write_text(
        CONFIG.format(
            seed=SEED, examples=2, parameters=_known(make_customer, everybody)
        )
    )
    token = a_token(everybody, *SCOPES)
    run = subprocess.run(
        [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(config),
            "run", str(schema), "--url", live_server.url, "--checks", "all",
            "--header", f"Authorization: Bearer {token}", "--no-color",
            "--continue-on-failure",
        ],
        capture_output=True, text=True, timeout=LONGEST, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]


def _known(make_customer: MakeCustomer, by: User) -> str:
    """Ids that lead somewhere: made up, they would all be 404."""
    customer = make_customer(verified=True)
    paper = Paper(kind=Kind.OTHER)
    document = upload_document(customer.pk, paper, upload(), by=by)
    account = open_account(customer.pk, by=by)
    add_contact(customer.pk, "phone", {"number": "+233244188888"}, by=by)
    phone: Any = Phone.objects.of_customer(customer.pk).filter(is_primary=False).get()
    known = {
        "customer_id": customer.pk, "account_id": account.pk, "contact_id": phone.pk,
        "document_id": document.pk,
    }  # fmt: skip
    return "\n".join(f'"path.{name}" = "{pk}"' for name, pk in known.items())
