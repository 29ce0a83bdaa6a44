"""The review desk over HTTP: whose turn it is, who may decide, and what is shown."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common import worklist
from documents.admin.queue import Line
from documents.choices import RejectReason, Review, Scan
from documents.models import Document, DocumentAccess
from documents.services import accept_document, archive_document, reject_document
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import change_policy
from tests.conftest import ClientAs, MakeStaff, race
from tests.documents.conftest import SendDocument
from tests.documents.review_desk import (
    ACCEPT,
    QUEUE,
    READERS,
    REJECT,
    desk,
    place_of,
    review_of,
    text_of,
    three,
)

__all__ = ["desk", "three"]  # fixtures

pytestmark = pytest.mark.django_db


# --- the line -----------------------------------------------------------------------
def test_the_oldest_opens_first_and_then_the_next(
    desk: Client, three: list[Document]
) -> None:
    assert reverse("admin:documents_review") == QUEUE
    shown = text_of(desk.get(QUEUE))
    assert "Document 1 of 3" in shown
    assert "n3.pdf" in shown
    assert "Then opens: proof of address, Ama Mensah" in shown
    for document, following in ((three[0], three[1]), (three[1], three[2])):
        answer = desk.post(place_of(document, "decide"), ACCEPT)
        assert answer.headers["Location"] == place_of(following)
    answer = desk.post(place_of(three[2], "decide"), REJECT, follow=True)
    assert answer.redirect_chain[-1][0] == QUEUE
    assert "No document waits for review." in text_of(answer)
    assert "Rejected: Identity document" in text_of(answer)
    assert review_of(three[0]) == (Review.ACCEPTED, "")
    assert review_of(three[2]) == (Review.REJECTED, RejectReason.UNREADABLE)


def test_after_the_last_of_the_line_comes_the_oldest_left(
    desk: Client, three: list[Document]
) -> None:
    answer = desk.post(place_of(three[2], "decide"), ACCEPT)
    assert answer.headers["Location"] == place_of(three[0])


def test_what_came_in_the_same_moment_has_an_order(
    desk: Client, three: list[Document]
) -> None:
    Document.objects.update(uploaded_at=timezone.now())
    seen, here = [], desk.get(QUEUE).context
    while here["behind_url"]:
        seen.append(here["place"])
        here = desk.get(here["behind_url"]).context
    assert [*seen, here["place"]] == [1, 2, 3]
    assert here["before_url"]


def test_the_home_page_counts_what_waits(
    officer: User, clerk: User, three: list[Document]
) -> None:
    counted = {queue.name: found for queue, found in worklist.counted_for(officer)}
    found = counted["Documents to review"]
    assert (found.count, found.url) == (3, QUEUE)
    assert found.oldest_at == three[0].uploaded_at
    names = [queue.name for queue, _ in worklist.counted_for(clerk)]
    assert "Documents to review" not in names


def test_a_document_of_the_scanner_is_nobodys_turn(
    desk: Client, three: list[Document], officer: User
) -> None:
    for scan in (Scan.WAITING, Scan.INFECTED):
        Document.objects.filter(pk=three[0].pk).update(scan=scan)
        assert desk.get(QUEUE).context["document"] == three[1]
        desk.post(place_of(three[0], "decide"), ACCEPT)
        assert review_of(three[0]) == (Review.PENDING, "")
    assert Line.of(officer).rows.count() == 2


# --- who ----------------------------------------------------------------------------
@pytest.mark.parametrize("role", Role)
def test_readers_look_and_compliance_decides(
    role: str, three: list[Document], make_staff: MakeStaff, client_as: ClientAs
) -> None:
    client = client_as(make_staff(role))
    for url in (QUEUE, place_of(three[0])):
        answer = client.get(url)
        assert answer.status_code == (200 if role in READERS else 403)
        may = role == "compliance_officer"
        assert (b'name="decision"' in answer.content) is may
    answer = client.post(place_of(three[0], "decide"), ACCEPT)
    assert answer.status_code == (302 if may else 403)
    assert (review_of(three[0])[0] == Review.ACCEPTED) is may


def test_who_only_looks_sees_no_whole_number(
    three: list[Document], make_staff: MakeStaff, client_as: ClientAs, desk: Client
) -> None:
    whole = "GHA-123456789-1"
    assert whole in text_of(desk.get(place_of(three[0])))
    shown = text_of(client_as(make_staff("auditor")).get(place_of(three[0])))
    assert whole not in shown
    assert "ending 89-1" in shown
    assert "This document waits for a reviewer; you may look at it." in shown


def test_another_bank_knows_no_such_document(
    three: list[Document], second_bank: Tenant, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    client = client_as(make_staff("compliance_officer", tenant=second_bank))
    assert "No document waits for review." in text_of(client.get(QUEUE))
    assert client.get(place_of(three[0])).status_code == 404
    assert client.get(place_of(three[0], "preview")).status_code == 404
    assert client.post(place_of(three[0], "decide"), ACCEPT).status_code == 404
    assert review_of(three[0])[0] == Review.PENDING
    assert not DocumentAccess.objects.exists()


def test_no_decision_by_link_or_without_a_token(
    officer: User, three: list[Document], desk: Client
) -> None:
    assert desk.get(place_of(three[0], "decide"), ACCEPT).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    backend = "tenants.backends.RoleBackend"
    strict.force_login(officer, backend=backend)
    assert strict.post(place_of(three[0], "decide"), ACCEPT).status_code == 403
    assert review_of(three[0])[0] == Review.PENDING


def test_nobody_reviews_what_they_uploaded(
    desk: Client, officer: User, send: SendDocument
) -> None:
    own = send(by=officer)
    answer = desk.get(place_of(own))
    sentence = "You uploaded this, so somebody else must review it."
    assert sentence in text_of(answer)
    assert answer.content.count(b'aria-disabled="true" aria-describedby="why-not"') == 2
    answer = desk.post(place_of(own, "decide"), ACCEPT, follow=True)
    assert text_of(answer).count(sentence) == 2  # said above, and beside the buttons
    assert review_of(own)[0] == Review.PENDING


def test_an_institution_of_one_reviews_its_own(
    desk: Client, officer: User, send: SendDocument, demo_bank: Tenant
) -> None:
    own = send(by=officer)
    change_policy(demo_bank.pk, by=officer, reason="Alone", is_single_employee=True)
    assert "somebody else" not in text_of(desk.get(place_of(own)))
    desk.post(place_of(own, "decide"), ACCEPT)
    assert review_of(own)[0] == Review.ACCEPTED


# --- the decision -------------------------------------------------------------------
@pytest.mark.parametrize("reason", ["", "malware", "because", "UNREADABLE"])
def test_a_refusal_needs_a_reason_of_the_list(
    reason: str, desk: Client, three: list[Document]
) -> None:
    said = {"decision": "reject", "reason": reason}
    answer = desk.post(place_of(three[0], "decide"), said, follow=True)
    assert "Choose a reason to reject." in text_of(answer)
    assert answer.context["document"] == three[0]
    assert review_of(three[0]) == (Review.PENDING, "")


def test_six_reasons_are_offered_and_malware_is_not(
    desk: Client, three: list[Document]
) -> None:
    page = desk.get(place_of(three[0])).content.decode()
    offered = re.findall(r'name="reason" value="(\w+)"', page)
    assert offered == [value for value in RejectReason.values if value != "malware"]


def test_what_was_chosen_is_kept_after_a_refusal(
    desk: Client, three: list[Document]
) -> None:
    said = {"decision": "perhaps", "reason": "looks_altered"}
    answer = desk.post(place_of(three[0], "decide"), said, follow=True)
    page = answer.content.decode()
    assert "Choose whether to accept or to reject." in page
    assert 'value="looks_altered" checked' in page
    assert page.count(" checked") == 1
    assert re.search(r'data-v-reject aria-disabled="false"', page)


def test_an_expired_document_can_only_be_rejected(
    desk: Client, three: list[Document], demo_bank: Tenant
) -> None:
    yesterday = demo_bank.today - timedelta(days=1)
    Document.objects.filter(pk=three[0].pk).update(expires_on=yesterday)
    shown = text_of(desk.get(place_of(three[0])))
    assert "so it can only be rejected." in shown
    assert ", expired" in shown
    answer = desk.post(place_of(three[0], "decide"), ACCEPT, follow=True)
    assert "Cannot accept: it expired on" in text_of(answer)
    desk.post(place_of(three[0], "decide"), REJECT)
    assert review_of(three[0])[0] == Review.REJECTED


@pytest.mark.parametrize("said", [ACCEPT, REJECT])
def test_who_comes_second_reads_who_was_faster(
    said: dict[str, str], desk: Client, three: list[Document], make_staff: MakeStaff
) -> None:
    faster = make_staff("compliance_officer")
    accept_document(three[0].pk, by=faster)
    answer = desk.post(place_of(three[0], "decide"), said, follow=True)
    assert f"{faster} accepted this document" in text_of(answer)
    assert "Your answer changed nothing" in text_of(answer)
    assert answer.context["document"] == three[1]
    assert review_of(three[0]) == (Review.ACCEPTED, "")


def test_the_page_of_a_decided_document_says_so_and_leads_on(
    desk: Client, three: list[Document], officer: User
) -> None:
    reject_document(three[0].pk, reason=RejectReason.PAGES_MISSING, by=officer)
    answer = desk.get(place_of(three[0]))
    shown = text_of(answer)
    assert f"{officer} rejected this document 0 s ago: pages missing." in shown
    assert "Not waiting for review" in shown
    assert b'name="decision"' not in answer.content
    assert answer.context["next_url"] == place_of(three[1])


def test_an_archived_document_is_not_decided(
    desk: Client, three: list[Document], officer: User
) -> None:
    archive_document(three[0].pk, reason="Sent twice", by=officer)
    answer = desk.post(place_of(three[0], "decide"), ACCEPT, follow=True)
    assert "Cannot review: the document is archived." in text_of(answer)
    assert review_of(three[0])[0] == Review.PENDING


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides(
    three: list[Document], make_staff: MakeStaff, client_as: ClientAs
) -> None:
    def answer(said: dict[str, str]) -> Callable[[], str]:
        client = client_as(make_staff("compliance_officer"))
        place = place_of(three[0], "decide")
        return lambda: text_of(client.post(place, said, follow=True))

    shown = race(answer(ACCEPT), answer(REJECT), answer(ACCEPT))
    assert not [found for found in shown if isinstance(found, Exception)]
    late = [found for found in shown if "Your answer changed nothing" in found]
    assert len(late) == 2
    row = Document.objects.get(pk=three[0].pk)
    assert all(str(row.reviewed_by) in found for found in late)
    versions = row.history.exclude(review=Review.PENDING)
    assert versions.count() == 1
