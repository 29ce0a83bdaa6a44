"""Every address of the house, and who may go there by §1."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.forms import model_to_dict
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.regex_helper import normalize

from customers.registry.forms import values_of
from customers.registry.models import Customer
from documents.models import Document
from kyc.differences import fingerprint as seen_differences
from tenants.models import Tenant
from tests.api.routes import ADDED as ADDED_FOR_API
from tests.api.routes import API_PAGES
from tests.api.routes import VERSIONS as OF_API
from tests.bank import owned_models, rows_of
from tests.checks.routes import CHECKS
from tests.checks.routes import VERSIONS as OF_CHECKS
from tests.conftest import INDIVIDUAL_DETAILS
from tests.contacts.routes import CONTACTS
from tests.contacts.routes import VERSIONS as OF_CONTACTS
from tests.deposits.routes import LINKED, SWEEPS
from tests.deposits.routes import VERSIONS as OF_DEPOSITS
from tests.documents.routes import DOCUMENTS
from tests.exports.routes import EXPORTS
from tests.exports.routes import VERSIONS as OF_EXPORTS
from tests.kyc.routes import CASES
from tests.quality.routes import QUALITY
from tests.quality.routes import UNVERSIONED as KEPT_BY_QUALITY
from tests.registry.routes import REGISTRY
from tests.risk.routes import RISK
from tests.risk.routes import UNVERSIONED as KEPT_BY_RISK
from tests.risk.routes import VERSIONS as OF_RISK
from tests.subscribers.routes import SUBSCRIBERS
from tests.subscribers.routes import UNVERSIONED as KEPT_BY_SUBSCRIBERS
from tests.subscribers.routes import VERSIONS as OF_SUBSCRIBERS
from tests.tiers.routes import TIERS
from tests.tiers.routes import VERSIONS as OF_TIERS

# Addresses that are not staff's pages, by how their name or form begins, and why.
ELSEWHERE = {
    "sandbox:": "the provider's side of the wire, which knows no institutions",
    "portal:": "named by an institution's public short name, for its customers",
    "admin:login": "shows the form alone",
    "admin:logout": "ends the walk",
    "admin:jsi18n": "Django's own words",
    "/health/": "counts and seconds only, for the operator's probes",
    "/webhooks/": "takes signed bytes, answers one word",
    "/contacts/": "signed by us for two days, for whoever has the link",
    "/files/": "signed by us for a minute, for whoever has the address",
}
# Where Django leads an id without a verb to its page, without a look at the row.
UNNAMED = "admin:-"


@dataclass(frozen=True)
class Address:
    """`name` is "-" where Django gives none; `form` takes the parameters by %."""

    name: str
    form: str
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} ({self.form})"


def addresses(
    resolver: URLResolver | None = None, place: str = "/", space: str = ""
) -> Iterator[Address]:
    """Every address of the project, also those without a name."""
    for pattern in (resolver or get_resolver()).url_patterns:
        regex = pattern.pattern.regex.pattern
        for form, parameters in normalize(regex):
            here = f"{place}{form}"
            if isinstance(pattern, URLPattern):
                yield Address(f"{space}{pattern.name or '-'}", here, tuple(parameters))
            else:
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from addresses(pattern, here, inner)


def is_staffs(address: Address) -> bool:
    return not any(
        address.name.startswith(start) or address.form.startswith(start)
        for start in ELSEWHERE
    )


def _model_of(address: Address) -> type[Model] | None:
    """Whose ids an address takes, by its name or by that of its parameter."""
    if "document_id" in address.parameters:
        return Document
    short = address.name.removeprefix("admin:")
    for model in apps.get_models():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        if short.startswith(f"{label}_") and "customer_id" not in address.parameters:
            return model
    return Customer if "customer_id" in address.parameters else None


def fillings(address: Address, tenant: Tenant, most: int) -> Iterator[dict[str, Any]]:
    """Every way to name rows of the institution in this address."""
    first, *others = address.parameters
    if first == "app_label":
        yield from ({first: label} for label in ("registry", "kyc", "tenants"))
        return
    model = _model_of(address)
    known = [model] if model else owned_models() if others else [Customer]
    for each in known:
        for row in rows_of(each, tenant)[: most if model else 1]:
            filled = {first: row.pk, **dict.fromkeys(others, row.pk)}
            if isinstance(row, Document) and "customer_id" in filled:
                filled["customer_id"] = row.customer_id
            elif first == "content_type_id":
                filled[first] = ContentType.objects.get_for_model(each).pk
            elif others and hasattr(row, "history"):
                filled[others[0]] = row.history.first().pk
            yield filled


def visits(tenant: Tenant, most: int) -> Iterator[tuple[Address, str]]:
    for address in filter(is_staffs, addresses()):
        if not address.parameters:
            yield address, address.form
        else:
            for filled in fillings(address, tenant, most):
                yield address, address.form % filled


def names_a_row(address: Address) -> bool:
    named = address.parameters and address.name != UNNAMED
    return bool(named and "app_label" not in address.parameters)


# --- who may, by hand from §1: a slip in tenants/roles.py must show here -----------
COMPLIANCE = {"compliance_officer"}
FRONT = {"client_facing", *COMPLIANCE}  # create / update customer, start KYC
RESTRICTED = {"senior_manager", "governing_body", "auditor", *COMPLIANCE}
READERS = {"client_facing", "teller", *RESTRICTED}  # view customers
TELLER = {"teller"}  # open account
ADMINISTRATOR = {"administrator"}  # configure tenant, staff
OUTBOX = RESTRICTED | ADMINISTRATOR  # the machine room, seen from both sides
EVERYBODY = READERS | ADMINISTRATOR
NOBODY: set[str] = set()

PRESSED = {"_form_submitted": "on"}  # what Unfold's dialogs want besides
Body = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """`row` names what the address is about; `body` is a form that changes something.

    `code` is what GET answers to those who may. `version` adds the id of a version.
    """

    name: str
    may: set[str]
    row: str = ""
    body: Body | None = None
    code: int = 200
    version: bool = False
    does: str = "something"  # "nothing" where Sumsub would have to answer

    def url(self, rows: dict[str, Any]) -> str:
        args = [rows[self.row].pk] if self.row else []
        if self.version:
            args.append(rows[self.row].history.first().pk)
        return reverse(f"admin:{self.name}", args=args)

    def form(self, rows: dict[str, Any]) -> dict[str, Any]:
        assert self.body
        return {**self.body(rows), **PRESSED}


def _why(_: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "Asked in the branch", "outcome": "Looked at"}


def _person(_: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": uuid4(), "customer_type": "INDIVIDUAL", "entity_type": "individual",
        "channel": "web", "name": "Efua Newcomer", "email": "efua@mail.example",
        "phone": "+233244199999", "terms_version": "on", **INDIVIDUAL_DETAILS,
    }  # fmt: skip


def _edited(rows: dict[str, Any]) -> dict[str, Any]:
    return {**values_of(rows["fresh"]), "name": "Renamed", "reason": "A new passport"}


def _differences(rows: dict[str, Any]) -> dict[str, Any]:
    customer = rows["verified"]
    seen = seen_differences(customer.differences.filter(status="open"))
    return {"row_version": customer.row_version, "seen": seen}


def _account(rows: dict[str, Any]) -> dict[str, Any]:
    number = rows["verified"].public_id
    return {"customer": number, "account_type": "current", "account_id": uuid4()}


def _pack(_: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "An examiner asks", "pack_id": uuid4()}


def _colleague(_: dict[str, Any]) -> dict[str, Any]:
    password = {"password": "a long first one", "password_again": "a long first one"}
    return {"name": "New", "email": "new@staff.example", "roles": "auditor", **password}


def _staff(_: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Renamed", "roles": "auditor", "is_active": "on", "reason": "Moved"}


def _policy(rows: dict[str, Any]) -> dict[str, Any]:
    held = model_to_dict(rows["tenant"])
    return {**held, "retention_years": 9, "reason": "A new law"}


def _says(**said: str) -> Body:
    return lambda _: said


R = Route
ROUTES: tuple[Route, ...] = (
    R("index", EVERYBODY),
    R("search", EVERYBODY),
    R("password_change", EVERYBODY),
    R("password_change_done", EVERYBODY),
    R("registry_customer_changelist", READERS),
    R("registry_customer_change", READERS, "verified"),
    R("registry_customer_timeline", READERS, "verified"),
    R("registry_customer_add", FRONT, body=_person),
    R("registry_customer_edit", FRONT, "fresh", _edited),
    R("registry_customer_activity", FRONT, "verified", _why),
    R("registry_customer_suspend", COMPLIANCE, "verified",
      _says(reason="due_diligence")),
    R("registry_customer_reinstate", COMPLIANCE, "retracted", _why),
    R("registry_customer_decline", COMPLIANCE, "fresh", _says(reason="duplicate")),
    R("registry_task_changelist", RESTRICTED),
    R("registry_task_change", RESTRICTED, "task"),
    R("registry_task_close", COMPLIANCE, "task", _why),
    R("kyc_start", FRONT, "fresh", _why),
    R("kyc_decide", COMPLIANCE, "fresh",
      _says(verdict="reject", reject_reasons="document_forged")),
    R("kyc_chase", FRONT),
    R("kyc_desk", RESTRICTED),
    R("kyc_applicant_changelist", RESTRICTED),
    R("kyc_applicant_change", RESTRICTED, "attempt"),
    R("kyc_applicant_refetch", COMPLIANCE, "attempt", _why, does="nothing"),
    R("kyc_callback_changelist", RESTRICTED),
    R("kyc_callback_change", RESTRICTED, "callback"),
    R("kyc_callback_refetch", COMPLIANCE, "callback", _why, does="nothing"),
    R("kyc_callback_replay", COMPLIANCE, "callback", _why),
    R("kyc_differences", COMPLIANCE, "verified", _differences, code=405),
    R("evidence_request", RESTRICTED, "verified", _pack),
    R("evidence_evidencepack_changelist", RESTRICTED),
    R("evidence_evidencepack_change", RESTRICTED, "pack"),
    R("evidence_evidencepack_progress", RESTRICTED, "pack"),
    R("evidence_evidencepack_download", RESTRICTED, "pack", code=302),
    R("deposits_account_changelist", READERS),
    R("deposits_account_change", READERS, "account"),
    R("deposits_account_open_account", TELLER, body=_account),
    R("onboarding_provisioning_changelist", READERS),
    R("onboarding_provisioning_change", READERS, "tracker", code=302),
    R("onboarding_provisioning_retry_step", FRONT, "tracker", _says(step="login")),
    R("onboarding_provisioning_hand_over_password", FRONT, "branch_tracker",
      _says(is_identified="on")),
    R("events_delivery_changelist", OUTBOX),
    R("events_delivery_change", OUTBOX, "delivery"),
    R("events_delivery_again", COMPLIANCE | ADMINISTRATOR, "delivery", _why),
    R("events_recordedevent_changelist", OUTBOX),
    R("events_recordedevent_change", OUTBOX, "event"),
    R("tenants_user_changelist", ADMINISTRATOR),
    R("tenants_user_add", ADMINISTRATOR, body=_colleague),
    R("tenants_user_change", ADMINISTRATOR, "officer", _staff),
    R("tenants_tenant_changelist", ADMINISTRATOR, code=302),
    R("tenants_tenant_change", ADMINISTRATOR, "tenant", _policy),
)  # fmt: skip
ROUTES += tuple(R(**row) for row in DOCUMENTS + CONTACTS)
ROUTES += tuple(R(**row) for row in REGISTRY + CASES)
ROUTES += tuple(R(**row) for row in TIERS)
ROUTES += tuple(R(**row) for row in RISK + CHECKS)
ROUTES += tuple(R(**row) for row in SWEEPS + LINKED + API_PAGES)
ROUTES += tuple(R(**row) for row in EXPORTS)
ROUTES += tuple(R(**row) for row in QUALITY)
ROUTES += tuple(R(**row) for row in SUBSCRIBERS)
_VERSIONS = {
    "registry_customer": ("verified", RESTRICTED),
    "registry_task": ("task", RESTRICTED),
    "registry_dictionaryentry": ("entry", ADMINISTRATOR),
    "kyc_applicant": ("attempt", RESTRICTED),
    "evidence_evidencepack": ("pack", RESTRICTED),
    "documents_document": ("document", RESTRICTED),
    "deposits_account": ("account", RESTRICTED),
    "onboarding_provisioning": ("tracker", RESTRICTED),
    **OF_CONTACTS,
    **OF_DEPOSITS,
    **OF_TIERS,
    **OF_API,
    **OF_RISK,
    **OF_CHECKS,
    **OF_EXPORTS,
    **OF_SUBSCRIBERS,
    "tenants_user": ("officer", ADMINISTRATOR),
    "tenants_tenant": ("tenant", ADMINISTRATOR),
}
UNVERSIONED = {"kyc_callback": "callback", "events_delivery": "delivery",
                "events_recordedevent": "event",
                "deposits_sweeprun": "sweep_run", "api_apitoken": "api_token",
                **KEPT_BY_RISK, **KEPT_BY_QUALITY,
                **KEPT_BY_SUBSCRIBERS}  # fmt: skip
for _model, (_row, _may) in _VERSIONS.items():
    ROUTES += (
        R(f"{_model}_history", _may, _row),
        R(f"{_model}_simple_history", _may, _row, version=True),
        R(f"{_model}_delete", NOBODY, _row, _says(post="yes")),
    )
for _model, _row in UNVERSIONED.items():
    ROUTES += (R(f"{_model}_delete", NOBODY, _row, _says(post="yes")),)
_ADDED = {"registry_customer", "registry_dictionaryentry", "tenants_user",
          *ADDED_FOR_API, "subscribers_subscriber"}  # fmt: skip
for _model in {*_VERSIONS, *UNVERSIONED} - _ADDED:
    ROUTES += (R(f"{_model}_add", NOBODY, body=_why),)
# Names that stand in no row of the table, and why.
UNTABLED = {
    "login": "the way in",
    "logout": "the way out",
    "jsi18n": "Django's own words",
    "autocomplete": "asks the admin of the model: walked in test_tenancy",
    "view_on_site": "nothing of ours has another site: 404 for all",
    "app_list": "lists the models one may see, or 404",
    "-": "leads an id without a verb to its page",
    **{f"{model}_history": "its rows are their own history: 404, see the matrix"
       for model in UNVERSIONED},
    "events_delivery_simple_history": "as its history",
    "events_recordedevent_simple_history": "as its history",
    "deposits_sweeprun_simple_history": "as its history",
    "api_apitoken_simple_history": "as its history",
    **{f"{model}_simple_history": "as its history" for model in KEPT_BY_QUALITY},
    "risk_engagement_simple_history": "as its history",
    "subscribers_message_simple_history": "as its history",
}  # fmt: skip
