"""What administrators do on the pages of subscribers."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from pytest_django import Settings

from events.events import EVENT_TYPES
from subscribers.admin.forms import event_choices
from subscribers.admin.queues import troubled_subscribers
from subscribers.models import Message, Secret, Stand, Subscriber
from subscribers.sending.leases import BREAKS_AFTER
from subscribers.sending.sweep import send_events
from subscribers.services import allow_restricted, change_subscriber, send_test
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


def test_a_key_in_an_address_is_for_whoever_may_change_it(
    client: Client, engine: Known, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    Subscriber.objects.update(url="https://engine.example/in?key=tell-nobody")
    officer = client_as(make_staff("compliance_officer"))
    for visitor in (client, officer):
        for page in (visitor.get(at("change", engine)), visitor.get(at("changelist"))):
            assert "https://engine.example/in?…" in page.content.decode()
            assert "tell-nobody" not in page.content.decode()
    for wanted in ("tell-nobody", "tell", "?key"):
        for visitor in (client, officer):
            found = visitor.get(at("changelist"), {"q": wanted}).content.decode()
            assert engine.row.name not in found, "nor is it found letter by letter"
    found = officer.get(at("changelist"), {"q": "engine.example"}).content.decode()
    assert engine.row.name in found


def test_versions_show_no_key(
    client: Client, engine: Known, receiver: Receiver, administrator: User
) -> None:
    for key in ("tell-nobody", "tell-no-one"):
        change_subscriber(
            engine.row.pk, name="Engine", url=f"{receiver.url}?key={key}",
            event_types=[], by=administrator, reason="New key",
        )  # fmt: skip
    pages = [client.get(at("history", engine)).content.decode()]
    for version in engine.row.history.all():
        url = reverse(
            "admin:subscribers_subscriber_simple_history",
            args=[engine.row.pk, version.pk],
        )
        pages.append(client.get(url).content.decode())
    assert len(pages) == 4
    assert not [page for page in pages if "tell-no" in page]
    shown = f"{receiver.url}?…"
    assert f"{shown} (another one)" in pages[0]
    assert [shown in page for page in pages] == [True, True, True, False]


def test_the_key_stays_where_the_address_is_left_as_it_is(
    client: Client, engine: Known, receiver: Receiver, make_staff: MakeStaff,
    client_as: ClientAs,
) -> None:  # fmt: skip
    whole = f"{receiver.url}?key=tell-nobody"
    Subscriber.objects.update(url=whole)
    page = client.get(at("edit", engine)).content.decode()
    assert "tell-nobody" not in page
    shown = f"{receiver.url}?…"
    assert f'value="{shown}"' in page
    said = {"name": "Renamed", "url": shown, "reason": "Another name"}
    assert client.post(at("edit", engine), said).status_code == 302
    engine.row.refresh_from_db()
    assert (engine.row.name, engine.row.url) == ("Renamed", whole)
    refused = client.post(at("edit", engine), {**said, "url": f"{receiver.url}2?…"})
    assert "Write the whole address" in refused.content.decode()
    anew = {**said, "url": f"{receiver.url}?key=another"}
    assert client.post(at("edit", engine), anew).status_code == 302
    engine.row.refresh_from_db()
    assert engine.row.url == anew["url"]
    officer = client_as(make_staff("compliance_officer"))
    assert officer.get(at("edit", engine)).status_code == 403


def test_events_are_chosen_by_room(client: Client, engine: Known) -> None:
    rooms = dict(event_choices())
    assert list(rooms) == sorted(rooms)
    assert ("CustomerVerified", "Customer verified") in rooms["Customers"]
    assert ("LampHidden", "Lamp hidden (restricted)") in rooms["Others"]
    names = [name for boxes in rooms.values() for name, _ in boxes]
    assert {"DocumentEvent", "_OfContact"}.isdisjoint(names), "nothing that is shared"
    families = {name for name, kind in EVENT_TYPES.items() if kind.__subclasses__()}
    assert sorted(names) == sorted(EVENT_TYPES.keys() - families)
    Subscriber.objects.update(event_types=["CustomerVerified"])
    page = client.get(at("edit", engine)).content.decode()
    for room in rooms:
        assert f'role="group" aria-label="{escape(room)}"' in page
    [ticked] = re.findall(r"<input[^>]* checked(?![\w:-])[^>]*>", page)
    assert 'value="CustomerVerified"' in ticked


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


def test_nor_is_whom_it_is_about(
    client: Client, engine: Known, light: Light, administrator: User
) -> None:
    """For whoever may see customers too: an institution may give leave of its own."""
    seen = Permission.objects.get(codename="view_customer")
    administrator.groups.get().permissions.add(seen)
    about = {hidden: str(uuid4()) for hidden in (True, False)}
    allow_restricted(engine.row.pk, is_allowed=True, by=administrator, reason="Agreed")
    for hidden, customer in about.items():
        light(customer, hidden=hidden)
    send_events()
    pages = [client.get(reverse("admin:subscribers_message_changelist"))]
    for message in Message.objects.all():
        url = reverse("admin:subscribers_message_change", args=[message.pk])
        pages.append(client.get(url))
    shown = "".join(page.content.decode() for page in pages)
    assert shown.count(about[False]) >= 2
    assert about[True] not in shown


def test_pages_answer_as_all_do(
    client: Client, engine: Known, administrator: User
) -> None:
    message = send_test(engine.row.pk, by=administrator)
    for url in (
        at("change", engine),
        reverse("admin:subscribers_message_change", args=[message.pk]),
    ):
        answers = (client.get(url), client.head(url), client.post(url, PRESSED))
        assert [answer.status_code for answer in answers] == [200, 200, 405]


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
