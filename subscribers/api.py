"""The feed of events, for systems that fetch them: `GET /api/v1/events`."""

from typing import Any
from uuid import UUID

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from common.api import ErrorSerializer, Refused, asked_limit
from events.events import EVENT_TYPES
from subscribers.feed.cursors import cursor_of, position_of
from subscribers.feed.envelope import envelope_of, type_of
from subscribers.feed.placing import end_of
from subscribers.models import FeedEntry

SEE_RESTRICTED = "registry.view_task"
USUAL, MOST = 100, 500
ASKED = frozenset({"after", "limit", "type", "customer"})


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
            OpenApiParameter("customer", str, description="Only about this customer."),
        ],
        responses={200: EventsSerializer, 422: OpenApiResponse(ErrorSerializer)},
    )
    def get(self, request: Request) -> Response:
        """Read on. No event is skipped, also none that commits late."""
        asked = request.query_params
        _refuse_unknown(asked)
        limit = asked_limit(asked.get("limit"), USUAL, MOST)
        user: Any = request.user
        # Before the rows: what is placed meanwhile is behind the cursor.
        end = end_of(user.tenant_id)
        after = _place(asked.get("after"), user.tenant_id, end)
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
        place = found[-1].position if has_more else end
        return Response(
            {
                "events": [envelope_of(entry.event) for entry in found],
                "cursor": cursor_of(user.tenant_id, place),
                "has_more": has_more,
            }
        )


def _refuse_unknown(asked: QueryDict) -> None:
    """Refuse what this route does not know, as every route does; and what comes twice.

    Raises ValidationError.
    """
    problems = {name: ["There is no such field here."] for name in asked.keys() - ASKED}
    problems |= {
        name: ["Say it once."]
        for name, values in asked.lists()
        if name in ASKED - {"type"} and len(values) > 1
    }
    if problems:
        raise serializers.ValidationError(
            {name[:60]: problems[name] for name in sorted(problems)[:20]}
        )


def _place(cursor: str | None, tenant_id: UUID, end: int) -> int:
    """Where a cursor of ours leads to. Raises Refused for any other."""
    if cursor is None:
        return 0
    place = position_of(tenant_id, cursor)
    if place is None:
        message = "`after` is no cursor that this route gave to your institution."
        raise Refused(400, "BAD_REQUEST", message)
    if place > end:  # a backup was restored: its places are given anew
        message = (
            "`after` lies beyond the end of the feed: read it again from the start,"
            " without `after`."
        )
        raise Refused(400, "BAD_REQUEST", message)
    return place


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
