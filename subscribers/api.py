"""The feed of events, for systems that fetch them: `GET /api/v1/events`."""

import base64
import binascii
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import Refused
from events.events import EVENT_TYPES
from subscribers.feed.envelope import envelope_of, type_of
from subscribers.feed.placing import end_of
from subscribers.models import FeedEntry

SEE_RESTRICTED = "registry.view_task"
USUAL, MOST = 100, 500
_MARK = b"p1:"  # of our cursors, should there be another kind one day
_LAST = 2**63 - 1


class EnvelopeSerializer(serializers.Serializer[Any]):
    """CloudEvents 1.0. Of one customer in their order; each place is given once."""

    specversion = serializers.CharField()
    id = serializers.UUIDField(help_text="Of the event: the same wherever it is read.")
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="The institution, as a URI."
    )
    type = serializers.CharField(help_text="As in `vestibule.customer_verified`.")
    subject = serializers.CharField(required=False, help_text="The customer’s id.")
    time = serializers.DateTimeField()
    datacontenttype = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]


class EventsSerializer(serializers.Serializer[Any]):
    """A page. At the end of the feed `events` is empty, and `cursor` goes on."""

    events = EnvelopeSerializer(many=True)
    cursor = serializers.CharField(help_text="For `after` of the next question.")
    has_more = serializers.BooleanField(help_text="Whether to ask again at once.")


class MayRead(BasePermission):
    def has_permission(self, request: Request, _view: Any) -> bool:
        has_tenant = getattr(request.user, "tenant_id", None) is not None
        return has_tenant and request.user.has_perm("subscribers.read_events")


class Events(GenericAPIView[FeedEntry]):
    serializer_class = EventsSerializer
    permission_classes = (MayRead,)
    pagination_class = None
    queryset = FeedEntry.objects.none()

    @extend_schema(
        operation_id="read_events",
        parameters=[
            OpenApiParameter("after", str, description="What `cursor` held."),
            OpenApiParameter(
                "limit", int, description=f"1 to {MOST}; {USUAL} unless said."
            ),
            OpenApiParameter("type", str, many=True, description="Only these types."),
            OpenApiParameter("customer", UUID, description="Only about this customer."),
        ],
        responses={200: EventsSerializer},
    )
    def get(self, request: Request) -> Response:
        """Read on. No event is skipped, also none that commits late."""
        asked = request.query_params
        after, limit = _place(asked.get("after")), _limit(asked.get("limit"))
        user: Any = request.user
        # Before the rows: what is placed meanwhile is behind the cursor.
        end = end_of(user.tenant_id)
        rows = FeedEntry.objects.for_user(user).filter(
            position__gt=after, position__lte=end
        )
        if not user.has_perm(SEE_RESTRICTED):
            rows = rows.filter(is_restricted=False)
        if kinds := asked.getlist("type"):
            rows = rows.filter(type__in=_names(kinds))
        if customer := asked.get("customer"):
            rows = rows.filter(subject_id=_customer(customer))
        found = list(rows.select_related("event").order_by("position")[: limit + 1])
        has_more, found = len(found) > limit, found[:limit]
        place = found[-1].position if has_more else max(end, after)
        return Response(
            {
                "events": [envelope_of(entry.event) for entry in found],
                "cursor": _cursor(place),
                "has_more": has_more,
            }
        )


def _cursor(position: int) -> str:
    text = _MARK + str(position).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _place(cursor: str | None) -> int:
    """Where a cursor of ours leads to. Raises Refused for any other."""
    if cursor is None:
        return 0
    try:
        text = base64.b64decode(
            cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True
        )
        digits = text.removeprefix(_MARK)
        place = int(digits) if text.startswith(_MARK) and digits.isdigit() else -1
    except (binascii.Error, ValueError):
        place = -1
    if not 0 <= place <= _LAST:
        raise Refused(400, "BAD_REQUEST", "`after` is no cursor that this route gave.")
    return place


def _limit(said: str | None) -> int:
    if said is None:
        return USUAL
    if not (said.isascii() and said.isdigit() and 0 < int(said[:9]) <= MOST):
        raise Refused(400, "BAD_REQUEST", f"`limit` is a number from 1 to {MOST}.")
    return int(said)


def _names(kinds: list[str]) -> list[str]:
    known = {type_of(name): name for name in EVENT_TYPES}
    if unknown := [kind for kind in kinds if kind not in known]:
        message = f"`type` names no event of ours: {unknown[0][:80]}."
        raise Refused(400, "BAD_REQUEST", message)
    return [known[kind] for kind in kinds]


def _customer(said: str) -> str:
    try:
        return str(UUID(said))
    except ValueError:
        message = "`customer` is the id of a customer."
        raise Refused(400, "BAD_REQUEST", message) from None
