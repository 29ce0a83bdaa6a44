"""What happens to evidence packs; the front line must not learn of an examination."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class EvidenceEvent(Event):
    is_restricted = True

    customer_id: str
    pack_id: str


@dataclass(frozen=True, kw_only=True)
class EvidenceRequested(EvidenceEvent):
    def words(self) -> tuple[str, str]:
        return "Evidence pack asked for", ""


@dataclass(frozen=True, kw_only=True)
class EvidenceReady(EvidenceEvent):
    def words(self) -> tuple[str, str]:
        return "Evidence pack ready", ""


@dataclass(frozen=True, kw_only=True)
class EvidenceFailed(EvidenceEvent):
    is_trouble = True

    def words(self) -> tuple[str, str]:
        return "Evidence pack not made", ""


@dataclass(frozen=True, kw_only=True)
class EvidenceExpired(EvidenceEvent):
    def words(self) -> tuple[str, str]:
        return "Evidence pack removed", "a day after it was made"


@dataclass(frozen=True, kw_only=True)
class EvidenceDownloaded(EvidenceEvent):
    def words(self) -> tuple[str, str]:
        return "Evidence pack downloaded", ""
