"""Deliver what is due, without a worker or a broker."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from events.delivery import due_ids, run_due
from events.services import beat


class Command(BaseCommand):
    help = "Deliver what is due; with --forever until ended, as a worker would."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--forever", action="store_true")
        parser.add_argument("--pause", type=float, default=1.0, help="seconds")

    def handle(self, *_: Any, **options: Any) -> None:
        done = 0
        while True:
            beat("worker")
            # What fails becomes due later, so this ends.
            while due_ids(1):
                done += run_due()
            if not options["forever"]:
                break
            time.sleep(options["pause"])
        self.stdout.write(f"{done} delivered.")
