"""The accounts panel of the customer page, and the teller's button."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from common.errors import DomainError
from common.face import Label, Tone
from customers.registry import customer_page
from customers.registry.models import Customer
from deposits.models import Account
from deposits.services import refuse_account
from tenants.models import User

TONES: dict[str, Tone] = {
    Account.Status.ACTIVE: "good",
    Account.Status.INACTIVE: "quiet",
    Account.Status.SUSPENDED: "stop",
    Account.Status.FROZEN: "stop",
    Account.Status.CLOSED: "ended",
}


def status_label(account: Account) -> Label:
    return Label(account.get_status_display(), TONES[account.status])


def build_accounts(customer: Customer, user: User) -> customer_page.PanelView:
    """List the customer's accounts, the oldest first."""
    accounts = Account.objects.for_tenant(customer.tenant_id).filter(customer=customer)
    rows = [_row(account) for account in accounts.order_by("opened_at", "pk")]
    may = _may_open(customer, user)
    return customer_page.PanelView(
        verb="Open account" if may else "",
        url=open_account_url(customer) if may else "",
        is_dialog=True,
        rows=rows,
        empty_fact="No account yet.",
        empty_advice="One is opened automatically once the customer is verified.",
        is_troubled=any(row["label"].tone == "stop" for row in rows),
    )


def _row(account: Account) -> dict[str, Any]:
    kind = account.get_account_type_display()
    return {
        "label": status_label(account),
        "title": account.public_id,
        "url": reverse("admin:deposits_account_change", args=[account.pk]),
        "note": f"{kind}, {account.currency}",
    }


def _may_open(customer: Customer, user: User) -> bool:
    """Whether to offer the button; the command decides again."""
    if not user.has_perm("deposits.open_account"):
        return False
    try:
        refuse_account(customer)
    except DomainError:
        return False
    return True


def open_account_url(customer: Customer) -> str:
    query = urlencode({"customer": customer.public_id})
    return f"{reverse('admin:deposits_account_open_account')}?{query}"


def teller_deeds(customer: Customer, user: User) -> Iterator[customer_page.Deed]:
    if _may_open(customer, user):
        yield customer_page.Deed(
            title="Open account",
            url=open_account_url(customer),
            order=60,
            icon="add_card",
            is_primary=True,
        )


def pin_panels() -> None:
    """Put this app's parts on the customer page, once at start-up."""
    customer_page.pin(
        customer_page.Panel(
            key="accounts",
            title="Accounts",
            permission="deposits.view_account",
            order=10,
            build=build_accounts,
        )
    )
    customer_page.deeds(teller_deeds)
