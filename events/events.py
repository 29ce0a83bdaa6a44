"""What an event is: a frozen dataclass of ids and reasons, named in the past tense."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self, TypeVar

EVENT_TYPES: dict[str, type["Event"]] = {}


class RetryLaterError(Exception):
    """Not yet: the outside asks us to come back after `seconds`."""

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class GiveUpError(Exception):
    """Trying again cannot help: straight to staff's list."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact. No personal data: ids, names of fields, reasons and statuses only."""

    # Restricted facts (escalations, quarantine) stay off the front line's timeline.
    is_restricted: ClassVar[bool] = False
    # A fact that stopped or refused something is marked red on the timeline.
    is_trouble: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__name__ in EVENT_TYPES:
            raise TypeError(f"There are two events named {cls.__name__}.")
        EVENT_TYPES[cls.__name__] = cls

    @property
    def subject_id(self) -> str:
        """The customer the fact is about, "" when about none."""
        return str(getattr(self, "customer_id", "") or "")

    def words(self) -> tuple[str, str]:
        """What the timeline says: a title, and a detail or ""."""
        name = type(self).__name__
        spaced = "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
        return spaced.capitalize(), ""

    def payload(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """Rebuild a stored fact; keys of an older or newer release are ignored."""
        names = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in payload.items() if key in names})


EventT = TypeVar("EventT", bound=Event)
Handler = Callable[[Any], None]


@dataclass(frozen=True)
class Subscription:
    """One handler's interest in one kind of event."""

    name: str
    event_type: str
    handler: Handler
    title: str


SUBSCRIPTIONS: dict[str, Subscription] = {}


def subscribe(
    event_class: type[EventT],
) -> Callable[[Callable[[EventT], None]], Callable[[EventT], None]]:
    """Deliver each event of this class to the handler, at least once, until done.

    The handler must be harmless to run twice. Its name, `app.function`, is stored:
    renaming one with deliveries outstanding needs a migration.
    """

    def register(handler: Callable[[EventT], None]) -> Callable[[EventT], None]:
        app = handler.__module__.removesuffix(".handlers")
        name = f"{app}.{handler.__name__}"
        if name in SUBSCRIPTIONS:
            raise TypeError(f"Two handlers are named {name}.")
        SUBSCRIPTIONS[name] = Subscription(
            name=name,
            event_type=event_class.__name__,
            handler=handler,
            title=handler.__name__.replace("_", " ").capitalize(),
        )
        return handler

    return register


def subscriptions_to(event_type: str) -> list[Subscription]:
    return [s for s in SUBSCRIPTIONS.values() if s.event_type == event_type]
