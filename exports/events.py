"""What happens to exports; what somebody searched for is in no event."""

from dataclasses import dataclass

from events.events import Event


@dataclass(frozen=True, kw_only=True)
class ExportEvent(Event):
    is_restricted = True

    export_id: str
    list_key: str


@dataclass(frozen=True, kw_only=True)
class ExportRequested(ExportEvent):
    def words(self) -> tuple[str, str]:
        return "Export of a list asked for", self.list_key


@dataclass(frozen=True, kw_only=True)
class ExportReady(ExportEvent):
    def words(self) -> tuple[str, str]:
        return "Export of a list ready", self.list_key


@dataclass(frozen=True, kw_only=True)
class ExportFailed(ExportEvent):
    is_trouble = True

    def words(self) -> tuple[str, str]:
        return "Export of a list not made", self.list_key


@dataclass(frozen=True, kw_only=True)
class ExportCancelled(ExportEvent):
    def words(self) -> tuple[str, str]:
        return "Export of a list cancelled", self.list_key


@dataclass(frozen=True, kw_only=True)
class ExportExpired(ExportEvent):
    def words(self) -> tuple[str, str]:
        return "Export of a list removed", "a day after it was made"


@dataclass(frozen=True, kw_only=True)
class ExportDownloaded(ExportEvent):
    def words(self) -> tuple[str, str]:
        return "Export of a list downloaded", self.list_key
