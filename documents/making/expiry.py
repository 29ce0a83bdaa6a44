"""The end of made files: what is over is taken from everybody, its bytes removed."""

import logging
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from documents import storage
from documents.making.building import TAKING_LONG, give_up, rows_of
from documents.making.models import MadeFile
from events.services import publish
from tenants.services import get_machine

log = logging.getLogger(__name__)

REMOVED_AT_ONCE = 100  # files of one sweep


def expire_files(model: type[MadeFile]) -> int:
    """End what is over and remove its bytes; how many were ended.

    The rows stay. A store that is down is asked again by the next sweep.
    """
    now = timezone.now()
    rows = rows_of(model)
    for row in rows.abandoned_by(now)[:REMOVED_AT_ONCE]:
        give_up(model, row.pk, TAKING_LONG, build=row.build)
    ended = list(rows.ended_by(now)[:REMOVED_AT_ONCE])
    for row in ended:
        _expire(model, row.pk)
    for row in rows.to_be_removed()[:REMOVED_AT_ONCE]:
        _remove(row)
    return len(ended)


@transaction.atomic
def _expire(model: type[MadeFile], pk: UUID) -> None:
    rows = rows_of(model)
    row: MadeFile = rows.select_for_update().get(pk=pk)
    machine = get_machine("sweep")
    if event := row.expire():
        row.save_as(machine, "A day is over")
        publish(event, by=machine, tenant_id=row.tenant_id)


def _remove(row: MadeFile) -> None:
    try:
        storage.erase(row.key)
    except storage.StoreUnavailableError:
        log.exception("%s %s is not removed yet", type(row).__name__, row.pk)
        return
    # Only now is it known to be gone: the key says that bytes may be there.
    rows_of(type(row)).filter(pk=row.pk, status=row.status).update(key="")
