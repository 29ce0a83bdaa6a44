"""The words contacts choose from: types and operators of the institution's own."""

from collections.abc import Mapping
from typing import Any

from common.errors import DomainError
from customers.contacts.choices import Kind
from customers.registry.dictionaries.entries import entries_of
from customers.registry.models import Dictionary, DictionaryEntry
from tenants.models import Tenant

# Which column of a kind holds a code, and of which dictionary.
CODED: dict[str, dict[str, Dictionary]] = {
    Kind.PHONE: {"type": Dictionary.PHONE_TYPE, "operator": Dictionary.MNO},
    Kind.EMAIL: {"type": Dictionary.EMAIL_TYPE},
    Kind.ADDRESS: {"type": Dictionary.ADDRESS_TYPE},
}
Words = dict[tuple[str, str], str]


def offered(
    tenant: Tenant, kind: str, held: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """The codes in use with their labels, by column; a held one stays offered."""
    coded = CODED[kind]
    entries = entries_of(tenant, *coded.values())
    found = {}
    for column, dictionary in coded.items():
        known = entries[dictionary]
        choices = [(entry.code, entry.label) for entry in known if entry.is_active]
        code = str(held.get(column) or "")
        if code and code not in dict(choices):
            retired = {entry.code: f"{entry.label} (retired)" for entry in known}
            choices.append((code, retired.get(code, code)))
        found[column] = [("", "–"), *choices]
    return found


def refuse_unknown_codes(
    tenant: Tenant, kind: str, columns: Mapping[str, str], held: Any
) -> None:
    """Raise DomainError for a code that is not in use, unless it stood there before."""
    asked = {
        column: dictionary
        for column, dictionary in CODED[kind].items()
        if columns[column] and columns[column] != getattr(held, column, "")
    }
    entries = entries_of(tenant, *asked.values()) if asked else {}
    for column, dictionary in asked.items():
        if columns[column] not in {e.code for e in entries[dictionary] if e.is_active}:
            raise DomainError(
                f"{dictionary.label} must be one of the list.",
                code="DATA_VALIDATION_FAILED",
                field=column,
            )


def words_of(tenant_id: Any) -> Words:
    """The labels of all these codes, the retired ones too."""
    listed = {each for coded in CODED.values() for each in coded.values()}
    rows = DictionaryEntry.objects.for_tenant(tenant_id).filter(dictionary__in=listed)
    return {
        (dictionary, code): label
        for dictionary, code, label in rows.values_list("dictionary", "code", "label")
    }


def word_of(words: Words, contact: Any, column: str) -> str:
    """A code of a contact as staff read it; one that nobody listed stays a code."""
    dictionary = CODED[contact.kind].get(column)
    code = str(getattr(contact, column, ""))
    return words.get((str(dictionary), code), code.replace("_", " "))
