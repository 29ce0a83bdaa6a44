"""A message goes from a colleague's hands into one's own: asked once, recorded once."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from common.errors import DomainError
from customers.contacts.commands.taking_over import take_over_message
from customers.contacts.models import Message
from customers.contacts.reaching import Notice, reach, settle_message
from customers.contacts.services import set_preference
from customers.registry.claims.commands import claim
from customers.registry.models import Claim, ClaimKind, Customer
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.registry.conftest import overlap

pytestmark = pytest.mark.django_db
PRESSED = {"_form_submitted": "on"}
HELD = ClaimKind.MESSAGE


@pytest.fixture
def clerk(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def kofi(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def colleague(make_staff: MakeStaff) -> User:
    return make_staff("client_facing")


@pytest.fixture
def desk(client_as: ClientAs, clerk: User) -> Client:
    return client_as(clerk)


@pytest.fixture
def message(make_customer: MakeCustomer, officer: User, colleague: User) -> Message:
    """A call to make, which the colleague is at."""
    customer: Customer = make_customer()
    wish: dict[str, Any] = {"channel": "phone", "language": "en"}
    set_preference(customer.pk, **wish, by=officer, reason="Asked")
    found = reach(customer, Notice("kyc/expiry_reminder", about="x"), by=officer)
    claim(HELD, found.pk, by=colleague)
    return found


def at(message: Message, deed: str = "take_over") -> str:
    return reverse(f"admin:contacts_message_{deed}", args=[message.pk])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def said(answer: Any) -> str:
    return " ".join(str(each) for each in get_messages(answer.wsgi_request))


def taken_over() -> list[tuple[User, str]]:
    rows = RecordedEvent.objects.filter(type="MessageTakenOver").order_by("created_at")
    return [(row.actor, row.payload["taken_from"]) for row in rows]


def test_it_is_asked_once_and_recorded(
    desk: Client, message: Message, clerk: User, colleague: User, kofi: User
) -> None:
    page = text_of(desk.get(at(message, "change")))
    assert f"{colleague} is at it since" in page
    assert at(message) in page
    question = text_of(desk.get(at(message)))
    assert f"{colleague} is at it since" in question
    assert f'value="{colleague.pk}"' in question
    assert Claim.objects.get().by == colleague, "looking takes nothing"
    take_over_message(message.pk, by=kofi, held_by=colleague.pk)
    form = {**PRESSED, "held_by": str(colleague.pk)}
    assert f"{kofi} is at it by now; ask again." in text_of(
        desk.post(at(message), form)
    )
    assert Claim.objects.get().by == kofi
    form["held_by"] = str(kofi.pk)
    answer = desk.post(at(message), form)
    assert answer.headers["Location"] == at(message, "change")
    assert f"You took over from {kofi}." in said(answer)
    assert desk.post(at(message), form).status_code == 302, "twice is no error"
    assert taken_over() == [(kofi, str(colleague.pk)), (clerk, str(kofi.pk))]
    assert Claim.objects.get().by == clerk
    page = text_of(desk.get(at(message, "change")))
    assert "You are at it" in page
    assert at(message) not in page


def test_the_customers_record_says_so(message: Message, client_as: ClientAs,
    officer: User, clerk: User, colleague: User,
) -> None:  # fmt: skip
    take_over_message(message.pk, by=clerk, held_by=colleague.pk)
    event = RecordedEvent.objects.get(type="MessageTakenOver")
    assert event.payload == {
        "customer_id": str(message.customer_id), "message_id": str(message.pk),
        "taken_from": str(colleague.pk),
    }  # fmt: skip
    url = reverse("admin:registry_customer_timeline", args=[message.customer_id])
    assert "Message taken over" in text_of(client_as(officer).get(url))


@pytest.mark.parametrize("held_by", ["", "nonsense", "own"])
def test_whom_the_question_did_not_name_is_not_overrun(
    desk: Client, message: Message, clerk: User, colleague: User, held_by: str
) -> None:
    named = str(clerk.pk) if held_by == "own" else held_by
    answer = desk.post(at(message), {**PRESSED, "held_by": named})
    assert answer.status_code == 200
    assert Claim.objects.get().by == colleague
    assert taken_over() == []


def test_nobodys_is_taken_without_a_record(
    desk: Client, message: Message, clerk: User, colleague: User
) -> None:
    Claim.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert at(message) not in text_of(desk.get(at(message, "change")))
    question = text_of(desk.get(at(message)))
    assert "No colleague is at it any more." in question
    answer = desk.post(at(message), {**PRESSED, "held_by": str(colleague.pk)})
    assert "You are at it." in said(answer)
    assert taken_over() == []
    assert Claim.objects.get().by == clerk


def test_who_left_holds_nothing(
    desk: Client, message: Message, colleague: User
) -> None:
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    page = text_of(desk.get(at(message, "change")))
    assert "Nobody is at it." in page
    assert at(message, "take") in page


def test_what_is_given_is_not_taken_over(
    desk: Client, message: Message, clerk: User, colleague: User
) -> None:
    settle_message(message.pk, is_given=True, reason="Spoke to her", by=colleague)
    form = {**PRESSED, "held_by": str(colleague.pk)}
    answer = desk.post(at(message), form)
    assert "A colleague dealt with this message already." in text_of(answer)
    assert Claim.objects.get().by == colleague
    assert taken_over() == []


def test_readers_and_other_banks_take_nothing_over(
    message: Message, colleague: User, client_as: ClientAs, make_staff: MakeStaff,
    second_bank: Tenant,
) -> None:  # fmt: skip
    form = {**PRESSED, "held_by": str(colleague.pk)}
    for role in ("teller", "auditor"):
        reader = client_as(make_staff(role))
        assert reader.get(at(message)).status_code == 403
        assert reader.post(at(message), form).status_code == 403
        page = text_of(reader.get(at(message, "change")))
        assert f"{colleague} is at it since" in page
        assert "Take over" not in page
    theirs = make_staff("client_facing", tenant=second_bank)
    stranger = client_as(theirs)
    assert stranger.get(at(message)).status_code == 404
    assert stranger.post(at(message), form).status_code == 404
    with pytest.raises(Message.DoesNotExist):
        take_over_message(message.pk, by=theirs, held_by=colleague.pk)
    assert Claim.objects.get().by == colleague


def test_a_press_needs_the_token(message: Message, clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend="tenants.backends.RoleBackend")
    assert client.post(at(message), PRESSED).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_it_and_the_other_reads_who(
    message: Message, clerk: User, kofi: User, colleague: User
) -> None:
    first, second = overlap(
        lambda: take_over_message(message.pk, by=clerk, held_by=colleague.pk),
        lambda: take_over_message(message.pk, by=kofi, held_by=colleague.pk),
    )
    assert first == colleague
    assert isinstance(second, DomainError)
    assert str(second) == f"{clerk} is at it by now; ask again."
    assert Claim.objects.get().by == clerk
    assert taken_over() == [(clerk, str(colleague.pk))]


@pytest.mark.django_db(transaction=True)
def test_who_takes_over_while_it_is_given_is_told(
    message: Message, clerk: User, colleague: User
) -> None:
    _given, refused = overlap(
        lambda: settle_message(message.pk, is_given=True, reason="Met", by=colleague),
        lambda: take_over_message(message.pk, by=clerk, held_by=colleague.pk),
    )
    assert isinstance(refused, DomainError)
    assert taken_over() == []
