"""Walk each demo customer through their story, over HTTP where the real one goes."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import NAMESPACE_URL, UUID, uuid5

import requests
from django.conf import settings

from config.demo.holdings import report_products
from config.demo.linked import link_accounts
from config.demo.papers import bring
from config.demo.people import Chapter, DemoCustomer
from config.demo.settling import prove_phone, rate_risk
from customers.registry.models import Customer, DeclineReason
from customers.registry.registration import CURRENT_TERMS, Registration
from customers.registry.services import (
    decline_customer,
    register_customer,
    update_customer,
)
from events.delivery import due_ids, run_due
from kyc.sandbox import services as sandbox
from kyc.sandbox.details import CompanyDetails, PersonDetails
from kyc.sandbox.models import SandboxApplicant
from kyc.start import start_kyc
from kyc.sumsub.webhook import digest_of
from tenants.models import Tenant, User


def demo_id(person: DemoCustomer) -> UUID:
    """The same at every run, so that nobody is registered twice."""
    known_by = person.email or person.phone
    return uuid5(NAMESPACE_URL, f"vestibule-demo:{person.bank}:{known_by}")


def deliver() -> None:
    """Do what a worker would, until nothing is due."""
    while due_ids(1):
        run_due()


class Story:
    """One customer's way; `clerk` and `officer` are staff of their bank."""

    def __init__(
        self, person: DemoCustomer, tenant: Tenant, clerk: User, officer: User
    ) -> None:
        self.person, self.tenant = person, tenant
        self.clerk, self.officer = clerk, officer

    def tell(self) -> None:
        """Go from the first chapter to the one this customer has reached."""
        for step in _STEPS[self.person.chapter]:
            step(self)
            deliver()
        self.bring_papers()
        deliver()

    @property
    def customer(self) -> Customer:
        return Customer.objects.get(pk=demo_id(self.person))

    @property
    def applicant(self) -> SandboxApplicant:
        return SandboxApplicant.objects.get(external_user_id=str(demo_id(self.person)))

    def register(self) -> None:
        person = self.person
        asked = Registration(
            id=demo_id(person),
            customer_type=person.customer_type,
            entity_type=person.entity_type,
            channel=person.channel,
            name=person.name,
            email=person.email,
            phone=person.phone,
            details=person.details,
            terms_version=CURRENT_TERMS,
        )
        register_customer(asked, tenant=self.tenant, by=self.clerk)

    def make_link(self) -> None:
        start_kyc(demo_id(self.person), by=self.clerk)

    def submit(self) -> None:
        link = sandbox.create_link(
            external_user_id=str(demo_id(self.person)),
            level_name=settings.SUMSUB_KYC_LEVEL
            if self.customer.is_individual
            else settings.SUMSUB_KYB_LEVEL,
            ttl_seconds=60,
        )
        applicant = sandbox.open_link(link.token)
        sandbox.submit(applicant.pk, self.papers())

    def papers(self) -> PersonDetails | CompanyDetails:
        """What the customer tells Sumsub."""
        said = {
            "name": self.person.name,
            **self.person.details,
            **self.person.at_sumsub,
        }
        if not self.customer.is_individual:
            return CompanyDetails(
                name=said["name"],
                registration_number=said.get("registration_number", ""),
                country=said.get("country", ""),
                address=said.get("address", ""),
            )
        first, _, last = said["name"].rpartition(" ")
        return PersonDetails(
            first_name=first,
            last_name=last,
            birth_date=date.fromisoformat(said["birth_date"]),
            nationality=said["nationality"],
            address=said["address"],
            document_type="PASSPORT",
            document_number=said["id_number"],
        )

    def approve(self) -> None:
        sandbox.review(self.applicant.pk, sandbox.GREEN)

    def hold(self) -> None:
        sandbox.hold(self.applicant.pk)

    def ask_again(self) -> None:
        sandbox.review(
            self.applicant.pk, sandbox.RED, sandbox.RETRY,
            labels=["UNSATISFACTORY_PHOTOS"],
            moderation_comment="Please photograph the whole page in daylight.",
        )  # fmt: skip

    def reject(self) -> None:
        sandbox.review(
            self.applicant.pk, sandbox.RED, sandbox.FINAL, labels=["FORGERY"],
            client_comment="The photograph was replaced.",
        )  # fmt: skip

    def settle(self) -> None:
        """Prove the phone, rate the risk, link accounts; other systems report."""
        prove_phone(self.customer, by=self.clerk)
        rating = "low" if self.customer.is_individual else "high"
        rate_risk(self.customer, rating, by=self.officer)
        report_products(self.customer, by=self.officer)
        link_accounts(self.customer, clerk=self.clerk, officer=self.officer)

    def bring_papers(self) -> None:
        for paper in self.person.papers:
            bring(paper, self.customer, clerk=self.clerk, officer=self.officer)

    def change_later(self) -> None:
        update_customer(
            demo_id(self.person),
            changes={"details": {"address": "1 Westgate, Wakefield"}},
            by=self.clerk, reason="Moved to a new office",
        )  # fmt: skip

    def decline(self) -> None:
        decline_customer(
            demo_id(self.person),
            reason=DeclineReason.CUSTOMER_WITHDREW,
            by=self.officer,
        )


_SUBMITTED: tuple[Callable[[Story], None], ...] = (
    Story.register,
    Story.make_link,
    Story.submit,
)
_STEPS: dict[Chapter, tuple[Callable[[Story], None], ...]] = {
    Chapter.REGISTERED: (Story.register,),
    Chapter.LINK_MADE: (Story.register, Story.make_link),
    Chapter.SUBMITTED: _SUBMITTED,
    Chapter.ON_HOLD: (*_SUBMITTED, Story.hold),
    Chapter.ASKED_AGAIN: (*_SUBMITTED, Story.ask_again),
    Chapter.REJECTED: (*_SUBMITTED, Story.reject),
    Chapter.APPROVED: (*_SUBMITTED, Story.approve, Story.settle),
    Chapter.CHANGED_LATER: (*_SUBMITTED, Story.approve, Story.change_later),
    Chapter.TAKEN_BACK: (*_SUBMITTED, Story.approve, Story.reject),
    Chapter.DECLINED: (Story.register, Story.decline),
}


def post_stray_callback() -> None:
    """Let Sumsub speak of somebody nobody knows: the desk's quarantine has a guest."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.000")
    body = json.dumps(
        {
            "type": "applicantReviewed",
            "applicantId": "6921f0aa000000000000b3c4",
            "reviewStatus": "completed",
            "reviewResult": {"reviewAnswer": "GREEN"},
            "createdAtMs": stamp,
        }
    ).encode()
    algorithm = settings.SUMSUB_WEBHOOK_ALGORITHM
    secret = settings.SUMSUB_WEBHOOK_SECRETS[0]
    requests.post(
        settings.SANDBOX_WEBHOOK_URL,
        data=body,
        headers={
            "X-Payload-Digest": digest_of(body, secret=secret, algorithm=algorithm),
            "X-Payload-Digest-Alg": algorithm,
        },
        timeout=10,
    )
    deliver()
