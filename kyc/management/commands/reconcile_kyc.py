"""Ask Sumsub again about what should have been heard of by now."""

from typing import Any

from django.core.management.base import BaseCommand

from kyc.reconciliation import reconcile_kyc


class Command(BaseCommand):
    help = "Re-fetch open attempts and unprocessed callbacks older than six hours."

    def handle(self, *_: Any, **__: Any) -> None:
        self.stdout.write(str(reconcile_kyc()))
