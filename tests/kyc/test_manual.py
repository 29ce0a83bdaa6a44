"""KYC decided by hand: by whom, on what, and what follows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from common.errors import DomainError, NotForYouError
from customers.registry.choices import CustomerType, DeclineReason, EntityType
from customers.registry.models import Customer, KycStatus, Status, Task, TaskKind
from customers.registry.services import (
    decline_customer,
    open_task,
    update_customer,
)
from documents.choices import Kind, RejectReason
from documents.models import Document
from documents.services import (
    Paper,
    accept_document,
    archive_document,
    reject_document,
)
from documents.uploads import upload_document
from events.models import RecordedEvent
from kyc.inquiry import attempt_for, refetch_attempt
from kyc.manual import decide_by_hand
from kyc.models import Applicant, ManualReason, ManualVerdict, QuarantineReason
from kyc.reconciliation import reconcile_kyc
from kyc.services import newest_at_sumsub, start_attempt
from kyc.verdicts import CLEARING_RULES, apply_state
from tenants.models import User
from tenants.services import change_policy
from tests.conftest import Deliver, MakeCustomer, MakeStaff, race
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.house import (
    APPLICANT_ID,
    GREEN,
    RED_FINAL,
    RED_RETRY,
    a_state,
    attempt_of,
    events,
    open_tasks,
)

pytestmark = pytest.mark.django_db

APPROVE, REJECT, ASK_AGAIN = ManualVerdict
REASON = {
    APPROVE: ManualReason.DOCUMENTS_MATCH,
    REJECT: ManualReason.DOCUMENT_FORGED,
    ASK_AGAIN: ManualReason.DOCUMENT_UNREADABLE,
}
COMPANY: dict[str, Any] = {
    "customer_type": CustomerType.PRIVATE_COMPANY,
    "entity_type": EntityType.BODY_CORPORATE,
}


def decide(
    customer: Customer, verdict: ManualVerdict, by: User, *reasons: ManualReason,
    note: str = "",
) -> Applicant:  # fmt: skip
    attempt = decide_by_hand(
        customer.pk, verdict=verdict, reasons=reasons or [REASON[verdict]], note=note,
        by=by,
    )  # fmt: skip
    customer.refresh_from_db()
    return attempt


@pytest.fixture
def reviewer(make_staff: MakeStaff) -> User:
    return make_staff("compliance_officer")


@pytest.fixture
def hand_in(clerk: User, reviewer: User) -> Any:
    """Upload what KYC asks for and accept it: `hand_in(customer)`."""

    def send(customer: Customer, *kinds: Kind, by: User = clerk) -> list[Document]:
        kinds = kinds or (Kind.ID, Kind.ADDRESS_PROOF)
        sent = []
        for number, kind in enumerate(kinds, start=1):
            file = upload(pdf(f"{kind} {number}"), f"{kind}.pdf")
            sent.append(upload_document(customer.pk, Paper(kind=kind), file, by=by))
            accept_document(sent[-1].pk, by=reviewer)
        return sent

    return send


@pytest.fixture
def customer(make_customer: MakeCustomer, hand_in: Any, clerk: User) -> Customer:
    """Somebody pending, with everything KYC asks for."""
    customer = make_customer(by=clerk)
    hand_in(customer)
    return customer


def expire_in(customer: Customer, days: int) -> None:
    until = customer.tenant.today + timedelta(days=days)
    Customer.objects.filter(pk=customer.pk).update(kyc_expires_on=until)


# --- where they may stand, and where each decision leads ----------------------------
def put(customer: Customer, state: str, officer: User) -> None:
    """Lead a pending customer to where the table begins."""
    if state == "rejected":
        decide(customer, REJECT, officer)
    elif state == "asked":
        decide(customer, ASK_AGAIN, officer)
    elif state in ("verified", "due"):
        decide(customer, APPROVE, officer)
        expire_in(customer, 60 if state == "due" else 61)
    elif state == "taken back":
        decide(customer, APPROVE, officer)
        decide(customer, REJECT, officer)
    elif state == "declined":
        decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)


SUSPENDED = ("verified", "suspended", [("escalation", "adverse_verdict")])
# What follows: KYC, relationship, open tasks; or the words of the refusal.
TABLE: dict[tuple[str, ManualVerdict], Any] = {
    ("pending", APPROVE): ("verified", "active", []),
    ("pending", REJECT): ("rejected", "active", []),
    ("pending", ASK_AGAIN): ("pending", "active", []),
    ("asked", APPROVE): ("verified", "active", []),
    ("asked", REJECT): ("rejected", "active", []),
    ("asked", ASK_AGAIN): ("pending", "active", []),
    ("rejected", APPROVE): ("verified", "active", []),
    ("rejected", REJECT): "was rejected already",
    ("rejected", ASK_AGAIN): ("pending", "active", []),
    ("verified", APPROVE): "is verified until",
    ("verified", REJECT): SUSPENDED,
    ("verified", ASK_AGAIN): SUSPENDED,
    ("due", APPROVE): ("verified", "active", []),
    ("due", REJECT): SUSPENDED,
    ("due", ASK_AGAIN): ("verified", "active", []),
    # The escalation is answered by a person; an approval reinstates nobody.
    ("taken back", APPROVE): SUSPENDED,
    ("taken back", REJECT): "was rejected already",
    ("taken back", ASK_AGAIN): SUSPENDED,
    ("declined", APPROVE): "is archived",
    ("declined", REJECT): "is archived",
    ("declined", ASK_AGAIN): "is archived",
}
LEADS_TO = {APPROVE: "approved", REJECT: "rejected", ASK_AGAIN: "resubmit"}


@pytest.mark.parametrize(("state", "verdict"), TABLE)
def test_each_decision_from_each_state(
    customer: Customer, officer: User, state: str, verdict: ManualVerdict
) -> None:
    put(customer, state, officer)
    before = list(Applicant.objects.values())
    expected = TABLE[state, verdict]
    if isinstance(expected, str):
        with pytest.raises(DomainError, match=expected):
            decide(customer, verdict, officer)
        assert list(Applicant.objects.values()) == before
        return
    decide(customer, verdict, officer)
    kyc_status, status, tasks = expected
    assert (customer.kyc_status, customer.status) == (kyc_status, status)
    assert open_tasks(customer) == tasks
    attempt = attempt_of(customer)
    assert attempt.status == LEADS_TO[verdict]
    assert (attempt.provider, attempt.level) == ("manual", "basic-kyc-level")
    assert Applicant.objects.open().count() == (verdict == ASK_AGAIN)


def test_every_state_is_in_the_table() -> None:
    states = {state for state, _ in TABLE}
    assert len(TABLE) == len(states) * len(ManualVerdict)


def test_what_is_written_down(customer: Customer, officer: User) -> None:
    reasons = (ManualReason.SEEN_IN_PERSON, ManualReason.DOCUMENTS_MATCH)
    attempt = decide(customer, APPROVE, officer, *reasons, note="Came on a Monday\0.")
    attempt.refresh_from_db()
    assert attempt.labels == ["documents_match", "seen_in_person"]
    assert (attempt.client_comment, attempt.verdict) == (
        "Came on a Monday.",
        "approved",
    )
    assert attempt.started_by == officer
    version = attempt.history.get()
    assert version.history_change_reason == (
        "Approved by hand: documents match our file, seen in person"
    )
    assert version.history_user == officer
    assert events("CustomerVerified") == events("AttemptMoved") == 1
    moved = RecordedEvent.objects.get(type="AttemptMoved")
    assert moved.payload["status"] == "approved"
    assert moved.as_event().words() == ("Approved by hand", "")  # type: ignore[union-attr]


def test_the_front_line_reads_no_reason(customer: Customer, officer: User) -> None:
    """What everybody may read of a rejection must not tip anybody off."""
    decide(customer, REJECT, officer, ManualReason.SANCTIONS_CONCERN, note="See list 4")
    open_ = RecordedEvent.objects.filter(is_restricted=False)
    said = repr(list(open_.values_list("payload", "reason"))).lower()
    assert "rejected by hand" in said
    assert "sanction" not in said
    assert "list 4" not in said
    assert "sanction" not in customer.history.first().history_change_reason


def test_asked_again_then_approved_is_one_attempt(
    customer: Customer, officer: User, reviewer: User
) -> None:
    first = decide(customer, ASK_AGAIN, officer)
    assert first.decided_at is None
    second = decide(customer, APPROVE, reviewer)
    assert first.pk == second.pk
    assert (second.attempt_count, second.labels) == (2, ["documents_match"])
    assert second.decided_at
    assert [v.history_user for v in second.history.order_by("history_id")] == [
        officer, reviewer,
    ]  # fmt: skip


def test_a_renewal_by_hand(customer: Customer, officer: User) -> None:
    decide(customer, APPROVE, officer)
    expire_in(customer, 30)
    attempt = decide(customer, APPROVE, officer)
    assert attempt.is_renewal
    assert customer.kyc_expires_on == customer.tenant.today + timedelta(
        days=customer.tenant.kyc_valid_days
    )
    assert events("KycRenewed") == events("CustomerVerified") == 1
    with pytest.raises(DomainError, match="is verified until"):
        decide(customer, APPROVE, officer)


def test_tasks_are_closed_with_what_came_of_it(
    customer: Customer, officer: User
) -> None:
    open_task(customer, TaskKind.KYC_DECISION, reason="undecided verdict", by=officer)
    decide(customer, APPROVE, officer)
    task = Task.objects.get(customer=customer)
    assert (task.status, task.outcome) == ("done", "Approved by hand")


# --- on what it rests -----------------------------------------------------------------
def test_an_approval_needs_the_documents(
    make_customer: MakeCustomer,
    officer: User,
    hand_in: Any,
    reviewer: User,
    clerk: User,
) -> None:
    customer = make_customer()
    with pytest.raises(DomainError) as refused:
        decide(customer, APPROVE, officer)
    assert refused.value.message == (
        "Cannot approve: identity document is missing, and proof of address is missing."
    )
    hand_in(customer, Kind.ID)
    bill = upload_document(
        customer.pk, Paper(kind=Kind.ADDRESS_PROOF), upload(pdf(), "bill.pdf"), by=clerk
    )
    with pytest.raises(
        DomainError, match=r"^Cannot approve: proof of address waits for"
    ):
        decide(customer, APPROVE, officer)
    reject_document(bill.pk, reason=RejectReason.UNREADABLE, by=reviewer)
    with pytest.raises(DomainError, match="proof of address was rejected"):
        decide(customer, APPROVE, officer)
    hand_in(customer, Kind.ADDRESS_PROOF)
    decide(customer, APPROVE, officer)
    assert customer.kyc_status == KycStatus.VERIFIED


def test_documents_are_compared_with_a_file_that_says_something(
    customer: Customer, officer: User
) -> None:
    details = {**customer.details, "birth_date": ""}
    update_customer(
        customer.pk, changes={"details": details}, by=officer, reason="Unsure"
    )
    with pytest.raises(DomainError) as refused:
        decide(customer, APPROVE, officer)
    assert refused.value.message == "Cannot approve: birth date is not in our file."


def test_what_was_put_away_or_ran_out_counts_no_more(
    customer: Customer, officer: User, reviewer: User
) -> None:
    passport, bill = Document.objects.filter(customer=customer).order_by("uploaded_at")
    yesterday = customer.tenant.today - timedelta(days=1)
    Document.objects.filter(pk=passport.pk).update(expires_on=yesterday)
    archive_document(bill.pk, reason="Moved house", by=reviewer)
    with pytest.raises(DomainError) as refused:
        decide(customer, APPROVE, officer)
    assert "identity document has expired" in refused.value.message
    assert "proof of address is missing" in refused.value.message


def test_a_rejection_needs_no_documents(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer()
    decide(customer, REJECT, officer, ManualReason.PERSON_NOT_FOUND)
    assert customer.kyc_status == KycStatus.REJECTED


@pytest.mark.parametrize(
    ("verdict", "reasons", "note", "field"),
    [
        ("perhaps", [ManualReason.DOCUMENTS_MATCH], "", "verdict"),
        ("", [], "", "verdict"),
        (APPROVE, [], "", "reasons"),
        (REJECT, [], "A note alone", "reasons"),
        (ASK_AGAIN, [], "", "reasons"),
        (APPROVE, [ManualReason.SANCTIONS_CONCERN], "", "reasons"),
        (REJECT, [ManualReason.DOCUMENTS_MATCH], "", "reasons"),
        (REJECT, ["made_up"], "", "reasons"),
        (APPROVE, [ManualReason.OTHER_REASON], "I like them", "reasons"),
        (REJECT, [ManualReason.OTHER_REASON], " \0 ", "note"),
        (REJECT, [ManualReason.DOCUMENT_FORGED], "x" * 1001, "note"),
    ],
)
def test_reasons_come_from_the_list(
    customer: Customer, officer: User, verdict: Any, reasons: Any, note: str, field: str
) -> None:
    with pytest.raises(DomainError) as refused:
        decide_by_hand(
            customer.pk, verdict=verdict, reasons=reasons, note=note, by=officer
        )
    assert refused.value.field == field
    assert not Applicant.objects.exists()


def test_a_company_waits_for_its_owners(
    make_customer: MakeCustomer, hand_in: Any, officer: User
) -> None:
    company = make_customer(**COMPANY)
    hand_in(company, Kind.BUSINESS_REGISTRATION, Kind.ADDRESS_PROOF)

    def rule(_customer: Customer) -> str:
        return "one owner is not verified"

    CLEARING_RULES.append(rule)
    try:
        with pytest.raises(DomainError) as refused:
            decide(company, APPROVE, officer)
    finally:
        CLEARING_RULES.remove(rule)
    assert refused.value.message == "Cannot approve: one owner is not verified."
    assert not Applicant.objects.exists()
    attempt = decide(company, APPROVE, officer)
    assert attempt.level == "basic-kyb-level"


# --- nobody decides on what they asked for --------------------------------------------
@pytest.mark.parametrize("verdict", ManualVerdict)
def test_not_who_registered_them(
    make_customer: MakeCustomer, hand_in: Any, officer: User, verdict: ManualVerdict
) -> None:
    customer = make_customer(by=officer)
    hand_in(customer)
    with pytest.raises(NotForYouError, match="You registered this customer"):
        decide(customer, verdict, officer)
    assert not Applicant.objects.exists()


@pytest.mark.parametrize("verdict", ManualVerdict)
def test_not_who_uploaded_what_it_rests_on(
    customer: Customer, hand_in: Any, officer: User, verdict: ManualVerdict
) -> None:
    """Not even where a colleague's newer one would do as well."""
    hand_in(customer, Kind.ID, by=officer)
    hand_in(customer, Kind.ID)
    with pytest.raises(NotForYouError, match="You uploaded a document"):
        decide(customer, verdict, officer)


def test_what_it_does_not_rest_on_is_no_matter(
    customer: Customer, hand_in: Any, officer: User, reviewer: User
) -> None:
    hand_in(customer, Kind.INCOME_PROOF, by=officer)
    wrong = upload_document(
        customer.pk, Paper(kind=Kind.ID), upload(pdf(), "wrong.pdf"), by=officer
    )
    reject_document(wrong.pk, reason=RejectReason.WRONG_DOCUMENT, by=reviewer)
    decide(customer, APPROVE, officer)
    assert customer.kyc_status == KycStatus.VERIFIED


def test_one_person_alone_may_and_it_is_said(
    make_customer: MakeCustomer, hand_in: Any, officer: User
) -> None:
    customer = make_customer(by=officer)
    hand_in(customer)
    change_policy(
        customer.tenant_id, by=officer, reason="Small", is_single_employee=True
    )
    attempt = decide(customer, APPROVE, officer)
    said = "(single-employee mode: by who registered this customer)"
    assert said in attempt.history.get().history_change_reason
    assert said in customer.history.first().history_change_reason
    assert said in RecordedEvent.objects.get(type="CustomerVerified").reason


# --- beside Sumsub --------------------------------------------------------------------
@pytest.fixture
def at_sumsub(customer: Customer, say: Any, clerk: User) -> Customer:
    """In review at Sumsub when compliance decides."""
    start_attempt(customer.pk, by=clerk)
    say(customer, status="pending")
    return customer


def answer(customer: Customer, by: User, **review: Any) -> Any:
    """Let Sumsub answer about its own attempt."""
    attempt = attempt_for(customer, APPLICANT_ID, by=by)
    assert isinstance(attempt, Applicant)
    outcome = apply_state(
        attempt.pk, a_state(customer, **review), asked_at=timezone.now(), by=by
    )
    customer.refresh_from_db()
    return outcome


def test_what_is_open_at_sumsub_is_closed(at_sumsub: Customer, officer: User) -> None:
    theirs = attempt_of(at_sumsub)
    ours = decide(at_sumsub, APPROVE, officer)
    theirs.refresh_from_db()
    assert (theirs.status, theirs.provider) == ("closed", "sumsub")
    assert theirs.decided_at
    assert ours.pk != theirs.pk
    moved = RecordedEvent.objects.filter(type="AttemptMoved").order_by("created_at")
    words = [record.as_event().words()[0] for record in moved]
    assert words[-2:] == ["KYC attempt closed", "Approved by hand"]
    assert at_sumsub.status == Status.ACTIVE


@pytest.mark.parametrize("verdict", ManualVerdict)
@pytest.mark.parametrize(
    ("review", "word"),
    [(GREEN, "approved"), (RED_FINAL, "rejected"), (RED_RETRY, "resubmit")],
)
def test_sumsubs_later_answer_changes_nothing_and_is_shown(
    at_sumsub: Customer, officer: User, setup_machine: User, verdict: ManualVerdict,
    review: dict[str, str], word: str,
) -> None:  # fmt: skip
    ours = decide(at_sumsub, verdict, officer)
    version, until = at_sumsub.row_version, at_sumsub.kyc_expires_on
    outcome = answer(at_sumsub, setup_machine, **review, labels=("FORGERY",))
    assert outcome.quarantine == ""
    assert outcome.note == "Decided by hand meanwhile; nothing was changed."
    assert (at_sumsub.row_version, at_sumsub.kyc_expires_on) == (version, until)
    ours.refresh_from_db()
    assert ours.status == LEADS_TO[verdict]
    theirs = newest_at_sumsub(at_sumsub.pk)
    assert theirs
    assert (theirs.status, theirs.verdict) == ("closed", word)
    assert theirs.labels == ["FORGERY"]
    reason = f"sumsub said “{word}” after a decision by hand"
    wanted = [] if LEADS_TO[verdict] == word else [("kyc_decision", reason)]
    assert open_tasks(at_sumsub) == wanted
    Task.objects.update(status="done")
    answer(at_sumsub, setup_machine, **review)  # said again, it is no news
    assert open_tasks(at_sumsub) == []


@pytest.mark.parametrize("review", [{"status": "pending"}, {"status": "init"}])
def test_no_word_of_sumsub_opens_it_again(
    at_sumsub: Customer, officer: User, setup_machine: User, review: dict[str, str]
) -> None:
    decide(at_sumsub, APPROVE, officer)
    answer(at_sumsub, setup_machine, **review)
    assert at_sumsub.status == Status.ACTIVE
    assert not Applicant.objects.open().exists()
    assert open_tasks(at_sumsub) == []


def test_sumsubs_rejection_stands_below_ours(
    at_sumsub: Customer, say: Any, officer: User, setup_machine: User
) -> None:
    """A GREEN undoes Sumsub's own rejection, but not one by hand."""
    say(at_sumsub, **RED_FINAL)
    decide(at_sumsub, ASK_AGAIN, officer)
    decide(at_sumsub, REJECT, officer)
    answer(at_sumsub, setup_machine, **GREEN)
    assert at_sumsub.kyc_status == KycStatus.REJECTED
    assert len(open_tasks(at_sumsub)) == 1


def test_sumsub_may_still_take_its_approval_back(
    at_sumsub: Customer, say: Any, officer: User, setup_machine: User
) -> None:
    """Approved there, renewed by hand; then monitoring finds something."""
    say(at_sumsub, **GREEN)
    expire_in(at_sumsub, 10)
    decide(at_sumsub, APPROVE, officer)
    answer(at_sumsub, setup_machine, **RED_FINAL)
    assert (at_sumsub.kyc_status, at_sumsub.status) == ("verified", "suspended")
    assert open_tasks(at_sumsub) == [("escalation", "adverse_verdict")]


def test_a_reset_at_sumsub_takes_the_place_of_what_is_open_by_hand(
    at_sumsub: Customer, say: Any, officer: User, setup_machine: User
) -> None:
    say(at_sumsub, **GREEN)
    expire_in(at_sumsub, 10)
    ours = decide(at_sumsub, ASK_AGAIN, officer)
    assert at_sumsub.status == Status.ACTIVE
    answer(at_sumsub, setup_machine, status="init")
    ours.refresh_from_db()
    assert ours.status == "closed"
    assert Applicant.objects.open().get().provider == "sumsub"
    assert at_sumsub.status_reason == "applicant_reset"


def test_start_kyc_goes_on_at_sumsub(
    at_sumsub: Customer, officer: User, clerk: User, setup_machine: User
) -> None:
    """The used applicant stays known, so that its old verdict counts for nothing."""
    ours = decide(at_sumsub, ASK_AGAIN, officer)
    attempt = start_attempt(at_sumsub.pk, by=clerk)
    ours.refresh_from_db()
    assert ours.status == "closed"
    assert (attempt.provider, attempt.status) == ("sumsub", "started")
    assert (attempt.applicant_id, attempt.is_repeat) == (APPLICANT_ID, True)
    old = timezone.now() - timedelta(days=1)
    answer(at_sumsub, setup_machine, **GREEN, reviewed_at=old)
    assert at_sumsub.kyc_status == KycStatus.PENDING
    answer(at_sumsub, setup_machine, **GREEN)
    assert at_sumsub.kyc_status == KycStatus.VERIFIED


def test_after_a_rejection_by_hand_compliance_starts_again(
    customer: Customer, officer: User, clerk: User
) -> None:
    decide(customer, REJECT, officer)
    with pytest.raises(DomainError, match="a compliance officer must start it again"):
        start_attempt(customer.pk, by=clerk)
    start_attempt(customer.pk, by=officer)


def test_what_sumsub_begins_by_itself_does_not_replace_us(
    customer: Customer, officer: User, setup_machine: User
) -> None:
    decide(customer, REJECT, officer)
    with pytest.raises(DomainError, match="decided by hand"):
        attempt_for(customer, APPLICANT_ID, by=setup_machine)
    assert Applicant.objects.count() == 1


def test_nobody_asks_sumsub_about_ours(
    customer: Customer, officer: User, settings: Any
) -> None:
    settings.SUMSUB_BASE_URL = "http://127.0.0.1:9"
    ours = decide(customer, ASK_AGAIN, officer)
    Applicant.objects.update(started_at=timezone.now() - timedelta(days=1))
    assert reconcile_kyc().asked == 0
    with pytest.raises(DomainError, match="decided by hand"):
        refetch_attempt(ours.pk, by=officer)
    state = a_state(customer, **GREEN)
    outcome = apply_state(ours.pk, state, asked_at=timezone.now(), by=officer)
    assert outcome.note == "This attempt is decided by hand."
    customer.refresh_from_db()
    assert customer.kyc_status == KycStatus.PENDING


def test_another_applicant_is_still_refused(
    at_sumsub: Customer, officer: User, setup_machine: User
) -> None:
    decide(at_sumsub, APPROVE, officer)
    found = attempt_for(at_sumsub, "66aa00000000000000000099", by=setup_machine)
    assert found == QuarantineReason.OTHER_APPLICANT


def test_the_end_of_the_relationship_closes_ours(
    customer: Customer, officer: User, deliver: Deliver
) -> None:
    ours = decide(customer, ASK_AGAIN, officer)
    decline_customer(customer.pk, reason=DeclineReason.DUPLICATE, by=officer)
    deliver()
    ours.refresh_from_db()
    assert ours.status == "closed"


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once(
    customer: Customer, officer: User, make_staff: MakeStaff
) -> None:
    other = make_staff("compliance_officer")
    found = race(
        lambda: decide_by_hand(
            customer.pk, verdict=APPROVE, reasons=[REASON[APPROVE]], note="", by=officer
        ),
        lambda: decide_by_hand(
            customer.pk, verdict=APPROVE, reasons=[REASON[APPROVE]], note="", by=other
        ),
    )
    refused = [error for error in found if isinstance(error, DomainError)]
    assert len(refused) == 1, found
    assert Applicant.objects.count() == events("CustomerVerified") == 1
