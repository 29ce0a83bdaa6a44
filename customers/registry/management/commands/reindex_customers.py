"""Work the index of ID numbers out anew, after an import or another index key."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand
from django.db import transaction

from customers.registry.models import Customer
from customers.registry.search.id_numbers import index_in

WINDOW = 1000  # customers locked at a time, well under a second


class Command(BaseCommand):
    help = "Let customers be found by their ID or registration number again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--after", type=UUID, metavar="ID", help="go on after this customer"
        )

    def handle(self, *_: Any, after: UUID | None = None, **__: Any) -> None:
        changed = 0
        while window := _reindex(after):
            after = window[-1].pk
            changed += sum(row.is_changed for row in window)
            self.stdout.write(f"Up to {after}: {changed} changed.")
        self.stdout.write("Done.")


@transaction.atomic
def _reindex(after: UUID | None) -> list[Any]:
    """Do the next window; [] after the last. No version: the column has none."""
    rows = Customer.objects.order_by("pk").select_for_update()
    columns = ("pk", "details", "id_number_index")
    ahead = rows.filter(pk__gt=after) if after else rows
    window = list(ahead.only(*columns)[:WINDOW])
    for row in window:
        index = index_in(row.details)
        row.is_changed = row.id_number_index != index
        row.id_number_index = index
    stale = [row for row in window if row.is_changed]
    Customer.objects.bulk_update(stale, ["id_number_index"], batch_size=250)
    return window
