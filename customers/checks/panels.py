"""Outside checks on the customer page: what is open, and what the last answers say."""

from collections.abc import Iterator

from django.urls import reverse

from common.face import day
from common.lists.rows import Row, Verb
from customers.checks.choices import MAY, VIEW, Kind, Status
from customers.checks.gateways.named import gateway_words
from customers.checks.labels import check_label
from customers.checks.models import OutsideCheck
from customers.registry import customer_page
from customers.registry.choices import LIVING
from customers.registry.customer_page import Panel, PanelView
from customers.registry.models import Customer
from tenants.models import User

ASK = {Kind.ADDRESS: "Check an address", Kind.BUREAU: "Ask the credit bureau"}
READ = 20  # rows: one query; whoever wants more looks at the list


def check_url(row: OutsideCheck, deed: str) -> str:
    return reverse(f"admin:checks_outsidecheck_{deed}", args=[row.pk])


def build_checks(customer: Customer, user: User) -> PanelView:
    """Of each kind the open one and the newest answer."""
    shown = [_row(row, customer, user) for row in _newest(customer, user)]
    open_kinds = {row.kind for row, _ in shown if row.is_open}
    verbs = list(_asking(customer, user, open_kinds))
    return PanelView(
        template="checks/_panel.html" if shown or verbs else "",
        context={"rows": [line for _, line in shown], "verbs": verbs},
        empty_fact="Nothing was checked outside.",
        is_troubled=any(
            row.status == Status.FAILED and user.has_perm(MAY[row.kind])
            for row, _ in shown
        ),
    )


def _newest(customer: Customer, user: User) -> Iterator[OutsideCheck]:
    rows = OutsideCheck.objects.for_user(user).filter(customer=customer)
    kept = rows.exclude(status=Status.WITHDRAWN).select_related("address")
    seen = set()
    for row in kept.order_by("-asked_at", "-id")[:READ]:
        if (row.kind, row.is_open) not in seen:
            seen.add((row.kind, row.is_open))
            row.customer = customer
            yield row


def _asking(customer: Customer, user: User, open_kinds: set[str]) -> Iterator[Verb]:
    for kind, title in ASK.items():
        is_offered = customer.status in LIVING and kind not in open_kinds
        if is_offered and user.has_perm(MAY[kind]):
            name = f"admin:checks_outsidecheck_ask_{kind.value}"
            yield Verb(title, reverse(name, args=[customer.pk]))


def _row(row: OutsideCheck, customer: Customer, user: User) -> tuple[OutsideCheck, Row]:
    label = check_label(row, customer.tenant.today)
    verbs = list(verbs_of(row, user))
    is_about_place = row.kind == Kind.ADDRESS
    return row, Row(
        icon=label,
        title=row.place if is_about_place else row.get_kind_display(),
        url=check_url(row, "change"),
        meta=_meta(row, label.word),
        note="" if row.is_of_today or not is_about_place else "not on file today",
        verb=verbs.pop(0) if verbs else None,
        menu=verbs,
    )


def _meta(row: OutsideCheck, word: str) -> str:
    if row.status != Status.ANSWERED or not row.answered_at or not row.valid_until:
        asked = day(row.asked_at, short=True)
        return f"{word}, asked {asked}, {gateway_words(row.gateway).lower()}"
    answered = day(row.answered_at, short=True)
    return f"{word} {answered}, valid until {day(row.valid_until)}"


def verbs_of(row: OutsideCheck, user: User) -> Iterator[Verb]:
    """What this person may do with it; the commands decide again."""
    if row.is_open and user.has_perm(MAY[row.kind]):
        yield Verb("Record answer", check_url(row, "record"))
        yield Verb("Withdraw", check_url(row, "withdraw"), is_danger=True)


def pin_panel() -> None:
    """Put the panel on the customer page, once at start-up."""
    customer_page.pin(
        Panel(
            key="outside_checks",
            title="Outside checks",
            permission=VIEW,
            order=85,
            build=build_checks,
        )
    )
