"""Packs are asked for once, made whole or not at all, and gone after a day."""

import hashlib
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.errors import DomainError, IllegalTransitionError
from common.lifecycle import Arrow
from customers.registry.models import Customer
from documents import storage
from events.events import RetryLaterError
from events.models import Delivery, RecordedEvent
from events.sweeps import SWEEPS
from evidence.chapters import Chapter, Entry, chapter
from evidence.models import PATIENCE, EvidenceDownload, EvidencePack
from evidence.services import build_pack, expire_packs, record_download, request_pack
from tenants.models import User
from tests.conftest import Deliver, MakeCustomer, MakeStaff, race
from tests.evidence.conftest import AddDocument, Opened, ShakyStore, ask, made
from tests.house import events

pytestmark = pytest.mark.django_db
Status = EvidencePack.Status


def again(pack: EvidencePack) -> EvidencePack:
    pack.refresh_from_db()
    return pack


def set_back(pack: EvidencePack, **fields: timedelta) -> None:
    """Let some moments of a pack lie longer ago."""
    moments = {name: getattr(pack, name) - delta for name, delta in fields.items()}
    EvidencePack.objects.filter(pk=pack.pk).update(**moments)
    pack.refresh_from_db()


# --- asking ------------------------------------------------------------------------
def test_asked_for_it_is_made_by_the_outbox(
    customer: Customer, officer: User, deliver: Deliver
) -> None:
    pack = ask(customer, officer)
    assert pack.status == Status.QUEUED
    deliver()
    assert again(pack).status == Status.READY
    assert pack.progress == 100
    assert pack.expires_at and pack.ready_at
    assert pack.expires_at - pack.ready_at == timedelta(hours=24)
    assert pack.key == f"evidence/{pack.pk}.zip"
    assert events("EvidenceRequested") == events("EvidenceReady") == 1
    assert Opened(pack).zip.testzip() is None


def test_the_same_form_sent_twice_asks_once(customer: Customer, officer: User) -> None:
    pack_id = uuid4()
    for _ in range(2):
        request_pack(customer.pk, pack_id=pack_id, reason="Because", by=officer)
    assert EvidencePack.objects.count() == events("EvidenceRequested") == 1


def test_a_form_of_another_customer_or_person_asks_nothing(
    customer: Customer, officer: User, make_customer: MakeCustomer,
    make_staff: MakeStaff,
) -> None:  # fmt: skip
    pack = ask(customer, officer)
    for about, by in ((make_customer(), officer), (customer, make_staff("auditor"))):
        with pytest.raises(DomainError, match="begin anew"):
            request_pack(about.pk, pack_id=pack.pk, reason="Because", by=by)


def test_a_second_pack_waits_for_the_first(
    customer: Customer, officer: User, make_staff: MakeStaff,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    pack = ask(customer, officer)
    with pytest.raises(DomainError, match="already"):
        ask(customer, officer)
    ask(customer, make_staff("auditor"))
    ask(make_customer(), officer)
    made(pack)
    ask(customer, officer)


def test_the_database_refuses_a_second_one_too(
    customer: Customer, officer: User
) -> None:
    pack = ask(customer, officer)
    pack.pk = uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        pack.save_as(officer, "Sneaked in", force_insert=True)


@pytest.mark.parametrize("reason", ["", "  \n\t", "\u202e\x00", "x" * 201])
def test_a_reason_is_asked(reason: str, customer: Customer, officer: User) -> None:
    with pytest.raises(DomainError, match="Say why") as refusal:
        ask(customer, officer, reason=reason)
    assert refusal.value.field == "reason"


@pytest.mark.django_db(transaction=True)
def test_two_forms_at_once_make_one_pack(customer: Customer, officer: User) -> None:
    results = race(*[lambda: ask(customer, officer)] * 3)
    assert sum(isinstance(each, EvidencePack) for each in results) == 1
    assert sum(isinstance(each, DomainError) for each in results) == 2


def test_every_fact_is_restricted(
    customer: Customer, officer: User, deliver: Deliver
) -> None:
    pack = ask(customer, officer)
    deliver()
    record_download(pack.pk, by=officer)
    set_back(again(pack), expires_at=timedelta(days=2))
    expire_packs()
    late = ask(customer, officer)
    set_back(late, requested_at=PATIENCE * 2)
    expire_packs()
    facts = RecordedEvent.objects.filter(type__startswith="Evidence")
    assert set(facts.values_list("type", flat=True)) == {
        "EvidenceRequested", "EvidenceReady", "EvidenceDownloaded", "EvidenceExpired",
        "EvidenceFailed",
    }  # fmt: skip
    assert not facts.filter(is_restricted=False).exists()
    assert set(facts.values_list("subject_id", flat=True)) == {str(customer.pk)}


# --- the lifecycle -----------------------------------------------------------------
ARROWS = {
    "begin": ({"queued", "building"}, "building"),
    "finish": ({"building"}, "ready"),
    "fail": ({"queued", "building"}, "failed"),
    "expire": ({"ready"}, "expired"),
}


@pytest.mark.parametrize("verb", ARROWS)
@pytest.mark.parametrize("here", Status.values)
def test_every_verb_from_every_status(verb: str, here: str) -> None:
    sources, to = ARROWS[verb]
    arrow: Arrow = getattr(EvidencePack, verb).arrow
    assert ({*arrow.sources}, arrow.to) == (sources, to)
    pack = EvidencePack(id=uuid4(), customer=Customer(), status=here)
    known: dict[str, dict[str, Any]] = {
        "finish": {"key": "k", "size": 1, "sha256": "s", "at": timezone.now()},
        "fail": {"error": "x" * 300},
    }
    arguments = known.get(verb, {})
    if here in sources:
        getattr(pack, verb)(**arguments)
    elif here == to:
        assert getattr(pack, verb)(**arguments) is None
    else:
        with pytest.raises(IllegalTransitionError):
            getattr(pack, verb)(**arguments)
    assert pack.status == (to if here in sources else here)


# --- running twice, dying, competing -----------------------------------------------
def test_made_twice_it_is_made_once(customer: Customer, officer: User) -> None:
    pack = made(ask(customer, officer))
    build_pack(pack.pk)
    assert again(pack).sha256 == made(pack).sha256
    assert events("EvidenceReady") == 1


class Killed(BaseException):
    """What no `except Exception` sees: the process is gone."""


def test_killed_half_way_it_is_made_anew(
    customer: Customer, officer: User, store: Path, deliver: Deliver,
    own_chapters: dict[str, Chapter],
) -> None:  # fmt: skip
    @chapter("zz_dies", "Dies", order=999)
    def dies(_customer: Customer) -> Iterator[Entry]:
        yield Entry(path="a.json", rows=[{"half": "way"}])
        raise Killed

    pack = ask(customer, officer)
    with pytest.raises(Killed):
        build_pack(pack.pk)
    del own_chapters["zz_dies"]
    # And one that died while it put the pack into the store.
    half = store / pack.place
    half.parent.mkdir(parents=True)
    half.write_bytes(b"PK half a pack")
    assert again(pack).status == Status.BUILDING
    deliver()  # its lease holds still: the outbox asks again later
    assert again(pack).status == Status.BUILDING
    waiting = Delivery.objects.get(handler="evidence.make_pack")
    assert waiting.status == Delivery.Status.DUE
    assert waiting.due_at > timezone.now() + timedelta(seconds=60)
    EvidencePack.objects.update(building_until=timezone.now())
    deliver(hurry=True)
    assert again(pack).status == Status.READY
    assert "zz_dies/a.json" not in Opened(pack).names
    assert [path.name for path in half.parent.iterdir()] == [half.name]


def test_who_was_overtaken_stops_and_leaves_the_pack_alone(
    customer: Customer, officer: User, own_chapters: dict[str, Chapter]
) -> None:
    pack = ask(customer, officer)
    taken: list[str] = []

    @chapter("zz_slow", "Slow", order=999)
    def slow(_customer: Customer) -> Iterator[Entry]:
        if not taken:  # the first worker hangs here until its lease is over
            taken.append("begun")
            EvidencePack.objects.update(building_until=timezone.now())
            build_pack(pack.pk)
            taken.append(again(pack).sha256)
        yield Entry(path="a.json", rows=[])

    with pytest.raises(RetryLaterError, match="Another worker"):
        build_pack(pack.pk)
    assert again(pack).status == Status.READY
    assert Opened(pack).manifest["pack"] == str(pack.pk)
    assert pack.sha256 == taken[1]
    assert hashlib.sha256(Opened(pack).raw).hexdigest() == pack.sha256
    assert events("EvidenceReady") == 1
    build_pack(pack.pk)


def test_who_is_overtaken_while_it_stores_offers_nothing(
    customer: Customer, officer: User
) -> None:
    pack = ask(customer, officer)
    other = uuid4()
    ShakyStore.meanwhile.append(lambda: EvidencePack.objects.update(build=other))
    with pytest.raises(RetryLaterError, match="Another worker"):
        build_pack(pack.pk)
    assert again(pack).status == Status.BUILDING
    assert pack.build == other
    assert events("EvidenceReady") == 0


def test_who_was_overtaken_cannot_let_it_fail(
    customer: Customer, officer: User, own_chapters: dict[str, Chapter]
) -> None:
    pack = ask(customer, officer)
    set_back(pack, requested_at=PATIENCE * 2)

    @chapter("zz_breaks", "Breaks", order=999)
    def breaks(_customer: Customer) -> Iterator[Entry]:
        EvidencePack.objects.update(build=uuid4())
        yield Entry(path="a.json", rows=[{"not": object()}])

    with pytest.raises(TypeError):
        build_pack(pack.pk)
    assert again(pack).status == Status.BUILDING
    assert pack.error == ""


def test_while_one_is_at_it_another_comes_later(
    customer: Customer, officer: User, own_chapters: dict[str, Chapter]
) -> None:
    pack = ask(customer, officer)
    seen: list[float] = []

    @chapter("zz_watch", "Watch", order=999)
    def watch(_customer: Customer) -> Iterator[Entry]:
        with pytest.raises(RetryLaterError) as refusal:
            build_pack(pack.pk)
        seen.append(refusal.value.seconds or 0)
        yield Entry(path="a.json", rows=[])

    build_pack(pack.pk)
    assert 0 < seen[0] <= 120
    assert again(pack).status == Status.READY


def test_progress_is_shown_and_saved_at_most_once_a_second(
    customer: Customer, officer: User, own_chapters: dict[str, Chapter]
) -> None:
    pack, seen = ask(customer, officer), []

    @chapter("zz_many", "Many rows", order=999)
    def many(_customer: Customer) -> Iterator[Entry]:
        for number in range(300):
            yield Entry(path=f"{number}.json", rows=[{}], share=number / 300)
        seen.append(again(pack).progress)

    with CaptureQueriesContext(connection) as queries:
        build_pack(pack.pk)
    saved = [
        each for each in queries.captured_queries
        if each["sql"].startswith("UPDATE") and '"progress"' in each["sql"]
        and '"reason"' not in each["sql"]
    ]  # fmt: skip
    assert 1 <= len(saved) <= 6
    assert again(pack).history.count() == 3  # progress is no version


@pytest.mark.django_db(transaction=True)
def test_nothing_is_read_or_stored_inside_a_transaction(
    customer: Customer, officer: User, own_chapters: dict[str, Chapter]
) -> None:
    inside = []

    @chapter("zz_look", "Look", order=999)
    def look(_customer: Customer) -> Iterator[Entry]:
        inside.append(connection.in_atomic_block)
        yield Entry(path="a.json", rows=[])

    made(ask(customer, officer))
    assert inside == [False]


# --- the store is down -------------------------------------------------------------
def test_the_store_is_down_and_comes_back(
    customer: Customer, officer: User, deliver: Deliver, store_is_down: Path
) -> None:
    pack = ask(customer, officer)
    deliver()
    assert again(pack).status == Status.BUILDING
    assert "does not answer" in pack.error
    assert pack.step == "Waits for another try"
    deliver(hurry=True)
    store_is_down.unlink()
    deliver(hurry=True)
    assert again(pack).status == Status.READY
    assert pack.error == ""
    assert events("EvidenceFailed") == 0


def test_what_no_try_can_make_fails_after_a_while(
    customer: Customer, officer: User, deliver: Deliver, store_is_down: Path,
    store: Path,
) -> None:  # fmt: skip
    pack = ask(customer, officer)
    deliver()
    set_back(pack, requested_at=PATIENCE)
    deliver(hurry=True)
    assert again(pack).status == Status.FAILED
    assert pack.error.startswith("It was not finished within 6 hours.")
    assert events("EvidenceFailed") == 1
    assert not Delivery.objects.open().filter(handler="evidence.make_pack").exists()
    store_is_down.unlink()
    ask(customer, officer)
    with pytest.raises(DomainError, match="ask for another"):
        record_download(pack.pk, by=officer)


def test_an_error_of_ours_says_no_more_than_its_kind(
    customer: Customer, officer: User, deliver: Deliver,
    own_chapters: dict[str, Chapter],
) -> None:  # fmt: skip
    @chapter("zz_breaks", "Breaks", order=999)
    def breaks(about: Customer) -> Iterator[Entry]:
        if about:
            raise ValueError(about.name)
        yield Entry(path="a.json", rows=[])

    pack = ask(customer, officer)
    deliver()
    assert again(pack).error == "ValueError"


# --- the day is over ---------------------------------------------------------------
def test_after_a_day_the_bytes_are_gone_and_the_row_stays(
    customer: Customer, officer: User, store: Path
) -> None:
    pack = made(ask(customer, officer))
    fresh = made(ask(customer, officer))
    record_download(pack.pk, by=officer)
    file = store / pack.key
    assert expire_packs() == 0
    assert file.exists()
    set_back(pack, expires_at=timedelta(hours=24, seconds=1))
    assert SWEEPS["evidence_expiry"].command() == 1
    assert again(pack).status == Status.EXPIRED
    assert not file.exists()
    assert pack.key == ""
    assert pack.sha256
    assert EvidenceDownload.objects.get().pack == pack
    assert again(fresh).status == Status.READY
    assert (store / fresh.key).exists()
    assert expire_packs() == 0
    assert events("EvidenceExpired") == 1


def test_it_is_over_before_the_sweep_comes(customer: Customer, officer: User) -> None:
    pack = made(ask(customer, officer))
    set_back(pack, expires_at=timedelta(hours=24))
    with pytest.raises(DomainError, match="has expired"):
        record_download(pack.pk, by=officer)
    assert not EvidenceDownload.objects.exists()


def test_bytes_that_could_not_be_removed_are_removed_later(
    customer: Customer, officer: User, store: Path
) -> None:
    packs = [made(ask(customer, officer)) for _ in range(2)]
    for pack in packs:
        set_back(pack, expires_at=timedelta(days=2))
    mark = store.parent / "down"
    mark.touch()
    assert expire_packs() == 2
    assert [again(pack).status for pack in packs] == [Status.EXPIRED] * 2
    assert all((store / pack.key).exists() for pack in packs)
    mark.unlink()
    assert expire_packs() == 0
    assert list((store / "evidence").iterdir()) == []


def test_what_nobody_makes_is_given_up_and_cleared(
    customer: Customer, officer: User, store: Path
) -> None:
    pack = ask(customer, officer)
    expire_packs()
    assert again(pack).status == Status.QUEUED
    half = store / pack.place
    half.parent.mkdir(parents=True)
    half.write_bytes(b"PK")
    set_back(pack, requested_at=PATIENCE + timedelta(minutes=1))
    expire_packs()
    assert again(pack).status == Status.FAILED
    assert not half.exists()
    build_pack(pack.pk)  # its delivery comes late and finds nothing to do
    assert again(pack).status == Status.FAILED


def test_a_pack_that_is_being_made_is_not_given_up(
    customer: Customer, officer: User, own_chapters: dict[str, Chapter]
) -> None:
    pack = ask(customer, officer)
    set_back(pack, requested_at=PATIENCE * 2)

    @chapter("zz_sweep", "Sweep", order=999)
    def sweep(_customer: Customer) -> Iterator[Entry]:
        expire_packs()
        yield Entry(path="a.json", rows=[])

    assert made(pack).status == Status.READY


def test_given_up_while_a_worker_still_stores_leaves_no_bytes(
    customer: Customer, officer: User, store: Path, own_chapters: dict[str, Chapter]
) -> None:
    pack = ask(customer, officer)

    @chapter("zz_late", "Late", order=999)
    def late(_customer: Customer) -> Iterator[Entry]:
        set_back(again(pack), requested_at=PATIENCE * 2)
        EvidencePack.objects.update(building_until=timezone.now() - PATIENCE)
        expire_packs()
        yield Entry(path="a.json", rows=[])

    with pytest.raises(RetryLaterError):
        build_pack(pack.pk)
    build_pack(pack.pk)
    expire_packs()
    assert again(pack).status == Status.FAILED
    assert not (store / pack.place).exists()


def test_given_up_in_the_middle_of_storing_leaves_no_bytes(
    customer: Customer, officer: User, store: Path
) -> None:
    pack = ask(customer, officer)

    def give_up() -> None:
        set_back(again(pack), requested_at=PATIENCE * 2, building_until=PATIENCE)
        expire_packs()

    ShakyStore.meanwhile.append(give_up)
    with pytest.raises(RetryLaterError):
        build_pack(pack.pk)
    assert (store / pack.place).exists()
    expire_packs()
    assert again(pack).status == Status.FAILED
    assert not (store / pack.place).exists()


# --- large -------------------------------------------------------------------------
def test_a_large_document_goes_through_without_being_held(
    customer: Customer, officer: User, add_document: AddDocument
) -> None:
    content = bytes(range(256)) * (25 * 4096)  # 25 MB, as large as one may be
    for _ in range(2):
        add_document(content)
    size = len(content)
    del content
    pack = ask(customer, officer)
    tracemalloc.start()
    build_pack(pack.pk)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert again(pack).size > 2 * size
    assert peak < 16 * 1024**2, f"{peak / 1024**2:.1f} MB"
    with storage.fetch(pack.key) as file:
        manifest = zipfile.ZipFile(file).getinfo("manifest.json")
    assert manifest.file_size > 0
