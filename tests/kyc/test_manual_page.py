"""The page *Decide KYC*: who gets there, what it says, and what a refusal keeps."""

from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse

from customers.registry.models import Customer, KycStatus, TaskKind
from customers.registry.services import open_task
from documents.choices import Kind
from documents.models import Document
from documents.services import Paper, accept_document
from documents.uploads import upload_document
from kyc.manual import decide_by_hand
from kyc.models import Applicant, ManualReason, ManualVerdict
from tenants.models import User
from tenants.services import change_policy
from tests.conftest import ClientAs, MakeCustomer, MakeStaff
from tests.documents.conftest import files_folder as files_folder
from tests.documents.files import pdf, upload
from tests.house import attempt_of, open_tasks, path_of

pytestmark = pytest.mark.django_db
APPROVAL = {"verdict": "approve", "approve_reasons": ["documents_match"]}
REJECTION = {"verdict": "reject", "reject_reasons": ["sanctions_concern"]}


@pytest.fixture
def customer(
    make_customer: MakeCustomer, clerk: User, make_staff: MakeStaff
) -> Customer:
    """Somebody pending, with everything KYC asks for."""
    customer, reviewer = make_customer(by=clerk), make_staff("compliance_officer")
    for kind in (Kind.ID, Kind.ADDRESS_PROOF):
        file = upload(pdf(str(kind)), f"{kind}.pdf")
        document = upload_document(customer.pk, Paper(kind=kind), file, by=clerk)
        accept_document(document.pk, by=reviewer)
    return customer


@pytest.fixture
def desk(client_as: ClientAs, officer: User) -> Client:
    return client_as(officer)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_what_the_page_shows(desk: Client, customer: Customer) -> None:
    answer = desk.get(path_of("kyc_decide", customer.pk))
    page = text_of(answer)
    for words in (
        "Identity document", "Proof of address", "accepted", customer.name,
        "12 Ring Road East, Accra, Ghana", "Ghana", "GHA-123456789-1", "3 Apr 1991",
        "Ask for documents again", "Sanctions concern", "Seen in person",
    ):  # fmt: skip
        assert words in page, words
    assert "no-store" in answer["Cache-Control"]
    assert "Cannot" not in page
    try:
        for document in Document.objects.all():
            assert reverse("admin:documents_review_one", args=[document.pk]) in page
    except NoReverseMatch:
        pytest.skip("The review desk has no page for one document.")


def test_approve(desk: Client, customer: Customer) -> None:
    answer = desk.post(path_of("kyc_decide", customer.pk), APPROVAL, follow=True)
    page = text_of(answer)
    assert f"KYC of {customer.name} is approved." in page
    customer.refresh_from_db()
    assert customer.kyc_status == KycStatus.VERIFIED
    for words in ("Approved by hand", "By hand", "Documents match our file"):
        assert words in page, words


def test_reject_and_what_the_front_line_reads_of_it(
    desk: Client, customer: Customer, client_as: ClientAs, clerk: User
) -> None:
    desk.post(path_of("kyc_decide", customer.pk), {**REJECTION, "note": "On list 4."})
    board = path_of("registry_customer_change", customer.pk)
    page = text_of(desk.get(board))
    assert "Sanctions concern" in page
    assert "For staff only: On list 4." in page
    page = text_of(client_as(clerk).get(board))
    assert "By hand" in page
    assert "anction" not in page
    assert "list 4" not in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "Choose a decision."),
        ({"verdict": "approve"}, "Choose at least one reason."),
        ({"verdict": "perhaps"}, "Choose a decision."),
        ({"verdict": "reject", "reject_reasons": "nonsense"},
         "Choose reasons of the list."),
        ({"verdict": "approve", "approve_reasons": "documents_match",
          "reject_reasons": "document_forged"},
         "You ticked reasons of “Reject” and did not choose it."),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_and_keeps_what_was_typed(
    desk: Client, customer: Customer, sent: dict[str, str], sentence: str
) -> None:
    answer = desk.post(
        path_of("kyc_decide", customer.pk), {**sent, "note": "As typed <b>here</b>"}
    )
    page = text_of(answer)
    assert answer.status_code == 200
    assert sentence in page
    assert page.count('role="alert"') == 1
    assert "As typed &lt;b&gt;here&lt;/b&gt;" in page
    for value in sent.values():
        if value in ("approve", "reject", "document_forged", "documents_match"):
            assert f'value="{value}" checked' in page
    assert not Applicant.objects.exists()


def test_what_is_missing_is_said_before_and_after(
    desk: Client, make_customer: MakeCustomer
) -> None:
    customer = make_customer()
    path = path_of("kyc_decide", customer.pk)
    lacking = "dentity document is missing, and proof of address is missing."
    assert f"I{lacking}" in text_of(desk.get(path))
    assert f"Cannot approve: i{lacking}" in text_of(desk.post(path, APPROVAL))
    customer.refresh_from_db()
    assert customer.kyc_status == KycStatus.PENDING


def test_ones_own_customer_is_somebody_elses_to_decide(
    desk: Client, make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(by=officer)
    path = path_of("kyc_decide", customer.pk)
    sentence = "You registered this customer, so somebody else must decide."
    page = text_of(desk.get(path))
    assert sentence in page
    assert 'aria-disabled="true" aria-describedby="why-not"' in page
    assert sentence in text_of(desk.post(path, REJECTION))
    assert not Applicant.objects.exists()
    tenant_id = customer.tenant_id
    change_policy(tenant_id, by=officer, reason="Small", is_single_employee=True)
    page = text_of(desk.get(path))
    assert "that you decide all the same is recorded." in page
    assert "aria-disabled" not in page
    assert desk.post(path, REJECTION).status_code == 302


def test_the_page_warns_of_a_suspension(desk: Client, customer: Customer) -> None:
    path = path_of("kyc_decide", customer.pk)
    assert "suspends" not in text_of(desk.get(path))
    desk.post(path, APPROVAL)
    page = text_of(desk.get(path))
    assert f"Anything but an approval suspends {customer.name}" in page
    assert "is verified until" in page


def test_the_second_press_says_what_the_first_did(
    desk: Client, customer: Customer
) -> None:
    path = path_of("kyc_decide", customer.pk)
    assert desk.post(path, APPROVAL).status_code == 302
    assert "is verified until" in text_of(desk.post(path, APPROVAL))
    assert Applicant.objects.count() == 1


# --- the way there --------------------------------------------------------------------
def test_the_button_is_for_compliance(
    desk: Client,
    customer: Customer,
    client_as: ClientAs,
    clerk: User,
    make_staff: MakeStaff,
) -> None:
    board, path = (
        path_of(name, customer.pk)
        for name in ("registry_customer_change", "kyc_decide")
    )
    assert path in text_of(desk.get(board))
    for user in (clerk, make_staff("teller"), make_staff("senior_manager")):
        client = client_as(user)
        assert path not in text_of(client.get(board))
        assert client.get(path).status_code == 403
        assert client.post(path, REJECTION).status_code == 403
    assert not Applicant.objects.exists()


def test_another_bank_finds_nobody(
    customer: Customer, client_as: ClientAs, stranger: User
) -> None:
    client, path = client_as(stranger), path_of("kyc_decide", customer.pk)
    assert client.get(path).status_code == 404
    assert client.post(path, REJECTION).status_code == 404


def test_who_has_left_is_not_decided_on(desk: Client, customer: Customer) -> None:
    Customer.objects.filter(pk=customer.pk).update(status="archived")
    board = path_of("registry_customer_change", customer.pk)
    path = path_of("kyc_decide", customer.pk)
    assert path not in text_of(desk.get(board))
    assert "is archived" in text_of(desk.post(path, REJECTION))


def test_the_desk_leads_here_and_the_task_is_closed(
    desk: Client, customer: Customer, officer: User, client_as: ClientAs,
    make_staff: MakeStaff,
) -> None:  # fmt: skip
    open_task(customer, TaskKind.KYC_DECISION, reason="undecided verdict", by=officer)
    place, path = path_of("kyc_desk"), path_of("kyc_decide", customer.pk)
    assert path in text_of(desk.get(place, {"tab": "decide"}))
    auditor = client_as(make_staff("auditor"))
    assert path not in text_of(auditor.get(place, {"tab": "decide"}))
    desk.post(path, APPROVAL)
    assert open_tasks(customer) == []


def test_what_is_open_by_hand_is_not_fetched_again(
    desk: Client, customer: Customer, officer: User, client_as: ClientAs, clerk: User
) -> None:
    decide_by_hand(
        customer.pk, verdict=ManualVerdict.ASK_AGAIN, note="", by=officer,
        reasons=[ManualReason.DOCUMENT_UNREADABLE],
    )  # fmt: skip
    page = text_of(desk.get(path_of("kyc_desk"), {"tab": "open"}))
    assert "By hand, KYC" in page
    assert "Re-fetch" not in page
    refetch = path_of("kyc_applicant_refetch", attempt_of(customer).pk)
    page = text_of(desk.post(refetch, {"_form_submitted": "on"}))
    assert "decided by hand" in page
    chase = text_of(client_as(clerk).get(path_of("kyc_chase")))
    assert "Start KYC" in chase
    assert "New link" not in chase
    start = text_of(client_as(clerk).get(path_of("kyc_start", customer.pk)))
    assert "A link to Sumsub is made" in start
