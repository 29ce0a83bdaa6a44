"""What the customer reads: own state in plain words, nothing the bank keeps to itself.

No notes, risk, escalations or reasons appear here; a suspended and a frozen account
read the same, so that nobody is tipped off.
"""

from dataclasses import dataclass
from datetime import date

from common.face import Label, Tone, day
from common.reading.countries import country_name
from customers.registry.choices import KycStatus
from customers.registry.models import Customer
from deposits.models import Account
from documents.checklist import Line, Standing, checklist
from documents.choices import RejectReason
from tenants.packs.loader import PackField

_ACCOUNT_WORDS: dict[str, tuple[str, Tone]] = {
    Account.Status.ACTIVE: ("Active", "good"),
    Account.Status.INACTIVE: ("Inactive", "quiet"),
    Account.Status.SUSPENDED: ("On hold, please call us", "warn"),
    Account.Status.FROZEN: ("On hold, please call us", "warn"),
    Account.Status.CLOSED: ("Closed", "ended"),
}
_KYC_WORDS: dict[str, tuple[str, Tone]] = {
    KycStatus.PENDING: ("We are checking your identity.", "wait"),
    KycStatus.VERIFIED: ("Your identity is confirmed.", "good"),
    KycStatus.REJECTED: ("We could not confirm your identity. Please call us.", "warn"),
}
DOCUMENT_WORDS = {
    "id": "Identity document: passport, national ID or driving licence",
    "address_proof": "Proof of address: a utility bill or bank statement of the last"
    " three months",
    "income_proof": "Proof of income: a payslip or tax return",
    "business_registration": "Certificate of registration of the organisation",
    "trust_deed": "The trust deed",
    "other": "A further document we name to you",
}
# Why one was refused, as far as a customer may know: what was suspected, or found by
# the scanner, reads like an unreadable file.
_REFUSED = "We could not use the file you gave us. Please bring the document again."
_REFUSED_WORDS: dict[str, str] = {
    RejectReason.WRONG_DOCUMENT: "What we got was another document than we need.",
    RejectReason.EXPIRED: "The one we got had expired or was too old.",
    RejectReason.PAGES_MISSING: "Pages were missing. Please bring all of them.",
}
# Shown by their end alone: somebody may look over the shoulder.
_MASKED = ("id_number", "tax_number")


@dataclass(frozen=True)
class AccountLine:
    number: str
    kind: str
    currency: str
    label: Label


@dataclass(frozen=True)
class AskedLine:
    """A document that the bank waits for; `note` says why, if not for the first time.

    `is_for_more`: not needed as things are, only for higher limits.
    """

    words: str
    note: str
    is_for_more: bool


@dataclass(frozen=True)
class Fact:
    caption: str
    value: str


def identity_label(customer: Customer) -> Label:
    """Say where the identity check stands."""
    words, tone = _KYC_WORDS[customer.kyc_status]
    return Label(words, tone)


def account_lines(customer: Customer) -> list[AccountLine]:
    accounts = Account.objects.filter(customer=customer).order_by("opened_at", "pk")
    return [
        AccountLine(
            number=account.public_id,
            kind=f"{account.get_account_type_display()} account",
            currency=account.currency,
            label=Label(*_ACCOUNT_WORDS[account.status]),
        )
        for account in accounts
    ]


def documents_asked(customer: Customer) -> list[AskedLine]:
    """What we wait for, in the customer's words; not what is in our hands already."""
    return [
        AskedLine(
            words=DOCUMENT_WORDS[line.kind],
            note=_asked_because(line),
            is_for_more="KYC" not in line.purposes,
        )
        for line in checklist(customer)
        if line.standing not in (Standing.HAS, Standing.WAITING)
    ]


def _asked_because(line: Line) -> str:
    document = line.document
    if document is None:
        return ""
    if line.standing == Standing.REJECTED:
        return _REFUSED_WORDS.get(document.review_reason, _REFUSED)
    if document.expires_on is None:
        return ""
    when = day(document.expires_on)
    if line.standing == Standing.EXPIRED:
        return f"The one we have expired on {when}."
    return f"The one we have expires on {when}."


def own_facts(customer: Customer) -> list[Fact]:
    """The customer's details as the bank has them; unanswered ones are left out."""
    facts = [
        Fact("Customer number", customer.public_id),
        Fact("Name", customer.name),
        Fact("E-mail", customer.email),
        Fact("Phone", customer.phone),
    ]
    facts += [
        Fact(field.label, _shown(field, customer.details.get(field.key, "")))
        for field in customer.pack_form.fields
    ]
    facts.append(Fact("Customer since", day(customer.registered_at)))
    return [fact for fact in facts if fact.value]


def _shown(field: PackField, answer: str) -> str:
    if field.key in _MASKED and len(answer) > 4:
        return f"ends in {answer[-4:]}"
    if field.type == "date" and answer:
        return day(date.fromisoformat(answer))
    return country_name(answer) if field.type == "country" else answer
