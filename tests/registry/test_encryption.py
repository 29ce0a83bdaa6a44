"""Personal numbers are ciphertext at rest, and keys can be rotated and lost."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from common.encryption import (
    EncryptedBytesField,
    EncryptedJSONField,
    EncryptedTextField,
    decrypt,
    encrypt,
)
from customers.registry.models import Customer
from customers.registry.services import update_customer
from events.models import Delivery, RecordedEvent
from tenants.models import User
from tests.conftest import INDIVIDUAL_DETAILS, MakeCustomer

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
SECRETS = (*INDIVIDUAL_DETAILS.values(), "GHA-987654321-0", "tg-4711")
TABLES = ("registry_customer", "registry_customerversion")


def dump(table: str) -> list[dict[str, Any]]:
    """Read the rows as the database holds them, past every field of ours."""
    assert table in connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name of ours
        names = [column.name for column in cursor.description] if (
            connection.vendor == "postgresql"
        ) else [column[0] for column in cursor.description]  # fmt: skip
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture
def ama(make_customer: MakeCustomer, setup_machine: User) -> Customer:
    customer = make_customer(telegram_id="tg-4711", verified=True)
    answers = {"id_number": "GHA-987654321-0"}
    changes = {"details": answers}
    update_customer(customer.pk, changes=changes, by=setup_machine, reason="New card")
    customer.refresh_from_db()
    return customer


@pytest.mark.parametrize("table", TABLES)
def test_the_database_holds_ciphertext(ama: Customer, table: str) -> None:
    rows = dump(table)
    assert len(rows) == (1 if table == "registry_customer" else 3)
    for row in rows:
        assert row["details"].startswith("gAAAA")
        assert row["telegram_id"].startswith("gAAAA")
        written = " ".join(str(value) for value in row.values())
        assert not [secret for secret in SECRETS if secret in written]


def test_versions_are_read_like_rows(ama: Customer) -> None:
    assert ama.details["id_number"] == "GHA-987654321-0"
    now, _, first = ama.history.all()
    assert now.details == ama.details
    assert first.details == INDIVIDUAL_DETAILS
    assert first.telegram_id == "tg-4711"


def test_events_and_deliveries_carry_no_personal_data(ama: Customer) -> None:
    assert RecordedEvent.objects.count() >= 3
    tables = (RecordedEvent._meta.db_table, Delivery._meta.db_table)
    written = " ".join(str(row) for table in tables for row in dump(table))
    personal = (ama.name, ama.email, ama.phone, *SECRETS)
    assert not [secret for secret in personal if secret in written]


def test_empty_stays_empty(make_customer: MakeCustomer) -> None:
    make_customer(details={}, telegram_id="")
    (row,) = dump("registry_customer")
    assert (row["details"], row["telegram_id"]) == ("", "")
    assert Customer.objects.get().details == {}


def test_the_same_text_is_never_the_same_ciphertext() -> None:
    assert encrypt(b"GHA-1") != encrypt(b"GHA-1")


# --- keys -----------------------------------------------------------------------


def test_the_first_key_writes_and_all_keys_read(settings: LazySettings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    before = encrypt(b"written before")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert decrypt(before) == b"written before"
    after = encrypt(b"written after")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert decrypt(after) == b"written after"


def test_a_lost_key_is_named(settings: LazySettings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    token = encrypt(b"written before")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OTHER]
    with pytest.raises(ImproperlyConfigured, match="No key in FIELD_ENCRYPTION_KEYS"):
        decrypt(token)


def test_a_customer_outlives_a_rotation(
    make_customer: MakeCustomer, setup_machine: User, settings: LazySettings
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    customer = make_customer()
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    customer.refresh_from_db()
    assert customer.details == INDIVIDUAL_DETAILS
    customer.save_as(setup_machine, "Saved again under the new key")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    customer.refresh_from_db()
    assert customer.details == INDIVIDUAL_DETAILS
    with pytest.raises(ImproperlyConfigured):
        customer.history.last()  # the first version still needs the old key


@pytest.mark.parametrize("token", ["gAAAAA", "plain text", "ünïcode"])
def test_what_was_never_encrypted_is_not_taken_for_it(token: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        decrypt(token)


def test_without_keys_only_a_developer_works(settings: LazySettings) -> None:
    settings.FIELD_ENCRYPTION_KEYS = []
    settings.DEBUG = True
    assert decrypt(encrypt(b"x")) == b"x"
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEYS is not set"):
        encrypt(b"x")


# --- fields ---------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.dictionaries(TEXT, TEXT | st.integers(-(2**53), 2**53) | st.booleans())


@given(TEXT)
def test_text_comes_back(value: str) -> None:
    field = EncryptedTextField()
    assert field.from_db_value(field.get_prep_value(value)) == value


@given(st.binary())
def test_bytes_come_back(value: bytes) -> None:
    field = EncryptedBytesField()
    assert field.from_db_value(field.get_prep_value(value)) == value


@given(JSON)
def test_json_comes_back(value: dict[str, Any]) -> None:
    field = EncryptedJSONField()
    stored = field.get_prep_value(value)
    assert field.from_db_value(stored) == value
    assert not stored or stored.startswith("gAAAA")


@pytest.mark.parametrize(
    "field", [EncryptedTextField(), EncryptedBytesField(), EncryptedJSONField()]
)
def test_migrations_see_a_plain_column(field: Any) -> None:
    assert field.deconstruct()[1] == "django.db.models.TextField"
