"""Exports for the two banks of the tests of separation and of roles."""

from django.utils import timezone

from common.keys import new_id
from exports.models import Export
from exports.services import Asked, record_download, request_export
from tenants.models import User

COLUMNS = ["customer", "status_label", "risk_label"]


def ask(by: User, reason: str, **asked: object) -> Export:
    wanted = {"list_key": "registry.customer", "columns": COLUMNS, **asked}
    return request_export(
        Asked(reason=reason, **wanted),  # type: ignore[arg-type]
        export_id=new_id(),
        by=by,
    )


def add_exports(word: str, officer: User) -> None:
    """One was downloaded, one waits for a worker; no store holds either."""
    ready = ask(officer, word, querystring=f"q={word}")
    ready.begin()
    ready.finish(key=ready.place, size=1, sha256=f"{word} hash", at=timezone.now())
    ready.save_as(officer, word)
    record_download(ready.pk, by=officer)
    ask(officer, f"{word} again")
