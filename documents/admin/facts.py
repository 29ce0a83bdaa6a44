"""What the page of a document tells: its facts, and who read it when."""

from collections.abc import Iterator
from typing import Any

from unfold.enums import ActionVariant

from common.face import Label, Tone, day, label_html, moment
from common.lists.rows import Verb
from documents.choices import Deed, Scan
from documents.models import Document, DocumentAccess
from documents.panels.labels import (
    document_label,
    reason_words,
    size_words,
    type_words,
)
from documents.panels.rows import SHOWN_VERBS, same_files

READERS_SHOWN = 50
DEED_TONES: dict[str, Tone] = {Deed.DENIED: "warn"}


def facts_of(document: Document) -> Iterator[tuple[str, Any]]:
    """What anybody who may see the customer may know; the bytes are not among it."""
    label = document_label(document, document.tenant.today)
    yield "Status", label_html(label)
    if document.error:
        yield "What went wrong", document.error
    yield "Kind", document.get_kind_display()
    if document.id_type:
        yield "Type of ID", document.get_id_type_display()
    yield "Issued", day(document.issued_on) if document.issued_on else ""
    yield "Expires", day(document.expires_on) if document.expires_on else ""
    yield from _file(document)
    uploader = f"{moment(document.uploaded_at)}, {document.uploaded_by}"
    yield "Uploaded", uploader
    yield "Source", document.get_source_display()
    yield from _review(document)


def _file(document: Document) -> Iterator[tuple[str, Any]]:
    yield "File", f"{type_words(document)}, {size_words(document.size)}"
    yield "Name", document.original_name
    if same := same_files([document]).get(document.pk):
        yield "Same bytes", label_html(same)
    found = f": {document.scan_note}" if document.scan == Scan.INFECTED else ""
    yield "Malware", f"{document.get_scan_display()}{found}"
    yield "SHA-256", document.sha256


def _review(document: Document) -> Iterator[tuple[str, Any]]:
    if document.reviewed_at is None:
        return
    who = f"{moment(document.reviewed_at)}, {document.reviewed_by}"
    yield str(document.get_review_display()), who
    if document.review_reason:
        yield "Reason", reason_words(document)


def header_actions(verbs: list[Verb]) -> list[dict[str, Any]]:
    """One primary button; the rest sits in *More*."""
    first = [verb for verb in verbs[:1] if verb.title in SHOWN_VERBS]
    rest = [_action(verb) for verb in verbs if verb not in first]
    more = [{"title": "More", "icon": None, "items": rest}] if rest else []
    return [*(_action(verb, ActionVariant.PRIMARY) for verb in first), *more]


def _action(
    verb: Verb, variant: ActionVariant = ActionVariant.DEFAULT
) -> dict[str, Any]:
    if verb.is_danger:
        variant = ActionVariant.DANGER
    return {
        "title": verb.title,
        "path": verb.url,
        "icon": "",
        "variant": variant,
        "attrs": {},
        "dialog": verb.is_dialog,
    }


def readers_panel(document: Document) -> dict[str, Any]:
    """Who read it or tried to, the newest first."""
    log = DocumentAccess.objects.filter(document=document).select_related("reader")
    rows = list(log.order_by("-read_at", "-id")[: READERS_SHOWN + 1])
    return {
        "title": "Who read it",
        "note": f"the newest {READERS_SHOWN}" if len(rows) > READERS_SHOWN else "",
        "rows": [_reader(row) for row in rows[:READERS_SHOWN]],
        "empty_fact": "Nobody yet.",
        "empty_advice": "Each look and download is listed here, refusals too.",
    }


def _reader(row: DocumentAccess) -> dict[str, Any]:
    tone = DEED_TONES.get(row.deed, "quiet")
    return {
        "icon": Label(row.get_deed_display(), tone),
        "title": str(row.reader),
        "meta": row.get_deed_display(),
        "note": moment(row.read_at),
    }
