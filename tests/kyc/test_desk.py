"""The KYC desk: who sees what, and that nothing happens by a GET."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from common import worklist
from customers.registry.models import Customer
from kyc.models import Applicant, Callback, CallbackRefusal, Difference
from kyc.services import note_link, start_attempt
from tenants.models import Tenant, User
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.house import (
    RED_RETRY,
    attempt_of,
    path_of,
    quarantined,
)

pytestmark = pytest.mark.django_db
PRESSED = {"_form_submitted": "True"}
EVERY_ROLE = (
    "client_facing", "compliance_officer", "senior_manager", "governing_body",
    "teller", "auditor", "administrator",
)  # fmt: skip
DESK_ROLES = {"compliance_officer", "senior_manager", "governing_body", "auditor"}


# --- who sees the desk ------------------------------------------------------------
@pytest.mark.parametrize("role", EVERY_ROLE)
def test_the_desk_by_role(
    make_staff: MakeStaff, client_as: ClientAs, differing: Customer, role: str
) -> None:
    callback = quarantined()
    client = client_as(make_staff(role))
    sees = role in DESK_ROLES
    for path in (
        path_of("kyc_desk"), path_of("kyc_callback_changelist"),
        path_of("kyc_callback_change", callback.pk),
        path_of("kyc_applicant_changelist"),
        path_of("kyc_applicant_change", attempt_of(differing).pk),
        path_of("kyc_applicant_history", attempt_of(differing).pk),
    ):  # fmt: skip
        assert client.get(path).status_code == (200 if sees else 403), path
    is_officer = role == "compliance_officer"
    for name in ("kyc_callback_refetch", "kyc_callback_replay"):
        status = client.get(path_of(name, callback.pk)).status_code
        assert status == (200 if is_officer else 403)
    decide = client.post(path_of("kyc_differences", differing.pk))
    assert decide.status_code == (302 if is_officer else 403)
    may_start = role in ("client_facing", "compliance_officer")
    other = client.get(path_of("kyc_start", differing.pk))
    assert other.status_code == (200 if may_start else 403)
    assert client.get(path_of("kyc_chase")).status_code == (200 if may_start else 403)


def test_a_desk_full_of_everything(
    client_as: ClientAs, officer: User, differing: Customer, say: Any,
    make_customer: MakeCustomer,
) -> None:  # fmt: skip
    old = quarantined(applicantId="6921f0aaaaaaaaaaaaaab3c4", type="applicantReviewed",
                      reviewResult={"reviewAnswer": "GREEN"})  # fmt: skip
    Callback.objects.filter(pk=old.pk).update(
        received_at=timezone.now() - timedelta(days=1, hours=3)
    )
    undecided = make_customer(name="Jonas Weber")
    start_attempt(undecided.pk, by=officer)
    say(undecided, status="completed", answer="RED")
    page = client_as(officer).get(path_of("kyc_desk")).content.decode()
    for words in (
        "We know no applicant with this id.", "Reviewed, green", "6921f0…b3c4",
        "1 d 3 h ago", "Re-fetch", "Replay", "1 of 1", "one more name",
        "day and month swapped", "Keep all ours", "Undecided verdict", "Open attempts",
        "Jonas Weber", "On hold", "A change of birth date or name opens a review.",
    ):  # fmt: skip
        assert words in page, words
    assert re.search(r'<ins class="v-differs">\s*Adaeze</ins>', page)
    assert page.count('class="v-same"') == 2  # nationality, address


@pytest.mark.parametrize(
    "tab", ["quarantined", "differences", "decide", "came", "held", "open", "x"]
)
def test_an_empty_desk(client_as: ClientAs, officer: User, tab: str) -> None:
    page = client_as(officer).get(path_of("kyc_desk"), {"tab": tab})
    assert "Nothing waits here." in page.content.decode()


def test_only_compliance_gets_buttons(
    client_as: ClientAs, make_staff: MakeStaff, differing: Customer
) -> None:
    quarantined()
    page = client_as(make_staff("auditor")).get(path_of("kyc_desk")).content.decode()
    assert "Only compliance officers decide." in page
    for word in ("Re-fetch", "Replay", "Keep all ours"):
        assert word not in page


def test_the_desk_asks_a_fixed_number_of_queries(
    client_as: ClientAs, officer: User, make_customer: MakeCustomer, say: Any,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    client = client_as(officer)
    client.get(path_of("kyc_desk"))
    for number in range(6):
        customer = make_customer()
        start_attempt(customer.pk, by=officer)
        quarantined(correlationId=str(number), tenant=customer.tenant)
    with django_assert_max_num_queries(40) as before:
        client.get(path_of("kyc_desk"))
    for number in range(6, 10):
        start_attempt(make_customer().pk, by=officer)
        quarantined(correlationId=str(number))
    with django_assert_max_num_queries(len(before)):
        client.get(path_of("kyc_desk"))


# --- the other bank ---------------------------------------------------------------
def test_the_other_bank_sees_and_moves_nothing(
    client_as: ClientAs, stranger: User, differing: Customer, demo_bank: Tenant
) -> None:
    callback = quarantined(tenant=demo_bank)
    attempt = attempt_of(differing)
    client = client_as(stranger)
    assert client.get(path_of("kyc_start", differing.pk)).status_code == 404
    for name, pk in (
        ("kyc_callback_refetch", callback.pk), ("kyc_callback_replay", callback.pk),
        ("kyc_applicant_refetch", attempt.pk), ("kyc_start", differing.pk),
        ("kyc_differences", differing.pk),
    ):  # fmt: skip
        assert client.post(path_of(name, pk), PRESSED).status_code == 404, name
    for name, pk in (
        ("kyc_callback_change", callback.pk), ("kyc_applicant_change", attempt.pk),
        ("kyc_applicant_history", attempt.pk),
    ):  # fmt: skip
        answer = client.get(path_of(name, pk))
        assert answer.status_code in (302, 404), name
        assert "Ama" not in answer.content.decode()
    names = "kyc_desk kyc_callback_changelist kyc_chase kyc_applicant_changelist"
    asked = f"{path_of('kyc_desk')}?customer={differing.pk}"
    for path in (asked, *(path_of(name) for name in names.split())):
        page = client.get(path).content.decode()
        assert "Ama" not in page
        assert callback.applicant_id not in page
    for _, counted in worklist.counted_for(stranger):
        assert counted.count == 0
    callback.refresh_from_db()
    assert callback.status == "quarantined"


# --- nothing by GET, nothing without the token ------------------------------------
def test_a_get_changes_nothing(
    client_as: ClientAs, officer: User, differing: Customer, make_customer: MakeCustomer
) -> None:
    callback, pending = quarantined(), make_customer()
    client = client_as(officer)
    for name, pk in (
        ("kyc_callback_refetch", callback.pk), ("kyc_callback_replay", callback.pk),
        ("kyc_start", pending.pk),
    ):  # fmt: skip
        assert client.get(path_of(name, pk)).status_code == 200
    decide = path_of("kyc_differences", differing.pk)
    assert client.get(decide, {"name": "theirs"}).status_code == 405
    callback.refresh_from_db()
    assert callback.status == "quarantined"
    assert not Applicant.objects.filter(customer=pending).exists()
    assert Difference.objects.open().count() == 2


def test_a_post_needs_the_token(
    officer: User, differing: Customer, make_customer: MakeCustomer
) -> None:
    callback, pending = quarantined(), make_customer()
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="tenants.backends.RoleBackend")
    for name, pk in (
        ("kyc_callback_refetch", callback.pk), ("kyc_callback_replay", callback.pk),
        ("kyc_differences", differing.pk), ("kyc_start", pending.pk),
        ("kyc_applicant_refetch", attempt_of(differing).pk),
    ):  # fmt: skip
        assert client.post(path_of(name, pk), PRESSED).status_code == 403, name
    assert not Applicant.objects.filter(customer=pending).exists()


@pytest.mark.parametrize("name", ["kyc_callback_change", "kyc_applicant_change"])
def test_rows_cannot_be_saved_or_deleted(
    client_as: ClientAs, officer: User, differing: Customer, name: str
) -> None:
    is_callback = name == "kyc_callback_change"
    pk = quarantined().pk if is_callback else attempt_of(differing).pk
    client = client_as(officer)
    answer = client.post(path_of(name, pk), {"status": "applied"})
    assert answer.status_code in (403, 405)
    delete = path_of(name.replace("change", "delete"), pk)
    assert client.post(delete, {"post": "yes"}).status_code == 403
    add = path_of(name.replace("change", "add"))
    assert client.get(add).status_code == 403


# --- deciding differences ---------------------------------------------------------
def form_of(client: Client, customer: Customer) -> dict[str, str]:
    page = client.get(path_of("kyc_desk"), {"customer": str(customer.pk)})
    hidden = r'<input type="hidden" name="(\w+)" value="([^"]*)"'
    return dict(re.findall(hidden, page.content.decode()))


def test_accept_one_field(
    client_as: ClientAs, officer: User, differing: Customer
) -> None:
    client = client_as(officer)
    chosen = {"name": "ours", "birth_date": "theirs", "decision": "accept"}
    answer = client.post(
        path_of("kyc_differences", differing.pk),
        {**form_of(client, differing), **chosen},
        follow=True,
    )
    assert "values were taken" in answer.content.decode()
    differing.refresh_from_db()
    assert differing.details["birth_date"] == "1991-03-04"
    assert differing.name == "Ama Mensah 1"


def test_keep_all_ours(client_as: ClientAs, officer: User, differing: Customer) -> None:
    client = client_as(officer)
    chosen = {"name": "theirs", "birth_date": "theirs", "decision": "keep"}
    form = {**form_of(client, differing), **chosen}
    client.post(path_of("kyc_differences", differing.pk), form)
    differing.refresh_from_db()
    assert differing.details["birth_date"] == "1991-04-03"
    assert set(Difference.objects.values_list("status", flat=True)) == {"kept"}


def test_accepting_nothing_decides_nothing(
    client_as: ClientAs, officer: User, differing: Customer
) -> None:
    client = client_as(officer)
    form = {**form_of(client, differing), "name": "ours", "decision": "accept"}
    answer = client.post(path_of("kyc_differences", differing.pk), form, follow=True)
    assert "or keep all ours" in answer.content.decode()
    assert Difference.objects.open().count() == 2


@pytest.mark.parametrize("missing", ["row_version", "seen"])
def test_an_old_form_decides_nothing(
    client_as: ClientAs, officer: User, differing: Customer, missing: str
) -> None:
    client = client_as(officer)
    form = {**form_of(client, differing), "name": "theirs", "decision": "accept"}
    del form[missing]
    answer = client.post(path_of("kyc_differences", differing.pk), form, follow=True)
    assert "look" in answer.content.decode()
    assert Difference.objects.open().count() == 2


# --- queues -----------------------------------------------------------------------
def test_queues_and_health(
    officer: User, clerk: User, make_customer: MakeCustomer, say: Any,
    differing: Customer,
) -> None:  # fmt: skip
    quarantined()
    unused, asked = make_customer(), make_customer()
    attempt = start_attempt(unused.pk, by=clerk)
    past = timezone.now() - timedelta(hours=1)
    note_link(attempt.pk, expires_at=past, by=clerk)
    start_attempt(asked.pk, by=clerk)
    say(asked, **RED_RETRY)
    CallbackRefusal.count_one(timezone.now().date())
    counts = {q.name: c.count for q, c in worklist.counted_for(officer)}
    assert counts["Quarantined callbacks"] == 1
    assert counts["Differences to accept"] == 1
    assert counts["KYC to decide by hand"] == 0
    mine = {q.name: c.count for q, c in worklist.counted_for(clerk)}
    assert (mine["KYC links unused"], mine["KYC needs the customer"]) == (1, 1)
    assert "Quarantined callbacks" not in mine
    words = [label.word for label in worklist.health_for(officer)]
    assert "1 callback refused today" in words
    assert any(word.startswith("Last callback") for word in words)
    assert worklist.health_for(clerk) == []
