"""What happened to a customer's contacts; ids and names of fields, never the values."""

from dataclasses import dataclass, field

from customers.contacts.choices import Kind, PreferredChannel
from events.events import Event


@dataclass(frozen=True, kw_only=True)
class _OfContact(Event):
    customer_id: str
    kind: str
    contact_id: str

    @property
    def noun(self) -> str:
        return str(Kind(self.kind).label)


@dataclass(frozen=True, kw_only=True)
class ContactAdded(_OfContact):
    def words(self) -> tuple[str, str]:
        return "Contact added", self.noun


@dataclass(frozen=True, kw_only=True)
class ContactChanged(_OfContact):
    fields: list[str] = field(default_factory=list)

    def words(self) -> tuple[str, str]:
        shown = ", ".join(name.removeprefix("is_") for name in self.fields)
        return "Contact changed", f"{self.noun}: {shown}" if shown else self.noun


@dataclass(frozen=True, kw_only=True)
class ContactRemoved(_OfContact):
    def words(self) -> tuple[str, str]:
        return "Contact removed", self.noun


@dataclass(frozen=True, kw_only=True)
class PreferenceChanged(Event):
    customer_id: str

    def words(self) -> tuple[str, str]:
        return "Preferences changed", "channel or language"


@dataclass(frozen=True, kw_only=True)
class VerificationAsked(_OfContact):
    challenge_id: str

    def words(self) -> tuple[str, str]:
        way = "code" if self.kind == Kind.PHONE else "link"
        return "Verification asked", f"{way} for the {self.noun}"


@dataclass(frozen=True, kw_only=True)
class PhoneVerified(Event):
    customer_id: str
    phone_id: str

    def words(self) -> tuple[str, str]:
        return "Phone verified", ""


@dataclass(frozen=True, kw_only=True)
class EmailVerified(Event):
    customer_id: str
    email_id: str

    def words(self) -> tuple[str, str]:
        return "E-mail verified", ""


@dataclass(frozen=True, kw_only=True)
class _OfMessage(Event):
    customer_id: str
    message_id: str
    letter: str
    channel: str
    language: str
    contact_id: str = ""

    @property
    def _about(self) -> str:
        return self.letter.rpartition("/")[2].replace("_", " ")

    @property
    def _way(self) -> str:
        return str(PreferredChannel(self.channel).label)


@dataclass(frozen=True, kw_only=True)
class MessageSent(_OfMessage):
    def words(self) -> tuple[str, str]:
        return "Message sent", f"{self._about}: {self._way}"


@dataclass(frozen=True, kw_only=True)
class MessageWaits(_OfMessage):
    def words(self) -> tuple[str, str]:
        return "Message to be given by staff", f"{self._about}: {self._way}"


@dataclass(frozen=True, kw_only=True)
class MessageNotSent(_OfMessage):
    def words(self) -> tuple[str, str]:
        return "Message not sent", self._about


@dataclass(frozen=True, kw_only=True)
class MessageTakenOver(Event):
    """A colleague who was at it, `taken_from`, gave way to whoever did this."""

    customer_id: str
    message_id: str
    taken_from: str

    def words(self) -> tuple[str, str]:
        return "Message taken over", "from a colleague"
