"""One document as its reviewer sees it: facts, what it should say, who may decide."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.urls import reverse

from common.errors import DomainError
from common.face import Label, ago, day, moment
from common.reading.countries import country_name
from documents.checklist import required_kinds
from documents.choices import Kind, RejectReason, Review
from documents.downloads import why_unreadable
from documents.models import Document
from documents.panels.labels import size_words, type_words
from documents.panels.rows import page_url
from documents.services import refuse_review
from tenants.models import User

# What a pack asks that no paper says.
ON_NO_PAPER = frozenset(["occupation", "purpose"])
# Whoever only looks sees the last four; a reviewer compares the whole number.
MASKED = frozenset(["id_number", "tax_number"])
REASONS = [reason for reason in RejectReason if reason != RejectReason.MALWARE]
MOST_TWINS = 3  # named in the warning; more are counted
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True)
class Fact:
    caption: str
    value: str | Label
    title: str = ""


@dataclass(frozen=True)
class Twin:
    """Another document with the very same bytes."""

    title: str
    who: str
    public_id: str
    url: str


@dataclass(frozen=True)
class Case:
    """What one person may see and do about one document."""

    document: Document
    user: User
    chosen: str = field(default="")

    @property
    def may_decide(self) -> bool:
        is_waiting = self.document.review == Review.PENDING
        return is_waiting and self.user.has_perm("documents.review_document")

    @cached_property
    def why_not(self) -> str:
        """Why nobody, or not this person, may decide now; "" when they may."""
        try:
            refuse_review(self.document, self.user)
        except DomainError as error:
            return error.message
        return ""

    @property
    def why_not_accept(self) -> str:
        expired_on = self.document.expires_on
        if expired_on is None or not self.document.is_expired(self._today):
            return ""
        return f"It expired on {day(expired_on)}, so it can only be rejected."

    @property
    def verdict(self) -> str:
        """What was decided and by whom; else why this page offers no decision."""
        if self.document.review != Review.PENDING:
            return verdict_of(self.document)
        if self.may_decide:
            return ""
        return "This document waits for a reviewer; you may look at it."

    @property
    def unreadable(self) -> str:
        return "" if self.document.is_readable else why_unreadable(self.document)

    @property
    def open_url(self) -> str:
        """Where the file itself is handed out; "" while nobody may have it."""
        return "" if self.unreadable else page_url(self.document, "download")

    @property
    def is_table(self) -> bool:
        return self.document.content_type == "text/csv"

    @property
    def customer_url(self) -> str:
        customer_id = self.document.customer_id
        return reverse("admin:registry_customer_change", args=[customer_id])

    @property
    def has_reason(self) -> bool:
        return self.chosen in REASONS

    @property
    def reasons(self) -> list[tuple[str, str, bool]]:
        """Value, words, and whether it was chosen before."""
        return [(r.value, str(r.label), r.value == self.chosen) for r in REASONS]

    @property
    def facts(self) -> list[Fact]:
        document = self.document
        return [
            Fact("Asked for by", _asked_for_by(document)),
            Fact(
                "Uploaded",
                f"{ago(document.uploaded_at)} by {document.uploaded_by}",
                moment(document.uploaded_at),
            ),
            Fact("Issued", day(document.issued_on) if document.issued_on else NOTHING),
            Fact("Expires", _expiry(document.expires_on, self._today)),
            Fact("File", _file_words(document)),
        ]

    @property
    def matches(self) -> list[Fact]:
        """What our file says and the paper should; nothing that is empty."""
        customer = self.document.customer
        facts = [Fact("Name", customer.name)]
        for asked in customer.pack_form.fields:
            value = str(customer.details.get(asked.key) or "")
            if value and asked.key not in ON_NO_PAPER:
                shown = self._shown(asked.key, asked.type, value)
                facts.append(Fact(asked.label, shown))
        return facts

    def _shown(self, key: str, kind: str, value: str) -> str:
        if key in MASKED and not self.user.has_perm("documents.review_document"):
            return f"ending {value[-4:]}" if len(value) > 6 else "a short number"
        if kind == "country":
            return country_name(value)
        if kind == "date":
            return _day_of(value)
        return value

    @cached_property
    def twins(self) -> list[Twin]:
        same = Document.objects.same_file_as(self.document).select_related("customer")
        found = same.order_by("uploaded_at")[: MOST_TWINS + 1]
        return [
            Twin(
                other.title,
                other.customer.name,
                other.customer.public_id,
                reverse("admin:documents_review_one", args=[other.pk]),
            )
            for other in found
        ]

    @property
    def has_more_twins(self) -> bool:
        return len(self.twins) > MOST_TWINS

    @property
    def _today(self) -> date:
        return self.document.tenant.today


def verdict_of(document: Document) -> str:
    """Say who decided what, and when."""
    who = str(document.reviewed_by or "Somebody")
    at = f" {ago(document.reviewed_at)}" if document.reviewed_at else ""
    if document.review == Review.ACCEPTED:
        return f"{who} accepted this document{at}."
    why = RejectReason(document.review_reason).label.lower()
    return f"{who} rejected this document{at}: {why}."


def _file_words(document: Document) -> str:
    """Say what the file is: "PDF, 212 KB, no malware found"."""
    scan = str(document.get_scan_display()).lower()
    return f"{type_words(document)}, {size_words(document.size)}, {scan}"


def _asked_for_by(document: Document) -> str:
    purposes = required_kinds(document.customer).get(Kind(document.kind), ())
    words = ", ".join(purposes)
    return words[:1].upper() + words[1:] or NOTHING


def _expiry(expires_on: date | None, today: date) -> str | Label:
    if expires_on is None:
        return NOTHING
    if expires_on < today:
        return Label(f"{day(expires_on)}, expired", "warn")
    return day(expires_on)


def _day_of(value: str) -> str:
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value


def then_opens(following: Document | None) -> str:
    if following is None:
        return ""
    title = following.title[0].lower() + following.title[1:]
    return f"Then opens: {title}, {following.customer.name}"


def row_of(document: Document) -> dict[str, Any]:
    """One line of the queue, for phones."""
    return {
        "url": reverse("admin:documents_review_one", args=[document.pk]),
        "title": document.title,
        "who": document.customer.name,
        "public_id": document.customer.public_id,
        "uploaded_at": document.uploaded_at,
    }
