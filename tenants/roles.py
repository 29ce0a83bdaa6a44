"""The table of §1: which role may do what. Groups follow it after every migrate."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.contrib.auth.models import Group, Permission


class Role(StrEnum):
    CLIENT_FACING = "client_facing"
    COMPLIANCE_OFFICER = "compliance_officer"
    SENIOR_MANAGER = "senior_manager"
    GOVERNING_BODY = "governing_body"
    TELLER = "teller"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class SystemRole(StrEnum):
    """Held by programs that call the API alone, never by a person."""

    REPORTING_SYSTEM = "reporting_system"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


AnyRole = Role | SystemRole


@dataclass(frozen=True)
class Operation:
    """One row of the table: the permissions behind it and who holds them."""

    name: str
    permissions: tuple[str, ...]
    roles: frozenset[AnyRole]


def _row(name: str, permissions: str, roles: Iterable[AnyRole]) -> Operation:
    return Operation(name, tuple(permissions.split()), frozenset(roles))


_FRONT = (Role.CLIENT_FACING, Role.COMPLIANCE_OFFICER)
_RESTRICTED = (
    Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.GOVERNING_BODY, Role.AUDITOR,
)  # fmt: skip
_READERS = (*_RESTRICTED, Role.CLIENT_FACING, Role.TELLER)
_COMPLIANCE = (Role.COMPLIANCE_OFFICER,)
_ADMINISTRATOR = (Role.ADMINISTRATOR,)

TABLE: tuple[Operation, ...] = (
    _row(
        "create / update customer, start KYC",
        "registry.register_customer registry.update_customer"
        " registry.record_activity kyc.start_kyc documents.upload_document"
        " contacts.change_contact",
        _FRONT,
    ),
    _row(
        "view customers",
        "registry.view_customer kyc.view_applicant deposits.view_account"
        " deposits.view_linkedaccount"
        " onboarding.view_provisioning onboarding.view_login"
        " documents.view_document documents.download_document"
        " contacts.view_phone contacts.view_email contacts.view_address"
        " contacts.view_preference contacts.view_message"
        " risk.view_holding risk.view_engagement checks.view_outsidecheck",
        _READERS,
    ),
    _row(
        "decide KYC, suspend / reinstate / decline",
        "registry.suspend_customer registry.reinstate_customer"
        " registry.decline_customer kyc.resolve_callback kyc.resolve_difference"
        " kyc.restart_kyc kyc.decide_kyc events.retry_delivery registry.close_task"
        " documents.review_document documents.archive_document",
        _COMPLIANCE,
    ),
    _row(
        "view escalations, restricted records",
        "registry.view_task kyc.view_callback kyc.view_difference"
        " events.view_recordedevent events.view_delivery"
        " registry.view_history risk.view_assessment risk.view_countryrisk",
        _RESTRICTED,
    ),
    _row("assess risk", "risk.assess_customer", _COMPLIANCE),
    _row("ask for address checks, record answers", "checks.check_address", _FRONT),
    _row(
        "ask the credit bureau, record answers",
        "checks.check_bureau",
        _COMPLIANCE,
    ),
    _row("view credit bureau checks", "checks.view_bureau", _RESTRICTED),
    _row(
        "rate countries",
        "risk.view_countryrisk risk.rate_country",
        _ADMINISTRATOR,
    ),
    _row(
        "view data quality",
        "quality.view_finding",
        (*_FRONT, Role.SENIOR_MANAGER, Role.AUDITOR),
    ),
    _row(
        "accept findings, check data quality now",
        "quality.accept_finding quality.run_check",
        _COMPLIANCE,
    ),
    _row(
        "view nightly runs",
        "events.view_nightlyrun",
        (Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.AUDITOR, *_ADMINISTRATOR),
    ),
    _row(
        "retry provisioning",
        "onboarding.retry_step",
        (*_FRONT,),
    ),
    _row(
        "make evidence packs",
        "evidence.request_pack evidence.view_evidencepack",
        _RESTRICTED,
    ),
    _row("export lists", "exports.request_export exports.view_export", _COMPLIANCE),
    _row(
        "view exports of others",
        "exports.view_export exports.view_every_export",
        (Role.AUDITOR,),
    ),
    _row("open account", "deposits.open_account", (Role.TELLER,)),
    _row("add / remove linked accounts", "deposits.link_account", _FRONT),
    _row("verify linked accounts", "deposits.verify_linkedaccount", _COMPLIANCE),
    _row(
        "send test amounts",
        "deposits.send_test_amount",
        (Role.TELLER, Role.COMPLIANCE_OFFICER),
    ),
    _row(
        "view reports of the activity sweep",
        "deposits.view_sweeprun",
        (Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.AUDITOR),
    ),
    _row(
        "view tiers, channels",
        "tiers.view_tier tiers.view_channelrule",
        (*_READERS, *_ADMINISTRATOR),
    ),
    _row(
        "configure tiers, channels",
        "tiers.change_tier tiers.change_channelrule",
        _ADMINISTRATOR,
    ),
    _row("view segments", "risk.view_segmentrule", (*_READERS, *_ADMINISTRATOR)),
    _row("configure segments", "risk.change_segmentrule", _ADMINISTRATOR),
    _row(
        "ask what other limits would do",
        "tiers.foresee_tiers",
        (*_ADMINISTRATOR, *_COMPLIANCE, Role.SENIOR_MANAGER),
    ),
    _row(
        "API: register, change, stage",
        "api.create_customer api.edit_customer api.stage_customer",
        _FRONT,
    ),
    _row(
        "API: report products",
        "api.report_holding",
        (SystemRole.REPORTING_SYSTEM,),
    ),
    _row(
        "API: read customers, accounts",
        "api.get_customer api.fetch_customer api.lookup_customer api.fetch_account"
        " api.get_account",
        _READERS,
    ),
    _row(
        "API: decline, dispose, download",
        "api.decline_customer api.dispose_customer api.download_customer",
        _COMPLIANCE,
    ),
    # Which kind is decided beside it: deposits.open_account, deposits.link_account.
    _row("API: open, link accounts", "api.create_account", (Role.TELLER, *_FRONT)),
    _row(
        "API: dictionaries; own API tokens",
        "api.customer_type api.account_type api.address_type api.phone_type"
        " api.email_type api.customer_category api.employer_category api.employment"
        " api.industry api.education api.income api.mno"
        " api.create_token api.view_apitoken",
        (*_READERS, *_ADMINISTRATOR),
    ),
    _row(
        "API clients; API tokens of others",
        "api.manage_tokens api.view_apiclient api.add_apiclient api.change_apiclient",
        _ADMINISTRATOR,
    ),
    _row(
        "read the feed of events",
        "subscribers.read_events",
        (*_RESTRICTED, *_ADMINISTRATOR),
    ),
    _row(
        "manage subscribers",
        "subscribers.view_subscriber subscribers.view_message"
        " subscribers.manage_subscriber",
        _ADMINISTRATOR,
    ),
    _row(
        "let subscribers have restricted events",
        "subscribers.view_subscriber subscribers.allow_restricted",
        _COMPLIANCE,
    ),
    _row(
        "configure tenant, staff; run the outbox",
        "tenants.view_tenant tenants.change_policy tenants.view_user"
        " tenants.add_user tenants.change_user events.view_recordedevent"
        " events.view_delivery events.retry_delivery"
        " registry.view_dictionaryentry registry.change_dictionary",
        _ADMINISTRATOR,
    ),
)

# Who configures must not decide; who hands out money must not clear customers.
DECIDING_ROLES = frozenset(
    {Role.COMPLIANCE_OFFICER, Role.SENIOR_MANAGER, Role.GOVERNING_BODY, Role.TELLER}
)
INCOMPATIBLE: frozenset[frozenset[Role]] = frozenset(
    {frozenset({Role.ADMINISTRATOR, role}) for role in DECIDING_ROLES}
    | {frozenset({Role.TELLER, Role.COMPLIANCE_OFFICER})}
)


def conflicts(roles: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs among `roles` that one person may not hold."""
    held = set(roles)
    return sorted(
        (first, second)
        for first, second in (sorted(pair) for pair in INCOMPATIBLE)
        if {first, second} <= held
    )


def role_label(role: str) -> str:
    """A role of a person or of a program, as staff read it."""
    kind = SystemRole if role in set(SystemRole) else Role
    return kind(role).label


def permissions_of(role: AnyRole) -> set[str]:
    """Return the permissions (`app.codename`) that `role` holds."""
    return {code for row in TABLE if role in row.roles for code in row.permissions}


def synchronise_roles(app_label: str, *, using: str = "default") -> None:
    """Make the groups hold exactly what the table says for one app's permissions.

    Runs after each app's migrate; harmless to run twice.
    """
    if not apps.is_installed("django.contrib.auth"):
        return
    prefix = f"{app_label}."
    if not any(code.startswith(prefix) for row in TABLE for code in row.permissions):
        return
    known = {
        permission.codename: permission
        for permission in Permission.objects.using(using).filter(
            content_type__app_label=app_label
        )
    }
    for role in (*Role, *SystemRole):
        group, _ = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {
            known[code.removeprefix(prefix)].pk
            for code in permissions_of(role)
            if code.startswith(prefix) and code.removeprefix(prefix) in known
        }
        ours = {permission.pk for permission in known.values()}
        held = set(group.permissions.filter(pk__in=ours).values_list("pk", flat=True))
        group.permissions.remove(*(held - wanted))
        group.permissions.add(*(wanted - held))
