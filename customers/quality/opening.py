"""Open files one by one: one that no key opens stops nobody else’s check."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from customers.quality.rules.board import Hit, Scope
from customers.quality.rules.files import CustomerFile, hits_of_file, sealed_files


def hits_if_opened(file: CustomerFile) -> list[tuple[str, Hit]] | None:
    """What the rules say of a file; None where no key opens it."""
    try:
        return hits_of_file(file)
    except ImproperlyConfigured:
        return None


@dataclass
class Opening:
    """Opens all files of a scope and remembers none of them."""

    scope: Scope
    unreadable: set[UUID] = field(default_factory=set)

    def hits(self) -> Iterator[tuple[str, Hit]]:
        """What the rules say of each file that opens."""
        for sealed in sealed_files(self.scope):
            found = hits_if_opened(CustomerFile(sealed, self.scope.on))
            if found is None:
                self.unreadable.add(sealed.customer_id)
            else:
                yield from found
