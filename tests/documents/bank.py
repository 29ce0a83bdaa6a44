"""Documents for the two banks of the tests of separation and of roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.test import override_settings

from customers.registry.models import ClaimKind, Customer
from customers.registry.services import claim
from documents.choices import Deed, Kind
from documents.models import Document
from documents.services import Paper, record_access
from documents.uploads import upload_document
from tenants.models import User
from tests.documents.files import pdf, upload


@contextmanager
def own_store() -> Iterator[Path]:
    """Keep files in a folder of its own, for as long as this lasts."""
    with TemporaryDirectory(prefix="bank-") as folder:
        with override_settings(MEDIA_ROOT=folder):
            yield Path(folder)


def add_documents(customer: Customer, word: str, officer: User) -> None:
    """One was stored and looked at; one, claimed, waits for its store to come back."""
    stored = send_document(customer, f"{word} passport", Kind.ID, officer)
    record_access(stored, Deed.PREVIEW, by=officer)
    with TemporaryDirectory() as folder:
        in_the_way = Path(folder) / "file"
        in_the_way.touch()
        with override_settings(MEDIA_ROOT=in_the_way):
            waits = send_document(customer, f"{word} bill", Kind.ADDRESS_PROOF, officer)
    claim(ClaimKind.DOCUMENT_REVIEW, waits.pk, by=officer)


def send_document(customer: Customer, text: str, kind: Kind, officer: User) -> Document:
    file = upload(pdf(text), f"{text}.pdf")
    return upload_document(customer.pk, Paper(kind=kind), file, by=officer)
