"""Ask Sumsub again about what should have been heard of by now."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from common.errors import DomainError
from customers.registry.models import TaskKind
from customers.registry.services import open_task
from events.services import publish_again
from events.sweeps import sweep
from kyc.inquiry import apply_answer, state_of
from kyc.models import Applicant, Callback
from kyc.services import note_silence
from kyc.sumsub.client import SumsubClient, get_sumsub
from kyc.sumsub.errors import (
    SumsubError,
    SumsubNotFound,
    SumsubRateLimited,
    SumsubUnauthorized,
    SumsubUnavailable,
)
from kyc.sumsub.pace import Pace
from tenants.models import User
from tenants.services import get_machine

log = logging.getLogger(__name__)

SILENT_AFTER = timedelta(hours=6)
REQUESTS_PER_SECOND = 20  # well under Sumsub's 60; callbacks share the same allowance
# Sumsub is down, not the applicant: each further question would only wait in vain.
FAILURES_IN_A_ROW = 3


@dataclass
class Report:
    """What one run did; `failed` attempts stay for the next run."""

    asked: int = 0
    changed: int = 0
    unknown: int = 0
    failed: int = 0
    callbacks: int = 0
    failures_in_a_row: int = 0

    @property
    def is_hopeless(self) -> bool:
        return self.failures_in_a_row >= FAILURES_IN_A_ROW

    def __str__(self) -> str:
        gave_up = "; gave up, Sumsub does not answer" if self.is_hopeless else ""
        return (
            f"{self.asked} attempts asked about: {self.changed} changed, "
            f"{self.unknown} unknown at Sumsub, {self.failed} failed; "
            f"{self.callbacks} callbacks delivered again{gave_up}."
        )


def reconcile_kyc() -> Report:
    """Re-fetch open attempts and unprocessed callbacks older than six hours."""
    since = timezone.now() - SILENT_AFTER
    report, sumsub = Report(), get_machine("sumsub")
    client, pace = get_sumsub(), Pace(REQUESTS_PER_SECOND)
    attempts = Applicant.objects.unseen_since(since).filter(
        provider=Applicant.Provider.SUMSUB
    )
    for attempt_id in list(
        attempts.order_by("started_at").values_list("pk", flat=True)
    ):
        pace.wait()
        _ask_again(client, Applicant.objects.get(pk=attempt_id), sumsub, report)
        if report.is_hopeless:
            break
    for callback in Callback.objects.unprocessed().filter(received_at__lt=since):
        report.callbacks += publish_again("callback_id", str(callback.pk))
    log.info("Reconciliation: %s", report)
    return report


sweep("reconcile_kyc", every=3600)(reconcile_kyc)


def _ask_again(
    client: SumsubClient, attempt: Applicant, by: User, report: Report
) -> None:
    report.asked += 1
    try:
        report.changed += _apply_again(client, attempt, by, report)
        report.failures_in_a_row = 0
    except SumsubError as error:
        is_down = (SumsubUnavailable, SumsubRateLimited, SumsubUnauthorized)
        report.failures_in_a_row += isinstance(error, is_down)
        report.failed += 1
        log.warning("Attempt %s not reconciled: %s", attempt.pk, error)
    except DomainError as error:
        report.failed += 1
        log.warning("Attempt %s does not fit: %s", attempt.pk, error.code)


def _apply_again(
    client: SumsubClient, attempt: Applicant, by: User, report: Report
) -> bool:
    """Tell whether the answer moved the attempt."""
    asked_at = timezone.now()
    try:
        state = state_of(client, attempt)
    except SumsubNotFound:
        state = None
    if state is None:
        report.unknown += 1
        note_silence(attempt.pk, asked_at=asked_at)
        return False
    outcome = apply_answer(attempt, state, asked_at=asked_at, by=by)
    if outcome.quarantine:
        # No callback waits on the desk for it, so a task has to.
        reason = outcome.quarantine
        open_task(outcome.customer, TaskKind.KYC_DECISION, reason=reason, by=by)
        report.failed += 1
    note_silence(attempt.pk, asked_at=asked_at)
    before = attempt.status
    attempt.refresh_from_db(fields=["status"])
    return before != attempt.status
