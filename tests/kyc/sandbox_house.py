"""A switched-on stand-in, and people who attach files there."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django.fixtures import Settings

from kyc.sandbox import services
from kyc.sandbox.details import CompanyDetails, PersonDetails
from kyc.sandbox.models import SandboxApplicant

TOKEN, SECRET = "sbx:local.private", "stand-in-secret"
TYPED = {
    "first_name": "Ada",
    "last_name": "Sample",
    "birth_date": "1990-02-28",
    "nationality": "KEN",
    "address": "Moi Avenue 1, Nairobi",
    "document_type": "ID_CARD",
    "document_number": "C01X00T47",
}
ADA = PersonDetails("Ada", "Sample", nationality="KEN", document_type="PASSPORT")
ACME = CompanyDetails("Acme Ltd", "HRB 1", "KEN", "Moi Avenue 2, Nairobi")


def switch_on(settings: Settings) -> None:
    settings.SUMSUB_SANDBOX = True
    settings.SUMSUB_APP_TOKEN = TOKEN
    settings.SUMSUB_SECRET_KEY = SECRET
    settings.SUMSUB_KYB_LEVEL = "company-level"
    settings.SANDBOX_SYNC_WEBHOOKS = True
    settings.SANDBOX_WEBHOOK_URL = "http://127.0.0.1:9/nobody"


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    stream = BytesIO()
    Image.new("RGB", size, "teal").save(stream, form)
    return stream.getvalue()


def a_file(name: str, content: bytes) -> SimpleUploadedFile:
    # The browser's word for the type is a lie here: only the bytes count.
    return SimpleUploadedFile(name, content, content_type="text/html")


def link(level: str = "basic") -> str:
    made = services.create_link(
        external_user_id="cust-1", level_name=level, ttl_seconds=60
    )
    return f"/sandbox/sumsub/websdk/p/{made.token}"


def submit(client: Client, **attached: Any) -> Any:
    """Fill in the page and attach: `file_1=…, kind_1="PASSPORT"`."""
    return client.post(link(), TYPED | attached, follow=True)


def the_applicant() -> SandboxApplicant:
    return SandboxApplicant.objects.get()


def submitted(details: Any = ADA, level: str = "basic") -> SandboxApplicant:
    applicant = services.create_applicant(external_user_id="c-9", level_name=level)
    return services.submit(applicant.pk, details)
