"""What may be asked about a profile: lock, decide, save, publish."""

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from common.errors import DomainError, StaleVersionError
from common.text import clean
from customers.registry.choices import LIVING
from customers.registry.dictionaries.entries import entries_of
from customers.registry.events import ProfileChanged
from customers.registry.models import Customer, Profile
from customers.registry.profile.questions import Question, asked_of
from events.services import publish
from tenants.models import Tenant, User

MAX_TEXT = 100  # characters, as long as the column


@transaction.atomic
def change_profile(
    customer_id: UUID | str, *, changes: Mapping[str, object], by: User, reason: str,
    row_version: int | None = None,
) -> list[str]:  # fmt: skip
    """Change answers of the profile, "" clears one; returns the changed columns.

    `row_version` is the profile's, 0 where none was saved yet. Raises
    StaleVersionError when somebody saved since it was read, DomainError naming the
    field for an answer that is not among the words in use.
    """
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    if customer.status not in LIVING:
        raise DomainError(f"Cannot change: {customer} is {customer.status}.")
    if not customer.is_individual:
        raise DomainError(f"{customer} is no individual and has no profile.")
    profile = Profile.objects.filter(customer=customer).first()
    profile = profile or Profile(customer=customer, tenant_id=customer.tenant_id)
    if row_version is not None and row_version != profile.row_version:
        raise StaleVersionError(
            "Somebody else changed this profile meanwhile; look at the new values."
        )
    answers = _clean_answers(customer, profile, changes)
    changed = [key for key, text in answers.items() if getattr(profile, key) != text]
    if not changed:
        return []
    for key in changed:
        setattr(profile, key, answers[key])
    profile.save_as(by, reason)
    event = ProfileChanged(customer_id=str(customer.pk), fields=changed)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return changed


def _clean_answers(
    customer: Customer, profile: Profile, changes: Mapping[str, object]
) -> dict[str, str]:
    asked = {question.key: question for question in asked_of(customer)}
    answers = {}
    for key, value in changes.items():
        if key not in asked:
            raise _invalid(f"The profile has no field “{clean(key)[:40]}”.", key)
        text = " ".join(clean(str(value or "")).split())
        # A retired code may stay where it was.
        if text and text != getattr(profile, key):
            _refuse_unknown(customer.tenant, asked[key], text)
        answers[key] = text
    return answers


def _refuse_unknown(tenant: Tenant, question: Question, text: str) -> None:
    if question.is_text:
        if len(text) > MAX_TEXT:
            raise _invalid(
                f"{question.label} is longer than {MAX_TEXT} characters.", question.key
            )
        return
    if text not in dict(words_of(tenant, question)[question.key]):
        raise _invalid(f"{question.label} must be one of the list.", question.key)


def words_of(tenant: Tenant, *questions: Question) -> dict[str, list[tuple[str, str]]]:
    """The codes in use and their labels, by the key of the question."""
    dictionaries = [q.dictionary for q in questions if q.dictionary]
    entries = entries_of(tenant, *dictionaries) if dictionaries else {}
    found: dict[str, list[tuple[str, str]]] = {}
    for question in questions:
        if question.dictionary:
            known = entries[question.dictionary]
            found[question.key] = [(e.code, e.label) for e in known if e.is_active]
        elif question.closed:
            choices = question.closed.choices
            found[question.key] = [(str(code), str(label)) for code, label in choices]
    return found


def _invalid(message: str, key: str) -> DomainError:
    return DomainError(message, code="DATA_VALIDATION_FAILED", field=key)
