"""Addresses of the desk: a tab, whose cases it shows, and the case that is open."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from kyc.cases.line import WHOSE, Case
from kyc.cases.sources import BY_HAND, CaseKind

OPEN_ATTEMPTS = "open"


@dataclass(frozen=True)
class Place:
    """Where at the desk somebody works; kept in every address and form."""

    tab: str = ""
    whose: str = ""

    @classmethod
    def asked(cls, asked: QueryDict) -> "Place":
        """What an address or a form names, if there is such a place."""
        tab, whose = asked.get("tab", ""), asked.get("whose", "")
        is_tab = tab in CaseKind.values or tab == OPEN_ATTEMPTS
        return cls(tab if is_tab else "", whose if whose in WHOSE else "")

    @property
    def kind(self) -> CaseKind | None:
        """What *Take next* is asked for; None for whatever is oldest."""
        return CaseKind(self.tab) if self.tab in CaseKind.values else None

    @property
    def query(self) -> dict[str, str]:
        named = {"tab": self.tab, "whose": self.whose}
        return {key: value for key, value in named.items() if value}

    @property
    def url(self) -> str:
        return self.with_query(reverse("admin:kyc_desk"))

    def with_query(self, address: str, **more: Any) -> str:
        query = urlencode({**self.query, **more})
        return f"{address}?{query}" if query else address

    def of(self, case: Case) -> str:
        """Where the case is decided; the tab one works on stays in the address."""
        if case.kind in BY_HAND:
            decide = reverse("admin:kyc_decide", args=[case.customer_id])
            return self.with_query(decide)
        desk, subject = reverse("admin:kyc_desk"), str(case.subject_id)
        if case.kind == CaseKind.DIFFERENCES:
            return f"{self.with_query(desk, customer=subject)}#difference"
        return f"{self.with_query(desk, case=subject)}#case"


def case_url(deed: str, subject_id: UUID) -> str:
    return reverse(f"admin:kyc_case_{deed}", args=[subject_id])
