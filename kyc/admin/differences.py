"""One customer's differences at a time: shown, and decided in one deed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Min
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from common.dialogs import require
from common.errors import DomainError
from common.face import day
from customers.registry.models import Customer
from customers.registry.services import TRIGGER_FIELDS
from kyc.admin.cases import bar_of, settle
from kyc.admin.comparison import parts, what_differs
from kyc.admin.places import Place
from kyc.cases.line import CaseLine
from kyc.cases.sources import CaseKind
from kyc.differences import fingerprint, is_same, ours_now, resolve_differences
from kyc.models import Difference
from tenants.models import User

MOST = 1000  # customers in the line; more are counted when these are done


@dataclass(frozen=True)
class Differing:
    """Whose differences wait, the longest waiting first."""

    customers: list[UUID]

    @classmethod
    def of(cls, user: User) -> "Differing":
        rows = Difference.objects.for_user(user).open()
        waiting = rows.values("customer_id").annotate(since=Min("found_at"))
        ordered = waiting.order_by("since", "customer_id")[:MOST]
        return cls([row["customer_id"] for row in ordered])

    def place(self, asked: str) -> int:
        """Where the customer asked for stands; the first, if they stand nowhere."""
        ids = [str(customer_id) for customer_id in self.customers]
        return ids.index(asked) if asked in ids else 0


def difference_context(user: User, asked: str, place: Place) -> dict[str, Any] | None:
    """What kyc/_difference.html shows; None when nothing waits."""
    line = Differing.of(user)
    if not line.customers:
        return None
    at = line.place(asked)
    customer = Customer.objects.for_user(user).get(pk=line.customers[at])
    found = Difference.objects.for_user(user).open().filter(customer=customer)
    rows = list(found.select_related("attempt").order_by("field"))
    if not rows:
        return None  # a colleague was quicker, between the two queries
    is_last = at + 1 == len(line.customers)
    following = line.customers[0 if is_last else at + 1]
    onward = place.with_query("", customer=str(following))
    return {
        "position": at + 1,
        "total": len(line.customers),
        "customer_url": reverse("admin:registry_customer_change", args=[customer.pk]),
        "customer_name": customer.name,
        "public_id": customer.public_id,
        "url": reverse("admin:kyc_differences", args=[customer.pk]),
        "next_url": f"{onward}#difference" if len(line.customers) > 1 else "",
        "row_version": customer.row_version,
        "seen": fingerprint(rows),
        "place": place,
        "bar": bar_of(user, customer.pk, (CaseKind.DIFFERENCES,), place),
        "note": _note(rows),
        "may_decide": user.has_perm("kyc.resolve_difference"),
        "rows": _rows(customer, rows),
    }


def _rows(customer: Customer, differing: list[Difference]) -> list[dict[str, Any]]:
    """What differs, then what agrees; each in the order of the pack's form."""
    ours = ours_now(customer)
    order = {field: place for place, field in enumerate(ours)}  # the name is first
    labels = {field.key: field.label for field in customer.pack_form.fields}
    labels["name"] = "Name"
    asked = sorted(differing, key=lambda row: order.get(row.field, len(order)))
    shown = [_differing(row, ours.get(row.field, ""), labels) for row in asked]
    named = {row.field for row in differing}
    agreed = [
        field
        for field in differing[0].attempt.agreed_fields
        if field not in named and ours.get(field)
    ]
    agreed.sort(key=lambda field: order[field])
    return shown + [_same(field, ours[field], labels) for field in agreed]


def _differing(row: Difference, ours: str, labels: dict[str, str]) -> dict[str, Any]:
    left, right = parts(row.field, ours, row.theirs)
    is_settled = is_same(row.field, ours, row.theirs)
    words = what_differs(row.field, ours, row.theirs)
    return {
        "field": row.field,
        "label": labels.get(row.field, str(row).capitalize()),
        "ours": left,
        "theirs": right,
        "what_differs": "same by now" if is_settled else words,
        "is_same": False,
        "choice": "ours",
    }


def _same(field: str, value: str, labels: dict[str, str]) -> dict[str, Any]:
    left, _ = parts(field, value, value)
    label = labels.get(field, field.replace("_", " ").capitalize())
    return {
        "field": field, "label": label, "ours": left, "theirs": left,
        "what_differs": "same", "is_same": True, "choice": "",
    }  # fmt: skip


def _note(rows: list[Difference]) -> str:
    since = min(row.found_at for row in rows)
    sentences = [f"Theirs: read by Sumsub, {day(since)}."]
    triggers = [str(row) for row in rows if row.field in TRIGGER_FIELDS]
    if triggers:
        sentences.append(f"A change of {_listed(triggers)} opens a review.")
    return " ".join(sentences)


def _listed(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} or {words[-1]}"


@require_POST
def decide_differences(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Take the fields whose radio says "theirs"; *Keep all ours* takes none."""
    require(request, "kyc.resolve_difference")
    customer = Customer.objects.for_user(request.user).filter(pk=customer_id).first()
    if customer is None:
        raise Http404
    case = CaseLine.of(request.user, CaseKind.DIFFERENCES).find(customer_id)  # type: ignore[arg-type]
    open_ones = Difference.objects.open().filter(customer=customer)
    keeps_all = request.POST.get("decision") != "accept"
    accepted = [
        row.field
        for row in open_ones
        if not keeps_all and request.POST.get(row.field) == "theirs"
    ]
    if not keeps_all and not accepted:
        messages.error(request, "Choose a value of Sumsub’s, or keep all ours.")
        return _back(request, customer_id)
    try:
        changed = resolve_differences(
            customer.pk, accepted=accepted, by=request.user,  # type: ignore[arg-type]
            row_version=_number(request.POST.get("row_version", "")),
            seen=request.POST.get("seen", ""),
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, error.message)
        return _back(request, customer_id)
    messages.success(request, _said(customer, changed))
    onward = settle(request, case, customer_id)
    return HttpResponseRedirect(onward) if onward else _back(request)


def _number(text: str) -> int:
    """-1 is no version: a form that names none is refused as too old."""
    return int(text[:12]) if text.isascii() and text.isdecimal() else -1


def _said(customer: Customer, changed: list[str]) -> str:
    if not changed:
        return f"Our values were kept for {customer}."
    names = ", ".join(field.replace("_", " ") for field in changed)
    return f"Sumsub’s values were taken for {customer}: {names}."


def _back(request: HttpRequest, customer_id: UUID | None = None) -> HttpResponse:
    query = {"customer": str(customer_id)} if customer_id else {}
    desk = Place.asked(request.POST).with_query(reverse("admin:kyc_desk"), **query)
    return HttpResponseRedirect(f"{desk}#difference")
