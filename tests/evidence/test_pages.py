"""Asking, watching and downloading by role; the front line notices nothing."""

import io
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from customers.registry.models import Customer
from evidence.models import EvidenceDownload, EvidencePack
from evidence.services import expire_packs
from tenants.models import Tenant, User
from tenants.roles import Role
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.evidence.conftest import REASON, BucketStore, ask, made, use_store
from tests.house import events, path_of

pytestmark = pytest.mark.django_db
MAY = {
    Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.GOVERNING_BODY, Role.AUDITOR,
}  # fmt: skip
Status = EvidencePack.Status


def page(pack: EvidencePack) -> str:
    return path_of("evidence_evidencepack_change", pack.pk)


def progress(pack: EvidencePack) -> str:
    return path_of("evidence_evidencepack_progress", pack.pk)


def download(pack: EvidencePack) -> str:
    return path_of("evidence_evidencepack_download", pack.pk)


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.fixture
def client(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


# --- asking --------------------------------------------------------------------------
def test_from_the_customers_page_to_the_download(
    client: Client, customer: Customer, officer: User, deliver: Deliver
) -> None:
    dialog = path_of("evidence_request", customer.pk)
    board = path_of("registry_customer_change", customer.pk)
    assert dialog in client.get(board).content.decode()
    shown = client.get(dialog).content.decode()
    found = re.search(r'name="pack_id" value="([0-9a-f-]+)"', shown)
    assert found, shown
    form = {"_form_submitted": "on", "reason": REASON, "pack_id": found[1]}
    for _ in range(2):
        answer = client.post(dialog, form, HTTP_HX_REQUEST="true")
    pack = EvidencePack.objects.get()
    assert answer["HX-Redirect"] == page(pack)
    waiting = client.get(page(pack)).content.decode()
    assert "Waits for a worker." in waiting
    assert progress(pack) in waiting
    assert download(pack) not in waiting
    deliver()
    assert client.get(progress(pack))["HX-Refresh"] == "true"
    ready = client.get(page(pack)).content.decode()
    assert download(pack) in ready
    assert "every 2s" not in ready
    pack.refresh_from_db()
    assert pack.sha256 in ready
    answer = client.get(download(pack))
    assert answer.status_code == 200
    assert zipfile.ZipFile(io.BytesIO(body_of(answer))).testzip() is None
    assert REASON in client.get(board).content.decode()
    downloads = client.get(page(pack)).content.decode().partition("Downloads")[2]
    assert str(officer) in downloads


def test_without_a_reason_nothing_is_asked(client: Client, customer: Customer) -> None:
    dialog = path_of("evidence_request", customer.pk)
    form = {"_form_submitted": "on", "reason": "  ", "pack_id": uuid4()}
    answer = client.post(dialog, form, HTTP_HX_REQUEST="true")
    assert "Say why in a few words." in answer.content.decode()
    assert not EvidencePack.objects.exists()


def test_a_second_pack_is_refused_in_the_dialog(
    client: Client, customer: Customer, officer: User
) -> None:
    ask(customer, officer)
    form = {"_form_submitted": "on", "reason": "Again", "pack_id": uuid4()}
    answer = client.post(path_of("evidence_request", customer.pk), form)
    assert "You wait for a pack of" in answer.content.decode()
    assert EvidencePack.objects.count() == 1


def test_asking_needs_a_token(customer: Customer, officer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer, backend="tenants.backends.RoleBackend")
    form = {"_form_submitted": "on", "reason": "Forged", "pack_id": uuid4()}
    answer = strict.post(path_of("evidence_request", customer.pk), form)
    assert answer.status_code == 403
    assert not EvidencePack.objects.exists()


# --- watching ------------------------------------------------------------------------
def test_the_page_follows_the_work_and_then_stops(
    client: Client, customer: Customer, officer: User
) -> None:
    pack = ask(customer, officer)
    EvidencePack.objects.update(status="building", progress=42, step="Documents")
    answer = client.get(progress(pack))
    assert "42 %: Documents" in answer.content.decode()
    assert "every 2s" in answer.content.decode()
    assert "HX-Refresh" not in answer
    assert "no-store" in answer["Cache-Control"]
    # Whoever went home must be signed out after an idle hour, worker or not.
    EvidencePack.objects.update(requested_at=timezone.now() - timedelta(hours=1))
    late = client.get(progress(pack)).content.decode()
    assert "every 2s" not in late
    assert "Reload the page" in late


def test_a_failed_one_says_why(
    client: Client, customer: Customer, officer: User
) -> None:
    pack = ask(customer, officer)
    EvidencePack.objects.update(status="failed", error="The store is <down>.")
    shown = client.get(page(pack)).content.decode()
    assert "The store is &lt;down&gt;." in shown
    assert download(pack) not in shown


def test_hostile_words_are_words(
    client: Client, make_customer: MakeCustomer, officer: User
) -> None:
    hostile = "<script>alert(1)</script>"
    pack = made(ask(make_customer(name=hostile), officer, reason=hostile))
    board = path_of("registry_customer_change", pack.customer_id)
    listed = path_of("evidence_evidencepack_changelist")
    dialog = path_of("evidence_request", pack.customer_id)
    for url in (page(pack), board, listed, dialog):
        assert hostile not in client.get(url).content.decode(), url


# --- downloading --------------------------------------------------------------------
def test_each_download_is_logged(
    client: Client, customer: Customer, officer: User
) -> None:
    pack = made(ask(customer, officer))
    for _ in range(2):
        answer = client.get(download(pack))
        assert body_of(answer)[:2] == b"PK"
    number = customer.public_id
    day = f"{pack.requested_at:%Y-%m-%d}"
    name = f'attachment; filename="evidence-{number}-{day}.zip"'
    assert answer["Content-Disposition"] == name
    assert answer["Content-Type"] == "application/zip"
    assert "no-store" in answer["Cache-Control"]
    assert EvidenceDownload.objects.filter(pack=pack, by=officer).count() == 2
    assert events("EvidenceDownloaded") == 2


def test_a_bucket_hands_it_over_itself_for_a_minute(
    client: Client, customer: Customer, officer: User, store: Path, settings: Settings
) -> None:
    pack = made(ask(customer, officer))
    use_store(settings, BucketStore, store)
    answer = client.get(download(pack))
    assert answer.status_code == 302
    place, _, query = answer["Location"].partition("?")
    assert place == f"https://papers.bucket.example/{pack.key}"
    assert parse_qs(query)["expire"] == ["60"]
    assert "attachment" in parse_qs(query)["ResponseContentDisposition"][0]
    assert EvidenceDownload.objects.count() == 1


def test_where_there_is_nothing_to_take_one_sentence_is_said(
    client: Client, customer: Customer, officer: User
) -> None:
    pack = ask(customer, officer)

    def said() -> str:
        answer = client.get(download(pack), follow=True)
        assert answer.redirect_chain == [(page(pack), 302)]
        return str(answer.content.decode())

    assert "This evidence pack is still being made." in said()
    made(pack)
    EvidencePack.objects.update(expires_at=timezone.now())
    assert "This evidence pack has expired; ask for another." in said()
    expire_packs()
    assert "This evidence pack has expired; ask for another." in said()
    EvidencePack.objects.update(status="failed")
    assert "This evidence pack was not made; ask for another." in said()
    assert not EvidenceDownload.objects.exists()
    assert events("EvidenceDownloaded") == 0


def test_a_store_that_is_down_hands_over_nothing_and_logs_nothing(
    client: Client, customer: Customer, officer: User, store: Path
) -> None:
    pack = made(ask(customer, officer))
    (store.parent / "down").touch()
    answer = client.get(download(pack), follow=True)
    assert "The store does not answer" in answer.content.decode()
    assert not EvidenceDownload.objects.exists()


@pytest.mark.parametrize("role", Role)
def test_who_may(
    role: Role, customer: Customer, officer: User, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    pack, client = made(ask(customer, officer)), client_as(make_staff(role))
    urls = [
        page(pack), progress(pack), download(pack),
        path_of("evidence_request", customer.pk),
        path_of("evidence_evidencepack_changelist"),
    ]  # fmt: skip
    found = {client.get(url).status_code for url in urls}
    assert found == ({200} if role in MAY else {403})
    form = {"_form_submitted": "on", "reason": "Mine", "pack_id": uuid4()}
    client.post(path_of("evidence_request", customer.pk), form)
    assert EvidencePack.objects.count() == (2 if role in MAY else 1)
    assert EvidenceDownload.objects.exists() is (role in MAY)


def test_another_bank_finds_nothing(
    customer: Customer, officer: User, second_bank: Tenant, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    pack = made(ask(customer, officer))
    theirs = make_staff("compliance_officer", tenant=second_bank)
    client = client_as(theirs)
    for url in (page(pack), progress(pack), download(pack),
                path_of("evidence_request", customer.pk)):  # fmt: skip
        assert client.get(url).status_code == 404, url
        assert client.post(url, {"_form_submitted": "on"}).status_code == 404, url
    listed = client.get(path_of("evidence_evidencepack_changelist"))
    assert customer.public_id not in listed.content.decode()
    assert not EvidenceDownload.objects.exists()


def test_only_a_get_takes_it(client: Client, customer: Customer, officer: User) -> None:
    pack = made(ask(customer, officer))
    for url in (page(pack), progress(pack), download(pack)):
        assert client.post(url).status_code == 405, url
    assert client.head(download(pack)).status_code == 405
    assert not EvidenceDownload.objects.exists()


# --- tipping off --------------------------------------------------------------------
_CHANGING = re.compile(
    r"""(?i)(name="csrfmiddlewaretoken" value="|csrf[-_]?token["': ]+|nonce=")[\w-]+"""
    r"|\b\d+ ?(s|min|h)\b"
)


def _seen(client: Client, customer: Customer) -> dict[str, str]:
    cache.clear()
    urls = [
        path_of("registry_customer_change", customer.pk),
        path_of("registry_customer_timeline", customer.pk),
        path_of("registry_customer_changelist"),
        reverse("admin:index"),
    ]
    answers = {url: client.get(url) for url in urls}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {url: _CHANGING.sub("", a.content.decode()) for url, a in answers.items()}


@pytest.mark.parametrize("role", ["client_facing", "teller"])
def test_an_examination_leaves_no_trace_for_the_front_line(
    role: str, customer: Customer, officer: User, make_staff: MakeStaff,
    client_as: ClientAs, deliver: Deliver,
) -> None:  # fmt: skip
    deliver()
    client = client_as(make_staff(role))
    before = _seen(client, customer)
    pack = made(ask(customer, officer))
    client_as(officer).get(download(pack))
    EvidencePack.objects.update(expires_at=timezone.now())
    expire_packs()
    late = ask(customer, officer)
    EvidencePack.objects.filter(pk=late.pk).update(
        requested_at=timezone.now() - timedelta(days=1)
    )
    expire_packs()
    after = _seen(client, customer)
    for url, shown in before.items():
        assert after[url].splitlines() == shown.splitlines(), url
        assert "evidence" not in shown.lower(), url  # no button either


def test_who_may_know_does_see_it(
    customer: Customer, officer: User, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    """Else the test above would prove nothing."""
    client = client_as(make_staff("auditor"))
    before = _seen(client, customer)
    made(ask(customer, officer))
    after = _seen(client, customer)
    board, timeline = list(before)[:2]
    for url in (board, timeline):
        assert "Evidence pack asked for" in after[url]
        assert "Evidence pack asked for" not in before[url]


def test_the_administrator_of_the_outbox_learns_neither_who_nor_why(
    customer: Customer, officer: User, make_staff: MakeStaff, client_as: ClientAs,
    deliver: Deliver,
) -> None:  # fmt: skip
    ask(customer, officer)
    deliver()
    client = client_as(make_staff("administrator"))
    for name in ("events_recordedevent_changelist", "events_delivery_changelist"):
        shown = client.get(path_of(name), {"state": "all"}, follow=True)
        body = shown.content.decode()
        for mark in (REASON, customer.name, str(customer.pk), "Evidence pack"):
            assert mark not in body, (name, mark)


def test_the_list_asks_the_same_of_the_database_however_long_it_is(
    client: Client, officer: User, make_customer: MakeCustomer,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for _ in range(5):
        ask(make_customer(), officer)
    listed = path_of("evidence_evidencepack_changelist")
    client.get(listed)
    with django_assert_max_num_queries(12):
        answer = client.get(listed)
    assert len(answer.context["cl"].result_list) == 5
