"""Remember what rules said of a file, so that only changed ones are decrypted again.

What is remembered is used where file and rules are the same; it is right by that alone,
whoever wrote the file and however. Where the rules will say something else within
DAYS, nothing is remembered: the file is opened each night, and no date of it is kept.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from unicodedata import unidata_version
from uuid import UUID

from django.utils.crypto import salted_hmac

from common import encryption, text
from common.reading import countries
from customers.quality import rules
from customers.quality.models import CheckedFile
from customers.quality.opening import hits_if_opened
from customers.quality.rules.board import Hit, Scope
from customers.quality.rules.files import CustomerFile, Sealed, sealed_files

SALT = "customers.quality.checked_file"
DAYS = timedelta(days=365)  # then a file is opened again
# What rules about files are written with, besides the folder of rules itself.
WRITTEN_WITH: tuple[ModuleType, ...] = (countries, encryption, text)


@cache
def _sources() -> str:
    """Another line of a rule is another rule; asking nobody to count versions."""
    paths = sorted(Path(rules.__path__[0]).glob("*.py"))
    paths += [Path(str(module.__file__)) for module in WRITTEN_WITH]
    read = hashlib.sha256(unidata_version.encode())
    for path in paths:
        read.update(hashlib.sha256(path.read_bytes()).digest())
    return read.hexdigest()


def rules_key() -> bytes:
    """Another one for other rules, and where marks of hits have another key."""
    return salted_hmac(SALT, _sources(), algorithm="sha256").digest()


def seal_of(sealed: Sealed, key: bytes) -> str:
    said = repr(tuple(sealed)).encode()
    return hashlib.blake2b(said, digest_size=32, key=key).hexdigest()


@dataclass
class Memory:
    """Of the files of one scope; `read` counts those that had to be opened."""

    scope: Scope
    looked_at: int = 0
    read: int = 0
    unreadable: set[UUID] = field(default_factory=set)
    _changed: list[CheckedFile] = field(default_factory=list)

    def hits(self) -> Iterator[tuple[str, Hit]]:
        """What the rules say of each file now."""
        key, known = rules_key(), self._known()
        for sealed in sealed_files(self.scope):
            self.looked_at += 1
            seal = seal_of(sealed, key)
            checked = known.get(sealed.customer_id)
            if checked is None or not _holds(checked, seal, self.scope.on):
                yield from self._read(sealed, seal)
                continue
            for rule, detail, subject, mark in checked.hits:
                yield rule, Hit(sealed.customer_id, detail, subject, kept_mark=mark)

    def keep(self) -> None:
        """Write what was read, as the last thing that a transaction locks."""
        CheckedFile.objects.bulk_create(
            self._changed, update_conflicts=True, unique_fields=["customer"],
            update_fields=["tenant", "seal", "read_on", "hits"],
        )  # fmt: skip

    def _known(self) -> dict[UUID, CheckedFile]:
        rows = self.scope.of(CheckedFile.objects.for_tenant(self.scope.tenant.pk))
        return {row.customer_id: row for row in rows}

    def _read(self, sealed: Sealed, seal: str) -> list[tuple[str, Hit]]:
        self.read += 1
        file = CustomerFile(sealed, self.scope.on)
        found = hits_if_opened(file)
        if found is None:
            self.unreadable.add(sealed.customer_id)
            return []
        if file.until is None or file.until - self.scope.on >= DAYS:
            self._remember(sealed, seal, found)
        return found

    def _remember(
        self, sealed: Sealed, seal: str, found: list[tuple[str, Hit]]
    ) -> None:
        hits = [[key, hit.detail, hit.subject, hit.mark] for key, hit in found]
        checked = CheckedFile(
            customer_id=sealed.customer_id, tenant=self.scope.tenant, seal=seal,
            read_on=self.scope.on, hits=hits,
        )  # fmt: skip
        self._changed.append(checked)


def _holds(checked: CheckedFile, seal: str, on: date) -> bool:
    return checked.seal == seal and timedelta(0) <= on - checked.read_on < DAYS
