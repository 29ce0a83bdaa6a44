"""The provisioning desk: what staff see, who may press what, and what pressing does."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from common import worklist
from customers.registry.choices import Channel, SuspensionReason
from customers.registry.models import Customer
from customers.registry.services import suspend_customer
from events.models import Delivery, RecordedEvent
from onboarding.models import Provisioning
from tenants.models import Tenant, User
from tests.conftest import ClientAs, Deliver, MakeCustomer, MakeStaff
from tests.onboarding.conftest import delivery_of, login_of, tracker_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:onboarding_provisioning_changelist")
CONFIRMED = {"_form_submitted": "True"}


def retry_url(customer: Customer) -> str:
    tracker = tracker_of(customer)
    return reverse("admin:onboarding_provisioning_retry_step", args=[tracker.pk])


def hand_over_url(customer: Customer) -> str:
    name = "admin:onboarding_provisioning_hand_over_password"
    return reverse(name, args=[tracker_of(customer).pk])


def rows_in(client: Client, query: str = "") -> list[Provisioning]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_list_states(
    welcome_failed: Customer,
    make_customer: MakeCustomer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    setup_machine: User,
    settings: Settings,
    deliver: Deliver,
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    verified = make_customer(verified=True)
    visitor = make_customer(email="", channel=Channel.AGENT, verified=True)
    deliver()
    client = client_as(make_staff("client_facing"))
    failed = tracker_of(welcome_failed)
    done, branch = tracker_of(verified), tracker_of(visitor)
    assert rows_in(client) == [failed, branch]
    assert rows_in(client, "state=done") == [done]
    assert rows_in(client, "state=branch") == [branch]
    assert rows_in(client, "state=all") == [failed, done, branch]
    assert rows_in(client, "state=stuck") == []
    failed.started_at = timezone.now() - timedelta(minutes=11)
    failed.save_as(setup_machine, "Later")
    assert rows_in(client, "state=stuck") == [failed]
    number = done.customer.public_id
    assert rows_in(client, f"q={number}") == [done]


def test_the_list_counts_in_plain_words(
    make_customer: MakeCustomer, make_staff: MakeStaff, client_as: ClientAs,
    deliver: Deliver,
) -> None:  # fmt: skip
    client = client_as(make_staff("client_facing"))
    assert "Nobody is on the way." in client.get(LIST).content.decode()
    for words in ("1 customer on the way", "2 customers on the way"):
        make_customer(email="", channel=Channel.AGENT, verified=True)
        deliver()
        body = client.get(LIST).content.decode()
        assert f'<span class="v-page-count">{words}</span>' in body


def test_given_up_is_stuck_at_once(
    welcome_failed: Customer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    setup_machine: User,
) -> None:
    Delivery.objects.filter(handler="onboarding.send_welcome").update(status="failed")
    client = client_as(make_staff("client_facing"))
    assert rows_in(client, "state=stuck") == [tracker_of(welcome_failed)]
    reason = SuspensionReason.DUE_DILIGENCE
    suspend_customer(welcome_failed.pk, reason=reason, by=setup_machine)
    assert rows_in(client, "state=stuck") == []


def test_home_counts_what_waits(
    without_email: Customer, make_staff: MakeStaff, second_bank: Tenant
) -> None:
    def counts(user: User) -> dict[str, int]:
        return {q.name: found.count for q, found in worklist.counted_for(user)}

    front = counts(make_staff("client_facing"))
    assert front["Stuck provisioning"] == 0
    assert front["Passwords to hand over"] == 1
    other = counts(make_staff("client_facing", tenant=second_bank))
    assert other["Passwords to hand over"] == 0
    assert "Passwords to hand over" not in counts(make_staff("teller"))


def test_list_is_empty_with_a_word(make_staff: MakeStaff, client_as: ClientAs) -> None:
    page = client_as(make_staff("auditor")).get(LIST)
    assert "Nobody is on the way." in page.content.decode()


def test_list_costs_the_same_for_one_row_as_for_many(
    make_customer: MakeCustomer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    deliver: Deliver,
) -> None:
    client = client_as(make_staff("client_facing"))
    counts = []
    for _ in range(2):
        make_customer(email="", channel=Channel.AGENT, verified=True)
        make_customer(email="", channel=Channel.AGENT, verified=True)
        deliver()
        client.get(LIST)
        with CaptureQueriesContext(connection) as asked:
            client.get(LIST)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_row_leads_to_the_customer(
    without_email: Customer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    tracker = tracker_of(without_email)
    url = reverse("admin:onboarding_provisioning_change", args=[tracker.pk])
    answer = client_as(make_staff("auditor")).get(url)
    customer = reverse("admin:registry_customer_change", args=[without_email.pk])
    assert (answer.status_code, answer["Location"]) == (302, customer)


def test_try_again(
    welcome_failed: Customer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    settings: Settings,
    deliver: Deliver,
) -> None:
    staff = make_staff("client_facing")
    client, url = client_as(staff), retry_url(welcome_failed)
    page = client.get(f"{url}?step=welcome").content.decode()
    assert '<option value="welcome" selected>Welcome</option>' in page
    assert "login" not in page.split("<select")[1].split("</select>")[0]
    assert delivery_of("onboarding.send_welcome").attempts == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    answer = client.post(url, {**CONFIRMED, "step": "welcome"}, HTTP_HX_REQUEST="true")
    assert answer["HX-Redirect"].endswith(f"/{welcome_failed.pk}/change/")
    deliver()
    assert len(mail.outbox) == 1
    assert tracker_of(welcome_failed).completed_at
    assert RecordedEvent.objects.get(type="StepRetried").actor == staff


def test_try_again_offers_nothing_else(
    welcome_failed: Customer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    client = client_as(make_staff("client_facing"))
    answer = client.post(retry_url(welcome_failed), {**CONFIRMED, "step": "login"})
    assert answer.status_code == 200
    assert "Select a valid choice" in answer.content.decode()


def test_hand_over_shows_the_password_once(
    without_email: Customer, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    staff = make_staff("client_facing")
    client, url = client_as(staff), hand_over_url(without_email)
    unchecked = client.post(url, CONFIRMED).content.decode()
    assert "Check the ID document first." in unchecked
    assert tracker_of(without_email).welcome_sent_at is None
    answer = client.post(url, {**CONFIRMED, "is_identified": "on"})
    assert answer["HX-Retarget"] == "#modal-content"
    assert "no-store" in answer["Cache-Control"]
    shown = answer.content.decode()
    assert without_email.phone in shown
    password = shown.split("<output")[1].split(">")[1].split("<")[0]
    user = User.objects.get(pk=login_of(without_email).provider_id)
    assert user.check_password(password.replace("&#x3D;", "="))
    assert tracker_of(without_email).completed_at
    again = client.post(url, {**CONFIRMED, "is_identified": "on"}).content.decode()
    assert "No one-time password waits for this customer." in again
    user.refresh_from_db()
    assert user.check_password(password.replace("&#x3D;", "="))


@pytest.mark.parametrize("address", [retry_url, hand_over_url])
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_for_those_who_may_and_only_here(
    address: object,
    method: str,
    without_email: Customer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    second_bank: Tenant,
) -> None:
    url = address(without_email)  # type: ignore[operator]
    for role in ("teller", "auditor", "senior_manager"):
        client = client_as(make_staff(role))
        assert getattr(client, method)(url).status_code == 403
    stranger = client_as(make_staff("client_facing", tenant=second_bank))
    assert getattr(stranger, method)(url).status_code == 404
    assert tracker_of(without_email).welcome_sent_at is None


def test_another_bank_sees_nothing(
    without_email: Customer,
    make_staff: MakeStaff,
    client_as: ClientAs,
    second_bank: Tenant,
) -> None:
    stranger = client_as(make_staff("client_facing", tenant=second_bank))
    assert rows_in(stranger, "state=all") == []
    url = reverse(
        "admin:onboarding_provisioning_change", args=[tracker_of(without_email).pk]
    )
    assert stranger.get(url).status_code == 404
