"""Whether somebody saved since a dialog was shown, and who it was."""

from typing import Any

from common.errors import StaleVersionError
from common.face import ago


def version_of(row: Any) -> int:
    """The number of the newest version, which a dialog sends back; 0 before any."""
    newest = row.history.order_by("history_id").last() if row else None
    return newest.history_id if newest else 0


def refuse_overtaken(row: Any, version: int | None) -> None:
    """Raise StaleVersionError when `version` was shown and is not the newest.

    None is who saw no values and overwrites none, as a client that names its columns.
    """
    if version is None or version == version_of(row):
        return
    last = row.history.select_related("history_user").order_by("history_id").last()
    if last is None:
        raise StaleVersionError("Nothing was saved; look at the values again.")
    why = f" (“{last.history_change_reason}”)" if last.history_change_reason else ""
    raise StaleVersionError(
        f"{last.history_user} changed this {ago(last.history_date)}{why}, so nothing"
        " was saved yet; look at the values and press Save again."
    )
