"""Two people do not review the same document: leases, and what the second is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from customers.registry.claims.commands import LEASE
from customers.registry.models import Claim, ClaimKind
from customers.registry.services import claim, end_claim
from documents.admin.queue import Line
from documents.models import Document
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff, race
from tests.documents.conftest import SendDocument
from tests.documents.review_desk import (
    ACCEPT,
    QUEUE,
    desk,
    place_of,
    review_of,
    text_of,
    three,
)
from tests.registry.conftest import overlap

__all__ = ["desk", "three"]
pytestmark = pytest.mark.django_db
NEXT = f"{QUEUE}take-next/"
REVIEW = ClaimKind.DOCUMENT_REVIEW


@pytest.fixture
def ama(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def at_amas(ama: User, client_as: ClientAs) -> Client:
    return client_as(ama)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_claim_is_ones_own_until_it_ends(
    officer: User, ama: User, three: list[Document], make_staff: MakeStaff
) -> None:
    first = claim(REVIEW, three[0].pk, by=ama)
    assert claim(REVIEW, three[0].pk, by=officer).by == ama
    again = claim(REVIEW, three[0].pk, by=ama)
    assert (again.since, again.until > first.until) == (first.since, True)
    Claim.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert claim(REVIEW, three[0].pk, by=officer).by == officer
    end_claim(REVIEW, three[0].pk, by=officer)
    end_claim(REVIEW, three[0].pk, by=officer)
    assert not Claim.objects.exists()


def test_who_left_is_at_nothing_and_what_is_forgotten_is_dropped(
    officer: User, ama: User, three: list[Document]
) -> None:
    for document in three[:2]:
        claim(REVIEW, document.pk, by=ama)
    User.objects.filter(pk=ama.pk).update(is_active=False)
    assert claim(REVIEW, three[0].pk, by=officer).by == officer
    Claim.objects.filter(by=ama).update(until=timezone.now() - timedelta(days=2))
    claim(REVIEW, three[2].pk, by=officer)
    assert not Claim.objects.filter(by=ama).exists()
    assert timedelta(minutes=30) == LEASE


def test_take_next_gives_each_another_document(
    desk: Client, at_amas: Client, three: list[Document]
) -> None:
    assert desk.get(NEXT).status_code == 405
    places = [client.post(NEXT).headers["Location"] for client in (desk, at_amas)]
    assert places == [place_of(three[0]), place_of(three[1])]
    assert desk.post(NEXT).headers["Location"] == place_of(three[0]), "one's own first"
    assert desk.get(QUEUE).context["document"] == three[0]
    assert at_amas.get(QUEUE).context["document"] == three[1]
    assert "You are at it" in text_of(desk.get(place_of(three[0])))


def test_a_colleagues_document_says_who_is_at_it(
    desk: Client, at_amas: Client, ama: User, three: list[Document]
) -> None:
    at_amas.post(place_of(three[0], "take"))
    body = text_of(desk.get(place_of(three[0])))
    assert f"{ama} is at it since 0 s." in body
    assert "Take next" in body
    answer = desk.post(place_of(three[0], "take"))
    assert f"{ama} is at this document already." in said(answer)
    assert Claim.objects.get(subject_id=three[0].pk).by == ama


def test_looking_claims_nothing(desk: Client, three: list[Document]) -> None:
    desk.get(QUEUE)
    for deed in ("review_one", "take", "preview"):
        desk.get(place_of(three[0], deed))
    assert not Claim.objects.exists()


def test_the_first_decision_counts_and_the_second_is_told(
    desk: Client, at_amas: Client, officer: User, three: list[Document]
) -> None:
    at_amas.post(place_of(three[0], "take"))
    answer = desk.post(place_of(three[0], "decide"), ACCEPT)
    assert review_of(three[0]) == ("accepted", "")
    assert answer.headers["Location"] == place_of(three[1])
    assert not Claim.objects.filter(subject_id=three[0].pk).exists()
    late = at_amas.post(place_of(three[0], "decide"), ACCEPT)
    assert f"{officer} accepted this document" in said(late)
    assert "Your answer changed nothing" in said(late)
    assert late.headers["Location"] == place_of(three[2]), (
        "the second is at the first's"
    )


def test_then_opens_leaves_out_what_a_colleague_is_at(
    desk: Client, at_amas: Client, three: list[Document]
) -> None:
    at_amas.post(place_of(three[1], "take"))
    said_next = desk.get(place_of(three[0])).context["then_opens"]
    assert three[2].title.lower() in said_next.lower()
    assert three[1].title.lower() not in said_next.lower()


def test_ones_own_upload_is_never_next(
    desk: Client, officer: User, send: SendDocument
) -> None:
    own = send(by=officer)
    answer = desk.post(NEXT)
    assert "No document is left that nobody is at." in said(answer)
    assert not Claim.objects.exists()
    assert (
        "Take" not in text_of(desk.get(place_of(own))).split("Should match")[0][-200:]
    )


def test_claims_are_of_one_bank(
    three: list[Document], second_bank: Tenant, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    stranger = make_staff("compliance_officer", tenant=second_bank)
    answer = client_as(stranger).post(place_of(three[0], "take"))
    assert answer.status_code == 404
    assert client_as(stranger).post(NEXT).headers["Location"] == QUEUE
    assert client_as(make_staff("auditor")).post(NEXT).status_code == 403
    claim(REVIEW, three[0].pk, by=stranger)
    assert Line.of(make_staff("compliance_officer")).rows.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_two_documents(
    three: list[Document], officer: User, ama: User
) -> None:
    got = race(
        lambda: Line.of(officer).take_next(officer), lambda: Line.of(ama).take_next(ama)
    )
    assert all(isinstance(document, Document) for document in got), got
    assert len({document.pk for document in got}) == 2


@pytest.mark.django_db(transaction=True)
def test_one_document_is_claimed_by_one(
    three: list[Document], officer: User, ama: User
) -> None:
    """Also where an old claim stands there, which both want to follow."""
    claim(REVIEW, three[0].pk, by=ama)
    Claim.objects.update(until=timezone.now())
    first, second = overlap(
        lambda: claim(REVIEW, three[0].pk, by=officer),
        lambda: claim(REVIEW, three[0].pk, by=ama),
    )
    assert (first.by, second.by) == (officer, officer)
