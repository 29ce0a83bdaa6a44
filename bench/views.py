"""What the webhook is compared with, under the same decorators as the webhook."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from bench.models import BareRow
from bench.worker import finish_chain


@csrf_exempt
@require_POST
def answer_only(request: HttpRequest) -> HttpResponse:
    """Read the body and answer: what Django and gunicorn cost by themselves."""
    request.read()
    return JsonResponse({"message": "Read."})


@csrf_exempt
@require_POST
def insert_row(request: HttpRequest) -> HttpResponse:
    """Insert one row in autocommit: the least that keeps anything at all."""
    _row_of(request).save(force_insert=True)
    return JsonResponse({"message": "Stored."})


@csrf_exempt
@require_POST
def begin_chain(request: HttpRequest) -> HttpResponse:
    """Insert one row, and after the commit hand it to one Celery task."""
    row = _row_of(request)
    with transaction.atomic():
        row.save(force_insert=True)
        transaction.on_commit(lambda: finish_chain.delay(str(row.pk)))
    return JsonResponse({"message": "Stored."})


def _row_of(request: HttpRequest) -> BareRow:
    """Fill every column without looking into the body: constants of the usual width."""
    now = timezone.now()
    return BareRow(
        body=request.read().decode(),
        body_sha256="0" * 64,
        received_at=now,
        type="applicantReviewed",
        applicant_id="6" * 24,
        external_user_id="0" * 36,
        correlation_id="c" * 32,
        level_name="basic-kyc-level",
        review_status="completed",
        review_answer="GREEN",
        sent_at=now,
        sent_at_text="2026-01-01 00:00:00.000",
        is_sandbox=True,
    )
