"""Verification of customers: Sumsub, callbacks, and the desk for what goes wrong."""

from django.apps import AppConfig


class KycConfig(AppConfig):
    name = "kyc"

    verbose_name = "KYC"

    def ready(self) -> None:
        # Their sweeps register when the modules are imported, the evidence chapter, and
        # who must not decide by hand.
        from kyc import evidence as evidence
        from kyc import expiry as expiry
        from kyc import manual as manual
        from kyc import reconciliation as reconciliation
