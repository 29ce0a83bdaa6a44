"""Asking, watching, cancelling and downloading by role, over HTTP."""

import re
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from exports.lists import admin_of
from exports.models import Export, ExportDownload
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.exports.bank import ask
from tests.exports.conftest import made
from tests.house import events, path_of

pytestmark = pytest.mark.django_db
CUSTOMERS = "/admin/registry/customer/"
Status = Export.Status


def at(name: str, export: Export) -> str:
    return path_of(f"exports_export_{name}", export.pk)


def dialog(**asked: str) -> str:
    wanted = {"list": "registry.customer", "columns": "customer,email_said", **asked}
    return f"{path_of('exports_export_ask')}?{urlencode(wanted)}"


def form(**said: str) -> dict[str, str]:
    ids = {"_form_submitted": "on", "export_id": str(uuid4())}
    return {**ids, "which": "shown", "reason": "Board paper", "has_mark": "on", **said}


@pytest.fixture
def client(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


def test_from_the_list_to_the_file(
    client: Client, officer: User, make_customer: MakeCustomer, deliver: Deliver
) -> None:
    make_customer(name="Ama Held")
    make_customer(name="Kofi Other")
    body = client.get(f"{CUSTOMERS}?q=ama&columns=customer,email_said").content.decode()
    found = re.search(r'href="([^"]+/ask/[^"]+)"', body)
    assert found, body
    url = found[1].replace("&amp;", "&")
    shown = client.get(url).content.decode()
    assert "1 row, with search and filters" in shown
    assert "Shown: Customer, E-mail." in shown
    same = form()
    for _ in range(2):
        answer = client.post(url, same, HTTP_HX_REQUEST="true")
    export = Export.objects.get()
    assert answer["HX-Redirect"] == at("change", export)
    assert "Waits for a worker." in client.get(at("change", export)).content.decode()
    deliver()
    assert client.get(at("progress", export))["HX-Refresh"] == "true"
    ready = client.get(at("change", export)).content.decode()
    assert at("download", export) in ready
    there = client.get(at("download", export))
    assert there["Location"].startswith("/files/")
    file = client.get(there["Location"])
    content = b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert content.startswith("Name,Number,Legal form,E-mail\r\nAma Held,")
    assert "Kofi" not in content
    assert 'filename="customers-' in file["Content-Disposition"]
    taken = ExportDownload.objects.get()
    assert (taken.by, taken.rows) == (officer, 1)
    assert str(officer) in client.get(at("change", export)).content.decode()
    assert events("ExportDownloaded") == 1


def test_all_columns_are_those_offered(client: Client, deliver: Deliver) -> None:
    client.post(dialog(), form(which="all"))
    deliver()
    export = Export.objects.get()
    assert "risk_label" in export.columns
    assert "phone_said" in export.columns


@pytest.mark.parametrize(
    "query", ["password__startswith=a", "status__regex=a", "id__exact=x", "q=%00"]
)
def test_a_forged_query_is_one_sentence(query: str, client: Client) -> None:
    url = dialog(query=query)
    for answer in (client.get(url), client.post(url, form())):
        assert answer.status_code == 200
        assert "filters cannot be read" in answer.content.decode()
    assert not Export.objects.exists()


def test_no_such_list(client: Client) -> None:
    for key in ("tenants.user", "registry.nothing", "x", ""):
        assert client.get(dialog(list=key)).status_code == 404


@pytest.mark.parametrize("key", ["registry.customer", "deposits.linkedaccount"])
@pytest.mark.parametrize("text", ["+233249990009", "nobody@mail.example", "1000-9999"])
def test_a_search_that_finds_nobody_can_be_exported(
    key: str, text: str, client: Client
) -> None:
    """What has no words of a name is looked for by keys alone: among none, then."""
    columns = ",".join(admin_of(key).list_display)
    url = dialog(list=key, columns=columns, query=urlencode({"q": text}))
    assert "0 rows, with search and filters" in client.get(url).content.decode()
    assert client.post(url, form()).status_code in (200, 302)
    assert Export.objects.get().querystring == urlencode({"q": text})


def test_a_reason_is_needed(client: Client) -> None:
    answer = client.post(dialog(), form(reason=" "))
    assert "Say why in a few words." in answer.content.decode()
    assert not Export.objects.exists()


def test_more_than_is_counted_is_said(
    client: Client, make_customer: MakeCustomer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.admin.asking.COUNT_NO_FURTHER", 1)
    make_customer()
    make_customer()
    assert "More than 1 rows" in client.get(dialog()).content.decode()


def test_the_button_is_for_compliance(
    client: Client, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    assert "Export list" in client.get(CUSTOMERS).content.decode()
    for role in ("client_facing", "teller", "auditor", "senior_manager"):
        other = client_as(make_staff(role))
        assert "Export list" not in other.get(CUSTOMERS).content.decode()
        assert other.get(dialog()).status_code == 403
    packs = client.get("/admin/evidence/evidencepack/").content.decode()
    assert "Export list" not in packs


def test_ones_own_and_all_for_who_audits(
    client: Client, officer: User, client_as: ClientAs, make_staff: MakeStaff,
    second_bank: Tenant,
) -> None:  # fmt: skip
    mine = made(ask(officer, "Mine"))
    colleague = client_as(make_staff("compliance_officer"))
    auditor = client_as(make_staff("auditor"))
    stranger = client_as(make_staff("auditor", tenant=second_bank))
    for name in ("change", "progress"):
        assert client.get(at(name, mine)).status_code == 200
        assert auditor.get(at(name, mine)).status_code == 200
        assert colleague.get(at(name, mine)).status_code == 404
        assert stranger.get(at(name, mine)).status_code == 404
    assert colleague.get(at("download", mine)).status_code == 404
    assert auditor.get(at("download", mine)).status_code == 403
    assert at("download", mine) not in auditor.get(at("change", mine)).content.decode()
    assert "Mine" in auditor.get(path_of("exports_export_changelist")).content.decode()
    empty = colleague.get(path_of("exports_export_changelist")).content.decode()
    assert "No exports yet." in empty


def test_the_right_is_lost_before_the_download(client: Client, officer: User) -> None:
    export = made(ask(officer, "Then moved"))
    officer.groups.clear()
    assert client.get(at("download", export)).status_code == 403
    assert not ExportDownload.objects.exists()


def test_a_store_that_is_away_hands_over_nothing(
    client: Client, officer: User, store: Path
) -> None:
    export = made(ask(officer, "Away"))
    (store.parent / "down").touch()
    answer = client.get(at("download", export), follow=True)
    assert "The store does not answer" in answer.content.decode()
    assert not ExportDownload.objects.exists()


def test_cancel_and_try_again(client: Client, officer: User, deliver: Deliver) -> None:
    export = ask(officer, "Too much")
    assert at("cancel", export) in client.get(at("change", export)).content.decode()
    client.post(at("cancel", export), {"_form_submitted": "on"})
    export.refresh_from_db()
    assert export.status == Status.CANCELLED
    late = client.post(at("again", export), {"_form_submitted": "on"})
    assert "Cannot ask again" in late.content.decode()
    failed = ask(officer, "Has failed")
    failed.fail("The store was away.")
    failed.save_as(officer, "Has failed")
    page = client.get(at("change", failed)).content.decode()
    assert "The store was away." in page
    assert at("again", failed) in page
    client.post(at("again", failed), {"_form_submitted": "on"})
    deliver()
    failed.refresh_from_db()
    assert failed.status == Status.READY


def test_a_page_left_open_stops_asking(client: Client, officer: User) -> None:
    export = ask(officer, "Old")
    assert "every 2s" in client.get(at("change", export)).content.decode()
    long_ago = timezone.now().replace(year=2020)
    Export.objects.filter(pk=export.pk).update(requested_at=long_ago)
    assert "every 2s" not in client.get(at("change", export)).content.decode()


def test_asking_needs_a_token(officer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer, backend="tenants.backends.RoleBackend")
    assert strict.post(dialog(), form()).status_code == 403
    assert not Export.objects.exists()
