"""Make a file and put it into the store; harmless to run twice, whoever is killed."""

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO, Any, Protocol, TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from documents import storage
from documents.making.models import PATIENCE, MadeFile, Status
from events.events import RetryLaterError
from events.services import publish
from tenants.services import get_machine

log = logging.getLogger(__name__)

CHUNK = 1024 * 1024  # bytes
# A worker that shows no progress for so long is dead; another may take the file over.
LEASE = timedelta(minutes=2)
# The store takes the whole file at once and says nothing meanwhile.
STORE_LEASE = timedelta(minutes=15)
SECONDS_BETWEEN = 1.0  # of progress saved
LAST_PERCENT = 95  # what the writing makes up; the store gets the rest
TAKING_LONG = f"It was not finished within {PATIENCE.seconds // 3600} hours."

Made = TypeVar("Made", bound=MadeFile)


class SupersededError(Exception):
    """Another worker has the file now, or nobody wants it: whoever sees this stops."""


class WillNotBeMadeError(Exception):
    """Trying again cannot help; the message is what staff read."""


class Progress(Protocol):
    def tell(self, percent: float, step: str) -> None: ...


class SavedProgress:
    """Shows how far the build is, and keeps its lease, at most once a second.

    Written outside transactions and without versions: it is no deed. `counted` are
    columns of the row's own that go with it.
    """

    def __init__(self, row: MadeFile) -> None:
        self._model, self._pk, self._build = type(row), row.pk, row.build
        self._next = 0.0

    def tell(self, percent: float, step: str, **counted: int) -> None:
        """Raises SupersededError when the file is another worker's meanwhile."""
        if time.monotonic() >= self._next:
            self.save(percent, step, lease=LEASE, **counted)

    def save(
        self, percent: float, step: str, *, lease: timedelta, **counted: int
    ) -> None:
        self._next = time.monotonic() + SECONDS_BETWEEN
        mine = rows_of(self._model).filter(
            pk=self._pk, build=self._build, status=Status.BUILDING
        )
        until = timezone.now() + lease
        values = {"progress": int(percent), "step": step[:100], **counted}
        if not mine.update(building_until=until, **values):
            raise SupersededError("Another worker makes this file now.")


Write = Callable[[IO[bytes], Made, SavedProgress], None]


def make_file(model: type[Made], pk: UUID | str, write: Write[Made]) -> None:
    """Make the file by `write` and put it into the store; harmless to run twice.

    Whatever a killed worker left is thrown away and made anew. Raises
    RetryLaterError while another worker is at it, and what the reading or the store
    raises until PATIENCE is over; then the file has failed.
    """
    row = _begin(model, UUID(str(pk)))
    if row is None:
        return
    try:
        with TemporaryFile() as file:
            _make(row, file, write)
    except SupersededError as error:
        # Had it ended meanwhile, what we may have stored is removed by the sweep.
        over = rows_of(model).filter(pk=row.pk, status__in=("failed", "cancelled"))
        over.update(key=row.place)
        raise RetryLaterError(str(error)) from error
    except WillNotBeMadeError as error:
        give_up(model, row.pk, str(error), build=row.build)
    except Exception as error:
        if not _note_failure(row, error):
            raise
        log.exception("%s %s has failed", model.__name__, row.pk)


def rows_of(model: type[MadeFile]) -> Any:
    return model.objects  # type: ignore[attr-defined] # each names its own


def _make(row: Made, file: IO[bytes], write: Write[Made]) -> None:
    progress = SavedProgress(row)
    write(file, row, progress)
    size, sha256 = measure(file, tell=lambda: progress.tell(LAST_PERCENT, "Hash"))
    progress.save(LAST_PERCENT, "Putting it into the store", lease=STORE_LEASE)
    # A worker that died here left half of one, and no store replaces a file.
    storage.erase(row.place)
    storage.put(row.place, file)
    _finish(row, size=size, sha256=sha256)


@transaction.atomic
def _begin(model: type[Made], pk: UUID) -> Made | None:
    """Take the file for one build; None when there is nothing left to make."""
    row: Made = rows_of(model).select_for_update().get(pk=pk)
    now = timezone.now()
    if not row.is_open:
        return None
    if row.building_until and row.building_until > now:
        seconds = (row.building_until - now).total_seconds()
        raise RetryLaterError("Another worker makes this file now.", seconds=seconds)
    row.begin()
    row.build, row.building_until = uuid4(), now + LEASE
    # The worker acts for whoever asked.
    row.save_as(row.requested_by, "Begun")
    return row


@transaction.atomic
def _finish(begun: MadeFile, *, size: int, sha256: str) -> None:
    row: MadeFile = rows_of(type(begun)).select_for_update().get(pk=begun.pk)
    if row.build != begun.build or not row.is_open:
        raise SupersededError("Another worker makes this file now.")
    now = timezone.now()
    event = row.finish(key=row.place, size=size, sha256=sha256, at=now)
    row.build = row.building_until = None
    row.save_as(row.requested_by, "Ready")
    if event:
        publish(event, by=row.requested_by, tenant_id=row.tenant_id)


def _note_failure(begun: MadeFile, error: Exception) -> bool:
    """Say what went wrong and give the file free; True when it is not tried again."""
    # What a library says may quote the customer; a gateway's own words do not.
    said = str(error) if hasattr(error, "retry_after") else type(error).__name__
    if timezone.now() - begun.requested_at > PATIENCE:
        message = f"{TAKING_LONG} {said}"
        return give_up(type(begun), begun.pk, message, build=begun.build)
    rows_of(type(begun)).filter(pk=begun.pk, build=begun.build).update(
        building_until=None, error=said[:200], step="Waits for another try"
    )
    return False


@transaction.atomic
def give_up(model: type[MadeFile], pk: UUID, error: str, *, build: UUID | None) -> bool:
    """Fail it, unless another build has it meanwhile; whether it has failed."""
    row: MadeFile = rows_of(model).select_for_update().get(pk=pk)
    if row.build != build or not row.is_open:
        return False
    event = row.fail(error)
    row.build = row.building_until = None
    machine = get_machine("sweep")
    row.save_as(machine, row.error)
    if event:
        publish(event, by=machine, tenant_id=row.tenant_id, reason=row.error)
    return True


def measure(file: IO[bytes], *, tell: Callable[[], None]) -> tuple[int, str]:
    """Return size and SHA-256 of the whole file."""
    file.seek(0)
    size, digest = 0, hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        tell()
    return size, digest.hexdigest()
