"""A POST that is sent again: answered again, done once, whatever happens between."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from api.answers.idempotency import HELD_FOR, forget_answers
from api.models import KeptAnswer
from documents.models import Document
from events.sweeps import SWEEPS
from tenants.models import User
from tests.api.conftest import refusal
from tests.api.probe import is_postgresql, numbers_taken
from tests.conftest import MODEL_BACKEND, ClientAs, MakeCustomer, MakeStaff, race
from tests.documents.files import pdf, upload

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]
PROBE = "/api/v1/probe"


@pytest.fixture
def api(client_as: ClientAs, officer: User) -> Client:
    client = client_as(officer)
    client.raise_request_exception = False
    return client


def send(client: Client, key: str | None = "key-1", **said: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(PROBE, said, "application/json", headers=headers)


def test_the_same_again_is_answered_and_not_done(api: Client) -> None:
    first, again = send(api), send(api)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Location"] == first["Location"]
    assert again["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["Cache-Control"] == "no-store"
    assert numbers_taken() == 1


def test_without_a_key_each_is_done(api: Client) -> None:
    send(api, None)
    send(api, None)
    send(api, "key-1")
    send(api, "key-2")
    assert numbers_taken() == 4


def test_another_body_or_address_under_the_key(api: Client) -> None:
    send(api, note="one")
    refusal(send(api, note="two"), 409, "IDEMPOTENCY_KEY_REUSED")
    again = api.post(
        f"{PROBE}?x=1", {"note": "one"}, "application/json",
        headers={"Idempotency-Key": "key-1"},
    )  # fmt: skip
    refusal(again, 409, "IDEMPOTENCY_KEY_REUSED")
    assert numbers_taken() == 1


def test_a_key_is_its_users_own(
    api: Client, client_as: ClientAs, make_staff: MakeStaff
) -> None:
    colleague = client_as(make_staff("compliance_officer"))
    assert send(api).json() != send(colleague).json()
    assert numbers_taken() == 2


def test_who_may_not_any_more_gets_no_old_answer(api: Client, officer: User) -> None:
    send(api)
    officer.groups.clear()
    refusal(send(api), 403, "FORBIDDEN")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", "tab\tkey"])
def test_what_is_no_key(api: Client, key: str) -> None:
    refusal(send(api, key), 400, "BAD_REQUEST")
    assert numbers_taken() == 0


def test_the_longest_key(api: Client) -> None:
    assert send(api, "~" * 255).status_code == 201


@pytest.mark.parametrize("fail", ["fault", "unavailable"])
def test_a_fault_undoes_all_and_is_not_kept(api: Client, fail: str) -> None:
    answer = send(api, then=fail)
    assert answer.status_code >= 500
    assert b"secret of the house" not in answer.content
    assert (numbers_taken(), KeptAnswer.objects.count()) == (0, 0)
    assert send(api).status_code == 201


@pytest.mark.parametrize("fail", ["refused", "answered"])
def test_a_refusal_frees_the_key(api: Client, fail: str) -> None:
    assert send(api, then=fail).status_code in (409, 422)
    assert not KeptAnswer.objects.exists()
    # What was committed before the refusal stays, as it does without a key.
    assert numbers_taken() == 1
    assert send(api, note="mended").status_code == 201


def test_what_cannot_be_used_frees_the_key(api: Client) -> None:
    refusal(send(api, seconds="long"), 422, "DATA_VALIDATION_FAILED")
    assert send(api).status_code == 201
    assert numbers_taken() == 1


def test_the_answer_lies_encrypted(api: Client) -> None:
    number = send(api).json()["number"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM api_keptanswer")
        (stored,) = cursor.fetchone()
    assert number not in stored
    assert number in KeptAnswer.objects.get().content.decode()


def test_after_a_day_a_key_is_new(api: Client) -> None:
    send(api)
    past = timezone.now() - timedelta(hours=24, seconds=1)
    KeptAnswer.objects.update(created_at=past)
    assert "Idempotency-Replayed" not in send(api, note="another body")
    assert numbers_taken() == 2


def test_the_sweep_removes_what_is_a_day_old(api: Client) -> None:
    send(api, "old")
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    send(api, "new")
    assert "api.kept_answers" in SWEEPS
    assert forget_answers() == 1
    assert [row.key for row in KeptAnswer.objects.all()] == ["new"]


# --- at once -----------------------------------------------------------------------
def _contestant(user: User, **said: Any) -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend=MODEL_BACKEND)
    return lambda: send(client, **said)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_and_one_acts(officer: User) -> None:
    answers = race(*[_contestant(officer, seconds=0.4) for _ in range(2)])
    assert [answer.status_code for answer in answers] == [201, 201]
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 1
    assert answers[0].json() == answers[1].json()
    assert numbers_taken() == 1


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_so(officer: User) -> None:
    answers = race(*[_contestant(officer, seconds=4) for _ in range(2)])
    assert numbers_taken() == 1
    codes = sorted(answer.status_code for answer in answers)
    if not is_postgresql():  # its one writer is waited for as ever
        assert codes == [201, 201]
        return
    assert codes == [201, 409]
    told = next(answer for answer in answers if answer.status_code == 409)
    refusal(told, 409, "IDEMPOTENCY_IN_PROGRESS")
    assert int(told["Retry-After"]) > 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_and_the_first_fails(officer: User) -> None:
    said = {"then": "unavailable", "seconds": 0.3}
    answers = race(*[_contestant(officer, **said) for _ in range(2)])
    assert {answer.status_code for answer in answers} == {503}
    assert numbers_taken() == 0
    assert not KeptAnswer.objects.exists()


# --- what speaks to the outside ----------------------------------------------------
@pytest.fixture
def place(make_customer: MakeCustomer, settings: Any, tmp_path: Any) -> str:
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return f"/api/v1/customer/{make_customer().pk}/documents"


def send_file(client: Client, place: str, text: str = "One", key: str = "k") -> Any:
    said = {"kind": "other", "file": upload(pdf(text), "a.pdf")}
    return client.post(place, said, headers={"Idempotency-Key": key})


def test_a_document_is_taken_once(api: Client, place: str) -> None:
    first, again = send_file(api, place), send_file(api, place)
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotency-Replayed"] == "true"
    refusal(send_file(api, place, "Two"), 409, "IDEMPOTENCY_KEY_REUSED")
    assert Document.objects.count() == 1


def test_a_document_whose_answer_was_lost_in_a_crash(api: Client, place: str) -> None:
    """Killed after the deed and before the answer was kept: the next try takes over."""
    first = send_file(api, place)
    now = timezone.now()
    held = KeptAnswer.objects.all()
    held.update(status=0, content=b"", held_until=now + HELD_FOR)
    refusal(send_file(api, place), 409, "IDEMPOTENCY_IN_PROGRESS")
    held.update(held_until=now)
    again = send_file(api, place)
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert "Idempotency-Replayed" not in again
    assert Document.objects.count() == 1
    assert send_file(api, place)["Idempotency-Replayed"] == "true"


def test_a_refused_document_frees_the_key(api: Client, place: str) -> None:
    said = {"kind": "other", "file": upload(b"MZ" + b"\0" * 400, "a.pdf")}
    answer = api.post(place, said, headers={"Idempotency-Key": "k"})
    refusal(answer, 422, "FILE_REFUSED")
    assert not KeptAnswer.objects.exists()
    assert send_file(api, place).status_code == 201
