"""Build one pack: every chapter in order, a sheet for people, the manifest last."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import IO, Any

from django.utils import timezone

from customers.registry.models import Customer
from documents.making.building import LAST_PERCENT, Progress
from evidence.archive import Archive, Written, json_bytes
from evidence.chapters import Chapter, Entry, chapters
from evidence.models import EvidencePack
from evidence.summary import Section, write_summary

FORMAT = "vestibule-evidence-1"
GENERATOR = "Vestibule"
SUMMARY, MANIFEST = "summary.pdf", "manifest.json"


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
