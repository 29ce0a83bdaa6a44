"""What can go wrong in our own words; the message is what staff read."""

from collections.abc import Mapping


class DomainError(Exception):
    """A refusal: one plain sentence with the fact, fit to show to staff."""

    code = "CUSTOMER_ERROR"

    def __init__(
        self, message: str, *, code: str = "", field: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field
        self.details = details or {}


class IllegalTransitionError(DomainError):
    """The lifecycle has no such arrow from where the record stands."""

    code = "ILLEGAL_TRANSITION"


class StaleVersionError(DomainError):
    """Somebody else saved first; nothing was changed."""

    code = "STALE_VERSION"


class NotForYouError(DomainError):
    """The actor may not do this, whatever the record says."""

    code = "FORBIDDEN"
