"""What evidence pins on the customer page, for those who may know of examinations."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from common.face import moment
from customers.registry import customer_page
from customers.registry.customer_page import Deed, Panel, PanelView
from customers.registry.models import Customer
from documents.making.labels import status_label
from evidence.models import EvidencePack
from evidence.summary import size_words
from tenants.models import User

PACKS_SHOWN = 5
Status = EvidencePack.Status


def pack_url(pack: EvidencePack) -> str:
    return reverse("admin:evidence_evidencepack_change", args=[pack.pk])


def where_it_stands(pack: EvidencePack) -> str:
    if pack.status == Status.BUILDING:
        return f"{pack.progress} %"
    return size_words(pack.size) if pack.is_downloadable(timezone.now()) else ""


def packs_panel(customer: Customer, user: User) -> PanelView | None:
    """List the newest packs; absent where nobody asked for one."""
    del user
    rows = EvidencePack.objects.for_tenant(customer.tenant_id).filter(customer=customer)
    related = rows.select_related("requested_by").order_by("-requested_at", "-id")
    packs = list(related[:PACKS_SHOWN])
    if not packs:
        return None
    return PanelView(
        rows=[_row(pack) for pack in packs],
        is_troubled=packs[0].status == Status.FAILED,
    )


def _row(pack: EvidencePack) -> dict[str, Any]:
    return {
        "label": status_label(pack),
        "title": pack.reason,
        "meta": f"{pack.requested_by}, {moment(pack.requested_at)}",
        "url": pack_url(pack),
        "note": where_it_stands(pack),
    }


customer_page.pin(
    Panel(
        key="evidence",
        title="Evidence packs",
        permission="evidence.view_evidencepack",
        build=packs_panel,
        order=90,
    )
)


@customer_page.deeds
def offer_pack(customer: Customer, user: User) -> Iterator[Deed]:
    if user.has_perm("evidence.request_pack"):
        yield Deed(
            title="Evidence pack",
            url=reverse("admin:evidence_request", args=[customer.pk]),
            order=890,
        )
