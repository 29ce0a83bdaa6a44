"""Role by operation, over HTTP: the table of §1 in tests/routes.py is what holds."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker, Settings

from customers.quality.models import Finding
from customers.registry.choices import TaskKind
from customers.registry.models import Customer, DictionaryEntry, Task
from customers.registry.services import open_task
from customers.risk.models import (
    Assessment,
    CountryRisk,
    Engagement,
    Holding,
    SegmentRule,
)
from customers.tiers.models import ChannelRule, Tier
from deposits.models import Account, SweepRun
from documents.models import Document
from events.models import Delivery, NightlyRun, RecordedEvent
from evidence.models import EvidencePack
from kyc.models import Applicant, Callback
from onboarding.models import PortalAccess, Provisioning
from tenants.models import Tenant, User
from tenants.roles import Role
from tenants.services import get_machine
from tests.api.routes import api_rows
from tests.bank import Banks, Walk, fingerprint, rows_of, two_banks
from tests.checks.routes import check_rows
from tests.contacts.routes import contact_rows
from tests.deposits.routes import linked_rows
from tests.documents.routes import API
from tests.exports.routes import export_rows
from tests.routes import (
    EVERYBODY,
    NOBODY,
    ROUTES,
    UNTABLED,
    UNVERSIONED,
    Route,
    addresses,
    visits,
)
from tests.subscribers.routes import subscriber_rows

pytestmark = [
    pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("_quiet")
]  # fmt: skip
MODEL_BACKEND = "tenants.backends.RoleBackend"
OUTSIDERS = ("nobody", "customer", "machine")


@dataclass
class People:
    """Everybody who may knock, signed in, and what they may knock about."""

    tenant: Tenant
    clients: dict[str, Client]
    rows: dict[str, Any]
    before: dict[str, str]

    def may(self, route: Route) -> set[str]:
        """A superuser may all that anybody may, at their own institution."""
        return route.may | ({"own superuser"} if route.may else set())

    def may_not(self, route: Route) -> set[str]:
        return {*EVERYBODY, "own superuser"} - self.may(route)

    @property
    def has_moved(self) -> bool:
        return fingerprint(self.tenant) != self.before


def _signed_in(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user, backend=MODEL_BACKEND)
    return client


@pytest.fixture(scope="module")
def banks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Banks]:
    with django_db_blocker.unblock():
        yield from two_banks()


@pytest.fixture(scope="module")
def people(banks: Banks, django_db_blocker: DjangoDbBlocker) -> Iterator[People]:
    with django_db_blocker.unblock():
        tenant = banks.mine
        staff = {who: banks.staff(who, tenant) for who in ["own superuser", *Role]}
        portal = PortalAccess.objects.for_tenant(tenant.pk).first()
        assert portal is not None
        outsiders = {
            "nobody": None, "customer": portal.user, "machine": get_machine("sumsub"),
        }  # fmt: skip
        clients = {str(who): _signed_in(user) for who, user in staff.items()}
        clients |= {who: _signed_in(user) for who, user in outsiders.items()}
        yield People(tenant, clients, _rows(banks), fingerprint(tenant))


def _rows(banks: Banks) -> dict[str, Any]:
    def one(model: Any, **which: Any) -> Any:
        return rows_of(model, banks.mine).filter(**which).first()

    customers = banks.customers
    return {
        **customers,
        **contact_rows(one, customers["verified"]),
        **api_rows(one),
        **linked_rows(one),
        **check_rows(one),
        **export_rows(banks.mine),
        **subscriber_rows(one),
        "tenant": banks.mine,
        "tier": one(Tier, number=1),
        "assessment": one(Assessment, is_current=True),
        "rated_country": one(CountryRisk),
        "holding": one(Holding),
        "engagement": one(Engagement),
        "premium": one(SegmentRule, segment="premium"),
        "channel_rule": one(ChannelRule, channel="mobile"),
        "entry": one(DictionaryEntry, code__endswith="_mills"),
        "officer": one(User, name__startswith="Officer"),
        "task": one(Task, status="open", kind="kyc_decision"),
        "attempt": one(Applicant, customer=customers["unused"]),
        "callback": one(Callback, status="quarantined"),
        "document": one(Document, status="active", review="pending"),
        "proof": one(Document, review="accepted"),
        "failed_document": one(Document, status="failed"),
        "account": one(Account, customer=customers["verified"]),
        "sweep_run": one(SweepRun),
        "finding": one(Finding, closed_on=None, accepted_at=None),
        "accepted_finding": one(Finding, closed_on=None, accepted_at__isnull=False),
        "nightly_run": one(NightlyRun),
        "pack": one(EvidencePack, status="queued"),
        "tracker": one(Provisioning, customer=customers["stuck"]),
        "branch_tracker": one(Provisioning, customer=customers["branch"]),
        "delivery": one(Delivery, status="failed"),
        "event": one(RecordedEvent, type="CustomerVerified"),
    }


@pytest.fixture
def _quiet(settings: Settings) -> Iterator[None]:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"  # discard: nobody listens
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _route_id(route: Route) -> str:
    return route.name


def _is_door(answer: Any) -> bool:
    place = answer.headers.get("Location", "")
    return answer.status_code == 302 and str(place).startswith("/admin/login/")


@pytest.mark.parametrize("route", ROUTES, ids=_route_id)
def test_who_may_look(route: Route, people: People) -> None:
    url = route.url(people.rows)
    answers = {who: client.get(url) for who, client in people.clients.items()}
    for who in OUTSIDERS:
        assert _is_door(answers[who]), who
    found = {who: answers[who].status_code for who in answers if who not in OUTSIDERS}
    # A form's address alone is refused by its method, whoever asks.
    refused = route.code if route.code == 405 else 403
    wanted = dict.fromkeys(people.may(route), route.code)
    wanted |= dict.fromkeys(people.may_not(route), refused)
    assert found == wanted


@pytest.mark.parametrize("name", API)
def test_whom_the_api_answers(name: str, people: People) -> None:
    document = people.rows["document"]
    ids = {"api_documents": [document.customer_id], "schema": []}
    url = reverse(name, args=ids.get(name, [document.customer_id, document.pk]))
    found = {who: each.get(url).status_code for who, each in people.clients.items()}
    assert {who for who, code in found.items() if code in (200, 302)} == {
        "own superuser", *API[name],
    }  # fmt: skip
    assert set(found.values()) <= {200, 302, 401, 403}
    assert found["nobody"] == 401


WRITING = [route for route in ROUTES if route.body]


@pytest.mark.parametrize("route", WRITING, ids=_route_id)
def test_who_may_not_press_changes_nothing(route: Route, people: People) -> None:
    url, body = route.url(people.rows), route.form(people.rows)
    for who in OUTSIDERS:
        assert _is_door(people.clients[who].post(url, body)), who
    found = {
        who: people.clients[who].post(url, body).status_code
        for who in people.may_not(route)
    }
    assert set(found.values()) <= {403}, found
    assert not people.has_moved


@pytest.mark.parametrize("route", [r for r in WRITING if r.may], ids=_route_id)
def test_who_may_press_changes_something(route: Route, people: People) -> None:
    """Else a refusal above would prove nothing: the form itself might be wrong."""
    url, body = route.url(people.rows), route.form(people.rows)
    answer = people.clients[min(route.may)].post(url, body)
    assert answer.status_code in (200, 201, 302)
    assert not _is_door(answer)
    assert people.has_moved is (route.does == "something")


def test_every_address_of_staff_is_in_the_table() -> None:
    names = {
        address.name.removeprefix("admin:")
        for address in addresses()
        if address.form.startswith("/admin/")
    }
    tabled = {route.name for route in ROUTES}
    assert names - tabled - UNTABLED.keys() == set(), "Say in the table who may."
    assert (tabled | UNTABLED.keys()) - names == set(), "No address has this name."
    assert tabled & UNTABLED.keys() == set()
    assert {route.name for route in ROUTES if route.may == NOBODY} >= {
        name for name in names if name.endswith("_delete")
    }


@pytest.mark.parametrize("model", UNVERSIONED)
def test_what_never_changes_has_no_versions(model: str, people: People) -> None:
    row = people.rows[UNVERSIONED[model]]
    url = reverse(f"admin:{model}_history", args=[row.pk])
    answers = [client.get(url).status_code for client in people.clients.values()]
    assert set(answers) <= {302, 404}, url


def test_an_administrator_meets_no_customer(people: People, banks: Banks) -> None:
    """§1: administrator, view customers: –; not in a title, not in an error."""
    marks = {
        str(mark).lower()
        for customer in banks.customers.values()
        for mark in (customer.name, customer.email, customer.phone, customer.public_id)
        if mark
    }
    walk = Walk(people.clients["administrator"], marks)
    for _, url in visits(banks.mine, 1):
        walk.visit(url)
    for state in ("all", "stuck", "done"):
        walk.visit(reverse("admin:events_delivery_changelist"), state=state)
    for event in rows_of(RecordedEvent, banks.mine):
        walk.visit(reverse("admin:events_recordedevent_change", args=[event.pk]))
    stuck = people.rows["delivery"].pk
    walk.visit(reverse("admin:events_delivery_change", args=[stuck]))
    assert not walk.problems, "\n".join(walk.problems)
    assert walk.pages > 5


# --- tipping off ----------------------------------------------------------------------
_TOKENS = re.compile(
    r"""(?i)(name="csrfmiddlewaretoken" value="|csrf[-_]?token["': ]+|nonce=")[\w-]+"""
)
_AGES = re.compile(r"\b\d+ ?(s|sec|min|h|hours?|minutes?|seconds?)\b")


def _pages(client: Client, customer: Customer) -> dict[str, str]:
    cache.clear()  # the counts beside the sidebar may be 20 seconds old
    client.cookies.pop("messages", None)  # said about an earlier deed
    changelist = reverse("admin:registry_customer_changelist")
    page = reverse("admin:registry_customer_change", args=[customer.pk])
    urls = [
        page, changelist, f"{changelist}?q={customer.public_id}",
        reverse("admin:index"),
        reverse("admin:registry_customer_timeline", args=[customer.pk]),
        reverse("admin:onboarding_provisioning_changelist"),
        reverse("admin:deposits_account_changelist"),
    ]  # fmt: skip
    answers = {url: client.get(url) for url in urls}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {
        url: _AGES.sub("", _TOKENS.sub("", answer.content.decode()))
        for url, answer in answers.items()
    }


@pytest.mark.parametrize("who", ["client_facing", "teller"])
def test_an_escalation_leaves_no_trace(who: str, people: People, banks: Banks) -> None:
    customer, client = banks.customers["verified"], people.clients[who]
    before = _pages(client, customer)
    officer = people.rows["officer"]
    open_task(customer, TaskKind.ESCALATION, reason="suspicious", by=officer)
    after = _pages(client, customer)
    for url, page in before.items():
        assert after[url].splitlines() == page.splitlines(), url


def test_who_may_read_escalations_does_see_it(people: People, banks: Banks) -> None:
    customer, client = banks.customers["verified"], people.clients["auditor"]
    before = _pages(client, customer)
    officer = people.rows["officer"]
    open_task(customer, TaskKind.ESCALATION, reason="suspicious", by=officer)
    assert _pages(client, customer) != before
