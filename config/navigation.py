"""The shell around every page: sidebar and the bank's name."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from config.home import desk_counts


@dataclass(frozen=True)
class Item:
    """A line of the sidebar, shown to holders of `permission`."""

    title: str
    icon: str
    url_name: str
    permission: str = ""
    desk: str = ""  # its count comes from the queues registered for this desk


SECTIONS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "",
        (
            Item("What waits for me", "checklist", "admin:index"),
            Item(
                "Customers", "group", "admin:registry_customer_changelist",
                "registry.view_customer",
            ),
        ),
    ),
    (
        "Desks",
        (
            Item(
                "Document review", "description", "admin:documents_review",
                "documents.review_document", desk="documents",
            ),
            Item(
                "KYC desk", "verified_user", "admin:kyc_desk",
                "kyc.view_callback", desk="kyc",
            ),
            Item(
                "Provisioning", "key", "admin:onboarding_provisioning_changelist",
                "onboarding.view_provisioning", desk="provisioning",
            ),
            Item(
                "Messages", "outgoing_mail", "admin:contacts_message_changelist",
                "contacts.view_message", desk="messages",
            ),
            Item(
                "Risk assessments", "speed", "admin:risk_assessment_changelist",
                "risk.view_assessment",
            ),
            Item(
                "Outside checks", "fact_check",
                "admin:checks_outsidecheck_changelist", "checks.view_outsidecheck",
                desk="checks",
            ),
            Item(
                "Tasks", "flag", "admin:registry_task_changelist",
                "registry.view_task", desk="tasks",
            ),
        ),
    ),
    (
        "Money",
        (
            Item(
                "Accounts", "account_balance_wallet",
                "admin:deposits_account_changelist", "deposits.view_account",
            ),
            Item(
                "Products", "inventory_2", "admin:risk_holding_changelist",
                "risk.view_holding",
            ),
            Item(
                "Linked accounts", "add_link",
                "admin:deposits_linkedaccount_changelist",
                "deposits.view_linkedaccount",
            ),
            Item(
                "Activity sweep", "bedtime",
                "admin:deposits_sweeprun_changelist", "deposits.view_sweeprun",
            ),
        ),
    ),
    (
        "Records",
        (
            Item(
                "Documents", "folder_open", "admin:documents_document_changelist",
                "documents.view_document",
            ),
            Item(
                "Engagement", "leaderboard", "admin:risk_engagement_changelist",
                "risk.view_engagement",
            ),
            Item(
                "Data quality", "rule", "admin:quality_overview",
                "quality.view_finding",
            ),
            Item(
                "Deliveries", "move_to_inbox", "admin:events_delivery_changelist",
                "events.view_delivery", desk="deliveries",
            ),
            Item(
                "Events", "history", "admin:events_recordedevent_changelist",
                "events.view_recordedevent",
            ),
            Item(
                "Nightly runs", "nightlight", "admin:events_nightlyrun_changelist",
                "events.view_nightlyrun",
            ),
            Item(
                "Evidence packs", "folder_zip",
                "admin:evidence_evidencepack_changelist", "evidence.view_evidencepack",
            ),
            Item(
                "Exports", "download", "admin:exports_export_changelist",
                "exports.view_export",
            ),
            Item(
                "Callbacks", "webhook", "admin:kyc_callback_changelist",
                "kyc.view_callback",
            ),
        ),
    ),
    (
        "Settings",
        (
            Item(
                "Staff", "badge", "admin:tenants_user_changelist", "tenants.view_user"
            ),
            Item("Tiers", "stairs", "admin:tiers_tier_changelist", "tiers.view_tier"),
            Item(
                "Channels", "cell_tower", "admin:tiers_channelrule_changelist",
                "tiers.view_channelrule",
            ),
            Item(
                "Segments", "workspace_premium", "admin:risk_segmentrule_changelist",
                "risk.view_segmentrule",
            ),
            Item(
                "Dictionaries", "menu_book",
                "admin:registry_dictionaryentry_changelist",
                "registry.view_dictionaryentry",
            ),
            Item(
                "Rated countries", "public", "admin:risk_countryrisk_changelist",
                "risk.view_countryrisk",
            ),
            Item(
                "API tokens", "token", "admin:api_apitoken_changelist",
                "api.view_apitoken",
            ),
            Item("API routes", "api", "api_docs", "api.create_token"),
            Item(
                "API clients", "smart_toy", "admin:api_apiclient_changelist",
                "api.view_apiclient",
            ),
            Item(
                "Subscribers", "send", "admin:subscribers_subscriber_changelist",
                "subscribers.view_subscriber", desk="subscribers",
            ),
            Item(
                "Tenant policy", "tune", "admin:tenants_tenant_changelist",
                "tenants.view_tenant",
            ),
        ),
    ),
)  # fmt: skip


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """List the sections of the sidebar; Unfold calls this for every page."""
    counts = desk_counts(request)
    sections = [
        {"title": title, "items": _visible(items, request, counts)}
        for title, items in SECTIONS
    ]
    _mark_active(sections, request.path)
    return [section for section in sections if section["items"]]


def _visible(
    items: tuple[Item, ...], request: HttpRequest, counts: dict[str, int]
) -> list[dict[str, Any]]:
    lines = []
    for item in items:
        link = _link(item.url_name)
        if not link or (item.permission and not request.user.has_perm(item.permission)):
            continue
        line = {"title": item.title, "icon": item.icon, "link": link, "active": False}
        if count := counts.get(item.desk):  # Unfold prints a zero, so leave it out
            line["badge"] = str(count)
        lines.append(line)
    return lines


def _link(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:  # that page is not installed
        return ""


def _mark_active(sections: list[dict[str, Any]], path: str) -> None:
    """Light the one item whose address leads furthest towards `path`."""
    home = _link("admin:index")
    lines = [
        line
        for section in sections
        for line in section["items"]
        if path == line["link"]
        or (line["link"] != home and path.startswith(line["link"]))
    ]
    if lines:
        max(lines, key=lambda line: len(line["link"]))["active"] = True


def tenant_name(request: HttpRequest) -> str:
    """Name the bank under the product's name, once somebody is logged in."""
    return str(getattr(getattr(request.user, "tenant", None), "name", "") or "")


def shell(_request: HttpRequest) -> dict[str, Any]:
    """Hang our class names on the parts of Unfold's shell."""
    return {
        "element_classes": {
            "navigation_wrapper": "v-nav-wrapper",
            "navigation": "v-nav",
            "navigation_header": "v-nav-header",
            "header": "v-header",
            "header_inner": "v-header-inner",
            "main": "v-main",
            "content": "v-content",
            "pagination": "v-footer",
        }
    }
