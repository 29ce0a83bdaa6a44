"""A bank with a row of everything, whose a row is, and a walk through the house."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet
from django.test import Client
from django.utils import timezone

from common.keys import new_id
from customers.registry.choices import DeclineReason, TaskKind
from customers.registry.models import Customer
from customers.registry.services import (
    close_task,
    decline_customer,
    open_task,
    register_customer,
    update_customer,
)
from deposits.services import open_account
from events.delivery import run
from events.models import Delivery
from evidence.services import record_download, request_pack
from kyc.expiry import sweep_kyc_expiry
from kyc.services import note_link, start_attempt, store_callback
from kyc.sumsub.types import ApplicantState, Person, Review
from kyc.verdicts import apply_state
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import (
    change_policy,
    create_tenant,
    get_machine,
    register_staff,
    take_number,
)
from tests.api.bank import add_api
from tests.checks.bank import add_checks
from tests.conftest import a_registration
from tests.contacts.bank import add_contacts
from tests.deposits.bank import add_linked_accounts, add_sweep_run
from tests.documents.bank import add_documents, own_store
from tests.exports.bank import add_exports
from tests.house import callback_body
from tests.quality.bank import add_quality
from tests.registry.bank import add_profile
from tests.risk.bank import add_risk
from tests.subscribers.bank import add_subscribers
from tests.tiers.bank import add_tiers

OURS, THEIRS = "quillfeather", "umbrelina"
GREEN = Review("completed", "GREEN", level="basic-kyc-level")
RED = Review("completed", "RED", "FINAL", level="basic-kyc-level")
COMPANY = {"customer_type": "PRIVATE_COMPANY", "entity_type": "body_corporate"}
# Each story: how they register, and what Sumsub says of them; None: KYC not begun.
STORIES: dict[str, tuple[dict[str, Any], tuple[Review, ...] | None]] = {
    "verified": ({}, (GREEN,)),
    "branch": ({"channel": "agent", "email": ""}, (GREEN,)),
    "retracted": ({}, (GREEN, RED)),
    "rejected": ({}, (RED,)),
    "unused": ({}, ()),
    "declined": ({}, None),
    "fresh": ({}, None),
    "company": (COMPANY, None),
    "stuck": ({}, None),
}


def fill_bank(tenant: Tenant, word: str, number: int) -> dict[str, Customer]:
    """Live through every kind of story at a bank, by its own commands.

    `word` is in all that is written about the bank's people, `number` begins their
    phones. Returns the customers by their story.
    """
    officer = register_staff(
        tenant=tenant, email=f"officer@{word}.example", name=f"Officer {word}",
        roles=["compliance_officer"], by=get_machine("setup"),
    )  # fmt: skip
    # Approved KYC is about to expire at once, so that reminders are due.
    change_policy(tenant.pk, by=officer, reason=f"{word} asked", kyc_valid_days=50)
    known = {}
    for place, (story, (more, reviews)) in enumerate(STORIES.items(), start=number):
        asked = {"name": f"{story} {word}", "email": f"{story}@{word}.example", **more}
        known[story] = customer = register_customer(
            a_registration(place, **asked), tenant=tenant, by=officer
        )
        if reviews is not None:
            _verify(customer, reviews, word, officer)
    decline_customer(known["declined"].pk, reason=DeclineReason.DUPLICATE, by=officer)
    due = Delivery.objects.filter(event__tenant=tenant, status=Delivery.Status.DUE)
    while sum(run(delivery.pk) for delivery in due.all()):
        pass
    _verify(known["stuck"], (GREEN,), word, officer)
    waiting = Delivery.objects.filter(event__subject_id=str(known["stuck"].pk))
    run(waiting.get(handler="onboarding.start_provisioning").pk)
    # Given up, with a refusal in our own words; no worker of a test waits two days.
    refusal = f"Cannot make a login: {known['stuck']} is new."
    waiting.filter(handler="onboarding.create_login").update(
        status=Delivery.Status.FAILED, attempts=16, last_error=refusal
    )
    _add_work(known["verified"], word, officer)
    _add_callbacks(known["verified"], word)
    add_documents(known["verified"], word, officer)
    add_profile(known["verified"], word, officer)
    add_contacts(known["verified"], word, number, officer)
    add_tiers(known["verified"], word, officer)
    add_risk(known["verified"], word, officer)
    _add_evidence(known["verified"], word, officer)
    add_subscribers(tenant, word, officer)
    add_exports(word, officer)
    add_sweep_run(known["verified"])
    add_api(known["verified"], word, officer)
    add_linked_accounts(known["verified"], word, number, officer)
    add_quality(known, word, officer)
    add_checks(known["verified"], word, officer)
    sweep_kyc_expiry()
    for customer in known.values():
        customer.refresh_from_db()
    return known


def _verify(
    customer: Customer, reviews: tuple[Review, ...], word: str, officer: User
) -> None:
    attempt = start_attempt(customer.pk, by=officer)
    note_link(attempt.pk, expires_at=timezone.now(), by=officer)
    for review in reviews:
        state = ApplicantState(
            applicant_id=f"{word}-{customer.public_id}",
            inspection_id="",
            external_user_id=str(customer.pk),
            applicant_type="individual",
            review=review,
            person=Person(first_name=f"{word}-spelled", last_name="Otherwise"),
            company=None,
            is_deleted=False,
            created_at=None,
        )
        now, sumsub = timezone.now(), get_machine("sumsub")
        apply_state(attempt.pk, state, asked_at=now, by=sumsub)


def _add_work(customer: Customer, word: str, officer: User) -> None:
    kind = TaskKind.KYC_DECISION
    open_task(customer, kind, reason=f"{word} waits", by=officer)
    done = open_task(customer, kind, reason=f"{word} waited", by=officer)
    close_task(done.pk, outcome=f"{word} was looked at", by=officer)
    update_customer(
        customer.pk, changes={"name": f"married {word}"}, by=officer, reason=word
    )
    open_account(customer.pk, by=officer)


def _add_callbacks(customer: Customer, word: str) -> None:
    """One waits for staff, one was of no use, one no worker has looked at yet."""
    applicant = f"{word}-{customer.public_id}"
    about = {"externalUserId": str(customer.pk), "applicantId": applicant}
    for said in ({"type": "applicantDanced"}, {"testMode": True}, {}):
        body = callback_body(**about, correlationId=f"{word}-{said}", **said)
        store_callback(body, sha256=hashlib.sha256(body).hexdigest())
        if said:
            stored = Delivery.objects.filter(event__type="CallbackReceived")
            run(stored.latest("created_at").pk)


def _add_evidence(customer: Customer, word: str, officer: User) -> None:
    """One was downloaded, one waits for a worker; no store holds either."""
    ready = request_pack(customer.pk, pack_id=new_id(), reason=word, by=officer)
    now = timezone.now()
    ready.begin()
    ready.finish(key=ready.place, size=1, sha256=f"{word} hash", at=now)
    ready.save_as(officer, word)
    record_download(ready.pk, by=officer)
    request_pack(customer.pk, pack_id=new_id(), reason=f"{word} again", by=officer)


# --- whose a row is ---------------------------------------------------------------


def way_to_tenant(model: type[Model]) -> str:
    """The lookup that leads from a model to its institution, "" where there is none."""
    if model is Tenant:
        return "pk"
    keys: list[Any] = [f for f in model._meta.concrete_fields if f.is_relation]
    if any(key.name == "tenant" for key in keys):
        return "tenant_id"
    owned = [
        key.name for key in keys
        if any(f.name == "tenant" for f in key.related_model._meta.concrete_fields)
        and key.related_model is not User
    ]  # fmt: skip
    return f"{owned[0]}__tenant_id" if owned else ""


def rows_of(model: type[Model], tenant: Tenant) -> QuerySet[Any]:
    way = way_to_tenant(model)
    rows = model._base_manager.all()
    return rows.filter(**{way: tenant.pk}) if way else rows.none()


def owned_models() -> list[type[Model]]:
    return [model for model in apps.get_models() if way_to_tenant(model)]


def fingerprint(tenant: Tenant) -> dict[str, str]:
    """Everything that is written about an institution, shortened, by model."""
    return {
        model._meta.label: hashlib.sha256(
            repr(sorted(map(repr, rows_of(model, tenant).values_list()))).encode()
        ).hexdigest()
        for model in apps.get_models()
    }


# --- two banks, and somebody who walks through them --------------------------------


@dataclass
class Banks:
    """Two institutions with the same stories; nobody of `other` may see `mine`."""

    mine: Tenant
    other: Tenant
    customers: dict[str, Customer]
    marks: set[str] = field(default_factory=set)

    def staff(self, who: str, tenant: Tenant | None = None) -> User:
        """Somebody of the other bank unless told: a role, or a title."""
        roles = [who] if who in list(Role) else []
        place = "own" if tenant else "other"
        user = register_staff(
            tenant=tenant or self.other, roles=roles, name=who, by=get_machine("setup"),
            email=f"{who.replace(' ', '.')}@{place}.example",
        )  # fmt: skip
        if not roles:
            user.is_superuser = True
            user.tenant = None if who == "operator" else user.tenant
            user.save_as(user, "Made a superuser")
        return user


def two_banks() -> Iterator[Banks]:
    """Fill them once for a whole file: each of its tests undoes what it did."""
    with transaction.atomic(), own_store():
        setup = get_machine("setup")
        mine = create_tenant(name=f"Bank of {OURS}", slug=OURS, by=setup)
        other = create_tenant(name=f"Bank of {THEIRS}", slug=THEIRS, by=setup)
        for kind in ("customer", "account"):  # no number at both banks
            for _ in range(50):
                take_number(mine.pk, kind)
        known = fill_bank(mine, OURS, 100)
        fill_bank(other, THEIRS, 200)
        marks = _marks(mine) - _marks(other) | {OURS}
        yield Banks(mine, other, known, marks)
        transaction.set_rollback(True)


def _marks(tenant: Tenant) -> set[str]:
    """Ids and numbers that stand for rows of the institution and for nothing else."""
    found: set[str] = set()
    for model in apps.get_models():
        for row in rows_of(model, tenant).values_list():
            found |= {str(value) for value in row if isinstance(value, UUID)}
            texts = (value for value in row if isinstance(value, str))
            found |= {text for text in texts if len(re.findall(r"\d", text)) >= 7}
    return found


@dataclass
class Walk:
    """What one person meets at the addresses of the house."""

    client: Client
    marks: set[str]
    problems: list[str] = field(default_factory=list)
    pages: int = 0

    def visit(self, url: str, method: str = "get", **sent: Any) -> Any:
        """Ask, and note what may never be answered."""
        answer = getattr(self.client, method)(url, sent)
        # What we sent in the address comes back as a message on the page after it.
        self.client.cookies.pop("messages", None)
        if answer.status_code >= 500:
            self.problems.append(f"{method} {url}: {answer.status_code}")
        if found := self.seen_in(answer, url, sent):
            self.problems.append(f"{method} {url}: shows {sorted(found)[:4]}")
        return answer

    def seen_in(self, answer: Any, url: str, sent: dict[str, Any]) -> set[str]:
        if answer.status_code != 200:
            return set()
        self.pages += 1
        body = answer.getvalue().decode().lower()
        said = f"{url} {sent}".lower()
        return {mark for mark in self.marks if mark in body and mark not in said}
