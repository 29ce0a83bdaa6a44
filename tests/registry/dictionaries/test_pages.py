"""The administrator's pages: list, add, retire, import, export; nobody else's."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from customers.registry.dictionaries.csv_file import MAX_BYTES
from customers.registry.dictionaries.entries import EntryRow, add_entry
from customers.registry.models import MIRRORED, Dictionary, DictionaryEntry
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff
from tests.registry.dictionaries.conftest import (
    HEADING,
    address,
    change,
    csv_file,
    entries,
    page,
)
from tests.registry.pages.forms import NONSENSE

INDUSTRY = Dictionary.INDUSTRY


def test_each_dictionary_has_its_list(desk: Client, demo_bank: Tenant) -> None:
    for dictionary in Dictionary:
        answer = desk.get(address("changelist", dictionary))
        held = entries(demo_bank, dictionary)
        body = answer.content.decode()
        assert answer.status_code == 200
        assert set(answer.context["cl"].result_list) == set(held.values())
        assert ("Add entry" in body) is (dictionary not in MIRRORED)
    assert desk.get(address("changelist", "colours")).status_code == 404


def test_an_entry_is_added(
    desk: Client, demo_bank: Tenant, administrator: User
) -> None:
    said = {"dictionary": "industry", "code": "fishing", "label": "Fishing"}
    answer = desk.post(address("add"), {**said, "order": 3, "reason": "The harbour"})
    assert answer["Location"] == address("changelist")
    version = entries(demo_bank, INDUSTRY)["fishing"].history.get()
    assert version.history_user == administrator
    assert version.history_change_reason == "The harbour"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"code": "agriculture"}, "code"),
        ({"code": "Gold"}, "code"),
        ({"dictionary": "customer_type"}, "dictionary"),
        ({"dictionary": "colours"}, "dictionary"),
        ({"label": ""}, "label"),
        ({"order": "many"}, "order"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_refused_entry_says_why_at_its_field(
    desk: Client, said: dict[str, Any], field: str
) -> None:
    fine = {"dictionary": "industry", "code": "gold", "label": "Gold", "order": 1}
    answer = desk.post(address("add"), {**fine, "reason": "r", **said})
    assert list(answer.context["form"].errors) == [field]
    assert not DictionaryEntry.objects.filter(code="gold").exists()


def test_an_entry_is_retired_with_a_reason_and_never_deleted(
    desk: Client, demo_bank: Tenant
) -> None:
    entry = entries(demo_bank, INDUSTRY)["mining"]
    said = change(entry, label="Mining", order=20, reason="")
    assert "reason" in desk.post(page("change", entry), said).context["form"].errors
    said["reason"] = "All closed"
    answer = desk.post(page("change", entry), said)
    assert answer["Location"] == address("changelist")
    entry.refresh_from_db()
    assert not entry.is_active
    assert "Retired" in desk.get(address("changelist")).content.decode()
    assert "All closed" in desk.get(page("history", entry)).content.decode()
    for method in (desk.get, desk.post):
        assert method(page("delete", entry), {"post": "yes"}).status_code == 403
    assert DictionaryEntry.objects.filter(pk=entry.pk).exists()


def test_the_code_cannot_be_changed_by_a_forged_form(
    desk: Client, demo_bank: Tenant, second_bank: Tenant
) -> None:
    entry = entries(demo_bank, INDUSTRY)["mining"]
    forged = {"code": "gold", "dictionary": "mno", "tenant": second_bank.pk}
    said = change(entry, label="Mines", order=20, is_active="on")
    desk.post(page("change", entry), {**forged, **said})
    entry.refresh_from_db()
    assert (entry.code, entry.dictionary, entry.label) == (
        "mining", "industry", "Mines",
    )  # fmt: skip
    assert entry.tenant_id == demo_bank.pk


def test_a_mirrored_entry_is_shown_and_not_changed(
    desk: Client, demo_bank: Tenant
) -> None:
    entry = entries(demo_bank, Dictionary.CUSTOMER_TYPE)["BANK"]
    assert "Fixed by the software" in desk.get(page("change", entry)).content.decode()
    said = {"label": "Mine", "order": 1, "reason": "r"}
    assert desk.post(page("change", entry), said).status_code == 403
    for name in ("import",):
        answer = desk.post(address(name, "customer_type"), csv_file(HEADING))
        assert answer["Location"] == address("changelist", "customer_type")
    entry.refresh_from_db()
    assert entry.label == "Bank"


def test_a_file_is_exported(desk: Client, demo_bank: Tenant) -> None:
    answer = desk.get(address("export"))
    assert answer["Content-Disposition"] == 'attachment; filename="industry.csv"'
    text = answer.content.decode("utf-8-sig")
    assert text.startswith(HEADING)
    assert len(text.splitlines()) == 1 + len(entries(demo_bank, INDUSTRY))
    assert desk.post(address("export")).status_code == 405
    assert desk.get(address("export", "colours")).status_code == 404


def test_a_file_is_imported_by_code(
    desk: Client, demo_bank: Tenant, second_bank: Tenant, administrator: User
) -> None:
    rows = "fishing,Fishing,3,yes\r\nmining,Mines,20,no\r\n"
    answer = desk.post(address("import"), csv_file(HEADING + rows), follow=True)
    assert "1 added, 1 changed." in answer.content.decode()
    held = entries(demo_bank, INDUSTRY)
    assert held["fishing"].label == "Fishing"
    assert (held["mining"].label, held["mining"].is_active) == ("Mines", False)
    assert held["trade"].is_active, "what the file does not name stays"
    version = held["fishing"].history.get()
    assert version.history_user == administrator
    assert version.history_change_reason == "A new list"
    assert "fishing" not in entries(second_bank, INDUSTRY)
    again = desk.post(address("import"), csv_file(HEADING + rows), follow=True)
    assert "Nothing was different." in again.content.decode()


def test_with_one_error_nothing_is_imported(desk: Client, demo_bank: Tenant) -> None:
    rows = "fishing,Fishing,3,yes\r\nBAD,,x,yes\r\n"
    answer = desk.post(address("import"), csv_file(HEADING + rows))
    body = answer.content.decode()
    assert "Nothing was imported" in body
    assert [(e.row, e.column) for e in answer.context["problems"]] == [
        (3, "code"), (3, "label"), (3, "order"),
    ]  # fmt: skip
    assert "fishing" not in entries(demo_bank, INDUSTRY)


def test_a_file_needs_a_reason_and_must_be_there(desk: Client) -> None:
    no_reason = csv_file(HEADING + "a,A,1,yes\r\n", reason="")
    assert list(
        desk.post(address("import"), no_reason).context["form"].errors
    ) == ["reason"]  # fmt: skip
    for said in ({"reason": "r"}, {"reason": "r", "file": "text"}, csv_file("")):
        errors = desk.post(address("import"), said).context["form"].errors
        assert list(errors) == ["file"]
    assert not DictionaryEntry.objects.filter(code="a").exists()


@pytest.mark.parametrize("size", [MAX_BYTES + 1, 26 * 1024**2])
def test_a_file_that_is_too_large_is_refused(
    desk: Client, demo_bank: Tenant, size: int
) -> None:
    content = (HEADING + "fishing,Fishing,3,yes\r\n").encode().ljust(size)
    answer = desk.post(address("import"), csv_file(content))
    errors = answer.context["form"].errors
    assert errors["file"] == ["The file is larger than 10 MB."]
    assert "fishing" not in entries(demo_bank, INDUSTRY)


def test_an_error_shows_what_was_typed_harmlessly(desk: Client) -> None:
    heading = "code,label,order,active,<script>alert(1)</script>\r\n"
    body = desk.post(address("import"), csv_file(heading)).content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert" in body


@pytest.mark.parametrize("field", ["dictionary", "code", "label", "order", "reason"])
def test_add_survives_nonsense(desk: Client, field: str) -> None:
    fine = {"dictionary": "industry", "code": "gold", "label": "Gold", "order": 1}
    for text in (*NONSENSE, ""):
        said = {**fine, "reason": "r", field: text}
        assert desk.post(address("add"), said).status_code in (200, 302), text


# --- who ---
def test_another_bank_finds_nothing(
    desk: Client, second_bank: Tenant, setup_machine: User
) -> None:
    row = EntryRow("secret", "Secret trade", 1)
    entry = add_entry(second_bank, INDUSTRY, row, by=setup_machine, reason="r")
    assert "Secret" not in desk.get(address("changelist")).content.decode()
    assert "Secret" not in desk.get(address("export")).content.decode()
    said = {"label": "Mine", "order": 1, "reason": "r"}
    for name in ("change", "history"):
        assert desk.get(page(name, entry)).status_code == 404
    assert desk.post(page("change", entry), said).status_code == 404
    nobody = DictionaryEntry(pk=uuid4())
    assert desk.get(page("change", nobody)).status_code == 404
    entry.refresh_from_db()
    assert entry.label == "Secret trade"


@pytest.mark.parametrize(
    "role",
    [
        "client_facing",
        "compliance_officer",
        "senior_manager",
        "governing_body",
        "teller",
        "auditor",
    ],
)
def test_only_administrators_come_in(
    make_staff: MakeStaff, client_as: ClientAs, demo_bank: Tenant, role: str
) -> None:
    client = client_as(make_staff(role))
    entry = entries(demo_bank, INDUSTRY)["mining"]
    urls = [address(name) for name in ("changelist", "add", "export", "import")]
    for url in [*urls, page("change", entry), page("history", entry)]:
        assert client.get(url).status_code == 403, url
    posted = client.post(address("import"), csv_file(HEADING + "a,A,1,yes\r\n"))
    assert posted.status_code == 403
    assert "a" not in entries(demo_bank, INDUSTRY)


def test_an_operator_without_an_institution_sees_no_list(
    make_staff: MakeStaff, client_as: ClientAs, setup_machine: User
) -> None:
    operator = make_staff()
    operator.is_superuser, operator.tenant = True, None
    operator.save_as(setup_machine, "Made a superuser")
    client = client_as(operator)
    listed = client.get(reverse("admin:registry_dictionaryentry_changelist"))
    assert listed.status_code == 200
    assert not listed.context["cl"].result_list
    for name in ("add", "export", "import"):
        assert client.get(address(name)).status_code == 403
    assert not DictionaryEntry.objects.exists()
