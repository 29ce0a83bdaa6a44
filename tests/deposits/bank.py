"""A run of the sweep and linked accounts for the two banks of the tests."""

from uuid import uuid4

from django.utils import timezone

from customers.registry.models import Customer
from deposits.activity.keeping import Sweep
from deposits.activity.sweeping import ACTIVITY
from deposits.linked.services import (
    LinkRequest,
    confirm_test_amount,
    link_account,
    send_test_amount,
)
from documents.choices import Kind
from documents.services import accept_document
from events.models import NightlyRun
from events.nightly import Night
from tenants.models import User
from tenants.services import register_staff
from tests.documents.bank import send_document


def add_sweep_run(customer: Customer) -> None:
    """It found one example, and one customer whom it could not change."""
    tenant, number = customer.tenant, customer.public_id
    now = timezone.now()
    run = NightlyRun.objects.create(
        tenant=tenant, name=ACTIVITY, counted_on=tenant.today, status="done",
        started_at=now, finished_at=now,
    )  # fmt: skip
    kept = Sweep.of(Night(run, uuid4())).kept
    example = {
        "customer": number,
        "from": "active",
        "to": "inactive",
        "last_on": tenant.today.isoformat(),
    }
    failed = {"customer": number, "error": "lock timeout"}
    kept.examples, kept.errors, kept.error_count = [example], [failed], 1
    kept.save()


def add_linked_accounts(
    customer: Customer, word: str, number: int, officer: User
) -> None:
    """One verified, and one that waits for an answer, with a proof that is accepted."""
    colleague = register_staff(
        tenant=customer.tenant, email=f"colleague@{word}.example", by=officer,
        name=f"Colleague {word}", roles=["compliance_officer"],
    )  # fmt: skip
    customer.refresh_from_db()
    for kind, told in (("bank", f"GH{number:03}4567890"), ("wallet", f"{word}-7")):
        asked = LinkRequest(
            kind=kind, institution=f"{kind} {word}", holder_name=customer.name,
            number=told, country="GHA",
        )  # fmt: skip
        row = link_account(customer.pk, asked, by=officer)
        shown = send_test_amount(row.pk, by=officer)
        if kind == "bank":
            confirm_test_amount(row.pk, amount=shown.amount, by=colleague)
    proof = send_document(customer, f"{word} statement", Kind.OTHER, officer)
    accept_document(proof.pk, by=colleague)
