"""Panel, dialogs, list and record of linked accounts; who sees what of a number."""

import json
import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from customers.registry import customer_page
from customers.registry.models import Customer
from deposits.linked.choices import NameMatch
from deposits.linked.panel import build_linked
from deposits.linked.services import make_primary, remove_linked_account
from deposits.models import LinkedAccount, ProofAmount
from evidence.chapters import chapters
from tenants.models import User
from tests.conftest import ClientAs, Deliver, MakeStaff
from tests.deposits.linking import IBAN, accepted_proof, linked, sent, verified

pytestmark = pytest.mark.django_db
LIST = reverse("admin:deposits_linkedaccount_changelist")
FORM = {"_form_submitted": "True"}


def at(deed: str, row: LinkedAccount | Customer) -> str:
    return reverse(f"admin:deposits_linkedaccount_{deed}", args=[row.pk])


def said_in(client: Client, url: str) -> str:
    answer = client.get(url, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def found(client: Client, term: str) -> set[str]:
    answer = client.get(LIST, {"q": term}, follow=True)
    return {str(row.pk) for row in answer.context["cl"].result_list}


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return json.dumps(list(rows), default=str, ensure_ascii=False)


def verbs(customer: Customer, user: User) -> list[str]:
    (row,) = build_linked(customer, user).context["rows"]
    first = [row.verb.title] if row.verb else []
    return first + [verb.title for verb in row.menu]


# --- the number ---------------------------------------------------------------------
def test_no_page_shows_more_than_the_last_four(
    ama: Customer, clerk: User, officer: User, client_as: ClientAs
) -> None:
    row = verified(ama, clerk, officer)
    make_primary(row.pk, by=clerk)
    version = row.history.first().pk
    client = client_as(officer)
    pages = [
        LIST, at("change", row), at("history", row), f"{LIST}?q={ama.public_id}",
        reverse("admin:deposits_linkedaccount_simple_history", args=[row.pk, version]),
        reverse("admin:registry_customer_change", args=[ama.pk]),
        reverse("admin:registry_customer_timeline", args=[ama.pk]),
        at("remove", row), at("primary", row),
        reverse("admin:events_recordedevent_changelist"),
    ]  # fmt: skip
    for url in pages:
        page = said_in(client, url)
        assert IBAN[4:18] not in page, url
        assert row.number_index not in page, url
    assert "••••5432" in said_in(client, at("change", row))


def test_evidence_packs_have_the_last_four_alone(
    ama: Customer, clerk: User, officer: User, teller: User
) -> None:
    row = linked(ama, clerk)
    sent(row, teller)
    written = {
        f"{chapter.key}/{entry.path}": _json(entry.rows)
        for chapter in chapters()
        if chapter.key in ("linked-accounts", "versions")
        for entry in chapter.provider(ama)
        if entry.rows is not None
    }
    assert "••••5432" in written["linked-accounts/list.json"]
    assert "TA-" in written["linked-accounts/test-amounts.json"]
    assert "West Bank" in written["versions/deposits.linkedaccount.json"]
    digest = ProofAmount.objects.get().digest
    for place, text in written.items():
        for secret in (IBAN, row.number_index, digest):
            assert secret not in text, place


def test_a_full_number_is_found_by_compliance_and_not_by_the_front_line(
    ama: Customer, kofi: Customer, clerk: User, officer: User, teller: User,
    client_as: ClientAs, deliver: Deliver,
) -> None:  # fmt: skip
    rows = {str(linked(customer, clerk).pk) for customer in (ama, kofi)}
    assert found(client_as(officer), "gb82 west 1234 5698 7654 32") == rows
    for person in (clerk, teller):
        assert found(client_as(person), IBAN) == set()
        assert len(found(client_as(person), ama.public_id)) == 1


def test_what_compliance_sees_of_sharing_the_front_line_does_not(
    ama: Customer, kofi: Customer, clerk: User, officer: User, teller: User,
    client_as: ClientAs, deliver: Deliver,
) -> None:  # fmt: skip
    row = linked(ama, clerk)
    urls = [
        at("change", row), reverse("admin:registry_customer_change", args=[ama.pk]),
        reverse("admin:registry_customer_timeline", args=[ama.pk]),
        reverse("admin:index"),
    ]  # fmt: skip
    plain = re.compile(r"(?i)csrf[^>]*|nonce=\S+|\b\d+ ?(s|min)\b")

    def pages(person: User) -> list[str]:
        client = client_as(person)
        return [plain.sub("", said_in(client, url)) for url in urls]

    deliver()
    before = {person: pages(person) for person in (clerk, teller)}
    linked(kofi, clerk)
    deliver()
    for person, seen in before.items():
        for page, known in zip(pages(person), seen, strict=True):
            assert page == known
    page = said_in(client_as(officer), urls[0])
    assert "The same number" in page
    assert kofi.name in page


# --- the panel ----------------------------------------------------------------------
def test_who_may_do_what(
    ama: Customer, clerk: User, officer: User, teller: User, make_staff: MakeStaff
) -> None:
    row = linked(ama, clerk)
    assert verbs(ama, clerk) == ["Remove"]
    assert verbs(ama, teller) == ["Make a test amount"]
    assert verbs(ama, officer) == [
        "Verify", "Make a test amount", "Refuse", "Remove",
    ]  # fmt: skip
    assert verbs(ama, make_staff("auditor")) == []
    sent(row, teller)
    assert verbs(ama, officer)[0] == "Enter amount"
    assert verbs(ama, teller) == ["Make another test amount"]
    sent(row, officer)
    assert "Enter amount" not in verbs(ama, officer)


def test_what_the_panel_says(ama: Customer, clerk: User, officer: User) -> None:
    panel = build_linked(ama, clerk)
    assert (panel.empty_fact, panel.verb) == (
        "No account elsewhere is known.", "Link an account",
    )  # fmt: skip
    assert build_linked(ama, officer.__class__()).verb == ""
    row = verified(ama, clerk, officer)
    make_primary(row.pk, by=clerk)
    (line,) = build_linked(ama, clerk).context["rows"]
    assert line.title == "West Bank ••••5432"
    assert line.meta.startswith("Verified ")
    assert line.meta.endswith(", primary for payouts, bank account")
    remove_linked_account(row.pk, reason="Closed", by=clerk)
    assert build_linked(ama, clerk).context["rows"] == []


def test_it_is_on_the_customer_page(
    ama: Customer, clerk: User, client_as: ClientAs
) -> None:
    linked(ama, clerk)
    shown = {panel.key for panel, _ in customer_page.panels_for(ama, clerk)}
    assert "linked_accounts" in shown
    url = reverse("admin:registry_customer_change", args=[ama.pk])
    page = said_in(client_as(clerk), url)
    assert "West Bank ••••5432" in page
    assert at("remove", LinkedAccount.objects.get()) in page


# --- the dialogs --------------------------------------------------------------------
def test_link_by_the_dialog(ama: Customer, clerk: User, client_as: ClientAs) -> None:
    client, url = client_as(clerk), at("link", ama)
    form = {
        **FORM, "kind": "bank", "institution": "West Bank", "country": "GBR",
        "number": "GB82 WEST 1234 5698 7654 33", "holder_name": ama.name,
        "link_id": str(uuid4()),
    }  # fmt: skip
    page = client.post(url, form).content.decode()
    assert "The check digits of this IBAN do not fit" in page
    form["number"] = "GB82 WEST 1234 5698 7654 32"
    for _ in range(2):
        answer = client.post(url, form, headers={"HX-Request": "true"})
        assert answer.headers["HX-Redirect"].endswith(f"{ama.pk}/change/")
    assert LinkedAccount.objects.get().number == IBAN


@pytest.mark.parametrize("number", ["9" * 10_000, "GB82\x00WEST", "\u202e", "Ж" * 20])
def test_bad_numbers_stay_in_the_dialog(
    number: str, ama: Customer, clerk: User, client_as: ClientAs
) -> None:
    form = {
        **FORM, "kind": "bank", "institution": "West", "country": "GBR",
        "number": number, "holder_name": ama.name, "link_id": str(uuid4()),
    }  # fmt: skip
    answer = client_as(clerk).post(at("link", ama), form)
    assert answer.status_code in (200, 400)  # 400: NUL is refused at the door
    assert not LinkedAccount.objects.exists()


def test_the_amount_is_shown_once(
    ama: Customer, clerk: User, teller: User, officer: User, client_as: ClientAs
) -> None:
    row = linked(ama, clerk)
    client, form = client_as(teller), {**FORM, "amount_id": str(uuid4())}
    answer = client.post(at("amount", row), form)
    page = answer.content.decode()
    amount = re.search(r"(\d\.\d\d) USD", page)
    assert amount and "TA-" in page
    assert "no-store" in answer.headers["Cache-Control"]
    again = client.post(at("amount", row), form).content.decode()
    assert "shown already" in again
    assert amount[0] not in again
    seen = said_in(client_as(officer), at("change", row))
    assert "Test amount sent" in seen
    assert amount[0] not in seen
    done = client_as(officer).post(at("confirm", row), {**FORM, "amount": amount[1]})
    assert done.status_code == 302
    row.refresh_from_db()
    assert (row.status, row.name_match) == ("verified", NameMatch.MATCH)


def test_the_dialog_compares_the_names_word_by_word(
    ama: Customer, clerk: User, officer: User, client_as: ClientAs
) -> None:
    row = linked(ama, clerk, holder_name="Ama S. Mensha")
    proof = accepted_proof(ama, clerk, officer)
    client = client_as(officer)
    page = said_in(client, at("document", row))
    assert "Close" in page
    assert "one letter off: “mensah”" in page
    assert str(proof.pk) in page
    answer = client.post(
        at("document", row), {**FORM, "document": str(proof.pk), "shows_both": "on"}
    )
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.status == "verified"
    assert row.proof_id == proof.pk


def test_the_list_filters(
    ama: Customer, clerk: User, officer: User, client_as: ClientAs
) -> None:
    client = client_as(clerk)
    assert "No linked accounts yet." in said_in(client, LIST)
    verified(ama, clerk, officer)
    linked(ama, clerk, kind="wallet", number="+233 24 412 3456")
    for asked, count in (("status=verified", 1), ("kind=wallet", 1), ("", 2)):
        answer = client.get(f"{LIST}?{asked}")
        assert len(answer.context["cl"].result_list) == count
