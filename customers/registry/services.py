"""What may be asked about a customer: lock, decide, save, publish."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import DomainError, StaleVersionError
from common.text import clean
from customers.registry.choices import (
    DeclineReason,
    KycLevel,
    KycStatus,
    Status,
    SuspensionReason,
)
from customers.registry.claims.commands import claim, end_claim
from customers.registry.commands.activity import activate_customer, record_activity
from customers.registry.derived import (
    record_primary_contacts,
    record_risk,
    record_tier,
)
from customers.registry.details import as_stored, clean_details
from customers.registry.dictionaries.entries import clean_category
from customers.registry.events import CustomerRegistered, CustomerUpdated
from customers.registry.models import Consent, Customer, TaskKind
from customers.registry.registration import (
    Registration,
    clean_identity,
    clean_registration,
    contact_gap,
    pack_form,
)
from customers.registry.tasks_of_staff import close_task, open_task, task_rule
from events.events import Event
from events.services import publish
from tenants.models import Tenant, User
from tenants.services import take_number

__all__ = [
    "Registration", "activate_customer", "claim", "close_task", "decline_customer",
    "end_claim", "may_read_customers", "open_task",
    "record_activity", "record_primary_contacts", "record_risk", "record_tier",
    "refuse_known_contacts", "register_customer",
    "reinstate_customer", "reject_kyc", "reopen_kyc", "suspend_customer",
    "task_rule", "update_customer", "verify_customer",
]  # fmt: skip

# A change of these on a verified customer makes compliance look again (§2).
TRIGGER_FIELDS = frozenset(
    ["name", "birth_date", "nationality", "registration_number", "country", "address"]
)

_READ = ("registry.view_customer", "api.get_customer")


def _locked(customer_id: UUID | str) -> Customer:
    customer: Customer = Customer.objects.select_for_update().get(pk=customer_id)
    return customer


def _keep(customer: Customer, event: Event | None, by: User, reason: str) -> bool:
    """Save and publish when something happened; tell whether it did."""
    if event is None:
        return False
    customer.save_as(by, reason)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    return True


@transaction.atomic
def register_customer(asked: Registration, *, tenant: Tenant, by: User) -> Customer:
    """Register somebody; the same request twice gives the same customer.

    Raises DomainError: DUPLICATE_CUSTOMER, PHONE_ALREADY_REGISTERED, INVALID_PHONE,
    INVALID_EMAIL, DATA_VALIDATION_FAILED.
    """
    columns = clean_registration(tenant, asked)
    # The number's row is a lock: two presses of one button come one after the other.
    public_id = take_number(tenant.pk, "customer")
    of_tenant = Customer.objects.for_tenant(tenant.pk)
    known: Customer | None = of_tenant.filter(pk=asked.id).first()
    if known is not None:
        return known
    refuse_known_contacts(tenant.pk, columns["email"], columns["phone"], by=by)
    customer = Customer(
        id=asked.id,
        tenant=tenant,
        public_id=public_id,
        registered_at=timezone.now(),
        **columns,
    )
    _save_unique(customer, by, "Registered", force_insert=True)
    if asked.terms_version:
        Consent(
            tenant=tenant,
            customer=customer,
            purpose=Consent.Purpose.TERMS,
            text_version=asked.terms_version[:40],
            granted_at=customer.registered_at,
        ).save_as(by, "Terms accepted")
    event = CustomerRegistered(customer_id=str(customer.pk), channel=customer.channel)
    publish(event, by=by, tenant_id=tenant.pk)
    return customer


def _save_unique(customer: Customer, by: User, reason: str, **kwargs: Any) -> None:
    """Save; when another took e-mail or phone since we looked, refuse in words."""
    try:
        with transaction.atomic():
            customer.save_as(by, reason, **kwargs)
    except IntegrityError as error:
        refuse_known_contacts(
            customer.tenant_id, customer.email, customer.phone, but=customer.pk, by=by
        )
        message = "This customer exists already."
        raise DomainError(message, code="DUPLICATE_CUSTOMER") from error


def may_read_customers(by: User | None) -> bool:
    """Whether somebody may learn who a customer is, by a page or by a token."""
    return by is not None and any(by.has_perm(code) for code in _READ)


def refuse_known_contacts(
    tenant_id: UUID, email: str, phone: str, *, but: UUID | None = None,
    by: User | None = None,
) -> None:  # fmt: skip
    """Raise DomainError when a living customer has the e-mail or the phone.

    Who it is stays unsaid unless `by` may read customers.
    """
    is_named = may_read_customers(by)
    living = Customer.objects.for_tenant(tenant_id).living().exclude(pk=but)
    other = living.filter(email=email).first() if email else None
    if other:
        who = other if is_named else "Another customer"
        message = f"{who} has this e-mail already."
        raise DomainError(message, code="DUPLICATE_CUSTOMER", field="email")
    other = living.filter(phone=phone).first() if phone else None
    if other:
        who = other if is_named else "Another customer"
        message = f"{who} has this phone already."
        raise DomainError(message, code="PHONE_ALREADY_REGISTERED", field="phone")


@transaction.atomic
def update_customer(
    customer_id: UUID, *, changes: Mapping[str, Any], by: User, reason: str,
    row_version: int | None = None,
) -> list[str]:  # fmt: skip
    """Change name, e-mail, phone, category or details; returns the changed fields.

    `changes` maps column names to values; "details" merges key by key, "" clears a
    key. Raises StaleVersionError when somebody saved since `row_version` was read.
    """
    customer = _locked(customer_id)
    if row_version is not None and row_version != customer.row_version:
        raise StaleVersionError(
            "Somebody else changed this customer meanwhile; look at the new values."
        )
    if customer.status in (Status.OFFBOARDED, Status.ARCHIVED):
        raise DomainError(f"Cannot change: {customer} is {customer.status}.")
    changed = _apply(customer, changes)
    if not changed:
        return []
    contacts = {"email": customer.email, "phone": customer.phone}
    if contacts.keys() & set(changed) and (
        gap := contact_gap(customer.channel, contacts)
    ):
        raise gap
    refuse_known_contacts(
        customer.tenant_id, customer.email, customer.phone, but=customer.pk, by=by
    )
    _save_unique(customer, by, reason)
    event = CustomerUpdated(customer_id=str(customer.pk), fields=changed)
    publish(event, by=by, tenant_id=customer.tenant_id, reason=reason)
    triggers = sorted(TRIGGER_FIELDS & set(changed))
    if triggers and customer.kyc_status == KycStatus.VERIFIED:
        open_task(customer, TaskKind.TRIGGER_REVIEW, reason=", ".join(triggers), by=by)
    return changed


def _apply(customer: Customer, changes: Mapping[str, Any]) -> list[str]:
    """Put the changes on the row; returns the names of what really differs."""
    # What is on file already stays, also where it was kept before a rule was stricter.
    held = {part: getattr(customer, part) for part in ("email", "phone")}
    asked_for = {part: changes.get(part, kept) for part, kept in held.items()}
    wanted = clean_identity(
        changes.get("name", customer.name),
        **{p: text if text != held[p] else "" for p, text in asked_for.items()},
    )
    wanted |= {p: held[p] for p, text in asked_for.items() if text == held[p]}
    wanted["category"] = clean_category(
        customer.tenant, changes.get("category", customer.category),
        held=customer.category,
    )  # fmt: skip
    telegram_id = changes.get("telegram_id", customer.telegram_id)
    wanted["telegram_id"] = clean(telegram_id)[:64]
    changed = [key for key, value in wanted.items() if getattr(customer, key) != value]
    for key in changed:
        setattr(customer, key, wanted[key])
    form = pack_form(customer.tenant, customer.entity_type)
    asked = dict(changes.get("details", {}))
    answers = clean_details(form, asked)
    details = {k: v for k, v in customer.details.items() if k not in asked} | answers
    days = {field.key for field in form.fields if field.type == "date"}
    changed += _differing(customer.details, details, days)
    customer.details = details
    return changed


def _differing(
    held: Mapping[str, str], wanted: Mapping[str, str], days: set[str]
) -> list[str]:
    """The keys whose answers differ; a day kept in another form is the same day."""

    def said(answers: Mapping[str, str], key: str) -> str | None:
        answer = answers.get(key)
        return as_stored(answer) if answer and key in days else answer

    keys = sorted(set(wanted) | set(held))
    return [key for key in keys if said(wanted, key) != said(held, key)]


@transaction.atomic
def suspend_customer(
    customer_id: UUID | str, *, reason: SuspensionReason, by: User
) -> bool:
    """Stop operations; True when it changed something."""
    customer = _locked(customer_id)
    event = customer.suspend(reason, timezone.now())
    return _keep(customer, event, by, str(reason.label))


@transaction.atomic
def reinstate_customer(customer_id: UUID, *, reason: str, by: User) -> bool:
    """Let operations go on. Raises DomainError while KYC has expired."""
    customer = _locked(customer_id)
    if customer.is_kyc_expired(customer.tenant.today):
        raise DomainError("Cannot reinstate: KYC has expired; renew it first.")
    return _keep(customer, customer.reinstate(timezone.now()), by, reason)


@transaction.atomic
def decline_customer(customer_id: UUID, *, reason: DeclineReason, by: User) -> bool:
    """Turn away an applicant who was never verified."""
    customer = _locked(customer_id)
    event = customer.decline(reason, timezone.now())
    return _keep(customer, event, by, str(reason.label))


@transaction.atomic
def verify_customer(
    customer_id: UUID | str, *, level: KycLevel, by: User, reason: str
) -> bool:
    """Accept the identity; a renewal when it was verified before.

    A rejected customer is reopened first, so that history shows both deeds.
    """
    customer = _locked(customer_id)
    now, tenant = timezone.now(), customer.tenant
    expires_on = tenant.today + timedelta(days=tenant.kyc_valid_days)
    if customer.kyc_status == KycStatus.VERIFIED:
        return _keep(customer, customer.renew_kyc(expires_on), by, reason)
    if customer.kyc_status == KycStatus.REJECTED:
        _keep(customer, customer.reopen_kyc(), by, reason)
    return _keep(customer, customer.verify(level, now, expires_on), by, reason)


@transaction.atomic
def reject_kyc(customer_id: UUID | str, *, by: User, reason: str) -> bool:
    """Refuse the identity offered; never un-verifies (IllegalTransitionError)."""
    customer = _locked(customer_id)
    return _keep(customer, customer.reject_kyc(), by, reason)


@transaction.atomic
def reopen_kyc(customer_id: UUID | str, *, by: User, reason: str) -> bool:
    """Allow a new attempt after a rejection."""
    customer = _locked(customer_id)
    return _keep(customer, customer.reopen_kyc(), by, reason)
