"""The gateway and the stand-in understand each other over real HTTP."""

from datetime import date

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from kyc.sandbox import services
from kyc.sandbox.details import CompanyDetails, PersonDetails
from kyc.sandbox.models import SandboxDelivery
from kyc.sumsub import errors
from kyc.sumsub.client import SumsubClient
from kyc.sumsub.types import Verdict

TOKEN, SECRET = "sbx:local.private", "stand-in-secret"
ADA = PersonDetails(
    first_name="Ada",
    last_name="Sample",
    birth_date=date(1990, 2, 28),
    nationality="KEN",
    address="Moi Avenue 1, Nairobi",
    document_type="PASSPORT",
    document_number="C01X00T47",
)
ACME = CompanyDetails("Acme Ltd", "HRB 1", "KEN", "Moi Avenue 2, Nairobi")


@pytest.fixture
def gateway(live_server: LiveServer, settings: Settings) -> SumsubClient:
    settings.SUMSUB_SANDBOX = True
    settings.SUMSUB_APP_TOKEN = TOKEN
    settings.SUMSUB_SECRET_KEY = SECRET
    settings.SUMSUB_KYB_LEVEL = "company-level"
    settings.PUBLIC_URL = live_server.url
    settings.SANDBOX_SYNC_WEBHOOKS = True
    settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:9/nobody"
    return SumsubClient(f"{live_server.url}/sandbox/sumsub", TOKEN, SECRET)


@pytest.mark.django_db(transaction=True)
def test_gateway_and_stand_in_understand_each_other(gateway: SumsubClient) -> None:
    assert gateway.find_applicant("cust 9/ü") is None
    link = gateway.create_link(
        level="basic", external_user_id="cust 9/ü", ttl_seconds=60
    )
    assert link.expires_at > timezone.now()
    applicant = services.open_link(link.url.rpartition("/")[2])
    services.submit(applicant.pk, ADA)
    with pytest.raises(errors.SumsubConflict):
        gateway.reset(applicant.pk)
    services.review(applicant.pk, "GREEN")
    state = gateway.find_applicant("cust 9/ü")
    assert state is not None
    assert state == gateway.applicant(applicant.pk)
    assert state.review.verdict is Verdict.APPROVED
    assert state.review.attempt_count == 1
    assert state.review.reviewed_at is not None
    person = state.person
    assert person is not None
    assert (person.first_name, person.last_name) == ("Ada", "Sample")
    assert person.birth_date == date(1990, 2, 28)
    assert person.nationality == "KEN"
    assert person.address == "Moi Avenue 1, Nairobi"
    assert person.documents[0].number == "C01X00T47"
    gateway.move_to_level(applicant.pk, "next level")
    gateway.reset(applicant.pk)
    state = gateway.applicant(applicant.pk)
    assert state.review.verdict is Verdict.NONE
    assert state.review.level == "next level"
    services.delete(applicant.pk)
    gone = gateway.applicant(applicant.pk)
    assert gone.is_deleted
    assert gone.person is None
    assert SandboxDelivery.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_company_over_the_wire(gateway: SumsubClient) -> None:
    company = services.create_applicant(
        external_user_id="org-1", level_name="company-level"
    )
    services.submit(company.pk, ACME)
    state = gateway.applicant(company.pk)
    assert state.applicant_type == "company"
    assert state.person is None
    assert state.company is not None
    assert state.company.name == "Acme Ltd"
    assert state.company.legal_address == "Moi Avenue 2, Nairobi"
