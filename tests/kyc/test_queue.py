"""The line of the KYC desk: what waits, whose it is, and who is given what next."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from customers.registry.choices import TaskKind
from customers.registry.claims.commands import LEASE
from customers.registry.models import Claim, ClaimKind, Customer, Task
from customers.registry.services import claim, open_task
from customers.registry.tasks_of_staff import take_task
from documents.choices import Kind
from documents.services import Paper, accept_document
from documents.uploads import upload_document
from events.models import RecordedEvent
from kyc.cases import line
from kyc.cases.commands import (
    all_held,
    take_case,
    take_next_case,
    take_over_case,
)
from kyc.cases.line import CaseLine
from kyc.cases.sources import CaseKind
from kyc.manual import decide_by_hand
from kyc.models import Applicant, Callback, Difference, ManualReason, ManualVerdict
from kyc.services import start_attempt
from tenants.models import Tenant, User
from tenants.services import change_policy
from tests.conftest import ClientAs, MakeCustomer, MakeStaff, race
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.house import path_of, quarantined
from tests.registry.conftest import overlap

pytestmark = pytest.mark.django_db
REJECTION = {"verdict": "reject", "reject_reasons": ["sanctions_concern"]}
PRESSED = {"_form_submitted": "on"}
KYC = ClaimKind.KYC_CASE


@pytest.fixture
def ama(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def at_amas(ama: User, client_as: ClientAs) -> Client:
    return client_as(ama)


@pytest.fixture
def desk(client_as: ClientAs, officer: User) -> Client:
    return client_as(officer)


@pytest.fixture
def three(make_customer: MakeCustomer, clerk: User, setup_machine: User) -> list[Any]:
    """Three who wait for a decision by hand, the first the longest."""
    customers = [make_customer(by=clerk) for _ in range(3)]
    for age, customer in enumerate(reversed(customers), start=1):
        wait(customer, setup_machine, hours=age)
    return customers


def wait(customer: Customer, by: User, *, hours: int) -> Task:
    task = open_task(customer, TaskKind.KYC_DECISION, reason="undecided verdict", by=by)
    Task.objects.filter(pk=task.pk).update(
        opened_at=timezone.now() - timedelta(hours=hours)
    )
    return task


def decide_url(customer: Customer, query: str = "") -> str:
    return f"{path_of('kyc_decide', customer.pk)}{query}"


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def post(client: Client, deed: str, subject: Any, **sent: str) -> Any:
    return client.post(path_of(f"kyc_case_{deed}", subject.pk), sent)


def take_next(client: Client, **sent: str) -> str:
    return str(client.post(path_of("kyc_take_next"), sent).headers["Location"])


def titles(client: Client, **asked: str) -> list[Any]:
    rows = client.get(path_of("kyc_desk"), asked).context.get("queue", [])
    return [row["customer"].pk for row in rows if row["customer"]]


# --- what waits ---------------------------------------------------------------------
def test_all_that_waits_stands_in_one_line_oldest_first(
    desk: Client, differing: Customer, three: list[Customer], say: Any,
    make_customer: MakeCustomer, setup_machine: User,
) -> None:  # fmt: skip
    callback, held = quarantined(), make_customer(name="Held Weber")
    start_attempt(held.pk, by=setup_machine)
    Applicant.objects.filter(customer=held).update(status="on_hold")
    Callback.objects.filter(pk=callback.pk).update(
        received_at=timezone.now() - timedelta(days=9)
    )
    rows = desk.get(path_of("kyc_desk")).context["queue"]
    assert [row["kind"] for row in rows[:4]] == ["quarantined", *["decide"] * 3]
    assert {row["kind"] for row in rows[4:]} == {"differences", "held"}
    page = text_of(desk.get(path_of("kyc_desk")))
    for words in (
        "Sumsub says otherwise: birth date, name.", "Sumsub holds it.", "oldest 9 d",
        "Undecided verdict", "We know no applicant with this id.", "Nobody",
    ):  # fmt: skip
        assert words in page, words
    assert titles(desk, tab="held") == [held.pk]
    assert titles(desk, tab="decide") == [customer.pk for customer in three]


def test_several_reasons_about_one_customer_are_one_case(
    desk: Client, three: list[Customer], setup_machine: User
) -> None:
    open_task(three[0], TaskKind.KYC_DECISION, reason="another", by=setup_machine)
    assert len(titles(desk, tab="decide")) == 3
    tabs = desk.get(path_of("kyc_desk")).context["tabs"]
    assert {tab["name"]: tab["count"] for tab in tabs}["To decide by hand"] == 3


def test_documents_that_came_again_wait(
    desk: Client, make_customer: MakeCustomer, clerk: User, officer: User, ama: User
) -> None:
    customer = make_customer(by=clerk)
    send(customer, clerk, ama, "before")
    decide_by_hand(
        customer.pk, verdict=ManualVerdict.ASK_AGAIN, note="", by=officer,
        reasons=[ManualReason.DOCUMENT_UNREADABLE],
    )  # fmt: skip
    assert titles(desk, tab="came") == []
    document = upload_document(
        customer.pk, Paper(kind=Kind.ID), upload(pdf("after"), "after.pdf"), by=clerk
    )
    assert titles(desk, tab="came") == [], "the review desk has it first"
    accept_document(document.pk, by=ama)
    assert titles(desk, tab="came") == [customer.pk]
    assert take_next(desk, tab="came") == decide_url(customer, "?tab=came")


def send(customer: Customer, by: User, reviewer: User, name: str) -> None:
    file = upload(pdf(name), f"{name}.pdf")
    document = upload_document(customer.pk, Paper(kind=Kind.ID), file, by=by)
    accept_document(document.pk, by=reviewer)


def test_whose_they_are_is_kept_in_the_address(
    desk: Client, ama: User, three: list[Customer]
) -> None:
    post(desk, "take", three[1])
    claim(KYC, three[2].pk, by=ama)
    assert titles(desk, whose="mine") == [three[1].pk]
    assert titles(desk, whose="unassigned", tab="decide") == [three[0].pk]
    assert len(titles(desk)) == 3
    answer = desk.get(path_of("kyc_desk"), {"whose": "mine", "tab": "decide"})
    counts = {tab["name"]: tab["count"] for tab in answer.context["whose_tabs"]}
    assert (counts["Mine"], counts["Unassigned"]) == ("1", "1")
    assert counts["Waiting"].startswith("3, oldest 3 h")
    urls = [tab["url"] for tab in answer.context["tabs"]]
    assert all("whose=mine" in url for url in urls)
    assert f"{ama}, " in text_of(desk.get(path_of("kyc_desk")))
    assert "You, " in text_of(answer)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"whose": "mine"}, "Press Take next for the oldest that you may decide."),
        ({"whose": "unassigned"}, "Nothing waits here that nobody is at."),
        ({"whose": "' or 1=1", "tab": "<b>"}, "Nothing waits here."),
        ({"tab": "open", "whose": "unassigned"}, "Nothing waits here."),
    ],
)
def test_an_empty_line_says_what_to_do(
    desk: Client, asked: dict[str, str], words: str
) -> None:
    assert words in text_of(desk.get(path_of("kyc_desk"), asked))


# --- take next ----------------------------------------------------------------------
def test_take_next_gives_each_another_case(
    desk: Client, at_amas: Client, three: list[Customer]
) -> None:
    assert desk.get(path_of("kyc_take_next")).status_code == 405
    places = [take_next(client) for client in (desk, at_amas)]
    assert places == [decide_url(three[0]), decide_url(three[1])]
    assert take_next(desk) == decide_url(three[0]), "one's own first"
    assert "You are at it" in text_of(desk.get(decide_url(three[0])))
    assert f"{places and Claim.objects.get(subject_id=three[1].pk).by}" in text_of(
        desk.get(decide_url(three[1]))
    )


def test_what_one_registered_or_uploaded_is_a_colleagues(
    desk: Client, officer: User, ama: User, make_customer: MakeCustomer,
    clerk: User, setup_machine: User,
) -> None:  # fmt: skip
    own, relied = make_customer(by=officer), make_customer(by=clerk)
    send(relied, officer, ama, "mine")
    for hours, customer in ((3, own), (2, relied)):
        wait(customer, setup_machine, hours=hours)
    answer = desk.post(path_of("kyc_take_next"), {"tab": "decide"})
    assert "Nothing is left for you: 2 cases wait unassigned" in said(answer)
    assert answer.headers["Location"] == f"{path_of('kyc_desk')}?tab=decide"
    page = text_of(desk.get(path_of("kyc_desk")))
    assert "You registered this customer, so a colleague decides." in page
    assert "You uploaded a document this rests on, so a colleague decides." in page
    assert "Decide<span" not in page
    answer = post(desk, "take", own, kind="decide")
    assert "You registered this customer, so somebody else must decide." in said(answer)
    assert not Claim.objects.filter(kind=KYC).exists(), "it would only block colleagues"
    with pytest.raises(NotForYouError):
        take_over_case(own.pk, by=officer, held_by=ama.pk)
    free = make_customer(by=clerk)
    wait(free, setup_machine, hours=1)
    assert take_next(desk) == decide_url(free)
    assert take_next_case(by=ama).subject_id == own.pk  # type: ignore[union-attr]


def test_nobody_has_had_a_hand_in_so_many_that_the_next_is_not_found(
    officer: User, ama: User, make_customer: MakeCustomer, clerk: User,
    setup_machine: User, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """However many of the oldest are others', and wherever one stands in the line."""
    monkeypatch.setattr(line, "CHUNK", 2)
    customers = [make_customer(by=clerk) for _ in range(7)]
    for hours, customer in enumerate(reversed(customers), start=1):
        wait(customer, setup_machine, hours=hours)
    # Two have waited for exactly as long: pages are cut between them.
    Task.objects.filter(customer__in=customers[1:3]).update(
        opened_at=Task.objects.get(customer=customers[1]).opened_at
    )
    for n in (0, 1, 2, 3, 5):
        send(customers[n], officer, ama, f"paper {n}")
    mine = CaseLine.of(officer, CaseKind.DECIDE)
    found = [case.subject_id for case in mine.takeable()]
    assert found == [customers[4].pk, customers[6].pk]
    everybodys = [c.subject_id for c in CaseLine.of(ama, CaseKind.DECIDE).takeable()]
    assert sorted(everybodys) == sorted(customer.pk for customer in customers)
    behind = mine.find(customers[4].pk)
    assert [case.subject_id for case in mine.takeable(behind)] == [customers[6].pk]
    behind = mine.find(customers[6].pk)
    assert [case.subject_id for case in mine.takeable(behind)] == [customers[4].pk]


def test_the_line_is_judged_by_the_chunk(
    officer: User, ama: User, make_customer: MakeCustomer, clerk: User,
    setup_machine: User, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for hours in range(1, 13):
        wait(make_customer(by=clerk), setup_machine, hours=hours)
    mine = CaseLine.of(officer, CaseKind.DECIDE)
    mine.for_decision()
    with django_assert_max_num_queries(6):
        assert len(list(mine.takeable())) == 12


def test_where_one_is_alone_everything_is_theirs(
    desk: Client, officer: User, make_customer: MakeCustomer, setup_machine: User
) -> None:
    own = make_customer(by=officer)
    wait(own, setup_machine, hours=1)
    change_policy(own.tenant_id, by=officer, reason="Small", is_single_employee=True)
    assert take_next(desk) == decide_url(own)


def test_who_left_is_listed_but_given_to_nobody(
    desk: Client, three: list[Customer]
) -> None:
    Customer.objects.filter(pk=three[0].pk).update(status="archived")
    assert take_next(desk) == decide_url(three[1])
    assert three[0].pk in titles(desk)


def test_a_tab_takes_of_its_own_kind(
    desk: Client, three: list[Customer], differing: Customer
) -> None:
    place = take_next(desk, tab="differences")
    expected = f"{path_of('kyc_desk')}?tab=differences&customer={differing.pk}"
    assert place == f"{expected}#difference"
    assert "You are at it" in text_of(desk.get(place))
    callback = quarantined()
    place = take_next(desk, tab="quarantined", whose="mine")
    assert f"case={callback.pk}" in place
    assert "whose=mine" in place
    page = text_of(desk.get(place))
    assert 'id="case"' in page
    Callback.objects.update(status="applied")
    assert "does not wait any more" in text_of(desk.get(place))
    Callback.objects.update(status="quarantined")
    beside = desk.get(path_of("kyc_desk"), {"case": str(callback.pk)})
    assert 'id="case"' in text_of(beside), "also where a difference waits"
    for nonsense in ("x", str(uuid4())):
        assert desk.get(path_of("kyc_desk"), {"case": nonsense}).status_code == 200


def test_a_decided_case_leads_to_the_next(
    desk: Client, three: list[Customer], differing: Customer
) -> None:
    path, form = take_next(desk, tab="decide"), {**REJECTION, "then": "next"}
    answer = desk.post(path, {**form, "tab": "decide"})
    assert answer.headers["Location"] == decide_url(three[1], "?tab=decide")
    assert not Claim.objects.filter(subject_id=three[0].pk).exists()
    answer = post(desk, "release", three[1], then="next", tab="decide", kind="decide")
    assert answer.headers["Location"] == decide_url(three[2], "?tab=decide")
    answer = desk.post(decide_url(three[2]), {**form, "tab": "decide"})
    assert answer.headers["Location"] == decide_url(three[1], "?tab=decide")
    answer = desk.post(decide_url(three[1]), {**form, "tab": "decide"})
    assert answer.headers["Location"] == f"{path_of('kyc_desk')}?tab=decide"
    assert "no case waits that nobody is at" in said(answer)
    assert desk.post(decide_url(differing), REJECTION).status_code == 302


def test_what_is_left_is_not_given_again_at_once(
    desk: Client, three: list[Customer]
) -> None:
    take_next(desk)
    answer = post(desk, "release", three[0], then="next", kind="decide")
    assert answer.headers["Location"] == decide_url(three[1])
    answer = desk.post(decide_url(three[1]), {**REJECTION, "then": "next"})
    assert answer.headers["Location"] == decide_url(three[2]), "not the one left"


def test_a_taken_difference_leads_to_the_next_one(
    desk: Client, differing: Customer, make_customer: MakeCustomer
) -> None:
    other = make_customer()
    row = Difference.objects.get(customer=differing, field="name")
    Difference(
        tenant=other.tenant, customer=other, attempt=row.attempt, field="name",
        ours="Ours", theirs="Theirs", found_at=timezone.now(),
    ).save_as(row.attempt.started_by, "Sumsub says otherwise")  # fmt: skip
    take_next(desk, tab="differences")
    page = desk.get(path_of("kyc_desk"), {"customer": str(differing.pk)})
    shown = page.context["difference"]
    form = {"row_version": shown["row_version"], "seen": shown["seen"]}
    path = path_of("kyc_differences", differing.pk)
    answer = desk.post(path, {**form, "decision": "keep", "tab": "differences"})
    assert f"customer={other.pk}" in answer.headers["Location"]
    assert [held.subject_id for held in Claim.objects.filter(kind=KYC)] == [other.pk]


def test_replaying_lets_go(desk: Client) -> None:
    callback = quarantined()
    take_next(desk, tab="quarantined")
    desk.post(path_of("kyc_callback_replay", callback.pk), PRESSED)
    assert not Claim.objects.filter(kind=KYC).exists()


# --- who is at it -------------------------------------------------------------------
def test_a_claim_keeps_nobody_from_deciding(
    desk: Client, at_amas: Client, ama: User, three: list[Customer]
) -> None:
    post(at_amas, "take", three[0], kind="decide")
    answer = post(desk, "take", three[0], kind="decide")
    assert Claim.objects.get(subject_id=three[0].pk).by == ama
    assert answer.headers["Location"] == decide_url(three[0])
    page = text_of(desk.get(decide_url(three[0])))
    for words in (f"{ama} is at it since", "Take over", "Take next"):
        assert words in page, words
    assert desk.post(decide_url(three[0]), REJECTION).status_code == 302
    assert not Claim.objects.filter(kind=KYC).exists(), "nothing waits there any more"


def test_looking_claims_nothing_and_a_lease_ends(
    desk: Client, ama: User, three: list[Customer]
) -> None:
    desk.get(path_of("kyc_desk"))
    desk.get(decide_url(three[0]))
    desk.get(path_of("kyc_case_take_over", three[0].pk))
    assert desk.get(path_of("kyc_case_take", three[0].pk)).status_code == 405
    assert not Claim.objects.exists()
    claim(KYC, three[0].pk, by=ama)
    assert take_next(desk) == decide_url(three[1])
    Claim.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert take_next(desk) == decide_url(three[0])
    assert timedelta(minutes=30) == LEASE


def test_what_a_colleague_took_as_a_task_is_theirs(
    desk: Client, officer: User, ama: User, three: list[Customer]
) -> None:
    task = Task.objects.get(customer=three[0])
    take_task(task.pk, by=ama)
    assert take_next(desk) == decide_url(three[1])
    assert f"{ama}, as a task" in text_of(desk.get(path_of("kyc_desk")))
    answer = post(desk, "take", three[0], kind="decide")
    page = text_of(desk.get(answer.headers["Location"]))
    assert f"{ama} took the task." in page
    assert not Claim.objects.filter(subject_id=three[0].pk).exists()
    assert "Take over" not in text_of(desk.get(decide_url(three[0])))
    assert take_next_case(by=ama).subject_id == three[0].pk  # type: ignore[union-attr]


def test_a_claim_gives_way_to_a_colleagues_task(
    officer: User, ama: User, three: list[Customer]
) -> None:
    """The counts say what the desk says: it is theirs, and not also one's own."""
    claim(KYC, three[0].pk, by=officer)
    take_task(Task.objects.get(customer=three[0]).pk, by=ama)
    mine, amas = (CaseLine.of(by, CaseKind.DECIDE) for by in (officer, ama))
    counted = mine.count(CaseKind.DECIDE)
    assert (counted.all, counted.mine, counted.free) == (3, 0, 2)
    assert mine.cases("mine", most=9) == []
    assert all_held(mine.cases(most=1), officer).popitem()[1].is_mine is False
    with pytest.raises(DomainError, match=r"took the task\. Have it handed over"):
        take_over_case(three[0].pk, by=officer, held_by=officer.pk)
    Task.objects.update(assignee=None, taken_at=None)
    assert [case.subject_id for case in mine.cases("mine", most=9)] == [three[0].pk]
    take_task(Task.objects.get(customer=three[1]).pk, by=ama)
    assert amas.count(CaseKind.DECIDE).mine == 1


def test_a_task_that_a_colleague_took_is_not_taken_over(
    desk: Client, ama: User, three: list[Customer]
) -> None:
    take_task(Task.objects.get(customer=three[0]).pk, by=ama)
    path = f"{path_of('kyc_case_take_over', three[0].pk)}?kind=decide"
    answer = desk.post(path, {**PRESSED, "held_by": str(ama.pk)})
    assert f"{ama} took the task. Have it handed over" in text_of(answer)
    assert not Claim.objects.exists()


def test_taking_over_is_asked_once_and_recorded(
    desk: Client, officer: User, ama: User, make_staff: MakeStaff, three: list[Customer]
) -> None:
    claim(KYC, three[0].pk, by=ama)
    path = f"{path_of('kyc_case_take_over', three[0].pk)}?kind=decide"
    question = desk.get(path)
    assert f"{ama} is at it since" in text_of(question)
    assert f'value="{ama.pk}"' in text_of(question)
    form = {**PRESSED, "held_by": str(ama.pk)}
    kofi = make_staff("compliance_officer")
    take_over_case(three[0].pk, by=kofi, held_by=ama.pk)
    assert f"{kofi} is at it by now; ask again." in text_of(desk.post(path, form))
    form["held_by"] = str(kofi.pk)
    answer = desk.post(path, form)
    assert answer.headers["Location"] == decide_url(three[0])
    assert f"You took over from {kofi}." in said(answer)
    assert desk.post(path, form).status_code == 302, "twice is no error"
    taken = RecordedEvent.objects.filter(type="CaseTakenOver").order_by("created_at")
    assert [(event.actor, event.payload["taken_from"]) for event in taken] == [
        (kofi, str(ama.pk)), (officer, str(kofi.pk)),
    ]  # fmt: skip
    assert Claim.objects.get(subject_id=three[0].pk).by == officer


def test_nobodys_case_is_taken_over_without_a_record(
    officer: User, three: list[Customer]
) -> None:
    assert take_over_case(three[0].pk, by=officer, held_by=officer.pk) is None
    assert not RecordedEvent.objects.filter(type="CaseTakenOver").exists()


def test_releasing_gives_back_only_ones_own(
    desk: Client, ama: User, three: list[Customer]
) -> None:
    claim(KYC, three[0].pk, by=ama)
    post(desk, "release", three[0])
    assert Claim.objects.get().by == ama
    post(desk, "take", three[1], kind="decide")
    answer = post(desk, "release", three[1], tab="decide", whose="mine")
    assert answer.headers["Location"] == (
        f"{path_of('kyc_desk')}?tab=decide&whose=mine"
    )
    assert "Released" in said(answer)
    assert Claim.objects.get().by == ama


# --- who may ------------------------------------------------------------------------
def test_other_banks_and_other_roles_take_nothing(
    three: list[Customer], stranger: User, client_as: ClientAs, make_staff: MakeStaff,
    second_bank: Tenant,
) -> None:  # fmt: skip
    deeds = ("take", "release", "take_over")
    for deed in deeds:
        assert post(client_as(stranger), deed, three[0]).status_code == 404
    assert take_next(client_as(stranger)) == path_of("kyc_desk")
    for role in ("auditor", "senior_manager", "client_facing", "teller"):
        client = client_as(make_staff(role))
        assert client.post(path_of("kyc_take_next")).status_code == 403
        assert {post(client, deed, three[0]).status_code for deed in deeds} == {403}
    auditor = client_as(make_staff("auditor"))
    page = text_of(auditor.get(path_of("kyc_desk")))
    assert three[0].name in page
    assert "Take next" not in page
    assert not Claim.objects.exists()
    claim(KYC, three[0].pk, by=stranger)
    assert (
        CaseLine.of(make_staff("compliance_officer")).count(CaseKind.DECIDE).free == 3
    )


def test_what_does_not_wait_is_not_taken(
    desk: Client, officer: User, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    answer = post(desk, "take", customer)
    assert "This does not wait any more." in said(answer)
    with pytest.raises(DomainError):
        take_case(customer.pk, by=officer)
    assert not Claim.objects.exists()


def test_a_press_needs_the_token(officer: User, three: list[Customer]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer, backend="tenants.backends.RoleBackend")
    assert client.post(path_of("kyc_take_next")).status_code == 403
    assert post(client, "take", three[0]).status_code == 403
    assert not Claim.objects.exists()


def test_the_line_asks_a_fixed_number_of_queries(
    desk: Client, three: list[Customer], make_customer: MakeCustomer, clerk: User,
    setup_machine: User, ama: User, django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    desk.get(path_of("kyc_desk"))
    with django_assert_max_num_queries(45) as before:
        desk.get(path_of("kyc_desk"))
    for hours in range(4, 9):
        customer = make_customer(by=clerk)
        wait(customer, setup_machine, hours=hours)
        claim(KYC, customer.pk, by=ama)
    with django_assert_max_num_queries(len(before)):
        desk.get(path_of("kyc_desk"))


# --- two at once --------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_two_cases(
    three: list[Customer], officer: User, ama: User, make_staff: MakeStaff
) -> None:
    kofi = make_staff("compliance_officer")
    got = race(*(lambda by=by: take_next_case(by=by) for by in (officer, ama, kofi)))
    assert {case.subject_id for case in got} == {customer.pk for customer in three}


@pytest.mark.django_db(transaction=True)
def test_two_who_take_over_at_once_do_not_overrun_each_other(
    three: list[Customer], officer: User, ama: User, make_staff: MakeStaff
) -> None:
    kofi, subject = make_staff("compliance_officer"), three[0].pk
    claim(KYC, subject, by=ama)
    first, second = overlap(
        lambda: take_over_case(subject, by=officer, held_by=ama.pk),
        lambda: take_over_case(subject, by=kofi, held_by=ama.pk),
    )
    assert first == ama
    assert isinstance(second, DomainError)
    assert Claim.objects.get().by == officer
    assert RecordedEvent.objects.filter(type="CaseTakenOver").count() == 1
