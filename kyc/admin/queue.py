"""The line of the desk as rows: what waits, about whom, since when, who is at it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from common.face import Label, ago, due
from customers.registry.models import LIVING, Customer, Task, TaskKind
from kyc import labels
from kyc.admin.places import Place, case_url
from kyc.cases.commands import all_held
from kyc.cases.line import Case, all_not_theirs
from kyc.cases.sources import BY_HAND, ENDS, CaseKind
from kyc.models import Applicant, Callback, Difference
from kyc.verdicts import what_holds_back
from tenants.models import User

WORDS = {
    CaseKind.QUARANTINED: "Quarantined callback",
    CaseKind.DIFFERENCES: "Difference",
    CaseKind.DECIDE: "Decision by hand",
    CaseKind.CAME: "Documents came",
    CaseKind.HELD: "On hold",
}
VERBS = {
    CaseKind.QUARANTINED: "Look into",
    CaseKind.DIFFERENCES: "Compare",
    **dict.fromkeys(BY_HAND, "Decide"),
}


@dataclass(frozen=True)
class Told:
    """What one case says: the row's title, a line below it, and a deadline."""

    title: str
    meta: str = ""
    due: Label | None = None
    callback: Callback | None = None


def queue_rows(cases: list[Case], user: User, place: Place) -> list[dict[str, Any]]:
    """Rows of kyc/_queue.html; a few queries, however many cases."""
    told, held = _told(cases, user), all_held(cases, user)
    not_theirs = all_not_theirs(cases, user)
    ids = {case.customer_id for case in cases if case.customer_id}
    customers = Customer.objects.for_user(user).in_bulk(ids)
    rows = []
    for case in cases:
        customer = customers.get(case.customer_id)
        said = told.get((case.kind, case.subject_id), Told(WORDS[case.kind]))
        done = not_theirs.get(case, "")
        is_over = case.kind in BY_HAND and (
            customer is None or customer.status not in LIVING
        )
        may = user.has_perm(ENDS[case.kind]) and not done and not is_over
        rows.append(
            {
                "kind": case.kind.value,
                "subject": str(case.subject_id),
                "title": said.title,
                "meta": said.meta if place.kind else _meta(case.kind, said.meta),
                "due": said.due,
                # A deadline says by itself when it is urgent.
                "since": ago(case.since) if said.due else labels.received(case.since),
                "held": held.get(case),
                "customer": customer,
                "customer_url": customer and _customer_url(customer),
                "url": _look_url(case, place, may=may),
                "why_not": f"You {done}, so a colleague decides." if done else "",
                "take_url": case_url("take", case.subject_id) if may else "",
                "verb": VERBS[case.kind],
                **(of_callback(said.callback, may=may) if said.callback else {}),
            }
        )
    return rows


def _meta(kind: CaseKind, meta: str) -> str:
    return f"{WORDS[kind]}. {meta}" if meta else WORDS[kind]


def _look_url(case: Case, place: Place, *, may: bool) -> str:
    """Where one reads it without taking it; who decides nothing by hand reads less."""
    if case.kind in BY_HAND and not may:
        return ""
    return place.of(case)


def _customer_url(customer: Customer) -> str:
    return reverse("admin:registry_customer_change", args=[customer.pk])


def of_callback(row: Callback, *, may: bool) -> dict[str, Any]:
    """What was sent, and the two dialogs about it."""
    shown = {
        "sent": labels.sent_words(row),
        "sent_id": labels.short_id(row.applicant_id),
        "applicant_id": row.applicant_id,
        "sent_url": reverse("admin:kyc_callback_change", args=[row.pk]),
    }
    if may:
        shown["replay_url"] = reverse("admin:kyc_callback_replay", args=[row.pk])
        if row.applicant_id:
            shown["refetch_url"] = reverse("admin:kyc_callback_refetch", args=[row.pk])
    return shown


def _told(cases: list[Case], user: User) -> dict[tuple[CaseKind, UUID], Told]:
    told: dict[tuple[CaseKind, UUID], Told] = {}
    for kind, tell in _TELL.items():
        ids = [case.subject_id for case in cases if case.kind == kind]
        if ids:
            told |= {(kind, pk): said for pk, said in tell(ids, user).items()}
    return told


def _of_callbacks(ids: list[UUID], user: User) -> dict[UUID, Told]:
    rows = Callback.objects.for_user(user).select_related("customer")
    return {
        row.pk: Told(
            labels.why_it_waits(row), labels.what_to_make_of_it(row), callback=row
        )
        for row in rows.filter(pk__in=ids)
    }


def _of_differences(ids: list[UUID], user: User) -> dict[UUID, Told]:
    fields: dict[UUID, list[str]] = {}
    rows = Difference.objects.for_user(user).open().filter(customer_id__in=ids)
    for customer_id, field in rows.order_by("field").values_list(
        "customer_id", "field"
    ):
        fields.setdefault(customer_id, []).append(field.replace("_", " "))
    return {
        pk: Told(f"Sumsub says otherwise: {', '.join(names)}.")
        for pk, names in fields.items()
    }


def _of_tasks(ids: list[UUID], user: User) -> dict[UUID, Told]:
    told: dict[UUID, Told] = {}
    rows = Task.objects.for_user(user).open().filter(kind=TaskKind.KYC_DECISION)
    for task in rows.filter(customer_id__in=ids).order_by("-due_at", "-id"):
        # The one that is due first is told last, and stays.
        title = task.reason.replace("_", " ").capitalize()
        told[task.customer_id] = Told(title, due=due(task.due_at))
    return told


def _of_what_came(ids: list[UUID], _user: User) -> dict[UUID, Told]:
    said = Told("New documents were accepted since we asked.")
    return dict.fromkeys(ids, said)


def _of_what_is_held(ids: list[UUID], user: User) -> dict[UUID, Told]:
    rows = Applicant.objects.for_user(user).select_related("customer__tenant")
    held = rows.filter(customer_id__in=ids, status=Applicant.Status.ON_HOLD)
    return {
        row.customer_id: Told(
            f"Approved at Sumsub; {why}."
            if (why := what_holds_back(row))
            else "Sumsub holds it.",
            labels.attempt_words(row),
        )
        for row in held
    }


_TELL = {
    CaseKind.QUARANTINED: _of_callbacks,
    CaseKind.DIFFERENCES: _of_differences,
    CaseKind.DECIDE: _of_tasks,
    CaseKind.CAME: _of_what_came,
    CaseKind.HELD: _of_what_is_held,
}
