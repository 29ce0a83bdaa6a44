"""Deliveries and events in the admin: whose, in which words, tried again by whom."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.keys import new_id
from customers.registry.choices import TaskKind
from customers.registry.services import open_task
from events.models import Delivery, Heartbeat, RecordedEvent
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff

DELIVERIES = "admin:events_delivery_changelist"
EVENTS = "admin:events_recordedevent_changelist"
ASKED = {"_form_submitted": "True"}
NONSENSE = ("\x00", "x" * 10_000, "-1", "<script>", "9" * 40)


@pytest.fixture
def officer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def desk(officer: User, client_as: ClientAs) -> Client:
    return client_as(officer)


@pytest.fixture
def stranger(make_staff: MakeStaff, second_bank: Tenant, client_as: ClientAs) -> Client:
    return client_as(make_staff("compliance_officer", tenant=second_bank))


@pytest.fixture
def stuck(officer: User, demo_bank: Tenant) -> Delivery:
    return a_delivery(officer, demo_bank, status="failed", last_error="No answer.")


def a_delivery(by: User, tenant: Tenant | None, **columns: Any) -> Delivery:
    now = timezone.now()
    event = RecordedEvent.objects.create(
        tenant=tenant, type="CustomerVerified", actor=by, created_at=now,
        payload={"customer_id": str(new_id()), "kyc_level": "basic"},
        subject_id=str(new_id()) if tenant else "",
    )  # fmt: skip
    values = {"attempts": 3, "due_at": now, "created_at": now, **columns}
    return Delivery.objects.create(event=event, handler="deposits.open", **values)


def delivery_page(name: str, row: Delivery) -> str:
    return reverse(f"admin:events_delivery_{name}", args=[row.pk])


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"status": "due"}, "Due"),
        ({"status": "due", "last_error": "No answer."}, "Retrying"),
        ({"status": "running"}, "Running"),
        ({"status": "done"}, "Done"),
        ({"status": "failed"}, "Given up"),
    ],
)
def test_each_state_has_its_word(
    desk: Client, officer: User, demo_bank: Tenant, columns: dict[str, str], words: str
) -> None:
    row = a_delivery(officer, demo_bank, **columns)
    body = desk.get(reverse(DELIVERIES), {"state": "all"}).content.decode()
    assert f'<span class="v-word">{words}</span>' in body
    assert words in desk.get(delivery_page("change", row)).content.decode()


def test_views_sort_what_waits(desk: Client, officer: User, stuck: Delivery) -> None:
    done = a_delivery(officer, officer.tenant, status="done")
    for state, shown in (("", [stuck]), ("stuck", [stuck]), ("done", [done])):
        asked = {"state": state} if state else {}
        found = desk.get(reverse(DELIVERIES), asked).context["cl"].result_list
        assert list(found) == shown, state


def test_try_again_makes_it_due(desk: Client, stuck: Delivery) -> None:
    assert "counted anew" in desk.get(delivery_page("again", stuck)).content.decode()
    stuck.refresh_from_db()
    assert stuck.status == Delivery.Status.FAILED  # looking changes nothing
    assert desk.post(delivery_page("again", stuck), ASKED).status_code == 302
    stuck.refresh_from_db()
    assert (stuck.status, stuck.attempts) == (Delivery.Status.DUE, 0)


def test_what_is_done_is_not_tried_again(
    desk: Client, officer: User, demo_bank: Tenant
) -> None:
    done = a_delivery(officer, demo_bank, status="done")
    body = desk.post(delivery_page("again", done), ASKED).content.decode()
    assert "This delivery is done." in body
    assert "Try again" not in desk.get(delivery_page("change", done)).content.decode()


def test_auditors_see_but_do_not_try(
    make_staff: MakeStaff, client_as: ClientAs, stuck: Delivery
) -> None:
    auditor = client_as(make_staff("auditor"))
    assert "Try again" not in auditor.get(reverse(DELIVERIES)).content.decode()
    assert auditor.post(delivery_page("again", stuck), ASKED).status_code == 403


def test_deliveries_of_another_institution_do_not_exist(
    stranger: Client, stuck: Delivery
) -> None:
    assert not stranger.get(reverse(DELIVERIES)).context["cl"].result_list
    for name in ("change", "again", "history", "delete"):
        expected = 403 if name == "delete" else 404
        assert stranger.get(delivery_page(name, stuck)).status_code == expected
    assert stranger.post(delivery_page("again", stuck), ASKED).status_code == 404
    event = reverse("admin:events_recordedevent_change", args=[stuck.event_id])
    assert stranger.get(event).status_code == 404


def test_deliveries_of_nobody_yet_are_seen_by_all_who_may(
    desk: Client, stranger: Client, officer: User
) -> None:
    row = a_delivery(officer, None, status="failed")
    for client in (desk, stranger):
        assert client.get(delivery_page("change", row)).status_code == 200


@pytest.mark.parametrize("role", ["client_facing", "teller"])
def test_the_front_line_sees_no_records(
    make_staff: MakeStaff, client_as: ClientAs, stuck: Delivery, role: str
) -> None:
    client = client_as(make_staff(role))
    for url in (
        reverse(DELIVERIES), reverse(EVENTS), delivery_page("change", stuck),
        delivery_page("again", stuck),
    ):  # fmt: skip
        assert client.get(url).status_code == 403
    home = client.get(reverse("admin:index")).content.decode()
    assert "Stuck deliveries" not in home
    assert "delivery stuck" not in home


def test_records_are_read_only(desk: Client, stuck: Delivery) -> None:
    event = reverse("admin:events_recordedevent_change", args=[stuck.event_id])
    for url in (delivery_page("change", stuck), event):
        assert desk.post(url, {"status": "done", "type": "Forged"}).status_code == 405
    for model in ("delivery", "recordedevent"):
        assert desk.get(reverse(f"admin:events_{model}_add")).status_code == 403


def test_events_speak_and_link_their_customer(
    desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer(verified=True)
    body = desk.get(reverse(EVENTS)).content.decode()
    assert "basic KYC" in body
    link = reverse("admin:registry_customer_change", args=[customer.pk])
    named = f'<a class="v-a" href="{link}">{customer.name}</a>'
    assert named in body
    assert customer.public_id in body
    event = RecordedEvent.objects.get(type="CustomerVerified")
    url = reverse("admin:events_recordedevent_change", args=[event.pk])
    shown = desk.get(url).content.decode()
    assert "Deliveries" in shown
    assert named in shown


def test_customers_of_a_page_are_named_with_one_query(
    desk: Client, make_customer: MakeCustomer, django_assert_num_queries: Any
) -> None:
    make_customer()
    desk.get(reverse(EVENTS))
    with CaptureQueriesContext(connection) as few:
        desk.get(reverse(EVENTS))
    others = [make_customer() for _ in range(4)]
    with django_assert_num_queries(len(few)):
        body = desk.get(reverse(EVENTS)).content.decode()
    assert all(other.public_id in body for other in others)


def test_administrators_see_neither_restricted_events_nor_customers(
    make_staff: MakeStaff, client_as: ClientAs, officer: User,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    customer = make_customer(verified=True)
    open_task(customer, TaskKind.ESCALATION, reason="adverse_verdict", by=officer)
    client = client_as(make_staff("administrator"))
    body = client.get(reverse(EVENTS)).content.decode()
    assert "Verified" in body
    for hidden in (
        "Task opened", "adverse", str(customer.pk), "Verified for the test",
        customer.name, customer.public_id,
    ):  # fmt: skip
        assert hidden not in body
    event = RecordedEvent.objects.get(type="TaskOpened")
    url = reverse("admin:events_recordedevent_change", args=[event.pk])
    assert client.get(url).status_code == 404


def test_events_of_another_release_do_not_break_the_list(
    desk: Client, officer: User, demo_bank: Tenant
) -> None:
    now = timezone.now()
    for kind, payload in (
        ("CustomerSuspended", {"customer_id": "x", "reason": "of_old"}),
        ("CustomerVerified", {}),
        ("ForgottenFact", {}),
    ):
        RecordedEvent.objects.create(
            tenant=demo_bank, type=kind, payload=payload, actor=officer, created_at=now
        )
    body = desk.get(reverse(EVENTS)).content.decode()
    for kind in ("CustomerSuspended", "CustomerVerified", "ForgottenFact"):
        assert kind in body


def test_lists_survive_nonsense(desk: Client, stuck: Delivery) -> None:
    for text in NONSENSE:
        asked = {"state": text, "handler": text, "kind": text}
        for name in (DELIVERIES, EVENTS):
            assert desk.get(reverse(name), asked, follow=True).status_code == 200
    unknown = reverse("admin:events_delivery_again", args=[uuid4()])
    assert desk.post(unknown, ASKED).status_code == 404


def test_lists_ask_as_little_for_many_as_for_few(
    desk: Client, officer: User, demo_bank: Tenant, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        a_delivery(officer, demo_bank, status="failed")
    for name in (DELIVERIES, EVENTS):
        desk.get(reverse(name))
        with django_assert_max_num_queries(12):
            desk.get(reverse(name))


# --- home ---
def test_home_says_how_the_outbox_is_doing(desk: Client, stuck: Delivery) -> None:
    now = timezone.now()
    Delivery.objects.update(created_at=now - timedelta(hours=2))
    body = desk.get(reverse("admin:index")).content.decode()
    assert "No worker has answered yet" in body
    assert "1 delivery stuck" in body
    assert "Stuck deliveries" in body
    Heartbeat.objects.create(name="worker", seen_at=now)
    assert "Worker answered" in desk.get(reverse("admin:index")).content.decode()
    Heartbeat.objects.update(seen_at=now - timedelta(minutes=5))
    assert (
        "Worker silent for 5 min" in desk.get(reverse("admin:index")).content.decode()
    )
