"""What the tables hold about the n-th customer, as lines of COPY's text."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from bench.census.names import firm_of, parts_of
from common.encryption import encrypt
from common.keys import spoken_number
from common.text import normalize_name
from customers.contacts.models import Email, Phone
from customers.registry.models import Customer
from customers.registry.search.id_numbers import index_of
from deposits.models import Account
from events.models import RecordedEvent
from tenants.models import Tenant, User
from tenants.services import FIRST_NUMBER

_NULL = r"\N"
_ACCOUNT = 11  # tells the key of their account from their other keys
# The last customer came a day ago, the first eleven years before.
_SPAN = timedelta(days=4000)
_OLD = 0.5  # who has left, came in the first half of that time


class Person(NamedTuple):
    """The n-th customer."""

    number: int
    id: str
    public_id: str
    name: str
    email: str
    phone: str
    id_number: str
    is_firm: bool
    status: str
    kyc: str
    at: str


class Census:
    """Makes up the customers of one institution, `count` of them in all."""

    def __init__(self, bank: Tenant, by: User, count: int) -> None:
        self.bank, self.by, self.count = str(bank.pk), str(by.pk), count
        self._ends_at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
        self.tables: dict[type[Model], Callable[[Person], list[str]]] = {
            Customer: _Lines(Customer, self._customer),
            Phone: _Lines(Phone, self._phone),
            Email: _Lines(Email, self._email),
            Account: _Lines(Account, self._account),
            RecordedEvent: _Lines(
                RecordedEvent, self._registered, self._verified, self._opened
            ),
        }

    def person(self, number: int) -> Person:
        at = self._ends_at - _SPAN * (1 - number / self.count)
        key = f"{number * 2_654_435_761 % 2**60:015x}"
        first, second, family = parts_of(number)
        is_firm = number // 100 % 10 == 7
        status = self._status(number)
        return Person(
            number=number,
            id=key_of(at, 8, key),
            public_id=spoken_number(FIRST_NUMBER["customer"] + number),
            name=firm_of(number) if is_firm else f"{first} {second} {family}",
            email=f"{normalize_name(first)}.{family.lower()}.{number}@mail.example",
            phone=f"+2332{number * 7919 % 10**8:08d}",
            id_number=f"GHA-{number * 7919 % 10**9:09d}-{number % 10}",
            is_firm=is_firm,
            status=status,
            kyc=_KYC[number // 7 % 20],
            at=at.isoformat(),
        )  # fmt: skip

    def _status(self, number: int) -> str:
        status = _STATUS.get(number % 50, "active")
        is_old = number < self.count * _OLD
        return status if is_old or status == "suspended" else "active"

    def _customer(self, person: Person) -> dict[str, str]:
        kind = "registration_number" if person.is_firm else "id_number"
        details = {kind: person.id_number, "address": "22 Quay Street, Tema, Ghana"}
        if not person.is_firm:
            details |= {"birth_date": "1988-02-29", "nationality": "GHA"}
        is_verified = person.kyc == "verified"
        return {
            "id": person.id,
            "tenant_id": self.bank,
            "public_id": person.public_id,
            "customer_type": "PRIVATE_COMPANY" if person.is_firm else "INDIVIDUAL",
            "entity_type": "body_corporate" if person.is_firm else "individual",
            "name": person.name,
            "name_normalized": normalize_name(person.name),
            "email": person.email,
            "phone": person.phone,
            "details": encrypt(json.dumps(details, sort_keys=True).encode()),
            "id_number_index": index_of(kind, person.id_number),
            "status": person.status,
            "kyc_status": person.kyc,
            "kyc_level": "basic" if is_verified else "not_kyced",
            "activity": "active" if is_verified else "inactive",
            "registered_at": person.at,
            "verified_at": person.at if is_verified else _NULL,
            "last_activity_at": person.at if is_verified else _NULL,
            "tier": str(1 + person.number % 3),
            "row_version": "1",
        }

    def _contact(self, person: Person) -> dict[str, str]:
        return {
            "tenant_id": self.bank,
            "customer_id": person.id,
            "is_primary": "t",
            "verified_at": person.at if person.kyc == "verified" else _NULL,
        }

    def _phone(self, person: Person) -> dict[str, str]:
        own = {"id": _beside(person, 9), "number": person.phone}
        return self._contact(person) | own

    def _email(self, person: Person) -> dict[str, str]:
        own = {"id": _beside(person, 10), "email": person.email}
        return self._contact(person) | own

    def _account(self, person: Person) -> dict[str, str] | None:
        if person.kyc != "verified":
            return None
        return {
            "id": _beside(person, _ACCOUNT),
            "tenant_id": self.bank,
            "customer_id": person.id,
            "public_id": account_number(person.number),
            "account_set": "business" if person.is_firm else "individual",
            "currency": "USD",
            "status": "active",
            "is_default": "t",
            "opened_at": person.at,
        }

    def _registered(self, person: Person) -> dict[str, str]:
        return self._event(person, 12, "CustomerRegistered", channel="web")

    def _verified(self, person: Person) -> dict[str, str] | None:
        if person.kyc != "verified":
            return None
        return self._event(person, 13, "CustomerVerified", kyc_level="basic")

    def _opened(self, person: Person) -> dict[str, str] | None:
        if person.kyc != "verified":
            return None
        account_id = _beside(person, _ACCOUNT)
        return self._event(person, 14, "AccountOpened", account_id=account_id)

    def _event(
        self, person: Person, variant: int, kind: str, **more: str
    ) -> dict[str, str]:
        return {
            "id": _beside(person, variant),
            "tenant_id": self.bank,
            "type": kind,
            "payload": json.dumps({"customer_id": person.id, **more}),
            "subject_id": person.id,
            "actor_id": self.by,
            "created_at": person.at,
        }


Making = Callable[[Person], dict[str, str] | None]
_KYC = ("verified",) * 15 + ("pending",) * 4 + ("rejected",)
_STATUS = {7: "suspended", 19: "offboarded", 37: "offboarded", 43: "archived"}


class _Lines:
    """Lines of one table; columns that are not made have their default."""

    def __init__(self, table: type[Model], *makings: Making) -> None:
        self._makings = makings
        self._usual = {
            field.column: _text(field.get_db_prep_save(field.get_default(), connection))
            for field in table._meta.concrete_fields  # noqa: SLF001 - Django's documented API
        }

    def __call__(self, person: Person) -> list[str]:
        made = (making(person) for making in self._makings)
        return ["\t".join((self._usual | own).values()) for own in made if own]


def key_of(at: datetime, variant: int, key: str) -> str:
    """A UUIDv7 of that moment."""
    moment = f"{int(at.timestamp() * 1000):012x}"
    return f"{moment[:8]}-{moment[8:]}-7{variant:03x}-8{key[:3]}-{key[3:]}"


def _beside(person: Person, variant: int) -> str:
    """A key of another row about them, made at the same moment."""
    return f"{person.id[:15]}{variant:03x}{person.id[18:]}"


def account_number(number: int) -> str:
    return spoken_number(FIRST_NUMBER["account"] + number)


def _text(value: Any) -> str:
    if value is None:
        return _NULL
    return ("f", "t")[value] if isinstance(value, bool) else str(value)
