"""What happens to documents, in the past tense."""

from dataclasses import dataclass
from typing import ClassVar

from documents.choices import Kind, RejectReason
from events.events import Event


@dataclass(frozen=True, kw_only=True)
class DocumentEvent(Event):
    customer_id: str
    document_id: str
    kind: str

    title: ClassVar[str] = ""

    def words(self) -> tuple[str, str]:
        return self.title, str(Kind(self.kind).label).lower()


@dataclass(frozen=True, kw_only=True)
class DocumentReceived(DocumentEvent):
    title = "Document received"


@dataclass(frozen=True, kw_only=True)
class DocumentFailed(DocumentEvent):
    """The store did not take it; what was received is kept and tried again."""

    is_trouble = True
    title = "Document not stored"


@dataclass(frozen=True, kw_only=True)
class DocumentStored(DocumentEvent):
    title = "Document stored"


@dataclass(frozen=True, kw_only=True)
class DocumentScanned(DocumentEvent):
    title = "No malware found"


@dataclass(frozen=True, kw_only=True)
class DocumentInfected(DocumentEvent):
    is_trouble = True
    title = "Malware found"


@dataclass(frozen=True, kw_only=True)
class DocumentAccepted(DocumentEvent):
    """Evidence: tiers are computed anew (domain §8)."""

    title = "Document accepted"


@dataclass(frozen=True, kw_only=True)
class DocumentRejected(DocumentEvent):
    is_trouble = True
    reason: str

    def words(self) -> tuple[str, str]:
        kind = str(Kind(self.kind).label).lower()
        return "Document rejected", f"{kind}: {RejectReason(self.reason).label.lower()}"


@dataclass(frozen=True, kw_only=True)
class DocumentArchived(DocumentEvent):
    title = "Document archived"


@dataclass(frozen=True, kw_only=True)
class DocumentDeleted(DocumentEvent):
    title = "Document deleted"


@dataclass(frozen=True, kw_only=True)
class DocumentExpiring(DocumentEvent):
    """Asked for again, 30 days before it expires."""

    expires_on: str

    def words(self) -> tuple[str, str]:
        kind = str(Kind(self.kind).label).lower()
        return "Document asked for again", f"{kind}, expires {self.expires_on}"
