"""What administrators do on the pages of subscribers."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from subscribers.admin.queues import troubled_subscribers
from subscribers.models import Message, Secret, Stand, Subscriber
from subscribers.sending.queue import BREAKS_AFTER
from subscribers.sending.sweep import send_events
from tenants.models import User
from tests.conftest import ClientAs, MakeStaff
from tests.subscribers.conftest import Known, Light, hurry
from tests.subscribers.receiver import Receiver, answering

pytestmark = pytest.mark.django_db
PRESSED = {"_form_submitted": "on"}


@pytest.fixture
def client(administrator: User, client_as: ClientAs) -> Client:
    return client_as(administrator)


def at(page: str, known: Known | None = None) -> str:
    args = [known.row.pk] if known else []
    return reverse(f"admin:subscribers_subscriber_{page}", args=args)


def test_a_secret_is_shown_once(client: Client, receiver: Receiver) -> None:
    said = {"name": "Screening", "url": receiver.url, "reason": "Asked for"}
    answer = client.post(at("add"), said, follow=True)
    [shown] = set(re.findall(r"whsec_[\w+/=]+", answer.content.decode()))
    known = Subscriber.objects.get(name="Screening")
    assert Secret.objects.get(subscriber=known).secret == shown
    again = client.get(answer.redirect_chain[-1][0])
    assert again.status_code == 302
    page = client.get(reverse("admin:subscribers_subscriber_change", args=[known.pk]))
    assert "whsec_" not in page.content.decode()
    session = client.session
    assert "whsec_" not in str(dict(session))


def test_a_refusal_stands_at_its_field(client: Client, settings: Settings) -> None:
    settings.SUBSCRIBER_ALLOWED_NETWORKS = []
    said = {"name": "Inside", "url": "https://169.254.169.254/", "reason": "Asked for"}
    page = client.post(at("add"), said).content.decode()
    assert "This address leads into a private network." in page
    assert 'value="https://169.254.169.254/"' in page
    assert not Subscriber.objects.exists()


def test_the_page_says_how_it_fares(
    client: Client, engine: Known, receiver: Receiver, light: Light,
    administrator: User,
) -> None:  # fmt: skip
    receiver.behaviour = answering(500)
    for _ in range(BREAKS_AFTER):
        light(str(uuid4()))
    send_events()
    assert Stand.objects.get(subscriber=engine.row).failures >= BREAKS_AFTER
    page = client.get(at("change", engine)).content.decode()
    for words in ("Troubled", "5, oldest waits", "Lamp lit: 500 in", "Answered 500"):
        assert words in page
    assert troubled_subscribers(administrator).count == 1
    listed = client.get(at("changelist") + "?state=troubled").content.decode()
    assert engine.row.name in listed


def test_deeds_are_done_with_a_reason(
    client: Client, engine: Known, administrator: User
) -> None:
    client.post(at("pause", engine), {"reason": "Moves house", **PRESSED})
    engine.row.refresh_from_db()
    assert engine.row.status == "paused"
    version = engine.row.history.first()
    assert version.history_change_reason == "Moves house"
    assert version.history_user == administrator
    refused = client.post(at("test", engine), PRESSED).content.decode()
    assert "is paused: resume it first." in refused
    client.post(at("resume", engine), PRESSED)
    engine.row.refresh_from_db()
    assert engine.row.status == "paused", "no reason was given"


def test_a_restricted_event_is_not_named_to_administrators(
    client: Client, engine: Known, light: Light, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    officer = client_as(make_staff("compliance_officer"))
    officer.post(at("allow", engine), {"reason": "Agreed", **PRESSED})
    light(str(uuid4()), hidden=True)
    send_events()
    message = Message.objects.get()
    pages = [
        client.get(at("change", engine)),
        client.get(reverse("admin:subscribers_message_changelist")),
        client.get(reverse("admin:subscribers_message_change", args=[message.pk])),
    ]
    for page in pages:
        assert "Restricted" in page.content.decode()
        assert "Lamp hidden" not in page.content.decode()
    assert "Lamp hidden" in officer.get(at("change", engine)).content.decode()


def test_one_message_is_sent_again(
    client: Client, engine: Known, receiver: Receiver, light: Light
) -> None:
    light("")
    send_events()
    message = Message.objects.get()
    url = reverse("admin:subscribers_message_again", args=[message.pk])
    client.post(url, {"reason": "They lost it", **PRESSED})
    hurry(engine)
    send_events()
    assert [taken.webhook_id for taken in receiver.taken] == [message.webhook_id] * 2
