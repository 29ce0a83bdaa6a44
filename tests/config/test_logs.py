"""Log lines carry ids and numbers, never a person; each knows its request."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from common.observing.request_id import caused_by
from config.logs import FORMS, logging_as
from config.observing.lines import JsonLines, PlainLines, scrubbed
from customers.registry.models import Customer
from documents.models import Document
from kyc.start import start_kyc
from tests.conftest import INDIVIDUAL_DETAILS, ClientAs, Deliver, MakeStaff
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.house import PERSON, House, attempt_of, path_of
from tests.house import house as house

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
OURS = (
    "api", "common", "config", "customers", "deposits", "documents", "events",
    "evidence", "exports", "kyc", "onboarding", "tenants", "vestibule",
)  # fmt: skip
PERSONAL = {
    "name": "Esinam Quartey-Papafio", "email": "esinam.quartey@mail.example",
    "phone": "+233244187654", "id_number": "GHA-726354819-0",
    "address": "47 Sunflower Crescent, Tema",
}  # fmt: skip
LOGIN = "kwabena.typed.wrong"
LETTER = "esinam-passport-scan.pdf"


@contextmanager
def everything_logged(form: str) -> Iterator[io.StringIO]:
    """What a process would write: our loggers at DEBUG, those of others at INFO."""
    written = io.StringIO()
    formatter = {"json": JsonLines, "plain": PlainLines}[form]()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    names = ("", *OURS, "django", "axes", "django.server", "kombu.connection")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        wanted = logging.DEBUG if name in OURS else logging.INFO
        logging.getLogger(name).setLevel(wanted)
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def journey(house: House, clerk: Client, officer: Client, deliver: Deliver) -> Customer:
    """Register, verify, provision, search, hand in a paper, type a wrong password."""
    person = {
        "id": uuid4(), "customer_type": "INDIVIDUAL", "entity_type": "individual",
        "channel": "agent", **INDIVIDUAL_DETAILS, **PERSONAL,
    }  # fmt: skip
    clerk.post(path_of("registry_customer_add"), person)
    customer: Customer = Customer.objects.get(email=PERSONAL["email"])
    clerk.post(path_of("kyc_start", customer.pk))
    by = customer.history.last().history_user
    answers = {**PERSON, "document_number": PERSONAL["id_number"]}
    house.open_and_submit(start_kyc(customer.pk, by=by).url, answers)
    deliver()
    house.review(attempt_of(customer).applicant_id, "approve")
    deliver()
    for typed in PERSONAL.values():
        clerk.get(path_of("registry_customer_changelist"), {"q": typed})
        clerk.get(f"/admin/{typed}/", {"q": typed})
        clerk.get(f"/nowhere/{typed}")
    clerk.post(
        path_of("documents_upload", customer.pk),
        {"kind": "id", "id": uuid4(), "files": upload(pdf("id"), LETTER)},
    )
    deliver()
    officer.get(path_of("documents_decide", Document.objects.first().pk))  # type: ignore[union-attr]
    for _ in range(7):
        Client().post(
            "/admin/login/",
            {"username": f"{LOGIN}@bank.example", "password": "a-wrong-password"},
        )
        Client().post("/admin/login/", {"username": PERSONAL["name"], "password": "x"})
    Client().get("/admin/", HTTP_HOST=f"{LOGIN}.example")
    Client(enforce_csrf_checks=True).post(
        "/admin/login/", {}, HTTP_REFERER=f"https://x.example/?q={PERSONAL['name']}"
    )
    house.post_callback(
        json.dumps({"name": PERSONAL["name"], "phone": PERSONAL["phone"]}).encode(), {}
    )
    return customer


def pieces() -> list[str]:
    """Whole values and their parts, as they might be quoted or be in an address."""
    words = [*PERSONAL.values(), LOGIN, LETTER, "a-wrong-password"]
    words += ["Esinam", "Quartey", "Papafio", "Sunflower", "244187654", "726354819"]
    words += [PERSON["first_name"], PERSON["last_name"], "Ring Road"]
    return words + [word.replace(" ", "%20") for word in words]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["json", "plain"])
def test_a_whole_journey_names_nobody(
    form: str, house: House, client_as: ClientAs, make_staff: MakeStaff,
    deliver: Deliver, files_folder: object,
) -> None:  # fmt: skip
    clerk = client_as(make_staff("client_facing"))
    officer = client_as(make_staff("compliance_officer"))
    with everything_logged(form) as written:
        customer = journey(house, clerk, officer, deliver)
    text = written.getvalue()
    customer.refresh_from_db()
    assert customer.kyc_status == "verified", "the journey went all the way"
    assert Document.objects.filter(original_name=LETTER).exists()
    assert "admin:registry_customer_changelist" in text
    assert "AXES: Locking out somebody" in text
    found = [word for word in pieces() if word.lower() in text.lower()]
    assert not found, [line for line in text.splitlines() if found[0] in line]


# --- one line ------------------------------------------------------------------------
def line_of(form: str = "json", **overrides: Any) -> str:
    usual = {
        "name": "kyc.filing", "level": logging.WARNING, "pathname": "x.py", "lineno": 1,
        "msg": "Image %s not filed", "args": ("abc",), "exc_info": None,
    }  # fmt: skip
    extra = overrides.pop("extra", {})
    record = logging.LogRecord(**{**usual, **overrides})
    for name, value in extra.items():
        setattr(record, name, value)
    return ({"json": JsonLines, "plain": PlainLines}[form])().format(record)


def test_a_line_is_one_object_and_knows_its_request() -> None:
    with caused_by("request-of-this-line"):
        line = json.loads(line_of(msg="two\nlines %s", args=("“x”",)))
    assert line["message"] == "two\nlines “x”"
    assert line["request_id"] == "request-of-this-line"
    assert (line["level"], line["logger"]) == ("WARNING", "kyc.filing")
    assert line["at"].endswith("+00:00")
    assert "\n" not in line_of(msg="two\nlines", args=())
    assert json.loads(line_of())["request_id"] is None


def test_a_plain_line_shows_the_end_of_it() -> None:
    with caused_by("0198aabbccddeeff"):
        line = line_of("plain", extra={"fields": {"view": "home", "status": 200}})
    assert "ccddeeff Image abc not filed view=home status=200" in line


@pytest.mark.parametrize("form", ["json", "plain"])
def test_of_an_error_its_kind_and_frames(form: str) -> None:
    """Its words are where libraries quote what they were given."""
    try:
        try:
            raise KeyError("Esinam Quartey")
        except KeyError as first:
            raise RuntimeError("duplicate key (email)=(ama@mail.example)") from first
    except RuntimeError as error:
        info = (type(error), error, error.__traceback__)
        line = line_of(form, exc_info=info)
    assert "RuntimeError from KeyError" in line
    assert "test_logs.py:" in line
    assert "Esinam" not in line
    assert "mail.example" not in line


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to ama@mail.example now", "write to [e-mail] now"),
        ("ama%40mail.example", "[e-mail]"),
        ("called +233 24 419-9999 twice", "called [number] twice"),
        ("called 0244199999 twice", "called [number] twice"),
        ("id GHA-123456789-1.", "id [number]."),
        ("passport P1234567", "passport [number]"),
        ('"GET /a/?q=Ama Mensah&p=1 HTTP/1.1" 200', '"GET /a/?[query]" 200'),
        ("url: /x?name=Ama+Mensah (Caused by", "url: /x?[query]"),
        ("Is it? Yes.", "Is it? Yes."),
        ("Delivery 01989f3e-1111-7aaa-8bbb-123456789012 failed", None),
        ("customer 1000-0042: 5000 rows in 12345678 µs", None),
        (
            "applicant 66aa00000000000000000001, id 0198aabbccddeeff0198aabbccddeeff",
            None,
        ),
        ("at 2026-11-21 17:29:48.123456", None),
    ],
)
def test_what_has_a_shape_is_scrubbed(text: str, kept: str | None) -> None:
    assert scrubbed(text) == (kept or text)


@pytest.mark.parametrize(
    ("form", "formatter"), [("json", "json"), ("plain", "plain"), ("yaml", "json")]
)
def test_the_form_is_a_setting(form: str, formatter: str) -> None:
    line = logging_as(form)["formatters"]["line"]
    assert line == {"()": FORMS[formatter]}


def test_the_web_server_writes_no_access_log_of_its_own() -> None:
    """Its format has query strings and paths; ours has the name of the view."""
    procfile = (ROOT / "Procfile").read_text()
    assert "--access-logfile /dev/null" in procfile
    written = (ROOT / "gunicorn.conf.py").read_text()
    named: dict[str, Any] = {}
    exec(compile(written, "gunicorn.conf.py", "exec"), named)  # noqa: S102 - ours
    used = set(re.findall(r"%\((.*?)\)s", named["access_log_format"]))
    assert not used & {"r", "q", "U", "f", "a", "u"}, "path, query, referrer, agent"
    assert "{x-request-id}o" in used
