"""What an examiner finds in a pack."""

import hashlib
import json

import pytest
from django.apps import apps
from django.utils import timezone

from customers.registry.choices import SuspensionReason, TaskKind
from customers.registry.models import Customer
from customers.registry.services import open_task, suspend_customer, update_customer
from documents import storage
from documents.choices import Deed
from documents.models import DocumentAccess
from documents.services import archive_document, record_access
from evidence.below import versioned_models
from evidence.chapters import chapters
from evidence.models import EvidencePack
from kyc.services import start_attempt
from tenants.models import Tenant, User
from tests.conftest import INDIVIDUAL_DETAILS, MakeCustomer
from tests.evidence.conftest import REASON, AddDocument, Opened, ask, made
from tests.evidence.test_archive import text_of
from tests.house import about, callback_body, keep

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(customer: Customer, officer: User, add_document: AddDocument) -> Opened:
    """A pack of a customer with something of everything."""
    start_attempt(customer.pk, by=officer)
    changes = {"name": "Ama Owusu", "telegram_id": "@ama"}
    update_customer(customer.pk, changes=changes, by=officer, reason="Married")
    open_task(customer, TaskKind.ESCALATION, reason="unusual", by=officer)
    add_document(name="Reisepass – Ämä.pdf")
    return Opened(made(ask(customer, officer)))


def test_the_manifest_comes_last_and_tells_the_truth(
    opened: Opened, customer: Customer
) -> None:
    manifest = opened.manifest
    assert opened.names[-2:] == ["summary.pdf", "manifest.json"]
    assert [each["path"] for each in manifest["entries"]] == opened.names[:-1]
    for each in manifest["entries"]:
        content = opened.read(each["path"])
        assert len(content) == each["size"], each
        assert hashlib.sha256(content).hexdigest() == each["sha256"], each
        if each["path"].endswith(".json") and "rows" in each:
            assert len(json.loads(content)) == each["rows"], each
    assert manifest["customer"] == customer.public_id
    assert manifest["reason"] == REASON
    assert manifest["generator"] == "Vestibule"
    assert manifest["requested_at"] <= manifest["begun_at"] <= manifest["finished_at"]
    pack = EvidencePack.objects.get()
    assert hashlib.sha256(opened.raw).hexdigest() == pack.sha256
    assert len(opened.raw) == pack.size


def test_chapters_stand_in_their_order(opened: Opened) -> None:
    folders = [name.partition("/")[0] for name in opened.names if "/" in name]
    assert list(dict.fromkeys(folders)) == [chapter.key for chapter in chapters()]
    assert folders[0] == "customer"
    assert {"versions", "timeline", "documents", "kyc"} <= set(folders)


def test_what_is_encrypted_is_readable(opened: Opened) -> None:
    (record,) = opened.json("customer/record.json")
    assert record["details"]["id_number"] == INDIVIDUAL_DETAILS["id_number"]
    assert record["telegram_id"] == "@ama"
    assert "gAAAA" not in json.dumps(record)


def test_versions_say_who_and_why(opened: Opened, officer: User) -> None:
    versions = opened.json("versions/registry.customer.json")
    first, last = versions[0], versions[-1]
    assert first["what"] == "created"
    assert first["fields"]["name"] == "Ama Serwaa Mensah"
    assert first["fields"]["details"]["id_number"] == INDIVIDUAL_DETAILS["id_number"]
    assert last["fields"]["name"] == "Ama Owusu"
    assert last["reason"] == "Married"
    assert last["actor"]["login"] == officer.username
    assert [each["version"] for each in versions] == sorted(
        each["version"] for each in versions
    )
    (task,) = opened.json("versions/registry.task.json")
    assert task["fields"]["kind"] == TaskKind.ESCALATION
    (consent,) = opened.json("versions/registry.consent.json")
    assert consent["fields"]["purpose"] == "terms"


def test_no_versioned_model_about_a_customer_is_left_out(opened: Opened) -> None:
    """By the tables of versions themselves: whoever adds a model is in at once."""
    wanted = {
        f"versions/{model._meta.label_lower.removesuffix('version')}.json"
        for model in apps.get_models()
        if hasattr(model, "history_id")
        and any(f.related_model is Customer for f in model._meta.concrete_fields
                if f.name == "customer")
    }  # fmt: skip
    assert wanted | {"versions/registry.customer.json"} == {
        name for name in opened.names if name.startswith("versions/")
    }
    assert "deposits.account" in {m._meta.label_lower for m in versioned_models()}


def test_the_timeline_holds_restricted_facts(opened: Opened, officer: User) -> None:
    facts = opened.json("timeline/events.json")
    assert [each["at"] for each in facts] == sorted(each["at"] for each in facts)
    asked = next(each for each in facts if each["type"] == "EvidenceRequested")
    assert asked["is_restricted"] is True
    assert asked["reason"] == REASON
    assert asked["actor"]["login"] == officer.username
    assert [each["handler"] for each in asked["deliveries"]] == ["evidence.make_pack"]
    assert any(each["type"] == "TaskOpened" for each in facts)


def test_other_customers_are_not_in_it(
    customer: Customer, officer: User, make_customer: MakeCustomer,
    second_bank: Tenant,
) -> None:  # fmt: skip
    others = [
        make_customer(name="Kofi Stranger"),
        make_customer(name="Kwame Elsewhere", tenant=second_bank),
    ]
    for other in others:
        keep(callback_body(externalUserId=str(other.pk), applicantId=other.public_id))
        ask(other, officer)
    opened = Opened(made(ask(customer, officer)))
    everything = b"".join(opened.read(name) for name in opened.names)
    for other in others:
        for mark in (other.name, str(other.pk), other.email):
            assert mark.encode() not in everything, mark


# --- callbacks ----------------------------------------------------------------------
def test_callbacks_are_there_byte_for_byte(customer: Customer, officer: User) -> None:
    start_attempt(customer.pk, by=officer)
    body = about(customer, note="Zoë \u202e", type="applicantPending")
    stored = keep(body)
    keep(callback_body(externalUserId="somebody-else", applicantId="other"))
    opened = Opened(made(ask(customer, officer)))
    (line,) = opened.json("kyc/callbacks.json")
    assert opened.read(f"kyc/{line['file']}") == body
    assert line["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert line["received_at"] == stored.received_at.isoformat()
    assert line["outcome"] == "Received"
    assert "body" not in line
    (attempt,) = opened.json("kyc/attempts.json")
    assert attempt["started_by"]["login"] == officer.username
    assert opened.json("kyc/differences.json") == []
    assert opened.json("kyc/reminders.json") == []


# --- documents ------------------------------------------------------------------------
def test_documents_and_who_read_them(
    customer: Customer, officer: User, add_document: AddDocument
) -> None:
    document = add_document(b"%PDF-1.4 one", name="../../etc/passwd\u202e Ämä.pdf")
    put_away = add_document(b"%PDF-1.4 two")
    archive_document(put_away.pk, reason="Replaced", by=officer)
    record_access(document, Deed.DOWNLOAD, by=officer)
    opened = Opened(made(ask(customer, officer)))
    first, second = opened.json("documents/list.json")
    assert first["file"] == "files/0001-passport-passwd-ama.pdf"
    assert opened.read(f"documents/{first['file']}") == b"%PDF-1.4 one"
    assert opened.read(f"documents/{second['file']}") == b"%PDF-1.4 two"
    assert (first["is_as_received"], first["missing_because"]) == (True, "")
    assert first["uploader"]["login"] == officer.username
    (read,) = opened.json("documents/reads.json")
    assert read["reader"]["login"] == officer.username
    assert read["document"] == str(document.pk)
    assert DocumentAccess.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"status": "deleted"}, "Deleted."),
        ({"status": "failed"}, "Not stored."),
        ({"status": "new"}, "Being stored."),
        ({"scan": "waiting"}, "Waits for the scanner."),
        ({"scan": "infected"}, "Malware found."),
    ],
)
def test_what_may_not_be_read_is_listed_without_bytes(
    changed: dict[str, str], why: str, customer: Customer, officer: User,
    add_document: AddDocument,
) -> None:  # fmt: skip
    add_document(b"%PDF-1.4 harmful", **changed)
    opened = Opened(made(ask(customer, officer)))
    (line,) = opened.json("documents/list.json")
    assert line["missing_because"] == why
    assert line["file"] is None
    assert b"%PDF-1.4 harmful" not in opened.raw
    assert not [name for name in opened.names if name.startswith("documents/files")]


def test_a_document_the_store_has_lost_does_not_stop_the_pack(
    customer: Customer, officer: User, add_document: AddDocument
) -> None:
    storage.erase(add_document().key)
    add_document(b"%PDF-1.4 still here")
    opened = Opened(made(ask(customer, officer)))
    lost, kept = opened.json("documents/list.json")
    assert lost["missing_because"] == "The store has no such file."
    assert opened.read(f"documents/{kept['file']}") == b"%PDF-1.4 still here"


def test_bytes_that_were_exchanged_in_the_store_are_told(
    customer: Customer, officer: User, add_document: AddDocument
) -> None:
    add_document(b"%PDF-1.4 as it came", sha256="0" * 64)
    opened = Opened(made(ask(customer, officer)))
    (line,) = opened.json("documents/list.json")
    assert line["is_as_received"] is False


def test_names_of_all_scripts_and_tricks(
    make_customer: MakeCustomer, officer: User
) -> None:
    customer = make_customer(name="محمد 王小明 <b>../..</b>")
    suspend_customer(customer.pk, reason=SuspensionReason.DUE_DILIGENCE, by=officer)
    pack = ask(customer, officer, reason="Prüfung “7”\x00\u202e 王")
    opened = Opened(made(pack))
    assert opened.json("customer/record.json")[0]["name"] == customer.name
    assert "Prüfung “7” ?" in text_of(opened.read("summary.pdf"))
    assert customer.public_id in text_of(opened.read("summary.pdf"))


def test_two_packs_tell_the_same(
    customer: Customer, officer: User, add_document: AddDocument
) -> None:
    """But for the examination itself, which each pack adds to the file."""
    add_document()
    first, second = (Opened(made(ask(customer, officer))) for _ in range(2))
    own = ("timeline/", "versions/evidence.", "summary.pdf", "manifest.json")
    assert first.names == second.names
    for name in first.names:
        if not name.startswith(own):
            assert first.read(name) == second.read(name), name
    assert timezone.now().isoformat() > second.manifest["finished_at"]
