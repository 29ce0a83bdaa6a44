"""Build one pack: every chapter in order, a sheet for people, the manifest last."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import IO, Any, Protocol

from django.utils import timezone

from customers.registry.models import Customer
from evidence.archive import Archive, Written, json_bytes
from evidence.chapters import Chapter, Entry, chapters
from evidence.models import EvidencePack
from evidence.summary import Section, write_summary

FORMAT = "vestibule-evidence-1"
GENERATOR = "Vestibule"
SUMMARY, MANIFEST = "summary.pdf", "manifest.json"
CHUNK = 1024 * 1024  # bytes
# A worker that shows no progress for so long is dead; another may take the pack over.
LEASE = timedelta(minutes=2)
# The store takes the whole ZIP at once and says nothing meanwhile.
STORE_LEASE = timedelta(minutes=15)
SECONDS_BETWEEN = 1.0  # of progress saved
LAST_PERCENT = 95  # what the chapters make up; the store gets the rest


class SupersededError(Exception):
    """Another worker has the pack now: whoever sees this stops."""


class Progress(Protocol):
    def tell(self, percent: float, step: str) -> None: ...


class SavedProgress:
    """Shows how far the build is, and keeps its lease, at most once a second.

    Written outside transactions and without versions: it is no deed.
    """

    def __init__(self, pack: EvidencePack) -> None:
        self._pack_id, self._build = pack.pk, pack.build
        self._next = 0.0

    def tell(self, percent: float, step: str) -> None:
        """Raises SupersededError when the pack is another worker's meanwhile."""
        if time.monotonic() >= self._next:
            self.save(percent, step, lease=LEASE)

    def save(self, percent: float, step: str, *, lease: timedelta) -> None:
        self._next = time.monotonic() + SECONDS_BETWEEN
        mine = EvidencePack.objects.filter(
            pk=self._pack_id, build=self._build, status=EvidencePack.Status.BUILDING
        )
        until = timezone.now() + lease
        values = {"progress": int(percent), "step": step[:100]}
        if not mine.update(building_until=until, **values):
            raise SupersededError("Another worker makes this pack now.")


def write_pack(file: IO[bytes], pack: EvidencePack, progress: Progress) -> None:
    """Write the whole ZIP. Raises what a chapter's reading raises."""
    begun_at = timezone.now()
    known = chapters()
    here = _Here(progress)
    with closing(Archive(file, at=pack.requested_at, tell=here.tell)) as archive:
        sections = []
        for place, chapter in enumerate(known):
            here.go_to(chapter.title, place / len(known), 1 / len(known))
            entries = list(_write_chapter(archive, chapter, pack.customer, here))
            sections.append(Section(chapter.title, entries))
        here.go_to("Summary", 1, 0)
        facts = facts_of(pack, begun_at)
        title = f"Evidence about {pack.customer.name}"
        sheet = write_summary(title, facts, sections, at=pack.requested_at)
        archive.add(Entry(path=SUMMARY, content=[sheet]))
        manifest = _manifest(pack, begun_at, known, archive.written)
        archive.add(Entry(path=MANIFEST, content=[json_bytes(manifest, indent=1)]))


def _write_chapter(
    archive: Archive, chapter: Chapter, customer: Customer, here: "_Here"
) -> Iterator[Written]:
    for entry in chapter.provider(customer):
        yield archive.add(entry, folder=chapter.key)
        here.reach(entry.share)


class _Here:
    """Turns places within chapters into one number from 0 to LAST_PERCENT."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._step = ""
        self._begin = self._width = self._share = 0.0

    def go_to(self, step: str, begin: float, width: float) -> None:
        self._step, self._begin, self._width, self._share = step, begin, width, 0
        self.tell()

    def reach(self, share: float) -> None:
        self._share = max(self._share, min(share, 1))
        self.tell()

    def tell(self) -> None:
        done = self._begin + self._width * self._share
        self._progress.tell(done * LAST_PERCENT, self._step)


def facts_of(pack: EvidencePack, begun_at: datetime) -> list[tuple[str, str]]:
    """Who it is about, who asked, why and when; times are UTC."""
    customer = pack.customer
    return [
        ("Customer", customer.name),
        ("Customer number", customer.public_id),
        ("Institution", pack.tenant.name),
        ("Asked for by", str(pack.requested_by)),
        ("Why", pack.reason),
        ("Asked for", _instant(pack.requested_at)),
        ("Read", f"from {_instant(begun_at)} to {_instant(timezone.now())}"),
        ("Pack", str(pack.pk)),
        ("How to check it", f"{MANIFEST} lists size and SHA-256 of every file."),
    ]


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _manifest(
    pack: EvidencePack, begun_at: datetime, known: list[Chapter],
    written: list[Written],
) -> dict[str, Any]:  # fmt: skip
    return {
        "format": FORMAT,
        "generator": GENERATOR,
        "pack": pack.pk,
        "institution": pack.tenant.name,
        "customer": pack.customer.public_id,
        "requested_by": str(pack.requested_by),
        "requested_at": pack.requested_at,
        "reason": pack.reason,
        "begun_at": begun_at,
        "finished_at": timezone.now(),
        "chapters": [{"folder": each.key, "title": each.title} for each in known],
        "entries": [entry.listed() for entry in written],
    }


def measure(file: IO[bytes], *, tell: Callable[[], None]) -> tuple[int, str]:
    """Return size and SHA-256 of the whole file."""
    file.seek(0)
    size, digest = 0, hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        tell()
    return size, digest.hexdigest()
