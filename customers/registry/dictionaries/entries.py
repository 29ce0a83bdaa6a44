"""What may be asked about dictionaries: read, add, change or retire, import."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from common.errors import DomainError, StaleVersionError
from common.text import clean
from customers.registry.dictionaries.defaults import DEFAULTS
from customers.registry.dictionaries.first import start
from customers.registry.models import MIRRORED, Dictionary, DictionaryEntry
from tenants.models import Tenant, User

CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")
MAX_LABEL = 100  # characters, as long as the column
MAX_ORDER = 9999
MAX_ENTRIES = 1000  # of one dictionary; nobody chooses from a longer list


@dataclass(frozen=True)
class EntryRow:
    """One entry as asked for, already checked."""

    code: str
    label: str
    order: int
    is_active: bool = True


@dataclass(frozen=True)
class Imported:
    added: int
    changed: int


def entries_of(
    tenant: Tenant, *dictionaries: Dictionary
) -> dict[Dictionary, list[DictionaryEntry]]:
    """All entries in order, the retired too; makes the first ones where none are."""
    found = _read(tenant, dictionaries)
    if behind := [d for d in dictionaries if _is_behind(d, found[d])]:
        start(tenant, behind)
        found = _read(tenant, dictionaries)
    return found


def _read(
    tenant: Tenant, dictionaries: Iterable[Dictionary]
) -> dict[Dictionary, list[DictionaryEntry]]:
    found: dict[Dictionary, list[DictionaryEntry]] = {d: [] for d in dictionaries}
    rows = DictionaryEntry.objects.for_tenant(tenant.pk).filter(dictionary__in=found)
    for entry in rows.in_order():
        found[Dictionary(entry.dictionary)].append(entry)
    return found


def _is_behind(dictionary: Dictionary, entries: list[DictionaryEntry]) -> bool:
    if dictionary not in MIRRORED:
        return not entries
    held = tuple((entry.code, entry.label) for entry in entries if entry.is_active)
    return held != DEFAULTS[dictionary]


# --- what may be said -----------------------------------------------------------------
def clean_code(text: str) -> str:
    """Raises DomainError."""
    code = clean(text)
    if not code:
        raise _invalid("Give a code.", "code")
    if not CODE.fullmatch(code):
        raise _invalid(
            "A code has at most 40 small letters, digits and underscores.", "code"
        )
    return code


def clean_label(text: str) -> str:
    """Raises DomainError."""
    label = " ".join(clean(text).split())
    if not label:
        raise _invalid("Give a label.", "label")
    if len(label) > MAX_LABEL:
        raise _invalid(f"The label is longer than {MAX_LABEL} characters.", "label")
    return label


def check_order(order: int) -> int:
    """Raises DomainError."""
    if not 0 <= order <= MAX_ORDER:
        raise _invalid(f"The order is a number from 0 to {MAX_ORDER:,}.", "order")
    return order


def refuse_mirrored(dictionary: str) -> None:
    if dictionary in MIRRORED:
        name = Dictionary(dictionary).label.lower()
        raise _invalid(f"The {name}s are fixed by the software.", "dictionary")


def version_of(entry: DictionaryEntry) -> int:
    """The number of its newest version, which every save makes, an import's too."""
    newest: int = entry.history.values_list("history_id", flat=True).first()
    return newest


def clean_category(tenant: Tenant, code: str, *, held: str = "") -> str:
    """A code of the customers' categories in use, or ""; what is held may stay.

    Raises DomainError.
    """
    code = clean(code)
    dictionary = Dictionary.CUSTOMER_CATEGORY
    if code in ("", held):
        return code
    known = {e.code for e in entries_of(tenant, dictionary)[dictionary] if e.is_active}
    if code not in known:
        raise _invalid("The category must be one of the list.", "category")
    return code


# --- commands ------------------------------------------------------------------------
@transaction.atomic
def add_entry(
    tenant: Tenant, dictionary: Dictionary, row: EntryRow, *, by: User, reason: str
) -> DictionaryEntry:
    """Add one code. Raises DomainError naming the field, e.g. for a code in use."""
    known = _locked(tenant, dictionary)
    row = _checked(row)
    if row.code in known:
        raise _invalid(f"There is a code “{row.code}” already.", "code")
    _refuse_too_many(len(known) + 1)
    return _keep(_new(tenant, dictionary, row), by, reason)


@transaction.atomic
def change_entry(
    entry_id: UUID, *, label: str, order: int, is_active: bool, by: User, reason: str,
    version: int | None = None,
) -> bool:  # fmt: skip
    """Change what is shown, retire or take up again; True when something differed.

    The code stays: customers keep it. Raises StaleVersionError when somebody saved
    since `version` was read.
    """
    entry = DictionaryEntry.objects.select_for_update().get(pk=entry_id)
    refuse_mirrored(entry.dictionary)
    row = _checked(EntryRow(entry.code, label, order, is_active))
    if not _apply(entry, row):
        return False
    if version is not None and version != version_of(entry):
        raise StaleVersionError(
            "Somebody else changed this entry meanwhile; look at the new values."
        )
    _keep(entry, by, reason)
    return True


@transaction.atomic
def import_entries(
    tenant: Tenant, dictionary: Dictionary, rows: Iterable[EntryRow], *, by: User,
    reason: str,
) -> Imported:  # fmt: skip
    """Add new codes and change known ones; codes that are not named stay as they are.

    All or nothing. Raises DomainError.
    """
    known = _locked(tenant, dictionary)
    asked = {row.code: _checked(row) for row in rows}
    _refuse_too_many(len(known.keys() | asked.keys()))
    added = changed = 0
    for code, row in asked.items():
        if code not in known:
            _keep(_new(tenant, dictionary, row), by, reason)
            added += 1
        elif _apply(known[code], row):
            _keep(known[code], by, reason)
            changed += 1
    return Imported(added, changed)


def _locked(tenant: Tenant, dictionary: Dictionary) -> dict[str, DictionaryEntry]:
    """The entries by code, while nobody else changes any of the institution."""
    refuse_mirrored(dictionary)
    # Not the whole row: inserts that point at the institution need not wait.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    return {entry.code: entry for entry in entries_of(tenant, dictionary)[dictionary]}


def _checked(row: EntryRow) -> EntryRow:
    return EntryRow(
        clean_code(row.code), clean_label(row.label), check_order(row.order),
        row.is_active,
    )  # fmt: skip


def _new(tenant: Tenant, dictionary: Dictionary, row: EntryRow) -> DictionaryEntry:
    return DictionaryEntry(tenant=tenant, dictionary=dictionary, **vars(row))


def _apply(entry: DictionaryEntry, row: EntryRow) -> bool:
    """Put the row's values on the entry; tell whether any differed."""
    before = (entry.label, entry.order, entry.is_active)
    entry.label, entry.order, entry.is_active = row.label, row.order, row.is_active
    return before != (entry.label, entry.order, entry.is_active)


def _keep(entry: DictionaryEntry, by: User, reason: str) -> DictionaryEntry:
    entry.save_as(by, reason)
    return entry


def _refuse_too_many(count: int) -> None:
    if count > MAX_ENTRIES:
        raise _invalid(f"A dictionary has at most {MAX_ENTRIES:,} entries.", "code")


def _invalid(message: str, field: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field=field)
