"""Customers on the eve of their approval, made by the real commands."""

from datetime import date

from django.db import transaction

from bench.bodies import headers_of
from bench.load import post_request
from customers.registry.models import Customer
from customers.registry.registration import CURRENT_TERMS, Registration
from customers.registry.services import register_customer
from kyc.sandbox import services as sandbox
from kyc.sandbox.details import PersonDetails
from kyc.sandbox.models import SandboxDelivery
from kyc.services import start_attempt
from kyc.start import start_kyc
from tenants.models import Tenant, User
from tenants.services import MACHINES, create_tenant, get_machine

_BORN_ON = date(1988, 2, 29)
_NATIONALITY = "GHA"
_ADDRESS = "22 Quay Street, Tema, Ghana"


def found_bank() -> Tenant:
    # Every house has them after its first minute; their making is not measured here.
    machines = {name: get_machine(name) for name in MACHINES}
    return create_tenant(name="Bench Bank", slug="bench", by=machines["setup"])


def applicants(count: int, tenant: Tenant, mail_domain: str) -> list[Customer]:
    """Register so many customers and open an attempt for each."""
    setup = get_machine("setup")
    found = [_register(n, tenant, mail_domain, setup) for n in range(count)]
    for customer in found:
        start_attempt(customer.pk, by=setup)
    return found


def approvals(count: int, tenant: Tenant, mail_domain: str) -> list[bytes]:
    """Register so many, start their KYC, and approve them at the stand-in.

    Returns the webhooks of it, written and signed by the stand-in but not yet sent.
    """
    setup = get_machine("setup")
    return [
        _approval_of(_register(number, tenant, mail_domain, setup), setup)
        for number in range(count)
    ]


def _register(number: int, tenant: Tenant, mail_domain: str, by: User) -> Customer:
    asked = Registration(
        customer_type="INDIVIDUAL",
        entity_type="individual",
        name=f"Ama Mensah {number}",
        email=f"customer-{number}@{mail_domain}",
        terms_version=CURRENT_TERMS,
        details={
            "birth_date": _BORN_ON.isoformat(),
            "nationality": _NATIONALITY,
            "address": _ADDRESS,
            "id_number": f"GHA-{number:09d}",
        },
    )
    return register_customer(asked, tenant=tenant, by=by)


def _approval_of(customer: Customer, by: User) -> bytes:
    """Go the customer's way through the link and return the webhook at its end."""
    link = start_kyc(customer.pk, by=by)
    first, last = customer.name.split(" ", 1)
    papers = PersonDetails(
        first_name=first,
        last_name=last,
        birth_date=_BORN_ON,
        nationality=_NATIONALITY,
        address=_ADDRESS,
        document_type="PASSPORT",
        document_number=customer.details["id_number"],
    )
    with transaction.atomic():
        applicant = sandbox.open_link(link.url.rpartition("/")[2])
        sandbox.submit(applicant.pk, papers)
        sandbox.review(applicant.pk, sandbox.GREEN)
        written = SandboxDelivery.objects.filter(applicant_id=applicant.pk)
        approval = written.get(event_type="applicantReviewed")
        # Nobody else may send them: they wait for the start of the measurement.
        written.update(state=SandboxDelivery.State.DELIVERED)
    headers = headers_of(approval.digest, approval.algorithm)
    return post_request("/webhooks/sumsub", approval.body.encode(), headers)
