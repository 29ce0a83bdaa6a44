"""Give an institution the entries it starts with, and keep the mirrored in step."""

from collections.abc import Iterable

from django.db import transaction
from simple_history.utils import bulk_create_with_history

from customers.registry.dictionaries.defaults import DEFAULTS, STEP
from customers.registry.models import MIRRORED, Dictionary, DictionaryEntry
from tenants.models import Tenant
from tenants.services import get_machine

REASON = "The usual entries"
MIRROR_REASON = "Follows the software"


@transaction.atomic
def start(tenant: Tenant, dictionaries: Iterable[Dictionary]) -> None:
    """Make what is missing; harmless to run twice, and by two at once."""
    # Not the whole row: inserts that point at the institution need not wait.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    rows = DictionaryEntry.objects.for_tenant(tenant.pk)
    new: list[DictionaryEntry] = []
    for dictionary in dictionaries:
        known = {entry.code: entry for entry in rows.filter(dictionary=dictionary)}
        if dictionary in MIRRORED:
            _follow(dictionary, known)
        new += _usual(tenant, dictionary, known)
    for entry in new:
        # An entry says itself who made it; the default user would be passed over.
        entry._history_user = get_machine("setup")  # noqa: SLF001 - as Signed.save_as
    bulk_create_with_history(new, DictionaryEntry, default_change_reason=REASON)


def _usual(
    tenant: Tenant, dictionary: Dictionary, known: dict[str, DictionaryEntry]
) -> list[DictionaryEntry]:
    return [
        DictionaryEntry(
            tenant=tenant, dictionary=dictionary, code=code, label=label, order=order
        )
        for order, (code, label) in _numbered(dictionary)
        if code not in known
    ]


def _follow(dictionary: Dictionary, known: dict[str, DictionaryEntry]) -> None:
    """Say what this release says; what it no longer knows is retired."""
    wanted = {
        code: (label, order, True) for order, (code, label) in _numbered(dictionary)
    }
    for code, entry in known.items():
        label, order, is_active = wanted.get(code, (entry.label, entry.order, False))
        if (entry.label, entry.order, entry.is_active) == (label, order, is_active):
            continue
        entry.label, entry.order, entry.is_active = label, order, is_active
        entry.save_as(get_machine("setup"), MIRROR_REASON)


def _numbered(dictionary: Dictionary) -> list[tuple[int, tuple[str, str]]]:
    return [
        (place * STEP, entry)
        for place, entry in enumerate(DEFAULTS[dictionary], start=1)
    ]
