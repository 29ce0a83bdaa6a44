"""The feed: every event once, in order, also one whose transaction commits late."""

import re
import threading
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from api.callers.tokens import create_token
from events.models import RecordedEvent
from events.services import publish
from subscribers.feed.cursors import cursor_of, position_of
from subscribers.feed.envelope import type_of
from subscribers.feed.placing import end_of, place_events
from subscribers.feed.trigger import NAME, keep_trigger
from subscribers.models import FeedEntry, Unplaced
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeStaff
from tests.subscribers.conftest import Light
from tests.subscribers.facts import LampLit

URL = "/api/v1/events"


@pytest.fixture
def reader(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("administrator"))


@pytest.fixture
def officer(make_staff: MakeStaff, client_as: ClientAs) -> Client:
    return client_as(make_staff("compliance_officer"))


def read(client: Client, **asked: Any) -> dict[str, Any]:
    answer = client.get(URL, asked)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def ids(page: dict[str, Any]) -> list[str]:
    return [event["id"] for event in page["events"]]


def begin(client: Client) -> str:
    """Pass by what set the bank up."""
    place_events()
    page = read(client, limit=500)
    assert not page["has_more"]
    return str(page["cursor"])


@pytest.mark.django_db
def test_the_envelope(reader: Client, light: Light, demo_bank: Tenant) -> None:
    after, customer = begin(reader), str(uuid4())
    event = light(customer)
    place_events()
    [found] = read(reader, after=after)["events"]
    time = found.pop("time")
    assert time.endswith("Z") and time[:19] == event.created_at.isoformat()[:19]
    assert found == {
        "specversion": "1.0",
        "id": str(event.pk),
        "source": f"urn:uuid:{demo_bank.pk}",
        "type": "vestibule.lamp_lit",
        "subject": customer,
        "datacontenttype": "application/json",
        "data": {"customer_id": customer},
    }


@pytest.mark.django_db
def test_pages_follow_one_another(reader: Client, light: Light) -> None:
    after = begin(reader)
    lit = [str(light(str(uuid4())).pk) for _ in range(5)]
    place_events()
    first = read(reader, after=after, limit=2)
    second = read(reader, after=first["cursor"], limit=3)
    assert ids(first) + ids(second) == lit
    assert (first["has_more"], second["has_more"]) == (True, False)
    end = read(reader, after=second["cursor"])
    assert end == {"events": [], "cursor": second["cursor"], "has_more": False}
    later = light("")
    place_events()
    [found] = read(reader, after=end["cursor"])["events"]
    assert found["id"] == str(later.pk)
    assert "subject" not in found


@pytest.mark.django_db
def test_filters(reader: Client, light: Light) -> None:
    after, customer = begin(reader), str(uuid4())
    light(str(uuid4()))
    mine = light(customer)
    place_events()
    assert ids(read(reader, after=after, customer=customer)) == [str(mine.pk)]
    assert len(ids(read(reader, after=after, type="vestibule.lamp_lit"))) == 2
    empty = read(reader, after=after, type="vestibule.customer_verified")
    assert empty["events"] == []
    assert ids(read(reader, after=empty["cursor"])) == [], "the end is passed at once"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "asked",
    [
        {"after": "x"}, {"after": "MQ"}, {"after": "é"}, {"after": ""},
        {"after": "MS4"}, {"after": "9" * 7000}, {"limit": "0"}, {"limit": "501"},
        {"limit": "²"}, {"limit": ""}, {"limit": "0000000019999"},
        {"limit": "1" * 5000}, {"type": "LampLit"}, {"customer": "me"},
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(reader: Client, asked: dict[str, str]) -> None:
    assert reader.get(URL, asked).status_code == 400


SOMEBODY = "01a20000-0000-7000-8000-000000000000"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "name"),
    [("aftr=zzz", "aftr"), ("after=&after=", "after"), ("limit=1&limit=500", "limit"),
     ("cursor=MQ", "cursor"), (f"customer={SOMEBODY}&customer={SOMEBODY}", "customer")],
)  # fmt: skip
def test_what_nobody_asked_for_is_refused(
    reader: Client, query: str, name: str
) -> None:
    answer = reader.get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert list(answer.json()["details"]) == [name]


@pytest.mark.django_db
def test_several_types_may_be_asked_for(reader: Client, light: Light) -> None:
    after = begin(reader)
    light("")
    place_events()
    kinds = ["vestibule.customer_verified", "vestibule.lamp_lit"]
    assert len(ids(read(reader, after=after, type=kinds))) == 1


# --- cursors --------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_cursor_of_another_institution_is_refused(
    reader: Client, second_bank: Tenant, demo_bank: Tenant, light: Light
) -> None:
    light("")
    begin(reader)
    for position in (0, 1):
        own = cursor_of(demo_bank.pk, position)
        assert reader.get(URL, {"after": own}).status_code == 200
        theirs = cursor_of(second_bank.pk, position)
        answer = reader.get(URL, {"after": theirs})
        assert answer.status_code == 400
        assert "no cursor that this route gave" in answer.json()["message"]


@pytest.mark.django_db
def test_a_cursor_beyond_the_end_is_refused(reader: Client, demo_bank: Tenant) -> None:
    """Echoed, it would lose without a word what is placed before it."""
    begin(reader)
    end = end_of(demo_bank.pk)
    assert reader.get(URL, {"after": cursor_of(demo_bank.pk, end)}).status_code == 200
    for position in (end + 1, 2**63 - 1, 2**80):
        answer = reader.get(URL, {"after": cursor_of(demo_bank.pk, position)})
        assert answer.status_code == 400
        assert "beyond the end of the feed" in answer.json()["message"]


@given(st.integers(0, 2**64), st.uuids(), st.uuids())
def test_cursors_lead_back_to_their_place(
    position: int, tenant_id: UUID, other_id: UUID
) -> None:
    cursor = cursor_of(tenant_id, position)
    assert re.fullmatch(r"[\w-]+", cursor, re.ASCII)
    assert position_of(tenant_id, cursor) == position
    assert other_id == tenant_id or position_of(other_id, cursor) is None


@given(st.text(max_size=130))
def test_whatever_else_is_said_is_no_cursor(said: str) -> None:
    assert position_of(UUID(int=7), said) is None


@pytest.mark.django_db
def test_restricted_events_are_for_those_who_see_tasks(
    reader: Client, officer: Client, light: Light
) -> None:
    after = begin(reader)
    hidden = light(str(uuid4()), hidden=True)
    place_events()
    assert str(hidden.pk) not in ids(read(reader, after=after))
    assert str(hidden.pk) in ids(read(officer, after=after))


@pytest.mark.django_db
def test_another_bank_sees_nothing(
    light: Light, second_bank: Tenant, make_staff: MakeStaff, client_as: ClientAs
) -> None:
    light(str(uuid4()))
    place_events()
    theirs = light("", tenant=second_bank)
    place_events()
    stranger = client_as(make_staff("administrator", tenant=second_bank))
    page = read(stranger, limit=500)
    assert str(theirs.pk) in ids(page)
    assert {event["source"] for event in page["events"]} == {
        f"urn:uuid:{second_bank.pk}"
    }


@pytest.mark.django_db
def test_who_may(
    make_staff: MakeStaff, client_as: ClientAs, administrator: User
) -> None:
    assert Client().get(URL).status_code == 401
    assert client_as(make_staff("teller")).get(URL).status_code == 403
    from datetime import timedelta

    from django.utils import timezone

    ends = timezone.now().date() + timedelta(days=9)
    for scope, code in (("subscribers.read_events", 200), ("api.income", 403)):
        _, token = create_token(
            name="Reader", scopes=[scope], by=administrator, expires_on=ends
        )
        answer = Client(HTTP_AUTHORIZATION=f"Bearer {token}").get(URL)
        assert answer.status_code == code


@pytest.mark.django_db
def test_what_is_undone_has_no_place(light: Light, setup_machine: User) -> None:
    place_events()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        light("")
        raise ZeroDivisionError
    assert not Unplaced.objects.exists()


@pytest.mark.django_db
def test_events_of_no_institution_are_not_for_the_feed(setup_machine: User) -> None:
    with transaction.atomic():
        event = publish(LampLit(), by=setup_machine, tenant_id=None)
    assert not Unplaced.objects.filter(event=event).exists()


@pytest.mark.django_db(transaction=True)
def test_a_late_commit_is_not_skipped(
    reader: Client, demo_bank: Tenant, setup_machine: User, light: Light
) -> None:
    """Its key is older than one that a reader has seen already."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: nobody commits late.")
    after = begin(reader)
    has_published, may_commit = threading.Event(), threading.Event()
    late: list[RecordedEvent] = []

    def be_slow() -> None:
        try:
            with transaction.atomic():
                late.append(
                    publish(LampLit(), by=setup_machine, tenant_id=demo_bank.pk)
                )
                has_published.set()
                may_commit.wait(20)
        finally:
            connection.close()

    slow = threading.Thread(target=be_slow)
    slow.start()
    assert has_published.wait(20)
    quick = light("")
    assert late[0].pk < quick.pk
    place_events()
    page = read(reader, after=after)
    assert ids(page) == [str(quick.pk)], "nor does the slow one hold it up"
    may_commit.set()
    slow.join()
    place_events()
    assert ids(read(reader, after=page["cursor"])) == [str(late[0].pk)]


@pytest.mark.django_db(transaction=True)
def test_places_are_given_once_by_many_at_a_time(light: Light) -> None:
    place_events()
    before = FeedEntry.objects.count()
    lit = [light("") for _ in range(60)]

    def place() -> None:
        try:
            while place_events(7):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=place) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = FeedEntry.objects.order_by("position")[before:]
    assert [entry.event_id for entry in entries] == [event.pk for event in lit]
    positions = list(
        FeedEntry.objects.order_by("position").values_list("position", flat=True)
    )
    assert positions == list(range(1, before + 61)), "no gap, no place twice"


@pytest.mark.django_db
def test_a_lost_trigger_comes_back_with_what_it_missed(light: Light) -> None:
    """SQLite drops it when a migration rebuilds the table of events."""
    place_events()
    with connection.cursor() as cursor:
        table = " ON events_recordedevent" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {NAME}{table}")
    missed = light("")
    assert not Unplaced.objects.exists()
    keep_trigger()
    assert [row.event_id for row in Unplaced.objects.all()] == [missed.pk]
    keep_trigger()
    light("")
    assert place_events() == 2


def test_types_are_written_in_one_way() -> None:
    assert type_of("CustomerVerified") == "vestibule.customer_verified"
    assert type_of("EvidencePackReady") == "vestibule.evidence_pack_ready"
