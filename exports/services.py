"""What may be asked of exports: ask, make, cancel, try again, fetch, let end."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from common.text import clean
from documents.making.building import make_file
from documents.making.expiry import expire_files
from events.services import publish
from exports.events import ExportDownloaded, ExportRequested
from exports.lists import open_list, refuse_export
from exports.models import Export, ExportDownload
from exports.writing import write_export
from tenants.models import User

LONGEST_REASON = 200  # characters, as long as the column
MOST_AT_ONCE = 3  # of one person; each reads a whole list


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which list somebody wants, as they see it at its address."""

    list_key: str
    querystring: str = ""
    columns: list[str] = field(default_factory=list)
    reason: str
    has_mark: bool = True


@transaction.atomic
def request_export(asked: Asked, *, export_id: UUID, by: User) -> Export:
    """Ask for a list; the same form sent twice asks once.

    Raises DomainError for a list, a filter or a column that this person has not.
    """
    User.objects.select_for_update().get(pk=by.pk)
    if known := Export.objects.filter(pk=export_id).first():
        return _same_request(known, by)
    why = " ".join(clean(asked.reason).split())
    if not why or len(why) > LONGEST_REASON:
        message = f"Say why in 1 to {LONGEST_REASON} characters."
        raise DomainError(message, field="reason")
    opened = open_list(asked.list_key, by, asked.querystring, asked.columns)
    mine = Export.objects.for_user(by).filter(requested_by=by)
    if mine.open().count() >= MOST_AT_ONCE:
        raise DomainError(f"{MOST_AT_ONCE} of your exports are being made; wait.")
    export = Export(
        id=export_id,
        tenant_id=by.tenant_id,
        list_key=asked.list_key,
        querystring=asked.querystring,
        columns=list(opened.columns),
        has_mark=asked.has_mark,
        reason=why,
        requested_at=timezone.now(),
        requested_by=by,
    )
    export.save_as(by, why, force_insert=True)
    _publish_request(export, by)
    return export


def _same_request(known: Export, by: User) -> Export:
    if known.requested_by_id != by.pk:
        raise DomainError("This form has asked for an export already; begin anew.")
    return known


def _publish_request(export: Export, by: User) -> None:
    event = ExportRequested(export_id=str(export.pk), list_key=export.list_key)
    publish(event, by=by, tenant_id=export.tenant_id, reason=export.reason)


def build_export(export_id: UUID | str) -> None:
    """Make the file and put it into the store; see `make_file`."""
    make_file(Export, export_id, write_export)


@transaction.atomic
def cancel_export(export_id: UUID | str, *, by: User) -> None:
    """Stop one's own; asking twice is no error."""
    export = _mine(export_id, by)
    if event := export.cancel():
        export.save_as(by, "Cancelled")
        publish(event, by=by, tenant_id=export.tenant_id)


@transaction.atomic
def retry_export(export_id: UUID | str, *, by: User) -> None:
    """Make one's own that has failed anew."""
    export = _mine(export_id, by)
    refuse_export(by, export.list_key)
    if export.ask_again(timezone.now()):
        export.save_as(by, "Tried again")
        _publish_request(export, by)


def _mine(export_id: UUID | str, by: User) -> Export:
    export: Export = Export.objects.select_for_update().get(pk=export_id)
    _refuse_others(export, by)
    return export


def _refuse_others(export: Export, by: User) -> None:
    if export.requested_by_id != by.pk:
        raise NotForYouError(f"{export.requested_by} asked for this export, not you.")


@transaction.atomic
def record_download(export_id: UUID | str, *, by: User) -> Export:
    """Log that somebody takes the file, before a byte of it leaves.

    Raises DomainError when there is none to take, or not for this person.
    """
    export = _mine(export_id, by)
    refuse_download(export, by)
    now = timezone.now()
    ExportDownload.objects.create(export=export, by=by, at=now, rows=export.rows_done)
    event = ExportDownloaded(export_id=str(export.pk), list_key=export.list_key)
    publish(event, by=by, tenant_id=export.tenant_id, reason=export.reason)
    return export


def refuse_download(export: Export, by: User) -> None:
    """Raise DomainError when there is nothing to take, or not for this person."""
    _refuse_others(export, by)
    refuse_export(by, export.list_key)
    if export.is_open:
        raise DomainError("This export is still being made.")
    if export.status in (Export.Status.FAILED, Export.Status.CANCELLED):
        raise DomainError("This export was not made; ask for another.")
    if not export.is_downloadable(timezone.now()):
        raise DomainError("This export has expired; ask for another.")


def expire_exports() -> int:
    """End what is over and remove its bytes; how many were ended."""
    return expire_files(Export)
