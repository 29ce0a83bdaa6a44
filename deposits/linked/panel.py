"""The panel of linked accounts on the customer page, and what can be done with each."""

from collections.abc import Iterator
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from common.face import Label, Tone, day
from common.lists.rows import Row, Verb
from customers.registry import customer_page
from customers.registry.choices import LIVING
from customers.registry.customer_page import Panel, PanelView
from customers.registry.models import Customer
from deposits.models import LinkedAccount, ProofAmount
from tenants.models import User

Status = LinkedAccount.Status
TONES: dict[str, Tone] = {
    Status.UNVERIFIED: "quiet",
    Status.VERIFIED: "good",
    Status.REFUSED: "stop",
    Status.REMOVED: "ended",
}
LINK, VERIFY = "deposits.link_account", "deposits.verify_linkedaccount"
SEND = "deposits.send_test_amount"


def linked_label(row: LinkedAccount, *, is_waiting: bool = False) -> Label:
    """`is_waiting`: a test amount was sent, and nobody has said yet what came."""
    if is_waiting and row.status == Status.UNVERIFIED:
        return Label("Test amount sent", "wait")
    return Label(row.get_status_display(), TONES[row.status])


def waiting_amounts(rows: list[LinkedAccount]) -> dict[UUID, ProofAmount]:
    """The living test amount of each row, by the row's key; one query."""
    found = ProofAmount.objects.open().filter(
        linked_account__in=rows, expires_at__gte=timezone.now()
    )
    return {amount.linked_account_id: amount for amount in found} if rows else {}


def build_linked(customer: Customer, user: User) -> PanelView:
    """Accounts elsewhere, the one for payouts first; removed ones are on the list."""
    mine = LinkedAccount.objects.for_tenant(customer.tenant_id)
    rows = list(mine.of_customer(customer.pk))
    waits = waiting_amounts(rows)
    is_living = customer.status in LIVING
    shown = []
    for row in rows:
        row.customer = customer
        verbs = list(verbs_of(row, waits.get(row.pk), user)) if is_living else []
        shown.append(_row(row, verbs, is_waiting=row.pk in waits))
    return PanelView(
        verb="Link an account" if is_living and user.has_perm(LINK) else "",
        url=reverse("admin:deposits_linkedaccount_link", args=[customer.pk]),
        is_dialog=True,
        template="deposits/_linked_panel.html" if shown else "",
        context={"rows": shown},
        empty_fact="No account elsewhere is known.",
        empty_advice="Payouts need a verified one.",
    )


def _row(row: LinkedAccount, verbs: list[Verb], *, is_waiting: bool) -> Row:
    label = linked_label(row, is_waiting=is_waiting)
    first = verbs.pop(0) if verbs and not verbs[0].is_danger else None
    return Row(
        icon=label,
        title=str(row),
        url=reverse("admin:deposits_linkedaccount_change", args=[row.pk]),
        meta=_meta(row, label.word),
        verb=first,
        menu=verbs,
    )


def _meta(row: LinkedAccount, state: str) -> str:
    words = [state]
    if row.is_primary:
        words.append("primary for payouts")
    words.append(str(row.get_kind_display()).lower())
    if row.status == Status.VERIFIED and row.decided_at:
        words[0] = f"{state} {day(row.decided_at, short=True)}"
    if row.status == Status.REFUSED:
        words.append(str(row.get_refusal_display()))
    return ", ".join(words)


def verbs_of(
    row: LinkedAccount, amount: ProofAmount | None, user: User
) -> Iterator[Verb]:
    """What this person may do with it, the likeliest first; commands decide again."""
    if row.status == Status.UNVERIFIED:
        yield from _ways_to_verify(row, amount, user)
    if row.status == Status.VERIFIED and not row.is_primary and user.has_perm(LINK):
        yield Verb("Make primary", linked_url(row, "primary"))
    if row.status == Status.UNVERIFIED and user.has_perm(VERIFY):
        yield Verb("Refuse", linked_url(row, "refuse"), is_danger=True)
    if row.status != Status.REMOVED and user.has_perm(LINK):
        yield Verb("Remove", linked_url(row, "remove"), is_danger=True)


def _ways_to_verify(
    row: LinkedAccount, amount: ProofAmount | None, user: User
) -> Iterator[Verb]:
    is_alone = row.customer.tenant.is_single_employee
    may_verify = user.has_perm(VERIFY) and (is_alone or row.added_by_id != user.pk)
    if may_verify and amount and (is_alone or amount.made_by_id != user.pk):
        yield Verb("Enter amount", linked_url(row, "confirm"))
    if may_verify:
        yield Verb("Verify", linked_url(row, "document"))
    if user.has_perm(SEND):
        title = "Make another test amount" if amount else "Make a test amount"
        yield Verb(title, linked_url(row, "amount"))


def linked_url(row: LinkedAccount, deed: str) -> str:
    return reverse(f"admin:deposits_linkedaccount_{deed}", args=[row.pk])


def pin_linked() -> None:
    """Put the panel on the customer page, once at start-up."""
    customer_page.pin(
        Panel(
            key="linked_accounts",
            title="Linked accounts",
            permission="deposits.view_linkedaccount",
            order=12,
            build=build_linked,
        )
    )
